"""Documents: what is known of a file whose bytes lie outside the database."""

import sqlalchemy as sa
from alembic import op

revision = "0011_documents"
down_revision = "0010_contacts"
branch_labels = None
depends_on = None

UNSEEN = sa.text("scan IN ('waiting', 'not_scanned')")
SUBMITTED = "SELECT 1 FROM referral WHERE referral.id = OLD.referral_id AND referral.submitted_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("is_of_opinion", sa.Boolean(), nullable=False),
        sa.Column("scan", sa.String(length=12), nullable=False),
        sa.Column("scan_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.String(length=200), nullable=True),
        sa.Column("damaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("attached_by", sa.String(length=200), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("misfiled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("misfiled_by_id", sa.Uuid(), nullable=True),
        sa.Column("misfiled_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('pathology', 'imaging', 'genomics', 'operative', 'discharge', 'letter', 'other')",
            name=op.f("ck_document_kind_known"),
        ),
        sa.CheckConstraint(
            "scan IN ('waiting', 'clean', 'quarantined', 'not_scanned')", name=op.f("ck_document_scan_known")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size_positive")),
        sa.CheckConstraint(
            "(misfiled_at IS NULL) = (misfiled_why IS NULL)", name=op.f("ck_document_misfiled_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_document_client_id")),
        sa.ForeignKeyConstraint(["misfiled_by_id"], ["user_account.id"], name=op.f("fk_document_misfiled_by_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_document_network_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_document_organization_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_document_referral_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_document_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_referral_id_id"), "document", ["referral_id", "id"], unique=False)
    op.create_index(
        "ix_document_unseen", "document", ["id"], unique=False, postgresql_where=UNSEEN, sqlite_where=UNSEEN
    )
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[op.get_bind().dialect.name]()


def downgrade() -> None:
    op.drop_table("document")


def guard_sqlite() -> None:
    """Nothing submitted is ever deleted; what came with a draft goes with it."""
    op.execute(
        f"CREATE TRIGGER document_keeps_rows BEFORE DELETE ON document WHEN EXISTS ({SUBMITTED})"
        " BEGIN SELECT RAISE(ABORT, 'this record is only ever added to'); END"
    )


def guard_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER document_keeps_rows BEFORE DELETE ON document FOR EACH ROW"
        " EXECUTE FUNCTION refuse_losing_submitted()"
    )
    op.execute(
        "CREATE TRIGGER document_is_not_emptied BEFORE TRUNCATE ON document"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )
