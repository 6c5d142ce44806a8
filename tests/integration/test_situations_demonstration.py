"""The fictional people and offers that ship: what must be proposed, what must not, and the engine's laws."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from matching.moteur import proposer
from matching.proposition import Proposition, Reponse
from mobilite.besoin import Besoin, CategoriePermis, EtatPermis, LieuLibre, Situation, TypeMoyen
from mobilite.candidate import Candidate, Confirmation, Genre
from mobilite.conditions import Condition, Exige, Sauf, Tous, UnDe
from mobilite.document import Champ
from mobilite.faits import Faits
from mobilite.structure import GenreStructure
from mobilite.verdict import Verdict
from seeds.dates import resoudre
from web.commandes.proposer import repondre
from web.referentiel import dossier_des_graines, referentiel

DEMONSTRATION = dossier_des_graines() / "demonstration"
JOURS = (date(2026, 11, 21), date(2027, 2, 28), date(2027, 7, 11))
"""The day of writing, a Sunday in winter, a Sunday in summer when the offers have grown old."""

FICTION = re.compile(r"(03 53 01|06 39 98)( \d\d){2}|\+33(35301|63998)\d{4}")
"""Numbers that ARCEP keeps for fiction."""


def lire(chemin: Path) -> Any:
    return json.loads(chemin.read_text(encoding="utf-8"))


PERSONNES: dict[str, Any] = {fiche["prenom"]: fiche for fiche in lire(DEMONSTRATION / "personnes.json")}


@cache
def offres() -> tuple[Candidate, ...]:
    """Every demonstration offer, read as anybody's would be."""
    return tuple(
        offre
        for chemin in sorted((DEMONSTRATION / "offres").glob("*.json"))
        for offre in referentiel().lecteur_offres.lire_catalogue(Champ(lire(chemin)))
    )


def situation_de(prenom: str, le: date) -> Situation:
    """The situation of a demonstration person on a day."""
    return referentiel().lecteur_situation.lire(Champ(resoudre(PERSONNES[prenom]["situation"], le)))


def faits_de(situation: Situation, le: date) -> Faits:
    """What is known about her."""
    return referentiel().faits(situation, le)


def reponse_pour(situation: Situation, le: date, catalogue: tuple[Candidate, ...]) -> Reponse:
    """The engine's answer."""
    return proposer(situation, faits_de(situation, le), catalogue, referentiel().contexte(le))


def verdicts(reponse: Reponse) -> dict[tuple[str, str], Verdict]:
    """By need and offer."""
    return {(p.besoin.id, p.offre.id): p.verdict for b in reponse.besoins for p in b.propositions}


def propositions(reponse: Reponse, offre: str) -> Iterator[Proposition]:
    """What is said of one offer, for every need."""
    return (p for b in reponse.besoins for p in b.propositions if p.offre.id == offre)


# What each person must and must never be proposed


@pytest.mark.parametrize("le", JOURS, ids=str)
@pytest.mark.parametrize("prenom", PERSONNES)
def test_each_person_is_proposed_what_her_situation_calls_for(prenom: str, le: date) -> None:
    reponse = reponse_pour(situation_de(prenom, le), le, offres())
    for attendue in PERSONNES[prenom]["attendu"]["proposees"]:
        trouvees = list(propositions(reponse, attendue))
        assert trouvees
        assert any(p.verdict is not Verdict.NON for p in trouvees), (
            f"{attendue} : {[m.phrase for p in trouvees for m in p.motifs if m.verdict is Verdict.NON]}"
        )


@pytest.mark.parametrize("le", JOURS, ids=str)
@pytest.mark.parametrize("prenom", PERSONNES)
def test_each_person_is_never_proposed_what_a_rule_forbids_and_the_rule_is_named(
    prenom: str, le: date
) -> None:
    reponse = reponse_pour(situation_de(prenom, le), le, offres())
    for jamais in PERSONNES[prenom]["attendu"]["jamais"]:
        trouvees = list(propositions(reponse, jamais["offre"]))
        assert trouvees
        for p in trouvees:
            assert p.verdict is Verdict.NON, f"{jamais['offre']} : {jamais['pourquoi']}"
            assert jamais["regle"] in {m.regle for m in p.motifs if m.verdict is Verdict.NON}


def test_the_people_are_described_with_nothing_that_nobody_reads() -> None:
    for fiche in PERSONNES.values():
        champ = Champ(resoudre(fiche["situation"], JOURS[0]))
        referentiel().lecteur_situation.lire(champ)
        assert [chemin for chemin in champ.ignores if not chemin.endswith(".chez")] == []


def test_what_the_engine_says_is_what_the_documentation_names() -> None:
    le = JOURS[0]
    document = repondre(situation_de("Nadia", le), offres(), referentiel(), le)
    page = (Path(__file__).parents[2] / "docs" / "situation.md").read_text(encoding="utf-8")
    for partie in (
        document,
        document["propositions"][0],
        document["besoins"][0],
        document["prochaine_etape"],
    ):
        assert {cle for cle in partie if f"`{cle}`" not in page and f'"{cle}"' not in page} == set()


# The laws of the engine, on every person and every offer


def remplie(condition: Condition, faits: Faits) -> bool | None:
    """A second, naive reading of conditions: True, False, or None when a fact is missing."""
    match condition:
        case Tous(enfants):
            lus = [remplie(enfant, faits) for enfant in enfants]
            return False if False in lus else None if None in lus else True
        case UnDe(enfants):
            lus = [remplie(enfant, faits) for enfant in enfants]
            return True if True in lus else None if None in lus else False
        case Sauf(interieure):
            lu = remplie(interieure, faits)
            return None if lu is None else not lu
        case Exige():
            return exigence_remplie(condition, faits)


def exigence_remplie(exige: Exige, faits: Faits) -> bool | None:
    """One comparison; a ceiling named by a parameter is left to the engine."""
    valeur = faits.get(exige.fait.nom)
    if valeur is None or isinstance(exige.au_plus, str):
        return None
    if isinstance(valeur, tuple):
        bas, haut = valeur
        seuil = exige.au_moins if exige.au_moins is not None else exige.au_plus
        assert seuil is not None
        extremes = {v >= seuil if exige.au_moins is not None else v <= seuil for v in (bas, haut)}
        return extremes.pop() if len(extremes) == 1 else None
    if isinstance(valeur, bool):
        return valeur == exige.est
    return not exige.parmi.isdisjoint({valeur} if isinstance(valeur, str) else valeur)


def confirmees(le: date) -> tuple[Candidate, ...]:
    """The same offers, each with its place confirmed today: nothing but rules can hold them back."""
    confirmation = Confirmation("Mme Exemple", le)
    return tuple(replace(o, confirmation=confirmation, verifiee_le=le) for o in offres())


@pytest.mark.parametrize("prenom", PERSONNES)
def test_an_offer_whose_stated_condition_fails_is_no_and_one_that_is_yes_has_them_all_met(
    prenom: str,
) -> None:
    le = JOURS[0]
    situation = situation_de(prenom, le)
    faits = faits_de(situation, le)
    for besoin in reponse_pour(situation, le, confirmees(le)).besoins:
        for p in besoin.propositions:
            lue = remplie(p.offre.conditions, faits)
            if lue is False:
                assert p.verdict is Verdict.NON, p.offre.id
            if p.verdict is Verdict.OUI:
                assert lue is True, p.offre.id


def test_some_offers_are_a_clear_yes_once_their_place_is_confirmed() -> None:
    le = JOURS[0]
    oui = {
        (prenom, offre)
        for prenom in PERSONNES
        for (_, offre), verdict in verdicts(
            reponse_pour(situation_de(prenom, le), le, confirmees(le))
        ).items()
        if verdict is Verdict.OUI
    }
    assert {
        ("Karim", "navette-ligny"),
        ("Nadia", "covoit-etain-verdun"),
        ("Lucie", "tad-bar-fauteuil"),
    } <= oui


def est_connu(regle: str, besoin: Besoin, situation: Situation, faits: Faits) -> bool:
    """Whether what a refusal rests on has been said. A rule that is not here must be added."""
    if regle.startswith("condition."):
        return regle.removeprefix("condition.") in faits
    heures = bool(besoin.passages) and all(p.arrivee is not None for p in besoin.passages)
    lieux = bool(situation.departs) and not isinstance(besoin.destination, LieuLibre)
    return {
        "droit.permis": situation.permis is not None and situation.permis.etat is not EtatPermis.A_VERIFIER,
        "droit.transport_utilite_sociale": "residence" in faits,
        "zone": "residence" in faits or bool(situation.departs),
        "desserte": bool(situation.departs),
        "motif": besoin.motif is not None,
        "horaires": heures,
        "jour_ferie": heures,
        "preavis": bool(besoin.passages),
        "date": bool(besoin.passages),
        "duree": lieux,
        "distance": lieux,
        "attente": lieux and heures,
        "nuit_hiver": "accord_nuit_hiver" in faits,
        "velo": "sait_faire_velo" in faits,
        "fauteuil": "fauteuil" in faits or "fauteuil" in besoin.avec,
        "places": bool(besoin.avec),
        "place": True,  # said by the partner: full, or a calendar
    }[regle]


@pytest.mark.parametrize("prenom", PERSONNES)
def test_no_refusal_rests_on_something_nobody_has_said(prenom: str) -> None:
    le = JOURS[0]
    situation = situation_de(prenom, le)
    faits = faits_de(situation, le)
    for besoin in reponse_pour(situation, le, offres()).besoins:
        for p in besoin.propositions:
            refus = [m for m in p.motifs if m.verdict is Verdict.NON]
            assert bool(refus) == (p.verdict is Verdict.NON), p.offre.id
            for motif in refus:
                assert est_connu(motif.regle, besoin.besoin, situation, faits), (p.offre.id, motif)
                assert motif.phrase
                assert motif.changerait, (p.offre.id, motif)


def oublis(situation: Situation) -> Iterator[tuple[str, Situation]]:
    """The same situation, each time with one thing nobody has said."""
    yield "permis", replace(situation, permis=None)
    yield "annee_naissance", replace(situation, annee_naissance=None)
    yield "moyens", replace(situation, moyens=None)
    yield "motif", replace(situation, besoins=tuple(replace(b, motif=None) for b in situation.besoins))
    yield "heures", replace(situation, besoins=tuple(sans_heures(b) for b in situation.besoins))
    for code in situation.reponses:
        yield code, replace(situation, reponses={c: v for c, v in situation.reponses.items() if c != code})


def sans_heures(besoin: Besoin) -> Besoin:
    return replace(besoin, passages=tuple(replace(p, arrivee=None, retour=None) for p in besoin.passages))


@pytest.mark.parametrize("prenom", PERSONNES)
def test_forgetting_what_she_said_never_turns_a_doubt_into_a_no(prenom: str) -> None:
    le = JOURS[0]
    situation = situation_de(prenom, le)
    avant = verdicts(reponse_pour(situation, le, confirmees(le)))
    for oubli, moins_connue in oublis(situation):
        apres = verdicts(reponse_pour(moins_connue, le, confirmees(le)))
        for cle, verdict in apres.items():
            assert verdict is not Verdict.NON or avant[cle] is Verdict.NON, (oubli, cle)


BESOINS_DITS = ("D4_fauteuil",)
"""Nobody is supposed to need what she never said: the one thing whose silence doubts no offer."""


@pytest.mark.parametrize("prenom", PERSONNES)
def test_knowing_less_never_makes_an_answer_surer(prenom: str) -> None:
    le = JOURS[0]
    situation = situation_de(prenom, le)
    avant = verdicts(reponse_pour(situation, le, confirmees(le)))
    for oubli, moins_connue in oublis(situation):
        for cle, verdict in verdicts(reponse_pour(moins_connue, le, confirmees(le))).items():
            if oubli in BESOINS_DITS:
                continue
            assert verdict in (avant[cle], Verdict.A_VERIFIER), (oubli, cle, avant[cle], verdict)


# The data itself


def test_every_kind_of_offer_is_there_and_everything_says_it_is_a_demonstration() -> None:
    assert {o.genre for o in offres()} == set(Genre)
    assert len({o.id for o in offres()}) == len(offres()) >= 45
    for offre in offres():
        assert offre.demonstration, offre.id
        assert "(démonstration)" in offre.nom, offre.id
        assert "(démonstration)" in offre.structure, offre.id
        assert offre.courses == () or "Horaires fictifs" in offre.description, offre.id


def test_every_town_with_a_demonstration_maison_has_a_solution_that_leaves_from_it() -> None:
    departs = {c.de for o in offres() for c in o.courses}
    departs |= {insee for o in offres() if o.genre.transporte and o.zone for insee in o.zone}
    onze = {"55029", "55545", "55122", "55463", "55181", "55502", "55533", "55291", "55427", "55351", "55117"}
    assert onze <= departs


def test_offers_and_structures_agree_on_names_and_telephones() -> None:
    structures = {s["nom"]: s for s in lire(DEMONSTRATION / "structures.json")}
    for s in structures.values():
        GenreStructure(s["genre"])
        assert referentiel().territoire.commune(s["commune"])
        assert s["demonstration"] is True
    for offre in offres():
        assert structures[offre.structure]["telephone"] == offre.telephone


def test_every_telephone_is_kept_for_fiction() -> None:
    for chemin in sorted(DEMONSTRATION.rglob("*.json")):
        texte = chemin.read_text(encoding="utf-8")
        for numero in re.findall(r"\+33\d{9}|\b0\d(?: \d\d){4}", texte):
            assert FICTION.fullmatch(numero), (chemin.name, numero)


def test_a_condition_only_asks_for_answers_that_exist() -> None:
    questionnaire = referentiel().questionnaire
    permis = {v.value for v in CategoriePermis} | {v.value for v in EtatPermis}
    for offre in offres():
        for exige in exigences(offre.conditions):
            assert exige.phrase.endswith("."), offre.id
            item = questionnaire.item_du_fait(exige.fait.nom)
            if item is not None and exige.parmi:
                assert exige.parmi <= {choix.valeur for choix in item.choix}, offre.id
            elif exige.fait.nom == "permis":
                assert exige.parmi <= permis, offre.id
            elif exige.fait.nom == "moyens":
                assert exige.parmi <= set(TypeMoyen), offre.id


def exigences(condition: Condition) -> Iterator[Exige]:
    """Every comparison of a tree."""
    match condition:
        case Exige():
            yield condition
        case Sauf(interieure):
            yield from exigences(interieure)
        case Tous(enfants) | UnDe(enfants):
            for enfant in enfants:
                yield from exigences(enfant)


def test_what_a_volunteer_association_asks_for_stays_under_the_legal_contribution() -> None:
    plafond = referentiel().contexte(JOURS[0]).parametres["tus.participation_km"]
    for offre in offres():
        if offre.genre is Genre.TRANSPORT_SOLIDAIRE:
            assert offre.prix.km is not None
            assert offre.prix.km <= plafond, offre.id
            assert "L3133-1" in offre.source
