"""How fresh the figures are, on the evidence page: dates found anew in data/."""

import pandas as pd
import pytest

from tests.pages.screen import data, open_page, seen

NAMES = data("markets").set_index("market")["name"].drop("ROW")
KINDS = {  # kind on the screen -> metrics of data/observed.csv, by hand
    "Users, from the company": ["users", "users, company profile", "daily users (company)"],
    "Accounts, from the company": ["accounts", "registered accounts"],
    "Accounts or users claimed in a market": ["registered accounts or users claimed"],
    "List that leaves a messenger out": ["share, not named"],
    "Range, our own reading": ["users, range"],
}
SURVEYED = {"People online, survey": "addressable", "Security concern, survey": "concern"}


@pytest.fixture(scope="module")
def page():
    return open_page("pages/evidence.py")


@pytest.fixture(scope="module")
def figures():
    rows = data("observed")
    return rows[rows.platform.isin(["WeChat", "LINE", "KakaoTalk"])]


@pytest.fixture(scope="module")
def by_market():
    opened = open_page("pages/evidence.py")
    (choice,) = [one for one in opened.radio if one.label == "Newest figures"]
    return choice.set_value("The latest figure by market").run()


def by_kind(page):
    return page.dataframe[1].value.set_index("Kind of figure").Latest


def test_the_latest_day_of_each_kind(page, figures):
    shown = by_kind(page)
    for kind, metrics in KINDS.items():
        assert shown[kind] == figures[figures.metric.isin(metrics)].date.max(), kind
    for start, kind in (("share of", "Share of people online, survey"), ("reach", "Reach")):
        (label,) = [one for one in shown.index if one.startswith(kind)]
        assert shown[label] == figures[figures.metric.str.startswith(start)].date.max()


def test_the_latest_year_that_was_surveyed(page):
    """A projection or a year that is carried on is no survey."""
    shown = page.dataframe[1].value.set_index("Kind of figure")
    for kind, name in SURVEYED.items():
        rows = data(name)
        rows = rows[(rows.market != "ROW") & rows.status.isin(["reported", "held", "observed"])]
        last = rows.groupby("market").year.max()
        assert shown.Latest[kind] == str(last.max()) < "2026"
        assert shown.Of[kind].endswith(f"; oldest: {NAMES[last.idxmin()]}, {last.min()}")


def test_the_latest_day_of_each_messenger_by_market(by_market, figures):
    """Claims, accounts and growth are no figures of use."""
    shown = by_market.dataframe[1].value.set_index("Market")
    assert shown.index.tolist() == NAMES.tolist()
    use = ("users", "daily users", "share", "reach")
    rows = figures[[metric.startswith(use) for metric in figures.metric]]
    rows = rows[~rows.metric.str.contains("residual|forecast")]
    latest = {key: part.date.max() for key, part in rows.groupby(["geography", "platform"])}
    for market, name in NAMES.items():
        for platform in ("WeChat", "LINE", "KakaoTalk"):
            own = shown.loc[name, platform]
            assert (None if pd.isna(own) else own) == latest.get((market, platform))
    assert shown.WeChat["Taiwan"] == "2025-09-30" and pd.isna(shown.WeChat["Canada"])


def test_the_sentence_counts_the_markets_with_a_recent_figure(by_market):
    dates = by_market.dataframe[1].value.WeChat
    (said,) = [text.value for text in by_market.markdown if "By market, WeChat has" in text.value]
    recent, older = (dates >= "2022").sum(), (dates < "2022").sum()
    assert f"in {recent} of {len(NAMES)} markets" in said
    assert f"an older one in {older} and none in {dates.isna().sum()}" in said
    assert recent + older + dates.isna().sum() == len(NAMES)
    accounts = data("observed")[lambda rows: rows.metric == "accounts"].date.max()
    assert accounts == "2026-06-30" and "newest figure is of June 2026" in said


def test_the_page_is_as_fresh_as_its_newest_figure():
    """Not as our own reading, which is of November 2026 and about 2024."""
    (said,) = [text.value for text in seen().markdown if "A what-if after" in text.value]
    newest = pd.Timestamp(data("observed").date.max())
    assert said.endswith(f"newest figure {newest:%B %Y}]") and "November 2026" not in said
