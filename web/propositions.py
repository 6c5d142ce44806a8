"""One read, one pure decision: the engine's answer for a dossier, today."""

from __future__ import annotations

from datetime import date

from flask import has_request_context
from sqlalchemy.orm import Session

from matching.moteur import proposer
from matching.proposition import Reponse
from mobilite.besoin import Situation
from mobilite.document import Champ
from mobilite.personnes import Personne
from mobilite.question import en_json
from web.acces import acteur_ou_personne
from web.catalogue import catalogue
from web.referentiel import referentiel


def situation_de(personne: Personne) -> Situation:
    """Her situation as the engine sees it: read again from the document, without her identity.

    Whoever may not see where she leaves from gets a situation without places: minutes would tell them.
    An answer that today's questionnaire cannot read any more is left out: it must not close the dossier.
    """
    connu = referentiel()
    reponses = connu.questionnaire.relire(personne.reponses())
    document = personne.document(
        avec_lieux=_lieux_visibles(personne),
        reponses={code: en_json(valeur) for code, valeur in reponses.items()},
    )
    return connu.lecteur_situation.lire(Champ(document))


def _lieux_visibles(personne: Personne) -> bool:
    """Whether the actor of this request may see her places; a command, without request, may."""
    acteur = acteur_ou_personne() if has_request_context() else None
    return acteur is None or personne.coordonnees_visibles_par(acteur)


def proposer_pour(session: Session, personne: Personne, le: date) -> Reponse:
    """What is possible for her today, over the open offers and their live calendars."""
    connu = referentiel()
    situation = situation_de(personne)
    return proposer(situation, connu.faits(situation, le), catalogue(session, connu), connu.contexte(le))
