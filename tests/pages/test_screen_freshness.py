"""How fresh the figures are, on the evidence page: dates found anew in data/."""

import pandas as pd
import pytest

from tests.pages.screen import data, open_page, seen

NAMES = data("markets").set_index("market")["name"].drop("ROW")


@pytest.fixture(scope="module")
def page():
    return open_page("pages/evidence.py")


@pytest.fixture(scope="module")
def figures():
    rows = data("observed")
    return rows[rows.platform.isin(["WeChat", "LINE", "KakaoTalk"])]


def test_the_latest_day_of_each_messenger_page(page, figures):
    """Claims, accounts and growth are no figures of use."""
    shown = page.dataframe[1].value.set_index("Market")
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


def test_the_sentence_counts_the_markets_with_a_recent_figure(page):
    dates = page.dataframe[1].value.WeChat
    (said,) = [text.value for text in page.markdown if "By market, WeChat has" in text.value]
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
