"""The user's own series: reading, refusing, fitting and scoring."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.curves.bass import BASS, BassParams, cumulative_adopters, fit_bass
from model.curves.families import (
    GOMPERTZ,
    GROWING_POTENTIAL,
    LOGISTIC,
    GompertzParams,
    LogisticParams,
    Series,
    ShareParams,
    predicted,
)
from model.curves.fits import fit_curve, rolling_origin
from model.curves.user_series import fit_series, read_series

CASES = Path(__file__).parents[1] / "cases"
SRINIVASAN_MASON = json.loads((CASES / "srinivasan_mason_1986.json").read_text())["rows"]
TRUTHS = [
    (GOMPERTZ, GompertzParams(m=5e6, b=8.0, c=0.3)),
    (LOGISTIC, LogisticParams(m=5e6, t0=9.0, r=0.5)),
    (LOGISTIC, LogisticParams(m=5e6, t0=-2.0, r=0.2)),
    (GROWING_POTENTIAL, ShareParams(ceiling=0.4, t0=9.0, r=0.5)),
]


@pytest.fixture
def text_file(tmp_path):
    """Write a text to a file; its path."""

    def write(text, name="mine.csv"):
        (tmp_path / name).write_bytes(text.encode())
        return tmp_path / name

    return write


def table(column, values, periods=None):
    periods = range(1, len(values) + 1) if periods is None else periods
    rows = [f"{period},{value}" for period, value in zip(periods, values, strict=True)]
    return "\n".join([f"period,{column}", *rows])


def growing(n):
    return tuple(8e6 * 1.03 ** np.arange(1, n + 1))


def seen(curve, params, kind, n=20):
    """A series that follows `params` without noise."""
    blank = Series(kind=kind, values=(1.0,) * n, potential=growing(n))
    return Series(kind=kind, values=tuple(predicted(curve, params, blank)), potential=growing(n))


# Reading


@pytest.mark.parametrize(
    "periods",
    [
        ["1", "2", "3", "4", "5"],
        ["2010", "2012", "2014", "2016", "2018"],
        ["0.33", "0.67", "1", "1.33", "1.67"],
        ["-1", "-0.5", "0", "0.5", "1"],
        ["2013Q3", "2013q4", "2014-Q1", "2014 Q2", "2014Q3"],
        ["2013-09-30", "2013-12-31", "2014-03-31", "2014-06-30", "2014-09-30"],
        ["2013-12-31", "2014-01-31", "2014-02-28", "2014-03-31", "2014-04-30"],
        ["2014-01", "2014-02", "2014-03", "2014-04", "2014-05"],
        ["2011-03-01", "2012-03-01", "2013-03-01", "2014-03-01", "2015-03-01"],
        ["2014-02-27", "2014-02-28", "2014-03-01", "2014-03-02", "2014-03-03"],
    ],
    ids=lambda periods: periods[0],
)
def test_periods(text_file, periods):
    series = read_series(text_file(table("active", [1, 2, 3, 4, 5], periods)))
    assert series == Series(kind="active", values=(1.0, 2, 3, 4, 5))


def test_spreadsheet_files(text_file):
    """A byte-order mark, Windows line ends, blank lines, any column order."""
    text = (
        '\ufeff Adoptions , period,potential\n\n"3",1,90\n4, 2 ,90\n5,3,90\n6e0,4,90\n7,5,90\n,,\n'
    )
    text = text.replace("\n", "\r\n")
    expected = Series(kind="adoptions", values=(3, 4, 5, 6, 7), potential=(90,) * 5)
    assert read_series(text_file(text)) == expected


GOOD = "period,active\n1,10\n2,20\n3,30\n4,40\n5,50\n"
BAD = {
    "empty file": ("", "is empty"),
    "only blank lines": ("\n \n", "is empty"),
    "no header": ("1,10\n2,20", "row 1: unknown column '1'"),
    "no period": ("time,active\n1,2", "row 1: unknown column 'time'"),
    "period missing": ("active\n1", "row 1: there is no column period"),
    "nothing observed": ("period,potential\n1,2", "row 1: need exactly one .* found none"),
    "two observed": (
        "period,active,adoptions\n1,2,3",
        "row 1: need exactly one .* found active and adoptions",
    ),
    "extra column": ("period,adoptions,adoptions_2\n1,2,3", "row 1: unknown column 'adoptions_2'"),
    "column twice": ("period,active,Active\n1,2,3", "row 1: column active appears 2 times"),
    "semicolons": ("period;active\n1;2", "unknown column 'period;active'; .* separated by commas"),
    "too few rows": ("period,active\n1,2\n2,3\n3,4\n4,5", "4 rows of data, and a fit needs 5"),
    "header only": ("period,active", "0 rows of data"),
    "short row": (GOOD.replace("3,30", "3"), "row 4: 1 values where the header has 2 columns"),
    "decimal comma": (GOOD.replace("3,30", "3,30,5"), "row 4: 3 values where the header has 2"),
    "blank": (GOOD.replace("3,30", "3, "), "row 4, column active: the value is blank"),
    "not a number": (GOOD.replace("30", "thirty"), "row 4, column active: 'thirty' is not a num"),
    "python's own": (GOOD.replace("30", "3_0"), "row 4, column active: '3_0' is not a number"),
    "a long cell": (GOOD.replace("30", "x" * 999), "row 4, column active: 'x{40}...' is not"),
    "nan": (GOOD.replace("30", "NaN"), "row 4, column active: 'NaN' is not a finite number"),
    "inf": (GOOD.replace("30", "inf"), "row 4, column active: 'inf' is not a finite number"),
    "too large": (GOOD.replace("30", "1e99"), "row 4, column active: '1e99' is not a finite"),
    "negative": (GOOD.replace("30", "-30"), "row 4, column active: '-30' is negative"),
    "long cells count": (GOOD.replace("2,20", '"2\n",-20'), "row 4, column active: '-20' is neg"),
    "ten days late": (
        table("active", [1] * 5, "2014-01-01 2014-04-01 2014-07-11 2014-10-01 2015-01-01".split()),
        "row 4, column period: 2014-07-11 is not one even step after 2014-04-01",
    ),
    "blank lines count": (GOOD.replace("3,30", "\n\n3,-30"), "row 6, column active: '-30' is neg"),
    "all zero": (table("adoptions", [0] * 6), "rows 2 to 7, column adoptions: every value is 0"),
    "falling cumulative": (
        table("cumulative", [1, 2, 5, 4, 6]),
        "row 5, column cumulative: 4 is below 5 in the row before",
    ),
    "repeated": (GOOD.replace("3,30", "2,30"), "row 4, column period: 2 is repeated"),
    "backwards": (GOOD.replace("3,30", "1,30"), "row 4, column period: 1 comes before 2"),
    "gap": (GOOD.replace("5,50", "7,50"), "row 6, column period: 7 is not one even step after 4"),
    "period blank": (GOOD.replace("3,30", ",30"), "row 4, column period: the value is blank"),
    "period nan": (GOOD.replace("3,30", "nan,30"), "row 4, column period: 'nan' is not a number"),
    "no kind of period": (
        GOOD.replace("1,10", "soon,10"),
        "row 2, column period: 'soon' is not a number, a quarter like 2014Q1, an ISO date",
    ),
    "another kind of period": (
        table("active", [1] * 5, ["2014Q1", "2014Q2", "2014-09-30", "2014Q4", "2015Q1"]),
        "row 4, column period: '2014-09-30' is not a quarter",
    ),
    "fifth quarter": (
        table("active", [1] * 5, ["2014Q1", "2014Q2", "2014Q3", "2014Q4", "2014Q5"]),
        "row 6, column period: '2014Q5' is not a quarter",
    ),
    "missing quarter": (
        table("active", [1] * 5, ["2014Q1", "2014Q2", "2014Q4", "2015Q1", "2015Q2"]),
        "row 4, column period: 2014Q4 is not one even step after 2014Q2",
    ),
    "missing month": (
        table("active", [1] * 5, ["2014-01", "2014-02", "2014-04", "2014-05", "2014-06"]),
        "row 4, column period: 2014-04 is not one even step",
    ),
    "missing day": (
        table("active", [1] * 5, [f"2014-01-0{day}" for day in (1, 2, 4, 5, 6)]),
        "row 4, column period: 2014-01-04 is not one even step",
    ),
    "no such day": (
        table("active", [1] * 5, [f"2014-0{month}-30" for month in (1, 2, 3, 4, 5)]),
        "row 3, column period: '2014-02-30' is not an ISO date",
    ),
    "potential of zero": (
        "period,active,potential\n1,1,9\n2,2,9\n3,0,0\n4,4,9\n5,5,9",
        "row 4, column potential: 0 must be above 0",
    ),
    "potential too small": (
        "period,adoptions,potential\n1,3,9\n2,3,9\n3,3,9\n4,3,9\n5,3,20",
        "row 5, column potential: 9 must be .* at least the level reached, 12",
    ),
    "potential blank": (
        "period,active,potential\n1,1,9\n2,2,9\n3,3,\n4,4,9\n5,5,9",
        "row 4, column potential: the value is blank",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files(text_file, name):
    """One sentence that names the file and the place."""
    text, message = BAD[name]
    with pytest.raises(ValueError, match=f"^mine.csv[ ,].*{message}") as caught:
        read_series(text_file(text))
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_files_that_are_not_text(text_file, tmp_path):
    latin = tmp_path / "latin.csv"
    latin.write_bytes("period,active\n1,2\n2,3 \xe9".encode("latin-1"))
    with pytest.raises(ValueError, match="^latin.csv, row 3: byte 0xe9 is not UTF-8 text"):
        read_series(latin)
    with pytest.raises(ValueError, match="^none.csv cannot be read: No such file"):
        read_series(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="cannot be read: Is a directory"):
        read_series(tmp_path)
    with pytest.raises(ValueError, match="^long.csv, row 2: not a CSV file"):
        read_series(text_file("period,active\n1," + "9" * 200_000, "long.csv"))


# Fitting


@pytest.mark.parametrize(
    ("column", "case", "fitted_to"),
    [
        ("adoptions", "golden_NLS_increment", "adoptions per period"),
        ("cumulative", "golden_NLS_cumulative", "levels"),
    ],
)
def test_file_to_golden(text_file, column, case, fitted_to):
    """Adoptions give the increment fit, the same data as cumulative the level fit."""
    row = SRINIVASAN_MASON[0]
    values = row["y"] if column == "adoptions" else np.cumsum(row["y"])
    found = fit_series(read_series(text_file(table(column, values, range(1949, 1962)))))
    bass, golden = found["bass"], row[case]
    assert_allclose([bass[k] for k in "pqm"], [golden[k] for k in "pqm"], rtol=1e-4)
    assert_allclose(bass["sse"], golden["SSE"], rtol=1e-6)
    assert list(bass["standard_errors"]) == list("pqm")
    assert set(found) == {"bass", "gompertz", "logistic"}
    assert all(fit["fitted_to"] == fitted_to for fit in found.values())
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_bass_is_a_shifted_logistic():
    """For adoptions the two are one curve: r = p + q, t0 = ln(q/p)/(p+q), m' = m (1 + p/q)."""
    series = Series(kind="adoptions", values=tuple(map(float, SRINIVASAN_MASON[0]["y"])))
    bass, logistic = fit_bass(series), fit_curve(LOGISTIC, series)
    p, q, m = bass.params.p, bass.params.q, bass.params.m
    assert_allclose(logistic.sse, bass.sse, rtol=1e-9)
    assert_allclose(logistic.params.r, p + q, rtol=1e-5)
    assert_allclose(logistic.params.t0, np.log(q / p) / (p + q), rtol=1e-5)
    assert_allclose(logistic.params.m, m * (1 + p / q), rtol=1e-5)


def test_two_searches_find_the_same_best():
    """Noise with a slow and a sharp optimum: Bass and logistic start apart, and must end alike."""
    values = [73, 131, 83, 664, 1000, 149, 189, 29, 108, 242, 210, 165, 307, 129, 70, 450]
    values += [12, 21, 28, 24, 19, 28, 15, 23, 37, 18, 16, 5, 3, 6, 17]
    series = Series(kind="adoptions", values=tuple(map(float, values)))
    best = fit_curve(LOGISTIC, series)
    assert_allclose(best.sse, fit_bass(series).sse, rtol=1e-6)
    slow = LogisticParams(m=4900.0, t0=5.0, r=0.25)
    assert best.sse < 0.6 * np.sum((predicted(LOGISTIC, slow, series) - values) ** 2)


@pytest.mark.parametrize("kind", ["adoptions", "active"])
@pytest.mark.parametrize(("curve", "truth"), TRUTHS)
def test_recover_known_parameters(curve, truth, kind):
    fit = fit_curve(curve, seen(curve, truth, kind))
    for name in curve.bounds:
        assert_allclose(getattr(fit.params, name), getattr(truth, name), rtol=1e-4, err_msg=name)
    assert fit.converged


def test_curves_by_hand():
    """Gompertz inflects at m/e at t = ln(b)/c; the logistic is at m/2 at t0 and odd around it."""
    gompertz, logistic = GompertzParams(m=9.0, b=4.0, c=0.5), LogisticParams(m=9.0, t0=3.0, r=0.7)
    assert_allclose(GOMPERTZ.level(np.log(4) / 0.5, gompertz), 9 / np.e)
    assert_allclose(GOMPERTZ.level(np.array([0.0, 1e4]), gompertz), [9 * np.exp(-4), 9.0])
    assert_allclose(LOGISTIC.level(np.array([3.0, -1e9, 1e9]), logistic), [4.5, 0.0, 9.0])
    assert_allclose(LOGISTIC.level(1.0, logistic) + LOGISTIC.level(5.0, logistic), 9.0)
    assert_allclose(LOGISTIC.level(3 + np.log(3) / 0.7, logistic), 9 * 0.75)


def test_growing_potential_by_hand():
    """Half of a potential that doubles every four rows, before and beyond the last row."""
    doubling = tuple(100 * 2 ** (np.arange(1, 9) / 4))
    series = Series(kind="active", values=(1.0,) * 8, potential=doubling)
    half = ShareParams(ceiling=0.5, t0=-1e4, r=1.0)
    path = predicted(GROWING_POTENTIAL, half, series, n=12)
    assert_allclose(path, 50 * 2 ** (np.arange(1, 13) / 4))


def test_potential_wins_where_it_is_true():
    noise = np.random.default_rng(3).lognormal(0, 0.01, 20)
    clean = seen(GROWING_POTENTIAL, ShareParams(ceiling=0.4, t0=6.0, r=0.6), "active")
    values = tuple(np.array(clean.values) * noise)
    found = fit_series(Series(kind="active", values=values, potential=clean.potential))
    best = min(found, key=lambda name: found[name]["aicc"])
    assert best == "growing_potential" and found[best]["fitted_to"] == "levels"
    assert abs(found[best]["ceiling"] - 0.4) < 3 * found[best]["standard_errors"]["ceiling"]


def test_ceiling_is_no_larger_than_one():
    """A series that outgrows its potential stops at it, and the sentence says so."""
    series = Series(kind="active", values=(10, 20, 40, 80, 120, 150), potential=(100.0,) * 6)
    fit = fit_curve(GROWING_POTENTIAL, series)
    assert 0.99 < fit.params.ceiling <= 1 and fit.standard_errors["ceiling"] is None
    assert "ceiling is at the upper limit of the search, 1" in fit.validity


# Scores


def test_rolling_origin_by_hand():
    """A stand-in that forecasts the last value: MASE from the definition, at every origin."""
    values = (1.0, 2.0, 4.0, 3.0, 6.0, 8.0, 7.0, 10.0)  # one origin, 5: changes 1, 2, 1, 3
    flat = LogisticParams(m=6.0, t0=-1e4, r=1.0)
    series = Series(kind="active", values=values)

    def last_value(past):
        assert past.values == values[:5]
        return type("Fit", (), {"params": flat})

    found = rolling_origin(series, LOGISTIC, last_value)
    assert found["n"] == 3 and found["horizon"] == 4 and found["reason"] is None
    assert_allclose(found["mase"], np.mean([2, 1, 4]) / 1.75)
    assert_allclose(found["mase_last_value"], found["mase"])
    assert found["mase_by_horizon"] == pytest.approx({"1": 2 / 1.75, "2": 1 / 1.75, "3": 4 / 1.75})


def test_rolling_origins_never_see_what_comes_later():
    """At most six origins, evenly spaced, with all four horizons."""
    origins = []

    def watch(past):
        origins.append(len(past.values))
        assert past.values == series.values[: origins[-1]]
        assert past.potential == series.potential[: origins[-1]]
        return fit_bass(past)

    levels = cumulative_adopters(np.arange(1, 31), BassParams(p=0.01, q=0.3, m=5e6))
    series = Series(kind="active", values=tuple(levels), potential=growing(30))
    found = rolling_origin(series, BASS, watch)
    assert origins == [5, 9, 13, 17, 21, 26] and found["n"] == 24
    assert found["mase"] < 0.01 < 1 < found["mase_last_value"]  # noise-free: it hits


@pytest.mark.parametrize("values", [(1.0, 2, 3, 4, 5), (7.0,) * 9])
def test_no_score_without_rows_or_changes(values):
    found = rolling_origin(Series(kind="active", values=values), LOGISTIC, None)
    assert found["mase"] is None and found["n"] == 0 and "more than 5 rows" in found["reason"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("active", (0, 0, 0, 0, 0, 0, 3, 8)),
        ("adoptions", (0, 0, 0, 1e29, 0, 0)),
        ("adoptions", (1e-29, 0, 3e-29, 1e-29, 2e-29, 0, 1e-29)),
    ],
    ids=["late start", "spike", "tiny"],
)
def test_hard_series_stay_json(kind, values):
    potential = tuple(max(values) * 5 * 1.1 ** np.arange(len(values)))
    found = fit_series(Series(kind=kind, values=values, potential=potential))
    assert set(found) == {"bass", "gompertz", "logistic", "growing_potential"}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_file_without_an_end_is_refused():
    with pytest.raises(ValueError, match=r"zero, row 1: the file is larger than 10 MB\."):
        read_series(Path("/dev/zero"))
