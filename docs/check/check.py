#!/usr/bin/env python3
"""Checks every Markdown file of this repository: links and anchors lead somewhere, files and folders in backticks
exist, and lines are at most 120 characters long. Links into the web are not followed.

Prints FILE:LINE: and what is wrong; the exit status is 1 when anything is."""

import argparse
import sys
from pathlib import Path

from documents import code_spans, links, read
from paths import Repository
from wrapping import WIDTH, too_long, wrapped

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrap", action="store_true", help="wrap lines that are too long")
    parser.add_argument("files", nargs="*", type=Path, help="default: every *.md of the repository")
    options = parser.parse_args(arguments)
    repository = Repository(ROOT)
    files = [file.resolve() for file in options.files] or repository.documents()
    if options.wrap:
        for file in files:
            file.write_text(wrapped(read(file)), encoding="utf-8")
    problems = [
        f"{file.relative_to(ROOT)}:{line}: {what}" for file in files for line, what in problems_of(file, repository)
    ]
    print(*problems, f"{len(files)} documents, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


def problems_of(file: Path, repository: Repository) -> list[tuple[int, str]]:
    """Line and sentence for each problem of a document, in the order of lines."""
    document = read(file)
    found = [(line, f"longer than {WIDTH} characters (docs/check/check.py --wrap)") for line in too_long(document)]
    for line, target in links(document):
        if problem := repository.problem_of_link(file, target):
            found.append((line, problem))
    for line, text in code_spans(document):
        if repository.is_missing(file, text):
            found.append((line, f"`{text}` is no file or folder of this repository"))
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
