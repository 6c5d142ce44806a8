"""Keeping a vehicle longer: one stay in two bookings, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.journal import Evenement, LigneJournal
from mobilite.motif_reservation import CanalDemande, MotifSansSuite
from mobilite.refus_reservation import DatesRefusees, ReservationDejaTraitee
from mobilite.regles_de_flotte import RegleDeFlotte
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import (
    AVANT,
    CONSEILLERE,
    LUNDI,
    VUS,
    jours,
    le_partenaire,
)
from tests.integration.flotte_reglee import JOUR, cle, demander, une_flotte
from tests.mesures import chevauchements
from web import reservations
from web.reservations import ProlongationImpossible


def test_a_stay_is_prolonged_on_its_vehicle_without_buffer_as_often_as_the_fleet_allows(
    moteur: Engine,
) -> None:
    with Session(moteur) as session, session.begin():
        offre, _ = une_flotte(session, tampon_heures=24, renouvellements_max=1)
        une = demander(session, offre, canal=CanalDemande.GUICHET)
        with pytest.raises(ReservationDejaTraitee):
            reservations.renouveler(session, une, par=CONSEILLERE, fin=LUNDI + 5 * JOUR, cle=cle(), le=AVANT)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        memes: dict[str, Any] = {"par": CONSEILLERE, "fin": LUNDI + 5 * JOUR, "cle": "suite", "le": AVANT}
        suite = reservations.renouveler(session, une, **memes)
        assert reservations.renouveler(session, une, **memes) is suite
        assert (suite.debut, suite.vehicule_id, suite.renouvelle_id) == (une.fin, une.vehicule_id, une.id)
        assert (une.libre_le, suite.libre_le) == (une.fin, suite.fin + JOUR)
        assert chevauchements(session) == 0
        reservations.confirmer(session, suite, par=CONSEILLERE, le=AVANT, **VUS)
        with pytest.raises(RegleDeFlotte, match="1 fois au plus"):
            reservations.renouveler(
                session, suite, par=CONSEILLERE, fin=LUNDI + 7 * JOUR, cle=cle(), le=AVANT
            )
        partenaire = le_partenaire(offre.structure)
        with pytest.raises(DatesRefusees, match="prolongée"):
            reservations.deplacer(session, une, par=partenaire, accord_le=AVANT.date(), le=AVANT, **jours(7))
        reservations.annuler(session, suite, par=CONSEILLERE, le=AVANT)
        assert une.libre_le == une.fin + JOUR


def test_a_suite_that_nobody_answered_gives_the_buffer_back(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, [auto] = une_flotte(session, tampon_heures=24)
        une = demander(session, offre)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        suite = reservations.renouveler(
            session, une, par=CONSEILLERE, fin=LUNDI + 5 * JOUR, cle=cle(), le=AVANT
        )
        apres = AVANT + timedelta(hours=50)
        demander(session, offre, le=apres, vehicule=auto, **jours(4, 1))
        session.refresh(suite)
        assert suite.statut is StatutReservation.EXPIREE
        assert une.libre_le == une.fin + JOUR
        assert chevauchements(session) == 0


@pytest.mark.parametrize("geste", ["annuler", "noter_absente", "deplacer"])
def test_a_suite_that_nobody_answered_stands_in_nobody_s_way(moteur_sqlite: Engine, geste: str) -> None:
    """Its time has passed and nobody has written it yet: the stay is given up, missed or moved all the same."""
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session)
        une = demander(session, offre)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        memes: dict[str, Any] = {"par": CONSEILLERE, "cle": cle()}
        suite = reservations.renouveler(session, une, fin=LUNDI + 5 * JOUR, le=AVANT, **memes)
        match geste:
            case "annuler":
                reservations.annuler(session, une, par=CONSEILLERE, le=LUNDI)
            case "noter_absente":
                motif = MotifSansSuite.NON_DIT
                reservations.noter_absente(session, une, par=CONSEILLERE, motif=motif, le=LUNDI)
            case _:
                chez_elle = le_partenaire(une.vehicule.offre.structure)
                ailleurs = {"accord_le": LUNDI.date(), "le": LUNDI, **jours(4)}
                reservations.deplacer(session, une, par=chez_elle, **ailleurs)
                assert une.debut == LUNDI + 4 * JOUR
        assert suite.etat(LUNDI) is StatutReservation.EXPIREE


@pytest.mark.parametrize("absente", [False, True])
def test_what_was_to_follow_a_stay_falls_with_it(moteur: Engine, absente: bool) -> None:
    """Given up, or not come for: the vehicle is free for all the days, those of the continuations too."""
    with Session(moteur) as session, session.begin():
        offre, [auto] = une_flotte(session, tampon_heures=24)
        une = demander(session, offre)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        suites = [une]
        for rang in (5, 7):
            suites.append(
                reservations.renouveler(
                    session, suites[-1], par=CONSEILLERE, fin=LUNDI + rang * JOUR, cle=cle(), le=AVANT
                )
            )
            reservations.confirmer(session, suites[-1], par=CONSEILLERE, le=AVANT, **VUS)
        if absente:
            motif = MotifSansSuite.SANTE
            reservations.noter_absente(session, une, par=CONSEILLERE, motif=motif, le=LUNDI)
        else:
            reservations.annuler(session, une, par=CONSEILLERE, le=AVANT)
        assert {s.statut for s in suites[1:]} == {StatutReservation.ANNULEE}
        annulees = select(LigneJournal.objet_id).where(LigneJournal.quoi == Evenement.RESERVATION_ANNULEE)
        assert {s.id for s in suites[1:]} <= set(session.scalars(annulees))
        demander(session, offre, vehicule=auto, le=LUNDI, **jours(1, 5))


def test_who_has_the_vehicle_next_is_said_to_who_would_keep_it(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session)
        une = demander(session, offre)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        demander(session, offre, **jours(5))
        with pytest.raises(ProlongationImpossible, match="jusqu'au 28/11/2026") as refus:
            reservations.renouveler(session, une, par=CONSEILLERE, fin=LUNDI + 6 * JOUR, cle=cle(), le=AVANT)
        assert refus.value.jusqu_au == LUNDI + 5 * JOUR
        assert une.libre_le == une.fin
        reservations.renouveler(session, une, par=CONSEILLERE, fin=LUNDI + 5 * JOUR, cle=cle(), le=AVANT)
