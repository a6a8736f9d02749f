"""The crowd of `make load`: its sessions keep what a browser keeps."""

import random

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.load import Session, move, note, question


def slider_message(name, default, value=None):
    message = ForwardMsg()
    slider = message.delta.new_element.slider
    slider.id, slider.min, slider.max, slider.step = name, 10, 30, 5
    slider.default.append(default)
    if value is not None:
        slider.value.append(value)
        slider.set_value = True
    return message


def test_a_slider_has_the_value_that_the_server_sets_or_else_its_default():
    session = Session(None)
    note(session, slider_message("growth", 10, 25))
    note(session, slider_message("concern", 20))
    assert session.values == {"growth": 25, "concern": 20}
    session.values["concern"] = 30
    note(session, slider_message("concern", 20))  # drawn again, and not set
    assert session.values["concern"] == 30


def test_a_question_has_the_address_that_the_server_wrote_and_all_values():
    session = Session(None)
    note(session, slider_message("growth", 10, 25))
    page, address = ForwardMsg(), ForwardMsg()
    page.new_session.page_script_hash = "page"
    address.page_info_changed.query_string = "wechat=25"
    assert not note(session, page) and not note(session, address)
    asked = BackMsg.FromString(question(session)).rerun_script
    assert (asked.query_string, asked.page_script_hash) == ("wechat=25", "page")
    (widget,) = asked.widget_states.widgets
    assert widget.id == "growth" and list(widget.double_array_value.data) == [25]


def test_a_run_that_is_cut_short_for_the_next_one_is_not_the_end():
    early, whole = ForwardMsg(), ForwardMsg()
    early.script_finished = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    whole.script_finished = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
    assert not note(Session(None), early) and note(Session(None), whole)


def test_an_exception_on_the_page_is_an_error():
    message = ForwardMsg()
    message.delta.new_element.exception.type = "KeyError"
    with pytest.raises(RuntimeError, match="KeyError"):
        note(Session(None), message)


def test_a_move_ends_on_a_place_of_the_slider():
    session, rng, places = Session(None), random.Random(1), set()
    note(session, slider_message("growth", 10))
    for _ in range(100):
        move(session, rng)
        places.add(session.values["growth"])
    assert places == {10, 15, 20, 25, 30}
