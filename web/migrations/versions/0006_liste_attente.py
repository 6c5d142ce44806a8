"""Create the waiting list"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Who waits for a vehicle, and the booking that served her."""
    op.create_table(
        "attente",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("offre_id", sa.Integer(), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raisons", DOCUMENT, nullable=False),
        sa.Column("demandee_par", sa.Integer(), nullable=False),
        sa.Column("demandee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "attend",
                "servie",
                "retiree",
                name="statutattente",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reservation_id", sa.Integer(), nullable=True),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(statut = 'servie') = (reservation_id IS NOT NULL)", name=op.f("ck_attente_servie_par")
        ),
        sa.CheckConstraint("debut < fin", name=op.f("ck_attente_dans_l_ordre")),
        sa.ForeignKeyConstraint(["offre_id"], ["offre.id"], name=op.f("fk_attente_offre_id_offre")),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_attente_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_attente_reservation_id_reservation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attente")),
        sa.UniqueConstraint(
            "demandee_par", "cle_idempotence", name=op.f("uq_attente_demandee_par_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_attente_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attente_personne_id"), "attente", ["personne_id"])
    op.create_index(op.f("ix_attente_offre_id"), "attente", ["offre_id"])


def downgrade() -> None:
    """Forget who waits."""
    op.drop_index(op.f("ix_attente_offre_id"), table_name="attente")
    op.drop_index(op.f("ix_attente_personne_id"), table_name="attente")
    op.drop_table("attente")
