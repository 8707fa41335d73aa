"""Folders of runs that never were, for tests."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np

from enxame_figures.axes import PARTS

HASHED = "samples/"
PHASES = ["submit", "queue", "dispatch", "decode", "compute", "encode", "return", "collect"]
# Those of schema version 2.
OLD_PHASES = ["submit", "queue", "transport", "decode", "compute", "encode", "collect"]
# Half of the time computes, 2 % are not explained.
SHARES = {"submit": 0.05, "queue": 0.1, "dispatch": 0.15, "transport": 0.2, "decode": 0.05}
SHARES |= {"compute": 0.5, "encode": 0.05, "return": 0.05, "collect": 0.03}
NATIVE = {"engine": "native", "transport": "inproc", "codec": "none", "kernel": "simd"}
TCP = NATIVE | {"transport": "tcp", "codec": "binary"}
BROWSER = {"engine": "browser", "transport": "rest", "codec": "json", "kernel": "simd"}
SYSTEMS = {
    "local": NATIVE | {"dispatch": "push"},
    "rpc-tcp": TCP | {"dispatch": "push"},
    "rest-wasm": BROWSER | {"dispatch": "long-poll"},
}
GIVE_UP_MS = 3000.0
# Response time of one request in ms, with nobody in its way.
BASE_MS = {"local": 2.0, "rpc-tcp": 3.0, "rest-wasm": 12.0}


def make_run(
    folder: Path,
    *,
    systems=("local", "rpc-tcp", "rest-wasm"),
    workers=(1, 2, 4),
    n=(128,),
    codec=None,
    rates=None,
    launches=3,
    cores=2,
    samples=400,
    duration_s=2,
    invalid=(),
    spread=0.02,
    status="complete",
) -> Path:
    """
    A run in which a request takes its system's base time, longer with every worker over the cores
    and with the square of n. `codec`: values of that axis, which only browsers can take. `rates`:
    makes the load open. `invalid`: names of cells whose trials of the first launch do not count.
    """
    path = folder / "20250101T000000Z-abcdef"
    (path / "samples").mkdir(parents=True)
    axes = {"workers": list(workers), "n": list(n), "browsers": ["shared"], "attached": [False]}
    axes |= {"codec": list(codec)} if codec else {}
    axes |= {"rate_per_s": list(rates)} if rates else {}
    experiment = {
        "name": "made-up",
        "question": "What would <this> cost?",
        "systems": [{"name": name, **SYSTEMS[name]} for name in systems],
        "axes": axes,
        "load": {"kind": "open", "arrivals": "poisson"} if rates else {"kind": "closed"},
        "repetition": {"launches": launches, "duration_s": duration_s, "warm_up_limit_s": 10},
        "seed": 7,
        "stop": None,
        "validity": {
            "steal_share": 0.1,
            "other_load_share": 0.2,
            "closure_share": 0.25,
            "wrong": 0,
        },
    }
    rows = []
    random = np.random.default_rng(7)
    for launch in range(1, launches + 1):
        for cell in cells_of(systems, workers, n, codec, rates):
            rows.append(
                make_trial(path, cell, launch, rows, cores, samples, duration_s, spread, random)
            )
            if launch == 1 and cell["cell"] in invalid:
                because = "12.0 % of the machine's time was taken by other guests, more than 10.0 %"
                rows[-1] |= {"valid": False, "verdict": "noisy", "invalid_because": because}
    (path / "trials.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "environment.json").write_text(json.dumps(environment(cores)))
    session = {"command_line": ["made-up"], "started_at": "2025-01-01T00:00:00Z"}
    manifest = {
        "schema_version": 3,
        "run_id": path.name,
        "status": status,
        "experiment": experiment,
        "experiment_sha256": "0" * 64,
        "source": {"file": "experiments/made-up.yaml", "overrides": {}},
        "plan": [row["trial"] for row in rows],
        "sessions": [session | {"ended_at": "2025-01-01T00:10:00Z", "status": status}],
        "files": [],
    }
    (path / "manifest.json").write_text(json.dumps(manifest))
    return path


def cells_of(systems, workers, n, codec, rates) -> list[dict]:
    """The cells, as the fields of a trial's row, named as the harness names them."""
    cells = []
    for system in systems:
        parts = SYSTEMS[system]
        variants = (
            [c for c in codec if c != "none"] if codec and parts["engine"] == "browser" else [None]
        )
        for variant in variants:
            for count in workers:
                for order in n:
                    for rate in rates or [None]:
                        words = [system, f"w{count}"]
                        words += [f"n{order}"] if len(n) > 1 else []
                        words += [f"codec={variant or parts['codec']}"] if codec else []
                        words += [f"rate={rate}"] if rates and len(rates) > 1 else []
                        row = {"cell": " ".join(words), "system": system, **parts}
                        row |= {"codec": variant} if variant else {}
                        row |= {"workers": count, "n": order, "rate_per_s": rate}
                        row |= {"in_flight": None if rates else count}
                        cells.append(row | {"browsers": "shared", "attached": False})
    return cells


def make_trial(path, cell, launch, before, cores, count, duration_s, spread, random) -> dict:
    """The row of a trial whose samples it writes."""
    index = len(before)
    # What slows a launch slows all of its block, and each trial a little by itself.
    slow = 1 + 0.05 * (launch - 2) + random.normal(0, spread)
    turns = max(1, cell["workers"] / cores)
    response_ms = BASE_MS[cell["system"]] * (cell["n"] / 128) ** 2 * turns * slow
    response_ms *= 0.4 if cell["codec"] == "binary" and cell["engine"] == "browser" else 1
    name = f"{HASHED}{index:03d}-{cell['cell'].replace(' ', '-')}-l{launch}.csv.gz"
    served = cell["workers"] * 1000 / response_ms
    if cell["rate_per_s"]:
        text = open_samples(response_ms, cell, duration_s, random)
        throughput = min(cell["rate_per_s"], served)
    else:
        text = closed_samples(response_ms, count)
        throughput = served
    packed = gzip.compress(text.encode(), mtime=0)
    (path / name).write_bytes(packed)
    record = {"path": name, "bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}
    results = {
        "samples": count,
        "steady": True,
        "warm_up_s": 1.0,
        "measured_s": duration_s if cell["rate_per_s"] else count / throughput,
        "machine_steal_share": 0.0,
    }
    return cell | {
        "trial": f"{index:03d}-{cell['cell'].replace(' ', '-')}-l{launch}",
        "planned_index": index,
        "actual_index": index,
        "attempt": 1,
        "launch": launch,
        "started_at": f"2025-01-01T00:{index % 60:02d}:00Z",
        "ended_at": f"2025-01-01T00:{index % 60:02d}:30Z",
        "valid": True,
        "verdict": "valid",
        "invalid_because": "",
        "endings": {"load-generator": 0},
        "files": [record, {"path": "histograms/none.hlog", "bytes": 0, "sha256": ""}],
        "previous_sha256": "",
        "results": results,
    }


def closed_samples(median_ms: float, count: int) -> str:
    """`count` measured requests about the median, and three others that must not count."""
    factors = np.linspace(0.5, 1.5, count)
    rows = [sample("warm-up", 0, 9999, "ok"), sample("tail", 0, 9999, "ok")]
    rows += [sample("measured", 10 * i, median_ms * f, "ok") for i, f in enumerate(factors)]
    rows.append(sample("measured", 0, 9999, "wrong", '"off, by one"'))
    return numbered(header(), rows)


def open_samples(service_ms: float, cell: dict, duration_s: float, random) -> str:
    """
    Arrivals of a Poisson process at `workers` servers, from a tenth of the window before it on.
    """
    gaps = random.exponential(
        1000 / cell["rate_per_s"], int(1.5 * duration_s * cell["rate_per_s"]) + 5
    )
    free = np.zeros(cell["workers"])
    rows = []
    for due in np.cumsum(gaps):
        if due > 1.1 * duration_s * 1000:
            break
        server = int(np.argmin(free))
        free[server] = max(due, free[server]) + service_ms
        backlog = free[server] - service_ms - due
        stage = "measured" if due >= 100 * duration_s else "warm-up"
        start = 1000 + due - 100 * duration_s
        # As the load generator does, it gives up what takes too long.
        outcome = "ok" if free[server] - due < GIVE_UP_MS else "unfinished"
        response = min(GIVE_UP_MS, free[server] - due)
        rows.append(sample(stage, start, response, outcome, backlog_ms=min(backlog, response)))
    return numbered(header(), rows)


def header() -> str:
    phases = ",".join(f"{phase}_ms" for phase in ["backlog", "lateness", *PHASES])
    errors = "closure_ms,clock_error_ms"
    return f"sample,stage,client,start_ms,response_ms,{phases},{errors},worker,outcome,error"


def sample(stage, start, response, outcome, error="", backlog_ms=0.0) -> str:
    """A row but for its number, of a request whose phases have SHARES of it."""
    rest = response - backlog_ms
    phases = [backlog_ms, 0, *(rest * SHARES[phase] for phase in PHASES)]
    numbers = [start, response, *phases, rest * 0.02, 0.01]
    text = ",".join(f"{number:.6f}" for number in numbers)
    return f"{stage},0,{text},w1,{outcome},{error}"


def numbered(first: str, rows: list[str]) -> str:
    return "\n".join([first, *(f"{i},{row}" for i, row in enumerate(rows))]) + "\n"


def environment(cores: int) -> dict:
    return {
        "cores": cores,
        "cpu": "A processor",
        "memory_bytes": 8 * 2**30,
        "cgroup": {"cpus": None, "memory_bytes": None},
        "os": "An operating system",
        "kernel": "6.0",
        "virtual_machine": True,
        "machine": None,
        "governor": None,
        "turbo": None,
        "load_average": 0.1,
        "versions": {"node": "v20.0.0", "browser": "156.0", "compiler": None},
        "build_flags": "-O3",
        "wasm_sha256": {"worker.wasm": "0" * 64},
        "programs_sha256": {},
        "browser_command_line": ["chromium", "--no-sandbox"],
        "git": {"commit": "0123456789abcdef", "dirty": False},
    }


assert set(PARTS) <= {*NATIVE, "dispatch", "browsers", "attached"}
