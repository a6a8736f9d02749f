"""One bar: the users that remain, and what each of the article's two doubts takes."""

import altair as alt
import pandas as pd

from model.analysis.two_doubts import Doubts
from pages.parts.charts.theme import FRAME, NARROW, PAGE, TEXT, by_page, tooltip
from pages.parts.wording import levers as wording

HEIGHT, ABOVE = 58, 20  # pixels: of the bar, and of the line of text above it
LETTER = 7.6  # pixels: width of most letters in the bar
# fill and text of each part, on the light page and on the dark one: both 4.5:1
PARTS = {
    "remains": (("#07834A", "#3CC493"), ("#ffffff", "#0b0d12")),
    "concern": (("#6a58b8", "#a394f0"), ("#ffffff", "#0b0d12")),
    "established": (("#666a75", "#9a9eaa"), ("#ffffff", "#0b0d12")),
}


def doubts_bar() -> alt.LayerChart:
    """The bar, with texts inside its parts; above it those of parts that are too narrow.

    frame : see doubts_rows
    """
    left = alt.X("from:Q").axis(None).scale(nice=False, zero=False)
    base = alt.Chart(FRAME).transform_calculate(
        label=f"{NARROW} ? datum.short : datum.name",
        letters=f"max(length({NARROW} ? datum.short : datum.name), length(datum.users))",
    )
    fill, ink = (
        alt.Scale(domain=list(PARTS), range=[by_page(*pair[which]) for pair in PARTS.values()])
        for which in (0, 1)
    )
    wide = f"width * (datum.to - datum.from) > datum.whole * ({LETTER} * datum.letters + 14)"
    text = {"aria": False, "baseline": "middle"}
    inside = base.transform_filter(wide).encode(left, alt.Color("part:N").scale(ink).legend(None))
    size = alt.ExprRef(f"{NARROW} ? 12 : 14")
    inner = {**text, "align": "left", "dx": 10, "fontSize": size}
    # at either end, and above the part between them, where none lies on another
    between = "clamp(width * datum.from / datum.whole, 105, width - 235)"
    place = {"x": alt.ExprRef(f"[0, {between}, width][datum.place]"), "y": 9, "fontSize": 11.5}
    place["align"] = alt.ExprRef("['left', 'left', 'right'][datum.place]")
    above = base.transform_filter(f"datum.to > datum.from && !({wide})")
    return alt.layer(
        base.mark_rect(y=ABOVE, y2=ABOVE + HEIGHT, stroke=PAGE, strokeWidth=1.5).encode(
            left,
            alt.X2("to:Q"),
            alt.Fill("part:N").scale(fill).legend(None),
            tooltip=tooltip({"name:N": "Part", "users:N": "Users"}),
        ),
        inside.mark_text(y=ABOVE + 19, **inner).encode(alt.Text("label:N")),
        inside.mark_text(y=ABOVE + 40, fontWeight="bold", **inner).encode(alt.Text("users:N")),
        above.mark_text(color=TEXT, **place, **text).encode(alt.Text("line:N")),
    ).properties(height=ABOVE + HEIGHT)


def doubts_rows(doubts: Doubts) -> pd.DataFrame:
    """A row for each part, million people: from and to are its ends on the bar.

    name, short, users : written inside it;  line : written above it, at place 0, 1 or 2 of three
    whole : the length of the bar
    """
    texts = wording.doubts_texts(doubts)
    rows, end = [], 0.0
    for place, part in enumerate(PARTS):
        size = max(getattr(doubts, part), 0.0)
        name, short = wording.DOUBTS[part]
        rows.append(
            (part, end, end + size, place, name, short, texts[part], f"{short} {texts[part]}")
        )
        end += size
    columns = "part from to place name short users line".split()
    return pd.DataFrame(rows, columns=columns).assign(whole=max(end, 1e-9))
