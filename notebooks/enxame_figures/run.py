"""The folder of a run, read. results/README.md describes its files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).resolve().parents[2] / "results"
SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Run:
    """The files of one run. `trials` has a row per trial, valid or not, in the order they ran."""

    path: Path
    manifest: dict
    environment: dict
    trials: pd.DataFrame

    @property
    def run_id(self) -> str:
        return self.manifest["run_id"]

    @property
    def experiment(self) -> dict:
        return self.manifest["experiment"]

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
        """The trials that came to an end and do not count."""
        if self.trials.empty:
            return self.trials
        return self.trials[~self.trials["valid"] & (self.trials["verdict"] != "interrupted")]

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


def load_run(path: Path) -> Run:
    """Reads a run folder, also one whose harness was killed while it wrote."""
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
        trials=pd.json_normalize([json.loads(line) for line in lines]),
    )


def read_samples(run: Run, trial: pd.Series, columns: list[str]) -> pd.DataFrame:
    """
    Those columns, as many of them as there are, and `outcome` of every request of a trial. Raises
    ValueError when the file is no longer the one that the trial recorded.
    """
    record = next(file for file in trial["files"] if file["path"].startswith("samples/"))
    packed = (run.path / record["path"]).read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != record["sha256"]:
        raise ValueError(f"{record['path']}: SHA-256 is {found}; expected {record['sha256']}")
    wanted = {"outcome", *columns}
    return pd.read_csv(io.BytesIO(gzip.decompress(packed)), usecols=lambda c: c in wanted)


def read_measured(run: Run, trial: pd.Series, columns: list[str]) -> pd.DataFrame:
    """`read_samples` of those requests that belong to the measured time and ended well."""
    samples = read_samples(run, trial, ["stage", *columns])
    good = (samples["stage"] == "measured") & (samples["outcome"] == "ok")
    return samples[good].drop(columns=["stage", "outcome"])


def read_responses(run: Run, trial: pd.Series) -> pd.DataFrame:
    """
    `response_ms` of the measured requests, and whether each is `finished`. What an open load gave up
    counts with the time for which it was waited: to leave it out would flatter an overrun system.
    """
    samples = read_samples(run, trial, ["stage", "response_ms"])
    timed = samples[
        (samples["stage"] == "measured") & samples["outcome"].isin(["ok", "unfinished"])
    ]
    return pd.DataFrame({"response_ms": timed["response_ms"], "finished": timed["outcome"] == "ok"})
