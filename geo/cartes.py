"""Maps drawn on the server as SVG: the communes by verdict, for phones, desks and print.

Colours and hatches are presentation attributes with a class beside them: they need no inline style
(strict CSP), a style sheet may override them, and the file reads the same when downloaded alone.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from geo.couverture import Accueil, Couverture
from geo.traces import anneaux, trace
from geo.voisins import AUTOUR_KM, LEGENDE_VOISINS, LETTRE, Voisin, dessiner_voisins
from mobilite.lieux import Position
from mobilite.territoire import RAYON_TERRE_KM, Territoire
from mobilite.verdict import Verdict

if TYPE_CHECKING:
    import shapely

HAUTEUR = 900
MARGE = 12
# Smallest detail kept: triangles of this side, in drawing units (150 m each on the Meuse), are flattened.
DETAIL = 5.8

_SOURCE_FOND = "Fond : IGN Admin Express, INSEE (Licence Ouverte 2.0)."


class _Trame(NamedTuple):
    """How a verdict looks: class, fill, and a hatch that tells it apart without colour."""

    classe: str
    fond: str
    trait: str
    dessin: str
    legende: str


_TRAMES = {
    Verdict.OUI: _Trame("oui", "#5aa97f", "#1f7a4d", "", "Oui"),
    Verdict.A_VERIFIER: _Trame(
        "a-verifier", "#f0cf86", "#8a5a00", "M-2 2l4-4M0 8l8-8M6 10l4-4", "À vérifier"
    ),
    Verdict.NON: _Trame(
        "non", "#d59a8f", "#8c2f2f", "M-2 2l4-4M0 8l8-8M6 10l4-4M-2 6l4 4M0 0l8 8M6-2l4 4", "Non"
    ),
}


_TRAIT_ZONE = 'fill="none" stroke="#083f4b" stroke-width="2.4" stroke-linejoin="round"'
_DETAIL_ZONE = 1.6


@dataclass(frozen=True, slots=True)
class FondDeCarte:
    """The outlines of the communes, projected and simplified once.

    Plate carrée at the mean latitude: over 130 km the error stays under the width of a line.
    ``communes``: INSEE code → SVG path data; ``contour``: the département's; ``voisins``: the
    départements around, drawn from their town halls alone, whose outlines are not at hand.
    """

    communes: Mapping[str, str]
    contour: str
    voisins: tuple[Voisin, ...]
    largeur: int
    hauteur: int
    ouest: float
    nord: float
    par_degre: tuple[float, float]

    @classmethod
    def lire(cls, geojson: Path, territoire: Territoire | None = None) -> FondDeCarte:
        """The map behind a GeoJSON file of communes (property ``insee``), read once per process.

        ``territoire`` gives the communes around, drawn as context.
        """
        return _lire_fond(geojson, territoire)

    def tracer(self, surface: shapely.Geometry) -> str:
        """The path data of an area (WGS84) on the drawing, holes kept, cut at its edge."""
        import shapely  # noqa: PLC0415

        par_lon, par_lat = self.par_degre
        dessinee = shapely.transform(
            surface, lambda degres: (degres - [self.ouest, self.nord]) * [par_lon, -par_lat] + MARGE
        )
        cadre = shapely.box(0, 0, self.largeur, self.hauteur)
        return trace(anneaux(shapely.intersection(shapely.simplify(dessinee, _DETAIL_ZONE), cadre)))

    def point(self, position: Position) -> tuple[int, int]:
        """Where a position falls on the drawing."""
        par_lon, par_lat = self.par_degre
        return (
            round(MARGE + (position.lon - self.ouest) * par_lon),
            round(MARGE + (self.nord - position.lat) * par_lat),
        )


def carte_couverture(
    fond: FondDeCarte,
    couverture: Couverture,
    titre: str,
    *,
    le: date | None = None,
    autonome: bool = False,
    zone: shapely.Geometry | None = None,
    cle: str = "",
) -> str:
    """One map as an ``<svg>`` element, at most 70 kB; its table is ``couverture`` itself.

    ``autonome`` makes a file that stands alone: title, legend, date, method and sources are drawn
    on it. ``zone``: the area within the threshold (WGS84), drawn over the communes. Ids are prefixed
    by the mode and ``cle``, so that several maps share a page.
    """
    prefixe = f"carte-{couverture.mode.value}{cle}"
    notes = _notes(couverture, le)
    haut, bas, cartouche = 0, 0, ""
    if autonome:
        haut, bas, cartouche = _cartouche(fond, couverture, titre, notes, prefixe, zone is not None)
    boite = f"0 {-haut} {fond.largeur} {fond.hauteur + haut + bas}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="carte" viewBox="{boite}" role="img"'
        f' aria-labelledby="{prefixe}-titre {prefixe}-description" font-family="system-ui, sans-serif">'
        f'<title id="{prefixe}-titre">{_texte(titre)}</title>'
        f'<desc id="{prefixe}-description">{_texte(_description(couverture, notes))}</desc>'
        f"<defs>{''.join(_motif(prefixe, trame) for trame in _TRAMES.values())}</defs>"
        f"{_voisins(fond)}{_groupes(fond, couverture, prefixe)}"
        f'<path class="contour" d="{fond.contour}" fill="none" stroke="#5b6875" stroke-width="1.5"/>'
        f"{_zone(fond, zone)}{_maisons(fond, couverture)}{cartouche}</svg>"
    )


def _motif(prefixe: str, trame: _Trame) -> str:
    trait = f'<path class="trait" d="{trame.dessin}" stroke="{trame.trait}" stroke-opacity=".45"/>'
    return (
        f'<pattern id="{prefixe}-{trame.classe}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect class="{trame.classe}" width="8" height="8" fill="{trame.fond}"/>'
        f"{trait if trame.dessin else ''}</pattern>"
    )


def _groupes(fond: FondDeCarte, couverture: Couverture, prefixe: str) -> str:
    groupes = []
    for verdict, trame in _TRAMES.items():
        chemins = "".join(
            f'<path d="{fond.communes[accueil.commune.insee]}"><title>{_texte(_bulle(accueil))}</title></path>'
            for accueil in couverture.communes
            if accueil.verdict is verdict and accueil.commune.insee in fond.communes
        )
        groupes.append(
            f'<g class="communes communes-{trame.classe}" fill="url(#{prefixe}-{trame.classe}) {trame.fond}"'
            f' stroke="#fff" stroke-width=".7">{chemins}</g>'
        )
    return "".join(groupes)


def _voisins(fond: FondDeCarte) -> str:
    """The départements around, quiet, under everything else."""
    chemins = "".join(f'<path d="{v.chemin}"><title>{_texte(v.nom)}</title></path>' for v in fond.voisins)
    noms = "".join(
        f'<text x="{v.x}" y="{v.y}" stroke="none" fill="#5b6875">{_texte(v.nom)}</text>'
        for v in fond.voisins
        if v.x
    )
    return (
        f'<g class="voisins" fill="#efece4" stroke="#b9b2a3" stroke-width="1.2" font-size="14"'
        f' text-anchor="middle">{chemins}{noms}</g>'
        if fond.voisins
        else ""
    )


def _zone(fond: FondDeCarte, zone: shapely.Geometry | None) -> str:
    """The edge of the area within the threshold, over the communes."""
    if zone is None:
        return ""
    return f'<path class="zone" d="{fond.tracer(zone)}" {_TRAIT_ZONE}/>'


def _bulle(accueil: Accueil) -> str:
    return f"{accueil.commune.nom}, {accueil.dite}"


def _maisons(fond: FondDeCarte, couverture: Couverture) -> str:
    points = []
    fermees = couverture.fermees
    for maison in couverture.maisons:
        chez = couverture.de(maison.lieu.insee)
        position = maison.lieu.position or (chez.commune.position if chez else None)
        if position is None:
            continue
        x, y = fond.point(position)
        fermee = maison in fermees
        nom = f"{maison.nom}, fermée ce jour-là" if fermee else maison.nom
        couleurs = 'fill="#fff" stroke="#083f4b"' if fermee else 'fill="#083f4b" stroke="#fff"'
        points.append(
            f'<g class="maison"><title>{_texte(nom)}</title>'
            f'<circle cx="{x}" cy="{y}" r="6" {couleurs} stroke-width="2"/>'
        )
        if chez is not None:
            # To the right of the point, unless the name would leave the drawing.
            a_droite = x + 10 + LETTRE * len(chez.commune.nom) <= fond.largeur
            points.append(
                f'<text x="{x + 10 if a_droite else x - 10}" y="{y + 5}"'
                f' text-anchor="{"start" if a_droite else "end"}" font-size="15" font-weight="600"'
                f' fill="#1d2733" stroke="#fff" stroke-width="3.5" stroke-linejoin="round"'
                f' paint-order="stroke">{_texte(chez.commune.nom)}</text>'
            )
        points.append("</g>")
    return "".join(points)


def _cartouche(
    fond: FondDeCarte,
    couverture: Couverture,
    titre: str,
    notes: Sequence[str],
    prefixe: str,
    avec_zone: bool,
) -> tuple[int, int, str]:
    """Heights added above and below the map, and the text drawn there."""
    lignes_titre = textwrap.wrap(titre, 34)
    haut = 14 + 28 * len(lignes_titre)
    dessin = ['<g class="cartouche" fill="#1d2733"><g font-size="22" font-weight="600">']
    for rang, ligne in enumerate(lignes_titre, 1):
        dessin.append(f'<text x="{MARGE}" y="{-haut + 28 * rang}">{_texte(ligne)}</text>')
    dessin.append('</g><g font-size="15">')
    y = fond.hauteur + 24
    for verdict, trame in _TRAMES.items():
        legende = f"{trame.legende} : {_entier(couverture.population()[verdict])} habitants"
        dessin.append(
            f'<rect x="{MARGE}" y="{y - 13}" width="24" height="16" stroke="#5b6875"'
            f' fill="url(#{prefixe}-{trame.classe}) {trame.fond}"/>'
            f'<text x="{MARGE + 34}" y="{y}">{_texte(legende)}</text>'
        )
        y += 24
    if avec_zone:
        dessin.append(
            f'<path d="M{MARGE} {y - 5}h24" {_TRAIT_ZONE}/>'
            f'<text x="{MARGE + 34}" y="{y}">{couverture.seuil_min:g} minutes sur les routes</text>'
        )
        y += 24
    if fond.voisins:
        dessin.append(
            f'<rect x="{MARGE}" y="{y - 13}" width="24" height="16" fill="#efece4" stroke="#b9b2a3"/>'
            f'<text x="{MARGE + 34}" y="{y}" font-size="12">{LEGENDE_VOISINS}</text>'
        )
        y += 24
    dessin.append('</g><g font-size="12">')
    for ligne in (morceau for note in (*notes, _SOURCE_FOND) for morceau in textwrap.wrap(note, 74)):
        dessin.append(f'<text x="{MARGE}" y="{y}">{_texte(ligne)}</text>')
        y += 17
    dessin.append("</g></g>")
    return haut, y - fond.hauteur, "".join(dessin)


def _description(couverture: Couverture, notes: Iterable[str]) -> str:
    population = couverture.population()
    chiffres = ", ".join(
        f"{trame.legende.lower()} {_entier(population[verdict])}" for verdict, trame in _TRAMES.items()
    )
    quand = f" ouverte le {couverture.jour.libelle}" if couverture.jour else ""
    question = (
        f"Habitants à {couverture.seuil_min:g} minutes au plus d'une Maison de la Solidarité{quand},"
        f" {couverture.mode.libelle} : {chiffres}, sur {_entier(sum(population.values()))}."
    )
    return " ".join((question, *notes))


def _notes(couverture: Couverture, le: date | None) -> list[str]:
    quand = f" au {le:%d/%m/%Y}" if le else ""
    notes = [f"Durées{quand} : {couverture.methode}."]
    if couverture.jour is not None:
        notes.append(f"Maisons ouvertes le {couverture.jour.libelle}, hors jours fériés.")
        if couverture.fermees:
            notes.append("Rond vide : Maison fermée ce jour-là.")
        if couverture.horaires_inconnus:
            notes.append(
                f"Maisons dont on ne connaît pas les horaires : {len(couverture.horaires_inconnus)}."
            )
    if not couverture.maisons:
        notes.append("Aucune Maison de la Solidarité n'est enregistrée : tout est à vérifier.")
    if couverture.demonstration:
        notes.append("Emplacements de démonstration : ce ne sont pas les adresses des Maisons.")
    return notes


def _texte(texte: str) -> str:
    return escape(texte, quote=False)


def _entier(nombre: int) -> str:
    """180290 → « 180 290 », with the narrow no-break space."""
    return f"{nombre:,}".replace(",", "\u202f")


@cache
def _lire_fond(geojson: Path, territoire: Territoire | None) -> FondDeCarte:
    # Shapely and numpy take half a second to import: only the first map of a process pays for them.
    import shapely  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    entites: list[dict[str, Any]] = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    polygones = [shape(entite["geometry"]) for entite in entites]
    ouest, sud, est, nord = (float(borne) for borne in shapely.total_bounds(polygones))
    par_lat = (HAUTEUR - 2 * MARGE) / (nord - sud)
    par_lon = par_lat * math.cos(math.radians((nord + sud) / 2))
    projetes = shapely.transform(
        polygones, lambda degres: (degres - [ouest, nord]) * [par_lon, -par_lat] + MARGE
    )
    simples = shapely.coverage_simplify(projetes, DETAIL)
    contour = shapely.coverage_union_all(simples)
    largeur = round((est - ouest) * par_lon) + 2 * MARGE
    voisins: tuple[Voisin, ...] = ()
    if territoire is not None:
        cadre = shapely.box(0, 0, largeur, HAUTEUR)
        mairies = {
            c.insee: (
                MARGE + (c.position.lon - ouest) * par_lon,
                MARGE + (nord - c.position.lat) * par_lat,
                c.departement,
            )
            for c in territoire.communes.values()
        }
        rayon = math.degrees(AUTOUR_KM / RAYON_TERRE_KM) * par_lat
        voisins = tuple(
            dessiner_voisins(list(mairies.values()), territoire.departement, contour, cadre, rayon)
        )
    return FondDeCarte(
        {
            entite["properties"]["insee"]: trace(anneaux(simple))
            for entite, simple in zip(entites, simples, strict=True)
        },
        # Holes of the outline are only where generalised neighbours do not quite touch.
        trace(anneaux(contour, trous=False)),
        voisins,
        largeur,
        HAUTEUR,
        ouest,
        nord,
        (par_lon, par_lat),
    )
