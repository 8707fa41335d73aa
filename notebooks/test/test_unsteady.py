"""Runs whose measured time is not steady: faults, and rates that change."""

from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

from drawn import assert_nothing_is_empty
from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from enxame_figures.in_time import arrivals_in_time, products_per_s, waiting_shares
from enxame_figures.run import samples_of
from made_up_run import make_run

FAULTY = {"systems": ["rpc-tcp", "rest-wasm"], "workers": [2], "launches": 2, "samples": 2000}
FAULTY |= {"faults": ["none", "kill", "crash"], "spread": 0}
RISING = {"systems": ["rpc-tcp", "rest-wasm"], "workers": [2], "launches": 2, "spread": 0}
RISING |= {"rates": [50, 400], "schedule": "ramp:0.1:2", "duration_s": 4}


# Of the measured time.
QUARTERS = np.array([0.25, 0.75])


def with_samples(trial, path, rows):
    """The trial with these samples in place of its own."""
    pd.DataFrame(rows).to_csv(path, index=False)
    record = {"path": f"samples/{path.name}", "sha256": sha256(path.read_bytes()).hexdigest()}
    return pd.concat([trial.drop("files"), pd.Series({"files": [record]})])


def test_products_are_counted_when_they_came_back(tmp_path):
    run = load_run(make_run(tmp_path, **FAULTY))
    trial = run.valid.iloc[0]
    per_s = products_per_s(run, trial, 5)
    # Some ended at the very end, and what was wrong or outside of the measured time does not count.
    assert per_s.sum() / 5 == pytest.approx(2000 / trial["results.measured_s"], rel=0.01)
    assert per_s.max() < 1.1 * per_s.min()


def test_who_waits_longer_than_a_part_of_the_time_waits_in_each_of_them(tmp_path):
    run = load_run(make_run(tmp_path, **FAULTY))
    trial = run.valid.iloc[0]
    path, _ = samples_of(run, trial)
    waits, is_served = pd.read_csv(path).iloc[0], pd.read_csv(path).iloc[1]
    begins, ends = 1000 * (trial["results.warm_up_s"] + trial["results.measured_s"] * QUARTERS)
    for row in (waits, is_served):
        row[["start_ms", "response_ms", "backlog_ms"]] = begins, ends - begins, 0
    waits[["submit_ms", "queue_ms"]] = 0, ends - begins
    # Handed out at once, but only when it had been sent for half of its time.
    is_served[["submit_ms", "queue_ms"]] = (ends - begins) / 2, 0
    shares = waiting_shares(run, with_samples(trial, path, [waits, is_served]), 8)
    assert np.isnan(shares[[0, 1, 6, 7]]).all()
    assert shares[2:6] == pytest.approx([0.5] * 4)


def test_arrivals_are_sorted_by_when_they_were_meant_to_begin(tmp_path):
    run = load_run(make_run(tmp_path, **RISING))
    trial = run.valid[run.valid["cell"] == "rest-wasm w2 rate=400"].iloc[0]
    parts = arrivals_in_time(run, trial, 4)
    assert parts["offered_per_s"].tolist() == pytest.approx([400] * 4, rel=0.2)
    # It serves 166 in a second, so that the queue grows until requests are given up.
    assert parts["median_response_ms"].is_monotonic_increasing
    assert parts["unfinished_share"].iloc[0] == 0 < parts["unfinished_share"].iloc[-1]
    assert parts["p999_response_ms"].isna().all()


def test_a_row_per_plan_and_a_column_per_system_show_throughput_around_the_fault(tmp_path):
    run = load_run(make_run(tmp_path, **FAULTY))
    drawing = figures.draw_faults(run)
    axes = drawing.figure.axes
    assert len(axes) == 4
    assert [each.get_title(loc="left") for each in axes] == ["rpc-tcp", "rest-wasm", "", ""]
    assert [each.get_ylabel() for each in axes] == ["kill", "", "crash", ""]
    assert_nothing_is_empty(drawing.figure)
    first = axes[0]
    (trial, *_) = [row for _, row in run.valid.iterrows() if row["faults"] == "kill"]
    dashed = [line for line in first.lines if line.get_label() == "fault"]
    assert list(dashed[0].get_xdata()) == [0.4 * trial["results.measured_s"]] * 2
    steps = [patch for patch in first.patches if patch.get_label() == "throughput, relative"]
    assert len(steps) == 2
    assert np.nanmedian(steps[0].get_data().values) == pytest.approx(1, abs=0.1)
    # In the last launch it did not recover, which takes longest.
    assert "not recovered" in [patch.get_label() for patch in first.patches]


def test_the_table_adds_up_what_faults_did(tmp_path):
    drawing = figures.draw_faults(load_run(make_run(tmp_path, **FAULTY)))
    rows = drawing.shown["faults"].rows
    assert rows["faults"].tolist() == ["crash", "kill"] * 2
    assert (rows["accepted"] == 200).all() and (rows["repeated"] == 6).all()
    assert rows["recovered_s"].isna().all() and (rows["held_s"] == 0.125).all()


def test_a_rate_that_changes_is_drawn_in_time_and_is_no_saturation(tmp_path):
    run = load_run(make_run(tmp_path, **RISING))
    drawing = figures.draw_bursts(run)
    assert len(drawing.figure.axes) == 2 * 3
    assert_nothing_is_empty(drawing.figure)
    rows = drawing.shown["bursts"].rows.set_index(["line", "rate_per_s"])
    overrun = rows.loc[("rest-wasm", 400)]
    assert overrun["unfinished_share"] > 0 == overrun["refused_share"]
    assert rows.loc[("rpc-tcp", 50)]["unfinished_share"] == 0
    with pytest.raises(NotForThisRun, match="changes within"):
        figures.draw_saturation(run)


def test_other_runs_have_neither(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1], launches=1, samples=60))
    for draw in (figures.draw_bursts, figures.draw_faults):
        with pytest.raises(NotForThisRun):
            draw(run)
