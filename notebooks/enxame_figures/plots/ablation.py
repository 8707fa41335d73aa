"""Ablation: what each choice costs, from the first system of an experiment to its last."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    PARTS,
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
from enxame_figures.estimates import columns_of, mean_over_launches, over_launches, paired_ratio
from enxame_figures.measures import measure_medians
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.numbers import interval, with_error
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

COLOURS = {
    "engine": "#D55E00",
    "topology": "#882255",
    "transport": "#0072B2",
    "codec": "#E69F00",
    "kernel": "#009E73",
    "dispatch": "#CC79A7",
    "collection": "#CC79A7",
    "connections": "#56B4E9",
}
OTHER = "#7F7F7F"
MEDIAN = "median_response_ms"
FEWEST_STEPS = 2
ROW_IN = 0.34
MOST_NUMBERS = 4
HEADINGS = {
    "step": "choice",
    MEDIAN: "median response (ms)",
    "factor": "factor",
    "difference_ms": "difference (ms)",
    "pairs": "pairs of launches",
}


@dataclass(frozen=True)
class Step:
    """The choice in which a line differs from the one before: its part, and its description."""

    line: str
    before: str
    part: str
    words: str


def draw_ablation(run: Run) -> Drawing:
    """A panel per set of conditions, a row per line: how far its choice moves the median."""
    # Also those without a valid trial, or the ones around them would seem not to be neighbours.
    trials = with_lines(run, run.trials)
    lines = lines_of(trials)
    systems = [trials[trials["line"] == line].iloc[0] for line in lines]
    steps = steps_between(systems)
    steps_shown = ablation_of(run, steps)
    panels = panels_of(run, steps_shown, None)
    height_in = 0.55 + ROW_IN * len(lines)
    figure, axes = style.panel_grid(len(panels), 1, height_in, most_columns=2)
    for panel, (axis,) in zip(panels, axes):
        _draw(axis, panel.rows.set_index("line").reindex(lines), steps)
        style.finish(axis, panel.title, "median response time (ms)", "")
        axis.grid(axis="y", visible=False)
        axis.grid(axis="x", color="0.9", linewidth=0.5)
        _name_rows(axis, lines, steps, named=axis.get_subplotspec().is_first_col())
    return Drawing(
        name="ablation",
        title=f"What each choice costs, from {lines[0]} to {lines[-1]}",
        caption=(
            "Each system differs from the one above it in one choice. A bar extends from the "
            "median response time without the choice (its flat end) to that with it (the point, "
            "with its interval over launches). The axis is logarithmic: equal lengths are equal "
            "factors, and the bars add up to the total. The labels on the right give the factor "
            "with its interval and the difference ± half of its, both paired by launch. Some "
            "choices imply another, which changes with them: a topology implies the transport, a "
            "transport how tasks are dispatched, an engine its vector kernel."
            + style.oversubscribed(
                cores_of_workers(run, steps_shown), computing(steps_shown)["workers"]
            )
        ),
        figure=figure,
        shown={"ablation": _table(run, steps_shown)},
    )


def steps_between(systems: list[pd.Series]) -> list[Step]:
    """
    The choices from each of the lines, of which these are trials, to the next. Raises NotForThisRun
    where that is no ablation: too few of them, or two that differ in more than one choice.
    """
    if len(systems) <= FEWEST_STEPS:
        raise NotForThisRun(
            f"An ablation needs at least {FEWEST_STEPS + 1} systems, each with one choice changed."
        )
    steps = []
    for before, after in pairwise(systems):
        # Trials of older runs have no topology.
        changed = [part for part in PARTS if part in after and _differ(before[part], after[part])]
        choices = [part for part in changed if not _comes_with(part, changed, before, after)]
        if len(choices) != 1:
            parts = ", ".join(choices) or "nothing"
            raise NotForThisRun(
                f"The systems do not change one choice at a time: {before['line']} and "
                f"{after['line']} differ in {parts}."
            )
        told = [
            f"{part}: {before[part]} → {after[part]}"
            for part in changed
            if not pd.isna([before[part], after[part]]).any()
        ]
        told.sort(key=lambda words: not words.startswith(f"{choices[0]}:"))
        steps.append(Step(after["line"], before["line"], choices[0], ", ".join(told)))
    return steps


def _comes_with(part: str, changed: list[str], before: pd.Series, after: pd.Series) -> bool:
    """Whether a part changed because of another one's choice."""
    values = {before[part], after[part]}
    if part == "transport":  # who relays is reached otherwise than who computes
        return "topology" in changed
    if part == "codec":  # nothing is encoded within a process
        return "transport" in changed and "none" in values
    if part == "dispatch":  # where a transport pushes, another can only be waited for
        return "transport" in changed and values == {"push", "long-poll"}
    if part == "kernel":  # a fused multiply-add is `simd` natively and `relaxed` in a browser
        return "engine" in changed and values == {"simd", "relaxed"}
    if part in ("collection", "connections") and pd.isna([before[part], after[part]]).any():
        return "transport" in changed  # one that has no such choice
    if part == "collection":  # polled by workers and by clients: one way to wait
        return "dispatch" in changed and after["dispatch"] == after["collection"] == "poll"
    return False


def _differ(one: object, other: object) -> bool:
    return one != other and not pd.isna([one, other]).all()


def ablation_of(run: Run, steps: list[Step]) -> pd.DataFrame:
    """
    Per cell of the ablation its median response time, what its choice made of that of the line
    before in the same launches (`factor`, `difference_ms`), with intervals, and the `pairs` of
    launches.
    """
    of_line = {step.line: step for step in steps}
    axes = list(conditions_of(run))
    launches = measure_medians(run)

    def taken(cell: pd.DataFrame) -> dict:
        row: dict[str, Any] = {"launches": len(cell)}
        row |= columns_of(MEDIAN, over_launches(cell[MEDIAN]))
        step = of_line.get(cell["line"].iloc[0])
        before = launches[launches["line"] == step.before] if step else launches[:0]
        before = before.merge(cell[axes].drop_duplicates(), on=axes).set_index("launch")[MEDIAN]
        after = cell.set_index("launch")[MEDIAN]
        pairs = before.index.intersection(after.index)
        row |= {"step": step.words if step else "", "pairs": len(pairs)}
        row |= columns_of("factor", paired_ratio(before, after))
        return row | columns_of("difference_ms", mean_over_launches(after[pairs] - before[pairs]))

    return per_cell(run, launches, taken)


def _draw(axis: Axes, rows: pd.DataFrame, steps: list[Step]) -> None:
    """`rows`: of the ablation, by line, in its order."""
    medians = rows[MEDIAN]
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = "black" if place == 0 else COLOURS.get(steps[place - 1].part, OTHER)
        if place > 0:
            before = medians.iloc[place - 1]
            axis.plot([before, before], [place - 1, place + 0.3], color="0.6", linewidth=0.6)
            axis.barh(place, row[MEDIAN] - before, 0.5, left=before, color=colour, alpha=0.75)
            _write(axis, _cost(row), (1, place), (3, 0), ha="left")
        spread = [[row[MEDIAN] - row[f"{MEDIAN}_low"]], [row[f"{MEDIAN}_high"] - row[MEDIAN]]]
        point = {"fmt": "o", "markersize": 3.4, "color": colour, "markeredgecolor": "black"}
        bars = {"markeredgewidth": 0.5, "elinewidth": 0.8, "capsize": 1.6, "ecolor": "black"}
        axis.errorbar(
            row[MEDIAN],
            place,
            xerr=None if pd.isna(spread[0][0]) else spread,
            **point,
            **bars,
            zorder=3,
        )
    axis.set_xscale("log")
    axis.set_xlim(medians.min() / 1.6, medians.max() * 1.6)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    low, high = axis.get_xlim()
    if high / low > 10:
        # The frame is narrow.
        style.tick_few_decades(axis.xaxis, low, high, MOST_NUMBERS)
    else:
        style.tick_decades(axis.xaxis, np.log10(high / low))


def _cost(row: pd.Series) -> str:
    """`×5.12 [4.90–5.31]`, and below it `+12.3 ± 0.4 ms`."""
    if pd.isna(row["factor"]):
        return "–"
    factor = interval(row["factor"], row["factor_low"], row["factor_high"])
    bounds = [row[f"difference_ms{end}"] for end in ("", "_low", "_high")]
    sign = "" if bounds[0] < 0 else "+"
    return f"×{factor}\n{sign}{with_error(*bounds)} ms".replace("-", "−")


def _name_rows(axis: Axes, lines: list[str], steps: list[Step], named: bool) -> None:
    axis.set_yticks(range(len(lines)), [])
    axis.tick_params(axis="y", length=0)
    if not named:
        return
    for place, line in enumerate(lines):
        words = steps[place - 1].words.replace(", ", "\n") if place > 0 else ""
        name = {"ha": "right", "va": "bottom", "fontsize": style.LABEL_PT}
        _write(axis, line, (0, place), (-4, 1 if words else -2), **name)
        _write(axis, words, (0, place), (-4, 0), ha="right", va="top", color=style.GREY)


def _write(
    axis: Axes, text: str, at: tuple[float, float], by: tuple[float, float], **look: Any
) -> None:
    """Beside the frame: `at` is a share of its width and a row, `by` points from there."""
    look = {"fontsize": style.NOTE_PT, "va": "center"} | look
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    axis.annotate(text, at, by, annotation_clip=False, **place, **look)


def _table(run: Run, steps_shown: pd.DataFrame) -> Table:
    words = {"step": steps_shown["step"].replace("", "–")}
    return Table(steps_shown.assign(**words), headings_of(run, steps_shown) | HEADINGS)
