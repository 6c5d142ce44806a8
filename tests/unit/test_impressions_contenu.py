"""What is printed, before it is drawn: short enough, honest about cuts, nothing hidden, nothing betrayed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.contexte import Contexte
from matching.moteur import proposer
from mobilite.bilan import Constat, Niveau
from mobilite.diagnostic import FreinCorrige
from mobilite.document import Champ
from mobilite.personnes import Joindre, Personne
from mobilite.plan import PlanActions, StatutAction
from mobilite.question import Axe
from mobilite.verdict import Verdict
from tests.fabriques import CONSEILLERE, une_personne
from web.catalogue import documents_de_demonstration
from web.impressions.carte import contenu_carte
from web.impressions.copie import BesoinDit, Dossier, contenu_copie
from web.impressions.fiche import MOTS_INTERDITS, MOTS_MAX, SUITE, compter_mots, contenu_fiche, textes
from web.referentiel import referentiel

LE = date(2026, 11, 23)


def un_plan(personne: Personne, *etapes: dict[str, Any]) -> PlanActions:
    """A plan whose steps hold these fields."""
    plan = PlanActions(personne=personne)
    for champs in etapes:
        action = plan.ajouter_etape(champs.get("intitule", "Appeler le garage"), CONSEILLERE)
        for nom, valeur in champs.items():
            setattr(action, nom, valeur)
    return plan


def nadia() -> Personne:
    """Somebody with a goal and nothing to hide."""
    return une_personne(
        prenom="Nadia", nom="Bernard", objectif="Aller à ma formation et, plus tard, conduire."
    )


ETAPES_DE_NADIA: tuple[dict[str, Any], ...] = (
    {
        "intitule": "Car Étain – Verdun (démonstration)",
        "le": date(2026, 11, 23),
        "heure": time(7, 5),
        "lieu": "Arrêt place de la Mairie, Étain",
        "telephone": "+33353011013",
        "apporter": ["pièce d'identité", "attestation de formation"],
        "pas_sur": "Pas encore sûr : la place.",
    },
    {
        "intitule": "Essayer le trajet avec Claire",
        "le": date(2026, 12, 1),
        "lieu": "Devant la mairie d'Étain",
    },
    {
        "intitule": "Permis B à Verdun, première rencontre",
        "telephone": "03 53 01 10 22",
        "apporter": ["pièce d'identité", "justificatif de domicile", "photo"],
    },
)


def test_a_usual_page_says_everything_and_cuts_nothing() -> None:
    personne = nadia()
    contenu = contenu_fiche(personne, un_plan(personne, *ETAPES_DE_NADIA))
    premiere = contenu["etapes"][0]
    assert contenu["but"] == personne.objectif
    assert premiere["quand"].split() == ["Lundi", "23", "novembre,", "7", "h", "05"]
    assert premiere["quoi"] == "Car Étain – Verdun"
    assert premiere["lieu"] == "Arrêt place de la Mairie, Étain"
    assert premiere["telephone"] == "03.53.01.10.13"
    assert premiere["apporter"] == "pièce d'identité, attestation de formation"
    assert contenu["etapes"][2]["quand"] == "Date à fixer"
    assert contenu["pas_sur"] == ["La place."]
    assert contenu["refuser"] == "Vous pouvez refuser."
    assert contenu["suite"] == ""
    assert compter_mots(textes(contenu)) <= MOTS_MAX


TEXTE = st.text(max_size=60) | st.builds(
    lambda mot, n: f"{mot} " * n, st.text(max_size=12), st.integers(0, 120)
)
ETAPE = st.fixed_dictionaries(
    {
        "intitule": TEXTE,
        "le": st.none() | st.dates(date(2026, 1, 1), date(2030, 12, 31)),
        "heure": st.none() | st.times(),
        "lieu": TEXTE,
        "telephone": TEXTE,
        "apporter": st.lists(TEXTE, max_size=5),
        "pas_sur": TEXTE,
    }
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(prenom=TEXTE, objectif=TEXTE, etapes=st.lists(ETAPE, max_size=4))
def test_whatever_was_typed_the_page_holds_in_ninety_words(
    prenom: str, objectif: str, etapes: list[dict[str, Any]]
) -> None:
    personne = une_personne(prenom=prenom, objectif=objectif)
    contenu = contenu_fiche(personne, un_plan(personne, *etapes))
    assert compter_mots(textes(contenu)) <= MOTS_MAX


def test_what_is_cut_shows_and_says_where_the_rest_is() -> None:
    personne = une_personne(objectif="aller " * 60)
    etape = {"intitule": "mot " * 40, "lieu": "lieu " * 40, "apporter": ["une chose"] * 30}
    contenu = contenu_fiche(personne, un_plan(personne, etape, etape, etape))
    assert contenu["but"].endswith("…")
    assert all(e[champ].endswith("…") for e in contenu["etapes"] for champ in ("quoi", "lieu", "apporter"))
    assert contenu["suite"] == SUITE


def test_only_three_steps_are_shown_and_never_what_was_dropped_or_done() -> None:
    personne = nadia()
    plan = un_plan(personne, *({"intitule": f"Étape {rang}"} for rang in range(1, 7)))
    plan.actions[0].decider(StatutAction.ECARTEE, CONSEILLERE, "trop loin")
    plan.actions[2].decider(StatutAction.FAITE, CONSEILLERE)
    assert [e["quoi"] for e in contenu_fiche(personne, plan)["etapes"]] == ["Étape 2", "Étape 4", "Étape 5"]


def test_words_that_never_reach_her_are_held_back_even_when_an_adviser_typed_them() -> None:
    personne = nadia()
    plan = un_plan(
        personne,
        {
            "intitule": "Lever le frein psychologique",
            "lieu": "Verdict du comité",
            "pas_sur": "Pas encore sûr : son score",
            "apporter": ["attestation bénéficiaire", "photo", "bilan CO2"],
        },
    )
    contenu = contenu_fiche(personne, plan)
    assert not [texte for texte in textes(contenu) if MOTS_INTERDITS.search(texte)]
    assert contenu["etapes"][0]["apporter"] == "photo"
    assert contenu["suite"] == SUITE


@pytest.mark.parametrize(
    ("joindre", "phrase"),
    [
        (Joindre.TELEPHONE, "Nous vous appelons"),
        (Joindre.REFERENT, "Nous prévenons"),
        (Joindre.RIEN, "Appelez-nous"),
    ],
)
def test_without_a_plan_the_page_says_what_happens_next_by_the_way_she_is_reached(
    joindre: Joindre, phrase: str
) -> None:
    contenu = contenu_fiche(une_personne(joindre=joindre), None)
    assert any(e["quoi"].startswith(phrase) for e in contenu["etapes"])


def test_a_discreet_page_tells_nothing_but_the_first_name() -> None:
    personne = une_personne(
        prenom="Inès",
        nom="Roussel",
        telephone="+33639980112",
        objectif="Aller au tribunal sans que l'on sache où je dors.",
        contact_discret=True,
        conseiller_id=CONSEILLERE.id,
    )
    plan = un_plan(
        personne, {"intitule": "Un trajet accompagné", "lieu": "12 rue du Refuge", "telephone": "0353011013"}
    )
    tout = " ".join(textes(contenu_fiche(personne, plan)))
    assert "Inès" in tout and "Un trajet accompagné" in tout
    assert not [secret for secret in ("Roussel", "Refuge", "tribunal", "39.98", "dors") if secret in tout]


def test_the_qr_code_of_a_card_does_not_depend_on_its_code() -> None:
    une, autre = (
        contenu_carte(code, "https://exemple.invalid/ma-carte") for code in ("AAAA2222", "BBBB3333")
    )
    assert une["code"] == "AAAA 2222" and autre["code"] == "BBBB 3333"
    assert une["qr"] == autre["qr"]
    assert "AAAA" not in une["qr"] + une["qr_dit"] + une["adresse"]


def un_dossier(**choix: Any) -> Dossier:
    """Nadia's situation over the catalogue of the demonstration."""
    connu = referentiel()
    situation = connu.lecteur_situation.lire(
        Champ(
            {
                "annee_naissance": 1997,
                "depart": [{"insee": "55181"}],
                "permis": {"type": "code_en_cours"},
                "besoins": [
                    {
                        "id": "formation",
                        "destination": "55545",
                        "motif": "formation",
                        "cycle": [{"jours": ["lun", "mar"], "arrivee": "08:00", "retour": "17:00"}],
                    }
                ],
            }
        )
    )
    contexte: Contexte = connu.contexte(LE)
    catalogue = [connu.lecteur_offres.lire(Champ(fiche)) for fiche in documents_de_demonstration()]
    defauts: dict[str, Any] = {
        "nom": "Nadia Bernard",
        "demonstration": True,
        "identite": [("Personne", "Nadia Bernard")],
        "objectif": "Aller à ma formation.",
        "besoins": {"formation": BesoinDit("Verdun, formation", ("Lundi et mardi, 8 h–17 h.",))},
        "axes": [],
        "atouts": [],
        "questionnaire": "2026.1",
        "plan": None,
        "reponse": proposer(situation, connu.faits(situation, LE), catalogue, contexte),
        "accueil": None,
    }
    return Dossier(**(defauts | choix))


def copie(dossier: Dossier) -> dict[str, Any]:
    """The copy as Claire prints it one Monday."""
    return contenu_copie(dossier, conseiller="Claire", etablie_le=datetime(2026, 11, 23, 8, tzinfo=UTC))


def test_no_offer_vanishes_from_the_copy_of_the_adviser() -> None:
    dossier = un_dossier()
    besoin = copie(dossier)["besoins"][0]
    dites = [p["nom"] for p in besoin["propositions"]] + besoin["repliees"]
    dites += [nom for refus in besoin["refus"] for nom in refus["offres"]]
    attendues = [p.offre.nom.replace(" (démonstration)", "") for p in dossier.reponse.besoins[0].propositions]
    assert sorted(dites) == sorted(attendues)
    assert all(refus["phrase"] for refus in besoin["refus"])


def test_every_doubt_of_the_copy_names_somebody_to_ask() -> None:
    besoin = copie(un_dossier())["besoins"][0]
    douteuses = {p["nom"] for p in besoin["propositions"] if p["verdict"] == Verdict.A_VERIFIER}
    assert douteuses
    assert douteuses == {nom for manque in besoin["manques"] for nom in manque["pour"]}
    dates = [manque["avant"] for manque in besoin["manques"]]
    assert all(not avant for avant in dates[dates.index("") :]), "the most urgent comes first"


def test_the_copy_says_what_was_kept_and_dropped_and_why() -> None:
    dossier = un_dossier()
    gardee, ecartee = [p for p in dossier.reponse.besoins[0].propositions if p.verdict is not Verdict.NON][:2]
    plan = PlanActions(personne=nadia())
    for p, statut, raison in (
        (gardee, StatutAction.GARDEE, "elle la connaît"),
        (ecartee, StatutAction.ECARTEE, "elle a peur des inconnus"),
    ):
        action = plan.ajouter_etape(p.offre.nom, CONSEILLERE)
        action.instantane = {"offre": p.offre.id}
        action.besoin = "formation"  # type: ignore[assignment]
        action.decider(statut, CONSEILLERE, raison)
    contenu = copie(un_dossier(plan=plan))
    assert [(a["statut"], a["raison"]) for a in contenu["plan"]] == [
        ("Gardée", "elle la connaît"),
        ("Écartée", "elle a peur des inconnus"),
    ]
    decisions = {p["nom"]: p["decision"] for p in contenu["besoins"][0]["propositions"] if p["decision"]}
    assert list(decisions.values()) == ["Gardée", "Écartée"]
    nom = ecartee.offre.nom.replace(" (démonstration)", "")
    assert nom not in [n for manque in contenu["besoins"][0]["manques"] for n in manque["pour"]]


def test_a_corrected_axis_shows_both_levels_and_the_reason() -> None:
    constat = Constat("physique", "physique", 6, 10, 80.0, Niveau.SANS_IMPACT, ())
    correction = FreinCorrige(
        axe=Axe.PHYSIQUE,
        niveau=Niveau.FORT,
        niveau_calcule=Niveau.SANS_IMPACT.value,
        raison="plâtre jusqu'à Noël",
        par=CONSEILLERE.id,
    )
    axe = copie(un_dossier(axes=[(constat, correction)]))["axes"][0]
    assert axe["niveau"] == "frein fort"
    assert "plâtre jusqu'à Noël" in axe["correction"] and "sans impact" in axe["correction"]


def test_the_copy_says_that_it_is_a_demonstration_and_an_estimate() -> None:
    contenu = copie(un_dossier())
    assert contenu["demonstration"].startswith("Démonstration")
    assert "estimation" in contenu["methode"]
    assert "2026.1" in contenu["questionnaire"]
