"""Two states: in how many runs WeChat takes off, and in how many it does not.

Near the critical mass the runs part: in some friends bring friends, in the others few are left. A
middle alone would hide that, so the page says so where both shares are above TWO.

in all       takes off: at least TWICE the users of the start at the end;  fades: fewer than there
in a market  takes off: at least MANY of the people online use it at the end;  stays small: at most
             FEW of them do
"""

from dataclasses import dataclass

import numpy as np

from model.analysis.bands import Answer
from model.analysis.market_facts import people_online
from model.messengers import PLATFORMS

TWICE = 2.0  # times the users at the start
MANY, FEW = 0.10, 0.02  # of the people online in a market
TWO = 0.15  # of the runs: with more in either state the page says that there are two
UNSURE = 10  # high end of a range over its low end, from which nobody can tell
LEAST_USERS = 0.05  # million, below which a range says little of any kind
WECHAT = 0  # its place among the platforms


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """Shares of the runs that end in either state, 0-1.

    up : takes off;  down : fades, or stays small
    reached : million users from which a run counts as taking off
    """

    up: float
    down: float
    reached: float

    @property
    def are_two(self) -> bool:
        """Whether there are enough runs of either kind to speak of two states."""
        return self.up > TWO and self.down > TWO


def in_all(answer: Answer) -> States:
    """The states of WeChat abroad; its start is that of the line, the same for all runs."""
    start, ends = answer.total.line[0, WECHAT], answer.runs[-1, WECHAT]
    return _states(ends, ends < start, float(TWICE * start))


def in_market(answer: Answer, market: str) -> States:
    """The states of WeChat in a market, by its code."""
    i = answer.names.index(market)
    online, ends = people_online(answer)[i], answer.market_runs[WECHAT, i]
    return _states(ends, ends <= FEW * online, float(MANY * online))


def unsure(answer: Answer, market: str) -> tuple[str, ...]:
    """The messengers whose users in a market at the end nobody can tell."""
    i, found = answer.names.index(market), answer.market_ends
    wide = found.high[:, i] > UNSURE * np.maximum(found.low[:, i], LEAST_USERS)
    return tuple(name for name, is_wide in zip(PLATFORMS, wide, strict=True) if is_wide)


def _states(ends: np.ndarray, is_down: np.ndarray, reached: float) -> States:
    """The states of runs that end at `ends`, million users, (run,)."""
    return States(up=float((ends >= reached).mean()), down=float(is_down.mean()), reached=reached)
