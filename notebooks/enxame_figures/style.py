"""How figures look: sizes for print, colours, and what all axes share.

Figures are drawn at the size at which they are printed, one column or the whole width of a page of
two columns, so that 7 pt on the screen are 7 pt on paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

COLUMN_IN = 3.35
PAGE_IN = 7.0
MOST_COLUMNS = 3

TITLE_PT = 7.5
LABEL_PT = 7.0
NOTE_PT = 6.0
GREY = "0.35"

# Colours that the colour-blind can tell apart (Okabe and Ito, https://jfly.uni-koeln.de/color/),
# each with a marker of its own for print without colour. Yellow is left out: it is too faint on
# white.
STYLES = [
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "D"),
    ("#E69F00", "v"),
    ("#56B4E9", "P"),
    ("#000000", "X"),
]
DASHES = ["-", (0, (4, 1.2)), (0, (1, 1.2))]


def styles_of(lines: Iterable[str]) -> dict[str, dict]:
    """
    What Axes.plot draws each line with; more lines than colours differ in their dashes.
    """
    styles: dict[str, dict] = {}
    for i, line in enumerate(lines):
        colour, marker = STYLES[i % len(STYLES)]
        dashes = DASHES[i // len(STYLES) % len(DASHES)]
        styles[line] = {"color": colour, "marker": marker, "linestyle": dashes}
        styles[line] |= {"markersize": 3.6, "linewidth": 1.2}
    return styles


def panel_grid(
    panels: int, rows: int, height_in: float, most_columns: int = MOST_COLUMNS
) -> tuple[Figure, np.ndarray]:
    """
    A figure, and axes of shape `panels × rows`: each panel is `rows` axes, one below the other, of
    `height_in` inches. One panel takes a column of the page, more take its whole width.
    """
    stacks = -(-panels // most_columns)
    columns = -(-panels // stacks)  # as even as can be: four panels as two by two
    width = COLUMN_IN if columns == 1 else PAGE_IN
    figure = Figure(figsize=(width, stacks * rows * height_in + 0.75), layout="constrained")
    grid = figure.subplots(stacks * rows, columns, squeeze=False)
    axes = [
        [grid[(panel // columns) * rows + row, panel % columns] for row in range(rows)]
        for panel in range(panels)
    ]
    for empty in range(panels, stacks * columns):
        for row in range(rows):
            grid[(empty // columns) * rows + row, empty % columns].set_axis_off()
    return figure, np.array(axes, dtype=object)


def wide_pair(height_in: float) -> tuple[Figure, np.ndarray]:
    """One panel of two axes of `height_in` inches, one beside the other, as wide as the page."""
    figure = Figure(figsize=(PAGE_IN, height_in + 0.75), layout="constrained")
    return figure, figure.subplots(1, 2, squeeze=False)


def finish(axes: Axes, title: str, x: str, y: str) -> None:
    """Titles and frame, the same for every axes."""
    # At its place, which matplotlib would else look for at every turn.
    axes.set_title(title, fontsize=TITLE_PT, loc="left", y=1.0)
    axes.set_xlabel(x, fontsize=LABEL_PT, labelpad=2)
    axes.set_ylabel(y, fontsize=LABEL_PT, labelpad=2)
    axes.tick_params(which="both", labelsize=LABEL_PT, length=2.5, pad=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9", linewidth=0.5)
    axes.set_axisbelow(True)


def draw_estimates(axes: Axes, cells: pd.DataFrame, x: str, y: str, style: dict) -> None:
    """
    The values of `y` against `x` as a line, with the intervals of those that have one. Nothing, and
    so no entry of the legend, where no value is known.
    """
    if cells[y].isna().all():
        return
    axes.plot(cells[x], cells[y], **style)
    known = cells[cells[f"{y}_low"].notna()]
    spread = [known[y] - known[f"{y}_low"], known[f"{y}_high"] - known[y]]
    bars = {"ecolor": style["color"], "elinewidth": 0.9, "capsize": 1.8, "capthick": 0.9}
    axes.errorbar(known[x], known[y], yerr=spread, fmt="none", **bars)


def say_if_bare(axes: Axes) -> None:
    """Says why there is nothing on axes on which no line was drawn."""
    if axes.get_legend_handles_labels()[1]:
        return
    look = {"transform": axes.transAxes, "ha": "center", "va": "center", "color": GREY}
    axes.text(0.5, 0.5, "too few requests", fontsize=NOTE_PT, **look)


def draw_quietly(axes: Axes, cells: pd.DataFrame, x: str, y: str, style: dict) -> None:
    """The same for what goes with a line of draw_estimates: dashed, without marks and intervals."""
    if cells[y].notna().any():
        look = {"color": style["color"], "linestyle": (0, (2, 1.5)), "linewidth": 0.9}
        axes.plot(cells[x], cells[y], **look)


def legend(figure: Figure, entries: tuple[list, list]) -> None:
    """One legend for all panels, above them, in as many columns as there is room for."""
    handles, labels = entries
    widths_in = [len(label) * 0.055 + 0.5 for label in labels]
    columns = len(labels)
    if sum(widths_in) > figure.get_figwidth():
        columns = max(1, int(figure.get_figwidth() / max(widths_in)))
    rows = -(-len(labels) // columns)
    # Two rows are what panel_grid leaves room for.
    figure.set_figheight(figure.get_figheight() + 0.155 * max(0, rows - 2))
    look = {"frameon": False, "fontsize": LABEL_PT, "handlelength": 2.2, "columnspacing": 1.2}
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 1), "borderaxespad": 0.2}
    figure.legend(handles, labels, ncols=columns, **place, **look)
    _keep_clear(figure, top_in=0.06 + 0.155 * rows)


def footer(figure: Figure, text: str) -> None:
    """What the figure rests on, small and below it."""
    figure.text(0.5, 0.01, text, fontsize=NOTE_PT, color=GREY, ha="center", va="bottom")
    _keep_clear(figure, bottom_in=0.05 + 0.1 * len(text.split("\n")))


def _keep_clear(figure: Figure, top_in: float = 0, bottom_in: float = 0) -> None:
    """Takes room for words away from the panels."""
    engine = figure.get_layout_engine()
    left, bottom, width, height = engine.get()["rect"]
    top, low = top_in / figure.get_figheight(), bottom_in / figure.get_figheight()
    engine.set(rect=(left, bottom + low, width, height - top - low))


def scale_values(axes: Axes, values: np.ndarray) -> None:
    """Logarithmic where one line would flatten the others, from zero where not."""
    known = values[np.isfinite(values) & (values > 0)]
    if known.size == 0 or known.max() <= 8 * known.min():
        axes.set_ylim(0, (known.max() if known.size else 1) * 1.15)
        return
    axes.set_yscale("log")
    axes.set_ylim(known.min() / 1.5, known.max() * 2)
    tick_decades(axes.yaxis, np.log10(known.max() / known.min()))


def tick_decades(axis: Axis, decades: float) -> None:
    """
    The ticks of a logarithmic axis over that many decades, in plain numbers; over less than a
    factor of three, which may hold none of 1, 2 and 5, a few round ones at equal distances.
    """
    subs = (1, 2, 5) if decades < 2 else (1,)
    few = MaxNLocator(nbins=3, steps=[1, 2, 5, 10])
    axis.set_major_locator(few if decades < 0.48 else LogLocator(subs=subs, numticks=20))
    # Ticks without numbers would be most of the work of laying a figure out.
    axis.set_minor_locator(NullLocator())
    _plain_numbers(axis)


def tick_few_decades(axis: Axis, low: float, high: float, most: int) -> None:
    """
    A tick for each power of ten between these, with a number at every second or third of them where
    they are more than `most`, the highest among them.
    """
    powers = 10.0 ** np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
    every = -(-len(powers) // most)
    axis.set_major_locator(FixedLocator(powers[::-1][::every][::-1]))
    axis.set_minor_locator(FixedLocator(powers))
    _plain_numbers(axis)


def scale_counts(axes: Axes, values: pd.Series) -> None:
    """A horizontal axis of whole numbers, logarithmic with a tick for each where they double."""
    counts = np.array(sorted(values.unique()))
    if counts[0] > 0 and counts[-1] / counts[0] >= 8 and len(counts) <= 8:
        axes.set_xscale("log", base=2)
        axes.set_xlim(counts[0] / 1.2, counts[-1] * 1.2)
        axes.xaxis.set_major_locator(FixedLocator(list(counts)))
        _plain_numbers(axes.xaxis)
        return
    margin = max(0.3, (counts[-1] - counts[0]) * 0.04)
    axes.set_xlim(counts[0] - margin, counts[-1] + margin)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _plain_numbers(axis: Axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.10g}"))
    axis.set_minor_formatter(NullFormatter())


def mark_cores(axes: Axes, cores: float, workers: pd.Series) -> None:
    """
    The core count for workers, and beyond it, where they take turns, a grey ground that says so.
    `workers`: counts of those that compute; where there are none, nothing is marked.
    """
    left, right = axes.get_xlim()
    if workers.empty or not left < cores < right:
        return
    axes.axvline(cores, color="0.4", linestyle="--", linewidth=0.8, zorder=0.5)
    noun = "core" if cores == 1 else "cores"
    text = f"{cores} {noun}"
    if workers.max() > cores:
        axes.axvspan(cores, right, color="0.5", alpha=0.10, linewidth=0)
        text += " | oversubscribed"
    place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "top"}
    axes.annotate(text, (cores, 1), (2, -1), fontsize=NOTE_PT, color="0.3", **place)


def entries(axes: Iterable[Axes], neutral: bool = False) -> tuple[list, list]:
    """
    The legend's entries of several axes, each label once. `neutral`: without the colours, where
    those tell panels apart.
    """
    found: dict = {}
    for each in axes:
        handles, labels = each.get_legend_handles_labels()
        for handle, label in zip(handles, labels):
            found.setdefault(label, handle)
    handles = [copy(handle) for handle in found.values()]
    for handle in handles if neutral else []:
        handle.set_color("0.2")
    return handles, list(found)


def oversubscribed(cores: int, workers: pd.Series) -> str:
    """The sentence that a caption needs where workers are more than the cores for them."""
    if not (workers > cores).any():
        return ""
    return (
        f" Workers may use {cores} core{'s' if cores > 1 else ''}: more of them than that take "
        "turns (oversubscribed) and cannot all run faster."
    )


def tick_values(axis: Axis, values: Iterable[float]) -> None:
    """A tick at each value of a logarithmic axis, at every second where they are many."""
    every = sorted(set(values))
    axis.set_major_locator(FixedLocator(every if len(every) <= 7 else every[::2]))
    axis.set_minor_locator(FixedLocator([]))
    _plain_numbers(axis)
