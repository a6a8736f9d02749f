"""Results that are kept between reruns; no other module of the page caches.

Keys are frozen scenarios. All sessions of a server share a cache, so each has a largest size. One
session computes an answer at a time: side by side they would fight for the interpreter's lock, and
a crowd would wait for half a minute. Questions that take seconds have a lock of their own, so that
nobody's answer waits for them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache, wraps
from threading import RLock
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from model.analysis import attribution, bands, goal_seek, lever_pairs, sensitivity
from model.analysis.comparison import Comparison, compare
from model.analysis.narrowing import narrow
from model.calibration import targets
from model.engine.compiled import compile_beside
from model.evidence import load_evidence
from model.scenario.scenario import Scenario, case, change, until
from pages.parts.charts import fan

COMPUTING = RLock()  # can be taken again within: a comparison asks for two answers
ASKING = RLock()  # never taken while COMPUTING is held


def one_at_a_time(
    most: int, lock: AbstractContextManager = COMPUTING
) -> Callable[[Callable], Callable]:
    """Keep the last `most` results of a function; the server computes one at a time under a lock.

    Sessions that ask for the same new result compute it once, and none waits for one that is kept.
    """

    def keep(compute: Callable) -> Callable:
        results: dict[tuple, Any] = {}

        @wraps(compute)
        def find(*key: Any) -> Any:
            found = results.get(key)
            if found is not None:
                return found
            with lock:
                found = results.get(key)
                if found is None:  # no other session has computed it meanwhile
                    found = compute(*key)
                    if len(results) >= most:
                        del results[next(iter(results))]
                    results[key] = found
            return found

        find.results, find.lock = results, lock
        return find

    return keep


compile_beside()  # a server that finds no compiled code answers without, and makes it meanwhile
answer = one_at_a_time(32)(bands.answer)  # 70 kB each; Undo and Swap come back to recent ones
lead_map = one_at_a_time(16, ASKING)(sensitivity.lead_map)  # 441 cells each
tornado = one_at_a_time(64, ASKING)(sensitivity.tornado)  # some bars each
curves = one_at_a_time(64, ASKING)(sensitivity.curves)  # 25 points for each bar that is shown
coverage = lru_cache(maxsize=1)(bands.coverage)  # the same for every scenario
fixed_datasets = lru_cache(maxsize=16)(fan.fixed_datasets)  # by start and end of the chart


def answer_now(quarter: str | None = None) -> bands.Answer:
    """The answer to the scenario of this session.

    quarter : the last one of the answer, or None for the end of the scenario
    """
    return answer(until(st.session_state.scenario, quarter))


def lead_map_of(scenario: Scenario) -> sensitivity.LeadMap:
    """The lead map of a scenario; one entry serves every value of the two settings it spans."""
    default = case()
    spanned = {name: default[name] for name in ("wechat", "concern")}
    return lead_map(change(scenario, spanned))


@one_at_a_time(32)  # as many as answers
def comparison(scenario: Scenario, pinned: Scenario) -> Comparison:
    """The difference between a scenario and the pinned one."""
    return compare(answer(scenario), answer(pinned))


narrowed = one_at_a_time(32, ASKING)(narrow)  # 27 rows each


@one_at_a_time(32, ASKING)  # some numbers each
def explanation(pinned: Scenario, scenario: Scenario) -> attribution.Explanation:
    """The share of each changed setting in the difference from the pinned scenario."""
    return attribution.explain(pinned, scenario)


@one_at_a_time(32, ASKING)  # some sentences each
def solved(scenario: Scenario, goal: str, by: str) -> list[goal_seek.Solved]:
    """The value of each lever alone at which a goal is met by a quarter."""
    parsed = goal_seek.parse_goal(goal, by, scenario)
    return goal_seek.solve(scenario, parsed, goal_seek.LEVERS)


@one_at_a_time(32, ASKING)  # some sentences each
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
def errors() -> pd.DataFrame:
    """Errors of the case as-it-happened, % of the observed, by series."""
    return targets.errors(load_evidence()).round(1)
