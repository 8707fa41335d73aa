"""What the probes found is told as their files have it."""

import json

import numpy as np

from enxame_figures.output.probed import Footprint, Isolation, Overshoot


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
        {"engine": "wasm", "cold": cold, "ready_ms": ready}
        for cold, ready in ((False, 10), (False, 12), (True, 90), (True, 110))
    ]
    told = {"work_n": 512, "program_bytes": {"wasm": 5}, "rows": rows}
    footprint = Footprint(written(tmp_path / "footprint.json", told))
    assert footprint.of("wasm", "ready_ms").value == 11
    assert footprint.of("wasm", "ready_ms", cold=True).value == 100
    assert footprint.engines == ["wasm"] and np.isnan(footprint.of("none", "ready_ms").value)
