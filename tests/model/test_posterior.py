"""The sampler against a Gaussian problem's closed form; R hat and one-sided figures by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from model.calibration import kept_draws
from model.calibration.posterior import Density, sample, split_ratio
from model.calibration.targets import Problem, march_2014
from model.evidence import load_evidence
from model.scenario.scenario import case

NAMES = ("descent", "descent_hkg", "descent_row")  # their sliders end far outside their priors
SLOPES = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -2.0]])  # of two figures, by ln of a setting
SIGMA = np.array([0.2, 0.3])


def linear(target, most=(False, False)):
    """A problem whose figures are linear in the logarithms of three settings."""
    observed = pd.DataFrame({"target": target, "sigma": SIGMA, "most": most})

    def predict(values):
        return SLOPES @ np.log(np.array([values[name] for name in NAMES]))

    return Problem(names=NAMES, known_to="2014Q1", observed=observed, predict=predict)


def closed_form(density, target):
    """Mean and covariance of the posterior, in standard deviations of the priors."""
    jacobian = SLOPES * density.spread / SIGMA[:, None]
    covariance = np.linalg.inv(np.eye(3) + jacobian.T @ jacobian)
    off = (np.asarray(target) - SLOPES @ density.centre) / SIGMA
    return covariance @ jacobian.T @ off, covariance


def test_a_gaussian_posterior_is_found():
    pytest.importorskip("emcee")
    target = SLOPES @ np.log([120.0, 80.0, 150.0])
    density = Density.of(linear(target))
    mean, covariance = closed_form(density, target)
    found = sample(density, mean, covariance, walkers=48, steps=2500, seed=1)
    assert found.points.shape == (48 * 1500, 3)
    spread = np.sqrt(np.diag(covariance))
    assert_allclose(found.points.mean(axis=0), mean, atol=0.06 * spread.max())
    assert_allclose(np.cov(found.points.T), covariance, atol=0.07 * spread.max() ** 2)
    assert found.effective > 2000 and 0.1 < found.acceptance < 0.8 and found.split < 1.02


def test_the_density_is_that_of_the_closed_form():
    """Differences of its logarithm, which has no constant; nothing beyond the sliders."""
    target = SLOPES @ np.log([120.0, 80.0, 150.0])
    density = Density.of(linear(target))
    mean, covariance = closed_form(density, target)
    points = mean + np.random.default_rng(2).standard_normal((20, 3))
    away = points - mean
    expected = -(away @ np.linalg.inv(covariance) * away).sum(axis=1) / 2
    found = density.log(points)
    assert_allclose(found - found[0], expected - expected[0], rtol=1e-9)
    assert (
        density.log(np.array([density.high + 0.01, density.low - 0.01])).tolist() == [-np.inf] * 2
    )


def test_a_figure_that_is_only_an_upper_end_hinders_nobody_below_it():
    target = SLOPES @ Density.of(linear([0.0, 0.0])).centre
    plain, most = (Density.of(linear(target, one)) for one in ([False] * 2, [True, False]))
    points = np.array([[1.0, 0, 0], [-1.0, 0, 0]])  # the first figure above and below its target
    assert plain.residuals(points)[0, 0] > 0 > plain.residuals(points)[0, 1]
    assert_allclose(most.residuals(points)[0], [plain.residuals(points)[0, 0], 0])
    assert np.array_equal(most.residuals(points)[1], plain.residuals(points)[1])
    assert (
        most.log(points)[1] > plain.log(points)[1] and most.log(points)[0] == plain.log(points)[0]
    )


def chains(offsets, half=500):
    """Paths (step, walker, 1), each half of which has variance 1 around its walker's offset."""
    numbers = np.random.default_rng(3).standard_normal(half)
    numbers = (numbers - numbers.mean()) / numbers.std(ddof=1)
    return (np.tile(numbers, 2)[:, None] + np.asarray(offsets))[..., None]


@pytest.mark.parametrize("apart", [0.0, 0.5, 3.0])
def test_r_hat_of_chains_in_two_places(apart):
    """Within 1; between the variance of the offsets; exactly, as in Gelman et al. (2013), 11.4."""
    offsets = np.repeat([-apart / 2, apart / 2], 8)
    between = np.var(np.tile(offsets, 2), ddof=1)
    assert_allclose(split_ratio(chains(offsets)), np.sqrt(499 / 500 + between), rtol=1e-12)


def test_r_hat_of_independent_and_of_drifting_chains():
    """1 for independent normal numbers; the two halves of a drift are apart."""
    paths = np.random.default_rng(4).standard_normal((4000, 40, 2))
    assert_allclose(split_ratio(paths), 1, atol=2e-3)
    drift = paths + np.linspace(0, 4, 4000)[:, None, None]
    assert (split_ratio(drift) > 1.3).all()


@pytest.mark.slow
def test_the_first_256_draws_stand_for_many(monkeypatch):
    """Their quantiles are nearer to those of fresh draws than most other 256 are."""
    monkeypatch.setattr(kept_draws, "CANDIDATES", 40)
    density, start = Density.of(march_2014(load_evidence())), case()
    generator = np.random.default_rng(5)
    points = np.clip(0.5 * generator.standard_normal((20_000, density.centre.size)), -2, 2)
    table = kept_draws.draws_table(density, points, "march-2014")
    assert len(table) == 1024 and set(density.problem.names) < set(table)

    def totals(values):
        return np.log(kept_draws._totals([start], values))

    def fresh(count):
        return kept_draws.complete(density, points[generator.choice(len(points), count)], generator)

    many = totals(fresh(4096))
    own = np.abs(totals({name: table[name].to_numpy()[:256] for name in table}) - many).max()
    others = [np.abs(totals(fresh(256)) - many).max() for _ in range(12)]
    assert own < np.median(others) and own < 0.3
