"""Messages about a referral; a notification may be of one."""

import sqlalchemy as sa
from alembic import op

revision = "0014_messages"
down_revision = "0013_tasks"
branch_labels = None
depends_on = None

UNREAD = sa.text("read_at IS NULL AND NOT internal")
UNTOLD = sa.text("told_at IS NULL")
SIDES = "('referrer', 'coordinator', 'center')"
OF_TWO = "(event_id IS NULL) <> (reminder_id IS NULL)"
OF_THREE = (
    "(CASE WHEN event_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN reminder_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN message_id IS NULL THEN 0 ELSE 1 END) = 1"
)
TO = (
    ("center_id", "organization"),
    ("client_id", "api_client"),
    ("network_id", "network"),
    ("organization_id", "organization"),
    ("referral_id", "referral"),
    ("user_id", "user_account"),
)


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sender", sa.String(length=12), nullable=False),
        sa.Column("addressee", sa.String(length=12), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.String(length=200), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"sender IN {SIDES}", name=op.f("ck_message_sender_known")),
        sa.CheckConstraint(f"addressee IN {SIDES}", name=op.f("ck_message_addressee_known")),
        sa.CheckConstraint(
            "NOT internal OR (sender = 'coordinator' AND addressee = 'coordinator')",
            name=op.f("ck_message_internal_stays_inside"),
        ),
        sa.CheckConstraint(
            "(sender = 'center' OR addressee = 'center') = (center_id IS NOT NULL)",
            name=op.f("ck_message_center_is_named"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_message_{column}"))
            for column, table in TO
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_referral_id_id"), "message", ["referral_id", "id"])
    op.create_index(
        "ix_message_unread", "message", ["addressee", "sent_at"], postgresql_where=UNREAD, sqlite_where=UNREAD
    )
    op.create_index("ix_message_untold", "message", ["id"], postgresql_where=UNTOLD, sqlite_where=UNTOLD)
    with op.batch_alter_table("notification") as notification:
        notification.drop_constraint(op.f("ck_notification_of_one_occasion"), type_="check")
        notification.add_column(sa.Column("message_id", sa.Uuid(), nullable=True))
        notification.create_foreign_key(op.f("fk_notification_message_id"), "message", ["message_id"], ["id"])
        notification.create_unique_constraint(op.f("uq_notification_message_id_user_id"), ["message_id", "user_id"])
        notification.create_check_constraint(op.f("ck_notification_of_one_occasion"), OF_THREE)


def downgrade() -> None:
    op.execute("DELETE FROM notification WHERE message_id IS NOT NULL")
    with op.batch_alter_table("notification") as notification:
        notification.drop_constraint(op.f("ck_notification_of_one_occasion"), type_="check")
        notification.drop_constraint(op.f("uq_notification_message_id_user_id"), type_="unique")
        notification.drop_constraint(op.f("fk_notification_message_id"), type_="foreignkey")
        notification.drop_column("message_id")
        notification.create_check_constraint(op.f("ck_notification_of_one_occasion"), OF_TWO)
    op.drop_table("message")
