"""What it would take: a goal still to be met, the levers in order, the growth that WeChat needs."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.analysis.bands import Answer
from model.analysis.effort import counted
from model.analysis.goal_seek import LAST, RIVALS, Solved, few_lines
from model.analysis.root_search import Batch, crossings, near_crossings, value_at
from model.analysis.sampling import LEAST, lines
from model.messengers import PLATFORMS
from model.number_text import two_digits
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings

ROUND = (1, 2, 5, 10)  # first digits of the numbers that a goal aims at


def open_goal(answer: Answer) -> str:
    """A goal that is not met yet, as `parse_goal` reads it: a rival ahead, else a round number.

    The number is above the headline's, which has two digits.
    """
    users = answer.total.line[-1]
    for name, rival in reversed(RIVALS.items()):
        if users[0] < users[PLATFORMS.index(rival)]:
            return name
    shown = two_digits(float(users[0]))
    power = 10 ** np.floor(np.log10(max(shown, 1.0)))
    return f"reach={next(first * power for first in ROUND if first * power > shown):g}"


def goal_years(scenario: Scenario) -> tuple[list[str], int]:
    """The quarters of a goal, whole years after the start, and the place of the one of the end."""
    start, quarter = int(scenario.origin[:4]), scenario.origin[4:]
    longest = min(int(all_settings()["horizon"].high), int(LAST[:4]) - start)
    years = [f"{start + ahead}{quarter}" for ahead in range(1, longest + 1)]
    return years, min(round(scenario["horizon"]), longest) - 1


def order(solved: Sequence[Solved]) -> list[Solved]:
    """The levers with a value first, the most plausible value first; then those without one.

    A value that somebody decides, or that the case has, is as plausible as any.
    """

    def rank(one: Solved) -> tuple[bool, float]:
        return one.value is None, -(1.0 if one.unusual is None else one.unusual)

    return sorted(solved, key=rank)


def needed_growth(scenario: Scenario) -> dict[str, float]:
    """The growth from which WeChat's line is level with a rival's at the end, by rival.

    Per 100 users a year; 0 where WeChat leads at any growth, inf where it does at none. The same
    as `goal_seek.solve` gives for the lever wechat, for both rivals at once.
    """
    setting = all_settings()["wechat"]
    now = dict.fromkeys(PLATFORMS[1:], scenario["wechat"])
    ends = dict.fromkeys(now, (setting.low, setting.high))
    with counted() as spent:
        points, _ = near_crossings(partial(_leads, scenario, few_lines), now, ends)
        curves = crossings(partial(_leads, scenario, lines), points, now, spent)
    found = {}
    for rival, curve in curves.items():
        value = value_at(curve, now[rival])
        never = 0.0 if curve[1, 0] >= 0 else np.inf
        found[rival] = never if value is None else value
    return found


def _leads(scenario: Scenario, line: Callable[..., NDArray], points: Batch) -> dict[str, NDArray]:
    """ln(WeChat's users / a rival's) at values of growth, by rival; common values are run once."""
    growth, place = np.unique(np.concatenate([*points.values()]), return_inverse=True)
    users = np.log(np.maximum(line(scenario, {"wechat": growth}), LEAST))[:, place]
    parts = np.split(users, np.cumsum([x.size for x in points.values()])[:-1], axis=1)
    return {
        rival: part[0] - part[PLATFORMS.index(rival)]
        for rival, part in zip(points, parts, strict=True)
    }
