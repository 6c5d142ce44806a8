"""The needs that nothing serves: recorded once, closed when something is found, counted without names."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.proposition import BesoinExamine, Couvre
from mobilite.acteur import PLATEFORME, Acteur
from mobilite.base import ce_jour
from mobilite.besoin import Situation
from mobilite.besoin_non_couvert import BesoinNonCouvert, Constat, tranche_de
from mobilite.journal import Evenement, consigner
from mobilite.personnes import BesoinExprime, Personne
from web.propositions import proposer_pour, situation_de


def signaler(
    session: Session, personne: Personne, besoin: BesoinExprime, constat: Constat, par: Acteur, le: date
) -> BesoinNonCouvert:
    """Record that nothing serves a need: one line a need, opened again if it was closed.

    The commune of a discreet contact is not kept: a small place would tell where she is.
    """
    situation = situation_de(personne)
    lu = next(b for b in situation.besoins if b.id == str(besoin.uuid))
    ligne = _ligne(session, besoin)
    if ligne is not None and ligne.ouvert:
        if constat is Constat.CONSEILLER:
            ligne.constat = constat  # somebody says what was only computed
        return ligne
    if ligne is None:
        ligne = BesoinNonCouvert(
            besoin_id=besoin.id,
            tranche=tranche_de(lu.passages),
            constat=constat,
            constate_le=le,
            demonstration=personne.demonstration,
        )
        session.add(ligne)
    else:
        ligne.rouvrir(constat, le)
    ligne.commune = None if personne.contact_discret else _commune(situation, le)
    ligne.motif, ligne.tranche = besoin.motif, tranche_de(lu.passages)
    session.flush()
    session.add(consigner(par, Evenement.BESOIN_NON_COUVERT_SIGNALE, ligne, constat=constat.value))
    return ligne


def _commune(situation: Situation, le: date) -> str | None:
    depart = situation.depart_le(le)
    return depart.insee if depart is not None else situation.rattachement


def clore(session: Session, besoin: BesoinExprime, par: Acteur, le: date) -> None:
    """Something was found for a need; nothing to do when nobody said it had none."""
    ligne = _ligne(session, besoin)
    if ligne is not None and ligne.ouvert:
        _clore(session, ligne, par, le)


def _clore(session: Session, ligne: BesoinNonCouvert, par: Acteur, le: date) -> None:
    ligne.clore(le)
    session.add(consigner(par, Evenement.BESOIN_NON_COUVERT_CLOS, ligne))


def _ligne(session: Session, besoin: BesoinExprime) -> BesoinNonCouvert | None:
    return session.scalars(
        select(BesoinNonCouvert).where(BesoinNonCouvert.besoin_id == besoin.id)
    ).one_or_none()


def signales(session: Session, personne: Personne) -> dict[UUID, BesoinNonCouvert]:
    """The needs of a person that stand without an answer, by the uuid of the need."""
    lignes = session.execute(
        select(BesoinExprime.uuid, BesoinNonCouvert)
        .join(BesoinNonCouvert, BesoinNonCouvert.besoin_id == BesoinExprime.id)
        .where(BesoinExprime.personne_id == personne.id, BesoinNonCouvert.clos_le.is_(None))
    )
    return dict(iter(lignes))


def relever(session: Session) -> int:
    """Look at every need again: open what nothing serves, close what something serves; how many changed.

    What an adviser said stays until she keeps a solution. A need that is gone is closed.
    """
    le, changes = ce_jour(), 0
    orphelins = select(BesoinNonCouvert).where(
        BesoinNonCouvert.besoin_id.is_(None), BesoinNonCouvert.clos_le.is_(None)
    )
    for ligne in session.scalars(orphelins.order_by(BesoinNonCouvert.id)).all():
        _clore(session, ligne, PLATEFORME, le)
        changes += 1
    concernees = select(Personne).where(Personne.besoins.any()).order_by(Personne.id)
    for personne in session.scalars(concernees):
        for examine in proposer_pour(session, personne, le).besoins:
            changes += _relever_un(session, personne, examine, le)
    return changes


def _relever_un(session: Session, personne: Personne, examine: BesoinExamine, le: date) -> int:
    besoin = next(b for b in personne.besoins if str(b.uuid) == examine.besoin.id)
    ligne = _ligne(session, besoin)
    ouvert = ligne is not None and ligne.ouvert
    if examine.couvre is Couvre.RIEN and not ouvert:
        signaler(session, personne, besoin, Constat.CALCUL, PLATEFORME, le)
        return 1
    if ligne is not None and ouvert and examine.couvre is not Couvre.RIEN and ligne.constat is Constat.CALCUL:
        _clore(session, ligne, PLATEFORME, le)
        return 1
    return 0
