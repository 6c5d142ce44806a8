"""A vehicle that should be back and is not: said to its structure, still taken today, given to nobody today."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.base import PARIS
from mobilite.disponibilite import VehiculeDejaReserve, occupations, vehicules_libres
from mobilite.flotte import Vehicule
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne
from tests.integration.sejour import DEPART, Sejour, un_sejour, une_reservation, vu
from web import reservations
from web.app import Application
from web.partenaire.calendrier import lignes_du_mois
from web.transaction import lecture, transaction

ENSUITE = DEPART + timedelta(days=4, hours=1)
"""Ten in the morning, the day after the next: it should have come back two nights ago."""
CE_SOIR = ENSUITE.replace(hour=18)
DEMAIN = ENSUITE + timedelta(days=1)


@pytest.fixture
def clio(moteur: Engine) -> int:
    with Session(moteur) as session:
        offre = une_offre(demonstration=False)
        clio = un_vehicule(offre, libelle="Clio grise")
        nadia = une_personne()
        session.add_all([clio, nadia])
        une_reservation(session, clio, nadia, statut=StatutReservation.REMISE, remise_le=DEPART)
        session.commit()
        return clio.id


def demander(session: Session, clio: int, debut: datetime, cle: str) -> Reservation:
    vehicule = session.get_one(Vehicule, clio)
    fin = DEMAIN + timedelta(days=2)
    return reservations.demander(
        session, acteur=CONSEILLERE, offre=vehicule.offre, debut=debut, fin=fin, cle=cle, le=ENSUITE
    )


def test_who_wants_it_today_is_told_that_it_is_not_back_and_tomorrow_stays_open(
    moteur: Engine, clio: int
) -> None:
    with Session(moteur) as session:
        with pytest.raises(VehiculeDejaReserve, match="« Clio grise » devrait être de retour"):
            demander(session, clio, CE_SOIR, "ce-soir")
        [(_, debut, fin)] = session.execute(occupations([clio], ENSUITE)).all()
        assert (debut, fin) == (DEPART.replace(hour=0), DEMAIN.replace(hour=0)), "taken until midnight"
        demain = demander(session, clio, DEMAIN, "demain")
        assert demain.vehicule_id == clio


def test_back_at_last_it_leaves_the_same_day_and_kept_longer_it_is_not_late(
    moteur: Engine, clio: int
) -> None:
    with Session(moteur) as session:
        sienne = session.scalars(select(Reservation)).one()
        offre = sienne.vehicule.offre_id
        ce_soir = vehicules_libres(offre, CE_SOIR, DEMAIN, le=ENSUITE)
        assert session.scalars(ce_soir).all() == []
        suite = une_reservation(
            session,
            sienne.vehicule,
            une_personne(),
            debut=sienne.fin,
            fin=sienne.fin + timedelta(hours=12),
            renouvelle_id=sienne.id,
            cle_idempotence="suite",
        )
        assert session.scalars(ce_soir).all() == [sienne.vehicule], "whoever keeps it longer is not late"
        ailleurs = un_vehicule(une_offre())
        session.add(ailleurs)
        session.flush()
        suite.vehicule_id, prolonge = ailleurs.id, suite.vehicule_id
        session.flush()
        assert session.scalars(ce_soir).all() == [], "kept longer on another vehicle, this one is not back"
        suite.vehicule_id, suite.statut, suite.expire_le = prolonge, StatutReservation.DEMANDEE, sienne.fin
        session.flush()
        assert session.scalars(ce_soir).all() == [], "nobody answered, and nobody has written it yet"
        suite.statut = StatutReservation.ANNULEE
        session.flush()
        assert session.scalars(ce_soir).all() == []
        reservations.rendre(session, sienne, par=CONSEILLERE, le=ENSUITE)
        assert session.scalars(ce_soir).all() == [sienne.vehicule]


@pytest.fixture
def sejour(app: Application) -> Sejour:
    sejour = un_sejour(app)
    with app.app_context(), transaction() as session:
        session.scalars(select(Reservation)).one().statut = StatutReservation.REMISE
    return sejour


def test_its_structure_reads_since_when_it_is_late_and_sees_it_out_today(sejour: Sejour) -> None:
    with time_machine.travel(ENSUITE, tick=True):
        page = vu(sejour.client.get("/partenaire/"))
        assert "En retard depuis le jeudi 3 décembre" in page.replace("\xa0", " ")
        calendrier = vu(sejour.client.get("/partenaire/calendrier"))
        assert "en retard depuis le jeudi 3 décembre" in calendrier.replace("\xa0", " ")
        with sejour.app.app_context(), lecture() as session:
            structure = session.scalars(select(Vehicule)).one().offre.structure
            du_mois = lignes_du_mois(session, structure, DEMAIN.date().replace(day=1), ENSUITE)
            mois_suivant = lignes_du_mois(
                session, structure, datetime(2027, 1, 1, tzinfo=PARIS).date(), ENSUITE
            )
        assert [i.au for i in du_mois[0].inscriptions] == [ENSUITE.date()]
        assert not mois_suivant[0].inscriptions
    with time_machine.travel(DEPART + timedelta(days=1), tick=True):
        assert "En retard" not in vu(sejour.client.get("/partenaire/"))


def test_whoever_keeps_it_longer_is_not_called_late_and_its_return_alone_does_not_free_what_follows(
    sejour: Sejour,
) -> None:
    with sejour.app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation)).one()
        une_reservation(
            session,
            sienne.vehicule,
            une_personne(),
            debut=sienne.fin,
            fin=sienne.fin + timedelta(days=7),
            renouvelle_id=sienne.id,
            cle_idempotence="suite",
        )
    with time_machine.travel(ENSUITE, tick=True):
        page = vu(sejour.client.get("/partenaire/"))
        assert "En retard" not in page
        assert "Gardé plus longtemps : la suite est confirmée" in page
        assert "Ces jours restent réservés" not in vu(
            sejour.client.get(f"/partenaire/demande/{sejour.reservation}")
        )
        assert sejour.poster("rendre").status_code == 303
        assert "Ces jours restent réservés" in vu(
            sejour.client.get(f"/partenaire/demande/{sejour.reservation}")
        )
