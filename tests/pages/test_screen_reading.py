"""The reading pages on the screen: tabs, charts, market tables, search, and the method's text."""

import re
from functools import cache

import numpy as np
import pytest

from tests.pages.screen import ROOT, charts, data, open_page, seen

EVIDENCE, METHOD = "pages/evidence.py", "pages/method.py"
TABS = ["Observed", "Starting users", "Markets", "Fit and record", "Events", "Sources"]
SECTIONS = ["In plain words", "What it cannot tell you", "Equations", "Fit and record"]
SECTIONS += ["Glossary", "Changes"]


def texts(app):
    return "\n".join(text.value for text in app.markdown)


@cache
def of(messenger):
    """The figures of a messenger."""
    app = open_page(EVIDENCE)
    return app.radio[0].set_value(messenger).run()


def alt_texts(app):
    return [element.proto.alt for element in app.get("vega_lite_chart")]


@pytest.mark.parametrize(
    ("page", "names"), [(EVIDENCE, TABS), (METHOD, SECTIONS)], ids=["evidence", "method"]
)
def test_only_the_chosen_tab_is_sent(page, names):
    for name in names:
        app = seen(page, tab=name)
        assert not app.exception
        assert [tab.label for tab in app.tabs] == names
        assert [tab.label for tab in app.tabs if len(tab.children)] == [name]


@pytest.mark.parametrize("messenger", ["WeChat", "LINE", "KakaoTalk", "WhatsApp"])
def test_a_panel_has_the_figures_of_a_messenger_in_a_place(messenger):
    """But those that are no users: a forecast, and accounts less a panel of devices in China."""
    rows = data("observed")
    users = rows[(rows.unit == "million") & rows.metric.str.startswith("users")]
    users = users[users.metric != "users, forecast in the merger filing"]
    left_out = users.metric == "users, residual of accounts and a mainland panel"
    assert {284, 318} < set(users.value[left_out])
    users = users[~left_out & (users.platform == messenger)]
    app = of(messenger)
    shown = {}
    for _, frames in charts(app):
        frame = frames["figures"]
        (place,) = set(zip(frame.platform, frame.geography, strict=True))
        shown[place] = frame
        top = frames["axis"]["top"].iloc[0]
        assert top > np.nanmax(frame[["users", "high"]])
    groups = users.groupby(["platform", "geography"])
    assert set(shown) == set(groups.groups)
    for place, frame in shown.items():
        own = groups.get_group(place)
        assert sorted(frame.users) == sorted(own.value)
        assert (frame.kind == "range").sum() == own.low.notna().sum()
        company = own.metric.isin(["users", "users, company profile"])
        assert (frame.kind == "published").sum() == company.sum()
    starts = {frames["axis"]["start"].iloc[0] for _, frames in charts(app)}
    assert len(starts) == 1  # the same years in every panel


def test_a_panel_tells_its_finding_to_a_screen_reader():
    (text,) = [one for one in alt_texts(of("LINE")) if one.startswith("LINE, world:")]
    rows = data("observed")
    rows = rows[(rows.platform == "LINE") & (rows.geography == "world")]
    rows = rows[rows.metric.isin(["users", "users, company profile"])].sort_values("date")
    most = rows.loc[rows.value.idxmax()]
    first, last = rows.iloc[0], rows.iloc[-1]
    for row in (first, last, most):
        assert f"{row.value:g} million in {row.date[:4]}" in text
    assert f"{len(rows)} figures" in text


def test_a_range_is_told_with_its_ends():
    (text,) = [one for one in alt_texts(seen(EVIDENCE)) if one.startswith("WeChat, outside China")]
    assert "range 29 to 65" in text and "169" not in text and "318" not in text


def test_the_chart_of_the_record_has_every_forecast_held_or_missed():
    app = seen(EVIDENCE, tab="Fit and record")
    ((_, frames),) = charts(app)
    made, rows = frames[""].dropna(subset="outcome"), data("record")
    inside = (rows.low80 <= rows.observed) & (rows.observed <= rows.high80)
    assert len(made) == len(rows)
    assert (made.outcome == "held").sum() == inside.sum()
    assert sorted(made.middle) == pytest.approx(sorted(rows["median"] / rows.observed))
    assert made.row.is_unique and made.row.is_monotonic_increasing
    assert (made.lower <= made.upper).all()
    crosses = (made.lower <= 1) & (made.upper >= 1)
    assert (crosses == (made.outcome == "held")).all()
    (alt,) = alt_texts(app)
    assert f"held {inside.sum()} of them and missed {(~inside).sum()}" in alt
    for quarters, own in inside.groupby(rows.horizon_quarters):
        assert f"{quarters // 4} year" in alt
        assert f"ahead: {own.sum()} of {len(own)} held" in alt


def test_all_sources_are_listed_with_their_grades():
    app = seen(EVIDENCE, tab="Sources")
    rows, shown = data("sources"), app.dataframe[0].value
    heads = {"source_id": "Name in data/", "producer": "Source", "grade": "Grade"}
    for column, head in heads.items():
        assert shown[head].tolist() == rows[column].tolist()
    linked = rows.url.where(rows.url.str.startswith("http"))
    assert shown.Link.fillna("").tolist() == linked.fillna("").tolist()
    assert "Grades: **A** company filing" in texts(app)


def test_the_method_page_shows_method_and_changes():
    assert "## What this cannot tell you" in texts(seen(METHOD, tab="What it cannot tell you"))
    app = seen(METHOD, tab="Changes")
    assert "What changed" in [one.value for one in app.header]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.splitlines()[-1] in texts(app)
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    assert glossary.splitlines()[-1] in texts(seen(METHOD, tab="Glossary"))


def test_every_section_of_the_method_is_in_a_tab():
    """All of the file is shown, and it reads in order: one title, and no level left out."""
    text = (ROOT / "pages" / "method.md").read_text(encoding="utf-8")
    shown = "\n".join(texts(seen(METHOD, tab=name)) for name in SECTIONS)
    lines = [line for line in text.splitlines() if line and not line.startswith("<!--")]
    assert lines[0] == "# How this works" == f"# {seen(METHOD).title[0].value}"
    assert not [line for line in lines[1:] if line not in shown]
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, flags=re.M)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_the_method_page_gives_default_and_range_of_every_setting():
    app = seen(METHOD, tab="Equations")
    shown = next(text.value for text in app.markdown if "| setting |" in text.value)
    rows = data("settings")
    for row in rows[rows.scale != "choice"].itertuples():
        cells = next(line for line in shown.splitlines() if line.startswith(f"| {row.label} |"))
        *_, default, ends, unit = [cell.strip() for cell in cells.strip("| ").split(" | ")]
        low, high = ends.split(" to ")
        assert (float(default), float(low), float(high)) == (float(row.value), row.low, row.high)
        assert unit.replace("&#36;", "$") == row.unit
