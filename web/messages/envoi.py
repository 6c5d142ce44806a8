"""Sending what is due: take with a lease, send, note it. Never lost; at most one repeat for a crash.

Nothing is sent inside a transaction. Whoever dies between sending and noting leaves a lease that
ends, and the message is sent again: that is the only repeat there can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME
from mobilite.base import jour_local, maintenant
from mobilite.journal import Evenement, consigner
from mobilite.notification import Canal, GenreMessage, Message, a_envoyer
from mobilite.parametres import parametres
from web.messages.boite import courriels_de, moyen_pour
from web.messages.expedition import Expediteur
from web.messages.gsm import en_sms
from web.referentiel import heures_de_message
from web.transaction import est_un_verrou

BAIL = timedelta(minutes=2)
"""How long a message belongs to whoever took it: longer than any service takes to answer."""

REPRISES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""After a failed try, how long before the next one; the last one serves again."""

_QUOI = {Canal.SMS: "SMS", Canal.COURRIEL: "courriel"}


@dataclass(frozen=True, slots=True)
class _Prise:
    """A message that is ours until ``bail``, with where it goes, read just now."""

    numero: int
    essai: int
    canal: Canal
    destinations: list[str]
    titre: str
    texte: str
    bail: datetime


def envoyer_les_messages(
    moteur: Engine,
    sorties: Mapping[Canal, Expediteur],
    *,
    bail: timedelta = BAIL,
    horloge: Callable[[], datetime] = maintenant,
    dire: Callable[[str], None] = lambda _: None,
) -> int:
    """Send everything that may leave now; how many did. Several processes may do it at once.

    ``dire`` hears of each try that failed: by what way and what kind of failure, never to whom.
    """
    partis = 0
    try:
        while sorties and heures_de_message(jour_local(horloge())).permet(horloge()):
            prise = _prendre(moteur, sorties, horloge(), bail)
            if prise is None:
                break
            if prise.destinations:
                partis += _envoyer(moteur, sorties[prise.canal], prise, horloge, dire)
    except DBAPIError as erreur:
        if not est_un_verrou(erreur):
            raise
    return partis


def _prendre(
    moteur: Engine, sorties: Mapping[Canal, Expediteur], instant: datetime, bail: timedelta
) -> _Prise | None:
    """The first message due, ours for a while; without destination when it must not leave after all."""
    with Session(moteur) as session, session.begin():
        ordre = a_envoyer(instant, list(sorties)).limit(1).with_for_update(skip_locked=True)
        message = session.scalars(ordre).first()
        if message is None:
            return None
        moyen = moyen_pour(session, GenreMessage(message.genre), message.personne, message.structure)
        destinations: list[str] = []
        if moyen.canal is None:
            session.execute(message.retirer(moyen.pourquoi))
        elif moyen.canal is not message.canal:
            session.execute(message.confier(moyen.canal, moyen.pourquoi))
        else:
            destinations = _destinations(session, message)
            session.execute(message.prendre(instant, bail))
        return _Prise(
            numero=message.id,
            essai=message.essais + 1,
            canal=message.canal,
            destinations=destinations,
            titre=message.titre,
            texte=en_sms(message.texte) if message.canal is Canal.SMS else message.texte,
            bail=instant + bail,
        )


def _destinations(session: Session, message: Message) -> list[str]:
    if message.structure_id is not None:
        return courriels_de(session, message.structure_id)
    telephone = message.personne.telephone if message.personne else None
    return [telephone] if telephone else []


def _envoyer(
    moteur: Engine,
    sortie: Expediteur,
    prise: _Prise,
    horloge: Callable[[], datetime],
    dire: Callable[[str], None],
) -> bool:
    if horloge() >= prise.bail:
        return False  # we were frozen meanwhile: it is somebody else's by now
    pourquoi = "le service ne l'a pas pris"
    try:
        parti = sortie(prise.destinations, prise.titre, prise.texte)
    except Exception as panne:  # whatever a service raises, the message stays; its words may quote a number
        parti, pourquoi = False, type(panne).__name__
    if not parti:
        dire(
            f"envoyer-les-messages : un {_QUOI[prise.canal]} n'est pas parti, essai {prise.essai} : {pourquoi}."
        )
    with Session(moteur) as session, session.begin():
        message = session.get_one(Message, prise.numero)
        instant = horloge()
        if not parti:
            _remettre(session, message, prise, instant)
            return False
        resultat = session.execute(message.noter_parti(prise.essai, instant))
        if isinstance(resultat, CursorResult) and resultat.rowcount == 1:
            session.add(
                consigner(
                    PLATEFORME,
                    Evenement.MESSAGE_ENVOYE,
                    message,
                    le=instant,
                    canal=message.canal.value,
                    essai=prise.essai,
                )
            )
    return True


def _remettre(session: Session, message: Message, prise: _Prise, instant: datetime) -> None:
    """Later; or, after too many tries, by somebody, as far as whom it is for wants it."""
    if prise.essai < parametres(jour_local(instant))["message.essais"]:
        attente = REPRISES[min(prise.essai, len(REPRISES)) - 1]
        session.execute(message.remettre(prise.essai, instant + attente))
        return
    remarque = f"Le {_QUOI[message.canal]} n'est pas parti, après {prise.essai} essais."
    suite = moyen_pour(
        session, GenreMessage(message.genre), message.personne, message.structure, sauf=(message.canal,)
    )
    if suite.canal is None:
        session.execute(message.retirer(f"{remarque} {suite.pourquoi}"))
    else:
        session.execute(message.confier(suite.canal, remarque))
