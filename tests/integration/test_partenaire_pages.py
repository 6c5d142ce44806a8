"""The partner's pages: answers by name, offers that the engine reads, and nothing of anybody else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from matching.proposition import Proposition
from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.besoin import MotifDeplacement
from mobilite.candidate import Genre
from mobilite.document import Champ
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, LigneJournal
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.structure import Structure
from mobilite.verdict import Verdict
from tests.conftest import client_de, compte_de, sans_jeton, valeur_de
from tests.fabriques import un_vehicule, une_offre, une_personne, une_structure
from web.app import Application
from web.catalogue import documents_de_demonstration
from web.formulaire import Formulaire
from web.partenaire.fiche import FLOTTES, lire_fiche, saisie_de
from web.propositions import proposer_pour
from web.referentiel import referentiel
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 20, 9, tzinfo=PARIS)
OUI = {
    "papiers_vus": "oui",
    "papiers_vus_le": "2026-11-20",
    "caution": "vue",
    "caution_vue_le": "2026-11-20",
    "place_confirmee_par": "Paul",
}
OFFRE: dict[str, Any] = {
    "genre": "location_voiture",
    "cle": "une-cle-de-formulaire",
    "nom": "Voiture solidaire à Étain",
    "lieu": "etain",
    "prix_jour": "4,50",
    "prix_mois": "60",
    "prix_caution": "150",
    "age_min": "21",
    "permis_ans": "2",
    "zone": "autour",
    "zone_autour": "Étain (55400)",
    "zone_rayon_km": "25",
    "documents": "permis de conduire\npièce d'identité",
    "heures": "permanent",
    "preavis_heures": "48",
    "duree_max_jours": "90",
    "v1_libelle": "Clio grise",
    "v1_boite": "manuelle",
    "v1_places": "5",
    "v1_energie": "essence",
    "v1_ct_valable_au": "2027-11-30",
    "v1_assurance_valable_au": "31/12/2027",
    "action": "publier",
}


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@dataclass
class Atelier:
    """A structure with one offer of cars, its partner signed in, and Nadia, who asked for the Clio."""

    app: Application
    client: FlaskClient
    structure: Structure
    offre: Offre
    nadia: Personne
    demande: UUID

    def adresse(self, suite: str = "") -> str:
        return f"/partenaire/demande/{self.demande}{suite}"

    def poster(self, adresse: str, champs: Any, client: FlaskClient | None = None) -> TestResponse:
        client = client or self.client
        page = client.get("/partenaire/offres/nouvelle?genre=location_voiture").text
        donnees = MultiDict(champs)
        donnees["csrf_token"] = valeur_de(page)
        return client.post(adresse, data=donnees)

    def reservation(self) -> Reservation:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(Reservation).where(Reservation.uuid == self.demande)).one()

    def offres(self) -> list[Offre]:
        with self.app.app_context(), lecture() as session:
            siennes = select(Offre).where(Offre.structure_id == self.structure.id).order_by(Offre.id)
            return list(session.scalars(siennes))

    def jugee(self, personne: Personne, nom: str) -> Proposition | None:
        """The proposition of one offer for the first need of a person, today."""
        with self.app.app_context(), lecture() as session:
            reponse = proposer_pour(session, session.get_one(Personne, personne.id), LE.date())
        [examine] = reponse.besoins
        return next((p for p in examine.propositions if p.offre.nom == nom), None)


def une_conductrice(**choix: Any) -> Personne:
    """Somebody of Étain who works in Verdun and has had the licence for years."""
    defauts: dict[str, Any] = {
        "departs": [Depart(insee="55181")],
        "annee_naissance": 1990,
        "permis": {"type": "B", "obtenu_le": "2015-06-01"},
        "besoins": [
            BesoinExprime(
                destination="55545",
                motif=MotifDeplacement.EMPLOI,
                premier_jour=date(2026, 11, 30),
                passages={"cycle": [{"jours": ["lun", "mar"], "arrivee": "08:00", "retour": "17:00"}]},
                avec=["enfant"],
            )
        ],
    }
    return une_personne(**(defauts | choix))


def une_demande(session: Session, vehicule: Vehicule, personne: Personne, cle: str = "cle") -> Reservation:
    session.flush()
    reservation = Reservation(
        vehicule_id=vehicule.id,
        personne_id=personne.id,
        demandee_par=999,
        debut=datetime(2026, 11, 30, tzinfo=PARIS),
        fin=datetime(2026, 12, 3, tzinfo=PARIS),
        expire_le=datetime(2026, 11, 22, tzinfo=PARIS),
        cle_idempotence=cle,
    )
    session.add(reservation)
    return reservation


@pytest.fixture
def atelier(app: Application) -> Atelier:
    with app.app_context(), transaction() as session:
        structure = une_structure()
        offre = une_offre(structure=structure, fiche={"prix": {"jour": 4, "caution": 150}})
        nadia = une_conductrice(prenom="Nadia", nom="Bernard", telephone="+33639980101")
        clio = un_vehicule(offre, libelle="Clio")
        session.add_all([clio, nadia])
        demande = une_demande(session, clio, nadia)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return Atelier(app, client_de(app, compte.jeton_session), structure, offre, nadia, demande.uuid)


def vu(reponse: TestResponse) -> str:
    """What is read on a page, tags apart."""
    return html.unescape(re.sub(r"<[^>]+>", " ", reponse.text))


def test_a_request_shows_a_first_name_and_needs_never_a_name_nor_a_number(atelier: Atelier) -> None:
    for adresse in ("/partenaire/", atelier.adresse()):
        page = vu(atelier.client.get(adresse))
        assert "Nadia" in page
        assert "Bernard" not in page
        assert "63998" not in page.replace(" ", "").replace("\u00a0", "")
    assert "un enfant" in page
    assert "La caution : 150" in page


def test_the_oldest_request_comes_first(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        zoe = un_vehicule(session.get_one(Offre, atelier.offre.id), libelle="Zoé")
        ancienne = une_conductrice(prenom="Aline")
        session.add_all([zoe, ancienne])
        demande = une_demande(session, zoe, ancienne, "autre")
        demande.demandee_le = datetime(2026, 11, 19, tzinfo=PARIS)
    page = vu(atelier.client.get("/partenaire/"))
    assert page.index("Aline") < page.index("Nadia")


def test_confirming_says_who_and_when_and_only_then_gives_the_number(atelier: Atelier) -> None:
    assert atelier.poster(atelier.adresse("/confirmer"), OUI).status_code == 303
    reservation = atelier.reservation()
    assert reservation.statut is StatutReservation.CONFIRMEE
    assert (reservation.place_confirmee_par, reservation.papiers_vus_le, reservation.caution_vue_le) == (
        "Paul",
        date(2026, 11, 20),
        date(2026, 11, 20),
    )
    assert 'href="tel:+33639980101"' in atelier.client.get(atelier.adresse()).text


def test_the_number_of_somebody_discreet_is_never_given(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        nadia = session.get_one(Personne, atelier.nadia.id)
        nadia.conseiller_id, nadia.contact_discret = 101, True
    atelier.poster(atelier.adresse("/confirmer"), OUI)
    page = atelier.client.get(atelier.adresse()).text
    assert "Numéro non communiqué" in page
    assert "639980101" not in page


def test_a_request_answered_in_the_meantime_is_said_so_and_stays_as_it_was(atelier: Atelier) -> None:
    atelier.poster(atelier.adresse("/confirmer"), OUI)
    for suite, champs in (
        ("/refuser", {"motif": "entretien"}),
        ("/confirmer", OUI | {"place_confirmee_par": "Zoé"}),
    ):
        reponse = atelier.poster(atelier.adresse(suite), champs)
        assert reponse.status_code == 409
        assert "Cette demande a changé entre-temps. Elle est maintenant : confirmée." in vu(reponse)
    assert atelier.reservation().place_confirmee_par == "Paul"


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"papiers_vus": ""}, "Cochez quand vous avez vu les papiers"),
        ({"papiers_vus_le": "2026-11-21"}, "Ce jour n’est pas encore venu"),
        ({"caution": ""}, "Dites si la caution est vue"),
        ({"caution": "non_demandee"}, "Dites si la caution est vue"),
        ({"place_confirmee_par": "  "}, "c’est vous qui confirmez"),
    ],
)
def test_nothing_is_confirmed_without_papers_deposit_and_a_name(
    atelier: Atelier, change: dict[str, str], phrase: str
) -> None:
    champs = {nom: valeur for nom, valeur in (OUI | change).items() if valeur}
    reponse = atelier.poster(atelier.adresse("/confirmer"), champs)
    assert reponse.status_code == 422
    assert phrase in vu(reponse)
    assert atelier.reservation().statut is StatutReservation.DEMANDEE


def test_a_deposit_may_be_waived_and_the_reason_is_kept(atelier: Atelier) -> None:
    assert atelier.poster(atelier.adresse("/confirmer"), OUI | {"caution": "avancee"}).status_code == 303
    assert atelier.reservation().caution_vue_le is None
    assert "Un fonds d'aide ou un prescripteur la garantit" in vu(atelier.client.get(atelier.adresse()))


def test_a_refusal_needs_a_reason_the_person_will_read(atelier: Atelier) -> None:
    assert atelier.poster(atelier.adresse("/refuser"), {"motif": "autre", "mot": ""}).status_code == 422
    assert atelier.poster(atelier.adresse("/refuser"), {"motif": "entretien"}).status_code == 303
    assert atelier.reservation().motif_refus == "Le véhicule est en réparation."


def test_keys_go_out_and_come_back(atelier: Atelier) -> None:
    atelier.poster(atelier.adresse("/confirmer"), OUI)
    assert atelier.poster(atelier.adresse("/rendre"), {}).status_code == 409
    assert atelier.poster(atelier.adresse("/remettre"), {}).status_code == 303
    assert atelier.reservation().statut is StatutReservation.REMISE
    assert atelier.poster(atelier.adresse("/rendre"), {}).status_code == 303
    assert atelier.reservation().statut is StatutReservation.RENDUE


def test_nothing_of_another_structure_can_be_seen_or_touched(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        rival = une_structure()
        session.add(rival)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=rival.id)
        clio = session.scalars(select(Vehicule)).one()
    rival_client = client_de(atelier.app, compte.jeton_session)
    absent = UUID(int=7)
    gabarits = [
        (f"/partenaire/demande/{{}}{suite}", atelier.demande)
        for suite in ("", "/confirmer", "/refuser", "/remettre", "/rendre")
    ]
    gabarits += [
        (f"/partenaire/offres/{{}}{suite}", atelier.offre.uuid)
        for suite in ("", "/publier", "/retirer", "/vehicules/nouveau")
    ]
    gabarits += [
        ("/partenaire/vehicules/{}", clio.uuid),
        ("/partenaire/offres/nouvelle?copie={}", atelier.offre.uuid),
    ]
    for gabarit, uuid in gabarits:
        for methode in ("GET", "POST"):
            champs = OFFRE | OUI | {"motif": "entretien", "libelle": "À moi", "copie": str(uuid)}
            essais = []
            for cible in (uuid, absent):
                adresse = gabarit.format(cible)
                champs |= {"copie": str(cible)}
                if methode == "GET":
                    essais.append(rival_client.get(adresse))
                else:
                    essais.append(atelier.poster(adresse, champs, rival_client))
            assert essais[0].status_code == essais[1].status_code in (404, 405), (gabarit, methode)
            if essais[0].status_code == 404:
                assert sans_jeton(essais[0].text) == sans_jeton(essais[1].text)
    for adresse in ("/partenaire/", "/partenaire/offres", "/partenaire/vehicules"):
        page = rival_client.get(adresse).text
        assert "Nadia" not in page
        assert "Clio" not in page
        assert atelier.offre.nom not in page
    assert atelier.reservation().statut is StatutReservation.DEMANDEE
    assert [offre.statut for offre in atelier.offres()] == [StatutOffre.OUVERTE]


def test_an_offer_registered_here_enters_the_next_proposals_of_whoever_fits(atelier: Atelier) -> None:
    assert atelier.poster("/partenaire/offres/nouvelle", OFFRE).status_code == 303
    offre = atelier.offres()[-1]
    lue = referentiel().lecteur_offres.lire(Champ(offre.document()))
    assert (lue.lieu.insee if lue.lieu else "", lue.prix.jour, lue.prix.caution) == ("55181", 4.5, 150)
    assert (lue.preavis_heures, lue.duree_max_jours, lue.permanent) == (48, 90, True)
    assert lue.documents == ("permis de conduire", "pièce d'identité")
    assert lue.vehicule is not None
    assert (lue.vehicule.boite, lue.vehicule.places) == ("manuelle", 5)
    proposition = atelier.jugee(atelier.nadia, OFFRE["nom"])
    assert proposition is not None
    assert proposition.verdict is Verdict.OUI
    assert offre.demonstration


@pytest.mark.parametrize(
    ("personne", "phrase"),
    [
        (
            {"annee_naissance": 2007, "permis": {"type": "B", "obtenu_le": "2015-06-01"}},
            "Avoir 21 ans ou plus",
        ),
        ({"permis": {"type": "B", "obtenu_le": "2026-01-15"}}, "Avoir le permis depuis 2 ans au moins"),
        ({"departs": [Depart(insee="55029")]}, "Réservé à d'autres communes que Bar-le-Duc"),
    ],
)
def test_whoever_fails_a_condition_of_the_form_is_told_which(
    atelier: Atelier, personne: dict[str, Any], phrase: str
) -> None:
    atelier.poster("/partenaire/offres/nouvelle", OFFRE)
    autre = une_conductrice(**personne)
    with atelier.app.app_context(), transaction() as session:
        session.add(autre)
    proposition = atelier.jugee(autre, OFFRE["nom"])
    assert proposition is not None
    assert proposition.verdict is Verdict.NON
    assert phrase.casefold() in proposition.decisif.phrase.casefold()


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"nom": ""}, "Donnez un nom à l’offre."),
        ({"lieu": "Saint"}, "Plusieurs communes sont possibles"),
        ({"lieu": ""}, "Dites dans quelle commune."),
        ({"prix_jour": "quatre"}, "Un nombre est attendu."),
        ({"prix_jour": "1e99"}, "Un nombre entre 0 et 50 000 est attendu."),
        ({"gratuit": "oui"}, "« Gratuit » ne va pas avec un prix"),
        ({"age_min": "210"}, "Un nombre entre 14 et 99 est attendu."),
        ({"zone": "epci"}, "Cochez au moins une intercommunalité."),
        ({"zone_rayon_km": ""}, "Dites combien de kilomètres."),
        ({"heures": "plage"}, "Cochez au moins un jour."),
        ({"v1_libelle": ""}, "Donnez un nom au véhicule"),
        ({"v1_ct_valable_au": "30 février"}, "Écrivez la date ainsi : 30/11/2026."),
    ],
)
def test_bad_input_names_the_field_keeps_what_was_typed_and_writes_nothing(
    atelier: Atelier, change: dict[str, str], phrase: str
) -> None:
    reponse = atelier.poster(
        "/partenaire/offres/nouvelle", OFFRE | {"description": "Deux & <trois>"} | change
    )
    assert reponse.status_code == 422
    assert phrase in vu(reponse)
    assert "Deux &amp; &lt;trois&gt;" in reponse.text
    for nom in {"prix_mois", "documents", "v1_assurance_valable_au"} - set(change):
        assert OFFRE[nom] in html.unescape(reponse.text), nom
    assert f'name="cle" value="{OFFRE["cle"]}"' in reponse.text
    assert len(atelier.offres()) == 1


def test_the_same_offer_form_sent_twice_is_one_offer(atelier: Atelier) -> None:
    for _ in range(2):
        assert atelier.poster("/partenaire/offres/nouvelle", OFFRE).status_code == 303
    assert len(atelier.offres()) == 2
    with atelier.app.app_context(), lecture() as session:
        ajouts = select(func.count()).where(LigneJournal.quoi == Evenement.VEHICULE_AJOUTE.value)
        assert session.scalar(ajouts) == 1


def test_a_copy_keeps_the_conditions_the_form_has_no_field_for(atelier: Atelier) -> None:
    fiche = {
        "lieu": "55545",
        "conditions": {
            "tous": [
                {"fait": "age", "au_moins": 25, "phrase": "Avoir 25 ans."},
                {"fait": "compte_bancaire", "est": True, "phrase": "Avoir un compte bancaire."},
                {"fait": "budget_mois", "au_moins": 20, "phrase": "Pouvoir payer 20 € par mois."},
            ]
        },
        "horaires": [
            {"jours": ["lun"], "de": "08:00", "a": "12:00"},
            {"jours": ["mar"], "de": "14:00", "a": "18:00"},
        ],
    }
    with atelier.app.app_context(), transaction() as session:
        session.get_one(Offre, atelier.offre.id).fiche = fiche
    page = atelier.client.get(f"/partenaire/offres/nouvelle?copie={atelier.offre.uuid}").text
    assert 'name="age_min" type="text" value="25"' in page
    assert "Avoir un compte bancaire." in page
    saisie = {"genre": "location_voiture", "cle": "cle-de-la-copie-1", "nom": "Copie", "lieu": "Verdun"}
    saisie |= {"copie": str(atelier.offre.uuid), "age_min": "30", "zone": "departement", "heures": "gardees"}
    assert atelier.poster("/partenaire/offres/nouvelle", saisie | {"garder": ["0"]}).status_code == 303
    copie = atelier.offres()[-1]
    assert copie.statut is StatutOffre.BROUILLON
    assert [c["phrase"] for c in copie.fiche["conditions"]["tous"]] == [
        "Avoir 30 ans ou plus.",
        "Avoir un compte bancaire.",
    ]
    assert copie.fiche["horaires"] == fiche["horaires"]


def test_an_offer_is_proposed_while_it_is_published_only(atelier: Atelier) -> None:
    atelier.poster("/partenaire/offres/nouvelle", OFFRE | {"action": "brouillon"})
    adresse = f"/partenaire/offres/{atelier.offres()[-1].uuid}"
    assert atelier.jugee(atelier.nadia, OFFRE["nom"]) is None
    atelier.poster(f"{adresse}/publier", {})
    assert atelier.jugee(atelier.nadia, OFFRE["nom"]) is not None
    atelier.poster(f"{adresse}/retirer", {})
    assert atelier.jugee(atelier.nadia, OFFRE["nom"]) is None
    assert atelier.poster(f"{adresse}/retirer", {}).status_code == 409


def test_an_offer_changed_by_somebody_else_is_not_overwritten(atelier: Atelier) -> None:
    adresse = f"/partenaire/offres/{atelier.offre.uuid}"
    saisie = {"nom": "Second nom", "lieu": "Étain", "zone": "partout", "heures": "permanent"}
    version = str(atelier.offre.version)
    premier = atelier.poster(adresse, saisie | {"nom": "Premier nom", "version": version})
    second = atelier.poster(adresse, saisie | {"version": version})
    assert (premier.status_code, second.status_code) == (303, 422)
    assert "Second nom" in second.text
    assert [offre.nom for offre in atelier.offres()] == ["Premier nom"]


def test_a_vehicle_out_of_service_is_no_place_any_more(atelier: Atelier) -> None:
    atelier.poster("/partenaire/offres/nouvelle", OFFRE)
    with atelier.app.app_context(), lecture() as session:
        clio = session.scalars(select(Vehicule).where(Vehicule.libelle == "Clio grise")).one()
    adresse = f"/partenaire/vehicules/{clio.uuid}"
    garde = {"libelle": "Clio grise", "boite": "manuelle", "places": "5", "ct_valable_au": "2027-11-30"}
    assert atelier.poster(adresse, garde | {"places": "12"}).status_code == 422
    assert atelier.poster(adresse, garde).status_code == 303
    proposition = atelier.jugee(atelier.nadia, OFFRE["nom"])
    assert proposition is not None
    assert proposition.verdict is Verdict.NON
    assert "Rien de libre au calendrier" in proposition.decisif.phrase


def test_a_fleet_says_only_what_all_its_vehicles_share(atelier: Atelier) -> None:
    atelier.poster("/partenaire/offres/nouvelle", OFFRE)
    adresse = f"/partenaire/offres/{atelier.offres()[-1].uuid}/vehicules/nouveau"
    assert (
        atelier.poster(adresse, {"libelle": "Yaris", "boite": "automatique", "places": "5"}).status_code
        == 303
    )
    assert atelier.offres()[-1].fiche["vehicule"] == {"categorie": "voiture", "places": 5}


@pytest.mark.parametrize("document", documents_de_demonstration(), ids=lambda d: d["id"])
def test_saving_an_offer_unchanged_changes_nothing_of_what_it_says(document: dict[str, Any]) -> None:
    genre = Genre(document["genre"])
    f = Formulaire(saisie_de(document["nom"], genre, document))
    relue = lire_fiche(f, genre, document)
    assert f.erreurs == {}
    lues = []
    for fiche in (relue, dict(document)):
        conditions = fiche.get("conditions", {"tous": []})
        # The form writes its own conditions first: their order says nothing.
        fiche["conditions"] = {"tous": sorted(conditions.get("tous", [conditions]), key=str)}
        if genre in FLOTTES:
            fiche["vehicule"] = relue["vehicule"]
        lues.append(referentiel().lecteur_offres.lire(Champ(fiche)))
    assert lues[0] == lues[1]


@pytest.mark.parametrize(
    ("genre", "prix", "champ"),
    [
        ("transport_solidaire", {"prix_km": "0,33"}, "prix_km"),
        ("transport_solidaire", {"prix_trajet": "33"}, "prix_trajet"),
        ("covoiturage", {"prix_km": "0,90"}, "prix_km"),
    ],
)
def test_un_prix_que_la_loi_interdit_ne_s_enregistre_pas(
    atelier: Atelier, genre: str, prix: dict[str, str], champ: str
) -> None:
    avant = len(atelier.offres())
    offre = {
        "genre": genre,
        "cle": "une-cle-pour-la-loi",
        "nom": "Trajets",
        "zone": "departement",
        "heures": "",
    }
    reponse = atelier.poster("/partenaire/offres/nouvelle", offre | prix | {"action": "publier"})
    assert reponse.status_code == 422
    assert f'id="erreur-{champ}"' in reponse.text
    assert len(atelier.offres()) == avant
    permise = {"prix_km": "0,32"} if genre == "transport_solidaire" else {"prix_km": "0,04"}
    assert (
        atelier.poster("/partenaire/offres/nouvelle", offre | permise | {"action": "publier"}).status_code
        == 303
    )


def test_un_prix_au_trajet_s_enregistre_et_la_page_dit_a_partir_de_combien_de_kilometres(
    atelier: Atelier,
) -> None:
    offre = {
        "genre": "transport_solidaire",
        "cle": "une-cle-pour-le-prix",
        "nom": "Trajets",
        "zone": "departement",
        "heures": "",
        "prix_trajet": "5",
        "action": "publier",
    }
    assert atelier.poster("/partenaire/offres/nouvelle", offre).status_code == 303
    assert "qu'à partir de 15,7 km" in vu(atelier.client.get("/partenaire/offres"))
