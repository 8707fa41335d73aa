"""Speed-up and efficiency, with the laws of fits.py."""

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
    headings_of,
    lines_of,
    panels_of,
    per_cell,
    varies,
)
from enxame_figures.estimates import Estimate, columns_of, paired_ratio
from enxame_figures.measures import measure_responses
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.plots.fits import AMDAHL, PARAMETERS, USL, Fit, TooFewWorkerCounts, fit_law
from enxame_figures.run import Run

# How far beyond the most workers that were measured the laws are drawn.
EXTRAPOLATION = 2
WITHIN, OVER_ALL = "within the cores", "all"
# Law and range → how its curve looks; those of a range that is not drawn are only in the table.
CURVES = {
    (USL, OVER_ALL): {"linestyle": "-", "linewidth": 1.0},
    (AMDAHL, OVER_ALL): {"linestyle": (0, (5, 1.5)), "linewidth": 0.9},
    (AMDAHL, WITHIN): {"linestyle": (0, (1, 1.3)), "linewidth": 1.1},
}
SPEED_UPS = {
    "pairs": "pairs of launches",
    "speed_up": "speed-up",
    "efficiency": "efficiency",
}
FITS = {
    "line": "system",
    "panel": "panel",
    "law": "law",
    "range": "worker counts",
    "counts": "fitted to",
    "throughput_1_per_s": "X(1) (1/s)",
    "serial": "serial share",
    "crosstalk": "crosstalk",
    "peak": "peak at (workers)",
    "r_squared": "R²",
    "deviation": "deviation",
}


def draw_speed_up(run: Run) -> Drawing:
    """Two axes per line and panel: throughput over that of one worker, and that per worker."""
    if run.is_open:
        raise NotForThisRun("The load is open, so throughput is the offered rate.")
    if not varies(run.valid, "workers"):
        raise NotForThisRun("Only one number of workers was measured.")
    launches = measure_responses(run)
    launches = launches[launches["split"] == "none"]
    if launches.empty:
        raise NotForThisRun("Every multiplication was split; see the figure `splitting`.")
    launches = launches[launches["throughput_per_s"].notna()]
    if launches.empty:
        raise NotForThisRun("The load is jittered, and systems that poll have no throughput then.")
    speed_ups = speed_ups_of(run, launches)
    launches = launches[launches["line"].isin(speed_ups["line"])]
    if not varies(launches, "workers"):
        raise NotForThisRun("No system has valid launches both with one worker and with more.")
    panels = [
        Panel(" ".join(filter(None, [line, panel.title and f"({panel.title})"])), rows)
        for panel in panels_of(run, launches, "workers")
        for line in lines_of(launches)
        if not (rows := panel.rows[panel.rows["line"] == line]).empty
    ]
    styles = style.styles_of(lines_of(launches))
    # Workers that wait need no cores.
    cores = [
        np.inf if computing(panel.rows).empty else cores_of_workers(run, panel.rows)
        for panel in panels
    ]
    fits = {panel.title: fits_of(panel.rows, c) for panel, c in zip(panels, cores)}
    columns = cell_columns(run)
    figure, axes = style.panel_grid(len(panels), rows=2, height_in=1.65)
    for panel, own_cores, (above, below) in zip(panels, cores, axes):
        measured = speed_ups.merge(panel.rows[columns].drop_duplicates(), on=columns)
        look = styles[panel.rows["line"].iloc[0]] | {"linestyle": "none"}
        found = fits[panel.title]
        _draw(above, measured, "speed_up", look, found, own_cores)
        style.finish(above, panel.title, "", "speed-up")
        _draw(below, measured, "efficiency", look, found, own_cores)
        style.finish(below, "", "workers", "efficiency")
    style.legend(figure, style.entries(axes.flat, neutral=True))
    return Drawing(
        name="speed-up",
        title="Speed-up and efficiency, with Amdahl's law and the Universal Scalability Law",
        caption=_caption(run, launches),
        figure=figure,
        shown={
            "speed-up": Table(speed_ups, headings_of(run, speed_ups, ["workers", "n"]) | SPEED_UPS),
            "fits": Table(_fit_table(panels, fits), FITS),
        },
    )


def speed_ups_of(run: Run, launches: pd.DataFrame) -> pd.DataFrame:
    """
    Per cell the throughput over that of one worker of the same line in the same launch
    (`speed_up`), that per worker (`efficiency`), each with its interval, and the `pairs` of
    launches behind it.
    """
    others = [column for column in cell_columns(run) if column != "workers"]
    alone = launches[launches["workers"] == 1]

    def speed_up(cell: pd.DataFrame) -> dict | None:
        same = alone.merge(cell[others].drop_duplicates(), on=others)
        if same.empty:
            return None
        one, many = (side.set_index("launch")["throughput_per_s"] for side in (same, cell))
        ratio, count = paired_ratio(one, many), cell["workers"].iloc[0]
        share = Estimate(ratio.value / count, ratio.low / count, ratio.high / count)
        pairs = {"pairs": len(one.index.intersection(many.index))}
        return pairs | columns_of("speed_up", ratio) | columns_of("efficiency", share)

    return per_cell(run, launches, speed_up)


def fits_of(launches: pd.DataFrame, cores: float) -> dict[tuple[str, str], Fit]:
    """
    Both laws, over all worker counts and over those within the cores, as far as there are enough.
    """
    ranges = {OVER_ALL: launches}
    if launches["workers"].max() > cores:
        ranges[WITHIN] = launches[launches["workers"] <= cores]
    fits = {}
    for span, chosen in ranges.items():
        for law in PARAMETERS:
            try:
                fits[law, span] = fit_law(law, chosen)
            except TooFewWorkerCounts:
                continue
    return fits


def _draw(axes: Axes, measured: pd.DataFrame, y: str, look: dict, fits: dict, cores: float) -> None:
    most = measured["workers"].max()
    reach = np.geomspace(1, most * EXTRAPOLATION, 200)
    each = reach if y == "efficiency" else 1.0
    style.draw_estimates(axes, measured, "workers", y, look | {"label": "measured", "zorder": 3})
    axes.plot(reach, reach / each, color="0.6", linewidth=0.7, label="linear")
    for (law, span), curve in CURVES.items():
        if (law, span) not in fits:
            continue
        fit = fits[law, span]
        colour = "0.25" if span == WITHIN else look["color"]
        name = f"{law} ({span})" if span == WITHIN else law
        axes.plot(reach, fit.speed_up(reach) / each, color=colour, label=name, **curve)
        if (law, span) == (USL, OVER_ALL):
            low, high = (bound / each for bound in fit.speed_up_band(reach))
            axes.fill_between(reach, low, high, color=colour, alpha=0.18, linewidth=0)
    _scale(axes, measured, y, reach[-1])
    _mark_extrapolation(axes, most)
    style.mark_cores(axes, cores, measured["workers"])


def _scale(axes: Axes, measured: pd.DataFrame, y: str, end: float) -> None:
    """Both ways logarithmic, which makes linear speed-up a straight line; efficiency from zero."""
    counts = 2.0 ** np.arange(0, np.log2(end) + 1e-9)
    axes.set_xscale("log", base=2)
    axes.set_xlim(0.88, end)
    style.tick_values(axes.xaxis, counts)
    # Of the values: an interval of few launches may reach anywhere, and is cut at the frame.
    least, most = measured[y].min(), measured[y].max()
    if y == "efficiency":
        axes.set_ylim(0, max(1.25, most * 1.15))
        return
    axes.set_yscale("log", base=2)
    axes.set_ylim(min(1.0, least) / 1.3, max(end, most) * 1.25)
    style.tick_values(axes.yaxis, counts)


def _mark_extrapolation(axes: Axes, most: float) -> None:
    """Hatched, since grey ground already says oversubscribed."""
    hatch = {"facecolor": "none", "edgecolor": "0.8", "hatch": "////", "linewidth": 0}
    axes.axvspan(most, axes.get_xlim()[1], zorder=0, **hatch)
    place = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "ha": "right",
        "va": "bottom",
    }
    axes.annotate("extrapolated", (1, 0), (-2, 2), fontsize=style.NOTE_PT, color="0.3", **place)


def _fit_table(panels: list[Panel], fits: dict) -> pd.DataFrame:
    rows = []
    for panel in panels:
        for (law, span), fit in fits[panel.title].items():
            row = {"line": panel.rows["line"].iloc[0], "panel": panel.title, "law": law}
            row |= {"range": span, "counts": ", ".join(f"{count:g}" for count in fit.workers)}
            for name in ["throughput_1_per_s", "serial", "crosstalk"]:
                estimate = fit.parameters.get(name)
                if estimate is not None:
                    row |= columns_of(name, estimate)
            peak = "none" if np.isinf(fit.peak_workers) else f"{fit.peak_workers:.3g}"
            rows.append(
                row | {"peak": peak, "r_squared": fit.r_squared, "deviation": fit.deviation}
            )
    return pd.DataFrame(rows).reindex(columns=list(dict.fromkeys([*FITS, *_bounds()])))


def _bounds() -> list[str]:
    names = ["throughput_1_per_s", "serial", "crosstalk"]
    return [f"{name}_{end}" for name in names for end in ("low", "high")]


def _caption(run: Run, launches: pd.DataFrame) -> str:
    text = (
        "Speed-up is throughput divided by that of one worker of the same system in the same "
        "launch; efficiency is speed-up per worker (points, with intervals). Curves: Amdahl's law "
        "and the Universal Scalability Law (USL), fitted to all launches; the band is the "
        "pointwise 95 % interval of the USL, from a bootstrap over launches. Beyond the largest "
        "measured number of workers (hatched) the curves are extrapolated: they hold only if no "
        "other limit is reached."
    )
    launches = computing(launches)
    cores = cores_of_workers(run, launches)
    if (launches["workers"] > cores).any():
        text += style.oversubscribed(cores, launches["workers"]) + (
            " Both laws are about processors, so a fit over all worker counts describes this "
            "machine and its scheduler; the fit within the cores (dotted) predicts what more "
            "cores would bring."
        )
        counts = launches.loc[launches["workers"] <= cores, "workers"].nunique()
        if counts < 3:
            text += (
                f" It rests on {counts} worker count{'s' if counts > 1 else ''}, so its quality "
                "cannot be judged: a law with as many parameters as points fits all of them "
                "exactly."
            )
    return text
