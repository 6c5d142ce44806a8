"""What becomes free goes to the next who waits, on both databases: held, answered, handed on, never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.base import PARIS
from mobilite.besoin import MotifDeplacement
from mobilite.flotte import Vehicule
from mobilite.immobilisation import MotifImmobilisation
from mobilite.journal import LigneJournal
from mobilite.liste_attente import (
    Attente,
    PlaceDejaRepondue,
    PlaceProposee,
    ReponsePlace,
    StatutAttente,
    raisons_de_la_reservation,
)
from mobilite.notification import Canal, EtatMessage, Message
from mobilite.offre import Offre, StatutOffre
from mobilite.parametres import parametres
from mobilite.personnes import BesoinExprime, Depart, Joindre, Personne
from mobilite.priorite import RaisonPriorite
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.reglement import Reglement
from mobilite.regles_de_flotte import RegleDeFlotte
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import CONSEILLERE, VUS, la_personne, un_vehicule, une_offre, une_personne, une_structure
from tests.mesures import chevauchements
from web import attentes, places, relogement, reservations
from web.messages.gsm import LONGUEUR_MAX, longueur
from web.reservations.demandes import DejaUnVehicule

T = TypeVar("T")

MARDI = datetime(2026, 11, 24, 10, tzinfo=PARIS)
DEBUT = datetime(2026, 12, 3, 8, tzinfo=PARIS)
FIN = DEBUT + timedelta(days=3)
MERCREDI_10_H = datetime(2026, 11, 25, 10, tzinfo=PARIS)
"""Ten waking hours after ``MARDI``: nine on Tuesday, one on Wednesday."""


def un_garage(session: Session, velos: int = 1) -> Offre:
    """Bicycles of one structure, lent for days from Étain."""
    structure = une_structure(commune="55181", demonstration=False)
    fiche = {"lieu": "55181", "permanent": True, "prix": {"jour": 1}}
    offre = une_offre(structure=structure, genre="location_velo", fiche=fiche, demonstration=False)
    session.add(offre)
    session.add_all([un_vehicule(offre, libelle=f"Vélo {n + 1}", categorie="velo") for n in range(velos)])
    session.flush()
    return offre


def quelqu_un(session: Session, prenom: str, motif: MotifDeplacement | None = None, **choix: Any) -> Personne:
    joignable = {"telephone": "+33639981234", "joindre": Joindre.TELEPHONE, "message_possible": True}
    defauts = {"annee_naissance": 1990, "moyens": [], "demonstration": False, "conseiller_id": CONSEILLERE.id}
    personne = une_personne(prenom=prenom, **(defauts | joignable | choix))
    personne.departs.append(Depart(insee="55181"))
    if motif:
        personne.besoins.append(BesoinExprime(destination="55545", motif=motif))
    session.add(personne)
    session.flush()
    return personne


def prendre(session: Session, offre: Offre, cle: str = "prise") -> Reservation:
    """Somebody has it."""
    return reservations.demander(
        session, acteur=CONSEILLERE, offre=offre, debut=DEBUT, fin=FIN, cle=cle, le=MARDI
    )


def attendre(session: Session, personne: Personne, offre: Offre, le: datetime = MARDI) -> Attente:
    return attentes.inscrire(
        session, personne, offre, par=CONSEILLERE, debut=DEBUT, fin=FIN, cle=f"att-{personne.id}", le=le
    )


def proposees(moteur: Engine) -> list[tuple[str, str, str | None]]:
    """Who was offered which vehicle, and what became of it, in order."""
    with Session(moteur) as session:
        toutes = session.scalars(select(PlaceProposee).order_by(PlaceProposee.id))
        return [
            (
                p.attente.personne.prenom,
                p.reservation.vehicule.libelle,
                p.reponse.value if p.reponse else None,
            )
            for p in toutes
        ]


def proposer(moteur: Engine, le: datetime = MARDI) -> int:
    with Session(moteur) as session, session.begin():
        return len(places.proposer_les_places(session, le))


def la_place(session: Session, prenom: str) -> PlaceProposee:
    siennes = select(PlaceProposee).join(PlaceProposee.attente).join(Attente.personne)
    return session.scalars(siennes.where(Personne.prenom == prenom, PlaceProposee.reponse.is_(None))).one()


def la_chaine(moteur: Engine) -> None:
    """Ali gives up the only bicycle; Bruno, Chloé (health) and Dina (danger) wait, asked in that order."""
    with Session(moteur) as session, session.begin():
        offre = un_garage(session)
        pris = prendre(session, offre)
        attendre(session, quelqu_un(session, "Bruno"), offre, MARDI - timedelta(hours=3))
        chloe = quelqu_un(session, "Chloé", MotifDeplacement.SANTE)
        attendre(session, chloe, offre, MARDI - timedelta(hours=2))
        dina = attendre(session, quelqu_un(session, "Dina"), offre, MARDI - timedelta(hours=1))
        attentes.noter_danger(session, dina, True, par=CONSEILLERE)
        assert places.proposer_les_places(session, MARDI) == [], "nothing is free"
        reservations.annuler(session, pris, par=CONSEILLERE, le=MARDI)


def test_the_freed_vehicle_goes_down_the_list_one_at_a_time_and_a_no_costs_no_rank(moteur: Engine) -> None:
    la_chaine(moteur)
    assert [proposer(moteur), proposer(moteur)] == [1, 0], "held once, for one person"
    with Session(moteur) as session, session.begin():
        dina = la_place(session, "Dina")
        assert dina.jusqu_au == MERCREDI_10_H
        assert dina.reservation.etat(MARDI) is StatutReservation.PROPOSEE
        places.decliner(session, dina, par=CONSEILLERE, le=MARDI)
        assert la_place(session, "Chloé").reservation.vehicule_id == dina.vehicule_id, "the next at once"
    assert proposer(moteur, MERCREDI_10_H) == 1
    assert proposees(moteur) == [
        ("Dina", "Vélo 1", "non"),
        ("Chloé", "Vélo 1", "sans_reponse"),
        ("Bruno", "Vélo 1", None),
    ]
    # Another vehicle: those who said no or nothing are first again.
    with Session(moteur) as session, session.begin():
        session.add(un_vehicule(session.scalars(select(Offre)).one(), libelle="Vélo 2", categorie="velo"))
    assert proposer(moteur, MERCREDI_10_H) == 1
    assert proposees(moteur)[-1] == ("Dina", "Vélo 2", None)
    with Session(moteur) as session:
        assert chevauchements(session) == 0
        dits = set(session.scalars(select(Message.genre)))
        assert dits == {"place_proposee"}, "a place that lapses is no request left without an answer"


def test_what_comes_near_or_is_sent_with_a_fiche_counts_while_she_waits(moteur_sqlite: Engine) -> None:
    """A job that began in six weeks when she asked begins in three: nobody has to ask her again."""
    en_vigueur = parametres(MARDI.date())
    with Session(moteur_sqlite) as session, session.begin():
        offre = un_garage(session)
        elle = quelqu_un(session, "Emma", MotifDeplacement.EMPLOI)
        elle.besoins[0].premier_jour = MARDI.date() + timedelta(days=21)
        il_y_a = MARDI - timedelta(days=14)
        attente = attendre(session, elle, offre, il_y_a)
        assert attente.priorite(en_vigueur, il_y_a).points == 1
        assert "travail ou formation qui commence" in attente.priorite(en_vigueur, MARDI).phrase
        orientee = quelqu_un(session, "Fadila")
        reservation = prendre(session, offre)
        reservation.personne, reservation.prescrite_par = orientee, "Mission locale"
        assert raisons_de_la_reservation(reservation, MARDI) == {RaisonPriorite.PRESCRIPTION}


def test_her_yes_is_a_request_like_any_other_and_she_waits_no_more(moteur: Engine) -> None:
    la_chaine(moteur)
    proposer(moteur)
    with Session(moteur) as session, session.begin():
        place = la_place(session, "Dina")
        with pytest.raises(ReservationDejaTraitee):
            reservations.confirmer(session, place.reservation, par=CONSEILLERE, le=MARDI, **VUS)
        elle = la_personne(place.attente.personne)
        reservation = attentes.accepter(session, place, par=elle, le=MARDI)
        assert reservation.statut is StatutReservation.DEMANDEE
        assert reservation.expire_le == MARDI + timedelta(hours=48), "the hold of any request"
        assert place.attente.statut is StatutAttente.SERVIE
        assert place.reponse is ReponsePlace.OUI
        reservations.confirmer(session, reservation, par=CONSEILLERE, le=MARDI, **VUS)
    assert proposer(moteur) == 0
    with Session(moteur) as session:
        lignes = session.scalars(select(LigneJournal).order_by(LigneJournal.id)).all()
        assert {"PlaceProposee", "PlaceAcceptee", "AttenteServie"} <= {ligne.quoi for ligne in lignes}
        assert "danger" not in str([ligne.details for ligne in lignes])


def test_two_freed_vehicles_go_to_two_people_and_one_person_holds_one(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = un_garage(session, velos=2)
        autre = une_offre(
            structure=offre.structure, genre="location_velo", fiche=offre.fiche, demonstration=False
        )
        session.add(autre)
        session.flush()
        bruno = quelqu_un(session, "Bruno")
        for voulue in (offre, autre):
            session.add(
                Attente.inscrire(
                    bruno,
                    voulue,
                    par=CONSEILLERE,
                    debut=DEBUT,
                    fin=FIN,
                    raisons=set(),
                    cle=voulue.code,
                    le=MARDI - timedelta(days=1),
                )
            )
        attendre(session, quelqu_un(session, "Chloé"), offre)
    assert proposer(moteur) == 2
    assert [(qui, quoi) for qui, quoi, _ in proposees(moteur)] == [("Bruno", "Vélo 1"), ("Chloé", "Vélo 2")]


def test_who_lost_her_vehicle_to_a_breakdown_is_offered_what_becomes_free(moteur_sqlite: Engine) -> None:
    """What she has left on paper must not keep her from the list."""
    with Session(moteur_sqlite) as session, session.begin():
        offre = un_garage(session, velos=2)
        elle = quelqu_un(session, "Gaëlle")
        sien, autre = (prendre(session, offre, cle) for cle in ("sien", "autre"))
        sien.personne = elle
        attendre(session, elle, offre)
        session.flush()
        reservations.annuler(session, autre, par=CONSEILLERE, le=MARDI)
        assert places.proposer_les_places(session, MARDI) == [], "she has a vehicle that rolls"
        sien.vehicule.en_service = False
        session.flush()
        session.expire_all()
        (place,) = places.proposer_les_places(session, MARDI)
        assert (place.attente.personne, place.reservation.vehicule) == (elle, autre.vehicule)


def test_who_is_refused_by_the_offer_is_passed_over_and_keeps_waiting(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = un_garage(session)
        offre.fiche = offre.fiche | {"conditions": {"fait": "age", "au_moins": 70}}
        attendre(session, quelqu_un(session, "Bruno"), offre, MARDI - timedelta(days=20))
        attendre(session, quelqu_un(session, "Jeanne", annee_naissance=1940), offre)
    proposer(moteur)
    assert proposees(moteur) == [("Jeanne", "Vélo 1", None)]


def test_a_vehicle_that_stops_takes_its_place_back_and_nobody_is_left_with_a_promise(moteur: Engine) -> None:
    la_chaine(moteur)
    proposer(moteur)
    with Session(moteur) as session, session.begin():
        session.scalars(select(Vehicule)).one().en_service = False
    proposer(moteur)
    assert proposees(moteur) == [("Dina", "Vélo 1", "retiree")]
    with Session(moteur) as session, session.begin():
        (message,) = session.scalars(select(Message).where(Message.genre == "place_proposee"))
        assert message.etat is EtatMessage.RETIRE
        session.scalars(select(Vehicule)).one().en_service = True
    proposer(moteur)
    assert proposees(moteur)[-1] == ("Dina", "Vélo 1", None), "repaired: hers again, she had refused nothing"


def test_giving_up_the_list_frees_what_was_held(moteur: Engine) -> None:
    la_chaine(moteur)
    proposer(moteur)
    with Session(moteur) as session, session.begin():
        place = la_place(session, "Dina")
        attentes.retirer(session, place.attente, par=la_personne(place.attente.personne))
    proposer(moteur)
    assert proposees(moteur) == [("Dina", "Vélo 1", "retiree"), ("Chloé", "Vélo 1", None)]


@pytest.mark.parametrize(
    ("choix", "canal", "dit"),
    [
        ({}, Canal.SMS, ""),
        ({"telephone": "", "joindre": Joindre.RIEN}, Canal.APPEL, "Elle n'a pas de téléphone"),
        ({"contact_discret": True}, Canal.APPEL, "son contact est discret"),
        ({"telephone": "+33329001234"}, Canal.APPEL, "ne reçoit pas de SMS"),
    ],
)
def test_she_is_told_by_her_own_way_until_the_deadline_and_nothing_is_sent_to_nobody(
    moteur_sqlite: Engine, choix: dict[str, Any], canal: Canal, dit: str
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre = un_garage(session)
        ligne = attendre(session, quelqu_un(session, "Dina", **choix), offre)
        attentes.noter_danger(session, ligne, True, par=CONSEILLERE)
    proposer(moteur_sqlite)
    with Session(moteur_sqlite) as session:
        (message,) = session.scalars(select(Message))
        assert (message.canal, message.jusqu_au) == (canal, MERCREDI_10_H)
        assert dit in message.remarque
        assert longueur(message.texte) <= LONGUEUR_MAX
        assert "Oui ou non avant mercredi 25 à 10\u00a0h" in message.texte
        assert "danger" not in message.texte + message.remarque


def test_the_time_to_answer_is_counted_in_hours_at_which_people_are_told_things(
    moteur_sqlite: Engine,
) -> None:
    samedi_soir = datetime(2026, 11, 28, 18, 30, tzinfo=PARIS)
    with Session(moteur_sqlite) as session, session.begin():
        attendre(session, quelqu_un(session, "Dina"), un_garage(session), samedi_soir)
    proposer(moteur_sqlite, samedi_soir)
    with Session(moteur_sqlite) as session:
        # Half an hour on Saturday, nothing on Sunday, nine and a half on Monday: until 18:30, said 19:00.
        assert la_place(session, "Dina").jusqu_au == datetime(2026, 11, 30, 19, tzinfo=PARIS)


def test_too_late_to_answer_nothing_is_offered_by_itself(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        attendre(session, quelqu_un(session, "Dina"), un_garage(session))
    assert proposer(moteur_sqlite, DEBUT - timedelta(minutes=30)) == 0


def ensemble(gestes: list[Callable[[], T]]) -> list[T | Exception]:
    """Each in a thread of its own, released at the same instant; what each gave or raised."""
    depart = threading.Barrier(len(gestes))

    def faire(geste: Callable[[], T]) -> T | Exception:
        depart.wait(timeout=30)
        try:
            return geste()
        except Exception as erreur:  # judged by the test
            return erreur

    with ThreadPoolExecutor(len(gestes)) as fils:
        return list(fils.map(faire, gestes))


def test_her_yes_at_the_last_second_and_the_clock_never_both_win(moteur: Engine) -> None:
    la_chaine(moteur)
    proposer(moteur)
    juste_avant = MERCREDI_10_H - timedelta(seconds=1)

    def oui() -> str:
        with Session(moteur) as session, session.begin():
            place = la_place(session, "Dina")
            return attentes.accepter(session, place, par=CONSEILLERE, le=juste_avant).statut.value

    for _ in range(4):
        resultats = ensemble([oui, lambda: proposer(moteur, MERCREDI_10_H), oui])
        assert all(isinstance(r, str | int | PlaceDejaRepondue) or "No row" in str(r) for r in resultats), (
            resultats
        )
        assert sum(r == "demandee" for r in resultats) <= 1
        with Session(moteur) as session:
            assert chevauchements(session) == 0
            tenues = session.scalars(
                select(Reservation).where(Reservation.statut != StatutReservation.ANNULEE)
            )
            statuts = sorted(r.statut.value for r in tenues)
            dina = session.scalars(
                select(Attente).join(Attente.personne).where(Personne.prenom == "Dina")
            ).one()
            if "demandee" in statuts:
                assert dina.statut is StatutAttente.SERVIE and statuts == ["demandee"]
            else:
                assert dina.statut is StatutAttente.ATTEND and statuts == ["expiree", "proposee"]


def test_many_clocks_at_once_offer_each_vehicle_once_and_each_person_one(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = un_garage(session, velos=3)
        for rang in range(5):
            attendre(session, quelqu_un(session, f"P{rang}"), offre, MARDI - timedelta(hours=9 - rang))
    resultats = ensemble([lambda: proposer(moteur)] * 4)
    assert all(isinstance(r, int) for r in resultats), resultats
    assert sorted(proposees(moteur)) == [
        ("P0", "Vélo 1", None),
        ("P1", "Vélo 2", None),
        ("P2", "Vélo 3", None),
    ]
    with Session(moteur) as session:
        assert chevauchements(session) == 0


def test_a_yes_to_a_vehicle_that_stopped_or_is_lent_no_more_is_told_so(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = un_garage(session, 2)
        session.expire_all()
        ali, zoe = quelqu_un(session, "Ali"), quelqu_un(session, "Zoé")
        attendre(session, ali, offre)
        attendre(session, zoe, offre)
        places.proposer_les_places(session, MARDI)
        du_sien = la_place(session, "Ali").reservation.vehicule
        relogement.immobiliser(
            session,
            du_sien,
            par=CONSEILLERE,
            motif=MotifImmobilisation.PANNE,
            debut=MARDI,
            fin=None,
            cle="panne",
            le=MARDI,
        )
        with pytest.raises(PlaceDejaRepondue):
            attentes.accepter(session, la_place(session, "Ali"), par=la_personne(ali), le=MARDI)
        offre.statut = StatutOffre.RETIREE
        with pytest.raises(PlaceDejaRepondue):
            attentes.accepter(session, la_place(session, "Zoé"), par=la_personne(zoe), le=MARDI)
        assert {r.statut for r in session.scalars(select(Reservation))} == {StatutReservation.PROPOSEE}


def test_a_place_kept_for_her_is_no_way_round_the_quota(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = un_garage(session, 2)
        session.add(Reglement(offre=offre, reservations_par_mois=1))
        session.flush()
        session.expire_all()
        ali = quelqu_un(session, "Ali")
        attendre(session, ali, offre)
        places.proposer_les_places(session, MARDI)
        dix = timedelta(days=10)
        reservations.demander(
            session,
            acteur=la_personne(ali),
            offre=offre,
            debut=DEBUT + dix,
            fin=FIN + dix,
            cle="elle",
            le=MARDI,
        )
        with pytest.raises(RegleDeFlotte, match="1 fois par mois"):
            attentes.accepter(session, la_place(session, "Ali"), par=la_personne(ali), le=MARDI)


def test_a_place_kept_for_her_is_no_way_to_have_two_vehicles_of_a_kind(moteur_sqlite: Engine) -> None:
    """She asked for another meanwhile: her yes is told so; her adviser's yes knows what it does."""
    with Session(moteur_sqlite) as session, session.begin():
        offre = un_garage(session, 2)
        session.expire_all()
        ali = quelqu_un(session, "Ali")
        attendre(session, ali, offre)
        places.proposer_les_places(session, MARDI)
        memes: dict[str, Any] = {"acteur": la_personne(ali), "debut": DEBUT, "fin": FIN, "le": MARDI}
        autre = reservations.demander(session, offre=offre, cle="elle", **memes)
        with pytest.raises(DejaUnVehicule) as refus:
            attentes.accepter(session, la_place(session, "Ali"), par=la_personne(ali), le=MARDI)
        assert refus.value.autre is autre
        attentes.accepter(session, la_place(session, "Ali"), par=CONSEILLERE, le=MARDI)


def test_given_up_like_a_booking_a_place_is_a_no_and_is_not_offered_again(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = un_garage(session)
        session.expire_all()
        attendre(session, quelqu_un(session, "Ali"), offre)
        [place] = places.proposer_les_places(session, MARDI)
        reservations.annuler(session, place.reservation, par=CONSEILLERE, le=MARDI)
        assert places.proposer_les_places(session, MARDI) == []
    assert proposees(moteur) == [("Ali", "Vélo 1", "non")]


def test_the_form_of_somebody_who_waited_no_more_puts_her_on_the_list_again(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, ali = un_garage(session), quelqu_un(session, "Ali")
        for _ in range(3):
            attente = attendre(session, ali, offre)
            assert attente.statut is StatutAttente.ATTEND, "she is told that she waits: it must be true"
            assert attendre(session, ali, offre) is attente
            attentes.retirer(session, attente, par=CONSEILLERE)
