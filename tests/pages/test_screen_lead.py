"""Who wins on the screen: lines, dots, words, and the ways to go to a place."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.bands import answer
from model.analysis.sensitivity import contour
from model.analysis.what_it_takes import needed_growth
from model.scenario.scenario import case, change
from pages.parts.wording.lead import finding
from tests.kept import lead_map
from tests.model.by_hand import with_fit
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
def test_lines_are_the_level_with_the_rival_and_shares_of_runs(rival):
    scenario = case("super-app")
    found = lead_map(scenario)
    spec, frame = rows(case="super-app", rival=rival)
    level = frame[frame.kind == "frontier"]
    assert_allclose(level[["wechat", "concern"]], contour(found, rival))
    assert (level.platform == rival).all()
    names = set(frame.name[frame.kind == "label"])
    assert (f"level with {rival}" in names) == (len(level) > 0)
    for share in (0.1, 0.9):
        own = frame[(frame.kind == "share") & (frame.name == f"{share:.0%}")]
        assert_allclose(own[["wechat", "concern"]], contour(found, rival, share))
        assert len(own) or f"ahead in {share:.0%} of runs" not in names
    assert set(frame.name[frame.kind == "share"]) <= {"10%", "90%"}
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
    for i, growth in [*enumerate(found.growth)][::4]:
        for j, concern in [*enumerate(found.concern)][::4]:
            cell, end = cells.loc[(growth, concern)], found.users[i, j]
            assert cell[users] == f"WeChat {million(end[0])}, {rival} {million(end[k])}"
            share = 100 * np.mean(found.margins[k - 1, :, i, j] > 0)
            assert float(re.search(r"about (\d+)%", cell[runs])[1]) == pytest.approx(share, abs=0.5)
            assert cell.left <= growth <= cell.right and cell.under <= concern <= cell.over
    assert (cells.left.min(), cells.right.max()) == (0, 400)
    assert (cells.under.min(), cells.over.max()) == (0, 100)
    areas = (cells.right - cells.left) * (cells.over - cells.under)
    assert areas.sum() == pytest.approx(400 * 100)  # all of the map can be clicked


def test_the_cases_are_dots_at_their_own_growth_and_concern():
    _, frame = rows()
    dots = frame[frame.kind == "case"].set_index(["wechat", "concern"]).name
    named = [label for names in dots for label in names.split("\n")]
    assert sorted(named) == sorted(data("cases").label)
    for name, label in data("cases").set_index("case").label.items():
        assert label in dots[(case(name)["wechat"], case(name)["concern"])].split("\n")
    now = frame[frame.kind == "now"].iloc[0]
    assert (now.wechat, now.concern) == (case()["wechat"], 25)
    label = frame[(frame.kind == "label") & (frame.name == "Now")].iloc[0]
    assert (label.wechat, label.concern) == (now.wechat, now.concern)


def test_regions_are_named_on_their_side():
    found = lead_map(case())
    for rival in RIVALS:
        _, frame = rows(rival=rival)
        names = frame[(frame.kind == "label") & frame.name.str.endswith(" ahead")]
        names = names.set_index("name")
        assert set(names.index) == {"WeChat ahead", f"{rival} ahead"}
        edge = contour(found, rival)
        for name, place in names.iterrows():
            limit = np.interp(place.concern, edge[:, 1], edge[:, 0])
            assert (place.wechat > limit) == (name == "WeChat ahead")
        tint = frame[frame.kind == "tint"]
        assert set(tint.platform) == {"WeChat", rival}
        assert (tint.left <= tint.right).all()


def test_the_sentence_says_the_growth_that_is_needed():
    app = seen(open="lead")
    found = needed_growth(case())
    said = next(text.value for text in app.markdown if "needs growth" in text.value)
    for rival in RIVALS:
        growth = float(re.search(rf"\*\*(\d+)\*\* to pass {rival}", said)[1])
        assert growth == pytest.approx(found[rival], abs=0.51)
    assert "At concern of 25%" in said and f"now {case()['wechat']:g} per 100 users a year" in said
    alt = app.get("vega_lite_chart")[-1].proto.alt
    assert said.replace("*", "") in alt
    assert "in that share of runs" in words(app)
    assert not re.search(r"\bdraws?\b", words(app))


def test_the_sentence_where_no_growth_is_enough_and_where_any_is():
    worried = change(case(), {"concern": 100})
    said = finding(needed_growth(worried), worried)
    assert "no growth up to 400 is enough to pass LINE" in said
    alone = with_fit(case(), {"line": 0, "kakao": 0, "line_start": 50, "kakao_start": 50})
    alone = change(alone, {"attrition": 300, "horizon": 10, "concern": 0})
    said = finding(needed_growth(alone), alone)
    assert "KakaoTalk" in said and "LINE" in said


def test_the_button_of_the_map_goes_to_the_frontier():
    app = open_page(open="lead", rival="KakaoTalk")
    go = next(one for one in app.button if "Go to growth" in one.label)
    growth = float(re.search(r"growth of (\d+)$", go.label)[1])
    go.click().run()
    value = app.slider(key="set_wechat").value
    end = answer(change(case(), {"wechat": value})).total.line[-1]
    assert value == pytest.approx(growth, abs=0.51)
    assert end[0] == pytest.approx(end[2], rel=0.02)
