"""Moves of sliders as follow.js tells them: only so a browser changes the scenario."""

import json

import pytest
from streamlit.components.v2.bidi_component.main import _make_trigger_id

from model.scenario.scenario import case, change
from pages.parts import state, turns
from pages.parts.wording import page as words
from tests.pages.screen import address, open_page


class Session(dict):
    """As st.session_state: its keys are attributes too."""

    __getattr__, __setattr__ = dict.__getitem__, dict.__setitem__


@pytest.fixture
def session(monkeypatch):
    one = Session(state.KEYS_AT_START, scenario=case(), controlled=case(), open="over", saw=0)
    monkeypatch.setattr(state.st, "session_state", one)
    return one


def tell(session, **moved):
    """Take a message of the component."""
    session.follow = Session(moved=moved)
    state.take_message()


def test_a_drag_is_followed_and_undone_as_one(session):
    for number, value in enumerate(("140", "180", "220"), 1):
        tell(session, name="wechat", value=value, drag=1, ends=False, number=number)
        assert session.scenario == session.controlled == change(case(), {"wechat": float(value)})
        assert session.heard == number and state.is_dragged()
    tell(session, name="wechat", value="230", drag=1, ends=True, number=4)
    assert not state.is_dragged() and session.past == (case(),)
    tell(session, name="line", value="50", drag=0, ends=True, number=5)
    assert session.past == (case(), change(case(), {"wechat": 230}))


def test_what_no_slider_can_send_changes_nothing(session):
    for moved in (
        {},
        {"name": "wechat"},
        {"name": "wechat", "value": "x"},
        {"name": 3, "value": []},
    ):
        tell(session, **moved, number="x")
        assert session.scenario == case() and session.heard == 0 and not session.past


def test_controls_that_show_another_scenario_are_drawn_again(session):
    state.set_scenario(case("hard-line"))
    assert state.controls_are_behind()
    tell(session, name="wechat", value="140", drag=0, ends=True, number=1)
    assert state.controls_are_behind()


def test_a_slider_that_moves_by_itself_counts_until_the_component_tells(session):
    """As in a script without a browser; in one, what sliders hold is told already, or old."""
    session.set_wechat = 140.0
    state.take_sliders()
    assert session.scenario["wechat"] == 140
    session.controlled = session.scenario
    tell(session, name="wechat", value="150", drag=0, ends=True, number=1)
    session.set_wechat = 140.0
    state.take_sliders()
    assert session.scenario["wechat"] == 150


def component(app):
    """The id of the component that tells of moves."""
    (found,) = (one.proto.id for one in app.get("bidi_component") if "follow" in one.proto.id)
    return found


def test_where_too_many_wait_sliders_go_on_working(monkeypatch):
    monkeypatch.setitem(turns.MOST, "answer", 0)
    app = open_page(wechat="211.5", line="77.5")
    assert [one.value for one in app.info] == [words.BUSY] and not app.exception
    assert component(app) and not app.header


def test_the_page_takes_a_message():
    app = open_page()
    before = app.header[0].value
    states = app._tree.get_widget_states()
    message = states.widgets.add()
    message.id = _make_trigger_id(component(app), "events")
    moved = {"name": "wechat", "value": "230", "drag": 0, "ends": True, "number": 1}
    message.json_trigger_value = json.dumps([{"event": "moved", "value": moved}])
    app._run(states)
    assert app.header[0].value != before and not app.exception
    assert address(app)["wechat"] == "230"


@pytest.mark.parametrize(
    ("name", "choice"), [("open", "where"), ("show", "cost"), ("rival", "KakaoTalk")]
)
def test_the_browser_is_told_of_its_own_choice(name, choice):
    """A drawing that arrived after the choice had left can have set another."""
    app = open_page(open={"show": "where", "rival": "lead"}.get(name, "over")).run()
    one = next(one for one in app.get("button_group") if one.key == name)
    assert not one.proto.set_value
    one.set_value(choice).run()
    found = next(one for one in app.get("button_group") if one.key == name)
    assert found.proto.set_value and found.value == choice
