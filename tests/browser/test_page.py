"""The page in a real browser: address, keys, looks, and nothing from outside."""

import re

import pytest
from playwright.sync_api import expect

from model.analysis.bands import answer
from model.number_text import about
from model.quarters import month_text
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from tests.browser.conftest import settle, start_server, violations

LABELS = ("WeChat growth", "LINE growth", "KakaoTalk growth", "Security concern")


def said(page):
    return page.locator("[data-testid=stMain] h2").inner_text()


def slider(page, label):
    return page.get_by_role("slider", name=label)


def press(page, label, key, times=1):
    slider(page, label).focus()
    for _ in range(times):
        page.keyboard.press(key)
        settle(page)


def test_sliders_are_named_for_a_screen_reader(page):
    for label in LABELS:
        assert slider(page, label).count() == 1


def test_a_key_moves_number_and_address(page):
    press(page, "WeChat growth", "ArrowRight", 2)
    grown = case()["wechat"] + 2 * all_settings()["wechat"].step
    assert about(answer(change(case(), {"wechat": grown})).path[-1, 0]) in said(page)
    assert f"wechat={grown:g}" in page.url


def test_fast_keys_are_all_counted(page):
    slider(page, "WeChat growth").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight", delay=40)  # held, as by a finger
    settle(page)
    grown = case()["wechat"] + 6 * all_settings()["wechat"].step
    expect(slider(page, "WeChat growth")).to_have_value(f"{grown:g}")
    assert f"wechat={grown:g}" in page.url
    assert about(answer(change(case(), {"wechat": grown})).path[-1, 0]) in said(page)


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


def test_a_link_opens_on_a_fresh_server(browser):
    with start_server() as server:
        page = browser.new_page()
        page.goto(f"{server.url}/?case=hard-line&wechat=160")
        page.wait_for_selector("[data-testid=stMain] h2")
        scenario = change(case("hard-line"), {"wechat": 160})
        assert about(answer(scenario).path[-1, 0]) in said(page)
        page.close()


@pytest.mark.parametrize("path", ["/evidence", "/method"])
def test_reading_page_as_first_request_and_back(open_page, path):
    page = open_page(path)
    assert page.get_by_text("Page not found").count() == 0
    page.get_by_role("link", name="Back to the page").click()
    settle(page)
    assert "WeChat users abroad by" in said(page)


def test_settings_survive_a_look_at_the_sources(page):
    press(page, "LINE growth", "ArrowLeft", 3)
    before = said(page)
    page.get_by_role("link", name="Sources and figures").click()
    settle(page)
    page.get_by_role("link", name="Back to the page").click()
    settle(page)
    assert said(page) == before
    assert f"line={case()['line'] - 3 * all_settings()['line'].step:g}" in page.url


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_accessible_and_no_wider_than_the_screen(open_page, dark, phone):
    page = open_page("/", dark=dark, phone=phone)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert not wide
    assert not violations(page)


def test_the_chart_keeps_its_width_in_a_narrow_window(open_page):
    """The plot itself, from the first year to the last, is over 120 px wide; nothing is cut off."""
    page = open_page("/", viewport={"width": 360, "height": 800})
    chart = page.get_by_test_id("stVegaLiteChart").first
    years = chart.locator("g.role-axis-label text").filter(has_text=re.compile("^20[0-9]{2}$"))
    boxes = [year.bounding_box() for year in years.all()]
    assert max(box["x"] for box in boxes) - min(box["x"] for box in boxes) > 120
    label = chart.locator("text").filter(has_text="KakaoTalk").first.bounding_box()
    assert label["x"] + label["width"] <= 361


def test_phone_has_the_answer_below_and_the_controls_in_the_page(open_page):
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"
    page = open_page("/", phone=True, user_agent=agent)
    assert slider(page, "WeChat growth").is_visible()
    strip = page.get_by_test_id("stBottom")
    assert about(answer(case()).path[-1, 0]) in strip.inner_text()


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
        assert float(users) == pytest.approx(found.path[row, 0], rel=0.006)
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
