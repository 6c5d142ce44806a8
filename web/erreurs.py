"""What a refusal or a failure looks like: one page or one JSON object, a French sentence, no detail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, NoResultFound
from werkzeug.exceptions import HTTPException, SecurityError

from mobilite.erreurs import DonneeRefusee, RegleMetier
from web.acces import veut_json
from web.transaction import est_un_verrou

REFUS = 422
"""What was typed is to be corrected: the page comes back with everything that was typed."""


@dataclass(frozen=True, slots=True)
class Message:
    """A title, a sentence, a stable code."""

    code: str
    titre: str
    phrase: str


_MESSAGES = {
    400: Message("demande_illisible", "La demande n'est pas lisible", "Revenez en arrière et recommencez."),
    401: Message(
        "non_connecte", "Il faut se connecter", "Votre session est finie. Connectez-vous à nouveau."
    ),
    403: Message(
        "acces_ferme",
        "Cette page n'est pas pour votre compte",
        "Elle est réservée à d'autres comptes que le vôtre.",
    ),
    404: Message(
        "introuvable", "Page introuvable", "Cette page n'existe pas, ou elle n'est pas dans votre espace."
    ),
    405: Message("methode", "Cette page ne s'ouvre pas ainsi", "Revenez en arrière et recommencez."),
    413: Message("trop_grand", "L'envoi est trop grand", ""),
    429: Message(
        "trop_d_essais", "Trop d'essais", "Attendez quelques minutes, puis recommencez. Rien n'est perdu."
    ),
    500: Message("panne", "Une erreur est survenue", "Elle vient de la plateforme, pas de vous."),
    503: Message(
        "occupe", "La plateforme est occupée", "Rien n'a été enregistré. Recommencez dans un instant."
    ),
}
_CSRF = Message(
    "page_perimee",
    "La page est restée ouverte trop longtemps",
    "Rien n'a été enregistré. Revenez en arrière, rechargez la page, puis recommencez.",
)


def preparer_erreurs(app: Flask) -> None:
    """Install the handlers, and give each request a number to quote on the phone."""

    @app.before_request
    def numeroter() -> None:
        g.demande = secrets.token_hex(6)

    app.register_error_handler(HTTPException, _http)
    # A host name that is not ours: no address can be built, so no page can be drawn.
    app.register_error_handler(SecurityError, lambda erreur: erreur.get_response())
    app.register_error_handler(CSRFError, lambda _: repondre(400, _CSRF))
    app.register_error_handler(RegleMetier, _regle_metier)
    app.register_error_handler(NoResultFound, lambda _: repondre(404, _MESSAGES[404]))
    app.register_error_handler(DBAPIError, _base)


def _http(erreur: HTTPException) -> Response:
    if erreur.code is None or erreur.code < 400:
        return make_response(erreur.get_response())
    message = _MESSAGES.get(erreur.code, _MESSAGES[500 if erreur.code >= 500 else 400])
    if erreur.code == 413:
        mega_octets = (request.max_content_length or 0) // 1_000_000
        message = replace(message, phrase=f"Un envoi fait {mega_octets} Mo au plus. Rien n'a été enregistré.")
    reponse = repondre(erreur.code, message)
    if erreur.code == 405:
        reponse.headers.extend(
            (nom, valeur) for nom, valeur in erreur.get_headers() if nom.casefold() == "allow"
        )
    if erreur.code == 429:
        reponse.headers["Retry-After"] = "60"
    return reponse


def _regle_metier(refus: RegleMetier) -> Response:
    if isinstance(refus, DonneeRefusee):
        # A whole sentence stands alone on a page; a name of field before it says something to a program only.
        entiere = refus.raison[:1].isupper() and not veut_json()
        phrase = refus.raison if entiere else refus.phrase
        return repondre(REFUS, Message(refus.code, "Cette réponse est à revoir", phrase))
    return repondre(409, Message(refus.code, "Ce n'est pas possible ainsi", refus.phrase))


def _base(erreur: DBAPIError) -> Response:
    if not est_un_verrou(erreur):
        raise erreur
    reponse = repondre(503, _MESSAGES[503])
    reponse.headers["Retry-After"] = "2"
    return reponse


def repondre(statut: int, message: Message) -> Response:
    """The answer in the form asked for. The number of the request is shown for failures only."""
    numero = g.get("demande", "") if statut >= 500 else ""
    if veut_json():
        corps = {"code": message.code, "phrase": message.phrase}
        reponse = jsonify(corps | {"demande": numero} if numero else corps)
    else:
        page = render_template("erreurs/erreur.html", message=message, numero=numero)
        reponse = make_response(page)
    reponse.status_code = statut
    return reponse
