"""To stop receiving messages by one way, and to receive them again: as easy one way as the other."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.journal import Evenement, consigner
from mobilite.notification import Canal, CanalRefuse
from mobilite.personnes import Personne
from mobilite.structure import Structure
from web.messages.boite import refus_de


def changer_refus(session: Session, qui: Personne | Structure, refuses: set[Canal], *, par: Acteur) -> None:
    """Refuse these ways and no other; each change has its line in the journal."""
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
