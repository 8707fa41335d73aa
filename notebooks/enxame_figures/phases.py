"""The mean phases of each cell, as times and as shares, and how exact both are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enxame_figures.axes import per_cell
from enxame_figures.estimates import Estimate, columns_of, mean_over_launches
from enxame_figures.run import Run
from enxame_figures.samples import PHASES, UNACCOUNTED

# Those that end or begin at an instant of another process's clock: its worker's, and that of the
# process through which the task passes on its way.
BY_WORKERS_CLOCK = ("dispatch", "return")
BY_RELAYS_CLOCK = ("submit", "collect")
ERRORS = {
    "unaccounted_median": "unaccounted, median (% of response)",
    "unaccounted_p99": "unaccounted, p99 (% of response)",
    "clock_error_ms": "clock error (± ms)",
}


def parts_in(cells: pd.DataFrame) -> list[str]:
    """The phases that these cells have, in their order, and the unaccounted time."""
    return [name for name in [*PHASES, UNACCOUNTED] if name in cells]


def share(phase: str) -> str:
    """The column with a phase's share."""
    return f"{phase}_share"


def means_of(run: Run, launches: pd.DataFrame) -> pd.DataFrame:
    """
    Per cell the means over launches of `response_ms`, of each phase in ms, and of its share of the
    response time in %, with intervals; of the errors; and `relayed`. The means are arithmetic, so
    that those of the phases add up. The interval of what depends on an estimate of the offset
    between two clocks is that over launches, made wider by the error of that estimate either way.
    """
    parts = parts_in(launches)

    def means(cell: pd.DataFrame) -> dict:
        response_ms, error_ms = cell["response_ms"], cell["clock_error_ms"].fillna(0)
        relayed = bool(cell["relayed"].iloc[0])
        row: dict[str, float] = {"launches": len(cell), "relayed": relayed}
        row |= columns_of("response_ms", mean_over_launches(response_ms))
        for part in parts:
            depends = part in BY_WORKERS_CLOCK or (relayed and part in BY_RELAYS_CLOCK)
            time_ms = mean_over_launches(cell[part])
            part_share = mean_over_launches(100 * cell[part] / response_ms)
            row |= columns_of(part, _wider(time_ms, depends * error_ms.mean()))
            error = depends * 100 * (error_ms / response_ms).mean()
            row |= columns_of(share(part), _wider(part_share, error))
        return row | cell[list(ERRORS)].mean().to_dict()

    return per_cell(run, launches, means)


def _wider(estimate: Estimate, error: float) -> Estimate:
    """The estimate of what is wrong by `error` at most, whichever launches there are."""
    if not error:
        return estimate
    low, high = np.nan_to_num([estimate.low, estimate.high], nan=estimate.value)
    return Estimate(estimate.value, float(low - error), float(high + error))
