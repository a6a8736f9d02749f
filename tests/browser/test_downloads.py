"""Files to take away in a real browser: printed, without a network, and as typed."""

import json
import random
import re
from itertools import product

import numpy as np
import pytest

from model.analysis import bands, sampling
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.downloads import paper, poster, take_away
from tests.browser.driver import NOT_WIDE, outside_requests, settle, violations, wait_until

LINK = "http://localhost:8501/?v=2"
HOSTILE = "</script><script>alert(1)</script> \"'><img src=http://e.org> <!-- 微信"
EVERYTHING = {name: one.low + 0.4 * (one.high - one.low) for name, one in all_settings().items()}
CHANGED = change(case("as-it-happened"), EVERYTHING | {"events": "all"})
PINNED = change(case("hard-line"), {"horizon": EVERYTHING["horizon"]})
REPORTS = {
    "untouched": (case(), "", LINK),
    "everything": (CHANGED, HOSTILE * 2, LINK),
    "all pinned": (CHANGED, "A title that stands above the question", LINK, PINNED),
}
TAKEN = change(case("hard-line"), {"wechat": 161.5, "concern": 30.5, "events": "india-ban"})
SIZES = """() => [...document.querySelectorAll("body *")].filter((one) =>
    [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
  .map((one) => {
    const svg = one.closest("svg"), scale = svg ? svg.clientWidth / svg.viewBox.baseVal.width : 1;
    return parseFloat(getComputedStyle(one).fontSize) * scale * 0.75;
  })"""
ROOM = "[...document.querySelectorAll('section')].map((one) => one.offsetHeight)"
CROWDED = """() => [...document.querySelectorAll("th, td")].filter(
    (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""


@pytest.fixture
def open_file(browser, tmp_path):
    """Open a text as a file, without a network; fails on a request, an error or a dialog."""
    contexts, faults = [], []

    def open_it(text, ending="html", **options):
        file = tmp_path / f"file.{ending}"
        file.write_text(text, encoding="utf-8")
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


def printed(page):
    """How many sheets a page of the width of a phone prints, and the sizes of its letters there."""
    assert page.evaluate(NOT_WIDE)
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    page.set_viewport_size({"width": 696, "height": 1000})  # A4 less its margins, pixels
    page.emulate_media(media="print")
    return sheets, page.evaluate(SIZES)


PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.mark.full
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_fits_on_two_pages_in_letters_that_can_be_read(open_file, name):
    """Of eight points and more, with room in every cell."""
    page = open_file(paper.report_html(*REPORTS[name]), **PHONE)
    assert page.locator("svg text").count() > 5 and page.locator("img, script").count() == 0
    sheets, sizes = printed(page)
    assert sheets in (1, 2)
    assert len(sizes) > 100 and min(sizes) >= 8
    assert not page.evaluate(CROWDED)


@pytest.mark.full
@pytest.mark.parametrize("name", ["untouched", "everything"])
def test_a_worksheet_prints_on_two_pages_and_is_accessible(open_file, name):
    scenario, title, link = REPORTS[name]
    page = open_file(
        paper.worksheet_html(scenario, (title or "W") * 80, link), bypass_csp=True, **PHONE
    )
    assert not violations(page)
    sheets, sizes = printed(page)
    room = page.evaluate(ROOM)
    assert sheets == 2 and len(sizes) > 50 and min(sizes) >= 8
    assert len(room) == 2 and max(room) < 1054 - 30  # 279 mm, and some for other fonts


@pytest.mark.full
@pytest.mark.parametrize("title", ["W" * 80, "a mild title " * 6], ids=["broad", "mild"])
def test_nothing_written_in_a_picture_is_cut_off(open_file, title):
    page = open_file(poster.picture(CHANGED, title, LINK, "svg").decode(), "svg")
    boxes = page.evaluate(
        "[...document.querySelectorAll('text')].map((e) => e.getBoundingClientRect())"
        ".map((box) => [box.left, box.top, box.right, box.bottom])"
    )
    high = float(page.evaluate("document.documentElement.getAttribute('height')"))
    assert len(boxes) > 30 and all(left >= 0 and top >= 0 for left, top, _, _ in boxes)
    assert max(box[2] for box in boxes) <= 900 and max(box[3] for box in boxes) <= high


@pytest.fixture(scope="module")
def taken():
    """The page to take away, with a hostile title."""
    return take_away.page_html(TAKEN, HOSTILE, LINK)


def at_the_end(page, growth, concern):
    """WeChat's line and range and the rivals' lines at the end, million, as the file has them."""
    return np.array(page.evaluate("(at) => answerAt(...at).rows.at(-1)", [growth, concern]))


def test_the_file_equals_the_model_at_each_stored_point(open_file, taken):
    page = open_file(taken)
    growth, concern = page.evaluate("data.settings.map((one) => one.stops)")
    assert {161.5, 70, 300} <= {*growth} and {30.5, 0, 100} <= {*concern}
    points = np.array([*product(growth, concern)])
    runs = sampling.run_totals(TAKEN, {"wechat": points[:, 0], "concern": points[:, 1]})
    line = sampling.middle(runs)
    ends = np.quantile(runs[0], [0.1, 0.9], axis=-1)
    found = [at_the_end(page, *point) for point in points.tolist()]
    np.testing.assert_allclose(found, np.vstack([line[:1], ends, line[1:]]).T, rtol=6e-4)


def test_the_file_is_near_the_model_between_stored_points(open_file, taken):
    page, rng = open_file(taken), random.Random(7)
    points = [(rng.uniform(70, 300), rng.uniform(0, 100)) for _ in range(50)]
    columns = np.array(points).T
    line = sampling.lines(TAKEN, {"wechat": columns[0], "concern": columns[1]})
    found = np.array([at_the_end(page, *point)[[0, 3, 4]] for point in points])
    np.testing.assert_allclose(found, line.T, rtol=0.015)


def test_the_file_says_the_answer_of_the_page_and_follows_its_sliders(open_file, taken):
    page = open_file(taken)
    found = bands.answer(TAKEN)
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
def test_the_file_is_small_accessible_and_fits(open_file, taken, scheme, width):
    assert len(taken.encode()) < 250_000
    size = {"width": width, "height": 800}
    page = open_file(taken, color_scheme=scheme, viewport=size, bypass_csp=True)
    assert not violations(page) and page.evaluate(NOT_WIDE)
    assert page.locator("h1").inner_text() == HOSTILE.strip()[:80].strip()
    assert page.locator("img").count() == 0 and page.locator("script").count() == 2
    data = page.locator("#data").inner_text()
    assert json.loads(data) and "<" not in data


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
