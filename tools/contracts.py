"""A kind of import contract of our own: a library that is imported in one file only.

Rendering PDFs, signing them and each cryptographic algorithm have one seam each, so that how they are used can be
reviewed in one place. The ready-made contracts of import-linter see an external library as one whole; this one reads
the import statements, so that it can tell one algorithm of a library from another.
"""

import ast
import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from importlinter import Contract, ContractCheck, fields, output


def imported_names(source: str) -> Iterator[str]:
    """Yield the full dotted name of everything that a module imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(root: Path, libraries: set[str]) -> dict[str, set[str]]:
    """Tell for each library which files under a package folder import it or a part of it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(root.rglob("*.py")):
        for name in imported_names(path.read_text(encoding="utf-8")):
            for library in libraries:
                if name == library or name.startswith(f"{library}."):
                    found[library].add(path.relative_to(root.parent).as_posix())
    return found


class SingleSeamContract(Contract):
    """Each of the named libraries is imported in at most one file of the root packages."""

    type_name = "single_seam"
    libraries = fields.SetField(subfield=fields.StringField())

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Read every source file of the root packages."""
        libraries: set[str] = self.libraries  # type: ignore[assignment]  # the field becomes its value
        found: dict[str, set[str]] = defaultdict(set)
        for package in self.session_options["root_packages"]:
            spec = importlib.util.find_spec(package)
            for folder in (spec.submodule_search_locations or []) if spec else []:
                for library, files in importers(Path(folder), libraries).items():
                    found[library] |= files
        broken = {library: sorted(files) for library, files in found.items() if len(files) > 1}
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name the files among which one must be chosen."""
        for library, files in sorted(check.metadata["broken"].items()):
            output.print_error(f"{library} is imported in {len(files)} files: {', '.join(files)}")
