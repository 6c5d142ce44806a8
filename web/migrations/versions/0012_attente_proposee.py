"""Offer a freed vehicle to who waits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The places held for who waits, one open place a line."""
    op.create_table(
        "place_proposee",
        sa.Column("attente_id", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Integer(), nullable=False),
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("proposee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jusqu_au", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "reponse",
            sa.Enum(
                "oui",
                "non",
                "sans_reponse",
                "retiree",
                name="reponseplace",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("repondue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repondue_par", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(reponse IS NULL) = (repondue_le IS NULL)", name=op.f("ck_place_proposee_repondue")
        ),
        sa.ForeignKeyConstraint(
            ["attente_id"],
            ["attente.id"],
            name=op.f("fk_place_proposee_attente_id_attente"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_place_proposee_reservation_id_reservation")
        ),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_place_proposee_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_proposee")),
        sa.UniqueConstraint("reservation_id", name=op.f("uq_place_proposee_reservation_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_place_proposee_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_place_proposee_attente_id"), "place_proposee", ["attente_id"])
    op.create_index(
        "ix_place_proposee_une_a_la_fois",
        "place_proposee",
        ["attente_id"],
        unique=True,
        sqlite_where=sa.text("reponse IS NULL"),
        postgresql_where=sa.text("reponse IS NULL"),
    )


def downgrade() -> None:
    """Forget what was offered."""
    op.drop_index(op.f("ix_place_proposee_attente_id"), table_name="place_proposee")
    op.drop_index("ix_place_proposee_une_a_la_fois", table_name="place_proposee")
    op.drop_table("place_proposee")
