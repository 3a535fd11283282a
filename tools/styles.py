"""Judge the style sheets: one sheet serves left-to-right and right-to-left, so nothing in it may say left or right.

Also no sheet may reach for another host: the pages' content policy would refuse it.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import tinycss2
from tinycss2.ast import Declaration, Node

from tools.services import ROOT

SHEETS = ROOT / "static" / "css"
# A certificate sets both scripts on one sheet, each in its fixed place: there left and right are meant.
ON_PAPER = "document-*.css"
PHYSICAL_NAME = re.compile(
    r"^(left|right|(margin|padding|scroll-margin|scroll-padding)-(left|right)|border-(left|right)(-.*)?"
    r"|border-(top|bottom)-(left|right)-radius)$"
)
SIDED_BY_VALUE = frozenset({"text-align", "float", "clear"})
FOREIGN = re.compile(r"^\s*(https?:)?//", re.IGNORECASE)


def find_faults(sheet: str) -> Iterator[tuple[int, str]]:
    """Yield line and description of each declaration that knows left from right, and of each foreign address."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    yield from _faults_in(rules)


def _faults_in(nodes: list[Node]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if node.type == "error":
            yield node.source_line, f"cannot be read: {node.message}"
        elif node.type == "declaration":
            yield from _faults_of(node)
        elif node.type in ("qualified-rule", "at-rule"):
            if node.type == "at-rule":
                yield from _foreign_in(node.prelude)
            if node.content is not None:
                yield from _faults_in(
                    tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
                )


def _faults_of(declaration: Declaration) -> Iterator[tuple[int, str]]:
    name = declaration.lower_name
    if PHYSICAL_NAME.match(name):
        yield declaration.source_line, f"{name} knows left from right; use the logical property"
    if name in SIDED_BY_VALUE:
        for token in declaration.value:
            if token.type == "ident" and token.lower_value in ("left", "right"):
                yield (
                    declaration.source_line,
                    f"{name}: {token.lower_value} knows left from right; use start or end",
                )
    yield from _foreign_in(declaration.value)


def _foreign_in(tokens: list[Node]) -> Iterator[tuple[int, str]]:
    for token in tokens:
        if token.type in ("url", "string") and FOREIGN.match(token.value):
            yield token.source_line, f"{token.value} is on another host"
        elif token.type == "function":
            yield from _foreign_in(token.arguments)


def main(folder: Path = SHEETS) -> int:
    """Print every fault; return 1 when there is any."""
    faults = [
        f"{path.relative_to(folder.parent.parent)}:{line}: {what}"
        for path in sorted(folder.rglob("*.css"))
        if not path.match(ON_PAPER)
        for line, what in find_faults(path.read_text(encoding="utf-8"))
    ]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
