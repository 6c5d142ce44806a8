"""A volunteer's day: the empty legs between her trips, what they cost, and whether there is time for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matching.benevolat.service import MINUTES_DU_JOUR, Etape, Routes
from mobilite.besoin import Jour, Minute, Plage, en_heure
from mobilite.lieux import Trajet
from mobilite.parametres import Parametres
from mobilite.transport_solidaire import BenevoleConnu
from mobilite.verdict import Manque, Motif, Verdict

_INCONNU = Motif(
    "temps",
    Verdict.A_VERIFIER,
    "Le temps de route n'est pas connu ici.",
    (Manque("le temps de route", "le bénévole"),),
)


@dataclass(frozen=True, slots=True)
class Liaison:
    """The empty leg before, between or after trips; ``motifs`` say what is not sure or not possible."""

    motifs: tuple[Motif, ...] = ()
    km_min: float = 0.0
    km_max: float = 0.0
    attente: float = 0.0
    minutes: float = 0.0

    @property
    def km(self) -> float:
        """The empty km, the middle of their range."""
        return (self.km_min + self.km_max) / 2

    @property
    def impossible(self) -> bool:
        """Whether there is surely no time for it."""
        return any(motif.verdict is Verdict.NON for motif in self.motifs)

    @property
    def doutes(self) -> int:
        """How many points are to be checked."""
        return sum(motif.verdict is Verdict.A_VERIFIER for motif in self.motifs)

    def points(self, p: Parametres) -> float:
        """What it costs in the ranking: empty km, waiting, doubts."""
        return (
            p["solidaire.poids_vide_km"] * self.km
            + p["solidaire.poids_attente_min"] * self.attente
            + p["solidaire.poids_doute"] * self.doutes
        )


def heures_libres(benevole: BenevoleConnu, jour: Jour) -> list[tuple[Minute, Minute]] | None:
    """When she is free that day: windows that touch are one; ``None`` when nobody has said."""
    if benevole.plages is None:
        return None
    bandes = sorted(_bornes(plage) for plage in benevole.plages if jour in plage.jours)
    libres: list[tuple[Minute, Minute]] = []
    for de, a in bandes:
        if libres and de <= libres[-1][1]:
            libres[-1] = (libres[-1][0], max(libres[-1][1], a))
        else:
            libres.append((de, a))
    return libres


def _bornes(plage: Plage) -> tuple[Minute, Minute]:
    """An end before the start is the next day: as far as this day goes."""
    return plage.de, plage.a if plage.a > plage.de else MINUTES_DU_JOUR


def libre(
    benevole: BenevoleConnu, jour: Jour, large: tuple[float, float], serre: tuple[float, float]
) -> Motif | None:
    """Whether she is free from ``large[0]`` to ``large[1]``; ``serre`` is the least it can take.

    ``None`` when she surely is.
    """
    libres = heures_libres(benevole, jour)
    if libres is None:
        return Motif(
            "benevole.disponibilite",
            Verdict.A_VERIFIER,
            "Ses jours et ses heures ne sont pas notés.",
            (Manque("ses jours et ses heures", "le bénévole"),),
        )
    if _tient(libres, large):
        return None
    quand = f"Il faut être libre le {jour.libelle} de {_heure(large[0])} à {_heure(large[1])}"
    dites = ", ".join(f"{en_heure(de)}–{en_heure(a)}" for de, a in libres) or "pas libre ce jour-là"
    if _tient(libres, serre):
        return Motif(
            "benevole.disponibilite",
            Verdict.A_VERIFIER,
            f"{quand} au plus large ; noté : {dites}.",
            (Manque("si ses heures suffisent", "le bénévole"),),
        )
    return Motif(
        "benevole.disponibilite",
        Verdict.NON,
        f"{quand} ; noté : {dites}.",
        changerait="Une autre heure de rendez-vous, ou son accord pour cette fois.",
    )


def _tient(libres: Sequence[tuple[Minute, Minute]], intervalle: tuple[float, float]) -> bool:
    return any(de <= intervalle[0] and intervalle[1] <= a for de, a in libres)


def _heure(minute: float) -> str:
    """« 7 h 05 »; before midnight or after, the day is said."""
    entiere = round(minute)
    if entiere < 0:
        return f"{en_heure(entiere)} la veille"
    return f"{en_heure(entiere)} le lendemain" if entiere >= MINUTES_DU_JOUR else en_heure(entiere)


def depart(benevole: BenevoleConnu, etape: Etape, routes: Routes) -> Liaison:
    """From home to the first pick-up."""
    trajet = routes.entre(benevole.domicile, etape.de)
    if trajet is None:
        return Liaison((_INCONNU,))
    motif = _libre_en_route(
        benevole,
        Jour.de(etape.jour),
        (etape.debut - trajet.duree.max, etape.debut),
        (etape.debut_tard - trajet.duree.min, etape.debut_tard),
    )
    return _liaison(trajet, motif)


def retour(benevole: BenevoleConnu, etape: Etape, routes: Routes) -> Liaison:
    """From the last drop-off back home."""
    trajet = routes.entre(etape.a, benevole.domicile)
    if trajet is None:
        return Liaison((_INCONNU,))
    motif = _libre_en_route(
        benevole,
        Jour.de(etape.jour),
        (etape.fin, etape.fin + trajet.duree.max),
        (etape.fin_tot, etape.fin_tot + trajet.duree.min),
    )
    return _liaison(trajet, motif)


def _libre_en_route(
    benevole: BenevoleConnu, jour: Jour, large: tuple[float, float], serre: tuple[float, float]
) -> Motif | None:
    """The same as ``libre``; hours nobody noted are said once, of the trip itself."""
    return None if benevole.plages is None else libre(benevole, jour, large, serre)


def _liaison(trajet: Trajet, motif: Motif | None) -> Liaison:
    motifs = () if motif is None else (motif,)
    return Liaison(motifs, trajet.km_min, trajet.km_max, minutes=_milieu(trajet))


def entre_deux(benevole: BenevoleConnu, avant: Etape, apres: Etape, routes: Routes, p: Parametres) -> Liaison:
    """From a drop-off to the next pick-up: home in between when there is time to stay, else straight on."""
    large, serre = apres.debut - avant.fin, apres.debut_tard - avant.fin_tot
    vers, depuis = routes.entre(avant.a, benevole.domicile), routes.entre(benevole.domicile, apres.de)
    if (
        vers is not None
        and depuis is not None
        and large >= vers.duree.max + depuis.duree.max + p["solidaire.rentrer_si_min"]
    ):
        aller, revenir = retour(benevole, avant, routes), depart(benevole, apres, routes)
        return Liaison(
            aller.motifs + revenir.motifs,
            aller.km_min + revenir.km_min,
            aller.km_max + revenir.km_max,
            minutes=aller.minutes + revenir.minutes,
        )
    trajet = routes.entre(avant.a, apres.de)
    if trajet is None:
        return Liaison((_INCONNU,))
    motifs = [m for m in (_le_temps_d_y_aller(trajet, large, serre),) if m is not None]
    if large > 0:
        libre_entre = _libre_en_route(benevole, Jour.de(avant.jour), *2 * ((avant.fin, apres.debut),))
        motifs += [libre_entre] if libre_entre is not None else []
    attente = max(0.0, (large + serre) / 2 - _milieu(trajet))
    return Liaison(tuple(motifs), trajet.km_min, trajet.km_max, attente, _milieu(trajet))


def _le_temps_d_y_aller(trajet: Trajet, large: Minute, serre: Minute) -> Motif | None:
    if large >= trajet.duree.max:
        return None
    if serre < trajet.duree.min:
        return Motif(
            "benevole.engagement",
            Verdict.NON,
            "Un autre trajet le même jour : pas le temps d'aller de l'un à l'autre.",
            changerait="Décaler l'un des deux trajets.",
        )
    return Motif(
        "benevole.engagement",
        Verdict.A_VERIFIER,
        f"Un autre trajet le même jour : {trajet.duree.en_texte()} de route entre les deux, c'est serré.",
        (Manque("s'il y a le temps entre ses deux trajets", "le bénévole"),),
    )


def _milieu(trajet: Trajet) -> float:
    return (trajet.duree.min + trajet.duree.max) / 2


def liaisons(
    benevole: BenevoleConnu, etapes: Sequence[Etape], routes: Routes, p: Parametres
) -> tuple[Liaison, ...]:
    """The empty legs of one day: from home, between the trips in order, back home. None without trips."""
    if not etapes:
        return ()
    entre = (entre_deux(benevole, avant, apres, routes, p) for avant, apres in pairwise(etapes))
    return depart(benevole, etapes[0], routes), *entre, retour(benevole, etapes[-1], routes)


def penalite_equite(km: float, p: Parametres) -> float:
    """What ``km`` in a month weigh: nothing in the first bracket, then more at each bracket (convex)."""
    tranche, poids = p["solidaire.equite_tranche_km"], p["solidaire.poids_equite"]
    pleines, reste = divmod(max(0.0, km), tranche)
    return poids * (tranche * pleines * (pleines - 1) / 2 + pleines * reste)
