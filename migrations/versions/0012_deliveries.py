"""Reminders, and letters that a worker delivers under a lease; a notification may be of either."""

import sqlalchemy as sa
from alembic import op

revision = "0012_deliveries"
down_revision = "0010_contacts"
branch_labels = None
depends_on = None

OPEN = sa.text(
    "status IN ('accepted', 'acknowledged', 'draft', 'in_review', 'in_triage', 'information_requested', 'offered', "
    "'opinion_issued', 'ready', 'submitted')"
)
WAITING = sa.text("state IN ('waiting', 'leased')")
DIED = sa.text("deceased_on IS NOT NULL")
OF_EITHER = "(event_id IS NULL) <> (reminder_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('due_soon', 'due_passed', 'missed_twice', 'draft_first', 'draft_second')",
            name=op.f("ck_reminder_kind_known"),
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_reminder_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_reminder_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("referral_id", "kind", "due_at", name=op.f("uq_reminder_referral_id_kind_due_at")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=60), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.String(length=200), nullable=True),
        sa.CheckConstraint("channel IN ('mail')", name=op.f("ck_delivery_channel_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'leased', 'done', 'dead', 'dropped')", name=op.f("ck_delivery_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (lease_token IS NOT NULL)", name=op.f("ck_delivery_leased_has_a_token")
        ),
        sa.CheckConstraint("(state = 'done') = (delivered_at IS NOT NULL)", name=op.f("ck_delivery_done_has_a_time")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_delivery_network_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_delivery_referral_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_delivery_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("occasion", "channel", "user_id", name=op.f("uq_delivery_occasion_channel_user_id")),
    )
    op.create_index("ix_delivery_waiting", "delivery", ["next_at"], postgresql_where=WAITING, sqlite_where=WAITING)
    op.create_index(op.f("ix_delivery_network_id_state_created_at"), "delivery", ["network_id", "state", "created_at"])
    op.create_index(op.f("ix_delivery_referral_id"), "delivery", ["referral_id"])
    op.create_index(
        "ix_referral_next_action", "referral", ["next_action_due_at", "id"], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index("ix_patient_died", "patient", ["deceased_on"], postgresql_where=DIED, sqlite_where=DIED)
    with op.batch_alter_table("notification") as notification:
        notification.alter_column("event_id", existing_type=sa.Uuid(), nullable=True)
        notification.add_column(sa.Column("reminder_id", sa.Uuid(), nullable=True))
        notification.create_foreign_key(op.f("fk_notification_reminder_id"), "reminder", ["reminder_id"], ["id"])
        notification.create_unique_constraint(op.f("uq_notification_reminder_id_user_id"), ["reminder_id", "user_id"])
        notification.create_check_constraint(op.f("ck_notification_of_one_occasion"), OF_EITHER)


def downgrade() -> None:
    op.execute("DELETE FROM notification WHERE event_id IS NULL")
    with op.batch_alter_table("notification") as notification:
        notification.drop_constraint(op.f("ck_notification_of_one_occasion"), type_="check")
        notification.drop_constraint(op.f("uq_notification_reminder_id_user_id"), type_="unique")
        notification.drop_constraint(op.f("fk_notification_reminder_id"), type_="foreignkey")
        notification.drop_column("reminder_id")
        notification.alter_column("event_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index("ix_patient_died", table_name="patient")
    op.drop_index("ix_referral_next_action", table_name="referral")
    op.drop_table("delivery")
    op.drop_table("reminder")
