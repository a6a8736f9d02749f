"""The waterfall: a bar for each changed setting between two totals, and its rows."""

import altair as alt
import pandas as pd

from model.analysis.attribution import OTHERS, Explanation, label
from model.number_text import two_digits, users_text
from model.scenario.scenario import parse_events
from model.scenario.settings import all_settings
from pages.parts.charts.theme import FRAME, HIGH, LINE, LOW, SETTINGS, TEXT, tooltip
from pages.parts.wording.difference import signed

KINDS = {"total": LINE, "somebody decides": LOW, "assumption": HIGH}


def attribution_bars() -> alt.LayerChart:
    """WeChat's users from the pinned scenario to this one, setting by setting.

    frame : see waterfall_rows
    """
    kind = (
        alt.Color("kind:N")
        .scale(domain=list(KINDS), range=list(KINDS.values()))
        .title(None)
        .legend(orient="top", labelColor=TEXT)
    )
    users = (
        alt.X("from:Q").title("WeChat users, million").axis(grid=True, tickCount=6, format=",~r")
    )
    tips = tooltip({"label:N": "Setting", "change:N": "From, to", "text:N": "WeChat users"})
    base = alt.Chart(FRAME).encode(SETTINGS)
    bars = base.mark_bar(height=15).encode(users, alt.X2("to:Q"), kind, tooltip=tips)
    text = base.mark_text(align="left", dx=6, baseline="middle", fontSize=12, color=TEXT).encode(
        alt.X("text_at:Q"), alt.Text("text:N")
    )
    return alt.layer(bars, text).properties(height=alt.Step(27))


def waterfall_rows(explanation: Explanation) -> pd.DataFrame:
    """A row for each bar, from the pinned total down to this one.

    columns : rank;  label;  kind (of KINDS);  from, to, text_at (million people);  text;
        change (the values of the setting before and after, in words)
    """
    bars = [
        (
            label(one.setting),
            "somebody decides" if one.decided else "assumption",
            one.users,
            f"{_value(one.setting, one.before)} → {_value(one.setting, one.after)}"
            if one.setting != OTHERS
            else f"{len(str(one.after).split())} settings",
        )
        for one in explanation.contributions
    ]
    total = explanation.before
    rows = [_total("Pinned scenario", total)]
    for name, kind, users, change in bars:
        ends = {"from": total, "to": total + users, "text_at": max(total, total + users)}
        text = signed(users).removesuffix(" million")  # the axis says so
        rows.append({"label": name, "kind": kind, **ends, "text": text, "change": change})
        total += users
    rows.append(_total("This scenario", explanation.after))
    return pd.DataFrame(rows).assign(rank=range(len(rows)))


def _value(setting: str, value: object) -> str:
    """A value of a setting in words; of the events, how many are on."""
    if setting == "events":
        return f"{len(parse_events(str(value)))} on"
    return all_settings()[setting].format(value) if setting in all_settings() else str(value)


def _total(name: str, users: float) -> dict[str, object]:
    ends = {"from": 0.0, "to": users, "text_at": users}
    text = users_text(two_digits(users))
    return {"label": name, "kind": "total", **ends, "text": text, "change": ""}
