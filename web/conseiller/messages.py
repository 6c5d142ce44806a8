"""What is to be said: the calls to make, the letters to print, and the outbox of the adviser's people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import CursorResult, Select
from sqlalchemy.orm import selectinload

from mobilite.acteur import Acteur
from mobilite.base import ce_jour, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement, consigner
from mobilite.notification import (
    Canal,
    EtatMessage,
    GenreMessage,
    Message,
    MessageDejaTraite,
    Moyen,
    messages_visibles_par,
    moyen_de_la_personne,
    moyen_de_vive_voix,
)
from mobilite.personnes import Personne
from web.acces import acteur_courant
from web.config import Envois
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.menu import ajouter_au_menu
from web.messages.boite import refus_de
from web.messages.gsm import en_sms, longueur
from web.messages.refus import changer_refus
from web.referentiel import heures_de_message
from web.transaction import bd, lecture, reessayer, transaction

PAR_PAGE = 50
REFUSABLES = (Canal.SMS, Canal.APPEL)
"""What a person may do without: text messages, and calls that only remind her."""

ajouter_au_menu(conseiller, "Messages", "messages", rang=30)


@dataclass(frozen=True, slots=True)
class LigneMessage:
    """One message as it is shown. ``telephone``: what to dial, when there is something and one may see it."""

    message: Message
    genre: str
    a_qui: str
    telephone: str | None
    par_qui: str
    texte: str
    signes: int

    @property
    def dossier(self) -> UUID | None:
        """The dossier it is about."""
        return self.message.personne.uuid if self.message.personne else None

    @property
    def pour_qui(self) -> str:
        """Whom a call to a structure is about."""
        sienne = self.message.structure is not None and self.message.personne is not None
        return self.message.personne.nom_complet if sienne and self.message.personne else ""


def lignes_de_messages(messages: Sequence[Message], acteur: Acteur) -> list[LigneMessage]:
    """Messages as they are shown to somebody."""
    return [_ligne(message, acteur) for message in messages]


def _ligne(message: Message, acteur: Acteur) -> LigneMessage:
    if message.structure is not None:
        a_qui, telephone, referent = message.structure.nom, message.structure.telephone or None, ""
    elif message.personne is not None:
        a_qui, telephone = message.personne.nom_complet, message.personne.telephone_pour(acteur)
        referent = message.personne.referent
    else:
        a_qui, telephone, referent = "", None, ""
    sms = message.canal is Canal.SMS
    return LigneMessage(
        message=message,
        genre=GenreMessage(message.genre).libelle,
        a_qui=a_qui,
        telephone=telephone,
        par_qui=referent,
        texte=en_sms(message.texte) if sms else message.texte,
        signes=longueur(message.texte) if sms else 0,
    )


def messages_a_faire(acteur: Acteur, canal: Canal, instant: datetime) -> Select[Message]:
    """What somebody has to say or post by hand, the first to have no reason any more on top."""
    return (
        messages_visibles_par(acteur)
        .where(
            Message.etat == EtatMessage.EN_ATTENTE,
            Message.canal == canal,
            Message.a_partir_du <= instant,
            Message.jusqu_au.is_(None) | (Message.jusqu_au > instant),
        )
        .options(selectinload(Message.personne), selectinload(Message.structure))
        .order_by(None)
        .order_by(Message.jusqu_au.is_(None), Message.jusqu_au, Message.id)
    )


@conseiller.get("/messages")
def messages() -> str:
    """The calls first, since somebody has to make them; then what leaves by itself."""
    acteur, instant = acteur_courant(), maintenant()
    page = max(1, request.args.get("page", 1, type=int))
    with lecture() as session:
        tous = messages_visibles_par(acteur).options(
            selectinload(Message.personne), selectinload(Message.structure)
        )
        suite = session.scalars(tous.offset((page - 1) * PAR_PAGE).limit(PAR_PAGE + 1)).all()
        return render_template(
            "conseiller/messages.html",
            appels=lignes_de_messages(
                session.scalars(messages_a_faire(acteur, Canal.APPEL, instant)).all(), acteur
            ),
            lettres=lignes_de_messages(
                session.scalars(messages_a_faire(acteur, Canal.LETTRE, instant)).all(), acteur
            ),
            lignes=lignes_de_messages(suite[:PAR_PAGE], acteur),
            page=page,
            encore=len(suite) > PAR_PAGE,
            rien_ne_part=_rien_ne_part(),
            prochaine=heures_de_message(ce_jour()).prochaine(instant),
            instant=instant,
            le=ce_jour(),
        )


def _rien_ne_part() -> str:
    """Why messages stay here, if they do."""
    envois: Envois = current_app.config["ENVOIS"]
    if current_app.jinja_env.globals["demonstration"]:
        return "Démonstration : rien ne part. Voici ce qui serait envoyé."
    absents = [nom for nom, adresse in (("SMS", envois.sms), ("courriels", envois.courriel)) if not adresse]
    if not absents:
        return ""
    return (
        f"Les {' et les '.join(absents)} ne partent pas : l’envoi n’est pas réglé. Ils attendent ici ; "
        "voyez qui tient la plateforme."
    )


@conseiller.get("/messages/lettres")
def lettres() -> str:
    """The letters that wait, one a sheet."""
    acteur = acteur_courant()
    with lecture() as session:
        a_imprimer = session.scalars(messages_a_faire(acteur, Canal.LETTRE, maintenant())).all()
        return render_template(
            "conseiller/lettres.html", lignes=lignes_de_messages(a_imprimer, acteur), le=ce_jour()
        )


@conseiller.post("/messages/<uuid:uuid>/fait")
def message_fait(uuid: UUID) -> ResponseReturnValue:
    """Somebody called, or put the letter in the post."""
    try:
        a_qui = _noter_fait(uuid)
    except RegleMetier as refus:
        flash(refus.phrase)
    else:
        dire_enregistre(f"{a_qui} : fait.")
    return redirect(url_for("conseiller.messages"), 303)


@reessayer
def _noter_fait(uuid: UUID) -> str:
    acteur = acteur_courant()
    with transaction() as session:
        message = session.scalars(messages_visibles_par(acteur).where(Message.uuid == uuid)).one()
        resultat = session.execute(message.marquer_fait(acteur, maintenant()))
        if not (isinstance(resultat, CursorResult) and resultat.rowcount == 1):
            raise MessageDejaTraite
        session.add(consigner(acteur, Evenement.MESSAGE_FAIT, message, canal=message.canal.value))
        return _ligne(message, acteur).a_qui


@conseiller.get("/dossiers/<uuid:uuid>/messages")
def messages_de(uuid: UUID) -> str:
    """How she is told things, what she does not want, and what was said."""
    personne, acteur = consulter(uuid), acteur_courant()
    session = bd.session
    siens = messages_visibles_par(acteur).where(Message.personne_id == personne.id).limit(PAR_PAGE)
    refuses = refus_de(session, personne_id=personne.id)
    return render_template(
        "conseiller/messages_personne.html",
        personne=personne,
        moyen=moyen_de_vive_voix(personne, refuses),
        rappels=moyen_de_la_personne(personne, refuses),
        refuses=refuses,
        lignes=lignes_de_messages(
            session.scalars(
                siens.options(selectinload(Message.personne), selectinload(Message.structure))
            ).all(),
            acteur,
        ),
        rien_ne_part=_rien_ne_part(),
    )


@conseiller.post("/dossiers/<uuid:uuid>/messages")
def refuser_des_messages(uuid: UUID) -> ResponseReturnValue:
    """She said by which way she does not want messages."""
    refuses = {canal for canal in REFUSABLES if request.form.get(f"refuse-{canal.value}") == "oui"}
    moyen = _changer_refus(uuid, refuses)
    dire_enregistre(moyen.pourquoi)
    return redirect(url_for("conseiller.messages_de", uuid=uuid), 303)


@reessayer
def _changer_refus(uuid: UUID, refuses: set[Canal]) -> Moyen:
    with transaction() as session:
        personne: Personne = ouvrir_dossier(session, uuid)
        changer_refus(session, personne, refuses, par=acteur_courant())
        return moyen_de_vive_voix(personne, refuses)
