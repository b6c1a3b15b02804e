"""Which plain-language summaries a clinician has released to the patient."""

import sqlalchemy as sa
from alembic import op

revision = "0015_letters"
down_revision = "0014_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "summary_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("opinion_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_summary_release_network_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_summary_release_opinion_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_summary_release_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_release")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_summary_release_opinion_id")),
    )


def downgrade() -> None:
    op.drop_table("summary_release")
