"""The texts of the application in the languages beside English: find them, hand them to translators, judge what came back.

python -m tools.translations update    writes new and changed texts into translations/*/LC_MESSAGES/messages.po
python -m tools.translations compile   writes the messages.mo beside each; both files are committed
python -m tools.translations check     is every text translated, with the same placeholders and mark-up?
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.services import ROOT

LANGUAGES = ("ar", "fr")
FOLDER = ROOT / "translations"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
# Code without texts for people; and what templates say on paper is data (foundation/documents.py).
NOT_SEARCHED = ("tests", "tools", "bench", "migrations", "instance", "translations", "static", "docs")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
MARKUP = re.compile(r"</?[a-z][^<>]*>")


def extract() -> Catalog:
    """Return every text that the source marks for translation."""
    catalog = Catalog(project="Ijaza", fuzzy=False)
    found = extract_from_dir(
        ROOT,
        method_map=METHODS,
        options_map={"templates/**.html": {"silent": "false"}, "templates/**.txt": {"silent": "false"}},
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        directory_filter=lambda folder: _is_searched(Path(folder)),
    )
    for name, _line, text, comments, context in found:
        # No line numbers: they would change with every edit and hide what matters in a comparison.
        catalog.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def _is_searched(folder: Path) -> bool:
    name = folder.name
    return not name.startswith((".", "_")) and not (folder.parent == ROOT and name in NOT_SEARCHED)


def po_of(language: str) -> Path:
    """Return the file a language's translator works on."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Read a language's texts; an empty catalogue when there are none yet."""
    path = po_of(language)
    if not path.exists():
        name = Locale.parse(language).english_name
        return Catalog(
            locale=language,
            project="Ijaza",
            version="1",
            header_comment=f"# The texts of Ijaza in {name}.",
            last_translator="Ijaza",
            language_team=str(name),
            msgid_bugs_address="-",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue in the form the application reads."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def update() -> int:
    """Bring every language's file up to date with the source; texts that are new are left empty."""
    template = extract()
    for language in LANGUAGES:
        catalog = read(language)
        # What was taken out and came back is not translated twice.
        for message in catalog.obsolete.values():
            catalog[message.id] = message
        catalog.obsolete.clear()
        template.creation_date = catalog.creation_date
        # A guess from a similar text would look translated; an empty one is found by the check.
        catalog.update(template, no_fuzzy_matching=True)
        catalog.fuzzy = False
        po_of(language).parent.mkdir(parents=True, exist_ok=True)
        with po_of(language).open("wb") as file:
            write_po(file, catalog, width=110, sort_output=True, no_location=True)
        missing = sum(1 for message in template if message.id and _is_missing(catalog, message))
        print(f"{language}: {len(catalog)} texts, {missing} to translate")
    return 0


def _is_missing(catalog: Catalog, message: Message) -> bool:
    given = catalog.get(_id_of(message), message.context)
    return given is None or not _strings(given) or not all(_strings(given))


def compile_all() -> int:
    """Write what the application reads."""
    for language in LANGUAGES:
        po_of(language).with_suffix(".mo").write_bytes(compiled(read(language)))
    return 0


def find_faults(template: Catalog, catalog: Catalog) -> Iterator[str]:
    """Yield, for each text of the source that a language has not translated rightly, what is wrong."""
    for message in template:
        if not message.id:
            continue
        given = catalog.get(_id_of(message), message.context)
        strings = _strings(given) if given is not None else []
        if given is None or not any(strings):
            yield f"not translated: {_id_of(message)!r}"
        elif given.fuzzy:
            yield f"marked fuzzy: {_id_of(message)!r}"
        elif message.pluralizable and (len(strings) != catalog.num_plurals or not all(strings)):
            yield f"has {sum(map(bool, strings))} of {catalog.num_plurals} plural forms: {_id_of(message)!r}"
        else:
            yield from _faults_of_strings(message, strings)


def _id_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _faults_of_strings(message: Message, strings: Sequence[str]) -> Iterator[str]:
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    source = texts[-1]
    for string in strings:
        wanted, given = _placeholders(source), _placeholders(string)
        # Of a plural's forms some name the number in words ("one", "two"), and then need not print it;
        # nor do they need what the source itself leaves out for one, such as the end of a range.
        number = (
            {"num", "count", "n"} | (_placeholders(source) - _placeholders(texts[0]))
            if message.pluralizable
            else set()
        )
        if given - wanted or (wanted - given) - number:
            yield f"placeholders {sorted(given)} for {sorted(wanted)}: {source!r}"
        if sorted(MARKUP.findall(string)) not in [sorted(MARKUP.findall(text)) for text in texts]:
            yield f"other mark-up than in: {source!r}"
        if (string[0].isspace(), string[-1].isspace()) != (source[0].isspace(), source[-1].isspace()):
            yield f"other blanks at its ends than: {source!r}"
        if "%" in PLACEHOLDER.sub("", string).replace("%%", "") and "%" not in PLACEHOLDER.sub("", source):
            yield f"a percent sign that is no placeholder: {source!r}"


def _placeholders(text: str) -> set[str]:
    return {name or position for name, position in PLACEHOLDER.findall(text)}


def check(languages: Iterable[str] = LANGUAGES) -> int:
    """Print every fault of every language; return 1 when there is any."""
    template = extract()
    faults = []
    for language in languages:
        catalog = read(language)
        faults += [f"{language}: {fault}" for fault in find_faults(template, catalog)]
        binary = po_of(language).with_suffix(".mo")
        if not binary.exists() or binary.read_bytes() != compiled(catalog):
            faults.append(
                f"{language}: messages.mo is not made from messages.po; run `python -m tools.translations compile`"
            )
    print("\n".join(faults))
    return 1 if faults else 0


def main(arguments: Sequence[str]) -> int:
    """Do what is asked: update, compile or check."""
    tasks = {"update": update, "compile": compile_all, "check": check}
    if len(arguments) != 1 or arguments[0] not in tasks:
        print(__doc__, file=sys.stderr)
        return 2
    return tasks[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
