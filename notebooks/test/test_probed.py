"""What the probes found is told as their files have it."""

import json

import numpy as np

from enxame_figures.output.probed import (
    Footprint,
    Isolation,
    Orchestration,
    Overshoot,
    Portability,
)


def written(path, told):
    path.write_text(json.dumps(told))
    return path


def test_engines_of_which_the_same_got_out_share_a_column(tmp_path):
    def row(engine, attempt, reached):
        return {"engine": engine, "attempt": attempt, "reached": reached, "by": f"{engine}!"}

    attempts = [
        {"name": "read", "title": "read", "is_allowed": False},
        {"name": "use", "title": "use", "is_allowed": True},
    ]
    rows = [
        row("process", "read", True),
        row("box", "read", False),
        row("box", "use", True),
        row("wasm", "read", False),
        row("wasm", "use", True),
        row("broken", "read", False),
        row("broken", "use", False),
    ]
    told = {"attempts": attempts, "rows": rows, "unavailable": {}, "environment": {}}
    isolation = Isolation(written(tmp_path / "isolation.json", told))
    groups = isolation.groups
    assert [group.engines for group in groups] == [("process",), ("box", "wasm"), ("broken",)]
    read, use = attempts
    assert [isolation.mark(read, group) for group in groups] == ["**out**", "held", "held"]
    assert [isolation.mark(use, group) for group in groups] == ["–", "works", "**fails**"]
    assert isolation.ways_out("process") == (1, 1) and isolation.ways_out("box") == (0, 1)
    assert list(isolation.outcomes("read"))[:2] == [
        (True, "process!", ["process"]),
        (False, "box!", ["box"]),
    ]


def test_an_overshoot_is_a_mean_over_repeats_with_its_interval(tmp_path):
    rows = [
        {"engine": "wasm", "limit": "seconds", "beyond": beyond, "by": "trap", "host_sees": "1"}
        for beyond in (10, 12, 14)
    ]
    told = {"limits": [{"name": "seconds", "title": "1 s", "unit": "ms"}], "rows": rows}
    overshoot = Overshoot(written(tmp_path / "overshoot.json", told))
    beyond = overshoot.beyond("wasm", "seconds")
    # 2 / √3 times Student's t of 2 degrees of freedom.
    assert beyond.value == 12 and abs(beyond.high - 12 - 4.3027 * 2 / 3**0.5) < 1e-3
    assert overshoot.most("wasm", "seconds") == 14
    assert overshoot.engines("seconds") == ["wasm"] and overshoot.engines("fuel") == []
    assert overshoot.ended("wasm", "seconds") == ("trap", "1")


def test_cold_starts_are_told_apart_from_warm_ones(tmp_path):
    rows = [
        {"engine": "wasm", "cold": cold, "at_once": at_once, "ready_ms": ready}
        for cold, at_once, ready in (
            (False, 1, 10),
            (False, 1, 12),
            (True, 1, 90),
            (True, 1, 110),
            (False, 16, 200),
        )
    ]
    told = {
        "work_n": 512,
        "many": 16,
        "program_bytes": {"wasm": 5},
        "image_bytes": {},
        "rows": rows,
    }
    footprint = Footprint(written(tmp_path / "footprint.json", told))
    assert footprint.of("wasm", "ready_ms").value == 11
    assert footprint.of("wasm", "ready_ms", cold=True).value == 100
    assert footprint.of("wasm", "ready_ms", many=True).value == 200
    assert footprint.engines == ["wasm"] and np.isnan(footprint.of("none", "ready_ms").value)


def test_places_are_told_by_file_and_machine(tmp_path):
    def place(file: str, engine: str, machine: str, because: str | None = None) -> dict:
        told = {"file": file, "engine": engine, "machine": machine, "multiplies": because is None}
        return told | ({"because": because} if because else {})

    places = [
        place("native", "process", "here"),
        place("wasm", "one", "here"),
        place("wasm", "two", "here", "trap"),
        place("wasm", "three", "there"),
        place("native", "four", "there", "Invalid ELF image"),
    ]
    portability = Portability(written(tmp_path / "portability.json", {"places": places}))
    assert portability.engines("wasm", foreign=False) == ["one"]
    assert portability.engines("wasm", foreign=False, multiplies=False) == ["two"]
    assert portability.engines("wasm", foreign=True) == ["three"]
    assert portability.engines("native", foreign=True) == []
    assert portability.because("native", "four") == "Invalid ELF image"


def test_orchestrators_are_told_over_repeats(tmp_path):
    def row(orchestrator: str, repeat: int, replaced_s: float | None) -> dict:
        tasks = {"submitted": 10, "right": 9, "wrong": 0, "lost": 1}
        return {
            "orchestrator": orchestrator,
            "repeat": repeat,
            "replaced_s": replaced_s,
            "tasks": tasks,
        }

    rows = [row("swarm", 1, 5.0), row("swarm", 2, 6.0), row("processes", 1, None)]
    beside = [{"orchestrator": "swarm", "completed": {"native": 3, "wasm": 4}}]
    told = {"many": 8, "rows": rows, "beside": beside}
    orchestration = Orchestration(written(tmp_path / "orchestrate.json", told))
    assert (orchestration.orchestrators, orchestration.repeats) == (["swarm", "processes"], 2)
    assert orchestration.of("swarm", "replaced_s").value == 5.5
    assert np.isnan(orchestration.of("processes", "replaced_s").value)
    assert orchestration.tasks("swarm", "lost") == 2
    assert orchestration.beside("swarm")["completed"] == {"native": 3, "wasm": 4}
