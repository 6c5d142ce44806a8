"""What is signed stays as it was signed: both databases refuse, whoever asks and however."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mobilite.etat_des_lieux import EtatDesLieux, Moment, PhotoEtat, RemarqueEtat
from mobilite.personnes import Personne
from mobilite.points_de_controle import Proprete
from mobilite.reservation import Reservation
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne
from tests.integration.sejour import une_reservation
from web.etats_des_lieux import brouillon

INTERDITS = (
    "UPDATE etat_des_lieux SET km = 9 WHERE signe_le IS NOT NULL",
    "UPDATE etat_des_lieux SET signe_le = NULL WHERE signe_le IS NOT NULL",
    "DELETE FROM etat_des_lieux WHERE signe_le IS NOT NULL",
    "UPDATE photo_etat SET octets = octets WHERE etat_id = 1",
    "UPDATE photo_etat SET etat_id = 1 WHERE etat_id = 2",
    "DELETE FROM photo_etat WHERE etat_id = 1",
    (
        "INSERT INTO photo_etat (uuid, etat_id, dommage, ajoutee_le, largeur, hauteur, empreinte, octets)"
        " SELECT '0123456789abcdef0123456789abcdef', 1, '', ajoutee_le, 1, 1, 'neuve', octets"
        " FROM photo_etat WHERE etat_id = 2"
    ),
    "UPDATE remarque_etat SET texte = 'Autre chose'",
)


def une_feuille(session: Session, *, signee: bool) -> EtatDesLieux:
    """One sheet with a photo and a remark, of a booking of its own."""
    clio, nadia = un_vehicule(une_offre()), une_personne()
    session.add_all([clio, nadia])
    reservation = une_reservation(session, clio, nadia)
    etat = EtatDesLieux(
        reservation_id=reservation.id,
        vehicule_id=clio.id,
        moment=Moment.REMISE,
        commence_par=1,
        km=10,
        proprete=Proprete.PROPRE,
    )
    session.add(etat)
    session.flush()
    session.add_all(
        [
            PhotoEtat(etat_id=etat.id, largeur=1, hauteur=1, empreinte=f"e{etat.id}", octets=b"jpeg"),
            RemarqueEtat(etat_id=etat.id, ecrite_par=1, nom="Paul", texte="Rien", cle_idempotence="c"),
        ]
    )
    session.flush()
    if signee:
        session.execute(
            text(
                "UPDATE etat_des_lieux SET signe_le = :le, nom_structure = 'P', nom_personne = 'N',"
                " mention_structure = 'm', mention_personne = 'm', convenu = '{}' WHERE id = :id"
            ),
            {"le": reservation.debut, "id": etat.id},
        )
    return etat


def test_the_database_refuses_to_change_what_is_signed(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        assert une_feuille(session, signee=True).id == 1
        assert une_feuille(session, signee=False).id == 2
    for ordre in INTERDITS:
        with pytest.raises(DBAPIError, match="etat_des_lieux_signe"), moteur.begin() as connexion:
            connexion.execute(text(ordre))


def test_a_draft_is_changed_and_thrown_away_freely(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        une_feuille(session, signee=False)
    with moteur.begin() as connexion:
        connexion.execute(text("UPDATE etat_des_lieux SET km = 11"))
        connexion.execute(text("DELETE FROM photo_etat"))
        connexion.execute(text("DELETE FROM etat_des_lieux"))


def test_a_signature_without_two_names_is_refused(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        une_feuille(session, signee=False)
    with pytest.raises(DBAPIError, match="signe_a_deux"), moteur.begin() as connexion:
        connexion.execute(text("UPDATE etat_des_lieux SET signe_le = commence_le, nom_structure = 'Paul'"))


def test_it_goes_with_the_dossier_when_somebody_is_forgotten(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        une_feuille(session, signee=True)
    with moteur.begin() as connexion:
        connexion.execute(text("DELETE FROM personne"))
        connexion.execute(text("DELETE FROM etat_des_lieux"))
    with Session(moteur) as session:
        for table in (PhotoEtat, RemarqueEtat):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalars(select(Personne)).all() == []


def test_two_telephones_that_begin_together_write_on_one_sheet(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        clio, nadia = un_vehicule(une_offre()), une_personne()
        session.add_all([clio, nadia])
        numero = une_reservation(session, clio, nadia).id
    ensemble = Barrier(4)

    def commencer(rang: int) -> None:
        with Session(moteur) as session:
            ensemble.wait()
            etat = brouillon(session, session.get_one(Reservation, numero), Moment.REMISE, par=CONSEILLERE)
            etat.observations += f"{rang}"
            session.commit()

    with ThreadPoolExecutor(4) as fils:
        list(fils.map(commencer, range(4)))
    with Session(moteur) as session:
        observations = session.scalars(select(EtatDesLieux.observations)).one()
        assert sorted(observations) == list("0123")
