"""A scenario less another one: how far two answers are apart, over the same runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.analysis.bands import Answer, Band, band
from model.analysis.sampling import LEAST
from model.engine.inputs import RUN
from model.scenario.scenario import Scenario, change

WECHAT = 0  # its place among the platforms
BEYOND = 0.1  # of the largest difference: with less between them it is that of the end
LEAST_TO_COMPARE = 0.05  # million users; fewer are no difference to speak of


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A scenario less another one, in million people, at the times that both have.

    total : (time, platform), difference of the lines and 80% of the paired runs'
    percent : (platform,), difference of the lines at the last common time, % of the other's line
    times : decimal years, (time,)
    """

    total: Band
    percent: NDArray
    times: NDArray


def peak(difference: Comparison) -> tuple[float, float]:
    """WeChat's largest difference, million users, with its sign, and when (decimal year)."""
    line = difference.total.line[:, WECHAT]
    at = int(np.abs(line).argmax())
    return float(line[at]), float(difference.times[at])


def peaks_before(difference: Comparison) -> bool:
    """Whether WeChat's largest difference lies before the end, and beyond the one there."""
    most, end = peak(difference)[0], float(difference.total.line[-1, WECHAT])
    return abs(most) >= LEAST_TO_COMPARE and abs(most - end) > BEYOND * abs(most)


def common_end(one: Scenario, other: Scenario) -> tuple[Scenario, Scenario]:
    """Both up to the earlier of their ends if they start together; else both as they are."""
    if one.origin != other.origin:
        return one, other
    end = {"horizon": min(one["horizon"], other["horizon"])}
    return change(one, end), change(other, end)


def compare(answer: Answer, other: Answer) -> Comparison:
    """How far an answer is from another one, over the same runs."""
    times, i, j = np.intersect1d(answer.times, other.times, return_indices=True)
    ordered = np.sort(answer.runs[i] - other.runs[j], axis=RUN)
    total = band(answer.total.line[i] - other.total.line[j], ordered)
    last = other.total.line[j][-1:]  # none without a common time
    percent = (100 * total.line[-1:] / np.maximum(last, LEAST)).sum(axis=0)
    return Comparison(total=total, percent=percent, times=times)
