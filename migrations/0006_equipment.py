"""With what: item types, items, lots, deeds, the custody ledger, cases and inspections.

The database keeps the ledger's rules by itself: numbers without gaps, each hash after the one before it, days that never run
backwards, and nobody gives what he does not hold. From its issue a deed and its lines stay as they are.
"""

import sqlalchemy as sa
from alembic import op

from foundation.migrating.triggers import protect, release

revision = "0006_equipment"
down_revision = "0005_qualifications"

FROZEN = ("custody_entry", "deed_receipt", "deed_signature", "deed_file", "inspection")
GENESIS = "0" * 64

# What a new custody entry must fulfil: (what is wrong, the condition under which it is).
_BEFORE = "FROM custody_entry WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1"
_HOLDER = "receiver = NEW.giver AND COALESCE(receiver_agency_id, 0) = COALESCE(NEW.giver_agency_id, 0)"
_GAVE = "giver = NEW.giver AND COALESCE(giver_agency_id, 0) = COALESCE(NEW.giver_agency_id, 0)"
LEDGER_RULES = (
    (
        "the number does not follow the last one",
        f"NEW.seq <> COALESCE((SELECT seq {_BEFORE}), 0) + 1",
    ),
    (
        "the hash before is not that of the last one",
        f"NEW.previous_hash <> COALESCE((SELECT hash {_BEFORE}), '{GENESIS}')",
    ),
    (
        "the day lies before that of the last one",
        f"NEW.happened_on < COALESCE((SELECT happened_on {_BEFORE}), NEW.happened_on)",
    ),
    (
        "the giver is not the holder",
        f"NEW.item_id IS NOT NULL AND NOT COALESCE((SELECT {_HOLDER} {_BEFORE}), NEW.giver = 'outside')",
    ),
    (
        "the giver holds less than is given",
        "NEW.lot_id IS NOT NULL AND NEW.giver <> 'outside' AND NEW.quantity > ("
        f"SELECT COALESCE(SUM(CASE WHEN {_HOLDER} THEN quantity ELSE 0 END), 0)"
        f" - COALESCE(SUM(CASE WHEN {_GAVE} THEN quantity ELSE 0 END), 0)"
        " FROM custody_entry WHERE chain = NEW.chain)",
    ),
)
# Columns of a deed that stay as they were issued; JSON is compared as text, because PostgreSQL cannot compare it otherwise.
_FROZEN_COLUMNS = (
    "agency_id", "kind", "number", "year", "sequence", "cohort_id", "purpose", "use", "retransfer_allowed",
    "inspection_right", "return_due_on", "language", "drafted_at", "drafted_by_id", "issued_on", "issued_at",
    "issued_by_id", "CAST(content AS TEXT)", "content_hash",
)  # fmt: skip


def _of(row: str, column: str) -> str:
    return column.replace("(content", f"({row}.content") if "(" in column else f"{row}.{column}"


def _frozen_deed(distinct: str) -> str:
    """Return the condition under which an update of a deed touches what is frozen; `distinct` compares with nulls."""
    changed = " OR ".join(f"{_of('NEW', c)} {distinct} {_of('OLD', c)}" for c in _FROZEN_COLUMNS)
    ended = "OLD.state IN ('closed', 'void') AND NEW.state <> OLD.state"
    back = "OLD.state <> 'draft' AND NEW.state = 'draft'"
    return f"({ended}) OR ({back}) OR (OLD.content_hash IS NOT NULL AND ({changed}))"


def _guard_sqlite(connection: sa.Connection) -> None:
    refusals = " ".join(
        f"SELECT RAISE(ABORT, 'custody_entry rows are append-only: {wrong}') WHERE {condition};"
        for wrong, condition in LEDGER_RULES
    )
    issued = "(SELECT state FROM deed WHERE id = {row}.deed_id) <> 'draft'"
    frozen = "SELECT RAISE(ABORT, '{table} rows are append-only once the deed is issued');"
    statements = [f"CREATE TRIGGER custody_entry_follows BEFORE INSERT ON custody_entry BEGIN {refusals} END"]
    for verb, rows in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        statements.append(
            f"CREATE TRIGGER deed_line_frozen_{verb.lower()} BEFORE {verb} ON deed_line "
            f"WHEN {issued.format(row=rows)} BEGIN {frozen.format(table='deed_line')} END"
        )
    statements += [
        f"CREATE TRIGGER deed_frozen_update BEFORE UPDATE ON deed WHEN {_frozen_deed('IS NOT')} "
        f"BEGIN {frozen.format(table='deed')} END",
        "CREATE TRIGGER deed_frozen_delete BEFORE DELETE ON deed WHEN OLD.content_hash IS NOT NULL "
        f"BEGIN {frozen.format(table='deed')} END",
    ]
    for statement in statements:
        connection.execute(sa.text(statement))


def _guard_postgres(connection: sa.Connection) -> None:
    rules = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION 'custody_entry rows are append-only: {wrong}'; END IF;"
        for wrong, condition in LEDGER_RULES
    )
    frozen = "RAISE EXCEPTION '% rows are append-only once the deed is issued', TG_TABLE_NAME;"
    functions = {
        "custody_entry_follows": f"{rules} RETURN NEW;",
        "deed_line_frozen": (
            "IF TG_OP <> 'DELETE' AND (SELECT state FROM deed WHERE id = NEW.deed_id) <> 'draft' "
            f"OR TG_OP <> 'INSERT' AND (SELECT state FROM deed WHERE id = OLD.deed_id) <> 'draft' THEN {frozen} END IF; "
            "RETURN COALESCE(NEW, OLD);"
        ),
        "deed_frozen": (
            f"IF TG_OP = 'DELETE' THEN IF OLD.content_hash IS NOT NULL THEN {frozen} END IF; RETURN OLD; END IF; "
            f"IF {_frozen_deed('IS DISTINCT FROM')} THEN {frozen} END IF; RETURN NEW;"
        ),
    }
    for name, body in functions.items():
        connection.exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$".replace(
                "%", "%%"
            )
        )
    for statement in (
        "CREATE TRIGGER custody_entry_follows BEFORE INSERT ON custody_entry "
        "FOR EACH ROW EXECUTE FUNCTION custody_entry_follows()",
        "CREATE TRIGGER deed_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON deed_line "
        "FOR EACH ROW EXECUTE FUNCTION deed_line_frozen()",
        "CREATE TRIGGER deed_frozen BEFORE UPDATE OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION deed_frozen()",
    ):
        connection.execute(sa.text(statement))


def upgrade() -> None:
    """Create the tables, then let the database guard them."""
    op.create_table(
        "item_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("tag_prefix", sa.String(length=8), nullable=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("tracking", sa.String(length=30), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("category", sa.String(length=30), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("inspect_every_months", sa.Integer(), nullable=True),
        sa.Column("receive_qualification", sa.String(length=60), nullable=True),
        sa.Column("line_codes", sa.JSON(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("value_minor", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("inspect_every_months > 0", name=op.f("ck_item_type_inspect_every_months")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_type")),
        sa.UniqueConstraint("code", name=op.f("uq_item_type_code")),
        sa.UniqueConstraint("tag_prefix", name=op.f("uq_item_type_tag_prefix")),
    )
    op.create_index(op.f("ix_item_type_category"), "item_type", ["category"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=20), nullable=False),
        sa.Column("item_type_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=True),
        sa.Column("maker", sa.String(length=120), nullable=True),
        sa.Column("acquired_on", sa.Date(), nullable=False),
        sa.Column("donor", sa.Text(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_type_id"],
            ["item_type.id"],
            name=op.f("fk_item_item_type_id_item_type"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["registered_by_id"],
            ["app_user.id"],
            name=op.f("fk_item_registered_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("item_type_id", "serial", name=op.f("uq_item_item_type_id_serial")),
        sa.UniqueConstraint("tag", name=op.f("uq_item_tag")),
    )
    op.create_index(op.f("ix_item_serial"), "item", ["serial"], unique=False)
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_type_id", sa.Integer(), nullable=False),
        sa.Column("lot_number", sa.String(length=60), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("donor", sa.Text(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_type_id"],
            ["item_type.id"],
            name=op.f("fk_lot_item_type_id_item_type"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["registered_by_id"],
            ["app_user.id"],
            name=op.f("fk_lot_registered_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("item_type_id", "lot_number", name=op.f("uq_lot_item_type_id_lot_number")),
    )
    op.create_index(op.f("ix_lot_expires_on"), "lot", ["expires_on"], unique=False)
    op.create_table(
        "deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("retransfer_allowed", sa.Boolean(), nullable=False),
        sa.Column("inspection_right", sa.Boolean(), nullable=False),
        sa.Column("return_due_on", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('issued', 'closed') OR (number IS NOT NULL AND content_hash IS NOT NULL)",
            name=op.f("ck_deed_frozen"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_deed_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_deed_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"],
            ["app_user.id"],
            name=op.f("fk_deed_drafted_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["app_user.id"], name=op.f("fk_deed_issued_by_id_app_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["app_user.id"], name=op.f("fk_deed_voided_by_id_app_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
        sa.UniqueConstraint("number", name=op.f("uq_deed_number")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_deed_year_sequence")),
    )
    op.create_index(op.f("ix_deed_agency_id"), "deed", ["agency_id"], unique=False)
    op.create_index(op.f("ix_deed_cohort_id"), "deed", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_deed_return_due_on"), "deed", ["return_due_on"], unique=False)
    op.create_index(op.f("ix_deed_state"), "deed", ["state"], unique=False)
    op.create_table(
        "inspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=30), nullable=False),
        sa.Column("condition", sa.String(length=30), nullable=False),
        sa.Column("limits", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("done_by_name", sa.String(length=160), nullable=False),
        sa.CheckConstraint("result <> 'limited' OR limits IS NOT NULL", name=op.f("ck_inspection_limits")),
        sa.ForeignKeyConstraint(
            ["done_by_id"],
            ["app_user.id"],
            name=op.f("fk_inspection_done_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_inspection_item_id_item"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    op.create_index("ix_inspection_item_id_done_on", "inspection", ["item_id", "done_on"], unique=False)
    op.create_index(op.f("ix_inspection_valid_until"), "inspection", ["valid_until"], unique=False)
    op.create_table(
        "deed_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_deed_file_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["deed_id"], ["deed.id"], name=op.f("fk_deed_file_deed_id_deed"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_file")),
        sa.UniqueConstraint("deed_id", "language", name=op.f("uq_deed_file_deed_id_language")),
    )
    op.create_index(op.f("ix_deed_file_agency_id"), "deed_file", ["agency_id"], unique=False)
    op.create_table(
        "deed_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("condition_issued", sa.String(length=30), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(item_id IS NULL) <> (lot_id IS NULL)", name=op.f("ck_deed_line_one_thing")),
        sa.CheckConstraint(
            "quantity > 0 AND (item_id IS NULL OR quantity = 1)", name=op.f("ck_deed_line_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_deed_line_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["deed_id"], ["deed.id"], name=op.f("fk_deed_line_deed_id_deed"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_deed_line_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_deed_line_lot_id_lot"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_line")),
        sa.UniqueConstraint("deed_id", "item_id", name=op.f("uq_deed_line_deed_id_item_id")),
        sa.UniqueConstraint("deed_id", "lot_id", name=op.f("uq_deed_line_deed_id_lot_id")),
        sa.UniqueConstraint("deed_id", "position", name=op.f("uq_deed_line_deed_id_position")),
        sa.UniqueConstraint("id", "quantity", name=op.f("uq_deed_line_id_quantity")),
    )
    op.create_index(op.f("ix_deed_line_agency_id"), "deed_line", ["agency_id"], unique=False)
    op.create_index(op.f("ix_deed_line_item_id"), "deed_line", ["item_id"], unique=False)
    op.create_index(op.f("ix_deed_line_lot_id"), "deed_line", ["lot_id"], unique=False)
    op.create_table(
        "deed_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("method", sa.String(length=30), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_by_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_deed_signature_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["captured_by_id"],
            ["app_user.id"],
            name=op.f("fk_deed_signature_captured_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["deed_id"], ["deed.id"], name=op.f("fk_deed_signature_deed_id_deed"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_signature")),
        sa.UniqueConstraint("deed_id", "side", name=op.f("uq_deed_signature_deed_id_side")),
    )
    op.create_index(op.f("ix_deed_signature_agency_id"), "deed_signature", ["agency_id"], unique=False)
    op.create_table(
        "custody_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("giver", sa.String(length=30), nullable=False),
        sa.Column("giver_agency_id", sa.Integer(), nullable=True),
        sa.Column("receiver", sa.String(length=30), nullable=False),
        sa.Column("receiver_agency_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deed_line_id", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(length=30), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by_user_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=160), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(giver = 'agency') = (giver_agency_id IS NOT NULL)", name=op.f("ck_custody_entry_giver")
        ),
        sa.CheckConstraint(
            "(kind = 'received') = (giver = 'outside')", name=op.f("ck_custody_entry_comes_in")
        ),
        sa.CheckConstraint(
            "(kind IN ('consumed', 'written_off')) = (receiver = 'outside')",
            name=op.f("ck_custody_entry_goes_out"),
        ),
        sa.CheckConstraint(
            "(receiver = 'agency') = (receiver_agency_id IS NOT NULL)", name=op.f("ck_custody_entry_receiver")
        ),
        sa.CheckConstraint(
            "chain = CASE WHEN lot_id IS NULL THEN 'item:' || item_id ELSE 'lot:' || lot_id END",
            name=op.f("ck_custody_entry_chain"),
        ),
        sa.CheckConstraint("(item_id IS NULL) <> (lot_id IS NULL)", name=op.f("ck_custody_entry_one_thing")),
        sa.CheckConstraint(
            "quantity > 0 AND (item_id IS NULL OR quantity = 1)", name=op.f("ck_custody_entry_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"],
            ["app_user.id"],
            name=op.f("fk_custody_entry_by_user_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["deed_line_id"],
            ["deed_line.id"],
            name=op.f("fk_custody_entry_deed_line_id_deed_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["giver_agency_id"],
            ["agency.id"],
            name=op.f("fk_custody_entry_giver_agency_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_custody_entry_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_custody_entry_lot_id_lot"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["receiver_agency_id"],
            ["agency.id"],
            name=op.f("fk_custody_entry_receiver_agency_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_entry")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_custody_entry_chain_seq")),
        sa.UniqueConstraint("deed_line_id", name=op.f("uq_custody_entry_deed_line_id")),
    )
    op.create_index(
        op.f("ix_custody_entry_giver_agency_id"), "custody_entry", ["giver_agency_id"], unique=False
    )
    op.create_index(op.f("ix_custody_entry_item_id"), "custody_entry", ["item_id"], unique=False)
    op.create_index(op.f("ix_custody_entry_lot_id"), "custody_entry", ["lot_id"], unique=False)
    op.create_index(
        "ix_custody_entry_receiver_agency_id_happened_on",
        "custody_entry",
        ["receiver_agency_id", "happened_on"],
        unique=False,
    )
    op.create_table(
        "deed_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("condition_received", sa.String(length=30), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("accepted + refused + missing = quantity", name=op.f("ck_deed_receipt_sum")),
        sa.CheckConstraint("accepted = quantity OR reason IS NOT NULL", name=op.f("ck_deed_receipt_reason")),
        sa.CheckConstraint(
            "accepted >= 0 AND refused >= 0 AND missing >= 0", name=op.f("ck_deed_receipt_counts")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_deed_receipt_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["deed_line_id", "quantity"],
            ["deed_line.id", "deed_line.quantity"],
            name=op.f("fk_deed_receipt_deed_line_id_quantity_deed_line"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_receipt")),
        sa.UniqueConstraint("deed_line_id", name=op.f("uq_deed_receipt_deed_line_id")),
    )
    op.create_index(op.f("ix_deed_receipt_agency_id"), "deed_receipt", ["agency_id"], unique=False)
    op.create_table(
        "equipment_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("deed_line_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("circumstances", sa.Text(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("reported_by_name", sa.String(length=160), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("condition_after", sa.String(length=30), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_equipment_case_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["app_user.id"],
            name=op.f("fk_equipment_case_decided_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["deed_line_id"],
            ["deed_line.id"],
            name=op.f("fk_equipment_case_deed_line_id_deed_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_equipment_case_item_id_item"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_id"],
            ["app_user.id"],
            name=op.f("fk_equipment_case_reported_by_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_case")),
    )
    op.create_index(op.f("ix_equipment_case_agency_id"), "equipment_case", ["agency_id"], unique=False)
    op.create_index(op.f("ix_equipment_case_item_id"), "equipment_case", ["item_id"], unique=False)
    op.create_index(
        "uq_equipment_case_open",
        "equipment_case",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_equipment_case_state"), "equipment_case", ["state"], unique=False)
    connection = op.get_bind()
    for table in FROZEN:
        protect(connection, table)
    if connection.dialect.name == "sqlite":
        _guard_sqlite(connection)
    else:
        _guard_postgres(connection)


def downgrade() -> None:
    """Drop the tables; their triggers go with them."""
    connection = op.get_bind()
    for table in FROZEN:
        release(connection, table)
    op.drop_index("uq_equipment_case_open", table_name="equipment_case")
    op.drop_index(op.f("ix_equipment_case_state"), table_name="equipment_case")
    op.drop_index(op.f("ix_equipment_case_item_id"), table_name="equipment_case")
    op.drop_index(op.f("ix_equipment_case_agency_id"), table_name="equipment_case")
    op.drop_table("equipment_case")
    op.drop_index(op.f("ix_deed_receipt_agency_id"), table_name="deed_receipt")
    op.drop_table("deed_receipt")
    op.drop_index("ix_custody_entry_receiver_agency_id_happened_on", table_name="custody_entry")
    op.drop_index(op.f("ix_custody_entry_lot_id"), table_name="custody_entry")
    op.drop_index(op.f("ix_custody_entry_item_id"), table_name="custody_entry")
    op.drop_index(op.f("ix_custody_entry_giver_agency_id"), table_name="custody_entry")
    op.drop_table("custody_entry")
    op.drop_index(op.f("ix_deed_signature_agency_id"), table_name="deed_signature")
    op.drop_table("deed_signature")
    op.drop_index(op.f("ix_deed_line_lot_id"), table_name="deed_line")
    op.drop_index(op.f("ix_deed_line_item_id"), table_name="deed_line")
    op.drop_index(op.f("ix_deed_line_agency_id"), table_name="deed_line")
    op.drop_table("deed_line")
    op.drop_index(op.f("ix_deed_file_agency_id"), table_name="deed_file")
    op.drop_table("deed_file")
    op.drop_index(op.f("ix_inspection_valid_until"), table_name="inspection")
    op.drop_index("ix_inspection_item_id_done_on", table_name="inspection")
    op.drop_table("inspection")
    op.drop_index(op.f("ix_deed_state"), table_name="deed")
    op.drop_index(op.f("ix_deed_return_due_on"), table_name="deed")
    op.drop_index(op.f("ix_deed_cohort_id"), table_name="deed")
    op.drop_index(op.f("ix_deed_agency_id"), table_name="deed")
    op.drop_table("deed")
    op.drop_index(op.f("ix_lot_expires_on"), table_name="lot")
    op.drop_table("lot")
    op.drop_index(op.f("ix_item_serial"), table_name="item")
    op.drop_table("item")
    op.drop_index(op.f("ix_item_type_category"), table_name="item_type")
    op.drop_table("item_type")
    if connection.dialect.name != "sqlite":
        for function in ("custody_entry_follows", "deed_line_frozen", "deed_frozen"):
            connection.execute(sa.text(f"DROP FUNCTION {function}()"))
