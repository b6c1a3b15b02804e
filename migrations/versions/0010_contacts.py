"""Calls, letters and visits about a referral: attempts are evidence and are only ever added."""

import sqlalchemy as sa
from alembic import op

revision = "0010_contacts"
down_revision = "0009_opinions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("counterpart", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('phone', 'letter', 'fax', 'mail', 'in_person')", name=op.f("ck_contact_channel_known")
        ),
        sa.CheckConstraint(
            "counterpart IN ('referrer', 'patient', 'laboratory', 'center', 'other')",
            name=op.f("ck_contact_counterpart_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('reached', 'not_reached', 'told_and_read_back', 'left_message')",
            name=op.f("ck_contact_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_contact_client_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_contact_network_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_contact_organization_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_contact_referral_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_contact_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_referral_id_id"), "contact", ["referral_id", "id"], unique=False)
    {"sqlite": guard_sqlite, "postgresql": guard_postgresql}[op.get_bind().dialect.name]()


def downgrade() -> None:
    op.drop_table("contact")


def guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'this record is only ever added to'); END"
    op.execute(f"CREATE TRIGGER contact_keeps_rows BEFORE DELETE ON contact {refuse}")
    op.execute(f"CREATE TRIGGER contact_keeps_words BEFORE UPDATE ON contact {refuse}")


def guard_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER contact_is_kept BEFORE UPDATE OR DELETE ON contact"
        " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        "CREATE TRIGGER contact_is_not_emptied BEFORE TRUNCATE ON contact"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )
