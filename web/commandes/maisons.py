"""``mobilite maisons``: the list of the Maisons de la Solidarité, imported all or nothing."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from datetime import date

import click
from sqlalchemy import func, select

from mobilite.erreurs import DonneeRefusee
from mobilite.acteur import PLATEFORME
from mobilite.journal import Evenement, consigner
from mobilite.maison_solidarite import MaisonSolidarite, maisons as toutes_les_maisons, remplacer_maisons
from mobilite.territoire import MaisonAccueil, Territoire, lire_maisons_demonstration, vol_oiseau_km
from web.commandes.base import est_vide, session_qui_ecrit, session_si_base
from web.commandes.fichier import ecrire_json, lire_octets
from web.referentiel import dossier_des_graines, referentiel

COLONNES = ("nom", "adresse", "insee", "lon", "lat", "source", "date")
_TAILLE_MAX = 1_000_000
_LIGNES_MAX = 500
_ECART_MAX_KM = 25


@dataclass(frozen=True, slots=True)
class LigneRefusee:
    """A line of the file that cannot be imported: its number (the header is 1) and why."""

    numero: int
    raison: str


@click.group(help="Les Maisons de la Solidarité.")
def maisons() -> None:
    """The Maisons."""


@maisons.command(help="Importe une liste CSV (nom, adresse, insee, lon, lat, source, date) : tout ou rien.")
@click.argument("fichier", metavar="FICHIER.csv")
def importer(fichier: str) -> None:
    """Replace the list; the demonstration Maisons leave the moment real ones are in."""
    lues = lire_maisons(lire_octets(fichier, _TAILLE_MAX), referentiel().territoire)
    with session_qui_ecrit() as session:
        sortie = remplacer_maisons(lues)
        avant = session.scalar(select(func.count()).select_from(MaisonSolidarite)) or 0
        if sortie is not None:
            session.execute(sortie)
        session.add_all(lues)
        session.flush()
        session.add(
            consigner(PLATEFORME, Evenement.MAISONS_IMPORTEES, lues[0], avant=avant, apres=len(lues))
        )
    click.echo(f"{len(lues)} Maisons importées. Elles remplacent les {avant} qui étaient là.")


@maisons.command(help="Les Maisons chargées.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def lister(en_json: bool) -> None:
    """Print the Maisons, saying which ones are a demonstration."""
    with session_si_base() as session:
        if session is None:
            documents = [
                {"nom": m.nom, "insee": m.lieu.insee, "demonstration": True} for m in maisons_de_demonstration()
            ]
        elif est_vide(session):
            documents = []
        else:
            documents = [_document(m) for m in session.scalars(toutes_les_maisons())]
    if en_json:
        ecrire_json(documents)
        return
    for m in documents:
        etiquette = " (emplacement de démonstration)" if m["demonstration"] else ""
        click.echo(f"{m['insee']} {m['nom']}{'' if 'démonstration' in str(m['nom']) else etiquette}")
    if not documents:
        click.echo("Aucune Maison n'est chargée.", err=True)


def maisons_de_demonstration() -> tuple[MaisonAccueil, ...]:
    """The places chosen by us, labelled as such."""
    return lire_maisons_demonstration(dossier_des_graines() / "meuse")


def lire_maisons(octets: bytes, territoire: Territoire, *, demonstration: bool = False) -> list[MaisonSolidarite]:
    """Read a whole CSV list or raise ``DonneeRefusee`` with every refused line and its reason."""
    if len(octets) > _TAILLE_MAX:
        raise DonneeRefusee("", "Le fichier dépasse 1 Mo : il n'a pas été lu.")
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252", errors="replace")
    if "\0" in texte:
        raise DonneeRefusee("", "Ce n'est pas un fichier CSV.")
    separateur = ";" if ";" in texte.partition("\n")[0] else ","
    lecteur = csv.DictReader(io.StringIO(texte), delimiter=separateur)
    try:
        entete = [nom.strip().casefold() for nom in lecteur.fieldnames or []]
        manquantes = [c for c in COLONNES if c not in entete]
        if manquantes:
            raise DonneeRefusee("", f"Il manque des colonnes : {', '.join(manquantes)}.")
        lecteur.fieldnames = entete
        lignes = list(lecteur)
    except csv.Error:
        raise DonneeRefusee("", "Ce fichier CSV ne se lit pas.") from None
    if not lignes:
        raise DonneeRefusee("", "Le fichier ne contient aucune Maison.")
    if len(lignes) > _LIGNES_MAX:
        raise DonneeRefusee("", f"{_LIGNES_MAX} lignes au plus.")
    lues: list[MaisonSolidarite] = []
    refusees: list[LigneRefusee] = []
    for numero, ligne in enumerate(lignes, start=2):
        try:
            maison = _lire_ligne(ligne, territoire, demonstration)
            if any((m.nom, m.adresse, m.insee) == (maison.nom, maison.adresse, maison.insee) for m in lues):
                raise ValueError("cette Maison est déjà dans le fichier.")
            lues.append(maison)
        except ValueError as raison:
            refusees.append(LigneRefusee(numero, str(raison)))
    if refusees:
        detail = "\n".join(f"  ligne {r.numero} : {r.raison}" for r in refusees)
        raise DonneeRefusee("", f"Rien n'a été importé. {len(refusees)} ligne(s) refusée(s) :\n{detail}")
    return lues


def _lire_ligne(ligne: dict[str, str | None], territoire: Territoire, demonstration: bool) -> MaisonSolidarite:
    valeurs = {colonne: (ligne.get(colonne) or "").strip() for colonne in COLONNES}
    for colonne, valeur in valeurs.items():
        if not valeur:
            raise ValueError(f"la colonne « {colonne} » est vide.")
        if len(valeur) > 300:
            raise ValueError(f"la colonne « {colonne} » dépasse 300 caractères.")
    commune = territoire.commune(valeurs["insee"])
    if commune is None or commune.departement != territoire.departement:
        raise ValueError(f"la commune « {valeurs['insee'][:20]} » n'est pas dans le département.")
    lon, lat = _degres(valeurs["lon"], "lon"), _degres(valeurs["lat"], "lat")
    maison = MaisonSolidarite(
        nom=valeurs["nom"],
        adresse=valeurs["adresse"],
        insee=commune.insee,
        lon=lon,
        lat=lat,
        source=valeurs["source"],
        date_source=_date(valeurs["date"]),
        demonstration=demonstration,
    )
    position = maison.lieu.position
    if position is not None and vol_oiseau_km(position, commune.position) > _ECART_MAX_KM:
        raise ValueError(f"la position est à plus de {_ECART_MAX_KM} km de {commune.nom} (lon et lat inversés ?).")
    return maison


def _degres(texte: str, colonne: str) -> float:
    try:
        degres = float(texte.replace(",", "."))
    except ValueError:
        raise ValueError(f"« {colonne} » n'est pas un nombre.") from None
    if not math.isfinite(degres) or not -180 <= degres <= 180:
        raise ValueError(f"« {colonne} » n'est pas une position.")
    return degres


def _date(texte: str) -> date:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise ValueError("la date s'écrit AAAA-MM-JJ.") from None


def _document(maison: MaisonSolidarite) -> dict[str, object]:
    return {
        "nom": maison.nom,
        "adresse": maison.adresse,
        "insee": maison.insee,
        "lon": maison.lon,
        "lat": maison.lat,
        "source": maison.source,
        "date": maison.date_source.isoformat(),
        "demonstration": maison.demonstration,
    }
