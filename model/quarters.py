"""The calendar: quarters, days and decimal years.

A quarter stands for its end and a day counts until its end, so that 2014Q1 and 31 March 2014 are
both 2014.25.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

QUARTER = 0.25  # years
LAST_MONTHS = ("March", "June", "September", "December")  # of the quarters


def decimal_year(quarter: str) -> float:
    """The end of a quarter like 2014Q1 as a decimal year: 2014.25."""
    return int(quarter[:4]) + int(quarter[5]) / 4


def quarter_name(time: float) -> str:
    """The opposite of decimal_year: 2014.25 is 2014Q1."""
    count = round(time / QUARTER) - 1
    return f"{count // 4}Q{count % 4 + 1}"


def month_text(time: float) -> str:
    """The month in which the quarter that ends at `time` (decimal year) ends: "March 2014"."""
    year, quarter = quarter_name(time).split("Q")
    return f"{LAST_MONTHS[int(quarter) - 1]} {year}"


def quarters_between(first: str, last: str) -> int:
    """Quarters from the end of `first` to the end of `last`, both like 2014Q1."""
    return round((decimal_year(last) - decimal_year(first)) / QUARTER)


def last_day(quarter: str) -> str:
    """The last day of a quarter like 2014Q1: 2014-03-31."""
    return str(pd.Period(quarter, freq="Q").end_time.date())


def day_years(dates: pd.Series) -> NDArray:
    """The ends of ISO days as decimal years: 2014-03-31 is 2014.25."""
    days = pd.to_datetime(dates)
    period = days.dt.to_period("Q")
    start = period.dt.start_time
    length = (period.dt.end_time - start).dt.days + 1
    part = ((days - start).dt.days + 1) / length
    return (days.dt.year + (days.dt.quarter - 1 + part) * QUARTER).to_numpy(np.float64)
