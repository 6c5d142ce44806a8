"""``mobilite accueil``: is everybody within 30 minutes of a Maison de la Solidarité?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from geo.comparaison import Comparaison
from geo.couverture import Couverture, couvrir
from mobilite.base import ce_jour
from mobilite.besoin import Jour
from mobilite.erreurs import DonneeRefusee
from mobilite.lieux import Mode
from mobilite.parametres import parametres
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Verdict
from web.accueil import accueil_de
from web.commandes.aide import Commande, Nombre
from web.commandes.fichier import ecrire_json, lire_document, lire_octets
from web.commandes.maisons import maisons_chargees
from web.lecture_maisons import TAILLE_MAX_OCTETS, lire_maisons, maisons_a_l_essai
from web.referentiel import Referentiel, referentiel

_TOUS = (Mode.VOITURE, Mode.VELO, Mode.MARCHE)


@click.command(
    cls=Commande, help="Minutes de chaque commune à la Maison la plus proche, et population couverte."
)
@click.option("--mode", type=click.Choice(["voiture", "velo", "marche", "tous"]), help="voiture sinon.")
@click.option("--commune", metavar="INSEE", help="Une seule commune (code INSEE).")
@click.option("--seuil", type=Nombre(1, 600, entier=False), default=None, metavar="MINUTES", help="30 sinon.")
@click.option("--jour", type=click.Choice([j.value for j in Jour]), help="Les Maisons ouvertes ce jour-là.")
@click.option("--toutes", is_flag=True, help="Ajoute les minutes jusqu'à chaque Maison.")
@click.option(
    "--situation", metavar="SITUATION.json", help="Pour une personne, avec les moyens qu'elle a (docs)."
)
@click.option(
    "--comparer",
    metavar="NOUVELLES.csv",
    help="Avant et après une autre liste de Maisons ; rien n'est gardé.",
)
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def accueil(
    mode: str | None,
    commune: str | None,
    seuil: float | None,
    jour: str | None,
    toutes: bool,
    situation: str | None,
    comparer: str | None,
    en_json: bool,
) -> None:
    """Judge the communes of the département; nothing is written."""
    connu = referentiel()
    insee = _commune(connu, commune) if commune is not None else None
    if situation is not None:
        _exiger_seule("--situation", mode, commune, seuil, jour, comparer, toutes or None)
        _une_personne(connu, situation, en_json)
        return
    nouvelles = _lire_nouvelles(connu, comparer) if comparer is not None else None
    maisons = maisons_chargees()
    if not maisons:
        click.echo("Aucune Maison n'est chargée : tout est « à vérifier ».", err=True)
    modes = _TOUS if mode == "tous" else (Mode(mode or Mode.VOITURE),)
    ce = Jour(jour) if jour else None
    couvertures = [_couvrir(connu, maisons, m, seuil, ce, insee) for m in modes]
    if nouvelles is not None:
        _comparer(couvertures, [_couvrir(connu, nouvelles, m, seuil, ce, insee) for m in modes], en_json)
        return
    if not en_json:
        for couverture in couvertures:
            _raconter(couverture, detail=insee is not None or toutes)
        return
    documents = [couverture.en_document(toutes=toutes) for couverture in couvertures]
    ecrire_json(documents if mode == "tous" else documents[0])


def _exiger_seule(option: str, *autres: object) -> None:
    if any(autre is not None for autre in autres):
        raise DonneeRefusee(option, "cette option ne va qu'avec --json.")


def _une_personne(connu: Referentiel, chemin: str, en_json: bool) -> None:
    """Where one person is received first, by each of the means she has."""
    reponse = accueil_de(
        connu.lecteur_situation.lire(lire_document(chemin)), connu, maisons_chargees(), ce_jour()
    )
    if en_json:
        ecrire_json(reponse.en_document())
        return
    click.echo(f"{reponse.verdict.libelle} : {reponse.phrase}")
    for venue in reponse.moyens:
        click.echo(
            f"  {venue.mode.libelle:<20} {venue.duree.en_texte():<14} {venue.verdict.libelle:<11} {venue.maison.nom}"
        )
    if reponse.venue:
        click.echo(f"  {reponse.venue.horaires}")
    if reponse.reserve:
        click.echo(f"  {reponse.reserve}")


def _lire_nouvelles(connu: Referentiel, chemin: str) -> tuple[MaisonAccueil, ...]:
    octets = lire_octets(chemin, TAILLE_MAX_OCTETS)
    return maisons_a_l_essai(lire_maisons(octets, connu.territoire, demonstration=None))


def _comparer(avant: Sequence[Couverture], apres: Sequence[Couverture], en_json: bool) -> None:
    comparaisons = [Comparaison(a, b) for a, b in zip(avant, apres, strict=True)]
    if en_json:
        documents = [comparaison.en_document() for comparaison in comparaisons]
        ecrire_json(documents if len(documents) > 1 else documents[0])
        return
    for comparaison in comparaisons:
        click.echo(f"{_titre(comparaison.apres)} · {comparaison.apres.methode}")
        click.echo(
            f"  Maisons : {len(comparaison.avant.maisons)} avant, {len(comparaison.apres.maisons)} après"
        )
        for verdict, habitants in comparaison.avant.population().items():
            apres_ = comparaison.apres.population()[verdict]
            click.echo(f"  {verdict.libelle:<11} {habitants:>8} → {apres_:>8} habitants")
        click.echo(
            f"  {comparaison.gagnes} habitants de plus y sont sûrement, {comparaison.perdus} n'y sont plus sûrement."
        )
        for c in comparaison.changements():
            click.echo(
                f"  {c.commune.insee} {c.commune.nom} : {c.avant.verdict.libelle} ({c.avant.dite})"
                f" → {c.apres.verdict.libelle} ({c.apres.dite})"
            )


def _commune(connu: Referentiel, code: str) -> str:
    commune = connu.territoire.commune(code)
    if commune is None or commune.departement != connu.territoire.departement:
        raise DonneeRefusee(
            "--commune", f"« {code[:20]} » n'est pas une commune du département (code INSEE)."
        )
    return commune.insee


def _couvrir(
    connu: Referentiel,
    maisons: Sequence[MaisonAccueil],
    mode: Mode,
    seuil: float | None,
    jour: Jour | None,
    insee: str | None,
) -> Couverture:
    le = ce_jour()
    minutes = seuil if seuil is not None else parametres(le)["accueil.seuil_min"]
    couverture = couvrir(connu.territoire, maisons, connu.accessibilite(le), mode, minutes, jour)
    if insee is None:
        return couverture
    return replace(couverture, communes=tuple(a for a in couverture.communes if a.commune.insee == insee))


def _titre(couverture: Couverture) -> str:
    quand = f", le {couverture.jour.libelle}" if couverture.jour else ""
    return f"{couverture.mode.libelle.capitalize()}{quand}"


def _raconter(couverture: Couverture, *, detail: bool) -> None:
    etiquette = " · emplacements de démonstration" if couverture.demonstration else ""
    click.echo(f"{_titre(couverture)} · {couverture.methode}{etiquette}")
    for verdict, habitants in couverture.population().items():
        click.echo(f"  {Verdict(verdict).libelle:<11} {habitants:>8} habitants")
    if couverture.jour and (inconnus := couverture.horaires_inconnus):
        click.echo(f"  Horaires non connus : {', '.join(m.nom for m in inconnus)}")
    if not detail:
        return
    for a in couverture.communes:
        nom = a.maison.nom if a.maison else "aucune Maison"
        click.echo(f"  {a.commune.insee} {a.commune.nom} : {a.verdict.libelle}, {a.dite}, {nom}")
