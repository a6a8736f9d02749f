"""The reading pages on the screen: tabs, charts, market tables, search, and the method's text."""

import re

import numpy as np
import pytest

from tests.pages.screen import ROOT, charts, data, open_page, seen

EVIDENCE, METHOD = "pages/evidence.py", "pages/method.py"
TABS = ["Observed", "Starting users", "Settings", "Markets", "Fit and record", "Events", "Sources"]
SECTIONS = ["In plain words", "What it cannot tell you", "Equations", "Fit and record"]
SECTIONS += ["Glossary", "Changes"]
MARKET_TABLES = {  # title: table of data/, column in it, its head
    "Markets and their leading messengers": ("markets", "name", "Market"),
    "People online": ("addressable", "addressable_millions", "People online (million)"),
    "Security concern": ("concern", "concern", "Concern index (0-1)"),
    "Established messengers": ("incumbents", "share_pct", "Share of people online (%)"),
    "China-born people": ("migrants", "china_born", "China-born (people)"),
    "People of Chinese descent": ("descent", "descent_millions", "Of Chinese descent (million)"),
    "How others fared abroad": ("reference_class", "value", "Value"),
    "What concern does": ("concern_effects", "value", "Value"),
}


def texts(app):
    return "\n".join(text.value for text in app.markdown)


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


def test_a_panel_has_the_figures_of_a_messenger_in_a_place():
    rows = data("observed")
    users = rows[(rows.unit == "million") & rows.metric.str.startswith("users")]
    users = users[users.metric != "users, forecast in the merger filing"]
    app = seen(EVIDENCE)
    shown = {}
    for _, frames in charts(app):
        frame = frames["figures"]
        (place,) = set(zip(frame.platform, frame.geography, strict=True))
        shown[place] = frame
        top = frames["axis"]["top"].iloc[0]
        assert top > np.nanmax(frame[["users", "high"]])
    groups = users.groupby(["platform", "geography"])
    assert set(shown) == {place for place, group in groups if len(group) >= 3}
    for place, frame in shown.items():
        own = groups.get_group(place)
        assert sorted(frame.users) == sorted(own.value)
        assert (frame.kind == "range").sum() == own.low.notna().sum()
        company = own.metric.isin(["users", "users, company profile"])
        assert (frame.kind == "published").sum() == company.sum()
    starts = {frames["axis"]["start"].iloc[0] for _, frames in charts(app)}
    assert len(starts) == 1  # the same years in every panel


def test_a_panel_tells_its_finding_to_a_screen_reader():
    (text,) = [one for one in alt_texts(seen(EVIDENCE)) if one.startswith("LINE, world:")]
    rows = data("observed")
    rows = rows[(rows.platform == "LINE") & (rows.geography == "world")]
    rows = rows[rows.metric.isin(["users", "users, company profile"])].sort_values("date")
    most = rows.loc[rows.value.idxmax()]
    first, last = rows.iloc[0], rows.iloc[-1]
    for row in (first, last, most):
        assert f"{row.value:g} million in {row.date[:4]}" in text
    assert f"{len(rows)} figures" in text


def test_one_messenger_has_all_its_panels_and_its_own_table():
    app = open_page(EVIDENCE)
    app.radio[0].set_value("WeChat").run()
    rows = data("observed")
    rows = rows[rows.platform == "WeChat"]
    assert app.dataframe[0].value["Value"].fillna(-1).tolist() == rows.value.fillna(-1).tolist()
    users = rows[(rows.unit == "million") & rows.metric.str.startswith("users")]
    assert len(charts(app)) == users.geography.nunique()
    (text,) = [one for one in alt_texts(app) if one.startswith("WeChat, outside China")]
    assert "range 50 to 170" in text


@pytest.mark.parametrize("group", ["Years ahead", "Messenger"])
def test_the_chart_of_the_record_has_every_forecast_held_or_missed(group):
    app = open_page(EVIDENCE, tab="Fit and record")
    app.radio[0].set_value(group).run()
    ((_, frames),) = charts(app)
    made, rows = frames["rows"].dropna(subset="outcome"), data("record")
    inside = (rows.low80_error <= rows.observed) & (rows.observed <= rows.high80_error)
    assert len(made) == len(rows)
    assert (made.outcome == "held").sum() == inside.sum()
    assert sorted(made.middle) == pytest.approx(sorted(rows["median"] / rows.observed))
    assert made.row.is_unique and made.row.is_monotonic_increasing
    assert (made.lower <= made.upper).all()
    crosses = (made.lower <= 1) & (made.upper >= 1)
    assert (crosses == (made.outcome == "held")).all()
    (alt,) = alt_texts(app)
    assert f"held {inside.sum()} of them and missed {(~inside).sum()}" in alt
    if group == "Years ahead":
        for quarters, own in inside.groupby(rows.horizon_quarters):
            assert f"{quarters // 4} year" in alt
            assert f"ahead: {own.sum()} of {len(own)} held" in alt


@pytest.mark.parametrize("title", MARKET_TABLES)
def test_every_market_table_can_be_chosen(title):
    name, column, head = MARKET_TABLES[title]
    app = open_page(EVIDENCE, tab="Markets")
    assert app.selectbox[0].options == list(MARKET_TABLES)
    app.selectbox[0].select(title).run()
    rows, (table,) = data(name), [one.value for one in app.dataframe]
    assert [one.value for one in app.subheader] == [title]
    assert table[head].tolist() == rows[column].tolist()
    if name != "markets":
        assert {"Source", "Grade", "Link"} <= set(table.columns)
    if "low" in rows:
        for end in ("low", "high"):
            (shown,) = [one for one in table if one.startswith(end.title())]
            assert table[shown].fillna(-1).tolist() == rows[end].fillna(-1).tolist()
    if name == "incumbents":
        assert table["How it is known"].tolist() == rows.basis.tolist()


@pytest.mark.parametrize(
    ("tab", "title", "name", "column", "head"),
    [
        ("Settings", "Fixed numbers", "constants", "value", "Value"),
        ("Events", "Events", "dated_events", "summary", "Summary"),
        ("Events", "The article of March 2014", "article", "said", "What the article says"),
    ],
)
def test_constants_events_and_the_article_are_there(tab, title, name, column, head):
    app = seen(EVIDENCE, tab=tab)
    assert title in [one.value for one in [*app.header, *app.subheader]]
    rows = data(name)
    table = next(one.value for one in app.dataframe if len(one.value) == len(rows))
    assert table[head].tolist() == rows[column].tolist()
    assert {"Source", "Grade", "Link"} <= set(table.columns)


@pytest.mark.parametrize("words", ["tencent 2013", "KOREA herald", "nosuchword", " "])
def test_the_search_finds_sources_by_words_of_any_column(words):
    app = open_page(EVIDENCE, tab="Sources")
    app.text_input[0].set_value(words).run()
    rows = data("sources")

    def holds(row):
        text = " ".join(str(cell) for cell in row if cell == cell).lower()
        return all(word in text for word in words.lower().split())

    found = [row.source_id for row in rows.itertuples(index=False) if holds(row)]
    assert app.dataframe[0].value["Name in data/"].tolist() == found
    count = f"**{len(found)}** of {len(rows)} sources" if words.strip() else f"{len(rows)} sources"
    assert count in texts(app)
    assert "Grades: **A** filing" in texts(app)


def test_column_heads_are_words():
    """No head has an underscore, and a figure has its unit in its head or in a column beside it."""
    for tab in TABS:
        for table in seen(EVIDENCE, tab=tab).dataframe:
            heads = list(table.value.columns)
            assert not [head for head in heads if "_" in head or head[0].islower()]
            if "Value" in heads:
                assert "Unit" in heads


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


def test_the_plain_words_are_read_in_two_minutes():
    text = texts(seen(METHOD))
    assert len(text.split()) < 480  # at 240 words a minute
    for word in ("draws", "vintage", "posterior", "quantile", "parameter", "portfolio", "prior"):
        assert word not in text.lower()


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


def test_the_words_on_the_screen_lead_to_equations_that_exist():
    text = (ROOT / "pages" / "method.md").read_text(encoding="utf-8")
    tags = set(re.findall(r"\\tag\{(\w)\}", text))
    table = text.split("| on the screen |")[1].split("\n\n")[0]
    named = set(re.findall(r"\((\w)\)", table))
    assert {"A", "B", "C", "D", "E"} <= named <= tags


def test_the_example_of_in_hindsight_is_that_of_the_data_and_the_code():
    from model.analysis.bands import answer
    from model.analysis.hindsight import beside_observed
    from model.scenario.scenario import case

    text = texts(seen(METHOD, tab="Fit and record"))
    said = re.search(r"last row of LINE in the world is that of (\w+): (\d+)\s+million", text)
    source = re.search(r"from the source `([\w-]+)`", text)[1]
    rows = data("observed")
    rows = rows[
        (rows.platform == "LINE") & (rows.geography == "world") & (rows.quarter <= "2024Q1")
    ]
    last = rows[rows.metric.str.startswith("users")].sort_values("quarter").iloc[-1]
    assert (last.quarter, f"{last.value:g}", last.source_id) == (said[1], said[2], source)
    found = answer(case())
    (quarter, users, row) = next(
        tuple(rest) for name, *rest in beside_observed(found) if name == "LINE"
    )
    abroad = re.search(r"Less the users in Japan it is (\d+) million", text)[1]
    assert (quarter, f"{row.users:.0f}") == (said[1], abroad) and row.users < last.value
    before = np.searchsorted(found.times, 2022.5, side="right") - 1  # by equation (E)
    t1, t2 = found.times[before : before + 2]
    u1, u2 = found.path[before : before + 2, 1]
    assert users == pytest.approx(u1 + (2022.5 - t1) / (t2 - t1) * (u2 - u1))


def test_the_rows_of_in_hindsight_are_those_of_the_code():
    from model.analysis.hindsight import GEOGRAPHY

    text = texts(seen(METHOD, tab="Fit and record"))
    line = next(one for one in text.splitlines() if one.startswith("| outside the home market |"))
    assert re.findall(r"`([^`]+)`", line) == list(GEOGRAPHY.values())
