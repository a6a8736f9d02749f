"""Numbers of users as text, at most three significant digits; users are in million people.

The page's sentences and labels round to two digits, tables and links keep three.
"""


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
