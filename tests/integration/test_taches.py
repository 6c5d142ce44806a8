"""Jobs by the clock: they change what they say, and running them again changes nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.base import maintenant
from mobilite.journal import Evenement, LigneJournal
from mobilite.reservation import Reservation, StatutReservation
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne
from web.commandes import mobilite
from web.reservations import demander
from web.taches import TACHES, executer


def test_une_demande_sans_reponse_est_fermee_une_seule_fois_et_le_journal_le_dit(moteur: Engine) -> None:
    debut = maintenant() + timedelta(days=3)
    with Session(moteur) as session, session.begin():
        offre, personne = une_offre(), une_personne()
        session.add_all([offre, personne, un_vehicule(offre)])
        session.flush()
        demander(
            session,
            acteur=CONSEILLERE,
            offre=offre,
            debut=debut,
            fin=debut + timedelta(days=3),
            cle="formulaire-1",
            personne_id=personne.id,
            le=maintenant() - timedelta(days=4),
        )
    liberer = next(tache for tache in TACHES if tache.id == "liberer-les-demandes")
    assert [executer(liberer, moteur) for _ in range(2)] == [1, 0]
    with Session(moteur) as session:
        assert session.scalars(select(Reservation.statut)).one() is StatutReservation.EXPIREE
        expirees = select(LigneJournal).where(LigneJournal.quoi == Evenement.RESERVATION_EXPIREE.value)
        assert len(session.scalars(expirees).all()) == 1


def test_la_commande_fait_les_taches_et_les_nomme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    sorties = [
        CliRunner().invoke(mobilite, ["taches", option]).stdout for option in ("--lister", "--une-fois")
    ]
    assert sorties[0].startswith("liberer-les-demandes · toutes les 5 minutes")
    assert sorties[1].splitlines() == [f"{tache.id} : 0" for tache in TACHES]
