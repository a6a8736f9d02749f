"""The draws that are kept in data/draws.csv: 1,024 of a fit, the first 256 those of an answer.

A few draws stand for many by luck: of CANDIDATES sets of 256, that one comes first whose quantiles
of the totals are nearest to those of 4,096 draws. Settings that no figure informs are drawn from
their priors, one in every part of equal chance (a Latin hypercube).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from model.analysis import sampling
from model.analysis.random_numbers import SEED
from model.calibration.density import Density
from model.engine.markets import scenario_markets
from model.engine.projection import project, total
from model.scenario.scenario import Scenario
from model.scenario.settings import from_scale, prior

CANDIDATES = 200
MANY = 4096
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def draws_table(density: Density, points: NDArray, scenario: Scenario) -> pd.DataFrame:
    """The kept draws, one column a setting in its unit, of points (draw, setting)."""
    generator = np.random.default_rng(SEED)
    many = complete(density, points[generator.choice(len(points), MANY)], generator)
    wanted = _quantiles(scenario, many)
    best, least = {}, np.inf
    for _ in range(CANDIDATES):
        few = complete(density, points[generator.choice(len(points), sampling.DRAWS)], generator)
        apart = np.abs(np.log(_quantiles(scenario, few) / wanted)).max()
        if apart < least:
            best, least = few, apart
    rest = points[generator.choice(len(points), sampling.STORED - sampling.DRAWS)]
    others = complete(density, rest, generator)
    return pd.DataFrame({name: np.append(best[name], others[name]) for name in best})


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


def _quantiles(scenario: Scenario, values: Mapping[str, NDArray]) -> NDArray:
    """Quantiles of the totals (level, time, platform), million, halfway and at the end."""
    count, markets = next(iter(values.values())).size, scenario_markets(scenario)
    by_market = sampling.market_draws(scenario, markets, count)
    users = total(project(scenario, values, by_market, markets=markets))
    return np.quantile(users[[len(users) // 2, -1]], LEVELS, axis=-1)
