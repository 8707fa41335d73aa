"""The requests of one launch in the order in which they ended: their level, and its memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# What is drawn of a launch at most: single requests, or medians of so many runs of them.
MOST_POINTS = 200
# Parts of the measured time with as many requests each, whose medians are its levels.
LEVELS_EACH = 10
# Fewer requests than this in each part, and a median says more of them than of the level.
FEWEST_OF_LEVEL = 5
# Lags of the autocorrelation, in requests.
MOST_LAGS = 50


@dataclass(frozen=True)
class Sequence:
    """
    Response times of a launch against when the requests ended, in s since it was measured: of each
    point the end of its first request, and the median.
    """

    requests: int
    ended_s: np.ndarray
    response_ms: np.ndarray
    # Where each level begins, where the last one ends, and the levels; empty of too few requests.
    borders_s: np.ndarray
    levels_ms: np.ndarray
    # At lags 1, 2, …; empty where the requests are too few, or all alike.
    autocorrelation: np.ndarray

    @property
    def shift(self) -> float:
        """The highest level over the lowest, 1 of a steady launch; NaN of too few requests."""
        return float(self.levels_ms.max() / self.levels_ms.min()) if self.levels_ms.size else np.nan


def sequence_of(ended_s: np.ndarray, response_ms: np.ndarray) -> Sequence:
    """The sequence of these requests, in whichever order they are given."""
    order = np.argsort(ended_s, kind="stable")
    ended_s, response_ms = ended_s[order], response_ms[order]
    count = len(order)
    borders_s, levels_ms = np.empty(0), np.empty(0)
    if count >= LEVELS_EACH * FEWEST_OF_LEVEL:
        begins = np.arange(LEVELS_EACH) * count // LEVELS_EACH
        levels_ms = _medians(response_ms, begins)
        borders_s = ended_s[[*begins, count - 1]]
    starts = np.arange(min(MOST_POINTS, count)) * count // max(1, min(MOST_POINTS, count))
    return Sequence(
        requests=count,
        ended_s=ended_s[starts],
        response_ms=_medians(response_ms, starts),
        borders_s=borders_s,
        levels_ms=levels_ms,
        autocorrelation=autocorrelation_of(np.log(response_ms), MOST_LAGS),
    )


def _medians(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The medians of the runs of values that begin at `starts`, all at once."""
    ends = np.append(starts[1:], len(values))
    runs = np.repeat(np.arange(len(starts)), ends - starts)
    ordered = values[np.lexsort((values, runs))]
    return (ordered[(starts + ends - 1) // 2] + ordered[(starts + ends) // 2]) / 2


def autocorrelation_of(values: np.ndarray, lags: int) -> np.ndarray:
    """
    The autocorrelation of `values` at lags 1 to `lags`, by the estimator whose sum is divided by
    the number of values at every lag (Box, Jenkins and Reinsel, Time Series Analysis, 2.1.5).
    Empty where fewer than four times as many values do not carry it, or they are all alike.
    """
    if len(values) < 4 * lags:
        return np.empty(0)
    deviations = values - values.mean()
    # Padded, so that the end does not meet the beginning.
    power = abs(np.fft.rfft(deviations, 2 * len(values))) ** 2
    sums = np.fft.irfft(power)[: lags + 1]
    return sums[1:] / sums[0] if sums[0] > 1e-12 * len(values) else np.empty(0)
