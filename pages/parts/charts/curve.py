"""A small curve under a slider: where WeChat's users would be at each of its values."""

from base64 import b64encode

import numpy as np
from numpy.typing import NDArray

from pages.parts.charts.theme import TEXT_COLOURS

WIDTH, HEIGHT = 240, 34  # pixels
INSET = 6  # pixels from the edge of a slider to the middle of its thumb at either end
EMPTY = f'<div style="height:{HEIGHT}px"></div>'  # keeps the place of a curve
TOP, FLOOR = 5, 31  # heights of most users and of none


def slider_curve(
    points: NDArray,
    now: float,
    span: tuple[float, float],
    plausible: tuple[float, float],
    *,
    dark: bool = False,
) -> str:
    """An image for st.html, not read aloud: users over a slider's range, a dot at the present.

    points : (point, 2) of value and users;  span : ends of the slider
    plausible : ends of the part that is shaded
    dark : whether the page is, which the image cannot know
    """
    values, users = np.asarray(points, dtype=float).T
    most = max(float(users.max()), 1e-9)

    def across(value: float) -> float:
        share = (value - span[0]) / (span[1] - span[0])
        return round(INSET + (WIDTH - 2 * INSET) * float(np.clip(share, 0, 1)), 1)

    def down(users: float) -> float:
        return round(FLOOR - (FLOOR - TOP) * float(np.sqrt(max(users, 0.0) / most)), 1)

    ink = TEXT_COLOURS[dark]
    path = " ".join(f"{across(x)},{down(y)}" for x, y in zip(values, users, strict=True))
    low, high = map(across, plausible)
    height = down(float(np.interp(now, values, users)))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect x="{low}" y="1" width="{max(high - low, 0):.1f}" height="{HEIGHT - 2}" '
        f'fill="{ink}" fill-opacity="0.12"/>'
        f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="1.6"/>'
        f'<circle cx="{across(now)}" cy="{height}" r="4.5" fill="{ink}"/></svg>'
    )
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return (
        f'<img alt="" aria-hidden="true" width="{WIDTH}" height="{HEIGHT}" '
        f'style="display:block" src="{source}">'
    )
