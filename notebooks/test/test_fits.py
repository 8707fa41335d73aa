"""Fits of the laws of scaling to throughputs that follow them."""

import numpy as np
import pandas as pd
import pytest

from enxame_figures.plots.fits import AMDAHL, USL, TooFewWorkerCounts, fit_law, log_throughput

COUNTS = (1, 2, 4, 8)


def make_launches(true, workers=COUNTS, launches=3, block=0.0, noise=0.0, random=None):
    """Throughputs by a law with these parameters, disturbed per launch and per trial."""
    random = random or np.random.default_rng(1)
    rows = []
    for launch in range(1, launches + 1):
        shared = random.normal(0, block)
        for count in workers:
            log = log_throughput(count, *true) + shared + random.normal(0, noise)
            rows.append({"workers": count, "launch": launch, "throughput_per_s": np.exp(log)})
    return pd.DataFrame(rows)


def test_amdahls_law_is_recovered():
    fit = fit_law(AMDAHL, make_launches((np.log(100), 0.1)))
    assert fit.parameters["throughput_1_per_s"].value == pytest.approx(100)
    assert fit.parameters["serial"].value == pytest.approx(0.1)
    assert fit.r_squared == pytest.approx(1)
    # 1 / (0.1 + 0.9 / 16), as Amdahl writes it
    assert fit.speed_up(np.array([16.0])) == pytest.approx(6.4)
    assert fit.peak_workers == np.inf


def test_universal_scalability_is_recovered_with_its_peak():
    fit = fit_law(USL, make_launches((np.log(100), 0.05, 0.01)))
    assert fit.parameters["serial"].value == pytest.approx(0.05, abs=1e-6)
    assert fit.parameters["crosstalk"].value == pytest.approx(0.01, abs=1e-6)
    assert fit.peak_workers == pytest.approx(np.sqrt(0.95 / 0.01), rel=1e-4)


def test_shares_are_not_negative_however_fast_the_system():
    faster_than_linear = make_launches((np.log(100), -0.03, 0.0))
    for law in (AMDAHL, USL):
        fit = fit_law(law, faster_than_linear)
        shares = [fit.parameters[name] for name in fit.parameters if name != "throughput_1_per_s"]
        assert all(share.value >= 0 and share.low >= 0 for share in shares)
        assert fit.speed_up_band(np.array([64.0]))[1] <= 64 * 1.2


def test_as_many_parameters_as_worker_counts_leave_nothing_to_judge_the_fit_by():
    fit = fit_law(AMDAHL, make_launches((0.0, 0.2), workers=(1, 2), noise=0.05))
    assert np.isnan(fit.r_squared)
    assert np.isfinite(fit.parameters["serial"].high)


def test_too_few_worker_counts_are_refused():
    with pytest.raises(TooFewWorkerCounts, match="3 worker counts, where there are only 1, 2"):
        fit_law(USL, make_launches((0.0, 0.2, 0.0), workers=(1, 2)))


def test_one_launch_has_a_fit_without_intervals():
    fit = fit_law(USL, make_launches((np.log(100), 0.05, 0.01), launches=1))
    assert fit.parameters["serial"].value == pytest.approx(0.05, abs=1e-6)
    assert np.isnan(fit.parameters["serial"].high)
    assert np.isnan(fit.speed_up_band(np.array([2.0]))).all()


def test_a_law_that_does_not_hold_shows_in_its_goodness():
    launches = make_launches((np.log(100), 0.0))
    launches.loc[launches["workers"] > 2, "throughput_per_s"] = 200
    assert fit_law(AMDAHL, launches).r_squared < 0.9
    assert fit_law(AMDAHL, launches).deviation > 0.1


def test_the_same_launches_give_the_same_intervals():
    launches = make_launches((np.log(100), 0.05, 0.01), launches=5, block=0.1, noise=0.05)
    first, second = fit_law(USL, launches), fit_law(USL, launches)
    assert first.parameters == second.parameters


@pytest.mark.parametrize("true, law", [((4.6, 0.1), AMDAHL), ((4.6, 0.05, 0.005), USL)])
def test_intervals_hold_the_true_parameters_about_95_times_of_100(true, law):
    random, repetitions = np.random.default_rng(11), 80
    hits = np.zeros(len(true) + 1)
    for _ in range(repetitions):
        launches = make_launches(true, block=0.05, noise=0.03, random=random)
        fit = fit_law(law, launches)
        expected = (np.exp(true[0]), *true[1:])
        estimates = fit.parameters.values()
        hits[:-1] += [
            low_high.low <= t <= low_high.high for low_high, t in zip(estimates, expected)
        ]
        low, high = fit.speed_up_band(np.array([16.0]))
        speed_up = np.exp(log_throughput(16.0, *true) - true[0])
        hits[-1] += low[0] <= speed_up <= high[0]
    # ± 3 standard errors of a share of 0.95; a plain percentile bootstrap reaches about 0.75.
    assert (abs(hits / repetitions - 0.95) < 0.074).all(), hits / repetitions
