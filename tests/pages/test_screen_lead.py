"""Who wins on the screen: lines, dots, words, and the ways to go to a place."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.bands import answer
from model.analysis.sensitivity import contour, frontier, lead_map
from model.scenario.scenario import case, change
from pages.parts.charts import dots
from tests.pages.screen import (
    PLATFORMS,
    charts,
    data,
    field,
    million,
    open_page,
    seen,
    titles,
    words,
)

RIVALS = PLATFORMS[1:]


def rows(**address):
    spec, frames = charts(seen(open="lead", **address))[-1]
    return spec, frames[""]


@pytest.mark.parametrize("rival", RIVALS)
def test_lines_are_frontiers_and_shares_of_runs(rival):
    scenario = case("super-app")
    found = lead_map(scenario)
    spec, frame = rows(case="super-app", rival=rival)
    for name in RIVALS:
        own = frame[(frame.kind == "frontier") & (frame.name == name)]
        assert_allclose(own[["wechat", "concern"]], contour(found, name))
        assert (own.platform == name).all()
    for share in (0.1, 0.5, 0.9):
        own = frame[(frame.kind == "share") & (frame.name == str(share))]
        assert_allclose(own[["wechat", "concern"]], contour(found, rival, share))
        label = frame.name[frame.kind == "share_label"] == f"ahead in {share:.0%} of runs"
        assert label.sum() == (len(own) > 0)
    assert {f"level with {name}" for name in RIVALS} >= set(
        frame[frame.kind == "frontier_label"].name
    )
    assert set(titles(spec, "x").values()) == {"WeChat growth (per 100 users a year)"}
    assert set(titles(spec, "y").values()) == {"Security concern (%)"}


@pytest.mark.parametrize("rival", RIVALS)
def test_cells_say_users_and_share_of_runs(rival):
    scenario = case("super-app")
    found, k = lead_map(scenario), PLATFORMS.index(rival)
    spec, frame = rows(case="super-app", rival=rival)
    users, runs = field(spec, "At the end"), field(spec, "WeChat is ahead in")
    cells = frame[frame.kind == "cell"].set_index(["wechat", "concern"])
    assert len(cells) == 21 * 21
    for i, growth in enumerate(found.growth):
        for j, concern in enumerate(found.concern):
            cell, end = cells.loc[(growth, concern)], found.users[i, j]
            assert cell[users] == f"WeChat {million(end[0])}, {rival} {million(end[k])}"
            share = 100 * np.mean(found.margins[k - 1, :, i, j] > 0)
            assert float(re.search(r"about (\d+)%", cell[runs])[1]) == pytest.approx(share, abs=0.5)
            assert cell.left <= growth <= cell.right and cell.under <= concern <= cell.over
    assert (cells.left.min(), cells.right.max()) == (0, 400)
    assert (cells.under.min(), cells.over.max()) == (0, 100)


def test_the_cases_are_dots_at_their_own_growth_and_concern():
    _, frame = rows()
    dots = frame[frame.kind == "case"].set_index(["wechat", "concern"]).name
    named = [label for names in dots for label in names.split("\n")]
    assert sorted(named) == sorted(data("cases").label)
    for name, label in data("cases").set_index("case").label.items():
        assert label in dots[(case(name)["wechat"], case(name)["concern"])].split("\n")
    now = frame[frame.kind == "now"].iloc[0]
    assert (now.wechat, now.concern, now["name"]) == (172, 25, "Now")


def test_regions_are_named_on_their_side():
    found = lead_map(case())
    for rival in RIVALS:
        _, frame = rows(rival=rival)
        names = frame[frame.kind == "region"].set_index("name")
        assert set(names.index) == {"WeChat ahead", f"{rival} ahead"}
        edge = frontier(found, rival)
        for name, place in names.iterrows():
            limit = np.interp(place.concern, found.concern, np.nan_to_num(edge, nan=400.0))
            assert (place.wechat > limit) == (name == "WeChat ahead")
        tint = frame[frame.kind == "tint"]
        assert set(tint.platform) == {"WeChat", rival}
        assert (tint.left <= tint.right).all()


def test_the_sentence_says_the_growth_that_is_needed():
    app = seen(open="lead")
    found = lead_map(case())
    said = next(text.value for text in app.markdown if "needs growth" in text.value)
    for rival in RIVALS:
        growth = float(re.search(rf"\*\*(\d+)\*\* to pass {rival}", said)[1])
        needed = np.interp(25, found.concern, frontier(found, rival))
        assert growth == pytest.approx(needed, abs=0.51)
    assert "At security concern of 25%" in said and "now 172 per 100 users a year" in said
    alt = app.get("vega_lite_chart")[-1].proto.alt
    assert said.replace("*", "") in alt
    assert "in that share of runs" in words(app)
    assert not re.search(r"\bdraws?\b", words(app))


def test_two_numbers_and_a_button_go_there():
    app = open_page(open="lead")
    boxes = {box.label: box for box in app.number_input}
    assert boxes["WeChat growth (per 100 users a year)"].value == 172
    boxes["WeChat growth (per 100 users a year)"].set_value(250.0)
    boxes["Security concern (%)"].set_value(40.0)
    next(one for one in app.button if one.label == "Go there").click().run()
    assert not app.exception
    assert app.slider(key="set_wechat").value == 250
    assert app.slider(key="set_concern").value == 40
    app.slider(key="set_concern").set_value(60).run()
    boxes = {box.label: box.value for box in app.number_input}
    assert boxes == {"WeChat growth (per 100 users a year)": 250, "Security concern (%)": 60}


def test_the_button_of_the_map_goes_to_the_frontier():
    app = open_page(open="lead", rival="KakaoTalk")
    go = next(one for one in app.button if "frontier" in one.label)
    growth = float(re.search(r"growth of (\d+)$", go.label)[1])
    go.click().run()
    value = app.slider(key="set_wechat").value
    end = answer(change(case(), {"wechat": value})).path[-1]
    assert value == pytest.approx(growth, abs=0.51)
    assert end[0] == pytest.approx(end[2], rel=0.15)  # of 32 runs


def test_fifty_dots_are_each_two_per_cent_of_the_runs():
    """Against the runs: a 50th of them lies between the middles of two dots; the counts agree."""
    app = open_page(open="lead")
    app.toggle(key="fold_dots").set_value(True).run()
    assert not app.exception
    result = answer(case())
    users, ends = np.sort(result.drawn[-1, 0]), result.path[-1]
    rows = dots.dot_rows(result)
    shown = rows[rows.kind == "dot"].users.to_numpy()
    assert len(shown) == 50
    for i, value in enumerate(shown):
        assert abs((users < value).mean() - (i + 0.5) / 50) <= 1 / len(users)
    said = next(text.value for text in app.markdown if "as 50 dots" in text.value)
    for k, rival in ((1, "LINE"), (2, "KakaoTalk")):
        count = int(re.search(rf"\*\*(\d+) of 50\*\*(?: lie)? beyond {rival}'s", said)[1])
        assert count == (shown > ends[k]).sum()
        assert abs(count / 50 - (users > ends[k]).mean()) <= 0.02 + 1 / len(users)
        assert rows[rows.platform == rival].users.item() == ends[k]
    assert rows.height.max() <= 12
    shares = [f"{100 * share:.0f}% of runs" for share in result.ahead]
    assert all(share in words(app) for share in shares)
