"""The stage: every view whole on the first screen, nothing above it moves; eyes, keys and paper."""

import io
import re
from itertools import product

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from model.quarters import decimal_year, month_text
from model.scenario.scenario import case, cases, change, until
from pages.parts.wording.page import VIEWS
from tests.browser.driver import (
    CHART,
    MAIN,
    NOT_WIDE,
    button_of,
    choose,
    press,
    said,
    settle,
    slider,
    track,
    users,
    view_of,
    violations,
    wait_for_scenario,
    wait_until,
)
from tests.pages.contrast import light

SLIDERS = ("WeChat growth", "Security concern", "LINE growth", "KakaoTalk growth")
SCREENS = ("laptop", "desk", "phone")
STRIP = "[class*=st-key-set_scenario]"
ABOVE = ("h1", "h2", STRIP, ".st-key-open")  # down to the top of the stage

# Below the choice of the view: its first sentence, and its pictures; cards, or boxes, without one.
# "shown": whether each lies in what can be seen, above the sliders at the bottom of a phone.
IN_SIGHT = """() => {
  const stage = document.querySelector(".st-key-open").parentElement;
  const all = (selector) => [...stage.querySelectorAll(selector)].filter((one) => {
    const {width, height} = one.getBoundingClientRect();
    return width > 0 && height > 0 && one.checkVisibility();
  });
  const bottom = document.querySelector("[data-testid=stBottom]");
  const end = bottom ? bottom.getBoundingClientRect().top : innerHeight;
  const charts = all("[data-testid=stVegaLiteChart]");
  const boxes = all("[data-testid=stCode], [data-testid=stDownloadButton], "
    + "[data-testid=stColumn] > [data-testid=stVerticalBlock] [data-testid=stMarkdown]");
  const said = [...all("[data-testid=stMarkdown]"), ...all("[data-testid=stTextInput]")][0];
  const parts = [said, ...(charts.length ? charts : boxes)];
  return parts.map((one) => {
    const {top, bottom, left, right} = one ? one.getBoundingClientRect() : {top: -1};
    return {part: one?.dataset.testid, top, bottom,
            shown: top >= 0 && bottom <= end + 1 && left >= 0 && right <= innerWidth + 1};
  });
}"""


def out_of_sight(page):
    """Sentence and pictures of the view that do not lie within the first screen."""
    page.locator(MAIN).evaluate("(main) => main.scrollTo(0, 0)")
    wait_until(page, f"() => ({IN_SIGHT})().length > 1")
    return [part for part in page.evaluate(IN_SIGHT) if not part["shown"]]


# Views that a phone cannot hold between the choice of the view and the sliders, some 380 pixels: a
# list of 24 rows to hit with a finger, nine bars and a second picture, five settings of three lines
LONG = ("where", "compare", "solve")
# in March 2014 two settings are enough, and one differs from the scenario to compare with
LONG_CASE = {"solve": "&case=rivals-surge", "compare": "&case=as-it-happened"}


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_every_view_is_whole_on_the_first_screen(open_page, size):
    """On the lower of two desks; on the other, of every scenario: `make figures`."""
    page, found = open_page("/", size), {}
    if size != "phone":
        for label in SLIDERS:
            box = page.get_by_test_id("stSlider").filter(has=slider(page, label)).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 768, label
    for name, label in VIEWS.items():
        if size == "phone" and name == "where":  # a test of its own
            continue
        choose(page, label)
        if hidden := out_of_sight(page):
            found[name] = hidden
    assert not found


@pytest.mark.parametrize("words", ["case=rivals-surge&open=solve", "case=today&open=compare"])
def test_five_settings_and_another_start_are_whole_on_the_first_screen(open_page, words):
    assert not out_of_sight(open_page(f"/?{words}"))


ROW_OF_LIST, ROWS_IN_VIEW = 25, 10  # pixels


@pytest.mark.parametrize("view", LONG)
def test_a_long_view_begins_on_the_first_screen_of_a_phone(open_page, view):
    """Its sentence, and a whole row or picture, or ten rows of the list; the rest scrolls."""
    page = open_page(f"/?open={view}{LONG_CASE.get(view, '')}", "phone")
    sentence, first, *_ = parts = page.evaluate(IN_SIGHT)
    assert sentence["shown"] and sentence["part"] == "stMarkdown"
    bar = page.get_by_test_id("stBottom").bounding_box()["y"]
    if view == "where":
        assert 0 < first["top"] and first["top"] + ROW_OF_LIST * ROWS_IN_VIEW <= bar
    else:
        assert first["shown"]
    page.locator(MAIN).evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    last = page.evaluate(IN_SIGHT)[-1]
    assert parts[-1]["bottom"] > bar >= last["bottom"] - 1


@pytest.mark.figures
@pytest.mark.parametrize(("size", "dark"), [*product(SCREENS, (False, True))])
def test_every_view_of_every_scenario_is_whole_on_the_first_screen(open_page, size, dark):
    page, found = open_page("/", size, dark=dark), []
    for name, one in cases().items():
        page.locator(f"{STRIP} button").filter(has_text=one.label).click()
        settle(page)
        for view, label in VIEWS.items():
            if size == "phone" and view in LONG:
                continue
            choose(page, label)
            found += [(name, view, part["part"], part["bottom"]) for part in out_of_sight(page)]
    assert not found


def tops(page):
    """Where each part above the stage begins, and where the stage does; pixels."""
    boxes = [page.locator(f"{MAIN} :is({part})").first.bounding_box() for part in ABOVE]
    return np.array([box["y"] for box in boxes] + [boxes[-1]["y"] + boxes[-1]["height"]])


def moved(page, before):
    """Parts that are not where they were, by more than two pixels."""
    far = np.abs(tops(page) - before) > 2
    return [part for part, is_far in zip((*ABOVE, "stage"), far, strict=True) if is_far]


def moved_by_sliders(page, before, labels):
    """Parts that these sliders move at one of their ends."""
    found = {}
    for label, key in product(labels, ("Home", "End")):
        press(page, label, key)
        if parts := moved(page, before):
            found[label, key] = parts
    return found


def test_nothing_above_the_stage_moves_for_a_slider(page):
    assert not moved_by_sliders(page, tops(page), SLIDERS[:2])


TITLES = ["A title", "W" * 80]
TITLES += ["Eighty letters of a title which somebody typed for a class and put into its link"]


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_nothing_above_the_stage_moves_for_a_title(open_page, size):
    before = tops(open_page("/", size))
    assert not [title for title in TITLES if moved(open_page(f"/?title={title}", size), before)]


STILL = [
    *(f"title={title}" for title in TITLES),
    "at=2018Q4",
    "guess=80",
    "pin=hard-line",
    "events=all",
    "horizon=3",
]
STILL += ["concern=0", "wechat=0", "wechat=400&barrier=0&line=0", "case=today", "wechat=123.4"]
STILL += ["wechat=400&concern=100&line=0&kakao=400&barrier=100&attrition=0&horizon=15"]  # longest


@pytest.mark.figures
@pytest.mark.parametrize("size", SCREENS)
def test_nothing_above_the_stage_moves_whatever_is_chosen(open_page, size):
    """By any of these words and views, alone, and by each slider at its ends."""
    page = open_page("/", size)
    before, found = tops(page), {}
    for label in VIEWS.values():
        choose(page, label)
        found[label] = moved(page, before)
    choose(page, "Over time")
    found["sliders"] = moved_by_sliders(page, before, () if size == "phone" else SLIDERS)
    for words in STILL:
        found[words] = moved(open_page(f"/?{words}", size), before)
    assert not any(found.values()), found


PAGES = [*(f"open={view}" for view in VIEWS), "open=where&market=IND"]
PAGES += ["guess=first", "guess=80&at=2018Q4&step=1"]


@pytest.mark.full
@pytest.mark.parametrize("words", PAGES)
def test_a_view_is_accessible(open_page, words):
    """No finding of axe-core above minor on a desk and a phone, light and dark.

    At two widths between them, nothing is wider than the screen.
    """
    page, found = open_page(f"/?{words}"), {}
    assert page.get_by_test_id("stException").count() == 0
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    before = page.evaluate(background)
    for scheme, widths in (("light", (1400, 1024, 768, 360)), ("dark", (360, 1400))):
        page.emulate_media(color_scheme=scheme)
        if scheme == "dark":
            wait_until(page, f"(before) => {background} !== before", before)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            if not page.evaluate(NOT_WIDE):
                found[scheme, width, "wide"] = page.evaluate("document.documentElement.scrollWidth")
            if width in (1400, 360) and (faults := violations(page)):
                found[scheme, width] = faults
    assert not found


def press_until_focus(page, key, place):
    """Press a key until the focus is at `place` or in it."""
    for _ in range(80):
        if place.evaluate("(e) => e.contains(document.activeElement)"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not get to {place}")


def choose_by_keys(page, row, button):
    """Tab to a row of buttons, arrows to the one, Enter."""
    press_until_focus(page, "Tab", row)
    press_until_focus(page, "ArrowLeft", row.get_by_role("radio").first)
    press_until_focus(page, "ArrowRight", button)
    page.keyboard.press("Enter")
    settle(page)


def test_every_view_is_opened_and_used_without_a_mouse(page):
    """Tab, arrows and Enter; what a click on a chart does can be done so too."""
    strip, views = page.locator(STRIP), page.locator(".st-key-open")
    for label, name in (("Hard line", "hard-line"), ("March 2014", "march-2014")):
        choose_by_keys(page, strip, strip.get_by_role("radio").filter(has_text=label))
        wait_for_scenario(page, lambda scenario, name=name: scenario == case(name))
    for label in ("Where", "What matters", "What would it take", "Compare", "Share", "Who wins"):
        choose_by_keys(page, views, button_of(page, label))
        expect(button_of(page, label)).to_have_attribute("aria-checked", "true")
    press_until_focus(page, "Tab", page.get_by_role("button", name="Go to growth"))
    page.keyboard.press("Enter")
    now = wait_for_scenario(page, lambda scenario: scenario != case())
    assert now == change(case(), {"wechat": now["wechat"]})


def test_a_click_on_the_chart_shows_the_answer_for_that_quarter(page):
    choose(page, "Where")
    choose(page, "Over time")
    chart = page.locator(CHART)
    expect(chart).to_have_count(1)  # the other view's is gone
    for year in ("2018", "2020"):  # a second click counts too
        tick = chart.locator("g.role-axis-label text").filter(has_text=year).bounding_box()
        box = chart.bounding_box()
        page.mouse.click(tick["x"] + tick["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_url(re.compile(f"at=({int(year) - 1}|{year})Q"))
        settle(page)
        at = dict(view_of(page).views)["at"]
        assert f"by {month_text(decimal_year(at))}" in said(page)
        assert users(until(case(), at)) in said(page)
    page.get_by_role("button", name="Clear value").click()
    page.wait_for_url(lambda url: "at=" not in url)
    expect(page.locator(f"{MAIN} h2")).to_contain_text("by March 2024")


def shades(page, box):
    """Contrast of a part of the screen: of its lightest colour to its darkest one."""
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    colours = np.unique(np.asarray(picture).reshape(-1, 3), axis=0)
    lights = [light(f"#{r:02x}{g:02x}{b:02x}") for r, g, b in colours]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.full
def test_buttons_texts_and_the_chosen_view_are_seen_in_forced_colours(open_page):
    page = open_page("/", forced_colors="active")
    for place in (
        page.get_by_role("button", name="Undo"),
        button_of(page, "Where"),
        page.locator(f"{STRIP} button").first,
        page.locator(f"{MAIN} h2"),
    ):
        assert shades(page, place.bounding_box()) > 3
    look = (
        "(e) => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.border]; }"
    )
    views = [button_of(page, label) for label in ("Over time", "Where")]
    assert views[0].evaluate(look) != views[1].evaluate(look)  # the chosen one


@pytest.mark.full
@pytest.mark.xfail(raises=AssertionError, reason="Streamlit draws them as backgrounds alone")
def test_a_slider_is_seen_in_forced_colours(open_page):
    """Its track and thumb, a clip without its texts."""
    page = open_page("/", forced_colors="active")
    left, right, _, y = track(page, SLIDERS[0])
    assert shades(page, {"x": left, "y": y - 5, "width": right - left, "height": 10}) > 3


@pytest.mark.full
@pytest.mark.xfail(raises=AssertionError, reason="React Aria asks the browser's language")
def test_sliders_run_from_left_to_right_in_every_browser(open_page):
    """As the page does, which is in English: the lowest value at the left, the right arrow up."""
    page = open_page("/", locale="ar")
    press(page, "Security concern", "ArrowRight")
    assert view_of(page).scenario["concern"] > case()["concern"]


@pytest.mark.full
@pytest.mark.parametrize("locale", ["ar", "de"])
def test_a_browser_of_another_language_shows_the_same_page(open_page, locale):
    """Numbers, dates and the order of all parts are those of the page, not of the browser."""
    page = open_page("/?wechat=160", locale=locale)
    english = open_page("/?wechat=160")
    assert page.locator(MAIN).inner_text() == english.locator(MAIN).inner_text()
    assert (tops(page) == tops(english)).all()


PRINTED = ("h1", "h2", "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas")


def test_the_page_prints_headline_chart_changes_and_sources_without_controls(open_page):
    """On three sheets at most."""
    page = open_page("/?wechat=160&concern=30")
    page.emulate_media(media="print")
    for part in PRINTED:
        expect(page.locator(f"{MAIN} :is({part})").first).to_be_visible()
    main = page.locator(MAIN)
    for text in ("WeChat growth 1", "Security concern 25% → 30%", "Observed", "Sources"):
        expect(main.get_by_text(text).first).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) <= 3
    expect(slider(page, "WeChat growth")).not_to_be_visible()
