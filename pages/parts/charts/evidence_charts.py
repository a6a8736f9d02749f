"""Charts of the evidence page: observed users in small panels, and the record of past forecasts.

A panel shows one messenger in one place.
"""

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.messengers import PLATFORMS
from model.number_text import bare, users_text
from model.quarters import day_years
from pages.parts.charts import theme
from pages.parts.charts.theme import BESIDE, GREY, NEUTRAL, TEXT, of_kind

MISSED = "#D9480F"  # 4.4:1 on the light page, 4.3:1 on the dark one
OUTCOMES = ["held", "missed"]
PUBLISHED = ("users", "users, company profile")  # metrics that a company gave
KINDS = ("survey", "published", "range")  # of one day, the last one is the one to go by
ROOM = 2  # years at the end of a panel, for its number
LEAST, MOST = 0.25, 4.0  # ends of the scale of the record
FIGURE_TIPS = {
    **{"date:N": "Day", "kind:N": "Kind", "users:Q": "Users (million)"},
    **{"low:Q": "Low (million)", "high:Q": "High (million)"},
}
FORECAST_TIPS = {
    **{"name:N": "Forecast of", "origin:N": "Made in", "ahead:Q": "Years ahead"},
    **{"median:Q": "Forecast (million)", "low80:Q": "Low (million)"},
    **{"high80:Q": "High (million)", "observed:Q": "What came (million)"},
    "outcome:N": "Range",
}


def user_figures(observed: pd.DataFrame) -> pd.DataFrame:
    """The observed numbers of users, million, with their kind: published, survey or range.

    Accounts less a panel of devices in China are left out: in 2018 they were three times the users.

    columns : platform, geography, kind, date, year (decimal), users, low, high
    """
    users = observed[(observed.unit == "million") & observed.metric.str.match("users")]
    users = users[~users.metric.str.contains("forecast|residual")]
    users = users.rename(columns={"value": "users"}).assign(year=day_years(users.date))
    kinds = [users.low.notna(), users.metric.isin(PUBLISHED)], ["range", "published"]
    users["kind"] = pd.Categorical(np.select(*kinds, "survey"), KINDS, ordered=True)
    columns = ["platform", "geography", "kind", "date", "year", "users", "low", "high"]
    return users[columns].sort_values(["year", "kind"], ignore_index=True).astype({"kind": str})


def panels(figures: pd.DataFrame, platform: str) -> list[tuple[str, pd.DataFrame]]:
    """The places of a messenger, each with its figures, most figures first."""
    places = figures[figures.platform == platform].groupby("geography")
    return sorted(places, key=lambda place: len(place[1]), reverse=True)


def panel_data(rows: pd.DataFrame, figures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The datasets of a panel: its figures, its last one, and the ends of the axes.

    The years are those of all figures, so that panels can be compared.
    """
    start, end = np.floor(figures.year.min()), np.ceil(figures.year.max()) + ROOM
    ends = {"start": start, "end": end, "top": 1.15 * rows[["users", "high"]].max(axis=None)}
    last = rows.iloc[-1]
    label = f"{last.low:g}-{last.high:g}" if last.kind == "range" else bare(last.users)
    return {"figures": rows, "last": rows.tail(1).assign(label=label), "axis": pd.DataFrame([ends])}


def panel_finding(name: str, rows: pd.DataFrame) -> str:
    """The finding of a panel in words, for those who do not see it."""
    told = sorted({rows.index[0], rows.users.idxmax(), rows.index[-1]})
    figures = [
        f"{users_text(row.users)}{f' (range {row.low:g} to {row.high:g})' * (row.kind == 'range')}"
        f" in {row.date[:4]}"
        for row in rows.loc[told].itertuples()
    ]
    return f"{name}: {len(rows)} figure{'s' * (len(rows) > 1)} of users, {', '.join(figures)}."


def panel() -> alt.LayerChart:
    """Users by year of one messenger in one place.

    datasets : see panel_data. A disc is a figure that the company published, a hollow diamond a
        survey or an estimate, a bar a range
    """
    start, end, top = (alt.ExprRef(f"data('axis')[0].{name}") for name in ("start", "end", "top"))
    axis = {"labelColor": TEXT, "labelPadding": 4}
    year = alt.X("year:Q").title(None).scale(nice=False, domain=[start, end])
    year = year.axis(format="d", values=[2015, 2020, 2025], grid=False, **axis)
    axis |= {"tickCount": 3, "format": ",~r", "labelFlush": False}
    users, low = (
        alt.Y(f"{name}:Q").title(None).axis(**axis).scale(domain=[0, top], nice=False)
        for name in ("users", "low")
    )
    is_ours = f"indexof({list(PLATFORMS)}, datum.platform) >= 0"
    colour = alt.condition(is_ours, theme.platform_colour(), alt.value(NEUTRAL))
    base = alt.Chart(alt.NamedData("figures")).encode(year, color=colour)
    published, survey, ranges = (of_kind(base, kind) for kind in ("published", "survey", "range"))
    point = {"aria": False, "opacity": 1}
    label = alt.Chart(alt.NamedData("last"))
    label = label.mark_text(**BESIDE, dx=7, fontSize=12, fontWeight="bold")
    tips = theme.tooltip(FIGURE_TIPS)
    return alt.layer(
        published.mark_line(aria=False, strokeWidth=1.5, opacity=0.6).encode(users),
        ranges.mark_rule(aria=False, strokeWidth=5).encode(low, alt.Y2("high:Q"), tooltip=tips),
        published.mark_point(filled=True, size=34, **point).encode(users, tooltip=tips),
        survey.mark_point(shape="diamond", size=52, strokeWidth=1.5, **point).encode(
            users, tooltip=tips
        ),
        label.encode(year, users, alt.Text("label:N")),
        alt.Chart(alt.NamedData("axis")).mark_rule(aria=False, opacity=0).encode(alt.X("start:Q")),
    ).properties(height=130)


def record_rows(record: pd.DataFrame) -> pd.DataFrame:
    """Past forecasts over what came of them, in the order of the chart, by years ahead.

    record : data/record.csv with the names of its markets

    columns : row (from the top), head (of a year) or name, range (low and high over what
    came), middle, outcome (held | missed), lower and upper (ends within the scale), and
    the million users of the tooltip
    """
    rows = record.assign(
        name=record.platform + ", " + record.market,
        outcome=outcomes(record),
        middle=record["median"] / record.observed,
        lower=(record.low80 / record.observed).clip(LEAST, MOST),
        upper=(record.high80 / record.observed).clip(LEAST, MOST),
        ahead=record.horizon_quarters // 4,
    )
    parts, at = [], 0
    for years, part in rows.groupby("ahead"):
        held = (part.outcome == "held").sum()
        head = f"{years} year{'s' * (years != 1)} ahead: {held} of {len(part)} held"
        part = part.sort_values("middle").assign(row=np.arange(at + 1, at + 1 + len(part)))
        parts += [pd.DataFrame([{"row": at, "head": head}]), part]
        at += len(part) + 2
    columns = ["row", "head", "name", "origin", "ahead", "outcome", "middle", "lower"]
    columns += ["upper", "observed", "median", "low80", "high80"]
    return pd.concat(parts, ignore_index=True)[columns]


def outcomes(record: pd.DataFrame) -> NDArray:
    """Whether the range of each past forecast held what came or missed it."""
    return np.where(record.observed.between(record.low80, record.high80), *OUTCOMES)


def record_finding(rows: pd.DataFrame) -> str:
    """The finding of the chart of the record in words."""
    heads = "; ".join(rows["head"].dropna())
    held, missed = ((rows.outcome == outcome).sum() for outcome in OUTCOMES)
    return (
        f"Chart of {held + missed} past forecasts as a multiple of what came. The range held "
        f"{held} of them and missed {missed}. {heads}."
    )


def record_chart() -> alt.LayerChart:
    """The range of every past forecast over what came: held if it crosses 1.

    frame : see record_rows
    """
    base = alt.Chart(theme.FRAME)
    made = base.transform_filter("isValid(datum.outcome)")
    labels = "datum.value == 1 ? 'exact' : datum.value < 1 ? '1/' + 1 / datum.value : "
    axis = alt.Axis(
        values=[0.25, 0.5, 1, 2, 4],
        labelExpr=f"{labels}datum.value + ' times'",
        **{"labelColor": TEXT, "titleColor": TEXT, "titlePadding": 6, "labelPadding": 4},
        **{"orient": "top", "grid": True, "gridColor": GREY, "gridOpacity": 0.35},
        labelFlush=True,
    )
    scale = alt.Scale(type="log", domain=[LEAST, MOST], nice=False, clamp=True)
    middle, lower, end = (
        alt.X(f"{name}:Q").scale(scale).axis(axis).title("Forecast, as a multiple of what came")
        for name in ("middle", "lower", "end")
    )
    row = alt.Y("row:Q").scale(reverse=True, nice=False, padding=14).axis(None)
    colour, shape = (
        channel("outcome:N").scale(domain=OUTCOMES, range=looks).legend(None)
        for channel, looks in ((alt.Color, [NEUTRAL, MISSED]), (alt.Shape, ["circle", "cross"]))
    )
    exact = base.transform_filter("datum.row == 0").mark_rule(aria=False, strokeWidth=2, color=GREY)
    ranges = made.mark_rule(aria=False, strokeWidth=3)
    points = made.mark_point(aria=False, filled=True, size=70, opacity=1)
    names = made.transform_filter("datum.outcome == 'missed'")
    names = names.transform_calculate(end="max(datum.upper, datum.middle, 1)")
    heads = base.transform_filter("isValid(datum.head)")
    heads = heads.mark_text(fontSize=13, fontWeight="bold", dx=2, dy=-4, **BESIDE)
    tips = theme.tooltip(FORECAST_TIPS)
    return alt.layer(
        exact.encode(x=alt.datum(1, scale=scale)),
        ranges.encode(lower, alt.X2("upper:Q"), row, colour, tooltip=tips),
        points.encode(middle, row, colour, shape, tooltip=tips),
        names.mark_text(dx=8, fontSize=11, **BESIDE).encode(end, row, alt.Text("name:N")),
        heads.encode(x=alt.value(0), y=row, text="head:N"),
    ).properties(height=11 * 80)
