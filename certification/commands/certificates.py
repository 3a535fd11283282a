"""Certificates from the command line: issue, export, verify."""

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from certification import issuer
from certification.checking import NOT_GENUINE, judge_file
from certification.issuer_keys import read_trust_roots
from certification.models import Certificate
from certification.reasons import sentences_of
from certification.services.candidates import list_candidates
from certification.services.certificates import (
    file_name,
    find_version_of_file,
    list_versions_of_cohort,
    read_file,
    verify_version,
)
from certification.services.issuing import issue_cohort
from curriculum.models import Cohort
from foundation import clock
from foundation.commands import answer, json_option, progress_bar, refuse
from foundation.db import db, reading, transaction
from foundation.errors import DomainError

TRUST_ROOT = "trust-root.crt"
EXIT_BY_VERDICT = {"valid": 0, NOT_GENUINE: 3}


@click.group("certificates")
def certificates_group() -> None:
    """Certificates: issue, export, verify."""


@certificates_group.command("issue")
@click.option("--cohort", "code", required=True, help="The cohort's code, e.g. MCM-201/7.")
@json_option
def issue_command(code: str, as_json: bool) -> None:
    """Issue a cohort's certificates. Can be interrupted and repeated; nobody gets two."""
    with reading():
        cohort_id = _find_cohort(code).id
    showing, progress = progress_bar("Printing and sealing", as_json=as_json)
    try:
        with showing:
            report = issue_cohort(cohort_id, unit=transaction, progress=progress)
    except DomainError as error:
        refuse(error.message)
    with reading():
        document = _issue_document(db.session.get_one(Cohort, cohort_id), report.issued, report.already)
    lines = [
        f"{len(document['issued'])} issued, {len(document['already'])} before, {len(document['refused'])} refused."
    ]
    lines += [f"  {entry['name']}: {' '.join(entry['reasons'])}" for entry in document["refused"]]
    answer(document, as_json=as_json, text="\n".join(lines))


@certificates_group.command("export")
@click.option("--cohort", "code", required=True, help="The cohort's code, e.g. MCM-201/7.")
@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@json_option
def export_command(code: str, folder: Path, as_json: bool) -> None:
    """Write a cohort's sealed certificates and the trust root into a folder: all that somebody else needs to check them."""
    written = []
    with reading():
        cohort = _find_cohort(code)
        folder.mkdir(parents=True, exist_ok=True)
        for version in list_versions_of_cohort(cohort.id):
            name = file_name(version)
            (folder / name).write_bytes(read_file(version))
            written.append(name)
    (folder / TRUST_ROOT).write_bytes(issuer.get_trust_root_pem())
    written.append(TRUST_ROOT)
    if as_json:
        answer({"cohort": code, "out": str(folder), "files": written}, as_json=True, text="")
    else:
        click.echo("\n".join(written))


@certificates_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trust",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An exported folder.",
)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Judge as of this day (default today).")
@json_option
def verify_command(file: Path, folder: Path | None, day: Any, as_json: bool) -> None:
    """Check a certificate without network. Exit 0 valid, 1 genuine but not valid today, 3 not genuine."""
    on: date = day.date() if day else clock.today()
    pdf = file.read_bytes()
    if folder is not None:
        roots = folder / TRUST_ROOT
        if not roots.exists():
            refuse(f"{folder} holds no {TRUST_ROOT}.")
        verdict = judge_file(pdf, trust=read_trust_roots(roots.read_bytes()), known=None, on=on)
    else:
        with reading():
            version = find_version_of_file(pdf)
            known = verify_version(version, on=on) if version is not None else None
        verdict = judge_file(pdf, trust=issuer.list_trust_roots(), known=known, on=on)
    text = f"{verdict.verdict}: {verdict.number or file.name} {verdict.name or ''}".rstrip()
    answer(asdict(verdict), as_json=as_json, text="\n".join([text, *verdict.problems]))
    sys.exit(EXIT_BY_VERDICT.get(verdict.verdict, 1))


def _find_cohort(code: str) -> Cohort:
    cohort = db.session.execute(select(Cohort).where(Cohort.code == code)).scalar_one_or_none()
    if cohort is None:
        refuse(f"There is no cohort {code}.")
    return cohort


def _issue_document(cohort: Cohort, issued: list[int], already: list[int]) -> dict[str, Any]:
    query = select(Certificate).where(Certificate.cohort_id == cohort.id).order_by(Certificate.sequence)
    held = {certificate.enrolment_id: certificate for certificate in db.session.execute(query).scalars()}

    def entries(enrolment_ids: list[int]) -> list[dict[str, Any]]:
        chosen = [held[enrolment_id] for enrolment_id in enrolment_ids]
        return [
            {
                "number": certificate.number,
                "version": certificate.current.version,
                "person": certificate.person.public_ref,
                "name": certificate.current.facts["name_latin"],
            }
            for certificate in chosen
        ]

    refused = [
        {
            "person": candidate.enrolment.person.public_ref,
            "name": candidate.enrolment.person.latin_name,
            "reasons": sentences_of(candidate.eligibility.reasons, language="en"),
        }
        for candidate in list_candidates(cohort, on=clock.today())
        if not candidate.is_listed
    ]
    return {"cohort": cohort.code, "issued": entries(issued), "already": entries(already), "refused": refused}
