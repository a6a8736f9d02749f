"""The page in a real browser: address, looks, and nothing from outside."""

import re

import pytest
from playwright.sync_api import expect

from model.analysis.bands import answer
from model.quarters import month_text
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from tests.browser.driver import (
    CHART,
    MAIN,
    NOT_WIDE,
    agreed,
    press,
    said,
    settle,
    slider,
    users,
    view_of,
    violations,
)


def test_reload_back_and_forward_restore(page):
    shown = page.locator(f"{MAIN} h2")
    answers = [said(page)]
    for _ in range(2):
        press(page, "Security concern", "ArrowLeft")
        answers.append(said(page))
    address = page.url
    assert len(set(answers)) == 3
    page.reload()
    settle(page)
    assert (said(page), page.url) == (answers[2], address)
    for answer_then in (answers[1], answers[0]):
        page.go_back()
        expect(shown).to_have_text(answer_then, timeout=15_000)
    for answer_then in (answers[1], answers[2]):
        page.go_forward()
        expect(shown).to_have_text(answer_then, timeout=15_000)
    assert page.url == address
    less = case()["concern"] - 2 * all_settings()["concern"].step
    # drawn with a short delay
    expect(slider(page, "Security concern")).to_have_value(f"{less:g}")


# Every two texts, buttons or charts of the page that lie over each other.
OVERLAPS = """() => {
  const kinds = "h1, h2, h3, p, a, button:not([kind=elementToolbar]), svg.marks";
  const parts = [...document.querySelectorAll(`[data-testid=stMain] :is(${kinds})`)]
    .filter((one) => one.checkVisibility() && !one.closest("[data-testid=stBottom]"));
  const box = (one) => {
    const inside = document.createRange();  // without padding
    inside.selectNodeContents(one);
    const {top, bottom, left, right} = (one.matches("svg") ? one : inside).getBoundingClientRect();
    const row = one.closest("[class*=st-key-set_scenario], .st-key-open");  // it scrolls sideways
    const edge = row ? row.getBoundingClientRect().right : Infinity;
    return {top, bottom, left, right: Math.min(right, edge)};
  };
  const found = [];
  for (const [i, one] of parts.entries()) for (const other of parts.slice(i + 1)) {
    const a = box(one), b = box(other);
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && high > 2 && !one.contains(other)) found.push([one.innerText, other.innerText]);
  }
  return {found, parts: parts.length};
}"""


@pytest.mark.parametrize(("size", "dark"), [("laptop", False), ("phone", True)])
def test_the_page_is_accessible_and_no_part_lies_over_another_one(open_page, size, dark):
    """Its plot is over 120 px wide, with all of its labels; every view: `make full`."""
    page = open_page("/", size, dark=dark)
    there = page.evaluate(OVERLAPS)
    assert there["parts"] > 10 and not there["found"]
    assert page.evaluate(NOT_WIDE) and not violations(page)
    chart = page.locator(CHART).first
    years = chart.locator("g.role-axis-label text").filter(has_text=re.compile("^20[0-9]{2}$"))
    lefts = [year.bounding_box()["x"] for year in years.all()]
    assert max(lefts) - min(lefts) > 120
    label = chart.locator("text").filter(has_text="KakaoTalk").first.bounding_box()
    assert label["x"] + label["width"] <= page.viewport_size["width"] + 1


def test_a_phone_has_two_sliders_below_and_the_answer_in_sight(open_page):
    page = open_page("/", "phone")
    assert page.get_by_test_id("stBottom").get_by_role("slider").count() == 2
    page.locator(MAIN).evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    press(page, "WeChat growth", "ArrowRight")
    assert slider(page, "WeChat growth").is_visible()
    assert agreed(page) != case()
    page.get_by_role("button", name="More").click()
    expect(slider(page, "Look ahead")).to_be_visible()


def test_the_tooltip_says_the_quarter_and_goes_away(open_page):
    """Over the chart the model's figures, below and above it none, also after a slider moved."""
    page = open_page("/", "tall")
    tooltip = page.locator("#vg-tooltip-element.visible")
    for away in (-60, 480):
        plot = page.locator(CHART).bounding_box()
        for step in range(100):  # the chart may not listen yet
            page.mouse.move(plot["x"] + 300 + step % 30, plot["y"] + 150)
            if tooltip.count():
                break
        expect(tooltip).to_contain_text("KakaoTalk")
        words = r"Date\s+(\w+ \d+)\s+WeChat\s+([\d.]+) million"
        quarter, shown = re.search(words, tooltip.inner_text()).groups()
        found = answer(view_of(page).scenario)
        row = [month_text(time) for time in found.times].index(quarter)
        assert float(shown) == pytest.approx(found.total.line[row, 0], rel=0.006)
        page.mouse.move(plot["x"] + 300, plot["y"] + away, steps=5)
        expect(tooltip).to_have_count(0)
        press(page, "WeChat growth", "ArrowRight")


def test_what_breaks_the_policy_and_an_error_of_a_script_are_seen(page, contexts):
    """Else no test in a browser could fail for them."""
    page.evaluate("new Image().src = 'https://example.org/picture.png'")
    page.evaluate("void setTimeout(() => { throw new Error('of a script'); })")
    (seen,) = (seen for _, context, seen in contexts if context == page.context)
    page.wait_for_timeout(200)
    assert "img-src https://example.org/picture.png" in seen
    assert any(what.startswith("script error") and "of a script" in what for what in seen)
    seen.clear()


def test_an_embedded_page_fits_its_frame(open_page):
    page = open_page("/?embed=true&concern=20", "frame")
    assert page.evaluate(NOT_WIDE)
    assert page.get_by_role("slider").count() == 0
    for part in (CHART, "text=on the full page"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 600
    link = page.get_by_role("link", name="Change the settings on the full page")
    assert "concern=20" in link.get_attribute("href") and "embed" not in link.get_attribute("href")
    assert users(change(case(), {"concern": 20})) in said(page)
