"""Budgets: how much a line, a visitor and a whole server may ask, and how much of it is used.

A budget is a bucket of tokens: `most` at once, and `rate` tokens a second come back. A line is one
websocket, which is one page that is open. A visitor is an address, so a class of 40 behind one
address is one visitor: its budgets are those of 40 people who do the same thing in the same second.
All numbers are assumptions, with their reason beside them; tests/deploy/test_limits.py lets such a
class through.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """most : tokens at once;  rate : tokens that come back, 1/s."""

    most: float
    rate: float


BUDGETS: dict[str, dict[str, Budget]] = {
    # a page that follows a drag sends some 12 a second, a key that is held down 30; 40 people hold
    # keys for two seconds and more. A rerun that is asked for costs the event loop some 0.1 ms
    "messages": {
        "line": Budget(300, 30),
        "visitor": Budget(4_000, 120),
        "server": Budget(20_000, 1_000),
    },
    # a message of the page has 2 to 20 kB, 200 kB at most; one of 4 MB is the largest that is read
    "message bytes": {
        "line": Budget(12e6, 1e6),
        "visitor": Budget(100e6, 4e6),
        "server": Budget(400e6, 20e6),
    },
    # pages opened: each as often as a server holds lines, for after a restart all come back at once
    "lines": {"visitor": Budget(640, 10), "server": Budget(960, 30)},
    # an answer takes 0.1 s of a core; 40 people call it six times
    "api": {"visitor": Budget(240, 4), "server": Budget(480, 8)},
    # six kinds of file: all of them twice. A report takes up to 10 s of a core
    "downloads": {
        "line": Budget(12, 0.2),
        "visitor": Budget(240, 1),
        "server": Budget(480, 2),
    },
    # 40 people, four files each
    "uploads": {"visitor": Budget(160, 1), "server": Budget(320, 2)},
    # 40 people, a largest file each (1 MiB and its frame); an ordinary one has 1 to 10 kB
    "upload bytes": {"visitor": Budget(60e6, 20e3), "server": Budget(120e6, 100e3)},
    # pages that begin with their answer; past it a page comes without. 40 people reload ten times
    "previews": {"visitor": Budget(400, 5), "server": Budget(800, 10)},
}
# at a time, of a visitor and of a server. A session takes up to 1.5 MB: 480 of them and the 360 MB
# of the server itself fit into the 1.2 GB of deploy/README.md. 40 people call the API in one second
AT_A_TIME: dict[str, dict[str, int]] = {
    "lines": {"visitor": 320, "server": 480},
    "api": {"visitor": 60, "server": 80},
    "uploads": {"visitor": 60, "server": 80},
}
MOST_KEPT = 120e6  # bytes of uploads in memory, of all sessions
MOST_BODY = 2_000_000  # bytes of a request: an upload ends at 1 MiB
MOST_FILES = 8  # names in a question for addresses of uploads: the page takes one file at a time
RETRY_AT_A_TIME = 5.0  # seconds to wait where too much is asked at the same time
RETRY_KEPT = 120.0  # seconds for which Streamlit keeps the uploads of whoever has left
MOST_BUCKETS = 20_000  # kept before those that are full again are dropped


@dataclass(frozen=True, slots=True)
class Refusal:
    """level : whose budget is used up: line, visitor or server;  seconds : until it is not."""

    level: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Used:
    """Use of all budgets of a server.

    buckets : by kind, level and name: tokens used, and when that was, s;  running : what goes on
        now, by the same;  clock : seconds
    """

    buckets: dict[tuple[str, str, str], tuple[float, float]] = field(default_factory=dict)
    running: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    clock: Callable[[], float] = time.monotonic


def take(used: Used, kind: str, names: dict[str, str], amount: float = 1.0) -> Refusal | None:
    """Take tokens from a budget of every level, or from none: then the refusal.

    names : of the line and the visitor that ask
    """
    now, after = used.clock(), {}
    for level, budget in BUDGETS[kind].items():
        key = (kind, level, names.get(level, ""))
        tokens = _used_now(used, key, now) + amount
        if tokens > budget.most:
            return Refusal(level, (tokens - budget.most) / budget.rate)
        after[key] = (tokens, now)
    used.buckets.update(after)
    if len(used.buckets) > MOST_BUCKETS:
        for key in [key for key in used.buckets if not _used_now(used, key, now)]:
            del used.buckets[key]
    return None


def _used_now(used: Used, key: tuple[str, str, str], now: float) -> float:
    """Tokens of a bucket that have not come back yet."""
    tokens, since = used.buckets.get(key, (0.0, now))
    kind, level, _ = key
    return max(0.0, tokens - BUDGETS[kind][level].rate * (now - since))


@contextmanager
def running(used: Used, kind: str, names: dict[str, str]) -> Iterator[Refusal | None]:
    """For as long as the block runs one more of a kind goes on; or the refusal, and none does."""
    counts, keys = used.running, [(kind, level, names.get(level, "")) for level in AT_A_TIME[kind]]
    for key in keys:
        if counts[key] >= AT_A_TIME[kind][key[1]]:
            yield Refusal(key[1], RETRY_AT_A_TIME)
            return
    counts.update(keys)
    try:
        yield None
    finally:
        counts -= Counter(keys)  # in place, and what is 0 goes
