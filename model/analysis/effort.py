"""Effort: about how long runs take, and who is told before they are made.

seconds = MARKET t + STEP n

t : quarters of all markets and runs;  n : steps of the solver in all of them. At the ends of all
sliders a run takes up to five times the steps of an ordinary one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from model.engine.by_quarter import Values
from model.engine.definition import steps_per_quarter
from model.engine.inputs import MarketDraws, deciding_rates, make_inputs
from model.engine.markets import Markets
from model.engine.projection import ENDS_RUN_AWAY
from model.scenario.scenario import Scenario

MARKET, STEP = 3.9e-8, 2.8e-8  # seconds of a core, as measured: within a quarter
AIM = 2.8  # seconds that a question may take before it is asked more coarsely
LIMIT = 4.3  # seconds after which a question ends: a busy machine makes 5 of them
PROBE = 8  # runs of a point from which its effort is known: they take about as many steps
# called with the seconds of each batch of runs before it is made: a server lets others go first
# there, or gives a question up
between_batches: ContextVar[Callable[[float], None]] = ContextVar("between", default=lambda _: None)


@contextmanager
def counted() -> Iterator[list[float]]:
    """The seconds of the batches begun within the block so far; whoever listens hears them too."""
    spent, listener = [], between_batches.get()

    def count(seconds: float) -> None:
        spent.append(seconds)
        listener(seconds)

    token = between_batches.set(count)
    try:
        yield spent
    finally:
        between_batches.reset(token)


@ENDS_RUN_AWAY
def seconds_of(
    scenario: Scenario, values: Values, markets: Markets, by_market: MarketDraws
) -> float:
    """About how long a run takes on a core, the mean of runs with these values of the settings."""
    given = make_inputs(scenario, values, markets, by_market)
    steps = steps_per_quarter(*deciding_rates(given))
    cells = (markets.times.size - 1) * len(markets.names)
    return cells * (MARKET + STEP * float(np.mean(steps)))
