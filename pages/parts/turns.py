"""Turns: who may compute next, so that nobody holds the others up.

One question, one file and two answers are computed at a time: while one answer is drawn, which
needs the interpreter, another is solved, which does not; each on one core where others need theirs.
Before each batch of its runs a question waits until no answer is asked for, and a file until no
question is either, for PATIENCE at most, so that it ends in a crowd too. Among those who wait, the
address that was served longest ago is next, and of its pages the one that was. Whoever has left is
dropped.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from threading import Condition, Event

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from model.analysis.effort import LIMIT, between_batches
from model.engine.projection import is_idle
from pages.parts.wording import page as words

KINDS = ("answer", "question", "file")  # the first goes first
MOST = {"answer": 240, "question": 80, "file": 60}  # that wait: 40 people, whatever they ask for
AT_ONCE = {"answer": 2, "question": 1, "file": 1}  # with three answers all wait longer
PART_OF_ONE = 2 / 3  # of them from one address; a page waits for one thing at a time
# seconds of a core by `effort`; a question that cannot be coarser ends here
LONGEST = {"answer": LIMIT, "question": LIMIT, "file": 20.0}
PATIENCE = 1.0  # seconds that a batch of runs lets those before it go first
POLL = 1.0  # seconds after which whoever waits looks whether its visitor is still there
MOST_REMEMBERED = 2_000  # of those who were served


class Refused(Exception):
    """Nothing was worked out; the message is one sentence for the reader."""


class Busy(Refused):
    """Too many wait already."""


class Overdue(Refused):
    """The settings take too long to solve."""


class Left(BaseException):
    """Whoever asked has left; as with Streamlit's own, no `except Exception` holds it up."""


@dataclass(frozen=True, slots=True)
class Asker:
    """name : of a page or a request;  visitor : its address;  check : raises if it has left."""

    name: str
    visitor: str
    check: Callable[[], None]


# who asks where no script runs: set for a request, and with it for the thread that answers it
ASKER: ContextVar[Asker | None] = ContextVar("asker", default=None)
IN_TURN: ContextVar[bool] = ContextVar("in turn", default=False)


@dataclass(eq=False, slots=True)
class _Ask:
    """One that waits or computes; chosen : set at its turn, so that nobody else wakes up for it."""

    kind: str
    asker: Asker
    chosen: Event = field(default_factory=Event)


@dataclass(eq=False, slots=True)
class Turns:
    """Those who wait and those who compute, by kind; when each name was served last."""

    ended: Condition = field(default_factory=Condition)  # a turn has; its lock is that of all below
    # those who came first stand first
    waiting: dict[str, list[_Ask]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    running: dict[str, list[_Ask]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    served: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def turn(self, kind: str) -> Iterator[None]:
        """Wait for a turn, and have it for the block; within a turn there is none to wait for.

        Raises Busy, or what `check` raises; the block may raise Overdue.
        """
        if IN_TURN.get():
            yield
            return
        ask = self._begin(kind)
        try:
            while not ask.chosen.wait(POLL):
                ask.asker.check()
            inside = IN_TURN.set(True)
            batch, core = between_batches.set(self._between(ask)), is_idle.set(self._is_alone)
            try:
                yield
            finally:
                is_idle.reset(core)
                between_batches.reset(batch)
                IN_TURN.reset(inside)
        finally:
            self._end(ask)

    def is_full(self, kind: str) -> bool:
        """Whether no more may wait for a turn of this kind."""
        return len(self.waiting[kind]) >= MOST[kind]

    def is_idle(self, kinds: Iterable[str] = ("answer",)) -> bool:
        """Whether nobody computes anything of these kinds or waits for it."""
        return not any(self.waiting[kind] or self.running[kind] for kind in kinds)

    def _is_alone(self) -> bool:
        """Whether whoever computes is the only one who does or waits to."""
        return sum(len(asks[kind]) for asks in (self.waiting, self.running) for kind in KINDS) == 1

    def _begin(self, kind: str) -> _Ask:
        """Let whoever asks wait in line, or run where another one may."""
        ask = _Ask(kind, asker())
        with self.ended:
            line = self.waiting[kind]
            same = sum(one.asker.visitor == ask.asker.visitor for one in line)
            if self.is_full(kind) or same >= MOST[kind] * PART_OF_ONE:
                raise Busy(words.BUSY)
            line.append(ask)
            self._choose(kind)
        return ask

    def _choose(self, kind: str) -> None:
        """Choose who is next, where another one may run.

        It is the one whose address was served longest ago, and of its pages the one that was.
        """
        if (line := self.waiting[kind]) and len(self.running[kind]) < AT_ONCE[kind]:
            ask = min(line, key=lambda one: [self.served.get(key, -1) for key in _keys(one.asker)])
            line.remove(ask)
            self.running[kind].append(ask)
            for key in _keys(ask.asker):
                self.served.pop(key, None)
                self.served[key] = next(self.numbers)
            while len(self.served) > MOST_REMEMBERED:
                del self.served[next(iter(self.served))]
            ask.chosen.set()

    def _end(self, ask: _Ask) -> None:
        """End the turn of `ask`, or its waiting for one."""
        with self.ended:
            if ask.chosen.is_set():
                self.running[ask.kind].remove(ask)
                self._choose(ask.kind)
            else:
                self.waiting[ask.kind].remove(ask)
            self.ended.notify_all()

    def _between(self, ask: _Ask) -> Callable[[float], None]:
        """A function to call before each batch of the runs of `ask`: it lets kinds before it go."""
        spent, before = 0.0, KINDS[: KINDS.index(ask.kind)]

        def between(seconds: float) -> None:
            nonlocal spent
            spent += seconds
            if spent > LONGEST[ask.kind]:
                raise Overdue(words.OVERDUE)
            ask.asker.check()
            until = time.monotonic() + PATIENCE
            with self.ended:
                while not self.is_idle(before) and time.monotonic() < until:
                    self.ended.wait(POLL)
                    ask.asker.check()

        return between


TURNS = Turns()  # of the server


def _keys(asker: Asker) -> tuple[tuple[str, str], ...]:
    """An address and its page, as those who were served are remembered."""
    return ("visitor", asker.visitor), ("page", asker.name)


def asker() -> Asker:
    """Who asks in this thread: the page whose script runs, or that of the request."""
    if page := get_script_run_ctx(suppress_warning=True):
        return Asker(page.session_id, st.context.ip_address or "", partial(_check, page.session_id))
    return ASKER.get() or Asker("", "", lambda: None)  # nobody who could leave


def _check(session: str) -> None:
    """Raise Left if the page of a session is gone.

    A newer message of it waits until the run has ended: a run that is cut short leaves half of the
    page as it was.
    """
    if runtime.exists() and not runtime.get_instance().is_active_session(session):
        raise Left
