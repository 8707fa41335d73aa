"""The requests of a trial by when they were, for runs whose measured time is not steady."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from enxame_figures.estimates import quantiles
from enxame_figures.run import Run, samples_of
from enxame_figures.samples import read_samples

TAILS = {"median_response_ms": 0.5, "p99_response_ms": 0.99, "p999_response_ms": 0.999}


def products_per_s(run: Run, trial: pd.Series, parts: int) -> np.ndarray:
    """Right products that came back in each of so many equal parts of the measured time, 1/s."""
    counts = np.zeros(parts)
    for requests in _requests(run, trial):
        ended = requests.assign(at_s=requests["at_s"] + requests["response_ms"] / 1000)
        counts += _counts(ended[ended["outcome"] == "ok"]["at_s"], trial, parts)
    return counts * parts / trial["results.measured_s"]


def waiting_shares(run: Run, trial: pd.Series, parts: int) -> np.ndarray:
    """
    The share of the requests in flight whose task waits in the queue, in the mean over each of so
    many equal parts of the measured time; NaN where none was in flight. A task that is handed out
    again has waited until it was handed out for the last time.
    """
    borders = np.linspace(0, trial["results.measured_s"], parts + 1)
    waiting, in_flight = np.zeros(parts), np.zeros(parts)
    for requests in _requests(run, trial, ["backlog_ms", "submit_ms", "queue_ms"]):
        known = requests.fillna(0)
        queued_at_s = known["at_s"] + (known["backlog_ms"] + known["submit_ms"]) / 1000
        waiting += _times_within(queued_at_s, known["queue_ms"] / 1000, borders)
        in_flight += _times_within(known["at_s"], known["response_ms"] / 1000, borders)
    with np.errstate(invalid="ignore"):
        return waiting / in_flight


def arrivals_in_time(run: Run, trial: pd.Series, parts: int) -> pd.DataFrame:
    """
    A row for each of so many equal parts of the measured time, in order: `offered_per_s` arrivals,
    what became of them as shares, `failed_share` and `unfinished_share`, NaN where there was none,
    and TAILS of the response times of those that did not fail, by the same rules as `Reduced`.
    """
    requests = pd.concat(_requests(run, trial))
    measured_s = trial["results.measured_s"]
    requests["part"] = np.floor(requests["at_s"] / measured_s * parts).astype(int)
    rows = []
    for part in range(parts):
        own = requests[requests["part"] == part]
        rows.append(
            {
                "offered_per_s": len(own) * parts / measured_s,
                "failed_share": _share(own, "error"),
                "unfinished_share": _share(own, "unfinished"),
            }
            | tails_of(own)
        )
    return pd.DataFrame(rows)


def tails_of(requests: pd.DataFrame) -> dict[str, float]:
    """TAILS of the response times of requests that ended well, or that were given up."""
    timed = requests[requests["outcome"].isin(["ok", "unfinished"])]["response_ms"].to_numpy()
    return dict(zip(TAILS, quantiles(timed, [*TAILS.values()])))


def measured_arrivals(run: Run, trial: pd.Series) -> pd.DataFrame:
    """`outcome` and `response_ms` of what arrived in the measured time of an open load."""
    requests = pd.concat(_requests(run, trial))
    within = (requests["at_s"] >= 0) & (requests["at_s"] < trial["results.measured_s"])
    return requests[within]


def _requests(run: Run, trial: pd.Series, more: Iterable[str] = ()) -> Iterator[pd.DataFrame]:
    """With `at_s`: when each began, since the measured time did; and `more` columns."""
    columns = ["outcome", "start_ms", "response_ms", *more]
    for samples in read_samples(*samples_of(run, trial), columns):
        yield samples.assign(at_s=samples["start_ms"] / 1000 - trial["results.warm_up_s"])


def _times_within(begins_s: pd.Series, lasts_s: pd.Series, borders_s: np.ndarray) -> np.ndarray:
    """The time of all these that lies between each border and the next, in s."""
    begins, lasts = begins_s.to_numpy(), lasts_s.to_numpy()
    return np.diff([np.clip(border - begins, 0, lasts).sum() for border in borders_s])


def _counts(at_s: pd.Series, trial: pd.Series, parts: int) -> np.ndarray:
    return np.histogram(at_s, bins=parts, range=(0, trial["results.measured_s"]))[0]


def _share(requests: pd.DataFrame, outcome: str) -> float:
    return float((requests["outcome"] == outcome).mean()) if len(requests) else np.nan
