"""Attribution: the share of each changed setting in the difference between two scenarios.

v(S) = WeChat's users at the end with the settings S as after, and the others as before
phi_i = mean over all orders of the changes of v(those before i, and i) - v(those before i)

phi : Shapley values; they add up to v(all) - v(none), and no order of changes is preferred.
Source: Shapley (1953), A value for n-person games, doi:10.1515/9781400881970-018.

Every v(S) is the line of all runs, and all orders count. Of more than PLAYERS changed settings,
those that move the users least when they are changed alone count as one; of fewer where the
mixtures take long to solve.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis.effort import AIM
from model.analysis.sampling import lines, seconds
from model.scenario.scenario import Scenario, all_values, cases
from model.scenario.settings import SettingError, all_settings, choices

PLAYERS, LEAST_PLAYERS = 7, 4  # 128 mixtures of all runs, and 16 where they take long
SOME = 16  # mixtures from which it is known how long they take
OTHERS = "others"  # the settings that count as one
# somebody decides these, a company or a government; what the others are worth nobody knows
DECIDED = ("events", "marketing", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The share of one setting in the difference.

    setting : a name of data/settings.csv; "case" stands for its fit: the parameters and the spread
        of the runs; OTHERS for several settings, which `after` names
    before, after : its values;  users : WeChat users that the change made, million
    decided : somebody decides it, a company or a government
    """

    setting: str
    before: object
    after: object
    users: float
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """WeChat's users at the end before and after, million people, and what each change made.

    contributions : those decided by somebody first, then by size; they add up to after - before
    """

    before: float
    after: float
    contributions: tuple[Contribution, ...]


def explain(before: Scenario, after: Scenario) -> Explanation:
    """The share of each changed setting in the difference between two scenarios.

    Raises SettingError where the two do not start or end at the same time.
    """
    old, new = _settings(before), _settings(after)
    for name in ("origin", "horizon"):
        if old[name] != new[name]:
            raise SettingError(f"{name}: {old[name]} and {new[name]} cannot be mixed in one run")
    differ = {name: old[name] != new[name] for name in old}
    differ["case"] |= before.parameters != after.parameters
    names = tuple(name for name in old if differ[name])
    players = _players(before, after, names)
    place = [next(i for i, one in enumerate(players) if name in one) for name in names]
    mixtures = coalitions(len(players))[:, np.array(place, dtype=int)]
    users = _users(before, after, names, mixtures)
    found = []
    for player, part in zip(players, shapley_values(users).tolist(), strict=True):
        one = {"setting": OTHERS, "before": "", "after": " ".join(player)}
        if len(player) == 1:
            (name,) = player
            one = {"setting": name, "before": old[name], "after": new[name]}
        found.append(Contribution(**one, users=part, decided=one["setting"] in DECIDED))
    found.sort(key=lambda one: (not one.decided, one.setting == OTHERS, -abs(one.users)))
    return Explanation(before=float(users[0]), after=float(users[-1]), contributions=tuple(found))


def _players(before: Scenario, after: Scenario, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The settings alone; of too many those that move least, changed alone, together."""
    most = _most_players(before, after, names)
    if len(names) <= most:
        return [(name,) for name in names]
    alone = np.eye(len(names) + 1, len(names), -1, dtype=bool)  # none of them first
    users = _users(before, after, names, alone)
    order = np.argsort(-np.abs(users[1:] - users[0]), kind="stable")
    large = sorted(order[: most - 1].tolist())
    rest = tuple(name for i, name in enumerate(names) if i not in large)
    return [*((names[i],) for i in large), rest]


def _most_players(before: Scenario, after: Scenario, names: tuple[str, ...]) -> int:
    """How many settings, PLAYERS at most, can be told apart in the time of a question."""
    some = np.random.default_rng(0).random((SOME, len(names))) < 0.5
    taken = [seconds(start, points) for start, points, _ in _batches(before, after, names, some)]
    alone = len(names) + 1  # mixtures that say which settings move least
    for players in range(PLAYERS, LEAST_PLAYERS, -1):
        mixtures = 2 ** len(names) if len(names) <= players else 2**players + alone
        if mixtures * sum(taken) / SOME <= AIM:
            return players
    return LEAST_PLAYERS


def coalitions(size: int) -> NDArray:
    """Whether each player is in (coalition, player), for all coalitions: nobody first, all last."""
    return (np.arange(2**size)[:, None] >> np.arange(size) & 1).astype(bool)


def shapley_values(values: NDArray) -> NDArray:
    """Shapley values over all orders, (player,), from the value of each of `coalitions`."""
    size = values.size.bit_length() - 1
    members, parts = coalitions(size), np.empty(size)
    weights = np.array([1 / (size * comb(size - 1, others)) for others in range(size)])
    for player in range(size):
        is_in = members[:, player]
        gained = values[is_in] - values[~is_in]  # with the same others
        parts[player] = weights[members[~is_in].sum(axis=1)] @ gained
    return parts


def _settings(scenario: Scenario) -> dict[str, Any]:
    """Every setting, and as the case its fit."""
    return {"case": cases()[scenario.case].fit, **all_values(scenario)}


def _users(before: Scenario, after: Scenario, names: tuple[str, ...], mixtures: NDArray) -> NDArray:
    """WeChat's line at the end for mixtures of two scenarios, million people (mixture,)."""
    users = np.empty(len(mixtures))
    for start, points, chosen in _batches(before, after, names, mixtures):
        users[chosen] = lines(start, points)[0]
    return users


def _batches(
    before: Scenario, after: Scenario, names: tuple[str, ...], mixtures: NDArray
) -> Iterator[tuple[Scenario, dict[str, NDArray], NDArray]]:
    """Mixtures of the same fit and events: their scenario, its points, and which they are.

    mixtures : whether each of `names` is as after (mixture, setting)
    """
    columns = dict(zip(names, mixtures.T, strict=True))
    none = np.zeros(len(mixtures), dtype=bool)
    case, events = (columns.pop(name, none) for name in ("case", "events"))
    points = {name: np.where(chosen, after[name], before[name]) for name, chosen in columns.items()}
    points = points or {"wechat": np.full(len(mixtures), before["wechat"])}
    for of_case, of_events in {*zip(case.tolist(), events.tolist(), strict=True)}:
        chosen = (case == of_case) & (events == of_events)
        fit, switched = after if of_case else before, after if of_events else before
        start = replace(before, case=fit.case, parameters=fit.parameters, events=switched.events)
        yield start, {name: value[chosen] for name, value in points.items()}, chosen


def label(setting: str) -> str:
    """The setting of a contribution in words."""
    known = {"case": "Fit of the case", OTHERS: "All smaller changes together"}
    known |= {name: one.label for name, one in all_settings().items()}
    return known.get(setting) or choices()[setting]["label"]
