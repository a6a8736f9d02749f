"""The answer on the screen: line, range, marks and sentences, against data and runs."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.scenario.scenario import case, change
from tests.pages.screen import (
    PLATFORMS,
    about,
    about_span,
    at_origin,
    both_runs,
    charts,
    data,
    ends,
    line_of,
    marks,
    month,
    open_page,
    seen,
    times_of,
    words,
)

ANSWERS = pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "today"])
GEOGRAPHY = {"WeChat": "EX-CHINA", "LINE": "world less JPN", "KakaoTalk": "world less KOR"}


def line(scenario):
    """The line (time, platform): the middle of the runs, and at the origin the starting table."""
    path = line_of(both_runs(scenario)[0].total)
    path[0] = at_origin(scenario)
    return path


def by_platform(frame, column):
    """A column of a frame as (time, platform)."""
    return np.stack([frame[frame.platform == name][column] for name in PLATFORMS], axis=1)


def observed(first, last):
    """The users observed between two times: rows of data/observed.csv with their decimal year."""
    rows = data("observed")
    rows = rows[rows.metric.isin(["users", "users, company profile", "users, range"])]
    year = rows.quarter.str[:4].astype(int) + rows.quarter.str[5].astype(int) / 4
    rows = rows.assign(year=year)
    own = rows[rows.geography == rows.platform.map(GEOGRAPHY)]
    # where only the world and the home market were published
    for platform, home in (("LINE", "JPN"), ("KakaoTalk", "KOR")):
        part = rows[rows.platform == platform]
        there = part[part.geography == home].sort_values("year")
        world = part[
            (part.geography == "world") & ~part.quarter.isin(own.quarter[own.platform == platform])
        ]
        world = world[world.year.between(there.year.min(), there.year.max())]
        known = np.interp(world.year, there.year, there.value)
        own = pd.concat([own, world.assign(value=world.value - known)])
    return own[(own.year >= first) & (own.year <= last)]


def answer_text(app):
    """The lines of the answer: headline, range and lead, cost of concern."""
    lines = next(text.value for text in app.markdown if "Ahead of LINE in " in text.value)
    return [app.header[0].value, *lines.split("  \n")]


@ANSWERS
def test_the_chart_draws_line_and_band(name):
    scenario = case(name)
    frames = charts(seen(case=name))[0][1]
    path, axis = frames["path"], frames["axis"].iloc[0]
    low, high = ends(scenario)
    assert_allclose(by_platform(path, "users"), line(scenario), atol=6e-4)
    assert_allclose(by_platform(path, "low"), low, atol=6e-4)
    assert_allclose(by_platform(path, "high"), high, atol=6e-4)
    shaded, brackets = frames["band"], frames["end"].set_index("platform")
    assert set(shaded.platform) == {"WeChat"}
    four = np.stack([low, *ends(scenario, 50), high], axis=-1)
    columns = ["low", "low50", "high50", "high"]
    assert_allclose(shaded[columns], np.minimum(four[:, 0], axis.top), atol=6e-4)
    for k, name in enumerate(PLATFORMS):
        drawn = brackets.loc[name, columns].astype(float)
        assert_allclose(drawn, np.minimum(four[-1, k], axis.top), atol=6e-4)
        assert brackets.label[name] == f"{name} {about(line(scenario)[-1, k])}"
        assert brackets.range[name] == about_span(low[-1, k], high[-1, k])
    times = times_of(scenario)
    assert_allclose(by_platform(path, "year"), np.stack([times] * 3, axis=1))
    assert list(path.quarter[::3]) == [month(time) for time in times]
    # a figure of the quarter after the end is shown too
    edge = max([times[-1], *observed(times[0], times[-1] + 0.25).year])
    assert axis.top >= line(scenario).max() and axis.end == edge
    assert (frames["end"].year == edge).all()


@ANSWERS
def test_the_answer_gives_line_and_range(name):
    scenario = case(name)
    headline, reach, *_ = answer_text(seen(case=name))
    low, high = (end[-1, 0] for end in ends(scenario))
    users, by = line(scenario)[-1, 0], month(times_of(scenario)[-1])
    assert headline == f"About {about(users)} WeChat users abroad by {by}"
    assert f"**{about_span(low, high)}**" in reach


def test_the_chart_names_its_unit_scale_and_source():
    spec, frames = charts(seen())[0]
    assert spec["title"]["text"] == {"expr": "data('axis')[0].title"}
    assert frames["axis"].title.tolist() == ["Million users abroad, square-root scale"]
    assert "Observed: company reports" in words(seen()) and "not a forecast" in words(seen())
    scales = [m["encoding"]["y"].get("scale", {}) for m in marks(spec) if "y" in m["encoding"]]
    assert {scale.get("type") for scale in scales} == {"sqrt"}
    areas = [m["encoding"] for m in marks(spec) if m["mark"]["type"] == "area"]
    fields = [(area["y"]["field"], area["y2"]["field"]) for area in areas]
    assert fields == [("low", "high"), ("low50", "high50")]  # the darker shade on the lighter one


@ANSWERS
def test_the_marks_are_what_was_observed(name):
    times = times_of(case(name))
    frames = charts(seen(case=name))[0][1]
    rows = observed(times[0] - 1, times[-1] + 0.25)
    points, ranges = rows[rows.low.isna()], rows[rows.low.notna()]
    for frame, expected, columns in (
        (frames["observed"], points, ["platform", "year", "value"]),
        (frames["range"], ranges, ["platform", "year", "low", "high"]),
    ):
        shown = frame.rename(columns={"users": "value"})[columns].sort_values(columns[:2])
        expected = expected[columns].sort_values(columns[:2])
        assert shown.platform.tolist() == expected.platform.tolist()
        assert_allclose(shown[columns[1:]], expected[columns[1:]])
    for note in frames["note"].itertuples():
        known = pd.concat([points.value, ranges.low, ranges.high])
        years = pd.concat([points.year, ranges.year, ranges.year])
        labelled = known[np.isclose(years, note.year)]
        assert np.isclose(labelled, note.users).any()


@ANSWERS
def test_the_last_figure_of_each_messenger_stands_beside_the_line(name):
    scenario, times = case(name), times_of(case(name))
    rows = observed(times[0] + 0.1, times[-1] + 0.25)
    app = seen(case=name)
    said = " ".join(text.value for text in app.caption if "Observed beside" in text.value)
    path, expected = line(scenario), 0
    for k, platform in enumerate(PLATFORMS):
        own = rows[rows.platform == platform].sort_values("year")
        if own.empty:
            continue
        last, expected = own.iloc[-1], expected + 1
        here = whole(np.interp(last.year, times, path[:, k]))
        was = whole(last.value)
        if not np.isnan(last.low):
            was = f"{whole(last.low)} to {whole(last.high)} by our reading"
        figure = re.escape(f"{platform} {was} ({month(last.year)}), here {here}")
        assert re.search(rf"{figure}(?![.\d]*\d)", said), platform
    assert said.count(", here ") == expected


def whole(value):
    """Million users without decimals from 10 on."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


@ANSWERS
def test_the_cost_of_concern_is_the_difference_of_the_lines(name):
    scenario = case(name)
    now, free = both_runs(scenario)
    low, high = np.quantile(free.total[-1, 0] - now.total[-1, 0], [0.1, 0.9])
    headline, _, cost, *_ = answer_text(seen(case=name))
    head = float(re.match(r"About ([\d.]+) million", headline)[1])
    said, size, spread = re.match(
        r"Without security concern about ([\d.]+) million: concern costs \*\*([\d.]+) million\*\* "
        r"\((.+)\)\.",
        cost,
    ).groups()
    assert float(said) == head + float(size)  # as printed
    without = line_of(free.total)[-1, 0]
    assert float(said) == pytest.approx(without, abs=1.001)
    assert float(size) == pytest.approx(without - line(scenario)[-1, 0], abs=0.501)
    assert f"{spread} million" == about_span(low, high)


def test_the_limits_give_the_coverage_of_the_record():
    rows = data("record")
    held = ((rows.low80 <= rows.observed) & (rows.observed <= rows.high80)).mean()
    assert f"held {100 * held:.0f}% of what came" in words(seen())
    assert f"the middle of {both_runs(case())[0].total.shape[-1]} runs" in words(seen())


@ANSWERS
def test_two_states_are_said_where_the_runs_part(name):
    """Counted anew from the runs; said only where more than 15% of them are in either state."""
    scenario = case(name)
    users, start = both_runs(scenario)[0].total[-1, 0], at_origin(scenario)[0]
    up, down = (users >= 2 * start).mean(), (users < start).mean()
    said = (
        f"WeChat takes off in **{round(10 * up)} of 10** runs, to {about(2 * start)} or more, and "
        f"ends below where it began in **{round(10 * down)} of 10**."
    )
    assert (said in words(seen(case=name))) == (up > 0.15 and down > 0.15)
    assert ("WeChat takes off in **" in words(seen(case=name))) == (up > 0.15 and down > 0.15)


def test_a_pinned_scenario_has_its_line_and_the_difference_in_a_sentence():
    app, other = seen(pin="hard-line"), line(case("hard-line"))
    said = next(text.value for text in app.markdown if "(thin lines)" in text.value)
    numbers = re.match(
        r"\*\*([\d.]+) million more\*\* .*: ([\d.]+) against ([\d.]+) million\.", said
    ).groups()
    now, then = line(case())[-1, 0], other[-1, 0]
    assert [float(one) for one in numbers] == pytest.approx([now - then, now, then], abs=1.001)
    frame = charts(app)[0][1]["pinned"]
    assert_allclose(by_platform(frame, "users"), other, atol=6e-4)


def test_a_phone_has_number_range_and_picture(on_phone):
    app = open_page()
    low, high = (end[-1, 0] for end in ends(case()))
    said = " ".join(text.value for text in [*app.header, *app.markdown])
    assert about(line(case())[-1, 0]) in said and about_span(low, high) in said
    assert by_platform(charts(app)[0][1]["path"], "users")[-1, 0] == pytest.approx(
        line(case())[-1, 0], abs=6e-4
    )


def test_what_was_changed_is_said_with_both_values():
    app = seen(wechat="160", marketing="500", horizon="5")
    row = data("settings").set_index("name").value
    for text in (
        f"WeChat growth {row['wechat']} per 100 → 160 per 100",
        f"WeChat marketing abroad US$ {row['marketing']} M → US$ 500 M",
        f"Look ahead {row['horizon']} yr → 5 yr",
    ):
        assert text in words(app)
    scenario = change(case(), {"wechat": 160, "marketing": 500, "horizon": 5})
    assert about(line(scenario)[-1, 0]) in app.header[0].value


def test_what_happens_on_the_way_is_marked_when_it_happens():
    frame = charts(seen(case="as-it-happened"))[0][1]["event"]
    rows = data("switches").set_index("switch")
    on = data("cases").set_index("case").events["as-it-happened"].split("+")
    for name in on:
        if isinstance(rows.quarter[name], str):
            label = rows.label[name].split(" (")[0]
            year = int(rows.quarter[name][:4]) + int(rows.quarter[name][5]) / 4
            assert frame.set_index("text").year[label] == year
    plain = charts(seen())[0][1]["event"]
    until = float(data("settings").set_index("name").value["until"])
    (row,) = plain.itertuples()
    assert (row.year, row.text, row.row) == (until + 1, "WeChat stops advertising", 0)
