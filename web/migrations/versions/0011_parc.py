"""Describe the vehicles, what keeps them from the road and what they cost"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def colonnes() -> tuple[sa.Column[object], ...]:
    """What a vehicle says more than before; nobody has said it of the vehicles already there."""
    return (
        sa.Column("acces", DOCUMENT, nullable=True),
        sa.Column("sieges_enfant", DOCUMENT, nullable=True),
        sa.Column("critair", sa.String(length=40), nullable=True),
        sa.Column("permis_mois_min", sa.Integer(), nullable=True),
        sa.Column("age_min", sa.Integer(), nullable=True),
        sa.Column("km", sa.Integer(), nullable=True),
        sa.Column("entre_le", sa.Date(), nullable=True),
        sa.Column("sorti_le", sa.Date(), nullable=True),
    )


def upgrade() -> None:
    """What a vehicle is, when it may not run, what is to be done on it and what it cost."""
    with op.batch_alter_table("vehicule", recreate="never") as table:
        for colonne in colonnes():
            table.add_column(colonne)
    op.create_table(
        "immobilisation",
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "motif",
            sa.Enum(
                "panne",
                "accident",
                "entretien",
                "controle_technique",
                "assurance",
                "vol",
                "autre",
                name="motifimmobilisation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("declaree_par", sa.Integer(), nullable=False),
        sa.Column("declaree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("debut <= fin", name=op.f("ck_immobilisation_dans_l_ordre")),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_immobilisation_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_immobilisation")),
        sa.UniqueConstraint(
            "declaree_par",
            "cle_idempotence",
            name=op.f("uq_immobilisation_declaree_par_cle_idempotence"),
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_immobilisation_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_immobilisation_vehicule_id_debut"), "immobilisation", ["vehicule_id", "debut"])
    op.create_table(
        "releve_km",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("km", sa.Integer(), nullable=False),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("note_le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("km BETWEEN 0 AND 2000000", name=op.f("ck_releve_km_km")),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_releve_km_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releve_km")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_releve_km_vehicule_id_le"), "releve_km", ["vehicule_id", "le"])
    op.create_table(
        "ligne_entretien",
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("quoi", sa.String(), nullable=False),
        sa.Column("tous_les_km", sa.Integer(), nullable=True),
        sa.Column("tous_les_mois", sa.Integer(), nullable=True),
        sa.Column("fait_le", sa.Date(), nullable=True),
        sa.Column("fait_km", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "tous_les_km IS NOT NULL OR tous_les_mois IS NOT NULL",
            name=op.f("ck_ligne_entretien_tous_les_combien"),
        ),
        sa.CheckConstraint("tous_les_km BETWEEN 1 AND 500000", name=op.f("ck_ligne_entretien_tous_les_km")),
        sa.CheckConstraint("tous_les_mois BETWEEN 1 AND 240", name=op.f("ck_ligne_entretien_tous_les_mois")),
        sa.CheckConstraint("quoi <> ''", name=op.f("ck_ligne_entretien_quoi")),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_ligne_entretien_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ligne_entretien")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ligne_entretien_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ligne_entretien_vehicule_id"), "ligne_entretien", ["vehicule_id"])
    op.create_table(
        "depense",
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "achat",
                "carburant",
                "entretien",
                "reparation",
                "pneus",
                "assurance",
                "controle_technique",
                "autre",
                name="genredepense",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("centimes", sa.Integer(), nullable=False),
        sa.Column("km", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("notee_par", sa.Integer(), nullable=False),
        sa.Column("notee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("centimes > 0", name=op.f("ck_depense_centimes")),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_depense_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depense")),
        sa.UniqueConstraint(
            "notee_par", "cle_idempotence", name=op.f("uq_depense_notee_par_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_depense_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_depense_vehicule_id_le"), "depense", ["vehicule_id", "le"])


def downgrade() -> None:
    """Forget them."""
    op.drop_index(op.f("ix_depense_vehicule_id_le"), table_name="depense")
    op.drop_table("depense")
    op.drop_index(op.f("ix_ligne_entretien_vehicule_id"), table_name="ligne_entretien")
    op.drop_table("ligne_entretien")
    op.drop_index(op.f("ix_releve_km_vehicule_id_le"), table_name="releve_km")
    op.drop_table("releve_km")
    op.drop_index(op.f("ix_immobilisation_vehicule_id_debut"), table_name="immobilisation")
    op.drop_table("immobilisation")
    with op.batch_alter_table("vehicule", recreate="never") as table:
        for colonne in reversed(colonnes()):
            table.drop_column(colonne.name)
