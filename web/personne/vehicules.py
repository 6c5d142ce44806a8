"""What she may ask for: the vehicles that neither the law nor the offer refuses her, and what to bring.

The days asked are hers to choose, so the trip, the hours and the calendar of her needs decide nothing
here: only who she is, against the law and the conditions of the offer. What nobody knows excludes
nothing; it is to be seen with the structure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matching.moteur import proposer
from mobilite.besoin import Situation
from mobilite.candidate import Boite, Candidate, Genre, Prix
from mobilite.document import Champ
from mobilite.flotte import Vehicule
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import Personne
from mobilite.reservation import DUREE_MAX
from mobilite.territoire import vol_oiseau_km
from mobilite.verdict import Motif, Verdict, tous, un_de
from web.affiche import a_apporter, prix_en_mots
from web.calendrier import RegleDesJours, regle_de
from web.propositions import avec_un_besoin, situation_de
from web.referentiel import referentiel

DUREES = (1, 2, 3, 5, 7, 14, 30, 60, 90)
"""The durations of her list, in days; any other may be asked for, up to what the offer lends."""

JOURS_MAX = DUREE_MAX.days - 1
"""The longest stay where the offer says nothing: whole days, and one that the clocks make longer still fits."""

_DUREE_HABITUELLE = 3
_EN_CLAIR = {
    7: "une semaine",
    14: "deux semaines",
    30: "un mois",
    60: "deux mois",
    90: "trois mois",
}

_LOIN_KM = 10_000.0
_SUR_ELLE = frozenset({"droit.permis", "sante", "velo", "motif", "zone", "fauteuil"})
# Read by her on her page, and by her adviser: said to neither.
_A_VOIR = {
    "droit.permis": "Le permis de conduire",
    "sante": "L’avis du médecin pour conduire",
    "velo": "Savoir faire du vélo",
    "condition.sait_faire_velo": "Savoir faire du vélo",
    "motif": "Pour quel trajet",
    "zone": "La commune de départ",
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
    """One offer she may ask for: from ``premier_jour`` on (its notice), for ``jours_max`` days at most."""

    offre: Offre
    quoi: str
    ou: str
    prix: str
    grille: Prix
    sur: bool
    a_voir: tuple[str, ...]
    apporter: tuple[str, ...]
    premier_jour: date
    jours_max: int
    km: float

    @property
    def moteur(self) -> bool:
        """Whether it needs fuel, or a charge that somebody pays."""
        return self.offre.genre not in (Genre.LOCATION_VAE, Genre.LOCATION_VELO)

    def durees(self, choisie: str = "") -> dict[int, str]:
        """The durations of her list and how they are said, with the one that is chosen already."""
        jours = {n for n in DUREES if n <= self.jours_max}
        if (lue := self.lire_duree(choisie)) is not None:
            jours.add(lue)
        return {n: _dire_duree(n) for n in sorted(jours)}

    def lire_duree(self, texte: str) -> int | None:
        """The days behind « 5 », when it may be had for so long."""
        if not re.fullmatch("[0-9]{1,4}", texte):
            return None
        return int(texte) if self.permet(int(texte)) else None

    @property
    def duree_habituelle(self) -> int:
        """What is shown while nobody has chosen."""
        return min(_DUREE_HABITUELLE, self.jours_max)

    def permet(self, jours: int) -> bool:
        """Whether it may be had for so many days at once."""
        return 1 <= jours <= self.jours_max


def vehicules_possibles(
    session: Session,
    personne: Personne,
    le: date,
    offre: Offre | None = None,
    *,
    depart: date | None = None,
    anonyme: bool = False,
) -> list[VehiculePossible]:
    """The offers with vehicles that are not refused to her, the sure ones first, then the nearest.

    She is judged on ``depart``, the day she would leave; without one, on ``le``. ``offre`` looks at that one
    only: the same judgement, before a request is taken. ``anonyme``: the platform judges, for an answer that
    shows nothing of where she leaves from.
    """
    offres = [offre] if offre is not None else list(session.scalars(_offres_avec_vehicules()))
    lecteur = referentiel().lecteur_offres
    candidates = {
        o.code: lecteur.lire(Champ(o.document())) for o in offres if o.statut is StatutOffre.OUVERTE
    }
    motifs = _motifs_sur_elle(
        situation_de(personne, anonyme=anonyme), tuple(candidates.values()), le, depart or le
    )
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
    situation: Situation, candidates: Sequence[Candidate], le: date, depart: date
) -> dict[str, list[list[Motif]]]:
    """For each offer, what the engine says of her, need by need; without a need, of her alone."""
    connu = referentiel()
    situation = avec_un_besoin(situation)
    reponse = proposer(situation, connu.faits(situation, depart), candidates, connu.contexte(le, depart))
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
    return VehiculePossible(
        offre=offre,
        quoi=_quoi(offre, candidate),
        ou=referentiel().nom(candidate.lieu.insee) if candidate.lieu else "",
        prix=prix_en_mots(candidate.prix),
        grille=candidate.prix,
        sur=not doutes,
        a_voir=tuple(dict.fromkeys(_A_VOIR.get(m.regle, _sans_point(m.phrase)) for m in doutes)),
        apporter=a_apporter(candidate),
        premier_jour=le + timedelta(days=max(1, delai_jours)),
        jours_max=min(candidate.duree_max_jours or JOURS_MAX, JOURS_MAX),
        km=_km(personne, candidate),
    )


def _quoi(offre: Offre, candidate: Candidate) -> str:
    """« Voiture automatique »: whoever may drive no other must see which one it is."""
    mot = _MOTS.get(offre.genre, offre.genre.libelle)
    automatique = candidate.vehicule is not None and candidate.vehicule.boite is Boite.AUTOMATIQUE
    return f"{mot} automatique" if automatique and offre.genre is Genre.LOCATION_VOITURE else mot


def _dire_duree(jours: int) -> str:
    nombre = f"{jours} jour{'s' if jours > 1 else ''}"
    return f"{nombre} : {_EN_CLAIR[jours]}" if jours in _EN_CLAIR else nombre


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
