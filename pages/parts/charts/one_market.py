"""Lines of the messengers in one market, and their rows."""

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.bands import RANGES, Answer, market_paths
from model.analysis.market_facts import survey
from model.quarters import quarter_name
from pages.parts.charts.theme import (
    ESTABLISHED,
    FRAME,
    NEUTRAL,
    PLATFORMS,
    YEARS,
    apart,
    platform_colour,
    platform_dash,
    tooltip,
)


def market_lines() -> alt.LayerChart:
    """Users of the three platforms and of the strongest established messenger in one market.

    frame : see market_rows
    """
    y_scale = alt.Scale(type="sqrt", nice=False)
    users = alt.Y("users:Q").title("Users (million)").axis(tickCount=5).scale(y_scale)
    low, high = alt.Y("low:Q").scale(y_scale), alt.Y2("high:Q")
    inner = alt.Y("low50:Q").scale(y_scale), alt.Y2("high50:Q")
    label_at = alt.Y("label_at:Q").scale(y_scale)
    colour, grey = platform_colour("kind"), alt.value(NEUTRAL)
    tip = tooltip({"name:N": "Messenger", "quarter:N": "Quarter", "users:Q": "Users, million"})
    base = alt.Chart(FRAME).encode(YEARS)
    established = base.transform_filter(f"datum.kind === '{ESTABLISHED}'")
    platforms = base.transform_filter(f"datum.kind !== '{ESTABLISHED}'")
    layers = [
        established.mark_area(opacity=0.16).encode(low, high, color=grey),
        established.mark_area(opacity=0.22).encode(*inner, color=grey),
        established.mark_line(strokeWidth=2, strokeDash=[10, 2, 2, 2]).encode(
            users, color=grey, tooltip=tip
        ),
        platforms.mark_line(strokeWidth=2.5).encode(
            users, colour, platform_dash("kind"), tooltip=tip
        ),
    ]
    layers += [  # side by side, right of the end of the lines
        base.transform_filter(f"datum.kind === '{name}' && isValid(datum.low)")
        .mark_rule(strokeWidth=width, opacity=opacity, xOffset=5 + 7 * k)
        .encode(*ends, colour)
        for k, name in enumerate(PLATFORMS)
        for width, opacity, ends in ((1.5, 0.8, (low, high)), (5, 0.7, inner))
    ]
    layers += [
        part.transform_filter("isValid(datum.label_at)")
        .mark_text(align="left", dx=26, fontWeight="bold")
        .encode(label_at, alt.Text("name:N"), color=part_colour)
        for part, part_colour in ((platforms, colour), (established, grey))
    ]
    return alt.layer(*layers).properties(height=300)


def market_rows(answer: Answer, market: str) -> pd.DataFrame:
    """A row for each quarter and messenger.

    columns : year (decimal), quarter;  kind (platform or ESTABLISHED), name;  users;  low, high
        (80% range of the established messenger, of the others at the end), low50, high50 (50%);
        label_at (height of the label at the end);  all in million people
    """
    i, size = answer.names.index(market), answer.times.size
    name = survey(market, answer.times[-1]).messenger
    kinds = [*PLATFORMS, ESTABLISHED]
    paths = market_paths(answer.scenario)
    established = paths.established
    users = np.vstack([paths.markets[:, :, i].T, established.line[:, i]])
    ranges = {end: np.full_like(users, np.nan) for end in RANGES}
    for end, values in ranges.items():
        values[:-1, -1] = getattr(answer.market_ends, end)[:, i]
        values[-1] = getattr(established, end)[:, i]
    # labels keep apart on the square-root scale on which they are drawn
    top = np.sqrt(max(np.nanmax(ranges["high"]), users.max(), 1e-9))
    places = apart(np.sqrt(users[:, -1]), 0.08 * top)
    label_at = np.full_like(users, np.nan)
    label_at[:, -1] = (places - max(places.max() - top, 0)).clip(0) ** 2
    return pd.DataFrame(
        {
            "year": np.tile(answer.times, len(kinds)),
            "quarter": [quarter_name(time) for time in answer.times] * len(kinds),
            "kind": np.repeat(kinds, size),
            "name": np.repeat([*PLATFORMS, name], size),
            "users": users.ravel().round(4),
            **{end: values.ravel().round(4) for end, values in ranges.items()},
            "label_at": label_at.ravel().round(4),
        }
    )
