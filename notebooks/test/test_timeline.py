"""Launches in time."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from enxame_figures import figures, load_run, style
from enxame_figures.axes import NotForThisRun
from enxame_figures.measures import measure_sequences
from enxame_figures.plots.timeline import MOST_CELLS, SHIFTING, shifts_of
from enxame_figures.sequences import MOST_POINTS, autocorrelation_of, sequence_of
from made_up_run import make_run

LONG = {"launches": 3, "samples": 400}


def test_requests_are_taken_in_the_order_in_which_they_ended():
    ended_s, response_ms = np.arange(100.0), np.linspace(1, 2, 100)
    shuffled = np.random.default_rng(1).permutation(100)
    one, other = (
        sequence_of(ended_s[order], response_ms[order]) for order in (shuffled, np.arange(100))
    )
    assert one.response_ms.tolist() == other.response_ms.tolist() == response_ms.tolist()
    assert one.levels_ms.tolist() == other.levels_ms.tolist() and len(one.levels_ms) == 10
    assert one.borders_s[[0, -1]].tolist() == [0, 99]


def test_many_requests_are_thinned_to_medians_that_show_the_level():
    response_ms = np.random.default_rng(1).exponential(1, 100_000)
    response_ms[50_000:] *= 3
    sequence = sequence_of(np.arange(100_000.0), response_ms)
    assert (sequence.requests, len(sequence.response_ms)) == (100_000, MOST_POINTS)
    early, late = sequence.response_ms[:100], sequence.response_ms[100:]
    assert early.max() < late.min() and sequence.shift == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize("count", [0, 1, 49])
def test_of_few_requests_no_level_is_claimed(count):
    sequence = sequence_of(np.arange(float(count)), np.ones(count))
    assert np.isnan(sequence.shift) and sequence.autocorrelation.size == 0
    assert len(sequence.response_ms) == count


def test_the_autocorrelation_is_that_of_a_process_whose_own_is_known():
    noise, values = np.random.default_rng(1).normal(size=200_000), np.zeros(200_000)
    for i in range(1, len(values)):
        values[i] = 0.8 * values[i - 1] + noise[i]
    found = autocorrelation_of(values, 5)
    assert found.tolist() == pytest.approx([0.8**lag for lag in range(1, 6)], abs=0.02)
    assert autocorrelation_of(np.ones(1000), 5).size == 0


def test_a_launch_whose_level_shifts_is_seen(tmp_path):
    run = load_run(make_run(tmp_path, systems=["local"], workers=[1], shift=3.0, **LONG))
    cell = shifts_of(run, measure_sequences(run)).iloc[0]
    assert cell["launch"] == 1 and cell["largest_shift"] > 2.5 > 1.5 > cell["median_shift"]
    drawing = figures.draw_timeline(run)
    times = drawing.figure.axes[0]
    (stairs,) = [patch for patch in times.patches if patch.get_label() == "its levels"]
    levels = stairs.get_data().values
    assert levels[5:].min() > 2 * levels[:5].max()
    orange = [line for line in times.lines if line.get_color() == SHIFTING]
    assert [len(line.get_xdata()) for line in orange] == [200] and len(times.lines) == 3


def test_a_change_of_level_that_the_harness_warns_of_is_marked_where_it_is(tmp_path):
    path = make_run(tmp_path, systems=["local"], workers=[1], shift=3.0, **LONG)
    rows = [json.loads(line) for line in (path / "trials.jsonl").read_text().splitlines()]
    for row in rows:
        row["results"]["level_shift"] = {"at_s": 0.25, "ratio": 3.0, "p": 0.001}
    (path / "trials.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    warning = {"kind": "level-shift", "of": [rows[0]["trial"]], "text": "It shifted."}
    (path / "warnings.json").write_text(json.dumps([warning]))
    drawing = figures.draw_timeline(load_run(path))
    dashed = [line for line in drawing.figure.axes[0].lines if "warning" in line.get_label()]
    assert [list(line.get_xdata()) for line in dashed] == [[0.25, 0.25]]
    assert drawing.shown["timeline"].for_people["launches with a warning"].tolist() == ["1"]


def test_of_many_cells_those_that_move_most_are_drawn_and_all_are_in_the_table(tmp_path):
    run = load_run(make_run(tmp_path, n=[8, 64, 128], launches=1, samples=60))
    drawing = figures.draw_timeline(run)
    assert len(drawing.figure.axes) == 2 * MOST_CELLS
    rows = drawing.shown["timeline"].rows
    assert len(rows) == 27
    shown = [axes.get_title(loc="left") for axes in drawing.figure.axes[: 2 * MOST_CELLS]]
    most = rows.nlargest(MOST_CELLS, "largest_shift")
    for _, row in most.iterrows():
        worker = "1 worker" if row["workers"] == 1 else f"{row['workers']:g} workers"
        assert f"{row['line']}, {worker}, n = {row['n']:g}" in shown


def test_a_run_of_few_requests_has_no_such_figure(tmp_path):
    with pytest.raises(NotForThisRun, match="enough requests"):
        figures.draw_timeline(load_run(make_run(tmp_path, launches=1, samples=30)))


@pytest.mark.parametrize("low,high", [(0.3, 0.36), (0.021, 0.03), (17, 45), (1, 9), (3, 4000)])
def test_an_axis_has_a_few_ticks_and_no_more_than_there_is_room_for(low, high):
    axis = Figure().subplots()
    axis.set_yscale("log")
    axis.set_ylim(low, high)
    style.tick_decades(axis.yaxis, np.log10(high / low))
    inside = [tick for tick in axis.get_yticks() if low <= tick <= high]
    assert 2 <= len(inside) <= 4
