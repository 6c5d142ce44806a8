"""Create carpool trips"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create the trips of drivers and the requests to ride with them."""
    op.create_table(
        "trajet_conducteur",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("conducteur", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("depart", sa.String(), nullable=False),
        sa.Column("depart_lon", sa.Double(), nullable=True),
        sa.Column("depart_lat", sa.Double(), nullable=True),
        sa.Column("arrivee", sa.String(), nullable=False),
        sa.Column("arrivee_lon", sa.Double(), nullable=True),
        sa.Column("arrivee_lat", sa.Double(), nullable=True),
        sa.Column("jours", DOCUMENT, nullable=False),
        sa.Column("dates", DOCUMENT, nullable=False),
        sa.Column("du", sa.Date(), nullable=True),
        sa.Column("au", sa.Date(), nullable=True),
        sa.Column("heure", sa.Integer(), nullable=False),
        sa.Column("arrivee_max", sa.Integer(), nullable=True),
        sa.Column("heure_retour", sa.Integer(), nullable=True),
        sa.Column("souplesse", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("detour_max", sa.Integer(), nullable=True),
        sa.Column("a_bord", DOCUMENT, nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "ouvert", "retire", name="statuttrajet", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=True),
        sa.Column("inscrit_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("conducteur <> ''", name=op.f("ck_trajet_conducteur_conducteur")),
        sa.CheckConstraint("arrivee_max BETWEEN 0 AND 1439", name=op.f("ck_trajet_conducteur_arrivee_max")),
        sa.CheckConstraint("detour_max BETWEEN 0 AND 120", name=op.f("ck_trajet_conducteur_detour_max")),
        sa.CheckConstraint("du <= au", name=op.f("ck_trajet_conducteur_dans_l_ordre")),
        sa.CheckConstraint("heure BETWEEN 0 AND 1439", name=op.f("ck_trajet_conducteur_heure")),
        sa.CheckConstraint("heure_retour BETWEEN 0 AND 1439", name=op.f("ck_trajet_conducteur_heure_retour")),
        sa.CheckConstraint("places BETWEEN 1 AND 8", name=op.f("ck_trajet_conducteur_places")),
        sa.CheckConstraint("souplesse BETWEEN 0 AND 120", name=op.f("ck_trajet_conducteur_souplesse")),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_trajet_conducteur_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trajet_conducteur")),
        sa.UniqueConstraint(
            "structure_id", "cle_idempotence", name=op.f("uq_trajet_conducteur_structure_id_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_trajet_conducteur_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_trajet_conducteur_structure_id"), "trajet_conducteur", ["structure_id"], unique=False
    )
    op.create_table(
        "demande_covoiturage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("trajet_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("besoin", sa.Uuid(), nullable=False),
        sa.Column("resume", DOCUMENT, nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "demandee",
                "acceptee",
                "refusee",
                "annulee",
                name="statutcovoiturage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("demandee_par", sa.Integer(), nullable=False),
        sa.Column("demandee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repondue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repondue_par", sa.String(), nullable=False),
        sa.Column("motif_refus", sa.String(), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "statut NOT IN ('acceptee', 'refusee') OR (repondue_le IS NOT NULL AND repondue_par <> '')",
            name=op.f("ck_demande_covoiturage_reponse"),
        ),
        sa.CheckConstraint("places BETWEEN 1 AND 8", name=op.f("ck_demande_covoiturage_places")),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_demande_covoiturage_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trajet_id"],
            ["trajet_conducteur.id"],
            name=op.f("fk_demande_covoiturage_trajet_id_trajet_conducteur"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demande_covoiturage")),
        sa.UniqueConstraint(
            "demandee_par",
            "cle_idempotence",
            name=op.f("uq_demande_covoiturage_demandee_par_cle_idempotence"),
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_demande_covoiturage_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_demande_covoiturage_personne_id"), "demande_covoiturage", ["personne_id"], unique=False
    )
    op.create_index(
        op.f("ix_demande_covoiturage_trajet_id"), "demande_covoiturage", ["trajet_id"], unique=False
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_index(op.f("ix_demande_covoiturage_trajet_id"), table_name="demande_covoiturage")
    op.drop_index(op.f("ix_demande_covoiturage_personne_id"), table_name="demande_covoiturage")
    op.drop_table("demande_covoiturage")
    op.drop_index(op.f("ix_trajet_conducteur_structure_id"), table_name="trajet_conducteur")
    op.drop_table("trajet_conducteur")
