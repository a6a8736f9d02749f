"""The sentences of a guess."""

from model.analysis.bands import Answer
from model.analysis.hindsight import beside_observed
from model.messengers import PLATFORMS
from model.number_text import about, range_text, users_text
from model.quarters import decimal_year, month_text

BEFORE = "Before you look"
LABEL = "Your guess, million users"


def question(answer: Answer) -> str:
    """The question that is asked before the answer is shown."""
    start = users_text(answer.total.line[0, 0])
    return (
        f"In {month_text(answer.times[0])} WeChat had about {start} users abroad. How many could "
        f"it have by {month_text(answer.times[-1])}, with these settings? Your guess becomes part "
        "of the address of the page."
    )


def beside(guess: float, answer: Answer) -> str:
    """The guess beside the range at the end and the last observation, in a sentence or two."""
    low, high = answer.total.low[-1, 0], answer.total.high[-1, 0]
    side = "below" if guess < low else "above" if guess > high else "inside"
    by = month_text(answer.times[-1])
    text = f"**Your guess: {users_text(guess)}** by {by}, {side} the model's range."
    for platform, quarter, _, row in beside_observed(answer):
        if platform == PLATFORMS[0]:
            came = range_text(row.low, row.high) if row.kind == "range" else about(row.users)
            when = month_text(decimal_year(quarter))
            text += f" Last known: {came}, {when}{' (our reading)' if row.kind == 'range' else ''}."
    return text
