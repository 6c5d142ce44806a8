"""One way of making some trips of a need, ready to be combined: an offer, or a means of hers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from matching.cout import Cout, cout_de
from matching.couverture import couverture
from matching.moyens import MODES_DES_MOYENS, MoyenExamine
from matching.proposition import Proposition
from matching.temps import mode_de
from matching.troncons import Troncon
from matching.voyage import Case, Examen
from mobilite.besoin import Besoin, TypeMoyen
from mobilite.candidate import Candidate, Genre, Prix
from mobilite.lieux import Trajet
from mobilite.verdict import Motif, Verdict, tous

RIEN = Cout(0.0, 0.0, 0.0)
A_LAISSER = frozenset({TypeMoyen.VELO, TypeMoyen.VAE, TypeMoyen.SCOOTER, TypeMoyen.VOITURE})
"""What she takes on the way out must come home with her."""
_COMME = {
    TypeMoyen.VELO: Genre.LOCATION_VELO,
    TypeMoyen.VAE: Genre.LOCATION_VAE,
    TypeMoyen.SCOOTER: Genre.LOCATION_SCOOTER,
    TypeMoyen.VOITURE: Genre.LOCATION_VOITURE,
    TypeMoyen.PASSAGER: Genre.LOCATION_VOITURE,
}
"""What a means of hers costs and emits is what a free loan of the same vehicle would."""


Dire = Callable[[Sequence[Case], str], tuple[Troncon, ...]]
Chiffrer = Callable[[Sequence[Case], Examen], Cout]


@dataclass(frozen=True)
class Solution:
    """A way of making trips. ``cases`` say each trip, access included; ``revient``: what she takes on
    the way out comes back with her. ``compose``: it is a combination by itself (a feeder, then a line).
    """

    cle: tuple[str, ...]
    cases: tuple[Case, ...]
    revient: bool
    dire: Dire
    cout: Chiffrer
    compose: bool = False

    @cached_property
    def allers(self) -> int:
        """The passages whose way out is possible, as a mask."""
        return _masque(self.cases[::2])

    @cached_property
    def retours(self) -> int:
        """The passages whose way back is possible, as a mask."""
        return _masque(self.cases[1::2])

    @property
    def jours(self) -> int:
        """The passages served both ways."""
        return self.allers & self.retours

    @property
    def servis(self) -> int:
        """How many trips it may serve."""
        return self.allers.bit_count() + self.retours.bit_count()

    @cached_property
    def surs(self) -> int:
        """How many trips it surely serves."""
        return sum(case.verdict is Verdict.OUI for case in self.cases)

    @property
    def tout_est_sur(self) -> bool:
        """Whether it needs no other solution."""
        return self.surs == len(self.cases)

    @cached_property
    def minutes(self) -> float:
        """The longest of its trips, unknown last."""
        return max((c.duree.max for c in self.cases if c.duree is not None), default=inf)


def _masque(cases: Sequence[Case]) -> int:
    return sum(1 << rang for rang, case in enumerate(cases) if case.verdict is not Verdict.NON)


def solution_de_l_offre(p: Proposition, examen: Examen) -> Solution | None:
    """An offer that may serve some trip; ``None`` when nothing combined with it would be any better.

    That is when it is refused to her, when it surely serves every trip, or when it serves them all
    and only its access is in doubt: no other solution settles that.
    """
    if p.verdict is not Verdict.A_VERIFIER or not p.cases:
        return None
    if p.acces is not Verdict.OUI and not _partielle(p):
        return None
    acces = motifs_d_acces(p)
    cases = tuple(avec_l_acces(case, acces) for case in p.cases)
    return Solution(
        (p.offre.id,),
        cases,
        p.offre.genre.conduite,
        lambda servies, quand: (troncon(p.offre.id, p.offre.nom, p.offre, quand, servies),),
        lambda servies, ex: cout_de_l_offre(p.offre, servies, ex),
    )


def _partielle(p: Proposition) -> bool:
    """Whether some trips are served and others not: its cover of the need is then in doubt."""
    return any(m.regle == "couverture" and m.verdict is Verdict.A_VERIFIER for m in p.motifs)


def solution_du_moyen(moyen: MoyenExamine, examen: Examen) -> Solution | None:
    """A means of hers that may serve some trip."""
    if all(case.verdict is Verdict.NON for case in moyen.cases):
        return None
    cle = f"moyen.{moyen.type.value}"
    return Solution(
        (cle,),
        moyen.cases,
        moyen.type in A_LAISSER,
        lambda servies, quand: (troncon(cle, moyen.nom, None, quand, servies),),
        lambda servies, ex: cout_du_moyen(moyen.type, servies, ex),
    )


def motifs_d_acces(p: Proposition) -> tuple[Motif, ...]:
    """The reasons about her and the place, without those of the trips."""
    des_trajets = set(couverture(p.cases)) if p.cases else set()
    return tuple(m for m in p.motifs if m not in des_trajets and m.verdict is not Verdict.OUI)


def avec_l_acces(case: Case, acces: Sequence[Motif]) -> Case:
    """The same trip, no surer than the access to what makes it."""
    return replace(case, motifs=(*case.motifs, *acces)) if acces else case


def troncon(cle: str, nom: str, offre: Candidate | None, quand: str, servies: Sequence[Case]) -> Troncon:
    """« À l'aller : Bénévoles de la Woëvre, 20 à 31 min. La place n'est pas confirmée. »"""
    durees = [case.duree for case in servies if case.duree is not None]
    duree = max(durees, key=lambda d: (d.max, d.min), default=None)
    motifs = list(dict.fromkeys(motif for case in servies for motif in case.motifs))
    doute = next((m for m in motifs if m.verdict is Verdict.A_VERIFIER), None)
    debut = f"{quand[:1].upper()}{quand[1:]} : {nom}" if quand else nom
    minutes = f", {duree.en_texte()}" if duree else ""
    raison = f" {doute.phrase}" if doute else ""
    return Troncon(
        cle,
        nom,
        offre,
        quand,
        f"{debut}{minutes}.{raison}",
        tous(case.verdict for case in servies),
        duree,
        tuple(dict.fromkeys(manque for motif in motifs for manque in motif.manques)),
    )


def cout_de_l_offre(offre: Candidate, servies: Sequence[Case], examen: Examen) -> Cout:
    """What an offer costs for these trips only."""
    besoin, sens = pour_ces_trajets(examen.besoin, servies)
    return cout_de(
        offre, besoin, examen.trajet(servies[0].voyage, mode_de(offre)), examen.contexte.parametres, sens
    )


def cout_du_moyen(moyen: TypeMoyen, servies: Sequence[Case], examen: Examen) -> Cout:
    """What a means of hers costs and emits for these trips: fuel, nothing to advance."""
    if moyen is TypeMoyen.MARCHE:
        return RIEN
    prete = Candidate(moyen.value, moyen.value, _COMME[moyen], "", prix=Prix(connu=True))
    besoin, sens = pour_ces_trajets(examen.besoin, servies)
    trajet: Trajet | None = examen.trajet(servies[0].voyage, MODES_DES_MOYENS[moyen])
    return cout_de(prete, besoin, trajet, examen.contexte.parametres, sens)


def pour_ces_trajets(besoin: Besoin, servies: Sequence[Case]) -> tuple[Besoin, float]:
    """The need cut down to the days of these trips, and how many ways a day is made."""
    passages = tuple(dict.fromkeys(case.passage for case in servies))
    return replace(besoin, passages=passages), len(servies) / len(passages)


def cout_total(couts: Sequence[Cout]) -> Cout:
    """The sum; unknown as soon as one part is."""
    return Cout(
        _somme([c.mensuel for c in couts]),
        _somme([c.a_avancer for c in couts]),
        _somme([c.co2_kg for c in couts]),
    )


def _somme(valeurs: Sequence[float | None]) -> float | None:
    connues = [v for v in valeurs if v is not None]
    return round(sum(connues), 2) if len(connues) == len(valeurs) else None
