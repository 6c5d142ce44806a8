"""Who can drive her? Every volunteer judged for one trip, ranked by an additive count of points, explained.

The count is a cost: the fewer points the better. Its terms are shown and sum to it: km driven without
her, the volunteer's wait, what the volunteer has already driven this month (convex: who has driven
little comes first), points to check. The approach and the empty return count in km, money and CO2,
all of it charged to the trip: it would not exist without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matching.benevolat.benevoles import sur_le_benevole, sur_le_mois
from matching.benevolat.service import Etape, Routes, etape_de, journee_engagee, ordre
from matching.benevolat.tournee import Liaison, depart, entre_deux, libre, penalite_equite, retour
from matching.contexte import Contexte
from mobilite.besoin import Jour, Minute
from mobilite.parametres import Parametres
from mobilite.transport_solidaire import BenevoleConnu, CourseAFaire
from mobilite.verdict import Manque, Motif, Verdict, tous

CRITERES = ("vide", "attente", "equite", "doute")
_LIBELLES = {
    "vide": "Kilomètres sans elle",
    "attente": "Attente du bénévole",
    "equite": "Partage des kilomètres du mois",
    "doute": "Points à vérifier",
}
_UNITES = {"vide": "km", "attente": "min", "equite": "km ce mois-là", "doute": ""}
_RANGS = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}


@dataclass(frozen=True, slots=True)
class Terme:
    """What one named criterion adds to the count, and the value it was computed from."""

    critere: str
    valeur: float
    points: float

    @property
    def libelle(self) -> str:
        """The criterion in French."""
        return _LIBELLES[self.critere]

    @property
    def en_texte(self) -> str:
        """The value with its unit."""
        return f"{self.valeur:.0f} {_UNITES[self.critere]}".strip()


@dataclass(frozen=True, slots=True)
class Proposition:
    """One volunteer for one trip. ``motifs`` empty: nothing stands in the way.

    ``etape`` is the trip on the clock, ``part_a`` when she leaves home (or her trip before). The km are
    those it adds to her day; ``km_vide``, those without the passenger, is negative when the trip spares
    more empty km than it makes. ``participation_max`` in euros. ``None``: nobody can tell.
    """

    benevole: BenevoleConnu
    course: CourseAFaire
    motifs: tuple[Motif, ...]
    termes: tuple[Terme, ...]
    etape: Etape | None = None
    part_a: Minute | None = None
    km_min: float | None = None
    km_max: float | None = None
    km_vide: float | None = None
    co2_kg: float | None = None
    participation_max: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether she can, as far as anybody has said."""
        return tous(motif.verdict for motif in self.motifs)

    @property
    def points(self) -> float:
        """The count: the fewer the better."""
        return sum(terme.points for terme in self.termes)

    @property
    def km(self) -> float | None:
        """All the km, the middle of their range."""
        return None if self.km_min is None or self.km_max is None else (self.km_min + self.km_max) / 2

    @property
    def decisif(self) -> Motif:
        """The motif to read first."""
        ordonnes = sorted(self.motifs, key=lambda motif: -_RANGS[motif.verdict])
        return ordonnes[0] if ordonnes else Motif("benevole", Verdict.OUI, "Libre, et sa voiture convient.")

    @property
    def manques(self) -> tuple[Manque, ...]:
        """What would settle the doubts, each once."""
        return tuple(dict.fromkeys(manque for motif in self.motifs for manque in motif.manques))


def classer(
    course: CourseAFaire, benevoles: Sequence[BenevoleConnu], contexte: Contexte
) -> tuple[Proposition, ...]:
    """Every volunteer for one trip, the sure ones first, then by points; those who cannot come last."""
    routes = Routes(contexte.accessibilite, benevoles, (course,))
    juges = (juger(course, benevole, routes, contexte.parametres) for benevole in benevoles)
    return tuple(sorted(juges, key=_rang))


def _rang(proposition: Proposition) -> tuple[int, float, str]:
    return _RANGS[proposition.verdict], round(proposition.points, 6), proposition.benevole.id


def juger(course: CourseAFaire, benevole: BenevoleConnu, routes: Routes, p: Parametres) -> Proposition:
    """One volunteer for one trip, among what she already has that day."""
    motifs = list(sur_le_benevole(benevole, course, p))
    etape = etape_de(course, routes, p)
    if etape is None:
        manque = Manque("le temps de route", "l'association")
        motifs.append(Motif("temps", Verdict.A_VERIFIER, "Le temps de route n'est pas connu ici.", (manque,)))
        return Proposition(benevole, course, tuple(motifs), _termes(benevole, etape, motifs, (), (), p))
    nouvelles, quittees = insertion(benevole, etape, routes, p)
    motifs += [m for m in (pendant(benevole, etape),) if m is not None]
    motifs += [m for liaison in nouvelles for m in liaison.motifs]
    # What is spared is a range too: the least added spares the most.
    km_min = etape.km_min + sum(n.km_min for n in nouvelles) - sum(q.km_max for q in quittees)
    km_max = etape.km_max + sum(n.km_max for n in nouvelles) - sum(q.km_min for q in quittees)
    du_mois = sur_le_mois(benevole, course.jour, km_min, km_max)
    motifs += [du_mois] if du_mois is not None else []
    km = (km_min + km_max) / 2
    return Proposition(
        benevole=benevole,
        course=course,
        motifs=tuple(dict.fromkeys(motifs)),
        termes=_termes(benevole, etape, motifs, nouvelles, quittees, p),
        etape=etape,
        part_a=round(etape.debut - nouvelles[0].minutes),
        km_min=km_min,
        km_max=km_max,
        km_vide=km - etape.km,
        co2_kg=km * p["co2.voiture_vehicule_km"],
        participation_max=max(km, etape.km) * p["tus.participation_km"],
    )


def insertion(
    benevole: BenevoleConnu, etape: Etape, routes: Routes, p: Parametres
) -> tuple[tuple[Liaison, ...], tuple[Liaison, ...]]:
    """The two empty legs the trip adds to her day, and the one it spares (or none)."""
    autres = journee_engagee(benevole, etape.jour)
    avant = [e for e in autres if ordre(e) <= ordre(etape)]
    apres = autres[len(avant) :]
    gauche = entre_deux(benevole, avant[-1], etape, routes, p) if avant else depart(benevole, etape, routes)
    droite = entre_deux(benevole, etape, apres[0], routes, p) if apres else retour(benevole, etape, routes)
    if avant and apres:
        quittee = entre_deux(benevole, avant[-1], apres[0], routes, p)
    elif avant:
        quittee = retour(benevole, avant[-1], routes)
    elif apres:
        quittee = depart(benevole, apres[0], routes)
    else:
        return (gauche, droite), ()
    return (gauche, droite), (quittee,)


def pendant(benevole: BenevoleConnu, etape: Etape) -> Motif | None:
    """Whether she is free during the trip itself; ``None`` when she surely is."""
    return libre(benevole, Jour.de(etape.jour), (etape.debut, etape.fin), (etape.debut_tard, etape.fin_tot))


def _termes(
    benevole: BenevoleConnu,
    etape: Etape | None,
    motifs: Sequence[Motif],
    nouvelles: Sequence[Liaison],
    quittees: Sequence[Liaison],
    p: Parametres,
) -> tuple[Terme, ...]:
    vide = sum(n.km for n in nouvelles) - sum(q.km for q in quittees)
    attente = (etape.attente if etape else 0.0) + sum(n.attente for n in nouvelles)
    attente -= sum(q.attente for q in quittees)
    doutes = sum(motif.verdict is Verdict.A_VERIFIER for motif in motifs)
    deja = benevole.km_en(etape.jour) if etape else 0.0
    apres = deja + vide + (etape.km if etape else 0.0)
    return (
        Terme("vide", vide, p["solidaire.poids_vide_km"] * vide),
        Terme("attente", attente, p["solidaire.poids_attente_min"] * attente),
        Terme("equite", deja, penalite_equite(apres, p) - penalite_equite(deja, p)),
        Terme("doute", doutes, p["solidaire.poids_doute"] * doutes),
    )
