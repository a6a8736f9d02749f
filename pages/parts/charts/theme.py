"""Colours, dashes, axes and tooltips that the charts share.

Colours come from the theme by domain, so light and dark follow the reader's choice. Every platform
also has its own dash and shape, and its name at the end of its line: never colour alone.
"""

import altair as alt

from model import messengers

PLATFORMS = list(messengers.PLATFORMS)
FRAME = alt.NamedData("frame")
GREY = "#808495"  # readable on white and on black
ESTABLISHED = "Established messenger"  # as a kind of leader, beside the platforms
NEUTRAL = "#757985"  # its colour: 4.3:1 on the light page and on the dark one
YEARS = alt.X("year:Q").axis(format="d", tickCount=8, grid=False).title(None).scale(nice=False)


def platform_colour(field: str = "platform") -> alt.Color:
    """Each platform's colour in the theme, by the platform's name in `field`."""
    return alt.Color(f"{field}:N").scale(domain=PLATFORMS).legend(None)


def platform_dash(field: str = "platform") -> alt.StrokeDash:
    """Each platform's dash, by the platform's name in `field`."""
    dashes = [[8, 3], [3, 3], [1, 2]]
    return alt.StrokeDash(f"{field}:N").scale(domain=PLATFORMS, range=dashes).legend(None)


def tooltip(titles: dict[str, str]) -> list[alt.Tooltip]:
    """A tooltip with the fields of `titles` (field: title); users with three digits."""
    three_digits = {"users:Q": {"format": ",.3~r"}}
    return [
        alt.Tooltip(field, title=title, **three_digits.get(field, {}))
        for field, title in titles.items()
    ]
