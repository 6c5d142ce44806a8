"""The lines of the plans already there cross the migration both ways, and their numbers are not given again."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Engine, text

from web.base_de_donnees import configuration_alembic

_PERSONNE = """INSERT INTO personne (uuid, prenom, nom, joindre, referent, contact_discret, en_attente,
 objectif, aujourdhui, demonstration, creee_le, modifiee_le, cle_nom, cle_telephone, version)
 VALUES ('00000000000000000000000000000001', 'Ana', '', 'rien', '', false, false, '', '', true,
 '2026-01-01 00:00:00', '2026-01-01 00:00:00', '', '', 1)"""
_PLAN = """INSERT INTO plan_actions (uuid, personne_id, etabli_le)
 VALUES ('00000000000000000000000000000002', 1, '2026-01-01 00:00:00')"""
_ACTION = """INSERT INTO action (uuid, plan_id, rang, genre, intitule, lieu, telephone, apporter, pas_sur,
 statut, raison, decidee_par, decidee_le) VALUES ('0000000000000000000000000000000{n}', 1, 1, 'etape',
 'Appeler', '', '', '[]', '', 'gardee', '', 1, '2026-02-0{n} 00:00:00')"""


def test_une_etape_traverse_la_migration_et_son_numero_ne_sert_pas_deux_fois(moteur_vide: Engine) -> None:
    _aller(moteur_vide, "0013")
    with moteur_vide.begin() as connexion:
        for ordre in (_PERSONNE, _PLAN, _ACTION.format(n=3), _ACTION.format(n=4)):
            connexion.execute(text(ordre))
        connexion.execute(text("DELETE FROM action WHERE id = 2"))
    _aller(moteur_vide, "0014")
    with moteur_vide.begin() as connexion:
        (ligne,) = connexion.execute(
            text("SELECT id, intitule, statut, code, ajoutee_le, decidee_le FROM action")
        )
        assert (ligne.id, ligne.intitule, ligne.statut, ligne.code) == (1, "Appeler", "gardee", "")
        assert ligne.ajoutee_le == ligne.decidee_le
        connexion.execute(text("UPDATE action SET statut = 'abandonnee', genre = 'type'"))
    _aller(moteur_vide, "0013")
    with moteur_vide.begin() as connexion:
        connexion.execute(text(_ACTION.format(n=5)))
        lignes = connexion.execute(text("SELECT id, genre, statut FROM action ORDER BY id")).all()
    assert [tuple(ligne) for ligne in lignes] == [(1, "etape", "ecartee"), (3, "etape", "gardee")]


def _aller(moteur: Engine, revision: str) -> None:
    with moteur.begin() as connexion:
        configuration = configuration_alembic()
        configuration.attributes["connection"] = connexion
        en_place = connexion.dialect.has_table(connexion, "alembic_version") and connexion.scalar(
            text("SELECT version_num FROM alembic_version")
        )
        (command.downgrade if en_place and en_place > revision else command.upgrade)(configuration, revision)
