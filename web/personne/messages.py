"""What was written to her, and the one choice there is: text messages, or not."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.notification import Canal, EtatMessage, Message, messages_visibles_par, moyen_de_la_personne
from web.acces import acteur_courant
from web.contact import contact_de
from web.messages.boite import refus_de
from web.messages.refus import changer_refus
from web.personne.espace import elle, personne
from web.transaction import lecture, reessayer, transaction

RECENTS = 10


@personne.get("/messages")
def messages() -> str:
    """Her last text messages, and how to stop them."""
    with lecture() as session:
        qui = elle(session)
        refuses = refus_de(session, personne_id=qui.id)
        recus = messages_visibles_par(acteur_courant()).where(
            Message.canal == Canal.SMS, Message.etat == EtatMessage.ENVOYE, Message.texte != ""
        )
        return render_template(
            "personne/messages.html",
            messages=session.scalars(recus.limit(RECENTS)).all(),
            en_recoit=moyen_de_la_personne(qui, refuses).canal is Canal.SMS,
            refuse=Canal.SMS in refuses,
            joignable=moyen_de_la_personne(qui, refuses - {Canal.APPEL}).canal is not None,
            contact=contact_de(session, qui),
        )


@personne.post("/messages")
def changer_les_messages() -> ResponseReturnValue:
    """No text message any more, or again."""
    refuse = request.form.get("sms") == "non"
    _changer(refuse)
    flash("Vous ne recevrez plus de SMS." if refuse else "Vous recevrez des SMS.")
    return redirect(url_for("personne.messages"), 303)


@reessayer
def _changer(refuse: bool) -> None:
    with transaction() as session:
        qui = elle(session)
        autres = refus_de(session, personne_id=qui.id) - {Canal.SMS}
        changer_refus(session, qui, {*autres, *({Canal.SMS} if refuse else ())}, par=acteur_courant())
