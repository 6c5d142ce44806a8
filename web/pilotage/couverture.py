"""The coverage of a day, computed once for a list of Maisons, and its figures ready to be read."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, cast

from flask import request
from sqlalchemy.orm import Session

from geo.cartes import FondDeCarte, carte_couverture
from geo.couverture import Couverture, couvrir
from mobilite.base import ce_jour
from mobilite.besoin import SEMAINE, Jour
from mobilite.lieux import Accessibilite, Mode
from mobilite.parametres import Parametre, parametres
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Verdict
from web.catalogue import maisons_d_accueil
from web.referentiel import dossier_des_graines, referentiel
from web.surfaces import Surfaces, surfaces_de

if TYPE_CHECKING:
    from geo.habitants import Habitants

MODES = (Mode.VOITURE, Mode.VELO, Mode.MARCHE)
SANS_VOITURE = (Mode.VELO, Mode.MARCHE)
MINUTES = (10.0, 20.0, 30.0, 45.0)
ORDRE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)
SOURCE_POPULATION = "INSEE, populations légales, millésime 2023"
SOURCE_CONTOURS = "IGN Admin Express et INSEE, code officiel géographique 2026"
DEMONSTRATION = " (emplacement de démonstration)"
_PREFIXE = re.compile(r"^Maison de la Solidarité (de |d['’]|du )?", re.IGNORECASE)

_verrou = Lock()
"""An answer is computed once, even when several requests are the first to ask for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the figures depend on, beside the travel times: the Maisons by value, the mode, the day they
    are of, and the day of the week they are about (``None``: any)."""

    maisons: tuple[MaisonAccueil, ...]
    mode: Mode
    le: date
    jour: Jour | None = None

    @property
    def ouvertes(self) -> tuple[MaisonAccueil, ...]:
        """The Maisons that are surely open on the day asked about: those an area is drawn around."""
        if self.jour is None:
            return self.maisons
        return tuple(m for m in self.maisons if m.ouverte(self.jour) is Verdict.OUI)


@dataclass(frozen=True, slots=True)
class Part:
    """One verdict of a total: inhabitants, share of the total, and its piece of the bar (percents)."""

    verdict: Verdict
    habitants: int
    pourcent: str
    debut: str
    largeur: str


def aujourd_hui() -> date:
    """The day the figures are of, in France."""
    return ce_jour()


def seuil(le: date) -> Parametre:
    """The threshold in force, with its source."""
    return parametres(le).ligne("accueil.seuil_min")


def couverture(question: Question) -> Couverture:
    """The answer to a question, computed the first time it is asked."""
    with _verrou:
        return _couvrir(question, _acces(question))


def surfaces(question: Question) -> Surfaces | None:
    """The areas around the Maisons surely open; ``None`` without one, or a network for this way of moving."""
    if not question.ouvertes:
        return None
    minutes = (*MINUTES, seuil(question.le).valeur)
    return surfaces_de(question.ouvertes, question.mode, question.le, minutes)


def habitants_de(question: Question) -> Habitants | None:
    """Inhabitants within the threshold, streets counted; ``None`` without a network for this mode."""
    dessinees = surfaces(question)
    if dessinees is None:
        return None
    from geo.habitants import habitants  # noqa: PLC0415  numba: not for those without a network

    du_jour = couverture(question)
    return habitants(du_jour, dessinees.parts.get(du_jour.seuil_min, {}))


def dessin(question: Question, titre: str, *, autonome: bool = False, cle: str = "") -> str:
    """The map of a question as SVG, drawn the first time it is asked."""
    du_jour, dessinees = couverture(question), surfaces(question)
    with _verrou:
        return _dessiner(question, _acces(question), titre, autonome, cle, _Faits(du_jour, dessinees))


@dataclass(frozen=True, slots=True)
class _Faits:
    """What a map is drawn from; it follows from the question, so it does not count in the key."""

    couverture: Couverture = field(compare=False)
    surfaces: Surfaces | None = field(compare=False)


# Everything an answer depends on is in the key: the question by value and the travel times by their
# port, of which there is one for each day and each version of the network. Another list of Maisons,
# imported here or by another process, is another key. The rest is pure.
@lru_cache(maxsize=48)
def _couvrir(question: Question, acces: Hashable) -> Couverture:
    return couvrir(
        referentiel().territoire,
        question.maisons,
        cast(Accessibilite, acces),
        question.mode,
        seuil(question.le).valeur,
        question.jour,
    )


@lru_cache(maxsize=48)
def _dessiner(
    question: Question, acces: Hashable, titre: str, autonome: bool, cle: str, faits: _Faits
) -> str:
    fond = FondDeCarte.lire(dossier_des_graines() / "meuse" / "communes.geojson", referentiel().territoire)
    zones = faits.surfaces.zones if faits.surfaces else {}
    zone = zones.get(faits.couverture.seuil_min)
    return carte_couverture(
        fond, faits.couverture, titre, le=question.le, autonome=autonome, zone=zone, cle=cle
    )


def _acces(question: Question) -> Hashable:
    return cast(Hashable, referentiel().accessibilite(question.le))


def parts(population: Mapping[Verdict, int]) -> list[Part]:
    """The three verdicts of a total, in the order they are read."""
    total = sum(population.values())
    resultat = []
    debut = 0.0
    for verdict in ORDRE:
        habitants = population.get(verdict, 0)
        largeur = 100 * habitants / total if total else 0.0
        resultat.append(
            Part(verdict, habitants, pourcent(habitants, total), f"{debut:.3f}%", f"{largeur:.3f}%")
        )
        debut += largeur
    return resultat


def pourcent(n: int, total: int) -> str:
    """« 86,7 % »; never « 0,0 % » for somebody nor « 100,0 % » when somebody is missing."""
    if not total:
        return "—"
    if n in (0, total):
        return "100\u00a0%" if n else "0\u00a0%"
    arrondi = min(max(round(100 * n / total, 1), 0.1), 99.9)
    return f"{arrondi:.1f}\u00a0%".replace(".", ",")


def nom_court(maison: MaisonAccueil) -> str:
    """« Verdun »: the name of a Maison under a heading that says what it is and whether it is one."""
    nom = maison.nom.removesuffix(DEMONSTRATION)
    return _PREFIXE.sub("", nom) or nom


def mode_demande(modes: Sequence[Mode], parametre: str) -> Mode:
    """The way of moving that the address asks for; the first one when it asks for none of them."""
    return next((m for m in modes if m.value == request.values.get(parametre)), modes[0])


def jour_demande() -> Jour | None:
    """The day of the week that the address asks about; ``None``: any."""
    return next((j for j in SEMAINE if j.value == request.values.get("jour")), None)


def question_posee(session: Session, mode: Mode) -> Question:
    """What the address asks, about the Maisons of the database."""
    return Question(maisons_d_accueil(session), mode, aujourd_hui(), jour_demande())
