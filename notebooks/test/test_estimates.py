"""Estimates over launches, and that they are those of the harness."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enxame_figures.estimates import (
    mean_over_launches,
    over_launches,
    paired_ratio,
    quantiles,
)

VECTORS = json.loads((Path(__file__).parents[2] / "testing" / "statistics.json").read_text())


def bounds(told):
    """As numbers; what is not known is NaN."""
    known = told or {"value": None, "low": None, "high": None}
    names = ("value", "low", "high")
    return [np.nan if known[name] is None else known[name] for name in names]


@pytest.mark.parametrize("vector", VECTORS["quantiles"])
def test_quantiles_are_those_of_the_harness(vector):
    (found,) = quantiles(np.array(vector["values"]), [vector["level"]])
    if vector["quantile"] is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(vector["quantile"], rel=1e-9)


@pytest.mark.parametrize("vector", VECTORS["launches"])
def test_estimates_of_launches_are_those_of_the_harness(vector):
    for found, told in [
        (mean_over_launches(vector["values"]), vector["mean"]),
        (over_launches(vector["values"]), vector["geometric_mean"]),
    ]:
        expected = pytest.approx(bounds(told), rel=1e-9, nan_ok=True)
        assert [found.value, found.low, found.high] == expected


@pytest.mark.parametrize("vector", VECTORS["ratios"])
def test_paired_ratios_are_those_of_the_harness(vector):
    found = paired_ratio(pd.Series(vector["before"]), pd.Series(vector["after"]))
    expected = pytest.approx(bounds(vector["ratio"]), rel=1e-9, nan_ok=True)
    assert [found.value, found.low, found.high] == expected


def test_the_interval_of_a_mean_is_students_t():
    found = mean_over_launches([10.0, 12.0, 14.0])
    # t(0.975, 2) · s / √3 = 4.3027 · 2 / 1.7321
    assert (found.value, found.high - 12, 12 - found.low) == pytest.approx(
        (12, 4.9683, 4.9683), abs=1e-3
    )


def test_the_interval_of_what_is_positive_is_that_of_its_logarithm():
    found = over_launches([1.0, np.e, np.e**2])
    # t(0.975, 2) · 1 / √3 = 2.4841
    assert np.log([found.low, found.value, found.high]) == pytest.approx(
        [-1.4841, 1, 3.4841], abs=1e-3
    )


def test_one_launch_has_no_interval():
    found = over_launches([7.0])
    assert found.value == pytest.approx(7)
    assert np.isnan([found.low, found.high]).all()


def test_a_launch_that_does_not_carry_the_measure_leaves_no_estimate():
    assert np.isnan(over_launches([1.0, np.nan, 3.0]).value)


def test_quantiles_are_of_definition_8():
    # p · (n + 1/3) + 1/3 = 0.9 · 200.333 + 0.333 = 180.633: between the values 180 and 181
    assert quantiles(np.arange(1.0, 201.0), [0.9])[0] == pytest.approx(180.6333, abs=1e-3)


def test_no_quantile_without_ten_samples_beyond_it():
    found = quantiles(np.arange(199.0), [0.05, 0.5, 0.95])
    assert np.isnan(found).tolist() == [True, False, True]
    assert np.isfinite(quantiles(np.arange(200.0), [0.05, 0.95])).all()


def test_ratios_are_paired_by_block():
    before = pd.Series([1.0, 10.0, 100.0], index=[1, 2, 3])
    after = pd.Series([2.0, 20.0, 7.0], index=[1, 2, 9])
    found = paired_ratio(before, after)
    assert found.value == pytest.approx(2) and np.isnan([found.low, found.high]).all()
    assert np.isnan(paired_ratio(before[:1], after[1:]).value)
