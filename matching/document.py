"""The engine's answer as JSON-able values, as documented for ``mobilite proposer``."""

from __future__ import annotations

from typing import Any

from matching.moyens import MoyenExamine
from matching.proposition import BesoinExamine, JourCouvert, ProchaineEtape, Proposition, Reponse
from matching.voyage import Case
from mobilite.verdict import Manque, Motif, Verdict


def en_document(reponse: Reponse) -> dict[str, Any]:
    """``besoins``, ``propositions``, ``questions`` and ``prochaine_etape``."""
    return {
        "questions": [{"code": q.code, "texte": q.texte, "debloque": q.debloque} for q in reponse.questions],
        "besoins": [_besoin(examine) for examine in reponse.besoins],
        "propositions": [decrire(p) for examine in reponse.besoins for p in examine.propositions],
        "prochaine_etape": _etape(reponse.prochaine_etape),
    }


def _besoin(examine: BesoinExamine) -> dict[str, Any]:
    return {
        "id": examine.besoin.id,
        "couvre": examine.couvre.value,
        "jours": [_jour(jour) for jour in examine.jours] if examine.besoin.passages else [],
        "propres_moyens": [_moyen(moyen) for moyen in examine.moyens],
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
            {"critere": c.critere, "valeur": c.valeur, "points": c.points} for c in p.contributions
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
