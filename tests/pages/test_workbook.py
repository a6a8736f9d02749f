"""The workbook: read back it holds the numbers of the CSV, and no text of it is a formula."""

import io
import time
import zipfile

import openpyxl
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.scenario import take_away
from model.scenario.links import clean_title
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.downloads import exports, provenance
from pages.parts.downloads.workbook import workbook_xlsx
from tests.kept import answer

SCENARIO = change(case("hard-line"), {"wechat": 160, "events": "india-ban", "horizon": 3})
TITLE = "Board <b>meeting</b> & 'co'"
LINK = "http://localhost:8501/?v=2&case=hard-line&wechat=160"
HOSTILE = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
    "{=1+1}",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "http://example.org/",
    "mailto:a@example.org",
    "internal:Sheet!A1",
    "external:c:/x.xlsx",
    "12345",
    '<v>1</v> ]]> & "',
    "_x0041_",
    "中文标题很长" * 13,
    "W" * 80,
]


def opened(*, title=TITLE, link=LINK, scenario=SCENARIO):
    """The workbook as openpyxl reads it."""
    data = workbook_xlsx(scenario, title, link)
    return openpyxl.load_workbook(io.BytesIO(data))


def frame(sheet):
    """A sheet as a data frame, its first row the names of the columns."""
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


@pytest.fixture(scope="module")
def book():
    return opened()


def said(book):
    """Texts of the first sheet by their name."""
    return dict(book["Answer"].iter_rows(values_only=True))


def test_sheets_and_what_the_first_says(book):
    assert book.sheetnames == ["Answer", "Quarters", "Markets", "Settings", "Sources"]
    texts = said(book)
    assert texts["Question"] == provenance.QUESTION and texts["Title"] == TITLE
    assert texts["Page"] == LINK and texts["Data"] == data_version()
    assert texts["Command"] == take_away.command_line(SCENARIO)
    assert texts["Cite as"] == take_away.citation()
    assert "WeChat users abroad" in texts["Answer"] and "*" not in texts["Answer"]
    assert "not a forecast" in texts["Caution"]


def test_quarters_are_those_of_the_csv(book):
    """Every quarter and platform of the total, to the last of six decimals; the page's range."""
    rows = pd.read_csv(io.StringIO(exports.projection_csv(SCENARIO, TITLE, LINK)))
    total = rows[rows.market == "ABROAD"].set_index(["quarter", "platform"])
    sheet = frame(book["Quarters"]).set_index(["quarter", "platform"])
    assert len(sheet) == len(total) == 39
    assert (sheet["users, million people"] == total.users_millions[sheet.index]).all()
    result = answer(SCENARIO)
    last = sheet.loc[("2017Q1", "WeChat")]
    assert last["low, 80% range with past forecast error"] == pytest.approx(result.error_low[-1, 0])
    assert last["high, 80% range with past forecast error"] == pytest.approx(
        result.error_high[-1, 0]
    )


def test_markets_are_those_of_the_csv_at_the_end(book):
    rows = pd.read_csv(io.StringIO(exports.projection_csv(SCENARIO, TITLE, LINK)))
    rows = rows[(rows.quarter == "2017Q1") & ~rows.market.isin(["EX-CHINA", "ABROAD"])]
    sheet = frame(book["Markets"]).set_index("market")
    assert list(sheet.quarter.unique()) == ["2017Q1"] and len(sheet) == rows.market.nunique()
    for name, own in rows.groupby("platform"):
        own = own.set_index("market").loc[sheet.index]
        assert_allclose(sheet[f"{name}, million"], own.users_millions, atol=1.01e-6)
        assert_allclose(sheet[f"{name} low"], own.low, atol=1.01e-6)
        assert_allclose(sheet[f"{name} high"], own.high, atol=1.01e-6)
    lost = answer(SCENARIO).lost
    assert_allclose(sheet["WeChat lost to concern, million"], lost, atol=1e-6)
    assert sheet.name["SGP"] == "Singapore"


def test_users_are_counted_abroad():
    sheet = frame(opened()["Quarters"])
    line = sheet[(sheet.quarter == "2017Q1") & (sheet.platform == "LINE")]
    expected = answer(SCENARIO).path[-1, 1]
    assert line["users, million people"].item() == pytest.approx(expected, abs=1e-6)


def test_settings_with_units_and_sources(book):
    sheet = frame(book["Settings"]).set_index("setting")
    assert list(sheet.index) == ["case", "origin", "events", *all_settings()]
    assert sheet.value["case"] == "hard-line" and sheet.value["events"] == "india-ban"
    for name, setting in all_settings().items():
        row = sheet.loc[name]
        assert row["value"] == SCENARIO[name] and row["unit"] == setting.unit
        assert row["value of the case"] == case("hard-line")[name]
        assert row["source_id"] == setting.source_id
    sources = frame(book["Sources"]).set_index("source_id")
    assert set(";".join(sheet.source_id.dropna()).split(";")) <= set(sources.index)
    assert set(provenance.used(SCENARIO)) <= set(sources.index)
    known = load_evidence().sources.set_index("source_id")
    assert (sources.title == known.title[sources.index]).all()
    assert (sources.url == known.url[sources.index]).all()


@pytest.mark.parametrize("title", HOSTILE)
def test_no_text_is_a_formula_or_a_link(title):
    """Whatever a title or a link says, its cell holds it as text."""
    scenario = change(SCENARIO, {"horizon": 1})
    link = f"=cmd|{title}"
    data = workbook_xlsx(scenario, title, link)
    book = openpyxl.load_workbook(io.BytesIO(data))
    texts = said(book)
    assert texts["Title"] == clean_title(title) and texts["Page"] == link
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type in "sn" and cell.hyperlink is None for cell in row)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "/sheet" in name]
        assert len(sheets) == 5
        assert not any(b"<f>" in text or b"hyperlink" in text for text in sheets)
        assert not [name for name in parts.namelist() if "external" in name or "vba" in name]


def test_signs_that_no_cell_can_hold_are_left_out():
    texts = said(opened(title="\x00a\x08\ud800\ufffe\u202eb", link="x" * 40_000))
    assert texts["Title"] == "ab" and texts["Page"] == "x" * 32_767


def test_the_same_scenario_gives_the_same_bytes():
    made = workbook_xlsx(SCENARIO, TITLE, LINK)
    time.sleep(1.1)  # the clock of the file has seconds
    assert workbook_xlsx(SCENARIO, TITLE, LINK) == made
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.properties.created.isoformat()[:10] == data_version()[:10]
