"""Inputs of the equations against closed forms: ceilings, the circle of descent."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from model.engine.groups import LEAST_PART, MOST_PART
from model.engine.markets import load_markets
from model.engine.projection import project
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from tests.model.by_hand import bass, inputs_of, with_fit

MARKETS = load_markets("2014Q1", 40)
CIRCLES = ("descent_hkg", "descent_twn", "descent_mys", "descent_kor", "descent_row")


def ceilings(**settings):
    """Largest share of each market's people (group, market)."""
    given = inputs_of(with_fit(case(), settings), markets=MARKETS)
    return dict(zip(MARKETS.names, given.ceiling[..., 0].T, strict=True))


def test_the_setting_moves_each_ceiling_at_home_on_the_logit_scale():
    own = {"ceiling_jpn": 90.0, "ceiling_twn": 97.0, "ceiling_tha": 55.0, "ceiling_kor": 85.0}
    default = all_settings()["ceiling"].value
    for ceiling in (default, 70.0, 97.0):
        found = ceilings(**own, ceiling=ceiling, ceiling_abroad=30)
        moved = logit(ceiling / 100) - logit(default / 100)
        for name, value in own.items():
            group = 2 if name.endswith("kor") else 1
            at_home = expit(logit(value / 100) + moved)
            assert_allclose(found[name[8:].upper()][group], at_home, rtol=1e-12)
        assert_allclose(found["IDN"][1], ceiling / 100, rtol=1e-12)  # at home, without its own
        assert_allclose([one[3] for one in found.values()], ceiling / 100, rtol=1e-12)
        assert_allclose([one[0] for one in found.values()], 0.3, rtol=1e-12)


def unhindered(descent):
    """WeChat's users (time, market) of a market of 100 M that nobody hinders; and its circle."""
    free = {"attrition": 0, "pull": 0, "concern": 0, "barrier": 0, "wechat": 120, "horizon": 10}
    free |= {"wechat_innovation": 3, "until": 2035, "ceiling_abroad": 40, "ceiling": 90}
    free |= {"descent": descent} | dict.fromkeys(CIRCLES, descent)
    scenario = with_fit(case(), free)
    markets = replace(
        MARKETS, base=0 * MARKETS.base, addressable=0 * MARKETS.addressable + 100,
        migrants=0 * MARKETS.migrants, born=0 * MARKETS.born,
    )  # fmt: skip
    part = inputs_of(scenario, markets=markets).part[3, :, 0]
    return project(scenario, markets=markets).users[:, 0, :, 0], part


@pytest.mark.parametrize("descent", [1, 100, 1000])
def test_both_circles_grow_as_bass_says_up_to_their_ceilings(descent):
    """Without pull, loyalty and quitting; u = W F(t; p, q W), with q W the growth."""
    users, part = unhindered(descent)
    share = bass(MARKETS.times - 2014.25, 0.03, 1.2)
    both = 0.4 * (1 - part) + 0.9 * part
    assert_allclose(users, 100 * share[:, None] * both, atol=100 * 2e-5)
    counted = MARKETS.descent * descent / 100
    assert_allclose(part, np.clip(counted, LEAST_PART, MOST_PART), rtol=1e-12)
    assert descent != 1000 or part.max() == MOST_PART


def test_people_born_in_china_are_in_the_circle():
    """Also where the table counts fewer people of Chinese descent: in every quarter."""
    scenario = with_fit(case(), {"descent": 1} | dict.fromkeys(CIRCLES, 1))
    given = inputs_of(scenario, markets=MARKETS)
    circle = MARKETS.addressable * given.part[3, :, 0]
    assert (circle >= MARKETS.migrants * (1 - 1e-12)).all()


def test_the_first_users_are_people_of_chinese_descent():
    """Up to half of the circle, the parameter descent_first; the others hold what is beyond."""
    given = inputs_of(case(), markets=MARKETS)
    people = MARKETS.addressable[0] * given.part[3, :, 0]
    wechat = MARKETS.base[0]
    ties = given.ties[3, :, 0] * given.born[0, 3]
    assert_allclose(given.start[0, :, 0] + given.start[3, :, 0], wechat, rtol=1e-12)
    assert_allclose(given.start[3, :, 0], np.maximum(np.minimum(wechat, people / 2), ties))
    assert not given.ties[0].any()  # ties are all in the circle


def test_concern_falls_on_the_circle_as_on_wechat():
    scenario = change(case(), {"concern": 60, "rival_concern": 40})
    given = inputs_of(scenario, markets=MARKETS)
    assert_allclose(given.rival[:, 0, 0], [1, 0.4, 0.4, 1])
