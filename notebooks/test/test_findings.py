"""The pages that have numbers of the reference runs say what those say."""

import json
import re

import numpy as np
import pytest

from enxame_figures.estimates import Estimate
from enxame_figures.output.facts import Facts
from enxame_figures.output.findings import (
    DOCS,
    REFERENCE,
    SHOWN,
    harm,
    interval,
    percent,
    plus_minus,
    render,
)
from made_up_run import make_run


def test_pages_are_what_their_templates_and_the_reference_runs_make():
    for page, text in render().items():
        assert page.read_text() == text, "write it again: notebooks/findings.py"


@pytest.mark.parametrize("name", SHOWN)
def test_the_figures_of_the_page_are_drawn_of_the_reference_runs(name):
    run_id = json.loads((REFERENCE / name / "manifest.json").read_text())["run_id"]
    assert run_id.encode() in (DOCS / "figures" / f"{SHOWN[name]}.png").read_bytes()


def test_numbers_have_their_interval():
    known, unknown = Estimate(17.421, 17.1, 17.8), Estimate(1234.5)
    assert [plus_minus(known), interval(known)] == ["17.4 ± 0.3", "17.4 [17.1–17.8]"]
    assert [plus_minus(unknown), interval(unknown)] == ["1,234", "1,234"]
    assert interval(Estimate(float("nan"))) == "–"
    assert percent(0.02907) == "2.9 %"
    assert percent(Estimate(0.0817, 0.0755, 0.088)) == "8.17 [7.55–8.80] %"


def test_a_ratio_is_paired_by_launch_and_a_cell_that_is_not_there_is_an_error(tmp_path):
    path = make_run(tmp_path, systems=["local", "rpc-tcp"], workers=[1], spread=0)
    rows = [json.loads(line) for line in (path / "trials.jsonl").read_text().splitlines()]
    for row in rows:
        row["results"]["throughput_per_s"] = row["launch"] * (2 if row["system"] == "local" else 1)
    (path / "trials.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cells = [{"cell": cell, "compute_share": {"value": 0.5}} for cell in ("local w1", "rpc-tcp w1")]
    (path / "summary.json").write_text(json.dumps(cells))
    facts = Facts(path)
    ratio = facts.ratio("throughput_per_s", "local w1", "rpc-tcp w1")
    # Without bounds: launches that agree exactly do not say how much they vary.
    assert round(ratio.value, 9) == 2 and np.isnan([ratio.low, ratio.high]).all()
    assert facts.of("local w1", "compute_share").value == facts.most("compute_share") == 0.5
    with pytest.raises(KeyError, match=re.escape("rest-wasm w1")):
        facts.of("rest-wasm w1", "compute_share")


def test_what_faults_did_is_told_by_system_and_plan(tmp_path):
    path = make_run(tmp_path, systems=["rpc-tcp"], workers=[2], faults=["none", "kill"])
    left_alone = {"cell": "rpc-tcp w2 none", "system": "rpc-tcp", "faults": "none"}
    killed = left_alone | {"cell": "rpc-tcp w2 kill", "faults": "kill"}
    effects = {"lost": 2, "recovered_s": None, "held_s": 0.5}
    (path / "summary.json").write_text(
        json.dumps([left_alone, killed | {"fault_effects": effects}])
    )
    facts = Facts(path)
    assert facts.plans == ["kill"]
    assert facts.effects("rpc-tcp", "kill") == effects
    assert facts.effects("rest-wasm", "kill") is None
    assert facts.total("lost", ["rpc-tcp", "rest-wasm"]) == 2
    assert facts.longest("held_s", "kill", ["rpc-tcp", "rest-wasm"]) == 0.5
    assert [harm(effects), harm(None)] == ["2; never", "–"]
    assert harm({"lost": 0, "recovered_s": 1.26}) == "0; 1.3"


def test_a_run_knows_the_command_that_made_it_wherever_it_was_put(tmp_path):
    path = make_run(tmp_path, systems=["local"], workers=[1], launches=1)
    manifest = json.loads((path / "manifest.json").read_text())
    words = ["scaling", "--out", "/somewhere", "--no-report", "--systems", "local,rpc tcp"]
    manifest["sessions"][0]["command_line"] = words
    (path / "manifest.json").write_text(json.dumps(manifest))
    (path / "summary.json").write_text("[]")
    facts = Facts(path)
    assert facts.command == "./run-experiment scaling --systems 'local,rpc tcp'"
    assert facts.began_on == "2025-01-01"
