"""The directory of centers: where they lie, whom to ask, their trials, and for whom they must not judge."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017_directory"
down_revision = "0016_certificates"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("sites", DOCUMENT, nullable=True),
        sa.Column("contacts", DOCUMENT, nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        # The version that is already running writes centers without it.
        sa.Column("in_network", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("checked_by", sa.String(length=200), nullable=True),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column("center", column)
    op.create_table(
        "trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("registry_id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("families", DOCUMENT, nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_trial_closed_after_opened")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_trial_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_trial_network_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("center_id", "registry_id", name=op.f("uq_trial_center_id_registry_id")),
    )
    op.create_index(op.f("ix_trial_network_id"), "trial", ["network_id"], unique=False)
    op.create_table(
        "center_conflict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.CheckConstraint("until_day >= from_day", name=op.f("ck_center_conflict_until_after_from")),
        sa.ForeignKeyConstraint(["center_id"], ["organization.id"], name=op.f("fk_center_conflict_center_id")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_center_conflict_network_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_center_conflict_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center_conflict")),
    )
    op.create_index(op.f("ix_center_conflict_center_id"), "center_conflict", ["center_id"], unique=False)
    op.create_index(op.f("ix_center_conflict_organization_id"), "center_conflict", ["organization_id"], unique=False)


def downgrade() -> None:
    op.drop_table("center_conflict")
    op.drop_table("trial")
    for column in reversed(columns()):
        op.drop_column("center", column.name)
