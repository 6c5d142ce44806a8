"""The professional synthesis: two pages at most, for colleagues and partners around a table.

It says what was found, what is advised and how feasible it is; nothing that is not sure is said to be. It
never grows: each part shows its first lines, what is left out is counted, and the whole copy
(``web.impressions.copie``) says everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from web.formats import jour_annee
from web.impressions.copie import Dossier, contenu_copie

ALERTES, ATOUTS, FREINS, ACTIONS, PRECONISATIONS = 5, 8, 4, 8, 5
BESOINS, SOLUTIONS, REFUS, MANQUES = 3, 4, 4, 6
PHRASE, COURT = 120, 70


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What the rules and the adviser conclude, beside the dossier itself.

    ``issue`` is empty when it is still to be completed; ``issue_raison`` when the adviser said it.
    ``preconisations`` are (what, because); ``dates`` are (what, day).
    """

    alertes: Sequence[str] = ()
    alertes_a_verifier: int = 0
    issue: str = ""
    issue_raison: str = ""
    referent: str = ""
    intensite: str = ""
    preconisations: Sequence[tuple[str, str]] = ()
    dates: Sequence[tuple[str, date]] = ()


def contenu_synthese(
    dossier: Dossier, conclusions: Conclusions, *, conseiller: str, etablie_le: datetime
) -> dict[str, Any]:
    """Everything the two pages show, as JSON-able values."""
    copie = contenu_copie(dossier, conseiller=conseiller, etablie_le=etablie_le)
    ouvertes = [ligne for ligne in copie["plan"] if ligne["statut"] in ("Gardée", "En cours", "Faite")]
    laissees = [ligne for ligne in copie["plan"] if ligne not in ouvertes]
    return {
        "titre": couper(f"Synthèse mobilité — {dossier.nom}", PHRASE),
        "etablie": copie["etablie"],
        "demonstration": copie["demonstration"],
        "identite": [
            {"libelle": ligne["libelle"], "valeur": couper(ligne["valeur"], PHRASE)}
            for ligne in copie["identite"][:9]
        ],
        "objectif": couper(dossier.objectif, PHRASE),
        "referent": couper(conclusions.referent, COURT) or "pas encore choisi",
        "intensite": conclusions.intensite,
        "axes": [_axe(axe) for axe in copie["axes"]],
        "atouts": _debut([couper(a.rstrip("."), COURT) for a in copie["atouts"]], ATOUTS),
        "alertes": _debut([couper(a, PHRASE) for a in conclusions.alertes], ALERTES),
        "alertes_a_verifier": str(conclusions.alertes_a_verifier or ""),
        "issue": conclusions.issue or "à compléter",
        "issue_raison": couper(conclusions.issue_raison, PHRASE),
        "plan": [
            {
                "quoi": couper(ligne["intitule"], COURT),
                "statut": ligne["statut"],
                "quand": ligne["quand"],
                "raison": couper(ligne["raison"], COURT),
            }
            for ligne in ouvertes[:ACTIONS]
        ],
        "plan_reste": _reste(len(ouvertes), ACTIONS),
        "laissees": _debut(
            [couper(" : ".join(t for t in (x["intitule"], x["raison"]) if t), COURT) for x in laissees], 3
        ),
        "preconisations": [
            {"quoi": couper(quoi, COURT), "parce_que": couper(parce_que, PHRASE)}
            for quoi, parce_que in conclusions.preconisations[:PRECONISATIONS]
        ],
        "besoins": [_besoin(besoin) for besoin in copie["besoins"][:BESOINS]],
        "besoins_reste": _reste(len(copie["besoins"]), BESOINS),
        "manques": _manques(copie["besoins"]),
        "questions": [couper(q, PHRASE) for q in copie["questions"]],
        "etape": couper(copie["etape"], 2 * PHRASE),
        "dates": [{"quoi": quoi, "le": jour_annee(le)} for quoi, le in conclusions.dates],
        "accueil": couper(copie["accueil"]["phrase"], PHRASE),
        "methode": copie["methode"],
        "questionnaire": copie["questionnaire"],
        "pied": copie["pied"],
    }


def _axe(axe: dict[str, Any]) -> dict[str, Any]:
    """The level in force, what it was computed to be, and the answers that hold her back most."""
    freins = [r["phrase"] or r["reponse"] for r in axe["reponses"] if r["frein"]]
    return {
        "libelle": axe["libelle"],
        "niveau": axe["niveau"],
        "compte": axe["compte"],
        "correction": couper(axe["correction"], PHRASE),
        "freins": _debut([couper(f.rstrip("."), COURT) for f in freins], FREINS),
    }


def _besoin(besoin: dict[str, Any]) -> dict[str, Any]:
    """What was decided first, then the best ranked; what is not possible is counted by its reason."""
    decidees = [p for p in besoin["propositions"] if p["decision"]]
    montrees = (decidees + [p for p in besoin["propositions"] if not p["decision"]])[:SOLUTIONS]
    possibles = len(besoin["propositions"]) + len(besoin["repliees"])
    return {
        "titre": couper(besoin["titre"], COURT),
        "quand": couper(" ".join(besoin["phrases"]), PHRASE),
        "couvre": besoin["couvre"],
        "solutions": [
            {
                "nom": couper(p["nom"], COURT),
                "verdict": p["verdict"],
                "decision": p["decision"],
                "raison": couper(p["raison"], COURT),
                "minutes": p["minutes"],
                "mensuel": p["mensuel"],
            }
            for p in montrees
        ],
        "reste": str(max(0, possibles - len(montrees)) or ""),
        "refus": _debut(
            [f"{couper(r['phrase'].rstrip('.'), COURT)} ({r['nombre']})" for r in besoin["refus"]], REFUS
        ),
    }


def _manques(besoins: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """What has still to be checked, and who knows."""
    tous = [manque for besoin in besoins for manque in besoin["manques"]]
    return [
        {
            "qui": couper(m["qui"], COURT),
            "telephone": m["telephone"],
            "quoi": couper(" ; ".join(m["quoi"]), PHRASE),
            "avant": m["avant"],
        }
        for m in tous[:MANQUES]
    ]


def _debut(textes: Sequence[str], au_plus: int) -> list[str]:
    """The first ones, and how many more there are."""
    reste = len(textes) - au_plus
    return [*textes[:au_plus], f"et {reste} de plus"] if reste > 0 else list(textes)


def _reste(nombre: int, au_plus: int) -> str:
    return str(max(0, nombre - au_plus) or "")


def couper(texte: str, au_plus: int) -> str:
    """At most so many signs, cut between words, and the cut shows."""
    propre = " ".join(texte.split())
    if len(propre) <= au_plus:
        return propre
    debut = propre[: au_plus - 1]
    return (debut.rsplit(" ", 1)[0] if " " in debut[au_plus // 2 :] else debut).rstrip(" ,;:.") + "…"
