"""One batch of runs for several questions at once: each moves some settings of one scenario."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.analysis.sampling import DRAWS, run_totals
from model.engine.markets import Markets
from model.scenario.scenario import Scenario

Points = Mapping[str, NDArray]  # setting -> its value at each point (point,)


def runs_of(
    scenario: Scenario,
    questions: Mapping[str, Points],
    *,
    markets: Markets | None = None,
    count: int = DRAWS,
) -> dict[str, NDArray]:
    """`run_totals` at the points of each question (platform, point, run), million users.

    Settings that a question does not move are as in the scenario. A point that several questions
    have is run once.
    """
    names = list(dict.fromkeys(name for points in questions.values() for name in points))
    sizes = [next(iter(points.values())).size for points in questions.values()]
    columns = [
        np.concatenate(
            [
                points.get(name, np.full(size, scenario[name]))
                for points, size in zip(questions.values(), sizes, strict=True)
            ]
        )
        for name in names
    ]
    places, back = np.unique(columns, axis=1, return_inverse=True)
    batch = dict(zip(names, places, strict=True))
    users = run_totals(scenario, batch, markets=markets, count=count)[:, back]
    return dict(zip(questions, np.split(users, np.cumsum(sizes)[:-1], axis=1), strict=True))
