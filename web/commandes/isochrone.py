"""``mobilite reseau isochrone``: from where a place, or the Maisons, are reached in so many minutes."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from geo.couverture import Couverture, couvrir
from mobilite.base import ce_jour
from mobilite.erreurs import DonneeRefusee
from mobilite.lieux import Mode
from mobilite.noms import normaliser_nom
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Verdict
from web.commandes.aide import Commande
from web.commandes.fichier import ecrire_fichier
from web.commandes.maisons import maisons_chargees
from web.commandes.reseau import PROFILS, profil_en_service
from web.referentiel import referentiel
from web.surfaces import Surfaces, surfaces_de

if TYPE_CHECKING:
    from geo.habitants import Habitants


@click.command(
    cls=Commande,
    help="La surface d'où l'on rejoint un lieu, ou une Maison, en tant de minutes (--depuis : où l'on va).",
)
@click.option("--lon", type=click.FloatRange(-180, 180))
@click.option("--lat", type=click.FloatRange(-89, 89))
@click.option("--maisons", is_flag=True, help="Autour des Maisons chargées : la plus proche compte.")
@click.option(
    "--maison", metavar="NOM", multiple=True, help="Celle-ci seulement (le début de son nom suffit)."
)
@click.option("--chacune", is_flag=True, help="Ajoute la surface de chaque Maison, une par une.")
@click.option("--minutes", type=click.FloatRange(1, 240), multiple=True, default=(30.0,), show_default=True)
@click.option("--profil", type=click.Choice(PROFILS), default="voiture", show_default=True)
@click.option("--depuis", is_flag=True, help="En partant du lieu ; sinon en y allant.")
@click.option("--habitants", metavar="F.csv", help="Avec les Maisons : les habitants atteints, par commune.")
@click.option("--sortie", required=True, metavar="F.geojson", help=".geojson ou .svg ; - : sortie standard.")
def isochrone(
    lon: float | None,
    lat: float | None,
    maisons: bool,
    maison: tuple[str, ...],
    chacune: bool,
    minutes: tuple[float, ...],
    profil: str,
    depuis: bool,
    habitants: str | None,
    sortie: str,
) -> None:
    """Write the areas, the widest first."""
    seuils = tuple(sorted(set(minutes)))
    if not (maisons or maison):
        if chacune or habitants:
            raise DonneeRefusee("--chacune" if chacune else "--habitants", "cette option va avec --maisons.")
        if lon is None or lat is None:
            raise DonneeRefusee("--lon, --lat", "dire un lieu (--lon et --lat), ou --maisons.")
        _autour_d_un_lieu(lon, lat, seuils, profil, depuis, sortie)
        return
    if lon is not None or lat is not None or depuis:
        raise DonneeRefusee("--maisons", "ne va ni avec --lon et --lat, ni avec --depuis.")
    if chacune and _en_image(sortie):
        raise DonneeRefusee("--chacune", "demande une sortie .geojson : une image ne montre qu'une surface.")
    profil_en_service(profil)
    _autour_des_maisons(_choisir(maison), Mode(profil), seuils, chacune, habitants, sortie)


def _autour_d_un_lieu(
    lon: float, lat: float, minutes: Sequence[float], profil: str, depuis: bool, sortie: str
) -> None:
    from geo.accroche import Accrocheur  # noqa: PLC0415
    from geo.isochrone import en_geojson, en_svg, isochrones  # noqa: PLC0415
    from geo.reseau import ATTRIBUTION, LICENCE  # noqa: PLC0415

    service = profil_en_service(profil)
    lieu = Accrocheur(service).exiger(lon, lat, "--lon, --lat")
    surfaces = isochrones(service, lieu, minutes, vers=not depuis)
    with ecrire_fichier(sortie) as texte:
        if _en_image(sortie):
            texte.write(en_svg(surfaces, f"À {max(minutes):g} minutes", (ATTRIBUTION,)) + "\n")
            return
        proprietes = {
            "profil": profil,
            "sens": "depuis" if depuis else "vers",
            "attribution": ATTRIBUTION,
            "licence": LICENCE,
        }
        json.dump(en_geojson(surfaces, proprietes), texte, ensure_ascii=False)
        texte.write("\n")


def _autour_des_maisons(
    maisons: tuple[MaisonAccueil, ...],
    mode: Mode,
    minutes: Sequence[float],
    chacune: bool,
    habitants: str | None,
    sortie: str,
) -> None:
    from geo.isochrone import en_svg  # noqa: PLC0415

    ensemble, couvertures = _mesurer(maisons, mode, minutes)
    for hors in ensemble.hors:
        click.echo(f"{hors.nom} : à plus de 1 km de toute route du réseau chargé, laissée de côté.", err=True)
    documents = [_en_document(ensemble, couvertures)]
    if chacune:
        documents += [_en_document(*_mesurer((maison,), mode, minutes)) for maison in maisons]
    if _en_image(sortie):
        notes = [f"{mode.libelle.capitalize()}, vers la plus proche. {ensemble.methode}."]
        if any(maison.demonstration for maison in maisons):
            notes.append("Emplacements de démonstration : ce ne sont pas les adresses des Maisons.")
        with ecrire_fichier(sortie) as texte:
            texte.write(en_svg(ensemble.zones, _titre(maisons), notes) + "\n")
    else:
        entites = [entite for document in documents for entite in document["features"]]
        with ecrire_fichier(sortie) as texte:
            json.dump({"type": "FeatureCollection", "features": entites}, texte, ensure_ascii=False)
            texte.write("\n")
    if habitants is not None:
        _ecrire_habitants(habitants, ensemble, couvertures)
    for couverture in couvertures:
        compte = _compter(couverture, ensemble)
        click.echo(
            f"{_habitants(compte.estimes)} à {couverture.seuil_min:g} minutes au plus {mode.libelle}"
            f" (estimation), dont {_entier(compte.surs)} sûrs.",
            err=sortie == "-",
        )
        if compte.inconnus:
            click.echo(f"  De {_habitants(compte.inconnus)}, on ne sait rien : hors du réseau.", err=True)


def _mesurer(
    maisons: tuple[MaisonAccueil, ...], mode: Mode, minutes: Sequence[float]
) -> tuple[Surfaces, list[Couverture]]:
    """The areas, and who is within each number of minutes for sure."""
    connu, le = referentiel(), ce_jour()
    surfaces = surfaces_de(maisons, mode, le, minutes)
    if surfaces is None:
        raise DonneeRefusee("--profil", f"le réseau chargé n'a pas de routes pour « {mode} ».")
    acces = connu.accessibilite(le)
    return surfaces, [couvrir(connu.territoire, maisons, acces, mode, m) for m in minutes]


def _compter(couverture: Couverture, surfaces: Surfaces) -> Habitants:
    from geo.habitants import habitants  # noqa: PLC0415

    return habitants(couverture, surfaces.parts[couverture.seuil_min])


def _en_document(surfaces: Surfaces, couvertures: Sequence[Couverture]) -> dict[str, Any]:
    document = surfaces.geojson({"maison": surfaces.maisons[0].nom if len(surfaces.maisons) == 1 else None})
    comptes = {couverture.seuil_min: _compter(couverture, surfaces) for couverture in couvertures}
    for entite in document["features"]:
        compte = comptes[float(entite["properties"]["minutes"])]
        entite["properties"] |= {"habitants_surs": compte.surs, "habitants_estimes": compte.estimes}
    return document


def _ecrire_habitants(sortie: str, surfaces: Surfaces, couvertures: Sequence[Couverture]) -> None:
    """One line a commune and a number of minutes: what is sure, and what the share of its streets gives."""
    with ecrire_fichier(sortie) as texte:
        tableau = csv.writer(texte, lineterminator="\n")
        tableau.writerow(
            ["insee", "commune", "population", "minutes", "verdict", "part_des_rues", "habitants"]
        )
        for couverture in couvertures:
            parts = surfaces.parts[couverture.seuil_min]
            for a in couverture.communes:
                part = {Verdict.OUI: 1.0, Verdict.NON: 0.0}.get(
                    a.verdict, parts.get(a.commune.insee) if a.ferme else None
                )
                tableau.writerow(
                    [
                        a.commune.insee,
                        a.commune.nom,
                        a.commune.population,
                        f"{couverture.seuil_min:g}",
                        a.verdict.value,
                        "" if part is None else f"{part:.3f}",
                        "" if part is None else round(part * a.commune.population),
                    ]
                )


def _choisir(noms: Sequence[str]) -> tuple[MaisonAccueil, ...]:
    """The Maisons loaded, or those that are named: by their name, or by words of it that fit only one."""
    toutes = maisons_chargees()
    if not toutes:
        raise DonneeRefusee("--maisons", "aucune Maison n'est chargée.")
    if not noms:
        return toutes
    choisies = []
    for nom in noms:
        cherche = normaliser_nom(nom)
        exactes = [m for m in toutes if normaliser_nom(m.nom) == cherche]
        proches = exactes or [m for m in toutes if cherche and f" {cherche}" in f" {normaliser_nom(m.nom)}"]
        if len(proches) != 1:
            detail = "n'est pas une Maison chargée" if not proches else "peut en désigner plusieurs"
            raise DonneeRefusee("--maison", f"« {nom[:60]} » {detail}. Voir : mobilite maisons lister")
        choisies.append(proches[0])
    return tuple(dict.fromkeys(choisies))


def _en_image(sortie: str) -> bool:
    return sortie.lower().endswith(".svg")


def _titre(maisons: Sequence[MaisonAccueil]) -> str:
    return f"Autour de {maisons[0].nom}" if len(maisons) == 1 else f"Autour des {len(maisons)} Maisons"


def _habitants(nombre: int) -> str:
    return f"{_entier(nombre)} habitants"


def _entier(nombre: int) -> str:
    return f"{nombre:,}".replace(",", " ")
