"""Response times under a rate that changes within the measured time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    computing,
    conditions_of,
    cores_of_workers,
    headings_of,
    lines_of,
    panels_of,
    per_cell,
    with_lines,
)
from enxame_figures.estimates import columns_of, mean_over_launches, summarise
from enxame_figures.in_time import TAILS, arrivals_in_time, measured_arrivals, tails_of
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

CONSTANT = "constant"
PARTS = 20
SHARES = ["refused_share", "failed_share", "unfinished_share"]
NOT_SERVED = "not_served_share"
# One line style for each percentile.
LOOKS = {
    "median_response_ms": {},
    "p99_response_ms": {"linestyle": (0, (4, 1.5)), "linewidth": 1.0},
    "p999_response_ms": {"linestyle": (0, (1, 1.3)), "linewidth": 1.0},
}
HEADINGS = {
    "launches": "launches",
    "median_response_ms": "median response (ms)",
    "p99_response_ms": "p99 response (ms)",
    "p999_response_ms": "p99.9 response (ms)",
    "goodput_per_s": "goodput (1/s)",
    "refused_share": "refused, share",
    "failed_share": "failed, share",
    "unfinished_share": "unfinished, share",
}


def draw_bursts(run: Run) -> Drawing:
    """Percentiles of the response time, what was offered, and what was not served, in time."""
    schedule = run.experiment["load"].get("schedule", CONSTANT)
    if schedule == CONSTANT:
        raise NotForThisRun("The rate of the load does not change.")
    trials = with_lines(run, run.valid)
    cells = per_cell(run, trials, lambda launches: _in_time(run, launches))
    panels = panels_of(run, cells, None)
    looks = style.styles_of(lines_of(cells))
    figure, axes = style.panel_grid(len(panels), rows=3, height_in=1.35)
    for panel, (response, offered, lost) in zip(panels, axes):
        for _, cell in panel.rows.iterrows():
            look = looks[cell["line"]] | {"marker": ""}
            _draw_cell(response, offered, lost, cell, look)
        _finish(response, panel.rows)
        style.say_if_bare(response)
        style.finish(response, panel.title, "", "response time (ms)")
        style.finish(offered, "", "", "offered (1/s)")
        lost.set_ylim(0, 1.02)
        style.finish(lost, "", "time (s)", "not served, share")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="bursts",
        title="Response time as the load rises and falls",
        caption=(
            f"Arrivals follow {schedule} in multiples of the offered rate. Median (solid), 99th "
            "(dashed) and 99.9th percentile (dotted) of the response time of the requests that "
            f"arrived in each of {PARTS} parts of the measured time, from their scheduled start; "
            "the median over launches, drawn where every launch has enough requests. Not served: "
            "requests that failed, refused ones among them, or that were given up. The table is "
            "over the whole measured time."
            + style.oversubscribed(cores_of_workers(run, cells), computing(cells)["workers"])
        ),
        figure=figure,
        shown={"bursts": _table(run)},
    )


def _in_time(run: Run, launches: pd.DataFrame) -> dict:
    """Of a cell, the medians over launches of each part of the measured time."""
    each = [arrivals_in_time(run, trial, PARTS) for _, trial in launches.iterrows()]
    names = [*TAILS, "offered_per_s", "failed_share", "unfinished_share"]
    over = {name: np.median([part[name] for part in each], axis=0) for name in names}
    over[NOT_SERVED] = over.pop("failed_share") + over.pop("unfinished_share")
    measured_s = launches["results.measured_s"].mean()
    middles_s = (np.arange(PARTS) + 0.5) / PARTS * measured_s
    return {"at_s": middles_s, "measured_s": measured_s, **over}


def _draw_cell(response: Axes, offered: Axes, lost: Axes, cell: pd.Series, look: dict) -> None:
    for measure, change in LOOKS.items():
        if np.isnan(cell[measure]).all():
            continue
        label = {"label": str(cell["line"])} if not change else {}
        response.plot(cell["at_s"], cell[measure], **look | change | label)
    lost.plot(cell["at_s"], cell[NOT_SERVED], **look | {"label": str(cell["line"])})
    # The same for every system.
    grey = {"color": "0.5", "linewidth": 1.0, "label": "offered"}
    offered.plot(cell["at_s"], cell["offered_per_s"], **grey)
    offered.set_ylim(bottom=0)
    for axes in (response, offered, lost):
        axes.set_xlim(0, cell["measured_s"])


def _finish(axes: Axes, rows: pd.DataFrame) -> None:
    values = [np.concatenate(rows[measure].to_list()) for measure in LOOKS]
    style.scale_values(axes, np.concatenate(values))


def served_of(run: Run) -> pd.DataFrame:
    """
    Per cell, over the whole measured time: TAILS of the response times, goodput, and what was not
    served, with intervals.
    """
    trials = with_lines(run, run.valid)

    def whole(trial: pd.Series) -> dict[str, float]:
        arrived = measured_arrivals(run, trial)
        refused = trial.get("results.refused", np.nan)
        shares = {
            "refused_share": 0.0 if pd.isna(refused) else refused / len(arrived),
            "failed_share": (arrived["outcome"] == "error").mean(),
            "unfinished_share": (arrived["outcome"] == "unfinished").mean(),
        }
        return tails_of(arrived) | {"goodput_per_s": trial["results.throughput_per_s"]} | shares

    measured = pd.DataFrame([whole(trial) for _, trial in trials.iterrows()])
    identity = trials[["line", *conditions_of(run)]].reset_index(drop=True)
    return per_cell(run, pd.concat([identity, measured], axis=1), _summarise)


def _table(run: Run) -> Table:
    cells = served_of(run)
    return Table(cells, headings_of(run, cells, ["workers", "n", "rate_per_s"]) | HEADINGS)


def _summarise(launches: pd.DataFrame) -> dict:
    row = summarise(launches, [*TAILS, "goodput_per_s"])
    # A share may be 0, of which no logarithm is.
    for share in SHARES:
        row |= columns_of(share, mean_over_launches(launches[share]))
    return row
