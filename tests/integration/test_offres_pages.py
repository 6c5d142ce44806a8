"""The offers a partner writes down, which the engine reads at once, and their vehicles."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from mobilite.candidate import Genre
from mobilite.document import Champ
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, LigneJournal
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import Depart
from mobilite.verdict import Verdict
from tests.integration.atelier import LE, OFFRE, Atelier, ouvrir_l_atelier, une_conductrice, vu
from web.app import Application
from web.catalogue import documents_de_demonstration
from web.formulaire import Formulaire
from web.partenaire.fiche import FLOTTES, lire_fiche, saisie_de
from web.referentiel import referentiel
from web.transaction import lecture, transaction


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@pytest.fixture
def atelier(app: Application) -> Atelier:
    return ouvrir_l_atelier(app)


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
