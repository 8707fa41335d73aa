"""What each system costs against the first one: ratios paired by launch, with a verdict on each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enxame_figures import style
from enxame_figures.axes import (
    AXES,
    COUNTED,
    NotForThisRun,
    computing,
    headings_of,
    lines_of,
    panels_of,
    per_cell,
)
from enxame_figures.drawing import Drawing
from enxame_figures.estimates import CONFIDENCE, columns_of, holm, p_of_difference, paired_ratio
from enxame_figures.measures import measure_responses
from enxame_figures.run import Run
from enxame_figures.tables import Table

HEADINGS = {
    "response_ratio": "median response, ratio",
    "throughput_ratio": "throughput, ratio",
    "verdict": "response times",
}


def draw_costs(run: Run) -> Drawing:
    """The ratio of median response times to those of the run's first system."""
    launches = measure_responses(run)
    first, *rest = lines_of(launches)
    costs = costs_of(launches, first) if rest else pd.DataFrame()
    if costs.empty:
        raise NotForThisRun("No two systems were measured alike, so there is nothing to compare.")
    x = next((axis for axis in COUNTED if costs[axis].nunique() > 1), "workers")
    panels = panels_of(costs, x, run.cores)
    lines = style.styles_of(lines_of(launches))
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
        style.finish(axis, panel.title, AXES[x], f"response time, × {first}")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="costs",
        title=f"The cost over {first}",
        caption=(
            f"Median response time over that of {first} under the same conditions, paired by "
            "launch, so that what slowed both cancels; 1 is no difference. The table's verdict is "
            f"that of a paired t-test of the logarithms at {1 - CONFIDENCE:.0%}, corrected over "
            f"all {len(costs)} rows (Holm); ‘unsure’ means that the launches are too few or too "
            "different to say." + style.time_slicing(run.cores, computing(costs)["workers"])
        ),
        figure=figure,
        shown={"costs": Table(costs, headings_of(costs) | HEADINGS)},
    )


def costs_of(launches: pd.DataFrame, first: str) -> pd.DataFrame:
    """
    Per cell of the other lines: `response_ratio` and `throughput_ratio` to `first` in the same
    launches, with intervals, and the `verdict` on the former.
    """
    axes = list(AXES)
    of_first = launches[launches["line"] == first]

    def cost(cell: pd.DataFrame) -> dict | None:
        same = of_first.merge(cell[axes].drop_duplicates(), on=axes)
        if cell["line"].iloc[0] == first or same.empty:
            return None
        before, after = same.set_index("launch"), cell.set_index("launch")
        response, throughput = (
            (before[measure], after[measure])
            for measure in ("median_response_ms", "throughput_per_s")
        )
        ratios = columns_of("response_ratio", paired_ratio(*response))
        ratios |= columns_of("throughput_ratio", paired_ratio(*throughput))
        return ratios | {"p": p_of_difference(*response)}

    table = per_cell(launches, cost)
    if table.empty:
        return table
    table["p"] = holm(table["p"])
    return table.assign(verdict=list(map(_verdict, table["response_ratio"], table["p"])))


def _verdict(ratio: float, p: float) -> str:
    if not p < 1 - CONFIDENCE:
        return "unsure"
    return "slower" if ratio > 1 else "faster"
