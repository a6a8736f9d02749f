"""The sentences of a guess."""

from collections.abc import Sequence
from statistics import median

from model.analysis.bands import Answer
from model.analysis.hindsight import beside_observed
from model.messengers import PLATFORMS
from model.number_text import about, about_range, range_text, users_text
from model.quarters import decimal_year, month_text
from pages.parts.wording.answer import at_end
from pages.parts.wording.from_links import plain

CHART = (
    "Chart with the users of the three messengers when the projection starts, and an empty plot "
    "after it. The slider below moves your guess."
)
HINT = "Click or tap the height of your guess"
SHOW = "Show the answer"
SKIP = "Skip"
CLASS = "Class guesses"
PASTE = "Guesses of a class: a link with guess=80, or a number of million users, on each line"
EXAMPLE = "80\n?guess=120"
PUT = "Put them on the chart"
REMOVE = "Remove the guess"
NAMED = 5  # bad lines that are named
LONGEST = 40  # characters of a line that is named


def question(answer: Answer) -> str:
    """The question that stands in place of the answer before it is shown."""
    return f"How many WeChat users abroad by {month_text(answer.times[-1])}?"


def how(answer: Answer) -> str:
    """The start, and how to guess."""
    return (
        f"There were about **{about(answer.total.line[0, 0])}** in {month_text(answer.times[0])}. "
        "Click your guess on the chart, or drag the slider: letting go shows the answer."
    )


def label(answer: Answer) -> str:
    """The label of the slider that takes the guess."""
    return f"Your guess: million WeChat users abroad by {month_text(answer.times[-1])}"


def of_class(guesses: Sequence[float], answer: Answer) -> str:
    """Median of the guesses of a class, and how many lie inside the model's range."""
    _, low, high = at_end(answer.total)
    count, inside = len(guesses), sum(low <= guess <= high for guess in guesses)
    return (
        f"Median of {count} guess{'es' if count > 1 else ''}: **{users_text(median(guesses))}**; "
        f"{inside} of {count} inside the model's range ({about_range(low, high)})."
    )


def left_out(lines: Sequence[tuple[int, str]], most: int) -> str:
    """The lines that hold no guess, by number and text, and what was expected; most : a guess."""
    named = [f"line {number} ({plain(text[:LONGEST])})" for number, text in lines[:NAMED]]
    more = len(lines) - len(named)
    return (
        f"Left out: {', '.join(named)}{f' and {more} more' if more else ''}. Expected a link with "
        f"guess=80, or million users from 0 to {most:,}."
    )


def beside(guess: float, answer: Answer) -> str:
    """The guess beside the range at the end and the last observation, in a sentence or two."""
    _, low, high = at_end(answer.total)
    side = "below" if guess < low else "above" if guess > high else "inside"
    by = month_text(answer.times[-1])
    text = f"**Your guess: {users_text(guess)}** by {by}, {side} the model's range."
    for platform, quarter, _, row in beside_observed(answer):
        if platform == PLATFORMS[0]:
            came = range_text(row.low, row.high) if row.kind == "range" else about(row.users)
            when = month_text(decimal_year(quarter))
            text += f" Last known: {came}, {when}{' (our reading)' if row.kind == 'range' else ''}."
    return text
