"""Reading the folder of a run."""

import gzip
import hashlib
import json

import pytest

from enxame_figures.run import find_run, load_run, samples_of
from enxame_figures.samples import read_samples
from made_up_run import make_run


def test_a_changed_sample_is_refused_by_name(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    run = load_run(path)
    samples, sha256 = samples_of(run, run.valid.iloc[0])
    assert sum(map(len, read_samples(samples, sha256, ["sample"]))) == 403
    text = gzip.decompress(samples.read_bytes())
    samples.write_bytes(gzip.compress(text.replace(b"9999", b"9998", 1), mtime=0))
    with pytest.raises(ValueError, match=f"{samples.name}: SHA-256 is .*; expected {sha256}"):
        next(read_samples(samples, sha256, ["sample"]))


def test_a_row_that_was_cut_short_is_left_out(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    with (path / "trials.jsonl").open("a") as trials:
        trials.write('{"system":"loc')
    assert len(load_run(path).trials) == 3


def test_a_run_that_never_had_a_trial_can_be_read(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    (path / "trials.jsonl").unlink()
    run = load_run(path)
    assert run.invalid.empty
    with pytest.raises(ValueError, match=f"{path.name} has no valid trial"):
        _ = run.valid


def test_interrupted_attempts_are_not_counted_as_invalid(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1, invalid=["local w1"])
    run = load_run(path)
    assert list(run.invalid["cell"]) == ["local w1"]
    interrupted = json.loads((path / "trials.jsonl").read_text().split("\n")[0])
    with (path / "trials.jsonl").open("a") as trials:
        trials.write(json.dumps(interrupted | {"verdict": "interrupted"}) + "\n")
    assert list(load_run(path).invalid["verdict"]) == ["noisy"]


def test_another_schema_version_is_refused(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 1}))
    with pytest.raises(ValueError, match="schema version 1; expected 5"):
        load_run(path)


def test_the_source_hash_changes_with_any_trial(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    before = load_run(path).source_sha256
    assert load_run(path).source_sha256 == before
    trials = (path / "trials.jsonl").read_text()
    (path / "trials.jsonl").write_text(trials.replace('"attempt": 1', '"attempt": 2', 1))
    assert load_run(path).source_sha256 != before
    assert len(before) == len(hashlib.sha256().hexdigest())


def test_the_newest_run_is_found_unless_one_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("ENXAME_RUN", raising=False)
    with pytest.raises(FileNotFoundError, match="./run-experiment"):
        find_run(tmp_path)
    for name in ["20250101T000000Z-ffffff", "20250102T000000Z-aaaaaa"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    assert find_run(tmp_path).name == "20250102T000000Z-aaaaaa"
    monkeypatch.setenv("ENXAME_RUN", "/elsewhere/run")
    assert str(find_run(tmp_path)) == "/elsewhere/run"
