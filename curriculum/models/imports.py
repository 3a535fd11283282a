"""Import runs: a sheet as it came, what the rehearsal said of each row, and what was written."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from curriculum.models.cohorts import Cohort
from curriculum.personnel.classing import RowClass
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class ImportState(StrEnum):
    """A run is rehearsed by the worker, then waits for the officer, then is written by the worker; or the sheet is refused."""

    REHEARSING = "rehearsing"
    REHEARSED = "rehearsed"
    WRITING = "writing"
    WRITTEN = "written"
    REFUSED = "refused"
    DISCARDED = "discarded"


class ImportRun(AgencyOwned, Model):
    """One uploaded sheet. `counts` is {class: rows}; `options` holds encoding, date order and `whole` as chosen;
    `refusal` why the sheet, or its writing, was refused."""

    __tablename__ = "import_run"
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    storage_key: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sheet: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    state: Mapped[ImportState] = mapped_column(Word(ImportState), index=True)
    refusal: Mapped[str | None] = mapped_column(String(500))
    written: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None]
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    cohort: Mapped[Cohort | None] = relationship()


class RowDecision(StrEnum):
    """What the officer says of a probable duplicate."""

    SAME = "same"
    DIFFERENT = "different"


class ImportRow(AgencyOwned, Model):
    """One row of a run: its number in the sheet, its class, what is wrong with it, and the officer's decision.

    `shown` is what a reader needs to find the row again, {name, native_name, birth_date}, and what was found, by code: {finding,
    problems: [[column, code, cell]], foreign}; `reason` says the same as a sentence in the sender's language. A probable
    duplicate waits for the officer's `decision`; `person_id` is the person it became or was recognised as.
    """

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("run_id", "row"),)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="RESTRICT"))
    row: Mapped[int]
    row_class: Mapped[RowClass] = mapped_column(Word(RowClass))
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    column: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(1000))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    candidate_row: Mapped[int | None]
    decision: Mapped[RowDecision | None] = mapped_column(Word(RowDecision))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    run: Mapped[ImportRun] = relationship()
