"""What an association may ask for a transport d'utilité sociale, and in which vehicle.

Code des transports, R3133-3 (participation to the costs, under a ceiling per kilometre travelled) and
R3133-2 (nine seats at most); arrêté of 17 October 2019. The texts found do not say whether the
ceiling holds for each passenger or for the trip, nor whether the approach without passenger counts:
what is lawful only under the wider reading is À VÉRIFIER.
"""

from __future__ import annotations

from math import ceil

from mobilite.candidate import Prix
from mobilite.droit.montant import en_euros, en_km
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict

_REGLE = "droit.participation_tus"
_PREFECTURE = "la préfecture"


def participation_permise(
    participation_centimes: int,
    km: float,
    p: Parametres,
    *,
    passagers: int = 1,
    km_approche: float = 0,
) -> Motif:
    """Whether what the passengers paid together for one trip stays under the ceiling.

    ``km``: with the passengers aboard; ``km_approche``: driven for them without them.
    """
    plafond = p["tus.participation_km"]
    euros = participation_centimes / 100
    strict, large = _centimes(km * plafond), _centimes((km + km_approche) * plafond * max(1, passagers))
    if participation_centimes <= strict:
        return Motif(_REGLE, Verdict.OUI, f"{en_euros(euros)} pour {en_km(km)} km : sous le plafond.")
    if participation_centimes > large:
        return Motif(
            _REGLE,
            Verdict.NON,
            f"{en_euros(euros)} pour {en_km(km)} km dépasse {en_euros(plafond)} par kilomètre.",
            changerait=f"Demander {en_euros(strict / 100)} au plus pour ce trajet.",
        )
    quoi = "si le plafond se compte par passager" if passagers > 1 else "si l'approche à vide compte"
    if passagers > 1 and km_approche:
        quoi = "si le plafond se compte par passager, et si l'approche à vide compte"
    return Motif(
        _REGLE,
        Verdict.A_VERIFIER,
        f"{en_euros(euros)} dépasse {en_euros(plafond)} par kilomètre du trajet, tous passagers ensemble.",
        (Manque(quoi, _PREFECTURE),),
    )


def prix_permis(prix: Prix, p: Parametres) -> Motif:
    """Whether the price of an offer of transport solidaire can respect the ceiling per kilometre.

    A price per trip is lawful from a distance on; what is not counted by the kilometre is À VÉRIFIER.
    The membership of the association is no participation to the cost of a trip.
    """
    plafond, portee = p["tus.participation_km"], p["tus.distance_max_km"]
    if prix.km is not None and prix.km > plafond:
        return Motif(
            _REGLE,
            Verdict.NON,
            f"Un transport solidaire ne demande pas plus de {en_euros(plafond)} par kilomètre : "
            f"ici {en_euros(prix.km)}.",
            changerait=f"Demander {en_euros(plafond)} par kilomètre au plus.",
        )
    if prix.trajet is not None and _centimes(prix.trajet) > _centimes(plafond * portee):
        return Motif(
            _REGLE,
            Verdict.NON,
            f"{en_euros(prix.trajet)} le trajet dépasse le plafond même sur {portee:g} km, "
            f"à {en_euros(plafond)} par kilomètre.",
            changerait=f"Demander {en_euros(plafond)} par kilomètre au plus.",
        )
    if prix.trajet:
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            f"{en_euros(prix.trajet)} le trajet ne respecte le plafond de {en_euros(plafond)} par kilomètre "
            f"qu'à partir de {en_km(ceil(prix.trajet / plafond * 10) / 10)} km.",
            (Manque("la longueur du plus court trajet demandé à ce prix", "l'association"),),
        )
    au_forfait = [m for m in (prix.jour, prix.semaine, prix.mois, prix.forfait) if m]
    if au_forfait:
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            "Le plafond se compte par kilomètre parcouru : un prix au jour, au mois ou au forfait est à justifier.",
            (Manque(f"que chaque trajet reste sous {en_euros(plafond)} par kilomètre", "l'association"),),
        )
    return Motif(_REGLE, Verdict.OUI, f"Le prix reste sous {en_euros(plafond)} par kilomètre.")


def vehicule_permis(places: int | None, p: Parametres) -> Motif:
    """Whether the vehicle is small enough; ``places`` counts the driver."""
    au_plus = p["tus.places_max"]
    if places is None:
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            f"Le véhicule ne doit pas dépasser {au_plus:g} places, conducteur compris.",
            (Manque("le nombre de places du véhicule", "l'association"),),
        )
    if places > au_plus:
        return Motif(
            _REGLE,
            Verdict.NON,
            f"{places} places : un transport solidaire n'en a pas plus de {au_plus:g}, conducteur compris.",
            changerait="Prendre un véhicule plus petit, ou un transporteur inscrit au registre.",
        )
    return Motif(_REGLE, Verdict.OUI, f"{places} places, conducteur compris.")


def _centimes(euros: float) -> int:
    """Whole cents, without what floating point adds under a hundredth of a cent."""
    return int(round(euros * 100, 4))
