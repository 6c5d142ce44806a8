"""To stop receiving messages by one way, and to receive them again: as easy one way as the other."""

from __future__ import annotations

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.journal import Evenement, consigner
from mobilite.notification import Canal, CanalRefuse, EtatMessage, GenreMessage, Message
from mobilite.personnes import Personne
from mobilite.structure import Structure
from web.messages.boite import moyen_pour, refus_de


def changer_refus(session: Session, qui: Personne | Structure, refuses: set[Canal], *, par: Acteur) -> None:
    """Refuse these ways and no other; each change has its line in the journal.

    The calls and letters that wait and are not wanted any more are withdrawn; what leaves by itself is
    looked at again when it leaves.
    """
    personne_id, structure_id = (qui.id, None) if isinstance(qui, Personne) else (None, qui.id)
    avant = refus_de(session, personne_id=personne_id, structure_id=structure_id)
    for canal in sorted(refuses - avant):
        session.add(CanalRefuse(canal=canal, personne_id=personne_id, structure_id=structure_id))
        session.add(consigner(par, Evenement.CANAL_REFUSE, qui, canal=canal.value))
    for canal in sorted(avant - refuses):
        session.execute(
            delete(CanalRefuse).filter_by(canal=canal, personne_id=personne_id, structure_id=structure_id)
        )
        session.add(consigner(par, Evenement.CANAL_ACCEPTE, qui, canal=canal.value))
    if refuses - avant:
        a_la_main = select(Message).where(
            Message.structure_id == structure_id
            if structure_id is not None
            else and_(Message.personne_id == personne_id, Message.structure_id.is_(None)),
            Message.etat == EtatMessage.EN_ATTENTE,
            Message.canal.in_((Canal.APPEL, Canal.LETTRE)),
        )
        for message in session.scalars(a_la_main.order_by(Message.id)).all():
            moyen = moyen_pour(session, GenreMessage(message.genre), message.personne, message.structure)
            if moyen.canal is None:
                session.execute(message.retirer(moyen.pourquoi))
