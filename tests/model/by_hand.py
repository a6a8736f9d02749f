"""The tables read by hand, a closed form, random settings, and runs with past errors."""

import csv
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from model.analysis import sampling
from model.engine.inputs import make_inputs, setting_values
from model.engine.markets import load_markets, scenario_markets
from model.engine.projection import project, total
from model.scenario.scenario import change
from model.scenario.settings import settings_and_parameters

DATA = Path(__file__).parents[2] / "data"


@lru_cache
def rows(name):
    """The rows of a table of data/, read without the project's reader."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


NAMES = [row["market"] for row in rows("markets")]


def yearly(name, column, market, times):
    """A yearly figure at times, linear between the middles of years."""
    found = {int(r["year"]) + 0.5: float(r[column]) for r in rows(name) if r["market"] == market}
    years = sorted(found)
    return np.interp(times, years, [found[year] for year in years])


def bass(t, p, q):
    """Share of adopters `t` years after launch: Bass (1969), Management Science 15(5):215-227.

    dF/dt = (p + q F) (1 - F),  F(0) = 0
    """
    decay = np.exp(-(p + q) * t)
    return p * (1 - decay) / (p + q * decay)


def inputs_of(scenario, draws=None, markets=None):
    """Inputs of the equations for a scenario's own path, or for draws, from its own markets."""
    markets = markets or scenario_markets(scenario)
    return make_inputs(scenario, setting_values(scenario, draws), markets)


def random_draws(count, seed):
    """All settings and parameters between their ends, one in four of them at an end."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for name, one in settings_and_parameters().items():
        ends = [one.low, one.high, rng.uniform(one.low, one.high, count)]
        drawn[name] = np.choose(rng.integers(0, 8, count).clip(0, 2), ends)
    del drawn["horizon"]
    return drawn


def fit_of(name):
    """The fit that a case starts from, and whose draws it has."""
    return next(row["fit"] for row in rows("cases") if row["case"] == name)


def since_known(scenario):
    """Quarters since the last figures that the fit has seen, at least 0, by quarter."""
    known = next(
        row["known_to"] for row in rows("fit_summary") if row["fit"] == fit_of(scenario.case)
    )
    ahead = [4 * int(q[:4]) + int(q[5]) for q in (scenario.origin, known)]
    return np.arange(61) - max(ahead[1] - ahead[0], 0)


def spread_of_errors(scenario):
    """Spread of past errors of a platform and of a market, log units, (time, 1) each."""
    table = rows("error_spread")
    return [
        np.array([[float(table[h - 1][name]) if h > 0 else 0.0] for h in since_known(scenario)])
        for name in ("total", "market")
    ]


def runs_by_hand(scenario, count=256, quarters=None):
    """Totals (time, platform, run) and markets, each run with its errors, no more than people."""
    where = load_markets(scenario.origin, quarters or round(4 * scenario["horizon"]))
    drawn, apart = sampling.draws(scenario, count), sampling.market_draws(scenario, where, count)
    drawn |= {"concern": np.full(count, scenario["concern"])}
    found = project(scenario, drawn, apart, markets=where)
    market, whole = sampling.error_scores(len(NAMES), count)
    s, r = (one[: where.times.size, :, None, None] for one in spread_of_errors(scenario))
    users = found.users * np.exp(s * whole[:, None] + r * market)
    users = np.minimum(users, where.addressable[:, None, :, None])
    return total(replace(found, users=users)), users


def with_fit(scenario, values):
    """`scenario` with these values of settings and of parameters, name -> value."""
    fixed = dict(scenario.parameters)
    own = {name: value for name, value in values.items() if name not in fixed}
    fixed |= {name: float(value) for name, value in values.items() if name in fixed}
    return replace(change(scenario, own), parameters=tuple(fixed.items()))
