"""Scarce vehicles and competing requests: the best sharing over some months, with its reasons.

``matching.parc.partage`` chooses who is served, and proves it or says how far from the best it may be; here
vehicles are handed out and the reasons are told. Same input, same answer.

It is a draft for the partner, never a booking: the guard of the database has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from matching.parc.flotte import DemandeDuParc, Lot, Periode, Regles, VehiculeDuParc, lots, se_genent


@dataclass(frozen=True, slots=True)
class Affectation:
    """She would have this vehicle, and why this one."""

    demande: DemandeDuParc
    vehicule: str
    phrase: str

    @property
    def deplacee(self) -> bool:
        """Whether another vehicle had been announced."""
        return bool(self.demande.annonce) and self.demande.annonce != self.vehicule


@dataclass(frozen=True, slots=True)
class SansVehicule:
    """Nothing for her these days: why, and when something suits her is free."""

    demande: DemandeDuParc
    regle: str
    phrase: str
    libre_le: date | None = None


@dataclass(frozen=True, slots=True)
class Repartition:
    """A draft. ``valeur`` ≤ the best possible ≤ ``borne``, in points; equal when ``optimale``."""

    affectations: tuple[Affectation, ...]
    sans_vehicule: tuple[SansVehicule, ...]
    valeur: float
    borne: float
    optimale: bool

    @property
    def ecart(self) -> float:
        """How far from the best the answer may be, as a share of the bound."""
        return 0.0 if self.borne <= 0 else max(0.0, 1 - self.valeur / self.borne)


def repartir(
    vehicules: Sequence[VehiculeDuParc],
    demandes: Sequence[DemandeDuParc],
    selon: Regles,
    *,
    ecart: float = 0.0,
) -> Repartition:
    """The best sharing, requests by id; or one proven within ``ecart`` of the best, which takes less time.

    ``ValueError`` when two vehicles or two requests have the same id.
    """
    # The solver and what it stands on are heavy: loaded by who asks, never at start.
    from matching.parc.partage import distribuer, partager  # noqa: PLC0415

    for quoi, ids in (("vehicles", [v.id for v in vehicules]), ("requests", [d.id for d in demandes])):
        if len(set(ids)) < len(ids):
            raise ValueError(f"two {quoi} have the same id")
    ordonnees = sorted(demandes, key=lambda d: d.id)
    du_parc = lots(sorted(vehicules, key=lambda v: v.id), ordonnees, selon)
    choix = partager(ordonnees, du_parc, selon, ecart)
    attribue = {
        d: v
        for lot, choisies in zip(du_parc, choix.par_lot, strict=True)
        for d, v in distribuer(lot, choisies, selon).items()
    }
    calendrier = _calendrier(vehicules, ordonnees, attribue)
    affectations, sans = [], []
    for demande in ordonnees:
        if demande.id in attribue:
            affectations.append(_affectation(demande, attribue[demande.id], du_parc))
        else:
            sans.append(_sans_vehicule(demande, vehicules, calendrier, selon))
    return Repartition(tuple(affectations), tuple(sans), choix.valeur, choix.borne, choix.optimale)


def _calendrier(
    vehicules: Sequence[VehiculeDuParc], demandes: Sequence[DemandeDuParc], attribue: Mapping[str, str]
) -> dict[str, list[tuple[Periode, DemandeDuParc | None]]]:
    """Who has each vehicle when, once shared; ``None`` where it was already taken."""
    calendrier: dict[str, list[tuple[Periode, DemandeDuParc | None]]] = {
        v.id: [(periode, None) for periode in v.pris] for v in vehicules
    }
    for demande in demandes:
        if demande.id in attribue:
            calendrier[attribue[demande.id]].append(((demande.debut, demande.fin), demande))
    return calendrier


def _affectation(demande: DemandeDuParc, vehicule: str, du_parc: Sequence[Lot]) -> Affectation:
    """Kilometres decide but are not told: they would say where she lives."""
    classe = next(lot.classe for lot in du_parc if vehicule in lot.vehicules)
    phrase = f"{classe.nature}."
    if demande.annonce == vehicule:
        phrase += " C'est le véhicule annoncé."
    elif demande.annonce:
        phrase += " Ce n'est pas le véhicule annoncé : en changer sert mieux l'ensemble."
    elif demande.km[classe] > min(demande.km.values()):
        phrase += " Ceux qui sont plus près d'elle servent à d'autres ces jours-là."
    return Affectation(demande, vehicule, phrase)


def _sans_vehicule(
    demande: DemandeDuParc,
    vehicules: Sequence[VehiculeDuParc],
    calendrier: Mapping[str, Sequence[tuple[Periode, DemandeDuParc | None]]],
    selon: Regles,
) -> SansVehicule:
    conviennent = [v for v in vehicules if v.classe in demande.km]
    if not conviennent:
        return SansVehicule(
            demande, "aucun", "Aucun véhicule du parc ne lui convient, ou tous sont trop loin."
        )
    devant = {
        autre.id: autre.priorite
        for v in conviennent
        for periode, autre in calendrier[v.id]
        if autre is not None and se_genent(demande, periode, selon)
    }
    combien = len(conviennent)
    quoi = (
        "Le véhicule qui lui convient est pris"
        if combien == 1
        else f"Les {combien} véhicules qui lui conviennent sont pris"
    )
    libre_le = min(_libre_le(demande, calendrier[v.id], selon) for v in conviennent)
    if not devant:
        phrase = f"{quoi} ces jours-là : réservations confirmées ou réparations."
        return SansVehicule(demande, "pris", phrase, libre_le)
    plus = sum(p > demande.priorite for p in devant.values())
    autant = sum(p == demande.priorite for p in devant.values())
    comptes = (
        (plus, "plus urgente", ""),
        (autant, "aussi urgente", ""),
        (len(devant) - plus - autant, "plus facile", " à servir ensemble"),
    )
    raisons = [f"{n} {mot}{'s' if n > 1 else ''}{suite}" for n, mot, suite in comptes if n]
    phrase = f"{quoi} ces jours-là par d'autres demandes : {', '.join(raisons)}."
    return SansVehicule(demande, "partage", phrase, libre_le)


def _libre_le(
    demande: DemandeDuParc, prises: Iterable[tuple[Periode, DemandeDuParc | None]], selon: Regles
) -> date:
    """The first day, hers or later, from which the vehicle is free for as long as she asks."""
    tampon, longueur = timedelta(days=selon.tampon_jours), demande.fin - demande.debut
    debut = demande.debut
    for (premier, dernier), _ in sorted(prises, key=lambda prise: prise[0]):
        if debut <= dernier + tampon and premier <= debut + longueur + tampon:
            debut = dernier + tampon + timedelta(days=1)
    return debut
