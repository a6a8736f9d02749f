"""Places for labels where nothing else is drawn.

Whatever takes room is a row of six numbers: its place as shares (0-1) of the plot's width and
height, from the upper left corner, and a box around it in pixels (left, top, right, bottom). A
place is free if it is so for every size of the plot that is asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LETTER = 0.57  # width of most letters over their size, to the safe side
STEP = 0.006  # of the plot: least distance of the points that stand for a line
GAP = 2  # pixels around a label that stay free
SIDES = (("left", 9), ("right", -9), ("center", 0))
HEIGHTS = (0, -11, 11, -18, 18, -26, 26, -36, 36, -48, 48)  # pixels from the mark
# beside the mark, or above and below it
TRIES = tuple((align, dx, dy) for dy in HEIGHTS for align, dx in SIDES if dy or align != "center")
NEAR = tuple(one for one in TRIES if abs(one[2]) <= 18)
ON_PLACE = (("center", 0, 0),)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label stands: its alignment, its distance from its mark (pixels), and its row."""

    align: str
    dx: float
    dy: float
    row: NDArray


def text_width(text: str, size: float = 11) -> float:
    """The width of a text in pixels, to the safe side; of several lines, of the longest."""
    return LETTER * size * max(map(len, text.split("\n")))


def around(points: NDArray, half: float) -> NDArray:
    """Rows of marks at `points` (point, 2) that reach `half` pixels to each side."""
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    return np.hstack([points, np.tile([-half, -half, half, half], (len(points), 1))])


def along(points: NDArray, half: float = 2) -> NDArray:
    """Rows of a line through `points` (point, 2), `half` its width in pixels."""
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    if len(points) < 2:
        return around(points, half)
    lengths = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    places = np.linspace(0, lengths[-1], 2 + int(lengths[-1] / STEP))
    return around(np.column_stack([np.interp(places, lengths, part) for part in points.T]), half)


@lru_cache(maxsize=256)  # a label that is placed anew with each move has mostly the same text
def _around_mark(text: str, size: float, tries: tuple[tuple[str, float, float], ...]) -> NDArray:
    """The box of a text in pixels from its mark, for each of the tries, (try, 4)."""
    wide, high = text_width(text, size), 0.6 * size * (text.count("\n") + 1)
    left = [dx - {"left": 0, "center": wide / 2, "right": wide}[align] for align, dx, _ in tries]
    x, y = np.array(left), np.array([dy for *_, dy in tries])
    return np.column_stack([x - GAP, y - high - GAP, x + wide + GAP, y + high + GAP])


def boxes(rows: NDArray, size: tuple[float, float]) -> NDArray:
    """The boxes of rows in pixels (row, left top right bottom) on a plot of one size."""
    return rows[:, [0, 1, 0, 1]] * (*size, *size) + rows[:, 2:]


def are_free(rows: NDArray, taken: NDArray, sizes: Iterable[tuple[float, float]]) -> NDArray:
    """Whether each row lies within the plot and on nothing that is taken, at all of the sizes."""
    free = np.ones(len(rows), dtype=bool)
    for size in sizes:
        inside, others = boxes(rows, size), boxes(taken, size)
        left, top, right, bottom = inside.T
        free &= (left >= 0) & (top >= 0) & (right <= size[0]) & (bottom <= size[1])
        x0, y0, x1, y1 = others.T
        near = (x0 < right.max()) & (x1 > left.min()) & (y0 < bottom.max()) & (y1 > top.min())
        x0, y0, x1, y1 = others[near].T  # few: what is far from all of the rows lies on none
        left, top, right, bottom = inside.T[..., None]
        free &= ~((x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)).any(axis=1)
    return free


def free_place(
    at: Sequence[float],
    text: str,
    taken: NDArray,
    sizes: Sequence[tuple[float, float]],
    *,
    size: float = 11,
    tries: tuple[tuple[str, float, float], ...] = TRIES,
) -> Place | None:
    """The first of the places around `at` where a text is free; None where all are taken."""
    offsets = _around_mark(text, size, tries)
    rows = np.hstack([np.broadcast_to(at, (len(tries), 2)), offsets])
    free = are_free(rows, taken, sizes)
    first = int(free.argmax())
    return Place(*tries[first], rows[first]) if free[first] else None
