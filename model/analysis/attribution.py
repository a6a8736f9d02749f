"""Attribution: the share of each changed setting in the difference between two scenarios.

v(S) = WeChat's users at the end with the settings S as after, and the others as before
phi_i = mean over all orders of the changes of v(those before i, and i) - v(those before i)

phi : Shapley values; they add up to v(all) - v(none), and no order of changes is preferred.
Source: Shapley (1953), A value for n-person games, doi:10.1515/9781400881970-018; sampled orders:
Castro, Gómez & Tejada (2009), Comput. Oper. Res. 36:1726-1730, doi:10.1016/j.cor.2008.04.004.

Up to ALL_ORDERS settings every v(S) is the line of all runs and all orders count. Beyond, a sample
of the orders counts, and v(S) is the line of FEW runs, times a ratio that makes both ends exact.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis import quasi_random
from model.analysis.sampling import DRAWS, FEW, LEAST, lines
from model.number_text import about
from model.scenario.scenario import Scenario, all_values, cases
from model.scenario.settings import SettingError, all_settings, choices

ALL_ORDERS = 8  # changed settings: 256 mixtures of 64 runs
PAIRS = 12  # sampled orders, each with its reverse
# somebody decides these, a company or a government; what the others are worth nobody knows
DECIDED = ("events", "marketing", "until", "rivals_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The share of one setting in the difference.

    setting : a name of data/settings.csv; "case" stands for the spread of the runs, which comes
        with the fit of the case;  before, after : its values
    users : WeChat users that the change made, million
    error : standard error of `users` from the sampled orders, 0 where all count; not what fewer
        runs than all add to it
    decided : somebody decides it, a company or a government
    """

    setting: str
    before: object
    after: object
    users: float
    error: float
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """WeChat's users at the end before and after, million people, and what each change made.

    contributions : those decided by somebody first, then by size; they add up to after - before
    runs : runs behind every mixture of the settings
    """

    before: float
    after: float
    contributions: tuple[Contribution, ...]
    runs: int


def explain(before: Scenario, after: Scenario) -> Explanation:
    """The share of each changed setting in the difference between two scenarios.

    Raises SettingError where the two do not start or end at the same time.
    """
    old, new = _settings(before), _settings(after)
    for name in ("origin", "horizon"):
        if old[name] != new[name]:
            raise SettingError(f"{name}: {old[name]} and {new[name]} cannot be mixed in one run")
    names = tuple(name for name in old if old[name] != new[name])
    count = DRAWS if len(names) <= ALL_ORDERS else FEW

    def value(mixtures: NDArray, count: int) -> NDArray:
        return _users(before, after, names, mixtures, count)

    ends = value(np.array([[False] * len(names), [True] * len(names)]), DRAWS)

    def corrected(mixtures: NDArray) -> NDArray:
        users = value(mixtures, count)
        share = mixtures.mean(axis=1)
        none, whole = users[share == 0], users[share == 1]
        ratios = np.log(np.maximum(ends, LEAST) / np.maximum([none[0], whole[0]], LEAST))
        return users * np.exp((1 - share) * ratios[0] + share * ratios[1])

    if not names:
        parts = errors = np.empty(0)
    elif len(names) <= ALL_ORDERS:
        parts = shapley_values(corrected, len(names))
        errors = np.zeros(len(names))
    else:
        parts, errors = sampled_shapley_values(corrected, len(names))
    found = [
        Contribution(
            setting=name,
            before=old[name],
            after=new[name],
            users=float(part),
            error=float(error),
            decided=name in DECIDED,
        )
        for name, part, error in zip(names, parts, errors, strict=True)
    ]
    found.sort(key=lambda one: (not one.decided, -abs(one.users)))
    first, last = map(float, ends)
    return Explanation(before=first, after=last, contributions=tuple(found), runs=count)


def shapley_values(value: Callable[[NDArray], NDArray], size: int) -> NDArray:
    """Shapley values of `size` players over all orders, (player,).

    value : players in or out (coalition, player) -> value of each coalition; called once, with all
    """
    number = np.arange(2**size)
    members = (number[:, None] >> np.arange(size) & 1).astype(bool)
    values, sizes = value(members), members.sum(axis=1)
    parts = np.empty(size)
    for player in range(size):
        without = number[~members[:, player]]
        weights = [factorial(k) * factorial(size - k - 1) / factorial(size) for k in range(size)]
        gained = values[without + 2**player] - values[without]
        parts[player] = np.array(weights)[sizes[without]] @ gained
    return parts


def sampled_shapley_values(
    value: Callable[[NDArray], NDArray], size: int
) -> tuple[NDArray, NDArray]:
    """Shapley values from PAIRS orders and their reverses, with standard errors; (player,) both.

    value : as in `shapley_values`; called once
    """
    generator = np.random.default_rng(quasi_random.SEED)
    orders = [generator.permutation(size) for _ in range(PAIRS)]
    orders = [way for order in orders for way in (order, order[::-1])]
    members = np.zeros((len(orders), size + 1, size), dtype=bool)
    for of, order in zip(members, orders, strict=True):
        for step, player in enumerate(order):
            of[step + 1 :, player] = True
    distinct, place = np.unique(members.reshape(-1, size), axis=0, return_inverse=True)
    steps = np.diff(value(distinct)[place.ravel()].reshape(len(orders), -1), axis=1)
    gained = np.empty((len(orders), size))
    np.put_along_axis(gained, np.array(orders), steps, axis=1)
    pairs = gained.reshape(PAIRS, 2, size).mean(axis=1)
    return gained.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(PAIRS)


def _settings(scenario: Scenario) -> dict[str, Any]:
    """Every setting, and as the case the one whose fit gives the spread of the runs."""
    return {"case": cases()[scenario.case].fit, **all_values(scenario)}


def _users(
    before: Scenario,
    after: Scenario,
    names: tuple[str, ...],
    mixtures: NDArray,
    count: int,
) -> NDArray:
    """WeChat's line at the end for mixtures of two scenarios, million people (mixture,).

    mixtures : whether each of `names` is as after (mixture, setting);  count : runs of each
    """
    columns = dict(zip(names, mixtures.T, strict=True))
    none = np.zeros(len(mixtures), dtype=bool)
    case, events = (columns.pop(name, none) for name in ("case", "events"))
    points = {name: np.where(chosen, after[name], before[name]) for name, chosen in columns.items()}
    points = points or {"wechat": np.full(len(mixtures), before["wechat"])}
    users = np.empty(len(mixtures))
    for of_case, of_events in {*zip(case.tolist(), events.tolist(), strict=True)}:
        chosen = (case == of_case) & (events == of_events)
        start = replace(
            before,
            case=(after if of_case else before).case,
            events=(after if of_events else before).events,
        )
        some = {name: value[chosen] for name, value in points.items()}
        users[chosen] = lines(start, some, count=count)[0]
    return users


def label(setting: str) -> str:
    """The setting of a contribution in words."""
    if setting == "case":
        return "Spread of the case's runs"
    return (
        all_settings()[setting].label if setting in all_settings() else choices()[setting]["label"]
    )


def sentence(explanation: Explanation) -> str:
    """The largest share in words, with two significant digits."""
    if not explanation.contributions:
        return "No setting differs between the two."
    most = max(explanation.contributions, key=lambda one: abs(one.users))
    if not abs(most.users) >= 0.05:
        return "No changed setting moves WeChat's users by as much as 0.05 million."
    word = "more" if most.users > 0 else "fewer"
    whole = explanation.after - explanation.before
    direction = "more" if whole > 0 else "fewer"
    if len(explanation.contributions) == 1:
        return f"{label(most.setting)} made all of it: {about(abs(whole))} {direction}."
    return (
        f"{label(most.setting)} made the largest part: {about(abs(most.users))} {word}. All "
        f"{len(explanation.contributions)} changes together: {about(abs(whole))} {direction}."
    )
