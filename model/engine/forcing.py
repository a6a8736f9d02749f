"""Conditions given from outside by quarter: advertising, concern, bans, established messengers.

p = innovation (spend / US$ 200 M)^elasticity                    1/year
willing = access x ceiling (1 - worry),  worry = concern slider x concern index of the market
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.engine.markets import Markets
from model.engine.solver import Quarter
from model.evidence import constants, load_evidence
from model.messengers import HOME, PLATFORM_KEYS, PLATFORMS
from model.quarters import QUARTER, decimal_year
from model.scenario.scenario import Scenario

BLOC_SETTINGS = {bloc: f"concern_{bloc.lower()}" for bloc in ("Asia", "West", "Elsewhere")}
Values = Mapping[str, NDArray]  # setting name -> (draw,) or (1,), in the setting's unit


def quarterly_forcing(
    scenario: Scenario, values: Values, markets: Markets, shift: NDArray | float = 0.0
) -> Iterator[Quarter]:
    """The quarters of a path; arrays broadcast to (platform, market, draw).

    shift : added to the logit of the established messengers' shares, (market, draw)
    """
    on = _switched(scenario.events)
    surveyed = any(row.effect == "concern" for row in on)
    concern = markets.concern if surveyed else markets.concern_then
    share_y = established(scenario, values, markets, shift)
    access = _access(on, markets)
    spending = _spending(on, values, markets)
    incident = _incident(values, markets)
    blocs = [values[BLOC_SETTINGS[bloc]] / 100 for bloc in markets.blocs]
    slider = values["concern"] / 100 * np.stack(np.broadcast_arrays(*blocs))
    rivals = values["rival_concern"] / 100
    factor = np.stack([np.ones_like(rivals), rivals, rivals])[:, None, :]
    most = ceiling(values, markets)
    people, later = markets.addressable[:-1], markets.addressable[1:]
    growing = people / np.maximum(later, people)
    # one array for each run of equal quarters: the solver prepares a quarter only for another one
    spent, worried, alerted, open_to = map(_runs, (spending, concern, incident, access))

    @lru_cache(maxsize=1)
    def innovation(at: int) -> NDArray:
        return _innovation(values, markets, spending[at])

    @lru_cache(maxsize=1)
    def worry(at: int, extra: int) -> NDArray:
        index = np.minimum(concern[at][:, None] + incident[extra], 1.0)
        return factor * np.minimum(slider * index, 1.0)

    @lru_cache(maxsize=1)
    def willing(to: int, at: int, extra: int) -> NDArray:
        return access[to][:, :, None] * most * (1 - worry(at, extra))

    for i in range(markets.times.size - 1):
        still_open = access[i + 1] / np.maximum(access[i], 1e-12)
        closes = open_to[i] != open_to[i + 1]
        yield Quarter(
            p=innovation(spent[i]),
            willing=willing(open_to[i + 1], worried[i], alerted[i]),
            worry=worry(worried[i], alerted[i]),
            incumbent=share_y[i],
            staying=growing[i][:, None],
            shut_out=(1 - still_open)[:, :, None] if closes else None,
        )


def platform_percent(values: Values, name: str = "") -> NDArray:
    """A setting that each platform has, such as wechat_start, as a share (platform, draw)."""
    return np.stack(np.broadcast_arrays(*[values[key + name] / 100 for key in PLATFORM_KEYS]))


def _runs(rows: NDArray) -> list[int]:
    """For each row (along the first axis) the number of the first of the equal rows around it."""
    other = np.any(rows[1:] != rows[:-1], axis=tuple(range(1, rows.ndim)))
    begins = np.flatnonzero(np.append(True, other))
    return begins[np.cumsum(np.append(False, other))].tolist()


@lru_cache(maxsize=64)
def _switched(events: tuple[str, ...]) -> tuple[Any, ...]:
    """The rows of data/switches.csv that are on."""
    switches = load_evidence().switches
    return tuple(switches[switches.switch.isin(events)].itertuples())


def _spending(on: tuple[Any, ...], values: Values, markets: Markets) -> NDArray:
    """Advertising of each platform (quarter, platform, draw), US$ M a year.

    The rivals' spending is not known; while they advertise abroad they count as at the reference.
    """
    begin, reference = markets.times[:-1, None], constants()["spend_reference"]
    paid = [values["marketing"], reference, reference]
    until = [values["until"], values["rivals_until"], values["rivals_until"]]
    spending = []
    for platform, amount, last in zip(PLATFORMS, paid, until, strict=True):
        left = np.clip((last + 1 - begin) / QUARTER, 0, 1)  # part of the quarter
        stops = [row for row in on if row.effect == "marketing" and row.platform == platform]
        end = min((decimal_year(row.quarter) for row in stops), default=np.inf)
        spending.append(amount * left * (begin < end))
    return np.stack(np.broadcast_arrays(*spending), axis=1)


def _innovation(values: Values, markets: Markets, spending: NDArray) -> NDArray:
    """Innovation p (platform, market, draw), 1/year.

    Where a platform leads, everybody has heard of it, and advertising counts as the least.
    """
    least, reference = constants()["spend_least"], constants()["spend_reference"]
    spend = np.where(markets.leads[:, :, None], least, spending[:, None, :])
    advertised = (np.maximum(spend, least) / reference) ** values["elasticity"]
    rate = platform_percent(values, "_innovation")
    return rate[:, None, :] * advertised * at_home(values, markets)


def at_home(values: Values, markets: Markets) -> NDArray:
    """How fast people join in a platform's home markets, relative to elsewhere.

    (platform, market, draw); 1 elsewhere. At home most friends who could bring a person in have
    joined already, and the people who are left join slowly.
    """
    names = np.array(markets.names)[:, None]
    line = np.where(markets.turf[1][:, None], values["line_key"] / 100, 1.0)
    line = np.where(names == "IDN", values["line_indonesia"] / 100, line)
    line = np.where(names == HOME["LINE"], values["line_japan"] / 100, line)
    kakao = np.where(names == HOME["KakaoTalk"], values["kakao_korea"] / 100, 1.0)
    return np.stack(np.broadcast_arrays(np.ones_like(line), line, kakao))


def ceiling(values: Values, markets: Markets) -> NDArray:
    """Largest share of people online (platform, market, draw), 0-1: at home and abroad.

    People of Chinese descent abroad count as home to WeChat.
    """
    home, abroad = values["ceiling"] / 100, values["ceiling_abroad"] / 100
    at_home = markets.turf.astype(float)
    at_home[0] = markets.descent
    return abroad + (home - abroad) * at_home[:, :, None]


def established(
    scenario: Scenario,
    values: Values,
    markets: Markets,
    shift: NDArray | float = 0.0,
    *,
    ends: bool = False,
) -> NDArray:
    """Share of the established messengers in the middle of each quarter (quarter, market, draw).

    As surveyed where that switch is on; else they win a part of the other people each year, but
    not the people of the platform that leads the market at the start.

    ends : at the ends of the quarters instead, from the origin on
    """
    times, surveyed = markets.times, markets.incumbent
    if not ends:
        times, surveyed = (part[:-1] / 2 + part[1:] / 2 for part in (times, surveyed))
    if any(row.effect == "incumbents" for row in _switched(scenario.events)):
        return _shifted(surveyed[:, :, None], shift)
    start = _shifted(markets.incumbent[:1, :, None], shift)
    room = np.maximum(constants()["incumbent_most"] / 100 - start, 0.0)
    since = (times - markets.times[0])[:, None, None]
    won = 1 - (1 - values["incumbent_growth"] / 100) ** since
    return start + room * (1 - markets.taken[:, None]) * won


def _shifted(share: NDArray, shift: NDArray | float) -> NDArray:
    """Shares moved by `shift` on the logit scale; unchanged where the shift is a single 0."""
    if np.ndim(shift) == 0:
        return share
    inner = np.clip(share, 1e-6, 1 - 1e-6)
    return 1 / (1 + (1 / inner - 1) * np.exp(-np.asarray(shift)))


def _incident(values: Values, markets: Markets) -> NDArray:
    """Extra concern in the middle of each quarter (quarter, draw), 0-1: a jump that fades."""
    since = markets.times[:-1, None] + QUARTER / 2 - values["incident_year"]
    fading = np.exp2(-np.maximum(since, 0) / np.maximum(values["incident_half_life"], 0.1))
    return np.where(since >= 0, values["incident"] / 100 * fading, 0.0)


def _access(on: tuple[Any, ...], markets: Markets) -> NDArray:
    """Share of each market open to each platform (quarters + 1, platform, market), 0-1.

    Row 0 is the state at the origin, row i + 1 holds in quarter i. A ban holds from the end of
    its quarter on; the installed base at the origin already reflects an earlier ban.
    """
    access = np.ones((markets.times.size, len(PLATFORMS), len(markets.names)))
    for ban in (row for row in on if row.effect == "access"):
        since = decimal_year(ban.quarter)
        cell = PLATFORMS.index(ban.platform), markets.names.index(ban.markets)
        access[1:][markets.times[:-1] >= since, *cell] = ban.size
        if markets.times[0] > since:
            access[0, *cell] = ban.size
    return access
