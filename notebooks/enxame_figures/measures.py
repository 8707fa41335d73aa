"""What each trial came to, from its raw samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from enxame_figures.axes import AXES, with_lines
from enxame_figures.estimates import quantiles
from enxame_figures.run import Run, read_samples, samples_of

# In the order of a request's life; `backlog` is of an open load: waiting for a client that is free.
# `transport` is dispatch and return in runs of schema version 2, which did not tell them apart.
PHASES = [
    "backlog",
    "submit",
    "queue",
    "transport",
    "dispatch",
    "decode",
    "compute",
    "encode",
    "return",
    "collect",
]
UNEXPLAINED = "unexplained"
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
    # Of the measured requests at LEVELS. What was given up counts with the time for which it was
    # waited: to leave it out would flatter a system that was overrun.
    quantiles_ms: np.ndarray
    # Means over the measured requests that ended well.
    response_ms: float
    phases_ms: dict[str, float]

    def quantile_ms(self, level: float) -> float:
        return float(self.quantiles_ms[np.flatnonzero(np.isclose(LEVELS, level))[0]])


# A run's samples are read once for all of its figures, since that is most of the work.
@lru_cache(maxsize=None)
def reduce_samples(path: Path, sha256: str, warm_up_s: float, measured_s: float) -> Reduced:
    """Reads a trial's samples, whose measured time begins `warm_up_s` after the load."""
    phases = [f"{phase}_ms" for phase in PHASES]
    columns = ["stage", "outcome", "start_ms", "response_ms", *phases]
    times, sums, finished, back = [], None, 0, 0
    for samples in read_samples(path, sha256, columns):
        ok = samples["outcome"] == "ok"
        ended_s = (samples["start_ms"] + samples["response_ms"]) / 1000 - warm_up_s
        back += int((ok & (ended_s >= 0) & (ended_s < measured_s)).sum())
        measured = samples["stage"] == "measured"
        timed = measured & (ok | (samples["outcome"] == "unfinished"))
        times.append(samples.loc[timed, "response_ms"].to_numpy())
        good = samples.loc[measured & ok, samples.columns.intersection(["response_ms", *phases])]
        finished += len(good)
        sums = good.sum() if sums is None else sums + good.sum()
    response_ms = np.concatenate(times)
    means = sums / finished if finished else sums * np.nan
    return Reduced(
        finished=finished,
        unfinished=len(response_ms) - finished,
        back_in_time=back,
        quantiles_ms=quantiles(response_ms, LEVELS),
        response_ms=means["response_ms"],
        phases_ms={p: means[f"{p}_ms"] for p in PHASES if f"{p}_ms" in means},
    )


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


def measure_distributions(run: Run) -> pd.DataFrame:
    """
    A row per valid trial, and a column for each of LEVELS: that quantile of response time, ms.
    """
    return _measure(run, lambda _, samples: dict(zip(LEVELS, samples.quantiles_ms)))


def measure_phases(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `response_ms`, and the mean of each phase in ms. What no phase explains
    is `unexplained`, negative where phases overlap.
    """

    def measure(_: pd.Series, samples: Reduced) -> dict[str, float]:
        phases = {p: ms for p, ms in samples.phases_ms.items() if run.is_open or p != "backlog"}
        rest = samples.response_ms - sum(phases.values())
        return {"response_ms": samples.response_ms, **phases, UNEXPLAINED: rest}

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
    identity = trials[["line", "system", "launch", *AXES]].reset_index(drop=True)
    frame = pd.concat([identity, pd.DataFrame(measured)], axis=1)
    return frame.astype({axis: float for axis in AXES})
