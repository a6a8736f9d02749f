"""Everything that is kept between reruns; no other module caches.

A frozen scenario is the key, so equal settings cost nothing the second time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st

from model.analysis import bands, goal_seek, sensitivity
from model.analysis.comparison import Comparison, compare
from model.calibration import backtest, targets
from model.evidence.reader import DataError, Evidence, load_evidence
from model.scenario.scenario import Scenario, case, change
from model.scenario.settings import all_settings
from pages.parts import wording
from pages.parts.charts import fan_data

ENTRIES = 32  # a person goes back some dozens of settings at most; an entry is some 70 kB
REST = 0.2  # seconds after a move in which the page is drawn


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
def comparison(scenario: Scenario, pinned: Scenario, outside: str) -> Comparison:
    """How far a scenario is from the pinned one."""
    return compare(answer(scenario, outside), answer(pinned, outside))


@dataclass(frozen=True)
class Drawn:
    """The answer as it is shown: sentence, further lines, cards, datasets of the chart."""

    sentence: str
    lines: str
    cards: list[dict[str, str | None]]
    fan: dict[str, pa.Table]
    hindsight: str


@lru_cache(maxsize=ENTRIES)
def drawn(scenario: Scenario, outside: str, band: str, pinned: Scenario | None) -> Drawn:
    """The answer as it is shown, beside the pinned scenario if there is one."""
    found = answer(scenario, outside)
    other = answer(pinned, outside) if pinned else None
    against = comparison(scenario, pinned, outside) if pinned else None
    lines = [
        wording.cost(found, scenario),
        f":small[:gray[{wording.limits(band, coverage())}]]",
        wording.against(against, pinned) if against and against.times.size else "",
        wording.changes(scenario),
    ]
    return Drawn(
        sentence=wording.sentence(found, outside, band),
        lines="\n\n".join(lines),
        cards=wording.cards(found, against, scenario),
        fan=fan_data.fan(found, outside, band, other),
        hindsight=wording.in_hindsight(found, outside),
    )


@lru_cache(maxsize=32)
def solved(scenario: Scenario, goal: str, by: str, outside: str) -> list[goal_seek.Solved]:
    """What each lever alone would have to be for a goal by a quarter."""
    aim = goal_seek.parse_goal(goal, by, scenario)
    return goal_seek.solve(scenario, aim, goal_seek.LEVERS, outside)


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


_MOVES: SimpleQueue[list[tuple[Scenario, str, str, Scenario | None]]] = SimpleQueue()


@lru_cache(maxsize=1)
def _worker() -> Thread:
    """One thread for the whole server that works out what the last move may be followed by.

    It waits until the page has come to rest: while people keep moving sliders, it does nothing.
    """

    def work() -> None:
        wanted = _MOVES.get()
        while True:
            with suppress(Empty):
                wanted = _MOVES.get(timeout=REST)
                continue
            for one in wanted:
                # what fails here fails again, and is told, when it is asked for
                with suppress(Exception):
                    if _MOVES.empty():
                        drawn(*one)
            wanted = _MOVES.get()

    thread = Thread(target=work, name="ahead", daemon=True)
    thread.start()
    return thread


def ahead(
    name: str, before: float, scenario: Scenario, outside: str, band: str, pinned: Scenario | None
) -> None:
    """Soon work out the answers one step further on the slider `name`, and one step back."""
    setting, value = all_settings()[name], scenario[name]
    onward = setting.step if value >= before else -setting.step
    steps = [value + onward, value - onward]
    inside = [step for step in steps if setting.low <= step <= setting.high]
    _worker()
    _MOVES.put([(change(scenario, {name: step}), outside, band, pinned) for step in inside])


@st.cache_resource(max_entries=1, show_spinner=False)
def known() -> Evidence:
    """The evidence, for the pages that show it."""
    return load_evidence()


@st.cache_resource(max_entries=1, show_spinner=False)
def producers() -> dict[str, str]:
    """Who made each source, by its id."""
    sources = load_evidence().sources
    return dict(zip(sources.source_id, sources.producer, strict=True))


@st.cache_resource(max_entries=1, show_spinner=False)
def coverage() -> float:
    """How often the 80% prediction interval held what came, in the record."""
    return bands.coverage()


@st.cache_resource(max_entries=1, show_spinner=False)
def errors() -> pd.DataFrame:
    """Errors of the case as-it-happened."""
    return targets.errors(load_evidence()).round(1)


@st.cache_resource(max_entries=1, show_spinner=False)
def published_forecast() -> pd.DataFrame:
    """KakaoTalk's forecast of 2014 against what came."""
    return backtest.published_forecast(load_evidence()).round(1)
