"""Results that are kept between reruns; no other module of the page caches.

Keys are frozen scenarios. All sessions of a server share a cache, so each has a largest size. Who
asks for a result that another session is computing waits for that one.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import lru_cache, partial, wraps
from threading import Lock
from typing import Any

import altair as alt
from numpy.typing import NDArray

from model.analysis import (
    attribution,
    bands,
    goal_seek,
    lever_pairs,
    sensitivity,
    two_doubts,
)
from model.analysis.comparison import Comparison, compare
from model.engine.compiled import compile_beside
from model.evidence import DataError, load_evidence
from model.quarters import QUARTER
from model.scenario.scenario import Scenario, case, change
from pages.parts import turns
from pages.parts.charts import fan_data
from pages.parts.wording import page


def computed_once(most: int, kind: str = "question") -> Callable[[Callable], Callable]:
    """Keep the `most` results of a function that were asked for last; each is computed once.

    It is computed in a turn of this kind. An error goes to all who wait for it, and is not kept
    unless it is that of settings that take too long. Where whoever computes has left, or gets no
    turn, the next one who waits computes.
    """

    def keep(compute: Callable) -> Callable:
        results: dict[tuple, Future] = {}
        lock = Lock()  # of the dictionary alone

        def begin(key: tuple) -> tuple[Future, bool]:
            """The result or the promise of one for a key, and whether it is to be computed here."""
            with lock:
                found = results.get(key)
                # within a turn there is no waiting for somebody who still waits for one
                if found and not (turns.IN_TURN.get() and found.cancel()):
                    results[key] = results.pop(key)  # the last one to be forgotten
                    return found, False
                done = [] if found else [old for old, one in results.items() if one.done()]
                if len(done) >= most:
                    del results[done[0]]
                results[key] = Future()
                return results[key], True

        def fill(found: Future, key: tuple) -> None:
            """Compute a result for all who wait for it, unless somebody else began."""
            try:
                with turns.TURNS.turn(kind):
                    if found.set_running_or_notify_cancel():
                        found.set_result(compute(*key))
            except BaseException as error:  # whatever it is, nobody may wait for ever
                is_of_all = isinstance(error, Exception) and not isinstance(error, turns.Busy)
                with lock:
                    if results.get(key) is found and not isinstance(error, turns.Overdue):
                        del results[key]
                    if not found.cancelled():
                        found.set_exception(error if is_of_all else turns.Left())
                if not is_of_all:
                    raise

        @wraps(compute)
        def find(*key: Any) -> Any:
            while True:
                found, is_new = begin(key)
                if is_new:
                    fill(found, key)
                while not found.done():
                    wait([found], turns.POLL)
                    turns.asker().check()
                if not (found.cancelled() or isinstance(found.exception(), turns.Left)):
                    return found.result()

        find.results = results
        return find

    return keep


drawing = partial(turns.TURNS.turn, "answer")  # what is drawn counts as an answer
compile_beside()  # a server that finds no compiled code answers without, and makes it meanwhile
with suppress(DataError):  # which the page says; a crowd that comes first would read the data each
    load_evidence()
# 0.3 MB each; Undo and Swap come back to recent ones
answer = computed_once(32, "answer")(bands.answer)
lead_map = computed_once(16)(sensitivity.lead_map)  # 441 cells each
tornado = computed_once(64)(sensitivity.tornado)  # some bars each
doubts = computed_once(64)(two_doubts.doubts)  # four numbers each
needed_growth = computed_once(32)(goal_seek.needed_growth)  # two numbers each
coverage = lru_cache(maxsize=1)(bands.coverage)  # the same for every scenario
subtitle = lru_cache(maxsize=1)(page.subtitle)  # as the data; so below
short_subtitle = lru_cache(maxsize=1)(page.short_subtitle)
fixed_datasets = lru_cache(maxsize=16)(fan_data.fixed_datasets)  # by start and end of the chart


@lru_cache(maxsize=256)  # some numbers each: the chips of the scenarios
def _users(scenario: Scenario) -> tuple[float, ...]:
    """Million WeChat users of a scenario at the end of each quarter, its start first."""
    return tuple(answer(scenario).total.line[:, 0].tolist())


def users_at(scenario: Scenario, years: float) -> float:
    """Million WeChat users of a scenario so many years after its start."""
    return _users(scenario)[round(years / QUARTER)]


def lead_map_of(scenario: Scenario) -> sensitivity.LeadMap:
    """The lead map of a scenario; one entry serves every value of the two settings it spans."""
    default = case()
    spanned = {name: default[name] for name in ("wechat", "concern")}
    return lead_map(change(scenario, spanned))


@computed_once(32, "answer")  # as many as answers
def comparison(scenario: Scenario, pinned: Scenario) -> Comparison:
    """The difference between a scenario and the pinned one."""
    return compare(answer(scenario), answer(pinned))


def advertised(scenario: Scenario) -> Comparison:
    """The difference that WeChat's advertising makes: a scenario less the same without it."""
    return comparison(scenario, change(scenario, {"marketing": 0}))


@computed_once(64)  # four curves of 26 points
def slider_curves(scenario: Scenario) -> dict[str, NDArray]:
    """WeChat's users over the range of each main slider, by setting."""
    return sensitivity.slider_curves(answer(scenario))


@computed_once(32)  # some numbers each
def explanation(pinned: Scenario, scenario: Scenario) -> attribution.Explanation:
    """The share of each changed setting in the difference from the pinned scenario."""
    return attribution.explain(pinned, scenario)


@computed_once(32)  # some sentences each
def solved(scenario: Scenario, goal: str, by: str) -> list[goal_seek.Solved]:
    """The value of each lever alone at which a goal is met by a quarter."""
    parsed = goal_seek.parse_goal(goal, by, scenario)
    return goal_seek.solve(scenario, parsed, goal_seek.LEVERS)


@computed_once(32)  # some sentences each
def solved_pairs(scenario: Scenario, goal: str, by: str) -> list[goal_seek.Solved]:
    """The pairs of levers that meet a goal with the smallest change."""
    parsed = goal_seek.parse_goal(goal, by, scenario)
    return lever_pairs.solve_pairs(scenario, parsed)


@lru_cache(maxsize=32)  # there are fewer charts
def spec(make: Callable[..., alt.TopLevelMixin], **options: Any) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, without data; building one takes about 60 ms."""
    made = make(**options).to_dict(validate=False)  # the tests check them against the schema
    return {key: value for key, value in made.items() if key not in ("data", "config", "$schema")}


@lru_cache(maxsize=1)  # the data do not change while the server runs; so below
def producers() -> dict[str, str]:
    """The producer of each source by its id."""
    sources = load_evidence().sources
    return dict(zip(sources.source_id, sources.producer, strict=True))


@lru_cache(maxsize=1)
def markets() -> tuple[str, ...]:
    """The markets by code, in the order of the data; an address asks a dozen times a move."""
    return tuple(load_evidence().markets.market)
