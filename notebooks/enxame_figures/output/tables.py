"""Tables of what figures show: CSV for programs, Markdown, HTML and LaTeX for people."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from tabulate import tabulate

from enxame_figures.output import latex
from enxame_figures.output.files import write_whole
from enxame_figures.output.numbers import interval, number, with_error

# Columns that say how many launches a row rests on.
BEHIND = ("launches", "pairs")


@dataclass(frozen=True)
class Table:
    """
    Rows with a column per value; an estimate has three, `<measure>`, `<measure>_low` and
    `<measure>_high`. `headings`: the columns for people, by name, in their order.
    """

    rows: pd.DataFrame
    headings: dict[str, str]
    # What it shows, in LaTeX's caption; where it is not said, what its figure shows.
    title: str = ""
    # Estimates as `43 ± 12` in place of `43 [31–55]`, and to how many decimals at most.
    plus_minus: bool = False
    most_decimals: int | None = None
    # What else than launches is in the intervals.
    widened_by: str = ""

    @cached_property
    def for_people(self) -> pd.DataFrame:
        """Estimates in one column; a value that is not there is `–`."""
        columns = {}
        for name, heading in self.headings.items():
            if self.is_estimate(name):
                columns[heading] = [self._in_words(*row) for row in zip(*self._parts(name))]
            else:
                columns[heading] = [number(value) for value in self.rows[name]]
        return pd.DataFrame(columns)

    @cached_property
    def note(self) -> str:
        """What brackets, or what follows ±, are; empty where no value has an interval."""
        shown = [name for name in self.headings if self.is_estimate(name)]
        if not any(self.rows[f"{name}_low"].notna().any() for name in shown):
            return ""
        counts = next((self.rows[name] for name in BEHIND if name in self.rows), None)
        over = f"over {_range(counts)}" if counts is not None else "over launches"
        what = f"95 % intervals {over}"
        if not self.plus_minus:
            return f"In brackets: {what}{self.widened_by}."
        return f"±: half of the {what}{self.widened_by}."

    def is_estimate(self, name: str) -> bool:
        return f"{name}_low" in self.rows

    def _parts(self, name: str) -> list[pd.Series]:
        return [self.rows[column] for column in (name, f"{name}_low", f"{name}_high")]

    def _in_words(self, value: float, low: float, high: float) -> str:
        if not self.plus_minus:
            return interval(value, low, high)
        return with_error(value, low, high, self.most_decimals)


def _range(counts: pd.Series) -> str:
    """`3 launches`, `2 to 3 launches`."""
    least, most = counts.min(), counts.max()
    noun = "launch" if most == 1 else "launches"
    return f"{most:g} {noun}" if least == most else f"{least:g} to {most:g} {noun}"


def save(folder: Path, name: str, table: Table, title: str) -> list[Path]:
    """Writes `<name>.csv` with every column, `<name>.md` and `<name>.tex` with those for people."""
    csv = io.StringIO()
    table.rows.to_csv(csv, index=False, float_format="%.6g", lineterminator="\n")
    note = f"\n\n{table.note}" if table.note else ""
    caption = " ".join(filter(None, [f"{table.title or title}.", table.note]))
    texts = {
        "csv": csv.getvalue(),
        "md": f"{_render(table, 'pipe')}{note}\n",
        "tex": latex.table(table.for_people, caption, label=name),
    }
    paths = []
    for kind, text in texts.items():
        path = folder / f"{name}.{kind}"
        write_whole(path, text.encode())
        paths.append(path)
    return paths


def html(table: Table) -> str:
    """As an HTML table, and what its brackets are."""
    note = f'\n<p class="quiet">{table.note}</p>' if table.note else ""
    return _render(table, "html") + note


def _render(table: Table, kind: str) -> str:
    look = {"tablefmt": kind, "showindex": False, "disable_numparse": True}
    return tabulate(table.for_people, headers="keys", **look)
