"""``mobilite accueil``: is everybody within 30 minutes of a Maison de la Solidarité?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from geo.couverture import Couverture, couvrir
from mobilite.base import ce_jour
from mobilite.erreurs import DonneeRefusee
from mobilite.lieux import Mode
from mobilite.parametres import parametres
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Verdict
from web.catalogue import maisons_d_accueil
from web.commandes.aide import Commande, Nombre
from web.commandes.base import est_vide, session_si_base
from web.commandes.fichier import ecrire_json
from web.commandes.maisons import maisons_de_demonstration
from web.referentiel import Referentiel, referentiel

_TOUS = (Mode.VOITURE, Mode.VELO, Mode.MARCHE)


@click.command(
    cls=Commande, help="Minutes de chaque commune à la Maison la plus proche, et population couverte."
)
@click.option("--mode", type=click.Choice(["voiture", "velo", "marche", "tous"]), default="voiture")
@click.option("--commune", metavar="INSEE", help="Une seule commune (code INSEE).")
@click.option("--seuil", type=Nombre(1, 600, entier=False), default=None, metavar="MINUTES", help="30 sinon.")
@click.option("--toutes", is_flag=True, help="Ajoute les minutes jusqu'à chaque Maison.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def accueil(mode: str, commune: str | None, seuil: float | None, toutes: bool, en_json: bool) -> None:
    """Judge the communes of the département; nothing is written."""
    connu = referentiel()
    insee = _commune(connu, commune) if commune is not None else None
    maisons = _maisons()
    if not maisons:
        click.echo("Aucune Maison n'est chargée : tout est « à vérifier ».", err=True)
    modes = _TOUS if mode == "tous" else (Mode(mode),)
    couvertures = [_couvrir(connu, maisons, m, seuil, insee) for m in modes]
    if not en_json:
        for couverture in couvertures:
            _raconter(couverture, detail=insee is not None or toutes)
        return
    documents = [couverture.en_document(toutes=toutes) for couverture in couvertures]
    ecrire_json(documents if mode == "tous" else documents[0])


def _commune(connu: Referentiel, code: str) -> str:
    commune = connu.territoire.commune(code)
    if commune is None or commune.departement != connu.territoire.departement:
        raise DonneeRefusee(
            "--commune", f"« {code[:20]} » n'est pas une commune du département (code INSEE)."
        )
    return commune.insee


def _maisons() -> tuple[MaisonAccueil, ...]:
    with session_si_base() as session:
        if session is None:
            return maisons_de_demonstration()
        return () if est_vide(session) else maisons_d_accueil(session)


def _couvrir(
    connu: Referentiel, maisons: Sequence[MaisonAccueil], mode: Mode, seuil: float | None, insee: str | None
) -> Couverture:
    le = ce_jour()
    minutes = seuil if seuil is not None else parametres(le)["accueil.seuil_min"]
    couverture = couvrir(connu.territoire, maisons, connu.accessibilite(le), mode, minutes)
    if insee is None:
        return couverture
    return replace(couverture, communes=tuple(a for a in couverture.communes if a.commune.insee == insee))


def _raconter(couverture: Couverture, *, detail: bool) -> None:
    etiquette = " · emplacements de démonstration" if couverture.demonstration else ""
    click.echo(f"{couverture.mode.libelle.capitalize()} · {couverture.methode}{etiquette}")
    for verdict, habitants in couverture.population().items():
        click.echo(f"  {Verdict(verdict).libelle:<11} {habitants:>8} habitants")
    if not detail:
        return
    for a in couverture.communes:
        duree = a.duree.en_texte() if a.duree else "durée inconnue"
        nom = a.maison.nom if a.maison else "aucune Maison"
        click.echo(f"  {a.commune.insee} {a.commune.nom} : {a.verdict.libelle}, {duree}, {nom}")
