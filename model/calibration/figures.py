"""The figures of users since the origin, as the later fit reads them.

Company figures of all three; ranges and surveys by market of WeChat; upper ends from lists of
messengers that do not name one.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from model.calibration.as_of import covers
from model.engine.markets import Markets
from model.evidence import Evidence, constants
from model.messengers import PLATFORMS
from model.quarters import QUARTER, decimal_year
from model.scenario.settings import Z90

SUMS = {  # series that is the sum of two others; a quarter that has both parts leaves it out
    "kakao_world_mau": ("kakao_korea_mau", "kakao_exkorea_mau"),
    "line_world_mau": ("line_key4_mau", "line_exkey4_mau"),
}
COLUMNS = "series kind platform markets single quarter step value low high target sigma most"
SHARE, NOT_NAMED = "share of", "share, not named"  # how metrics of data/observed.csv begin
READ_IN = "2024Q2"  # the quarter of data/wechat_by_market.csv
NEW = "2018Q4"  # a market with a figure after this quarter needs no reading
ROUNDED = 12**-0.5  # standard deviation of a share that is rounded to whole per cent, per cent
WIDTH80 = 2 * ndtri(0.9)  # of an 80% range, standard deviations


def later_figures(known: Evidence, markets: Markets) -> pd.DataFrame:
    """Observed users after the origin: series, kind, platform (number), markets, step, value, ...

    kind : company | range | survey | most, which is only an upper end;  step : quarters after the
    origin;  low, high : of a range;  markets : True for each market that the figure covers;
    a share of people online is users
    """
    users = _without_sums(pd.concat([_chosen(known), _readings(known)]))
    step = (users.quarter.map(decimal_year) - markets.times[0]) / QUARTER
    users = users.assign(step=step.round().astype(int))
    users = users[(users.step > 0) & (users.step < markets.times.size)].reset_index(drop=True)
    kind = users.metric.map({"users, range": "range", NOT_NAMED: "most"}).fillna("company")
    kind = kind.mask(users.metric.str.startswith(SHARE), "survey")
    shares = kind.isin(["survey", "most"])
    covered = [covers(geography, markets.names) for geography in users.geography]
    people = [markets.addressable[i][m].sum() for i, m in zip(users.step, covered, strict=True)]
    value = users.value.mask(kind == "most", users.high)
    users = users.assign(
        kind=kind,
        most=kind == "most",
        markets=covered,
        single=users.geography.isin(markets.names),
        value=value.mask(shares, value / 100 * people),
        low=users.low.mask(shares),
        high=users.high.mask(shares),
        platform=users.platform.map(PLATFORMS.index),
    )
    users = users.assign(target=np.log(users.value), sigma=_sigma(users, value))
    return users[COLUMNS.split()]


def _sigma(users: pd.DataFrame, percent: pd.Series) -> pd.Series:
    """Error of each figure, log units; percent : value in the unit of a share."""
    sigma = users.metric.map({"users": "company_sigma"}).fillna("other_basis_sigma")
    # the model should follow a series of five figures or more
    short = users.series.map(users.series.value_counts()) < 5
    sigma = sigma.mask(users.single & (users.kind == "company") & short, "market_sigma")
    shares = users.kind.isin(["survey", "most"])
    sigma = sigma.mask(shares, "survey_sigma").map(constants()) / 100
    sigma = sigma.mask(shares, np.hypot(sigma, ROUNDED / percent))
    reading = users.metric.eq("users, range") & users.single
    width = (2 * Z90 * ~reading + WIDTH80 * reading).astype(float)
    return sigma.mask(users.kind == "range", np.log(users.high / users.low) / width)


def _chosen(known: Evidence) -> pd.DataFrame:
    """The rows of data/observed.csv that count.

    LINE and KakaoTalk have company figures, which surveys overstate several times: of these only
    those count that come after the last company figure of their market.
    """
    table = known.observed[known.observed.platform.isin(PLATFORMS)]
    users = table[table.metric.str.startswith("users")]
    users = users[~users.metric.str.contains("survey|residual|forecast")]
    last = users.groupby(["platform", "geography"]).quarter.max()
    share = table[table.metric.str.startswith(SHARE)]
    cells = pd.MultiIndex.from_frame(share[["platform", "geography"]])
    newer = share.quarter.to_numpy() > last.reindex(cells).fillna("9999").to_numpy()
    share = share[share.platform.eq("WeChat") | newer]
    return pd.concat([users, share, table[table.metric == NOT_NAMED]])


def _readings(known: Evidence) -> pd.DataFrame:
    """WeChat by market in mid-2024 as we read it, where it rests on figures of another kind.

    Not where it has no survey behind it (grade D), nor where a new figure counts by itself.
    """
    read = known.wechat_by_market
    chosen = _chosen(known)
    new = chosen[chosen.platform.eq("WeChat") & chosen.quarter.gt(NEW) & chosen.value.notna()]
    read = read[(read.grade < "D") & ~read.market.isin(new.geography)]
    read = read[read.market.isin(known.markets.market) & (read.central > 0)]
    return pd.DataFrame(
        {
            "series": "wechat_read_" + read.market.str.lower(),
            "platform": "WeChat",
            "geography": read.market,
            "metric": "users, range",
            "quarter": READ_IN,
            "value": read.central,
            "low": read.low80,
            "high": read.high80,
        }
    )


def _without_sums(table: pd.DataFrame) -> pd.DataFrame:
    """`table` less the sums whose parts stand beside them: the same figure must not count twice."""
    at = {name: set(rows.quarter) for name, rows in table.groupby("series")}
    for name, parts in SUMS.items():
        both = set.intersection(*[at.get(part, set()) for part in parts])
        table = table[~((table.series == name) & table.quarter.isin(both))]
    return table


def projected(users: NDArray, observed: pd.DataFrame) -> NDArray:
    """The projected counterpart of each observed figure (figure, draw), in millions.

    users : million people, (time, platform, market, draw)
    """
    cells = zip(observed.step, observed.platform, observed.markets, strict=True)
    return np.array([users[step, k][covered].sum(axis=0) for step, k, covered in cells])


def crowding(series: pd.Series) -> pd.Series:
    """Factor on sigma, so that a series counts as at most so many independent figures."""
    count = series.map(series.value_counts())
    return np.sqrt(np.maximum(count / constants()["series_weight"], 1.0))
