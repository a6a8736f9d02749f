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
from model.evidence.reader import constants, load_evidence
from model.messengers import HOME, PLATFORM_KEYS, PLATFORMS
from model.quarters import QUARTER, decimal_year
from model.scenario.scenario import Scenario

BLOC_SETTINGS = {
    "Asia": "concern_asia",
    "West": "concern_west",
    "Elsewhere": "concern_elsewhere",
}
Values = Mapping[str, NDArray]  # setting name -> (draw,) or (1,), in the setting's unit


def quarterly_forcing(
    scenario: Scenario, values: Values, where: Markets, shift: NDArray | float = 0.0
) -> Iterator[Quarter]:
    """The quarters of a path; arrays broadcast to (platform, market, draw).

    shift : what is added to the logit of the established messengers' shares, (market, draw)
    """
    on = _switched(scenario.events)
    concern = where.concern if any(row.effect == "concern" for row in on) else where.concern_then
    share_y = established(scenario, values, where, shift)
    access = _access(on, where)
    spending = _spending(on, values, where)
    incident = _incident(values, where)
    share = values["concern"] / 100 * _by_bloc(values, where)
    spreads = values["rival_concern"] / 100
    spreads = np.stack([np.ones_like(spreads), spreads, spreads])[:, None, :]
    most = ceiling(values, where)
    growing = where.addressable[:-1] / np.maximum(where.addressable[1:], where.addressable[:-1])
    # one array for each run of equal quarters: the solver prepares a quarter only for another one
    spent, worried, alerted, open_to = map(_runs, (spending, concern, incident, access))

    @lru_cache(maxsize=1)
    def innovation(at: int) -> NDArray:
        return _innovation(values, where, spending[at])

    @lru_cache(maxsize=1)
    def worry(at: int, extra: int) -> NDArray:
        index = np.minimum(concern[at][:, None] + incident[extra], 1.0)
        return spreads * np.minimum(share * index, 1.0)

    @lru_cache(maxsize=1)
    def willing(to: int, at: int, extra: int) -> NDArray:
        return access[to][:, :, None] * most * (1 - worry(at, extra))

    for i in range(where.times.size - 1):
        shut = open_to[i] != open_to[i + 1]
        yield Quarter(
            p=innovation(spent[i]),
            willing=willing(open_to[i + 1], worried[i], alerted[i]),
            worry=worry(worried[i], alerted[i]),
            incumbent=share_y[i],
            staying=growing[i][:, None],
            shut_out=_shut_out(access[i], access[i + 1]) if shut else None,
        )


def _runs(rows: NDArray) -> list[int]:
    """For each row (along the first axis) where the run of equal rows that it is in begins."""
    other = np.any(rows[1:] != rows[:-1], axis=tuple(range(1, rows.ndim)))
    begins = np.flatnonzero(np.append(True, other))
    return begins[np.cumsum(np.append(False, other))].tolist()


@lru_cache(maxsize=64)
def _switched(events: tuple[str, ...]) -> tuple[Any, ...]:
    """The rows of data/switches.csv that are on."""
    switches = load_evidence().switches
    return tuple(switches[switches.switch.isin(events)].itertuples())


def _spending(on: tuple[Any, ...], values: Values, where: Markets) -> NDArray:
    """Advertising of each platform (quarter, platform, draw), US$ M a year.

    The rivals' spending is not known; while they advertise abroad they count as at the reference.
    """
    begin, reference = where.times[:-1, None], constants()["spend_reference"]
    paid = [values["marketing"], reference, reference]
    until = [values["until"], values["rivals_until"], values["rivals_until"]]
    spending = []
    for platform, amount, last in zip(PLATFORMS, paid, until, strict=True):
        left = np.clip((last + 1 - begin) / QUARTER, 0, 1)  # part of the quarter
        ends = [decimal_year(row.quarter) for row in on if _stops(row, platform)]
        spending.append(amount * left * (begin < min(ends, default=np.inf)))
    return np.stack(np.broadcast_arrays(*spending), axis=1)


def _stops(row: Any, platform: str) -> bool:
    """Whether a switch ends a platform's advertising."""
    return row.effect == "marketing" and row.platform == platform


def _innovation(values: Values, where: Markets, spending: NDArray) -> NDArray:
    """P (platform, market, draw), 1/year; where a platform leads, everybody has heard of it."""
    least, reference = constants()["spend_least"], constants()["spend_reference"]
    spend = np.where(where.leads[:, :, None], least, spending[:, None, :])
    carrier = (np.maximum(spend, least) / reference) ** values["elasticity"]
    rate = np.stack(
        np.broadcast_arrays(*[values[f"{key}_innovation"] / 100 for key in PLATFORM_KEYS])
    )
    return rate[:, None, :] * carrier * at_home(values, where)


def at_home(values: Values, where: Markets) -> NDArray:
    """How fast people join in a platform's home markets, relative to elsewhere.

    (platform, market, draw); 1 elsewhere. At home the friends who would bring one in already have
    the app, and who is left follows slowly.
    """
    names = np.array(where.names)[:, None]
    line = np.where(where.turf[1][:, None], values["line_key"] / 100, 1.0)
    line = np.where(names == "IDN", values["line_indonesia"] / 100, line)
    line = np.where(names == HOME["LINE"], values["line_japan"] / 100, line)
    kakao = np.where(names == HOME["KakaoTalk"], values["kakao_korea"] / 100, 1.0)
    return np.stack(np.broadcast_arrays(np.ones_like(line), line, kakao))


def ceiling(values: Values, where: Markets) -> NDArray:
    """Largest share of people online (platform, market, draw), 0-1: at home and abroad.

    People of Chinese descent abroad count as home to WeChat.
    """
    home, abroad = values["ceiling"] / 100, values["ceiling_abroad"] / 100
    at_home = where.turf.astype(float)
    at_home[0] = where.descent
    return abroad + (home - abroad) * at_home[:, :, None]


def established(
    scenario: Scenario,
    values: Values,
    where: Markets,
    shift: NDArray | float = 0.0,
    *,
    ends: bool = False,
) -> NDArray:
    """Share of the established messengers in the middle of each quarter (quarter, market, draw).

    At the ends of the quarters, from the origin on, if `ends`.

    As surveyed where that switch is on; else they win a part of what is left each year, but not
    the people of the platform that leads the market at the start.
    """
    times, surveyed = where.times, where.incumbent
    if not ends:
        times, surveyed = (part[:-1] / 2 + part[1:] / 2 for part in (times, surveyed))
    if any(row.effect == "incumbents" for row in _switched(scenario.events)):
        return _shifted(surveyed[:, :, None], shift)
    start = _shifted(where.incumbent[:1, :, None], shift)
    room = np.maximum(constants()["incumbent_most"] / 100 - start, 0.0)
    since = (times - where.times[0])[:, None, None]
    won = 1 - (1 - values["incumbent_growth"] / 100) ** since
    return start + room * (1 - where.taken[:, None]) * won


def _shifted(share: NDArray, shift: NDArray | float) -> NDArray:
    """Shares moved by `shift` on the logit scale; as they are where that is nothing."""
    if np.ndim(shift) == 0:
        return share
    inner = np.clip(share, 1e-6, 1 - 1e-6)
    return 1 / (1 + (1 / inner - 1) * np.exp(-np.asarray(shift)))


def _by_bloc(values: Values, where: Markets) -> NDArray:
    """Factor on the concern slider in each market (market, draw)."""
    parts = [values[BLOC_SETTINGS[bloc]] / 100 for bloc in where.blocs]
    draws = max(part.size for part in parts)
    return np.stack([np.broadcast_to(part, (draws,)) for part in parts])


def _incident(values: Values, where: Markets) -> NDArray:
    """Extra concern in the middle of each quarter (quarter, draw), 0-1: a jump that fades."""
    since = where.times[:-1, None] + QUARTER / 2 - values["incident_year"]
    fading = np.exp2(-np.maximum(since, 0) / np.maximum(values["incident_half_life"], 0.1))
    return np.where(since >= 0, values["incident"] / 100 * fading, 0.0)


def _access(on: tuple[Any, ...], where: Markets) -> NDArray:
    """Share of each market open to each platform (quarters + 1, platform, market), 0-1.

    Row 0 is the state at the origin, row i + 1 holds in quarter i. A ban holds from the end of
    its quarter on; one before the origin is in the installed base already.
    """
    access = np.ones((where.times.size, len(PLATFORMS), len(where.names)))
    for ban in (row for row in on if row.effect == "access"):
        since = decimal_year(ban.quarter)
        cell = PLATFORMS.index(ban.platform), where.names.index(ban.markets)
        access[1:][where.times[:-1] >= since, *cell] = ban.size
        if where.times[0] > since:
            access[0, *cell] = ban.size
    return access


def _shut_out(before: NDArray, now: NDArray) -> NDArray:
    """Share of users who lose access at the start of a quarter (platform, market, 1)."""
    return (1 - now / np.maximum(before, 1e-12))[:, :, None]
