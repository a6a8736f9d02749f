"""The questions in a real browser: clicks on charts, what is folded away, and the address."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import expect

from model.__main__ import main
from model.analysis.bands import answer
from model.number_text import about
from model.quarters import decimal_year, month_text
from model.scenario.links import from_query
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.address import VIEWS
from tests.browser.conftest import WATCH, settle, start_server, violations, wait_until
from tests.browser.test_page import press, said, slider

TOOLS = ("markets", "compare", "solve", "lead", "levers", "story", "share")


def question(page, label):
    return page.locator("[data-testid=stButtonGroup] button").filter(has_text=label).first


def choose(page, label):
    question(page, label).click()
    settle(page)


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


@pytest.mark.parametrize("tool", TOOLS)
def test_a_link_opens_a_question_and_it_is_accessible(open_page, tool):
    """By axe-core at three widths, dark on the narrowest too; nothing is wider than the screen."""
    page = open_page(f"/?open={tool}" + "&pin=hard-line" * (tool == "compare"))
    assert page.locator("[data-testid=stException]").count() == 0
    if tool == "compare":
        page.get_by_text("What made the difference").click()
        page.get_by_text("made the largest part").wait_for()
        page.get_by_text("Your own figures over the chart").click()
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


@pytest.mark.parametrize("path", ["/?guess=first", "/?guess=80&at=2018Q4", "/?step=1&open=story"])
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
    page.get_by_role("button", name="To the end, March 2024").click()
    page.wait_for_url(lambda url: "at=" not in url)
    expect(page.locator("[data-testid=stMain] h2")).to_contain_text("by March 2024")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("show", ["lead", "table", "one"])
def test_markets_with_established_messengers_on_every_screen(open_page, show, phone, dark):
    """Each view is drawn and names them; nothing is wider than the screen."""
    page = open_page(f"/?open=markets&show={show}&market=ESP", dark=dark, phone=phone)
    assert page.locator("[data-testid=stException]").count() == 0
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    expect(page.locator("[data-testid=stMain]")).to_contain_text("given from outside the model")
    if show == "one":
        card = page.get_by_test_id("stMetric").filter(has_text="Strongest established messenger")
        expect(card).to_contain_text("WhatsApp, range 45 to 76%")
        words = card.locator("[data-testid=stMetricLabel], [data-testid=stMetricDelta]")
        for word in words.all():  # not cut off
            assert word.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")


def test_one_question_at_a_time_and_the_address_says_which(page):
    charts = page.locator("[data-testid=stMain] [data-testid=stVegaLiteChart]")
    assert charts.count() == 1
    choose(page, "What moves it")
    assert charts.count() == 2
    assert "open=levers" in page.url
    choose(page, "What moves it")
    assert charts.count() == 1
    assert "open=" not in page.url


def test_a_slider_moves_the_open_question_too(page):
    choose(page, "Markets")
    users = about(answer(case()).path[-1, 0])
    page.get_by_text(f"WeChat's {users} would be worth", exact=False).wait_for()
    press(page, "Security concern", "Home")
    free = about(answer(change(case(), {"concern": 0})).path[-1, 0])
    expect(page.get_by_text(f"WeChat's {free} would be worth", exact=False)).to_be_visible()


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


def test_map_bars_and_tiles_without_a_mouse(page):
    """Tab, arrows and Enter do the same as a click on a mark."""
    open_by_keys(page, "Who wins")
    tab_to(page, page.get_by_role("spinbutton").first)
    page.keyboard.press("Control+A")
    page.keyboard.type("205")
    page.keyboard.press("Enter")
    moved = wait_for_scenario(page, lambda scenario: scenario["wechat"] == 205)
    assert moved == change(case(), {"wechat": 205})

    open_by_keys(page, "What moves it")
    tab_to(page, page.get_by_role("combobox", name="Setting"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    tab_to(page, page.get_by_role("button", name="Set the slider there"))
    page.keyboard.press("Enter")
    wait_for_scenario(page, lambda scenario: scenario != moved)
    page.keyboard.press("Control+Z")
    wait_for_scenario(page, lambda scenario: scenario == moved)

    open_by_keys(page, "Markets", "ArrowLeft")
    tab_to(page, page.get_by_role("combobox", name="A market"))
    page.keyboard.type("Singapore")
    page.keyboard.press("Enter")
    settle(page)
    tab_to(page, page.get_by_role("button", name="Open this market"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "market=SGP" in url and "show=one" in url)


def test_a_click_on_the_map_goes_there(open_page):
    page = open_page("/?open=lead", viewport={"width": 1280, "height": 1600})
    chart = page.locator("[data-testid=stVegaLiteChart]").nth(1)
    cells = chart.locator("g.mark-rect path[aria-label], g.mark-rect path")
    cells.nth(cells.count() // 2 + 3).click()
    scenario = wait_for_scenario(page, lambda scenario: scenario != case())
    moved = {"wechat": scenario["wechat"], "concern": scenario["concern"]}
    assert scenario == change(case(), moved)
    assert about(answer(scenario).path[-1, 0]) in said(page)
    expect(slider(page, "WeChat growth")).to_have_value(f"{scenario['wechat']:g}")


def test_a_click_on_a_bar_sets_its_slider(open_page):
    page = open_page("/?open=levers", viewport={"width": 1280, "height": 1600})
    chart = page.locator("[data-testid=stVegaLiteChart]").nth(1)
    places = chart.locator("g.mark-rect").last.locator("path")  # unseen, over bars and curves
    places.first.click()
    scenario = wait_for_scenario(page, lambda scenario: scenario != case())
    assert about(answer(scenario).path[-1, 0]) in said(page)


def test_a_click_on_a_tile_opens_its_market(open_page):
    page = open_page("/?open=markets&show=lead", viewport={"width": 1280, "height": 1600})
    chart = page.locator("[data-testid=stVegaLiteChart]").nth(1)
    chart.locator("g.mark-text text").filter(has_text="Singapore").click()
    page.wait_for_url(lambda url: "market=SGP" in url and "show=one" in url)
    settle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("Where the start comes from")


def test_pin_solve_back_reload_and_restart(browser):
    """Address, sliders and headline agree after each, and the pin outlives the server."""
    with start_server() as server:
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.add_init_script(WATCH)
        page.goto(f"{server.url}/?case=no-concern&open=compare")
        settle(page)

        def agree():
            settle(page)
            view = view_of(page)
            answered = about(answer(view.scenario).path[-1, 0])
            expect(page.locator("[data-testid=stMain] h2")).to_contain_text(
                answered, timeout=15_000
            )
            shown = re.sub(r"\.0$", "", f"{view.scenario['wechat']:.1f}")
            expect(slider(page, "WeChat growth")).to_have_attribute(
                "aria-valuetext", f"{shown} per 100"
            )
            return view

        page.get_by_role("button", name="Pin this scenario").click()
        page.wait_for_url(lambda url: "pin=" in url)
        assert agree().pin == case("no-concern")
        slider(page, "WeChat growth").focus()
        page.keyboard.press("ArrowRight")
        moved = agree()
        assert moved.scenario["wechat"] == case()["wechat"] + all_settings()["wechat"].step
        assert moved.pin == case("no-concern")
        question(page, "What would it take?").click()
        page.get_by_role("button", name="Use this").first.click()
        solved = agree()
        assert solved.scenario != moved.scenario
        page.go_back()
        agree()
        page.reload()
        before = agree()
        port = server.port
    with start_server(port):
        # connected again, and the page ran by itself: the first key and the first button count
        wait_until(page, "(at) => live.answered > at", page.evaluate("live.answered"))
        wait_until(page, "performance.now() - live.answered > 3000")
        settle(page)
        question(page, "Markets").click()
        page.wait_for_url(lambda url: "open=markets" in url)
        press(page, "WeChat growth", "ArrowRight")
        woken = agree()
        step = all_settings()["wechat"].step
        assert 0 < woken.scenario["wechat"] - before.scenario["wechat"] <= step  # one key, once
        assert woken.pin == before.pin
        page.go_back()
        agree()
        page.go_back()
        assert agree() == before
        page.reload()
        assert agree() == before
        page.close()


def test_an_embedded_page_fits_its_frame(open_page):
    page = open_page("/?embed=true&concern=20", viewport={"width": 700, "height": 600})
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert page.get_by_role("slider").count() == 0
    for part in ("[data-testid=stVegaLiteChart]", "text=on the full page"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 600
    link = page.get_by_role("link", name="Change the settings on the full page")
    assert "concern=20" in link.get_attribute("href") and "embed" not in link.get_attribute("href")
    assert about(answer(change(case(), {"concern": 20})).path[-1, 0]) in said(page)


def test_markup_in_a_link_is_shown_as_text(open_page):
    mark = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    page = open_page(f"/?title={mark}&wechat={mark}&{mark}=1")
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0
    assert page.get_by_text("<img src=x onerror=alert(1)>").count() >= 2
    page.get_by_role("button", name="Dismiss the notes").click()
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)


def test_downloads_are_the_command_lines_numbers_and_open_again(open_page, tmp_path, capsys):
    page = open_page("/?open=share&wechat=160&concern=30")

    def download(label):
        with page.expect_download() as started:
            page.get_by_role("button", name=label, exact=True).click()
        path = tmp_path / started.value.suggested_filename
        started.value.save_as(path)
        return path

    rows = pd.read_csv(download("Projection (CSV)"))
    assert main(["project", "--set", "wechat=160", "--set", "concern=30"]) == 0
    printed = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert rows[list(printed.columns)].equals(printed)


def test_a_name_and_a_title_count_without_enter(open_page):
    """Typed, and at once a button or another box is pressed."""
    page = open_page("/?open=compare")
    page.get_by_role("textbox", name="Name for this scenario").fill("As I see it")
    page.get_by_role("button", name="Add to the table").click()
    page.wait_for_url(lambda url: "As%2520I%2520see%2520it" in url)
    question(page, "Share").click()
    page.get_by_role("textbox", name="Title (optional").fill("Minutes’ title – 标题")
    question(page, "Compare").click()
    expect(page.get_by_text("Minutes’ title – 标题", exact=True)).to_be_visible()


def test_words_of_messengers_stay_out_of_sight(open_page):
    """Nothing is said or rewritten; also on the way back from a reading page."""
    page = open_page("/method?fbclid=x")
    page.get_by_role("link", name="Back to the page").click()
    settle(page)
    plain = said(open_page("/"))
    assert said(page) == plain and "fbclid" not in page.url
    page = open_page("/?fbclid=x&utm_source=y")
    assert said(page) == plain and page.locator("[data-testid=stAlert]").count() == 0
    assert page.url.endswith("?fbclid=x&utm_source=y")


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
        assert about(answer(scenario).path[-1, 0]) in said(page), wait
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


def test_a_reading_page_is_one_stop_in_the_history(open_page):
    page = open_page("/?case=hard-line&wechat=160")
    page.get_by_role("link", name="How this works").click()
    page.wait_for_url("**/method?*")
    settle(page)
    page.get_by_role("link", name="Back to the page").click()
    page.wait_for_url("**/?*wechat=160*")
    settle(page)
    page.go_back()
    page.wait_for_url("**/method?*")


@pytest.mark.parametrize("link", ["How this works", "Sources and figures"])
def test_a_reading_page_keeps_the_scenario_on_reload(open_page, link):
    """With what a slider moved last, and its own tab, which does not follow to the page."""
    page = open_page("/?case=hard-line&pin=no-concern")
    press(page, "WeChat growth", "ArrowRight")
    settle(page)
    before = view_of(page)
    page.get_by_role("link", name=link).click()
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


@pytest.mark.parametrize("tool", ["lead", "levers"])
def test_the_same_place_can_be_clicked_again_after_undo(open_page, tool):
    start = change(case(), {"concern": 20})
    page = open_page(f"/?open={tool}&concern=20", viewport={"width": 1280, "height": 1700})
    for _ in range(2):
        chart = page.locator("[data-testid=stVegaLiteChart]").nth(1)
        marks = chart.locator("g.mark-rect").last.locator("path")  # unseen, over bars and curves
        marks.nth(20 if tool == "lead" else 0).click()
        wait_for_scenario(page, lambda scenario: scenario != start)
        page.keyboard.press("Control+z")
        wait_for_scenario(page, lambda scenario: scenario == start)
