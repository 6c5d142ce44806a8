"""``mobilite proposer``: from a situation to explained proposals, without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from matching.document import en_document
from matching.moteur import proposer as proposer_du_moteur
from mobilite.base import ce_jour
from mobilite.besoin import Situation
from mobilite.bilan import faire_le_bilan
from mobilite.candidate import Candidate
from mobilite.document import TAILLE_MAX_CATALOGUE, Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.parametres import lire_parametres, parametres
from mobilite.verdict import Verdict
from web.accueil import accueil_de
from web.catalogue import catalogue, documents_de_demonstration, maisons_d_accueil
from web.commandes.aide import Commande
from web.commandes.base import est_vide, session_si_base
from web.commandes.fichier import Jour, ecrire_json, lire_document
from web.commandes.maisons import maisons_de_demonstration
from web.formats import euros
from web.referentiel import Referentiel, referentiel

_SIGNES = {Verdict.OUI: "●", Verdict.A_VERIFIER: "●", Verdict.NON: "■"}


@click.command(cls=Commande, help="Ce qui est possible pour une situation, cette semaine, et pourquoi.")
@click.argument("situation", metavar="SITUATION.json")
@click.option("--offres", metavar="OFFRES.json", help="Remplace le catalogue par ce fichier (docs/offre.md).")
@click.option("--le", type=Jour(), default=None, help="Le jour où l'on se place (aujourd'hui sinon).")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON (docs/situation.md).")
def proposer(situation: str, offres: str | None, le: date | None, en_json: bool) -> None:
    """Read, decide, print; nothing is written anywhere."""
    connu = referentiel()
    jour = ce_jour() if le is None else _jour_connu(le)
    champ = lire_document(situation)
    lue = connu.lecteur_situation.lire(champ)
    du_fichier = _lire_catalogue(offres, connu) if offres else None
    with session_si_base() as session:
        vide = session is None or est_vide(session)
        if session is None:
            maisons = maisons_de_demonstration()
        else:
            maisons = () if vide else maisons_d_accueil(session)
        candidates: Sequence[Candidate]
        if du_fichier is not None:
            candidates, ignores = du_fichier
        else:
            ignores = []
            candidates = (
                _du_catalogue(connu) if session is None else () if vide else catalogue(session, connu)
            )
    document = repondre(lue, candidates, connu, jour)
    document["accueil"] = accueil_de(lue, connu, maisons, jour).en_document()
    document["non_utilises"] = champ.ignores + ignores
    document["date"] = jour.isoformat()
    if document["non_utilises"]:
        click.echo(f"Gardé mais pas utilisé : {', '.join(document['non_utilises'][:20])}", err=True)
    if en_json:
        ecrire_json(document)
    else:
        _raconter(document)


def _jour_connu(le: date) -> date:
    """A day whose figures are all known."""
    debuts: dict[str, date] = {}
    for ligne in lire_parametres():
        debuts[ligne.cle] = min(ligne.valable_du, debuts.get(ligne.cle, ligne.valable_du))
    if le < max(debuts.values()):
        raise DonneeRefusee("--le", f"les chiffres sont connus à partir du {max(debuts.values()):%d/%m/%Y}.")
    return le


def repondre(
    situation: Situation, offres: Sequence[Candidate], connu: Referentiel, le: date
) -> dict[str, Any]:
    """The engine's answer with the bilan, as one document."""
    reponse = proposer_du_moteur(situation, connu.faits(situation, le), offres, connu.contexte(le))
    bilan = faire_le_bilan(connu.questionnaire, situation.reponses, parametres(le)).en_document()
    return {"freins": bilan["freins"], "atouts": bilan["atouts"], **en_document(reponse)}


def _lire_catalogue(chemin: str, connu: Referentiel) -> tuple[tuple[Candidate, ...], list[str]]:
    champ = lire_document(chemin, TAILLE_MAX_CATALOGUE)
    return connu.lecteur_offres.lire_catalogue(champ), champ.ignores


def _du_catalogue(connu: Referentiel) -> tuple[Candidate, ...]:
    return connu.lecteur_offres.lire_catalogue(Champ(documents_de_demonstration()))


def _raconter(document: dict[str, Any]) -> None:
    """The same for a reader at a terminal: what counts first, refusals counted, not listed."""
    for besoin in document["besoins"]:
        click.echo(f"Besoin {besoin['id']} : {_couvre(besoin['couvre'])}")
        siennes = [p for p in document["propositions"] if p["besoin"] == besoin["id"]]
        montrees = [p for p in siennes if p["verdict"] != Verdict.NON and not p["repliee"]]
        for p in montrees:
            if _fait_tout(p):
                _raconter_une(p)
        for combinaison in besoin["combinaisons"]:
            _raconter_combinaison(combinaison)
        for p in montrees:
            if not _fait_tout(p):
                _raconter_une(p)
        if besoin["plan_b"]:
            nom = f"{besoin['plan_b']['nom']}. " if besoin["plan_b"]["nom"] else ""
            click.echo(f"  Plan B : {nom}{besoin['plan_b']['phrase']}")
        non = sum(p["verdict"] == Verdict.NON for p in siennes)
        repliees = sum(p["repliee"] for p in siennes)
        click.echo(
            f"  Repliées : {repliees} moins bonnes sur tout, {non} impossibles (--json pour les raisons)."
        )
    if document["questions"]:
        click.echo("Questions qui débloquent le plus :")
        for question in document["questions"][:3]:
            click.echo(f"  - {question['texte']} ({question['debloque']} offres)")
    click.echo(f"Maintenant : {document['prochaine_etape']['phrase']}")
    accueil = document["accueil"]
    if accueil["maison"]:
        click.echo(f"Accueil : {accueil['phrase']}")


def _fait_tout(p: dict[str, Any]) -> bool:
    return bool(p["jours"]) and all(jour["verdict"] != Verdict.NON for jour in p["jours"])


def _raconter_une(p: dict[str, Any]) -> None:
    click.echo(f"  {p['rang']:>2}. {_ligne(p)}")
    click.echo(f"      {p['raisons'][0]}")


def _raconter_combinaison(c: dict[str, Any]) -> None:
    """One sentence a part; what is left to find is said last."""
    click.echo(f"   +. En combinant : {_ligne(c)}")
    for troncon in c["troncons"]:
        click.echo(f"      {_SIGNES[Verdict(troncon['verdict'])]} {troncon['phrase']}")
    if c["reste"]:
        click.echo(f"      Reste à trouver : {c['reste']}.")


def _ligne(solution: dict[str, Any]) -> str:
    """« ● Oui · Voiture · 12 à 19 min · 40 €/mois »."""
    bas, haut, mensuel = solution["minutes_min"], solution["minutes_max"], solution["cout_mensuel_eur"]
    minutes = "durée ?" if haut is None else f"{haut} min" if bas == haut else f"{bas} à {haut} min"
    prix = "prix ?" if mensuel is None else f"{euros(mensuel)}/mois"
    verdict = Verdict(solution["verdict"])
    return f"{_SIGNES[verdict]} {verdict.libelle} · {solution['nom']} · {minutes} · {prix}"


def _couvre(couvre: str) -> str:
    return {
        "total": "tous les jours ont une réponse sûre",
        "partiel": "des réponses, pas toutes sûres",
        "rien": "rien de possible en ce moment",
    }[couvre]
