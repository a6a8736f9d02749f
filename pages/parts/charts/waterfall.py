"""The waterfall: which settings made the difference between two scenarios, and its rows."""

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
TIPS = {"label:N": "Setting", "change:N": "From, to", "text:N": "WeChat users"}


def attribution_bars() -> alt.LayerChart:
    """WeChat's users from the pinned scenario to this one, setting by setting.

    frame : see attribution_rows
    """
    axis = alt.Axis(labelLimit=230, labelOverlap=False, labelColor=TEXT, ticks=False)
    row = alt.Y("label:N").sort(alt.EncodingSortField("rank", op="min")).title(None).axis(axis)
    axis = {"tickCount": 6, "format": ",~r", "labelFlush": True}
    ends = alt.X("from:Q").title(None).axis(**axis, labelColor=TEXT, titleColor=TEXT)
    kind = alt.Color("kind:N").scale(domain=list(KINDS), range=list(KINDS.values())).legend(None)
    # not by colour alone: what somebody decides has an outline
    edge = alt.condition(f"datum.kind === '{DECIDED}'", alt.value(1.5), alt.value(0))
    base = alt.Chart(FRAME).encode(row)
    bars = base.mark_bar(height=14, stroke=TEXT).encode(
        ends, alt.X2("to:Q"), kind, strokeWidth=edge, tooltip=tooltip(TIPS)
    )
    text = base.mark_text(align="left", dx=6, baseline="middle", fontSize=12, color=TEXT)
    text = text.encode(alt.X("text_at:Q"), alt.Text("text:N"))
    return alt.layer(bars, text).properties(height=alt.Step(ROW), title=small_title(BARS_TITLE))


def attribution_rows(explanation: attribution.Explanation) -> pd.DataFrame:
    """A bar for each contribution, from the pinned total down to this one.

    from, to : its ends, text_at : place of its text, million people;  rank : from the top
    kind : of KINDS;  change : the setting before and after, in words
    """
    at = explanation.before
    first, *parts, last = as_printed(explanation)
    rows = [(0.0, at, "Pinned scenario", "total", at, users_text(first), "")]
    for one, printed in zip(explanation.contributions, parts, strict=True):
        kind = DECIDED if one.decided else "assumption"
        text = signed_as_printed(printed).removesuffix(" million")  # the axis says so
        end, label = at + one.users, attribution.label(one.setting)
        rows.append((at, max(at, end), label, kind, end, text, _change(one)))
        at = end
    end = explanation.after
    rows.append((0.0, end, "This scenario", "total", end, users_text(last), ""))
    columns = "from text_at label kind to text change".split()
    return pd.DataFrame(rows, columns=columns).assign(rank=range(len(rows)))


def _change(one: attribution.Contribution) -> str:
    """The value of a setting before and after, in words; of small changes only their number."""
    if one.setting == attribution.OTHERS:
        return f"{len(str(one.after).split())} settings"
    values = [one.before, one.after]
    if one.setting == "events":
        values = [f"{len(parse_events(str(names)))} on" for names in values]
    elif one.setting in all_settings():
        values = [all_settings()[one.setting].format(value) for value in values]
    return " → ".join(map(str, values))
