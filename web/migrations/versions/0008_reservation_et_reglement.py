"""Give bookings a rulebook, a buffer, reasons and an end"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_STATUTS = ("demandee", "confirmee", "remise", "rendue", "refusee", "annulee", "expiree")
_STATUTS_ENSUITE = ("proposee", *_STATUTS[:4], "cloturee", *_STATUTS[4:], "absente")
_ENUMERATIONS = {
    "sans_caution": ("sanscaution", ("non_demandee", "avancee", "renoncee")),
    "code_refus": ("motifrefus", ("plus_libre", "papiers", "conditions", "entretien", "autre")),
    "motif": (
        "motifsanssuite",
        ("transport", "sante", "emploi", "autre_solution", "dates", "avis_change", "pas_prevenue", "papiers",
         "vehicule", "autre", "non_dit"),
    ),
    "canal": ("canaldemande", ("en_ligne", "telephone", "guichet")),
}  # fmt: skip

_OCCUPENT = {"fin": "'demandee', 'confirmee', 'remise'"}
_OCCUPENT["libre_le"] = f"'proposee', {_OCCUPENT['fin']}"

_GARDE_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON reservation
WHEN NEW.statut IN ({occupent}) AND EXISTS (
    SELECT 1 FROM reservation AS autre
    WHERE autre.vehicule_id = NEW.vehicule_id AND autre.id IS NOT {moi}
      AND autre.statut IN ({occupent})
      AND autre.debut < NEW.{borne} AND NEW.debut < autre.{borne})
BEGIN SELECT RAISE(ABORT, 'ex_reservation_sans_chevauchement'); END"""
_GARDE_POSTGRESQL = """ALTER TABLE reservation ADD CONSTRAINT ex_reservation_sans_chevauchement EXCLUDE USING gist (
    int8range(vehicule_id, vehicule_id, '[]') WITH &&,
    tstzrange(debut, {borne}, '[)') WITH &&)
WHERE (statut IN ({occupent}))"""

_COMMUNES = (
    "id, uuid, vehicule_id, personne_id, demandee_par, demandee_le, debut, fin, statut, expire_le,"
    " papiers_vus_le, caution_vue_le, place_confirmee_par, place_confirmee_le, motif_refus, cle_idempotence"
)


def upgrade() -> None:
    """The rules of an offer; then the booking, whose buffer is inside the range its guard judges."""
    op.create_table(
        "reglement",
        sa.Column("offre_id", sa.Integer(), nullable=False),
        sa.Column("tampon_heures", sa.Integer(), nullable=False),
        sa.Column("tenue_heures", sa.Integer(), nullable=False),
        sa.Column("renouvellements_max", sa.Integer(), nullable=True),
        sa.Column("reservations_par_mois", sa.Integer(), nullable=True),
        sa.Column("jours_par_30_jours", sa.Integer(), nullable=True),
        sa.Column("ouvertures", sa.String(), nullable=False),
        sa.Column("fermetures", DOCUMENT, nullable=False),
        sa.Column("prescription_requise", sa.Boolean(), nullable=False),
        sa.Column("caution_dispensable", sa.Boolean(), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("tampon_heures BETWEEN 0 AND 336", name=op.f("ck_reglement_tampon")),
        sa.CheckConstraint("tenue_heures BETWEEN 1 AND 720", name=op.f("ck_reglement_tenue")),
        sa.ForeignKeyConstraint(["offre_id"], ["offre.id"], name=op.f("fk_reglement_offre_id_offre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reglement")),
        sa.UniqueConstraint("offre_id", name=op.f("uq_reglement_offre_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_reglement_uuid")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        _refaire(
            [*_colonnes(_STATUTS_ENSUITE), *_nouvelles()], _regles(ensuite=True),
            f"{_COMMUNES}, libre_le, documents_vus, sans_caution_mot, prescrite_par, canal",
            f"{_COMMUNES}, fin, '{{}}', '', '', 'en_ligne'",
        )  # fmt: skip
        _garder_sqlite("libre_le")
    else:
        _etendre_postgresql()
    op.create_index(op.f("ix_reservation_personne_id"), "reservation", ["personne_id"], if_not_exists=True)
    op.create_index(op.f("ix_reservation_vehicule_id_libre_le"), "reservation", ["vehicule_id", "libre_le"])
    op.create_index(op.f("ix_reservation_renouvelle_id"), "reservation", ["renouvelle_id"])


def downgrade() -> None:
    """Forget rules and reasons; what ended in a new way ends in the nearest old one."""
    op.execute("UPDATE reservation SET statut = 'rendue' WHERE statut = 'cloturee'")
    op.execute("UPDATE reservation SET statut = 'annulee' WHERE statut IN ('absente', 'proposee')")
    op.drop_index(op.f("ix_reservation_renouvelle_id"), table_name="reservation")
    op.drop_index(op.f("ix_reservation_vehicule_id_libre_le"), table_name="reservation")
    if op.get_bind().dialect.name == "sqlite":
        _refaire(_colonnes(_STATUTS), _regles(ensuite=False), _COMMUNES, _COMMUNES)
        _garder_sqlite("fin")
    else:
        _reduire_postgresql()
    op.create_index(op.f("ix_reservation_personne_id"), "reservation", ["personne_id"], if_not_exists=True)
    op.create_index(op.f("ix_reservation_vehicule_id_debut"), "reservation", ["vehicule_id", "debut"])
    op.drop_table("reglement")


def _refaire(colonnes: list[sa.Column[object]], regles: list[SchemaItem], vers: str, depuis: str) -> None:
    """SQLite changes no constraint in place: a new table takes the rows and the name of the old one."""
    op.create_table("reservation_refaite", *colonnes, *regles, sqlite_autoincrement=True)
    op.execute(f"INSERT INTO reservation_refaite ({vers}) SELECT {depuis} FROM reservation")  # nosec B608
    # A number once given is never given again, even when its row is gone.
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'reservation_refaite'")
    op.execute(
        "INSERT INTO sqlite_sequence (name, seq)"
        " SELECT 'reservation_refaite', seq FROM sqlite_sequence WHERE name = 'reservation'"
    )
    op.drop_table("reservation")
    op.rename_table("reservation_refaite", "reservation")


def _garder_sqlite(borne: str) -> None:
    for quand, moi in (("insert", "NEW.id"), ("update", "OLD.id")):
        op.execute(
            _GARDE_SQLITE.format(
                nom=f"reservation_sans_chevauchement_{quand}",
                quand=quand.upper(),
                moi=moi,
                borne=borne,
                occupent=_OCCUPENT[borne],
            )
        )


def _etendre_postgresql() -> None:
    op.execute("ALTER TABLE reservation DROP CONSTRAINT ex_reservation_sans_chevauchement")
    op.drop_index(op.f("ix_reservation_vehicule_id_debut"), table_name="reservation")
    for nom in ("statutreservation", "place_confirmee", "demande_limitee"):
        op.drop_constraint(op.f(f"ck_reservation_{nom}"), "reservation", type_="check")
    obligatoires = {"libre_le": "fin", "documents_vus": "'{}'", "sans_caution_mot": "''",
                    "prescrite_par": "''", "canal": "'en_ligne'"}  # fmt: skip
    for colonne in _nouvelles():
        nom = colonne.name
        op.add_column("reservation", sa.Column(nom, _sans_regle(colonne.type), nullable=True))
        if nom in obligatoires:
            op.execute(f"UPDATE reservation SET {nom} = {obligatoires[nom]}")  # nosec B608
            op.alter_column("reservation", nom, nullable=False)
    for regle in _regles(ensuite=True):
        if isinstance(regle, sa.CheckConstraint) and regle.name not in _INCHANGEES:
            op.create_check_constraint(op.f(str(regle.name)), "reservation", str(regle.sqltext))
    for nom, (type_, codes) in {"statut": ("statutreservation", _STATUTS_ENSUITE), **_ENUMERATIONS}.items():
        op.create_check_constraint(op.f(f"ck_reservation_{type_}"), "reservation", sa.column(nom).in_(codes))
    op.create_foreign_key(
        op.f("fk_reservation_renouvelle_id_reservation"), "reservation", "reservation", ["renouvelle_id"], ["id"]
    )  # fmt: skip
    op.execute(_GARDE_POSTGRESQL.format(borne="libre_le", occupent=_OCCUPENT["libre_le"]))


def _reduire_postgresql() -> None:
    op.execute("ALTER TABLE reservation DROP CONSTRAINT ex_reservation_sans_chevauchement")
    for nom in ("statutreservation", "place_confirmee", "demande_limitee", "libre_apres", "absence_dite"):
        op.drop_constraint(op.f(f"ck_reservation_{nom}"), "reservation", type_="check")
    for colonne in _nouvelles():
        op.drop_column("reservation", str(colonne.name))
    op.create_check_constraint(
        op.f("ck_reservation_place_confirmee"), "reservation", _place_confirmee(_STATUTS[1:4])
    )
    op.create_check_constraint(op.f("ck_reservation_demande_limitee"), "reservation", _limitee(ensuite=False))
    op.create_check_constraint(
        op.f("ck_reservation_statutreservation"), "reservation", sa.column("statut").in_(_STATUTS)
    )
    op.execute(_GARDE_POSTGRESQL.format(borne="fin", occupent=_OCCUPENT["fin"]))


def _sans_regle(type_: Any) -> Any:
    return sa.String(40) if isinstance(type_, sa.Enum) else type_


def _enum(nom: str, codes: tuple[str, ...]) -> sa.Enum:
    """With the full name of its constraint: SQLite makes it on a table that changes names."""
    nom = op.f(f"ck_reservation_{nom}")
    return sa.Enum(*codes, name=nom, native_enum=False, create_constraint=True, length=40)


def _place_confirmee(statuts: tuple[str, ...]) -> str:
    dits = ", ".join(f"'{statut}'" for statut in statuts)
    return (
        f"statut NOT IN ({dits})"
        " OR (COALESCE(place_confirmee_par, '') <> '' AND place_confirmee_le IS NOT NULL)"
    )


def _limitee(*, ensuite: bool) -> str:
    dit = "statut NOT IN ('proposee', 'demandee')" if ensuite else "statut <> 'demandee'"
    return f"{dit} OR expire_le IS NOT NULL"


_INCHANGEES = frozenset({"ck_reservation_dans_l_ordre"})


def _colonnes(statuts: tuple[str, ...]) -> list[sa.Column[object]]:
    """The booking as it was made first."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("vehicule_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("demandee_par", sa.Integer(), nullable=False),
        sa.Column("demandee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statut", _enum("statutreservation", statuts), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("papiers_vus_le", sa.Date(), nullable=True),
        sa.Column("caution_vue_le", sa.Date(), nullable=True),
        sa.Column("place_confirmee_par", sa.String(), nullable=True),
        sa.Column("place_confirmee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("motif_refus", sa.String(), nullable=False),
        sa.Column("cle_idempotence", sa.String(), nullable=False),
    ]


def _nouvelles() -> list[sa.Column[object]]:
    """What this revision adds to it."""
    return [
        sa.Column("libre_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("documents_vus", DOCUMENT, nullable=False),
        sa.Column("sans_caution", _enum(*_ENUMERATIONS["sans_caution"]), nullable=True),
        sa.Column("sans_caution_mot", sa.String(), nullable=False),
        sa.Column("prescrite_par", sa.String(), nullable=False),
        sa.Column("prescrite_le", sa.Date(), nullable=True),
        sa.Column("remise_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rendue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_refus", _enum(*_ENUMERATIONS["code_refus"]), nullable=True),
        sa.Column("motif", _enum(*_ENUMERATIONS["motif"]), nullable=True),
        sa.Column("recontactee_le", sa.Date(), nullable=True),
        sa.Column("canal", _enum(*_ENUMERATIONS["canal"]), nullable=False),
        sa.Column("renouvelle_id", sa.Integer(), nullable=True),
    ]


def _regles(*, ensuite: bool) -> list[SchemaItem]:
    """The constraints, before and after."""
    confirmees = (*_STATUTS[1:4], "cloturee", "absente") if ensuite else _STATUTS[1:4]
    regles: list[SchemaItem] = [
        sa.CheckConstraint("debut < fin", name=op.f("ck_reservation_dans_l_ordre")),
        sa.CheckConstraint(_limitee(ensuite=ensuite), name=op.f("ck_reservation_demande_limitee")),
        sa.CheckConstraint(_place_confirmee(confirmees), name=op.f("ck_reservation_place_confirmee")),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_reservation_personne_id_personne"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["vehicule_id"], ["vehicule.id"], name=op.f("fk_reservation_vehicule_id_vehicule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint(
            "demandee_par", "cle_idempotence", name=op.f("uq_reservation_demandee_par_cle_idempotence")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_reservation_uuid")),
    ]  # fmt: skip
    if ensuite:
        regles += [
            sa.CheckConstraint(
                "debut <= libre_le"
                " AND (statut NOT IN ('proposee', 'demandee', 'confirmee', 'remise') OR fin <= libre_le)",
                name=op.f("ck_reservation_libre_apres"),
            ),
            sa.CheckConstraint(
                "statut <> 'absente' OR motif IS NOT NULL", name=op.f("ck_reservation_absence_dite")
            ),
            sa.ForeignKeyConstraint(
                ["renouvelle_id"],
                # On SQLite the name is that of the table once it is renamed.
                ["reservation.id"],
                name=op.f("fk_reservation_renouvelle_id_reservation"),
            ),
        ]
    return regles
