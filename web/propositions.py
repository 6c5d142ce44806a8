"""One read, one pure decision: the engine's answer for a dossier, today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import has_request_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.moteur import proposer, questions_a_poser
from matching.proposition import QuestionUtile, Reponse
from matching.score import poids_de
from mobilite.besoin import Besoin, LieuLibre, Situation
from mobilite.document import Champ
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.poids import PoidsDuDossier
from mobilite.question import en_json
from web.acces import acteur_ou_personne
from web.catalogue import catalogue
from web.referentiel import referentiel


def situation_de(personne: Personne, *, anonyme: bool = False) -> Situation:
    """Her situation as the engine sees it: read again from the document, without her identity.

    Whoever may not see where she leaves from gets a situation without places: minutes would tell them.
    ``anonyme``: what is computed will show neither who she is nor where; her places may then serve.
    Answers of an older version are said in today's words; what nobody can read any more is left out: it
    must not close the dossier.
    """
    connu = referentiel()
    reponses = connu.questionnaires.dites((d.questionnaire, d.gardees()) for d in personne.diagnostics)
    document = personne.document(
        avec_lieux=(anonyme and not personne.contact_discret) or _lieux_visibles(personne),
        reponses={code: en_json(valeur) for code, valeur in reponses.items()},
    )
    return connu.lecteur_situation.lire(Champ(document))


def _lieux_visibles(personne: Personne) -> bool:
    """Whether the actor of this request may see her places; a command, without request, may."""
    acteur = acteur_ou_personne() if has_request_context() else None
    return acteur is None or personne.coordonnees_visibles_par(acteur)


def proposer_pour(
    session: Session,
    personne: Personne,
    le: date,
    poids: Mapping[str, float] | None = None,
    *,
    meme_sans_besoin: bool = False,
) -> Reponse:
    """What is possible for her today, over the open offers and their live calendars.

    ``poids``: weights being tried; else those kept with the dossier, else those of the house.
    ``meme_sans_besoin``: with no need said, answer for a trip of which nothing is known.
    """
    connu = referentiel()
    situation = situation_de(personne)
    if meme_sans_besoin:
        situation = avec_un_besoin(situation)
    return proposer(
        situation,
        connu.faits(situation, le),
        catalogue(session, connu),
        connu.contexte(le),
        poids or poids_retenus(session, personne, le),
    )


def questions_pour(session: Session, personne: Personne, le: date) -> tuple[QuestionUtile, ...]:
    """The questions still worth asking her, those that would settle most offers first, and nothing else."""
    connu, situation = referentiel(), situation_de(personne)
    return questions_a_poser(
        situation, connu.faits(situation, le), catalogue(session, connu), connu.contexte(le)
    )


def avec_un_besoin(situation: Situation) -> Situation:
    """The same situation; a trip of which nothing is known stands for the needs nobody said."""
    if situation.besoins:
        return situation
    return replace(situation, besoins=(Besoin("a-dire", LieuLibre("son trajet"), None, ()),))


def poids_retenus(session: Session, personne: Personne, le: date) -> dict[str, float]:
    """The weights of this dossier, or those in force; a criterion added since has its own."""
    habituels = poids_de(parametres(le))
    choisis = session.scalars(
        select(PoidsDuDossier.valeurs).where(PoidsDuDossier.personne_id == personne.id)
    ).one_or_none()
    return {critere: float((choisis or {}).get(critere, poids)) for critere, poids in habituels.items()}
