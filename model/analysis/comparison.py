"""A scenario less a pinned one: how far two answers are apart, over the same runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.analysis.bands import Answer, Band, band, market_paths
from model.analysis.sampling import LEAST, middle, middle_of
from model.engine.inputs import RUN

WECHAT = 0  # its place among the platforms
BEYOND = 0.1  # of the largest difference: with less between them it is that of the end
LEAST_TO_COMPARE = 0.05  # million users; a percentage of fewer says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A scenario less a pinned one, in million people, at the times that both have.

    total : (time, platform), difference of the lines and 80% of the paired runs'
    markets : (platform, market), the same at the last common time, nan where there is none; the
        range is nan where the ends differ
    percent : (platform,), difference of the lines at the last common time, % of the pinned line
    markets_percent : (platform, market), the middle of the paired runs' own changes in %, nan if
        the ends differ or the pinned line is below LEAST_TO_COMPARE
    times : decimal years, (time,);  names : markets
    """

    total: Band
    markets: Band
    percent: NDArray
    markets_percent: NDArray
    times: NDArray
    names: tuple[str, ...]


def peak(difference: Comparison) -> tuple[float, float]:
    """WeChat's largest difference, million users, with its sign, and when (decimal year)."""
    line = difference.total.line[:, WECHAT]
    at = int(np.abs(line).argmax())
    return float(line[at]), float(difference.times[at])


def peaks_before(difference: Comparison) -> bool:
    """Whether WeChat's largest difference lies before the end, and beyond the one there."""
    most, end = peak(difference)[0], float(difference.total.line[-1, WECHAT])
    return abs(most) >= LEAST_TO_COMPARE and abs(most - end) > BEYOND * abs(most)


def compare(answer: Answer, pinned: Answer) -> Comparison:
    """How far an answer is from a pinned one, over the same runs."""
    times, i, j = np.intersect1d(answer.times, pinned.times, return_indices=True)
    ordered = np.sort(answer.runs[i] - pinned.runs[j], axis=RUN)
    total = band(answer.total.line[i] - pinned.total.line[j], ordered)
    spread = np.sort(answer.market_runs - pinned.market_runs, axis=RUN)
    if not times.size:
        difference = np.full(spread.shape[:2], np.nan)
    elif answer.times[-1] == pinned.times[-1]:
        difference = middle_of(spread)
    else:
        now, then = (market_paths(one.scenario).markets for one in (answer, pinned))
        difference = now[i[-1]] - then[j[-1]]
    if answer.times[-1] != pinned.times[-1]:
        spread = np.full_like(spread, np.nan)
    last = pinned.total.line[j][-1:]  # none without a common time
    percent = (100 * total.line[-1:] / np.maximum(last, LEAST)).sum(axis=0)
    few = pinned.market_ends.line < LEAST_TO_COMPARE
    changes = answer.market_runs / np.maximum(pinned.market_runs, LEAST) - 1
    if answer.times[-1] != pinned.times[-1]:
        changes = np.full_like(changes, np.nan)
    return Comparison(
        total=total,
        markets=band(difference, spread),
        percent=percent,
        markets_percent=np.where(few, np.nan, 100 * middle(changes)),
        times=times,
        names=answer.names,
    )
