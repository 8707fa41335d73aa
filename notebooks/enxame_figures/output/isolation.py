"""What got out of which engine, as `./run-experiment isolation` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Group:
    """Engines of which the same attempts got out."""

    engines: tuple[str, ...]
    reached: frozenset[str]
    made: frozenset[str]


class Isolation:
    """The attempts, each with a `name`, a `title` and whether it `is_allowed`, and who made them."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        self.attempts: list[dict] = told["attempts"]
        self.unavailable: dict[str, str] = told["unavailable"]
        self.environment: dict = told["environment"]
        self._rows: list[dict] = told["rows"]

    @property
    def engines(self) -> list[str]:
        """In the order in which they were probed."""
        return list(dict.fromkeys(row["engine"] for row in self._rows))

    @property
    def groups(self) -> list[Group]:
        """Of all engines, in the order of the first of each."""
        groups: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
        for engine in self.engines:
            rows = [row for row in self._rows if row["engine"] == engine]
            made = frozenset(row["attempt"] for row in rows)
            reached = frozenset(row["attempt"] for row in rows if row["reached"])
            groups.setdefault((reached, made), []).append(engine)
        return [Group(tuple(names), *key) for key, names in groups.items()]

    def ways_out(self, engine: str) -> tuple[int, int]:
        """How many attempts got out of it that were not allowed, and of how many."""
        ways = {each["name"] for each in self.attempts if not each["is_allowed"]}
        made = [row for row in self._rows if row["engine"] == engine and row["attempt"] in ways]
        return sum(row["reached"] for row in made), len(made)

    def outcomes(self, attempt: str) -> Iterator[tuple[bool, str, list[str]]]:
        """Whether something was reached, by what or why not, and in which engines that is so."""
        alike: dict[tuple[bool, str], list[str]] = {}
        for row in self._rows:
            if row["attempt"] == attempt:
                alike.setdefault((row["reached"], row["by"]), []).append(row["engine"])
        for (reached, by), engines in alike.items():
            yield reached, by, engines

    def mark(self, attempt: dict, group: Group) -> str:
        """A cell of a table: what came of it there."""
        if attempt["name"] not in group.made:
            return "–"
        reached = attempt["name"] in group.reached
        if attempt["is_allowed"]:
            return "works" if reached else "**fails**"
        return "**out**" if reached else "held"
