"""The answer on the screen: line, both bands, marks, cards and sentences, against data and runs."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.sampling import runs
from model.scenario.scenario import case, change
from tests.pages.screen import (
    PLATFORMS,
    Z80,
    at_origin,
    both_runs,
    charts,
    data,
    digits,
    line_of,
    marks,
    metric,
    million,
    quarter,
    seen,
    short,
    signed,
    span,
    times_of,
    titles,
    words,
)

VIEWS = [
    ("march-2014", "china"),
    ("as-it-happened", "home"),
    ("all-in", "home"),
    ("today", "china"),
]
BANDS = ("settings", "errors")
BOTH = pytest.mark.parametrize("band", BANDS)
ANSWERS = pytest.mark.parametrize(("name", "outside"), VIEWS)
GEOGRAPHY = {
    "china": {"WeChat": "EX-CHINA", "LINE": "world", "KakaoTalk": "world"},
    "home": {"WeChat": "EX-CHINA", "LINE": "world less JPN", "KakaoTalk": "world less KOR"},
}


def line(scenario, outside):
    """The line (time, platform): the middle of the runs, and at the origin the starting table."""
    path = line_of(both_runs(scenario, outside)[0].total)
    path[0] = at_origin(scenario, outside)
    return path


def ends(scenario, outside, band):
    """Low and high end of a band (time, platform), from the runs and data/error_spread.csv."""
    users = both_runs(scenario, outside)[0].total
    low, middle, high = np.quantile(users, [0.1, 0.5, 0.9], axis=-1)
    if band == "settings":
        return low, high
    rows = data("error_spread").set_index("horizon_quarters").spread
    spread = np.array([rows.get(ahead, 0.0) for ahead in range(len(low))])[:, None]
    below = np.hypot(np.log(middle / low), Z80 * spread)
    above = np.hypot(np.log(high / middle), Z80 * spread)
    return middle * np.exp(-below), middle * np.exp(above)


def by_platform(frame, column):
    """A column of a frame as (time, platform)."""
    return np.stack([frame[frame.platform == name][column] for name in PLATFORMS], axis=1)


def observed(outside, first, last):
    """The users observed between two times: rows of data/observed.csv with their decimal year."""
    rows = data("observed")
    rows = rows[rows.metric.isin(["users", "users, company profile", "users, range"])]
    rows = rows[rows.geography == rows.platform.map(GEOGRAPHY[outside])]
    year = rows.quarter.str[:4].astype(int) + rows.quarter.str[5].astype(int) / 4
    return rows.assign(year=year)[(year >= first) & (year <= last)]


@BOTH
@ANSWERS
def test_the_chart_draws_line_and_band(name, outside, band):
    scenario = case(name)
    frames = charts(seen(case=name, outside=outside, band=band))[0][1]
    path, axis = frames["path"], frames["axis"].iloc[0]
    low, high = ends(scenario, outside, band)
    assert_allclose(by_platform(path, "users"), line(scenario, outside), atol=6e-4)
    assert_allclose(by_platform(path, "low"), np.minimum(low, axis.top), atol=6e-4)
    assert_allclose(by_platform(path, "high"), np.minimum(high, axis.top), atol=6e-4)
    times = times_of(scenario)
    assert_allclose(by_platform(path, "year"), np.stack([times] * 3, axis=1))
    assert list(path.quarter[::3]) == [quarter(time) for time in times]
    assert axis.top >= line(scenario, outside).max() and axis.end == times[-1]


def test_the_errors_widen_from_the_first_quarter_on():
    """None at the origin; one quarter ahead the first row of data/error_spread.csv."""
    scenario = case()
    narrow, wide = (ends(scenario, "china", band)[1] for band in BANDS)
    drawn = by_platform(charts(seen(band="errors"))[0][1]["path"], "high")
    middle = np.median(both_runs(scenario)[0].total, axis=-1)
    assert_allclose(drawn[0], narrow[0], atol=6e-4)
    more = np.log(drawn[1] / middle[1]) ** 2 - np.log(narrow[1] / middle[1]) ** 2
    assert_allclose(np.sqrt(more) / Z80, data("error_spread").spread[0], rtol=2e-3)
    assert (wide[1:] > narrow[1:]).all()


@BOTH
@ANSWERS
def test_the_sentence_gives_line_range_and_lead(name, outside, band):
    scenario = case(name)
    app = seen(case=name, outside=outside, band=band)
    said = app.subheader[0].value
    low, high = (end[-1, 0] for end in ends(scenario, outside, band))
    users = line(scenario, outside)[-1]
    place = {"china": "outside China", "home": "outside the home market"}[outside]
    kind = {"settings": "four runs in five", "errors": "80% prediction interval"}[band]
    year = quarter(times_of(scenario)[-1])[:4]
    assert f"**{million(users[0])}** users {place} by {year} ({kind}: {span(low, high)})" in said
    total = both_runs(scenario, outside)[0].total[-1]
    found = re.findall(r"(ahead of|behind) (\w+) \((though only )?in (\d+)%", said)
    assert [rival for _, rival, _, _ in found] == ["LINE", "KakaoTalk"]
    for k, (word, _, only, percent) in enumerate(found, start=1):
        ahead = users[0] > users[k]
        share = (total[0] > total[k]).mean() if ahead else 1 - (total[0] > total[k]).mean()
        assert word == ("ahead of" if ahead else "behind")
        assert percent == f"{100 * share:.0f}" and bool(only) == (share < 0.5)


def test_axes_and_tooltip_name_their_unit():
    spec, frames = charts(seen())[0]
    assert set(titles(spec, "y").values()) == {"Users (million)"}
    line_mark = next(m for m in marks(spec) if m["mark"]["type"] == "line")
    assert line_mark["encoding"]["y"]["title"] == "Users (million)"
    hover = next(m for m in marks(spec) if "expr" in str(m["mark"].get("tooltip", "")))
    text = hover["mark"]["tooltip"]["expr"]
    found = re.findall(
        r"'(\w+), million': format\(data\('path'\)\[3 \* [^+]+\+ (\d)\]\.users", text
    )
    path, row = frames["path"], frames["quarter"].iloc[7]
    assert [name for name, _ in found] == list(PLATFORMS)
    for name, k in found:  # the row of the table that the tooltip reads is that of its messenger
        cell = path.iloc[3 * int(row.row) + int(k)]
        assert (cell.platform, cell.quarter, cell.year) == (name, row.quarter, row.year)
    even = charts(seen(scale="even"))[0][0]
    for chart, kind in ((spec, "sqrt"), (even, "linear")):
        scales = [m["encoding"]["y"].get("scale", {}) for m in marks(chart) if "y" in m["encoding"]]
        assert {scale.get("type") for scale in scales} == {kind}
    for chart in (spec, even):
        area = next(m for m in marks(chart) if m["mark"]["type"] == "area")
        assert (area["encoding"]["y"]["field"], area["encoding"]["y2"]["field"]) == ("low", "high")


@ANSWERS
def test_the_marks_are_what_was_observed(name, outside):
    times = times_of(case(name))
    frames = charts(seen(case=name, outside=outside))[0][1]
    rows = observed(outside, times[0] - 1, times[-1])
    points, ranges = rows[rows.low.isna()], rows[rows.low.notna()]
    for frame, expected, columns in (
        (frames["observed"], points, ["platform", "year", "value"]),
        (frames["range"], ranges, ["platform", "year", "low", "high"]),
    ):
        shown = frame.rename(columns={"users": "value"})[columns]
        assert sorted(shown.values.tolist()) == sorted(expected[columns].values.tolist())
    ends_here = frames["label"].set_index("platform").label
    for k, platform in enumerate(PLATFORMS):
        assert ends_here[platform] == f"{platform} {million(line(case(name), outside)[-1, k])}"


@ANSWERS
def test_the_hindsight_sets_the_line_beside_the_last_figure(name, outside):
    scenario, times = case(name), times_of(case(name))
    rows = observed(outside, times[0] + 0.1, times[-1])
    app = seen(case=name, outside=outside)
    said = next((text.value for text in app.markdown if "hindsight" in text.value), "")
    path, expected = line(scenario, outside), []
    for k, platform in enumerate(PLATFORMS):
        own = rows[rows.platform == platform].sort_values("year")
        if own.empty:
            continue
        last = own.iloc[-1]
        users = np.interp(last.year, times, path[:, k])
        was = million(last.value) if np.isnan(last.low) else span(last.low, last.high)
        expected.append(f"{platform} {million(users)} where there were {was} ({last.quarter})")
    for part in expected:
        assert part in said
    assert said.count("where there were") == len(expected)


@ANSWERS
def test_the_cards_give_line_change_and_cost(name, outside):
    scenario = case(name)
    app, path = seen(case=name, outside=outside), line(scenario, outside)
    start = quarter(times_of(scenario)[0])[:4]
    assert [card.label for card in app.metric[:3]] == list(PLATFORMS)
    for k, card in enumerate(app.metric[:3]):
        assert card.value == short(million(path[-1, k]))
        assert card.delta == f"{short(signed(path[-1, k] - path[0, k]))} since {start}"
    now, free = both_runs(scenario, outside)
    low, high = np.quantile(free.total[-1, 0] - now.total[-1, 0], [0.1, 0.9])
    without = line_of(free.total)[-1, 0]
    cost = million(without - path[-1, 0])
    card = metric(app, "Cost of security concern")
    assert card.value == short(cost) and card.delta == f"80% of runs: {short(span(low, high))}"
    sentence = (
        f"Security concern at {scenario['concern']:g}% costs WeChat about **{cost}** users (four "
        f"runs in five: {span(low, high)}) of the {million(without)} it would have if nobody"
    )
    assert sentence in words(app) and sentence.replace("**", "") in card.help


def test_the_limits_give_the_coverage_of_the_record():
    rows = data("record")
    held = ((rows.low80_error <= rows.observed) & (rows.observed <= rows.high80_error)).mean()
    wide, narrow = words(seen(band="errors")), words(seen())
    assert f"held {100 * held:.0f}% of what came" in wide and "% of what came" not in narrow
    assert f"middle of {both_runs(case())[0].total.shape[-1]} runs" in narrow


@pytest.mark.parametrize(
    ("pinned", "other"),
    [
        ("hard-line", case("hard-line")),
        ("rivals-surge", case("rivals-surge")),
        (  # fewer users in some runs, more in others
            "march-2014~wechat.190~concern.35",
            change(case(), {"wechat": 190, "concern": 35}),
        ),
    ],
    ids=("fewer", "more", "either"),
)
def test_the_cards_give_the_difference_from_the_pinned(pinned, other):
    now = case()
    apart = line(now, "china")[-1] - line(other, "china")[-1]
    paired = runs(now)[0].total[-1] - runs(other)[0].total[-1]
    low, high = np.quantile(paired, [0.1, 0.9], axis=-1)
    app = seen(pin=pinned)
    for k, card in enumerate(app.metric[:3]):
        assert card.delta == f"{short(signed(apart[k]))} vs the pinned"
        numbers = [
            float(number) for number in re.findall(r"[\d.]+", card.help.split("runs ")[1])[:2]
        ]
        if high[k] < 0:
            assert card.help.rstrip(".").endswith("fewer")
            numbers = [-number for number in numbers[::-1]]
        elif low[k] < 0:
            assert "fewer and" in card.help
            numbers[0] *= -1
        assert_allclose(numbers, [low[k], high[k]], rtol=6e-3, atol=6e-3)
    more = "more" if apart[0] > 0 else "fewer"
    assert f"**{million(abs(apart[0]))} {more}** WeChat users by 2024" in words(app)
    frame = charts(app)[0][1]["pinned"]
    assert_allclose(by_platform(frame, "users"), line(other, "china"), atol=6e-4)


@BOTH
def test_the_strip_of_a_phone_gives_line_and_range(band, monkeypatch):
    from streamlit.runtime.context import ContextProxy

    phone = property(lambda self: {"User-Agent": "Mobile"})
    monkeypatch.setattr(ContextProxy, "headers", phone)
    from tests.pages.screen import open_page

    app = open_page(band=band)
    low, high = (end[-1, 0] for end in ends(case(), "china", band))
    said = [text.value for text in app.get("markdown") if text.value.startswith("WeChat **")]
    expected = f"WeChat **{million(line(case(), 'china')[-1, 0])}** by 2024 ({span(low, high)})"
    assert said == [expected]


def test_what_was_changed_is_said_with_both_values():
    app = seen(wechat="160", marketing="500", horizon="5")
    row = data("settings").set_index("name").value
    for text in (
        f"WeChat growth {row['wechat']}% → 160%",
        f"WeChat marketing abroad US$ {row['marketing']} M → US$ 500 M",
        f"Look ahead {row['horizon']} yr → 5 yr",
    ):
        assert text in words(app)
    scenario = change(case(), {"wechat": 160, "marketing": 500, "horizon": 5})
    assert f"**{million(line(scenario, 'china')[-1, 0])}** users" in app.subheader[0].value
    assert digits(line(scenario, "china")[-1, 1]) in app.metric[1].value


def test_more_than_a_billion_is_said_in_billions():
    values = {"wechat": 400, "line": 0, "barrier": 0, "attrition": 0}
    app = seen(**{name: str(value) for name, value in values.items()})
    scenario = change(case(), values)
    users = line(scenario, "china")[-1, 0]
    assert users > 1000 and app.metric[0].value == f"{digits(users / 1000)} bn"
    low, high = (end[-1, 0] for end in ends(scenario, "china", "settings"))
    said = app.subheader[0].value
    assert f"**{digits(users / 1000)} billion**" in said and f": {span(low, high)})" in said
