"""A fleet and its requests, as values: what the sharing of scarce vehicles is decided on.

Identical vehicles of one site are one lot. On the first day of each request, those of its lot that are
still out may not outnumber the vehicles: for vehicles free throughout this is all there is to know, since
handing them out day by day then always succeeds. A vehicle with days already taken is a lot of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from mobilite.parametres import Parametres


class Classe(NamedTuple):
    """Vehicles that replace each other: same nature (« voiture à boîte automatique »), same site."""

    nature: str
    site: str


Periode = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True, slots=True)
class VehiculeDuParc:
    """One vehicle, and the days it is taken whatever happens: confirmed bookings, repairs."""

    id: str
    classe: Classe
    pris: tuple[Periode, ...] = ()


@dataclass(frozen=True, slots=True)
class DemandeDuParc:
    """One request: its days (both included), how urgent (1 and more), from which territory.

    ``km``: the classes of vehicles that suit her and the kilometres to each; the others do not.
    ``annonce``: the vehicle she was told about, if any.
    """

    id: str
    debut: date
    fin: date
    priorite: float
    territoire: str
    km: Mapping[Classe, float]
    annonce: str = ""

    def __post_init__(self) -> None:
        if self.debut > self.fin:
            raise ValueError(f"request {self.id} ends before it begins")
        if self.priorite < 1:
            raise ValueError(f"request {self.id} has no priority")


@dataclass(frozen=True, slots=True)
class Regles:
    """How the sharing is judged; ``regles`` reads the numbers in force.

    A request served is worth ``priorite`` × 1 000 points less its kilometres, and ``stabilite`` more on
    the vehicle announced. Each territory is served at ``equite`` times the common rate at least (0: no
    such rule). ``tampon_jours`` pass between two bookings of a vehicle.
    """

    tampon_jours: int = 1
    stabilite: int = 500
    equite: float = 0.0


def regles(parametres: Parametres) -> Regles:
    """The numbers in force."""
    return Regles(
        int(parametres["parc.tampon_jours"]),
        int(parametres["parc.stabilite_points"]),
        float(parametres["parc.equite_territoires"]),
    )


@dataclass(frozen=True, slots=True)
class Lot:
    """Interchangeable vehicles, and the requests that may have one, by first day."""

    classe: Classe
    vehicules: tuple[str, ...]
    demandes: tuple[DemandeDuParc, ...]


def lots(vehicules: Sequence[VehiculeDuParc], demandes: Sequence[DemandeDuParc], selon: Regles) -> list[Lot]:
    """The vehicles by lot, in the order of their ids."""
    groupes: dict[tuple[Classe, tuple[Periode, ...]], list[VehiculeDuParc]] = defaultdict(list)
    for vehicule in vehicules:
        groupes[vehicule.classe, tuple(sorted(vehicule.pris))].append(vehicule)
    par_classe: dict[Classe, list[DemandeDuParc]] = defaultdict(list)
    for demande in sorted(demandes, key=lambda d: (d.debut, d.id)):
        for classe in demande.km:
            par_classe[classe].append(demande)
    trouves = []
    for (classe, pris), membres in sorted(groupes.items(), key=lambda groupe: groupe[1][0].id):
        possibles = [d for d in par_classe[classe] if not any(se_genent(d, p, selon) for p in pris)]
        trouves.append(Lot(classe, tuple(v.id for v in membres), tuple(possibles)))
    return trouves


def se_genent(demande: DemandeDuParc, periode: Periode, selon: Regles) -> bool:
    """Whether a vehicle taken in that period is not hers for her days, the time in between counted."""
    tampon = timedelta(days=selon.tampon_jours)
    return demande.debut <= periode[1] + tampon and periode[0] <= demande.fin + tampon
