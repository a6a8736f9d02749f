"""Groups: a platform among the people whom it finds one by one, and who they are.

WeChat among those who are not of Chinese descent, LINE and KakaoTalk among all, WeChat among people
of Chinese descent, who mostly know each other.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.engine.markets import Markets
from model.evidence import constants
from model.messengers import PLATFORM_KEYS

GROUPS = (0, 1, 2, 0)  # the platform of each group: the last is WeChat among Chinese descent
DESCENT = 3  # its number
BESIDE_TIES = 0.5  # people in the circle without home ties for each who was born in China
LEAST_PART, MOST_PART = 1e-4, 0.98  # of a market's people, in a circle
Values = Mapping[str, NDArray]  # setting or parameter -> (run,) or (1,), in its unit


def grouped(values: NDArray, axis: int = 0) -> NDArray:
    """Values by platform for each group: WeChat's come again at the end."""
    return np.take(values, GROUPS, axis=axis)


def parts(values: Values, markets: Markets) -> NDArray:
    """Share of each market's people in each group (group, market, run), 0-1.

    The circle of Chinese descent has room for all with home ties.
    """
    named = [values.get(f"descent_{name.lower()}", values["descent"]) for name in markets.names]
    share = markets.descent[:, None] * np.stack(np.broadcast_arrays(*named)) / 100
    room = markets.born[:, None] * (values["wechat_core"] + BESIDE_TIES)
    share = np.clip(share, np.maximum(room, LEAST_PART), MOST_PART)
    everybody = np.ones_like(share)
    return np.stack([1.0 - share, everybody, everybody, share])


def starting_groups(users: NDArray, tied: NDArray, people: NDArray, most: NDArray) -> NDArray:
    """Starting users of each group from those of the platforms, million, (group, market, run).

    tied : people with home ties, people : all of a group, million
    most : share of the people of Chinese descent, 0-1, (run,)

    WeChat's users are people of Chinese descent up to that share, and no fewer than those with home
    ties; the rest are others.
    """
    first = most * people[DESCENT]
    descent = np.maximum(np.minimum(users[0], first), tied[DESCENT])
    return np.stack(np.broadcast_arrays(users[0] - descent, *users[1:], descent))


def home_ties(values: Values, markets: Markets, start: NDArray) -> NDArray:
    """Home ties of each group, million people, WeChat's for each million China-born.

    They are people who stay for their family.
    """
    most = constants()["home_ties_most"] / 100 * start[0]
    born = np.maximum(markets.migrants[0], 1e-9)[:, None]
    wechat = np.minimum(values["wechat_core"], most / born)
    line, kakao = (
        ~markets.turf[k][:, None] * start[k] * values[f"{PLATFORM_KEYS[k]}_core"] / 100
        for k in (1, 2)
    )
    return np.stack(np.broadcast_arrays(np.zeros_like(wechat), line, kakao, wechat))


def born_by_group(markets: Markets) -> NDArray:
    """Million China-born for WeChat's home ties, 1 for the others, (time, group, market)."""
    others = np.ones_like(markets.migrants)
    return np.stack([others, others, others, markets.migrants], axis=1)
