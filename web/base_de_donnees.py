"""The database outside requests: opening it, bringing it up to date, checking that it guards itself."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, text

from web.transaction import options_du_moteur, preparer_moteur

MIGRATIONS = Path(__file__).parent / "migrations"

GARDES = frozenset(
    {
        "course_solidaire_sans_chevauchement_insert",
        "course_solidaire_sans_chevauchement_update",
        "creneau_accueil_places",
        "etat_des_lieux_signe_fige",
        "etat_des_lieux_signe_garde",
        "inscription_accueil_places_insert",
        "inscription_accueil_places_update",
        "journal_jamais_efface",
        "journal_jamais_modifie",
        "photo_etat_figee_delete",
        "photo_etat_figee_insert",
        "photo_etat_figee_update",
        "remarque_etat_figee",
        "reservation_sans_chevauchement_insert",
        "reservation_sans_chevauchement_update",
    }
)
GARDES_POSTGRESQL = frozenset(
    {
        "ex_course_solidaire_sans_chevauchement",
        "ex_reservation_sans_chevauchement",
        "creneau_accueil_places",
        "etat_des_lieux_signe_fige",
        "inscription_accueil_places",
        "journal_jamais_modifie",
        "journal_jamais_vide",
        "photo_etat_figee",
        "remarque_etat_figee",
    }
)
_VERROU_DES_MIGRATIONS = 5_500_001


def creer_moteur(url: URL, *, connexions: int = 5) -> Engine:
    """An engine that begins its transactions the way requests do, for commands and tests."""
    moteur = create_engine(**options_du_moteur(url), hide_parameters=True, pool_size=connexions)
    preparer_moteur(moteur)
    return moteur


def configuration_alembic() -> Config:
    """What Alembic needs to find the migrations, without any file beside the code."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def mettre_a_jour(moteur: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision, all or nothing; two processes at once wait for each other.

    On SQLite foreign keys are off meanwhile (rebuilding a table would empty its children) and
    checked before the end. Raises ``RuntimeError`` if a reference or a guard is missing then.
    """
    sqlite = moteur.dialect.name == "sqlite"
    with moteur.connect().execution_options(lecture_seule=False) as connexion:
        if sqlite:
            _cles_etrangeres(connexion, "OFF")
        try:
            with connexion.begin():
                if not sqlite:
                    connexion.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connexion.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
                    connexion.execute(
                        text("SELECT pg_advisory_xact_lock(:cle)"), {"cle": _VERROU_DES_MIGRATIONS}
                    )
                configuration = configuration_alembic()
                configuration.attributes["connection"] = connexion
                command.upgrade(configuration, revision)
                if sqlite and (orphelins := connexion.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"{len(orphelins)} rows refer to nothing after the migration")
                if revision == "head" and (absentes := gardes_manquantes(connexion)):
                    raise RuntimeError(f"the migration lost these guards: {', '.join(sorted(absentes))}")
        finally:
            if sqlite:
                _cles_etrangeres(connexion, "ON")


def _cles_etrangeres(connexion: Connection, etat: str) -> None:
    """Outside any transaction, where alone SQLite listens."""
    curseur = connexion.connection.cursor()
    try:
        curseur.execute(f"PRAGMA foreign_keys={etat}")
    finally:
        curseur.close()


def gardes_manquantes(connexion: Connection) -> frozenset[str]:
    """The guards that should be in the database and are not (or are switched off): empty when all is well."""
    if connexion.dialect.name == "sqlite":
        presentes = connexion.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return GARDES - set(presentes.scalars())
    presentes = connexion.exec_driver_sql(
        "SELECT conname FROM pg_constraint WHERE contype = 'x'"
        " UNION ALL"
        " SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    return GARDES_POSTGRESQL - set(presentes.scalars())
