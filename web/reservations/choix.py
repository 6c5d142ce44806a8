"""Which of several free vehicles when she named none: one that has what she needs, and nothing she does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matching.groupe import nombre_de_personnes
from mobilite.flotte import Acces, SiegeEnfant, Vehicule
from mobilite.personnes import Personne
from web.propositions import situation_de
from web.referentiel import referentiel

_INCONNU, _MANQUE = 1, 2
_POUR_UN_FAUTEUIL = frozenset({Acces.RAMPE, Acces.TRANSFERT})


@dataclass(frozen=True, slots=True)
class _Besoins:
    """The most that any of her trips asks: seats, seats for children, room for a wheelchair."""

    personnes: int
    bebes: int
    enfants: int
    fauteuil: bool


def les_mieux_d_abord(vehicules: Sequence[Vehicule], personne: Personne | None, le: date) -> list[Vehicule]:
    """The vehicles that lack the least of what she needs, then the plainest: equipment stays for who needs it.

    What nobody has said of a vehicle comes after what it has, before what it has not. Refuses nothing: a
    vehicle that is short of a seat is still better than none, and whoever confirms reads what she needs.
    """
    besoins = _besoins(personne, le)
    return sorted(vehicules, key=lambda v: (_manques(v, besoins), _equipements(v), v.id))


def _besoins(personne: Personne | None, le: date) -> _Besoins:
    if personne is None:
        return _Besoins(1, 0, 0, fauteuil=False)
    situation = situation_de(personne, anonyme=True)
    return _Besoins(
        max((nombre_de_personnes(besoin) for besoin in situation.besoins), default=1),
        max((besoin.avec.count("bebe") for besoin in situation.besoins), default=0),
        max((besoin.avec.count("enfant") for besoin in situation.besoins), default=0),
        any("fauteuil" in besoin.avec for besoin in situation.besoins)
        or referentiel().faits(situation, le).get("fauteuil") is True,
    )


def _manques(vehicule: Vehicule, besoins: _Besoins) -> int:
    manques = 0
    if besoins.personnes > 1:
        places = vehicule.places
        manques += _INCONNU if places is None else _MANQUE * (places < besoins.personnes)
    if besoins.fauteuil:
        acces = vehicule.acces
        manques += _INCONNU if acces is None else _MANQUE * _POUR_UN_FAUTEUIL.isdisjoint(acces)
    if besoins.bebes or besoins.enfants:
        sieges = vehicule.sieges_enfant
        coques = sieges.get(SiegeEnfant.COQUE, 0) if sieges else 0
        autres = sum(sieges.values()) - coques if sieges else 0
        manques += (
            _INCONNU if sieges is None else _MANQUE * ((coques < besoins.bebes) + (autres < besoins.enfants))
        )
    return manques


def _equipements(vehicule: Vehicule) -> int:
    return len(vehicule.acces or ()) + sum(int(n) for n in (vehicule.sieges_enfant or {}).values())
