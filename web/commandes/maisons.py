"""``mobilite maisons``: the list of the Maisons de la Solidarité, imported all or nothing."""

from __future__ import annotations

import click

from mobilite.acteur import PLATEFORME
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.maison_solidarite import maisons as toutes_les_maisons
from mobilite.territoire import MaisonAccueil, lire_maisons_demonstration
from web.catalogue import maisons_d_accueil
from web.commandes.aide import Groupe
from web.commandes.base import est_vide, session_qui_ecrit, session_si_base
from web.commandes.fichier import ecrire_json, lire_octets
from web.lecture_maisons import TAILLE_MAX_OCTETS, installer_maisons, lire_maisons
from web.referentiel import dossier_des_graines, referentiel


@click.group(cls=Groupe, help="Les Maisons de la Solidarité.")
def maisons() -> None:
    """The Maisons."""


@maisons.command(
    help="Importe une liste CSV (nom, adresse, insee, lon, lat, source, date, horaires) : tout ou rien."
)
@click.argument("fichier", metavar="FICHIER.csv")
def importer(fichier: str) -> None:
    """Replace the list; the demonstration Maisons leave the moment real ones are in."""
    lues = lire_maisons(lire_octets(fichier, TAILLE_MAX_OCTETS), referentiel().territoire)
    with session_qui_ecrit() as session:
        avant = installer_maisons(session, lues, PLATEFORME)
    click.echo(f"{len(lues)} Maisons importées. Elles remplacent les {avant} qui étaient là.")


@maisons.command(help="Les Maisons chargées.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def lister(en_json: bool) -> None:
    """Print the Maisons, saying which ones are a demonstration."""
    with session_si_base() as session:
        if session is None:
            documents = [
                {"nom": m.nom, "insee": m.lieu.insee, "demonstration": True}
                for m in maisons_de_demonstration()
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


def maisons_chargees() -> tuple[MaisonAccueil, ...]:
    """The Maisons of the database; the demonstration ones when there is no database."""
    with session_si_base() as session:
        if session is None:
            return maisons_de_demonstration()
        return () if est_vide(session) else maisons_d_accueil(session)


def maisons_de_demonstration() -> tuple[MaisonAccueil, ...]:
    """The places chosen by us, labelled as such."""
    return lire_maisons_demonstration(dossier_des_graines() / "meuse")


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
        "horaires": maison.horaires,
    }
