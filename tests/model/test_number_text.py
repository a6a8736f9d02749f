"""Numbers as they leave the program: six digits, plain decimals, equal on every machine."""

import json
import math

import pytest

from model.number_text import json_text, plain_number, six_digits


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


@pytest.mark.parametrize("value", [math.pi, 1 / 3, 2e-5 / 3, 4e4 / 3, 57.3949])
def test_the_last_of_sixteen_digits_makes_no_difference(value):
    assert plain_number(math.nextafter(value, math.inf)) == plain_number(value)


def test_json_is_that_of_python_but_for_its_numbers():
    rows = [{"a": {}, "b": [], "c": 'ä "x"\n', "d": None, "e": True, "f": {"g": 3, "h": "1e-9"}}]
    assert json_text(rows) == json.dumps(rows, indent=1, ensure_ascii=False)
    assert json_text([1e-9, math.nan, 103.0]) == "[\n 0.000000001,\n null,\n 103\n]"
