"""The first welcome: which Maison, how she gets there with the means she has, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mobilite.besoin import EtatMoyen, Situation, TypeMoyen
from mobilite.candidate import CategorieVehicule, VehiculeDecrit
from mobilite.droit.permis import peut_conduire
from mobilite.horaires import ecrire_horaires
from mobilite.lieux import Mode
from mobilite.parametres import Parametres, parametres
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Duree, Verdict
from web.horaires import dire_ouverture
from web.referentiel import Referentiel

_MODES = {
    TypeMoyen.MARCHE: Mode.MARCHE,
    TypeMoyen.VELO: Mode.VELO,
    TypeMoyen.VAE: Mode.VAE,
    TypeMoyen.SCOOTER: Mode.SCOOTER,
    TypeMoyen.VOITURE: Mode.VOITURE,
    TypeMoyen.PASSAGER: Mode.VOITURE,
}
_RESERVE = (
    "Le temps convient ; le moyen d'y aller reste à vérifier (sa voiture, son permis ou son chauffeur)."
)
_ORDRE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)


@dataclass(frozen=True, slots=True)
class Venue:
    """One Maison by one of her means: how long it takes, and whether that fits."""

    maison: MaisonAccueil
    mode: Mode
    duree: Duree
    verdict: Verdict

    @property
    def minutes(self) -> tuple[int, int]:
        """Whole minutes, those that ``duree.en_texte`` shows: what is printed fits the verdict."""
        bas = math.ceil(self.duree.max) if self.duree.ferme else math.floor(self.duree.min)
        return bas, math.ceil(self.duree.max)

    @property
    def horaires(self) -> str:
        """When the Maison is open, in words; « horaires non connus » when nobody has said."""
        return dire_ouverture(self.maison.horaires)

    def en_document(self) -> dict[str, Any]:
        """The Maison and its minutes."""
        bas, haut = self.minutes
        return {"maison": self.maison.nom, "minutes_min": bas, "minutes_max": haut}


@dataclass(frozen=True, slots=True)
class PremierAccueil:
    """Where she is received first. ``venue``: the best Maison by the best of her means, ``None`` when
    nothing can be said; ``phrase`` says it; ``reserve`` what is left to check about the means.

    ``autres``: the other Maisons by the same means, the nearest first; ``moyens``: the best Maison by
    each of her means; ``methode``, ``ferme``: how the time of ``venue`` was obtained.
    """

    seuil_min: float
    methode: str
    ferme: bool
    demonstration: bool
    phrase: str
    venue: Venue | None = None
    reserve: str = ""
    autres: tuple[Venue, ...] = ()
    moyens: tuple[Venue, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Whether she is within the threshold; what is not known is to be checked."""
        return self.venue.verdict if self.venue else Verdict.A_VERIFIER

    def en_document(self) -> dict[str, Any]:
        """The object ``accueil`` printed by ``mobilite proposer --json`` (docs/situation.md)."""
        venue = self.venue
        bas, haut = venue.minutes if venue else (None, None)
        document: dict[str, Any] = {
            "maison": venue.maison.nom if venue else None,
            "verdict": self.verdict.value,
            "mode": venue.mode.value if venue else None,
            "minutes_min": bas,
            "minutes_max": haut,
            "seuil_min": self.seuil_min,
            "methode": self.methode,
            "ferme": self.ferme,
            "demonstration": self.demonstration,
            "reserve": self.reserve,
            "phrase": self.phrase,
            "autres": [autre.en_document() for autre in self.autres],
            "moyens": [
                {
                    "mode": m.mode.value,
                    **m.en_document(),
                    "verdict": m.verdict.value,
                    "methode": m.duree.methode,
                }
                for m in self.moyens
            ],
        }
        if venue is not None:
            document["insee"] = venue.maison.lieu.insee
            document["horaires"] = ecrire_horaires(venue.maison.horaires) or None
        return document


def accueil_de(
    situation: Situation, connu: Referentiel, maisons: Sequence[MaisonAccueil], le: date
) -> PremierAccueil:
    """The nearest Maison by the best means she has, its verdict, and the minutes to the others.

    Without any Maison, or without knowing where she leaves from, the verdict is A_VERIFIER. Her
    own means count only when they work; nobody asked about them: walking, and À VÉRIFIER.
    """
    seuil = parametres(le)["accueil.seuil_min"]
    acces = connu.accessibilite(le)
    depart = situation.depart_le(le)
    rien = PremierAccueil(
        seuil,
        acces.methode,
        acces.ferme,
        any(m.demonstration for m in maisons),
        "On ne sait pas encore d'où elle part." if maisons else "Aucune Maison n'est chargée.",
    )
    if depart is None or not maisons:
        return rien
    # The surest of two means that go at the same pace.
    surs: dict[Mode, Verdict] = {}
    for mode, sur in _moyens_surs(situation, parametres(le)):
        surs[mode] = min(sur, surs.get(mode, sur), key=_ORDRE.index)
    venues: dict[Mode, list[Venue]] = {}
    for mode, sur in surs.items():
        trajets = acces.trajets([(depart, m.lieu) for m in maisons], mode)
        siennes = [
            Venue(m, mode, trajet.duree, _verdict(trajet.duree, sur, seuil))
            for m in maisons
            if (trajet := trajets.get((depart, m.lieu))) is not None
        ]
        if siennes:
            venues[mode] = sorted(siennes, key=_rang)
    if not venues:
        return replace(rien, phrase="Le temps de trajet n'est pas connu.")
    venue, *autres = venues[min(venues, key=lambda mode: _rang(venues[mode][0]))]
    return replace(
        rien,
        # The means she has may be one that the network does not know: the figure says its own method.
        methode=venue.duree.methode,
        ferme=acces.ferme and venue.duree.methode == acces.methode,
        demonstration=venue.maison.demonstration,
        phrase=f"{venue.maison.nom}, {venue.duree.en_texte()} {venue.mode.libelle} ({venue.duree.methode}).",
        venue=venue,
        reserve=_RESERVE if venue.verdict is not venue.duree.tient_en(seuil) else "",
        autres=tuple(sorted(autres, key=lambda v: (v.duree.max, v.maison.id))),
        moyens=tuple(sorted((siennes[0] for siennes in venues.values()), key=_rang)),
    )


def _rang(venue: Venue) -> tuple[int, float, str]:
    return _ORDRE.index(venue.verdict), venue.duree.max, venue.maison.id


def _verdict(duree: Duree, sur: Verdict, seuil: float) -> Verdict:
    """A time that fits by a means nobody is sure of is À VÉRIFIER; a time that does not fit is NON."""
    tient = duree.tient_en(seuil)
    return tient if sur is Verdict.OUI or tient is Verdict.NON else Verdict.A_VERIFIER


def _moyens_surs(situation: Situation, p: Parametres) -> list[tuple[Mode, Verdict]]:
    """The ways she can move today, and how sure each one is. Walking is always one of them."""
    moyens = [(Mode.MARCHE, Verdict.OUI)]
    if situation.moyens is None:
        return [(Mode.MARCHE, Verdict.OUI), (Mode.VOITURE, Verdict.A_VERIFIER)]
    for moyen in situation.moyens:
        if moyen.etat is EtatMoyen.EN_PANNE:
            continue
        sur = Verdict.OUI
        categorie = {
            TypeMoyen.VOITURE: CategorieVehicule.VOITURE,
            TypeMoyen.SCOOTER: CategorieVehicule.SCOOTER50,
        }.get(moyen.type)
        if categorie is not None:
            droit = peut_conduire(
                situation.permis, situation.annee_naissance, VehiculeDecrit(categorie), p
            ).verdict
            if droit is Verdict.NON:
                continue
            sur = droit if moyen.etat is EtatMoyen.ROULANT else Verdict.A_VERIFIER
        if moyen.type is TypeMoyen.PASSAGER:
            sur = Verdict.A_VERIFIER
        moyens.append((_MODES[moyen.type], sur))
    return moyens
