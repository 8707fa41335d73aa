"""What each system costs relative to another: ratios paired by launch, each with a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    Panel,
    cell_columns,
    computing,
    cores_of_workers,
    counted,
    headings_of,
    lines_of,
    panels_of,
    with_lines,
)
from enxame_figures.estimates import CONFIDENCE, columns_of, estimate_in
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

MEDIAN, MEAN, THROUGHPUT = "response_ratio", "mean_response_ratio", "throughput_ratio"
RATIOS = [MEDIAN, MEAN, THROUGHPUT]
HEADINGS = {
    MEDIAN: "median response, ratio",
    MEAN: "mean response, ratio",
    THROUGHPUT: "throughput, ratio",
    "verdict": "median response times",
}


def draw_costs(run: Run) -> Drawing:
    """The ratios of response times and throughput to those of the system of comparison."""
    costs = costs_of(run)
    costs = costs[costs[RATIOS].notna().any(axis=1)]
    if costs.empty:
        raise NotForThisRun("No two systems were measured under the same conditions.")
    over = compared_with(run)
    x = next((axis for axis in counted(run) if costs[axis].nunique() > 1), "workers")
    panels = panels_of(run, costs, x)
    order = lines_of(with_lines(run, run.valid))
    looks = style.styles_of(order)
    figure, axes = style.panel_grid(len(panels), rows=2, height_in=1.75)
    for panel, (response, throughput) in zip(panels, axes):
        for line in lines_of(panel.rows):
            of_line = panel.rows[panel.rows["line"] == line]
            look = looks[line] | {"label": line}
            style.draw_estimates(response, of_line, x, MEDIAN, look)
            style.draw_quietly(response, of_line, x, MEAN, look)
            style.draw_estimates(throughput, of_line, x, THROUGHPUT, look)
        _finish(response, panel, x, cores_of_workers(run, panel.rows), [MEDIAN, MEAN])
        style.finish(response, panel.title, "", f"response time, × {over}")
        _finish(throughput, panel, x, cores_of_workers(run, panel.rows), [THROUGHPUT])
        style.finish(throughput, "", run.axes[x].label, f"throughput, × {over}")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="costs",
        title=f"Cost relative to {over}",
        caption=(
            f"Response time (median solid, mean dashed) and {_throughput(run)}, divided by those "
            f"of {over} under the same conditions and paired by launch, so that disturbances "
            "common to both cancel; 1 means no difference. Where workers take turns, the median "
            "may say little of the mean, and the throughput says what is delivered. The verdicts "
            "in the table are those of paired t-tests of the logarithms of the medians at the "
            f"{1 - CONFIDENCE:.0%} level, with Holm's correction over all {len(costs)} rows; "
            "‘unsure’ means that the launches are too few, or vary too much, to decide, and – "
            "that nothing could be tested."
            + style.oversubscribed(cores_of_workers(run, costs), computing(costs)["workers"])
        ),
        figure=figure,
        shown={"costs": Table(costs, headings_of(run, costs) | HEADINGS)},
    )


def _throughput(run: Run) -> str:
    return "goodput, the products that came back in time," if run.is_open else "throughput"


def _finish(axes: Axes, panel: Panel, x: str, cores: int, ratios: list[str]) -> None:
    style.say_if_bare(axes)
    style.scale_counts(axes, panel.rows[x])
    style.scale_values(axes, np.append(panel.rows[ratios].to_numpy(float), 1))
    axes.axhline(1, color="0.5", linewidth=0.8)
    if x == "workers":
        style.mark_cores(axes, cores, computing(panel.rows)[x])


def _told(run: Run) -> list[dict]:
    """Raises NotForThisRun where the harness has made no comparisons."""
    if run.comparisons is None:
        raise NotForThisRun(
            "The systems of this run have not been compared; ./run-experiment report compares them."
        )
    return run.comparisons


def compared_with(run: Run) -> str:
    """The line with which the harness compared the others."""
    over = {told["over"] for told in _told(run)}
    trials = with_lines(run, run.trials)
    return lines_of(trials[trials["cell"].isin(over)])[0]


def costs_of(run: Run) -> pd.DataFrame:
    """
    The harness's comparisons (results/README.md), a row per cell of another line than the one that
    they are over: what tells it apart, RATIOS with intervals, `pairs`, `p` and `verdict`. Raises
    NotForThisRun where it has made none.
    """
    rows = [
        {"cell": told["cell"]}
        | ratios_in(told)
        | {"p": told.get("p", np.nan), "verdict": told.get("verdict")}
        for told in _told(run)
    ]
    cells = with_lines(run, run.valid).drop_duplicates("cell")[["cell", *cell_columns(run)]]
    if not rows:
        return cells.assign(**dict.fromkeys(RATIOS, np.nan))[:0]
    table = cells.merge(pd.DataFrame(rows), on="cell").drop(columns="cell")
    table = table.astype(dict.fromkeys(counted(run), float))
    return table.sort_values(cell_columns(run), ignore_index=True)


def ratios_in(told: dict) -> dict[str, float]:
    """RATIOS with their intervals and `pairs` of an entry of comparisons.json or contrasts.json."""
    row = {"pairs": told["pairs"]}
    for ratio in RATIOS:
        row |= columns_of(ratio, estimate_in(told.get(ratio)))
    return row
