"""Who lives within reach of a Maison: one verdict per commune, and the population behind each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.estimation import METHODE as ESTIMATION
from mobilite.lieux import Accessibilite, Mode, Trajet
from mobilite.territoire import Commune, MaisonAccueil, Territoire
from mobilite.verdict import Duree, Verdict

_PREFERENCE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)


@dataclass(frozen=True, slots=True)
class Accueil:
    """What one commune is told: the Maison to go to, the time there, and every other one.

    ``maison`` and ``duree`` are ``None`` when no Maison answers: the verdict is then A_VERIFIER.
    ``maisons`` holds each Maison reached with its trip, the one to go to first.
    """

    commune: Commune
    verdict: Verdict
    maison: MaisonAccueil | None
    duree: Duree | None
    maisons: tuple[tuple[MaisonAccueil, Trajet], ...]

    @property
    def ferme(self) -> bool:
        """Whether a real road network answers for this commune."""
        return self.duree is not None and self.duree.methode != ESTIMATION


@dataclass(frozen=True, slots=True)
class Total:
    """Inhabitants of a canton, an EPCI or the département, by verdict."""

    code: str
    nom: str
    population: Mapping[Verdict, int]

    @property
    def habitants(self) -> int:
        """All inhabitants, whatever the verdict."""
        return sum(self.population.values())


@dataclass(frozen=True, slots=True)
class Couverture:
    """The answer of every commune of the département for one way of moving and one threshold."""

    mode: Mode
    seuil_min: float
    methode: str
    ferme: bool
    maisons: tuple[MaisonAccueil, ...]
    communes: tuple[Accueil, ...]

    @property
    def demonstration(self) -> bool:
        """Whether any of the Maisons is only a demonstration place."""
        return any(maison.demonstration for maison in self.maisons)

    def de(self, insee: str) -> Accueil | None:
        """The answer of one commune, by its current code."""
        return next((a for a in self.communes if a.commune.insee == insee), None)

    def population(self) -> dict[Verdict, int]:
        """Inhabitants by verdict, in the order OUI, NON, A_VERIFIER."""
        return _par_verdict(self.communes)

    def par_canton(self) -> list[Total]:
        """Totals of the cantons, by name."""
        return self._totaux((a.commune.canton, a.commune.canton_nom) for a in self.communes)

    def par_epci(self) -> list[Total]:
        """Totals of the intercommunalities (their communes in the département), by name."""
        return self._totaux((a.commune.epci_siren, a.commune.epci_nom) for a in self.communes)

    def _totaux(self, groupes: Iterable[tuple[str, str]]) -> list[Total]:
        membres: dict[tuple[str, str], list[Accueil]] = {}
        for groupe, accueil in zip(groupes, self.communes, strict=True):
            membres.setdefault(groupe, []).append(accueil)
        totaux = [Total(code, nom, _par_verdict(dedans)) for (code, nom), dedans in membres.items()]
        return sorted(totaux, key=lambda total: (total.nom, total.code))

    def en_document(self, *, demonstration: bool | None = None, toutes: bool = False) -> dict[str, Any]:
        """The object printed by ``mobilite accueil --json``; ``toutes`` adds ``minutes_par_maison``.

        ``demonstration`` is deduced from the Maisons unless given. Minutes are ``null`` when unknown.
        With a road network, each commune says whether it answers there (``ferme``).
        """
        return {
            "seuil_min": _nombre(self.seuil_min),
            "mode": self.mode.value,
            "methode": self.methode,
            "ferme": self.ferme,
            "maisons": len(self.maisons),
            "demonstration": self.demonstration if demonstration is None else demonstration,
            "communes": [_en_document(accueil, toutes, self.ferme) for accueil in self.communes],
            "population": {verdict.value: n for verdict, n in self.population().items()},
        }


def couvrir(
    territoire: Territoire,
    maisons: Sequence[MaisonAccueil],
    accessibilite: Accessibilite,
    mode: Mode,
    seuil_min: float,
) -> Couverture:
    """Judge every commune of the département, in the direction commune → Maison.

    The Maison kept is the one with the best verdict, then the smallest maximum, minimum and
    kilometres, then the smallest id: so a commune is NON only when every Maison is surely too far,
    and the order of ``maisons`` changes nothing.
    """
    communes = territoire.communes_du_departement()
    couples = [(commune.lieu, maison.lieu) for commune in communes for maison in maisons]
    trajets = accessibilite.trajets(couples, mode)
    accueils = []
    for commune in communes:
        joignables = [
            (maison, trajet)
            for maison in maisons
            if (trajet := trajets.get((commune.lieu, maison.lieu))) is not None
        ]
        joignables.sort(key=lambda joignable: _rang(joignable[0], joignable[1], seuil_min))
        accueils.append(_accueil(commune, tuple(joignables), seuil_min))
    methode, ferme = _methode(accessibilite, accueils)
    return Couverture(mode, seuil_min, methode, ferme, tuple(maisons), tuple(accueils))


def _methode(accessibilite: Accessibilite, accueils: Sequence[Accueil]) -> tuple[str, bool]:
    """How the times were really obtained: a network may know only some communes, or not this mode."""
    durees = [accueil.duree for accueil in accueils if accueil.duree is not None]
    fermes = sum(duree.methode != ESTIMATION for duree in durees)
    if not accessibilite.ferme or fermes == len(durees):
        return accessibilite.methode, accessibilite.ferme
    if fermes == 0:
        return ESTIMATION, False
    return f"{accessibilite.methode} pour {fermes} communes sur {len(accueils)}, estimation ailleurs", True


def _rang(maison: MaisonAccueil, trajet: Trajet, seuil_min: float) -> tuple[int, float, float, float, str]:
    duree = trajet.duree
    preference = _PREFERENCE.index(duree.tient_en(seuil_min))
    return preference, duree.max, duree.min, trajet.km_max, maison.id


def _accueil(
    commune: Commune, joignables: tuple[tuple[MaisonAccueil, Trajet], ...], seuil_min: float
) -> Accueil:
    if not joignables:
        return Accueil(commune, Verdict.A_VERIFIER, None, None, ())
    maison, trajet = joignables[0]
    return Accueil(commune, trajet.duree.tient_en(seuil_min), maison, trajet.duree, joignables)


def _par_verdict(accueils: Iterable[Accueil]) -> dict[Verdict, int]:
    population = {Verdict.OUI: 0, Verdict.NON: 0, Verdict.A_VERIFIER: 0}
    for accueil in accueils:
        population[accueil.verdict] += accueil.commune.population
    return population


def _en_document(accueil: Accueil, toutes: bool, selon_la_commune: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "insee": accueil.commune.insee,
        "nom": accueil.commune.nom,
        "population": accueil.commune.population,
        "maison": accueil.maison.nom if accueil.maison else None,
        "minutes_min": _nombre(accueil.duree.min) if accueil.duree else None,
        "minutes_max": _nombre(accueil.duree.max) if accueil.duree else None,
        "verdict": accueil.verdict.value,
    }
    if selon_la_commune:
        document["ferme"] = accueil.ferme
    if toutes:
        document["minutes_par_maison"] = [
            {
                "maison": maison.nom,
                "insee": maison.lieu.insee,
                "minutes_min": _nombre(trajet.duree.min),
                "minutes_max": _nombre(trajet.duree.max),
            }
            for maison, trajet in accueil.maisons
        ]
    return document


def _nombre(valeur: float) -> float:
    """Tenths of a minute at most, and 30 rather than 30.0."""
    arrondi = round(valeur, 1)
    return int(arrondi) if arrondi == int(arrondi) else arrondi
