"""How cells become lines and panels."""

import json

import pandas as pd
import pytest

from enxame_figures import samples as samples_module
from enxame_figures.axes import (
    conditions_of,
    counted,
    headings_of,
    lines_of,
    panels_of,
    telling_values,
    varies,
    with_lines,
)
from enxame_figures.measures import measure_open, measure_phases, measure_responses
from enxame_figures.run import load_run, samples_of
from enxame_figures.samples import PHASES, UNACCOUNTED, reduce_samples
from made_up_run import (
    CLOCK_ERROR_MS,
    GIVE_UP_MS,
    LATENESS_SHARE,
    UNACCOUNTED_SHARE,
    WARM_UP_S,
    make_run,
)


def test_parts_that_vary_within_a_system_make_lines_in_the_order_of_the_experiment(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1], launches=1, codec=["json", "binary"]))
    trials = with_lines(run, run.trials)
    assert lines_of(trials) == ["local", "rpc-tcp", "rest-wasm json", "rest-wasm binary"]


@pytest.mark.parametrize(
    "flags, told",
    [
        (["none"], ["local", "rest-wasm"]),
        (["revectorize"], ["local", "rest-wasm revectorize (non-default flags)"]),
        (
            ["none", "revectorize"],
            ["local", "rest-wasm", "rest-wasm revectorize (non-default flags)"],
        ),
    ],
)
def test_flags_that_no_browser_has_by_itself_are_told_wherever_they_were_used(
    tmp_path, flags, told
):
    some = {"systems": ["local", "rest-wasm"], "workers": [1], "launches": 1}
    run = load_run(make_run(tmp_path, **some, browser_flags=flags))
    assert lines_of(with_lines(run, run.trials)) == told


@pytest.mark.parametrize(
    "in_flight, titles",
    [
        (["per-worker"], [""]),
        ([1], [""]),
        (["per-worker", 1], ["1 in flight", "one in flight per worker"]),
    ],
)
def test_requests_in_flight_make_panels_where_they_vary(tmp_path, in_flight, titles):
    run = load_run(make_run(tmp_path, workers=[1, 2], launches=1, samples=30, in_flight=in_flight))
    measured = measure_responses(run)
    panels = panels_of(run, measured, "workers")
    assert [panel.title for panel in panels] == titles
    assert sum(len(panel.rows) for panel in panels) == len(measured)
    assert measured["in_flight"].isna().all() == (in_flight == ["per-worker"])


def test_what_a_system_is_put_to_makes_panels_in_words(tmp_path):
    put = {"split": ["none", "rows"], "service_ms": [0, 1000], "workers": [1], "systems": ["local"]}
    run = load_run(make_run(tmp_path, **put, launches=1, samples=30))
    panels = panels_of(run, measure_responses(run), "workers")
    assert [panel.title for panel in panels] == [
        "not split, no service time",
        "not split, tasks of 1 s",
        "split into rows, no service time",
        "split into rows, tasks of 1 s",
    ]
    assert [len(panel.rows) for panel in panels] == [1, 1, 1, 1]


def test_sizes_and_rates_make_panels_unless_they_are_the_horizontal_axis(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1, 2], n=[64, 128], launches=1, samples=30))
    measured = measure_responses(run)
    assert varies(run.trials, "n") and not varies(run.trials, "rate_per_s")
    assert [panel.title for panel in panels_of(run, measured, "workers")] == ["n = 64", "n = 128"]
    both = [panel.title for panel in panels_of(run, measured, None)]
    assert both == [
        "1 worker, n = 64",
        "1 worker, n = 128",
        "2 workers, n = 64",
        "2 workers, n = 128",
    ]
    assert sum(len(panel.rows) for panel in panels_of(run, measured, None)) == len(measured)


def test_axes_are_those_of_the_manifest_also_ones_that_no_figure_knows(tmp_path):
    path = make_run(tmp_path, workers=[1, 2], systems=["local"], launches=1, samples=30)
    manifest = json.loads((path / "manifest.json").read_text())
    axes = [axis | {"title": axis["title"].upper()} for axis in manifest["axes"]]
    toy = {"name": "toy", "field": "toy_v", "title": "voltage of the toy", "unit": "V"}
    (path / "manifest.json").write_text(json.dumps(manifest | {"axes": [*axes, toy]}))
    rows = [json.loads(line) for line in (path / "trials.jsonl").read_text().splitlines()]
    rows = [row | {"toy_v": 5 * row["workers"]} for row in rows]
    (path / "trials.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = load_run(path)
    measured = measure_responses(run)
    assert list(conditions_of(run))[-2:] == ["rate_per_s", "toy_v"]
    assert [panel.title for panel in panels_of(run, measured, "workers")] == [
        "voltage of the toy 5 V",
        "voltage of the toy 10 V",
    ]
    assert headings_of(run, measured) == {
        "line": "system",
        "workers": "WORKERS",
        "toy_v": "voltage of the toy (V)",
    }
    assert counted(run)[-1] == "toy_v" and "split" not in counted(run)


def test_one_in_flight_per_worker_is_no_axis(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1, 2, 4], launches=1, samples=30))
    assert [panel.title for panel in panels_of(run, measure_responses(run), "workers")] == [""]


def test_many_values_are_told_by_few_among_them_the_core_count():
    assert telling_values(pd.Series([1, 2, 4, 8])) == [1, 2, 4, 8]
    assert telling_values(pd.Series([8, 64, 256, 512, 1024]), most=6) == [8, 64, 256, 512, 1024]
    assert telling_values(pd.Series(range(1, 17)), keep=2) == [1, 2, 11, 16]


def test_measures_of_a_trial_follow_from_its_samples(tmp_path, monkeypatch):
    path = make_run(tmp_path, systems=["local"], workers=[1], launches=3, samples=401, spread=0)
    measured = measure_responses(load_run(path)).set_index("launch")
    # The second launch is neither slow nor fast, and the made-up median is 2 ms.
    assert abs(measured.loc[2, "median_response_ms"] - 2) < 1e-6
    assert abs(measured.loc[2, "throughput_per_s"] - 500) < 1e-6
    # Neither warm-up, tail and wrong products count, nor how the rows were divided to be read.
    trial = load_run(path).valid.iloc[1]
    reduced = reduce_samples(*samples_of(load_run(path), trial), WARM_UP_S)
    assert (reduced.finished, reduced.unfinished) == (401, 0)
    monkeypatch.setattr(samples_module, "ROWS_AT_A_TIME", 7)
    again = reduce_samples(*samples_of(load_run(path), trial), WARM_UP_S)
    assert (again.quantiles_ms == reduced.quantiles_ms).sum() > 100
    assert abs(again.response_ms - reduced.response_ms) < 1e-9
    phases = measure_phases(load_run(path)).set_index("launch").loc[2]
    assert abs(phases["compute"] - 1) < 1e-6
    assert abs(phases["unaccounted"] - 0.04) < 1e-5
    assert not {"lateness", "backlog", "transport"} & {*phases.index}
    assert abs(phases["unaccounted_median"] - UNACCOUNTED_SHARE) < 1e-6
    assert abs(phases["unaccounted_p99"] - UNACCOUNTED_SHARE) < 1e-6
    assert abs(phases["clock_error_ms"] - CLOCK_ERROR_MS) < 1e-6


def test_goodput_counts_what_came_back_in_time_and_not_what_arrived(tmp_path):
    # 1 worker of 3 ms serves 333 requests/s.
    sent = {"rates": [100, 1000], "systems": ["rpc-tcp"], "workers": [1], "n": [128]}
    run = load_run(make_run(tmp_path, **sent, launches=1, spread=0, cores=1))
    measured = measure_open(run).set_index("rate_per_s")
    assert abs(measured.loc[100, "goodput_per_s"] - 100) < 20
    assert abs(measured.loc[1000, "goodput_per_s"] - 333 / 0.95) < 20
    assert measured.loc[1000, "median_response_ms"] > 500
    phases = measure_phases(run).set_index("rate_per_s").loc[1000]
    assert phases["backlog"] > 500
    # The file's column of the backlog holds the lateness, too.
    until_submit = phases["backlog"] + phases["lateness"]
    assert abs(phases["lateness"] - LATENESS_SHARE * until_submit) < 1e-6
    assert abs(phases[[*PHASES, UNACCOUNTED]].sum() - phases["response_ms"]) < 1e-6


def test_what_was_given_up_counts_with_the_time_it_was_waited_for(tmp_path):
    sent = {"rates": [50, 2000], "systems": ["rpc-tcp"], "workers": [1], "duration_s": 5}
    run = load_run(make_run(tmp_path, **sent, launches=1, cores=1))
    measured = measure_open(run).set_index("rate_per_s")
    assert measured.loc[50, "unfinished_share"] == 0
    assert measured.loc[2000, "unfinished_share"] > 0.3
    assert measured.loc[2000, "p99_response_ms"] == GIVE_UP_MS
