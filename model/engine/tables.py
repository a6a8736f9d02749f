"""The inputs as the kernel wants them: contiguous arrays of full shape, in one tuple."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.engine.inputs import RUN, Inputs

# numba compiles again for arrays that are read-only, as some of pandas are
OWN: tuple[Literal["C"], Literal["W"]] = ("C", "W")


class Tables(NamedTuple):
    """The arrays of `Inputs`; the run axis may have one place for all runs.

    advertised_anew : whether advertising is another one than in the quarter before, (quarter,)
    """

    people: NDArray
    born: NDArray
    access: NDArray
    leads: NDArray
    concern: NDArray
    part: NDArray
    single: NDArray
    ties: NDArray
    q: NDArray
    loose: NDArray
    attrition: NDArray
    ceiling: NDArray
    innovation: NDArray
    rival: NDArray
    slider: NDArray
    eta: NDArray
    gamma: NDArray
    barrier: NDArray
    unadvertised: NDArray
    advertised: NDArray
    advertised_anew: NDArray
    incident: NDArray
    established: NDArray


def tables_of(given: Inputs) -> Tables:
    """The inputs as the kernel wants them: each axis but that of the runs in full."""
    groups, markets = given.part.shape[:2]

    def full(values: NDArray, *axes: int) -> NDArray:
        shape = (*axes, np.shape(values)[RUN])
        same = values if np.shape(values) == shape else np.broadcast_to(values, shape)
        return np.require(same, float, OWN)

    each = {
        name: full(getattr(given, name), groups, markets)
        for name in ("part", "q", "attrition", "ceiling", "innovation", "ties")
    }
    by_run = {
        name: full(getattr(given, name)) for name in ("eta", "gamma", "barrier", "unadvertised")
    }
    plain = {
        name: np.require(getattr(given, name), requirements=OWN)
        for name in ("people", "born", "access", "leads", "concern")
    }
    quarters = len(given.advertised)
    return Tables(
        single=full(without_each(given), groups, markets),
        loose=full(1.0 - given.theta, groups, markets),
        rival=full(given.rival[:, 0], groups),
        slider=full(given.slider, markets),
        advertised=full(given.advertised, quarters, groups),
        advertised_anew=_anew(given.advertised),
        incident=full(given.incident, quarters),
        established=full(given.established, quarters, markets),
        **each,
        **by_run,
        **plain,
    )


def _anew(by_quarter: NDArray) -> NDArray:
    """Whether each quarter differs from the one before, (quarter,); the first does."""
    return np.append(True, (by_quarter[1:] != by_quarter[:-1]).any(axis=(1, 2)))


def without_each(given: Inputs) -> NDArray:
    """Share of the people without home ties who are not users at the start, 0-1.

    (group, market, run)
    """
    ties = given.ties * given.born[0][..., None]
    people = given.people[0][:, None] * given.part
    return 1.0 - np.clip((given.start - ties) / (people - ties), 0.0, 1.0)
