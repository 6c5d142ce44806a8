"""The schema after an upgrade is the one the entities declare, guards included, on both databases."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from mobilite import tables
from web import comptes
from web.base_de_donnees import configuration_alembic, gardes_manquantes, mettre_a_jour

METADATA = tables.metadata
assert comptes.Compte.metadata is METADATA


SCHEMA_SQLITE = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
SCHEMA_POSTGRESQL = """
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
    FROM information_schema.columns WHERE table_schema = 'public'
"""


def schema(connexion: Connection) -> set[str]:
    """Every table, constraint, index, trigger and function, each as one comparable sentence."""
    ordres = SCHEMA_SQLITE if connexion.dialect.name == "sqlite" else SCHEMA_POSTGRESQL
    objets = connexion.execute(text(ordres)).scalars()
    lignes = (" ".join(ligne.split()).strip(", ") for objet in objets for ligne in en_lignes(objet))
    return {ligne for ligne in lignes if "alembic_version" not in ligne and "sqlite_sequence" not in ligne}


def en_lignes(objet: str) -> list[str]:
    """The columns and constraints of a table, which may come in any order; other objects whole."""
    # SQLite quotes the name of a table that was renamed.
    if not (table := re.match(r'CREATE TABLE "?(\w+)"? \(', objet)):
        return [objet]
    # SQLite writes a column added later behind the last one, on the same line.
    corps = objet[table.end() :]
    return [f"{table[1]}: {ligne}" for ligne in re.split(r",?\s*\n|, (?=[a-z_]+ [A-Z])", corps)]


def test_the_guards_are_there_after_an_upgrade_and_their_loss_is_noticed(moteur: Engine) -> None:
    perdre = (
        "DROP TRIGGER reservation_sans_chevauchement_update"
        if moteur.dialect.name == "sqlite"
        else "ALTER TABLE reservation DROP CONSTRAINT ex_reservation_sans_chevauchement"
    )
    with moteur.begin() as connexion:
        assert gardes_manquantes(connexion) == frozenset()
        connexion.execute(text(perdre))
        assert len(gardes_manquantes(connexion)) == 1
    with pytest.raises(RuntimeError, match="chevauchement"):
        mettre_a_jour(moteur)


def test_a_guard_switched_off_counts_as_missing(moteur_postgresql: Engine) -> None:
    with moteur_postgresql.begin() as connexion:
        connexion.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_jamais_modifie"))
        assert gardes_manquantes(connexion) == {"journal_jamais_modifie"}


def test_the_migrations_and_the_entities_say_the_same(moteur_vide: Engine) -> None:
    mettre_a_jour(moteur_vide)
    with moteur_vide.connect() as connexion:
        assert compare_metadata(MigrationContext.configure(connexion), METADATA) == []
        migre = schema(connexion)
    revenir_a_rien(moteur_vide)
    METADATA.create_all(moteur_vide)
    with moteur_vide.connect() as connexion:
        declare = schema(connexion)
    assert migre == declare
    assert any("tstzrange" in x or "RAISE(ABORT, 'ex_reservation" in x for x in declare)


def test_several_workers_starting_together_migrate_once(moteur_vide: Engine) -> None:
    with ThreadPoolExecutor(4) as fils:
        for fil in [fils.submit(mettre_a_jour, moteur_vide) for _ in range(4)]:
            fil.result()
    derniere = ScriptDirectory.from_config(configuration_alembic()).get_current_head()
    with moteur_vide.connect().execution_options(lecture_seule=True) as connexion:
        assert MigrationContext.configure(connexion).get_current_revision() == derniere


def revenir_a_rien(moteur: Engine) -> None:
    """Undo every migration."""
    with moteur.begin() as connexion:
        configuration = configuration_alembic()
        configuration.attributes["connection"] = connexion
        command.downgrade(configuration, "base")
        assert schema(connexion) == set()


def test_the_migrations_can_be_undone_and_redone(moteur: Engine) -> None:
    revenir_a_rien(moteur)
    mettre_a_jour(moteur)
    with moteur.connect() as connexion:
        assert gardes_manquantes(connexion) == frozenset()


def test_foreign_keys_hold_after_a_migration(moteur_sqlite: Engine) -> None:
    mettre_a_jour(moteur_sqlite)
    with moteur_sqlite.connect() as connexion:
        assert connexion.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
