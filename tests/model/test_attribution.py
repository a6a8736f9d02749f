"""Shares of the changed settings: against all orders, closed forms and the page's answer."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.analysis.attribution import (
    PAIRS,
    explain,
    label,
    sampled_shapley_values,
    sentence,
    shapley_values,
)
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
            made[name] += answer(then).path[-1, 0] - answer(now).path[-1, 0]
            now = then
    found = explain(SHORT, change(SHORT, FOUR))
    for one in found.contributions:
        assert one.users == pytest.approx(made[one.setting] / 24, rel=1e-4, abs=1e-4)
        assert (one.before, one.after) == (SHORT[one.setting], FOUR[one.setting])
        assert one.error == 0
    assert found.before == pytest.approx(answer(SHORT).path[-1, 0], rel=1e-6)
    assert found.after == pytest.approx(answer(change(SHORT, FOUR)).path[-1, 0], rel=1e-6)


@pytest.mark.parametrize(
    "after",
    [change(SHORT, EIGHT), change(case("as-it-happened"), {"horizon": 3}), SHORT],
    ids=["eight", "another case", "the same"],
)
def test_the_bars_add_up_to_the_difference(after):
    found = explain(SHORT, after)
    whole = sum(one.users for one in found.contributions)
    assert whole == pytest.approx(found.after - found.before, abs=1e-9)
    assert found.runs == (16 if len(found.contributions) > 8 else 64)
    decided = [one.decided for one in found.contributions]
    assert decided == sorted(decided, reverse=True)
    assert all((one.error > 0) == (len(decided) > 8) for one in found.contributions)


def test_the_order_of_changes_does_not_matter():
    first = last = SHORT
    for name in FOUR:
        first = change(first, {name: FOUR[name]})
    for name in reversed(FOUR):
        last = change(last, {name: FOUR[name]})
    assert explain(SHORT, first) == explain(SHORT, last)


def test_one_change_is_the_whole_difference():
    after = change(SHORT, {"concern": 80})
    (one,) = explain(SHORT, after).contributions
    assert one.users == pytest.approx(answer(after).path[-1, 0] - answer(SHORT).path[-1, 0])
    assert not one.decided
    assert sentence(explain(SHORT, after)).startswith(f"{label('concern')} made all of it: ")


def test_times_that_differ_are_refused():
    with pytest.raises(SettingError, match="horizon: 10.* and 3.* cannot be mixed"):
        explain(case(), SHORT)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_shapley_values_of_a_sum_and_of_a_product(sizes):
    """A sum gives each its own; a product of two gives each half; both ways of counting agree."""
    parts = np.array(sizes)

    def value(members):
        together = members[:, 0] * members[:, -1] if len(parts) > 1 else 0
        return members @ parts + 3.0 * together

    share = np.zeros(len(parts))
    if len(parts) > 1:
        share[[0, -1]] = 1.5
    assert_allclose(shapley_values(value, len(parts)), parts + share, atol=1e-9)
    sampled, error = sampled_shapley_values(value, len(parts))
    # of an order and its reverse each has one of the two first
    assert_allclose(sampled, parts + share, atol=1e-9)
    assert_allclose(error, 0, atol=1e-9)


def test_the_standard_error_is_that_of_the_sampled_orders():
    """Five of nine decide: the fifth in an order has all, so an order and its reverse agree."""
    sampled, error = sampled_shapley_values(lambda members: 1.0 * (members.sum(1) >= 5), 9)
    assert sampled.sum() == pytest.approx(1)
    assert (abs(sampled - 1 / 9) <= 4 * math.sqrt(1 / 9 * 8 / 9 / PAIRS)).all()
    # of PAIRS draws with the mean p: a standard deviation of sqrt(p (1 - p)), one less to divide
    assert_allclose(error, np.sqrt(sampled * (1 - sampled) / (PAIRS - 1)), atol=1e-12)
