"""Who lives within reach of a Maison: one verdict per commune, and the population behind each.

Asked about a day of the week, only the Maisons open that day count; where nobody has said whether
one opens, the time alone never makes a yes or a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.estimation import METHODE as ESTIMATION
from mobilite.besoin import Jour
from mobilite.lieux import Accessibilite, Mode, Trajet
from mobilite.territoire import Commune, MaisonAccueil, Territoire
from mobilite.verdict import Duree, Verdict, tous

CASE_MIN = 11
"""Inhabitants under which a cell of a table is added to others: it would point at somebody."""

_PREFERENCE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)


@dataclass(frozen=True, slots=True)
class Accueil:
    """What one commune is told: the Maison to go to, the time there, and every other one.

    ``maison`` and ``duree`` are ``None`` when no Maison answers: the verdict is then A_VERIFIER, or
    NON when all are closed on the day asked. ``maisons`` holds each Maison that may be open with its
    trip, the one to go to first.
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

    @property
    def dite(self) -> str:
        """« 12 à 19 min », or that it is not known."""
        return self.duree.en_texte() if self.duree else "durée inconnue"


@dataclass(frozen=True, slots=True)
class Total:
    """Inhabitants of a canton, an EPCI or the département, by verdict.

    ``codes``: the territories it adds up, one unless small cells had to be put together.
    """

    code: str
    nom: str
    population: Mapping[Verdict, int]
    codes: tuple[str, ...] = ()

    @property
    def habitants(self) -> int:
        """All inhabitants, whatever the verdict."""
        return sum(self.population.values())


@dataclass(frozen=True, slots=True)
class Couverture:
    """The answer of every commune of the département for one way of moving and one threshold.

    ``jour``: the day of the week asked about; ``None``: any day the Maison of each commune opens.
    """

    mode: Mode
    seuil_min: float
    methode: str
    ferme: bool
    maisons: tuple[MaisonAccueil, ...]
    communes: tuple[Accueil, ...]
    jour: Jour | None = None

    @property
    def demonstration(self) -> bool:
        """Whether any of the Maisons is only a demonstration place."""
        return any(maison.demonstration for maison in self.maisons)

    @property
    def communes_fermes(self) -> int:
        """How many communes a real road network answers for."""
        return sum(accueil.ferme for accueil in self.communes)

    @property
    def horaires_inconnus(self) -> tuple[MaisonAccueil, ...]:
        """On the day asked about, the Maisons of which nobody has said whether they open."""
        if self.jour is None:
            return ()
        return tuple(m for m in self.maisons if m.ouverte(self.jour) is Verdict.A_VERIFIER)

    @property
    def fermees(self) -> tuple[MaisonAccueil, ...]:
        """On the day asked about, the Maisons that are closed."""
        if self.jour is None:
            return ()
        return tuple(m for m in self.maisons if m.ouverte(self.jour) is Verdict.NON)

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
        totaux = [Total(code, nom, _par_verdict(dedans), (code,)) for (code, nom), dedans in membres.items()]
        return sorted(totaux, key=lambda total: (total.nom, total.code))

    def en_document(self, *, demonstration: bool | None = None, toutes: bool = False) -> dict[str, Any]:
        """The object printed by ``mobilite accueil --json``; ``toutes`` adds ``minutes_par_maison``.

        ``demonstration`` is deduced from the Maisons unless given. Minutes are ``null`` when unknown.
        ``jour`` is there when a day was asked about. With a road network, each commune says
        whether it answers there (``ferme``).
        """
        return {
            "seuil_min": _nombre(self.seuil_min),
            "mode": self.mode.value,
            **({"jour": self.jour.value} if self.jour else {}),
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
    jour: Jour | None = None,
) -> Couverture:
    """Judge every commune of the département, in the direction commune → Maison.

    The Maison kept is the one with the best verdict, then the smallest maximum, minimum and
    kilometres, then the smallest id: so a commune is NON only when every Maison is surely too far
    (or closed on ``jour``), and the order of ``maisons`` changes nothing.
    """
    ouvertes = {m.id: m.ouverte(jour) if jour else Verdict.OUI for m in maisons}
    communes = territoire.communes_du_departement()
    couples = [(commune.lieu, maison.lieu) for commune in communes for maison in maisons]
    trajets = accessibilite.trajets(couples, mode)
    accueils = []
    for commune in communes:
        joignables = [
            (maison, trajet)
            for maison in maisons
            if ouvertes[maison.id] is not Verdict.NON
            and (trajet := trajets.get((commune.lieu, maison.lieu))) is not None
        ]
        joignables.sort(key=lambda j: _rang(j[0], j[1], _verdict(j[1].duree, ouvertes[j[0].id], seuil_min)))
        accueils.append(_accueil(commune, tuple(joignables), ouvertes, seuil_min))
    methode, ferme = _methode(accessibilite, accueils)
    return Couverture(mode, seuil_min, methode, ferme, tuple(maisons), tuple(accueils), jour)


def regrouper(totaux: Sequence[Total], au_moins: int = CASE_MIN) -> list[Total]:
    """The same totals without a cell of 1 to ``au_moins`` − 1 inhabitants: those that have one are added up.

    A group that is still too small takes in the least populated of the others, until every cell that
    is not empty reaches ``au_moins`` or nothing is left to add. Order kept, the group last.
    """
    petits = [t for t in totaux if _petit(t.population.values(), au_moins)]
    grands = [t for t in totaux if not _petit(t.population.values(), au_moins)]
    while petits and grands and _petit(_additionner(petits).values(), au_moins):
        petits.append(grands.pop(min(range(len(grands)), key=lambda rang: grands[rang].habitants)))
    if not petits:
        return list(totaux)
    petits.sort(key=lambda t: (t.nom, t.code))
    groupe = Total(
        "+".join(t.code for t in petits),
        ", ".join(t.nom for t in petits),
        _additionner(petits),
        tuple(t.code for t in petits),
    )
    return [*grands, groupe]


def _petit(cellules: Iterable[int], au_moins: int) -> bool:
    return any(0 < n < au_moins for n in cellules)


def _additionner(totaux: Sequence[Total]) -> dict[Verdict, int]:
    return {verdict: sum(t.population[verdict] for t in totaux) for verdict in totaux[0].population}


def _verdict(duree: Duree, ouverte: Verdict, seuil_min: float) -> Verdict:
    return tous((duree.tient_en(seuil_min), ouverte))


def _methode(accessibilite: Accessibilite, accueils: Sequence[Accueil]) -> tuple[str, bool]:
    """How the times were really obtained: a network may know only some communes, or not this mode."""
    durees = [accueil.duree for accueil in accueils if accueil.duree is not None]
    fermes = sum(duree.methode != ESTIMATION for duree in durees)
    if not accessibilite.ferme or fermes == len(durees):
        return accessibilite.methode, accessibilite.ferme
    if fermes == 0:
        return ESTIMATION, False
    return f"{accessibilite.methode} pour {fermes} communes sur {len(accueils)}, estimation ailleurs", True


def _rang(maison: MaisonAccueil, trajet: Trajet, verdict: Verdict) -> tuple[int, float, float, float, str]:
    duree = trajet.duree
    return _PREFERENCE.index(verdict), duree.max, duree.min, trajet.km_max, maison.id


def _accueil(
    commune: Commune,
    joignables: tuple[tuple[MaisonAccueil, Trajet], ...],
    ouvertes: Mapping[str, Verdict],
    seuil_min: float,
) -> Accueil:
    if not joignables:
        fermees = bool(ouvertes) and all(v is Verdict.NON for v in ouvertes.values())
        return Accueil(commune, Verdict.NON if fermees else Verdict.A_VERIFIER, None, None, ())
    maison, trajet = joignables[0]
    verdict = _verdict(trajet.duree, ouvertes[maison.id], seuil_min)
    return Accueil(commune, verdict, maison, trajet.duree, joignables)


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
