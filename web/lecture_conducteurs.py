"""A file of drivers' trips: every line read, or the file refused with each line that does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from mobilite.besoin import SEMAINE, Jour
from mobilite.covoiturage import TrajetInscrit
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.structure import Structure
from web.communes import commune_dite
from web.jours import lire_jour
from web.lecture_csv import lire_lignes
from web.telephones import lire_telephone

COLONNES = ("conducteur", "depart", "arrivee", "jours", "heure")
FACULTATIVES = (
    "telephone", "retour", "dates", "du", "au", "arrivee_max", "souplesse", "places", "detour_max",
)  # fmt: skip
TAILLE_MAX_OCTETS = 1_000_000
LIGNES_MAX = 500
SOUPLESSE = 15
EXEMPLE = ("Paul Exemple", "Étain", "Verdun", "lun-ven", "7:20")
_SUITE = re.compile(r"([a-z]{3})[a-z]*\s*(?:-|à|au)\s*([a-z]{3})[a-z]*")


class TrajetsRefuses(DonneeRefusee):
    """A file with at least one line that cannot be read: nothing of it is kept. ``lignes``: (number, why)."""

    code = "trajets_refuses"

    def __init__(self, lignes: list[tuple[int, str]]) -> None:
        super().__init__("", f"Rien n'a été importé. {len(lignes)} ligne(s) à corriger.")
        self.lignes = lignes


def lire_trajets(octets: bytes, structure: Structure, souplesse: int = SOUPLESSE) -> list[TrajetInscrit]:
    """The trips of a CSV file. Raises ``TrajetsRefuses``, or ``DonneeRefusee`` when the file is unreadable."""
    lus: list[TrajetInscrit] = []
    refusees: list[tuple[int, str]] = []
    for numero, ligne in lire_lignes(
        octets,
        COLONNES,
        octets_max=TAILLE_MAX_OCTETS,
        lignes_max=LIGNES_MAX,
        vide="Le fichier ne contient aucun trajet.",
    ):
        try:
            lus.append(_lire(ligne, structure, souplesse))
        except DonneeRefusee as refus:
            colonne = f"« {refus.champ} » : " if refus.champ else ""
            refusees.append((numero, f"{colonne}{refus.raison}"))
    if refusees:
        raise TrajetsRefuses(refusees)
    return lus


def _lire(ligne: Mapping[str, str | None], structure: Structure, souplesse: int) -> TrajetInscrit:
    def dit(colonne: str) -> str:
        return (ligne.get(colonne) or "").strip()

    def entier(colonne: str, au_moins: int, au_plus: int) -> int | None:
        if not (texte := dit(colonne)):
            return None
        valeur = int(texte) if texte.isascii() and texte.isdecimal() else None
        return Champ(valeur, colonne).entier(au_moins, au_plus)

    def jour(colonne: str) -> date | None:
        return lire_jour(dit(colonne), colonne) if dit(colonne) else None

    for colonne in ("conducteur", "depart", "arrivee", "heure"):
        if not dit(colonne):
            raise DonneeRefusee(colonne, "la case est vide.")
    jours = lire_jours(dit("jours"))
    dates = lire_dates(dit("dates"))
    heure, retour = lire_heure(dit("heure"), "heure"), dit("retour")
    trajet = TrajetInscrit(
        structure=structure,
        conducteur=Champ(dit("conducteur"), "conducteur").texte(80),
        telephone=lire_telephone(dit("telephone"), "telephone") if dit("telephone") else None,
        depart=commune_dite(dit("depart"), "depart").insee,
        arrivee=commune_dite(dit("arrivee"), "arrivee").insee,
        jours=[j.value for j in jours],
        dates=[d.isoformat() for d in dates],
        du=jour("du"),
        au=jour("au"),
        heure=heure,
        arrivee_max=lire_heure(dit("arrivee_max"), "arrivee_max") if dit("arrivee_max") else None,
        heure_retour=lire_heure(retour, "retour") if retour else None,
        souplesse=souplesse if (s := entier("souplesse", 0, 120)) is None else s,
        places=entier("places", 1, 8),
        detour_max=entier("detour_max", 0, 120),
        demonstration=structure.demonstration,
    )
    verifier(trajet)
    return trajet


def verifier(trajet: TrajetInscrit) -> None:
    """What no single column can say; raises ``DonneeRefusee`` naming the field."""
    if not trajet.jours and not trajet.dates:
        raise DonneeRefusee("jours", "dites au moins un jour, ou une date.")
    if trajet.depart == trajet.arrivee:
        raise DonneeRefusee("arrivee", "le départ et l'arrivée sont la même commune.")
    if trajet.du and trajet.au and trajet.au < trajet.du:
        raise DonneeRefusee("au", "la fin vient avant le début.")


def lire_jours(texte: str) -> list[Jour]:
    """« lun-ven », « lundi, mardi et jeudi », « lun mar »: days of the week in order."""
    nu = texte.casefold()
    trouves: set[Jour] = set()
    for debut, fin in _SUITE.findall(nu):
        a, b = _un_jour(debut), _un_jour(fin)
        trouves |= {j for j in SEMAINE if a.rang <= j.rang <= b.rang}
    reste = _SUITE.sub(" ", nu)
    trouves |= {_un_jour(mot) for mot in re.findall(r"[^\W\d_]+", reste) if mot not in ("et", "le", "les")}
    return [j for j in SEMAINE if j in trouves]


def lire_dates(texte: str) -> list[date]:
    """« 12/03/2026, 19/03/2026 »: single days, in order."""
    return sorted({lire_jour(mot, "dates") for mot in re.split(r"[,\s]+", texte) if mot})


def lire_heure(texte: str, champ: str) -> int:
    """« 7:20 », « 07h20 », « 7 h »: minutes since midnight."""
    nombres = re.fullmatch(r"(\d{1,2})\s*[:hH]\s*(\d{2})?", texte.strip())
    if nombres is None or int(nombres[1]) > 23 or int(nombres[2] or 0) > 59:
        raise DonneeRefusee(champ, "écrivez l'heure ainsi : 7:20.")
    return int(nombres[1]) * 60 + int(nombres[2] or 0)


def _un_jour(mot: str) -> Jour:
    code = mot[:3]
    if code not in set(Jour):
        raise DonneeRefusee(
            "jours", f"« {mot} » n'est pas un jour : écrivez lun, mar, mer, jeu, ven, sam, dim."
        )
    return Jour(code)
