"""« À moins de 30 minutes d'une Maison » : the two maps that a council meeting remembers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Response, abort, make_response, render_template, request
from markupsafe import Markup

from geo.couverture import Couverture
from mobilite.besoin import SEMAINE
from mobilite.lieux import Mode
from mobilite.verdict import Verdict
from web.pilotage.couverture import (
    SANS_VOITURE,
    SOURCE_CONTOURS,
    SOURCE_POPULATION,
    Part,
    Question,
    couverture,
    dessin,
    habitants_de,
    mode_demande,
    parts,
    question_posee,
    seuil,
    surfaces,
)
from web.pilotage.espace import pilotage
from web.transaction import lecture

if TYPE_CHECKING:
    from geo.habitants import Habitants


@dataclass(frozen=True, slots=True)
class Vue:
    """One map with its figures; ``habitants`` is there where a network answers for this mode."""

    mode: Mode
    titre: str
    couverture: Couverture
    parts: list[Part]
    habitants: Habitants | None
    svg: Markup

    @property
    def oui(self) -> int:
        """Inhabitants surely within the threshold."""
        return self.couverture.population()[Verdict.OUI]


@pilotage.get("/")
def carte() -> str:
    """The two maps side by side: by car, and without one."""
    sans = mode_demande(SANS_VOITURE, "sans")
    with lecture() as session:
        question = question_posee(session, Mode.VOITURE)
    vues = [
        vue(question, "En voiture"),
        vue(replace(question, mode=sans), f"Sans voiture, {sans.libelle}"),
    ]
    habitants = sum(part.habitants for part in vues[0].parts)
    return render_template(
        "pilotage/carte.html",
        vues=vues,
        sans=sans,
        modes_sans=SANS_VOITURE,
        jour=question.jour,
        jours=[(j.value, j.libelle) for j in SEMAINE],
        le=question.le,
        seuil=seuil(question.le),
        habitants=habitants,
        communes=len(vues[0].couverture.communes),
        ecart=vues[0].oui - vues[1].oui,
        source_population=SOURCE_POPULATION,
        source_contours=SOURCE_CONTOURS,
    )


@pilotage.get("/carte-<any(voiture,velo,marche):mode>.svg")
def carte_svg(mode: str) -> Response:
    """One map as a file that stands alone: title, legend, date, method and sources are drawn on it."""
    with lecture() as session:
        question = question_posee(session, Mode(mode))
    ouverte = f" ouverte le {question.jour.libelle}" if question.jour else ""
    titre = f"À moins de {seuil(question.le).valeur:g} minutes d'une Maison{ouverte}, {question.mode.libelle}"
    reponse = make_response(dessin(question, titre, autonome=True))
    reponse.content_type = "image/svg+xml; charset=utf-8"
    return en_fichier(reponse, question, "maisons", "svg")


@pilotage.get("/surfaces-<any(voiture,velo,marche):mode>.geojson")
def surfaces_geojson(mode: str) -> Response:
    """The areas within 10, 20, 30 and 45 minutes of the Maisons, or of one; 404 without a network."""
    with lecture() as session:
        question = question_posee(session, Mode(mode))
    une = request.args.get("maison")
    if une is not None:
        question = replace(question, maisons=tuple(m for m in question.maisons if m.id == une), jour=None)
    dessinees = surfaces(question)
    if dessinees is None:
        abort(404)
    jour = question.jour.value if question.jour else None
    reponse = make_response(json.dumps(dessinees.geojson({"jour": jour}), ensure_ascii=False))
    reponse.content_type = "application/geo+json; charset=utf-8"
    return en_fichier(reponse, question, "surfaces", "geojson")


def vue(question: Question, titre: str, cle: str = "") -> Vue:
    """A map and its figures."""
    du_jour = couverture(question)
    # Our own drawing, whose names are escaped where it is made.
    svg = Markup(dessin(question, titre, cle=cle))  # nosec B704
    return Vue(question.mode, titre, du_jour, parts(du_jour.population()), habitants_de(question), svg)


def en_fichier(reponse: Response, question: Question, debut: str, fin: str) -> Response:
    """The answer as a file whose name says what it is of."""
    jour = f"-{question.jour.value}" if question.jour else ""
    nom = f"{debut}-{question.mode.value}{jour}-{question.le:%Y-%m-%d}.{fin}"
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse
