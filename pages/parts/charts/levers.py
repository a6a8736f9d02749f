"""WeChat's users with each setting at the ends of its range: a bar a setting, and their rows."""

import altair as alt
import pandas as pd

from model.analysis.sensitivity import Bar, Tornado
from model.number_text import about
from model.scenario.settings import all_settings
from pages.parts.charts import theme
from pages.parts.charts.theme import NARROW, in_short, of_kind

MOST = 7  # bars that are shown
ROWS, HEAD = {False: 33, True: 27}, 22  # pixels: of a bar, by whether on a phone, and above them
NAMES, TEXTS = 250, 60  # pixels: of the names at the left, of a text at the end of a bar
TIPS = {"label:N": "Setting", "value_text:N": "Set to", "users_text:N": "WeChat users"}


def lever_bars(*, phone: bool = False) -> alt.LayerChart:
    """A bar for each setting from its low end to its high end, a rule at the present users.

    selection : bar (setting, value), the end whose half of a row was clicked
    frame : see lever_rows
    """
    height = ROWS[phone]

    def y(wide: float, narrow: float) -> alt.ExprRef:
        """A height in pixels from the top of a row, on a wide chart and on a narrow one."""
        return alt.ExprRef(f"{HEAD} + {height} * datum.rank + ({NARROW} ? {narrow} : {wide})")

    ends = [alt.ExprRef(f"({NARROW} ? 0 : {NAMES}) + {TEXTS}"), alt.ExprRef(f"width - {TEXTS}")]
    scale = alt.Scale(type="sqrt", nice=False, zero=False, range=ends)
    now, at = (alt.X(f"{name}:Q").axis(None).scale(scale) for name in ("now", "text_at"))
    end, head, names, key = (
        of_kind(alt.Chart(theme.FRAME), kind) for kind in ("end", "head", "name", "key")
    )
    left, right = (end.transform_filter(f"datum.side === '{side}'") for side in ("left", "right"))
    colours = {"domain": ["low", "high"], "range": [theme.LOW, theme.HIGH]}
    colour = alt.Color("end:N").scale(**colours).legend(None)
    in_key = {"x": alt.ExprRef(f"({NARROW} ? width - 156 : 90) + 76 * datum.rank"), "y": 9}
    text = {"baseline": "middle", "color": theme.TEXT, "aria": False}
    name = {**text, "x": alt.ExprRef(f"{NARROW} ? 0 : {NAMES - 12}")}
    name["align"] = alt.ExprRef(f"{NARROW} ? 'left' : 'right'")
    whole = {"y": alt.ExprRef(str(HEAD - 4)), "y2": alt.ExprRef(str(HEAD + MOST * height))}
    beside = {"y": y(height / 2 - 1, height - 6), "fontSize": 12.5, **text}
    label = f"{NARROW} ? datum.label + ', ' + datum.range : datum.label"
    label_size = alt.ExprRef(f"{NARROW} ? 11 : 13")
    pick = alt.selection_point(name="bar", fields=["setting", "value"], empty=False)
    # a click counts in the whole half of the row, so that a short bar can be hit
    half = {**theme.UNSEEN, "y": y(1, 1), "y2": y(height - 1, height - 1)}
    halves = [
        part.mark_rect(**half, x2=edge).encode(now, tooltip=theme.tooltip(TIPS))
        for part, edge in ((left, 0), (right, alt.ExprRef("width")))
    ]
    return alt.layer(
        end.mark_rect(y=y(5, 16), y2=y(height - 7, height - 2), aria=False).encode(
            now, alt.X2("users:Q"), colour
        ),
        head.mark_rule(color=theme.HERE, strokeWidth=1.5, aria=False, **whole).encode(now),
        head.mark_text(y=9, fontSize=12, **text).encode(now, alt.Text("label:N")),
        left.mark_text(align="right", dx=-5, **beside).encode(at, alt.Text("users_text:N")),
        right.mark_text(align="left", dx=5, **beside).encode(at, alt.Text("users_text:N")),
        *theme.with_halo(
            names.transform_calculate(text=label).encode(alt.Text("text:N")),
            **{**name, "y": y(9, 8), "fontSize": label_size},
        ),
        key.mark_point(**in_key, shape="square", filled=True, size=90, opacity=1).encode(colour),
        key.mark_text(**in_key, align="left", dx=9, fontSize=11.5, **text).encode(
            alt.Text("label:N")
        ),
        names.transform_filter(f"!({NARROW})")
        .mark_text(y=y(23, 23), fontSize=11, **name)
        .encode(alt.Text("range:N")),
        halves[0].add_params(pick),
        halves[1],
    ).properties(height=HEAD + MOST * height)


def lever_rows(result: Tornado) -> pd.DataFrame:
    """The first MOST bars: a name and two ends each, and the head, which is the present users.

    kind : head | key | name | end;  rank : row from the top;  label, range : of the setting
    setting, end (low | high), value, value_text, users (million), users_text : of an end
    now : present users;  side, text_at : where the text of an end stands, and beside which users
    """
    now = max(result.users, 0.0)
    rows = [{"kind": "head", "label": f"now {in_short(about(now))}"}]
    for rank, end in enumerate(("low", "high")):
        rows.append({"kind": "key", "rank": rank, "end": end, "label": f"{end} end"})
    for rank, bar in enumerate(result.bars[:MOST]):
        setting = all_settings()[bar.setting]
        label = {"rank": rank, "setting": bar.setting, "label": setting.label}
        rows.append(label | {"kind": "name", "range": setting.format_range(bar.low, bar.high)})
        rows += [label | end for end in _ends(bar, now)]
    return pd.DataFrame(rows).assign(now=now)


def _ends(bar: Bar, now: float) -> list[dict]:
    """Both ends of a bar, the longer first, so that it does not hide the other one."""
    setting, users = all_settings()[bar.setting], (bar.users_low, bar.users_high)
    rows = [
        {"kind": "end", "end": end, "value": value, "value_text": setting.format(value)}
        | {"users": round(one, 3), "users_text": in_short(about(one))}
        for end, value, one in zip(("low", "high"), (bar.low, bar.high), users, strict=True)
    ]
    left, right = rows if bar.users_low <= bar.users_high else reversed(rows)
    # texts stay outside the bar even where both ends lie on one side of now
    left |= {"side": "left", "text_at": min(*users, now)}
    right |= {"side": "right", "text_at": max(*users, now)}
    return sorted(rows, key=lambda row: -abs(row["users"] - now))
