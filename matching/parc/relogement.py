"""A vehicle stops: who has another one for the same days, who else changes for that, and who waits.

Three aims, in this order: as many bookings as can be have a vehicle again; as few people as can be who
had nothing to do with it change theirs; among as many, those with the most need first. Everything is
exact (``matching.parc.chaines``), and every answer can be carried out one change after another without
anybody ever having no vehicle. Somebody who holds the keys never changes.

Which vehicles suit somebody, and when they run, is decided before: here are only ranges and names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Possible:
    """A vehicle that runs on her days and suits her.

    ``rang``: 0 is as near as can be to the one she had. ``fin``: when it would be free again, if not
    at the same time as the one she has. ``a_voir``: what somebody must look at first; then it is only
    proposed.
    """

    rang: int = 0
    fin: datetime | None = None
    a_voir: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One booking as it stands: its vehicle over ``[debut, fin)``, the time to make it ready included.

    ``raison``: why its vehicle cannot serve it (« est en panne »); empty when it can. ``fixe``: the keys
    were handed over, or nobody may move it.
    """

    id: str
    vehicule: str
    debut: datetime
    fin: datetime
    priorite: float = 1
    raison: str = ""
    fixe: bool = False
    possibles: Mapping[str, Possible] = field(default_factory=dict)

    @property
    def a_reloger(self) -> bool:
        """Whether it has lost its vehicle and may have another."""
        return bool(self.raison) and not self.fixe

    def fin_sur(self, vehicule: str) -> datetime:
        """When a vehicle would be free again after her."""
        possible = self.possibles.get(vehicule)
        return self.fin if vehicule == self.vehicule or possible is None else possible.fin or self.fin

    def gene(self, autre: Place, vehicule: str) -> bool:
        """Whether both cannot have that vehicle."""
        return self.debut < autre.fin_sur(vehicule) and autre.debut < self.fin_sur(vehicule)


@dataclass(frozen=True, slots=True)
class Changement:
    """One booking changes vehicles: because hers has stopped (``relogee``), or to make room."""

    place: Place
    vers: str
    phrase: str

    @property
    def relogee(self) -> bool:
        """Whether she had lost hers."""
        return self.place.a_reloger


@dataclass(frozen=True, slots=True)
class SansVehicule:
    """One booking nothing suits for sure. ``propositions``: free, but to be looked at first, the nearest first."""

    place: Place
    propositions: tuple[str, ...]
    phrase: str


@dataclass(frozen=True, slots=True)
class Relogement:
    """What to do, in the order to do it, and what is left for somebody to decide."""

    changements: tuple[Changement, ...] = ()
    sans_vehicule: tuple[SansVehicule, ...] = ()

    @property
    def relogees(self) -> tuple[Changement, ...]:
        """Those who had lost their vehicle and have another."""
        return tuple(c for c in self.changements if c.relogee)

    @property
    def derangees(self) -> tuple[Changement, ...]:
        """Those who change to make room."""
        return tuple(c for c in self.changements if not c.relogee)


def reloger(places: Sequence[Place], libelles: Mapping[str, str]) -> Relogement:
    """The best re-housing of the bookings whose vehicle has stopped; ``libelles`` names the vehicles.

    The order of ``places`` changes nothing. ``ValueError`` when two have the same id.
    """
    if len({p.id for p in places}) < len(places):
        raise ValueError("two bookings have the same id")
    ordonnees = sorted(places, key=lambda p: p.id)
    perdues = [p for p in ordonnees if p.a_reloger]
    if not perdues:
        return Relogement()
    attribue = _sans_deranger(ordonnees, perdues)
    if attribue is None:
        # The solver and what it stands on are heavy: loaded by who needs it, never at start.
        from matching.parc.chaines import enchainer  # noqa: PLC0415

        attribue = enchainer(ordonnees)
    changements = tuple(
        Changement(p, v, _phrase(p, libelles[v])) for p, v in dans_l_ordre(ordonnees, attribue)
    )
    return Relogement(
        changements,
        tuple(_sans_vehicule(p, ordonnees, attribue, libelles) for p in perdues if p.id not in attribue),
    )


def _sans_deranger(places: Sequence[Place], perdues: Sequence[Place]) -> dict[str, str] | None:
    """One lost booking and a vehicle free for it: nothing can be better. ``None``: it takes more thought."""
    if len(perdues) > 1:
        return None
    (perdue,) = perdues
    libres = [
        (possible.rang, vehicule)
        for vehicule, possible in perdue.possibles.items()
        if not possible.a_voir
        and not any(p.gene(perdue, vehicule) for p in places if p.vehicule == vehicule and p is not perdue)
    ]
    return {perdue.id: min(libres)[1]} if libres else None


def dans_l_ordre(places: Sequence[Place], attribue: Mapping[str, str]) -> list[tuple[Place, str]]:
    """The changes, each after those that make room for it; ``ValueError`` when they wait for each other."""
    reste = [(p, attribue[p.id]) for p in places if attribue.get(p.id, p.vehicule) != p.vehicule]
    faits: list[tuple[Place, str]] = []
    while reste:
        prets = [(p, v) for p, v in reste if not any(attend(p, v, q) for q, _ in reste)]
        if not prets:
            raise ValueError("these changes wait for each other")
        faits += prets
        reste = [couple for couple in reste if couple not in prets]
    return faits


def attend(place: Place, vers: str, autre: Place) -> bool:
    """Whether ``autre`` has to leave that vehicle before ``place`` may have it."""
    return autre is not place and autre.vehicule == vers and autre.gene(place, vers)


def _sans_vehicule(
    place: Place, places: Sequence[Place], attribue: Mapping[str, str], libelles: Mapping[str, str]
) -> SansVehicule:
    """What is free for her once the others are served, if somebody looks at it first."""
    propositions = sorted(
        (possible.rang, vehicule)
        for vehicule, possible in place.possibles.items()
        if possible.a_voir
        and not any(
            q.gene(place, vehicule)
            for q in places
            if q is not place and attribue.get(q.id, q.vehicule) == vehicule
        )
    )
    noms = tuple(vehicule for _, vehicule in propositions)
    phrase = f"Le véhicule {place.raison}"
    if noms:
        vus = ", ".join(f"« {libelles[v]} »" for v in noms[:3])
        return SansVehicule(place, noms, f"{phrase}. À vérifier avant de proposer : {vus}.")
    return SansVehicule(place, (), f"{phrase}, et rien de semblable n'est libre ces jours-là.")


def _phrase(place: Place, nouveau: str) -> str:
    """What she is told: why, what she has instead, and that nothing else changes."""
    pourquoi = (
        f"Votre véhicule {place.raison}" if place.a_reloger else "La structure a dû réorganiser ses véhicules"
    )
    return f"{pourquoi} : vous aurez « {nouveau} », mêmes jours, mêmes heures."
