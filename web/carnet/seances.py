"""The sittings of the diagnostic, told by the answers noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import jour_local
from mobilite.diagnostic import Diagnostic, Reponse
from mobilite.journal import Evenement, LigneJournal
from web.carnet.fait import Fait, Rubrique


@dataclass(frozen=True, slots=True)
class Seance:
    """The answers noted on one day, in one diagnostic, by one person."""

    moment: str
    par: int
    fin: datetime
    nombre: int

    def fait(self, noms: Mapping[int, str]) -> Fait:
        pluriel = "s" if self.nombre > 1 else ""
        return Fait(
            Rubrique.DIAGNOSTIC,
            jour_local(self.fin),
            self.fin,
            f"{self.nombre} réponse{pluriel} notée{pluriel} ({self.moment.lower()})",
            noms.get(self.par, ""),
        )


def seances_de(session: Session, personne_id: int) -> list[Seance]:
    """The sittings: an answer changed on the same day counts once, on another day it is another sitting."""
    moments = {
        numero: genre.libelle
        for numero, genre in session.execute(
            select(Diagnostic.id, Diagnostic.type).where(Diagnostic.personne_id == personne_id)
        )
    }
    notees = session.execute(
        select(
            LigneJournal.objet_id, LigneJournal.acteur_id, LigneJournal.survenu_le, LigneJournal.details
        ).where(
            LigneJournal.objet_type == Diagnostic.__tablename__,
            LigneJournal.objet_id.in_(moments),
            LigneJournal.quoi == Evenement.REPONSE_NOTEE.value,
        )
    )
    en_vigueur = session.execute(
        select(Reponse.diagnostic_id, Reponse.par, Reponse.repondu_le, Reponse.code).where(
            Reponse.diagnostic_id.in_(moments)
        )
    )
    lues = [(d, par, quand, str(details.get("question"))) for d, par, quand, details in notees]
    lues += [(d, par, quand, code) for d, par, quand, code in en_vigueur]
    seances: dict[tuple[int, date, int], tuple[datetime, set[str]]] = {}
    for diagnostic, par, quand, code in lues:
        cle = (diagnostic, jour_local(quand), par)
        fin, codes = seances.get(cle, (quand, set()))
        seances[cle] = (max(fin, quand), codes | {code})
    return [
        Seance(moments[diagnostic], par, fin, len(codes))
        for (diagnostic, _, par), (fin, codes) in seances.items()
    ]
