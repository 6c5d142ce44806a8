"""The report to the préfet on the association's page: from its trips kept here, or from its own register.

Nothing typed here is kept: what the association says of itself goes into the paper and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour
from mobilite.candidate import Genre
from mobilite.droit.rapport_prefet import Association, RapportPrefet
from mobilite.offre import Offre, offres_visibles_par
from mobilite.structure import GenreStructure, Structure
from web.acces import acteur_courant
from web.erreurs import REFUS
from web.formats import jour_annee
from web.formulaire import Formulaire
from web.impressions import composer
from web.lecture_trajets import COLONNES, COLONNES_FACULTATIVES, lire_registre
from web.partenaire.espace import partenaire, sa_structure
from web.rapport_prefet import ENTETE, rapport_de, tableau, trajets_tenus_ici
from web.tableur import repondre_csv
from web.transaction import lecture

PREMIERE_ANNEE = 2019
"""The year of the décret."""


def fait_du_transport_solidaire(session: Session, structure: Structure) -> bool:
    """Whether the report concerns this structure: an association, or one that drives people."""
    if structure.genre is GenreStructure.ASSOCIATION:
        return True
    siennes = offres_visibles_par(acteur_courant()).where(Offre.genre == Genre.TRANSPORT_SOLIDAIRE)
    return session.scalars(siennes.limit(1)).first() is not None


@partenaire.route("/rapport-prefet", methods=["GET", "POST"])
def rapport_prefet() -> ResponseReturnValue:
    """The form, the report on the screen, or its two files. Nothing is written."""
    derniere = ce_jour().year - 1
    if request.method != "POST":
        saisie = MultiDict({"annee": str(derniere)})
        with lecture() as session:
            structure = sa_structure(session)
            trajets = trajets_tenus_ici(session, structure.id, derniere)
        rapport = rapport_de(trajets, derniere, _connue(structure)) if trajets else None
        return _page(structure, saisie, {}, rapport)
    f = Formulaire(request.form)
    annee = f.entier("annee", PREMIERE_ANNEE, derniere + 1)
    if annee is None:
        f.erreur("annee", "Dites l'année des trajets.")
    fichier = request.files.get("fichier")
    octets = fichier.read() if fichier and fichier.filename else b""
    with lecture() as session:
        structure = sa_structure(session)
        tenus = trajets_tenus_ici(session, structure.id, annee) if annee and not octets else []
    association = _association(f, structure, registre=bool(octets))
    lus = f.lire("fichier", lambda: lire_registre(octets)) if octets else tenus
    if f.erreurs or annee is None or lus is None:
        return _page(structure, f.saisie, f.erreurs, None), REFUS
    rapport = rapport_de(lus, annee, association)
    match f.brut("format"):
        case "csv":
            return repondre_csv(f"rapport-prefet-{annee}.csv", ENTETE, tableau(rapport))
        case "pdf":
            return _pdf(rapport, structure)
        case _:
            return _page(structure, f.saisie, {}, rapport)


def _connue(structure: Structure) -> Association:
    """What is known here: its name, and that the cars of the volunteers are lent to it."""
    return Association(nom=structure.nom, vehicules_propres=frozenset())


def _association(f: Formulaire, structure: Structure, *, registre: bool) -> Association:
    propres = frozenset(f.lignes("vehicules_propres", 50, 80))
    return Association(
        nom=structure.nom,
        rna=f.texte("rna", 20) or "",
        adresse=f.texte("adresse", 200) or "",
        salaries=f.entier("salaries", 0, 100_000),
        benevoles=f.entier("benevoles", 0, 100_000),
        adherents=f.entier("adherents", 0, 1_000_000),
        vehicules_propres=propres if propres or not registre or f.coche("tous_pretes") else None,
        regles=f.texte("regles", 1000) or "",
    )


def _page(
    structure: Structure,
    saisie: MultiDict[str, str],
    erreurs: Mapping[str, str],
    rapport: RapportPrefet | None,
) -> str:
    return render_template(
        "partenaire/rapport_prefet.html",
        structure=structure,
        saisie=saisie,
        erreurs=dict(erreurs),
        rapport=rapport,
        colonnes=COLONNES,
        facultatives=COLONNES_FACULTATIVES,
    )


def _pdf(rapport: RapportPrefet, structure: Structure) -> Response:
    reponse = make_response(composer("rapport_prefet", contenu_rapport(rapport, structure)))
    reponse.content_type = "application/pdf"
    reponse.headers["Content-Disposition"] = f'inline; filename="rapport-prefet-{rapport.annee}.pdf"'
    return reponse


def contenu_rapport(rapport: RapportPrefet, structure: Structure) -> dict[str, Any]:
    """What the paper shows: nothing left blank without saying so, and what must be looked at again."""
    return {
        "titre": f"Transport d'utilité sociale : année {rapport.annee}",
        "sous_titre": f"{structure.nom}. À envoyer au préfet jusqu'au {jour_annee(rapport.avant_le)}.",
        "source": "Code des transports, R3133-5 ; arrêté du 17 octobre 2019, article 2.",
        "demonstration": "Démonstration : association et trajets fictifs" if structure.demonstration else "",
        "lignes": [[ligne.rubrique, ligne.libelle, ligne.valeur] for ligne in rapport.lignes()],
        "a_completer": list(rapport.a_completer),
        "alertes": list(rapport.alertes),
        "etabli": f"Établi le {jour_annee(ce_jour())}.",
    }
