"""Everything that is kept between reruns; no other module caches.

A frozen scenario is the key, so equal settings cost nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from model import backtest, bands, history, targets
from model.evidence import DataError, Evidence, evidence
from model.scenario import Scenario
from pages.parts import charts

ENTRIES = 256  # a person tries some dozens of settings; each entry is some 20 kB


@contextmanager
def refusal() -> Iterator[None]:
    """In place of results that bad data would give: one sentence, and nothing half-shown."""
    try:
        yield
    except DataError as error:
        st.error(f"The page cannot be shown, because its data are not in order: {error}.")
        st.stop()


@st.cache_resource(max_entries=32, show_spinner=False)
def spec(name: str) -> dict[str, Any]:
    """The Vega-Lite specification of a chart of `charts`, without data: made once."""
    chart: alt.TopLevelMixin = getattr(charts, name)()
    made = chart.to_dict()
    return {key: value for key, value in made.items() if key not in ("data", "config", "$schema")}


@st.cache_data(max_entries=ENTRIES, show_spinner=False)
def answer(scenario: Scenario, outside: str) -> bands.Answer:
    """The totals of a scenario with their band, and the same without security concern."""
    return bands.answer(scenario, outside)


@st.cache_resource(max_entries=8, show_spinner=False)
def observed(outside: str) -> pd.DataFrame:
    """What was observed, for the chart."""
    return history.observed_totals(outside)


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
