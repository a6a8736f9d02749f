"""Market by market: who leads, WeChat's share, what concern costs, and one market in detail."""

import pandas as pd
import streamlit as st

from model.analysis.bands import Answer
from model.messengers import PLATFORMS
from model.number_text import range_text, users_text
from pages.parts import cached, wording
from pages.parts.charts import market_data, question_charts

PRICE = (
    "At the price that Facebook paid for each user of WhatsApp in February 2014 (US$ {price:.0f}: "
    "US$ {paid:.0f} billion for some {users:.0f} million), WeChat's {count} would be worth "
    "**US$ {worth:.3g} billion**. A reading of that one price, not a valuation."
)
GIVEN = (
    "Established messengers: a survey share, given from outside the model; after the start it "
    "grows as the setting Growth of established messengers says, or as surveyed later where that "
    "event is switched on. Their names are those of the survey nearest to the year shown."
)
SHOW = {
    "lead": "Who leads, and WeChat's share",
    "years": "Users by year",
    "cost": "Where concern costs most",
    "table": "Table",
    "one": "One market",
}


def show() -> None:
    """One of the views of the markets."""
    scenario, outside = st.session_state.scenario, st.session_state.outside
    answer = cached.answer(scenario, outside)
    shown = st.segmented_control(
        "Show", list(SHOW), key="show", persist_state="session", format_func=SHOW.get, required=True
    )
    if shown == "lead":
        _draw("tiles", market_data.tiles(answer), "Tile map of the markets by leader")
        st.caption(
            "Each tile is a market, roughly where it lies; its colour and letter say which "
            "messenger has most users there at the end (W WeChat, L LINE, K KakaoTalk, E an "
            "established messenger such as WhatsApp), the number is WeChat's share of people "
            f"online. {GIVEN}"
        )
    elif shown == "years":
        platform = st.segmented_control(
            "Messenger", PLATFORMS, key="platform", persist_state="session", required=True
        )
        _draw("market_map", market_data.years(answer, platform), "Users by market and year")
    elif shown == "cost" and scenario["concern"] == 0:
        st.caption("Nobody worries in this scenario, so concern costs nothing anywhere.")
    elif shown == "cost":
        _draw("cost_bars", market_data.cost(answer), "WeChat users lost to concern by market")
        st.caption("WeChat users in each market if nobody worried, less those in this scenario.")
    elif shown == "table":
        _table(answer)
    else:
        _one(answer)
    st.markdown(_worth(answer))


def _draw(name: str, frame: pd.DataFrame, alt: str) -> None:
    st.vega_lite_chart(frame, cached.spec(getattr(question_charts, name)), key=name, alt=alt)


def _table(answer: Answer) -> None:
    """All markets, to sort by any column and to filter by region."""
    frame = market_data.table(answer)
    regions = st.multiselect(
        "Regions", sorted(frame.Region.unique()), key="regions", persist_state="session"
    )
    rows = frame[frame.Region.isin(regions)] if regions else frame
    shown = market_data.shown(rows)
    st.dataframe(shown, column_config=market_data.COLUMNS, hide_index=True)
    st.caption(GIVEN)


def _one(answer: Answer) -> None:
    """One market: all platforms, what is given from outside, its evidence and events."""
    names = market_data.names()
    market = st.selectbox(
        "Market", list(names), key="market", persist_state="session", format_func=names.get
    )
    scale = st.session_state.scale
    chart = "one_market" if scale == "stretched" else "one_market_even"
    frame = market_data.one(answer, market, scale)
    _draw(chart, frame, f"Users in {names[market]} by year")
    st.markdown(market_data.ends(answer, market))
    st.caption(
        "Bars at the right end: four runs in five. The line of a single market is a mean: a few "
        "runs far above the others can lift it over the bar. Grey: the strongest established "
        f"messenger. {GIVEN}"
    )
    with st.container(horizontal=True):
        for label, value, said in market_data.facts(st.session_state.scenario, market):
            st.metric(label, value, said, delta_color="off", delta_arrow="off", border=True)
    st.caption(
        "At the start of the projection. Strongest established messenger: % of people online. "
        "Worried: the share with an unfavourable view of China times the share worried about "
        "their data."
    )
    # lists, not tables: on a phone a table of texts is cut off
    st.markdown("**Where the start comes from**")
    for row in market_data.evidence_of(st.session_state.scenario, market).itertuples():
        span = range_text(row.low, row.high)
        said = f"{users_text(row.value_millions)} ({span}, {row.basis})"
        st.markdown(f"- **{row.platform} {said}**: {wording.plain(f'{row.note} ({row.source})')}")
    st.markdown("**Dated events**")
    events = market_data.events_of(market)
    for row in events.itertuples():
        said = wording.plain(f"{row.platform}: {row.summary} ({row.source})")
        st.markdown(f"- {row.date}, {said}")
    if events.empty:
        st.caption(f"None in the data concerns {names[market]} alone.")


def _worth(answer: Answer) -> str:
    """The users at the price of WhatsApp's, from the article."""
    paid, users = market_data.price_paid()
    count = answer.path[-1, 0]
    price = 1000 * paid / users
    return PRICE.format(
        price=price,
        paid=paid,
        users=users,
        count=users_text(count),
        worth=price * count / 1000,
    )
