"""One bar: the users that remain, and what each of the article's two doubts takes."""

import altair as alt
import pandas as pd

from model.analysis.two_doubts import Doubts
from pages.parts.charts.theme import FRAME, NARROW, PAGE, TEXT, by_page, tooltip
from pages.parts.wording import levers as wording

HEIGHT, ABOVE = 58, 20  # pixels: of the bar, and of the line of text above it
LETTER = 7.6  # pixels: width of most letters in the bar
PARTS = {  # fill of each on the light page and on the dark one, 4.5:1 to the INK on it
    "remains": ("#07834A", "#3CC493"),
    "concern": ("#6a58b8", "#a394f0"),
    "established": ("#666a75", "#9a9eaa"),
}
INK = ("#ffffff", "#0b0d12")


def doubts_bar() -> alt.LayerChart:
    """The bar, with texts inside its parts; above it those of parts that are too narrow.

    frame : see doubts_rows
    """
    left = alt.X("from:Q").axis(None).scale(nice=False, zero=False)
    base = alt.Chart(FRAME).transform_calculate(
        label=f"{NARROW} ? datum.short : datum.name",
        letters=f"max(length({NARROW} ? datum.short : datum.name), length(datum.users))",
    )
    fill = alt.Scale(domain=list(PARTS), range=[by_page(*pair) for pair in PARTS.values()])
    wide = f"width * (datum.to - datum.from) > datum.whole * ({LETTER} * datum.letters + 14)"
    text = {"aria": False, "baseline": "middle"}
    inside = base.transform_filter(wide).encode(left)
    size = alt.ExprRef(f"{NARROW} ? 12 : 14")
    inner = {**text, "align": "left", "dx": 10, "fontSize": size, "color": by_page(*INK)}
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
    rows = [(part, *wording.DOUBTS[part], texts[part]) for part in PARTS]
    frame = pd.DataFrame(rows, columns=["part", "name", "short", "users"])
    size = frame.part.map(lambda part: max(getattr(doubts, part), 0.0))
    frame["from"], frame["to"] = size.cumsum() - size, size.cumsum()
    frame["place"], frame["line"] = frame.index, frame.short + " " + frame.users
    return frame.assign(whole=max(size.sum(), 1e-9))
