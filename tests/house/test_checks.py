"""The checks of `./ijaza check` find what they are there to find: each is shown a planted fault, and a sound neighbour."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from flask import Flask
from jinja2 import DictLoader

from tools import check, contracts, styles, templates, translations, vendor


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1px",
        "padding-right: 0",
        "border-left: 1px solid",
        "border-top-left-radius: 2px",
        "left: 0",
        "text-align: right",
        "float: left",
        "background: url(https://other.example/x.png)",
    ],
)
def test_style_that_knows_left_from_right_or_another_host_is_found(declaration: str) -> None:
    assert list(styles.find_faults(f"@media print {{ .a {{ color: red; {declaration} }} }}"))
    assert list(styles.find_faults(f".a {{ &:hover {{ {declaration} }} }}"))


def test_style_by_logical_properties_passes() -> None:
    sheet = ".a { margin-inline-start: 1px; inset-inline-end: 0; text-align: start; background: url(data:,x) } /* left */"
    assert list(styles.find_faults(sheet)) == []


@pytest.fixture
def small_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.loader = DictLoader({"macros/a.html": "{% macro one() %}{% endmacro %}"})
    app.add_url_rule("/persons/<int:person_id>", "persons.show", lambda person_id: "")
    app.add_url_rule("/sign-out", "sessions.end", lambda: "", methods=["POST"])
    return app


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{% if %}", "line 1"),
        ("{{ name|no_such_filter }}", "no_such_filter"),
        ('{% extends "layouts/none.html" %}', "no template layouts/none.html"),
        ('{% from "macros/a.html" import two %}', "no macro two"),
        ('<a href="{{ url_for("persons.list") }}"></a>', "no endpoint persons.list"),
        ('<a href="/persons"></a>', "nothing answers GET /persons"),
        ('<form action="/sign-out"></form>', "nothing answers GET /sign-out"),
        ('<p style="color: {{ x }}"></p>', "<p style>"),
        ("<style>p {}</style>", "<style>"),
        ("<script>go()</script>", "<script> without src"),
        ('<button onclick="go()"></button>', "<button onclick>"),
        ('<a href="javascript:go()"></a>', "<a href>"),
        ('<img src="https://other.example/x.png" alt="">', "another host"),
        ("{{ name|safe }}", "|safe"),
        ("{% autoescape false %}{{ x }}{% endautoescape %}", "autoescape"),
        ("<p>Good {% if morning %}morning{% endif %}</p>", "not translatable: 'Good morning'"),
        ('<input placeholder="Search">', "not translatable: 'Search'"),
    ],
)
def test_fault_in_a_template_is_found(source: str, fault: str, small_app: Flask) -> None:
    found = "\n".join(templates.find_faults("a.html", source, small_app))
    assert fault in found


def test_sound_template_passes(small_app: Flask) -> None:
    source = """{% from "macros/a.html" import one %}{% block body_class %}narrow{% endblock %}
      <form method="post" action="/sign-out"{% if x %} hidden{% endif %}><button>{{ _("Sign out") }}</button></form>
      <p title="{{ _('Name') }}">{% trans %}Good morning{% endtrans %} <bdi>{{ name }}</bdi> <code>abc</code></p>
      <a href="{{ url_for("persons.show", person_id=1) }}">{{ one() }}</a> <a href="/persons/{{ id }}"></a> <a href="#top"></a>
      <script type="module" src="{{ src }}"></script>"""
    assert list(templates.find_faults("a.html", source, small_app)) == []


def catalogues(source: str | tuple[str, str], translated: str | tuple[str, ...]) -> tuple[Catalog, Catalog]:
    template, french = Catalog(), Catalog(locale="fr")
    template.add(source)
    french.add(source, translated)
    return template, french


@pytest.mark.parametrize(
    ("source", "translated", "fault"),
    [
        ("Save", "", "not translated"),
        ("Save %(name)s", "Enregistrer", "placeholders"),
        ("Save %(name)s", "Enregistrer %(nom)s", "placeholders"),
        ("Save <b>all</b>", "Tout enregistrer", "mark-up"),
        ("Save", "Enregistrer ", "blanks"),
        ("Save", "100 % sûr", "percent"),
        (("%(num)s row", "%(num)s rows"), ("%(num)s ligne", ""), "1 of 2 plural forms"),
        (("%(num)s row", "%(num)s rows"), ("%(num)s ligne", "%(n)s lignes"), "placeholders"),
    ],
)
def test_fault_in_a_translation_is_found(source: str, translated: str, fault: str) -> None:
    found = list(translations.find_faults(*catalogues(source, translated)))
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("source", "translated"),
    [
        ("Save %(name)s", "Enregistrer %(name)s"),
        ("Save <b>all</b>", "<b>Tout</b> enregistrer"),
        (("%(num)s row", "%(num)s rows"), ("une ligne", "%(num)s lignes")),
        (
            ("Row %(first)s", "%(num)s rows, %(first)s to %(last)s"),
            ("%(first)s", "%(num)s\u202f: %(first)s à %(last)s"),
        ),
    ],
)
def test_sound_translation_passes(source: str, translated: str) -> None:
    assert list(translations.find_faults(*catalogues(source, translated))) == []


def test_fuzzy_translation_is_not_taken_for_one() -> None:
    template, french = catalogues("Save", "Sauver")
    french["Save"].flags.add("fuzzy")
    assert list(translations.find_faults(template, french)) == ["marked fuzzy: 'Save'"]


def test_library_imported_in_two_files_is_found_wherever_the_import_stands(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import weasyprint.css\n")
    (tmp_path / "two.py").write_text("def f():\n    from weasyprint import HTML\n")
    (tmp_path / "three.py").write_text("import weasyprinting\nfrom . import weasyprint\n")
    found = contracts.importers(tmp_path, {"weasyprint"})
    assert found == {"weasyprint": {f"{tmp_path.name}/one.py", f"{tmp_path.name}/two.py"}}


def test_vendored_files_are_those_that_were_checked() -> None:
    assert vendor.main(["verify"]) == 0


def test_changed_missing_and_unknown_vendored_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text('{"lib-1": {"files": {"a.js": "0", "b.js": "0"}}}')
    (tmp_path / "lib-1").mkdir()
    (tmp_path / "lib-1" / "a.js").write_text("changed")
    (tmp_path / "lib-1" / "c.js").write_text("unknown")
    faults = list(vendor.find_faults(tmp_path))
    assert faults == ["lib-1/a.js was changed", "lib-1/b.js is missing", "lib-1/c.js is not in lock.json"]


def test_archive_other_than_the_registry_states_is_refused() -> None:
    with pytest.raises(vendor.VendorError):
        vendor.check_integrity(b"other", "sha512-" + "A" * 86 + "==")


def test_failing_step_is_shown_with_what_it_said_and_fails_the_whole() -> None:
    steps = [
        check.Step("good", ("-c", "print('quiet')")),
        check.Step("bad", ("-c", "raise SystemExit('the reason')")),
    ]
    verdicts = check.judge_all(steps)
    said = check.describe(verdicts)
    assert [verdict.passed for verdict in verdicts] == [True, False]
    assert "the reason" in said
    assert "quiet" not in said
    assert said.splitlines()[-1].split()[0] == "bad"
    assert said.splitlines()[-1].endswith("FAILED")
