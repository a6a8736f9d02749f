"""Share in a real browser: a title counts as typed; the page to take away without a network."""

import json
import random

import numpy as np
import pytest

from model.analysis import bands, sampling
from model.scenario.scenario import case, change
from pages.parts.downloads import take_away
from tests.browser.conftest import outside_requests, settle, violations, wait_until

LINK = "http://localhost:8501/?v=2&case=hard-line"
SCENARIO = change(case("hard-line"), {"wechat": 161.5, "concern": 30.5, "events": "india-ban"})
HOSTILE = "</script><script>alert(1)</script> \"'><img src=http://e.org> <!-- 微信"


def test_a_title_counts_without_enter(open_page):
    page = open_page("/?open=share")
    pressed = page.get_by_role("button", name="Report")
    pressed.scroll_into_view_if_needed()
    place = pressed.bounding_box()
    page.get_by_label("Title (optional").click()
    page.keyboard.type("A late title")
    with page.expect_download() as waiting:
        page.mouse.click(place["x"] + 9, place["y"] + 9)  # at once
    text = waiting.value.path().read_text(encoding="utf-8")
    assert "A late title" in text
    assert "title=A+late+title" in text  # so has the link in the file


def test_the_short_link_is_copied_with_its_title(open_page):
    page = open_page("/?open=share&wechat=160", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Title (optional").fill("Mine")
    wait_until(page, "() => document.querySelector('code').innerText.includes('title=Mine')")
    settle(page)
    page.locator("[data-testid=stCode]").first.hover()
    page.get_by_role("button", name="Copy to clipboard").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/?wechat=160&title=Mine")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The page to take away, with a hostile title."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(take_away.page_html(SCENARIO, HOSTILE, LINK), encoding="utf-8")
    return path


@pytest.fixture
def open_file(browser, file):
    """Opens the file without a network; fails on a request, an error or a dialog."""
    contexts, faults = [], []

    def open_it(**options):
        context = browser.new_context(**options)
        contexts.append((context, outside_requests(context)))
        context.set_offline(True)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: request.url == file.as_uri() or faults.append("request"))
        page.goto(file.as_uri())
        return page

    yield open_it
    for context, seen in contexts:
        assert not seen
        context.close()
    assert not faults


def users(page, growth, concern):
    """WeChat's line and range and the rivals' lines at the end, million, as the file has them."""
    return np.array(page.evaluate("(at) => answerAt(...at).rows.at(-1)", [growth, concern]))


def test_the_file_equals_the_model_at_each_stored_point(open_file):
    page = open_file()
    growth, concern = page.evaluate("data.settings.map((one) => one.stops)")
    assert {161.5, 70, 300} <= {*growth} and {30.5, 0, 100} <= {*concern}
    points = {name: np.array(grid).ravel() for name, grid in
              zip(("wechat", "concern"), np.meshgrid(growth, concern), strict=True)}  # fmt: skip
    runs = sampling.run_totals(SCENARIO, points)
    line = sampling.middle(runs)
    ends = np.quantile(runs[0], [0.1, 0.9], axis=-1)
    found = [users(page, *point) for point in zip(*points.values(), strict=True)]
    np.testing.assert_allclose(found, np.vstack([line[:1], ends, line[1:]]).T, rtol=6e-4)


def test_the_file_is_near_the_model_between_stored_points(open_file):
    page, rng = open_file(), random.Random(7)
    points = [(rng.uniform(70, 300), rng.uniform(0, 100)) for _ in range(50)]
    columns = np.array(points).T
    line = sampling.lines(SCENARIO, {"wechat": columns[0], "concern": columns[1]})
    found = np.array([users(page, *point)[[0, 3, 4]] for point in points])
    np.testing.assert_allclose(found, line.T, rtol=0.015)


def test_the_file_says_the_answer_of_the_page_and_follows_its_sliders(open_file):
    page = open_file()
    found = bands.answer(SCENARIO)
    line, low, high = (part[:, 0] for part in (found.total.line, found.total.low, found.total.high))
    rows = page.evaluate("answerAt(...now).rows.map((row) => row.slice(0, 3))")
    times = page.evaluate("data.times")
    kept = [np.abs(found.times - time).argmin() for time in times]
    np.testing.assert_allclose(rows, np.transpose([line, low, high])[kept], rtol=6e-4)
    first = page.inner_text("#answer")
    assert f"About {float(f'{line[-1]:.2g}'):g} million WeChat users abroad" in first
    page.get_by_role("slider", name="Security concern").focus()
    page.keyboard.press("Home")
    assert page.inner_text("#answer") != first and "Nobody worries" in page.inner_text("#beside")
    assert page.inner_text("#answer") in page.locator("#spoken").inner_text()
    page.get_by_role("button", name="Back to the scenario").click()
    assert page.inner_text("#answer") == first


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1000)])
def test_the_file_is_small_accessible_and_fits(open_file, file, scheme, width):
    assert file.stat().st_size < 250_000
    page = open_file(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text() == HOSTILE.strip()[:80].strip()
    assert page.locator("img").count() == 0 and page.locator("script").count() == 2
    data = page.locator("#data").inner_text()
    assert json.loads(data) and "<" not in data
