"""A reader's own figures: good files are read exactly, bad ones named, and scored like the runs."""

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from model.analysis.bands import answer
from model.analysis.own_figures import (
    MOST_BYTES,
    MOST_ROWS,
    Figure,
    read_figures,
    score_sentence,
    scores,
)
from model.messengers import PLATFORMS
from model.scenario.scenario import case
from model.scenario.settings import SettingError

GOOD = "date,users\n2015,40\n"
BAD = {  # a file, and the parts that its sentence has
    "": ["empty"],
    "\n\n": ["empty"],
    "users\n5\n": ["row 1", "date", "'users'"],
    "date,people\n2015,4\n": ["row 1", "users", "'people'"],
    "date,users,users\n2015,4,5\n": ["row 1", "users"],
    "date,users\n": ["row 2"],
    "date,users\n2015,many\n": ["row 2", "'many'"],
    "date,users\n2015,=1+1\n": ["row 2", "'=1+1'"],
    "date,users\n2015,@SUM(A1)\n": ["row 2", "'@SUM(A1)'"],
    "date,users\n=NOW(),4\n": ["row 2", "'=NOW()'"],
    "date,users\n2015,-4\n": ["row 2", "'-4'"],
    "date,users\n2015,nan\n": ["row 2", "'nan'"],
    "date,users\n2015,1e9\n": ["row 2", "'1e9'"],
    "date,users\n2015,99999\n": ["row 2", "'99999'"],
    "date,users\n2015,\n": ["row 2", "''"],
    "date,users\n2015\n": ["row 2", "''"],
    "date,users\n2015-13,4\n": ["row 2", "'2015-13'"],
    "date,users\n2015-02-30,4\n": ["row 2", "'2015-02-30'"],
    "date,users\n2015Q5,4\n": ["row 2", "'2015Q5'"],
    "date,users\n1015,4\n": ["row 2", "'1015'"],
    "date,users\n31.12.2015,4\n": ["row 2", "'31.12.2015'"],
    "date,users\n2015,4\n2014,5\n": ["row 3", "'2014'", "'2015'"],
    "date,users\n2015,4\n2015Q4,5\n": ["row 3", "'2015Q4'", "'2015'"],
    "date,users,platform\n2015,4,Signal\n": ["row 2", "'Signal'"],
    "date,users\n2015,4\n2016,x\n2017,5\n2018,y\n": ["row 3", "'x'", "row 5", "'y'"],
    "date,users\n" + "".join(f"{1990 + i},x\n" for i in range(9)): ["row 6", "4 more rows"],
    'date,users\n"2015,4\n': ["CSV"],
    GOOD + "2016,4\n" * MOST_ROWS: [f"{MOST_ROWS + 1}", f"{MOST_ROWS}"],
    GOOD + " " * MOST_BYTES: [f"{MOST_BYTES:,}"],
}


@pytest.mark.parametrize(("text", "parts"), BAD.items(), ids=range(len(BAD)))
def test_a_bad_file_is_refused_with_row_and_value(text, parts):
    with pytest.raises(SettingError) as error:
        read_figures(text.encode())
    for part in parts:
        assert part in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 800


@pytest.mark.parametrize("data", [b"\xff\xfe\x00d", b"PK\x03\x04" + bytes(50), bytes(10_000_000)])
def test_files_that_are_not_text_are_refused(data):
    with pytest.raises(SettingError):
        read_figures(data)


@profile(max_examples=300)
@given(st.text(alphabet=string.printable + "é=\x00", max_size=200))
def test_whatever_is_uploaded_gives_figures_or_one_sentence(text):
    for data in (text, f"date,users\n{text}", f"date,users\n2015,{text}"):
        try:
            figures = read_figures(data.encode())
        except SettingError as error:
            assert len(str(error)) < 800
        else:
            assert figures
            assert all(0 <= one.users <= 10_000 for one in figures)


def test_a_good_file_is_read_as_it_stands():
    text = "\ufeffDate, Users ,platform,note\n2015,40,wechat,a\n\n2016Q2,1.5,LINE,b\n"
    text += "2016-02,3,LINE,\n2016-06-30,2,WeChat,c\n"
    with pytest.raises(SettingError, match="row 5"):  # February before June, of LINE
        read_figures(text.encode())
    text = text.replace("2016-02", "2016-09")
    dates = [(one.platform, one.time, one.users) for one in read_figures(text.encode())]
    assert dates == [
        ("WeChat", 2016.0, 40),
        ("LINE", 2016.5, 1.5),
        ("LINE", 2016.75, 3),
        ("WeChat", 2016.5, 2),
    ]


@pytest.mark.parametrize("wide", [False, True])
def test_scores_against_the_line_and_the_ends_of_the_range(wide):
    result = answer(case())
    low = result.error_low if wide else result.low
    middle = [
        Figure(platform=name, date="2016", time=2016.0, users=float(users))
        for name, users in zip(PLATFORMS, result.path[result.times == 2016.0][0], strict=True)
    ]
    below = Figure(platform="LINE", date="x", time=2018.0, users=float(low[15, 1]) * 0.999)
    beyond = Figure(platform="LINE", date="2030", time=2031.0, users=5.0)
    assert result.times[15] == 2018.0
    table = scores((*middle, below, beyond), result, with_errors=wide)
    assert table.inside.tolist() == ["yes", "yes", "yes", "no", ""]
    np.testing.assert_allclose(table.ratio[:3], 1.0, rtol=1e-6)
    assert table.loc[4, ["projected", "low", "high"]].isna().all()
    said = score_sentence(table)
    assert "3 of 4" in said
    assert "1 lies outside" in said
