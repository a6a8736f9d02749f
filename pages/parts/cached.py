"""Everything that is kept between reruns; no other module caches.

A frozen scenario is the key, so equal settings cost nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Timer
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from model import backtest, bands, questions, sensitivity, targets
from model.evidence import DataError, Evidence, evidence
from model.scenario import Scenario, case, change
from model.settings import settings

ENTRIES = 64  # a person goes back some dozens of settings at most; an entry is some 70 kB
REST = 0.12  # seconds after a move in which the page is drawn


@contextmanager
def refusal() -> Iterator[None]:
    """In place of results that bad data would give: one sentence, and nothing half-shown."""
    try:
        yield
    except DataError as error:
        st.error(f"The page cannot be shown, because its data are not in order: {error}.")
        st.stop()


@lru_cache(maxsize=32)
def spec(make: Callable[[], alt.TopLevelMixin]) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, without data: made once."""
    made = make().to_dict()
    return {key: value for key, value in made.items() if key not in ("data", "config", "$schema")}


@lru_cache(maxsize=ENTRIES)
def answer(scenario: Scenario, outside: str) -> bands.Answer:
    """The totals of a scenario with their band, and the same without security concern."""
    return bands.answer(scenario, outside)


@lru_cache(maxsize=32)
def comparison(scenario: Scenario, pinned: Scenario, outside: str) -> questions.Comparison:
    """How far a scenario is from the pinned one."""
    return questions.compare(answer(scenario, outside), answer(pinned, outside))


@lru_cache(maxsize=32)
def solved(scenario: Scenario, goal: str, by: str, outside: str) -> list[questions.Solved]:
    """What each lever alone would have to be for a goal by a quarter."""
    aim = questions.parse_goal(goal, by, scenario)
    return questions.solve(scenario, aim, questions.LEVERS, outside)


@lru_cache(maxsize=16)
def lead_map(scenario: Scenario, outside: str) -> sensitivity.LeadMap:
    """Users over WeChat growth and security concern."""
    return sensitivity.lead_map(scenario, outside)


def lead_map_of(scenario: Scenario, outside: str) -> sensitivity.LeadMap:
    """The same map wherever on it a scenario is: both of its settings go from end to end."""
    start = case()
    anywhere = {name: start[name] for name in ("wechat", "concern")}
    return lead_map(change(scenario, anywhere), outside)


@lru_cache(maxsize=64)
def tornado(scenario: Scenario, outside: str) -> sensitivity.Tornado:
    """WeChat's users with each setting at the ends of its plausible range."""
    return sensitivity.tornado(scenario, outside)


class _Ahead:
    """Answers the next press of a key before it comes, once the page has come to rest.

    One timer for the whole server, started anew by every move: while people keep moving sliders,
    nothing is worked out ahead of time.
    """

    timer: Timer | None = None

    @classmethod
    def start(cls, scenarios: list[Scenario], outside: str) -> None:
        """Work out `scenarios` unless somebody moves something first."""
        if cls.timer:
            cls.timer.cancel()
        timer = cls.timer = Timer(REST, lambda: cls._work_out(timer, scenarios, outside))
        timer.daemon = True
        timer.start()

    @classmethod
    def _work_out(cls, timer: Timer, scenarios: list[Scenario], outside: str) -> None:
        for scenario in scenarios:
            if cls.timer is timer:
                answer(scenario, outside)


def ahead(scenario: Scenario, outside: str, name: str, before: float) -> None:
    """Soon work out the answers one step further on the slider `name`, and one step back."""
    setting, value = settings()[name], scenario[name]
    onward = setting.step if value >= before else -setting.step
    steps = [value + onward, value - onward]
    inside = [step for step in steps if setting.low <= step <= setting.high]
    _Ahead.start([change(scenario, {name: step}) for step in inside], outside)


@st.cache_resource(max_entries=1, show_spinner=False)
def known() -> Evidence:
    """The evidence, for the pages that show it."""
    return evidence()


@st.cache_resource(max_entries=1, show_spinner=False)
def producers() -> dict[str, str]:
    """Who made each source, by its id."""
    sources = evidence().sources
    return dict(zip(sources.source_id, sources.producer, strict=True))


@st.cache_resource(max_entries=1, show_spinner=False)
def coverage() -> float:
    """How often the 80% prediction interval was right in the back-test."""
    return bands.coverage()


@st.cache_resource(max_entries=1, show_spinner=False)
def errors() -> pd.DataFrame:
    """Errors of the case as-it-happened."""
    return targets.errors(evidence()).round(1)


@st.cache_resource(max_entries=1, show_spinner=False)
def published_forecast() -> pd.DataFrame:
    """KakaoTalk's forecast of 2014 against what came."""
    return backtest.published_forecast(evidence()).round(1)
