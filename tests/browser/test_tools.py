"""The views in a real browser: clicks on charts, and the address."""

import re

import pytest
from playwright.sync_api import expect

from model.scenario.scenario import case, change
from tests.browser.driver import (
    CHART,
    MAIN,
    agreed,
    button_of,
    choose,
    press,
    settle,
    slider,
    view_of,
    wait_for_scenario,
)

pytestmark = pytest.mark.full


@pytest.mark.parametrize(("view", "place"), [("lead", 20), ("matters", 0)])
def test_a_click_on_a_chart_sets_the_sliders_again_and_again(open_page, view, place):
    start = change(case(), {"concern": 20})
    page = open_page(f"/?open={view}&concern=20", "tall")
    for _ in range(2):
        chart = page.locator(CHART).last
        marks = chart.locator("g.mark-rect").last.locator("path")  # unseen, over bars and cells
        marks.nth(place).click()
        wait_for_scenario(page, lambda scenario: scenario != start)
        agreed(page)
        page.keyboard.press("Control+z")
        wait_for_scenario(page, lambda scenario: scenario == start)


def test_a_click_on_a_tile_opens_its_market(open_page):
    page = open_page("/?open=where", "tall")
    chart = page.locator(CHART)
    chart.locator("g.mark-text text").filter(has_text="Singapore").click()
    page.wait_for_url(lambda url: "market=SGP" in url)
    settle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("Singapore")
    page.get_by_role("button", name="All markets").click()
    page.wait_for_url(lambda url: "market" not in url)


def test_markup_in_a_link_is_shown_as_text(open_page):
    mark = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    page = open_page(f"/?title={mark}&wechat={mark}&{mark}=1")
    assert page.locator(f"{MAIN} img[src=x]").count() == 0
    assert page.get_by_text("<img src=x onerror=alert(1)>").count() >= 2
    page.get_by_role("button", name="Dismiss the notes").click()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_undo_right_after_fast_keys_leaves_a_true_address(open_page):
    """In whatever order messages arrive: headline, slider and address say the same."""
    for wait in (0, 15, 60, 120):
        page = open_page("/?concern=45")
        slider(page, "WeChat growth").focus()
        for _ in range(2):
            page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(wait)  # the distance of the two moves, which is what is tested
        page.keyboard.press("Control+z")
        settle(page, quiet=500)
        growth = slider(page, "WeChat growth")
        for _ in range(100):
            if float(growth.input_value()) == view_of(page).scenario["wechat"]:
                break
            page.wait_for_timeout(50)
        settle(page)
        agreed(page)
        page.close()


def test_back_twice_right_after_a_key(open_page):
    """As fast as a person presses it, and sooner after an answer than an address may be late."""
    page = open_page("/?wechat=150&open=compare")
    choose(page, "Where")
    page.wait_for_url(lambda url: "open=where" in url)
    press(page, "WeChat growth", "ArrowRight")
    page.wait_for_url(lambda url: "wechat=152" in url)
    page.go_back()
    page.wait_for_timeout(120)
    page.go_back()
    page.wait_for_timeout(700)
    settle(page)
    assert "wechat=150" in page.url and "open=compare" in page.url
    expect(slider(page, "WeChat growth")).to_have_attribute("aria-valuetext", "150 per 100")
    expect(button_of(page, "Compare")).to_have_attribute("aria-checked", "true")


def test_a_reading_page_keeps_the_scenario_on_reload(open_page):
    """With what a slider moved last, and its own tab, which does not follow to the page."""
    page = open_page("/?case=hard-line&pin=no-concern")
    press(page, "WeChat growth", "ArrowRight")
    settle(page)
    before = view_of(page)
    page.get_by_role("link", name="How this works").click()
    page.get_by_role("tab", name="Fit and record").click()
    page.wait_for_url(re.compile("tab=Fit"))
    page.reload()
    settle(page)
    expect(page.get_by_role("tab", name="Fit and record")).to_have_attribute(
        "aria-selected", "true"
    )
    page.get_by_role("link", name="Back to the page").click()
    page.wait_for_url("**/?*")
    settle(page)
    assert view_of(page) == before and "tab=" not in page.url
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_click_right_after_back_stays(open_page):
    """Back is told twice if nothing is pressed; the second time must not undo a click."""
    page = open_page("/?open=matters")
    choose(page, "Compare")
    page.wait_for_url(lambda url: "open=compare" in url)
    press(page, "WeChat growth", "ArrowRight")
    page.wait_for_url(lambda url: "wechat=" in url)
    page.go_back()
    page.wait_for_url(lambda url: "wechat=" not in url)
    settle(page, quiet=100)
    button_of(page, "Where").click()
    page.wait_for_timeout(800)  # past the second time
    settle(page)
    assert "open=where" in page.url
    expect(page.get_by_test_id("stVegaLiteChart").filter(has_text="Hong Kong")).to_be_visible()
