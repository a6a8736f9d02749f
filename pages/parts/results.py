"""The answer in words, above the stage: drawn again by itself when a slider moves."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from model.evidence import DataError
from model.number_text import ended
from model.quarters import decimal_year, month_text
from model.scenario.scenario import Scenario, later_quarters
from pages.parts import address, cached, state, turns
from pages.parts.views import guess, story
from pages.parts.wording import answer as words
from pages.parts.wording import from_links, page, scenarios

SUBTITLE = 52  # pixels: two lines


@contextmanager
def refusal(*, ends: bool = True) -> Iterator[None]:
    """One sentence in place of results: bad data give none, nor does a full queue.

    ends : nothing is drawn after it
    """
    try:
        yield
        return
    except turns.Refused as error:
        st.info(str(error))
    except DataError as error:
        st.error(ended(page.NOT_IN_ORDER.format(error=error)))
    if ends:
        st.stop()


@st.fragment(run_every=86_400)  # seconds
def reconnect() -> None:
    """Nothing; but a browser that has such a fragment runs the page again on a new server.

    Without it the first slider or button after a restart would be lost.
    """


def title() -> None:
    """The question, and what the page is, or the title that a link gave it: on a phone below it.

    No title moves what is below: a long one is cut.
    """
    typed = from_links.plain(st.session_state.title)
    own = typed and f"**{typed}**"
    if state.is_phone():
        with st.container(gap=None):
            with st.container(horizontal=True, gap=None):  # where a heading has no space around it
                st.title(f":small[{page.TITLE}]", anchor=False)
            if not story.now():  # which needs the room
                st.markdown(f":small[{own or cached.short_subtitle()}]", wrap=False)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(page.TITLE, anchor=False, width="content")
        with st.container(width=270, height=SUBTITLE, border=False, vertical_alignment="center"):
            st.markdown(f":small[{own or cached.subtitle()}]", wrap=not own)
        story.offer()


def show() -> None:
    """The answer in three lines; or what is asked before the answer is shown."""
    scenario = st.session_state.scenario
    answer = cached.answer(state.shown(scenario))
    with st.container(gap=None):
        if state.guess_is_asked():
            guess.question(scenario)
            return
        if not (story.now() and state.is_phone()):
            _headline(scenario, words.headline(answer))
        if story.now():
            story.show()
        else:
            on_phone = f":small[{words.below_headline(answer)}]"  # one line
            lines = [on_phone] if state.is_phone() else words.lines(answer, scenario)
            st.markdown("  \n".join(lines))


def _headline(scenario: Scenario, text: str) -> None:
    """The headline, and beside it the choice of the quarter that it is for."""
    if st.context.is_embedded:
        st.header(text, anchor=False)
        return
    if state.is_phone():  # there a tap on the chart chooses the date
        with st.container(horizontal=True, gap=None):
            st.header(text, anchor=False)
        return
    quarters = later_quarters(scenario)[:-1]
    if st.session_state.at not in quarters:  # the end moved, or is chosen
        st.session_state.at = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(text, anchor=False, width="content")
        if story.now():  # a step is about the end
            return
        st.selectbox(
            "Answer for",
            quarters,
            index=None,
            **state.confirmed("at"),
            format_func=lambda quarter: month_text(decimal_year(quarter)),
            placeholder=page.AT_THE_END,
            width=170,
        )


def notes() -> None:
    """The notes on a link, until they are dismissed."""
    if (notes := st.session_state.notes) and not state.guess_is_asked():  # they may tell it
        st.warning("  \n".join(from_links.from_link(note) for note in notes))
        st.button("Dismiss the notes", on_click=st.session_state.update, args=({"notes": ()},))


def foot() -> None:
    """The settings that differ from the case, how to read the chart, and the reading pages."""
    if state.is_phone():
        story.offer()
    if changed := scenarios.changes(st.session_state.scenario):
        st.caption(changed)
    address.reading_links("evidence", "method")
    if not state.guess_is_asked():
        st.caption(f"{words.limits(cached.coverage())}\n\n{words.LEGEND}")
