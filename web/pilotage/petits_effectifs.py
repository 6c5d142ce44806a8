"""Counts that tell nothing of one person: what is under 11 is added up until it is not.

Communes first, then what is left of each intercommunalité, then what is left of the département: no
cell is blanked alone, and none can be found by subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.couverture import CASE_MIN
from mobilite.noms import sans_accent
from mobilite.territoire import Territoire


@dataclass(frozen=True, slots=True)
class Effectif:
    """One line of a table: ``maille`` is « commune », « epci » or « departement »."""

    maille: str
    code: str
    nom: str
    nombre: int


def par_territoire(
    communes: Mapping[str | None, int], territoire: Territoire, nom_departement: str
) -> list[Effectif]:
    """The counts by commune (``None``: not known), added up where they are small; they sum to the total.

    Nothing at all when the whole département counts fewer than 11.
    """
    montrees, restes = [], dict[str, int]()
    sans_lieu = 0
    for insee, nombre in communes.items():
        commune = territoire.commune(insee) if insee else None
        if commune is None:
            sans_lieu += nombre
        elif nombre >= CASE_MIN:
            montrees.append(Effectif("commune", commune.insee, commune.nom, nombre))
        else:
            restes[commune.epci_siren] = restes.get(commune.epci_siren, 0) + nombre
    epcis = {c.epci_siren: c.epci_nom for c in territoire.communes.values()}
    for siren, nombre in restes.items():
        if nombre >= CASE_MIN:
            montrees.append(Effectif("epci", siren, f"{epcis[siren]} (autres communes)", nombre))
        else:
            sans_lieu += nombre
    return _avec_le_reste(montrees, sans_lieu, nom_departement)


def _avec_le_reste(montrees: list[Effectif], reste: int, nom: str) -> list[Effectif]:
    """What is left joins the département; while it is small, the smallest line joins it."""
    lignes = sorted(montrees, key=lambda e: (-e.nombre, sans_accent(e.nom), e.code))
    while 0 < reste < CASE_MIN and lignes:
        reste += lignes.pop().nombre
    if reste >= CASE_MIN:
        autres = " (autres communes)" if lignes else ""
        lignes.append(Effectif("departement", "", f"{nom}{autres}", reste))
    return lignes


def par_reponse(comptes: Mapping[str, int]) -> list[tuple[str, int]]:
    """A count by answer, the largest first; what is small is added up under « autres »."""
    grandes = sorted(
        ((mot, n) for mot, n in comptes.items() if n >= CASE_MIN), key=lambda couple: (-couple[1], couple[0])
    )
    reste = sum(n for n in comptes.values() if n < CASE_MIN)
    while 0 < reste < CASE_MIN and grandes:
        reste += grandes.pop()[1]
    return grandes + (
        [("Autres réponses" if grandes else "Toutes réponses", reste)] if reste >= CASE_MIN else []
    )
