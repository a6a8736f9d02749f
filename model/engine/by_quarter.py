"""Conditions given from outside by quarter: advertising, established messengers, incident and bans.

advertised = (spend / US$ 200 M)^elasticity
established = start + (most - start) (1 - taken) (1 - (1 - growth)^t),  or as surveyed later
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.engine.groups import Values
from model.engine.markets import Markets
from model.evidence import constants
from model.messengers import PLATFORMS
from model.quarters import QUARTER, decimal_year
from model.scenario.scenario import Scenario, switched


def advertising(on: tuple[Any, ...], values: Values, markets: Markets) -> tuple[NDArray, NDArray]:
    """`advertised` and `unadvertised` of Inputs.

    All three stop at the end of the year `until`, or sooner at the dated event of their own. The
    rivals' spending is not known; while they advertise abroad they count as at the reference. Where
    a platform leads, everybody has heard of it, and advertising counts as the least.
    """
    begin = markets.times[:-1, None]
    least, reference = constants()["spend_least"], constants()["spend_reference"]
    paid = [values["marketing"], reference, reference]
    left = np.clip((values["until"] + 1 - begin) / QUARTER, 0, 1)  # part of the quarter
    spending = []
    for platform, most in zip(PLATFORMS, paid, strict=True):
        stops = [row for row in on if row.effect == "marketing" and row.platform == platform]
        end = min((decimal_year(row.quarter) for row in stops), default=np.inf)
        spending.append(most * left * (begin < end))
    spent = np.stack(np.broadcast_arrays(*spending), axis=1)
    advertised = (np.maximum(spent, least) / reference) ** values["elasticity"]
    return advertised, (least / reference) ** values["elasticity"]


def established(
    scenario: Scenario,
    values: Values,
    markets: Markets,
    shift: NDArray | float = 0.0,
    *,
    ends: bool = False,
) -> NDArray:
    """Share of the established messengers in the middle of each quarter (quarter, market, run).

    As surveyed where that switch is on, without the survey's error, which the later fit does not
    draw; else they win a part of the other people each year, but not the people of the platform
    that leads the market at the start.

    shift : added to the logit of the shares, (market, run)
    ends : at the ends of the quarters instead, from the origin on
    """
    times, surveyed = markets.times, markets.incumbent
    if not ends:
        times, surveyed = (part[:-1] / 2 + part[1:] / 2 for part in (times, surveyed))
    if any(row.effect == "incumbents" for row in switched(scenario.events)):
        return surveyed[:, :, None]
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


def extra_concern(values: Values, markets: Markets) -> NDArray:
    """Extra concern in the middle of each quarter (quarter, run), 0-1: a jump that fades."""
    since = markets.times[:-1, None] + QUARTER / 2 - values["incident_year"]
    fading = np.exp2(-np.maximum(since, 0) / np.maximum(values["incident_half_life"], 0.1))
    return np.where(since >= 0, values["incident"] / 100 * fading, 0.0)


def open_markets(on: tuple[Any, ...], markets: Markets) -> NDArray:
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
