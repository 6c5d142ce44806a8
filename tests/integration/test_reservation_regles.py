"""What a fleet asks holds for every request, says why, and says what to do; on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import PARIS, HeureUTC
from mobilite.besoin import CategoriePermis, EtatPermis
from mobilite.candidate import Boite, CategorieVehicule, Genre
from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.flotte import Vehicule
from mobilite.motif_reservation import CanalDemande
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Personne
from mobilite.regles_de_flotte import RegleDeFlotte
from mobilite.reservation import (
    Reservation,
    est_un_chevauchement,
)
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
)
from tests.integration.flotte_reglee import JOUR, cle, demander, elle, entiers, une_flotte
from web import reservations
from web.aptitude import ConduiteRefusee, a_verifier
from web.base_de_donnees import mettre_a_jour
from web.reservations import ProlongationImpossible
from web.reservations.demandes import DejaUnVehicule, inserer

SAMEDI = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("regles", "fiche", "dates", "regle", "mots"),
    [
        ({}, {"preavis_heures": 144}, jours(), "preavis", "6 jours"),
        ({}, {"delai_jours": 10}, entiers(LUNDI.date(), 2), "preavis", "28/11/2026"),
        ({}, {"duree_max_jours": 2}, jours(), "duree_max", "2 jours au plus"),
        ({"ouvertures": "lun-ven 9:00-17:00"}, {}, entiers(SAMEDI, 3), "ouverture", "lundi à vendredi"),
        ({"ouvertures": "lun-ven 9:00-17:00"}, {}, entiers(LUNDI.date(), 6), "ouverture", "le dernier jour"),
        ({"ouvertures": "lun-ven 10:00-17:00"}, {}, jours(), "ouverture", "heures d’ouverture"),
        (
            {"fermetures": [{"du": "2026-11-23", "au": "2026-11-24"}]},
            {},
            jours(),
            "fermeture",
            "du 23/11/2026 au 24/11/2026",
        ),
    ],
)
def test_each_rule_of_the_days_refuses_and_says_what_to_choose(
    moteur_sqlite: Engine,
    regles: dict[str, Any],
    fiche: dict[str, Any],
    dates: dict[str, Any],
    regle: str,
    mots: str,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session, fiche=fiche, **regles)
        with pytest.raises(RegleDeFlotte) as refus:
            demander(session, offre, **dates)
        assert refus.value.regle == regle
        assert mots in refus.value.phrase
        assert "Choisissez" in refus.value.phrase


def test_an_offer_without_rules_asks_nothing_and_its_sheet_alone_refuses_nobody(
    moteur_sqlite: Engine,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre = une_offre(fiche={"preavis_heures": 1000, "duree_max_jours": 1})
        session.add(un_vehicule(offre))
        session.flush()
        demande = demander(session, offre)
        assert demande.libre_le == demande.fin
        assert demande.expire_le == AVANT + timedelta(hours=48)


def test_the_fleet_says_how_long_a_request_keeps_its_vehicle_never_past_its_start(
    moteur_sqlite: Engine,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session, vehicules=2, tenue_heures=72)
        assert demander(session, offre).expire_le == AVANT + timedelta(hours=72)
        assert demander(session, offre, **jours(-4, 1)).expire_le == LUNDI - 4 * JOUR


def test_moving_a_request_never_gives_it_more_time(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session)
        demande = demander(session, offre)
        limite = demande.expire_le
        plus_tard = AVANT + timedelta(hours=40)
        reservations.deplacer(session, demande, par=CONSEILLERE, le=plus_tard, **jours(3))
        assert demande.expire_le == limite


def test_nobody_leaves_during_the_time_a_vehicle_is_made_ready(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, [auto] = une_flotte(session, tampon_heures=24)
        premiere = demander(session, offre)
        assert premiere.libre_le == premiere.fin + JOUR
        for interdit in (jours(3), jours(-2, 2)):
            with pytest.raises(VehiculeDejaReserve) as refus:
                demander(session, offre, **interdit)
        assert refus.value.alternatives.prochaines_dates[0].debut == LUNDI + 4 * JOUR
        suivante = demander(session, offre, **jours(4, 1))
        with pytest.raises(VehiculeDejaReserve):
            reservations.deplacer(session, suivante, par=CONSEILLERE, le=AVANT, **jours(3, 2))
        assert suivante.debut == LUNDI + 4 * JOUR
        occupation = reservations.calendriers(session, AVANT)[offre.id].occupations
        assert occupation[0] == (date(2026, 11, 23), date(2026, 11, 27))
        assert auto.id == suivante.vehicule_id


@pytest.mark.parametrize(
    "retour", [datetime(2027, 3, 28, tzinfo=PARIS), datetime(2027, 10, 31, tzinfo=PARIS)]
)
def test_a_day_to_make_it_ready_is_a_day_on_the_wall_however_the_return_was_read(
    moteur_sqlite: Engine, retour: datetime
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, [a, b] = une_flotte(session, vehicules=2, tampon_heures=24)
        le = retour - timedelta(days=30)
        demande: dict[str, Any] = {"acteur": CONSEILLERE, "offre": offre, "le": le}
        sejour = reservations.demander(
            session, vehicule=a, debut=retour - 2 * JOUR, fin=retour, cle=cle(), **demande
        )
        session.flush()
        session.expire_all()
        # What comes back from a database is in universal time: the night of 23 or 25 hours counts there.
        reservations.changer_vehicule(session, sejour, b, par=CONSEILLERE, le=le)
        assert sejour.libre_le == retour + JOUR
        suivante = retour + JOUR
        reservations.demander(session, vehicule=b, debut=suivante, fin=suivante + JOUR, cle=cle(), **demande)
        reservations.confirmer(session, sejour, par=CONSEILLERE, le=le, **VUS)
        with pytest.raises(ProlongationImpossible) as refus:
            reservations.renouveler(session, sejour, par=CONSEILLERE, fin=retour + 2 * JOUR, cle=cle(), le=le)
        assert refus.value.jusqu_au is None, "not one whole day is left"


def test_the_database_itself_refuses_a_booking_inside_a_buffer(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, [auto] = une_flotte(session, tampon_heures=24)
        premiere = demander(session, offre)
        libre: dict[str, Any] = {"vehicule_id": auto.id, "demandee_par": 1, "expire_le": LUNDI}
        ordre = update(Reservation).where(Reservation.id == premiere.id)
        suivante = Reservation(**libre, **jours(4), cle_idempotence=cle())
        session.add(suivante)
        session.flush()
        for changement in (
            ordre.values(libre_le=premiere.libre_le + timedelta(seconds=1)),
            update(Reservation).where(Reservation.id == suivante.id).values(debut=premiere.fin),
        ):
            with pytest.raises(IntegrityError) as refus, session.begin_nested():
                session.execute(changement)
            assert est_un_chevauchement(refus.value)
        for dates in (jours(3, 1), jours(-3, 2) | {"libre_le": LUNDI + JOUR}):
            assert not inserer(session, Reservation(**libre, **dates, cle_idempotence=cle()))


_UUID = "11111111111111111111111111111111"
_UNE_VIEILLE_RESERVATION = (
    (
        "INSERT INTO structure (id, uuid, nom, genre, telephone, demonstration)"
        f" VALUES (1, '{_UUID}', 'Garage', 'garage_solidaire', '', true)"
    ),
    (
        "INSERT INTO offre (id, uuid, code, nom, genre, structure_id, statut, fiche, demonstration, creee_le, version)"
        f" VALUES (1, '{_UUID}', 'o', 'Offre', 'location_voiture', 1, 'ouverte', '{{}}', true, :debut, 1)"
    ),
    (
        "INSERT INTO vehicule (id, uuid, offre_id, libelle, categorie, en_service)"
        f" VALUES (1, '{_UUID}', 1, 'Clio', 'voiture', true)"
    ),
    (
        "INSERT INTO reservation (id, uuid, vehicule_id, demandee_par, demandee_le, debut, fin, statut,"
        " place_confirmee_par, place_confirmee_le, motif_refus, cle_idempotence)"
        f" VALUES (7, '{_UUID}', 1, 1, :debut, :debut, :fin, 'rendue', 'Paul', :debut, '', 'c')"
    ),
)


def test_bookings_made_before_the_buffer_keep_their_numbers_and_their_days(moteur_vide: Engine) -> None:
    mettre_a_jour(moteur_vide, "0007")
    with moteur_vide.begin() as connexion:
        for ordre in _UNE_VIEILLE_RESERVATION:
            instants = text(ordre).bindparams(
                *(bindparam(nom, type_=HeureUTC()) for nom in ("debut", "fin") if f":{nom}" in ordre)
            )
            dits = {"debut": LUNDI, "fin": LUNDI + JOUR}
            connexion.execute(instants, {nom: dit for nom, dit in dits.items() if f":{nom}" in ordre})
    mettre_a_jour(moteur_vide)
    with Session(moteur_vide) as session:
        [une] = session.scalars(select(Reservation))
        assert (une.id, une.debut, une.fin, une.libre_le) == (7, LUNDI, LUNDI + JOUR, LUNDI + JOUR)
        assert (une.canal, une.documents_vus, une.statut) == (
            CanalDemande.EN_LIGNE,
            {},
            StatutReservation.RENDUE,
        )


def test_returned_early_a_vehicle_still_gets_its_time_and_then_is_free(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, [auto] = une_flotte(session, tampon_heures=24)
        une = demander(session, offre, **jours(0, 10))
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        reservations.remettre(session, une, par=CONSEILLERE, le=LUNDI)
        reservations.rendre(session, une, par=CONSEILLERE, le=LUNDI + JOUR)
        assert (une.rendue_le, une.libre_le) == (LUNDI + JOUR, LUNDI + 2 * JOUR)
        trop_tot = {"debut": LUNDI + 1.5 * JOUR, "fin": LUNDI + 4 * JOUR}
        with pytest.raises(VehiculeDejaReserve):
            demander(session, offre, le=LUNDI + JOUR, vehicule=auto, **trop_tot)
        assert demander(session, offre, le=LUNDI + JOUR, **jours(2)).vehicule_id == auto.id


def test_quotas_count_what_she_had_and_not_what_came_to_nothing(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session, vehicules=3, reservations_par_mois=1, jours_par_30_jours=10)
        personne = elle(session)
        annulee = demander(session, offre, personne_id=personne.id)
        reservations.annuler(session, annulee, par=CONSEILLERE, le=AVANT)
        demander(session, offre, personne_id=personne.id, **entiers(LUNDI.date(), 4))
        demander(session, offre, personne_id=elle(session).id)
        with pytest.raises(RegleDeFlotte, match="1 fois par mois") as refus:
            demander(session, offre, personne_id=personne.id, **entiers(LUNDI.date() + 5 * JOUR, 1))
        assert refus.value.regle == "reservations_par_mois"
        decembre = date(2026, 12, 2)
        with pytest.raises(RegleDeFlotte, match="cela ferait 11 jours"):
            demander(session, offre, personne_id=personne.id, **entiers(decembre, 7))
        demander(session, offre, personne_id=personne.id, **entiers(decembre, 6))


def test_ten_forms_at_once_do_not_pass_a_quota_of_one(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre, _ = une_flotte(session, vehicules=10, reservations_par_mois=1)
        numero, offre_id = elle(session).id, offre.id
    depart = threading.Barrier(10)

    def essayer(rang: int) -> bool:
        depart.wait(timeout=30)
        try:
            with Session(moteur) as session, session.begin():
                demander(
                    session,
                    session.get_one(Offre, offre_id),
                    acteur=Acteur(id=3000 + rang, role=RoleActeur.CONSEILLER),
                    personne_id=numero,
                )
        except RegleDeFlotte:
            return False
        return True

    with ThreadPoolExecutor(10) as fils:
        assert list(fils.map(essayer, range(10))).count(True) == 1
    with Session(moteur) as session:
        assert session.scalar(select(func.count(Reservation.id))) == 1


def test_any_of_these_vehicles_is_the_one_that_has_what_she_needs_and_no_more(moteur_sqlite: Engine) -> None:
    """With a baby the car with its seat, though another has a smaller number; without, the plainest."""
    with Session(moteur_sqlite) as session, session.begin():
        offre, [inconnue, a_rampe, a_coque, simple] = une_flotte(session, vehicules=4)
        a_rampe.places, a_rampe.acces, a_rampe.sieges_enfant = 5, ["rampe"], {}
        a_coque.places, a_coque.acces, a_coque.sieges_enfant = 5, [], {"coque": 1}
        simple.places, simple.acces, simple.sieges_enfant = 2, [], {}
        seul, mere, fils = elle(session), elle(session), elle(session)
        avec_bebe = BesoinExprime(destination="55545", avec=["bebe"])
        mere.besoins.append(avec_bebe)
        fils.besoins.append(BesoinExprime(destination="55545", avec=[{"type": "fauteuil", "nombre": 1}]))
        session.flush()

        def recu(qui: Personne) -> Vehicule:
            return demander(session, offre, personne_id=qui.id).vehicule

        assert [recu(mere), recu(fils), recu(seul)] == [a_coque, a_rampe, inconnue]
        assert recu(elle(session)) is simple


def test_who_asks_alone_has_one_vehicle_of_a_kind_at_a_time(moteur_sqlite: Engine) -> None:
    """Two screens, two keys: the second is told what she has; her adviser may do otherwise."""
    with Session(moteur_sqlite) as session, session.begin():
        offre, _ = une_flotte(session, vehicules=3)
        voisine, _ = une_flotte(session)
        velo = une_offre(genre=Genre.LOCATION_VELO)
        session.add(un_vehicule(velo))
        session.flush()
        personne = elle(session)
        seule = {"acteur": la_personne(personne)}
        une = demander(session, offre, **seule, **jours(0, 3))
        for autre in (offre, voisine):
            with pytest.raises(DejaUnVehicule, match=r"« .+ » du 23/11/2026 au 26/11/2026") as refus:
                demander(session, autre, **seule, **jours(2, 2))
            assert refus.value.autre is une
        demander(session, offre, personne_id=personne.id, **jours(2, 2))
        demander(session, velo, **seule, **jours(2, 2))
        demander(session, offre, **seule, **jours(4, 1))
        reservations.annuler(session, une, par=CONSEILLERE, le=AVANT)
        demander(session, offre, **seule, **jours(0, 1))


def test_who_lost_her_vehicle_to_a_breakdown_may_ask_for_another(moteur_sqlite: Engine) -> None:
    """Her page offers her what else is free: one tap must not be refused because of the vehicle that stopped."""
    with Session(moteur_sqlite) as session, session.begin():
        offre, [clio, autre] = une_flotte(session, vehicules=2)
        seule = la_personne(elle(session))
        demander(session, offre, acteur=seule, vehicule=clio)
        clio.en_service = False
        session.flush()
        assert demander(session, offre, acteur=seule).vehicule is autre
        with pytest.raises(DejaUnVehicule, match=autre.libelle):
            demander(session, offre, acteur=seule)


def test_days_that_she_moves_or_prolongs_do_not_make_two_vehicles_of_a_kind_either(
    moteur_sqlite: Engine,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        offre, [clio, autre] = une_flotte(session, vehicules=2)
        seule = la_personne(elle(session))
        une = demander(session, offre, acteur=seule, vehicule=clio, **jours(0, 3))
        deux = demander(session, offre, acteur=seule, vehicule=autre, **jours(4, 2))
        with pytest.raises(DejaUnVehicule):
            reservations.deplacer(session, deux, par=seule, le=AVANT, **jours(2, 2))
        reservations.deplacer(session, deux, par=seule, le=AVANT, **jours(5, 2))
        reservations.confirmer(session, une, par=CONSEILLERE, le=AVANT, **VUS)
        with pytest.raises(DejaUnVehicule) as refus:
            reservations.renouveler(session, une, par=seule, fin=LUNDI + 6 * JOUR, cle=cle(), le=AVANT)
        assert refus.value.autre is deux
        reservations.renouveler(session, une, par=seule, fin=LUNDI + 5 * JOUR, cle=cle(), le=AVANT)


def un_permis(
    *categories: CategoriePermis, etat: EtatPermis = EtatPermis.VALIDE, **dit: Any
) -> dict[str, Any]:
    types = [c.value for c in categories] or ["aucun"]
    return {"type": types, "etat": etat.value} | dit


B, B78 = CategoriePermis.B, CategoriePermis.B78


@pytest.mark.parametrize(
    ("permis", "naissance", "vehicule", "mots"),
    [
        (un_permis(), 1990, {}, "permis B"),
        (un_permis(B, etat=EtatPermis.SUSPENDU), 1980, {}, "suspendu"),
        (un_permis(B78), 1980, {"boite": Boite.MANUELLE}, "automatiques"),
        (un_permis(B, obtenu_le="2026-06-01"), 1990, {"permis_mois_min": 24}, "permis"),
        (un_permis(), 1988, {"categorie": CategorieVehicule.VOITURETTE}, "AM"),
        (un_permis(B), 1980, {}, ""),
        (un_permis(B78), 1980, {"boite": Boite.AUTOMATIQUE}, ""),
        (un_permis(), 1987, {"categorie": CategorieVehicule.VOITURETTE}, ""),
        (None, 1980, {}, ""),
    ],
)
def test_the_law_and_the_insurer_are_asked_of_the_very_vehicle_before_it_is_booked(
    moteur_sqlite: Engine,
    permis: dict[str, Any] | None,
    naissance: int,
    vehicule: dict[str, Any],
    mots: str,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        genre = Genre.LOCATION_VOITURETTE if "categorie" in vehicule else Genre.LOCATION_VOITURE
        offre = une_offre(genre=genre)
        auto = un_vehicule(offre, **vehicule)
        session.add(auto)
        personne = elle(session, permis=permis, annee_naissance=naissance)
        if mots:
            with pytest.raises(ConduiteRefusee, match=mots):
                demander(session, offre, personne_id=personne.id)
            with pytest.raises(ConduiteRefusee, match="Appelez"):
                demander(session, offre, acteur=la_personne(personne))
            return
        demande = demander(session, offre, personne_id=personne.id)
        doutes = a_verifier(session, personne.id, demande.vehicule, AVANT.date())
        assert bool(doutes) is (permis is None)
