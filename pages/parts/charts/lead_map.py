"""Chart of the lead map: WeChat against its rivals over growth and concern; lead_rows has rows."""

import altair as alt

from pages.parts.charts.ink import LINE, TEXT, by_page, with_halo
from pages.parts.charts.theme import FRAME, platform_colour, platform_dash, tooltip

GROWTH, CONCERN = "WeChat growth (per 100 users a year)", "Security concern (%)"
NARROW = 480  # pixels; a narrower chart has short labels
TIPS = {
    "wechat:Q": GROWTH,
    "concern:Q": CONCERN,
    "users_text:N": "At the end",
    "runs_text:N": "WeChat is ahead in",
}


def contours() -> alt.LayerChart:
    """Where WeChat is level with its rivals, and ahead of one in 10, 50 and 90% of runs.

    frame : see lead_rows.rows
    """
    x = (
        alt.X("wechat:Q")
        .title(GROWTH)
        .scale(nice=False)
        .axis(grid=False, tickCount=5, labelFlush=False)
    )
    y = (
        alt.Y("concern:Q")
        .title(CONCERN)
        .scale(nice=False)
        .axis(grid=False, tickCount=5, labelFlush=False)
    )
    order = alt.Order("concern:Q")
    base = alt.Chart(FRAME)
    tint = (
        base.transform_filter("datum.kind === 'tint'")
        .mark_area(orient="horizontal", opacity=0.07, aria=False)
        .encode(alt.X("left:Q"), y, alt.X2("right:Q"), platform_colour())
    )
    shares = (
        base.transform_filter("datum.kind === 'share'")
        .mark_line(strokeWidth=1.3, color=LINE, aria=False)
        .encode(x, y, order, alt.Detail("name:N"))
    )
    frontiers = (
        base.transform_filter("datum.kind === 'frontier'")
        .mark_line(strokeWidth=2.8, aria=False)
        .encode(x, y, order, platform_colour(), platform_dash())
    )
    dots = base.transform_filter("datum.kind === 'case'").mark_point(
        filled=True, size=55, opacity=1, color=by_page(*TEXT), cursor="pointer"
    )
    now = base.transform_filter("datum.kind === 'now'").mark_point(
        shape="cross",
        angle=45,
        size=190,
        filled=True,
        opacity=1,
        color=by_page("#000000", "#ffffff"),
    )
    return alt.layer(
        tint,
        shares,
        frontiers,
        *_texts(base.encode(x, y)),
        _cells(base),
        dots.encode(x, y, tooltip=tooltip({"name:N": "Case"})),
        now.encode(x, y),
    ).properties(height=460)


def _texts(base: alt.Chart) -> list[alt.Chart]:
    """The labels of regions, lines, cases and of the present scenario."""
    base = base.transform_calculate(
        text=f"width < {NARROW} && datum.short ? datum.short : datum.name"
    ).encode(alt.Text("text:N"))

    def part(kind: str, side: str) -> alt.Chart:
        return base.transform_filter(f"datum.kind === '{kind}' && datum.side === '{side}'")

    regions = base.transform_filter("datum.kind === 'region'")
    texts = with_halo(regions, platform_colour(), fontSize=16, fontWeight="bold")
    for kind, colour, weight in (
        ("share_label", None, "normal"),
        ("frontier_label", platform_colour(), "bold"),
    ):
        for side, dx, dy in (("top", -18, 12), ("right", -4, -9)):
            texts += with_halo(
                part(kind, side), colour, align="right", dx=dx, dy=dy, fontWeight=weight
            )
    for side, align, dx in (("right", "left", 10), ("left", "right", -10)):
        texts += with_halo(
            part("case_label", side), align=align, dx=dx, dy=4, fontSize=11, lineBreak="\n"
        )
    for side, dy in (("above", -17), ("below", 17)):
        texts += with_halo(part("now", side), dy=dy, fontSize=13, fontWeight="bold")
    return texts


def _cells(base: alt.Chart) -> alt.Chart:
    """Unseen cells that say the numbers of their place, and can be clicked."""
    picked = alt.selection_point(name="cell", fields=["wechat", "concern"], empty=False)
    return (
        base.transform_filter("datum.kind === 'cell'")
        .mark_rect(fillOpacity=0, strokeOpacity=0, cursor="pointer", aria=False)
        .encode(
            alt.X("left:Q"),
            alt.X2("right:Q"),
            alt.Y("under:Q"),
            alt.Y2("over:Q"),
            tooltip=tooltip(TIPS),
        )
        .add_params(picked)
    )
