"""The pages without a browser: no exception, the right numbers, and plain words for bad input."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from model.evidence import reader
from model.number_text import about
from model.scenario.scenario import case, cases, change
from pages.parts import cached
from tests.kept import answer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "app.py", ROOT / "pages" / "evidence.py", ROOT / "pages" / "method.py"]


def open_app(**address):
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def address(app):
    """The address of an app; AppTest gives a value or a list of one."""
    items = dict(app.query_params).items()
    return {name: value[-1] if isinstance(value, list) else value for name, value in items}


def headline(app):
    return app.header[0].value


def move(app, **values):
    """Move sliders as in a browser: each draws only the fragments that show results.

    AppTest then knows only what these drew; a run of the page draws all of it again.
    """
    for name, value in values.items():
        app.slider(key=f"set_{name}").set_value(value).run()
        assert not app.exception
        assert not app.slider, "all of the page was drawn again"
        drawn = app.main
        app.run()
    return drawn


def users(tree):
    """The projected users in the chart, million, by quarter and messenger."""
    datasets = tree.get("vega_lite_chart")[0].proto.datasets
    path = next(one.data.data for one in datasets if one.name == "path")
    return pa.ipc.open_stream(path).read_all()["users"].to_pylist()


def test_page_without_a_server():
    """As Python runs it, and as a process imports it that another one with the page starts."""
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_runs_clean(page):
    app = AppTest.from_file(page, default_timeout=60).run()
    assert not app.exception
    assert not app.error
    assert app.title or app.header or app.markdown


@pytest.mark.parametrize("name", cases())
def test_headline_is_the_models_number(name):
    app = open_app(case=name)
    said = headline(app)
    found = answer(case(name))
    assert about(found.path[-1, 0]) in said
    assert not app.warning


def test_a_link_is_the_scenario():
    app = open_app(case="hard-line", wechat="160", concern="30", events="india-ban")
    scenario = change(case("hard-line"), {"wechat": 160, "concern": 30, "events": "india-ban"})
    assert about(answer(scenario).path[-1, 0]) in headline(app)
    assert app.slider(key="set_wechat").value == 160
    assert address(app)["wechat"] == "160"


def test_moving_a_slider_moves_the_number_and_the_address():
    app = open_app()
    before = headline(app)
    move(app, concern=0)
    assert headline(app) != before
    assert about(answer(change(case(), {"concern": 0})).path[-1, 0]) in headline(app)
    assert address(app)["concern"] == "0"
    changed = f"Security concern {case()['concern']:g}% → 0%"
    assert changed in " ".join(text.value for text in app.caption)


def test_a_slider_draws_only_the_fragments_that_show_results():
    """Headline, chart and address come from them, as in a browser; the rest stays."""
    app = open_app()
    headline_before, users_before = headline(app), users(app.main)
    drawn = move(app, wechat=200)
    moved_scenario = change(case(), {"wechat": 200})
    moved = answer(moved_scenario)
    assert about(moved.path[-1, 0]) in drawn.header[0].value != headline_before
    assert users(drawn) == pytest.approx(answer(moved_scenario).path.ravel(), abs=0.001)
    assert users(drawn) != users_before
    assert address(app)["wechat"] == "200"
    keys = [group.key for group in drawn.get("button_group")]
    assert keys == ["open"]  # the choice of questions; the views are not drawn again


def test_undo_and_reset():
    app = open_app(concern="20")
    start = headline(app)
    move(app, wechat=200, line=50)
    undo = next(button for button in app.button if button.label == "Undo")
    undo.click().run()
    assert app.slider(key="set_line").value == case()["line"]
    assert app.slider(key="set_wechat").value == 200
    next(button for button in app.button if button.label == "Undo").click().run()
    assert headline(app) == start
    next(button for button in app.button if button.label == "Reset").click().run()
    assert app.slider(key="set_concern").value == case()["concern"]
    assert "concern" not in address(app)


def test_another_case_takes_all_its_settings():
    app = open_app(wechat="300")
    app.selectbox(key="set_case").select("super-app").run()
    assert app.slider(key="set_wechat").value == case("super-app")["wechat"]
    assert app.slider(key="set_attrition").value == case("super-app")["attrition"]
    assert about(answer(case("super-app")).path[-1, 0]) in headline(app)
    assert address(app) == {"case": "super-app"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("wechat", "abc", "abc"),
        ("wechat", "1e400", "1e400"),
        ("wechat", "nan", "nan"),
        ("concern", "-5", "-5"),
        ("concern", "101", "101"),
        ("case", "nobody", "nobody"),
        ("origin", "2013Q1", "2013Q1"),
        ("events", "moon-ban", "moon-ban"),
        ("concernn", "1", "did you mean concern"),
        ("show", "mars", "mars"),
        ("wechat", "<b>x</b>", "x"),
    ],
)
def test_bad_link_is_named_and_the_default_used(name, value, said):
    app = open_app(**{name: value})
    assert not app.exception
    assert len(app.warning) == 1
    assert said.replace("-", "\\-") in app.warning[0].value
    assert about(answer(case()).path[-1, 0]) in headline(app)
    assert "<b>" not in app.warning[0].value


def test_good_values_beside_a_bad_one_are_used():
    app = open_app(concern="no", wechat="200")
    assert app.slider(key="set_wechat").value == 200
    assert app.slider(key="set_concern").value == case()["concern"]


def test_users_are_counted_outside_the_home_market():
    app = open_app()
    found = answer(case())
    assert users(app.main)[-3:] == pytest.approx(found.path[-1], abs=0.001)
    assert (found.path[-1, 1:] < found.markets[-1, 1:].sum(axis=-1)).all()
    assert "abroad" in headline(app)


def test_folded_settings_stay_as_the_link_says():
    app = open_app(ceiling_abroad="60", concern_west="150")
    scenario = change(case(), {"ceiling_abroad": 60, "concern_west": 150})
    assert about(answer(scenario).path[-1, 0]) in headline(app)
    move(app, wechat=200)
    again = change(scenario, {"wechat": 200})
    assert about(answer(again).path[-1, 0]) in headline(app)


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
        app = open_app()
        assert not app.exception
        assert len(app.error) == 1
        for said in ("addressable.csv", "row 2", "-7.024"):
            assert said in app.error[0].value
        assert not app.metric
        assert not app.slider
    finally:
        for cache in caches:
            cache.cache_clear()


def test_a_crowd_computes_one_answer_once_and_one_at_a_time():
    """Twenty threads ask for three keys: three computations, none beside another."""
    busy, most, calls = [], [], []

    @cached.one_at_a_time(2)
    def compute(key):
        busy.append(key)
        most.append(len(busy))
        time.sleep(0.02)
        calls.append(busy.pop())
        return f"result {key}"

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(compute, [1, 2] * 10))
    assert found == ["result 1", "result 2"] * 10
    assert sorted(calls) == [1, 2] and set(most) == {1}
    assert compute(3) == "result 3" and len(compute.results) == 2


def test_an_interrupted_computation_frees_the_others():
    @cached.one_at_a_time(2)
    def compute(key):
        if key == "stop":
            raise RuntimeError
        return key

    with pytest.raises(RuntimeError):
        compute("stop")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(compute, "next").result(5) == "next"


def test_an_answer_does_not_wait_for_a_question_that_takes_seconds():
    begun, answered = Event(), Event()

    @cached.one_at_a_time(2, cached.ASKING)
    def question(key):
        begun.set()
        return key if answered.wait(5) else "nobody was answered"

    compute = cached.one_at_a_time(2)(lambda key: key)
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(question, "asked")
        assert begun.wait(5) and pool.submit(compute, "answer").result(5) == "answer"
        answered.set()
        assert asked.result(5) == "asked"
    slow = (cached.solved, cached.lead_map, cached.tornado, cached.curves, cached.explanation)
    assert all(one.lock is cached.ASKING for one in slow)
    assert cached.answer.lock is cached.COMPUTING
