"""The draws that are kept in data/draws.csv: 1,024 of a fit, the first 256 those of an answer.

A few draws stand for many by luck: of CANDIDATES sets of 256 that one comes first whose totals at
the end, line and 80% range in the cases of the fit, are nearest to those of all that are kept.
Settings that no figure informs are drawn from their priors, one in every part of equal chance (a
Latin hypercube).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from model.analysis import sampling
from model.analysis.random_numbers import SEED
from model.calibration.posterior import Density
from model.engine.markets import scenario_markets
from model.engine.projection import project, total
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import from_scale, prior

CANDIDATES = 600


def draws_table(density: Density, points: NDArray, fit: str) -> pd.DataFrame:
    """The kept draws, one column a setting in its unit, of points (draw, setting).

    Those come first that stand for all of them in the answers of the fit.
    """
    generator = np.random.default_rng(SEED)
    chosen = points[generator.choice(len(points), sampling.STORED)]
    values = complete(density, chosen, generator)
    # from the origin of the fit: at others starting users are drawn apart
    start = [one.start for one in cases().values() if one.fit == fit]
    start = [one for one in start if one.origin == sampling.FIT_ORIGIN]
    wanted, best, least = _totals(start, values), np.arange(0), np.inf
    generator = np.random.default_rng(SEED)
    for _ in range(CANDIDATES):
        order = generator.permutation(sampling.STORED)
        few = {name: value[order[: sampling.DRAWS]] for name, value in values.items()}
        apart = np.abs(np.log(_totals(start, few) / wanted)).max()
        if apart < least:
            best, least = order, apart
    return pd.DataFrame({name: value[best] for name, value in values.items()})


def complete(
    density: Density, points: NDArray, generator: np.random.Generator
) -> dict[str, NDArray]:
    """Settings by name (draw,): those of the fit at points, the other uncertain ones as before."""
    found = density.values(points)
    others = [one for one in sampling.uncertain() if one.name not in found]
    cube = qmc.LatinHypercube(len(others), rng=generator).random(len(points))
    for one, part in zip(others, cube.T, strict=True):
        centre, spread = prior(one)
        value = from_scale(one, centre + spread * ndtri(part))
        found[one.name] = np.clip(value, one.low, one.high)
    return found


def _totals(scenarios: list[Scenario], values: Mapping[str, NDArray]) -> NDArray:
    """Ends of the 80% range and line of the totals at the end (scenario, 3, platform), million."""
    count, found = next(iter(values.values())).size, []
    for scenario in scenarios:
        markets = scenario_markets(scenario)
        by_market = sampling.market_draws(scenario, markets, count)
        moved = sampling.around(scenario, values)
        path = project(scenario, moved, by_market, markets=markets, last_only=True)
        users = np.sort(total(path)[0], axis=-1)
        low, high = sampling.quantiles_of(users, *sampling.LEVELS)
        found.append([low, sampling.middle_of(users), high])
    return np.array(found)
