"""What commands beside runs found: how engines hold, exceed and take, and what orchestrators do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from enxame_figures.estimates import Estimate, mean_over_launches


@dataclass(frozen=True)
class Group:
    """Engines of which the same attempts got out."""

    engines: tuple[str, ...]
    reached: frozenset[str]
    made: frozenset[str]


class Isolation:
    """The `attempts`, each with `name`, `title` and whether it `is_allowed`, and who made them."""

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


class Overshoot:
    """The `limits`, each with `name`, `title` and `unit`, and how far engines got beyond them."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        self.limits: list[dict] = told["limits"]
        self._rows: list[dict] = told["rows"]

    def engines(self, limit: str) -> list[str]:
        """Those that can set it, in the order in which they were probed."""
        return list(dict.fromkeys(row["engine"] for row in self._of(limit)))

    def beyond(self, engine: str, limit: str) -> Estimate:
        """In the unit of the limit, over repeats; NaN where an engine does not tell."""
        return mean_over_launches([row["beyond"] for row in self._of(limit, engine)])

    def most(self, engine: str, limit: str) -> float:
        """The furthest of all repeats."""
        return max(row["beyond"] for row in self._of(limit, engine))

    def ended(self, engine: str, limit: str) -> tuple[str, str]:
        """What kept it from more, and what its host saw, of the first repeat."""
        first = self._of(limit, engine)[0]
        return first["by"], first["host_sees"]

    def _of(self, limit: str, engine: str | None = None) -> list[dict]:
        of_limit = [row for row in self._rows if row["limit"] == limit]
        return [row for row in of_limit if engine in (None, row["engine"])]


class Footprint:
    """What each of the `engines` takes, over its starts."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        self.work_n: int = told["work_n"]
        self.many: int = told["many"]
        self.program_bytes: dict[str, int] = told["program_bytes"]
        # Of engines that have one: of all of it, and of what no other image shares.
        self.image_bytes: dict[str, dict[str, int]] = told["image_bytes"]
        self._rows: list[dict] = told["rows"]

    @property
    def engines(self) -> list[str]:
        """In the order in which they were started."""
        return list(dict.fromkeys(row["engine"] for row in self._rows))

    def of(self, engine: str, field: str, cold: bool = False, many: bool = False) -> Estimate:
        """A field of its starts, with files in memory or, `cold`, without; NaN of none.

        `many`: of all those together that were started at once.
        """
        wanted = (engine, cold, self.many if many else 1)
        starts = [row for row in self._rows if self._kind(row) == wanted]
        return mean_over_launches([row[field] for row in starts])

    @staticmethod
    def _kind(row: dict) -> tuple[str, bool, int]:
        return row["engine"], row["cold"], row["at_once"]


class Portability:
    """Where a file `multiplies`: `places`, each with `file`, `engine` and `machine`."""

    def __init__(self, path: Path) -> None:
        self.places: list[dict] = json.loads(path.read_text())["places"]

    def engines(self, file: str, foreign: bool, multiplies: bool = True) -> list[str]:
        """Those in which that file does, or does not, here or on a machine of another kind."""
        here = self.places[0]["machine"]
        return [
            place["engine"]
            for place in self.places
            if place["file"] == file
            and (place["machine"] != here) == foreign
            and place["multiplies"] == multiplies
        ]

    def because(self, file: str, engine: str) -> str:
        """Why it does not there."""
        return next(
            place["because"]
            for place in self.places
            if (place["file"], place["engine"]) == (file, engine)
        )


class Orchestration:
    """What each of the `orchestrators` took to scale workers to `many`, and to replace one."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        self.many: int = told["many"]
        self._rows: list[dict] = told["rows"]
        self._beside: list[dict] = told["beside"]

    @property
    def orchestrators(self) -> list[str]:
        """In the order in which they were tried."""
        return list(dict.fromkeys(row["orchestrator"] for row in self._rows))

    @property
    def repeats(self) -> int:
        return max(row["repeat"] for row in self._rows)

    def of(self, orchestrator: str, field: str) -> Estimate:
        """Over repeats; NaN where it has none."""
        values = [row[field] for row in self._of(orchestrator)]
        return mean_over_launches([value for value in values if value is not None])

    def tasks(self, orchestrator: str, field: str) -> int:
        """Over all repeats: how many were `submitted`, `right`, `wrong` or `lost`."""
        return sum(row["tasks"][field] for row in self._of(orchestrator))

    def beside(self, orchestrator: str) -> dict:
        """What came of native workers and workers in WebAssembly side by side."""
        return next(each for each in self._beside if each["orchestrator"] == orchestrator)

    def _of(self, orchestrator: str) -> list[dict]:
        return [row for row in self._rows if row["orchestrator"] == orchestrator]
