"""Numbers as text; users are in million people.

The page's sentences and labels round to two significant digits, its tables to three. What leaves
the program in a file, a link or a row has six: a processor and another differ in the last of
sixteen, and so do compiled code and its definition.

Numbers that belong together add up as they are printed (`printed_sum`, `printed_steps`): exactly
where all are printed at one place, else at the coarsest of their places.
"""

import json
from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import Any

import pandas as pd


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


def table_text(frame: pd.DataFrame, form: str) -> str:
    """A frame as CSV or as a JSON list of rows."""
    if form == "csv":
        return frame.to_csv(index=False, float_format=plain_number, lineterminator="\n")
    return json_text(frame.to_dict("records")) + "\n"


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


def bare(value: float) -> str:
    """`users_text` where the unit stands beside it already: "56", but "1.2 billion"."""
    return users_text(value).removesuffix(" million")


def whole_millions(value: float) -> str:
    """`bare`, without decimals from 10 on and with one at most below: 25.75 -> "26"."""
    return bare(round(value, 0 if abs(value) >= 9.95 else 1))


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


def printed_sum(base: float, *parts: float) -> tuple[float, ...]:
    """`base`, each of `parts` and their sum as they are printed: 54.9, 55.9 -> 55, 56, 111.

    A difference is a sum with a negative part. The base keeps its two digits, as in the headline.
    The unit of the others is the coarser of the base's last digit and the third digit of the
    largest, so that none has more than three digits. A part is rounded to the unit, so that it is
    within half of it; below two units it keeps two digits of its own. The sum is that of the
    printed numbers, to the unit, a half towards the true sum.
    """
    true = base + sum(parts)
    unit = max(_unit(base, 2), _unit(max(map(abs, (base, true, *parts))), 3))
    first = two_digits(base)
    if len(parts) == 1 and abs(true) < 2 * unit <= abs(parts[0]):  # little is left of the base
        whole = two_digits(true)
        return first, _rounded(whole - first, _unit(base, 3)), whole
    printed = [first, *(_part(part, unit) for part in parts)]
    units = sum(printed) / unit
    rest = units - floor(units)
    up = rest > 0.5 if abs(rest - 0.5) > 1e-6 else true > sum(printed)
    return (*printed, round((floor(units) + up) * unit, 1) + 0.0)


def printed_steps(before: float, parts: Sequence[float]) -> tuple[float, ...]:
    """`before`, each of `parts` and where they lead, as they are printed: the parts add up.

    All are whole millions from 10 million on, with three digits at most; an end below that has two
    digits. Each part is within a unit of the true one: those with the largest rests are rounded up.
    """
    after = before + sum(parts)
    largest = max(map(abs, (before, after, *parts)))
    unit = max(_unit(largest, 3), 1.0 if largest >= 9.95 else 0.1)
    ends = [_rounded(end, min(unit, _unit(end, 2))) for end in (before, after)]
    counts = [floor(part / unit) for part in parts]
    missing = round((ends[1] - ends[0]) / unit) - sum(counts)
    by_rest = sorted(range(len(counts)), key=lambda i: counts[i] - parts[i] / unit)
    for i in by_rest[:missing] if missing > 0 else by_rest[missing:] if missing else ():
        counts[i] += 1 if missing > 0 else -1
    return (ends[0], *(round(count * unit, 1) + 0.0 for count in counts), ends[1])


def _part(value: float, unit: float) -> float:
    """A part rounded to `unit`, or to two digits of its own where it is below two units."""
    return _rounded(value, unit) if abs(value) >= 2 * unit else two_digits(value)


def _unit(value: float, digits: int) -> float:
    """The place of the last of so many significant digits, 0.1 at the least."""
    size = max(abs(value), 0.1)
    return 10.0 ** max(floor(log10(float(f"{size:.{digits - 1}e}"))) + 1 - digits, -1)


def _rounded(value: float, unit: float) -> float:
    """`value` rounded to a multiple of `unit`."""
    return round(round(value / unit) * unit, 1) + 0.0


def share_text(share: float) -> str:
    """A share of people online, in %: "0.4%", "23%", and "0%" below 0.05."""
    return f"{share:.0f}%" if share >= 9.95 or share < 0.05 else f"{share:.1f}%"


def ended(sentence: str) -> str:
    """A sentence with one mark at its end: a full stop, unless it has one already."""
    return sentence if sentence.endswith((".", "?", "!", "…")) else f"{sentence}."
