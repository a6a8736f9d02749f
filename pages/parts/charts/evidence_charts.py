"""Charts of the evidence page: observed users in small panels, and the record of past forecasts.

A panel shows one messenger in one place. Each chart reads the ground it is drawn on, so that its
text has a contrast of at least 4.5:1 on the light page and on the dark one.
"""

import altair as alt
import numpy as np
import pandas as pd

from model.messengers import PLATFORMS
from model.number_text import users_text
from model.quarters import day_years
from pages.parts.charts.theme import GREY, NEUTRAL, platform_colour

INK = alt.ExprRef("luminance(background) < 0.2 ? '#C3C7D1' : '#4B4F5C'")  # of axes and labels
MISSED = "#D9480F"  # 4.4:1 on the light page, 4.3:1 on the dark one
HELD_AT = {True: "held", False: "missed"}
PUBLISHED = ("users", "users, company profile")  # metrics that a company gave
KINDS = ("survey", "published", "range")  # of one day, the last one is the one to go by
ROOM = 2  # years at the end of a panel, for its number
ENOUGH = 3  # figures, for a panel among those of all messengers
LEAST, MOST = 0.25, 4.0  # ends of the scale of the record
GROUPS = {"Years ahead": "horizon", "Messenger": "platform"}


def user_figures(observed: pd.DataFrame) -> pd.DataFrame:
    """The observed numbers of users, million, with their kind: published, survey or range.

    columns : platform, geography, kind, date, year (decimal), users, low, high
    """
    users = observed[(observed.unit == "million") & observed.metric.str.match("users")]
    users = users[~users.metric.str.contains("forecast")].rename(columns={"value": "users"})
    kind = np.where(users.metric.isin(PUBLISHED), "published", "survey")
    kind = np.where(users.low.notna(), "range", kind)
    users["kind"] = pd.Categorical(kind, KINDS, ordered=True)
    users["year"] = day_years(users.date)
    columns = ["platform", "geography", "kind", "date", "year", "users", "low", "high"]
    return users[columns].sort_values(["year", "kind"], ignore_index=True).astype({"kind": str})


def panels(figures: pd.DataFrame, platforms: tuple[str, ...], least: int) -> list[pd.DataFrame]:
    """The figures of each messenger and place with at least so many, most figures first."""
    groups = figures[figures.platform.isin(platforms)].groupby(["platform", "geography"])
    found = [group for _, group in groups if len(group) >= least]
    return sorted(found, key=lambda rows: (platforms.index(rows.platform.iloc[0]), -len(rows)))


def panel_data(rows: pd.DataFrame, figures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The datasets of a panel: its figures, its last one, and the ends of the axes.

    The years are those of all figures, so that panels can be compared.
    """
    start, end = np.floor(figures.year.min()), np.ceil(figures.year.max()) + ROOM
    ends = {"start": start, "end": end, "top": 1.15 * rows[["users", "high"]].max(axis=None)}
    last = rows.tail(1).assign(label=latest(rows))
    return {"figures": rows, "last": last, "axis": pd.DataFrame([ends])}


def latest(rows: pd.DataFrame) -> str:
    """The last figure of a panel: "194" or "50-170"."""
    row = rows.iloc[-1]
    number = users_text(row.users).removesuffix(" million")
    return f"{row.low:g}-{row.high:g}" if row.kind == "range" else number


def panel_finding(name: str, rows: pd.DataFrame) -> str:
    """The finding of a panel in words, for those who do not see it."""
    first, last, most = rows.iloc[0], rows.iloc[-1], rows.loc[rows.users.idxmax()]
    said = f"{name}: {len(rows)} figure{'s' if len(rows) > 1 else ''} of users. "
    said += f"{_figure(first)} in {first.date[:4]}"
    if len(rows) > 1:
        said += f", {_figure(last)} in {last.date[:4]}"
    if most.users > max(first.users, last.users):
        said += f"; at most {_figure(most)} in {most.date[:4]}"
    return f"{said}."


def _figure(row: pd.Series) -> str:
    """One figure in words, with its range where it has one."""
    between = f" (range {row.low:g} to {row.high:g})" if row.kind == "range" else ""
    return f"{users_text(row.users)}{between}"


def panel() -> alt.LayerChart:
    """Users by year of one messenger in one place.

    datasets : see panel_data. A disc is a figure that the company published, a hollow diamond a
        survey or an estimate, a bar a range
    """
    year = (
        alt.X("year:Q")
        .axis(format="d", values=[2015, 2020, 2025], grid=False, labelColor=INK, labelPadding=4)
        .title(None)
        .scale(nice=False, domain=[_end("start"), _end("end")])
    )
    scale = alt.Scale(domain=[0, _end("top")], nice=False)
    axis = alt.Axis(tickCount=3, format=",~r", labelColor=INK, labelPadding=4, labelFlush=False)
    users = alt.Y("users:Q").title(None).axis(axis).scale(scale)
    low, high = alt.Y("low:Q").title(None).axis(axis).scale(scale), alt.Y2("high:Q")
    colour = alt.condition(
        f"indexof({list(PLATFORMS)}, datum.platform) >= 0", platform_colour(), alt.value(NEUTRAL)
    )
    tooltip = _tooltip(date="Day", kind="Kind", users="Users", low="Low", high="High")
    figures = alt.Chart(alt.NamedData("figures"))
    published = figures.transform_filter("datum.kind == 'published'")
    survey = figures.transform_filter("datum.kind == 'survey'")
    between = figures.transform_filter("datum.kind == 'range'")
    label = alt.Chart(alt.NamedData("last")).mark_text(
        aria=False, align="left", baseline="middle", dx=7, fontSize=12, fontWeight="bold", color=INK
    )
    return alt.layer(
        published.mark_line(aria=False, strokeWidth=1.5, opacity=0.6).encode(
            year, users, color=colour
        ),
        between.mark_rule(aria=False, strokeWidth=5).encode(
            year, low, high, color=colour, tooltip=tooltip
        ),
        published.mark_point(aria=False, filled=True, size=34, opacity=1).encode(
            year, users, color=colour, tooltip=tooltip
        ),
        survey.mark_point(aria=False, shape="diamond", size=52, strokeWidth=1.5, opacity=1).encode(
            year, users, color=colour, tooltip=tooltip
        ),
        label.encode(year, users, alt.Text("label:N")),
        alt.Chart(alt.NamedData("axis")).mark_rule(aria=False, opacity=0).encode(alt.X("start:Q")),
    ).properties(height=130)


def _tooltip(**titles: str) -> list[alt.Tooltip]:
    """One line a field, users in million with three digits."""
    texts = {"date", "kind", "name", "origin", "ahead", "outcome"}
    return [
        alt.Tooltip(f"{name}:{'Q' if name == 'ahead' else 'N'}", title=title)
        if name in texts
        else alt.Tooltip(f"{name}:Q", title=f"{title} (million)", format=",.3~r")
        for name, title in titles.items()
    ]


def _end(name: str) -> alt.ExprRef:
    """An end of an axis, from the dataset that holds them."""
    return alt.ExprRef(f"data('axis')[0].{name}")


def record_rows(record: pd.DataFrame, group: str) -> pd.DataFrame:
    """Past forecasts over what came of them, in the order of the chart, with a head a group.

    record : data/record.csv with the names of its markets;  group : a value of GROUPS

    columns : row (from the top), head (of a group) or name, range (low and high, with past error,
    over what came), middle, outcome (held | missed), lower and upper (ends within the scale), and
    the million users of the tooltip
    """
    rows = record.assign(
        name=record.platform + ", " + record.market,
        held=record.observed.between(record.low80_error, record.high80_error),
    )
    rows["outcome"] = rows.held.map(HELD_AT)
    rows["middle"] = rows["median"] / rows.observed
    rows["lower"] = (rows.low80_error / rows.observed).clip(LEAST, MOST)
    rows["upper"] = (rows.high80_error / rows.observed).clip(LEAST, MOST)
    rows["ahead"] = rows.horizon_quarters.floordiv(4)
    rows["below"] = rows.middle.lt(LEAST)
    key = rows.ahead if group == "horizon" else rows.name
    parts, at = [], 0
    for value, part in rows.groupby(key, sort=group == "horizon"):
        title = f"{value} year{'s' if value != 1 else ''} ahead" if group == "horizon" else value
        head = f"{title}: {part.held.sum()} of {len(part)} held"
        part = part.sort_values("middle").assign(row=np.arange(at + 1, at + 1 + len(part)))
        parts += [pd.DataFrame([{"row": at, "head": head}]), part]
        at += len(part) + 2
    columns = ["row", "head", "name", "origin", "ahead", "outcome", "middle", "below", "lower"]
    columns += ["upper", "observed", "median", "low80_error", "high80_error"]
    return pd.concat(parts, ignore_index=True)[columns]


def record_finding(rows: pd.DataFrame) -> str:
    """The finding of the chart of the record in words."""
    heads = "; ".join(rows["head"].dropna())
    made = rows.dropna(subset="outcome")
    held = (made.outcome == "held").sum()
    return (
        f"Chart of {len(made)} past forecasts as a multiple of what came. The range held "
        f"{held} of them and missed {len(made) - held}. {heads}."
    )


def record_chart() -> alt.LayerChart:
    """The range of every past forecast over what came: held if it crosses 1.

    dataset : "rows", see record_rows
    """
    data = alt.Chart(alt.NamedData("rows"))
    made = data.transform_filter("isValid(datum.outcome)")
    scale = alt.Scale(type="log", domain=[LEAST, MOST], nice=False, clamp=True)
    row = alt.Y("row:Q").scale(reverse=True, nice=False, padding=14).axis(None)
    labels = "datum.value == 1 ? 'exact' : datum.value < 1 ? '1/' + 1 / datum.value : "
    axis = alt.Axis(
        values=[0.25, 0.5, 1, 2, 4],
        labelExpr=f"{labels}datum.value + ' times'",
        labelColor=INK,
        titleColor=INK,
        orient="top",
        grid=True,
        gridColor=GREY,
        gridOpacity=0.35,
        labelFlush=True,
        titlePadding=6,
        labelPadding=4,
    )
    middle = alt.X("middle:Q").scale(scale).axis(axis).title("Forecast, as a multiple of what came")
    lower = alt.X("lower:Q").scale(scale).axis(axis)
    outcomes = list(HELD_AT.values())
    colour = alt.Color("outcome:N").scale(domain=outcomes, range=[NEUTRAL, MISSED]).legend(None)
    shape = alt.Shape("outcome:N").scale(domain=outcomes, range=["circle", "cross"]).legend(None)
    texts = {"name": "Forecast of", "origin": "Made in", "ahead": "Years ahead"}
    ends = {"low80_error": "Low", "high80_error": "High", "observed": "What came"}
    tooltip = _tooltip(**texts, median="Forecast", **ends, outcome="Range")
    exact = alt.Chart(alt.NamedData("rows")).transform_filter("datum.row == 0")
    heads = data.transform_filter("isValid(datum.head)")
    text = {"align": "left", "baseline": "middle", "color": INK}
    missed = made.transform_filter("datum.outcome == 'missed'")
    names = missed.transform_calculate(end="max(datum.upper, datum.middle, 1)")
    return alt.layer(
        exact.mark_rule(aria=False, strokeWidth=2, color=GREY).encode(x=alt.datum(1, scale=scale)),
        made.mark_rule(aria=False, strokeWidth=3).encode(
            lower, alt.X2("upper:Q"), row, colour, tooltip=tooltip
        ),
        made.mark_point(aria=False, filled=True, size=70, opacity=1).encode(
            middle, row, colour, shape, tooltip=tooltip
        ),
        names.mark_text(aria=False, dx=8, fontSize=11, **text).encode(
            alt.X("end:Q").scale(scale).axis(axis), row, alt.Text("name:N")
        ),
        heads.mark_text(aria=False, fontSize=13, fontWeight="bold", dx=2, dy=-4, **text).encode(
            x=alt.value(0), y=row, text="head:N"
        ),
    ).properties(height=11 * 80)
