"""Where the time goes."""

import warnings

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

from enxame_figures import figures, load_run
from enxame_figures.measures import measure_phases
from enxame_figures.phases import means_of
from enxame_figures.plots.waterfall import frame_of
from enxame_figures.samples import UNACCOUNTED
from made_up_run import CLOCK_ERROR_MS, SHARES, UNACCOUNTED_SHARE, make_run

SIZES = {"workers": [1], "n": [8, 64, 256, 512, 1024], "launches": 2, "samples": 30}


def test_the_parts_of_every_bar_add_up_to_the_response_time(tmp_path):
    run = load_run(make_run(tmp_path, **SIZES))
    cells = means_of(run, measure_phases(run))
    assert len(cells) == 3 * 5
    parts = cells[[*SHARES, UNACCOUNTED]].sum(axis=1)
    assert parts.tolist() == pytest.approx(cells["response_ms"].tolist())
    drawing = figures.draw_waterfall(run)
    for axes in drawing.figure.axes[:5]:
        last = axes.patches[-1].get_path()
        assert last.vertices[1::5, 0].tolist() == pytest.approx([100] * 3)


def test_a_panel_per_order_and_a_bar_per_system(tmp_path):
    drawing = figures.draw_waterfall(load_run(make_run(tmp_path, **SIZES)))
    axes = drawing.figure.axes
    titles = [each.get_title(loc="left") for each in axes[:5]]
    assert titles == ["n = 8", "n = 64", "n = 256", "n = 512", "n = 1024"]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == [
        "local",
        "rpc-tcp",
        "rest-wasm",
    ]
    labels = axes[0].get_legend_handles_labels()[1]
    assert labels == [*SHARES, UNACCOUNTED, "clock error"]


def test_the_errors_of_phases_and_clocks_are_beside_the_times(tmp_path):
    drawing = figures.draw_waterfall(load_run(make_run(tmp_path, **SIZES)))
    rows = drawing.shown["waterfall"].rows
    assert rows["unaccounted_median"].tolist() == pytest.approx(
        [100 * UNACCOUNTED_SHARE] * 15, rel=5e-3
    )
    assert rows["unaccounted_p99"].tolist() == pytest.approx(
        [100 * UNACCOUNTED_SHARE] * 15, rel=2e-2
    )
    assert rows["clock_error_ms"].tolist() == pytest.approx([CLOCK_ERROR_MS] * 15)
    assert "at most 2 % of the response time at the median" in drawing.caption


@pytest.mark.parametrize("systems", [["local", "rpc-tcp"], ["local", "rpc-tcp", "origin-rest"]])
def test_there_is_room_for_everything_whether_or_not_a_bar_is_cut(tmp_path, systems):
    run = load_run(make_run(tmp_path, **SIZES, systems=systems))
    drawing = figures.draw_waterfall(run)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns where nothing is left for the panels
        drawing.figure.draw_without_rendering()
    cut = [axes for axes in drawing.figure.axes for line in axes.lines if line.get_marker() == ">"]
    assert len(cut) == (5 if "origin-rest" in systems else 0)


def test_a_system_that_is_far_slower_is_cut_so_that_the_others_can_be_seen():
    assert frame_of(np.array([1.0, 2.0, 3.0, 2500.0])) == pytest.approx(3.3)
    assert frame_of(np.array([1.0, 2.0])) == pytest.approx(2.2)


def test_the_error_of_the_clocks_is_drawn_at_the_borders_that_depend_on_it(tmp_path):
    systems = ["rpc-tcp", "rest-native"]
    run = load_run(make_run(tmp_path, systems=systems, workers=[1], launches=1, spread=0))
    shares = figures.draw_waterfall(run).figure.axes[0]
    (bars,) = [each for each in shares.containers if isinstance(each, ErrorbarContainer)]
    segments = np.array(bars.lines[2][0].get_segments())
    rows = segments[:, 0, 1].round().astype(int)
    middles = segments[:, :, 0].mean(axis=1)
    # Where dispatch ends and return begins, and behind a coordinator where submit ends and collect
    # begins.
    ends = 100 * np.cumsum(list(SHARES.values()))[[0, 2, 5, 6]]
    assert sorted(middles[rows == 0]) == pytest.approx(ends[[1, 2]], abs=1e-3)
    assert sorted(middles[rows == 1]) == pytest.approx(ends, abs=1e-3)
    response_ms = means_of(run, measure_phases(run))["response_ms"].to_numpy()
    reach = np.ptp(segments[:, :, 0], axis=1) / 2
    assert reach.tolist() == pytest.approx(100 * CLOCK_ERROR_MS / response_ms[rows])


def test_an_error_that_is_longer_than_the_bar_ends_where_the_bar_does(tmp_path, monkeypatch):
    monkeypatch.setattr("made_up_run.CLOCK_ERROR_MS", 5.0)
    run = load_run(make_run(tmp_path, systems=["local"], workers=[1], launches=1))
    shares = figures.draw_waterfall(run).figure.axes[0]
    (bars,) = [each for each in shares.containers if isinstance(each, ErrorbarContainer)]
    reached = np.array(bars.lines[2][0].get_segments())[:, :, 0]
    assert reached.tolist() == pytest.approx(np.array([[0, 100]] * 2), abs=1e-6)


def test_shares_are_told_as_exactly_as_the_clocks_allow(tmp_path):
    path = make_run(tmp_path, systems=["rest-native"], workers=[1], launches=3, spread=0)
    cells = means_of(load_run(path), measure_phases(load_run(path)))
    error = 100 * CLOCK_ERROR_MS / cells["response_ms"].item()
    # Launches differ in their times and not in their shares.
    for phase in ("dispatch", "return", "submit", "collect"):
        low, value, high = (cells[f"{phase}_share{end}"].item() for end in ("_low", "", "_high"))
        assert value == pytest.approx(100 * SHARES[phase], rel=1e-3)
        assert [value - low, high - value] == pytest.approx([error] * 2, abs=0.01)
    assert (
        cells["compute_share"].item() == pytest.approx(50)
        and cells["compute_share_low"].isna().all()
    )


def test_the_table_of_shares_has_no_digit_that_the_error_does_not_allow(tmp_path, monkeypatch):
    monkeypatch.setattr("made_up_run.CLOCK_ERROR_MS", 0.3)
    path = make_run(tmp_path, systems=["local"], workers=[1], launches=3, spread=0)
    shown = figures.draw_waterfall(load_run(path)).shown["shares"]
    told = shown.for_people.iloc[0]
    assert told["dispatch (%)"] == "12 ± 15" and told["return (%)"] == "8 ± 15"
    assert shown.note.endswith(
        "and where a phase depends on an estimate of clocks the error of that."
    )
