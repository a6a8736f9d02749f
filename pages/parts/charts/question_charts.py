"""The charts of the questions; as in `charts`, none reads a widget, a file or any state."""

import altair as alt

from pages.parts.charts.fan import ESTABLISHED, FRAME, GREY, NEUTRAL, PLATFORMS, platform_colour

FEW_RUNS = (
    "Worked out from 16 of the 64 runs, scaled to the line shown: usually within a tenth of what "
    "the sliders then give."
)


def market_map() -> alt.Chart:
    """Users by market and year, one platform.

    frame : market (name), rank, year, users (million people)
    """
    return (
        alt.Chart(FRAME)
        .mark_rect(stroke=GREY, strokeWidth=0.3)
        .encode(
            alt.X("year:O").title(None).axis(labelAngle=0, labelOverlap="greedy"),
            alt.Y("market:N")
            .title(None)
            .sort(alt.EncodingSortField("rank", order="ascending"))
            .axis(labelLimit=160, labelOverlap=False),
            alt.Color("users:Q")
            .title("Million users")
            .scale(type="sqrt", scheme="teals")
            .legend(orient="top", gradientLength=220, direction="horizontal", tickCount=4),
            tooltip=[
                alt.Tooltip("market:N", title="Market"),
                alt.Tooltip("year:O", title="Year"),
                alt.Tooltip("users:Q", title="Million users", format=",.3~r"),
            ],
        )
        .properties(height=520)
    )


def tiles() -> alt.LayerChart:
    """Markets as tiles, coloured by leader.

    frame : code, market, column, row, kind (platform or ESTABLISHED), leader (name), letter,
        share (text), users (million people)
    """
    known = alt.Legend(orient="top", title="Most users")
    # in few words: a phone has room for no more
    other = alt.Legend(orient="top", title="From outside", labelExpr="'Established'")
    grey = alt.Scale(domain=[ESTABLISHED], range=[NEUTRAL])
    return (
        alt.layer(
            _tiles(f"datum.kind !== '{ESTABLISHED}'", alt.Scale(domain=PLATFORMS), known),
            _tiles(f"datum.kind === '{ESTABLISHED}'", grey, other),
        )
        .resolve_scale(color="independent", stroke="independent")
        .properties(height=420)
    )


def _tiles(which: str, scale: alt.Scale, legend: alt.Legend) -> alt.LayerChart:
    """The tiles for which an expression is true, in the colours of their leaders."""
    base = (
        alt.Chart(FRAME)
        .transform_filter(which)
        .encode(
            alt.X("column:O").axis(None).scale(paddingInner=0.06),
            alt.Y("row:O").axis(None).scale(paddingInner=0.06),
        )
    )
    tooltip = [
        alt.Tooltip("market:N", title="Market"),
        alt.Tooltip("leader:N", title="Most users"),
        alt.Tooltip("users:Q", title="WeChat, million", format=",.3~r"),
        alt.Tooltip("share:N", title="WeChat, share of people online"),
    ]
    colour = alt.Color("kind:N").scale(scale).legend(legend)
    tile = base.mark_rect(cornerRadius=4, fillOpacity=0.14, strokeWidth=1.5).encode(
        colour, alt.Stroke("kind:N").scale(scale).legend(None), tooltip=tooltip
    )
    # words in the leader's colour: readable on white and on black
    code = base.mark_text(dy=-15, fontWeight="bold").encode(colour, alt.Text("code:N"))
    share = base.mark_text(dy=2, fontSize=15).encode(colour, alt.Text("share:N"))
    letter = base.mark_text(dy=19).encode(colour, alt.Text("letter:N"))
    return alt.layer(tile, code, share, letter)


def cost_bars() -> alt.LayerChart:
    """Users lost to concern by market.

    frame : market (name), lost (million people), said (the same in words)
    """
    base = alt.Chart(FRAME).encode(
        alt.Y("market:N").sort("-x").title(None).axis(labelLimit=160, labelOverlap=False),
        alt.X("lost:Q").title("WeChat users lost to concern (million)").axis(tickCount=5),
    )
    bars = base.mark_bar(height=13, color=GREY, opacity=0.6)
    said = base.mark_text(align="left", dx=5, color=GREY).encode(alt.Text("said:N"))
    return alt.layer(bars, said).properties(height=520)


def one_market(scale: str = "sqrt") -> alt.LayerChart:
    """Users of the three platforms and of the strongest established messenger in one market.

    frame : year (decimal), quarter, kind (platform or ESTABLISHED), name, users, low, high (million
        people), label_at at the end; low and high of the platforms at the end only
    """
    upright = alt.Scale(type=scale, nice=False)
    base = alt.Chart(FRAME).encode(
        alt.X("year:Q").axis(format="d", tickCount=8, grid=False).title(None).scale(nice=False)
    )
    users = alt.Y("users:Q").title("Users (million)").axis(tickCount=5).scale(upright)
    low, high = alt.Y("low:Q").scale(upright), alt.Y2("high:Q")
    grey, tooltip = (
        alt.value(NEUTRAL),
        [
            alt.Tooltip("name:N", title="Messenger"),
            alt.Tooltip("quarter:N", title="Quarter"),
            alt.Tooltip("users:Q", title="Users, million", format=",.3~r"),
        ],
    )
    given = base.transform_filter(f"datum.kind === '{ESTABLISHED}'")
    ours = base.transform_filter(f"datum.kind !== '{ESTABLISHED}'")
    band = given.mark_area(opacity=0.16).encode(low, high, color=grey)
    other = given.mark_line(strokeWidth=2, strokeDash=[10, 2, 2, 2]).encode(
        users, color=grey, tooltip=tooltip
    )
    line = ours.mark_line(strokeWidth=2.5).encode(
        users, platform_colour("kind"), _dash("kind"), tooltip=tooltip
    )
    ranges = [  # side by side, right of the end of the lines
        base.transform_filter(f"datum.kind === '{name}' && isValid(datum.low)")
        .mark_rule(strokeWidth=4, opacity=0.6, xOffset=5 + 6 * k)
        .encode(low, high, platform_colour("kind"))
        for k, name in enumerate(PLATFORMS)
    ]
    at = alt.Y("label_at:Q").scale(upright)
    names = [
        part.transform_filter("isValid(datum.label_at)")
        .mark_text(align="left", dx=26, fontWeight="bold")
        .encode(at, alt.Text("name:N"), color=colour)
        for part, colour in ((ours, platform_colour("kind")), (given, grey))
    ]
    return alt.layer(band, other, line, *ranges, *names).properties(height=300)


def one_market_even() -> alt.LayerChart:
    """As one_market, on an even scale."""
    return one_market("linear")


def difference() -> alt.LayerChart:
    """WeChat, LINE and KakaoTalk less their pinned lines, with the band of the paired runs.

    frame : year (decimal), platform, users, low, high (million people), label, label_at
    """
    x = alt.X("year:Q").axis(format="d", tickCount=8, grid=False).title(None).scale(nice=False)
    title = "Difference from the pinned (million users)"
    base = alt.Chart(FRAME)
    zero = base.mark_rule(color=GREY).encode(alt.YDatum(0))
    band = base.mark_area(opacity=0.16).encode(
        x, alt.Y("low:Q").title(title), alt.Y2("high:Q"), platform_colour()
    )
    line = base.mark_line(strokeWidth=2.5).encode(x, alt.Y("users:Q"), platform_colour(), _dash())
    label = base.mark_text(align="left", dx=7, fontWeight="bold").encode(
        x, alt.Y("label_at:Q"), alt.Text("label:N"), platform_colour()
    )
    return alt.layer(zero, band, line, label).properties(height=300)


def _dash(field: str = "platform") -> alt.StrokeDash:
    """Each platform's dash, as in the main chart."""
    dashes = [[8, 3], [3, 3], [1, 2]]
    return alt.StrokeDash(f"{field}:N").scale(domain=PLATFORMS, range=dashes).legend(None)


def lead_map() -> alt.LayerChart:
    """WeChat against a rival over growth and concern, with the frontier and the current point.

    frame : kind (cell | frontier | now), wechat (% a year), concern (%), ratio (log2 of WeChat
        over the rival), said (the lead in words)
    """
    base = alt.Chart(FRAME)
    x = alt.X("wechat:Q").title("WeChat growth (% a year)").scale(nice=False, zero=False)
    y = alt.Y("concern:Q").title("Security concern (%)").scale(nice=False)
    cell = alt.selection_point(name="cell", fields=["wechat", "concern"], empty=False)
    tooltip = [
        alt.Tooltip("wechat:Q", title="WeChat growth, % a year"),
        alt.Tooltip("concern:Q", title="Security concern, %"),
        alt.Tooltip("said:N", title="At the end"),
    ]
    cells = (
        base.transform_filter("datum.kind === 'cell'")
        .mark_rect(cursor="pointer")
        .encode(
            alt.X("left:Q").title("WeChat growth (% a year)").scale(nice=False, zero=False),
            alt.X2("right:Q"),
            alt.Y("under:Q").title("Security concern (%)").scale(nice=False),
            alt.Y2("over:Q"),
            alt.Color("ratio:Q")
            .title("WeChat's users, times the rival's")
            .scale(scheme="brownbluegreen", domain=[-4, 4], domainMid=0, clamp=True)
            .legend(
                orient="top",
                gradientLength=260,
                titleLimit=300,
                direction="horizontal",
                values=[-4, -2, 0, 2, 4],
                labelExpr="datum.value < 0 ? '1/' + pow(2, -datum.value) : pow(2, datum.value)",
            ),
            tooltip=tooltip,
        )
        .add_params(cell)
    )
    frontier = base.transform_filter("datum.kind === 'frontier'").mark_line(
        color="black", strokeWidth=2, strokeDash=[5, 3]
    )
    now = base.transform_filter("datum.kind === 'now'").mark_point(
        shape="cross", size=200, filled=True, color="black", angle=45, stroke="white"
    )
    order = alt.Order("concern:Q")
    return alt.layer(cells, frontier.encode(x, y, order), now.encode(x, y)).properties(height=430)


def tornado() -> alt.LayerChart:
    """WeChat's users with each setting at the ends of its plausible range.

    frame : setting, label, end (low | high), value (in the setting's unit), said (the same in
        words), users, now (million people), side (left | right) and label_at of said, rank
    """
    pick = alt.selection_point(name="bar", fields=["setting", "value"], empty=False)
    base = alt.Chart(FRAME)
    y = (
        alt.Y("label:N")
        .sort(alt.EncodingSortField("rank", op="min"))
        .title(None)
        .axis(labelLimit=260, labelOverlap=False)
    )
    scale = alt.Scale(type="sqrt", nice=False)
    x = alt.X("users:Q").title("WeChat users at the end (million)").scale(scale)
    x = x.axis(tickCount=8, grid=False)
    bars = base.mark_bar(height=15, cursor="pointer").encode(
        y,
        x,
        alt.X2("now:Q"),
        alt.Opacity("end:N").scale(domain=["low", "high"], range=[0.35, 0.85]).legend(None),
        alt.ColorValue(GREY),
        tooltip=[
            alt.Tooltip("label:N", title="Setting"),
            alt.Tooltip("said:N", title="Set to"),
            alt.Tooltip("users:Q", title="WeChat users, million", format=",.3~r"),
        ],
    )
    ends = base.encode(y, alt.X("label_at:Q"), alt.Text("said:N"))
    left = ends.transform_filter("datum.side === 'left'").mark_text(
        align="right", dx=-4, color=GREY, fontSize=11
    )
    right = ends.transform_filter("datum.side === 'right'").mark_text(
        align="left", dx=4, color=GREY, fontSize=11
    )
    line = base.mark_rule(color=GREY, strokeDash=[3, 3]).encode(alt.X("now:Q", aggregate="max"))
    return alt.layer(bars.add_params(pick), left, right, line).properties(height=alt.Step(24))


def sobol_bars() -> alt.LayerChart:
    """Shares of the variance by setting: alone, and with interactions.

    frame : label, part (alone | with others), share (0-1), rank
    """
    base = alt.Chart(FRAME).encode(
        alt.Y("label:N")
        .sort(alt.EncodingSortField("rank", op="min"))
        .title(None)
        .axis(labelLimit=260, labelOverlap=False),
        alt.X("share:Q").title("Share of the spread (variance)").axis(format="%", tickCount=5),
    )
    whole = base.transform_filter("datum.part === 'with others'").mark_bar(
        height=15, color=GREY, opacity=0.35
    )
    alone = base.transform_filter("datum.part === 'alone'").mark_bar(height=9, color=GREY)
    return alt.layer(whole, alone).properties(height=alt.Step(24))
