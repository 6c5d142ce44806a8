"""Keep the opening hours of the Maisons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One more column: nobody has said the hours of the Maisons already there."""
    with op.batch_alter_table("maison_solidarite", recreate="never") as table:
        table.add_column(sa.Column("horaires", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget the hours."""
    with op.batch_alter_table("maison_solidarite", recreate="never") as table:
        table.drop_column("horaires")
