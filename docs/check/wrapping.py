"""Lines of at most 120 characters: which are longer, and how they are wrapped."""

import re

from documents import Block, blocks, prefix

WIDTH = 120

# What stays on one line: code in backticks and the target of a link.
_ATOM = re.compile(r"(?:`[^`]*`|\]\([^)]*\)|\S)+")
# What would begin a list, a heading, a quotation or a table at the beginning of a line.
_WOULD_BEGIN_A_BLOCK = re.compile(r"[-+*>|]|#{1,6}|\d+[.)]|=+")


def too_long(document: str) -> list[int]:
    """The lines that are longer than allowed. Tables, code, headings and what has no space to break at may be."""
    return [
        number
        for block in blocks(document)
        if block.kind == "text"
        for number, line in enumerate(block.lines, start=block.first_line)
        if len(line) > WIDTH and _can_be_shorter(block, line)
    ]


def _can_be_shorter(block: Block, line: str) -> bool:
    return len(_ATOM.findall(line[len(prefix(block)[0]) :])) > 1


def wrapped(document: str) -> str:
    """The document with each paragraph wrapped that has a line which is too long; all others as they are."""
    lines: list[str] = []
    for block in blocks(document):
        breaks_kept = any(line.endswith(("  ", "\\")) for line in block.lines)
        is_long = block.kind == "text" and any(len(line) > WIDTH for line in block.lines)
        lines += _wrap(block) if is_long and not breaks_kept else block.lines
    return "\n".join(lines) + "\n"


def _wrap(block: Block) -> list[str]:
    first, rest = prefix(block)
    words = _words(block.text[len(first) :])
    lines = [first + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += " " + word
        else:
            lines.append(rest + word)
    return lines


def _words(text: str) -> list[str]:
    """What may stand at the beginning of a line; what may not comes with the word before it."""
    words: list[str] = []
    for atom in _ATOM.findall(text):
        word = " ".join(atom.split())
        if words and _WOULD_BEGIN_A_BLOCK.fullmatch(word):
            words[-1] += " " + word
        else:
            words.append(word)
    return words
