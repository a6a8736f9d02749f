"""Calibration: the settings that agree with the evidence, the best of them and 1,024 drawn.

Two fits:

march-2014        what was public by 31 March 2014: registered accounts of 2013 and early 2014,
                  the model started in March 2013 from what was known then
as-it-happened    all company figures since, the model started from data/installed_base.csv

The best point is where the density of `posterior` is highest, by penalised least squares from
several starts; the draws are those around it. Security concern is never fitted: the figures cannot
tell its effect; its slider stays where it is, and the runs do not draw it.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # its parts load when they are used: only for a fit
from numpy.typing import NDArray

from model.calibration.kept_draws import draws_table
from model.calibration.posterior import Density, Posterior, sample
from model.calibration.targets import PROBLEMS, Problem
from model.evidence import Evidence
from model.scenario.settings import from_scale, prior, settings_and_parameters

STARTS = 4  # a power of 2, as Sobol's sequence wants it
STEP = 1e-4  # prior standard deviations: half of a difference that gives a slope
WIDER = (6.0, 2.0, 1.0)  # times the errors, one search after the other
EVALUATIONS = 150  # at most, of each search
WALKERS, STEPS, SEEDS = 128, 3000, (1, 2)  # half of the walkers fill the lanes of the kernel
INFORMED = 0.7  # posterior/prior spread below which the data say something about a setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The point where a density is highest, in standard deviations of the priors."""

    point: NDArray  # (setting,)
    covariance: NDArray  # what the curvature there says of the spread, (setting, setting)
    cost: float  # half of the misfit, priors included
    converged: bool


def fit(density: Density, starts: int = STARTS) -> Best:
    """The best point from several starts, the first of them at the prior's centre."""
    low, high, size = density.low, density.high, density.centre.size

    def residuals(point: NDArray, wider: float) -> NDArray:
        return np.concatenate([density.residuals(point[None])[:, 0] / wider, point])

    def jacobian(point: NDArray, wider: float) -> NDArray:
        """Slopes of the residuals (residual, setting), by central differences in one batch."""
        offsets = np.diag(np.full(point.size, STEP))
        batch = density.residuals(np.vstack([point + offsets, point - offsets])) / wider
        slopes = (batch[:, : point.size] - batch[:, point.size :]) / (2 * STEP)
        return np.vstack([slopes, np.eye(point.size)])

    def search(point: NDArray) -> "scipy.optimize.OptimizeResult":
        """The best point from one start; first with wide errors, so that it sees far."""
        options = {"bounds": (low, high), "max_nfev": EVALUATIONS}
        for wider in WIDER:
            point = np.clip(point, low + 2 * STEP, high - 2 * STEP)
            result = scipy.optimize.least_squares(
                residuals, point, jacobian, args=(wider,), **options
            )
            point = result.x
        return result

    middle = scipy.stats.qmc.Sobol(size, seed=1).random(starts) * 0.7 + 0.15
    points = scipy.special.ndtri(middle)  # over the middle of the priors
    points[0] = 0.0
    best = min((search(point) for point in points), key=lambda result: result.cost)
    return Best(
        point=best.x,
        covariance=np.linalg.inv(best.jac.T @ best.jac),
        cost=float(best.cost),
        converged=bool(best.status > 0),
    )


def fingerprint(problem: Problem) -> str:
    """A short code of everything the fit was made from: data as known then, priors, names."""
    settings = [settings_and_parameters()[name] for name in problem.names]
    priors = [(one.name, one.prior_low, one.prior_high) for one in settings]
    seen = problem.observed.drop(columns="markets", errors="ignore").round(9).to_csv(index=False)
    centre = {one.name: np.array([from_scale(one, prior(one)[0])]) for one in settings}
    at_prior = np.round(problem.predict(centre), 6).tobytes()  # people, concern and starts too
    return hashlib.sha256(repr(priors).encode() + seen.encode() + at_prior).hexdigest()[:16]


def tables(known: Evidence) -> dict[str, pd.DataFrame]:
    """Both fits as the tables kept in data/: fits, draws and fit_summary."""
    parts: dict[str, list[pd.DataFrame]] = {"fits": [], "draws": [], "fit_summary": []}
    with ProcessPoolExecutor(len(SEEDS)) as processes:
        jobs = [
            [processes.submit(_ensemble, known, name, seed) for seed in SEEDS] for name in PROBLEMS
        ]
    for (name, make), own in zip(PROBLEMS.items(), jobs, strict=True):
        density = Density.of(make(known))
        (best, *_), ensembles = zip(*(one.result() for one in own), strict=True)
        points = np.concatenate([one.points for one in ensembles])
        frames = (
            _fitted(density, points, best.point),
            draws_table(density, points, name),
            _summary(density, best, ensembles),
        )
        for rows, frame in zip(parts.values(), frames, strict=True):
            frame.insert(0, "fit", name)
            rows.append(frame)
    made = {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}
    columns = [name for name in settings_and_parameters() if name in made["draws"]]
    return made | {"draws": made["draws"][["fit", *columns]]}


def _ensemble(known: Evidence, name: str, seed: int) -> tuple[Best, Posterior]:
    """The best point of one of the two fits and an ensemble around it, in a process of its own."""
    density = Density.of(PROBLEMS[name](known))
    best = fit(density)
    options = {"walkers": WALKERS, "steps": STEPS, "seed": seed}
    return best, sample(density, best.point, best.covariance, **options)


def _fitted(density: Density, points: NDArray, best: NDArray) -> pd.DataFrame:
    """Median and 80% range of each setting in its unit, its best value, and how far informed."""
    low, middle, high, mode = (
        {name: float(value[0]) for name, value in density.values(row[None]).items()}
        for row in (*np.quantile(points, (0.1, 0.5, 0.9), axis=0), best)
    )
    columns = {"value": middle, "low": low, "high": high, "best": mode}
    table = pd.DataFrame(columns).rename_axis("setting").reset_index()
    return table.assign(informed=points.std(axis=0))


def _summary(density: Density, best: Best, ensembles: Sequence[Posterior]) -> pd.DataFrame:
    """One row on how far a fit can be trusted."""
    middles = np.array([np.median(one.points, axis=0) for one in ensembles])
    ratio = np.concatenate([one.points for one in ensembles]).std(axis=0)
    names = np.array(density.problem.names)
    informed, silent = names[ratio < INFORMED], names[~(ratio < INFORMED)]
    figures = len(density.problem.observed)
    row = {
        "fingerprint": fingerprint(density.problem),
        "known_to": density.problem.known_to,
        "cost": best.cost,
        "observations": figures,
        "converged": "yes" if best.converged else "no",
        "draws": sum(len(one.points) for one in ensembles),
        "effective": min(one.effective for one in ensembles),
        "split": max(one.split for one in ensembles),
        "acceptance": np.mean([one.acceptance for one in ensembles]),
        "seeds_apart": float(np.ptp(middles, axis=0).max()),
        "validity": f"{figures} figures; they inform {', '.join(informed) or 'nothing'}; "
        f"they leave {', '.join(silent) or 'nothing'} at the prior.",
    }
    return pd.DataFrame([row])
