"""A vehicle stops: its bookings get another one at once, the right one, and nobody is ever forgotten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME
from mobilite.candidate import Boite, CategorieVehicule
from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.flotte import Energie, Vehicule, VehiculeIndisponible, immobilisations
from mobilite.immobilisation import MotifImmobilisation
from mobilite.journal import Evenement, LigneJournal
from mobilite.motif_reservation import MotifSansSuite
from mobilite.notification import EtatMessage, Message
from mobilite.offre import Offre
from mobilite.personnes import Joindre
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import (
    AVANT,
    CONSEILLERE,
    LUNDI,
    VUS,
    cles,
    jours,
    la_personne,
    le_partenaire,
    un_vehicule,
    une_offre,
    une_personne,
    une_structure,
)
from tests.mesures import chevauchements
from web import relogement, reservations
from web.passages import Passage
from web.taches import TACHES

cle = cles()
PANNE = MotifImmobilisation.PANNE


class Parc:
    """One structure, one offer, and what happens to them."""

    def __init__(self, session: Session, **offre: Any) -> None:
        self.session = session
        self.offre = une_offre(structure=une_structure(), **offre)
        session.add(self.offre)
        session.flush()
        self.par = le_partenaire(self.offre.structure)

    def vehicule(self, libelle: str, offre: Offre | None = None, **choix: Any) -> Vehicule:
        vehicule = un_vehicule(offre or self.offre, libelle=libelle, **choix)
        self.session.add(vehicule)
        self.session.flush()
        return vehicule

    def place(self, vehicule: Vehicule, *, debut: int = 0, duree: int = 3, **choix: Any) -> Reservation:
        reservation = reservations.demander(
            self.session,
            acteur=CONSEILLERE,
            offre=vehicule.offre,
            vehicule=vehicule,
            cle=cle(),
            le=AVANT,
            **(jours(debut, duree) | choix),
        )
        reservations.confirmer(self.session, reservation, par=self.par, le=AVANT, **VUS)
        return reservation

    def panne(self, vehicule: Vehicule, **choix: Any) -> relogement.PlanDeRelogement:
        defauts: dict[str, Any] = {"motif": PANNE, "debut": AVANT, "fin": None, "cle": cle(), "le": AVANT}
        return relogement.immobiliser(self.session, vehicule, par=self.par, **(defauts | choix))[1]


@pytest.fixture
def parc(moteur: Engine) -> Any:
    with Session(moteur) as session, session.begin():
        yield Parc(session)


def elle(session: Session, **choix: Any) -> Any:
    """Somebody with a licence of ten years, who may be told by text message."""
    permis = {"type": "B", "etat": "valide", "obtenu_le": "2015-01-01"}
    defauts: dict[str, Any] = {
        "telephone": "+33639981234",
        "joindre": Joindre.TELEPHONE,
        "message_possible": True,
        "annee_naissance": 1980,
        "permis": permis,
    }
    personne = une_personne(**(defauts | choix))
    session.add(personne)
    session.flush()
    return personne


def test_a_breakdown_moves_its_bookings_to_a_like_vehicle_and_tells_them(parc: Parc) -> None:
    clio, zoe = parc.vehicule("Clio grise"), parc.vehicule("Clio bleue")
    personne = elle(parc.session)
    place = parc.place(clio, personne_id=personne.id)
    plus_tard = parc.place(zoe, debut=10)

    plan = parc.panne(clio)

    assert [(x.reservation.id, x.vers) for x in plan.relogees] == [(place.id, zoe)]
    assert plan.relogees[0].phrase == (
        "Votre véhicule est en panne : vous aurez « Clio bleue », mêmes jours, mêmes heures."
    )
    assert (place.vehicule_id, place.statut) == (zoe.id, StatutReservation.CONFIRMEE)
    assert place.place_confirmee_par == VUS["place_confirmee_par"]
    assert plus_tard.vehicule_id == zoe.id
    dits = parc.session.scalars(select(Message).where(Message.etat == EtatMessage.EN_ATTENTE)).all()
    assert [m.genre for m in dits if m.personne_id == personne.id] == ["vehicule_change"]
    assert relogement.reservations_a_reloger(parc.session, AVANT) == []
    assert not relogement.preparer(parc.session, parc.offre.structure_id, le=AVANT)


def test_what_nothing_suits_stays_to_be_decided_and_is_told_once(parc: Parc) -> None:
    clio = parc.vehicule("Clio grise")
    personne = elle(parc.session)
    place = parc.place(clio, personne_id=personne.id)
    plan = parc.panne(clio)
    relogement.reloger_la_structure(parc.session, parc.offre.structure_id, par=parc.par, le=AVANT)
    assert [x.phrase for x in plan.sans_vehicule] == [
        "Le véhicule est en panne, et rien de semblable n'est libre ces jours-là."
    ]
    assert place.statut is StatutReservation.CONFIRMEE
    assert relogement.reservations_a_reloger(parc.session, AVANT) == [(place, "est en panne")]
    dits = parc.session.scalars(select(Message).where(Message.genre == "sans_vehicule")).all()
    assert len(dits) == 1


def test_what_she_asked_instead_once_confirmed_gives_the_stopped_vehicle_back(parc: Parc) -> None:
    """One booking for the same days, never two: not the re-housing of the first beside the second."""
    clio = parc.vehicule("Clio grise")
    personne = elle(parc.session)
    perdue = parc.place(clio, personne_id=personne.id)
    plus_tard = parc.place(clio, debut=20, personne_id=personne.id)
    parc.panne(clio)
    zoe = parc.vehicule("Zoé arrivée depuis")

    remplacante = reservations.demander(
        parc.session,
        acteur=la_personne(personne),
        offre=parc.offre,
        vehicule=zoe,
        cle=cle(),
        le=AVANT,
        **jours(),
    )
    assert perdue.statut is StatutReservation.CONFIRMEE, "nobody has said yes to the other yet"
    reservations.confirmer(parc.session, remplacante, par=parc.par, le=AVANT, **VUS)

    assert (perdue.statut, perdue.motif) == (StatutReservation.ANNULEE, MotifSansSuite.AUTRE_SOLUTION)
    assert plus_tard.statut is StatutReservation.CONFIRMEE
    [encore] = relogement.preparer(parc.session, parc.offre.structure_id, le=AVANT).relogees
    assert encore.reservation is plus_tard


def test_a_stopped_vehicle_is_not_booked_while_it_is_away_and_is_again_afterwards(parc: Parc) -> None:
    clio = parc.vehicule("Clio grise")
    parc.panne(clio, debut=LUNDI, fin=LUNDI + timedelta(days=2))
    parc.session.expire(clio, ["immobilisations"])
    with pytest.raises(VehiculeIndisponible, match="revient le 25/11/2026"):
        parc.place(clio, debut=1)
    assert parc.place(clio, debut=2).vehicule_id == clio.id
    lus = parc.session.execute(immobilisations([clio.id], LUNDI, LUNDI + timedelta(days=1))).all()
    assert [(v, debut, motif) for v, debut, _, motif in lus] == [(clio.id, LUNDI, PANNE)]
    assert parc.session.execute(immobilisations([clio.id], LUNDI + timedelta(days=2), LUNDI + timedelta(days=9))).all() == []  # fmt: skip


def test_back_on_the_road_the_bookings_left_have_their_vehicle_again(parc: Parc) -> None:
    clio = parc.vehicule("Clio grise")
    personne = elle(parc.session)
    place = parc.place(clio, personne_id=personne.id)
    arret, _ = relogement.immobiliser(
        parc.session, clio, par=parc.par, motif=PANNE, debut=AVANT, fin=None, cle="une", le=AVANT
    )
    relogement.remettre_en_route(parc.session, clio, arret, par=parc.par, le=AVANT + timedelta(hours=2))
    assert relogement.reservations_a_reloger(parc.session, AVANT + timedelta(hours=2)) == []
    assert place.vehicule_id == clio.id
    en_attente = select(Message.texte).where(Message.etat == EtatMessage.EN_ATTENTE)
    (dit,) = parc.session.scalars(en_attente.where(Message.personne_id == personne.id))
    assert "roule à nouveau" in dit


def test_a_second_breakdown_is_told_again_and_takes_back_that_it_runs(parc: Parc) -> None:
    """Broken, repaired, broken: nobody is left with « roule à nouveau » for a vehicle that stands still."""
    clio = parc.vehicule("Clio grise")
    personne = elle(parc.session)
    parc.place(clio, personne_id=personne.id)
    arret, _ = relogement.immobiliser(
        parc.session, clio, par=parc.par, motif=PANNE, debut=AVANT, fin=None, cle="une", le=AVANT
    )
    repare, encore = AVANT + timedelta(hours=2), AVANT + timedelta(hours=3)
    relogement.remettre_en_route(parc.session, clio, arret, par=parc.par, le=repare)
    parc.panne(clio, debut=encore, le=encore)
    relogement.reloger_la_structure(parc.session, parc.offre.structure_id, par=parc.par, le=encore)
    siens = select(Message.genre, Message.texte).where(
        Message.personne_id == personne.id, Message.etat == EtatMessage.EN_ATTENTE
    )
    [(genre, texte)] = parc.session.execute(siens)
    assert genre == "sans_vehicule"
    assert "est en panne" in texte


def test_one_of_two_stops_that_ends_is_not_told_as_another_breakdown(parc: Parc) -> None:
    clio = parc.vehicule("Clio grise")
    personne = elle(parc.session)
    parc.place(clio, personne_id=personne.id)
    parc.panne(clio)
    entretien, _ = relogement.immobiliser(
        parc.session, clio, par=parc.par, motif=PANNE, debut=AVANT, fin=None, cle="autre", le=AVANT
    )
    ensuite = AVANT + timedelta(hours=2)
    relogement.remettre_en_route(parc.session, clio, entretien, par=parc.par, le=ensuite)
    relogement.reloger_la_structure(parc.session, parc.offre.structure_id, par=parc.par, le=ensuite)
    dits = parc.session.scalars(select(Message.genre).where(Message.personne_id == personne.id)).all()
    assert dits.count("sans_vehicule") == 1


def test_the_same_form_sent_twice_stops_the_vehicle_once(parc: Parc) -> None:
    clio = parc.vehicule("Clio grise")
    for _ in range(2):
        parc.panne(clio, cle="double appui")
    parc.session.expire(clio)
    assert len(clio.immobilisations) == 1


def test_the_keys_handed_over_stay_and_are_shown(parc: Parc) -> None:
    clio, _ = parc.vehicule("Clio grise"), parc.vehicule("Clio bleue")
    place = parc.place(clio)
    reservations.remettre(parc.session, place, par=parc.par, le=LUNDI)
    plan = parc.panne(clio, debut=LUNDI + timedelta(hours=1), le=LUNDI + timedelta(hours=1))
    assert plan.cles_en_main == (place,)
    assert (plan.changements, plan.sans_vehicule, place.vehicule_id) == ((), (), clio.id)


@pytest.mark.parametrize(
    ("elle_a", "autre", "attendu"),
    [
        ({"permis": {"type": "B78", "etat": "valide"}}, {"boite": Boite.MANUELLE}, "refuse"),
        ({}, {"permis_mois_min": 36}, "donne"),
        ({"annee_naissance": 2006}, {"age_min": 25}, "refuse"),
        ({"annee_naissance": None}, {"age_min": 25}, "a_voir"),
        ({}, {"energie": Energie.ELECTRIQUE}, "a_voir"),
        ({}, {"places": 2}, "a_voir"),
        ({}, {"categorie": CategorieVehicule.VOITURETTE}, "refuse"),
        ({}, {"ct_valable_au": LUNDI.date()}, "refuse"),
        ({}, {"sorti_le": LUNDI.date()}, "refuse"),
        ({}, {"en_service": False}, "refuse"),
    ],
)
def test_only_what_law_offer_and_insurer_allow_is_given_and_doubts_are_left_to_somebody(
    moteur_sqlite: Engine, elle_a: dict[str, Any], autre: dict[str, Any], attendu: str
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        parc = Parc(session)
        sienne = parc.vehicule("Auto", boite=Boite.AUTOMATIQUE, energie=Energie.ESSENCE, places=5)
        pareille: dict[str, Any] = {"boite": Boite.AUTOMATIQUE, "energie": Energie.ESSENCE, "places": 5}
        suivante = parc.vehicule("Autre", **(pareille | autre))
        place = parc.place(sienne, personne_id=elle(session, **elle_a).id)
        plan = parc.panne(sienne)
        if attendu == "donne":
            assert place.vehicule_id == suivante.id
            return
        assert place.vehicule_id == sienne.id
        (ligne,) = plan.sans_vehicule
        assert [p.vehicule.id for p in ligne.propositions] == ([suivante.id] if attendu == "a_voir" else [])
        if attendu == "a_voir":
            relogement.choisir_vehicule(session, place, suivante, par=parc.par, le=AVANT)
            assert place.vehicule_id == suivante.id
        else:
            with pytest.raises(VehiculeIndisponible):
                relogement.choisir_vehicule(session, place, suivante, par=parc.par, le=AVANT)


def test_another_price_is_never_imposed(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        parc = Parc(session, fiche={"prix": {"jour": 3}})
        chere = une_offre(structure=parc.offre.structure, fiche={"prix": {"jour": 9}})
        sienne, _ = parc.vehicule("Clio grise"), parc.vehicule("Berline", chere)
        parc.place(sienne, personne_id=elle(session).id)
        (ligne,) = parc.panne(sienne).sans_vehicule
        assert ligne.propositions[0].a_voir == ("Si le prix lui convient : ce n'est pas le même",)


def test_somebody_makes_room_when_that_serves_one_more(parc: Parc) -> None:
    """Her insurer's rule leaves her one vehicle; whoever has it is as well served by the last one."""
    stoppee, prise = parc.vehicule("A"), parc.vehicule("B")
    severe = parc.vehicule("C", permis_mois_min=60)
    recent = {"type": "B", "etat": "valide", "obtenu_le": "2025-01-01"}
    perdue = parc.place(stoppee, personne_id=elle(parc.session, permis=recent).id)
    genee = parc.place(prise, personne_id=elle(parc.session).id)
    plan = parc.panne(stoppee)
    assert [x.reservation.id for x in plan.derangees] == [genee.id]
    assert (perdue.vehicule_id, genee.vehicule_id) == (prise.id, severe.id)


def test_an_inspection_that_ends_first_leaves_the_booking_to_be_re_housed(parc: Parc) -> None:
    clio = parc.vehicule("Clio grise", ct_valable_au=date(2027, 6, 1))
    place = parc.place(clio)
    clio.ct_valable_au = LUNDI.date()
    parc.session.flush()
    raison = "n'a plus de contrôle technique"
    assert relogement.reservations_a_reloger(parc.session, AVANT) == [(place, raison)]
    autre = parc.vehicule("Clio bleue")
    relogement.reloger_la_structure(parc.session, parc.offre.structure_id, par=parc.par, le=AVANT)
    assert place.vehicule_id == autre.id


def ensemble(gestes: list[Callable[[], Any]]) -> list[Any]:
    """All released at once, each in its own transaction."""
    with ThreadPoolExecutor(len(gestes)) as fils:
        return [fil.result(timeout=60) for fil in [fils.submit(g) for g in gestes]]


def test_bookings_that_arrive_during_a_breakdown_never_land_on_the_stopped_vehicle(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        parc = Parc(session)
        clio, secours = parc.vehicule("Clio grise"), parc.vehicule("Clio bleue")
        for rang in range(4):
            parc.place(clio, debut=4 * rang)
        offre_id, clio_id, secours_id, par = parc.offre.id, clio.id, secours.id, parc.par
        structure_id = parc.offre.structure_id

    def reserver(rang: int) -> str:
        try:
            with Session(moteur) as session, session.begin():
                reservations.demander(
                    session,
                    acteur=CONSEILLERE,
                    offre=session.get_one(Offre, offre_id),
                    cle=f"pendant-{rang}",
                    le=AVANT,
                    **jours(2 * rang, 1),
                )
        except VehiculeDejaReserve:
            return "prise"
        return "servie"

    def tomber_en_panne() -> str:
        with Session(moteur) as session, session.begin():
            vehicule = session.get_one(Vehicule, clio_id)
            relogement.immobiliser(
                session, vehicule, par=par, motif=PANNE, debut=AVANT, fin=None, cle="panne", le=AVANT
            )
        return "panne"

    ensemble([tomber_en_panne, *((lambda rang=rang: reserver(rang)) for rang in range(8))])

    with Session(moteur) as session:
        assert chevauchements(session) == 0
        perdues = {r.id for r, _ in relogement.reservations_a_reloger(session, AVANT)}
        ou = {r.id: r.vehicule_id for r in session.scalars(select(Reservation))}
        assert {numero for numero, vehicule in ou.items() if vehicule == clio_id} == perdues
        assert {vehicule for numero, vehicule in ou.items() if numero not in perdues} == {secours_id}
        # Whoever is still on the stopped vehicle was there when it stopped, and the other one has no room.
        dites = select(LigneJournal.objet_id).where(
            LigneJournal.quoi == Evenement.RESERVATION_A_RELOGER.value
        )
        assert set(session.scalars(dites)) == perdues
        assert not relogement.preparer(session, structure_id, le=AVANT).changements


def test_every_morning_an_insurance_that_ends_rehouses_by_itself_once(moteur: Engine) -> None:
    """Nobody clicked: the fleet that can is re-housed, the other one is left to somebody, neither stops the other."""
    tache = next(t for t in TACHES if t.id == "reloger")
    with Session(moteur) as session:
        parcs = [Parc(session), Parc(session)]
        clio, yaris = parcs[0].vehicule("Clio"), parcs[0].vehicule("Yaris")
        seule = parcs[1].vehicule("Seule")
        relogee, laissee = parcs[0].place(clio), parcs[1].place(seule)
        for vehicule in (clio, seule):
            vehicule.assurance_valable_au = LUNDI.date()
        session.flush()
        passage = Passage(AVANT, (AVANT,))
        assert tache.faire(session, passage) == 1
        assert (relogee.vehicule_id, laissee.vehicule_id) == (yaris.id, seule.id)
        faits = select(LigneJournal.quoi, LigneJournal.acteur_id).order_by(LigneJournal.id.desc()).limit(2)
        assert {(quoi, qui) for quoi, qui in session.execute(faits)} == {
            (Evenement.RESERVATION_CHANGEE.value, PLATEFORME.id),
            (Evenement.RESERVATION_A_RELOGER.value, PLATEFORME.id),
        }
        combien = session.scalar(select(func.count()).select_from(LigneJournal))
        assert tache.faire(session, passage) == 0
        assert session.scalar(select(func.count()).select_from(LigneJournal)) == combien
