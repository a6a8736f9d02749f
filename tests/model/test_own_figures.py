"""A reader's own figures: good files are read exactly, bad ones named, and scored like the runs."""

import numpy as np
import pytest

from model.analysis.own_figures import MOST_BYTES, MOST_ROWS, Figure, Score, read_figures, score
from model.messengers import PLATFORMS
from model.scenario.scenario import case
from model.scenario.settings import SettingError
from pages.parts.wording.compare import own_figures as sentence
from tests.kept import answer

GOOD = "date,users\n2015,40\n"
BAD = {  # a file, and the parts that its sentence has
    "": ["empty"],
    "users\n5\n": ["row 1", "date", "'users'"],
    "date,people\n2015,4\n": ["row 1", "users", "'people'"],
    "date,users\n": ["row 2"],
    "date,users\n2015,many\n": ["row 2", "'many'"],
    "date,users\n2015,=1+1\n": ["row 2", "'=1+1'"],
    "date,users\n=NOW(),4\n": ["row 2", "'=NOW()'"],
    "date,users\n2015,-4\n": ["row 2", "'-4'"],
    "date,users\n2015,nan\n": ["row 2", "'nan'"],
    "date,users\n2015,99999\n": ["row 2", "'99999'"],
    "date,users\n2015,\n": ["row 2", "''"],
    "date,users\n2015\n": ["row 2: expected 2 values, found 1"],
    "date,users,platform\n2016,171,LINE\n2017,168\n": ["row 3: expected 3 values, found 2"],
    "date,users\n2016-06-30,48,5\n": ["row 2: expected 2 values, found 3", "quotes"],
    "\n\ndate,users\n2016,1,310\n": ["row 4: expected 2 values, found 3"],
    'date,users\n2015,"1,234"\n': ["row 2", "'1,234' is not a number", "like 48.5"],
    "date;users\n2015;1,234\n2016;12\n": ["row 2", "'1,234' is not a number", "like 48.5"],
    'date,users\n2015,"12,34,5"\n': ["row 2", "'12,34,5'"],
    "date,users\n2015Q5,4\n": ["row 2", "'2015Q5'"],
    "date,users\n1890,4\n": ["row 2", "'1890'"],
    "date,users\n2015-02-30,4\n": ["row 2", "'2015-02-30'"],
    "date,users\n31.12.2015,4\n": ["row 2", "'31.12.2015'"],
    "date,users\n2015,4\n2014,5\n2015,6\n": ["row 4", "'2015'", "row 2"],
    "date,users\n2015,4\n2015Q4,5\n": ["row 3", "'2015Q4'", "'2015'"],
    "date,users,platform\n2015,4,Signal\n": ["row 2", "'Signal'"],
    "date,users\n2015,4\n2016,x\n2017,5\n2018,y\n": ["row 3", "'x'", "row 5", "'y'"],
    "date,users\n" + "".join(f"{1990 + i},x\n" for i in range(9)): ["row 6", "4 more rows"],
    'date,users\n"2015,4\n': ["CSV"],
    GOOD + "2016,4\n" * MOST_ROWS: [f"{MOST_ROWS + 1}", f"{MOST_ROWS}"],
    GOOD + " " * MOST_BYTES: [f"{MOST_BYTES:,}"],
    b"\xff\xfe\x00d": ["row 1"],
    b"PK\x03\x04" + bytes(50): ["save the file as CSV in UTF-8"],
    bytes(10_000_000): ["10,000,000 bytes"],
    GOOD.encode("utf-16-le"): ["save the file as CSV in UTF-8"],
    GOOD.encode() + b"2016,4,\xe9": ["row 3 is not UTF-8 text; save the file"],
}


@pytest.mark.parametrize(("data", "parts"), BAD.items(), ids=range(len(BAD)))
def test_a_bad_file_is_refused_with_row_and_value(data, parts):
    with pytest.raises(SettingError) as error:
        read_figures(data if isinstance(data, bytes) else data.encode())
    for part in parts:
        assert part in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 800


TIMES = {
    2014.25: "2014Q1,2014-Q1,2014 Q1",
    2016.5: "2016-06-30,2016-06,2016Q2",
    2017.0: "2016,2016Q4,2016-12-31",
    1999.25: "1999-03",
}


@pytest.mark.parametrize(
    ("text", "time"), [(text, time) for time, texts in TIMES.items() for text in texts.split(",")]
)
def test_a_date_counts_as_its_end(text, time):
    (one,) = read_figures(f"date,users\n{text},4\n".encode())
    assert (one.date, one.time) == (text, time)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("cell", "users"), [("48.300000000000004", 48.300000000000004), ("1e2", 100), (".5", 0.5)]
)
def test_numbers_as_programs_write_them(cell, users, separator):
    (one,) = read_figures(f"date{separator}users\n2000{separator}{cell}".encode())
    assert one.users == users


@pytest.mark.parametrize(
    "data",
    [
        b"date,users\r2015,40\r2016,41\r",
        b"date,users\r\n2015,40\r\n2016,41",
        "date,users\n2015,40\n2016,41\n".encode("utf-16"),
        b"\xfe\xff" + "date,users\n2015,40\n2016,41\n".encode("utf-16-be"),
        b"\n,,\n  \ndate,users\n\n2015,40\n \n2016,41\n,\n   \n",
        b"date,users,\n2015,40,\n,,\n2016,41,,\n",
        b"sep=;\ndate;users\n2015;40\n2016;41\n",
        b'"date"\t"users"\n2015\t40\n2016\t41\n',
        b"date,users\n2016,41\n2015,40\n",
        b",date,users\n0,2015,40\n1,2016,41\n",
    ],
    ids=range(10),
)
def test_files_as_programs_save_them(data):
    """Line ends, encodings, blank lines, separators, the newest first, an index of pandas."""
    found = [(one.date, one.users) for one in read_figures(data)]
    assert found == [("2015", 40), ("2016", 41)]


def test_each_messenger_is_put_in_order_by_itself():
    """Names in any case, blanks around them, columns that are not ours."""
    text = "\ufeffDate, Users ,platform,note\n2017,3,LINE,a\n2016,9,wechat,\n2015,1,LINE,b\n"
    text += "\n2016,2,LINE,\n"
    found = [(one.platform, one.date) for one in read_figures(text.encode())]
    assert found == [("LINE", "2015"), ("WeChat", "2016"), ("LINE", "2016"), ("LINE", "2017")]


def test_the_score_against_the_line_and_the_ends_of_the_range():
    """The range includes past error; after its end, here ten years, there is no score."""
    result = answer(case())
    then, later = (int(np.flatnonzero(result.times == year)[0]) for year in (2016.0, 2018.0))
    figures = [
        Figure(platform=name, date="2016", time=2016.0, users=1.2 * float(users))
        for name, users in zip(PLATFORMS, result.total.line[then], strict=True)
    ]
    high, low = float(result.total.high[then, 0]), float(result.total.low[later, 1])
    assert 1.2 * result.total.line[then, 0] < high
    ends = [Figure(platform="LINE", date="x", time=2018.0, users=low * x) for x in (0.999, 1.001)]
    beyond = Figure(platform="LINE", date="2030", time=2031.0, users=5.0)
    none = Figure(platform="LINE", date="2030", time=2017.0, users=0.0)
    assert score(tuple(figures), result).miss == pytest.approx(1.2, rel=1e-6)
    inside = [score((one,), result).inside for one in (figures[0], *ends, beyond, none)]
    assert inside == [1, 0, 1, 0, 0]
    whole = score((*figures, *ends, beyond, none), result)
    assert (whole.known, whole.beyond) == (6, 1)
    assert score((none,), result).miss == 0


@pytest.mark.parametrize(
    ("miss", "text"), [(1.0, "1"), (1.44, "1.4"), (14.4, "14"), (144, "140"), (0, "")]
)
def test_the_score_is_one_line(miss, text):
    line = sentence(Score(known=3, beyond=1, inside=2, miss=miss), "mine.csv")
    off = f" The median miss is a factor of {text}." if text else ""
    expected = f"mine.csv: **2 of 3** figures lie inside the range.{off} 1 lies outside its time."
    assert line == expected
    line = sentence(Score(known=0, beyond=2, inside=0, miss=0), "mine.csv")
    assert line == "mine.csv: no figure lies within the time of the projection."
