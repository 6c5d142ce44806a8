"""How many times somebody may be wrong: counted before anything is hashed, failures only."""

from __future__ import annotations

import hashlib

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web.acces import acteur_ou_personne
from web.comptes import normaliser_identifiant
from web.erreurs import REFUS

# Counters live in memory, per process: `mobilite servir` runs one process with several threads.
debits = Limiter(key_func=get_remote_address, storage_uri="memory://", headers_enabled=False)


def a_echoue(reponse: Response) -> bool:
    """Several people share the address of a Maison: those who succeed must not shut the others out."""
    return reponse.status_code == REFUS


def par_identifiant() -> str:
    """One counter for each account tried, whether or not it exists; the name itself is not kept."""
    saisi = normaliser_identifiant(request.form.get("identifiant", ""))
    return hashlib.sha256(saisi.encode()).hexdigest()


def par_adresse() -> str:
    """One counter for each network address."""
    return get_remote_address()


def par_compte() -> str:
    """One counter for each account that is signed in; the network address of nobody."""
    acteur = acteur_ou_personne()
    return f"compte-{acteur.id}" if acteur else get_remote_address()


def pour_tous() -> str:
    """One counter for the whole site: a card has no name to try, so all guesses are counted together."""
    return "tous"
