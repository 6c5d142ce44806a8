"""Keep the orientations and their answers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Accounts that send people to us, and the fiches they send."""
    op.create_table(
        "prescription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column(
            "genre",
            _enum(
                "genreprescripteur", "referent", "mission_locale", "france_travail", "ccas", "maison", "autre"
            ),
            nullable=False,
        ),
        sa.Column("prescripteur", sa.String(), nullable=False),
        sa.Column("prescripteur_telephone", sa.String(), nullable=False),
        sa.Column("canal", _enum("canalprescription", "en_ligne", "telephone", "papier"), nullable=False),
        sa.Column("envoyee_par", sa.Integer(), nullable=False),
        sa.Column("envoyee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cle", sa.String(), nullable=False),
        sa.Column("prenom", sa.String(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("joindre_autrement", sa.String(), nullable=False),
        sa.Column("insee", sa.String(), nullable=True),
        sa.Column(
            "motif",
            _enum(
                "motifdeplacement",
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
            ),
            nullable=False,
        ),
        sa.Column("urgence", _enum("urgence", "ordinaire", "quinzaine", "semaine"), nullable=False),
        sa.Column("pour_le", sa.Date(), nullable=True),
        sa.Column("souhait", sa.String(), nullable=False),
        sa.Column("accord_pour", DOCUMENT, nullable=False),
        sa.Column("accord_comment", _enum("formeaccord", "oral", "ecrit"), nullable=False),
        sa.Column("accord_le", sa.Date(), nullable=False),
        sa.Column("relance_le", sa.Date(), nullable=False),
        sa.Column("expire_le", sa.Date(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column(
            "issue", _enum("issueprescription", "acceptee", "conseil", "prealables", "refusee"), nullable=True
        ),
        sa.Column(
            "raison_refus",
            _enum(
                "raisonrefus",
                "hors_territoire",
                "deja_suivie",
                "autre_dispositif",
                "pas_de_besoin",
                "ne_souhaite_pas",
                "pas_jointe",
            ),
            nullable=True,
        ),
        sa.Column("alternatives", sa.String(), nullable=False),
        sa.Column("texte", sa.String(), nullable=False),
        sa.Column("rendez_vous", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rendez_vous_lieu", sa.String(), nullable=False),
        sa.Column("rendez_vous_avec", sa.String(), nullable=False),
        sa.Column("retour", sa.Boolean(), nullable=False),
        sa.Column("repondue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repondue_par", sa.Integer(), nullable=True),
        sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "issue <> 'acceptee' OR rendez_vous IS NOT NULL",
            name=op.f("ck_prescription_acceptee_avec_rendez_vous"),
        ),
        sa.CheckConstraint(
            "issue <> 'refusee' OR (raison_refus IS NOT NULL AND alternatives <> '')",
            name=op.f("ck_prescription_refus_avec_alternative"),
        ),
        sa.CheckConstraint(
            "issue NOT IN ('conseil', 'prealables') OR texte <> ''", name=op.f("ck_prescription_reponse_dite")
        ),
        sa.CheckConstraint("prenom <> ''", name=op.f("ck_prescription_prenom")),
        sa.CheckConstraint("prescripteur <> ''", name=op.f("ck_prescription_prescripteur")),
        sa.CheckConstraint(
            "(repondue_le IS NULL) = (issue IS NULL)", name=op.f("ck_prescription_repondue_avec_son_issue")
        ),
        sa.CheckConstraint(
            "retiree_le IS NULL OR issue IS NULL", name=op.f("ck_prescription_retiree_sans_reponse")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_prescription_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_prescription_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription")),
        sa.UniqueConstraint("envoyee_par", "cle", name=op.f("uq_prescription_envoyee_par_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_prescription_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_prescription_personne_id"), "prescription", ["personne_id"], unique=False)
    op.create_index(op.f("ix_prescription_relance_le"), "prescription", ["relance_le"], unique=False)
    op.create_index(op.f("ix_prescription_structure_id"), "prescription", ["structure_id"], unique=False)
    op.add_column("compte", sa.Column("prescrit_comme", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_table("prescription")
    with op.batch_alter_table("compte", recreate="never") as table:
        table.drop_column("prescrit_comme")


def _enum(nom: str, *valeurs: str) -> sa.Enum:
    return sa.Enum(*valeurs, name=nom, native_enum=False, create_constraint=True, length=40)
