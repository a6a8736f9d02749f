"""Places for labels where nothing else is drawn.

Whatever takes room is a row of six numbers: its place as shares (0-1) of the plot's width and
height, from the upper left corner, and a box around it in pixels (left, top, right, bottom). A
place is free if it is so for every size of the plot that is asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LETTER = 0.57  # width of most letters over their size, to the safe side
STEP = 0.006  # of the plot: least distance of the points that stand for a line
GAP = 2  # pixels around a label that stay free
SIDES = (("left", 9), ("right", -9), ("center", 0))
HEIGHTS = (0, -11, 11, -18, 18, -26, 26, -36, 36, -48, 48)  # pixels from the mark
# beside the mark, or above and below it
TRIES = [(align, dx, dy) for dy in HEIGHTS for align, dx in SIDES if dy or align != "center"]
NEAR = [one for one in TRIES if abs(one[2]) <= 18]
ON_PLACE = [("center", 0, 0)]


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


def text_row(
    at: Sequence[float], text: str, *, size: float, align: str, dx: float, dy: float
) -> NDArray:
    """The row of a text whose middle is `dy` pixels below `at`."""
    wide, lines = text_width(text, size), text.count("\n") + 1
    left = dx - {"left": 0, "center": wide / 2, "right": wide}[align]
    high = 0.6 * size * lines
    return np.array([*at, left - GAP, dy - high - GAP, left + wide + GAP, dy + high + GAP])


def boxes(rows: NDArray, size: tuple[float, float]) -> NDArray:
    """The boxes of rows in pixels (row, left top right bottom) on a plot of one size."""
    return np.tile(rows[:, :2] * np.asarray(size), 2) + rows[:, 2:]


def are_free(rows: NDArray, taken: NDArray, sizes: Iterable[tuple[float, float]]) -> NDArray:
    """Whether each row lies within the plot and on nothing that is taken, at all of the sizes."""
    free = np.ones(len(rows), dtype=bool)
    for size in sizes:
        left, top, right, bottom = boxes(rows, size).T[..., None]
        x0, y0, x1, y1 = boxes(taken, size).T
        free &= ~((x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)).any(axis=1)
        free &= ((left >= 0) & (top >= 0) & (right <= size[0]) & (bottom <= size[1]))[:, 0]
    return free


def free_place(
    at: Sequence[float],
    text: str,
    taken: NDArray,
    sizes: Sequence[tuple[float, float]],
    *,
    size: float = 11,
    tries: Sequence[tuple[str, float, float]] = TRIES,
) -> Place | None:
    """The first of the places around `at` where a text is free; None where all are taken."""
    rows = np.array(
        [text_row(at, text, size=size, align=align, dx=dx, dy=dy) for align, dx, dy in tries]
    )
    free = are_free(rows, taken, sizes)
    first = int(free.argmax())
    return Place(*tries[first], rows[first]) if free[first] else None
