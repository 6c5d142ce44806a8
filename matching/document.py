"""The engine's answer as JSON-able values, as documented for ``mobilite proposer``."""

from __future__ import annotations

from typing import Any

from matching.combinaisons import MONTREES
from matching.moyens import MoyenExamine
from matching.plan_b import PlanB, plan_b
from matching.proposition import BesoinExamine, JourCouvert, ProchaineEtape, Proposition, Reponse
from matching.troncons import Combinaison
from matching.voyage import Case
from mobilite.verdict import Manque, Motif, Verdict


def en_document(reponse: Reponse) -> dict[str, Any]:
    """``besoins``, ``propositions``, ``questions`` and ``prochaine_etape``."""
    return {
        "questions": [{"code": q.code, "texte": q.texte, "debloque": q.debloque} for q in reponse.questions],
        "besoins": [_besoin(examine) for examine in reponse.besoins],
        "propositions": [
            decrire(p) | {"rang_famille": rang}
            for examine in reponse.besoins
            for p, rang in examine.par_famille()
        ],
        "prochaine_etape": _etape(reponse.prochaine_etape),
    }


def _besoin(examine: BesoinExamine) -> dict[str, Any]:
    return {
        "id": examine.besoin.id,
        "couvre": examine.couvre.value,
        "jours": [_jour(jour) for jour in examine.jours] if examine.besoin.passages else [],
        "propres_moyens": [_moyen(moyen) for moyen in examine.moyens],
        "combinaisons": [decrire_combinaison(c) for c in examine.combinaisons[:MONTREES]],
        "plan_b": _plan_b(plan_b(examine)),
    }


def decrire_combinaison(c: Combinaison) -> dict[str, Any]:
    """One combination: its parts, one sentence each, and what they add up to."""
    return {
        "cle": c.cle,
        "nom": c.nom,
        "verdict": c.verdict.value,
        "offres": [offre.id for offre in c.offres],
        "troncons": [
            {
                "nom": t.nom,
                "offre": t.offre.id if t.offre else None,
                "quand": t.quand or None,
                "phrase": t.phrase,
                "verdict": t.verdict.value,
                "minutes": round(t.duree.max) if t.duree else None,
            }
            for t in c.troncons
        ],
        "minutes": round(c.duree.max) if c.duree else None,
        "minutes_min": round(c.duree.min) if c.duree else None,
        "minutes_max": round(c.duree.max) if c.duree else None,
        "cout_mensuel_eur": c.cout.mensuel,
        "a_avancer_eur": c.cout.a_avancer,
        "co2_kg_mois": c.cout.co2_kg,
        "reste": c.reste or None,
        "manque": [_manque(manque) for manque in c.manques],
        "jours": [_case(case) for case in c.cases],
        "demonstration": c.demonstration,
    }


def _plan_b(plan: PlanB | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "nom": plan.nom or None,
        "cle": plan.cle or None,
        "verdict": plan.verdict.value,
        "phrase": plan.phrase,
    }


def _jour(jour: JourCouvert) -> dict[str, Any]:
    passage = jour.passage
    document: dict[str, Any] = {
        "semaine": passage.semaine,
        "jour": passage.jour.value,
        "verdict": jour.verdict.value,
    }
    if passage.date is not None:
        document["date"] = passage.date.isoformat()
    return document


def _moyen(moyen: MoyenExamine) -> dict[str, Any]:
    return {
        "type": moyen.type.value,
        "verdict": moyen.verdict.value,
        "minutes": round(moyen.duree.max) if moyen.duree else None,
        "raison": moyen.raison,
    }


def decrire(p: Proposition) -> dict[str, Any]:
    """One proposition, whole."""
    return {
        "offre": p.offre.id,
        "nom": p.offre.nom,
        "genre": p.offre.genre.value,
        "famille": p.famille.value,
        "verdict": p.verdict.value,
        "regle": p.decisif.regle,
        "rang": p.rang,
        "besoin": p.besoin.id,
        "minutes": round(p.duree.max) if p.duree else None,
        "minutes_min": round(p.duree.min) if p.duree else None,
        "minutes_max": round(p.duree.max) if p.duree else None,
        "cout_mensuel_eur": p.cout.mensuel,
        "a_avancer_eur": p.cout.a_avancer,
        "co2_kg_mois": p.cout.co2_kg,
        "raisons": list(dict.fromkeys(m.phrase for m in _motifs_dits(p))),
        "changerait": list(
            dict.fromkeys(m.changerait for m in p.motifs if m.verdict is Verdict.NON and m.changerait)
        ),
        "manque": [_manque(manque) for manque in p.manques],
        "repliee": bool(p.dominee_par),
        "dominee_par": p.dominee_par or None,
        "jours": [_case(case) for case in p.cases] if p.besoin.passages else [],
        "score": p.score,
        "contributions": [
            {"critere": c.critere, "valeur": c.valeur, "points": c.points, "phrase": c.phrase}
            for c in p.contributions
        ],
        "demonstration": p.offre.demonstration,
    }


def _motifs_dits(p: Proposition) -> list[Motif]:
    """The reasons of the verdict first; a refusal does not drown in what was fine."""
    if p.verdict is Verdict.NON:
        return [m for m in p.motifs if m.verdict is Verdict.NON]
    return list(p.motifs)


def _case(case: Case) -> dict[str, Any]:
    return {
        "semaine": case.passage.semaine,
        "jour": case.passage.jour.value,
        "date": case.passage.date.isoformat() if case.passage.date else None,
        "sens": case.sens.value,
        "verdict": case.verdict.value,
    }


def _manque(manque: Manque) -> dict[str, Any]:
    return {
        "quoi": manque.quoi,
        "qui": manque.qui,
        "avant": manque.avant.isoformat() if manque.avant else None,
        "code": manque.code or None,
    }


def _etape(etape: ProchaineEtape) -> dict[str, Any]:
    return {
        "phrase": etape.phrase,
        "qui": etape.qui,
        "avant": etape.avant.isoformat() if etape.avant else None,
    }
