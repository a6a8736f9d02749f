"""Numbers as text; users are in million people.

The page's sentences and labels round to two significant digits, its tables to three. What leaves
the program in a file, a link or a row has six: a processor and another differ in the last of
sixteen, and so do compiled code and its definition.
"""

import json
from math import isfinite
from typing import Any


def plain_number(value: float) -> str:
    """At most six significant digits and nine decimals, without exponent: 1e-9 -> "0.000000001"."""
    text = f"{value:.6g}"
    if "e" in text:
        text = f"{float(text):.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def six_digits(value: float) -> float:
    """The number that `plain_number` writes."""
    return float(plain_number(value))


def json_text(value: Any, line: str = "\n") -> str:
    """A value as JSON, an item a line, numbers as in `plain_number`; not a number is null."""
    inner = f"{line} "
    if isinstance(value, dict) and value:
        items = [f"{json.dumps(name)}: {json_text(item, inner)}" for name, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{line}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(json_text(item, inner) for item in value)}{line}]"
    if isinstance(value, float):
        return plain_number(value) if isfinite(value) else "null"
    return json.dumps(value, ensure_ascii=False)


def users_text(value: float) -> str:
    """Million people with at most three significant digits: 1,230 -> "1.23 billion"."""
    if abs(value) >= 999.5:
        return f"{three_digits(value / 1000)} billion"
    return f"{three_digits(value)} million"


def three_digits(value: float) -> str:
    """At most three significant digits, without exponent."""
    size = abs(value)
    places = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def range_text(low: float, high: float) -> str:
    """Two ends of a range: "41 to 190 million", "41 million to 1.2 billion"."""
    if high >= 999.5:
        return f"{users_text(low)} to {users_text(high)}"
    return f"{three_digits(low)} to {three_digits(high)} million"


def two_digits(value: float) -> float:
    """`value` rounded to two significant digits, and to one decimal below 1."""
    return round(value, 1) if abs(value) < 1 else float(f"{value:.2g}")


def about(value: float) -> str:
    """Million people with two significant digits: 37.8 -> "38 million"."""
    return users_text(two_digits(value))


def about_range(low: float, high: float) -> str:
    """Two ends of a range with two significant digits: "14 to 110 million"; one if they agree."""
    low, high = two_digits(low), two_digits(high)
    return users_text(low) if low == high else range_text(low, high)


def ended(sentence: str) -> str:
    """A sentence with one mark at its end: a full stop, unless it has one already."""
    return sentence if sentence.endswith((".", "?", "!", "…")) else f"{sentence}."
