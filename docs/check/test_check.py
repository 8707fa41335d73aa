"""Tests of the check: what it finds in documents made up for that, and what it leaves alone."""

from pathlib import Path

import pytest

from check import problems_of
from documents import blocks
from paths import Repository
from wrapping import too_long, wrapped

LONG = "word " * 40


@pytest.fixture
def problems(tmp_path: Path):
    """Writes a document into a small repository and returns what is wrong with it."""
    (tmp_path / "net/tcp").mkdir(parents=True)
    (tmp_path / "build/bin").mkdir(parents=True)
    (tmp_path / "net/tcp/socket.cc").touch()
    (tmp_path / "net/program").touch()
    (tmp_path / "other.md").write_text("# Other page\n\n## Same\n\n## Same\n\n## `code` and [link](x.md)\n")

    def check(document: str) -> list[tuple[int, str]]:
        file = tmp_path / "page.md"
        file.write_text(document)
        return problems_of(file, Repository(tmp_path))

    return check


@pytest.mark.parametrize(
    "target",
    ["other.md", "net/", "net/tcp/socket.cc", "other.md#same-1", "other.md#code-and-link", "#here", "https://x.org/#a"],
)
def test_links_that_lead_somewhere(problems, target):
    assert problems(f"# Here\n\n[text]({target})\n") == []


@pytest.mark.parametrize("target", ["another.md", "net/udp/", "other.md#same-2", "#there"])
def test_links_that_lead_nowhere(problems, target):
    [(line, what)] = problems(f"# Here\n\nSee\n[text\nover lines]({target}).\n")
    assert line == 4
    assert target in what


def test_links_in_code_are_none(problems):
    assert problems("`[a](nowhere.md)`\n\n```\n[a](nowhere.md)\n```\n") == []


@pytest.mark.parametrize(
    "name",
    ["net/tcp/socket.cc", "tcp/socket.cc", "socket.cc", "net/tcp", "net/", "tcp/", "./net/program", "build/bin/x.js"]
    + ["POST /task", "and/or", "net/<name>.cc", "net/NAME.cc", "rpc-tcp", "4.0"],
)
def test_names_that_are_there_or_no_names_of_files(problems, name):
    assert problems(f"See `{name}`.\n") == []


@pytest.mark.parametrize(
    "name", ["net/tcp/channel.cc", "udp/socket.cc", "channel.h", "net/udp", "udp/", "net/program2"]
)
def test_names_that_are_not_there(problems, name):
    assert problems(f"A line,\nthen `{name}`.\n") == [(2, f"`{name}` is no file or folder of this repository")]


def test_long_lines_are_found_in_paragraphs_and_lists_only():
    document = f"# {LONG}\n\n{LONG}\n\n- {LONG}\n\n    {LONG}\n\n| {LONG}\n\n```\n{LONG}\n```\n\n<{'x' * 130}>\n"
    assert too_long(document) == [3, 5, 7]


def test_code_without_a_fence_may_be_long():
    assert too_long(f"A line:\n\n    {LONG}\n    {LONG}\n\n    {LONG}\n") == []


@pytest.mark.parametrize("before", ["", "- ", "  - ", "12. "])
def test_wrapping_keeps_the_words_and_the_indentation(before):
    document = f"{before}{LONG.strip()} and\n{' ' * len(before)}`one span\n{' ' * len(before)}of code`, end.\n"
    result = wrapped(document)
    assert too_long(result) == []
    assert result.split() == document.split()
    assert all(line.startswith(" " * len(before)) for line in result.splitlines()[1:])
    assert "`one span of code`" in result
    assert wrapped(result) == result


def test_wrapping_begins_no_block():
    document = f"{'x' * 110} {'y' * 9} - y 1. z\n"
    assert [block.kind for block in blocks(wrapped(document))] == ["text"]
    assert too_long(wrapped(document)) == []


def test_wrapping_leaves_short_paragraphs_tables_and_code_alone():
    document = f"a\nb\n\n| {LONG}\n\n```\n{LONG}\n```\n"
    assert wrapped(document) == document
