"""One vehicle, one person: what a booking promises, said one rule at a time, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME
from mobilite.candidate import Genre
from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.flotte import VehiculeIndisponible
from mobilite.journal import Evenement, LigneJournal
from mobilite.motif_reservation import SansCaution
from mobilite.offre import Offre, OffreRetiree, StatutOffre
from mobilite.refus_reservation import CleDejaUtilisee, DatesRefusees, PapiersNonVus, ReservationDejaTraitee
from mobilite.regles_de_flotte import TENUE
from mobilite.reservation import Reservation, est_un_chevauchement
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import (
    AVANT,
    CONSEILLERE,
    LUNDI,
    VUS,
    jours,
    la_personne,
    un_vehicule,
    une_offre,
    une_personne,
)
from web import reservations


def demander(session: Session, offre: Offre, cle: str = "cle", **choix: Any) -> Reservation:
    """Ask as the adviser, at ``AVANT``, for three days from ``LUNDI``."""
    defauts: dict[str, Any] = {"acteur": CONSEILLERE, "offre": offre, "cle": cle, "le": AVANT}
    return reservations.demander(session, **(defauts | jours() | choix))


@contextmanager
def un_ancien_ecran(moteur: Engine) -> Iterator[tuple[Session, Reservation]]:
    """A request as somebody read it on a screen that stays open, and the session of that screen."""
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        numero = demander(session, offre).id
    with Session(moteur, expire_on_commit=False) as ancienne:
        lue = ancienne.get_one(Reservation, numero)
        ancienne.commit()
        yield ancienne, lue


def une_ligne(vehicule_id: int, debut: int, duree: int, statut: StatutReservation, cle: str) -> Reservation:
    """A row written past every rule but those of the database."""
    return Reservation(
        vehicule_id=vehicule_id,
        demandee_par=1,
        cle_idempotence=cle,
        statut=statut,
        expire_le=LUNDI,
        place_confirmee_par="Paul",
        place_confirmee_le=AVANT,
        **jours(debut, duree),
    )


def test_the_second_asker_is_told_what_else_is_free(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        soeur = une_offre()
        velo = une_offre(genre=Genre.LOCATION_VELO)
        retiree = une_offre(statut=StatutOffre.RETIREE)
        vraie = une_offre(demonstration=False)
        clio = un_vehicule(offre, libelle="Clio")
        session.add_all([clio, un_vehicule(soeur, libelle="Zoé"), un_vehicule(offre, libelle="Ami")])
        session.add_all([un_vehicule(velo), un_vehicule(retiree), un_vehicule(vraie)])
        session.flush()
        demander(session, offre, "une", vehicule=clio)

        with pytest.raises(VehiculeDejaReserve) as refus:
            demander(session, offre, "deux", vehicule=clio)

        autrement = refus.value.alternatives
        assert [v.libelle for v in autrement.vehicules] == ["Ami"]
        assert [v.libelle for v in autrement.autres_offres] == ["Zoé"]
        assert [(p.libelle, p.debut) for p in autrement.prochaines_dates] == [
            ("Clio", LUNDI + timedelta(days=3))
        ]
        assert "Ami" in refus.value.phrase
        assert "26/11/2026" in refus.value.phrase


def test_any_free_vehicle_of_the_offer_will_do_until_none_is_left(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add_all([un_vehicule(offre) for _ in range(2)])
        session.flush()
        prises = [demander(session, offre, cle).vehicule_id for cle in ("une", "deux")]
        assert len(set(prises)) == 2
        with pytest.raises(VehiculeDejaReserve):
            demander(session, offre, "trois")
        demander(session, offre, "la veille", **jours(-3, 3))


@pytest.mark.parametrize(
    ("papiers", "mot"),
    [
        ({"en_service": False}, "service"),
        ({"ct_valable_au": date(2026, 11, 25)}, "contrôle technique"),
        ({"assurance_valable_au": date(2026, 11, 25)}, "assurance"),
    ],
)
def test_a_vehicle_that_may_not_run_to_the_end_is_never_booked(
    moteur: Engine, papiers: dict[str, Any], mot: str
) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        vehicule = un_vehicule(offre, **papiers)
        session.add(vehicule)
        session.flush()
        with pytest.raises(VehiculeIndisponible, match=mot):
            demander(session, offre, vehicule=vehicule)
        with pytest.raises(VehiculeDejaReserve) as refus:
            demander(session, offre)
        assert refus.value.alternatives.prochaines_dates == ()


def test_a_vehicle_whose_papers_end_on_the_last_day_is_booked(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add(
            un_vehicule(offre, ct_valable_au=date(2026, 11, 26), assurance_valable_au=date(2026, 11, 26))
        )
        session.flush()
        assert demander(session, offre).statut is StatutReservation.DEMANDEE


@pytest.mark.parametrize("dates", [jours(0, 0), jours(0, -1), jours(-6), jours(0, 400), jours(400)])
def test_dates_that_make_no_sense_are_refused(moteur_sqlite: Engine, dates: dict[str, Any]) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        with pytest.raises(DatesRefusees):
            demander(session, offre, **dates)


def test_an_offer_taken_back_is_not_booked(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre = une_offre(statut=StatutOffre.RETIREE)
        session.add(un_vehicule(offre))
        session.flush()
        with pytest.raises(OffreRetiree):
            demander(session, offre)


def test_the_same_form_sent_twice_books_once(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add_all([un_vehicule(offre), un_vehicule(offre)])
        session.flush()
        premiere = demander(session, offre, "la même")
        assert demander(session, offre, "la même") is premiere
        assert session.scalar(select(func.count()).select_from(Reservation)) == 1
        assert session.scalar(select(func.count()).select_from(LigneJournal)) == 1
        with pytest.raises(CleDejaUtilisee):
            demander(session, offre, "la même", **jours(7))


def test_a_person_books_for_herself_only(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, elle, voisine = une_offre(), une_personne(), une_personne()
        session.add_all([un_vehicule(offre), elle, voisine])
        session.flush()
        reservation = demander(session, offre, acteur=la_personne(elle), personne_id=voisine.id)
        assert reservation.personne_id == elle.id


def test_a_request_nobody_answers_frees_the_vehicle_for_the_next_asker(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        oubliee = demander(session, offre, "une")
        assert oubliee.expire_le == AVANT + TENUE
        with pytest.raises(VehiculeDejaReserve):
            demander(session, offre, "trop tôt", le=AVANT + TENUE - timedelta(seconds=1))

        suivante = demander(session, offre, "deux", le=AVANT + TENUE)

        assert oubliee.statut is StatutReservation.EXPIREE
        assert suivante.statut is StatutReservation.DEMANDEE
        fait = session.scalars(
            select(LigneJournal).where(LigneJournal.quoi == Evenement.RESERVATION_EXPIREE)
        ).one()
        assert (fait.objet_id, fait.acteur_role) == (oubliee.id, PLATEFORME.role)
        with pytest.raises(ReservationDejaTraitee):
            reservations.confirmer(session, oubliee, par=CONSEILLERE, le=AVANT + TENUE, **VUS)


def test_a_request_never_outlives_its_own_start(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        assert demander(session, offre, le=LUNDI - timedelta(hours=1)).expire_le == LUNDI


def test_a_place_is_confirmed_by_a_name_with_papers_and_deposit_seen(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        demande = demander(session, offre)
        for manque in VUS:
            with pytest.raises(PapiersNonVus):
                reservations.confirmer(
                    session,
                    demande,
                    par=CONSEILLERE,
                    le=AVANT,
                    **(VUS | {manque: "" if "par" in manque else None}),
                )
        renonce = VUS | {"caution_vue_le": None, "sans_caution": SansCaution.RENONCEE}
        with pytest.raises(PapiersNonVus, match="pourquoi la structure renonce"):
            reservations.confirmer(session, demande, par=CONSEILLERE, le=AVANT, **renonce)
        assert demande.etat(AVANT) is StatutReservation.DEMANDEE
        sans_caution = VUS | {"caution_vue_le": None, "caution_demandee": False}
        reservations.confirmer(session, demande, par=CONSEILLERE, le=AVANT, **sans_caution)
        assert demande.statut is StatutReservation.CONFIRMEE
        assert (demande.place_confirmee_par, demande.place_confirmee_le) == ("Paul, atelier", AVANT)


def test_the_answer_read_before_somebody_else_answered_changes_nothing(moteur: Engine) -> None:
    with un_ancien_ecran(moteur) as (ancienne, lue):
        with Session(moteur) as session, session.begin():
            reservations.annuler(session, session.get_one(Reservation, lue.id), par=CONSEILLERE, le=AVANT)

        assert lue.statut is StatutReservation.DEMANDEE  # what the old screen still shows
        with pytest.raises(ReservationDejaTraitee) as refus, ancienne.begin():
            reservations.confirmer(ancienne, lue, par=CONSEILLERE, le=AVANT, **VUS)
        assert refus.value.statut is StatutReservation.ANNULEE
        numero = lue.id
    with Session(moteur) as session:
        assert session.get_one(Reservation, numero).statut is StatutReservation.ANNULEE
        faits = session.scalars(select(LigneJournal.quoi).order_by(LigneJournal.id)).all()
        assert faits == [Evenement.RESERVATION_DEMANDEE, Evenement.RESERVATION_ANNULEE]


def test_nobody_says_yes_to_other_days_than_those_read(moteur: Engine) -> None:
    with un_ancien_ecran(moteur) as (ancienne, lue):
        with Session(moteur) as session, session.begin():
            demande = session.get_one(Reservation, lue.id)
            reservations.deplacer(session, demande, par=CONSEILLERE, le=AVANT, **jours(1))
        with pytest.raises(ReservationDejaTraitee), ancienne.begin():
            reservations.confirmer(ancienne, lue, par=CONSEILLERE, le=AVANT, **VUS)


def test_a_vehicle_given_back_early_is_free_at_once(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        premiere = demander(session, offre, "une", **jours(0, 10))
        reservations.confirmer(session, premiere, par=CONSEILLERE, le=AVANT, **VUS)
        reservations.remettre(session, premiere, par=CONSEILLERE, le=LUNDI)
        with pytest.raises(ReservationDejaTraitee):
            reservations.annuler(session, premiere, par=CONSEILLERE, le=LUNDI)
        reservations.rendre(session, premiere, par=CONSEILLERE, le=LUNDI + timedelta(days=2))
        demander(session, offre, "deux", le=LUNDI + timedelta(days=2), **jours(3, 2))


def test_moving_onto_days_somebody_has_is_refused_and_leaves_the_request_as_it_was(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add(un_vehicule(offre))
        session.flush()
        demander(session, offre, "une")
        autre = demander(session, offre, "deux", **jours(3))
        with pytest.raises(VehiculeDejaReserve):
            reservations.deplacer(session, autre, par=CONSEILLERE, le=AVANT, **jours(2))
        assert autre.debut == jours(3)["debut"]
        reservations.deplacer(session, autre, par=CONSEILLERE, le=AVANT, **jours(4))
        assert autre.debut == jours(4)["debut"]


def test_the_live_calendar_says_when_each_vehicle_is_taken(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        session.add_all([un_vehicule(offre), un_vehicule(offre, en_service=False)])
        session.add(un_vehicule(offre, ct_valable_au=date(2026, 11, 30)))
        session.flush()
        demander(session, offre)
        calendrier = reservations.calendriers(session, AVANT)[offre.id]
        assert calendrier.vehicules == 2
        assert sorted(calendrier.occupations) == [
            (date(2026, 11, 23), date(2026, 11, 26)),
            (date(2026, 12, 1), date(2100, 12, 31)),
        ]


# What the database itself refuses, whoever writes.


def test_the_database_refuses_an_overlapping_insert_and_accepts_days_that_touch(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        vehicule, autre = un_vehicule(offre), un_vehicule(offre)
        session.add_all([vehicule, autre])
        session.flush()
        session.add(une_ligne(vehicule.id, 0, 3, StatutReservation.CONFIRMEE, "une"))
        session.flush()
        for rang, (debut, duree) in enumerate([(0, 3), (2, 3), (-1, 2), (1, 1), (-1, 9)]):
            trop = une_ligne(vehicule.id, debut, duree, StatutReservation.DEMANDEE, f"non{rang}")
            with pytest.raises(IntegrityError) as refus, session.begin_nested():
                session.add(trop)
            assert est_un_chevauchement(refus.value)
        session.add(une_ligne(vehicule.id, 3, 1, StatutReservation.DEMANDEE, "après"))
        session.add(une_ligne(vehicule.id, -1, 1, StatutReservation.REMISE, "avant"))
        session.add(une_ligne(vehicule.id, 1, 1, StatutReservation.ANNULEE, "annulée"))
        session.add(une_ligne(autre.id, 0, 3, StatutReservation.CONFIRMEE, "autre véhicule"))
        session.flush()


def test_the_database_refuses_an_update_that_makes_an_overlap(moteur: Engine) -> None:
    """The gap of most booking software: a guard on INSERT that a move, a swap or a late yes walks around."""
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        vehicule, autre = un_vehicule(offre), un_vehicule(offre)
        session.add_all([vehicule, autre])
        session.flush()
        a_lui = une_ligne(vehicule.id, 0, 3, StatutReservation.CONFIRMEE, "une")
        apres = une_ligne(vehicule.id, 3, 3, StatutReservation.CONFIRMEE, "deux")
        ailleurs = une_ligne(autre.id, 0, 3, StatutReservation.CONFIRMEE, "trois")
        annulee = une_ligne(vehicule.id, 0, 3, StatutReservation.ANNULEE, "quatre")
        session.add_all([a_lui, apres, ailleurs, annulee])
        session.flush()
        for ligne, changement in (
            (apres, {"debut": jours(2)["debut"]}),
            (a_lui, {"fin": jours(4)["fin"], "libre_le": jours(4)["fin"]}),
            (ailleurs, {"vehicule_id": vehicule.id}),
            (annulee, {"statut": StatutReservation.CONFIRMEE}),
        ):
            with pytest.raises(IntegrityError) as refus, session.begin_nested():
                session.execute(update(Reservation).where(Reservation.id == ligne.id).values(**changement))
            assert est_un_chevauchement(refus.value)
        session.execute(
            update(Reservation).where(Reservation.id == a_lui.id).values(motif_refus="sans effet")
        )


@pytest.mark.parametrize(
    "faute",
    [
        {"fin": LUNDI},
        {"statut": StatutReservation.CONFIRMEE, "place_confirmee_par": None},
        {"statut": StatutReservation.CONFIRMEE, "place_confirmee_par": ""},
        {"statut": StatutReservation.DEMANDEE, "expire_le": None},
    ],
)
def test_the_database_refuses_a_row_that_contradicts_itself(moteur: Engine, faute: dict[str, Any]) -> None:
    with Session(moteur) as session, session.begin():
        vehicule = un_vehicule(une_offre())
        session.add(vehicule)
        session.flush()
        ligne = une_ligne(vehicule.id, 0, 3, StatutReservation.DEMANDEE, "une")
        session.add(ligne)
        session.flush()
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(Reservation).where(Reservation.id == ligne.id).values(**faute))
