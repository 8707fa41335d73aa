"""Split multiplications, and tasks of a fixed time."""

import pytest

from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun, headings_of
from enxame_figures.measures import measure_responses
from enxame_figures.plots.service_time import efficiencies_of
from enxame_figures.plots.splitting import speed_ups_of
from made_up_run import make_run

SPLIT = {"systems": ["rpc-tcp"], "in_flight": [1], "launches": 3, "samples": 30, "spread": 0}
HELD = {"systems": ["rest-wasm"], "launches": 2, "spread": 0, "n": [128]}


def test_the_speed_up_of_a_split_is_over_the_whole_on_one_worker(tmp_path):
    run = load_run(make_run(tmp_path, **SPLIT, split=["none", "rows", "grid"]))
    found = speed_ups_of(run)
    assert set(found["base"]) == {"none"}
    rows = found[found["split"] == "rows"].set_index("workers")
    assert rows["speed_up"].tolist() == pytest.approx([1, 2, 2])
    # Launches that agree exactly do not say how much they vary.
    assert rows["speed_up_low"].isna().all()
    assert rows["pairs"].tolist() == [3, 3, 3]


def test_where_one_worker_never_had_the_whole_it_is_over_its_only_part(tmp_path):
    run = load_run(make_run(tmp_path, **SPLIT, split=["rows"]))
    found = speed_ups_of(run)
    assert set(found["base"]) == {"rows"} and found["speed_up"].max() == pytest.approx(2)


def test_splits_make_panels_and_the_ideal_is_as_many_times_faster(tmp_path):
    run = load_run(make_run(tmp_path, **SPLIT, split=["none", "rows", "grid"]))
    drawing = figures.draw_splitting(run)
    titles = [axes.get_title(loc="left") for axes in drawing.figure.axes]
    assert titles == ["split into a grid", "split into rows"]
    ideal = next(line for line in drawing.figure.axes[0].lines if line.get_label() == "ideal")
    assert list(ideal.get_xdata()) == list(ideal.get_ydata()) == [1, 4]
    # Straight only where both scales are logarithmic.
    assert {ideal.axes.get_xscale(), ideal.axes.get_yscale()} == {"log"}
    assert [text.get_text() for text in drawing.figure.axes[0].texts] == [
        "2 cores | oversubscribed"
    ]


def test_requests_that_share_the_workers_say_nothing_about_a_split(tmp_path):
    kept_busy = SPLIT | {"in_flight": ["per-worker"]}
    run = load_run(make_run(tmp_path, **kept_busy, split=["rows"]))
    with pytest.raises(NotForThisRun, match="with one in flight"):
        figures.draw_splitting(run)


def test_systems_without_a_throughput_are_in_no_figure_of_it(tmp_path):
    jittered = {"submit": "jittered", "workers": [1, 2, 4], "launches": 2}
    run = load_run(make_run(tmp_path / "some", **jittered, systems=["rpc-tcp", "origin-rest"]))
    responses = measure_responses(run).set_index("line")["throughput_per_s"]
    assert responses["origin-rest"].isna().all() and responses["rpc-tcp"].notna().all()
    assert set(figures.draw_speed_up(run).shown["speed-up"].rows["line"]) == {"rpc-tcp"}
    assert "wait for a random time" in figures.draw_scaling(run).caption
    polled = load_run(make_run(tmp_path / "all", **jittered, systems=["origin-rest"]))
    with pytest.raises(NotForThisRun, match="jittered"):
        figures.draw_speed_up(polled)


def test_what_workers_deliver_is_set_against_what_they_could(tmp_path):
    run = load_run(make_run(tmp_path, **HELD, workers=[4], service_ms=[500]))
    launches = measure_responses(run)
    took_s = 0.5 + 0.012 * 0.95  # in the first launch, the fast one
    assert launches["throughput_per_s"].iloc[0] == pytest.approx(4 / took_s)
    cells = efficiencies_of(run, launches[launches["launch"] == 1])
    assert cells["possible_per_s"].item() == 8
    assert cells["efficiency"].item() == pytest.approx(0.5 / took_s)


def test_pandos_figures_stand_beside_tasks_of_a_second_and_no_others(tmp_path):
    held = HELD | {"systems": ["rest-wasm", "local"]}
    run = load_run(make_run(tmp_path, **held, workers=[1, 16], service_ms=[100, 1000]))
    drawing = figures.draw_service_time(run)
    crosses = [
        [list(line.get_xdata()) for line in axes.lines if line.get_marker() == "x"]
        for axes in drawing.figure.axes
    ]
    assert crosses == [[], [[5, 10, 20, 40]]]
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == [
        "tasks of 100 ms",
        "tasks of 1 s",
    ]
    assert "github.com/elavoie/pando-handbook" in drawing.caption


def test_workers_that_have_no_request_each_are_not_shown(tmp_path):
    held = HELD | {"in_flight": [1], "service_ms": [100]}
    run = load_run(make_run(tmp_path, **held, workers=[1, 4]))
    assert efficiencies_of(run, measure_responses(run))["workers"].tolist() == [1]


def test_tables_tell_apart_what_figures_have_panels_for(tmp_path):
    held = HELD | {"workers": [1, 4], "service_ms": [100, 500], "in_flight": ["per-worker", 8]}
    run = load_run(make_run(tmp_path, **held))
    for draw in (figures.draw_scaling, figures.draw_speed_up, figures.draw_service_time):
        (table, *_) = draw(run).shown.values()
        shown = table.for_people
        named = [heading for heading in headings_of(run, table.rows).values() if heading in shown]
        assert len(shown[named].drop_duplicates()) == len(shown)
