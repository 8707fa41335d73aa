"""How fast each engine computes, and how it compares with the one that the question names."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    cell_columns,
    computing,
    cores_of_workers,
    headings_of,
    lines_of,
    panels_of,
    per_cell,
)
from enxame_figures.estimates import columns_of, paired_ratio, summarise
from enxame_figures.measures import measure_phases
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.plots.costs import compared_with
from enxame_figures.run import Run

# Two are one choice among others, which the contrasts show.
FEWEST_ENGINES = 3
# Of n, in milliseconds.
GFLOP_MS = 2e-6


def draw_engines(run: Run) -> Drawing:
    """Operations per second of the compute phase above, and the ratio below, against n."""
    cells, over = rates_of(run)
    panels = panels_of(run, cells, "n")
    looks = style.styles_of(lines_of(cells))
    figure, axes = style.panel_grid(len(panels), rows=2, height_in=1.75)
    for panel, (rates, ratios) in zip(panels, axes):
        for line, look in looks.items():
            rows = panel.rows[panel.rows["line"] == line]
            style.draw_estimates(rates, rows, "n", "gflops", look | {"label": line})
            style.draw_estimates(ratios, rows, "n", "ratio", look | {"label": line})
        for axis, measure in ((rates, "gflops"), (ratios, "ratio")):
            style.say_if_bare(axis)
            style.scale_counts(axis, panel.rows["n"])
            style.scale_values(axis, panel.rows[[measure]].to_numpy(float))
        style.finish(rates, panel.title, "", "GFLOP/s")
        style.finish(ratios, "", run.axes["n"].label, f"ratio to {over}")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="engines",
        title="How fast each engine computes",
        caption=(
            "Above: operations per second within the multiply loop, 2n³ for each multiplication "
            "over the mean compute phase, so that nothing of what matrices take to travel is in "
            f"it. Below: the same over that of {over} with as many workers, paired by launch. "
            "Points have their intervals over launches."
            + style.oversubscribed(cores_of_workers(run, cells), computing(cells)["workers"])
        ),
        figure=figure,
        shown={
            "engines": Table(
                cells,
                headings_of(run, cells, ["n"])
                | {"launches": "launches", "gflops": "GFLOP/s", "ratio": f"over {over}"},
            )
        },
    )


def rates_of(run: Run) -> tuple[pd.DataFrame, str]:
    """
    Per cell the operations per second while computing (`gflops`, 10⁹/s of one multiplication), and
    their `ratio` to those of the line that is returned with them, under the same conditions and
    paired by launch; each with its interval, NaN where there is none. Raises NotForThisRun.
    """
    if run.valid["engine"].nunique() < FEWEST_ENGINES:
        raise NotForThisRun(f"Fewer than {FEWEST_ENGINES} engines were measured.")
    launches = computing(measure_phases(run))
    launches = launches[launches["split"] == "none"]
    if launches.empty:
        raise NotForThisRun("Every task was held or split, so that no engine was left to itself.")
    if run.comparisons == []:
        raise NotForThisRun(
            "The system of comparison has no valid trial under the same conditions."
        )
    over = compared_with(run)
    launches = launches.assign(gflops=GFLOP_MS * launches["n"] ** 3 / launches["compute"])
    conditions = [column for column in cell_columns(run) if column != "line"]
    base = launches[launches["line"] == over]

    def rate(cell: pd.DataFrame) -> dict:
        same = base.merge(cell[conditions].drop_duplicates(), on=conditions)
        own, theirs = (rows.set_index("launch")["gflops"] for rows in (cell, same))
        ratio = {"ratio": np.nan, "ratio_low": np.nan, "ratio_high": np.nan}
        if not same.empty:
            ratio = columns_of("ratio", paired_ratio(theirs, own))
        return summarise(cell, ["gflops"]) | ratio

    return per_cell(run, launches, rate), over
