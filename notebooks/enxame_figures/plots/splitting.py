"""How much faster one multiplication becomes when it is split over workers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

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
    varies,
)
from enxame_figures.estimates import columns_of, over_launches, paired_ratio
from enxame_figures.measures import measure_medians
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

MEDIAN = "median_response_ms"
HEADINGS = {
    MEDIAN: "median response (ms)",
    "speed_up": "speed-up",
    "base": "split of the single worker",
    "pairs": "pairs of launches",
}


def draw_splitting(run: Run) -> Drawing:
    """The response time with one worker over that with more, of one request in flight."""
    if run.is_open:
        raise NotForThisRun("The load is open, so requests overlap.")
    split = speed_ups_of(run)
    if split.empty or not varies(split.assign(system=split["line"]), "workers"):
        raise NotForThisRun(
            "No multiplication was split over different numbers of workers with one in flight."
        )
    panels = panels_of(run, split, "workers")
    looks = style.styles_of(lines_of(split))
    figure, axes = style.panel_grid(len(panels), rows=1, height_in=2.1)
    for panel, (axis,) in zip(panels, axes):
        for line, look in looks.items():
            of_line = panel.rows[panel.rows["line"] == line]
            if not of_line.empty:
                style.draw_estimates(axis, of_line, "workers", "speed_up", look | {"label": line})
        _scale(axis, panel.rows)
        style.mark_cores(axis, cores_of_workers(run, panel.rows), computing(panel.rows)["workers"])
        style.finish(axis, panel.title, "workers", "speed-up of one multiplication")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="splitting",
        title="Speed-up of one multiplication split over workers",
        caption=(
            "Median response time with one worker divided by that with several, each of which "
            "computes its part of the same multiplication, paired by launch. One request is in "
            "flight at a time, so only the split can make it faster. The grey line is linear "
            "speed-up."
            + style.oversubscribed(cores_of_workers(run, split), computing(split)["workers"])
        ),
        figure=figure,
        shown={
            "splitting": Table(split, headings_of(run, split, ["workers", "n", "split"]) | HEADINGS)
        },
    )


def speed_ups_of(run: Run) -> pd.DataFrame:
    """
    Per cell with a split and one request in flight its median response time, and `speed_up`: that
    of one worker over it in the same launches. `base` says whether that one worker had the whole
    (`none`) or, where this was not measured, the only part of a split.
    """
    launches = measure_medians(run)
    alone = launches[(launches["at_once"] == 1) & (launches["workers"] == 1)]
    others = [name for name in cell_columns(run) if name not in ("workers", "split", "in_flight")]

    def speed_up(cell: pd.DataFrame) -> dict | None:
        kind = cell["split"].iloc[0]
        same = alone.merge(cell[others].drop_duplicates(), on=others)
        base = "none" if (same["split"] == "none").any() else kind
        one = same[same["split"] == base].drop_duplicates("launch").set_index("launch")[MEDIAN]
        many = cell.set_index("launch")[MEDIAN]
        pairs = one.index.intersection(many.index)
        if pairs.empty:
            return None
        row = columns_of(MEDIAN, over_launches(many)) | {"base": base, "pairs": len(pairs)}
        return row | columns_of("speed_up", paired_ratio(many, one))

    split = (launches["at_once"] == 1) & (launches["split"] != "none")
    return per_cell(run, launches[split], speed_up)


def _scale(axis: Axes, rows: pd.DataFrame) -> None:
    """Both ways logarithmic, which makes the ideal a straight line, with room for the slowest."""
    counts = rows["workers"]
    axis.set_xscale("log", base=2)
    axis.set_xlim(0.85, counts.max() * 1.15)
    style.tick_values(axis.xaxis, counts)
    # The ideal leaves the frame: what was reached is to be read.
    most = min(counts.max(), 1.5 * rows["speed_up"].max())
    least = min(1.0, rows["speed_up"].min())
    ends = [1, counts.max()]
    axis.plot(ends, ends, color="0.6", linewidth=0.8, zorder=0, label="ideal")
    axis.set_yscale("log", base=2)
    axis.set_ylim(least / 1.2, most * 1.2)
    powers = 2.0 ** np.arange(-4, 10)
    ticks = np.sort(np.concatenate([powers, 1.5 * powers]))
    style.tick_values(axis.yaxis, ticks[(ticks > least / 1.2) & (ticks < most * 1.2)])
