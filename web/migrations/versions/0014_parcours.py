"""Follow the plan and the parcours: who does what by when, who goes with her, until six months after"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

GENRES_AVANT, GENRES = ("proposition", "etape"), ("proposition", "etape", "aide", "type")
STATUTS_AVANT = ("gardee", "ecartee", "faite")
STATUTS = ("gardee", "en_cours", "faite", "ecartee", "abandonnee")
FAMILLES = ("depannage", "durable")
RESPONSABLES = ("elle", "conseiller", "partenaire", "prescripteur")


def upgrade() -> None:
    """Widen the lines of the plan; create the parcours and what hangs on it."""
    if op.get_bind().dialect.name == "sqlite":
        _refaire_action(
            [*_colonnes_d_avant(GENRES, STATUTS), *_colonnes_nouvelles()],
            _contraintes_nouvelles(),
            [*_NOMS_D_AVANT, "code", "responsable_nom", "ajoutee_le"],
            [*_NOMS_D_AVANT, "''", "''", "decidee_le"],
        )
    else:
        _elargir_action()
    with op.batch_alter_table("plan_actions", recreate="never") as table:
        table.add_column(sa.Column("ordre_garde_le", sa.DateTime(timezone=True), nullable=True))
    _creer_parcours()
    _creer_suites()
    _creer_cercle()


def downgrade() -> None:
    """Forget the parcours; a line of the plan says again only what it said before."""
    for table in ("membre_cercle", "reorientation", "entretien_parcours", "referent_parcours", "parcours"):
        op.drop_table(table)
    op.execute("UPDATE action SET statut = 'gardee' WHERE statut = 'en_cours'")
    op.execute("UPDATE action SET statut = 'ecartee' WHERE statut = 'abandonnee'")
    op.execute("UPDATE action SET genre = 'etape' WHERE genre IN ('aide', 'type')")
    if op.get_bind().dialect.name == "sqlite":
        _refaire_action(_colonnes_d_avant(GENRES_AVANT, STATUTS_AVANT), [], _NOMS_D_AVANT, _NOMS_D_AVANT)
    else:
        _retrecir_action()
    with op.batch_alter_table("plan_actions", recreate="never") as plan:
        plan.drop_column("ordre_garde_le")


def _enum(nom: str, *valeurs: str) -> sa.Enum:
    return sa.Enum(*valeurs, name=nom, native_enum=False, create_constraint=True, length=40)


def _colonnes_d_avant(genres: tuple[str, ...], statuts: tuple[str, ...]) -> list[Any]:
    """The columns and constraints of the first migration, with these vocabularies."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("genre", _enum("genreaction", *genres), nullable=False),
        sa.Column("intitule", sa.String(), nullable=False),
        sa.Column("offre", sa.Uuid(), nullable=True),
        sa.Column("besoin", sa.Uuid(), nullable=True),
        sa.Column("le", sa.Date(), nullable=True),
        sa.Column("heure", sa.Time(), nullable=True),
        sa.Column("lieu", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.Column("apporter", DOCUMENT, nullable=False),
        sa.Column("pas_sur", sa.String(), nullable=False),
        sa.Column("statut", _enum("statutaction", *statuts), nullable=False),
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
    ]


_NOMS_D_AVANT = [
    "id",
    "uuid",
    "plan_id",
    "rang",
    "genre",
    "intitule",
    "offre",
    "besoin",
    "le",
    "heure",
    "lieu",
    "telephone",
    "apporter",
    "pas_sur",
    "statut",
    "raison",
    "instantane",
    "decidee_par",
    "decidee_le",
]


def _colonnes_nouvelles() -> list[sa.Column[Any]]:
    return [
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("objectif", sa.Integer(), nullable=True),
        sa.Column("famille", _enum("familleaction", *FAMILLES), nullable=True),
        sa.Column("responsable", _enum("responsable", *RESPONSABLES), nullable=True),
        sa.Column("responsable_nom", sa.String(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=True),
        sa.Column("commence_le", sa.Date(), nullable=True),
        sa.Column("heures_semaine", sa.Double(), nullable=True),
        sa.Column("semaines", sa.Integer(), nullable=True),
        sa.Column("cle", sa.String(), nullable=True),
        sa.Column("ajoutee_le", sa.DateTime(timezone=True), nullable=False),
    ]


def _contraintes_nouvelles() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("heures_semaine > 0 AND semaines > 0", name=op.f("ck_action_heures")),
        sa.UniqueConstraint("plan_id", "cle", name=op.f("uq_action_plan_id_cle")),
    ]


def _refaire_action(
    colonnes: list[Any], contraintes: list[sa.Constraint], vers: list[str], depuis: list[str]
) -> None:
    """SQLite changes no constraint in place: a new table takes the lines, and the last number given."""
    op.drop_index("ix_action_plan_id", table_name="action")
    op.rename_table("action", "action_avant")
    op.create_table("action", *colonnes, *contraintes, sqlite_autoincrement=True)
    op.execute(f"INSERT INTO action ({', '.join(vers)}) SELECT {', '.join(depuis)} FROM action_avant")  # nosec B608
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'action'")
    op.execute(
        "INSERT INTO sqlite_sequence (name, seq)"
        " SELECT 'action', seq FROM sqlite_sequence WHERE name = 'action_avant'"
    )
    op.drop_table("action_avant")
    op.create_index(op.f("ix_action_plan_id"), "action", ["plan_id"])


def _elargir_action() -> None:
    """PostgreSQL changes in place."""
    _vocabulaire("genreaction", "genre", GENRES)
    _vocabulaire("statutaction", "statut", STATUTS)
    vides = {"code": "''", "responsable_nom": "''", "ajoutee_le": "decidee_le"}
    for colonne in _colonnes_nouvelles():
        genre = sa.String(40) if isinstance(colonne.type, sa.Enum) else colonne.type
        op.add_column("action", sa.Column(colonne.name, genre, nullable=True))
        if colonne.name in vides:
            op.execute(f"UPDATE action SET {colonne.name} = {vides[colonne.name]}")  # nosec B608
            op.alter_column("action", colonne.name, nullable=False)
    op.create_check_constraint(op.f("ck_action_familleaction"), "action", _parmi("famille", FAMILLES))
    op.create_check_constraint(op.f("ck_action_responsable"), "action", _parmi("responsable", RESPONSABLES))
    op.create_check_constraint(op.f("ck_action_heures"), "action", "heures_semaine > 0 AND semaines > 0")
    op.create_unique_constraint(op.f("uq_action_plan_id_cle"), "action", ["plan_id", "cle"])


def _retrecir_action() -> None:
    for colonne in _colonnes_nouvelles():
        op.drop_column("action", colonne.name)
    _vocabulaire("genreaction", "genre", GENRES_AVANT)
    _vocabulaire("statutaction", "statut", STATUTS_AVANT)


def _vocabulaire(nom: str, colonne: str, valeurs: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_action_{nom}"), "action", type_="check")
    op.create_check_constraint(op.f(f"ck_action_{nom}"), "action", _parmi(colonne, valeurs))


def _parmi(colonne: str, valeurs: tuple[str, ...]) -> str:
    return f"{colonne} IN ({', '.join(repr(v) for v in valeurs)})"


def _creer_parcours() -> None:
    op.create_table(
        "parcours",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("ouvert_le", sa.Date(), nullable=False),
        sa.Column("oriente_le", sa.Date(), nullable=True),
        sa.Column("oriente_par", sa.String(), nullable=False),
        sa.Column("premier_rendez_vous", sa.Date(), nullable=True),
        sa.Column("intensite", _enum("intensite", "leger", "moyen", "renforce"), nullable=True),
        sa.Column("intensite_proposee", sa.String(), nullable=False),
        sa.Column("intensite_raison", sa.String(), nullable=False),
        sa.Column("prochaine_revue", sa.Date(), nullable=True),
        sa.Column("sortie_le", sa.Date(), nullable=True),
        sa.Column("sortie_cause", sa.String(), nullable=False),
        sa.Column("bilan_atteint", sa.String(), nullable=False),
        sa.Column("bilan_reste", sa.String(), nullable=False),
        sa.Column("bilan_ses_mots", sa.String(), nullable=False),
        sa.Column("contact_prevu", sa.Date(), nullable=True),
        sa.Column("contact_le", sa.Date(), nullable=True),
        sa.Column("contact_situation", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(sortie_le IS NULL) = (sortie_cause = '')", name=op.f("ck_parcours_sortie_avec_sa_cause")
        ),
        sa.CheckConstraint("sortie_le >= ouvert_le", name=op.f("ck_parcours_dans_l_ordre")),
        sa.CheckConstraint(
            "(contact_le IS NULL) = (contact_situation = '')", name=op.f("ck_parcours_contact_avec_situation")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_parcours_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcours")),
        sa.UniqueConstraint("uuid", name=op.f("uq_parcours_uuid")),
        sqlite_autoincrement=True,
    )
    for colonne in ("personne_id", "prochaine_revue", "contact_prevu"):
        op.create_index(op.f(f"ix_parcours_{colonne}"), "parcours", [colonne])
    _un_seul("uq_parcours_ouvert", "parcours", "personne_id", "sortie_le IS NULL")


def _un_seul(nom: str, table: str, colonne: str, quand: str) -> None:
    """At most one row of ``table`` for each ``colonne`` among those ``quand`` keeps."""
    op.create_index(
        nom, table, [colonne], unique=True, sqlite_where=sa.text(quand), postgresql_where=sa.text(quand)
    )


def _creer_suites() -> None:
    """What happens along a parcours: référents, meetings, re-orientations."""
    op.create_table(
        "referent_parcours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parcours_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column("structure", sa.String(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("accord_le", sa.Date(), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("jusqu_au", sa.Date(), nullable=True),
        sa.Column("raison_fin", sa.String(), nullable=False),
        sa.CheckConstraint("nom <> ''", name=op.f("ck_referent_parcours_nom")),
        sa.CheckConstraint("jusqu_au >= du", name=op.f("ck_referent_parcours_dans_l_ordre")),
        _du_parcours("referent_parcours"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referent_parcours")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "entretien_parcours",
        sa.Column("parcours_id", sa.Integer(), nullable=False),
        sa.Column("genre", _enum("genreentretien", "revue", "tripartite"), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("presents", DOCUMENT, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("note_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cle", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        _du_parcours("entretien_parcours"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entretien_parcours")),
        sa.UniqueConstraint("parcours_id", "cle", name=op.f("uq_entretien_parcours_parcours_id_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_entretien_parcours_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reorientation",
        sa.Column("parcours_id", sa.Integer(), nullable=False),
        sa.Column("demandee_le", sa.Date(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("vers", sa.String(), nullable=False),
        sa.Column("motif", sa.String(), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("close_le", sa.Date(), nullable=True),
        sa.Column("issue", _enum("issuereorientation", "acceptee", "refusee", "abandonnee"), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(close_le IS NULL) = (issue IS NULL)", name=op.f("ck_reorientation_close_avec_son_issue")
        ),
        sa.CheckConstraint("close_le >= demandee_le", name=op.f("ck_reorientation_dans_l_ordre")),
        _du_parcours("reorientation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorientation")),
        sa.UniqueConstraint("uuid", name=op.f("uq_reorientation_uuid")),
        sqlite_autoincrement=True,
    )
    for table in ("referent_parcours", "entretien_parcours", "reorientation"):
        op.create_index(op.f(f"ix_{table}_parcours_id"), table, ["parcours_id"])
    _un_seul("uq_referent_parcours_actuel", "referent_parcours", "parcours_id", "jusqu_au IS NULL")
    _un_seul("uq_reorientation_ouverte", "reorientation", "parcours_id", "close_le IS NULL")


def _du_parcours(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["parcours_id"], ["parcours.id"], name=op.f(f"fk_{table}_parcours_id_parcours"), ondelete="CASCADE"
    )


def _creer_cercle() -> None:
    op.create_table(
        "membre_cercle",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(), nullable=False),
        sa.Column("structure", sa.String(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("portee", _enum("portee", "rendez_vous", "plan"), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("jusqu_au", sa.Date(), nullable=True),
        sa.Column("accord_le", sa.Date(), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("retire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retire_par", sa.Integer(), nullable=True),
        sa.Column("cle", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("nom <> '' OR structure <> ''", name=op.f("ck_membre_cercle_qui")),
        sa.CheckConstraint("jusqu_au >= du", name=op.f("ck_membre_cercle_dans_l_ordre")),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_membre_cercle_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_membre_cercle_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membre_cercle")),
        sa.UniqueConstraint("personne_id", "cle", name=op.f("uq_membre_cercle_personne_id_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_membre_cercle_uuid")),
        sqlite_autoincrement=True,
    )
    for colonne in ("personne_id", "structure_id"):
        op.create_index(op.f(f"ix_membre_cercle_{colonne}"), "membre_cercle", [colonne])
