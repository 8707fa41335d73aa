"""What a page says of one run: by cell, by pair of cells, and by the table of a figure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from statistics import median

import pandas as pd

from enxame_figures.axes import lines_of, with_lines
from enxame_figures.estimates import (
    Estimate,
    estimate_in,
    mean_over_launches,
    over_launches,
    paired_ratio,
)
from enxame_figures.measures import (
    measure_open,
    measure_phases,
    measure_responses,
    measure_sequences,
    read_all_samples,
)
from enxame_figures.phases import means_of, parts_in
from enxame_figures.plots.ablation import ablation_of, steps_between
from enxame_figures.plots.bursts import served_of
from enxame_figures.plots.engines import rates_of
from enxame_figures.plots.faults import NONE
from enxame_figures.plots.service_time import efficiencies_of
from enxame_figures.plots.splitting import speed_ups_of
from enxame_figures.run import load_run
from enxame_figures.samples import UNACCOUNTED


class Facts:
    """
    The facts of a run, each with its interval where it is an estimate. What asks for a cell raises
    KeyError where the run has no such cell.
    """

    def __init__(self, path: Path) -> None:
        self.run = load_run(path)
        self._cells = {cell["cell"]: cell for cell in self.run.summary}

    @property
    def name(self) -> str:
        """Of its experiment."""
        return self.run.experiment["name"]

    @property
    def command(self) -> str:
        """The command line that began it, but for where it was put and whether it was drawn."""
        words = [word for word in self._session["command_line"] if word != "--no-report"]
        if "--out" in words:
            at = words.index("--out")
            del words[at : at + 2]
        return shlex.join(["./run-experiment", *words])

    @property
    def began_on(self) -> str:
        """The day, as 2026-11-28."""
        return self._session["started_at"][:10]

    @property
    def _session(self) -> dict:
        return self.run.manifest["sessions"][0]

    @property
    def launches(self) -> str:
        """`3`, or `2 to 3` where cells differ: the valid launches of each."""
        counts = self.run.valid.groupby("cell").size()
        least, most = counts.min(), counts.max()
        return str(most) if least == most else f"{least} to {most}"

    def of(self, cell: str, measure: str) -> Estimate:
        """An estimate of summary.json."""
        return estimate_in(self._cells[cell][measure])

    def most(self, measure: str) -> float:
        """The largest value that any of the cells has."""
        return max(cell[measure]["value"] for cell in self._cells.values())

    def ratio(self, measure: str, after: str, before: str) -> Estimate:
        """`after` over `before`, two cells, paired by launch."""
        return paired_ratio(self._launches(before, measure), self._launches(after, measure))

    def difference(self, measure: str, after: str, before: str) -> Estimate:
        """`after` less `before`, two cells, paired by launch."""
        pairs = self._launches(after, measure) - self._launches(before, measure)
        return mean_over_launches(pairs.dropna())

    def mean(self, cell: str, result: str) -> Estimate:
        """The mean over valid launches of a field of `results` in trials.jsonl."""
        return mean_over_launches(self._launches(cell, result))

    def worst(self, result: str) -> float:
        """The largest value of a field of `results` that any valid trial has."""
        return float(self.run.valid[f"results.{result}"].max())

    def share(self, cell: str, phases: Sequence[str]) -> Estimate:
        """
        What these phases together are of the mean response time, for those whose sum does not
        depend on clocks.
        """
        times = sum(self._launches(cell, f"mean_phases_ms.{phase}") for phase in phases)
        return mean_over_launches(times / self._launches(cell, "mean_response_ms"))

    def _launches(self, cell: str, measure: str) -> pd.Series:
        trials = self.run.valid
        of_cell = trials[trials["cell"] == self._cells[cell]["cell"]].set_index("launch")
        return of_cell[f"results.{measure}"]

    @cached_property
    def spread(self) -> float | None:
        """
        By what share the medians of one cell's launches differ (standard deviation of logarithms),
        the median over cells; None where no cell carries medians.
        """
        told = [cell.get("median_spread") for cell in self._cells.values()]
        return median([each["total"] for each in told if each]) if any(told) else None

    @cached_property
    def shifts(self) -> pd.Series:
        """Of each valid launch that has enough requests, its highest level over its lowest."""
        self._read()
        sequences = measure_sequences(self.run)["sequence"]
        return pd.Series([each.shift for each in sequences]).dropna()

    @cached_property
    def phases(self) -> pd.DataFrame:
        """Per system and n, its index: phases, their shares and errors, as phases.means_of."""
        self._read()
        return means_of(self.run, measure_phases(self.run)).set_index(["line", "n"])

    @property
    def parts(self) -> list[str]:
        """The phases, in their order."""
        return [part for part in parts_in(self.phases) if part != UNACCOUNTED]

    @cached_property
    def clock_share(self) -> float:
        """The largest mean clock error of a cell, as a share of its mean response time."""
        return float((self.phases["clock_error_ms"] / self.phases["response_ms"]).max())

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
        rows = efficiencies_of(self.run, measure_responses(self.run))
        return rows.set_index(["line", "workers", "service_ms"])

    @cached_property
    def engines(self) -> pd.DataFrame:
        """Per system and n, its index: `gflops` while computing, and their `ratio` to another's."""
        self._read()
        return rates_of(self.run)[0].set_index(["line", "n"])

    @cached_property
    def goodput(self) -> dict[tuple[str, float], Estimate]:
        """Products that came back in time, 1/s, by system and offered rate."""
        self._read()
        launches = measure_open(self.run).groupby(["line", "rate_per_s"], observed=True)
        return {key: over_launches(rows["goodput_per_s"]) for key, rows in launches}

    @cached_property
    def bursts(self) -> pd.DataFrame:
        """
        Per system and rate, its index: the tails of a load that changes, and what was not served.
        """
        return served_of(self.run).set_index(["line", "rate_per_s"])

    @property
    def plans(self) -> list[str]:
        """The plans of faults, in the order of the experiment."""
        return [plan for plan in self.run.experiment["axes"]["faults"] if plan != NONE]

    def effects(self, system: str, plan: str) -> dict | None:
        """`fault_effects` of summary.json; None where the system cannot take that plan."""
        for cell in self._cells.values():
            if (cell["system"], cell["faults"]) == (system, plan):
                return cell["fault_effects"]
        return None

    def total(self, effect: str, systems: Sequence[str]) -> int:
        """The sum of a count of `fault_effects` over all plans of those systems."""
        each = [self.effects(system, plan) for system in systems for plan in self.plans]
        return sum(effects[effect] for effects in each if effects is not None)

    def longest(self, effect: str, plan: str, systems: Sequence[str]) -> float:
        """The longest time of `fault_effects` that any of those systems that take the plan has."""
        each = [self.effects(system, plan) for system in systems]
        return max(effects[effect] for effects in each if effects is not None)

    def _read(self) -> None:
        if not self.run.reduced:
            read_all_samples(self.run)
