"""How the cells of any experiment become lines, panels and a horizontal axis.

One rule for every figure. What a system is made of, where it varies, makes lines: `rest-wasm json`
beside `rest-wasm binary`. What it is put to (workers, order of the matrices, load) makes panels,
unless it is the figure's horizontal axis.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from enxame_figures.run import Run

PARTS = ["engine", "transport", "codec", "kernel", "dispatch", "browsers", "attached"]
# What a system is put to, as columns and in words.
AXES = {
    "workers": "workers",
    "n": "order of the matrices, n",
    "in_flight": "requests in flight",
    "rate_per_s": "offered rate (1/s)",
}
# As prose has them.
NAMES = {"workers": "the number of workers", "n": "the order of the matrices"}
CELL = ["line", *AXES]
MOST_PANELS = 4


class NotForThisRun(Exception):
    """A figure that would say nothing about this run; the message is why, as a sentence."""


@dataclass(frozen=True)
class Panel:
    """What one panel shows, and what its title says of it; empty when there is only one."""

    title: str
    rows: pd.DataFrame


def with_lines(run: Run, trials: pd.DataFrame) -> pd.DataFrame:
    """
    The trials with a column `line`, an ordered category, and with `in_flight` as the experiment
    gives it: NaN stands for `per-worker`, which is no axis of its own.
    """
    every = run.trials
    named = {system: _line_names(every[every["system"] == system]) for system in run.systems}
    lines = [f"{row.system}{named[row.system](row)}" for row in trials.itertuples()]
    order = list(dict.fromkeys(f"{row.system}{named[row.system](row)}" for row in _sorted(run)))
    in_flight = [
        count if re.search(r"in_flight=\d", cell) else float("nan")
        for cell, count in zip(trials["cell"], trials["in_flight"])
    ]
    return trials.assign(
        line=pd.Categorical(lines, categories=order, ordered=True), in_flight=in_flight
    )


def _line_names(trials: pd.DataFrame):
    varying = [part for part in PARTS if part in trials and trials[part].nunique() > 1]

    def name(row) -> str:
        words = [str(getattr(row, part)) for part in varying if part != "attached"]
        if "attached" in varying:
            words.append("attached" if row.attached else "unattached")
        return "".join(f" {word}" for word in words)

    return name


def _sorted(run: Run) -> list:
    """The trials by system and then by parts, as the experiment lists both."""
    axes = run.experiment["axes"]

    def place(row) -> tuple:
        parts = [(part, getattr(row, part, None)) for part in PARTS if part in axes]
        at = [axes[part].index(value) if value in axes[part] else 0 for part, value in parts]
        return (run.systems.index(row.system), *at)

    return sorted(run.trials.itertuples(), key=place)


def lines_of(measured: pd.DataFrame) -> list[str]:
    """The lines that have something to show, in their order."""
    return list(measured["line"].cat.remove_unused_categories().cat.categories)


def per_cell(
    measured: pd.DataFrame, of_cell: Callable[[pd.DataFrame], dict | None], by: list[str] = CELL
) -> pd.DataFrame:
    """
    A row per cell: what tells it apart, and what `of_cell` makes of its launches (None: nothing).
    """
    rows = []
    for key, launches in measured.groupby(by, dropna=False, observed=True):
        found = of_cell(launches)
        if found is not None:
            rows.append(dict(zip(by, key)) | found)
    table = pd.DataFrame(rows, columns=None if rows else by)
    return table.astype({"line": measured["line"].dtype})


def varies(trials: pd.DataFrame, axis: str) -> bool:
    """Whether some system was measured at two values of the axis or more."""
    return bool((trials.groupby("system")[axis].nunique(dropna=False) > 1).any())


def panels_of(rows: pd.DataFrame, x: str | None, cores: int) -> list[Panel]:
    """One panel for each combination of values of the axes other than `x`, at most four of each."""
    axes = [axis for axis in AXES if axis != x and rows[axis].nunique(dropna=False) > 1]
    for axis in axes:
        rows = rows[
            rows[axis].isin(telling_values(rows[axis], cores if axis == "workers" else None))
        ]
    if not axes:
        return [Panel("", rows)]
    values = rows[axes].drop_duplicates().sort_values(axes)
    return [
        Panel(", ".join(in_words(axis, row[axis]) for axis in axes), rows.merge(row.to_frame().T))
        for _, row in values.iterrows()
    ]


def telling_values(values: pd.Series, keep: float | None = None, most: int = MOST_PANELS) -> list:
    """All values where they are few; else the ends, `keep`, and those evenly between."""
    every = sorted(values.unique(), key=lambda value: (pd.isna(value), value))
    if len(every) <= most:
        return every
    places = {round(i * (len(every) - 1) / (most - 1)) for i in range(most)}
    chosen = [every[place] for place in sorted(places)]
    if keep in every and keep not in chosen:
        chosen[1] = keep
    return sorted(chosen)


def in_words(axis: str, value: float) -> str:
    """`4 workers`, `n = 128`: a value of an axis, as titles and captions say it."""
    if axis == "workers":
        return "1 worker" if value == 1 else f"{value:g} workers"
    if axis == "in_flight":
        return "one in flight per worker" if pd.isna(value) else f"{value:g} in flight"
    return {"n": f"n = {value:g}", "rate_per_s": f"{value:g} requests/s"}[axis]
