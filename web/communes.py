"""The commune somebody types: proposals while typing, and the one a form meant. One way for every page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, jsonify, request

from geo.adresses import TEXTE_MAX, Proposition
from mobilite.erreurs import DonneeRefusee
from mobilite.territoire import DEPARTEMENTS, Commune
from web.referentiel import referentiel

_ANCIENNE = re.compile(r"\(ancienne commune.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CommuneDite:
    """What a commune field holds: the text as typed and, once understood, the INSEE code.

    ``choix`` are the communes it may mean, to be shown as radios, when nothing is certain;
    ``erreur`` is the sentence to show. Nothing typed: everything is empty, which is no error.
    """

    texte: str = ""
    insee: str | None = None
    choix: tuple[Proposition, ...] = ()
    erreur: str = ""


RIEN_DIT = CommuneDite()


def commune_connue(insee: str | None) -> CommuneDite:
    """The field as it stands for a commune already recorded."""
    if not insee:
        return RIEN_DIT
    commune = referentiel().territoire.commune(insee)
    if commune is None:
        return CommuneDite(insee, insee)
    return CommuneDite(f"{commune.nom} ({', '.join(commune.codes_postaux)})", commune.insee)


def lire_commune(formulaire: Mapping[str, str], nom: str) -> CommuneDite:
    """Understand the field ``nom``; ``nom_insee`` (a radio, or the list) counts if it fits the text."""
    texte = formulaire.get(nom, "").strip()
    if not texte:
        return RIEN_DIT
    if len(texte) > TEXTE_MAX:
        return CommuneDite(
            texte[:TEXTE_MAX],
            erreur=f"Un nom de commune fait {TEXTE_MAX} lettres au plus : écrivez le début.",
        )
    cherche = _ANCIENNE.sub("", texte)
    recherche = referentiel().recherche
    propositions = recherche.chercher(cherche)
    choisie = formulaire.get(f"{nom}_insee", "")
    if choisie and choisie in {p.insee for p in propositions}:
        return CommuneDite(texte, choisie)
    certaine = recherche.certaine(cherche)
    if certaine is not None:
        return CommuneDite(texte, certaine.insee)
    if propositions:
        return CommuneDite(
            texte, None, _une_par_commune(propositions), f"« {texte} » : dites laquelle de ces communes."
        )
    return CommuneDite(
        texte,
        erreur=f"« {texte} » n'est pas une commune de la Meuse ou des alentours. Écrivez le début de son nom "
        "ou son code postal.",
    )


def _une_par_commune(propositions: list[Proposition]) -> tuple[Proposition, ...]:
    par_insee: dict[str, Proposition] = {}
    for proposition in propositions:
        par_insee.setdefault(proposition.insee, proposition)
    return tuple(par_insee.values())


def nom_de_commune(insee: str | None) -> str:
    """« Étain », « Toul (Meurthe-et-Moselle) »; empty for nothing."""
    if not insee:
        return ""
    commune = referentiel().territoire.commune(insee)
    if commune is None:
        return insee
    if commune.departement == referentiel().territoire.departement:
        return commune.nom
    return f"{commune.nom} ({DEPARTEMENTS.get(commune.departement, commune.departement)})"


def precision(proposition: Proposition) -> str:
    """What to read under a name in a list: the department of a neighbour, today's name of a former one."""
    precisions = []
    if proposition.ancienne:
        precisions.append(f"ancienne commune, aujourd'hui {proposition.nom}")
    else:
        precisions.append(", ".join(proposition.codes_postaux))
    if proposition.departement != referentiel().territoire.departement:
        precisions.append(DEPARTEMENTS.get(proposition.departement, proposition.departement))
    return " · ".join(precisions)


def commune_dite(texte: str, champ: str = "commune") -> Commune:
    """The commune behind what was typed, for a form that shows one sentence and no radios.

    Raises ``DonneeRefusee`` naming ``champ``, with the closest communes, rather than guess.
    """
    dite = lire_commune({champ: texte}, champ)
    if dite.insee is not None:
        return referentiel().territoire.communes[dite.insee]
    if not dite.texte:
        raise DonneeRefusee(champ, "Écrivez le nom d'une commune.")
    if dite.choix:
        noms = ", ".join(f"« {p.libelle} »" for p in dite.choix[:3])
        raise DonneeRefusee(champ, f"Plusieurs communes sont possibles : {noms}. Écrivez la bonne.")
    raise DonneeRefusee(champ, dite.erreur)


def proposer_des_communes() -> Response:
    """The view behind every field where a commune is typed (``?q=``): local data, nothing called or kept.

    Each audience routes it under its own address, so that each keeps its own access rule.
    """
    trouvees = referentiel().recherche.chercher(request.args.get("q", "")[:TEXTE_MAX])
    return jsonify(
        [
            {
                "insee": p.insee,
                "nom": p.ancienne or p.nom,
                "libelle": p.libelle,
                "precision": precision(p),
                "valeur": p.ancienne or p.libelle,
            }
            for p in trouvees
        ]
    )
