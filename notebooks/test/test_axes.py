"""How cells become lines and panels."""

import json

import made_up_run
import pandas as pd
from made_up_run import GIVE_UP_MS, make_run

from enxame_figures.axes import lines_of, panels_of, telling_values, varies, with_lines
from enxame_figures import run as run_module
from enxame_figures.measures import (
    measure_open,
    measure_phases,
    measure_responses,
    reduce_samples,
)
from enxame_figures.phases import draw_phases
from enxame_figures.run import load_run, samples_of


def test_parts_that_vary_within_a_system_make_lines_in_the_order_of_the_experiment(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1], launches=1, codec=["json", "binary"]))
    trials = with_lines(run, run.trials)
    assert lines_of(trials) == ["local", "rpc-tcp", "rest-wasm json", "rest-wasm binary"]


def test_sizes_and_rates_make_panels_unless_they_are_the_horizontal_axis(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1, 2], n=[64, 128], launches=1, samples=30))
    measured = measure_responses(run)
    assert varies(run.trials, "n") and not varies(run.trials, "rate_per_s")
    assert [panel.title for panel in panels_of(measured, "workers", 2)] == ["n = 64", "n = 128"]
    both = [panel.title for panel in panels_of(measured, None, 2)]
    assert both == [
        "1 worker, n = 64",
        "1 worker, n = 128",
        "2 workers, n = 64",
        "2 workers, n = 128",
    ]
    assert sum(len(panel.rows) for panel in panels_of(measured, None, 2)) == len(measured)


def test_one_in_flight_per_worker_is_no_axis(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1, 2, 4], launches=1, samples=30))
    assert [panel.title for panel in panels_of(measure_responses(run), "workers", 2)] == [""]


def test_many_values_are_told_by_few_among_them_the_core_count():
    assert telling_values(pd.Series([1, 2, 4, 8])) == [1, 2, 4, 8]
    assert telling_values(pd.Series(range(1, 17)), keep=2) == [1, 2, 11, 16]


def test_measures_of_a_trial_follow_from_its_samples(tmp_path, monkeypatch):
    path = make_run(tmp_path, systems=["local"], workers=[1], launches=3, samples=401, spread=0)
    measured = measure_responses(load_run(path)).set_index("launch")
    # The second launch is neither slow nor fast, and the made-up median is 2 ms.
    assert abs(measured.loc[2, "median_response_ms"] - 2) < 1e-6
    assert abs(measured.loc[2, "throughput_per_s"] - 500) < 1e-6
    # Neither warm-up, tail and wrong products count, nor how the rows were divided to be read.
    trial = load_run(path).valid.iloc[1]
    reduced = reduce_samples(*samples_of(load_run(path), trial), 1.0, 2.0)
    assert (reduced.finished, reduced.unfinished) == (401, 0)
    monkeypatch.setattr(run_module, "ROWS_AT_A_TIME", 7)
    reduce_samples.cache_clear()
    again = reduce_samples(*samples_of(load_run(path), trial), 1.0, 2.0)
    assert (again.quantiles_ms == reduced.quantiles_ms).sum() > 100
    assert abs(again.response_ms - reduced.response_ms) < 1e-9
    phases = measure_phases(load_run(path)).set_index("launch").loc[2]
    assert abs(phases["compute"] - 1) < 1e-6
    assert abs(phases["unexplained"] - 0.04) < 1e-5
    assert "backlog" not in phases


def test_a_run_of_version_2_keeps_its_one_phase_for_both_ways(tmp_path, monkeypatch):
    monkeypatch.setattr(made_up_run, "PHASES", made_up_run.OLD_PHASES)
    path = make_run(tmp_path, systems=["local"], workers=[1], launches=1, spread=0)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 2}))
    phases = measure_phases(load_run(path)).iloc[0]
    assert abs(phases["transport"] / phases["response_ms"] - 0.2) < 1e-6
    assert abs(phases["unexplained"] / phases["response_ms"] - 0.02) < 1e-5
    assert not {"dispatch", "return"} & set(phases.index)
    assert "transport (ms)" in draw_phases(load_run(path)).shown["phases"].headings.values()


def test_goodput_counts_what_came_back_in_time_and_not_what_arrived(tmp_path):
    # 1 worker of 3 ms serves 333 requests/s.
    sent = {"rates": [100, 1000], "systems": ["rpc-tcp"], "workers": [1], "n": [128]}
    run = load_run(make_run(tmp_path, **sent, launches=1, spread=0, cores=1))
    measured = measure_open(run).set_index("rate_per_s")
    assert abs(measured.loc[100, "goodput_per_s"] - 100) < 20
    assert abs(measured.loc[1000, "goodput_per_s"] - 333 / 0.95) < 20
    assert measured.loc[1000, "median_response_ms"] > 500
    assert measure_phases(run).set_index("rate_per_s").loc[1000, "backlog"] > 500


def test_what_was_given_up_counts_with_the_time_it_was_waited_for(tmp_path):
    sent = {"rates": [50, 2000], "systems": ["rpc-tcp"], "workers": [1], "duration_s": 5}
    run = load_run(make_run(tmp_path, **sent, launches=1, cores=1))
    measured = measure_open(run).set_index("rate_per_s")
    assert measured.loc[50, "unfinished_share"] == 0
    assert measured.loc[2000, "unfinished_share"] > 0.3
    assert measured.loc[2000, "p99_response_ms"] == GIVE_UP_MS
