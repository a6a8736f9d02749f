"""Chart and rows of the lead map: WeChat against a rival over growth and concern."""

import altair as alt
import numpy as np
import pandas as pd

from model.analysis.sensitivity import LeadMap, rivals_users
from model.number_text import users_text
from model.scenario.scenario import Scenario
from pages.parts.charts.theme import FRAME, tooltip


def heat_map() -> alt.LayerChart:
    """WeChat against a rival, with the frontier and the current point.

    frame : see heat_map_rows
    """
    base = alt.Chart(FRAME)
    growth, concern = "WeChat growth (% a year)", "Security concern (%)"
    x = alt.X("wechat:Q").title(growth).scale(nice=False, zero=False)
    y = alt.Y("concern:Q").title(concern).scale(nice=False)
    cell = alt.selection_point(name="cell", fields=["wechat", "concern"], empty=False)
    titles = {
        "wechat:Q": "WeChat growth, % a year",
        "concern:Q": "Security concern, %",
        "label:N": "At the end",
    }
    cells = (
        base.transform_filter("datum.kind === 'cell'")
        .mark_rect(cursor="pointer")
        .encode(
            alt.X("left:Q").title(growth).scale(nice=False, zero=False),
            alt.X2("right:Q"),
            alt.Y("under:Q").title(concern).scale(nice=False),
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
            tooltip=tooltip(titles),
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


def heat_map_rows(
    result: LeadMap, frontier: np.ndarray, scenario: Scenario, rival: str
) -> pd.DataFrame:
    """The cells, then the points of the frontier, then the current point.

    columns : kind (cell | frontier | now), wechat (% a year), concern (%); of cells also their
        edges left, right, under and over, ratio (log2 of WeChat over the rival) and label (both
        numbers of users)
    """
    wechat, other = result.users[..., 0], rivals_users(result, rival)
    ratio = np.maximum(wechat, 1e-6) / np.maximum(other, 1e-6)
    growth, concern = (
        grid.ravel() for grid in np.meshgrid(result.growth, result.concern, indexing="ij")
    )
    half_width, half_height = np.diff(result.growth).mean() / 2, np.diff(result.concern).mean() / 2
    cells = pd.DataFrame(
        {
            "kind": "cell",
            "wechat": growth,
            "concern": concern,
            "left": growth - half_width,
            "right": growth + half_width,
            "under": concern - half_height,
            "over": concern + half_height,
            "ratio": np.log2(ratio).ravel().round(4),
            "label": [
                f"WeChat {users_text(users)}, {rival} {users_text(rivals)}"
                for users, rivals in zip(wechat.flat, other.flat, strict=True)
            ],
        }
    )
    line = pd.DataFrame({"kind": "frontier", "wechat": frontier, "concern": result.concern})
    now = {"kind": ["now"], "wechat": [scenario["wechat"]], "concern": [scenario["concern"]]}
    return pd.concat([cells, line.dropna(), pd.DataFrame(now)], ignore_index=True)
