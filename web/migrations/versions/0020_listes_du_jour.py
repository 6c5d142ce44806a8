"""Read the bookings of the day by their status on both databases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_PARTIELS = (
    ("ix_reservation_limitee", "expire_le", sa.text("statut IN ('proposee', 'demandee')")),
    ("ix_reservation_dehors", "fin", sa.text("statut = 'remise'")),
    ("ix_reservation_absence", "debut", sa.text("statut = 'absente' AND recontactee_le IS NULL")),
)
_ENTIERS = (("statut", "expire_le"), ("statut", "fin"), ("vehicule_id", "statut", "fin"))


def upgrade() -> None:
    """Whole indexes: SQLite reads no partial one when the status is a parameter."""
    for nom, _, _ in _PARTIELS:
        op.drop_index(nom, table_name="reservation")
    for colonnes in _ENTIERS:
        op.create_index(op.f(f"ix_reservation_{'_'.join(colonnes)}"), "reservation", list(colonnes))


def downgrade() -> None:
    """The partial indexes of 0017 again."""
    for colonnes in _ENTIERS:
        op.drop_index(f"ix_reservation_{'_'.join(colonnes)}", table_name="reservation")
    for nom, colonne, ou in _PARTIELS:
        op.create_index(nom, "reservation", [colonne], sqlite_where=ou, postgresql_where=ou)
