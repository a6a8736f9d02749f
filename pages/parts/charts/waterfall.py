"""The waterfall: which settings made the difference between two scenarios, and its rows.

A row is one bar, with the columns rank, label, from, to, text and text_at (the place of the text);
from, to and text_at are in million people.
"""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from model.analysis import attribution
from model.number_text import users_text
from model.scenario.scenario import parse_events
from model.scenario.settings import all_settings
from pages.parts.charts.theme import FRAME, HIGH, LINE, LOW, TEXT, small_title, tooltip
from pages.parts.wording.difference import BARS_TITLE, as_printed, signed_as_printed

ROW = 22  # pixels of each bar
DECIDED = "somebody decides"
KINDS = {"total": LINE, DECIDED: LOW, "assumption": HIGH}
BASE = alt.Chart(FRAME).encode(
    alt.Y("label:N")
    .sort(alt.EncodingSortField("rank", op="min"))
    .title(None)
    .axis(labelLimit=230, labelOverlap=False, labelColor=TEXT, ticks=False)
)


def _bars(title: str | None, tips: dict[str, str], **mark) -> tuple[alt.Chart, alt.Chart]:
    """The bars and the texts at their ends.

    title : of the axis, with its unit;  tips : field and title of each line of the tooltip
    """
    ends = alt.X("from:Q").title(title)
    ends = ends.axis(tickCount=6, format=",~r", labelFlush=True, labelColor=TEXT, titleColor=TEXT)
    bars = BASE.mark_bar(height=14, **mark).encode(ends, alt.X2("to:Q"), tooltip=tooltip(tips))
    text = BASE.mark_text(align="left", dx=6, baseline="middle", fontSize=12, color=TEXT)
    return bars, text.encode(alt.X("text_at:Q"), alt.Text("text:N"))


def _rows(rows: Sequence[dict]) -> pd.DataFrame:
    """The rows with their rank; bars begin at 0, and texts at the upper end, unless rows say so."""
    frame = pd.DataFrame([{"from": 0.0, "text_at": row["to"], **row} for row in rows])
    return frame.assign(rank=range(len(frame)))


def attribution_bars() -> alt.LayerChart:
    """WeChat's users from the pinned scenario to this one, setting by setting.

    frame : see attribution_rows
    """
    tips = {"label:N": "Setting", "change:N": "From, to", "text:N": "WeChat users"}
    bars, text = _bars(None, tips, stroke=TEXT)
    # not by colour alone: what somebody decides has an outline
    edge = alt.condition(f"datum.kind === '{DECIDED}'", alt.value(1.5), alt.value(0))
    kind = alt.Color("kind:N").scale(domain=list(KINDS), range=list(KINDS.values())).legend(None)
    bars = bars.encode(kind, strokeWidth=edge)
    return alt.layer(bars, text).properties(height=alt.Step(ROW), title=small_title(BARS_TITLE))


def attribution_rows(explanation: attribution.Explanation) -> pd.DataFrame:
    """A bar for each contribution, million people, from the pinned total down to this one.

    further columns : kind (of KINDS);  change (the setting before and after, in words)
    """
    at = explanation.before
    first, *parts, last = as_printed(explanation)
    rows = [_total("Pinned scenario", at, first)]
    for one, printed in zip(explanation.contributions, parts, strict=True):
        rows.append(
            {
                "label": attribution.label(one.setting),
                "kind": DECIDED if one.decided else "assumption",
                "from": at,
                "to": at + one.users,
                "text_at": max(at, at + one.users),
                "text": signed_as_printed(printed).removesuffix(" million"),  # the axis says so
                "change": _change(one),
            }
        )
        at += one.users
    return _rows([*rows, _total("This scenario", explanation.after, last)])


def _total(label: str, users: float, printed: float) -> dict[str, object]:
    """The bar of all WeChat users of a scenario."""
    text = users_text(printed)
    return {"label": label, "kind": "total", "to": users, "text": text, "change": ""}


def _change(one: attribution.Contribution) -> str:
    """The value of a setting before and after, in words; of small changes only their number."""
    if one.setting == attribution.OTHERS:
        return f"{len(str(one.after).split())} settings"
    if one.setting == "events":
        before, after = (f"{len(parse_events(str(names)))} on" for names in (one.before, one.after))
    elif one.setting in all_settings():
        before, after = (all_settings()[one.setting].format(v) for v in (one.before, one.after))
    else:
        before, after = one.before, one.after
    return f"{before} → {after}"
