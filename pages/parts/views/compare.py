"""Compare: how far another scenario is from the present one, what made it, and own figures."""

import streamlit as st

from model.analysis import own_figures
from model.analysis.bands import Answer
from model.analysis.comparison import Comparison, common_end
from model.number_text import ended
from model.quarters import decimal_year
from model.scenario import links
from model.scenario.scenario import Scenario, case, change, changed
from model.scenario.settings import SettingError
from pages.parts import cached, state
from pages.parts.charts import difference, waterfall
from pages.parts.strip import all_rows, name_of
from pages.parts.wording import compare as words
from pages.parts.wording import scenarios
from pages.parts.wording.from_links import plain

NOW, PINNED = "now", "pinned"  # in the box, beside the numbers of the chips
HEIGHTS = {False: 260, True: 130}  # of the difference over time, pixels, by whether on a phone
MOST, AXIS = 220, 46  # pixels on a phone: of the bars, and of their title and axis
ROOM = {"left": 0, "top": 5, "right": 44, "bottom": 0}  # pixels; for numbers right of the bars
FIRST = "no-concern"  # the first thing to compare the default with: what the page is about


def show(scenario: Scenario, _: Answer) -> None:
    """The choice of the other scenario, the difference and what made it; own figures."""
    other, phone = _other(scenario), state.is_phone()  # there the picture comes first
    names = _names(scenario, other)
    if not phone:
        _controls(scenario, other, names[0])
    _compare(state.shown(scenario), state.shown(other), names)
    if phone:
        _controls(scenario, other, names[0])


def _other(scenario: Scenario) -> Scenario:
    """The pinned scenario; without one that which the present one was changed from."""
    if pinned := st.session_state.pin:
        return pinned
    if changed(scenario):
        return case(scenario.case)
    if scenario.origin != case().origin:  # nothing to compare with any that begins then
        return change(scenario, {"concern": 0})
    return case(FIRST if scenario == case() else "")


def _names(scenario: Scenario, other: Scenario) -> tuple[str, str]:
    """The names of the other scenario and of the present one."""
    name = _link_name() or name_of(other) or scenarios.named(other)
    own = name_of(scenario)
    return name, own if own not in ("", name) else words.THIS


def _link_name() -> str:
    """The name of the pinned scenario if a pasted link brought it; else ""."""
    linked, title = st.session_state.get("linked") or (None, "")
    if linked is None or linked != st.session_state.pin:
        return ""
    return words.TITLED.format(title=title) if title else words.LINKED


def _first_large(name: str) -> str:
    """A name as it stands alone, outside a sentence."""
    return name[:1].upper() + name[1:]


def _controls(scenario: Scenario, other: Scenario, name: str) -> None:
    """A row to choose what to compare with, swap and stop; name : of the other scenario."""
    session, (titles, ones) = st.session_state, zip(*all_rows(), strict=True)
    labels = dict(enumerate(scenarios.names(titles))) | {NOW: words.PRESENT}
    place = ones.index(other) if other in ones and not _link_name() else PINNED
    if place == PINNED:
        labels[PINNED] = _first_large(name)
    if session.get("compare_with") != place:
        session.compare_with = place
    with st.container(horizontal=True, gap="small"):
        st.selectbox(
            words.WITH,
            list(labels),
            key="compare_with",
            format_func=labels.get,
            label_visibility="collapsed",
            width=270,
            on_change=_choose,
        )
        st.text_input(
            words.PASTE,
            max_chars=links.LONGEST_LINK,
            key="pasted",
            placeholder=words.PASTE,
            label_visibility="collapsed",
            width=200,
            on_change=_paste,
        )
        st.button(words.SWAP, on_click=_swap, args=(other,))
        stop, off = words.STOP, session.pin is None
        st.button(stop, help=words.STOP_HELP, disabled=off, on_click=_pin, args=(None,))
        with st.popover(words.OWN_TITLE):
            _own(scenario)
    if refused := session.pop("link_refused", ""):
        st.error(plain(ended(words.REFUSED.format(error=refused))))


def _pin(scenario: Scenario | None) -> None:
    """Compare with `scenario` from now on, or with nothing that was chosen."""
    st.session_state.pin, st.session_state.linked = scenario, None


def _choose() -> None:
    """Compare with the scenario that was chosen in the box."""
    chosen = st.session_state.compare_with
    if chosen == NOW:
        _pin(st.session_state.scenario)
    elif chosen != PINNED and chosen is not None and state.knows_its_widgets():
        _pin(all_rows()[chosen][1])


def _paste() -> None:
    """Compare with the scenario of a link; one that cannot be used changes nothing."""
    session = st.session_state
    if not (text := session.pasted.strip()):
        return
    try:
        view, _ = links.link_view(text)
        if not links.known_words(links.parse_link(text)):
            raise SettingError(words.NO_SETTING)
    except SettingError as error:
        session.link_refused = str(error)
        return
    session.pin, session.linked, session.pasted = view.scenario, (view.scenario, view.title), ""


def _swap(other: Scenario) -> None:
    _pin(st.session_state.scenario)
    state.set_scenario(other)


def _compare(scenario: Scenario, other: Scenario, names: tuple[str, str]) -> None:
    """The difference in words and over time, and a bar for each setting that made it."""
    now, then = common_end(scenario, other)
    result = cached.comparison(now, then)
    if not result.times.size:
        st.markdown(words.NO_OVERLAP)
        return
    users = cached.users_at(now, result.times[-1] - decimal_year(now.origin))
    text = "  \n".join(words.apart(result, users, *map(plain, names)))
    note = words.note(result)
    if now == then:
        st.markdown(f"{text} {words.NOT_YET}")
    elif now.origin == then.origin:
        _explained(text, result, (then, now), names)
        ends = f"{words.OTHER_END} " if scenario["horizon"] != other["horizon"] else ""
        st.caption(f"{ends}{words.BARS_NOTE} {note}")
    else:
        st.markdown(f"{text} {words.OTHER_START}")
        _over_time(result)
        st.caption(note)


def _explained(
    text: str,
    result: Comparison,
    between: tuple[Scenario, Scenario],
    names: tuple[str, str],
) -> None:
    """The sentence, a bar for each setting, and beside them the difference over time.

    between : the other scenario and the present one;  names : theirs
    """
    phone = state.is_phone()
    if phone:
        picture, above, small = st.container(), st.empty(), st.container()
    else:
        above, (picture, small) = st.empty(), st.columns([3, 2])
    above.markdown(f"{text} {words.RUNNING}")  # some seconds where many settings differ
    with small:
        _over_time(result)
    made = cached.explanation(*between)
    finding = words.made_by(made)
    above.markdown(f":small[{text} {finding}]" if phone else f"{text} {finding}")
    rows = waterfall.attribution_rows(made)
    rows.loc[rows.kind == "total", "label"] = list(map(_first_large, names))
    picture.vega_lite_chart(
        rows,
        cached.spec(waterfall.attribution_bars) | {"padding": ROOM},
        height=min(AXIS + waterfall.ROW * len(rows), MOST) if phone else HEIGHTS[False],
        key="waterfall",
        alt=words.BARS.format(finding=finding.replace("*", "")),
    )


def _over_time(result: Comparison) -> None:
    rows, spec = difference.difference_rows(result), cached.spec(difference.difference_lines)
    height = HEIGHTS[state.is_phone()]
    st.vega_lite_chart(rows, spec, height=height, key="difference", alt=words.LINES)


def _own(scenario: Scenario) -> None:
    """A file with the reader's own figures, and how the projection does against them."""
    session = st.session_state
    box = f"own_file_{session.own_taken}"  # a new and empty box after each file taken
    file = st.file_uploader(
        words.OWN_FILE,
        "csv",
        key=box,
        on_change=_take_own,
        args=(box,),
        max_upload_size=1,
        help=words.OWN_HELP,
    )
    if file and session.own_refused:
        st.error(plain(session.own_refused))
    if session.own:
        score = own_figures.score(session.own, cached.answer(scenario))
        st.markdown(words.own_figures(score, plain(session.own_name)))
        nothing = {"own": (), "own_name": ""}
        st.button("Remove the figures", on_click=st.session_state.update, args=(nothing,))


def _take_own(box: str) -> None:
    """Take the figures of the file in the box; a bad file changes nothing."""
    session, file = st.session_state, st.session_state[box]
    session.own_refused = ""
    if file is None:
        return
    name = file.name[:60]
    try:
        session.own = own_figures.read_figures(file.getvalue())
    except SettingError as error:
        session.own_refused = ended(words.OWN_REFUSED.format(file=name, error=error))
        return
    session.own_name = name
    session.own_taken += 1
