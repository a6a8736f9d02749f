"""The pages without a browser: no exception, the right numbers, and plain words for bad input."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from model import evidence as reader
from model.number_text import about
from model.scenario.scenario import case, change
from pages.parts import cached
from tests.kept import answer
from tests.pages.screen import ROOT, address, charts, open_page, press


def move(app, **values):
    """Move sliders."""
    for name, value in values.items():
        app.slider(key=f"set_{name}").set_value(value).run()
        assert not app.exception
    return app.main


def test_page_without_a_server():
    """As Python runs it, and as a process imports it that another one with the page starts."""
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def test_a_slider_draws_only_the_fragments_that_show_results():
    """Headline, chart and address come from them, as in a browser; the sliders stay."""
    app = open_page()
    before = app.header[0].value
    drawn = move(app, wechat=200)
    moved = answer(change(case(), {"wechat": 200})).total.line
    assert about(moved[-1, 0]) in drawn.header[0].value != before
    users = charts(drawn)[0][1]["path"].users
    assert users.tolist() == pytest.approx(moved.ravel(), abs=0.001)
    assert address(app)["wechat"] == "200"


def test_undo_and_reset():
    app = open_page(concern="20")
    start = app.header[0].value
    assert press(app, "Undo").header[0].value == start  # nothing moved yet
    move(app, wechat=200, line=50)
    press(app, "Undo")
    assert app.slider(key="set_line").value == case()["line"]
    assert app.slider(key="set_wechat").value == 200
    assert press(app, "Undo").header[0].value == start
    press(app, "Reset")
    assert app.slider(key="set_concern").value == case()["concern"]
    assert "concern" not in address(app)


def test_a_bad_link_is_named_and_the_default_used():
    """All notes stand in one box; the good value beside them is used."""
    bad = {"wechat": "abc", "kakao": "nan", "concern": "101", "case": "nobody"}
    bad |= {"events": "moon-ban", "market": "XXX", "concernn": "1"}
    app = open_page(**bad, barrier="<b>x</b>", line="200")
    (box,) = (one.value.replace("\\", "") for one in app.warning)
    for said in ("abc", "nan", "101", "nobody", "moon-ban", "XXX", "did you mean concern"):
        assert said in box
    assert "<b>" not in app.warning[0].value
    assert app.slider(key="set_line").value == 200
    assert about(answer(change(case(), {"line": 200})).total.line[-1, 0]) in app.header[0].value


@pytest.fixture
def broken_data(tmp_path, monkeypatch):
    """A copy of data/ to break, used in place of the real one."""
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)
    monkeypatch.setattr(reader, "DATA", folder)
    monkeypatch.setattr(reader.read_evidence, "__defaults__", (folder,))
    return folder


def test_bad_data_is_one_sentence_and_nothing_half_shown(broken_data):
    from model.scenario import scenario, settings

    path = broken_data / "addressable.csv"
    path.write_text(path.read_text().replace("HKG,2010,7.024", "HKG,2010,-7.024"))
    caches = [reader.load_evidence, scenario.cases, scenario.starting_quarters]
    caches += [settings.all_settings, settings.choices]
    for cache in caches:
        cache.cache_clear()
    try:
        app = open_page()
        assert not app.exception
        assert len(app.error) == 1
        for said in ("addressable.csv", "row 2", "-7.024"):
            assert said in app.error[0].value
        assert not app.metric
        assert not app.slider
    finally:
        for cache in caches:
            cache.cache_clear()


def test_a_crowd_computes_each_result_once():
    """Twenty threads ask for two keys: two computations; the cache stays at its size."""
    calls = []

    @cached.computed_once(2)
    def compute(key):
        calls.append(key)
        time.sleep(0.05)
        return f"result {key}"

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(compute, [1, 2] * 10))
    assert found == ["result 1", "result 2"] * 10
    assert sorted(calls) == [1, 2]
    assert compute(3) == "result 3" and len(compute.results) == 2


def test_nobody_waits_for_a_question_where_the_result_is_kept():
    asked, answered = Event(), Event()

    @cached.computed_once(2)
    def compute(key):
        if key == "slow":
            asked.set()
            return answered.wait(5)
        return key

    assert compute("other") == "other"
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(compute, "slow")
        assert asked.wait(5) and pool.submit(compute, "other").result(5) == "other"
        answered.set()
        assert slow.result(5)


def test_an_error_reaches_all_who_wait_and_is_not_kept():
    calls = []

    @cached.computed_once(2)
    def compute(key):
        calls.append(key)
        time.sleep(0.05)
        if len(calls) == 1:
            raise RuntimeError
        return key

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(compute, "key") for _ in range(2)]
        assert all(isinstance(one.exception(5), RuntimeError) for one in asked)
    assert compute("key") == "key" and len(calls) == 2
