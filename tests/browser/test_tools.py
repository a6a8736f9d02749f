"""The questions in a real browser: clicks on charts, what is folded away, and the address."""

import io
import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from model.analysis.bands import answer
from model.cli.parser import main
from model.number_text import about
from model.quarters import decimal_year, month_text
from model.scenario.scenario import case, change
from tests.browser.conftest import settle, violations, wait_until
from tests.browser.test_page import (
    press,
    question,
    said,
    slider,
    view_of,
    wait_for_scenario,
)

pytestmark = pytest.mark.full
TOOLS = ("markets", "compare", "solve", "lead", "levers", "story", "share")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_link_opens_a_question_and_it_is_accessible(open_page, tool):
    """By axe-core at three widths, dark on the narrowest too; nothing is wider than the screen."""
    page = open_page(f"/?open={tool}" + "&pin=hard-line" * (tool == "compare"))
    assert page.locator("[data-testid=stException]").count() == 0
    if tool == "compare":
        page.get_by_text("Most of it is").wait_for()
        page.get_by_role("button", name="Your own figures").click()
        page.get_by_text("A CSV file with the columns").wait_for()
    if tool == "share":
        page.get_by_text("As a command, in a notebook, to cite").click()
        page.get_by_text("Both print the numbers").wait_for()
    if tool == "levers":
        page.get_by_text("What would narrow the range").click()
        page.get_by_text("were known, the range would be").wait_for()
    expect_accessible(page, (1400, 768, 360))


def expect_accessible(page, widths):
    """No finding of axe-core and no page wider than the screen; at the last width dark too."""
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = page.evaluate(background)

    def check(place):
        settle(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"), place
        assert not violations(page), place

    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        check(f"light, {width} px")
    page.emulate_media(color_scheme="dark")
    wait_until(page, f"(light) => {background} !== light", light)
    check(f"dark, {width} px")


@pytest.mark.parametrize("path", ["/?guess=first", "/?guess=80&at=2018Q4&step=1&open=story"])
def test_a_guess_and_an_earlier_quarter_are_accessible(open_page, path):
    page = open_page(path)
    expect_accessible(page, (1400, 360))


def test_a_click_on_the_chart_shows_the_answer_for_that_quarter(open_page):
    page = open_page("/")
    box = page.locator("[data-testid=stVegaLiteChart]").first.bounding_box()
    shown = set()
    for part in (0.4, 0.55):  # a second click counts too
        page.mouse.click(box["x"] + part * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_url(lambda url: "at=" in url and url not in shown)
        shown.add(page.url)
        settle(page)
        month = month_text(decimal_year(dict(view_of(page).views)["at"]))
        expect(page.locator("[data-testid=stMain] h2")).to_contain_text(f"by {month}")
    page.get_by_role("button", name="Clear value").click()
    page.wait_for_url(lambda url: "at=" not in url)
    expect(page.locator("[data-testid=stMain] h2")).to_contain_text("by March 2024")


def press_until_focus(page, key, place):
    """Press a key until the focus is at `place` or in it."""
    for _ in range(80):
        if place.evaluate("(e) => e.contains(document.activeElement)"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not get there")


def tab_to(page, place):
    press_until_focus(page, "Tab", place)


def open_by_keys(page, label, arrow="ArrowRight"):
    """Open a question: Tab to the row of questions, an arrow to the one, Enter."""
    row = page.get_by_test_id("stButtonGroup").filter(has_text="What would it take?")
    tab_to(page, row)
    press_until_focus(page, arrow, question(page, label))
    page.keyboard.press("Enter")
    settle(page)


def test_the_frontier_and_a_market_without_a_mouse(page):
    """Tab, arrows and Enter do the same as a click on the map or on a tile."""
    open_by_keys(page, "Who wins")
    tab_to(page, page.get_by_role("button", name="Go to the frontier"))
    page.keyboard.press("Enter")
    moved = wait_for_scenario(page, lambda scenario: scenario != case())
    assert moved == change(case(), {"wechat": moved["wechat"]})

    open_by_keys(page, "Markets")
    tab_to(page, page.get_by_test_id("stButtonGroup").filter(has_text="One market"))
    press_until_focus(page, "ArrowRight", question(page, "One market"))
    page.keyboard.press("Enter")
    settle(page)
    tab_to(page, page.get_by_role("combobox", name="Market"))
    page.keyboard.type("Singapore")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "market=SGP" in url and "show=one" in url)


@pytest.mark.parametrize(("tool", "place"), [("lead", 20), ("levers", 0)])
def test_a_click_on_a_chart_sets_the_sliders_again_and_again(open_page, tool, place):
    start = change(case(), {"concern": 20})
    page = open_page(f"/?open={tool}&concern=20", viewport={"width": 1280, "height": 1700})
    for _ in range(2):
        chart = page.locator("[data-testid=stVegaLiteChart]").nth(1)
        marks = chart.locator("g.mark-rect").last.locator("path")  # unseen, over bars and curves
        marks.nth(place).click()
        moved = wait_for_scenario(page, lambda scenario: scenario != start)
        assert about(answer(moved).total.line[-1, 0]) in said(page)
        expect(slider(page, "WeChat growth")).to_have_value(f"{moved['wechat']:g}")
        page.keyboard.press("Control+z")
        wait_for_scenario(page, lambda scenario: scenario == start)


def test_a_click_on_a_tile_opens_its_market(open_page):
    page = open_page("/?open=markets&show=lead", viewport={"width": 1280, "height": 1600})
    chart = page.locator("[data-testid=stVegaLiteChart]").nth(1)
    chart.locator("g.mark-text text").filter(has_text="Singapore").click()
    page.wait_for_url(lambda url: "market=SGP" in url and "show=one" in url)
    settle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("Where the start comes from")


def test_markup_in_a_link_is_shown_as_text(open_page):
    mark = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    page = open_page(f"/?title={mark}&wechat={mark}&{mark}=1")
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0
    assert page.get_by_text("<img src=x onerror=alert(1)>").count() >= 2
    page.get_by_role("button", name="Dismiss the notes").click()
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)


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
        scenario = view_of(page).scenario
        expect(slider(page, "WeChat growth")).to_have_value(f"{scenario['wechat']:g}")
        assert about(answer(scenario).total.line[-1, 0]) in said(page), wait
        page.close()


def test_back_twice_right_after_a_key(open_page):
    """As fast as a person presses it, and sooner after an answer than an address may be late."""
    page = open_page("/?wechat=150&open=compare")
    question(page, "Markets").click()
    page.wait_for_url(lambda url: "open=markets" in url)
    settle(page)
    press(page, "WeChat growth", "ArrowRight")
    page.wait_for_url(lambda url: "wechat=152" in url)
    page.go_back()
    page.wait_for_timeout(120)
    page.go_back()
    page.wait_for_timeout(700)
    settle(page)
    assert "wechat=150" in page.url and "open=compare" in page.url
    expect(slider(page, "WeChat growth")).to_have_attribute("aria-valuetext", "150 per 100")
    expect(question(page, "Compare")).to_have_attribute("aria-checked", "true")


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


def test_a_download_is_the_command_lines_table(open_page, tmp_path, capsys):
    page = open_page("/?open=share&wechat=160&concern=30")

    with page.expect_download() as started:
        page.get_by_role("button", name="Projection (CSV)", exact=True).click()
    started.value.save_as(tmp_path / "rows.csv")
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert main(["project", "--set", "wechat=160", "--set", "concern=30"]) == 0
    printed = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert rows[list(printed.columns)].equals(printed)
