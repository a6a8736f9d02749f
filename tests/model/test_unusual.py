"""How far-fetched settings are: against the kept draws, counted; and by common sense."""

import numpy as np
import pytest
from scipy.stats import norm

from model.analysis.far_fetched import unusual
from model.scenario.scenario import case, cases, change
from model.scenario.settings import all_settings
from pages.parts.wording.goals import unusual_text
from tests.model.by_hand import rows


def kept(fit, *names):
    """The logarithms of some settings in the kept draws (setting, draw), read by hand."""
    return np.log(
        [[float(row[name]) for row in rows("draws") if row["fit"] == fit] for name in names]
    )


@pytest.mark.parametrize(("name", "value"), [("wechat", 326), ("wechat", 90), ("attrition", 60)])
def test_one_setting_is_as_unusual_as_so_far_out_among_the_kept_draws(name, value):
    (logs,) = kept("march-2014", name)
    out = np.abs(logs - logs.mean()) >= abs(np.log(value) - logs.mean())
    assert unusual(change(case(), {name: value})) == pytest.approx(out.mean(), abs=0.02)


def test_correlations_count():
    """WeChat grows fast where many quit: with less quitting as well it is rarer."""
    logs = kept("march-2014", "wechat", "attrition")
    inverse, middle = np.linalg.inv(np.cov(logs)), logs.mean(axis=1)
    away = logs - middle[:, None]
    distances = np.einsum("in,ij,jn->n", away, inverse, away)
    against = np.log([300, 60]) - middle
    share = (distances >= against @ inverse @ against).mean()
    assert unusual(change(case(), {"wechat": 300, "attrition": 60})) == pytest.approx(
        share, abs=0.01
    )
    along = unusual(change(case(), {"wechat": 300, "attrition": 200}))
    alone = [unusual(change(case(), one)) for one in ({"wechat": 300}, {"attrition": 200})]
    assert along == pytest.approx(min(alone))  # a whole is never more plausible than a part


def test_a_lever_that_no_fit_informs_is_measured_by_its_prior():
    """Concern: 90% lie in 10 to 60%, so that one in ten is as far out as 60%."""
    assert unusual(change(case(), {"concern": 60})) == pytest.approx(0.1, abs=1e-6)
    low, high, at = (np.log(x / (100 - x)) for x in (10, 60, 80))
    spread = (high - low) / (2 * norm.ppf(0.95))
    tail = 2 * norm.sf((at - (low + high) / 2) / spread)
    assert unusual(change(case(), {"concern": 80})) == pytest.approx(tail, rel=1e-9)


@pytest.mark.parametrize("name", cases())
def test_a_step_of_a_slider_is_nothing_unusual(name):
    """Wherever the case starts, also far from what is likely."""
    start = case(name)
    for setting in (one for one in all_settings().values() if one.scale):
        for way in (-1, 1):
            value = start[setting.name] + way * setting.step
            if setting.low <= value <= setting.high:
                chance = unusual(change(start, {setting.name: value}))
                assert chance is None or unusual_text(chance) == "nothing unusual", (
                    setting.name,
                    value,
                )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("hard-line", {"concern": 95}),
        ("hard-line", {"concern": 40}),
        ("no-concern", {"concern": 20}),
        ("super-app", {"attrition": 110}),
        ("rivals-surge", {"line": 200, "kakao": 170}),
    ],
)
def test_a_move_towards_the_middle_is_nothing_at_all(name, changes):
    assert unusual(change(case(name), changes)) == 1.0


def test_only_changed_settings_with_a_prior_count():
    assert unusual(case()) is None and unusual(case("hard-line")) is None
    decided = {"marketing": 900, "until": 2030, "incident": 60, "events": "all", "horizon": 3}
    assert unusual(change(case(), decided)) is None
    far = {"wechat": 320}
    assert unusual(change(case(), decided | far)) == unusual(change(case(), far))


def test_the_words():
    assert unusual_text(0.31) == "nothing unusual"
    assert unusual_text(1 / 40) == "as unusual as 1 in 40"
    assert unusual_text(1 / 3.6) == "as unusual as 1 in 4"
    assert unusual_text(1 / 1234) == "as unusual as 1 in 1,200"
    impossible = "beyond what we hold possible: less than 1 in 10,000"
    assert unusual_text(9e-5) == unusual_text(0.0) == impossible
