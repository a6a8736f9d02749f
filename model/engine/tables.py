"""The inputs as the kernel wants them: contiguous arrays of full shape, in one tuple."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.engine.inputs import RUN, Inputs

# numba compiles again for arrays that are read-only, as some of pandas are
OWN: tuple[Literal["C"], Literal["W"]] = ("C", "W")


class Tables(NamedTuple):
    """The arrays of `Inputs`, with their axes; that of the runs may have one place for all."""

    people: Annotated[NDArray, "time market"]
    born: Annotated[NDArray, "time group market"]
    access: Annotated[NDArray, "time group market"]
    leads: Annotated[NDArray, "group market"]
    concern: Annotated[NDArray, "quarter market"]
    incident: Annotated[NDArray, "quarter run"]
    established: Annotated[NDArray, "quarter market run"]
    advertised: Annotated[NDArray, "quarter group run"]
    advertised_anew: Annotated[NDArray, "quarter"]  # another one than in the quarter before?
    unadvertised: Annotated[NDArray, "run"]
    slider: Annotated[NDArray, "market run"]
    rival: Annotated[NDArray, "group run"]
    part: Annotated[NDArray, "group market run"]
    single: Annotated[NDArray, "group market run"]
    ties: Annotated[NDArray, "group market run"]
    q: Annotated[NDArray, "group market run"]
    loose: Annotated[NDArray, "group market run"]
    attrition: Annotated[NDArray, "group market run"]
    ceiling: Annotated[NDArray, "group market run"]
    innovation: Annotated[NDArray, "group market run"]
    eta: Annotated[NDArray, "run"]
    gamma: Annotated[NDArray, "run"]
    barrier: Annotated[NDArray, "run"]


AXES = {name: hint.__metadata__[0].split() for name, hint in Tables.__annotations__.items()}


def tables_of(given: Inputs) -> Tables:
    """The inputs as the kernel wants them: each axis but that of the runs in full."""
    groups, markets = given.part.shape[:2]
    quarters = len(given.advertised)
    sizes = {"time": quarters + 1, "quarter": quarters, "group": groups, "market": markets}
    anew = (given.advertised[1:] != given.advertised[:-1]).any(axis=(1, 2))
    own = {
        "advertised_anew": np.append(True, anew),
        "single": without_each(given),
        "loose": 1.0 - given.theta,
        "rival": given.rival[:, 0],
    }
    tables = []
    for name, axes in AXES.items():
        values: NDArray = own[name] if name in own else getattr(given, name)
        shape = tuple({"run": values.shape[RUN], **sizes}[axis] for axis in axes)
        same = values if values.shape == shape else np.broadcast_to(values, shape)
        tables.append(np.require(same, requirements=OWN))
    return Tables(*tables)


def without_each(given: Inputs) -> NDArray:
    """Share of the people without home ties who are not users at the start, 0-1.

    (group, market, run)
    """
    ties = given.ties * given.born[0][..., None]
    people = given.people[0][:, None] * given.part
    return 1.0 - np.clip((given.start - ties) / (people - ties), 0.0, 1.0)
