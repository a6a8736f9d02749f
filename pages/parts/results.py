"""The fragments that show results; each is drawn again by itself when a slider moves."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from model.analysis.bands import Answer
from model.evidence.reader import DataError
from model.number_text import ended
from model.quarters import month_text
from model.scenario.scenario import later_quarters
from pages.parts import address, cached, guess, live, reruns, state, wording
from pages.parts.charts import fan, fan_data


@contextmanager
def refusal() -> Iterator[None]:
    """Stop with one sentence in place of results that bad data would give."""
    try:
        yield
    except DataError as error:
        wrong = f"The page cannot be shown, because its data are not in order: {error}"
        st.error(ended(wrong))
        st.stop()


@st.fragment(run_every=86_400)  # seconds
def reconnect() -> None:
    """Nothing; but a browser that has such a fragment runs the page again on a new server.

    Without it the first slider or button after a restart would be lost.
    """


@st.fragment(key="results")
def show() -> None:
    """The answer as text, and the chart; of one session at a time, see `cached`."""
    with reruns.timed(st.session_state.scenario), cached.COMPUTING:
        _show()


def _show() -> None:
    session = st.session_state
    scenario, pinned = session.scenario, session.pin
    whole, answer = cached.answer_now(), cached.answer_now(session.at)
    other = cached.answer(pinned) if pinned else None
    if guess.is_asked():
        guess.ask(whole)
        address.write()
        return
    is_earlier = answer.times.size < whole.times.size
    datasets = fan_data.fan(
        whole,
        other,
        scenario=scenario,
        top_before=session.get("top", 0.0),
        at=answer.times[-1] if is_earlier else None,
        guess=guess.number(),
        own=session.own,
        fixed=cached.fixed_datasets,
    )
    session.top = datasets["axis"]["top"][0].as_py()
    lines = [wording.reach(answer), wording.cost(answer, scenario)]
    if guess.number() is not None:
        lines.append(guess.beside(whole))
    if pinned:
        against = cached.comparison(state.shown(), state.shown(pinned))
        lines += [wording.against(against, pinned)] if against.times.size else []
    # everything is computed before anything is sent, and the chart, which takes longest to send, is
    # sent first: the browser then has all of it at once and draws once
    above = st.container(gap="xxsmall")
    chart = {**cached.spec(fan.FANS[state.is_phone()]), "datasets": datasets}
    st.vega_lite_chart(
        None,
        chart,
        key="fan",
        alt=wording.CHART,
        on_select=_go_to_quarter,
        selection_mode="at",
    )
    with above:
        if session.title:
            st.caption(f"**{wording.plain(session.title)}**")
        st.header(wording.headline(answer), anchor=False)
        if is_earlier:
            _way_back(whole)
        st.markdown("  \n".join(lines))
    if not st.context.is_embedded:
        live.show(wording.sentence(answer))
        address.write()  # last: the browser draws everything again when its address changes


def _way_back(whole: Answer) -> None:
    """A button to the answer for the end; it stands only where an earlier quarter is shown."""
    end = month_text(whole.times[-1])
    icon = ":material/last_page:"  # without one a button of this type looks like text
    label = f"To the end, {end}"
    st.button(label, key="to_end", type="tertiary", icon=icon, on_click=_show_quarter)


def _go_to_quarter() -> None:
    """Show the answer for the quarter that was clicked."""
    if chosen := st.session_state.fan.selection["at"]:
        _show_quarter(chosen[0]["name"])


def _show_quarter(name: str | None = None) -> None:
    """Show the answer for a quarter, the nearest one that can be shown, or for the end."""
    quarters = later_quarters(st.session_state.scenario)
    if name is not None:
        name = max(name, quarters[0])
        name = None if name >= quarters[-1] else name
    st.session_state.at = name
    st.rerun()


def notes() -> None:
    """The notes on a link, until they are dismissed."""
    if notes := st.session_state.notes:
        st.warning("  \n".join(wording.from_link(note) for note in notes))
        st.button("Dismiss the notes", on_click=state.dismiss)


@st.fragment(key="strip")
def strip() -> None:
    """The answer at the bottom of a phone."""
    session = st.session_state
    if not guess.is_asked():
        st.bottom.markdown(wording.short(cached.answer_now(session.at)))
