"""Keep weights and needs without an answer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create the weights of a dossier, and what the Département counts of needs nothing serves."""
    op.create_table(
        "poids_dossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("valeurs", DOCUMENT, nullable=False),
        sa.Column("choisis_par", sa.Integer(), nullable=False),
        sa.Column("choisis_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_poids_dossier_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poids_dossier")),
        sa.UniqueConstraint("personne_id", name=op.f("uq_poids_dossier_personne_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "besoin_non_couvert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("besoin_id", sa.Integer(), nullable=True),
        sa.Column("commune", sa.String(), nullable=True),
        sa.Column(
            "motif",
            sa.Enum(
                "emploi",
                "entretien",
                "formation",
                "stage",
                "sante",
                "administratif",
                "famille",
                "courses",
                "vie_sociale",
                "autre",
                name="motifdeplacement",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "tranche",
            sa.Enum(
                "tot",
                "journee",
                "soir",
                "plusieurs",
                "inconnue",
                name="tranche",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "constat",
            sa.Enum(
                "conseiller",
                "calcul",
                name="constat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("constate_le", sa.Date(), nullable=False),
        sa.Column("clos_le", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("clos_le >= constate_le", name=op.f("ck_besoin_non_couvert_dans_l_ordre")),
        sa.ForeignKeyConstraint(
            ["besoin_id"],
            ["besoin.id"],
            name=op.f("fk_besoin_non_couvert_besoin_id_besoin"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_besoin_non_couvert")),
        sa.UniqueConstraint("besoin_id", name=op.f("uq_besoin_non_couvert_besoin_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("besoin_non_couvert")
    op.drop_table("poids_dossier")
