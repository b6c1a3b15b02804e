"""Questions about a referral, and the items of each with their answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_questions"
down_revision = "0007_centers_and_offers"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OPEN, BLOCKS = sa.text("status = 'open'"), sa.text("status = 'open' AND blocking")
ASKED = "'referrer', 'laboratory', 'patient', 'center', 'payer'"
KINDS = "'pathology', 'imaging', 'genomics', 'operative', 'discharge', 'letter', 'other'"


def upgrade() -> None:
    op.create_table(
        "information_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.String(length=1), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("asked", sa.String(length=12), nullable=False),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("changes", DOCUMENT, nullable=False),
        sa.CheckConstraint(f"asked IN ({ASKED})", name=op.f("ck_information_request_asked_known")),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'proceeded', 'closed')", name=op.f("ck_information_request_status_known")
        ),
        sa.CheckConstraint(
            "party IN ('R', 'C', 'L', 'K', 'S', 'A', 'T')", name=op.f("ck_information_request_party_known")
        ),
        sa.CheckConstraint(
            "(status = 'open') = (ended_at IS NULL)", name=op.f("ck_information_request_open_has_not_ended")
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_information_request_network_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_information_request_organization_id")
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_information_request_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_request")),
    )
    op.create_index(op.f("ix_information_request_referral_id"), "information_request", ["referral_id"], unique=False)
    op.create_index(
        "ix_information_request_due", "information_request", ["due_at"], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index(
        "uq_information_request_blocking",
        "information_request",
        ["referral_id"],
        unique=True,
        postgresql_where=BLOCKS,
        sqlite_where=BLOCKS,
    )
    op.create_table(
        "information_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=True),
        sa.Column("document", sa.String(length=12), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("answer", DOCUMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(f"document IN ({KINDS})", name=op.f("ck_information_item_document_known")),
        sa.CheckConstraint(
            "(CASE WHEN field IS NULL THEN 0 ELSE 1 END) + (CASE WHEN document IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN text IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_information_item_asks_one_thing"),
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_information_item_network_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["information_request.id"], name=op.f("fk_information_item_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_item")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_information_item_request_id_position")),
    )


def downgrade() -> None:
    op.drop_table("information_item")
    op.drop_table("information_request")
