"""What each system costs relative to the first: ratios paired by launch, each with a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    cell_columns,
    computing,
    counted,
    headings_of,
    lines_of,
    panels_of,
    with_lines,
)
from enxame_figures.drawing import Drawing
from enxame_figures.estimates import CONFIDENCE, columns_of, estimate_in
from enxame_figures.run import Run
from enxame_figures.tables import Table

HEADINGS = {
    "response_ratio": "median response, ratio",
    "throughput_ratio": "throughput, ratio",
    "verdict": "response times",
}


def draw_costs(run: Run) -> Drawing:
    """The ratio of median response times to those of the run's first system."""
    costs = costs_of(run)
    if costs.empty:
        raise NotForThisRun("No two systems were measured under the same conditions.")
    trials = with_lines(run, run.valid)
    first, *rest = lines_of(trials)
    x = next((axis for axis in counted(run) if costs[axis].nunique() > 1), "workers")
    panels = panels_of(run, costs, x)
    lines = style.styles_of([first, *rest])
    figure, axes = style.panel_grid(len(panels), rows=1, height_in=1.9)
    for panel, (axis,) in zip(panels, axes):
        for line in rest:
            of_line = panel.rows[panel.rows["line"] == line]
            if not of_line.empty:
                look = lines[line] | {"label": line}
                style.draw_estimates(axis, of_line, x, "response_ratio", look)
        style.scale_counts(axis, panel.rows[x])
        style.scale_values(axis, np.append(panel.rows["response_ratio"].to_numpy(float), 1))
        axis.axhline(1, color="0.5", linewidth=0.8)
        if x == "workers":
            style.mark_cores(axis, run.cores, computing(panel.rows)[x])
        style.finish(axis, panel.title, run.axes[x].label, f"response time, × {first}")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="costs",
        title=f"Cost relative to {first}",
        caption=(
            f"Median response time divided by that of {first} under the same conditions, paired "
            "by launch, so that disturbances common to both cancel; 1 means no difference. The "
            "verdicts in the table are those of paired t-tests of the logarithms at the "
            f"{1 - CONFIDENCE:.0%} level, with Holm's correction over all {len(costs)} rows; "
            "‘unsure’ means that the launches are too few, or vary too much, to decide."
            + style.oversubscribed(run.cores, computing(costs)["workers"])
        ),
        figure=figure,
        shown={"costs": Table(costs, headings_of(run, costs) | HEADINGS)},
    )


def costs_of(run: Run) -> pd.DataFrame:
    """
    The harness's comparisons (results/README.md), a row per cell of another line than the first:
    what tells it apart, `response_ratio` and `throughput_ratio` with intervals, `p`, `verdict`.
    Raises NotForThisRun where it has made none.
    """
    if run.comparisons is None:
        raise NotForThisRun(
            "The systems of this run have not been compared; ./run-experiment report compares them."
        )
    rows = [
        {"cell": told["cell"]}
        | columns_of("response_ratio", estimate_in(told.get("response_ratio")))
        | columns_of("throughput_ratio", estimate_in(told.get("throughput_ratio")))
        | {"p": told.get("p", np.nan), "verdict": told.get("verdict", "–")}
        for told in run.comparisons
    ]
    cells = with_lines(run, run.valid).drop_duplicates("cell")[["cell", *cell_columns(run)]]
    if not rows:
        return cells[:0]
    table = cells.merge(pd.DataFrame(rows), on="cell").drop(columns="cell")
    table = table.astype(dict.fromkeys(counted(run), float))
    return table.sort_values(cell_columns(run), ignore_index=True)
