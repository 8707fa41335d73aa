"""What each trial came to, from its raw samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from enxame_figures.axes import AXES, COUNTED, with_lines
from enxame_figures.estimates import quantiles
from enxame_figures.run import Run, read_samples, samples_of

# In the order of a request's life; `backlog` is of an open load: waiting for a client that is free.
# Older runs have one phase, `transport`, in the place of `dispatch` and `return`.
PHASES = ["backlog", "submit", "queue", "transport", "dispatch"]
PHASES += ["decode", "compute", "encode", "return", "collect"]
# What no phase explains: the response time less all of them.
CLOSURE = "closure"
RESPONSES = {"median_response_ms": 0.5, "p95_response_ms": 0.95, "p99_response_ms": 0.99}
# Of distributions: dense at the top, where they differ; far tails end where the samples do.
LEVELS = np.unique(
    np.concatenate(
        [
            [0.05, 0.25, 0.75, 0.999],
            [*RESPONSES.values()],
            np.linspace(0.002, 0.99, 150),
            1 - np.logspace(-2, -4, 21),
        ]
    ).round(6)
)


@dataclass(frozen=True)
class Reduced:
    """The samples of a trial, as far as figures need them; times in ms."""

    # Of measured requests: those that ended well, and those that an open load gave up.
    finished: int
    unfinished: int
    # Products that came back within the measured time, whichever request asked for them.
    back_in_time: int
    # The same, but each counts with the part of its time that lies within the measured time.
    done_in_time: float
    # Of the measured requests at LEVELS. What was given up counts with the time for which it was
    # waited: to leave it out would flatter a system that was overrun.
    quantiles_ms: np.ndarray
    # Of the same requests, however few they are.
    median_ms: float
    # Means over the measured requests that ended well.
    response_ms: float
    phases_ms: dict[str, float]
    # Median and 99th percentile (of few samples: the largest) of |closure| / response time.
    closure_shares: tuple[float, float]
    # The median; NaN where the samples do not tell it.
    clock_error_ms: float

    def quantile_ms(self, level: float) -> float:
        return float(self.quantiles_ms[np.flatnonzero(np.isclose(LEVELS, level))[0]])


# A run's samples are read once for all of its figures, since that is most of the work.
@lru_cache(maxsize=None)
def reduce_samples(path: Path, sha256: str, warm_up_s: float, measured_s: float) -> Reduced:
    """Reads a trial's samples, whose measured time begins `warm_up_s` after the load."""
    phases = [f"{phase}_ms" for phase in PHASES]
    columns = ["stage", "outcome", "start_ms", "response_ms", *phases]
    columns += ["closure_ms", "clock_error_ms"]
    times, sums, finished, back, done = [], None, 0, 0, 0.0
    closures, errors = [], []
    for samples in read_samples(path, sha256, columns):
        ok = samples["outcome"] == "ok"
        ended_s = (samples["start_ms"] + samples["response_ms"]) / 1000 - warm_up_s
        back += int((ok & (ended_s >= 0) & (ended_s < measured_s)).sum())
        done += _parts_within(samples[ok], ended_s[ok], measured_s)
        measured = samples["stage"] == "measured"
        timed = measured & (ok | (samples["outcome"] == "unfinished"))
        times.append(samples.loc[timed, "response_ms"].to_numpy())
        good = samples[measured & ok]
        finished += len(good)
        closures.append((good["closure_ms"].abs() / good["response_ms"]).to_numpy())
        if "clock_error_ms" in good:
            errors.append(good["clock_error_ms"].dropna().to_numpy())
        added = good[good.columns.intersection(["response_ms", *phases])].sum()
        sums = added if sums is None else sums + added
    response_ms = np.concatenate(times)
    means = sums / finished if finished else sums * np.nan
    return Reduced(
        finished=finished,
        unfinished=len(response_ms) - finished,
        back_in_time=back,
        done_in_time=done,
        quantiles_ms=quantiles(response_ms, LEVELS),
        median_ms=_quantile([response_ms], 0.5),
        response_ms=means["response_ms"],
        phases_ms={p: means[f"{p}_ms"] for p in PHASES if f"{p}_ms" in means},
        closure_shares=(_quantile(closures, 0.5), _quantile(closures, 0.99)),
        clock_error_ms=_quantile(errors, 0.5),
    )


def _parts_within(ended_well: pd.DataFrame, ended_s: pd.Series, measured_s: float) -> float:
    """The sum of the shares of their times that lie between 0 and `measured_s`."""
    lasted_s = ended_well["response_ms"] / 1000
    within_s = ended_s.clip(upper=measured_s) - (ended_s - lasted_s).clip(lower=0)
    return float((within_s.clip(lower=0) / lasted_s).sum())


def _quantile(parts: list[np.ndarray], level: float) -> float:
    values = np.concatenate(parts) if parts else np.empty(0)
    return float(np.quantile(values, level, method="median_unbiased")) if values.size else np.nan


def measure_responses(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `throughput_per_s` of the products, and percentiles of the response time
    in ms, NaN where a trial has too few samples to carry one.
    """

    def measure(trial: pd.Series, samples: Reduced) -> dict[str, float]:
        per_s = samples.finished / trial["results.measured_s"]
        return {"throughput_per_s": per_s} | _percentiles(samples)

    return _measure(run, measure)


def measure_open(run: Run) -> pd.DataFrame:
    """
    A row per valid trial of an open load: percentiles as of `measure_responses`, `unfinished_share`
    of the requests, and `goodput_per_s`, the products that came back within the measured time,
    whichever arrival asked for them. (A request of an open load belongs to the time in which it was
    meant to begin, so that to count those would be to count arrivals.)
    """

    def measure(trial: pd.Series, samples: Reduced) -> dict[str, float]:
        return {
            "unfinished_share": samples.unfinished / (samples.finished + samples.unfinished),
            "goodput_per_s": samples.back_in_time / trial["results.measured_s"],
        } | _percentiles(samples)

    return _measure(run, measure)


def measure_medians(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `median_response_ms` of however few requests, for figures of systems that
    answer few of them in any bearable time: what is not known then, launches differ by.
    """
    return _measure(run, lambda _, samples: {"median_response_ms": samples.median_ms})


def measure_service(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `delivered_per_s`, the products of the measured time, each with the part
    of its own time that lies within it. Whole ones make steps: of tasks of 1 s that all workers
    begin together, 9 s hold 8 or 9 rounds, whatever they really took.
    """
    return _measure(
        run, lambda trial, s: {"delivered_per_s": s.done_in_time / trial["results.measured_s"]}
    )


def measure_distributions(run: Run) -> pd.DataFrame:
    """
    A row per valid trial, and a column for each of LEVELS: that quantile of response time, ms.
    """
    return _measure(run, lambda _, samples: dict(zip(LEVELS, samples.quantiles_ms)))


def measure_phases(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `response_ms`, and the mean of each phase in ms. What no phase explains
    is `closure`, negative where phases overlap; `closure_median` and `closure_p99` are of its
    size's share of the response time, and `clock_error_ms` is by how much dispatch may really be
    longer, and return shorter, or the other way round.
    """

    def measure(_: pd.Series, samples: Reduced) -> dict[str, float]:
        phases = {p: ms for p, ms in samples.phases_ms.items() if run.is_open or p != "backlog"}
        rest = samples.response_ms - sum(phases.values())
        median, p99 = samples.closure_shares
        closure = {CLOSURE: rest, "closure_median": median, "closure_p99": p99}
        error = {"clock_error_ms": samples.clock_error_ms}
        return {"response_ms": samples.response_ms, **phases, **closure, **error}

    return _measure(run, measure)


def _percentiles(samples: Reduced) -> dict[str, float]:
    return {name: samples.quantile_ms(level) for name, level in RESPONSES.items()}


def _measure(run: Run, measure: Callable[[pd.Series, Reduced], dict]) -> pd.DataFrame:
    """`measure` of each valid trial, beside what tells the trial apart."""
    trials = with_lines(run, run.valid)
    measured = []
    for _, trial in trials.iterrows():
        window = trial["results.warm_up_s"], trial["results.measured_s"]
        measured.append(measure(trial, reduce_samples(*samples_of(run, trial), *window)))
    identity = trials[["line", "system", "launch", "at_once", *AXES]].reset_index(drop=True)
    frame = pd.concat([identity, pd.DataFrame(measured)], axis=1)
    return frame.astype({axis: float for axis in COUNTED})
