"""What was written to the structure, and whether it wants e-mails."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.notification import Canal, EtatMessage, Message, messages_visibles_par
from web.acces import acteur_courant
from web.menu import ajouter_au_menu
from web.messages.boite import courriels_de, refus_de
from web.messages.refus import changer_refus
from web.partenaire.espace import partenaire, sa_structure
from web.transaction import lecture, reessayer, transaction

RECENTS = 50

ajouter_au_menu(partenaire, "Messages", "messages", rang=6)


@partenaire.get("/messages")
def messages() -> str:
    """What waits and what was sent, and the choice of e-mails."""
    with lecture() as session:
        structure = sa_structure(session)
        ecrits = messages_visibles_par(acteur_courant()).where(
            Message.etat != EtatMessage.RETIRE, Message.texte != ""
        )
        return render_template(
            "partenaire/messages.html",
            messages=session.scalars(ecrits.limit(RECENTS)).all(),
            refuse=Canal.COURRIEL in refus_de(session, structure_id=structure.id),
            adresses=courriels_de(session, structure.id),
        )


@partenaire.post("/messages")
def changer_les_messages() -> ResponseReturnValue:
    """No e-mail any more, or again."""
    refuse = request.form.get("courriel") == "non"
    _changer(refuse)
    flash("Vous ne recevrez plus de courriel." if refuse else "Vous recevrez des courriels.")
    return redirect(url_for("partenaire.messages"), 303)


@reessayer
def _changer(refuse: bool) -> None:
    with transaction() as session:
        structure = sa_structure(session)
        autres = refus_de(session, structure_id=structure.id) - {Canal.COURRIEL}
        voulus = {*autres, *({Canal.COURRIEL} if refuse else ())}
        changer_refus(session, structure, voulus, par=acteur_courant())
