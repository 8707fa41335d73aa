"""Where the time goes."""

import warnings

import numpy as np
import pytest

from enxame_figures import figures, load_run
from enxame_figures.measures import measure_phases
from enxame_figures.samples import UNACCOUNTED
from enxame_figures.waterfall import frame_of, means_of
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
        ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
        assert ends[-3:] == pytest.approx([100] * 3)


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
    assert labels == [*SHARES, UNACCOUNTED]


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
