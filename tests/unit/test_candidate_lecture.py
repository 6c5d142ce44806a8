"""Reading an offer: what the operator says is kept, what is wrong is refused by name, nothing else happens."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from mobilite.besoin import Jour, Plage
from mobilite.candidate import CalendrierVivant, Candidate, Course, Genre, Occupation
from mobilite.conditions import SANS_CONDITION, Exige, Sauf, Tous, UnDe
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from tests.unit.lecture import (
    AMBLAINCOURT,
    BAR_LE_DUC,
    BEAUSITE,
    CHAMPS_JSON,
    ETAIN,
    VALEURS_JSON,
    VERDUN,
    lecteur_offres,
    territoire,
)


def lire(**champs: Any) -> Candidate:
    return lecteur_offres().lire(
        Champ({"id": "essai", "nom": "Essai", "genre": "location_voiture", **champs})
    )


def refus(**champs: Any) -> DonneeRefusee:
    with pytest.raises(DonneeRefusee) as refuse:
        lire(**champs)
    return refuse.value


def test_the_smallest_offer_is_read_and_the_rest_is_unknown() -> None:
    offre = lire()
    assert offre == Candidate("essai", "Essai", Genre.LOCATION_VOITURE, structure="")
    assert (offre.horaires, offre.places, offre.fauteuil, offre.preavis_heures) == (None, None, None, None)
    assert not offre.prix.connu
    assert offre.conditions == SANS_CONDITION


def test_a_free_offer_is_not_an_offer_whose_price_nobody_has_said() -> None:
    assert lire(prix={"gratuit": True}).prix.connu
    assert not lire(prix={"caution": 150}).prix.connu
    assert refus(prix={"gratuit": True, "jour": 4}).champ == "prix"


def test_a_zone_adds_up_communes_intercommunality_and_radius() -> None:
    zone = lire(zone={"communes": [BAR_LE_DUC], "epci": "245501242", "autour": VERDUN, "rayon_km": 5}).zone
    assert zone is not None
    etain = {c.insee for c in territoire().epci("245501242")}
    assert {BAR_LE_DUC, ETAIN, VERDUN} | etain <= zone
    assert len(zone) < 100


def test_a_zone_can_be_the_departement_or_everywhere() -> None:
    departement = lire(zone={"departement": "55"}).zone
    assert departement is not None
    assert len(departement) == 499
    assert lire(zone="france").zone is None


def test_former_communes_lead_to_the_ones_of_today_in_zones_places_and_departures() -> None:
    offre = lire(
        lieu=AMBLAINCOURT,
        zone={"communes": [AMBLAINCOURT]},
        courses=[{"de": AMBLAINCOURT, "depart": "07:00", "a": VERDUN, "arrivee": "07:40"}],
    )
    assert offre.lieu is not None
    assert offre.lieu.insee == BEAUSITE
    assert offre.zone == frozenset({BEAUSITE})
    assert offre.courses == (Course(frozenset(Jour), BEAUSITE, 420, VERDUN, 460),)


def test_conditions_nest_all_any_and_not() -> None:
    lue = lire(
        conditions={
            "tous": [
                {"un_de": [{"fait": "age", "au_moins": 18}, {"fait": "accord_parental", "est": True}]},
                {"sauf": {"fait": "fauteuil", "est": True}},
                {"fait": "statuts", "parmi": ["rsa", "interim"], "preuve": "attestation"},
                {"fait": "ressources_mois", "au_plus": "c2s_gratuite"},
            ]
        }
    ).conditions
    assert isinstance(lue, Tous)
    majeur, fauteuil, statut, plafond = lue.conditions
    assert isinstance(majeur, UnDe)
    assert isinstance(fauteuil, Sauf)
    assert isinstance(statut, Exige)
    assert statut.parmi == {"rsa", "interim"}
    assert statut.preuve == "attestation"
    assert isinstance(plafond, Exige)
    assert plafond.au_plus == "c2s_gratuite"


def test_a_condition_without_a_sentence_gets_one_that_names_the_fact() -> None:
    lue = lire(conditions={"fait": "age", "au_moins": 18}).conditions
    assert isinstance(lue, Exige)
    assert "l'âge" in lue.phrase


def test_hours_that_end_the_next_morning_are_kept_as_said() -> None:
    assert lire(horaires=[{"jours": ["ven"], "de": "20:00", "a": "02:00"}]).horaires == (
        Plage(frozenset({Jour.VEN}), 1200, 120),
    )
    assert lire(horaires=[]).horaires == (), "never open is not the same as nobody has said"


def test_a_live_calendar_tells_how_many_vehicles_stay_free_on_the_worst_day() -> None:
    lu = lire(
        calendrier={
            "vehicules": 2,
            "occupations": [
                {"du": "2026-12-01", "au": "2026-12-05"},
                {"du": "2026-12-05", "au": "2026-12-09"},
            ],
        }
    ).calendrier
    assert lu == CalendrierVivant(
        2,
        (
            Occupation(date(2026, 12, 1), date(2026, 12, 5)),
            Occupation(date(2026, 12, 5), date(2026, 12, 9)),
        ),
    )
    assert lu.libres(date(2026, 12, 1), date(2026, 12, 4)) == 1
    assert lu.libres(date(2026, 12, 1), date(2026, 12, 9)) == 0
    assert lu.libres(date(2026, 12, 10), date(2026, 12, 10)) == 2


def test_two_offers_of_a_catalogue_cannot_share_an_id() -> None:
    offre = {"id": "a", "nom": "A", "genre": "vente"}
    assert len(lecteur_offres().lire_catalogue(Champ({"offres": [offre, {**offre, "id": "b"}]}))) == 2
    with pytest.raises(DonneeRefusee, match="même id « a »"):
        lecteur_offres().lire_catalogue(Champ([offre, offre]))


def test_an_unknown_key_of_an_offer_is_kept_in_the_list_of_what_nobody_read() -> None:
    champ = Champ([{"id": "a", "nom": "A", "genre": "vente", "couleur": "rouge", "prix": {"heure": 35}}])
    lecteur_offres().lire_catalogue(champ)
    assert sorted(champ.ignores) == ["offres[0].couleur", "offres[0].prix.heure"]


@pytest.mark.parametrize(
    ("champs", "champ"),
    [
        ({"genre": "fusee"}, "genre"),
        ({"id": ""}, "id"),
        ({"id": None}, ""),
        ({"nom": "a\x00b"}, "nom"),
        ({"lieu": "99999"}, "lieu"),
        ({"zone": {"communes": ["99999"]}}, "zone.communes[0]"),
        ({"zone": {"communes": []}}, "zone"),
        ({"zone": "meuse"}, "zone"),
        ({"zone": {"epci": "000000000"}}, "zone.epci"),
        ({"zone": {"departement": "75"}}, "zone.departement"),
        ({"zone": {"autour": VERDUN}}, "zone.autour"),
        ({"motifs": ["loisir"]}, "motifs[0]"),
        ({"conditions": {}}, "conditions"),
        ({"conditions": {"tous": [], "sauf": {}}}, "conditions"),
        ({"conditions": {"tous": [{"fait": "signe_astral", "est": True}]}}, "conditions.tous[0].fait"),
        ({"conditions": {"un_de": []}}, "conditions.un_de"),
        ({"conditions": {"fait": "age"}}, "conditions"),
        ({"conditions": {"fait": "age", "au_moins": 18, "au_plus": 25}}, "conditions"),
        ({"conditions": {"fait": "age", "est": True}}, "conditions.est"),
        ({"conditions": {"fait": "c2s", "au_moins": 1}}, "conditions.au_moins"),
        ({"conditions": {"fait": "statuts", "parmi": []}}, "conditions.parmi"),
        ({"conditions": {"fait": "age", "au_plus": "c2s_gratuite"}}, "conditions.au_plus"),
        ({"conditions": {"fait": "ressources_mois", "au_plus": "plafond_rsa"}}, "conditions.au_plus"),
        ({"vehicule": {"boite": "manuelle"}}, "vehicule"),
        ({"vehicule": {"categorie": "camion"}}, "vehicule.categorie"),
        ({"vehicule": {"categorie": "voiture", "places": 12}}, "vehicule.places"),
        ({"horaires": [{"de": "30:00", "a": "08:00"}]}, "horaires[0].de"),
        ({"permanent": "oui"}, "permanent"),
        ({"courses": [{"de": ETAIN, "depart": "07:00", "a": VERDUN}]}, "courses[0]"),
        ({"preavis_heures": -1}, "preavis_heures"),
        ({"prix": {"jour": "4 €"}}, "prix.jour"),
        ({"prix": {"jour": float("nan")}}, "prix.jour"),
        ({"confirmation": {"par": "Mme Petit"}}, "confirmation"),
        ({"calendrier": {"occupations": []}}, "calendrier"),
        (
            {"calendrier": {"vehicules": 1, "occupations": [{"du": "2026-12-02", "au": "2026-12-01"}]}},
            "calendrier.occupations[0].au",
        ),
        ({"verifiee_le": "hier"}, "verifiee_le"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_the_name_of_its_field(
    champs: dict[str, Any], champ: str
) -> None:
    refuse = refus(**champs)
    assert refuse.champ == champ
    assert refuse.raison.endswith(".")


@settings(max_examples=300, deadline=None)
@given(VALEURS_JSON, CHAMPS_JSON)
def test_any_value_is_either_read_or_refused_in_a_sentence_that_can_be_shown(
    libre: Any, champs: dict[str, Any]
) -> None:
    lecteur = lecteur_offres()
    for document in (libre, [{"id": "a", "nom": "A", "genre": "vente", **champs}], {"offres": libre}):
        champ = Champ(document)
        try:
            assert all(isinstance(o, Candidate) for o in lecteur.lire_catalogue(champ))
        except DonneeRefusee as refuse:
            str(refuse).encode("utf-8")
        "".join(champ.ignores).encode("utf-8")
