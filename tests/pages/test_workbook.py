"""The workbook: read back it holds the numbers of the model, and no text of it is a formula."""

import io
import time
import zipfile

import openpyxl
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.analysis.bands import table
from model.evidence import data_version, load_evidence
from model.messengers import PLATFORMS
from model.scenario import take_away
from model.scenario.links import clean_title
from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from pages.parts.downloads import provenance
from pages.parts.downloads.workbook import workbook_xlsx
from pages.parts.wording import share
from tests.kept import answer

SCENARIO = change(case("hard-line"), {"wechat": 160, "events": "india-ban", "horizon": 3})
TITLE = "Board <b>meeting</b> & 'co'"
ENDS = ("low", "low", "high", "high")
LINK = "http://localhost:8501/?v=2&case=hard-line&wechat=160"
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "＝1+1",
    "http://example.org/",
    "internal:Sheet!A1",
    "12345",
    '<v>1</v> ]]> & "_x0041_',
]


def opened(made):
    """A workbook as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(made))


def frame(sheet):
    """A sheet as a data frame, its first row the names of the columns."""
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


@pytest.fixture(scope="module")
def book():
    return opened(workbook_xlsx(SCENARIO, TITLE, LINK))


def cells(sheets):
    """All cells of some sheets."""
    return [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]


def said(book):
    """Texts of the first sheet by their name."""
    return dict(book["Answer"].iter_rows(values_only=True))


def test_sheets_and_what_the_first_says(book):
    assert book.sheetnames == ["Answer", "Quarters", "Markets", "Settings", "Sources"]
    texts = said(book)
    assert texts["Question"] == share.QUESTION and texts["Title"] == TITLE
    assert texts["Page"] == LINK and texts["Data"] == data_version()
    assert texts["Command"] == take_away.command_line(SCENARIO)
    assert texts["Cite as"] == take_away.citation("http://localhost:8501/")
    assert "WeChat users abroad" in texts["Answer"] and "*" not in texts["Answer"]
    assert "not a forecast" in texts["Caution"]


def test_quarters_are_those_of_the_command_line(book):
    """Every quarter and platform of the total, to six digits, with the range of the page."""
    rows = table(SCENARIO)
    total = rows[rows.market == "ABROAD"].set_index(["quarter", "platform"])
    sheet = frame(book["Quarters"]).set_index(["quarter", "platform"])
    assert len(sheet) == len(total) == 39
    expected = total.loc[sheet.index, "users_millions"]
    assert_allclose(sheet["users, million people"], expected, rtol=1e-5, atol=1e-6)
    last, result = sheet.loc[("2017Q1", "WeChat")], answer(SCENARIO)
    names = [f"{end}, {part}% range" for end, part in zip(ENDS, (80, 50, 50, 80), strict=True)]
    total = result.total
    ends = [one[-1, 0] for one in (total.low, total.low50, total.high50, total.high)]
    assert_allclose(last[names].astype(float), ends, rtol=1e-5)


def test_markets_are_those_of_the_command_line_at_the_end(book):
    rows = table(SCENARIO)
    rows = rows[(rows.quarter == "2017Q1") & (rows.market.str.len() == 3)]
    sheet = frame(book["Markets"])
    sheet, closing = sheet[:-2].set_index("market"), sheet[-2:]
    assert list(sheet.quarter.unique()) == ["2017Q1"] and len(sheet) == rows.market.nunique()
    for name, own in rows.groupby("platform"):
        own = own.set_index("market").loc[sheet.index]
        columns = [f"{name}, million", f"{name} low", f"{name} high"]
        expected = own[["users_millions", "low", "high"]]
        assert_allclose(sheet[columns].astype(float), expected, rtol=1e-5, atol=1e-6)
    assert closing.name.tolist()[0] == "In one market or another, nobody knows which"
    summed = [*(f"{name}, million" for name in PLATFORMS), "WeChat lost to concern, million"]
    for column in summed:
        rest, whole = closing[column].astype(float)
        assert_allclose(sheet[column].astype(float).sum() + rest, whole, rtol=1e-5)
    result = answer(SCENARIO)
    assert_allclose(closing["WeChat, million"].iloc[1], result.total.line[-1, 0], rtol=1e-5)
    lost = result.lost
    assert_allclose(sheet["WeChat lost to concern, million"], lost, rtol=1e-5)
    assert sheet.name["SGP"] == "Singapore"


def test_numbers_have_at_most_six_digits(book):
    numbers = [cell.value for cell in cells(book) if isinstance(cell.value, float)]
    assert len(numbers) > 200 and all(one == float(f"{one:.6g}") for one in numbers)


def shown(value, form):
    """A number as a spreadsheet shows it by a format with conditions."""
    for part in form.split(";"):
        condition, _, places = part.rpartition("]")
        if not condition or value >= float(condition.removeprefix("[>=")):
            return f"{value:.{len(places.partition('.')[2])}f}"
    raise AssertionError(form)


def test_users_are_shown_with_three_digits(book):
    users = cells([book["Quarters"], book["Markets"]])
    users = [cell for cell in users if isinstance(cell.value, float)]
    assert len(users) > 200
    for cell in users:
        text = shown(cell.value, cell.number_format)
        assert len(text.lstrip("-0.").replace(".", "")) <= 3 or abs(cell.value) >= 999.5
        assert float(text) == pytest.approx(cell.value, rel=6e-3, abs=0.0051)


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
    link = f"=cmd|{title}"
    data = workbook_xlsx(change(SCENARIO, {"horizon": 1}), title, link)
    book = opened(data)
    texts = said(book)
    assert texts["Title"] == clean_title(title) and texts["Page"] == link
    for cell in cells(book):
        assert cell.data_type in "sn" and cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "/sheet" in name]
        assert len(sheets) == 5
        assert not any(b"<f>" in text or b"hyperlink" in text for text in sheets)
        assert not [name for name in parts.namelist() if "external" in name or "vba" in name]


def test_signs_that_no_cell_can_hold_are_left_out():
    made = workbook_xlsx(SCENARIO, "\x00a\x08\ud800\ufffe\u202eb", "x" * 40_000)
    texts = said(opened(made))
    assert texts["Title"] == "ab" and texts["Page"] == "x" * 32_767


def test_the_same_scenario_gives_the_same_bytes():
    made = workbook_xlsx(SCENARIO, TITLE, LINK)
    time.sleep(1.1)  # the clock of the file has seconds
    assert workbook_xlsx(SCENARIO, TITLE, LINK) == made
    assert opened(made).properties.created.isoformat()[:10] == data_version()[:10]
