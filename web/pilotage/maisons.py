"""The list of the Maisons: read it, take it away, replace it whole by the Département's own."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.acteur import RoleActeur
from mobilite.erreurs import DonneeRefusee
from mobilite.horaires import EXEMPLE
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.maison_solidarite import maisons as toutes_les_maisons
from mobilite.noms import sans_accent
from web.acces import acteur_courant
from web.erreurs import REFUS
from web.horaires import dire_ouverture
from web.lecture_maisons import (
    COLONNES,
    COLONNES_FACULTATIVES,
    LigneRefusee,
    ListeRefusee,
    installer_maisons,
    lire_maisons,
)
from web.pilotage.couverture import DEMONSTRATION, aujourd_hui
from web.pilotage.espace import pilotage
from web.referentiel import referentiel
from web.tableur import repondre_csv
from web.transaction import lecture, reessayer, transaction


@pilotage.get("/maisons")
def maisons() -> str:
    """The Maisons, and the form to replace the list."""
    return _page()


@pilotage.post("/maisons")
def importer_maisons() -> ResponseReturnValue:
    """Replace the list by a file, all or nothing."""
    fichier = request.files.get("fichier")
    octets = fichier.read() if fichier and fichier.filename else b""
    if not octets:
        return _page(erreur="Choisissez un fichier CSV qui contient au moins une Maison."), REFUS
    try:
        avant, apres = _installer(octets)
    except ListeRefusee as refus:
        return _page(refusees=refus.lignes), REFUS
    except DonneeRefusee as refus:
        return _page(erreur=refus.phrase), REFUS
    flash(
        f"Liste enregistrée : {apres} à la place de {avant}. Les cartes et les tableaux en tiennent compte."
    )
    return redirect(url_for("pilotage.maisons"), 303)


@pilotage.get("/maisons.csv")
def maisons_csv() -> Response:
    """The list as it can be imported again, its demonstration lines marked so that they cannot."""
    with lecture() as session:
        liste = session.scalars(toutes_les_maisons()).all()
    return repondre_csv(
        "maisons.csv",
        (*COLONNES, *COLONNES_FACULTATIVES, "demonstration"),
        [
            (
                m.nom,
                m.adresse,
                m.insee,
                m.lon,
                m.lat,
                m.source,
                m.date_source.isoformat(),
                m.horaires,
                _oui(m),
            )
            for m in liste
        ],
    )


@pilotage.get("/maisons/modele.csv")
def modele_csv() -> Response:
    """An empty file with the right columns."""
    return repondre_csv("modele-maisons.csv", (*COLONNES, *COLONNES_FACULTATIVES), ())


@reessayer
def _installer(octets: bytes) -> tuple[int, int]:
    lues = lire_maisons(octets, referentiel().territoire)
    with transaction() as session:
        return installer_maisons(session, lues, acteur_courant()), len(lues)


def _page(*, erreur: str = "", refusees: tuple[LigneRefusee, ...] = ()) -> str:
    connu = referentiel()
    with lecture() as session:
        liste = [
            (m, connu.nom(m.insee), dire_ouverture(m.en_accueil().horaires))
            for m in session.scalars(toutes_les_maisons())
        ]
    liste.sort(key=lambda ligne: sans_accent(ligne[1]))
    return render_template(
        "pilotage/maisons.html",
        maisons=liste,
        suffixe=DEMONSTRATION,
        peut_importer=acteur_courant().role is RoleActeur.DEPARTEMENT,
        colonnes=COLONNES,
        facultatives=COLONNES_FACULTATIVES,
        exemple=EXEMPLE,
        reseau=connu.accessibilite(aujourd_hui()).ferme,
        erreurs={"fichier": erreur} if erreur else {},
        refusees=refusees,
    )


def _oui(maison: MaisonSolidarite) -> str:
    return "oui" if maison.demonstration else "non"
