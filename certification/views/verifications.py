"""Public verification: anybody, by code or with the file itself; shows what is printed, and nothing else."""

from typing import Any

from flask import Blueprint, Flask, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from werkzeug.routing import BaseConverter
from wtforms.validators import Length

from certification import issuer
from certification.checking import judge_file
from certification.codes import group_code, normalise_code
from certification.labels import EXPLANATION, STATUS
from certification.services import certificates
from certification.services.certificates import Verification
from foundation import access, clock
from foundation.access import public
from foundation.errors import NotFound, TooMany
from foundation.forms import Form, TextField
from foundation.i18n import _, lazy
from foundation.tenancy import EVERYTHING, within
from foundation.web import accepts_bytes

bp = Blueprint("verifications", __name__)

MISSED = "verification_missed"
MOST_MISSES = 30
MINUTES = 10
LARGEST_FILE = 3 * 1024 * 1024


class VerifyWord(BaseConverter):
    """The word 'verify' in any case: QR codes print capitals."""

    regex = "[vV][eE][rR][iI][fF][yY]"


class VerificationForm(Form):
    """A code as people type it, or the file."""

    code = TextField(
        lazy("Code"),
        [Length(max=80)],
        description=lazy("Printed under the QR code. Capitals, spaces and dashes do not matter."),
    )
    file = FileField(lazy("Or the certificate as a PDF file"))


@bp.route("/<verify:word>", methods=["GET", "POST"])
@public
@accepts_bytes(LARGEST_FILE)
def new(word: str) -> ResponseReturnValue:
    """Ask for a code or a file, and lead to the answer."""
    form = VerificationForm()
    if form.validate_on_submit():
        if form.file.data:
            return _judge_upload(form)
        code = normalise_code(form.code.data or "")
        if code is not None:
            return redirect(url_for("verifications.show", word="verify", code=code), 303)
        form.code.errors = [_("This is not a complete code. Compare it with the certificate, sign by sign.")]
    status = 422 if form.is_submitted() else 200
    return render_template("certification/verifications/new.html", form=form), status


@bp.get("/<verify:word>/<code>")
@public
def show(word: str, code: str) -> ResponseReturnValue:
    """Show what a certificate says and what it is worth today."""
    found = _find(code)
    if found is None:
        return render_template("certification/verifications/unknown.html", code=code[:80]), 404
    return render_template(
        "certification/verifications/show.html",
        found=found,
        facts=found.facts,
        words=STATUS,
        explanations=EXPLANATION,
        code=group_code(found.facts.code),
    )


@bp.get("/<verify:word>/<code>.json")
@public
def show_json(word: str, code: str) -> ResponseReturnValue:
    """Answer the same for machines."""
    found = _find(code)
    if found is None:
        raise NotFound(_("No certificate of this service has this code."))
    facts = found.facts
    return jsonify(
        status=found.status.value,
        number=facts.number,
        version=facts.version,
        name=facts.name_latin,
        name_native=facts.name_native,
        course_code=facts.course_code,
        course=dict(facts.course_title),
        edition=facts.edition,
        hours=facts.hours,
        issued_on=facts.issued_on.isoformat(),
        expires_on=facts.expires_on.isoformat() if facts.expires_on else None,
        issuer={"en": facts.host.name_en, "ar": facts.host.name_ar, "fr": facts.host.name_fr},
        file_sha256=found.file_sha256,
        demonstration=facts.demonstration,
    )


def _find(code: str) -> Verification | None:
    """Look a code up across all agencies; guessing is slowed down by counting what was not found."""
    network = access.client_network()
    if access.count_recent(MISSED, minutes=MINUTES, network=network) >= MOST_MISSES:
        raise TooMany(
            _("Too many codes were tried that do not exist. Wait some minutes, then try again."),
            retry_after_seconds=MINUTES * 60,
        )
    with within(EVERYTHING):
        version = certificates.find_version(code)
        if version is None:
            access.log_access(MISSED)
            return None
        return certificates.verify_version(version, on=clock.today())


def _judge_upload(form: VerificationForm) -> ResponseReturnValue:
    data = form.file.data.read()
    on = clock.today()
    with within(EVERYTHING):
        version = certificates.find_version_of_file(data)
        known = certificates.verify_version(version, on=on) if version is not None else None
    verdict = judge_file(data, trust=issuer.list_trust_roots(), known=known, on=on)
    context: dict[str, Any] = {
        "verdict": verdict,
        "known": known,
        "words": STATUS,
        "explanations": EXPLANATION,
    }
    return render_template("certification/verifications/file.html", **context), 200 if known else 422


def init_app(app: Flask) -> None:
    """Teach the address map the word that may stand in any case."""
    app.url_map.converters["verify"] = VerifyWord
