"""Subscriptions of partner systems, and the messages that a worker delivers to them under a lease."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025_webhooks"
down_revision = "0024_partner_systems"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
WAITING, LEASED, ENDED = (sa.text(f"state {test}") for test in ("= 'waiting'", "= 'leased'", "IN ('done', 'dead')"))
SUBSCRIBED_BY = {"network_id": "network", "organization_id": "organization", "client_id": "api_client"}
DELIVERED_TO = {"network_id": "network", "subscription_id": "webhook_subscription"}
PARTIAL = (
    ("waiting", ["subscription_id", "rank", "next_at", "sequence"], WAITING),
    ("leased", ["subscription_id"], LEASED),
    ("ended", ["created_at"], ENDED),
)


def points_to(table: str, targets: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def upgrade() -> None:
    op.create_table(
        "webhook_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("topics", DOCUMENT, nullable=False),
        sa.Column("filters", DOCUMENT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.String(length=40), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("spared_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stopped IN ('switched_off', 'gone', 'client_revoked')", name=op.f("ck_webhook_subscription_stopped_known")
        ),
        sa.CheckConstraint("active = (stopped IS NULL)", name=op.f("ck_webhook_subscription_stopped_for_a_reason")),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_until IS NULL)", name=op.f("ck_webhook_subscription_overlap_ends")
        ),
        *points_to("webhook_subscription", SUBSCRIBED_BY),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_subscription")),
    )
    for owner in ("client_id", "network_id"):
        name = op.f(f"ix_webhook_subscription_{owner}_id")
        op.create_index(name, "webhook_subscription", [owner, "id"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.SmallInteger(), nullable=True),
        sa.Column("last_fault", sa.String(length=40), nullable=True),
        sa.Column("last_ms", sa.Integer(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'leased', 'done', 'dead')", name=op.f("ck_webhook_delivery_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (lease_token IS NOT NULL)", name=op.f("ck_webhook_delivery_leased_has_a_token")
        ),
        sa.CheckConstraint(
            "(state = 'done') = (delivered_at IS NOT NULL)", name=op.f("ck_webhook_delivery_done_has_a_time")
        ),
        *points_to("webhook_delivery", DELIVERED_TO),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("subscription_id", "event_id", name=op.f("uq_webhook_delivery_subscription_id_event_id")),
    )
    for word, columns, where in PARTIAL:
        op.create_index(
            f"ix_webhook_delivery_{word}", "webhook_delivery", columns, postgresql_where=where, sqlite_where=where
        )
    op.create_index(
        op.f("ix_webhook_delivery_subscription_id_created_at_id"),
        "webhook_delivery",
        ["subscription_id", "created_at", "id"],
    )


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_subscription")
