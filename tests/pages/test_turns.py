"""Turns: fair, bounded, in the order of kinds; nothing is computed for whoever has left."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from model.analysis import sensitivity
from model.analysis.effort import between_batches
from model.engine.projection import is_idle
from model.scenario.scenario import case, change
from pages.parts import cached, controls, turns
from pages.parts.serving import budgets, limits
from pages.parts.turns import ASKER, Asker, Busy, Left, Overdue, Turns
from pages.parts.wording import page as words
from tests.pages.screen import open_page
from tests.pages.test_serving_api import answer_to

SHORT = {"horizon": 1}


@pytest.fixture
def crowd(monkeypatch):
    """`crowd(name, work)` runs `work` in a thread for somebody; turns of the test's own."""
    own = Turns()
    monkeypatch.setattr(turns, "TURNS", own)
    monkeypatch.setattr(turns, "POLL", 0.01)
    with ThreadPoolExecutor(40) as pool:

        def ask(name, work, check=lambda: None):
            def run():
                ASKER.set(Asker(name, name.partition(" ")[0], check))
                try:
                    return work()
                finally:
                    ASKER.set(None)

            return pool.submit(run)

        ask.turns = own
        yield ask


def until(is_so):
    """Wait until something is so, five seconds at most."""
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def waits(crowd, kind, many):
    until(lambda: len(crowd.turns.waiting[kind]) == many)


def hold(crowd, kind, name="holder"):
    """As many as may compute at a time, who do until the event is set."""
    ended = Event()

    def work():
        with crowd.turns.turn(kind):
            assert ended.wait(5)

    for _ in range(turns.AT_ONCE[kind]):
        crowd(name, work)
    until(lambda: len(crowd.turns.running[kind]) == turns.AT_ONCE[kind])
    return ended


def noting(crowd, kind, order, name):
    def work():
        with crowd.turns.turn(kind):
            order.append(name)

    return work


def end(ended, asked):
    """Let the holder end, and all who wait have their turns."""
    ended.set()
    for one in asked:
        one.result(5)


def leaves(gone):
    """The check of one who leaves when the event is set."""

    def check():
        if gone.is_set():
            raise Left

    return check


FLOOD = [f"flood {number}" for number in range(6)]


@pytest.mark.parametrize(
    ("holder", "came", "served"),
    [
        ("flood", ["flood"] * 4 + ["other"] * 2, ["other", "flood", "other", *["flood"] * 3]),
        ("holder", FLOOD + ["other"] * 3, ["flood 0", "other", "flood 1", "other", "flood 2",
                                           "other", *FLOOD[3:]]),
        ("holder", ["class 1"] * 3 + ["class 2"] * 2, ["class 1", "class 2"] * 2 + ["class 1"]),
    ],
    ids=["one who floods", "one address with many pages", "pages of one address"],
)  # fmt: skip
def test_the_address_and_its_page_served_longest_ago_is_next(crowd, holder, came, served):
    order, ended, asked = [], hold(crowd, "question", holder), []
    for name in came:
        asked.append(crowd(name, noting(crowd, "question", order, name)))
        waits(crowd, "question", len(asked))
    end(ended, asked)
    assert order == served


def test_one_of_a_kind_is_computed_at_a_time_and_kinds_do_not_wait_for_each_other(crowd):
    ended = hold(crowd, "question")
    second = crowd("second", noting(crowd, "question", [], ""))
    crowd("other", noting(crowd, "answer", [], "")).result(5)
    crowd("other", noting(crowd, "file", [], "")).result(5)
    assert not second.done()
    end(ended, [second])


def test_two_answers_are_computed_at_a_time_each_on_one_core(crowd):
    alone = []

    def work():
        with crowd.turns.turn("answer"):
            alone.append(is_idle.get()())

    crowd("first", work).result(5)
    ended = Event()

    def holding():
        with crowd.turns.turn("answer"):
            assert ended.wait(5)

    crowd("a", holding)
    until(lambda: crowd.turns.running["answer"])
    crowd("second", work).result(5)
    crowd("b", holding)
    until(lambda: len(crowd.turns.running["answer"]) == 2)
    third = crowd("third", work)
    waits(crowd, "answer", 1)
    ended.set()
    third.result(5)
    assert alone[:2] == [True, False]


def test_a_file_and_a_question_let_answers_go_first_between_batches(crowd, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 5.0)
    order, answered = [], hold(crowd, "answer")

    def batch(kind):
        with crowd.turns.turn(kind):
            between_batches.get()(0.0)
            order.append(kind)
            between_batches.get()(0.0)

    asked = [crowd("a", lambda: batch("file")), crowd("b", lambda: batch("question"))]
    until(lambda: all(crowd.turns.running.values()))
    time.sleep(0.05)
    assert not order
    end(answered, asked)
    assert order == ["question", "file"]


def test_a_question_ends_although_answers_never_do(crowd, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    answered = hold(crowd, "answer")

    def work():
        with crowd.turns.turn("question"):
            between_batches.get()(0.0)

    crowd("a", work).result(2)
    answered.set()


def test_who_comes_when_too_many_wait_is_refused_at_once(crowd, monkeypatch):
    monkeypatch.setitem(turns.MOST, "file", 3)
    monkeypatch.setattr(turns, "PART_OF_ONE", 2 / 3)
    ended = hold(crowd, "file")
    asked = [crowd("a", noting(crowd, "file", [], "")) for _ in range(2)]
    waits(crowd, "file", 2)
    assert isinstance(crowd("a", noting(crowd, "file", [], "")).exception(5), Busy)
    asked.append(crowd("b", noting(crowd, "file", [], "")))
    waits(crowd, "file", 3)
    assert crowd.turns.is_full("file")
    assert str(crowd("c", noting(crowd, "file", [], "")).exception(5)) == words.BUSY
    end(ended, asked)
    assert not crowd.turns.waiting["file"]


def test_who_leaves_is_dropped_and_what_was_asked_is_not_computed(crowd):
    gone, order, ended = Event(), [], hold(crowd, "question")

    left = crowd("a", noting(crowd, "question", order, "a"), leaves(gone))
    stays = crowd("b", noting(crowd, "question", order, "b"))
    waits(crowd, "question", 2)
    gone.set()
    assert isinstance(left.exception(5), Left)
    waits(crowd, "question", 1)
    end(ended, [stays])
    assert order == ["b"]


def test_a_shared_result_is_computed_for_who_stays_when_the_first_has_left(crowd):
    gone, calls, ended = Event(), [], hold(crowd, "question")

    @cached.computed_once(2)
    def compute(key):
        calls.append(key)
        return key

    first = crowd("a", lambda: compute("x"), leaves(gone))
    waits(crowd, "question", 1)
    others = [crowd(name, lambda: compute("x")) for name in "bc"]
    gone.set()
    assert isinstance(first.exception(5), Left)
    ended.set()
    assert [one.result(5) for one in others] == ["x", "x"] and calls == ["x"]


def test_who_leaves_in_the_middle_of_a_computation_ends_it(crowd):
    gone, begun, calls = Event(), Event(), []

    @cached.computed_once(2)
    def compute(key):
        calls.append(key)
        begun.set()
        for _ in range(500 if len(calls) == 1 else 1):
            between_batches.get()(0.0)
            time.sleep(0.01)
        return key

    first = crowd("a", lambda: compute("x"), leaves(gone))
    assert begun.wait(5)
    second = crowd("b", lambda: compute("x"))
    gone.set()
    assert isinstance(first.exception(5), Left)
    assert second.result(5) == "x" and calls == ["x", "x"]


def test_within_a_turn_nobody_waits_for_one_who_waits_for_it(crowd):
    """Else both would wait for ever: one for the result, the other for the turn."""
    go, calls = Event(), []

    @cached.computed_once(2, "answer")
    def compute(key):
        calls.append(key)
        return key

    def drawing():
        with crowd.turns.turn("answer"):
            assert go.wait(5)
            return compute("x")

    draws = [crowd("a", drawing) for _ in range(turns.AT_ONCE["answer"])]
    until(lambda: len(crowd.turns.running["answer"]) == len(draws))
    waiting = crowd("b", lambda: compute("x"))
    waits(crowd, "answer", 1)
    go.set()
    assert {one.result(5) for one in (*draws, waiting)} == {"x"} and calls == ["x"]


def test_a_question_past_its_time_says_so_and_is_not_tried_again(crowd, monkeypatch):
    monkeypatch.setitem(turns.LONGEST, "question", 0.0)
    calls = []

    @cached.computed_once(2)
    def tornado(scenario):
        calls.append(scenario)
        return sensitivity.tornado(scenario)

    for _ in range(2):
        asked = crowd("a", lambda: tornado(change(case(), SHORT)))
        assert str(asked.exception(5)) == words.OVERDUE
    assert len(calls) == 1 and isinstance(asked.exception(), Overdue)


def test_a_view_that_gets_no_turn_says_so_below_its_answer(monkeypatch):
    cached.doubts.results.clear()
    monkeypatch.setitem(turns.MOST, "question", 0)
    app = open_page(open="matters", horizon="1", wechat="201")
    assert [one.value for one in app.info] == [words.BUSY] and not app.exception
    assert app.header
    monkeypatch.undo()
    assert not app.run().info


def test_a_page_that_gets_no_answer_says_so(monkeypatch):
    monkeypatch.setitem(turns.MOST, "answer", 0)
    app = open_page(horizon="1", wechat="203")
    assert app.info[0].value == words.BUSY and not app.exception


def test_the_api_answers_503_where_too_many_wait(monkeypatch):
    monkeypatch.setitem(turns.MOST, "question", 0)
    refused = answer_to(b"horizon=1&wechat=205")
    assert (refused.status_code, refused.body.decode()) == (503, words.BUSY + "\n")
    assert refused.headers["retry-after"] == "5"
    monkeypatch.undo()
    assert answer_to(b"horizon=1&wechat=205").status_code == 200


def test_a_download_where_too_many_wait_is_answered_with_a_sentence(monkeypatch):
    asked = BackMsg()
    asked.backend_operation_request.request_id = "7"
    asked.backend_operation_request.deferred_file.SetInParent()
    names = {"line": "1", "visitor": "a"}
    data = asked.SerializeToString()
    assert limits.reply_to(budgets.Used(), names, data) is None
    monkeypatch.setitem(turns.MOST, "file", 0)
    refused = limits.reply_to(budgets.Used(), names, data)
    assert b"too much to do" in refused["bytes"]


def test_a_call_of_the_api_whose_visitor_hangs_up_is_dropped():
    """The application hears of it, as one who waits for a turn does."""
    heard = []

    async def app(scope, receive, send):
        for _ in range(100):
            await asyncio.sleep(0.01)
            try:
                turns.asker().check()
            except Left:
                heard.append("left")
                return

    async def receive():
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    scope = {"type": "http", "path": "/api/project.csv", "method": "GET", "client": ("a", 1)}
    served = limits.limited(app, budgets.Used(), "/", lambda: 0.0)
    asyncio.run(served(scope | {"headers": []}, receive, None))
    assert heard == ["left"]


@pytest.mark.parametrize("there", [True, False])
def test_a_page_is_dropped_when_it_is_gone_and_not_for_a_newer_message(monkeypatch, there):
    """A run that Streamlit would cut short for a newer message goes on to its end."""
    server = SimpleNamespace(is_active_session=lambda session: there and session == "a")
    monkeypatch.setattr(turns.runtime, "exists", lambda: True)
    monkeypatch.setattr(turns.runtime, "get_instance", lambda: server)
    page = SimpleNamespace(session_id="a", yield_check=lambda: pytest.fail("it was cut short"))
    monkeypatch.setattr(turns, "get_script_run_ctx", lambda **_: page)
    monkeypatch.setattr(turns.st, "context", SimpleNamespace(ip_address=""))
    check = turns.asker().check
    if there:
        check()
    else:
        with pytest.raises(Left):
            check()


@pytest.mark.parametrize("idle", [True, False])
def test_curves_are_drawn_when_sliders_rest_unless_the_server_is_busy(monkeypatch, idle):
    session = SimpleNamespace(scenario=case(), curves_of=None, at=None, heard=0)
    monkeypatch.setattr(controls.st, "session_state", session)
    monkeypatch.setattr(turns, "TURNS", SimpleNamespace(is_idle=lambda: idle))
    controls._take_rest()
    assert session.curves_of == (session.scenario if idle else None) and session.heard
