"""Where an organization is, so that what is lacking can be told by region."""

import sqlalchemy as sa
from alembic import op

revision = "0020_organization_region"
down_revision = "0019_fallbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organization", sa.Column("region", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("organization", "region")
