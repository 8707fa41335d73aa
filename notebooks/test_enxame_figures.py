"""Tests of enxame_figures, on runs that are made up here."""

import json
import struct

import matplotlib

matplotlib.use("agg")

import numpy as np
import pandas as pd
import pytest

import enxame_figures as figures

SYSTEMS = {"local": 2.0, "rpc-tcp": 3.0, "rest-wasm": 12.0}
HEADER = "sample,stage,client,start_ms,response_ms,worker,outcome,error\n"


def make_run(folder, workers=(1, 2, 4), launches=3, cores=2, base=SYSTEMS):
    """A run in which a request to a system takes its base time for each worker over the cores."""
    path = folder / "20250101T000000Z-abcdef"
    (path / "samples").mkdir(parents=True)
    experiment = {"systems": [{"name": s} for s in base], "n": 64, "duration_s": 2, "launches": 3}
    manifest = {
        "run_id": path.name,
        "experiment": experiment,
        "git": {"commit": "0123456789abcdef"},
    }
    (path / "manifest.json").write_text(json.dumps(manifest | {"status": "complete"}))
    (path / "environment.json").write_text(json.dumps({"cores": cores}))
    rows = []
    for launch in range(1, launches + 1):
        for system, base_ms in base.items():
            for count in workers:
                median = base_ms * max(1, count / cores) * (1 + 0.02 * launch)
                name = f"samples/{system}-w{count}-l{launch}.csv"
                write_samples(path / name, median)
                results = {"measured_s": 101 * median / 1000 / count}
                row = {"system": system, "workers": count, "launch": launch, "valid": True}
                rows.append(row | {"samples_file": name, "results": results})
    (path / "trials.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_samples(path, median_ms):
    """101 measured requests around the median, and three others that must not count."""
    factors = np.linspace(0.5, 1.5, 101)
    measured = [f"{i},measured,0,0,{median_ms * f},w1,ok,\n" for i, f in enumerate(factors)]
    others = ["101,warm-up,0,0,9999,w1,ok,\n", "102,tail,0,0,9999,w1,ok,\n"]
    wrong = ['103,measured,0,0,9999,w1,wrong,"off, by one"\n']
    path.write_text(HEADER + "".join(others + measured + wrong))


def test_measures_come_from_measured_samples_that_ended_well(tmp_path):
    run = figures.load_run(make_run(tmp_path, workers=[1], launches=1))
    measured = figures.measure_trials(run).set_index("system")
    assert measured.loc["local", "median_response_ms"] == pytest.approx(2.04)
    assert measured.loc["local", "p95_response_ms"] == pytest.approx(2.04 * 1.45)
    assert measured.loc["local", "throughput_per_s"] == pytest.approx(1000 / 2.04)


def test_invalid_trials_are_not_drawn(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    failed = {"system": "local", "workers": 2, "launch": 1, "valid": False, "samples_file": "none"}
    with (path / "trials.jsonl").open("a") as trials:
        trials.write(json.dumps(failed) + "\n")
    run = figures.load_run(path)
    assert len(run.trials) == 4
    assert len(figures.measure_trials(run)) == 3


def test_a_run_without_valid_trials_says_so(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    (path / "trials.jsonl").write_text("")
    with pytest.raises(ValueError, match="20250101T000000Z-abcdef has no valid trial"):
        figures.measure_trials(figures.load_run(path))


def test_a_row_that_was_cut_short_is_left_out(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    with (path / "trials.jsonl").open("a") as trials:
        trials.write('{"system":"loc')
    assert len(figures.load_run(path).trials) == 3


def test_intervals_over_launches_are_students_t():
    measured = pd.DataFrame(
        {"system": "local", "workers": 1, "launch": [1, 2, 3], "x": [10.0, 12.0, 14.0]}
    )
    cell = figures.over_launches(measured).iloc[0]
    # t(0.975, 2) · s / √3 = 4.3027 · 2 / 1.7321
    assert cell["x"] == pytest.approx(12)
    assert cell["x_high"] - cell["x"] == pytest.approx(4.9683, abs=1e-3)
    assert cell["x"] - cell["x_low"] == pytest.approx(4.9683, abs=1e-3)


def test_one_launch_has_no_interval(tmp_path):
    run = figures.load_run(make_run(tmp_path, launches=1))
    cells = figures.over_launches(figures.measure_trials(run))
    assert cells["throughput_per_s"].notna().all()
    assert cells["throughput_per_s_low"].isna().all()


@pytest.mark.parametrize("workers", [[1], [1, 2], [1, 2, 4, 8, 16]])
def test_the_figure_has_a_line_per_system_and_marks_the_cores(tmp_path, workers):
    run = figures.load_run(make_run(tmp_path, workers=workers))
    cells = figures.over_launches(figures.measure_trials(run))
    _, response, throughput = figures.draw_scaling(run, cells).axes
    labels = response.get_legend_handles_labels()[1]
    assert labels == list(SYSTEMS)
    assert [list(line.get_xdata()) for line in throughput.lines[:3]] == [workers] * 3
    marks = [text.get_text() for text in throughput.texts]
    expected = {1: [], 2: ["2 cores"], 16: ["2 cores | time-slicing"]}
    assert marks == expected[workers[-1]]


def test_saved_figures_carry_the_run_id(tmp_path):
    run = figures.load_run(make_run(tmp_path))
    cells = figures.over_launches(figures.measure_trials(run))
    png, svg = figures.save_figure(run, figures.draw_scaling(run, cells), "scaling")
    assert run.run_id in png_texts(png)["Description"]
    assert f"run {run.run_id}" in svg.read_text()
    assert (png.parent, svg.name) == (run.path / "figures", "scaling.svg")


def png_texts(path):
    """The tEXt chunks of a PNG: https://www.w3.org/TR/png/#11tEXt"""
    data, position, texts = path.read_bytes(), 8, {}
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        if kind == b"tEXt":
            key, value = data[position + 8 : position + 8 + length].split(b"\0")
            texts[key.decode()] = value.decode("latin-1")
        position += length + 12
    return texts


def test_the_newest_run_is_found_unless_one_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("ENXAME_RUN", raising=False)
    with pytest.raises(FileNotFoundError, match="./run-experiment"):
        figures.find_run(tmp_path)
    for name in ["20250101T000000Z-ffffff", "20250102T000000Z-aaaaaa"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    assert figures.find_run(tmp_path).name == "20250102T000000Z-aaaaaa"
    monkeypatch.setenv("ENXAME_RUN", "/elsewhere/run")
    assert str(figures.find_run(tmp_path)) == "/elsewhere/run"
