"""Pairs of systems that differ in one choice."""

import json

import pytest

from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from enxame_figures.plots.contrasts import contrasts_of, told_by
from made_up_run import make_run

# rest-native-binary and rest-native differ in the codec, rest-native and rest-wasm in the engine.
SYSTEMS = ["local", "rest-native-binary", "rest-native", "rest-wasm"]
BY_N = {"systems": SYSTEMS, "workers": [1], "n": [8, 64], "launches": 3, "samples": 60}


def test_a_row_per_pair_and_a_point_per_order(tmp_path):
    run = load_run(make_run(tmp_path, **BY_N))
    drawing = figures.draw_contrasts(run)
    (axis,) = drawing.figure.axes
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert names == ["rest-native / rest-native-binary", "rest-wasm / rest-native"]
    assert [text.get_text() for text in axis.texts] == ["codec", "engine"]
    points = [line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [line.get_xdata()[0] for line in points] == pytest.approx([2.5, 2.5, 1.2, 1.2])
    legend = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert legend == ["n = 8", "n = 64"]


def test_the_table_names_everything_that_differs_and_has_a_column_per_order(tmp_path):
    path = make_run(tmp_path, **BY_N)
    contrasts = json.loads((path / "contrasts.json").read_text())
    for told in contrasts:
        if told["choice"] == "engine":
            told["differs"] |= {"kernel": ["relaxed", "simd"], "collection": ["poll", None]}
    (path / "contrasts.json").write_text(json.dumps(contrasts))
    drawing = figures.draw_contrasts(load_run(path))
    rows = drawing.shown["contrasts"].rows.set_index("choice")
    changed = "native → browser (kernel: simd → relaxed, collection: none → poll)"
    assert set(rows.loc["engine", "differs"]) == {changed}
    assert list(drawing.shown["contrasts"].headings)[:6] == [
        *["choice", "line", "over", "differs", "n", "response_ratio"]
    ]
    shown = drawing.shown["contrasts-by-n"].for_people
    assert list(shown) == ["choice", "system", "over", "n = 8", "n = 64"]
    assert shown.iloc[1].tolist() == [
        *["engine", "rest-wasm", "rest-native", "1.20 [1.16–1.24]", "1.20 [1.16–1.24]"]
    ]


def test_where_a_launch_carries_no_median_the_mean_is_drawn_and_the_table_has_a_dash(tmp_path):
    path = make_run(tmp_path, **BY_N)
    contrasts = json.loads((path / "contrasts.json").read_text())
    del contrasts[0]["response_ratio"]
    (path / "contrasts.json").write_text(json.dumps(contrasts))
    drawing = figures.draw_contrasts(load_run(path))
    assert drawing.shown["contrasts-by-n"].for_people["n = 8"].iloc[0] == "–"
    first, *others = [line for line in drawing.figure.axes[0].lines if line.get_marker() == "o"]
    assert first.get_xdata()[0] == pytest.approx(2.75) and "Hollow points" in drawing.caption
    assert first.get_markerfacecolor() == "white" != others[0].get_markerfacecolor()
    for told in contrasts:
        for name in ("response_ratio", "mean_response_ratio"):
            told.pop(name, None)
    (path / "contrasts.json").write_text(json.dumps(contrasts))
    with pytest.raises(NotForThisRun, match="share a launch"):
        figures.draw_contrasts(load_run(path))


def test_conditions_that_are_no_axis_are_shown_at_their_first_value(tmp_path):
    run = load_run(make_run(tmp_path, **(BY_N | {"workers": [1, 2]})))
    assert len(contrasts_of(run, told_by(run))) == 2 * 2 * 2
    drawing = figures.draw_contrasts(run)
    assert "4 of 8 contrasts are shown" in drawing.caption
    assert len(drawing.shown["contrasts"].rows) == 8
    assert len(drawing.shown["contrasts-by-n"].rows) == 4


def test_a_run_that_the_harness_has_not_contrasted_says_who_does(tmp_path):
    path = make_run(tmp_path, **BY_N)
    (path / "contrasts.json").unlink()
    with pytest.raises(NotForThisRun, match="./run-experiment report does so"):
        figures.draw_contrasts(load_run(path))
