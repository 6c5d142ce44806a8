"""« À moins de 30 minutes d'une Maison » : the two maps that a council meeting remembers."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template
from markupsafe import Markup

from geo.cartes import FondDeCarte, carte_couverture
from geo.couverture import Couverture
from mobilite.lieux import Mode
from mobilite.verdict import Verdict
from web.catalogue import maisons_d_accueil
from web.pilotage.couverture import (
    SANS_VOITURE,
    SOURCE_CONTOURS,
    SOURCE_POPULATION,
    Part,
    aujourd_hui,
    couverture,
    couverture_du_jour,
    mode_demande,
    parts,
    seuil,
)
from web.pilotage.espace import pilotage
from web.referentiel import dossier_des_graines
from web.transaction import lecture


@dataclass(frozen=True, slots=True)
class Vue:
    """One map with its figures."""

    mode: Mode
    titre: str
    couverture: Couverture
    parts: list[Part]
    svg: Markup

    @property
    def oui(self) -> int:
        """Inhabitants surely within the threshold."""
        return self.couverture.population()[Verdict.OUI]


@pilotage.get("/")
def carte() -> str:
    """The two maps side by side: by car, and without one."""
    le = aujourd_hui()
    sans = mode_demande(SANS_VOITURE, "sans")
    with lecture() as session:
        maisons = maisons_d_accueil(session)
    vues = [
        _vue(couverture(maisons, Mode.VOITURE, le), "En voiture"),
        _vue(couverture(maisons, sans, le), f"Sans voiture, {sans.libelle}"),
    ]
    habitants = sum(part.habitants for part in vues[0].parts)
    return render_template(
        "pilotage/carte.html",
        vues=vues,
        sans=sans,
        modes_sans=SANS_VOITURE,
        le=le,
        seuil=seuil(le),
        habitants=habitants,
        communes=len(vues[0].couverture.communes),
        ecart=vues[0].oui - vues[1].oui,
        source_population=SOURCE_POPULATION,
        source_contours=SOURCE_CONTOURS,
    )


@pilotage.get("/carte-<any(voiture,velo,marche):mode>.svg")
def carte_svg(mode: str) -> Response:
    """One map as a file that stands alone: title, legend, date, method and sources are drawn on it."""
    le = aujourd_hui()
    with lecture() as session:
        du_jour = couverture_du_jour(session, Mode(mode), le)
    titre = f"À moins de {du_jour.seuil_min:g} minutes d'une Maison, {du_jour.mode.libelle}"
    reponse = make_response(carte_couverture(_fond(), du_jour, titre, le=le, autonome=True))
    reponse.content_type = "image/svg+xml; charset=utf-8"
    reponse.headers["Content-Disposition"] = f'attachment; filename="maisons-{mode}-{le:%Y-%m-%d}.svg"'
    return reponse


def _vue(couverture: Couverture, titre: str) -> Vue:
    # Our own drawing, whose names are escaped where it is made.
    svg = Markup(carte_couverture(_fond(), couverture, titre, le=aujourd_hui()))  # nosec B704
    return Vue(couverture.mode, titre, couverture, parts(couverture.population()), svg)


def _fond() -> FondDeCarte:
    return FondDeCarte.lire(dossier_des_graines() / "meuse" / "communes.geojson")
