"""Who: agencies and agreements, persons and affiliations, users, sessions, the host."""

import sqlalchemy as sa
from alembic import op

from foundation.migrating.triggers import protect, release

revision = "0002_accounts"
down_revision = "0001_foundation"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("contact_name", sa.String(length=120), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("contact_phone", sa.String(length=40), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_table(
        "host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("certificate_languages", sa.JSON(), nullable=False),
        sa.Column("director_title", sa.JSON(), nullable=False),
        sa.Column("official_title", sa.JSON(), nullable=False),
        sa.Column("show_hijri", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_host_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_ref", sa.String(length=26), nullable=False),
        sa.Column("family_name", sa.String(length=120), nullable=False),
        sa.Column("given_names", sa.String(length=120), nullable=False),
        sa.Column("native_name", sa.String(length=200), nullable=True),
        sa.Column("certificate_name", sa.String(length=200), nullable=True),
        sa.Column("folded_latin", sa.String(length=260), nullable=False),
        sa.Column("folded_native", sa.String(length=260), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("nationality", sa.String(length=2), nullable=True),
        sa.Column("document_type", sa.String(length=30), nullable=True),
        sa.Column("document_issuer", sa.String(length=2), nullable=True),
        sa.Column("document_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("document_key", sa.String(length=64), nullable=True),
        sa.Column("document_expires_on", sa.Date(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("rank", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("document_key", name=op.f("uq_person_document_key")),
        sa.UniqueConstraint("public_ref", name=op.f("uq_person_public_ref")),
    )
    op.create_index(
        "ix_person_birth_date_folded_latin", "person", ["birth_date", "folded_latin"], unique=False
    )
    op.create_index(op.f("ix_person_folded_latin"), "person", ["folded_latin"], unique=False)
    op.create_index(op.f("ix_person_folded_native"), "person", ["folded_native"], unique=False)
    op.create_table(
        "affiliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_affiliation_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_affiliation_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
        sa.UniqueConstraint(
            "agency_id", "person_id", "starts_on", name=op.f("uq_affiliation_agency_id_person_id_starts_on")
        ),
    )
    op.create_index(op.f("ix_affiliation_agency_id"), "affiliation", ["agency_id"], unique=False)
    op.create_index(op.f("ix_affiliation_person_id"), "affiliation", ["person_id"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("seats_per_year", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_agreement_period")),
        sa.CheckConstraint("seats_per_year >= 0", name=op.f("ck_agreement_seats")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agreement_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("reference", name=op.f("uq_agreement_reference")),
    )
    op.create_index(op.f("ix_agreement_agency_id"), "agreement", ["agency_id"], unique=False)
    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("native_name", sa.String(length=160), nullable=True),
        sa.Column("function", sa.String(length=160), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_app_user_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_app_user_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name=op.f("uq_app_user_email")),
    )
    op.create_index(op.f("ix_app_user_agency_id"), "app_user", ["agency_id"], unique=False)
    op.create_index(op.f("ix_app_user_person_id"), "app_user", ["person_id"], unique=False)
    op.create_table(
        "person_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=260), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_name_person_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["app_user.id"],
            name=op.f("fk_person_name_recorded_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_name")),
    )
    op.create_index(op.f("ix_person_name_person_id"), "person_name", ["person_id"], unique=False)
    op.create_table(
        "user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_user_role_user_id_app_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "role", name=op.f("uq_user_role_user_id_role")),
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("network", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_user_session_user_id_app_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    protect(op.get_bind(), "person_name")


def downgrade() -> None:
    """Drop the tables."""
    release(op.get_bind(), "person_name")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_table("user_role")
    op.drop_index(op.f("ix_person_name_person_id"), table_name="person_name")
    op.drop_table("person_name")
    op.drop_index(op.f("ix_app_user_person_id"), table_name="app_user")
    op.drop_index(op.f("ix_app_user_agency_id"), table_name="app_user")
    op.drop_table("app_user")
    op.drop_index(op.f("ix_agreement_agency_id"), table_name="agreement")
    op.drop_table("agreement")
    op.drop_index(op.f("ix_affiliation_person_id"), table_name="affiliation")
    op.drop_index(op.f("ix_affiliation_agency_id"), table_name="affiliation")
    op.drop_table("affiliation")
    op.drop_index(op.f("ix_person_folded_native"), table_name="person")
    op.drop_index(op.f("ix_person_folded_latin"), table_name="person")
    op.drop_index("ix_person_birth_date_folded_latin", table_name="person")
    op.drop_table("person")
    op.drop_table("host")
    op.drop_table("agency")
