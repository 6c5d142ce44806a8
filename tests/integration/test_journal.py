"""The journal: nothing changes without its line, no line ever changes, no line speaks of anybody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mobilite.journal import ActeurManquant, Evenement, LigneJournal, consigner, lignes_de
from mobilite.reservation import Reservation
from tests.fabriques import AVANT, CONSEILLERE, jours, un_vehicule, une_offre, une_personne
from web import reservations


@pytest.mark.parametrize(
    "ordre",
    [
        "UPDATE journal SET acteur_id = 1",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE quoi = 'DossierOuvert'",
    ],
)
def test_the_database_refuses_to_rewrite_the_journal(moteur: Engine, ordre: str) -> None:
    with Session(moteur) as session, session.begin():
        personne = une_personne()
        session.add(personne)
        session.flush()
        session.add(consigner(CONSEILLERE, Evenement.DOSSIER_OUVERT, personne))
    with pytest.raises(DBAPIError, match="journal_jamais_modifie"), moteur.begin() as connexion:
        connexion.execute(text(ordre))
    with Session(moteur) as session:
        assert session.scalars(select(LigneJournal.acteur_id)).one() == CONSEILLERE.id


def test_the_journal_cannot_be_emptied_at_once(moteur_postgresql: Engine) -> None:
    with pytest.raises(DBAPIError, match="journal_jamais_modifie"), moteur_postgresql.begin() as connexion:
        connexion.execute(text("TRUNCATE journal"))


def test_a_change_that_is_undone_leaves_no_line(moteur: Engine) -> None:
    with Session(moteur) as session:
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.commit()
        reservations.demander(session, acteur=CONSEILLERE, offre=offre, cle="c", le=AVANT, **jours())
        session.flush()
        lignes = select(func.count()).select_from(LigneJournal)
        assert session.scalar(lignes) == 1
        session.rollback()
        assert session.scalar(lignes) == 0
        assert session.scalar(select(func.count()).select_from(Reservation)) == 0


def test_nothing_is_written_without_saying_who_acts() -> None:
    personne = une_personne()
    personne.id = 1
    with pytest.raises(ActeurManquant):
        consigner(None, Evenement.DOSSIER_OUVERT, personne)


def test_an_object_without_its_number_has_no_line_yet() -> None:
    with pytest.raises(ValueError, match="flush"):
        consigner(CONSEILLERE, Evenement.DOSSIER_OUVERT, une_personne())


@pytest.mark.parametrize("detail", ["Fatima Benali", "rue des Écoles", {"nom": "Fatima"}, ["a b"], b"x"])
def test_a_line_holds_no_words(detail: Any) -> None:
    personne = une_personne()
    personne.id = 1
    with pytest.raises(ValueError, match="codes and numbers"):
        consigner(CONSEILLERE, Evenement.DOSSIER_MODIFIE, personne, quoi_donc=detail)


def test_the_history_of_an_object_is_told_in_order(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        elle, voisine = une_personne(), une_personne()
        session.add_all([elle, voisine])
        session.flush()
        for personne, quoi in (
            (elle, Evenement.DOSSIER_OUVERT),
            (voisine, Evenement.DOSSIER_OUVERT),
            (elle, Evenement.DOSSIER_MODIFIE),
        ):
            session.add(consigner(CONSEILLERE, quoi, personne, champs=["objectif"]))
        session.flush()
        assert [f.quoi for f in session.scalars(lignes_de(elle))] == ["DossierOuvert", "DossierModifie"]


def test_a_number_is_never_given_twice_even_after_an_erasure(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        ancienne = une_personne()
        session.add(ancienne)
        session.flush()
        numero = ancienne.id
        session.delete(ancienne)
        session.flush()
        nouvelle = une_personne()
        session.add(nouvelle)
        session.flush()
        assert nouvelle.id > numero
