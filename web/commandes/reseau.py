"""``mobilite reseau``: load a real road network, know what is loaded, ask it tables and areas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from mobilite.erreurs import DonneeRefusee
from web.commandes.aide import Groupe
from web.commandes.fichier import ecrire_fichier, ecrire_json, lire_octets
from web.config import dossier_du_reseau

if TYPE_CHECKING:
    from geo.accroche import Accroches
    from geo.reseau import Reseau, Reseaux

PROFILS = ("voiture", "velo", "marche")
_ETAPES = 10
_TAILLE_CSV = 20 << 20
_TAILLE_TERRITOIRE = 20 << 20
_POINTS_MAX = 50_000
_CASES_MAX = 100_000_000
_PAR_PAQUET = 500


@click.group(cls=Groupe, help="Le réseau routier : l'importer, le connaître, l'interroger.")
def reseau() -> None:
    """The road network. Its libraries are loaded by the commands that need them, never by the others."""


@reseau.command(help="Importe un extrait OpenStreetMap (.osm.pbf, .osm, .osm.gz) et le met en service.")
@click.argument("fichier", metavar="FICHIER")
@click.option("--territoire", metavar="POLYGONE.geojson", help="Ne garder que les routes de ce territoire.")
@click.option(
    "--vitesse-rurale",
    type=click.Choice(["70", "80", "90"]),
    default=None,
    help="Ce que vaut « FR:rural », en km/h (80 sinon).",
)
def importer(fichier: str, territoire: str | None, vitesse_rurale: str | None) -> None:
    """Build beside what is served, then swap: a refusal changes nothing."""
    _importer(Path(fichier), territoire, vitesse_rurale)


@reseau.command(help="Télécharge les routes d'un lieu (« Meuse, France ») et les met en service.")
@click.argument("lieu")
@click.option("--vitesse-rurale", type=click.Choice(["70", "80", "90"]), default=None)
@click.option("--garder", metavar="FICHIER.osm", help="Garde aussi une copie de ce qui a été téléchargé.")
def telecharger(lieu: str, vitesse_rurale: str | None, garder: str | None) -> None:
    """Ask OpenStreetMap's servers through osmnx, then import as any extract."""
    from geo.telechargement import telecharger_routes  # noqa: PLC0415  osmnx: a hundred megabytes

    if not lieu.strip():
        raise DonneeRefusee("LIEU", "un nom de lieu est attendu, comme « Meuse, France ».")
    with TemporaryDirectory(prefix="mobilite-") as dossier:
        extrait = Path(garder) if garder else Path(dossier) / "telechargement.osm"
        telecharger_routes(lieu, extrait)
        _importer(extrait, None, vitesse_rurale)


@reseau.command(help="Le réseau en service : taille, kilomètres par classe, date, licence.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def info(en_json: bool) -> None:
    """Print what is served."""
    service = _en_service()
    document = service.en_document()
    if en_json:
        ecrire_json(document)
        return
    _raconter(document)


@reseau.command(help="Secondes de chaque origine à chaque destination (CSV : id, lon, lat).")
@click.option("--origines", required=True, metavar="A.csv")
@click.option("--destinations", required=True, metavar="B.csv")
@click.option("--profil", type=click.Choice(PROFILS), default="voiture", show_default=True)
@click.option("--sortie", required=True, metavar="M.csv", help="- : sortie standard.")
def matrice(origines: str, destinations: str, profil: str, sortie: str) -> None:
    """Write origine, destination, secondes; empty when there is no way."""
    from geo.accroche import Accrocheur  # noqa: PLC0415
    from geo.trajets import durees_entre  # noqa: PLC0415

    service = profil_en_service(profil)
    accrocheur = Accrocheur(service)
    de, vers = _lire_points(origines, "--origines"), _lire_points(destinations, "--destinations")
    if len(de) * len(vers) > _CASES_MAX:
        raise DonneeRefusee("--origines", "trop de couples : 100 millions au plus.")
    places = []
    for fichier, points in ((origines, de), (destinations, vers)):
        a = accrocheur.accrocher([lon for _, lon, _ in points], [lat for _, _, lat in points])
        _signaler(fichier, points, a)
        places.append(a)
    with ecrire_fichier(sortie) as texte:
        tableau = csv.writer(texte, lineterminator="\n")
        tableau.writerow(["origine", "destination", "secondes"])
        for debut in range(0, len(de), _PAR_PAQUET):
            paquet = de[debut : debut + _PAR_PAQUET]
            ms = durees_entre(service, places[0].morceau(debut, debut + len(paquet)), places[1])
            for (origine, _, _), ligne in zip(paquet, ms.tolist(), strict=True):
                tableau.writerows(
                    (origine, destination, (duree + 500) // 1000 if duree >= 0 else "")
                    for (destination, _, _), duree in zip(vers, ligne, strict=True)
                )


def _importer(fichier: Path, territoire: str | None, vitesse_rurale: str | None) -> None:
    from geo.importation import importer as batir  # noqa: PLC0415
    from geo.reseau import ATTRIBUTION, LICENCE  # noqa: PLC0415

    polygone = _lire_territoire(territoire) if territoire else None
    with _avancement() as avancement:
        service = batir(
            fichier,
            dossier_du_reseau(),
            territoire=polygone,
            rural_kmh=float(vitesse_rurale) if vitesse_rurale else None,
            avancement=avancement,
        )
    _raconter(service.en_document())
    click.echo(f"En service. Données {ATTRIBUTION}, {LICENCE} : le dire sur chaque carte publiée.")


@contextmanager
def _avancement() -> Iterator[Any]:
    """A bar on the error stream, one step at a time."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[fait]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as barre:
        tache = barre.add_task("Vérification du fichier", total=_ETAPES, fait="")
        derniere = ""

        def avancer(etape: str, fait: int) -> None:
            nonlocal derniere
            nombre = f"{fait:,}".replace(",", " ") if fait else ""
            barre.update(tache, description=etape, fait=nombre, advance=int(etape != derniere))
            derniere = etape

        yield avancer


def _lire_territoire(chemin: str) -> Any:
    """The union of the polygons of a GeoJSON file."""
    import shapely  # noqa: PLC0415

    contenu = lire_octets(chemin, _TAILLE_TERRITOIRE)
    if len(contenu) > _TAILLE_TERRITOIRE:
        raise DonneeRefusee("--territoire", "ce fichier est trop grand : 20 Mo au plus.")
    try:
        geometrie = shapely.make_valid(shapely.union_all(shapely.get_parts(shapely.from_geojson(contenu))))
    except (shapely.errors.ShapelyError, ValueError, UnicodeDecodeError):
        raise DonneeRefusee("--territoire", "ce fichier n'est pas un polygone GeoJSON.") from None
    if shapely.get_dimensions(geometrie) != 2 or geometrie.is_empty:
        raise DonneeRefusee("--territoire", "ce territoire est vide : un polygone est attendu.")
    return geometrie


def _en_service() -> Reseaux:
    from geo.reseau import reseaux_en_service  # noqa: PLC0415

    service = reseaux_en_service(dossier_du_reseau())
    if service is None:
        raise DonneeRefusee("reseau", "aucun réseau n'est chargé. Voir : mobilite reseau importer --help")
    return service


def profil_en_service(code: str) -> Reseau:
    """The network of a profile; raises ``DonneeRefusee`` when there is none."""
    service = _en_service()
    if code not in service.profils:
        raise DonneeRefusee("--profil", f"le réseau chargé n'a pas de routes pour « {code} ».")
    return service.profils[code]


def _lire_points(chemin: str, champ: str) -> list[tuple[str, float, float]]:
    contenu = lire_octets(chemin, _TAILLE_CSV)
    if len(contenu) > _TAILLE_CSV:
        raise DonneeRefusee(champ, "ce fichier est trop grand : 20 Mo au plus.")
    try:
        texte = contenu.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DonneeRefusee(champ, "ce fichier n'est pas du texte UTF-8.") from None
    points: list[tuple[str, float, float]] = []
    vus: set[str] = set()
    try:
        lecteur = csv.DictReader(io.StringIO(texte, newline=""), strict=True)
        if not {"id", "lon", "lat"} <= set(lecteur.fieldnames or ()):
            raise DonneeRefusee(champ, "les colonnes id, lon et lat sont attendues.")
        for ligne in lecteur:
            points.append(_lire_point(ligne, f"{champ}, ligne {lecteur.line_num}"))
            if points[-1][0] in vus:
                raise DonneeRefusee(
                    f"{champ}, ligne {lecteur.line_num}", f"« {points[-1][0][:40]} » est déjà là."
                )
            vus.add(points[-1][0])
            if len(points) > _POINTS_MAX:
                raise DonneeRefusee(champ, "trop de lignes : 50 000 au plus.")
    except csv.Error:
        raise DonneeRefusee(champ, "ce fichier n'est pas un CSV lisible.") from None
    if not points:
        raise DonneeRefusee(champ, "aucune ligne.")
    return points


def _lire_point(ligne: dict[str, str | None], ou: str) -> tuple[str, float, float]:
    nom = (ligne.get("id") or "").strip()
    try:
        lon, lat = float(ligne.get("lon") or ""), float(ligne.get("lat") or "")
    except ValueError:
        raise DonneeRefusee(ou, "lon et lat sont des nombres en degrés, comme 5.3811.") from None
    if not nom:
        raise DonneeRefusee(ou, "l'identifiant manque.")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise DonneeRefusee(ou, "lon et lat sont des degrés : longitude d'abord.")
    return nom, lon, lat


def _signaler(fichier: str, points: list[tuple[str, float, float]], a: Accroches) -> None:
    """Say which places are on no street: their cells stay empty."""
    loin = [nom for (nom, _, _), posee in zip(points, a.posees.tolist(), strict=True) if not posee]
    if loin:
        click.echo(
            f"{fichier} : {len(loin)} lieu(x) à plus de 1 km de toute route, cases laissées vides"
            f" ({', '.join(loin[:5])}{'…' if len(loin) > 5 else ''}).",
            err=True,
        )


def _raconter(document: dict[str, Any]) -> None:
    date = str(document["date_source"] or "")[:10] or "inconnue"
    click.echo(f"Réseau routier : {document['source']}, données du {date}")
    click.echo(
        f"  importé le {document['importe_le'][:10]}, {document['attribution']}, {document['licence']}"
    )
    click.echo(
        f"  longitude {document['bbox'][0]} à {document['bbox'][2]}, latitude {document['bbox'][1]} à {document['bbox'][3]}"
    )
    click.echo(
        f"  interdictions de tourner : {document['interdictions_de_tourner']} lues,"
        f" dont {document.get('interdictions_par_un_chemin', 0)} par un chemin ;"
        f" laissées de côté : {document.get('interdictions_selon_l_heure', 0)} selon l'heure,"
        f" {document['interdictions_non_comprises']} non comprises"
    )
    click.echo(
        f"  chemins dont une règle dépend de l'heure, qui n'est pas appliquée : {document.get('chemins_selon_l_heure', 0)}"
    )
    for code, profil in document["profils"].items():
        nombres = " · ".join(
            f"{profil[cle]:,} {mot}".replace(",", " ")
            for cle, mot in (("km", "km"), ("rues", "rues"), ("noeuds", "nœuds"), ("arcs", "arcs"))
        )
        click.echo(f"  {code:<8} {nombres} (hors réseau : {profil['km_hors']} km)")
