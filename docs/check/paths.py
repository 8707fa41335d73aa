"""What is in the repository, and whether what a document names is."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from documents import anchors, read

# Made by programs: no document can be held to them.
_GENERATED = {".git", "build", "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "logs"}
# A source file by its ending, with or without folders before it, or a folder by its slash.
_NAMED_FILE = re.compile(r"[\w.@-]+(?:/[\w.@-]+)*\.(?:cc|h|ts|js|mjs|py|md|yaml|cmake|proto|sh|ipynb)")
_NAMED_FOLDER = re.compile(r"[\w.-]+(?:/[\w.-]+)*/")
# A path without an ending counts where it begins with a folder at the top.
_NAMED_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+")


class Repository:
    """The files and folders below `root`, less what programs make there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: set[str] = set()
        self._folders: set[str] = set()
        for folder, folders, files in os.walk(root):
            here = Path(folder).relative_to(root)
            folders[:] = [name for name in folders if name not in _GENERATED and not self._is_run(here, name)]
            self._files |= {(here / name).as_posix() for name in files}
            self._folders |= {(here / name).as_posix() for name in folders}
        # What is compiled to JavaScript may be named as that.
        compiled = {file.removesuffix(".ts") + ".js" for file in self._files if file.endswith(".ts")}
        self._ends_of_files = _ends(self._files | compiled)
        self._ends_of_folders = _ends(self._folders)

    @staticmethod
    def _is_run(here: Path, name: str) -> bool:
        return here == Path("results") and name != "reference"

    def documents(self) -> list[Path]:
        return [self._root / file for file in sorted(self._files) if file.endswith(".md")]

    def problem_of_link(self, file: Path, target: str) -> str | None:
        """What is wrong with a link of a document; None for one that leads somewhere, or into the web."""
        if re.match(r"[a-z][a-z+.-]*:", target):
            return None
        path, _, anchor = unquote(target).partition("#")
        where = (file.parent / path).resolve() if path else file
        if not where.exists():
            return f"the link leads to {target}, which does not exist"
        if anchor and where.suffix == ".md" and anchor not in anchors(read(where)):
            return f"the link leads to {target}, and no heading has that anchor"
        return None

    def is_missing(self, file: Path, text: str) -> bool:
        """Whether text in backticks names a file or folder that is not there.

        Names may be relative to the root, to the document, or to a folder that the sentence is about: the end of any
        path will do.
        """
        text = text.removeprefix("./")
        # NAME.py stands for any name.
        if not _GENERATED.isdisjoint(text.split("/")) or re.search(r"\bNAME\b", text):
            return False
        if _NAMED_FILE.fullmatch(text):
            return text not in self._ends_of_files and not (file.parent / text).exists()
        if _NAMED_FOLDER.fullmatch(text):
            return text.rstrip("/") not in self._ends_of_folders and not (file.parent / text).exists()
        if _NAMED_PATH.fullmatch(text) and text.split("/")[0] in self._folders:
            return text not in self._files | self._folders
        return False


def _ends(paths: set[str]) -> set[str]:
    """a/b/c, b/c and c of every a/b/c."""
    return {"/".join(parts[i:]) for path in paths for parts in [path.split("/")] for i in range(len(parts))}
