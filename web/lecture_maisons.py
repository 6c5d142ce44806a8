"""The list of the Maisons de la Solidarité: read whole from a CSV file, or refused line by line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.erreurs import DonneeRefusee
from mobilite.horaires import ecrire_horaires, lire_horaires
from mobilite.journal import Evenement, consigner
from mobilite.maison_solidarite import MaisonSolidarite, remplacer_maisons
from mobilite.territoire import MaisonAccueil, Territoire, vol_oiseau_km
from web.jours import lire_jour
from web.lecture_csv import lire_lignes

COLONNES = ("nom", "adresse", "insee", "lon", "lat", "source", "date")
COLONNES_FACULTATIVES = ("horaires",)
TAILLE_MAX_OCTETS = 1_000_000
_LIGNES_MAX = 500
_ECART_MAX_KM = 25
_HORAIRES_MAX = 300
_TROP_DE_CASES = "un texte qui contient le séparateur (« ; » dans les horaires) se met entre guillemets."


@dataclass(frozen=True, slots=True)
class LigneRefusee:
    """A line of the file that cannot be imported: its number (the header is 1) and why."""

    numero: int
    raison: str


class ListeRefusee(DonneeRefusee):
    """A list with at least one line that cannot be read: nothing of it is imported."""

    code = "maisons_refusees"

    def __init__(self, lignes: Sequence[LigneRefusee]) -> None:
        detail = "\n".join(f"  ligne {ligne.numero} : {ligne.raison}" for ligne in lignes)
        super().__init__("", f"Rien n'a été importé. {len(lignes)} ligne(s) refusée(s) :\n{detail}")
        self.lignes = tuple(lignes)


def lire_maisons(
    octets: bytes, territoire: Territoire, *, demonstration: bool | None = False
) -> list[MaisonSolidarite]:
    """Read a whole CSV list, comma or semicolon, UTF-8 or the encoding of French Excel.

    ``demonstration``: what the places are; ``None``: what each line says, for a list nobody keeps.
    Raises ``ListeRefusee`` with every refused line and its reason, ``DonneeRefusee`` when the file
    as a whole cannot be read.
    """
    lues: list[MaisonSolidarite] = []
    refusees: list[LigneRefusee] = []
    for numero, ligne in lire_lignes(
        octets,
        COLONNES,
        octets_max=TAILLE_MAX_OCTETS,
        lignes_max=_LIGNES_MAX,
        vide="Le fichier ne contient aucune Maison.",
    ):
        try:
            maison = _lire_ligne(ligne, territoire, demonstration)
            if any((m.nom, m.adresse, m.insee) == (maison.nom, maison.adresse, maison.insee) for m in lues):
                raise ValueError("cette Maison est déjà dans le fichier.")
            lues.append(maison)
        except ValueError as raison:
            refusees.append(LigneRefusee(numero, str(raison)))
    if refusees:
        raise ListeRefusee(refusees)
    return lues


def maisons_a_l_essai(lues: Sequence[MaisonSolidarite]) -> tuple[MaisonAccueil, ...]:
    """Maisons nobody keeps, by name: the same list read twice is the same value."""
    valeurs = (m.en_accueil(f"{m.nom}|{m.adresse}|{m.insee}") for m in lues)
    return tuple(sorted(valeurs, key=lambda m: (m.nom, m.id)))


def installer_maisons(session: Session, nouvelles: Sequence[MaisonSolidarite], acteur: Acteur) -> int:
    """Put a list that was read in the place of the one that is there; how many Maisons left.

    The demonstration Maisons leave the moment real ones come in. Tells the journal.
    """
    avant = session.scalar(select(func.count()).select_from(MaisonSolidarite)) or 0
    sortie = remplacer_maisons(nouvelles)
    if sortie is not None:
        session.execute(sortie)
    session.add_all(nouvelles)
    session.flush()
    session.add(
        consigner(acteur, Evenement.MAISONS_IMPORTEES, nouvelles[0], avant=avant, apres=len(nouvelles))
    )
    return avant


def _lire_ligne(
    ligne: dict[str, str | None], territoire: Territoire, demonstration: bool | None
) -> MaisonSolidarite:
    valeurs = {colonne: (ligne.get(colonne) or "").strip() for colonne in COLONNES}
    for colonne, valeur in valeurs.items():
        if not valeur:
            raise ValueError(f"la colonne « {colonne} » est vide.")
        if len(valeur) > 300:
            raise ValueError(f"la colonne « {colonne} » dépasse 300 caractères.")
    if any(ligne.get("") or ()):
        raise ValueError(_TROP_DE_CASES)
    dite = (ligne.get("demonstration") or "").strip().casefold()
    if dite not in ("", "oui", "non"):
        raise ValueError(f"la colonne « demonstration » dit oui ou non. {_TROP_DE_CASES}")
    if demonstration is False and dite == "oui":
        # Our own export says so: a demonstration read back must not become a fact.
        raise ValueError("c'est un emplacement de démonstration, pas une Maison.")
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
        demonstration=dite == "oui" if demonstration is None else demonstration,
        horaires=_horaires(ligne.get("horaires") or ""),
    )
    position = maison.lieu.position
    if position is not None and vol_oiseau_km(position, commune.position) > _ECART_MAX_KM:
        raise ValueError(
            f"la position est à plus de {_ECART_MAX_KM} km de {commune.nom} (lon et lat inversés ?)."
        )
    return maison


def _horaires(texte: str) -> str | None:
    """The hours in one writing; ``None`` when the cell is empty or the column absent."""
    if len(texte) > _HORAIRES_MAX:
        raise ValueError(f"la colonne « horaires » dépasse {_HORAIRES_MAX} caractères.")
    return ecrire_horaires(lire_horaires(texte)) or None


def _degres(texte: str, colonne: str) -> float:
    try:
        degres = float(texte.replace(",", "."))
    except ValueError:
        raise ValueError(f"« {colonne} » n'est pas un nombre.") from None
    if not math.isfinite(degres) or not -180 <= degres <= 180:
        raise ValueError(f"« {colonne} » n'est pas une position.")
    return degres


def _date(texte: str) -> date:
    """A day as AAAA-MM-JJ, or JJ/MM/AAAA: French spreadsheets rewrite it so."""
    try:
        return lire_jour(texte)
    except DonneeRefusee:
        raise ValueError("la date s'écrit AAAA-MM-JJ ou JJ/MM/AAAA.") from None
