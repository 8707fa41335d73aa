"""The page of findings, whose tables and numbers come from the reference runs."""

from __future__ import annotations

import json
import sys
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2
import numpy as np
import pandas as pd

from enxame_figures.ablation import ablation_of, steps_between
from enxame_figures.axes import lines_of, with_lines
from enxame_figures.drawing import LeftOut
from enxame_figures.estimates import Estimate, estimate_in, over_launches, paired_ratio
from enxame_figures.figures import draw
from enxame_figures.files import write_whole
from enxame_figures.measures import (
    measure_open,
    measure_phases,
    measure_service,
    read_all_samples,
)
from enxame_figures.run import RESULTS, load_run
from enxame_figures.samples import PHASES
from enxame_figures.service_time import efficiencies_of
from enxame_figures.splitting import speed_ups_of
from enxame_figures.tables import number
from enxame_figures.waterfall import means_of

REFERENCE = RESULTS / "reference"
DOCS = RESULTS.parent / "docs"
TEMPLATE = DOCS / "findings.md.jinja"
PAGE = DOCS / "findings.md"
# The figures that the page shows, by the run that they are drawn of.
SHOWN = {"scaling": "scaling", "ablation": "ablation", "overhead": "waterfall"}

sys.path.append(str(DOCS / "check"))
from wrapping import wrapped  # noqa: E402


class Facts:
    """What the page says of one run: by cell, by pair of cells, and by the table of a figure."""

    def __init__(self, path: Path) -> None:
        self.run = load_run(path)
        cells = json.loads((path / "summary.json").read_text())
        self._cells = {cell["cell"]: cell for cell in cells}

    def of(self, cell: str, measure: str) -> Estimate:
        """An estimate of summary.json. Raises KeyError where the run has no such cell."""
        return estimate_in(self._cells[cell][measure])

    def most(self, measure: str) -> float:
        """The largest value that any of the cells has."""
        return max(cell[measure]["value"] for cell in self._cells.values())

    def ratio(self, measure: str, after: str, before: str) -> Estimate:
        """`after` over `before`, two cells, paired by launch. Raises KeyError as `of` does."""
        return paired_ratio(self._launches(before, measure), self._launches(after, measure))

    def mean(self, cell: str, result: str) -> float:
        """The mean over valid launches of a field of `results` in trials.jsonl."""
        return float(self._launches(cell, result).mean())

    def _launches(self, cell: str, measure: str) -> pd.Series:
        trials = self.run.valid
        of_cell = trials[trials["cell"] == self._cells[cell]["cell"]].set_index("launch")
        return of_cell[f"results.{measure}"]

    @cached_property
    def phases(self) -> pd.DataFrame:
        """
        Per system and n, its index: `response_ms`, and of each phase its share of that in %.
        """
        self._read()
        means = means_of(self.run, measure_phases(self.run)).set_index(["line", "n"])
        shares = {
            name: 100 * means[name] / means["response_ms"] for name in PHASES if name in means
        }
        return means.assign(**shares)

    @cached_property
    def ablation(self) -> list[pd.Series]:
        """The systems in their order, each with its `step` and what that costs."""
        self._read()
        trials = with_lines(self.run, self.run.trials)
        systems = [trials[trials["line"] == line].iloc[0] for line in lines_of(trials)]
        rows = ablation_of(self.run, steps_between(systems))
        return [row for _, row in rows.iterrows()]

    @cached_property
    def splitting(self) -> pd.DataFrame:
        """Per system, split and workers, its index: the median response time and the speed-up."""
        self._read()
        return speed_ups_of(self.run).set_index(["line", "split", "workers"])

    @cached_property
    def service(self) -> pd.DataFrame:
        """Per system, workers and service time, its index: what was delivered, over the ideal."""
        self._read()
        rows = efficiencies_of(self.run, measure_service(self.run))
        return rows.set_index(["line", "workers", "service_ms"])

    @cached_property
    def goodput(self) -> dict[tuple[str, float], Estimate]:
        """Products that came back in time, 1/s, by system and offered rate."""
        self._read()
        launches = measure_open(self.run).groupby(["line", "rate_per_s"], observed=True)
        return {key: over_launches(rows["goodput_per_s"]) for key, rows in launches}

    def _read(self) -> None:
        if not self.run.reduced:
            read_all_samples(self.run)


def render(reference: Path = REFERENCE) -> str:
    """The page, from its template and the runs in that folder."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"n": number_of, "pm": plus_minus, "ci": interval, "pct": percent}
    runs = {path.parent.name: Facts(path.parent) for path in reference.glob("*/manifest.json")}
    names = {name.replace("-", "_"): facts for name, facts in runs.items()}
    template = environment.from_string(TEMPLATE.read_text())
    return wrapped(template.render(PHASES=PHASES, column=column, **names))


def draw_shown(out: Path) -> list[Path]:
    """Draws the figures that the page shows into that folder, as PNG."""
    paths = []
    for name, figure in SHOWN.items():
        with TemporaryDirectory() as scratch:
            saved = draw(load_run(REFERENCE / name, Path(scratch)), figure)
        if isinstance(saved, LeftOut):
            raise ValueError(f"{name} has no figure {figure}: {saved.reason}")
        paths.append(out / f"{figure}.png")
        write_whole(paths[-1], saved.png)
    return paths


def column(row: pd.Series, measure: str) -> Estimate:
    """An estimate of a row of a table."""
    return Estimate(row[measure], row[f"{measure}_low"], row[f"{measure}_high"])


def number_of(value: Estimate | float) -> str:
    """To three digits."""
    return number(float(value.value if isinstance(value, Estimate) else value))


def percent(value: Estimate | float, digits: int = 2) -> str:
    """`2.9 %` of a share."""
    share = 100 * (value.value if isinstance(value, Estimate) else value)
    return f"{float(f'{share:.{digits}g}'):g} %"


def plus_minus(estimate: Estimate) -> str:
    """`17.4 ± 0.3`, half of the interval; `–` of what is not known."""
    half = (estimate.high - estimate.low) / 2
    if np.isnan(estimate.value) or np.isnan(half):
        return number_of(estimate)
    return f"{number_of(estimate)} ± {number(float(half))}"


def interval(estimate: Estimate) -> str:
    """`17.4 [17.1–17.8]`; `–` of what is not known."""
    if np.isnan(estimate.value) or np.isnan(estimate.low):
        return number_of(estimate)
    return f"{number_of(estimate)} [{number_of(estimate.low)}–{number_of(estimate.high)}]"
