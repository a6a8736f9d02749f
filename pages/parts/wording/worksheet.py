"""The sentences of the worksheet: six questions that fit every link, and what answers them."""

from typing import Any

from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.number_text import about, range_text, users_text
from model.quarters import month_text
from pages.parts.wording import answer as wording
from pages.parts.wording import goals
from pages.parts.wording.page import READING, VIEWS
from pages.parts.wording.share import GRADES

HEADING = "Worksheet"
NAME = "Name and date"
OPEN = "Open the page with these settings:"
LONG_LINK = "These settings make a long link: follow it in the file of this worksheet."
ALT = (
    "Line chart: users of WeChat, LINE and KakaoTalk by quarter, with WeChat's range and the "
    "figures at the end. The page with these settings lists every value."
)
KEY = "Answer key"
ANY = "One of:"


def questions(answer: Answer, by: str) -> list[str]:
    """The six questions; by : the month of the goal."""
    end = month_text(answer.times[-1])
    return [
        f"How many WeChat users abroad does the page give for {end}? Between which numbers do four "
        "runs in five end? The chart shows both.",
        "How many would there be without security concern, and what does concern cost?",
        f"Open **{VIEWS['where']}**. Which market has most WeChat users, and where is WeChat the "
        "strongest messenger?",
        f"Which messenger leads in {end}, and with how many users? In how many runs of "
        f"{wording.PARTS} is WeChat ahead of {PLATFORMS[1]}?",
        f"Open **{VIEWS['solve']}** and choose “{goals.GOALS['pass-line']}”, by the end of {by}. "
        "Which single change is enough? If none is, why?",
        f"Which grade has the evidence for WeChat's start (**{READING['evidence']}**, at the foot "
        "of the page)? Name one thing that the page cannot tell you, and why.",
    ]


def leader(answer: Answer) -> str:
    """The messenger with most users at the end, and in how many runs WeChat is ahead of LINE."""
    users = answer.total.line[-1]
    first = int(users.argmax())
    return (
        f"**{PLATFORMS[first]}**, with about {about(users[first])}. WeChat is ahead of "
        f"{PLATFORMS[1]} in **{wording.runs(answer.ahead[0])}**."
    )


def start(total: Any, grade: str, producer: str) -> str:
    """The grade behind WeChat's start; total : its row of data/totals.csv."""
    ends = range_text(total.low, total.high)
    return (
        f"**Grade {grade}**, {GRADES[grade]}: {users_text(total.value_millions)} ({ends}, "
        f"{total.basis}; {producer})."
    )
