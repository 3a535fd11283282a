"""Judge the templates without a browser: they compile, what they name exists, and nothing in them is inline or untranslated.

The application's own environment compiles the pages, so an unknown filter is found here and not by a visitor.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo
from jinja2 import Environment, TemplateError, nodes

from tools.services import ROOT

FOLDER = ROOT / "templates"
# Filled from plain data, in a language that is data too; `documents/` keeps its own texts (foundation/documents.py).
WITHOUT_CATALOGUE = ("documents/",)
# Mail programs know no style sheets.
MAY_STYLE_INLINE = ("emails/",)
# Template and expression that may print markup as it is, because code made it from escaped parts.
MAY_PRINT_MARKUP: frozenset[tuple[str, str]] = frozenset()
READ_ALOUD = frozenset(
    {"title", "alt", "placeholder", "aria-label", "aria-description", "aria-roledescription"}
)
NOT_WORDS = frozenset({"Ijaza", "CSV", "XLSX", "PDF", "JSON", "QR", "English", "Français"})
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
SILENT = frozenset({"script", "style", "code", "kbd", "samp"})
# Stands where a template prints a value: no letter, no blank, nothing HTML gives a meaning to.
VALUE = "\ue000"
# Macros whose text is for other macros to compare, and never reaches a page.
GIVES_CODES = frozenset({("macros/forms.html", "_kind")})
# Blocks that fill an attribute of the layout: their words are class names, not sentences.
GIVES_CLASSES = frozenset({"body_class"})


class Page(HTMLParser):
    """Reads the fixed parts of a template as HTML and gathers what a page must not contain."""

    def __init__(self, *, translated: bool, may_style: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.translated = translated
        self.may_style = may_style
        self.faults: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "style" and not self.may_style:
            self.faults.append("<style>: styles belong in a sheet")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("<script> without src: scripts belong in a file")
        if tag == "a":
            self.addresses.append(("GET", given.get("href", "")))
        elif tag == "form":
            self.addresses.append((given.get("method", "get").upper(), given.get("action", "")))
        for name, value in given.items():
            self._judge_attribute(tag, name, value)
        if tag in SILENT or given.get("translate") == "no":
            self._silent.append(tag)

    def _judge_attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style" and not self.may_style:
            self.faults.append(f"<{tag} style>: styles belong in a sheet")
        if re.fullmatch(r"on[a-z]+", name):
            self.faults.append(f"<{tag} {name}>: scripts belong in a file")
        if value.strip().lower().startswith("javascript:"):
            self.faults.append(f"<{tag} {name}>: scripts belong in a file")
        loads = name in ("src", "srcset", "action", "formaction") or (name == "href" and tag == "link")
        if loads and re.match(r"\s*(https?:)?//", value):
            self.faults.append(f"<{tag} {name}>: loads from another host")
        if name in READ_ALOUD:
            self._judge_text(value)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._judge_text(data)

    def _judge_text(self, text: str) -> None:
        words = [word for word in WORD.findall(text) if word not in NOT_WORDS]
        if self.translated and words:
            self.faults.append(f"not translatable: {' '.join(text.replace(VALUE, '…').split())!r}")


def load_application() -> Flask:
    """Load the application on an instance folder of its own, which nothing else reads."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(IJAZA_INSTANCE_DIR=folder, IJAZA_ENV="development")
        return ScriptInfo(app_import_path="wsgi").load_app()


def find_faults(name: str, source: str, app: Flask) -> Iterator[str]:
    """Yield what is wrong with one template, in words."""
    environment = app.jinja_env
    try:
        environment.compile(source, name)
        tree = environment.parse(source, name)
    except TemplateError as error:
        yield f"line {getattr(error, 'lineno', '?')}: {error}"
        return
    yield from _missing_names(
        tree, environment, frozenset(rule.endpoint for rule in app.url_map.iter_rules())
    )
    yield from _printed_markup(name, tree)
    if name.endswith(".html"):
        page = Page(
            translated=not name.startswith(WITHOUT_CATALOGUE), may_style=name.startswith(MAY_STYLE_INLINE)
        )
        page.feed("".join(_fixed_parts(name, tree)))
        page.close()
        yield from page.faults
        yield from _missing_pages(page, app)


def _fixed_parts(name: str, node: nodes.Node) -> Iterator[str]:
    """Yield the text of a template in its order, with a mark where a value is printed."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Macro) and (name, child.name) in GIVES_CODES:
            continue
        # By agreement such a block fills a class attribute of the layout.
        if isinstance(child, nodes.Block) and child.name.endswith("_class"):
            continue
        if isinstance(child, nodes.Block) and child.name in GIVES_CLASSES:
            yield VALUE
        elif isinstance(child, nodes.Output):
            for part in child.nodes:
                yield part.data if isinstance(part, nodes.TemplateData) else VALUE
        else:
            yield from _fixed_parts(name, child)


def _missing_pages(page: Page, app: Flask) -> Iterator[str]:
    """Follow each link and form whose address is written out, as the application would."""
    routes = app.url_map.bind("localhost")
    for method, address in page.addresses:
        path = address.partition("?")[0].partition("#")[0]
        if path.startswith("/") and VALUE not in path and not routes.test(path, method):
            yield f"nothing answers {method} {path}"


def _missing_names(
    tree: nodes.Template, environment: Environment, endpoints: frozenset[str]
) -> Iterator[str]:
    known = frozenset(environment.list_templates())
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        target = getattr(node, "template", None)
        if not isinstance(target, nodes.Const) or getattr(node, "ignore_missing", False):
            continue
        if target.value not in known:
            yield f"line {node.lineno}: there is no template {target.value}"
        elif isinstance(node, nodes.FromImport):
            yield from _missing_macros(node, str(target.value), environment)
    for call in tree.find_all(nodes.Call):
        first = call.args[0] if call.args else None
        if (
            not isinstance(call.node, nodes.Name)
            or call.node.name != "url_for"
            or not isinstance(first, nodes.Const)
        ):
            continue
        if not str(first.value).startswith(".") and first.value not in endpoints:
            yield f"line {call.lineno}: there is no endpoint {first.value}"


def _missing_macros(node: nodes.FromImport, target: str, environment: Environment) -> Iterator[str]:
    assert environment.loader is not None
    source = environment.loader.get_source(environment, target)[0]
    body = environment.parse(source, target).body
    offered = {part.name for part in body if isinstance(part, nodes.Macro)}
    offered |= {
        part.target.name
        for part in body
        if isinstance(part, nodes.Assign) and isinstance(part.target, nodes.Name)
    }
    for wanted in node.names:
        name = wanted if isinstance(wanted, str) else wanted[0]
        if name not in offered:
            yield f"line {node.lineno}: {target} has no macro {name}"


def _printed_markup(name: str, tree: nodes.Template) -> Iterator[str]:
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in ("safe", "forceescape") and (name, _words(filtered.node)) not in MAY_PRINT_MARKUP:
            yield f"line {filtered.lineno}: |{filtered.name} switches escaping off for {_words(filtered.node)}"
    for modifier in tree.find_all(nodes.ScopedEvalContextModifier):
        yield f"line {modifier.lineno}: autoescape is switched"


def _words(node: nodes.Node | None) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_words(node.node)}.{node.attr}"
    return type(node).__name__.lower()


def lint_with_djlint(folder: Path) -> str:
    """Return what djlint has to say, one fault a line; nothing when all is well."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "djlint",
        "--lint",
        "--quiet",
        "--configuration",
        "pyproject.toml",
        str(folder),
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else (ended.stdout + ended.stderr).strip()


def main() -> int:
    """Print every fault of every template; return 1 when there is any."""
    app = load_application()
    faults = []
    for path in sorted(path for path in FOLDER.rglob("*") if path.suffix in (".html", ".txt", ".svg")):
        name = path.relative_to(FOLDER).as_posix()
        for fault in find_faults(name, path.read_text(encoding="utf-8"), app):
            faults.append(f"templates/{name}: {fault}")
    linted = lint_with_djlint(FOLDER)
    print("\n".join(faults + ([linted] if linted else [])))
    return 1 if faults or linted else 0


if __name__ == "__main__":
    sys.exit(main())
