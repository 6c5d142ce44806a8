"""What becomes of a place: exchanged, moved, confirmed, missed; and who decides it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.motif_reservation import MotifSansSuite, SansCaution
from mobilite.refus_reservation import (
    DatesRefusees,
    PapiersNonVus,
    PlaceDejaConfirmee,
    ReservationDejaTraitee,
)
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import (
    AVANT,
    CONSEILLERE,
    LUNDI,
    VUS,
    jours,
    le_partenaire,
)
from tests.integration.flotte_reglee import JOUR, demander, elle, une_flotte
from tests.mesures import chevauchements
from web import reservations


def test_two_bookings_exchange_their_vehicles_whole_or_not_at_all(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, [a, b] = une_flotte(session, vehicules=2, tampon_heures=12)
        une = demander(session, offre, vehicule=a, **jours(0, 3))
        autre = demander(session, offre, vehicule=b, **jours(1, 4))
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        avant = (une.place_confirmee_par, une.place_confirmee_le, une.statut)
        reservations.echanger(session, une, autre, par=CONSEILLERE, le=AVANT)
        assert (une.vehicule_id, autre.vehicule_id) == (b.id, a.id)
        assert (une.place_confirmee_par, une.place_confirmee_le, une.statut) == avant
        assert chevauchements(session) == 0

        genante = demander(session, offre, vehicule=b, **jours(4, 2))
        with pytest.raises(VehiculeDejaReserve):
            reservations.echanger(session, une, autre, par=CONSEILLERE, le=AVANT)
        session.refresh(une)
        assert (une.vehicule_id, autre.vehicule_id, genante.vehicule_id) == (b.id, a.id, b.id)
        assert une.statut is StatutReservation.CONFIRMEE
        assert chevauchements(session) == 0


def test_two_exchanges_of_the_same_two_at_once_do_not_undo_each_other(moteur_postgresql: Engine) -> None:
    with Session(moteur_postgresql) as session, session.begin():
        offre, [a, b] = une_flotte(session, vehicules=2)
        numeros = [demander(session, offre, vehicule=v).id for v in (a, b)]
        vehicules = [a.id, b.id]
    with Session(moteur_postgresql) as une_page, Session(moteur_postgresql) as l_autre_page:
        lues = [une_page.get_one(Reservation, n) for n in numeros]
        les_memes = [l_autre_page.get_one(Reservation, n) for n in numeros]
        reservations.echanger(une_page, *lues, par=CONSEILLERE, le=AVANT)
        une_page.commit()
        with pytest.raises(ReservationDejaTraitee):
            reservations.echanger(l_autre_page, *les_memes, par=CONSEILLERE, le=AVANT)
        assert [r.vehicule_id for r in les_memes] == vehicules[::-1]


def test_a_confirmed_place_changes_vehicles_and_stays_confirmed_until_the_keys_are_out(
    moteur: Engine,
) -> None:
    with Session(moteur) as session, session.begin():
        offre, [a, b] = une_flotte(session, vehicules=2)
        une = demander(session, offre, vehicule=a)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        reservations.changer_vehicule(session, une, b, par=CONSEILLERE, le=AVANT)
        assert (une.vehicule_id, une.statut, une.papiers_vus_le) == (
            b.id,
            StatutReservation.CONFIRMEE,
            AVANT.date(),
        )
        reservations.remettre(session, une, par=CONSEILLERE, le=LUNDI)
        with pytest.raises(ReservationDejaTraitee):
            reservations.changer_vehicule(session, une, a, par=CONSEILLERE, le=LUNDI)


def test_a_confirmed_place_moves_by_its_structure_alone_and_with_her_agreement(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session)
        partenaire = le_partenaire(offre.structure)
        une = demander(session, offre)
        reservations.confirmer(session, une, par=partenaire, le=AVANT, **VUS)
        for par, accord_le in ((CONSEILLERE, AVANT.date()), (partenaire, None)):
            with pytest.raises(PlaceDejaConfirmee, match="d'accord avec la personne"):
                reservations.deplacer(session, une, par=par, accord_le=accord_le, le=AVANT, **jours(1))
        reservations.deplacer(session, une, par=partenaire, accord_le=AVANT.date(), le=AVANT, **jours(1))
        assert (une.debut, une.statut) == (LUNDI + JOUR, StatutReservation.CONFIRMEE)


def test_a_place_is_confirmed_once_every_paper_the_deposit_and_the_referral_are_there(
    moteur_sqlite: Engine,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(
            session,
            fiche={"prix": {"jour": 3, "caution": 150}},
            prescription_requise=True,
            caution_dispensable=False,
        )
        une = demander(session, offre)
        documents = ("permis", "justificatif de domicile")
        base: dict[str, Any] = {"par": CONSEILLERE, "le": AVANT, "documents": documents} | VUS
        reservations.noter_papiers(session, une, par=CONSEILLERE, vus={"permis": AVANT.date()}, le=AVANT)
        with pytest.raises(PapiersNonVus, match=r"justificatif de domicile.*fiche d'orientation") as refus:
            reservations.confirmer(session, une, **base)
        assert "« permis »" not in refus.value.phrase
        complet = base | {
            "documents_vus": {"justificatif de domicile": AVANT.date()},
            "prescrite_par": "Mission locale",
            "prescrite_le": AVANT.date(),
        }
        renonce: dict[str, Any] = {
            "caution_vue_le": None,
            "sans_caution": SansCaution.RENONCEE,
            "sans_caution_mot": "RSA",
        }
        with pytest.raises(PapiersNonVus, match="demande toujours"):
            reservations.confirmer(session, une, **(complet | renonce))
        garantie: dict[str, Any] = {"caution_vue_le": None, "sans_caution": SansCaution.AVANCEE}
        reservations.confirmer(session, une, **(complet | garantie))
        assert set(une.vus_le) == set(documents)
        assert (une.sans_caution, une.prescrite_par) == (SansCaution.AVANCEE, "Mission locale")


def test_who_does_not_come_for_lack_of_a_ride_is_called_and_loses_nothing(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session, reservations_par_mois=1)
        personne = elle(session)
        une = demander(session, offre, personne_id=personne.id)
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        absence: dict[str, Any] = {"par": CONSEILLERE, "motif": MotifSansSuite.TRANSPORT}
        with pytest.raises(DatesRefusees, match="pas encore passée"):
            reservations.noter_absente(session, une, le=AVANT, **absence)
        reservations.noter_absente(session, une, le=LUNDI, **absence)
        assert session.scalars(reservations.absences_a_suivre()).all() == [une]
        reservations.noter_recontactee(session, une, par=CONSEILLERE, le=LUNDI)
        assert session.scalars(reservations.absences_a_suivre()).all() == []
        demander(session, offre, personne_id=personne.id, le=LUNDI, **jours(1, 1))
