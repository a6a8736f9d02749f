"""The article's two doubts as a split of the users WeChat would have without either of them.

nobody = remains + concern + established

Established messengers come first, security concern last: `remains` is the line of the answer, and
`concern` its cost of concern, which is worked out with the established messengers in place.

Without the first doubt nobody keeps to the messenger they have (`barrier` 0), and nobody goes back
to whoever leads (`pull` 0): what the doubt says of people, whatever messenger holds them. With no
users of the established messengers instead, LINE and KakaoTalk would still hold theirs.
"""

from dataclasses import dataclass

import numpy as np

from model.analysis.sampling import lines
from model.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """WeChat's users at the end, million people.

    nobody : without either doubt;  established, concern : that the doubts take;  remains : the line
    """

    nobody: float
    established: float
    concern: float
    remains: float


def doubts(scenario: Scenario) -> Doubts:
    """The split of WeChat's users at the end by doubt: one batch of paired runs."""
    points = {name: np.full(3, scenario[name]) for name in ("concern", "barrier", "pull")}
    points["concern"][1:] = points["barrier"][2:] = points["pull"][2:] = 0
    remains, without_concern, nobody = lines(scenario, points)[0].tolist()
    return Doubts(
        nobody=nobody,
        established=nobody - without_concern,
        concern=without_concern - remains,
        remains=remains,
    )
