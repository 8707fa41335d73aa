"""What one choice makes of a request: ratios of pairs of systems that differ in it alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    cell_columns,
    computing,
    conditions_of,
    cores_of_workers,
    counted,
    headings_of,
    in_words,
    with_lines,
)
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.plots.costs import MEAN, MEDIAN, THROUGHPUT, ratios_in
from enxame_figures.run import Axis, Run

HEADINGS = {
    "choice": "choice",
    "line": "system",
    "over": "over",
    "differs": "difference",
    MEDIAN: "median response, ratio",
    MEAN: "mean response, ratio",
    THROUGHPUT: "throughput, ratio",
    "pairs": "pairs of launches",
}
# Each pair of systems has a row, and of a row each value of the axis a part.
ROW_IN, PART_IN, HEADER_IN = 0.1, 0.085, 0.13
MOST_PARTS = 6
MOST_ROWS = 16
MEANS = " Hollow points are ratios of means, where a launch has too few requests to carry a median."


def draw_contrasts(run: Run) -> Drawing:
    """A row per pair of systems, by the choice in which they differ, and a point per condition."""
    contrasts = contrasts_of(run, told_by(run))
    if contrasts.empty:
        raise NotForThisRun("No two systems that differ in one choice were measured alike.")
    x = varied(run, contrasts)
    shown = at_first_conditions(run, contrasts, x)
    shown = of_few_pairs(run, shown[shown[[MEDIAN, MEAN]].notna().any(axis=1)])
    if shown.empty:
        raise NotForThisRun(
            "No two systems that differ in one choice share a launch with an answer."
        )
    values = sorted(shown[x].unique()) if x else [None]
    names = ["choice", "line", "over"]
    rows = [(key, of) for key, of in shown.groupby(names, sort=False, observed=True)]
    height_in = (
        sum(ROW_IN + PART_IN * len(values) for _ in rows) + HEADER_IN * shown["choice"].nunique()
    )
    figure = Figure(figsize=(style.PAGE_IN, height_in + 0.85), layout="constrained")
    axis = figure.subplots()
    words = [in_words(run.axes[x], value) if x else None for value in values]
    _draw(axis, rows, x, dict(zip(values, words)))
    style.finish(axis, "", "median response time, ratio", "")
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    if x:
        style.legend(figure, style.entries([axis]))
    return Drawing(
        name="contrasts",
        title="What one choice makes of the response time",
        caption=(
            "Each row is a pair of systems under the same conditions that differ in one choice and "
            "in what follows from it, which the table names. A point is the median response time "
            "of the first over that of the second, paired by launch, with its interval; 1 (grey) "
            "means that the choice makes no difference."
            + (MEANS if shown[MEDIAN].isna().any() else "")
            + _about_others(run, contrasts, shown)
            + style.oversubscribed(cores_of_workers(run, shown), computing(shown)["workers"])
        ),
        figure=figure,
        shown=_tables(run, contrasts, x),
    )


def told_by(run: Run) -> list[dict]:
    """The harness's contrasts (results/README.md). Raises NotForThisRun where it has made none."""
    if run.contrasts is None:
        raise NotForThisRun(
            "The choices of this run have not been contrasted; ./run-experiment report does so."
        )
    return run.contrasts


def contrasts_of(run: Run, contrasts: list[dict]) -> pd.DataFrame:
    """
    These contrasts of the harness, a row each: `choice`, the lines of both cells (`line`, `over`),
    `differs` in words, the conditions of both, RATIOS with intervals, `pairs`.
    """
    cells = with_lines(run, run.valid).drop_duplicates("cell").set_index("cell")
    rows = [
        {"choice": told["choice"], "differs": _differs(told["differs"])}
        | {"over": str(cells.at[told["over"], "line"]), "cell": told["cell"]}
        | ratios_in(told)
        for told in contrasts
    ]
    if not rows:
        return pd.DataFrame(columns=[*HEADINGS, *conditions_of(run)])
    table = pd.DataFrame(rows).join(cells[cell_columns(run)], on="cell").drop(columns="cell")
    return table.astype({"line": str} | dict.fromkeys(counted(run), float))


def _differs(told: dict[str, list]) -> str:
    """Of the choice, which comes first, and of what follows: `native → browser (kernel: a → b)`."""
    choice, *rest = [f"{_value(over)} → {_value(own)}" for own, over in told.values()]
    follows = ", ".join(f"{field}: {words}" for field, words in zip(list(told)[1:], rest))
    return f"{choice} ({follows})" if follows else choice


def _value(value: object) -> str:
    return "none" if value is None else str(value)


def varied(run: Run, contrasts: pd.DataFrame) -> str | None:
    """The condition that most values were measured of, the order of the matrices before others."""
    counts = {axis: contrasts[axis].nunique() for axis in counted(run)}
    best = max(counts, key=lambda axis: (counts[axis], axis == "n"), default=None)
    return best if best and counts[best] > 1 else None


def at_first_conditions(run: Run, contrasts: pd.DataFrame, x: str | None) -> pd.DataFrame:
    """Those under the first of all conditions but `x`, and of that not too many."""
    for axis in conditions_of(run):
        if axis == x:
            few = sorted(contrasts[x].unique())
            if len(few) > MOST_PARTS:
                few = [few[round(i)] for i in np.linspace(0, len(few) - 1, MOST_PARTS)]
            contrasts = contrasts[contrasts[x].isin(few)]
        elif contrasts[axis].nunique(dropna=False) > 1:
            contrasts = contrasts[contrasts[axis] == contrasts[axis].min()]
    return contrasts


def of_few_pairs(run: Run, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Where there are more than MOST_ROWS pairs: those with the system of comparison, and few."""
    names = ["choice", "line", "over"]
    if len(contrasts[names].drop_duplicates()) > MOST_ROWS:
        base = run.experiment["over"]
        with_base = contrasts[contrasts["line"].eq(base) | contrasts["over"].eq(base)]
        contrasts = contrasts if with_base.empty else with_base
    few = contrasts[names].drop_duplicates().head(MOST_ROWS)
    return contrasts.merge(few, on=names)


def _draw(axis: Axes, rows: list, x: str | None, values: dict) -> None:
    """`values`: those of `x`, and how the legend calls them."""
    place = 0.0
    colours = shades(len(values))
    names, ticks, choice = [], [], None
    for (of_choice, line, over), row in rows:
        if of_choice != choice:
            choice, place = of_choice, place + HEADER_IN
            at = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
            words = {"fontsize": style.LABEL_PT, "weight": "bold", "va": "center", "ha": "left"}
            axis.annotate(choice, (0.005, place - HEADER_IN / 2), **at, **words)
            axis.axhline(place - HEADER_IN, color="0.85", linewidth=0.5)
        top = place + ROW_IN / 2
        for i, (value, label) in enumerate(values.items()):
            of_value = row[row[x] == value] if x else row
            look = {"fmt": "o", "markersize": 3, "color": colours[i], "elinewidth": 0.9}
            look |= {"capsize": 1.6, "label": label}
            _point(axis, of_value, top + PART_IN * (i + 0.5), look)
        place += ROW_IN + PART_IN * len(values)
        names.append(f"{line} / {over}")
        ticks.append(place - (ROW_IN + PART_IN * len(values)) / 2)
    axis.axvline(1, color="0.5", linewidth=0.8, zorder=0)
    axis.set_ylim(place, 0)
    ratios = np.concatenate([row[MEDIAN].fillna(row[MEAN]).to_numpy(float) for _, row in rows])
    axis.set_xscale("log")
    axis.set_xlim(min(1, ratios.min()) / 1.4, max(1, ratios.max()) * 1.4)
    style.tick_decades(axis.xaxis, np.diff(np.log10(axis.get_xlim()))[0])
    axis.set_yticks(ticks, names, fontsize=style.LABEL_PT)
    axis.tick_params(axis="y", length=0)


def _point(axis: Axes, rows: pd.DataFrame, place: float, look: dict) -> None:
    if rows.empty:
        return
    row = rows.iloc[0]
    ratio = MEAN if np.isnan(row[MEDIAN]) else MEDIAN
    hollow = {"markerfacecolor": "white"} if ratio == MEAN else {}
    spread = [[row[ratio] - row[f"{ratio}_low"]], [row[f"{ratio}_high"] - row[ratio]]]
    known = None if np.isnan(spread).any() else spread
    axis.errorbar(row[ratio], place, xerr=known, **look | hollow)


def shades(count: int) -> list:
    """From dark to light, and never so light that it is hard to see."""
    return [colormaps["viridis"](place) for place in np.linspace(0, 0.8, count)]


def _about_others(run: Run, contrasts: pd.DataFrame, shown: pd.DataFrame) -> str:
    if len(shown) == len(contrasts):
        return ""
    return f" {len(shown)} of {len(contrasts)} contrasts are shown; the table lists all of them."


def _tables(run: Run, contrasts: pd.DataFrame, x: str | None) -> dict[str, Table]:
    """All of it, and the medians with a column for each value of `x`."""
    varying = {name: told for name, told in headings_of(run, contrasts).items() if name != "line"}
    title = "Ratios of pairs of systems that differ in one choice"
    tables = {"contrasts": Table(contrasts, _with_conditions(HEADINGS, varying), title)}
    if x:
        others = {name: told for name, told in varying.items() if name != x}
        tables[f"contrasts-by-{x}"] = _by(run.axes[x], contrasts, others)
    return tables


def _with_conditions(headings: dict[str, str], conditions: dict[str, str]) -> dict[str, str]:
    """The conditions where a reader expects them, before the first ratio."""
    names = list(headings)
    at = names.index(MEDIAN)
    ordered = [*names[:at], *conditions, *names[at:]]
    return {name: (headings | conditions)[name] for name in ordered}


def _by(axis: Axis, contrasts: pd.DataFrame, others: dict[str, str]) -> Table:
    """A row per pair of systems and other conditions, a column per value of the axis."""
    told = ["choice", "line", "over", *others]
    rows = []
    for key, group in contrasts.groupby(told, sort=False, dropna=False):
        row = dict(zip(told, key))
        for _, one in group.iterrows():
            name = in_words(axis, one[axis.field])
            row |= {f"{name}{end}": one[f"{MEDIAN}{end}"] for end in ("", "_low", "_high")}
        rows.append(row | {"pairs": group["pairs"].min()})
    values = [in_words(axis, value) for value in sorted(contrasts[axis.field].unique())]
    table = pd.DataFrame(rows).reindex(
        columns=[*told, *(f"{v}{end}" for v in values for end in ("", "_low", "_high")), "pairs"]
    )
    headings = {name: HEADINGS[name] for name in told[:3]} | others
    title = "Median response time over that of a system that differs in one choice"
    return Table(table, headings | dict(zip(values, values)), title)
