"""Sentences for places other than the page: pictures, running text, and programs that read it."""

from model.analysis.bands import Answer
from model.evidence import data_version
from model.number_text import about, range_text, two_digits
from model.quarters import month_text
from model.scenario.scenario import cases
from model.scenario.settings import all_settings
from pages.parts.wording import answer as wording
from pages.parts.wording import page, share

IS_HIDDEN = "The address asks for a guess first (guess=first): without it the answer is shown"
NO_QUARTER = "at: {!r} is not a quarter from {} to {}"
PROGRAMS = """\
# {title}

> {question} {caution}

{answer}

## Answers by address

Each takes the words of the page's address, such as ?case=hard-line&wechat=160&at=2020Q4.

- [The answer in words]({base}api/answer.md)
- [Picture]({base}api/chart.png), [as SVG]({base}api/chart.svg)
- [The number with its range, for running text]({base}api/number.svg)
- [Worksheet with an answer key]({base}api/worksheet.html), two pages to print
- [Every market and quarter]({base}api/project.csv), and as .json

## Words of an address

- case: {cases}
- at: the quarter of the answer, as 2020Q4
{settings}
"""


def in_text(answer: Answer) -> str:
    """The answer within a sentence of somebody else: "55 million (21 to 260) by March 2024"."""
    low, high = (two_digits(end[-1, 0]) for end in (answer.total.low, answer.total.high))
    ends = range_text(low, high).removesuffix(" million")
    return f"{about(answer.total.line[-1, 0])} ({ends}) by {month_text(answer.times[-1])}"


def source(base: str) -> str:
    """The line below a picture; base : address of the page."""
    return f"{share.NO_FORECAST} Data of {data_version()}. {base}"


def for_programs(answer: Answer, base: str) -> str:
    """The page for programs that read (llms.txt): its answer, and the addresses of all others."""
    return PROGRAMS.format(
        title=page.TITLE,
        question=share.QUESTION,
        caution=share.NO_FORECAST,
        answer=wording.sentence(answer),
        base=base,
        cases=", ".join(f"{name} ({one.label})" for name, one in cases().items()),
        settings="\n".join(
            f"- {one.name}: {one.label}, {one.format_range(one.low, one.high)}"
            for one in all_settings().values()
        ),
    )
