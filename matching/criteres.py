"""Two criteria of the ranking that depend on her: the autonomy gained, and how close to what she wants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.cout import Cout
from mobilite.candidate import Candidate, Genre
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Duree

Nombres = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Note:
    """A value between 0 and 1 (``None``: nobody knows) and the sentence that says why."""

    valeur: float | None
    phrase: str


_SUR_RESERVATION = frozenset({Genre.TRANSPORT_A_LA_DEMANDE, Genre.TRANSPORT_MEDICAL})
_A_HEURES_FIXES = frozenset({Genre.CAR_REGULIER, Genre.NAVETTE_EMPLOYEUR})
_PAR_QUELQU_UN = frozenset({Genre.TRANSPORT_SOLIDAIRE, Genre.COVOITURAGE, Genre.AUTO_STOP})
_SON_VEHICULE = frozenset({Genre.VENTE, Genre.GARAGE_SOLIDAIRE, Genre.MICROCREDIT})
_AUTONOMIE = (
    (_SON_VEHICULE, "autonomie.son_vehicule", "Elle aura son propre véhicule."),
    (_A_HEURES_FIXES, "autonomie.ligne", "Elle part seule, aux heures de la ligne."),
    (_SUR_RESERVATION, "autonomie.reservation", "Elle réserve chaque trajet."),
    (_PAR_QUELQU_UN, "autonomie.quelqu_un", "Elle dépend d'une autre personne."),
)


def autonomie(offre: Candidate, p: Parametres) -> Note:
    """How far she goes by herself: her vehicle, a loan, a line, a booking, somebody else."""
    for genres, cle, phrase in _AUTONOMIE:
        if offre.genre in genres:
            return Note(p[cle], phrase)
    if offre.genre.conduite:
        return Note(p["autonomie.vehicule_prete"], "Elle part quand elle veut, le temps du prêt.")
    return Note(p["autonomie.apprendre"], "Elle apprend, ou elle est aidée à s'organiser.")


_ACCORDS = {
    Genre.COVOITURAGE: ("accepte_covoiturage", "monter avec quelqu'un"),
    Genre.AUTO_STOP: ("accepte_covoiturage", "monter avec quelqu'un"),
    Genre.LOCATION_VAE: ("accepte_vae", "essayer le vélo électrique"),
    Genre.LOCATION_VELO: ("sait_faire_velo", "faire du vélo"),
    Genre.CAR_REGULIER: ("accepte_car", "prendre le car"),
    Genre.AUTO_ECOLE_SOCIALE: ("projet_permis", "passer le permis"),
    Genre.CODE_FLE: ("projet_permis", "passer le permis"),
    Genre.LOGEMENT: ("logement_demenager", "se loger plus près"),
}


def souhait(offre: Candidate, duree: Duree | None, cout: Cout, faits: Faits) -> Note:
    """What she said she wants: this way of moving, her minutes, her budget. The mean of what is known."""
    notes: list[float] = []
    phrases: list[str] = []
    accord = accord_dit(offre, faits)
    if accord is not None:
        notes.append(accord)
        phrases.append(f"{'Elle veut bien' if accord else 'Elle ne veut pas'} {_ACCORDS[offre.genre][1]}.")
    for limite, valeur, unite in (
        (faits.get("duree_trajet_max"), duree.max if duree and offre.genre.transporte else None, "min"),
        (faits.get("budget_mois"), cout.mensuel, "€ par mois"),
    ):
        if isinstance(limite, tuple) and valeur is not None:
            tient = valeur <= limite[1]
            notes.append(float(tient))
            phrases.append(f"{'Dans' if tient else 'Au-delà de'} ses {limite[1]:g} {unite}.")
    if not notes:
        return Note(None, "Elle n'a pas encore dit ce qu'elle préfère.")
    return Note(sum(notes) / len(notes), " ".join(phrases))


def accord_dit(offre: Candidate, faits: Faits) -> float | None:
    """1 when she said she wants this way of moving, 0 when she does not, ``None`` when nobody said."""
    fait, _ = _ACCORDS.get(offre.genre, ("", ""))
    accord = faits.get(fait) if fait else None
    return float(accord) if isinstance(accord, bool) else None


def souhaits(accords: Nombres, minutes: Nombres, mensuel: Nombres, faits: Faits) -> Nombres:
    """The values of ``souhait`` for many offers; NaN where nobody knows. ``minutes``: of what makes the trip."""
    notes = [accords]
    for limite, valeurs in ((faits.get("duree_trajet_max"), minutes), (faits.get("budget_mois"), mensuel)):
        if isinstance(limite, tuple):
            notes.append(np.where(np.isnan(valeurs), np.nan, valeurs <= limite[1]))
    connues = np.sum(~np.isnan(notes), axis=0)
    return np.where(connues == 0, np.nan, np.nansum(notes, axis=0) / np.maximum(connues, 1))
