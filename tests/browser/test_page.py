"""The page in a real browser: address, keys, looks, and nothing from outside."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from model.analysis.bands import answer
from model.number_text import about
from model.quarters import month_text
from model.scenario.links import from_query
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.state import VIEWS
from tests.browser.conftest import PHONES, settle, violations, wait_until


def said(page):
    return page.locator("[data-testid=stMain] h2").inner_text()


def slider(page, label):
    return page.get_by_role("slider", name=label)


def press(page, label, key, times=1):
    slider(page, label).focus()
    for _ in range(times):
        page.keyboard.press(key)
        settle(page)


def button_of(page, label):
    """The button that opens a view."""
    return page.locator(".st-key-open button").filter(has_text=re.compile(f"^{label}$"))


def choose(page, label):
    button_of(page, label).click()
    settle(page)
    wait_until(page, "!document.querySelector('[data-testid=stMain] [data-stale=true]')")


def view_of(page):
    """The view in the address of the page."""
    return read_view(page.url)


def read_view(url):
    return from_query(parse_qs(urlsplit(url).query), VIEWS)[0]


def wait_for_scenario(page, condition):
    """Wait until the scenario in the address meets `condition`, and the page is still."""
    page.wait_for_url(lambda url: condition(read_view(url).scenario))
    settle(page)
    return view_of(page).scenario


def test_fast_keys_are_all_counted(page):
    slider(page, "WeChat growth").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight", delay=40)  # held, as by a finger
    settle(page)
    grown = case()["wechat"] + 6 * all_settings()["wechat"].step
    expect(slider(page, "WeChat growth")).to_have_value(f"{grown:g}")
    assert f"wechat={grown:g}" in page.url
    assert about(answer(change(case(), {"wechat": grown})).total.line[-1, 0]) in said(page)


def test_reload_back_and_forward_restore(page):
    shown = page.locator("[data-testid=stMain] h2")
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


def test_a_dark_phone_is_accessible_and_no_wider_than_the_screen(open_page):
    """Every view in both themes: `make full`."""
    page = open_page("/", dark=True, phone=True)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert not violations(page)


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


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (375, 812)], ids=["desk", "phone"])
def test_nothing_lies_over_another_part_or_outside_the_screen(open_page, width, height):
    """The plot itself is over 120 px wide, and its labels are not cut off."""
    agent = {"user_agent": PHONES} if width == 375 else {}
    page = open_page("/", viewport={"width": width, "height": height}, **agent)
    there = page.evaluate(OVERLAPS)
    assert there["parts"] > 10 and not there["found"]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    chart = page.get_by_test_id("stVegaLiteChart").first
    years = chart.locator("g.role-axis-label text").filter(has_text=re.compile("^20[0-9]{2}$"))
    lefts = [year.bounding_box()["x"] for year in years.all()]
    assert max(lefts) - min(lefts) > 120
    label = chart.locator("text").filter(has_text="KakaoTalk").first.bounding_box()
    assert label["x"] + label["width"] <= width + 1


def test_a_phone_has_two_sliders_below_and_the_answer_in_sight(open_page):
    page = open_page("/", phone=True, user_agent=PHONES)
    strip = page.get_by_test_id("stBottom")
    assert strip.get_by_role("slider").count() == 2
    page.get_by_test_id("stMain").evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    press(page, "WeChat growth", "ArrowRight")
    assert slider(page, "WeChat growth").is_visible()
    assert about(answer(view_of(page).scenario).total.line[-1, 0]) in said(page)
    page.get_by_role("button", name="More").click()
    expect(slider(page, "Look ahead")).to_be_visible()


def test_the_tooltip_says_the_quarter_and_goes_away(open_page):
    """Over the chart the model's figures, below and above it none, also after a slider moved."""
    page = open_page(viewport={"width": 1280, "height": 1200})
    for growth, away in (
        (case()["wechat"], -60),
        (case()["wechat"] + all_settings()["wechat"].step, 480),
    ):
        plot = page.locator("[data-testid=stVegaLiteChart]").bounding_box()
        tooltip = page.locator("#vg-tooltip-element.visible")
        for step in range(100):  # the chart may not listen yet
            page.mouse.move(plot["x"] + 300 + step % 30, plot["y"] + 150)
            if tooltip.count():
                break
        expect(tooltip).to_contain_text("KakaoTalk")
        words = r"Date\s+(\w+ \d+)\s+WeChat\s+([\d.]+) million"
        quarter, users = re.search(words, tooltip.inner_text()).groups()
        found = answer(change(case(), {"wechat": growth}))
        row = [month_text(time) for time in found.times].index(quarter)
        assert float(users) == pytest.approx(found.total.line[row, 0], rel=0.006)
        page.mouse.move(plot["x"] + 300, plot["y"] + away, steps=5)
        expect(tooltip).to_have_count(0)
        press(page, "WeChat growth", "ArrowRight")


def test_what_breaks_the_policy_and_an_error_of_a_script_are_seen(open_page, context_for, server):
    """Else `open_page` could not fail."""
    page = open_page()
    page.evaluate("new Image().src = 'https://example.org/picture.png'")
    page.evaluate("void setTimeout(() => { throw new Error('of a script'); })")
    options = {"color_scheme": "light", "base_url": server.url}
    _, seen = context_for(**options)
    page.wait_for_timeout(200)
    assert "img-src https://example.org/picture.png" in seen
    assert any(what.startswith("script error") and "of a script" in what for what in seen)
    seen.clear()


def test_an_embedded_page_fits_its_frame(open_page):
    page = open_page("/?embed=true&concern=20", viewport={"width": 700, "height": 600})
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert page.get_by_role("slider").count() == 0
    for part in ("[data-testid=stVegaLiteChart]", "text=on the full page"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 600
    link = page.get_by_role("link", name="Change the settings on the full page")
    assert "concern=20" in link.get_attribute("href") and "embed" not in link.get_attribute("href")
    assert about(answer(change(case(), {"concern": 20})).total.line[-1, 0]) in said(page)


def test_words_of_messengers_stay_out_of_sight(open_page):
    """Nothing is said or rewritten; a reading page leaves them out on the way back."""
    page = open_page("/?fbclid=x&utm_source=y")
    assert page.locator("[data-testid=stAlert]").count() == 0
    assert page.url.endswith("?fbclid=x&utm_source=y")
    page.get_by_role("link", name="How this works").click()
    page.wait_for_url("**/method*")
    page.get_by_role("link", name="Back to the page").click()
    page.wait_for_url(lambda url: "method" not in url)
    settle(page)
    assert "fbclid" not in page.url
