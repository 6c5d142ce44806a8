"""The diary of one person, in the order of days: what the house already knows, and the few lines written by hand.

Nothing is typed twice. Bookings, messages, sittings of the diagnostic, the plan, the parcours, rides tell
themselves: they are read from the journal, which every change writes. By hand: what no machine can know.
The number of queries is the same for one line as for a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import PARIS, jour_local
from mobilite.carnet import Contact, contacts_visibles_par
from mobilite.journal import LigneJournal
from mobilite.personnes import Personne
from web.carnet.choses import numeros, quois
from web.carnet.fait import Fait, Rubrique
from web.carnet.phrases import RUBRIQUES
from web.carnet.seances import seances_de
from web.comptes import Compte

PAR_PAGE = 40


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the diary, the latest first. ``encore``: there is more before."""

    faits: list[Fait]
    numero: int
    encore: bool


def lire_le_carnet(
    session: Session, personne: Personne, acteur: Acteur, *, page: int = 1, par_page: int = PAR_PAGE
) -> Page:
    """One page of the diary, the latest first; each thing that happened stands in it once."""
    page = max(1, page)
    voulus = page * par_page + 1
    lignes = _journal(session, personne.id, voulus)
    contacts = session.scalars(
        contacts_visibles_par(acteur).where(Contact.personne_id == personne.id).limit(voulus)
    ).all()
    seances = seances_de(session, personne.id)
    comptes = (
        {ligne.acteur_id for ligne in lignes} | {c.note_par for c in contacts} | {s.par for s in seances}
    )
    noms = {0: ""} | {
        numero: libelle.partition(" (")[0]
        for numero, libelle in session.execute(
            select(Compte.id, Compte.libelle).where(Compte.id.in_(comptes))
        )
    }
    faits = [
        *_faits_du_journal(session, lignes, noms),
        *(_fait_du_contact(c, noms, acteur) for c in contacts),
        *(s.fait(noms) for s in seances),
    ]
    faits.sort(key=lambda f: (f.jour, f.instant), reverse=True)
    debut = (page - 1) * par_page
    return Page(faits[debut : debut + par_page], page, len(faits) > debut + par_page)


def _journal(session: Session, personne_id: int, au_plus: int) -> list[LigneJournal]:
    """What the journal says of her things: every branch is an indexed read of her own lines."""
    branches = [
        select(LigneJournal.id, LigneJournal.survenu_le).where(
            LigneJournal.objet_type == table,
            LigneJournal.objet_id.in_(siens),
            LigneJournal.quoi.in_(RUBRIQUES),
        )
        for table, siens in numeros(personne_id).items()
    ]
    tous = union_all(*branches).subquery()
    derniers = select(tous.c.id).order_by(tous.c.survenu_le.desc(), tous.c.id.desc()).limit(au_plus)
    return list(session.scalars(select(LigneJournal).where(LigneJournal.id.in_(derniers))))


def _fait_du_contact(contact: Contact, noms: Mapping[int, str], acteur: Acteur) -> Fait:
    """A line written by hand: a day, no hour."""
    return Fait(
        Rubrique.CONTACT,
        contact.le,
        # In the middle of its day, unless it was written down that very day.
        contact.note_le
        if jour_local(contact.note_le) == contact.le
        else datetime.combine(contact.le, time(12), PARIS).astimezone(UTC),
        contact.dit,
        noms.get(contact.note_par, ""),
        contact.phrase,
        heure_connue=False,
        contact=contact.uuid,
        sien=contact.note_par == acteur.id,
    )


def _faits_du_journal(
    session: Session, lignes: Iterable[LigneJournal], noms: Mapping[int, str]
) -> Iterator[Fait]:
    lignes = list(lignes)
    noms_des_choses = quois(session, lignes)
    for ligne in lignes:
        rubrique, phrase = RUBRIQUES[ligne.quoi]
        quoi = noms_des_choses.get((ligne.objet_type, ligne.objet_id), "")
        yield Fait(
            rubrique,
            jour_local(ligne.survenu_le),
            ligne.survenu_le,
            phrase.format(quoi=f" : {quoi}" if quoi else ""),
            _qui(ligne, noms),
        )


def _qui(ligne: LigneJournal, noms: Mapping[int, str]) -> str:
    match ligne.acteur_role:
        case RoleActeur.PERSONNE:
            return "elle"
        case RoleActeur.SYSTEME:
            return ""
        case _:
            return noms.get(ligne.acteur_id, "")
