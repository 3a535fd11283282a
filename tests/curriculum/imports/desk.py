"""An officer's upload, rehearsed by the worker."""

from accounts.models import User
from curriculum.models import Cohort, ImportRun
from curriculum.services import imports
from foundation import jobs
from foundation.db import db


def upload(officer: User, data: bytes, name: str = "people.sheet", cohort: Cohort | None = None) -> ImportRun:
    assert officer.agency is not None
    run = imports.upload_sheet(
        data,
        file_name=name,
        agency=officer.agency,
        cohort=cohort,
        options=imports.ImportOptions(),
        actor=officer,
    )
    db.session.commit()
    jobs.run_pending()
    return run
