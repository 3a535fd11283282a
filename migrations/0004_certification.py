"""What is earned: approvals, certificates with their frozen versions and files, actions."""

import sqlalchemy as sa
from alembic import op

from foundation.migrating.triggers import protect, release

revision = "0004_certification"
down_revision = "0003_curriculum"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["app_user.id"],
            name=op.f("fk_approval_approved_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_approval_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("cohort_id", "kind", "digest", name=op.f("uq_approval_cohort_id_kind_digest")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_certificate_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_certificate_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_certificate_enrolment_id_enrolment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("cohort_id", "sequence", name=op.f("uq_certificate_cohort_id_sequence")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_certificate_enrolment_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    op.create_index(op.f("ix_certificate_agency_id"), "certificate", ["agency_id"], unique=False)
    op.create_index(op.f("ix_certificate_person_id"), "certificate", ["person_id"], unique=False)
    op.create_table(
        "certificate_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["agency.id"],
            name=op.f("fk_certificate_action_agency_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_action_certificate_id_certificate"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["app_user.id"],
            name=op.f("fk_certificate_action_decided_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["app_user.id"],
            name=op.f("fk_certificate_action_proposed_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_action")),
    )
    op.create_index(
        op.f("ix_certificate_action_agency_id"), "certificate_action", ["agency_id"], unique=False
    )
    op.create_index(
        op.f("ix_certificate_action_certificate_id"), "certificate_action", ["certificate_id"], unique=False
    )
    op.create_index(op.f("ix_certificate_action_state"), "certificate_action", ["state"], unique=False)
    op.create_table(
        "certificate_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("template_version", sa.String(length=20), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["agency.id"],
            name=op.f("fk_certificate_version_agency_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_version_certificate_id_certificate"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"],
            ["app_user.id"],
            name=op.f("fk_certificate_version_issued_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_version")),
        sa.UniqueConstraint(
            "certificate_id", "version", name=op.f("uq_certificate_version_certificate_id_version")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_version_code")),
    )
    op.create_index(
        op.f("ix_certificate_version_agency_id"), "certificate_version", ["agency_id"], unique=False
    )
    op.create_table(
        "certificate_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["agency.id"],
            name=op.f("fk_certificate_file_agency_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["certificate_version.id"],
            name=op.f("fk_certificate_file_version_id_certificate_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_file")),
        sa.UniqueConstraint("version_id", name=op.f("uq_certificate_file_version_id")),
    )
    op.create_index(op.f("ix_certificate_file_agency_id"), "certificate_file", ["agency_id"], unique=False)
    op.create_index(op.f("ix_certificate_file_sha256"), "certificate_file", ["sha256"], unique=False)
    protect(op.get_bind(), "certificate_version")
    protect(op.get_bind(), "certificate_file")


def downgrade() -> None:
    """Drop the tables."""
    release(op.get_bind(), "certificate_version")
    release(op.get_bind(), "certificate_file")
    op.drop_index(op.f("ix_certificate_file_sha256"), table_name="certificate_file")
    op.drop_index(op.f("ix_certificate_file_agency_id"), table_name="certificate_file")
    op.drop_table("certificate_file")
    op.drop_index(op.f("ix_certificate_version_agency_id"), table_name="certificate_version")
    op.drop_table("certificate_version")
    op.drop_index(op.f("ix_certificate_action_state"), table_name="certificate_action")
    op.drop_index(op.f("ix_certificate_action_certificate_id"), table_name="certificate_action")
    op.drop_index(op.f("ix_certificate_action_agency_id"), table_name="certificate_action")
    op.drop_table("certificate_action")
    op.drop_index(op.f("ix_certificate_person_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_agency_id"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_table("approval")
