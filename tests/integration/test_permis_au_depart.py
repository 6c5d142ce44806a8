"""A licence is judged on the first day of the stay: by then it is older, and so is she."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.besoin import CategoriePermis
from mobilite.flotte import Vehicule
from mobilite.offre import Offre
from mobilite.personnes import Personne
from tests.fabriques import AVANT, CONSEILLERE, VUS, un_vehicule, une_offre
from tests.integration.flotte_reglee import JOUR, cle, demander, elle, entiers
from web import reservations
from web.aptitude import ConduiteRefusee, a_verifier
from web.convenance import convenances
from web.personne.vehicules import vehicules_possibles

OBTENU = date(2025, 1, 10)
DEUX_ANS = {"permis_mois_min": 24}
TROP_TOT, ASSEZ_TARD = date(2026, 12, 1), date(2027, 1, 15)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(AVANT, tick=False):
        yield


def jeune_permis(session: Session) -> Personne:
    permis = {"type": [CategoriePermis.B.value], "etat": "valide", "obtenu_le": OBTENU.isoformat()}
    return elle(session, permis=permis, annee_naissance=1990)


def deux_voitures(session: Session, **regle: Any) -> Offre:
    offre = une_offre()
    session.add_all([un_vehicule(offre, **regle) for _ in range(2)])
    session.flush()
    return offre


def test_a_licence_that_will_be_old_enough_that_day_books_and_is_confirmed_today(
    moteur_sqlite: Engine,
) -> None:
    with Session(moteur_sqlite) as session:
        offre, personne = deux_voitures(session, **DEUX_ANS), jeune_permis(session)
        with pytest.raises(ConduiteRefusee):
            demander(session, offre, personne_id=personne.id, **entiers(TROP_TOT, 3))
        demande = demander(session, offre, personne_id=personne.id, **entiers(ASSEZ_TARD, 3))
        assert a_verifier(session, personne.id, demande.vehicule, ASSEZ_TARD) == ()
        reservations.confirmer(session, demande, par=CONSEILLERE, le=AVANT, **VUS)
        suite = reservations.renouveler(
            session, demande, par=CONSEILLERE, cle=cle(), le=AVANT, fin=demande.fin + 2 * JOUR
        )
        assert suite.debut == demande.fin
        session.rollback()


def test_sooner_days_and_other_vehicles_are_judged_on_the_first_day_too(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session:
        offre, personne = deux_voitures(session, **DEUX_ANS), jeune_permis(session)
        demande = demander(session, offre, personne_id=personne.id, **entiers(ASSEZ_TARD, 3))
        des_deux = select(Vehicule).where(Vehicule.offre_id == offre.id)
        autre = session.scalars(des_deux.where(Vehicule.id != demande.vehicule_id)).one()
        assert list(convenances(personne, demande.vehicule, [autre], ASSEZ_TARD)) == [autre.id]
        assert convenances(personne, demande.vehicule, [autre], TROP_TOT) == {}
        reservations.changer_vehicule(session, demande, autre, par=CONSEILLERE, le=AVANT)
        with pytest.raises(ConduiteRefusee):
            reservations.deplacer(session, demande, par=CONSEILLERE, le=AVANT, **entiers(TROP_TOT, 3))
        assert demande.vehicule_id == autre.id
        session.rollback()


def test_an_age_that_is_passed_by_then_is_refused_although_it_fits_today(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session:
        offre = une_offre(fiche={"conditions": {"fait": "age", "au_plus": 25}})
        session.add(un_vehicule(offre))
        session.flush()
        permis = {"type": [CategoriePermis.B.value], "etat": "valide"}
        personne = elle(session, permis=permis, annee_naissance=2000)
        demander(session, offre, personne_id=personne.id, **entiers(TROP_TOT, 3))
        with pytest.raises(ConduiteRefusee):
            demander(session, offre, personne_id=personne.id, **entiers(ASSEZ_TARD, 3))
        aujourdhui = AVANT.date()
        assert vehicules_possibles(session, personne, aujourdhui, offre)
        assert vehicules_possibles(session, personne, aujourdhui, offre, depart=ASSEZ_TARD) == []
        session.rollback()
