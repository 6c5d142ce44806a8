"""The état des lieux on a telephone: saved step by step, signed once, compared, priced, closed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from PIL import Image
from sqlalchemy import func, select

from mobilite.acteur import RoleActeur
from mobilite.etat_des_lieux import EtatDesLieux, Moment, PhotoEtat
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, LigneJournal
from mobilite.motif_reservation import SansCaution
from mobilite.points_de_controle import Endroit
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de
from tests.fabriques import une_structure
from tests.integration.sejour import COMPTEUR, DEPART, NOMS, Sejour, un_sejour, une_bombe, une_photo, vu
from web.app import Application
from web.transaction import lecture, transaction

RETOUR = DEPART + timedelta(days=2, hours=8)


@pytest.fixture(autouse=True)
def horloge() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(DEPART, tick=True) as horloge:
        yield horloge


@pytest.fixture
def sejour(app: Application) -> Sejour:
    return un_sejour(app, km_max_jour=60)


def fichier(octets: bytes, nom: str = "IMG_1.jpg") -> dict[str, Any]:
    return {"photo": (io.BytesIO(octets), nom)}


def test_each_step_is_kept_when_the_telephone_goes_off(sejour: Sejour) -> None:
    sejour.poster("depart/compteur", **COMPTEUR)
    sejour.poster("depart/equipement", gilet="oui", triangle="non", observations="Pneu avant à regonfler")
    sejour.poster("depart/dommages", endroit="avant", mots="rayure", cle="c1", suite="rester")
    autre_telephone = sejour.client
    assert 'value="45210"' in autre_telephone.get(sejour.adresse("depart/compteur")).text
    assert "Pneu avant à regonfler" in autre_telephone.get(sejour.adresse("depart/equipement")).text
    page = vu(autre_telephone.get(sejour.adresse("depart/signer")))
    for dit in ("45 210 km", "6/8", "Propre", "Gilet jaune : là", "Triangle : manque", "Avant : rayure"):
        assert dit in page.replace("\u202f", " ")


def test_keys_given_before_the_first_day_are_told_to_change_the_days_first(
    sejour: Sejour, horloge: time_machine.Traveller
) -> None:
    assert "changez d’abord les jours" not in sejour.page("depart/compteur")
    horloge.move_to(DEPART - timedelta(days=1))
    assert "changez d’abord les jours" in sejour.page("depart/compteur")


def test_two_names_who_have_read_hand_the_vehicle_over_and_move_its_odometer(sejour: Sejour) -> None:
    sejour.remettre()
    etat = sejour.etat(Moment.REMISE)
    assert (etat.nom_structure, etat.nom_personne, etat.signe_le is not None) == (
        "Paul",
        "Nadia Bernard",
        True,
    )
    assert sejour.lue().statut is StatutReservation.REMISE
    assert sejour.lue().vehicule.km == 45_210


@pytest.mark.parametrize(
    ("retirer", "attendu"),
    [
        ({"mention_personne": "oui"}, "« lu et approuvé » de la personne qui emprunte"),
        ({"nom_structure": ""}, "le nom de la personne qui remet ou reprend"),
        ({"mention_structure": "lu et approuvé quand même"}, "« lu et approuvé » de la structure"),
    ],
)
def test_nothing_is_signed_by_somebody_who_did_not_say_so(
    sejour: Sejour, retirer: dict[str, str], attendu: str
) -> None:
    sejour.poster("depart/compteur", **COMPTEUR)
    reponse = sejour.poster("depart/signer", **(NOMS | retirer))
    assert reponse.status_code == 409
    assert attendu in vu(reponse)
    assert 'value="Nadia Bernard"' in reponse.text
    assert sejour.etat(Moment.REMISE).signe_le is None
    assert sejour.lue().statut is StatutReservation.CONFIRMEE


def test_what_was_not_noted_is_asked_for_before_anybody_signs(sejour: Sejour) -> None:
    reponse = sejour.poster("depart/signer", **NOMS)
    assert reponse.status_code == 409
    for quoi in ("les kilomètres", "le carburant", "la propreté"):
        assert quoi in vu(reponse)


def test_signing_twice_signs_once(app: Application, sejour: Sejour) -> None:
    sejour.remettre()
    premiere = sejour.etat(Moment.REMISE).signe_le
    encore = sejour.poster("depart/signer", **(NOMS | {"nom_personne": "Une autre"}))
    assert encore.status_code == 409
    assert "Ajoutez une remarque" in vu(encore)
    assert sejour.etat(Moment.REMISE).signe_le == premiere
    with app.app_context(), lecture() as session:
        lignes = select(func.count()).select_from(LigneJournal)
        for fait in (Evenement.ETAT_DES_LIEUX_SIGNE, Evenement.VEHICULE_REMIS):
            assert session.scalar(lignes.where(LigneJournal.quoi == fait.value)) == 1


def test_a_damage_or_a_photo_sent_twice_counts_once(sejour: Sejour) -> None:
    for _ in range(2):
        dommage = {"endroit": "toit", "mots": "bosse", "cle": "c1", "suite": "rester"}
        assert sejour.poster("depart/dommages", **dommage, **fichier(une_photo())).status_code == 303
    etat = sejour.etat(Moment.REMISE)
    assert [(d.endroit, d.mots) for d in etat.lire_dommages()] == [(Endroit.TOIT, "bosse")]
    assert [photo.dommage for photo in etat.photos] == ["c1"]


def test_a_photo_keeps_its_pixels_and_nothing_of_where_it_was_taken(app: Application, sejour: Sejour) -> None:
    assert sejour.poster("depart/photos", **fichier(une_photo())).status_code == 303
    with app.app_context(), lecture() as session:
        octets = session.scalars(select(PhotoEtat.octets)).one()
        uuid = session.scalars(select(PhotoEtat.uuid)).one()
    for secret in (b"MarqueDuTelephone", b"PrisChezElle", b"Exif", b"GPS"):
        assert secret not in octets
    with Image.open(io.BytesIO(octets)) as image:
        assert (image.format, image.size) == ("JPEG", (1200, 1600))  # upright, and smaller
        assert not image.getexif()
    servie = sejour.client.get(f"/partenaire/etats-des-lieux/photos/{uuid}")
    assert servie.data == octets
    assert servie.mimetype == "image/jpeg"
    assert servie.headers["X-Content-Type-Options"] == "nosniff"
    assert servie.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (une_bombe(60_000, 60_000), "trop grande"),
        (une_bombe(5_001, 5_000), "trop grande"),
        (une_bombe(100, 100), "ne s'ouvre pas"),
        (une_photo()[:3_000], "ne s'ouvre pas"),
        (b"<svg onload='alert(1)'/>", "n'est pas une photo"),
        (b"\xff\xd8\xff" + bytes(8_000_001), "trop lourde"),
    ],
    ids=["immense", "a little too large", "lying", "cut", "not a photo", "heavy"],
)
def test_a_false_photo_is_refused_in_french_and_loses_nothing_else(
    sejour: Sejour, octets: bytes, phrase: str
) -> None:
    sejour.poster("depart/compteur", **COMPTEUR)
    champs = {"endroit": "roues", "mots": "jante voilée", "cle": "c1", "suite": "rester"}
    reponse = sejour.poster("depart/dommages", **champs, **fichier(octets, "photo.jpg"))
    assert reponse.status_code == 422
    assert phrase in vu(reponse)
    assert 'value="jante voilée"' in reponse.text
    etat = sejour.etat(Moment.REMISE)
    assert (etat.km, etat.dommages, etat.photos) == (45_210, [], [])


def test_only_where_a_photo_is_sent_may_a_request_be_heavy(sejour: Sejour) -> None:
    lourd = b"\xff\xd8\xff" + bytes(2_000_000)
    assert sejour.poster("depart/photos", **fichier(lourd)).status_code == 422
    assert sejour.poster("depart/compteur", **fichier(lourd)).status_code == 413
    assert sejour.poster("depart/photos", **fichier(bytes(13_000_000))).status_code == 413


def test_the_ninth_photo_is_one_too_many_and_one_may_be_taken_away(sejour: Sejour) -> None:
    for rang in range(8):
        sejour.poster("depart/photos", **fichier(une_photo(f"rgb({25 * rang},90,90)", (40, 30))))
    neuvieme = fichier(une_photo("rgb(250,250,90)", (40, 30)))
    assert sejour.poster("depart/photos", **neuvieme).status_code == 409
    premiere = sejour.etat(Moment.REMISE).photos[0].uuid
    assert sejour.poster("depart/photos", retirer=str(premiere)).status_code == 303
    assert premiere not in {photo.uuid for photo in sejour.etat(Moment.REMISE).photos}


def test_an_odometer_that_goes_back_must_be_said_twice(sejour: Sejour) -> None:
    sejour.remettre()
    moins = COMPTEUR | {"km": "45 100"}
    refuse = sejour.poster("retour/compteur", **moins)
    assert refuse.status_code == 422
    assert "disait déjà 45 210 km" in vu(refuse).replace("\u202f", " ")
    assert sejour.poster("retour/compteur", **moins, compteur_confirme="oui").status_code == 303
    assert sejour.poster("retour/signer", **NOMS).status_code == 303
    assert sejour.lue().vehicule.km == 45_100
    assert "Kilomètres : à vérifier" in sejour.page("etat-des-lieux")


def test_the_return_says_what_changed_and_charges_no_kilometre(
    sejour: Sejour, horloge: time_machine.Traveller
) -> None:
    sejour.poster("depart/dommages", endroit="avant", mots="rayure", cle="c1", suite="rester")
    sejour.poster("depart/equipement", gilet="oui")
    sejour.remettre()
    horloge.move_to(RETOUR)
    sejour.poster("retour/dommages", endroit="arriere", mots="bosse", cle="c2", suite="rester")
    sejour.poster("retour/equipement", gilet="non")
    sejour.poster("retour/prix", adhesion="deja_payee", aide="aucune")
    sejour.rendre(km="45 510", niveau="4", proprete="sale")
    page = sejour.page("etat-des-lieux").replace("\u202f", " ").replace("\u00a0", " ")
    for dit in (
        "3 jours.",
        "300 kilomètres.",
        "120 kilomètres de plus que les 60 par jour prévus : rien n'est facturé pour cela",
        "Carburant : 2/8 de moins qu'au départ (6/8, puis la moitié)",
        "Nouveau dommage : arrière : bosse",
        "N'y est plus : gilet jaune",
        "Moins propre qu'au départ",
    ):
        assert dit in page, dit
    assert "Nouveau dommage : avant" not in page
    decompte = sejour.etats().decompte
    assert decompte is not None
    assert [(ligne.libelle, ligne.centimes) for ligne in decompte.lignes] == [
        ("Location", 1200),
        ("Adhésion", 0),
    ]
    assert decompte.complet
    assert "À payer 12 €" in page
    assert sejour.lue().statut is StatutReservation.RENDUE


def test_hours_after_the_end_are_said(sejour: Sejour, horloge: time_machine.Traveller) -> None:
    sejour.remettre()
    horloge.move_to(DEPART + timedelta(days=3))
    sejour.rendre()
    assert "Rendu 9 heures après l'heure prévue" in sejour.page("etat-des-lieux")


def test_a_price_keeps_what_was_signed_when_the_offer_changes(app: Application, sejour: Sejour) -> None:
    sejour.remettre()
    with app.app_context(), transaction() as session:
        offre = session.scalars(select(Vehicule)).one().offre
        offre.fiche = {"prix": {"jour": 40}}
    sejour.poster("retour/prix", adhesion="a_payer", aide="accordee", aide_montant="6", aide_payeur="le CCAS")
    sejour.rendre()
    decompte = sejour.etats().decompte
    assert decompte is not None
    assert [ligne.centimes for ligne in decompte.lignes] == [400, 500, -600]
    assert decompte.total_centimes == 300


def test_what_nobody_said_stays_to_be_checked(sejour: Sejour) -> None:
    sejour.remettre()
    sejour.rendre()
    decompte = sejour.etats().decompte
    assert decompte is not None
    assert [ligne.centimes for ligne in decompte.lignes] == [400, None, None]
    page = sejour.page("etat-des-lieux")
    assert "sans ce qui est à vérifier" in page
    assert "À payer" not in page


def test_a_correction_is_a_remark_beside_what_was_signed(sejour: Sejour) -> None:
    sejour.remettre()
    remarque = {"quand": "depart", "remarque_texte": "Une rayure oubliée", "remarque_nom": "Paul", "cle": "k"}
    for _ in range(2):
        assert sejour.poster("etat-des-lieux/remarque", **remarque).status_code == 303
    etat = sejour.etat(Moment.REMISE)
    assert [r.texte for r in etat.remarques] == ["Une rayure oubliée"]
    assert etat.dommages == []


def test_a_stay_ends_once_the_return_is_signed_and_the_deposit_told(sejour: Sejour) -> None:
    sejour.remettre()
    assert sejour.poster("clore", sort="rendue").status_code == 409
    sejour.rendre()
    assert sejour.poster("clore").status_code == 422
    sans_raison = sejour.poster("clore", sort="retenue", retenue="40")
    assert sans_raison.status_code == 422
    assert 'value="40"' in sans_raison.text
    trop = sejour.poster("clore", sort="retenue", retenue="150,01", motif="Jante à changer")
    assert trop.status_code == 422
    assert "La caution est de 150 € : on ne peut pas retenir plus." in vu(trop).replace(
        "\u202f", " "
    ).replace("\xa0", " ")
    assert sejour.poster("clore", sort="retenue", retenue="40,50", motif="Jante à changer").status_code == 303
    assert sejour.lue().statut is StatutReservation.CLOTUREE
    caution = sejour.etats().caution
    assert caution is not None
    assert (caution.retenue_centimes, caution.motif) == (4050, "Jante à changer")
    assert sejour.poster("clore", sort="rendue").status_code == 409


def test_a_deposit_that_was_seen_is_not_forgotten_and_one_that_nobody_gave_is_not_kept(
    sejour: Sejour,
) -> None:
    sejour.remettre()
    sejour.rendre()
    oubliee = sejour.poster("clore", sort="sans_objet")
    assert oubliee.status_code == 422
    assert "La caution a été vue le 18/11/2026" in vu(oubliee)
    with sejour.app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation)).one()
        sienne.caution_vue_le, sienne.sans_caution = None, SansCaution.RENONCEE
    gardee = sejour.poster("clore", sort="retenue", retenue="40", motif="Jante à changer")
    assert gardee.status_code == 422
    assert "Il n'y a pas de caution : on ne peut pas retenir plus." in vu(gardee)
    assert sejour.lue().statut is StatutReservation.RENDUE
    assert sejour.poster("clore", sort="sans_objet").status_code == 303


def test_what_is_left_to_do_is_said_as_it_is(sejour: Sejour) -> None:
    sejour.poster("remettre")
    sejour.poster("rendre")

    def reste() -> str:
        ici = vu(sejour.client.get("/partenaire/"))
        dit = re.search(r"véhicule rendu. Reste ([^.]*)[.]", ici)
        assert dit is not None
        assert f"Finir : {dit[1]}" in vu(sejour.client.get(sejour.adresse("").removesuffix("/")))
        return dit[1]

    assert reste() == "l’état des lieux du retour et la caution"
    sejour.rendre()
    assert reste() == "la caution"
    with sejour.app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation)).one()
        sienne.caution_vue_le, sienne.sans_caution = None, SansCaution.NON_DEMANDEE
    assert reste() == "la clôture"


def test_the_keys_noted_in_haste_may_still_be_signed_for(sejour: Sejour) -> None:
    sejour.poster("remettre")
    assert sejour.lue().statut is StatutReservation.REMISE
    sejour.remettre()
    assert sejour.etat(Moment.REMISE).signe_le is not None


def test_another_structure_finds_nothing(app: Application, sejour: Sejour) -> None:
    sejour.poster("depart/photos", **fichier(une_photo()))
    photo = sejour.etat(Moment.REMISE).photos[0].uuid
    with app.app_context(), transaction() as session:
        autre = une_structure()
        session.add(autre)
        session.flush()
        jeton = compte_de(session, RoleActeur.PARTENAIRE, structure_id=autre.id).jeton_session
    voisin = client_de(app, jeton)
    for suite in ("depart/compteur", "depart/signer", "etat-des-lieux", "contrat.pdf"):
        assert voisin.get(sejour.adresse(suite)).status_code == 404, suite
    assert voisin.get(f"/partenaire/etats-des-lieux/photos/{photo}").status_code == 404
    for suite in ("depart/compteur", "depart/photos", "depart/signer", "clore"):
        assert sejour.poster(suite, voisin, **(COMPTEUR | NOMS), sort="rendue").status_code == 404, suite
    with app.app_context(), lecture() as session:
        assert session.scalars(select(EtatDesLieux.signe_le)).all() == [None]
