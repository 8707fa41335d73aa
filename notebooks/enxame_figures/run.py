"""The folder of a run, read. results/README.md describes its files."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from enxame_figures.samples import Reduced

RESULTS = Path(__file__).resolve().parents[2] / "results"
SCHEMA_VERSION = 5
# What the harness concludes from a run, by their files and the fields of Run.
JUDGEMENTS = ("warnings", "comparisons", "contrasts")


@dataclass(frozen=True)
class Axis:
    """Something in which cells may differ: the field of trials that has it, and how to call it."""

    name: str
    field: str
    title: str
    unit: str | None = None
    # What cells have that do not say it; None where each must.
    default: Any = None

    @property
    def label(self) -> str:
        """`service time (ms)`, for axes and headings."""
        return self.title if self.unit is None else f"{self.title} ({self.unit})"


@dataclass(frozen=True)
class Run:
    """The files of one run. `trials` has a row per trial, valid or not, in the order they ran."""

    path: Path
    manifest: dict
    environment: dict
    trials: pd.DataFrame
    # The folder for what is drawn of it.
    out: Path
    # What the harness concluded from it; None where it has not analysed the run.
    warnings: list[dict] | None
    comparisons: list[dict] | None
    contrasts: list[dict] | None
    # Of each valid trial, by its name, once they have been read.
    reduced: dict[str, Reduced] = field(default_factory=dict, repr=False, compare=False)

    @property
    def run_id(self) -> str:
        return self.manifest["run_id"]

    @property
    def experiment(self) -> dict:
        return self.manifest["experiment"]

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """By their fields, in the order in which columns of tables have them."""
        return {axis["field"]: Axis(**axis) for axis in self.manifest["axes"]}

    @property
    def cores(self) -> int:
        return self.environment["cores"]

    @property
    def commit(self) -> str:
        """The commit that was measured, `none` where there was none, marked when changed since."""
        git = self.environment["git"]
        return (git["commit"] or "none") + (" (dirty)" if git["dirty"] else "")

    @property
    def systems(self) -> list[str]:
        """The names of the systems in the order in which the experiment lists them."""
        return [system["name"] for system in self.experiment["systems"]]

    @property
    def is_open(self) -> bool:
        """Whether requests arrived at given rates, whether or not the system kept up."""
        return self.experiment["load"]["kind"] == "open"

    @property
    def valid(self) -> pd.DataFrame:
        """The trials that count. Raises ValueError when there is none."""
        if self.trials.empty or not self.trials["valid"].any():
            raise ValueError(f"run {self.run_id} has no valid trial, so there is nothing to draw")
        return self.trials[self.trials["valid"]]

    @property
    def invalid(self) -> pd.DataFrame:
        """The trials that ended and do not count."""
        if self.trials.empty:
            return self.trials
        return self.trials[~self.trials["valid"] & (self.trials["verdict"] != "interrupted")]

    @property
    def is_jittered(self) -> bool:
        """Whether clients wait before they submit where the system polls: it has no throughput."""
        return self.experiment["load"].get("submit") == "jittered"

    @cached_property
    def summary(self) -> list[dict]:
        """The harness's summary of each cell; empty where the run was killed before it."""
        return _if_there(self.path / "summary.json") or []

    @cached_property
    def source_sha256(self) -> str:
        """
        The hash of what every figure is drawn from: experiment, environment and trials, whose rows
        hold the hashes of the samples.
        """
        parts = [json.dumps(self.experiment, sort_keys=True).encode()]
        parts += [(self.path / name).read_bytes() for name in ("environment.json", "trials.jsonl")]
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def find_run(results: Path = RESULTS) -> Path:
    """The run folder that ENXAME_RUN names, or else the newest one in `results`."""
    named = os.environ.get("ENXAME_RUN")
    if named:
        return Path(named)
    runs = sorted(path.parent for path in results.glob("*/manifest.json"))
    if not runs:
        raise FileNotFoundError(f"no run in {results}: make one with ./run-experiment")
    return runs[-1]


def load_run(path: Path, out: Path | None = None) -> Run:
    """
    Reads a run folder, also one whose harness was killed while it wrote. `out`: where to write.
    """
    manifest = json.loads((path / "manifest.json").read_text())
    version = manifest["schema_version"]
    if version != SCHEMA_VERSION:
        raise ValueError(f"{path}: schema version {version}; expected {SCHEMA_VERSION}")
    trials = path / "trials.jsonl"
    lines = trials.read_text().split("\n")[:-1] if trials.exists() else []
    # What follows the last line break is empty, or a row of which only a part was written.
    return Run(
        path=path,
        manifest=manifest,
        environment=json.loads((path / "environment.json").read_text()),
        out=out or path,
        warnings=_if_there(path / "warnings.json"),
        comparisons=_if_there(path / "comparisons.json"),
        contrasts=_if_there(path / "contrasts.json"),
        trials=pd.json_normalize([json.loads(line) for line in lines]),
    )


def with_judgements(run: Run, text: str) -> Run:
    """The run, with the warnings, comparisons and contrasts of a JSON object that has them."""
    if not text:
        raise ValueError("nothing on stdin; expected what the harness concluded from the run")
    told = json.loads(text)
    return replace(run, **{name: told[name] for name in JUDGEMENTS if name in told})


def _if_there(path: Path) -> list[dict] | None:
    return json.loads(path.read_text()) if path.exists() else None


def samples_of(run: Run, trial: pd.Series) -> tuple[Path, str]:
    """The file of a trial's samples, and the SHA-256 that the trial recorded of it."""
    record = next(file for file in trial["files"] if file["path"].startswith("samples/"))
    return run.path / record["path"], record["sha256"]
