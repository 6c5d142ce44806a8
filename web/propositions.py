"""One read, one pure decision: the engine's answer for a dossier, today."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from matching.moteur import proposer
from matching.proposition import Reponse
from mobilite.besoin import Situation
from mobilite.document import Champ
from mobilite.personnes import Personne
from mobilite.question import en_json
from web.catalogue import catalogue
from web.referentiel import referentiel


def situation_de(personne: Personne) -> Situation:
    """Her situation as the engine sees it: read again from the document, without her identity.

    An answer that today's questionnaire cannot read any more is left out: it must not close the dossier.
    """
    connu = referentiel()
    reponses = connu.questionnaire.relire(personne.reponses())
    document = personne.document(reponses={code: en_json(valeur) for code, valeur in reponses.items()})
    return connu.lecteur_situation.lire(Champ(document))


def proposer_pour(session: Session, personne: Personne, le: date) -> Reponse:
    """What is possible for her today, over the open offers and their live calendars."""
    connu = referentiel()
    situation = situation_de(personne)
    return proposer(situation, connu.faits(situation, le), catalogue(session, connu), connu.contexte(le))
