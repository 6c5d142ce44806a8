"""Create all tables and their guards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_SANS_CHEVAUCHEMENT_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON reservation
WHEN NEW.statut IN ('demandee', 'confirmee', 'remise') AND EXISTS (
    SELECT 1 FROM reservation AS autre
    WHERE autre.vehicule_id = NEW.vehicule_id AND autre.id IS NOT {moi}
      AND autre.statut IN ('demandee', 'confirmee', 'remise')
      AND autre.debut < NEW.fin AND NEW.debut < autre.fin)
BEGIN SELECT RAISE(ABORT, 'ex_reservation_sans_chevauchement'); END"""

GARDES_SQLITE = (
    _SANS_CHEVAUCHEMENT_SQLITE.format(
        nom="reservation_sans_chevauchement_insert", quand="INSERT", moi="NEW.id"
    ),
    _SANS_CHEVAUCHEMENT_SQLITE.format(
        nom="reservation_sans_chevauchement_update", quand="UPDATE", moi="OLD.id"
    ),
    """CREATE TRIGGER journal_jamais_modifie BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal_jamais_modifie'); END""",
    """CREATE TRIGGER journal_jamais_efface BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal_jamais_modifie'); END""",
)
GARDES_POSTGRESQL = (
    """ALTER TABLE reservation ADD CONSTRAINT ex_reservation_sans_chevauchement EXCLUDE USING gist (
    int8range(vehicule_id, vehicule_id, '[]') WITH &&,
    tstzrange(debut, fin, '[)') WITH &&)
WHERE (statut IN ('demandee', 'confirmee', 'remise'))""",
    """CREATE FUNCTION refuser_modification_journal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'journal_jamais_modifie' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER journal_jamais_modifie BEFORE UPDATE OR DELETE ON journal
FOR EACH ROW EXECUTE FUNCTION refuser_modification_journal()""",
    """CREATE TRIGGER journal_jamais_vide BEFORE TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION refuser_modification_journal()""",
)


def upgrade() -> None:
    """Create the tables, then what guards them in the words of each database."""
    op.create_table(
        "compte",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("identifiant", sa.String(length=254), nullable=False),
        sa.Column("libelle", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "conseiller",
                "personne",
                "partenaire",
                "departement",
                "systeme",
                name="roleacteur",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mot_de_passe", sa.String(length=200), nullable=True),
        sa.Column("code_carte", sa.LargeBinary(length=32), nullable=True),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("actif", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("jeton_session", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compte")),
        sa.UniqueConstraint("code_carte", name=op.f("uq_compte_code_carte")),
        sa.UniqueConstraint("identifiant", name=op.f("uq_compte_identifiant")),
        sa.UniqueConstraint("jeton_session", name=op.f("uq_compte_jeton_session")),
        sa.UniqueConstraint("uuid", name=op.f("uq_compte_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_compte_personne_id"), "compte", ["personne_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survenu_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acteur_id", sa.Integer(), nullable=False),
        sa.Column(
            "acteur_role",
            sa.Enum(
                "conseiller",
                "personne",
                "partenaire",
                "departement",
                "systeme",
                name="roleacteur",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quoi", sa.String(), nullable=False),
        sa.Column("objet_type", sa.String(), nullable=False),
        sa.Column("objet_id", sa.Integer(), nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_journal_objet_type_objet_id"), "journal", ["objet_type", "objet_id"], unique=False
    )
    op.create_table(
        "maison_solidarite",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column("adresse", sa.String(), nullable=False),
        sa.Column("insee", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("date_source", sa.Date(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_maison_solidarite_position")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maison_solidarite")),
        sa.UniqueConstraint("nom", "adresse", "insee", name=op.f("uq_maison_solidarite_nom_adresse_insee")),
        sa.UniqueConstraint("uuid", name=op.f("uq_maison_solidarite_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "personne",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("prenom", sa.String(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column(
            "joindre",
            sa.Enum(
                "telephone",
                "referent",
                "rien",
                name="joindre",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("referent", sa.String(), nullable=False),
        sa.Column("message_possible", sa.Boolean(), nullable=True),
        sa.Column("contact_discret", sa.Boolean(), nullable=False),
        sa.Column("en_attente", sa.Boolean(), nullable=False),
        sa.Column("rattachement", sa.String(), nullable=True),
        sa.Column("annee_naissance", sa.Integer(), nullable=True),
        sa.Column("permis", DOCUMENT, nullable=True),
        sa.Column("moyens", DOCUMENT, nullable=True),
        sa.Column("objectif", sa.String(), nullable=False),
        sa.Column("aujourdhui", sa.String(), nullable=False),
        sa.Column("conseiller_id", sa.Integer(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("creee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifiee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cle_nom", sa.String(), nullable=False),
        sa.Column("cle_telephone", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("prenom <> ''", name=op.f("ck_personne_prenom")),
        sa.CheckConstraint(
            "NOT contact_discret OR conseiller_id IS NOT NULL", name=op.f("ck_personne_discret_donc_suivi")
        ),
        sa.CheckConstraint("annee_naissance BETWEEN 1900 AND 2100", name=op.f("ck_personne_annee_naissance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personne")),
        sa.UniqueConstraint("uuid", name=op.f("uq_personne_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_personne_conseiller_id"), "personne", ["conseiller_id"], unique=False)
    op.create_table(
        "structure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "association",
                "garage_solidaire",
                "auto_ecole",
                "entreprise",
                "collectivite",
                "organisme_public",
                "transporteur",
                "autre",
                name="genrestructure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure")),
        sa.UniqueConstraint("nom", name=op.f("uq_structure_nom")),
        sa.UniqueConstraint("uuid", name=op.f("uq_structure_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "besoin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(), nullable=True),
        sa.Column("lieu_libre", sa.String(), nullable=True),
        sa.Column("lieu_libre_minutes", sa.Double(), nullable=True),
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
        sa.Column("premier_jour", sa.Date(), nullable=True),
        sa.Column("connu_le", sa.Date(), nullable=True),
        sa.Column("passages", DOCUMENT, nullable=False),
        sa.Column("avec", DOCUMENT, nullable=False),
        sa.Column("aujourdhui", sa.String(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(destination IS NULL) <> (lieu_libre IS NULL)", name=op.f("ck_besoin_une_destination")
        ),
        sa.CheckConstraint("lieu_libre_minutes > 0", name=op.f("ck_besoin_minutes")),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_besoin_personne_id_personne"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_besoin")),
        sa.UniqueConstraint("uuid", name=op.f("uq_besoin_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_besoin_personne_id"), "besoin", ["personne_id"], unique=False)
    op.create_table(
        "depart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("insee", sa.String(), nullable=False),
        sa.Column("chez", sa.String(), nullable=False),
        sa.Column("du", sa.Date(), nullable=True),
        sa.Column("jusqu_au", sa.Date(), nullable=True),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.CheckConstraint("jusqu_au >= du", name=op.f("ck_depart_dans_l_ordre")),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_depart_personne_id_personne"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depart")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_depart_personne_id"), "depart", ["personne_id"], unique=False)
    op.create_table(
        "diagnostic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "entree",
                "intermediaire",
                "sortie",
                name="typediagnostic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("commence_par", sa.Integer(), nullable=False),
        sa.Column("commence_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_diagnostic_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnostic")),
        sa.UniqueConstraint("uuid", name=op.f("uq_diagnostic_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_diagnostic_personne_id"), "diagnostic", ["personne_id"], unique=False)
    op.create_table(
        "offre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "location_voiture",
                "location_voiturette",
                "location_scooter",
                "location_vae",
                "location_velo",
                "autopartage",
                "vente",
                "garage_solidaire",
                "transport_solidaire",
                "covoiturage",
                "auto_stop",
                "transport_a_la_demande",
                "car_regulier",
                "navette_employeur",
                "transport_medical",
                "auto_ecole_sociale",
                "code_fle",
                "atelier",
                "aide_financiere",
                "microcredit",
                "accompagnement",
                "logement",
                name="genre",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "brouillon",
                "ouverte",
                "retiree",
                name="statutoffre",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fiche", DOCUMENT, nullable=False),
        sa.Column("verifiee_le", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=True),
        sa.Column("creee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_offre_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offre")),
        sa.UniqueConstraint("code", name=op.f("uq_offre_code")),
        sa.UniqueConstraint(
            "structure_id", "cle_idempotence", name=op.f("uq_offre_structure_id_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_offre_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_offre_genre"), "offre", ["genre"], unique=False)
    op.create_index(op.f("ix_offre_structure_id"), "offre", ["structure_id"], unique=False)
    op.create_table(
        "plan_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("etabli_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_plan_actions_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_actions")),
        sa.UniqueConstraint("personne_id", name=op.f("uq_plan_actions_personne_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_plan_actions_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "proposition",
                "etape",
                name="genreaction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("intitule", sa.String(), nullable=False),
        sa.Column("offre", sa.Uuid(), nullable=True),
        sa.Column("besoin", sa.Uuid(), nullable=True),
        sa.Column("le", sa.Date(), nullable=True),
        sa.Column("heure", sa.Time(), nullable=True),
        sa.Column("lieu", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.Column("apporter", DOCUMENT, nullable=False),
        sa.Column("pas_sur", sa.String(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "gardee",
                "ecartee",
                "faite",
                name="statutaction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("raison", sa.String(), nullable=False),
        sa.Column("instantane", DOCUMENT, nullable=True),
        sa.Column("decidee_par", sa.Integer(), nullable=False),
        sa.Column("decidee_le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("intitule <> ''", name=op.f("ck_action_intitule")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan_actions.id"], name=op.f("fk_action_plan_id_plan_actions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("plan_id", "offre", "besoin", name=op.f("uq_action_plan_id_offre_besoin")),
        sa.UniqueConstraint("uuid", name=op.f("uq_action_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_action_plan_id"), "action", ["plan_id"], unique=False)
    op.create_table(
        "frein_corrige",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("diagnostic_id", sa.Integer(), nullable=False),
        sa.Column(
            "axe",
            sa.Enum(
                "psychologique",
                "physique",
                "materielle",
                "cognitive",
                "contexte",
                name="axe",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "niveau",
            sa.Enum(
                "FORT",
                "MOYEN",
                "SANS_IMPACT",
                "A_COMPLETER",
                name="niveau",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("niveau_calcule", sa.String(), nullable=False),
        sa.Column("raison", sa.String(), nullable=False),
        sa.Column("par", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("raison <> ''", name=op.f("ck_frein_corrige_raison")),
        sa.ForeignKeyConstraint(
            ["diagnostic_id"],
            ["diagnostic.id"],
            name=op.f("fk_frein_corrige_diagnostic_id_diagnostic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frein_corrige")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_frein_corrige_diagnostic_id"), "frein_corrige", ["diagnostic_id"], unique=False)
    op.create_table(
        "reponse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("diagnostic_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("valeur", DOCUMENT, nullable=True),
        sa.Column("par", sa.Integer(), nullable=False),
        sa.Column("repondu_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["diagnostic_id"],
            ["diagnostic.id"],
            name=op.f("fk_reponse_diagnostic_id_diagnostic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reponse")),
        sa.UniqueConstraint("diagnostic_id", "code", name=op.f("uq_reponse_diagnostic_id_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vehicule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("offre_id", sa.Integer(), nullable=False),
        sa.Column("libelle", sa.String(), nullable=False),
        sa.Column(
            "categorie",
            sa.Enum(
                "voiture",
                "voiturette",
                "scooter50",
                "scooter125",
                "vae",
                "velo",
                name="categorievehicule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "boite",
            sa.Enum(
                "manuelle", "automatique", name="boite", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column(
            "energie",
            sa.Enum(
                "essence",
                "diesel",
                "electrique",
                "hybride",
                "gpl",
                "musculaire",
                name="energie",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("immatriculation", sa.String(), nullable=True),
        sa.Column("en_service", sa.Boolean(), nullable=False),
        sa.Column("ct_valable_au", sa.Date(), nullable=True),
        sa.Column("assurance_valable_au", sa.Date(), nullable=True),
        sa.CheckConstraint("places BETWEEN 1 AND 9", name=op.f("ck_vehicule_places")),
        sa.ForeignKeyConstraint(["offre_id"], ["offre.id"], name=op.f("fk_vehicule_offre_id_offre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicule")),
        sa.UniqueConstraint("uuid", name=op.f("uq_vehicule_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_vehicule_offre_id"), "vehicule", ["offre_id"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("demandee_par", sa.Integer(), nullable=False),
        sa.Column("demandee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "demandee",
                "confirmee",
                "remise",
                "rendue",
                "refusee",
                "annulee",
                "expiree",
                name="statutreservation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("papiers_vus_le", sa.Date(), nullable=True),
        sa.Column("caution_vue_le", sa.Date(), nullable=True),
        sa.Column("place_confirmee_par", sa.String(), nullable=True),
        sa.Column("place_confirmee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("motif_refus", sa.String(), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
        sa.CheckConstraint(
            "statut <> 'demandee' OR expire_le IS NOT NULL", name=op.f("ck_reservation_demande_limitee")
        ),
        sa.CheckConstraint(
            "statut NOT IN ('confirmee', 'remise', 'rendue')"
            " OR (COALESCE(place_confirmee_par, '') <> '' AND place_confirmee_le IS NOT NULL)",
            name=op.f("ck_reservation_place_confirmee"),
        ),
        sa.CheckConstraint("debut < fin", name=op.f("ck_reservation_dans_l_ordre")),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_reservation_personne_id_personne"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_reservation_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint(
            "demandee_par", "cle_idempotence", name=op.f("uq_reservation_demandee_par_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_reservation_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reservation_personne_id"), "reservation", ["personne_id"], unique=False)
    op.create_index(
        op.f("ix_reservation_vehicule_id_debut"), "reservation", ["vehicule_id", "debut"], unique=False
    )
    gardes = GARDES_SQLITE if op.get_bind().dialect.name == "sqlite" else GARDES_POSTGRESQL
    for garde in gardes:
        op.execute(garde)


def downgrade() -> None:
    """Empty the database."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER journal_jamais_modifie ON journal")
        op.execute("DROP TRIGGER journal_jamais_vide ON journal")
        op.execute("DROP FUNCTION refuser_modification_journal()")
    op.drop_index(op.f("ix_reservation_vehicule_id_debut"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_personne_id"), table_name="reservation")
    op.drop_table("reservation")
    op.drop_index(op.f("ix_vehicule_offre_id"), table_name="vehicule")
    op.drop_table("vehicule")
    op.drop_table("reponse")
    op.drop_index(op.f("ix_frein_corrige_diagnostic_id"), table_name="frein_corrige")
    op.drop_table("frein_corrige")
    op.drop_index(op.f("ix_action_plan_id"), table_name="action")
    op.drop_table("action")
    op.drop_table("plan_actions")
    op.drop_index(op.f("ix_offre_structure_id"), table_name="offre")
    op.drop_index(op.f("ix_offre_genre"), table_name="offre")
    op.drop_table("offre")
    op.drop_index(op.f("ix_diagnostic_personne_id"), table_name="diagnostic")
    op.drop_table("diagnostic")
    op.drop_index(op.f("ix_depart_personne_id"), table_name="depart")
    op.drop_table("depart")
    op.drop_index(op.f("ix_besoin_personne_id"), table_name="besoin")
    op.drop_table("besoin")
    op.drop_table("structure")
    op.drop_index(op.f("ix_personne_conseiller_id"), table_name="personne")
    op.drop_table("personne")
    op.drop_table("maison_solidarite")
    op.drop_index(op.f("ix_journal_objet_type_objet_id"), table_name="journal")
    op.drop_table("journal")
    op.drop_index(op.f("ix_compte_personne_id"), table_name="compte")
    op.drop_table("compte")
