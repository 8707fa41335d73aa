"""Reads a Markdown document as far as the checks need it: blocks, links, anchors and what stands in backticks."""

import re
from dataclasses import dataclass
from pathlib import Path

_OF_MANY_LINES = ("text", "table", "code")
_LIST_MARKER = re.compile(r"(\s*)([-*+]|\d+[.)])(\s+)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_FENCE = re.compile(r"\s*(```|~~~)")
_CODE_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
# [text](target "title"): the target without its title. Images are links as well.
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)")


@dataclass
class Block:
    """Consecutive lines of one kind: "text" (a paragraph or an item of a list), "table", "code", "heading", "blank"."""

    kind: str
    first_line: int  # counted from 1
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def blocks(document: str) -> list[Block]:
    """The blocks of a document, which together hold each of its lines once and in order."""
    found: list[Block] = []
    fence = ""
    for number, line in enumerate(document.splitlines(), start=1):
        if fence:
            found[-1].lines.append(line)
            if line.strip() == fence:
                fence = ""
            continue
        kind = _kind(line)
        if kind == "text" and line.startswith("    ") and found and _may_begin_indented_code(found):
            kind = "code"
        if opening := _FENCE.match(line):
            fence = opening[1]
            found.append(Block("code", number, [line]))
        elif found and kind == found[-1].kind and kind in _OF_MANY_LINES and not _LIST_MARKER.match(line):
            found[-1].lines.append(line)
        else:
            found.append(Block(kind, number, [line]))
    return found


def _may_begin_indented_code(before: list[Block]) -> bool:
    """Whether code without a fence may stand behind these blocks: after an empty line, and not within a list."""
    last = next((block for block in reversed(before) if block.kind != "blank"), None)
    in_list = last is not None and last.kind == "text" and prefix(last)[1] != ""
    return before[-1].kind == "code" or (before[-1].kind == "blank" and not in_list)


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if line.lstrip().startswith("|"):
        return "table"
    return "heading" if _HEADING.match(line) else "text"


def prefix(block: Block) -> tuple[str, str]:
    """What begins the first line of a text block, and what begins the others: ("- ", "  ")."""
    first = block.lines[0]
    if marker := _LIST_MARKER.match(first):
        return marker[0], " " * len(marker[0])
    indent = first[: len(first) - len(first.lstrip())]
    return indent, indent


def anchors(document: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found: set[str] = set()
    for block in blocks(document):
        if block.kind == "heading" and (heading := _HEADING.match(block.text)):
            slug = _slug(heading[1])
            again = next(i for i in range(len(found) + 1) if _numbered(slug, i) not in found)
            found.add(_numbered(slug, again))
    return found


def _numbered(slug: str, again: int) -> str:
    return f"{slug}-{again}" if again else slug


def _slug(heading: str) -> str:
    text = _LINK.sub(lambda link: link[0][1 : link[0].index("](")], heading.strip())
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def links(document: str) -> list[tuple[int, str]]:
    """Line and target of each link, outside of code."""
    return [
        (block.first_line + text[: link.start()].count("\n"), link[1])
        for block in blocks(document)
        if block.kind != "code"
        for text in [_CODE_SPAN.sub(lambda span: "`" + re.sub(r"[^\n]", "x", span[2]) + "`", block.text)]
        for link in _LINK.finditer(text)
    ]


def code_spans(document: str) -> list[tuple[int, str]]:
    """Line and text of what stands in backticks, outside of code blocks."""
    return [
        (block.first_line + block.text[: span.start()].count("\n"), span[2].strip())
        for block in blocks(document)
        if block.kind != "code"
        for span in _CODE_SPAN.finditer(block.text)
    ]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
