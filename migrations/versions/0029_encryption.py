"""A patient's numbers lie locked and are found by a blind index; each seal of the audit names its key.

What is there stays as it is and goes on to be read: `flask --app wsgi keys rotate` locks it, in small steps.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_encryption"
down_revision = "0028_second_factor"
branch_labels = None
depends_on = None

UNIQUE, INDEX = "uq_patient_identifier_organization_id_system_blind", "ix_patient_identifier_network_id_blind"
CHECKS = {
    "kept_once": "(value IS NULL) = (locked IS NOT NULL)",
    "locked_is_found": "(locked IS NULL) = (blind IS NULL)",
}


# Every number that is locked leaves it: a search looks for what is left in as good as nothing.
PLAIN_INDEX, PLAIN = "ix_patient_identifier_network_id_value", sa.text("value IS NOT NULL")


def upgrade() -> None:
    op.drop_index(PLAIN_INDEX, "patient_identifier")
    with op.batch_alter_table("patient_identifier") as identifier:
        identifier.add_column(sa.Column("locked", sa.Text(), nullable=True))
        identifier.add_column(sa.Column("blind", sa.String(length=80), nullable=True))
        identifier.alter_column("value", existing_type=sa.String(length=200), nullable=True)
        for name, claim in CHECKS.items():
            identifier.create_check_constraint(op.f(f"ck_patient_identifier_{name}"), claim)
        identifier.create_unique_constraint(op.f(UNIQUE), ["organization_id", "system", "blind"])
    op.create_index(op.f(INDEX), "patient_identifier", ["network_id", "blind"])
    op.create_index(
        PLAIN_INDEX, "patient_identifier", ["network_id", "value"], postgresql_where=PLAIN, sqlite_where=PLAIN
    )
    op.add_column("audit_seal", sa.Column("key_id", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Refused once a number is locked: the schema before could not show it."""
    locked = op.get_bind().scalar(sa.text("SELECT count(*) FROM patient_identifier WHERE locked IS NOT NULL"))
    if locked:
        raise RuntimeError(f"{locked} numbers of patients are locked, and the schema before cannot hold them")
    op.drop_column("audit_seal", "key_id")
    for index in (op.f(INDEX), PLAIN_INDEX):
        op.drop_index(index, "patient_identifier")
    with op.batch_alter_table("patient_identifier") as identifier:
        identifier.drop_constraint(op.f(UNIQUE), type_="unique")
        for name in CHECKS:
            identifier.drop_constraint(op.f(f"ck_patient_identifier_{name}"), type_="check")
        identifier.alter_column("value", existing_type=sa.String(length=200), nullable=False)
        for name in ("locked", "blind"):
            identifier.drop_column(name)
    op.create_index(PLAIN_INDEX, "patient_identifier", ["network_id", "value"])
