"""Create volunteers and their trips"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_ENGAGE = sa.text("statut IN ('proposee', 'acceptee', 'conduite')")

_SANS_CHEVAUCHEMENT_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON course_solidaire
WHEN NEW.statut IN ('proposee', 'acceptee', 'conduite') AND EXISTS (
    SELECT 1 FROM course_solidaire AS autre
    WHERE autre.benevole_id = NEW.benevole_id AND autre.id IS NOT {moi}
      AND autre.statut IN ('proposee', 'acceptee', 'conduite')
      AND autre.debut < NEW.fin AND NEW.debut < autre.fin)
BEGIN SELECT RAISE(ABORT, 'ex_course_solidaire_sans_chevauchement'); END"""

GARDES_SQLITE = (
    _SANS_CHEVAUCHEMENT_SQLITE.format(
        nom="course_solidaire_sans_chevauchement_insert", quand="INSERT", moi="NEW.id"
    ),
    _SANS_CHEVAUCHEMENT_SQLITE.format(
        nom="course_solidaire_sans_chevauchement_update", quand="UPDATE", moi="OLD.id"
    ),
)
GARDES_POSTGRESQL = (
    """ALTER TABLE course_solidaire ADD CONSTRAINT ex_course_solidaire_sans_chevauchement EXCLUDE USING gist (
    int8range(benevole_id, benevole_id, '[]') WITH &&,
    tstzrange(debut, fin, '[)') WITH &&)
WHERE (statut IN ('proposee', 'acceptee', 'conduite'))""",
)


def upgrade() -> None:
    """Create the tables, then what guards them in the words of each database."""
    op.create_table(
        "benevole",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("prenom", sa.String(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("disponibilites", DOCUMENT, nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column(
            "accueil_fauteuil",
            sa.Enum(
                "non",
                "coffre",
                "rampe",
                name="accueilfauteuil",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("sieges_enfant", sa.Integer(), nullable=True),
        sa.Column("accompagne", sa.Boolean(), nullable=True),
        sa.Column("zone", DOCUMENT, nullable=False),
        sa.Column("km_max_mois", sa.Integer(), nullable=True),
        sa.Column("actif", sa.Boolean(), nullable=False),
        sa.Column("jusqu_au", sa.Date(), nullable=True),
        sa.Column("permis_vu_le", sa.Date(), nullable=True),
        sa.Column("assurance_vue_le", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("inscrit_le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("prenom <> ''", name=op.f("ck_benevole_prenom")),
        sa.CheckConstraint("km_max_mois > 0", name=op.f("ck_benevole_km_max_mois")),
        sa.CheckConstraint("places BETWEEN 1 AND 8", name=op.f("ck_benevole_places")),
        sa.CheckConstraint("sieges_enfant BETWEEN 0 AND 8", name=op.f("ck_benevole_sieges_enfant")),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_benevole_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benevole")),
        sa.UniqueConstraint("uuid", name=op.f("uq_benevole_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_benevole_structure_id"), "benevole", ["structure_id"], unique=False)
    op.create_table(
        "demande_transport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("besoin", sa.Uuid(), nullable=True),
        sa.Column("offre_nom", sa.String(), nullable=False),
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
        sa.Column("demandee_par", sa.Integer(), nullable=False),
        sa.Column("demandee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        sa.Column("depart", sa.String(), nullable=False),
        sa.Column("arrivee", sa.String(), nullable=False),
        sa.Column("lieu_depart", sa.String(), nullable=False),
        sa.Column("lieu_arrivee", sa.String(), nullable=False),
        sa.Column("arriver_a", sa.Integer(), nullable=True),
        sa.Column("partir_a", sa.Integer(), nullable=True),
        sa.Column(
            "retour",
            sa.Enum(
                "sans",
                "attente",
                "second_trajet",
                name="retour",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("repart_a", sa.Integer(), nullable=True),
        sa.Column("passagers", sa.Integer(), nullable=False),
        sa.Column(
            "fauteuil",
            sa.Enum(
                "aucun",
                "pliant",
                "reste",
                name="fauteuil",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("sieges_enfant", sa.Integer(), nullable=False),
        sa.Column("accompagnement", sa.Boolean(), nullable=False),
        sa.Column(
            "critere",
            sa.Enum(
                "residence",
                "ressources",
                "a_verifier",
                name="criteretransport",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "droit_verdict",
            sa.Enum(
                "OUI",
                "A_VERIFIER",
                "NON",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("droit_phrase", sa.String(), nullable=False),
        sa.Column("critere_verifie_le", sa.Date(), nullable=True),
        sa.Column(
            "statut",
            sa.Enum(
                "ouverte",
                "sans_benevole",
                "annulee",
                name="statutdemande",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reponse", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(retour = 'sans') = (repart_a IS NULL)", name=op.f("ck_demande_transport_heure_du_retour")
        ),
        sa.CheckConstraint(
            "(arriver_a IS NULL) <> (partir_a IS NULL)", name=op.f("ck_demande_transport_une_heure")
        ),
        sa.CheckConstraint("passagers BETWEEN 1 AND 8", name=op.f("ck_demande_transport_passagers")),
        sa.CheckConstraint(
            "repart_a > COALESCE(arriver_a, partir_a)", name=op.f("ck_demande_transport_dans_l_ordre")
        ),
        sa.CheckConstraint("sieges_enfant BETWEEN 0 AND 8", name=op.f("ck_demande_transport_sieges_enfant")),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_demande_transport_personne_id_personne"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_demande_transport_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demande_transport")),
        sa.UniqueConstraint(
            "demandee_par", "cle_idempotence", name=op.f("uq_demande_transport_demandee_par_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_demande_transport_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_demande_transport_personne_id"), "demande_transport", ["personne_id"], unique=False
    )
    op.create_index(
        op.f("ix_demande_transport_structure_id_jour"),
        "demande_transport",
        ["structure_id", "jour"],
        unique=False,
    )
    op.create_table(
        "absence_benevole",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("benevole_id", sa.Integer(), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=False),
        sa.CheckConstraint("du <= au", name=op.f("ck_absence_benevole_dans_l_ordre")),
        sa.ForeignKeyConstraint(
            ["benevole_id"],
            ["benevole.id"],
            name=op.f("fk_absence_benevole_benevole_id_benevole"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_benevole")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_absence_benevole_benevole_id"), "absence_benevole", ["benevole_id"], unique=False
    )
    op.create_table(
        "course_solidaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("demande_id", sa.Integer(), nullable=False),
        sa.Column("benevole_id", sa.Integer(), nullable=False),
        sa.Column(
            "sens",
            sa.Enum(
                "aller",
                "retour",
                "aller_retour",
                name="sens",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("prise_en_charge", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("depose", sa.DateTime(timezone=True), nullable=False),
        sa.Column("km_prevus", sa.Double(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "proposee",
                "acceptee",
                "conduite",
                "refusee",
                "annulee",
                name="statutcourse",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposee_par", sa.Integer(), nullable=False),
        sa.Column("proposee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repondue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("motif", sa.String(), nullable=False),
        sa.Column("km_total", sa.Double(), nullable=True),
        sa.Column("km_avec_elle", sa.Double(), nullable=True),
        sa.Column("participation_centimes", sa.Integer(), nullable=True),
        sa.Column("places_vehicule", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "statut <> 'conduite' OR (km_total IS NOT NULL AND km_avec_elle IS NOT NULL AND participation_centimes IS NOT NULL)",
            name=op.f("ck_course_solidaire_conduite_comptee"),
        ),
        sa.CheckConstraint(
            "prise_en_charge <= debut AND debut < fin AND fin <= depose",
            name=op.f("ck_course_solidaire_dans_l_ordre"),
        ),
        sa.CheckConstraint("km_avec_elle BETWEEN 0 AND km_total", name=op.f("ck_course_solidaire_km")),
        sa.CheckConstraint("participation_centimes >= 0", name=op.f("ck_course_solidaire_participation")),
        sa.ForeignKeyConstraint(
            ["benevole_id"], ["benevole.id"], name=op.f("fk_course_solidaire_benevole_id_benevole")
        ),
        sa.ForeignKeyConstraint(
            ["demande_id"],
            ["demande_transport.id"],
            name=op.f("fk_course_solidaire_demande_id_demande_transport"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_solidaire")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_solidaire_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_course_solidaire_benevole_id_debut"),
        "course_solidaire",
        ["benevole_id", "debut"],
        unique=False,
    )
    op.create_index(op.f("ix_course_solidaire_demande_id"), "course_solidaire", ["demande_id"], unique=False)
    op.create_index(
        "uq_course_solidaire_un_benevole_par_sens",
        "course_solidaire",
        ["demande_id", "sens"],
        unique=True,
        sqlite_where=_ENGAGE,
        postgresql_where=_ENGAGE,
    )
    gardes = GARDES_SQLITE if op.get_bind().dialect.name == "sqlite" else GARDES_POSTGRESQL
    for garde in gardes:
        op.execute(garde)


def downgrade() -> None:
    """Forget the volunteers and their trips."""
    op.drop_index("uq_course_solidaire_un_benevole_par_sens", table_name="course_solidaire")
    op.drop_index(op.f("ix_course_solidaire_demande_id"), table_name="course_solidaire")
    op.drop_index(op.f("ix_course_solidaire_benevole_id_debut"), table_name="course_solidaire")
    op.drop_table("course_solidaire")
    op.drop_index(op.f("ix_absence_benevole_benevole_id"), table_name="absence_benevole")
    op.drop_table("absence_benevole")
    op.drop_index(op.f("ix_demande_transport_structure_id_jour"), table_name="demande_transport")
    op.drop_index(op.f("ix_demande_transport_personne_id"), table_name="demande_transport")
    op.drop_table("demande_transport")
    op.drop_index(op.f("ix_benevole_structure_id"), table_name="benevole")
    op.drop_table("benevole")
