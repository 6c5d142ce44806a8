"""Tasks by the clock: once a slot whoever looks, on both databases, and nothing in the hour that comes twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.base import PARIS, maintenant
from mobilite.journal import Evenement, LigneJournal
from mobilite.passage_tache import PassageTache
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne
from web.commandes import mobilite
from web.creneaux import ChaqueJour, ToutesLes
from web.passages import Passage, Tache, executer, passer
from web.reservations import demander
from web.taches import TACHES

MIDI = datetime(2026, 11, 24, 11, tzinfo=UTC)
QUART_D_HEURE = ToutesLes(timedelta(minutes=15))


def une_tache(faire: list[Passage], cadence: ToutesLes | ChaqueJour = QUART_D_HEURE) -> Tache:
    """A task that notes each of its runs."""

    def noter(session: Session, passage: Passage) -> int:
        faire.append(passage)
        return 1

    return Tache("essai", cadence, "Essai.", noter)


def lignes(moteur: Engine) -> list[datetime]:
    with Session(moteur) as session:
        return list(session.scalars(select(PassageTache.prevu_le).order_by(PassageTache.prevu_le)))


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
    assert [executer(liberer, moteur, maintenant()) for _ in range(2)] == [1, 0]
    with Session(moteur) as session:
        assert session.scalars(select(Reservation.statut)).one() is StatutReservation.EXPIREE
        expirees = select(LigneJournal).where(LigneJournal.quoi == Evenement.RESERVATION_EXPIREE.value)
        assert len(session.scalars(expirees).all()) == 1


def test_de_quatre_qui_regardent_ensemble_un_seul_fait_le_travail(moteur: Engine) -> None:
    faits: list[Passage] = []
    depart = threading.Barrier(4)

    def regarder(_rang: int) -> int | None:
        depart.wait(timeout=30)
        return passer(moteur, une_tache(faits), MIDI)

    with ThreadPoolExecutor(4) as fils:
        resultats = list(fils.map(regarder, range(4)))
    assert len(faits) == 1 and sorted(resultats, key=str) == [1, None, None, None]


def test_un_travail_interrompu_ne_laisse_ni_ligne_ni_trace_et_un_autre_le_fait(moteur: Engine) -> None:
    faits: list[Passage] = []

    def s_arreter(session: Session, passage: Passage) -> int:
        session.add(une_personne(prenom="Perdue"))
        session.flush()
        raise KeyboardInterrupt

    tache = une_tache(faits)
    with pytest.raises(KeyboardInterrupt):
        passer(moteur, Tache("essai", tache.cadence, "Essai.", s_arreter), MIDI)
    assert lignes(moteur) == []
    assert passer(moteur, tache, MIDI) == 1
    assert len(faits) == 1


def test_les_creneaux_manques_sont_rattrapes_en_une_fois_et_chacun_a_sa_ligne(moteur: Engine) -> None:
    faits: list[Passage] = []
    tache = une_tache(faits)
    passer(moteur, tache, MIDI)
    passer(moteur, tache, MIDI + timedelta(minutes=61))
    assert [len(passage.creneaux) for passage in faits] == [1, 4]
    assert lignes(moteur) == [MIDI + timedelta(minutes=15 * rang) for rang in range(5)]
    assert passer(moteur, tache, MIDI + timedelta(minutes=62)) is None


def test_qui_tient_le_verrou_trop_longtemps_n_est_pas_attendu(moteur: Engine) -> None:
    faits: list[Passage] = []
    tache = une_tache(faits)
    with Session(moteur) as gelee, gelee.begin():
        gelee.add(PassageTache(tache="essai", prevu_le=MIDI, fait_le=MIDI))
        gelee.flush()
        assert passer(moteur, tache, MIDI) is None
    assert faits == []


@pytest.mark.parametrize("jour", ["2026-10-25", "2027-03-28", "2026-11-24"])
def test_rien_n_est_prevu_de_deux_a_trois_heures_meme_les_nuits_ou_l_heure_change(jour: str) -> None:
    minuit = datetime.fromisoformat(jour).replace(tzinfo=PARIS)
    debut, fin = minuit.astimezone(UTC), (minuit + timedelta(days=1)).astimezone(UTC)
    creneaux = ToutesLes(timedelta(hours=1)).creneaux(
        debut - timedelta(seconds=1), fin - timedelta(seconds=1)
    )
    murales = [creneau.astimezone(PARIS).hour for creneau in creneaux]
    assert murales == [heure for heure in range(24) if heure != 2]
    chaque_jour = ChaqueJour(3, 5).creneaux(debut, fin)
    assert [creneau.astimezone(PARIS).strftime("%H:%M") for creneau in chaque_jour] == ["03:05"]


def test_une_tache_de_deux_heures_du_matin_ne_peut_pas_s_ecrire() -> None:
    with pytest.raises(ValueError, match="02:00"):
        ChaqueJour(2, 30)


def test_la_commande_fait_les_taches_et_les_nomme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    sorties = [
        CliRunner().invoke(mobilite, ["taches", option]).stdout for option in ("--lister", "--une-fois")
    ]
    assert sorties[0].startswith("liberer-les-demandes · toutes les 5 minutes · dernier passage : jamais")
    faites = [f"{tache.id} : 0" for tache in TACHES]
    assert sorties[1].splitlines() == [*faites, "envoyer-les-messages : 0"]
