"""Folders of runs that never were, for tests."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
from pathlib import Path

import numpy as np

from enxame_figures.axes import PARTS
from enxame_figures.run import SCHEMA_VERSION

HASHED = "samples/"
# Of a request less its backlog, in the order of its life: half of it computes, 2 % are not
# explained.
SHARES = {"submit": 0.05, "queue": 0.1, "dispatch": 0.12, "decode": 0.05, "compute": 0.5}
SHARES |= {"encode": 0.05, "return": 0.08, "collect": 0.03}
UNACCOUNTED_SHARE = 0.02
CLOCK_ERROR_MS = 0.01
# Of the time until an arrival is submitted.
LATENESS_SHARE = 0.25
LOCAL = {"engine": "native", "topology": "in-process", "transport": "inproc", "codec": "none"}
LOCAL |= {"kernel": "simd", "dispatch": "push", "collection": None, "connections": None}
TCP = LOCAL | {"topology": "direct", "transport": "tcp", "codec": "binary"}
TCP |= {"connections": "kept"}
REST = TCP | {"topology": "relayed", "transport": "rest", "dispatch": "long-poll"}
REST |= {"collection": "long-poll"}
TEXT = REST | {"codec": "json"}
TAB = TEXT | {"engine": "browser"}
POLLED = TAB | {"kernel": "naive", "dispatch": "poll", "collection": "poll"}
PUSHED = TCP | {"topology": "relayed", "transport": "ws"}
SYSTEMS = {
    "local": LOCAL,
    "rpc-tcp": TCP,
    "rpc-http": TCP | {"topology": "front"},
    "rest-native-binary": REST,
    "rest-native": TEXT,
    "rest-wasm": TAB,
    "rest-wasm-naive": TAB | {"kernel": "naive"},
    "rest-wasm-polled": POLLED,
    "origin-rest": POLLED | {"connections": "per-request"},
    "ws-native": PUSHED,
    "ws-process": PUSHED | {"engine": "process"},
    "ws-wasi-node": PUSHED | {"engine": "wasi-node"},
}
# One choice at a time.
ABLATION = ["rpc-tcp", "rest-native-binary", "rest-native", "rest-wasm", "rest-wasm-naive"]
ABLATION += ["rest-wasm-polled", "origin-rest"]
# As manifests describe them.
AXES = [
    {"name": name, "field": name, "title": title, "unit": unit, "default": default}
    for name, title, unit, default in [
        *[(part, part, None, None) for part in LOCAL],
        ("workers", "workers", None, 1),
        ("n", "order of the matrices, n", None, 256),
        ("values", "values", None, "real"),
        ("split", "split", None, "none"),
        ("service_ms", "service time", "ms", 0),
        ("in_flight", "requests in flight", None, None),
        ("rate_per_s", "offered rate", "1/s", None),
        ("browser_flags", "browser flags", None, "none"),
        ("browsers", "browsers", None, "shared"),
        ("attached", "attached", None, False),
    ]
]
PIN = {"name": "pin", "field": "pin", "title": "placement", "unit": None, "default": "free"}
FAULTS = {"name": "faults", "field": "faults", "title": "faults", "unit": None, "default": "none"}
CONDITIONS = ["workers", "n", "in_flight", "rate_per_s", "service_ms", "split"]
GIVE_UP_MS = 3000.0
WARNINGS = [
    {"kind": "invalid-trial", "of": ["a-trial"], "text": "Trial a-trial is invalid."},
    {"kind": "turbo", "of": [], "text": "Turbo is <on>."},
]
WARM_UP_S = 1.0
# Response time of one request in ms, with nobody in its way.
BASE_MS = {
    "local": 2.0,
    "rpc-tcp": 3.0,
    "rpc-http": 6.0,
    "rest-native-binary": 4.0,
    "rest-native": 10.0,
}
BASE_MS |= {"ws-native": 4.0, "ws-process": 5.0, "ws-wasi-node": 10.0}
BASE_MS |= {"rest-wasm": 12.0, "rest-wasm-naive": 15.0}
BASE_MS |= {"rest-wasm-polled": 1500.0, "origin-rest": 1502.0}


def make_run(
    folder: Path,
    *,
    systems=("local", "rpc-tcp", "rest-wasm"),
    workers=(1, 2, 4),
    n=(128,),
    codec=None,
    rates=None,
    schedule=None,
    faults=None,
    submit="at-once",
    in_flight=("per-worker",),
    split=("none",),
    service_ms=(0,),
    browser_flags=("none",),
    launches=3,
    cores=2,
    pin=None,
    duet=False,
    samples=400,
    duration_s=2,
    invalid=(),
    spread=0.02,
    shift=1.0,
    status="complete",
) -> Path:
    """
    A run in which a request takes its system's base time, longer with every worker over the cores
    and with the square of n; split, as much less as there are workers with a core; held, its
    service time more. `codec`, `browser_flags`: values of those axes, which only browsers can take.
    `rates`: makes the load open; `schedule`: says that they change, which the samples do not.
    `faults`: plans, each of which kills a worker for good after two fifths of the measured time,
    from which throughput recovers, but in the last launch. `submit`: `jittered` leaves systems that
    poll no throughput.
    `invalid`: names of cells whose trials of the first launch do not count. `shift`: how many times
    as long requests take in the later half of every first launch.
    """
    path = folder / "20250101T000000Z-abcdef"
    (path / "samples").mkdir(parents=True)
    axes = {"workers": list(workers), "n": list(n), "browsers": ["shared"], "attached": [False]}
    axes |= {"split": list(split), "service_ms": list(service_ms), "values": ["real"]}
    axes |= {"browser_flags": list(browser_flags)}
    axes |= {"pin": [pin]} if pin else {}
    axes |= {"codec": list(codec)} if codec else {}
    axes |= {"faults": list(faults)} if faults else {}
    axes |= {"rate_per_s": list(rates)} if rates else {"in_flight": list(in_flight)}
    load = {"kind": "closed", "submit": submit}
    if rates:
        load = {"kind": "open", "arrivals": "poisson"}
        load |= {"schedule": schedule} if schedule else {}
    experiment = {
        "name": "made-up",
        "question": "What would <this> cost?",
        "systems": [{"name": name, **SYSTEMS[name]} for name in systems],
        "axes": axes,
        "load": load,
        "repetition": {"launches": launches, "duration_s": duration_s, "samples": None},
        "seed": 7,
        "stop": None,
        "validity": {
            "steal_share": 0.1,
            "other_load_share": 0.2,
            "unaccounted_share": 0.25,
            "wrong": 0,
        },
    } | ({"duet": True} if duet else {})
    rows = []
    random = np.random.default_rng(7)
    for launch in range(1, launches + 1):
        for cell in cells_of(axes, systems):
            given = launch, rows, cores, samples, duration_s, spread, shift, random
            rows.append(make_trial(path, cell, *given))
            if cell.get("faults", "none") != "none":
                add_fault(rows[-1], recovers=launch < launches)
            if submit == "jittered" and cell["dispatch"] == "poll":
                rows[-1]["results"] |= {"throughput_per_s": None}
            if launch == 1 and cell["cell"] in invalid:
                because = "12.0 % of the machine's time was taken by other guests, more than 10.0 %"
                rows[-1] |= {"valid": False, "verdict": "noisy", "invalid_because": because}
    (path / "trials.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "environment.json").write_text(json.dumps(environment(cores)))
    session = {"command_line": ["made-up"], "started_at": "2025-01-01T00:00:00Z"}
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "run_id": path.name,
        "status": status,
        "axes": [*AXES, *([PIN] if pin else []), *([FAULTS] if faults else [])],
        "experiment": experiment,
        "experiment_sha256": "0" * 64,
        "source": {"file": "experiments/made-up.yaml", "overrides": {}},
        "plan": [row["trial"] for row in rows],
        "sessions": [session | {"ended_at": "2025-01-01T00:10:00Z", "status": status}],
        "files": [],
    }
    (path / "manifest.json").write_text(json.dumps(manifest))
    (path / "warnings.json").write_text(json.dumps(WARNINGS))
    (path / "comparisons.json").write_text(json.dumps(comparisons_of(rows)))
    (path / "contrasts.json").write_text(json.dumps(contrasts_of(rows)))
    return path


def add_fault(row: dict, recovers: bool) -> None:
    """What the row of a trial says of a worker that was killed in it."""
    at_s = 0.4 * row["results"]["measured_s"]
    killed = {"kind": "kill", "of": "w1", "part": "worker-1", "planned_s": at_s, "at_s": at_s}
    row["injected_faults"] = [killed | {"until_s": None}]
    counts = {"accepted": 100, "completed": 98, "failed": 1, "lost": 1, "refused": 2}
    recovery = {"recovered_s": 0.25 * at_s if recovers else None, "held_s": 0.125}
    effects = counts | {"wrong": 0, "duplicated": 0, "recoveries": [recovery]}
    row["results"] |= {"fault_effects": effects, "repeated_attempts": 3}


def comparisons_of(rows: list[dict]) -> list[dict]:
    """As the harness compares cells, more or less: each with the first system's."""

    def put_to(row: dict) -> tuple:
        return tuple(row.get(axis) for axis in CONDITIONS)

    cells = {row["cell"]: row for row in rows if row["valid"]}
    first = next(iter(cells.values()))["system"] if cells else ""
    firsts = {put_to(row): cell for cell, row in cells.items() if row["system"] == first}
    compared = []
    for cell, row in cells.items():
        over = firsts.get(put_to(row))
        if row["system"] == first or over is None:
            continue
        ratios = ratios_between(row["system"], first)
        compared.append({"cell": cell, "over": over, **ratios, "p": 0.01, "verdict": "slower"})
    return compared


def contrasts_of(rows: list[dict]) -> list[dict]:
    """As the harness contrasts cells, of systems that differ in one field and nothing else."""
    cells = {row["cell"]: row for row in rows if row["valid"]}
    contrasted = []
    for (over, one), (cell, other) in itertools.combinations(cells.items(), 2):
        unlike = [part for part in LOCAL if one[part] != other[part]]
        if len(unlike) != 1 or any(one.get(axis) != other.get(axis) for axis in CONDITIONS):
            continue
        differs = {unlike[0]: [other[unlike[0]], one[unlike[0]]]}
        told = {"choice": unlike[0], "differs": differs, "cell": cell, "over": over}
        contrasted.append(told | ratios_between(other["system"], one["system"]))
    return contrasted


def ratios_between(system: str, over: str) -> dict:
    value = BASE_MS[system] / BASE_MS[over]
    ratio = {"value": value, "low": value * 0.97, "high": value * 1.03}
    mean = {"value": 1.1 * value, "low": 1.0 * value, "high": 1.2 * value}
    ratios = {"response_ratio": ratio, "mean_response_ratio": mean}
    return {"pairs": 3, **ratios, "throughput_ratio": {"value": 1 / value}}


def cells_of(axes: dict, systems) -> list[dict]:
    """The cells, as the fields of a trial's row, named as the harness names them."""
    told = [name for name in axes if name != "workers" and len(axes[name]) > 1]
    cells = []
    for system in systems:
        parts = SYSTEMS[system] | {"rate_per_s": None, "in_flight": None}
        own = axes if parts["engine"] == "browser" else axes | {"browser_flags": ["none"]}
        if "codec" in axes:
            chosen = [codec for codec in axes["codec"] if codec != "none"]
            own = own | {"codec": chosen if parts["engine"] == "browser" else [parts["codec"]]}
        for values in itertools.product(*own.values()):
            cell = {"system": system, **parts, **dict(zip(own, values))}
            words = [system, f"w{cell['workers']}"]
            words += [f"{SHORT.get(name, name + '=')}{cell[name]}" for name in told]
            if cell["in_flight"] == "per-worker":
                cell["in_flight"] = cell["workers"]
            cells.append({"cell": " ".join(words)} | cell)
    return cells


# How names of cells abbreviate axes.
SHORT = {"n": "n", "rate_per_s": "rate="}


def make_trial(path, cell, launch, before, cores, count, duration_s, spread, shift, random) -> dict:
    """The row of a trial whose samples it writes."""
    index = len(before)
    # What slows a launch slows all of its block, and each trial a little by itself.
    slow = 1 + 0.05 * (launch - 2) + random.normal(0, spread)
    busy = min(cell["workers"], cell["in_flight"] or cell["workers"])
    turns = 1 if cell["service_ms"] else max(1, busy / cores)
    response_ms = BASE_MS[cell["system"]] * (cell["n"] / 128) ** 2 * turns * slow
    response_ms *= 0.4 if cell["codec"] == "binary" and cell["engine"] == "browser" else 1
    response_ms /= 1 if cell["split"] == "none" else min(cell["workers"], cores)
    response_ms += cell["service_ms"]
    name = f"{HASHED}{index:03d}-{cell['cell'].replace(' ', '-')}-l{launch}.csv.gz"
    served = busy * 1000 / response_ms
    measured_s = duration_s if cell["rate_per_s"] or cell["service_ms"] else count / served
    if cell["rate_per_s"]:
        rows = open_samples(response_ms, cell, duration_s, random)
    elif cell["service_ms"]:
        rows = held_samples(response_ms, cell["workers"], duration_s)
    else:
        moved = shift if launch == 1 else 1.0
        rows = closed_samples(response_ms, count, measured_s, moved)
    packed = gzip.compress(table(rows).encode(), mtime=0)
    (path / name).write_bytes(packed)
    record = {"path": name, "bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}
    results = {
        "samples": count,
        "steady": True,
        "warm_up_s": WARM_UP_S,
        "measured_s": measured_s,
        "throughput_per_s": goodput_of(rows, duration_s) if cell["rate_per_s"] else served,
        "machine_steal_share": 0.0,
        "mean_phases_ms": {"compute": cell["service_ms"] or response_ms * SHARES["compute"]},
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


def goodput_of(rows: list[dict], duration_s: float) -> float:
    """Products that came back within the window, 1/s."""
    ended_s = [
        (row["start_ms"] + row["response_ms"]) / 1000 - WARM_UP_S
        for row in rows
        if row["outcome"] == "ok"
    ]
    return sum(0 <= end_s < duration_s for end_s in ended_s) / duration_s


def closed_samples(median_ms: float, count: int, measured_s: float, shift: float) -> list[dict]:
    """
    `count` measured requests about the median, in no order, each within the measured time, and
    three others that must not count. The later half of them takes `shift` times as long.
    """
    factors = np.random.default_rng(3).permutation(np.linspace(0.5, 1.5, count))
    factors[count // 2 :] *= shift
    begin, end = 1000 * WARM_UP_S, 1000 * (WARM_UP_S + measured_s)
    rows = [sample("warm-up", 0, 0.9 * begin, "ok"), sample("tail", end, 9999, "ok")]
    for place, response in zip(np.linspace(0, 1, count), median_ms * factors):
        start = begin + place * (end - begin - response)
        rows.append(sample("measured", start, response, "ok"))
    rows.append(sample("measured", begin, 9999, "wrong", '"off, by one"'))
    return rows


def held_samples(response_ms: float, workers: int, duration_s: float) -> list[dict]:
    """All workers in step, one request after the other, until after the measured time."""
    rows, end_ms = [], 1000 * (WARM_UP_S + duration_s)
    for start in np.arange(0, end_ms, response_ms):
        ended = start + response_ms
        stage = "measured" if 1000 * WARM_UP_S <= ended < end_ms else "warm-up"
        stage = "tail" if ended >= end_ms else stage
        rows += [sample(stage, start, response_ms, "ok")] * workers
    return rows


def open_samples(service_ms: float, cell: dict, duration_s: float, random) -> list[dict]:
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
    return rows


def sample(stage, start, response, outcome, error="", backlog_ms=0.0) -> dict:
    rest = response - backlog_ms
    row = {"stage": stage, "client": 0, "start_ms": start, "response_ms": response}
    row |= {"backlog_ms": backlog_ms, "lateness_ms": LATENESS_SHARE * backlog_ms}
    row |= {f"{phase}_ms": rest * share for phase, share in SHARES.items()}
    row |= {"clock_error_ms": CLOCK_ERROR_MS}
    return row | {"worker": "w1", "outcome": outcome, "error": error}


def table(rows: list[dict]) -> str:
    """The samples as a file has them."""
    names = list(rows[0])
    lines = [",".join(["sample", *names])]
    for i, row in enumerate(rows):
        told = (f"{row[n]:.6f}" if isinstance(row[n], float) else str(row[n]) for n in names)
        lines.append(",".join([str(i), *told]))
    return "\n".join(lines) + "\n"


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


assert set(PARTS) <= {*LOCAL, "browser_flags", "browsers", "attached"}
