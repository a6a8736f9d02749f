"""Narrowing: how much narrower the band of WeChat's users would be if one setting were known.

y = ln(WeChat's users at the end);  z_i = normal score of setting i, r_ij its correlations
y = a + sum of b_i z_i + c_i (z_i^2 - 1) + the rest         least squares over 1,024 runs
E(y | z_i) = a + (sum of r_ij b_j) z_i + (sum of r_ij^2 c_j) (z_i^2 - 1)
reduction  = 1 - width(y - E(y | z_i)) / width(y)

width : distance of the ends of the 80% band, log units: the logarithm of upper end / lower end
The expected width given the setting is that of the runs once their mean, given the setting, is
taken away; the spread around it is held to be the same at every value. An end is the mean of the
runs within NEAR of 10% or 90%: half as noisy as the run at that place. Logarithms, because in
millions the width is mostly that of the few highest runs. The mean of z_j and of z_j^2 - 1 given
z_i is exact for normal numbers (Mehler's formula). Source of regression on the runs in place of
nested simulation: Strong, Oakley & Brennan (2014), Med. Decis. Making 34(3):311-326,
doi:10.1177/0272989X13505910.

A setting can even widen the band, on average, where it decides about a tail that lies outside the
80%: nested runs give -4.5% for the market potential abroad in the case hard-line. It counts as 0.

Growth in single markets is no setting but 69 numbers. Two runs share each, and
share of the variance = covariance of the rests of such pairs / variance of y;  its
reduction            = 1 - sqrt(1 - share)

The runs are those of all draws that are kept of a fit, because the 256 of an answer are few. Past
forecast errors are left out: no setting narrows them.
Errors are those of a jackknife over BLOCKS blocks of runs; they are about a third too large,
because the runs are spread more evenly than by chance.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.analysis.random_numbers import SEED
from model.analysis.sampling import LEAST, LEVELS, STORED, draws, market_draws, scores
from model.engine.markets import scenario_markets
from model.engine.projection import project, total
from model.evidence import load_evidence
from model.scenario.scenario import Scenario, cases
from model.scenario.settings import settings_and_parameters

NEAR = 0.05  # of all runs, on either side of an end
BLOCKS = 16
MARKETS = "spread"  # the setting whose size is that of the differences between markets


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """How much narrower the band would be if one setting were known.

    setting : a name of data/settings.csv or parameters.csv; "spread" stands for the growth in every
        single market
    reduction : of the width of the 80% band on a log scale, %, never negative
    error : standard error of the reduction, percentage points
    informed : spread of the setting after the fit over its spread before, as in data/fits.csv;
        None where the case's fit leaves it at its prior
    grade : best grade of its sources, A to D;  source_id : joined by ;
    """

    setting: str
    reduction: float
    error: float
    informed: float | None
    grade: str
    source_id: str


def narrow(scenario: Scenario) -> tuple[Narrowing, ...]:
    """Every uncertain setting and parameter, and the growth in single markets; the largest first.

    For WeChat's users abroad at the end of the scenario.
    """
    names, logs, z, correlation = _runs(scenario)
    found, errors = with_errors(logs, z, correlation)
    some = draws(scenario, STORED)
    moves = [bool(np.ptp(some[name]) > 0) for name in names] + [scenario[MARKETS] > 0]
    found, errors = np.where(moves, found, 0.0), np.where(moves, errors, 0.0)
    fits = load_evidence().fits
    informed = fits[fits.fit == cases()[scenario.case].fit].set_index("setting").informed
    grades = load_evidence().sources.set_index("source_id").grade
    rows = []
    for name, size, error in zip((*names, MARKETS), found, errors, strict=True):
        source = settings_and_parameters()[name].source_id
        rows.append(
            Narrowing(
                setting=name,
                reduction=max(float(size), 0.0),
                error=float(error),
                informed=float(informed[name]) if name in informed else None,
                grade=min(grades[one] for one in source.split(";")),
                source_id=source,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.reduction, row.error)))


def _runs(scenario: Scenario) -> tuple[tuple[str, ...], NDArray, NDArray, NDArray]:
    """Names, ln(WeChat's users, million) at the end (run,), normal scores, their correlations.

    Runs i and i + RUNS / 2 have the same growth in every market, and other settings.
    """
    half, markets = STORED // 2, scenario_markets(scenario)
    # without an order by chance the settings of such a pair would lie close together
    order = np.random.default_rng(SEED).permutation(half)
    order = np.concatenate([np.arange(half), half + order])
    names, z, correlation = scores(scenario)
    drawn = {name: values[order] for name, values in draws(scenario, STORED).items()}
    apart = market_draws(scenario, markets, STORED).some(order)
    by_market = replace(apart, growth=np.tile(market_draws(scenario, markets, half).growth, 2))
    users = total(project(scenario, drawn, by_market, markets=markets, last_only=True))[0, 0]
    return names, np.log(np.maximum(users, LEAST)), z[:, order], correlation


def reductions(logs: NDArray, z: NDArray, correlation: NDArray) -> NDArray:
    """Reduction of the width, %, for each setting and for what pairs share (setting + 1,).

    logs : results of the runs on a log scale (run,); runs i and i + half of all are a pair
    z : settings as standard normal numbers (setting, run);  correlation : (setting, setting)
    """
    whole, curved = _width(logs), z**2 - 1
    if not whole > 1e-12:
        return np.zeros(len(z) + 1)
    terms = np.concatenate([np.ones((1, logs.size)), z, curved])
    fitted = np.linalg.solve(terms @ terms.T, terms @ logs)
    slope, bend = np.split(fitted[1:], 2)
    given = (correlation @ slope)[:, None] * z + (correlation**2 @ bend)[:, None] * curved
    alone = 1 - _width(logs - given) / whole
    one, other = np.split(logs - fitted @ terms, 2)
    # the fit takes as much of a pair's covariance as of both runs' variances
    left = 1 - 2 * len(terms) / logs.size
    share = np.mean(one * other) / left / logs.var()
    return 100 * np.append(alone, 1 - np.sqrt(max(1 - share, 0.0)))


def with_errors(logs: NDArray, z: NDArray, correlation: NDArray) -> tuple[NDArray, NDArray]:
    """As `reductions`, with their standard errors in percentage points; (setting + 1,) both.

    A jackknife over BLOCKS blocks of pairs; more than 2 (2 settings + 1) runs must stay.
    """
    half = logs.size // 2
    block = np.random.default_rng(SEED).permutation(half) % BLOCKS
    without = []
    for number in range(BLOCKS):
        kept = np.tile(block != number, 2)
        without.append(reductions(logs[kept], z[:, kept], correlation))
    spread = np.std(without, axis=0) * np.sqrt(BLOCKS - 1)
    return reductions(logs, z, correlation), spread


def _width(logs: NDArray) -> NDArray:
    """Distance of the ends of the 80% band of (..., run), log units, (...)."""
    ordered, count = np.sort(logs, axis=-1), logs.shape[-1]
    low, high = (
        ordered[..., round((level - NEAR) * count) : round((level + NEAR) * count)].mean(axis=-1)
        for level in LEVELS
    )
    return high - low


def label(setting: str) -> str:
    """The setting of a row in words."""
    known = settings_and_parameters()
    return "Growth in every single market" if setting == MARKETS else known[setting].label
