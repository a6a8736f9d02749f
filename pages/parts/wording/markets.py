"""The sentences of the markets."""

from typing import Any

import pandas as pd

from model.analysis import states
from model.analysis.bands import Answer
from model.analysis.market_facts import at_the_start, market_names, people_online, survey
from model.messengers import PLATFORMS
from model.number_text import about, printed_sum, range_text, share_text, users_text
from model.quarters import decimal_year
from model.scenario.scenario import Scenario
from pages.parts.wording.answer import SMALLEST, listed, tenths, year
from pages.parts.wording.from_links import plain

SHOW = {"lead": "WeChat's share", "cost": "Cost of concern"}  # the colour of the tiles
TILES = "Tiles of the markets, coloured by WeChat's share of people online. {finding}"
TILES_NOTE = "Dashed outline: start allocated."
COST_NOTE = "Users if nobody worried, less those here."
NO_COST = "Concern costs WeChat nothing in this scenario."
FIGURES = {"company": "published", "survey": "survey share", "range": "our own reading"}
LINES_TITLE = "Million users, square-root scale"
LINES = "Users in {market} by year"
LINES_NOTE = (
    "Lines: the middle of this market's own runs. Bars at the right end: 80% of the runs, the "
    "thick part half of them. Grey: the strongest established messenger, a survey share given from "
    "outside."
)
BEHIND = "Figures and sources"
UNPLACED = "In one market or another, nobody knows which"
OTHERS = "The other {count} markets"
ALL = "All markets, home markets included"
NAMED = 2  # markets that a sentence names at most


def finding(answer: Answer, tiles: pd.DataFrame) -> str:
    """Where WeChat has most users, and where it is the strongest messenger."""
    tiles = tiles[tiles.code != "ROW"]  # many markets
    ahead = tiles[tiles.leader == "WeChat"].market.tolist()
    most = tiles.loc[tiles.users.idxmax()]
    return (
        f"Most users by {year(answer.times[-1])}: {most.market}, {users_text(most.users)} "
        f"({most.share} of people online). Strongest in {listed(ahead, most=NAMED) or 'no market'}."
    )


def note(answer: Answer) -> str:
    """How to read the tiles, and how many of WeChat's users the markets' own middles leave open."""
    total, placed = float(answer.total.line[-1, 0]), float(answer.market_ends.line[0].sum())
    return f"{TILES_NOTE} {_closed(total, placed, '')}"


def cost_finding(answer: Answer) -> str:
    """Where security concern costs WeChat most users."""
    if answer.scenario["concern"] == 0 or answer.cost.line <= 0:
        return NO_COST
    most = int(answer.lost.argmax())
    users = users_text(float(answer.lost[most]))
    return f"Security concern costs WeChat most in {market_names()[answer.names[most]]}: {users}."


def cost_note(answer: Answer) -> str:
    """How to read what concern costs, and how much of it the markets' own middles leave open."""
    if answer.cost.line <= 0:
        return COST_NOTE
    return f"{COST_NOTE} {_closed(float(answer.cost.line), float(answer.lost.sum()), ' lost')}"


def _closed(total: float, placed: float, lost: str) -> str:
    """A sum of markets that adds up as it is printed."""
    whole, rest, parts = printed_sum(total, placed - total)
    if rest >= 0:
        more = "just" if rest == 0 else "more than"
        return f"The markets add up to {users_text(parts)}, {more} their total."
    return (
        f"The markets add up to {users_text(parts)} of the {users_text(whole)}{lost}; "
        f"**{users_text(-rest)}** are in one or another, nobody knows which."
    )


def two_states(answer: Answer, market: str) -> str:
    """In how many runs WeChat takes off in a market, and in how many it stays small; or empty."""
    found = states.in_market(answer, market)
    if not found.are_two:
        return ""
    many, few = (f"{100 * share:.0f}% of people online" for share in (states.MANY, states.FEW))
    return (
        f"WeChat takes off here in **{tenths(found.up)}** runs, to {many} or more, and stays small "
        f"in **{tenths(found.down)}**, at {few} or fewer."
    )


def unsure(answer: Answer, market: str) -> str:
    """That nobody can tell how many use a messenger in a market; or empty."""
    names = states.unsure(answer, market)
    if not names:
        return ""
    return (
        f"Nobody can tell how many use {listed(names)} here: the ends of the 80% range lie more "
        f"than {states.UNSURE} times apart."
    )


def market_finding(answer: Answer, market: str) -> str:
    """The sentence above the picture of a market: its two states, who is unsure, or its users."""
    known = " ".join(filter(None, (two_states(answer, market), unsure(answer, market))))
    if known:
        return known
    users = float(answer.market_ends.line[0, answer.names.index(market)])
    share = 100 * users / people_online(answer)[answer.names.index(market)]
    size = f"about **{about(users)}**" if users >= SMALLEST else "fewer than **0.1 million**"
    return (
        f"By {year(answer.times[-1])} {size} use WeChat in {market_names()[market]}, "
        f"{share_text(share)} of people online."
    )


def ends(answer: Answer, market: str) -> str:
    """Users of each messenger in a market at the end, with their 80% ranges, in a sentence."""
    i, name = answer.names.index(market), survey(market, answer.times[-1]).messenger
    parts = [
        f"{platform} **{users_text(answer.market_ends.line[k, i])}** "
        f"({range_text(answer.market_ends.low[k, i], answer.market_ends.high[k, i])})"
        for k, platform in enumerate(PLATFORMS)
    ]
    users, low, high = (
        float(part[i])
        for part in (answer.established.line, answer.established.low, answer.established.high)
    )
    percent = [f"{100 * part / people_online(answer)[i]:.0f}" for part in (users, low, high)]
    parts.append(
        f"{name} **{users_text(users)}**, {percent[0]}% of people online ({range_text(low, high)}, "
        f"{percent[1]} to {percent[2]}%)"
    )
    by = year(answer.times[-1])
    return f"In {by}, with the range of four runs in five in brackets: {'; '.join(parts)}."


def facts(scenario: Scenario, market: str) -> list[str]:
    """Facts given from outside in a market at the start, a line each."""
    given, row = at_the_start(scenario, market), survey(market, decimal_year(scenario.origin))
    span = "" if pd.isna(row.low) else f", range {row.low:.0f} to {row.high:.0f}%"
    return [
        f"- **{users_text(given['online'])}** people online, "
        f"**{users_text(given['born_in_china'])}** people born in China",
        f"- **{100 * given['established']:.0f}%** of people online use {row.messenger}, the "
        f"strongest established messenger{span}",
        f"- **{100 * given['worried']:.0f}%** worry: the share with an unfavourable view of China "
        "times the share worried about their data",
    ]


def start_of(row: Any) -> str:
    """A line about a messenger's starting users in a market, a row of the starting table."""
    figure = f"{users_text(row.value_millions)} ({range_text(row.low, row.high)}, {row.basis})"
    return f"- **{row.platform} {figure}**: {plain(f'{row.note} ({row.source})')}"


def event(row: Any) -> str:
    """A line about a dated event that concerns a market."""
    return f"- {row.date}, {plain(f'{row.platform}: {row.summary} ({row.source})')}"
