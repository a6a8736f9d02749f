"""Numbers as text: six digits where they leave the program; sums that add up as printed."""

import json
import math

import numpy as np
import pytest

from model.number_text import (
    json_text,
    plain_number,
    printed_steps,
    printed_sum,
    six_digits,
    two_digits,
    users_text,
    whole_millions,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-1e-10, "0"),
        (1e-9, "0.000000001"),
        (0.0000123456789, "0.000012346"),
        (0.000123456789, "0.000123457"),
        (14.04, "14.04"),
        (103.0, "103"),
        (-5.600081653109749, "-5.60008"),
        (277.03080490100956, "277.031"),
        (1234567.8, "1234570"),
    ],
)
def test_a_number_has_six_digits_and_no_exponent(value, text):
    assert plain_number(value) == text and six_digits(value) == float(text)


def test_json_is_that_of_python_but_for_its_numbers():
    rows = [{"a": {}, "b": [], "c": 'ä "x"\n', "d": None, "e": True, "f": {"g": 3, "h": "1e-9"}}]
    assert json_text(rows) == json.dumps(rows, indent=1, ensure_ascii=False)
    assert json_text([1e-9, math.nan, 103.0]) == "[\n 0.000000001,\n null,\n 103\n]"


def read(text):
    """The number of a text like "1.23 billion", million people, and its last printed place."""
    number, unit = text.split()
    times = {"million": 1, "billion": 1000}[unit]
    whole, _, decimals = number.partition(".")
    zeros = 0 if decimals else len(whole) - len(whole.rstrip("0"))
    return float(number) * times, 10.0 ** (zeros - len(decimals)) * times


def digits(value):
    return len(f"{abs(value):.9g}".replace(".", "").strip("0"))


@pytest.fixture(scope="module")
def sums():
    """1,000 sums and differences of users, of all sizes."""
    rng, found = np.random.default_rng(2014), []
    while len(found) < 1000:
        base = 10 ** rng.uniform(-1, 3.3)
        parts = base * rng.choice([1, 1, -1], rng.integers(1, 4)) * 10 ** rng.uniform(-2, 1.5)
        if base + parts.sum() >= 0:
            found.append((base, *parts.tolist()))
    return found


def test_a_sum_adds_up_as_it_is_printed(sums):
    """At the coarsest place that a sum of two or more is printed at; read back from its text."""
    exact = 0
    for base, *parts in sums:
        first, *printed, whole = printed_sum(base, *parts)
        assert first == two_digits(base)
        texts = [users_text(abs(one)) for one in (first, *printed, whole)]
        values, places = zip(*map(read, texts), strict=True)
        assert max(map(digits, values)) <= 3, texts
        signs = np.sign([first, *printed])
        added = float((signs * values[:-1]).sum())
        coarsest = max(
            [place for value, place in zip(values, places, strict=True) if value] or [0.1]
        )
        assert abs(added - values[-1]) <= 0.5001 * coarsest, (base, parts, texts)
        exact += abs(added - values[-1]) < 1e-6
    assert exact > 600


def test_a_printed_part_is_near_the_true_one(sums):
    """Within half a unit of the third digit of the largest, or of the second of the base."""
    for base, *parts in sums:
        _, *printed, whole = printed_sum(base, *parts)
        largest = max(map(abs, (base, *parts, base + sum(parts))))
        unit = max(10 ** math.floor(math.log10(abs(x)) - n) for x, n in ((base, 1), (largest, 2)))
        unit = max(unit * 1.001, 0.1)
        slack = 0.5 if len(parts) > 1 or abs(base + sum(parts)) >= 2 * unit else 1.0
        for part, shown in zip(parts, printed, strict=True):
            assert abs(part - shown) <= slack * unit, (base, parts, printed)
        assert abs(whole - base - sum(parts)) <= (1 + len(parts)) * unit


@pytest.mark.parametrize(
    ("numbers", "printed"),
    [
        ((54.9, 55.9), (55, 56, 111)),
        ((5.53, 105.67), (5.5, 106, 111)),
        ((116.2, 123.8), (120, 120, 240)),
        ((104, 2), (100, 2, 100)),  # not 10, which the rounded numbers 100 and 110 would give
        ((37.8, 33.2, 136.1), (38, 33, 136, 207)),
        ((110.8, -96.2), (110, -95, 15)),
        ((950, 301), (950, 300, 1250)),
        ((0.02, 0.03), (0, 0, 0)),
    ],
)
def test_a_sum_in_print(numbers, printed):
    assert printed_sum(*numbers) == pytest.approx(printed)


def test_steps_lead_from_one_printed_total_to_the_other(sums):
    for before, *parts in sums:
        first, *printed, last = printed_steps(before, parts)
        largest = max(map(abs, (before, *parts, before + sum(parts))))
        unit = max(10 ** (math.floor(math.log10(largest)) - 2), 0.1 if largest < 9.95 else 1) * 1.01
        assert abs(first + sum(printed) - last) <= 0.5 * unit, (before, parts)
        assert abs(first - before) <= 0.5 * unit >= abs(last - before - sum(parts))
        for part, shown in zip(parts, printed, strict=True):
            assert abs(part - shown) <= 2 * unit
        assert max(map(digits, (first, *printed, last))) <= 3
    assert printed_steps(54.9, [55.9, -96.2]) == (55, 56, -96, 15)
    assert printed_steps(54.9, [3.3, 3.3, 3.4]) == (55, 3, 3, 4, 65)


def test_whole_millions_have_a_decimal_below_ten_only():
    texts = [whole_millions(value) for value in (5.12, 25.75, 103.9, 9.97, 1794.0, 0.04)]
    assert texts == ["5.1", "26", "104", "10", "1.79 billion", "0"]
