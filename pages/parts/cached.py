"""Results that are kept between reruns; no other module of the page caches.

Keys are frozen scenarios. All sessions of a server share a cache, so each has a largest size. Who
asks for a result that another session is computing waits for that one; nobody waits for another
question.
"""

from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache, wraps
from threading import Lock, RLock
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
    what_it_takes,
)
from model.analysis.comparison import Comparison, compare
from model.engine.compiled import compile_beside
from model.evidence import load_evidence
from model.quarters import QUARTER
from model.scenario.scenario import Scenario, case, change
from pages.parts.charts import fan_data


def computed_once(most: int) -> Callable[[Callable], Callable]:
    """Keep the last `most` results of a function; each is computed once, however many ask for it.

    An error goes to all who wait for it, and is not kept.
    """

    def keep(compute: Callable) -> Callable:
        results: dict[tuple, Future] = {}
        lock = Lock()  # of the dictionary alone

        @wraps(compute)
        def find(*key: Any) -> Any:
            with lock:
                found = results.get(key)
                is_new = found is None
                if is_new:
                    if len(results) >= most:
                        del results[next(iter(results))]
                    found = results[key] = Future()
            if is_new:
                try:
                    found.set_result(compute(*key))
                except BaseException as error:  # whatever it is, nobody may wait for ever
                    with lock:
                        results.pop(key, None)
                    found.set_exception(error)
            return found.result()

        find.results = results
        return find

    return keep


# One session draws its answer at a time: side by side all wait longer, for the interpreter's lock.
# Questions do not take it, so nobody's answer waits for another visitor's question.
DRAWING = RLock()
compile_beside()  # a server that finds no compiled code answers without, and makes it meanwhile
answer = computed_once(32)(bands.answer)  # 0.3 MB each; Undo and Swap come back to recent ones
lead_map = computed_once(16)(sensitivity.lead_map)  # 441 cells each
tornado = computed_once(64)(sensitivity.tornado)  # some bars each
doubts = computed_once(64)(two_doubts.doubts)  # four numbers each
needed_growth = computed_once(32)(what_it_takes.needed_growth)  # two numbers each
coverage = lru_cache(maxsize=1)(bands.coverage)  # the same for every scenario
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


@computed_once(32)  # as many as answers
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
def solved_pairs(scenario: Scenario, goal: str, by: str) -> list[lever_pairs.PairSolved]:
    """The pairs of levers that meet a goal with the smallest change."""
    parsed = goal_seek.parse_goal(goal, by, scenario)
    return lever_pairs.solve_pairs(scenario, parsed)


@lru_cache(maxsize=32)  # there are fewer charts
def spec(make: Callable[[], alt.TopLevelMixin]) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, without data; building one takes about 60 ms."""
    made = make().to_dict(validate=False)  # the tests check them against the schema
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
