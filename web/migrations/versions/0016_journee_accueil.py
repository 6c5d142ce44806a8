"""Keep the half-days of welcome and who is registered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_GARDE_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON inscription_accueil
WHEN NEW.retiree_le IS NULL AND (
    SELECT count(*) FROM inscription_accueil AS autre
    WHERE autre.creneau_id = NEW.creneau_id AND autre.retiree_le IS NULL AND autre.id IS NOT {moi}
    ) >= (SELECT places FROM creneau_accueil WHERE id = NEW.creneau_id)
BEGIN SELECT RAISE(ABORT, 'creneau_complet'); END"""
GARDES_SQLITE = (
    _GARDE_SQLITE.format(nom="inscription_accueil_places_insert", quand="INSERT", moi="NEW.id"),
    _GARDE_SQLITE.format(
        nom="inscription_accueil_places_update", quand="UPDATE OF creneau_id, retiree_le", moi="OLD.id"
    ),
)
GARDES_CRENEAU_SQLITE = (
    """CREATE TRIGGER creneau_accueil_places BEFORE UPDATE OF places ON creneau_accueil
WHEN (SELECT count(*) FROM inscription_accueil WHERE creneau_id = OLD.id AND retiree_le IS NULL) > NEW.places
BEGIN SELECT RAISE(ABORT, 'creneau_complet'); END""",
)
# The row of the slot is locked first: two registrations at once are counted one after the other.
GARDES_POSTGRESQL = (
    """CREATE FUNCTION garder_places_accueil() RETURNS trigger LANGUAGE plpgsql AS
$$ DECLARE offertes integer;
BEGIN
IF NEW.retiree_le IS NOT NULL THEN RETURN NEW; END IF;
SELECT places INTO offertes FROM creneau_accueil WHERE id = NEW.creneau_id FOR UPDATE;
IF (SELECT count(*) FROM inscription_accueil AS autre WHERE autre.creneau_id = NEW.creneau_id
AND autre.retiree_le IS NULL AND autre.id <> NEW.id) >= offertes THEN
RAISE EXCEPTION 'creneau_complet' USING ERRCODE = 'exclusion_violation'; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER inscription_accueil_places BEFORE INSERT OR UPDATE OF creneau_id, retiree_le
ON inscription_accueil FOR EACH ROW EXECUTE FUNCTION garder_places_accueil()""",
    """CREATE FUNCTION garder_creneau_accueil() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF (SELECT count(*) FROM inscription_accueil
WHERE creneau_id = OLD.id AND retiree_le IS NULL) > NEW.places THEN
RAISE EXCEPTION 'creneau_complet' USING ERRCODE = 'exclusion_violation'; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER creneau_accueil_places BEFORE UPDATE OF places
ON creneau_accueil FOR EACH ROW EXECUTE FUNCTION garder_creneau_accueil()""",
)


def upgrade() -> None:
    """The half-days, their slots, and who has a place: never one more than there are."""
    op.create_table(
        "journee_accueil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("lieu", sa.String(), nullable=False),
        sa.Column("maison_id", sa.Integer(), nullable=True),
        sa.Column("partenaires", DOCUMENT, nullable=False),
        sa.Column("creee_par", sa.Integer(), nullable=False),
        sa.Column("cle", sa.String(), nullable=False),
        sa.Column("annulee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("lieu <> ''", name=op.f("ck_journee_accueil_lieu")),
        sa.ForeignKeyConstraint(
            ["maison_id"],
            ["maison_solidarite.id"],
            name=op.f("fk_journee_accueil_maison_id_maison_solidarite"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journee_accueil")),
        sa.UniqueConstraint("creee_par", "cle", name=op.f("uq_journee_accueil_creee_par_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_journee_accueil_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_journee_accueil_le"), "journee_accueil", ["le"], unique=False)
    op.create_table(
        "creneau_accueil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("journee_id", sa.Integer(), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("debut < fin", name=op.f("ck_creneau_accueil_dans_l_ordre")),
        sa.CheckConstraint("places > 0", name=op.f("ck_creneau_accueil_places")),
        sa.ForeignKeyConstraint(
            ["journee_id"],
            ["journee_accueil.id"],
            name=op.f("fk_creneau_accueil_journee_id_journee_accueil"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creneau_accueil")),
        sa.UniqueConstraint("journee_id", "debut", name=op.f("uq_creneau_accueil_journee_id_debut")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_creneau_accueil_journee_id"), "creneau_accueil", ["journee_id"], unique=False)
    op.create_table(
        "inscription_accueil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("journee_id", sa.Integer(), nullable=False),
        sa.Column("creneau_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("prescription_id", sa.Integer(), nullable=True),
        sa.Column("inscrite_par", sa.Integer(), nullable=False),
        sa.Column("inscrite_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("presence", _enum("presence", "venue", "excusee", "non_venue"), nullable=True),
        sa.Column(
            "raison_absence",
            _enum(
                "raisonabsence", "pas_de_transport", "garde", "travail", "imprevu", "pas_prevenue", "inconnue"
            ),
            nullable=True,
        ),
        sa.Column("orientation", sa.String(), nullable=False),
        sa.Column("rendez_vous", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rendez_vous_lieu", sa.String(), nullable=False),
        sa.Column("rendez_vous_avec", sa.String(), nullable=False),
        sa.CheckConstraint(
            "presence IS NULL OR presence = 'venue' OR raison_absence IS NOT NULL",
            name=op.f("ck_inscription_accueil_absence_expliquee"),
        ),
        sa.CheckConstraint(
            "personne_id IS NOT NULL OR prescription_id IS NOT NULL", name=op.f("ck_inscription_accueil_qui")
        ),
        sa.ForeignKeyConstraint(
            ["creneau_id"],
            ["creneau_accueil.id"],
            name=op.f("fk_inscription_accueil_creneau_id_creneau_accueil"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["journee_id"],
            ["journee_accueil.id"],
            name=op.f("fk_inscription_accueil_journee_id_journee_accueil"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_inscription_accueil_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"],
            ["prescription.id"],
            name=op.f("fk_inscription_accueil_prescription_id_prescription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inscription_accueil")),
        sa.UniqueConstraint("uuid", name=op.f("uq_inscription_accueil_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_inscription_accueil_creneau_id"), "inscription_accueil", ["creneau_id"], unique=False
    )
    op.create_index(
        op.f("ix_inscription_accueil_personne_id"), "inscription_accueil", ["personne_id"], unique=False
    )
    op.create_index(
        op.f("ix_inscription_accueil_prescription_id"),
        "inscription_accueil",
        ["prescription_id"],
        unique=False,
    )
    op.create_index(
        "uq_inscription_accueil_personne",
        "inscription_accueil",
        ["journee_id", "personne_id"],
        unique=True,
        sqlite_where=sa.text("retiree_le IS NULL"),
        postgresql_where=sa.text("retiree_le IS NULL"),
    )
    op.create_index(
        "uq_inscription_accueil_prescription",
        "inscription_accueil",
        ["journee_id", "prescription_id"],
        unique=True,
        sqlite_where=sa.text("retiree_le IS NULL"),
        postgresql_where=sa.text("retiree_le IS NULL"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for garde in (*GARDES_SQLITE, *GARDES_CRENEAU_SQLITE) if sqlite else GARDES_POSTGRESQL:
        op.execute(garde)


def downgrade() -> None:
    """Forget them."""
    for table in ("inscription_accueil", "creneau_accueil", "journee_accueil"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for fonction in ("garder_places_accueil", "garder_creneau_accueil"):
            op.execute(f"DROP FUNCTION {fonction}()")


def _enum(nom: str, *valeurs: str) -> sa.Enum:
    return sa.Enum(*valeurs, name=nom, native_enum=False, create_constraint=True, length=40)
