"""Keep the secret addresses of the calendars"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_EN_SERVICE = sa.text("retiree_le IS NULL")


def upgrade() -> None:
    """One address in service per structure, known by its hash."""
    op.create_table(
        "adresse_agenda",
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("empreinte", sa.LargeBinary(length=32), nullable=False),
        sa.Column("creee_par", sa.Integer(), nullable=False),
        sa.Column("creee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
            name=op.f("fk_adresse_agenda_structure_id_structure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adresse_agenda")),
        sa.UniqueConstraint("empreinte", name=op.f("uq_adresse_agenda_empreinte")),
        sa.UniqueConstraint("uuid", name=op.f("uq_adresse_agenda_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_adresse_agenda_en_service",
        "adresse_agenda",
        ["structure_id"],
        unique=True,
        sqlite_where=_EN_SERVICE,
        postgresql_where=_EN_SERVICE,
    )


def downgrade() -> None:
    """Forget the addresses."""
    op.drop_index("uq_adresse_agenda_en_service", table_name="adresse_agenda")
    op.drop_table("adresse_agenda")
