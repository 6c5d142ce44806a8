"""What she may ask for: the vehicles that neither the law nor the offer refuses her, and what to bring.

The days asked are hers to choose, so the trip, the hours and the calendar of her needs decide nothing
here: only who she is, against the law and the conditions of the offer. What nobody knows excludes
nothing; it is to be seen with the structure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from types import MappingProxyType

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matching.moteur import proposer
from mobilite.besoin import Situation
from mobilite.candidate import Candidate, Genre
from mobilite.document import Champ
from mobilite.flotte import Vehicule
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import Personne
from mobilite.territoire import vol_oiseau_km
from mobilite.verdict import Motif, Verdict, tous, un_de
from web.affiche import a_apporter, prix_en_mots
from web.calendrier import RegleDesJours, regle_de
from web.propositions import avec_un_besoin, situation_de
from web.referentiel import referentiel

DUREES: Mapping[int, str] = MappingProxyType(
    {
        1: "1 jour",
        2: "2 jours",
        3: "3 jours",
        7: "7 jours : une semaine",
        14: "14 jours : deux semaines",
        30: "30 jours : un mois",
    }
)
"""How many days may be asked for, and how they are said."""

_LOIN_KM = 10_000.0
_SUR_ELLE = frozenset({"droit.permis", "sante", "velo", "motif", "zone", "fauteuil"})
_A_VOIR = {
    "droit.permis": "Votre permis",
    "sante": "L’avis de votre médecin pour conduire",
    "velo": "Si vous faites du vélo",
    "condition.sait_faire_velo": "Si vous faites du vélo",
    "motif": "Pour quel trajet vous en avez besoin",
    "zone": "Votre commune",
    "fauteuil": "La place pour un fauteuil roulant",
}
_MOTS = {
    Genre.LOCATION_VOITURE: "Voiture",
    Genre.LOCATION_VOITURETTE: "Voiturette",
    Genre.LOCATION_SCOOTER: "Scooter",
    Genre.LOCATION_VAE: "Vélo électrique",
    Genre.LOCATION_VELO: "Vélo",
    Genre.AUTOPARTAGE: "Voiture partagée",
}


@dataclass(frozen=True, slots=True)
class VehiculePossible:
    """One offer she may ask for. ``premier_jour`` is the first day its notice allows."""

    offre: Offre
    quoi: str
    ou: str
    prix: str
    sur: bool
    a_voir: tuple[str, ...]
    apporter: tuple[str, ...]
    premier_jour: date
    durees: Mapping[int, str]
    km: float


def vehicules_possibles(
    session: Session, personne: Personne, le: date, offre: Offre | None = None, *, anonyme: bool = False
) -> list[VehiculePossible]:
    """The offers with vehicles that are not refused to her, the sure ones first, then the nearest.

    ``offre`` looks at that one only: the same judgement, before a request is taken. ``anonyme``: the
    platform judges, for an answer that shows nothing of where she leaves from.
    """
    offres = [offre] if offre is not None else list(session.scalars(_offres_avec_vehicules()))
    lecteur = referentiel().lecteur_offres
    candidates = {
        o.code: lecteur.lire(Champ(o.document())) for o in offres if o.statut is StatutOffre.OUVERTE
    }
    motifs = _motifs_sur_elle(situation_de(personne, anonyme=anonyme), tuple(candidates.values()), le)
    possibles = []
    for o in offres:
        candidate = candidates.get(o.code)
        if candidate is None or not candidate.genre.conduite:
            continue
        par_besoin = motifs[candidate.id]
        verdict = un_de(tous(m.verdict for m in du_besoin) for du_besoin in par_besoin)
        if verdict is Verdict.NON:
            continue
        retenus = next(ms for ms in par_besoin if tous(m.verdict for m in ms) is verdict)
        possibles.append(_possible(o, candidate, retenus, personne, le))
    return sorted(possibles, key=lambda p: (not p.sur, p.km, p.offre.code))


def regle_des_jours(session: Session, possible: VehiculePossible) -> RegleDesJours:
    """What the fleet asks of the days of a request made now: her notice, its hours, its buffer."""
    return regle_de(session, possible.offre, possible.premier_jour)


def _offres_avec_vehicules() -> Select[Offre]:
    return (
        select(Offre)
        .where(
            Offre.statut == StatutOffre.OUVERTE,
            Offre.id.in_(select(Vehicule.offre_id).where(Vehicule.en_service)),
        )
        .order_by(Offre.code)
    )


def _motifs_sur_elle(
    situation: Situation, candidates: Sequence[Candidate], le: date
) -> dict[str, list[list[Motif]]]:
    """For each offer, what the engine says of her, need by need; without a need, of her alone."""
    connu = referentiel()
    situation = avec_un_besoin(situation)
    reponse = proposer(situation, connu.faits(situation, le), candidates, connu.contexte(le))
    motifs: dict[str, list[list[Motif]]] = {candidate.id: [] for candidate in candidates}
    for examine in reponse.besoins:
        for proposition in examine.propositions:
            motifs[proposition.offre.id].append(
                [m for m in proposition.motifs if m.regle in _SUR_ELLE or m.regle.startswith("condition")]
            )
    return motifs


def _possible(
    offre: Offre, candidate: Candidate, motifs: Sequence[Motif], personne: Personne, le: date
) -> VehiculePossible:
    doutes = [m for m in motifs if m.verdict is Verdict.A_VERIFIER]
    delai_jours = ceil(candidate.delai / timedelta(days=1))
    duree_max = candidate.duree_max_jours or max(DUREES)
    return VehiculePossible(
        offre=offre,
        quoi=_MOTS.get(offre.genre, offre.genre.libelle),
        ou=referentiel().nom(candidate.lieu.insee) if candidate.lieu else "",
        prix=prix_en_mots(candidate.prix),
        sur=not doutes,
        a_voir=tuple(dict.fromkeys(_A_VOIR.get(m.regle, _sans_point(m.phrase)) for m in doutes)),
        apporter=a_apporter(candidate),
        premier_jour=le + timedelta(days=max(1, delai_jours)),
        durees={jours: mots for jours, mots in DUREES.items() if jours <= duree_max},
        km=_km(personne, candidate),
    )


def _sans_point(phrase: str) -> str:
    return phrase.rstrip(". ")


def _km(personne: Personne, candidate: Candidate) -> float:
    """Crow-fly kilometres from her commune to the vehicle: only to show the nearest first."""
    territoire = referentiel().territoire
    insee = personne.departs[0].insee if personne.departs else personne.rattachement
    chez_elle = territoire.commune(insee) if insee else None
    la = territoire.commune(candidate.lieu.insee) if candidate.lieu else None
    if chez_elle is None or la is None:
        return _LOIN_KM
    return vol_oiseau_km(chez_elle.position, la.position)
