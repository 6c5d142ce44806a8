"""The adviser's whole copy: everything the decision rests on, and how sure each thing is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from matching.proposition import BesoinExamine, Couvre, Proposition, Reponse
from mobilite.bilan import Constat
from mobilite.diagnostic import FreinCorrige
from mobilite.plan import Action, PlanActions, StatutAction
from mobilite.verdict import Manque, Verdict
from web.accueil import PremierAccueil
from web.formats import entier, euros, heure, jour, jour_annee, majuscule, telephone

INCONNU = "à vérifier"
_TELEPHONE_EN_FIN = re.compile(r"\s*\(([+\d][\d\s.\u00a0]{8,})\)\s*$")
_LIEU_FICTIF = re.compile(r"\s*\(emplacement de démonstration\)", re.IGNORECASE)
"""Said once beside them all (``mention``): a list holds demonstration places only, or none."""

_DEMONSTRATION = re.compile(r"\s*\(démonstration\)", re.IGNORECASE)
_COUVERTURES = {
    Couvre.TOTAL: "Tout le besoin a une réponse sûre.",
    Couvre.PARTIEL: "Une partie du besoin n'a pas encore de réponse sûre.",
    Couvre.RIEN: "Rien ne répond à ce besoin en ce moment.",
}
_STATUTS = {statut: statut.libelle for statut in StatutAction} | {StatutAction.GARDEE: "Gardée"}
_JAMAIS = date.max


@dataclass(frozen=True, slots=True)
class BesoinDit:
    """A need in words: « Verdun · formation », then sentences (when, with whom, how today)."""

    titre: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the copy is made of; what the reader may not see has already been left out.

    ``identite`` are (label, value); ``besoins`` by need id; ``axes`` the four with the adviser's
    latest correction; ``accueil`` is ``None`` when hidden.
    """

    nom: str
    demonstration: bool
    identite: Sequence[tuple[str, str]]
    objectif: str
    besoins: Mapping[str, BesoinDit]
    axes: Sequence[tuple[Constat, FreinCorrige | None]]
    atouts: Sequence[str]
    questionnaire: str
    plan: PlanActions | None
    reponse: Reponse
    accueil: PremierAccueil | None


def contenu_copie(dossier: Dossier, *, conseiller: str, etablie_le: datetime) -> dict[str, Any]:
    """Everything the copy shows, as JSON-able values, every figure already written in French."""
    propositions = [p for examine in dossier.reponse.besoins for p in examine.propositions]
    fictif = dossier.demonstration or any(p.offre.demonstration for p in propositions)
    # One label for the whole sheet, unless true and invented offers stand side by side.
    alleger = bool(propositions) and all(p.offre.demonstration for p in propositions)
    methodes = list(dict.fromkeys(p.duree.methode for p in propositions if p.duree is not None))
    contenu = {
        "titre": f"Dossier mobilité — {dossier.nom}",
        "etablie": f"Établie le {jour_annee(etablie_le)} à {heure(etablie_le)}"
        + (f" par {conseiller}" if conseiller else ""),
        "demonstration": "Démonstration : personnes, offres et emplacements inventés." if fictif else "",
        "identite": [{"libelle": libelle, "valeur": valeur} for libelle, valeur in dossier.identite],
        "objectif": dossier.objectif,
        "axes": [_axe(constat, correction) for constat, correction in dossier.axes],
        "atouts": list(dossier.atouts),
        "plan": _plan(dossier.plan),
        "besoins": [_besoin(examine, dossier) for examine in dossier.reponse.besoins],
        "questions": [question.texte for question in dossier.reponse.questions[:3]],
        "etape": dossier.reponse.prochaine_etape.phrase + _avant(dossier.reponse.prochaine_etape.avant),
        "accueil": _accueil(dossier.accueil),
        "methode": _methode(methodes, dossier.accueil),
        "questionnaire": f"Questionnaire : version {dossier.questionnaire}."
        if dossier.questionnaire
        else "Diagnostic pas encore commencé.",
        "pied": "Document de travail : des données personnelles, à ne pas laisser voir.",
    }
    return _alleger(contenu) if alleger else contenu


def _axe(constat: Constat, correction: FreinCorrige | None) -> dict[str, Any]:
    niveau = correction.niveau if correction else constat.niveau
    dit = ""
    if correction is not None:
        calcule = constat.niveau.libelle if constat.niveau else "non compté"
        dit = f"Niveau dit par le conseiller ({correction.raison}). Calculé : {calcule}."
    return {
        "libelle": majuscule(constat.libelle),
        "niveau": niveau.libelle if niveau else "non compté",
        "compte": f"{constat.repondues} réponses sur {constat.posees} questions posées",
        "correction": dit,
        "reponses": [
            {
                "question": r.question,
                "reponse": r.reponse,
                "phrase": r.phrase,
                "bloque": r.points == 0,
                "frein": r.points <= 1,
            }
            for r in constat.reponses
        ],
    }


def _plan(plan: PlanActions | None) -> list[dict[str, str]]:
    actions = sorted(plan.actions, key=lambda a: (list(_STATUTS).index(a.statut), a.rang)) if plan else []
    return [
        {
            "statut": _STATUTS[action.statut],
            "intitule": action.intitule,
            "quand": _quand(action),
            "raison": " ".join(t for t in (action.raison, action.pas_sur) if t),
        }
        for action in actions
    ]


def _quand(action: Action) -> str:
    morceaux = [jour(action.le)] if action.le else []
    if action.heure is not None:
        morceaux.append(heure(action.heure))
    return ", ".join(morceaux)


def _besoin(examine: BesoinExamine, dossier: Dossier) -> dict[str, Any]:
    decisions = _decisions(dossier.plan, examine.besoin.id)
    dit = dossier.besoins.get(examine.besoin.id, BesoinDit("Besoin", ()))
    # An offer the adviser has decided about is never folded away.
    possibles = [p for p in examine.propositions if p.verdict is not Verdict.NON]
    ouvertes = [p for p in possibles if not p.dominee_par or p.offre.id in decisions]
    return {
        "titre": dit.titre,
        "phrases": list(dit.phrases),
        "couvre": _COUVERTURES[examine.couvre],
        "regardees": f"{len(examine.propositions)} offres regardées.",
        "propositions": [_proposition(p, decisions.get(p.offre.id)) for p in ouvertes],
        "repliees": [p.offre.nom for p in possibles if p not in ouvertes],
        "manques": _manques(p for p in ouvertes if decisions.get(p.offre.id) is not StatutAction.ECARTEE),
        "refus": _refus(p for p in examine.propositions if p.verdict is Verdict.NON),
    }


def _decisions(plan: PlanActions | None, besoin: str) -> dict[str, StatutAction]:
    """What was decided about each offer (by code) for a need, from what was shown on the day."""
    return {
        str(action.instantane["offre"]): action.statut
        for action in (plan.actions if plan else [])
        if action.instantane and str(action.besoin) == besoin and "offre" in action.instantane
    }


def _proposition(p: Proposition, decision: StatutAction | None) -> dict[str, str]:
    return {
        "nom": p.offre.nom,
        "genre": p.offre.genre.libelle,
        "verdict": p.verdict.value,
        "decision": _STATUTS[decision] if decision else "",
        "raison": p.decisif.phrase,
        "minutes": p.duree.en_texte() if p.duree else "—" if not p.offre.genre.transporte else INCONNU,
        "mensuel": INCONNU if p.cout.mensuel is None else euros(p.cout.mensuel),
        "avancer": INCONNU if p.cout.a_avancer is None else euros(p.cout.a_avancer),
        "co2": _kg(p),
    }


def _kg(p: Proposition) -> str:
    if p.cout.co2_kg is not None:
        return entier(p.cout.co2_kg) if p.cout.co2_kg >= 1 or not p.cout.co2_kg else "moins de 1"
    return INCONNU if p.offre.genre.transporte else "—"


def _manques(ouvertes: Iterable[Proposition]) -> list[dict[str, Any]]:
    """What is missing, one line for whoever can settle it, the most urgent first."""
    par_qui: dict[str, list[tuple[Manque, Proposition]]] = {}
    for p in ouvertes:
        for manque in p.manques:
            par_qui.setdefault(_TELEPHONE_EN_FIN.sub("", manque.qui), []).append((manque, p))
    lignes = []
    for qui, lus in par_qui.items():
        avant = min((m.avant for m, _ in lus if m.avant is not None), default=None)
        lignes.append((avant or _JAMAIS, qui, _ligne_manque(qui, lus, avant)))
    return [ligne for _, _, ligne in sorted(lignes, key=lambda couple: couple[:2])]


def _ligne_manque(qui: str, lus: Sequence[tuple[Manque, Proposition]], avant: date | None) -> dict[str, Any]:
    numero = next((t[1] for m, _ in lus if (t := _TELEPHONE_EN_FIN.search(m.qui))), "")
    return {
        "qui": majuscule(qui),
        "telephone": telephone(numero) if numero else "",
        "quoi": list(dict.fromkeys(m.quoi for m, _ in lus)),
        "avant": jour(avant) if avant else "",
        "pour": list(dict.fromkeys(p.offre.nom for _, p in lus)),
    }


def _refus(impossibles: Iterable[Proposition]) -> list[dict[str, Any]]:
    """The offers that cannot be, by the rule that says so, the commonest first; nothing vanishes."""
    par_regle: dict[tuple[str, str], list[Proposition]] = {}
    for p in impossibles:
        par_regle.setdefault((p.decisif.regle, p.decisif.phrase), []).append(p)
    groupes = sorted(par_regle.items(), key=lambda couple: (-len(couple[1]), couple[0]))
    return [
        {
            "phrase": phrase,
            "nombre": str(len(groupe)),
            "changerait": groupe[0].decisif.changerait,
            "offres": [p.offre.nom for p in groupe],
        }
        for (_, phrase), groupe in groupes
    ]


def _accueil(accueil: PremierAccueil | None) -> dict[str, Any]:
    if accueil is None:
        return {
            "verdict": "",
            "phrase": "Contact discret : d'où elle part n'est pas montré ici.",
            "autres": [],
            "mention": "",
        }
    horaires = f"{majuscule(accueil.venue.horaires)}. " if accueil.venue else ""
    return {
        "verdict": accueil.verdict.value,
        "phrase": _LIEU_FICTIF.sub("", accueil.phrase),
        "seuil": f"{horaires}Repère : {entier(accueil.seuil_min)} minutes.",
        "mention": "Emplacement de démonstration." if accueil.demonstration else "",
        "autres": [
            f"{_LIEU_FICTIF.sub('', autre.maison.nom)} : {autre.duree.en_texte()}" for autre in accueil.autres
        ],
    }


def _methode(methodes: Sequence[str], accueil: PremierAccueil | None) -> str:
    dites = list(methodes)
    if accueil is not None and accueil.methode not in dites:
        dites.append(accueil.methode)
    if not dites:
        return "Aucun temps de trajet n'a pu être calculé."
    return (
        f"Temps de trajet : {' ; '.join(dites)}. Une fourchette est une estimation, pas une promesse. "
        "Les euros et le CO2 sont des estimations, aller et retour, pour un mois."
    )


def _avant(avant: date | None) -> str:
    return f" Avant le {jour(avant)}." if avant else ""


def _alleger(valeur: Any) -> Any:
    """Without « (démonstration) » after every name: the sheet says it once, at the top and on every page."""
    if isinstance(valeur, str):
        return _DEMONSTRATION.sub("", valeur)
    if isinstance(valeur, dict):
        return {cle: _alleger(v) for cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_alleger(v) for v in valeur]
    return valeur
