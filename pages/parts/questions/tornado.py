"""What moves it most: a bar for each setting, and on request the Sobol indices."""

import pandas as pd
import streamlit as st

from model.analysis.sensitivity import NAMES, Indices, Tornado, sobol
from model.scenario.scenario import change
from model.scenario.settings import all_settings
from pages.parts import cached, state
from pages.parts.charts import question_charts

MOST = 12  # bars that are shown


def show() -> None:
    """The tornado, clickable; the indices behind a button."""
    scenario, outside = st.session_state.scenario, st.session_state.outside
    found = cached.tornado(scenario, outside)
    st.vega_lite_chart(
        tornado_frame(found),
        cached.spec(question_charts.tornado),
        key=state.mark_key("tornado"),
        alt="Bars of WeChat's users with each setting at the ends of its plausible range",
        on_select=_go,
        selection_mode="bar",
    )
    st.caption(
        "Each bar moves one setting alone to the ends of its plausible range (faint: low end, "
        "strong: high end); the dashed line is this scenario. Click a bar to set the slider there. "
        f"The {MOST} longest of {len(found.bars)} are shown. {question_charts.FEW_RUNS}"
    )
    if st.button(
        "Work out how settings act together",
        help=("Sobol indices of eight settings from 5,120 runs; takes some seconds."),
    ):
        bar = st.progress(0.0, "Running the model")
        indices = sobol(scenario, progress=bar.progress)
        bar.empty()
        st.vega_lite_chart(
            sobol_frame(indices),
            cached.spec(question_charts.sobol_bars),
            key="sobol",
            alt="Shares of the variance by setting, alone and with interactions",
        )
        st.markdown(
            "Here these eight settings move at once, each over its whole plausible range, wherever "
            "their sliders stand. Strong: the share of the spread of WeChat's users (in steps of "
            "doubling) that a setting makes by itself; faint: with what it adds to others. "
            f"**{100 * indices.interactions:.0f}%** of the spread comes from settings acting "
            "together."
        )


def _go() -> None:
    """Set the setting of the clicked bar to that end of its range."""
    if end := state.clicked("tornado", "bar"):
        state.set_to(change(st.session_state.scenario, {end["setting"]: end["value"]}))


def tornado_frame(found: Tornado) -> pd.DataFrame:
    """Rows for tool_charts.tornado."""
    rows = []
    for rank, bar in enumerate(found.bars[:MOST]):
        setting = all_settings()[bar.setting]
        fewest = "low" if bar.users_low <= bar.users_high else "high"
        for end in ("low", "high"):
            value = getattr(bar, end)
            users, side = float(getattr(bar, f"users_{end}")), "left" if end == fewest else "right"
            # outside the bars even where both ends lie on one side of now
            label_at = min(users, found.users) if end == fewest else max(users, found.users)
            rows.append(
                {
                    "setting": bar.setting,
                    "label": setting.label,
                    "end": end,
                    "value": value,
                    "said": setting.format(value),
                    "users": round(users, 3),
                    "side": side,
                    "label_at": round(float(label_at), 3),
                    "now": round(float(found.users), 3),
                    "rank": rank,
                }
            )
    return pd.DataFrame(rows)


def sobol_frame(indices: Indices) -> pd.DataFrame:
    """Rows for tool_charts.sobol_bars."""
    labels = [all_settings()[name].label for name in NAMES]
    both = {"label": labels, "rank": (-indices.total).argsort().argsort()}
    alone = pd.DataFrame({**both, "part": "alone", "share": indices.first.clip(0)})
    whole = pd.DataFrame({**both, "part": "with others", "share": indices.total.clip(0)})
    return pd.concat([alone, whole], ignore_index=True)
