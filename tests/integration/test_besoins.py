"""Needs and means: what the adviser types is what the engine reads, and what nobody said stays unknown."""

from __future__ import annotations

import html
from datetime import date

import pytest

from mobilite.acteur import RoleActeur
from mobilite.besoin import (
    EtatMoyen,
    EtatPermis,
    Jour,
    LieuLibre,
    MotifDeplacement,
    Passage,
    Plage,
    Situation,
    TypeMoyen,
)
from mobilite.document import Champ
from mobilite.lieux import Lieu
from mobilite.personnes import BesoinExprime
from tests.conftest import Entrer
from tests.fabriques import une_personne
from tests.integration.bureau import Bureau, champs_de
from web.app import Application
from web.referentiel import referentiel

OUVRES = ["lun", "mar", "mer", "jeu", "ven"]


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    """An adviser at her desk."""
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def situation(bureau: Bureau, dossier: str) -> Situation:
    """What the engine reads of a dossier."""
    champ = Champ(bureau.personne(dossier).document())
    lue = referentiel().lecteur_situation.lire(champ)
    assert champ.ignores == []
    return lue


def test_a_week_typed_is_the_week_the_engine_reads_and_the_sentence_on_the_desk(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    reponse = bureau.envoyer(
        f"{dossier}/besoins/nouveau",
        geste="enregistrer",
        destination="verdun",
        motif="formation",
        premier_jour="2026-12-01",
        connu_le="2026-11-20",
        quand="semaine",
        avec=["enfant", "poussette"],
        enfants="2",
        aujourdhui="Une voisine la dépose.",
        **{"semaine-0": "1", "jours-0": OUVRES, "arrivee-0": "8h", "retour-0": "16:30", "semaine-1": "1"},
    )
    assert reponse.location == dossier
    (besoin,) = situation(bureau, dossier).besoins
    assert (besoin.destination, besoin.motif) == (Lieu("55545"), MotifDeplacement.FORMATION)
    assert besoin.passages == tuple(Passage(Jour(j), 480, 990, semaine=1) for j in OUVRES)
    assert (besoin.premier_jour, besoin.connu_le) == (date(2026, 12, 1), date(2026, 11, 20))
    assert sorted(besoin.avec) == ["enfant", "enfant", "poussette"]
    assert besoin.aujourdhui == "Une voisine la dépose."
    page = bureau.page(dossier).replace("\xa0", " ")
    assert "lundi à vendredi, 8 h–16 h 30" in page
    assert "Enregistré à" in page
    assert bureau.faits()[-2:] == ["BesoinNote", "DossierConsulte"]


def test_three_shifts_are_filled_in_one_click_without_javascript_then_saved(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    nouveau = f"{dossier}/besoins/nouveau"
    page = bureau.envoyer(nouveau, geste="trois_huit", destination="Ligny", motif="emploi").text
    assert situation(bureau, dossier).besoins == ()
    champs = champs_de(page, "formulaire-besoin")
    assert champs["destination"] == "Ligny"
    assert champs["motif"] == "emploi"
    assert bureau.envoyer(nouveau, **champs).status_code == 303
    (besoin,) = situation(bureau, dossier).besoins
    equipes = {p.semaine: (p.arrivee, p.retour) for p in besoin.passages}
    assert equipes == {1: (300, 780), 2: (780, 1260), 3: (1260, 300)}
    assert len(besoin.passages) == 15


def test_adding_a_line_keeps_what_is_typed_and_writes_nothing(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    typee = {"semaine-0": "2", "jours-0": ["sam"], "arrivee-0": "06:00", "retour-0": "", "lieu_libre": "Metz"}
    page = bureau.envoyer(f"{dossier}/besoins/nouveau", geste="ajouter_ligne", quand="semaine", **typee).text
    champs = champs_de(page, "formulaire-besoin")
    assert {nom: champs[nom] for nom in typee} == typee
    assert champs["semaine-1"] == "2"
    assert situation(bureau, dossier).besoins == ()


def test_a_need_half_typed_when_put_aside_is_drawn_again_with_its_lines_and_nothing_is_written(
    bureau: Bureau,
) -> None:
    dossier = bureau.ouvrir()
    typee = {
        f"{nom}-{n}": valeur
        for n in range(3)
        for nom, valeur in (("semaine", f"{n + 1}"), ("arrivee", "05:00"))
    }
    typee |= {"lieu_libre": "Ferme des Trois Ormes", "minutes": "vingt"}
    reponse = bureau.envoyer(f"{dossier}/besoins/nouveau", geste="reprendre", quand="semaine", **typee)
    assert reponse.status_code == 200
    champs = champs_de(reponse.text, "formulaire-besoin")
    assert {nom: champs[nom] for nom in typee} == typee
    assert situation(bureau, dossier).besoins == ()


@pytest.mark.parametrize(
    ("saisie", "lieu"),
    [
        ({"lieu_libre": "Luxembourg-Kirchberg", "minutes": "65"}, LieuLibre("Luxembourg-Kirchberg", 65)),
        ({"lieu_libre": "Metz, hôpital"}, LieuLibre("Metz, hôpital", None)),
        ({"destination": "Luxembourg"}, LieuLibre("Luxembourg", None)),
        ({"destination": "Metz", "destination_insee": "autre", "minutes": "70"}, LieuLibre("Metz", 70)),
    ],
)
def test_a_place_outside_is_noted_to_check_and_is_never_an_error(
    bureau: Bureau, saisie: dict[str, str], lieu: LieuLibre
) -> None:
    dossier = bureau.ouvrir(**{"depart-0": "Étain"})
    assert bureau.envoyer(f"{dossier}/besoins/nouveau", quand="", **saisie).status_code == 303
    (besoin,) = situation(bureau, dossier).besoins
    assert besoin.destination == lieu
    page = bureau.page(dossier)
    assert lieu.nom in page
    assert "à vérifier" in page


def test_days_nobody_said_stay_unknown(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    champs = champs_de(bureau.page(f"{dossier}/besoins/nouveau"), "formulaire-besoin")
    assert (
        bureau.envoyer(f"{dossier}/besoins/nouveau", **(champs | {"destination": "Verdun"})).status_code
        == 303
    )
    assert situation(bureau, dossier).besoins[0].passages == ()
    assert "jours et heures à demander" in bureau.page(dossier)


@pytest.mark.parametrize(
    ("saisie", "phrase"),
    [
        ({}, "Dites où"),
        ({"destination": "bar"}, "dites laquelle"),
        ({"destination": "Verdun", "lieu_libre": "Metz"}, "pas les deux"),
        ({"lieu_libre": "Metz", "minutes": "0"}, "de 1 à 600"),
        (
            {"destination": "Verdun", "semaine-0": "1", "jours-0": "lun", "arrivee-0": "30:00"},
            "n'est pas une heure",
        ),
        ({"destination": "Verdun", "semaine-0": "1", "arrivee-0": "08:00"}, "cochez au moins un jour"),
        ({"destination": "Verdun", "semaine-0": "13", "jours-0": "lun"}, "de 1 à 12"),
        ({"destination": "Verdun", "quand": "dates", "date-0": "2026-02-30"}, "Écrivez la date ainsi"),
        ({"destination": "Verdun", "aujourdhui": "a" * 301}, "300 caractères au plus"),
    ],
)
def test_what_cannot_be_read_is_named_nothing_typed_is_lost_and_nothing_is_written(
    bureau: Bureau, saisie: dict[str, str], phrase: str
) -> None:
    dossier = bureau.ouvrir()
    reponse = bureau.envoyer(
        f"{dossier}/besoins/nouveau", **({"quand": "semaine", "motif": "sante"} | saisie)
    )
    page = html.unescape(reponse.text)
    assert reponse.status_code == 422
    assert phrase in page
    champs = champs_de(page, "formulaire-besoin")
    assert champs["motif"] == "sante"
    for nom, valeur in saisie.items():
        assert valeur in champs[nom]
    assert situation(bureau, dossier).besoins == ()


@pytest.mark.parametrize(
    "passages",
    [
        {"dates": ["2026-12-08", {"date": "2026-12-10", "retour": "11:30"}], "arrivee": "10:00"},
        {
            "cycle": [{"jours": "lun"}, {"semaine": 2, "jours": ["mar", "sam"], "retour": "12:00"}],
            "arrivee": "05:00",
        },
        {},
    ],
)
def test_a_recorded_need_sent_back_untouched_reads_the_same(
    bureau: Bureau, passages: dict[str, object]
) -> None:
    dossier = bureau.ajouter(
        une_personne(
            besoins=[
                BesoinExprime(
                    lieu_libre="Luxembourg",
                    lieu_libre_minutes=65.5,
                    motif=MotifDeplacement.EMPLOI,
                    connu_le=date(2026, 11, 20),
                    passages=passages,
                    avec=["adulte", {"type": "enfant", "nombre": 3}],
                    aujourdhui="n'y va pas",
                )
            ]
        )
    )
    avant = situation(bureau, dossier).besoins[0]
    adresse = f"{dossier}/besoins/{avant.id}"
    champs = champs_de(bureau.page(adresse), "formulaire-besoin")
    assert bureau.envoyer(adresse, **champs).status_code == 303
    apres = situation(bureau, dossier).besoins[0]
    assert sorted(apres.avec) == sorted(avant.avec)
    assert (apres.id, apres.destination, apres.motif, apres.passages, apres.connu_le, apres.aujourdhui) == (
        avant.id, avant.destination, avant.motif, avant.passages, avant.connu_le, avant.aujourdhui,
    )  # fmt: skip


def test_a_need_taken_away_is_gone_and_the_journal_says_so(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    bureau.envoyer(f"{dossier}/besoins/nouveau", destination="Verdun", quand="")
    (besoin,) = situation(bureau, dossier).besoins
    assert bureau.envoyer(f"{dossier}/besoins/{besoin.id}/retirer").location == dossier
    assert situation(bureau, dossier).besoins == ()
    assert bureau.faits()[-1] == "BesoinRetire"


def test_a_need_is_reached_only_through_its_own_dossier(bureau: Bureau) -> None:
    dossier, autre = bureau.ouvrir(prenom="Elle"), bureau.ouvrir(prenom="Autre")
    bureau.envoyer(f"{dossier}/besoins/nouveau", destination="Verdun", quand="")
    (besoin,) = situation(bureau, dossier).besoins
    assert bureau.client.get(f"{autre}/besoins/{besoin.id}").status_code == 404
    assert bureau.envoyer(f"{autre}/besoins/{besoin.id}/retirer").status_code == 404
    assert len(situation(bureau, dossier).besoins) == 1


def test_the_partner_s_car_is_free_when_she_said_it_is(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    champs = {
        "annee_naissance": "1992",
        "permis": ["A1", "B"],
        "etat": "suspendu",
        "obtenu": "2012",
        "moyen-0": "voiture",
        "etat-0": "roulant",
        "libre-0": "heures",
        "jours-0-0": OUVRES,
        "de-0-0": "4h15",
        "a-0-0": "13 h 45",
        "moyen-1": "velo",
        "libre-1": "toujours",
        "moyen-2": "",
    }
    assert bureau.envoyer(f"{dossier}/moyens", **champs).location == dossier
    lue = situation(bureau, dossier)
    assert lue.annee_naissance == 1992
    assert lue.permis
    assert (sorted(lue.permis.categories), lue.permis.etat, lue.permis.obtenu_en) == (
        ["A1", "B"],
        EtatPermis.SUSPENDU,
        2012,
    )
    voiture, velo = lue.moyens or ()
    assert (voiture.type, voiture.etat) == (TypeMoyen.VOITURE, EtatMoyen.ROULANT)
    assert voiture.disponible == (Plage(frozenset(Jour(j) for j in OUVRES), 255, 825),)
    assert velo.disponible == (Plage(frozenset(Jour), 0, 1439),)
    page = bureau.page(dossier).replace("\xa0", " ")
    assert "lundi à vendredi, 4 h 15–13 h 45" in page
    assert "permis A1, B suspendu, obtenu en 2012" in page
    avant = situation(bureau, dossier)
    assert bureau.envoyer(
        f"{dossier}/moyens", **champs_de(bureau.page(f"{dossier}/moyens"), "formulaire-moyens")
    ).location
    assert situation(bureau, dossier) == avant


def test_no_means_at_all_is_not_the_same_as_nobody_having_asked(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    bureau.envoyer(f"{dossier}/moyens", **{"moyen-0": ""})
    assert situation(bureau, dossier).moyens is None
    bureau.envoyer(f"{dossier}/moyens", aucun="oui", **{"moyen-0": ""})
    assert situation(bureau, dossier).moyens == ()


def test_a_licence_whose_state_nobody_asked_is_to_check_not_valid(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    bureau.envoyer(f"{dossier}/moyens", permis="B")
    permis = situation(bureau, dossier).permis
    assert permis
    assert permis.etat is EtatPermis.A_VERIFIER
