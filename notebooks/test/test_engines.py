"""How fast each engine computes."""

import pytest

from drawn import assert_nothing_is_empty
from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from made_up_run import BASE_MS, SHARES, make_run

ENGINES = {"systems": ["ws-native", "ws-process", "ws-wasi-node"], "workers": [1], "launches": 3}


def test_operations_are_those_of_the_compute_phase_and_ratios_are_paired(tmp_path):
    run = load_run(make_run(tmp_path, n=[64, 128], **ENGINES))
    drawing = figures.draw_engines(run)
    assert_nothing_is_empty(drawing.figure)
    cells = drawing.shown["engines"].rows.set_index(["line", "n"])
    expected = 2e-6 * 128**3 / (SHARES["compute"] * BASE_MS["ws-wasi-node"])
    assert cells.loc[("ws-wasi-node", 128), "gflops"] == pytest.approx(expected, rel=0.1)
    base = cells.loc[("ws-native", 128)]
    assert base["ratio"] == pytest.approx(1)
    own = cells.loc[("ws-wasi-node", 128)]
    assert own["ratio"] == pytest.approx(BASE_MS["ws-native"] / BASE_MS["ws-wasi-node"], rel=0.1)
    assert own["ratio_low"] < own["ratio"] < own["ratio_high"]
    assert drawing.shown["engines"].headings["ratio"] == "over ws-native"


def test_two_engines_are_a_contrast(tmp_path):
    run = load_run(make_run(tmp_path, **(ENGINES | {"systems": ["ws-native", "ws-process"]})))
    with pytest.raises(NotForThisRun, match="Fewer than 3 engines"):
        figures.draw_engines(run)


def test_held_tasks_say_nothing_of_an_engine(tmp_path):
    run = load_run(make_run(tmp_path, service_ms=[100], **ENGINES))
    with pytest.raises(NotForThisRun, match="held or split"):
        figures.draw_engines(run)
