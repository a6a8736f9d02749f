"""Shares of the changed settings: against all orders, closed forms and the page's answer."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.analysis.attribution import coalitions, explain, shapley_values
from model.scenario.scenario import case, change
from model.scenario.settings import SettingError
from tests.kept import answer

FOUR = {"concern": 60, "wechat": 200, "marketing": 400, "until": 2020}
EIGHT = FOUR | {"attrition": 100, "barrier": 50, "pull": 2, "line": 180}
SHORT = change(case(), {"horizon": 3})


def test_four_settings_are_as_all_orders_of_changing_them():
    """Each step of each of the 24 orders is an answer of the page."""
    made = dict.fromkeys(FOUR, 0.0)
    for order in itertools.permutations(FOUR):
        now = SHORT
        for name in order:
            then = change(now, {name: FOUR[name]})
            made[name] += answer(then).total.line[-1, 0] - answer(now).total.line[-1, 0]
            now = then
    found = explain(SHORT, change(SHORT, FOUR))
    for one in found.contributions:
        assert one.users == pytest.approx(made[one.setting] / 24, rel=1e-4, abs=1e-4)
        assert (one.before, one.after) == (SHORT[one.setting], FOUR[one.setting])


@pytest.mark.parametrize(
    "after",
    [
        change(SHORT, EIGHT),
        change(case("as-it-happened"), {"horizon": 3}),
        change(SHORT, {"concern": 80}),
        SHORT,
    ],
    ids=["eight", "another case", "one", "the same"],
)
def test_the_bars_add_up_to_the_difference(after):
    found = explain(SHORT, after)
    whole = sum(one.users for one in found.contributions)
    assert whole == pytest.approx(found.after - found.before, abs=1e-9)
    ends = [answer(one).total.line[-1, 0] for one in (SHORT, after)]
    assert [found.before, found.after] == pytest.approx(ends, rel=1e-6)
    assert len(found.contributions) <= 7
    decided = [one.decided for one in found.contributions]
    assert decided == sorted(decided, reverse=True)


def test_of_many_changes_the_smallest_count_as_one():
    """Beside the six that move most when changed alone; it names every other setting."""
    after = change(SHORT, EIGHT | {"kakao": 139, "incumbent_growth": 6})
    found = {one.setting: one for one in explain(SHORT, after).contributions}
    small, start = found.pop("others").after.split(), answer(SHORT).total.line[-1, 0]
    moves = {
        name: abs(answer(change(SHORT, {name: after[name]})).total.line[-1, 0] - start)
        for name in [*found, *small]
    }
    assert len(found) == 6 and len(small) == 4
    assert max(moves[name] for name in small) < min(moves[name] for name in found)


def test_times_that_differ_are_refused():
    with pytest.raises(SettingError, match="horizon: 10.* and 3.* cannot be mixed"):
        explain(case(), change(case(), {"horizon": 3}))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_shapley_values_of_a_sum_and_of_a_product(sizes):
    """A sum gives each its own; a product of two gives each half;"""
    parts = np.array(sizes)

    def value(members):
        together = members[:, 0] * members[:, -1] if len(parts) > 1 else 0
        return members @ parts + 3.0 * together

    share = np.zeros(len(parts))
    if len(parts) > 1:
        share[[0, -1]] = 1.5
    found = shapley_values(value(coalitions(len(parts))))
    assert_allclose(found, parts + share, atol=1e-9)
