"""The feed of what happened: each event has its place in it, and is known to whoever could read the referral then."""

import sqlalchemy as sa
from alembic import op

revision = "0023_event_feed"
down_revision = "0022_outside_answers"
branch_labels = None
depends_on = None

NUMBERED, UNNUMBERED = sa.text("sequence IS NOT NULL"), sa.text("sequence IS NULL")
INDEXES = (
    ("uq_outbox_sequence", ["network_id", "sequence"], True, NUMBERED),
    ("ix_outbox_of_referrer", ["referrer_id", "sequence"], False, NUMBERED),
    ("ix_outbox_of_center", ["center_id", "sequence"], False, NUMBERED),
    ("ix_outbox_unnumbered", ["network_id", "id"], False, UNNUMBERED),
)
ADD_DRAFTS = (
    "INSERT INTO outbox (network_id, event_id, topic, created_at, done_at) "
    "SELECT network_id, id, 'referral.' || step, at, at FROM event WHERE to_status = 'draft' ORDER BY id"
)
FILL_REFERRER = (
    "UPDATE outbox SET referrer_id = (SELECT referral.organization_id FROM referral "
    "JOIN event ON event.referral_id = referral.id WHERE event.id = outbox.event_id)"
)
FILL_CENTER = {
    "postgresql": "UPDATE outbox SET center_id = (SELECT (data ->> 'center')::uuid FROM event WHERE id = event_id)",
    "sqlite": "UPDATE outbox SET center_id = "
    "(SELECT replace(json_extract(data, '$.center'), '-', '') FROM event WHERE id = event_id)",
}


def upgrade() -> None:
    op.create_table(
        "feed_end",
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_feed_end_network_id")),
        sa.PrimaryKeyConstraint("network_id", name=op.f("pk_feed_end")),
    )
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("referrer_id", sa.Uuid(), nullable=True))
        outbox.add_column(sa.Column("center_id", sa.Uuid(), nullable=True))
        outbox.add_column(sa.Column("sequence", sa.BigInteger(), nullable=True))
        outbox.create_foreign_key(op.f("fk_outbox_referrer_id"), "organization", ["referrer_id"], ["id"])
        outbox.create_foreign_key(op.f("fk_outbox_center_id"), "organization", ["center_id"], ["id"])
    _fill()
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("referrer_id", existing_type=sa.Uuid(), nullable=False)
    for name, columns, unique, rows in INDEXES:
        op.create_index(name, "outbox", columns, unique=unique, postgresql_where=rows, sqlite_where=rows)


def _fill() -> None:
    """Of events that name a center it is known; the others of old referrals stay with network and referrer."""
    op.execute(ADD_DRAFTS)
    op.execute(FILL_REFERRER)
    op.execute(FILL_CENTER[op.get_bind().dialect.name])


def downgrade() -> None:
    for name, *_ in INDEXES:
        op.drop_index(name, table_name="outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("fk_outbox_center_id"), type_="foreignkey")
        outbox.drop_constraint(op.f("fk_outbox_referrer_id"), type_="foreignkey")
        outbox.drop_column("sequence")
        outbox.drop_column("center_id")
        outbox.drop_column("referrer_id")
    op.drop_table("feed_end")
