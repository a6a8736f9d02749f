"""Report and worksheet in a real browser: two printed pages, and nothing from outside."""

import re

import pytest

from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.downloads import paper, poster
from tests.browser.conftest import outside_requests, violations

pytestmark = pytest.mark.full
LINK = "http://localhost:8501/?v=2"
EVERYTHING = {name: one.low + 0.4 * (one.high - one.low) for name, one in all_settings().items()}
PINNED = ("A title that stands above the question", LINK)
REPORTS = {
    "untouched": (case(), "", LINK),
    "everything": (
        change(case("as-it-happened"), EVERYTHING | {"events": "all"}),
        "<img src=http://example.com/x.png onerror=alert(1)> " * 2,
        LINK,
    ),
    "all pinned": (
        change(case("as-it-happened"), EVERYTHING | {"events": "all"}),
        *PINNED,
        change(case("hard-line"), {"horizon": EVERYTHING["horizon"]}),
    ),
}


SIZES = """() => [...document.querySelectorAll("body *")].filter((one) =>
    [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
  .map((one) => {
    const svg = one.closest("svg"), scale = svg ? svg.clientWidth / svg.viewBox.baseVal.width : 1;
    return parseFloat(getComputedStyle(one).fontSize) * scale * 0.75;
  })"""
ROOM = "[...document.querySelectorAll('section')].map((one) => one.offsetHeight)"
OVERLAPS = """() => [...document.querySelectorAll("th, td")].filter(
    (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_fits_on_two_pages_in_letters_that_can_be_read(browser, tmp_path, name):
    """Of eight points and more, with room in every cell; nothing is asked of another host."""
    file = tmp_path / "report.html"
    file.write_text(paper.report_html(*REPORTS[name]), encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    seen, dialogs = outside_requests(context), []
    page = context.new_page()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("svg text").count() > 5 and page.locator("img, script").count() == 0
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    page.set_viewport_size({"width": 696, "height": 1000})  # A4 less its margins, pixels
    page.emulate_media(media="print")
    sizes, crowded = page.evaluate(SIZES), page.evaluate(OVERLAPS)
    context.close()
    assert pages in (1, 2) and not seen and not dialogs
    assert len(sizes) > 100 and min(sizes) >= 8
    assert not crowded


@pytest.mark.parametrize("name", ["untouched", "everything"])
def test_a_worksheet_prints_on_two_pages_and_is_accessible(browser, tmp_path, name):
    file = tmp_path / "worksheet.html"
    scenario, title, link = REPORTS[name]
    text = paper.worksheet_html(scenario, (title or "W") * 80, link)
    file.write_text(text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    seen, page = outside_requests(context), context.new_page()
    page.goto(file.as_uri())
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2
    page.set_viewport_size({"width": 696, "height": 1000})
    page.emulate_media(media="print")
    sizes, room = page.evaluate(SIZES), page.evaluate(ROOM)
    context.close()
    assert len(sizes) > 50 and min(sizes) >= 8 and not seen
    assert len(room) == 2 and max(room) < 1054 - 30  # 279 mm, and some for other fonts


@pytest.mark.parametrize("title", ["W" * 80, "a mild title " * 6], ids=["broad", "mild"])
def test_nothing_written_in_a_picture_is_cut_off(browser, tmp_path, title):
    file = tmp_path / "chart.svg"
    scenario, _, link = REPORTS["everything"]
    file.write_bytes(poster.picture(scenario, title, link, "svg"))
    page = browser.new_page()
    page.goto(file.as_uri())
    boxes = page.evaluate(
        "[...document.querySelectorAll('text')].map((e) => e.getBoundingClientRect())"
        ".map((box) => [box.left, box.top, box.right, box.bottom])"
    )
    high = float(page.evaluate("document.documentElement.getAttribute('height')"))
    page.close()
    assert len(boxes) > 30 and all(left >= 0 and top >= 0 for left, top, _, _ in boxes)
    assert max(box[2] for box in boxes) <= 900 and max(box[3] for box in boxes) <= high
