"""Carpool: is it still sharing the cost of a trip, or already paid transport?

Code des transports, L3132-1 and R3132-1 to R3132-4 (décret 2020-678): the driver makes the trip on his
own account and the passengers pay nothing but a part of its costs: depreciation, repairs, tyres,
fuel and insurance (the fiscal scale of kilometres may be used), tolls, parking. What a passenger gives
is free to choose under that; an allocation of the mobility authority counts with what they give. Code
des assurances, L211-1: the compulsory insurance covers the passengers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from mobilite.candidate import Prix
from mobilite.droit.montant import en_euros, en_km
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict

_REGLE = "droit.partage_frais"
PUISSANCES = (3, 4, 5, 6, 7)
"""Fiscal horsepower of the scale; the last one stands for seven and more, the first for three and less."""

_TRANCHES = (5_000, 20_000)
_CHANGER = "Baisser ce qui est demandé ; ou une association de transport solidaire, un taxi, un VTC."


@dataclass(frozen=True, slots=True)
class Voiture:
    """The driver's car; ``None`` where nobody has said. ``km_an``: what it runs in a year."""

    puissance: int | None = None
    electrique: bool | None = None
    km_an: float | None = None


@dataclass(frozen=True, slots=True)
class Partage:
    """One trip and its money, in euros. ``parts``: what each passenger gives.

    ``pour_lui``: the driver would make this trip anyway; ``assure``: his contract covers it.
    """

    km: float
    parts: tuple[float, ...]
    peages: float = 0
    parking: float = 0
    allocation: float = 0
    voiture: Voiture = Voiture()
    pour_lui: bool | None = None
    assure: bool | None = None

    @property
    def recu(self) -> float:
        """Everything the driver gets for the trip."""
        return sum(self.parts) + self.allocation


def cout_km(voiture: Voiture, p: Parametres) -> tuple[float, float]:
    """The least and the most euros a kilometre may cost, given what is known of the car."""
    puissances = PUISSANCES if voiture.puissance is None else (min(max(voiture.puissance, 3), 7),)
    prix = [montant for cv in puissances for montant in _par_km(cv, voiture.km_an, p)]
    majoration = p["bareme.electrique"]
    bas = min(prix) * (majoration if voiture.electrique else 1)
    haut = max(prix) * (1 if voiture.electrique is False else majoration)
    return bas, haut


def _par_km(cv: int, km_an: float | None, p: Parametres) -> tuple[float, ...]:
    """The scale for one car: its bracket, or the two ends of the scale when the distance is unknown."""
    court, long = p[f"bareme.{cv}cv_5000"], p[f"bareme.{cv}cv_plus"]
    if km_an is None:
        return court, long
    if km_an <= _TRANCHES[0]:
        return (court,)
    if km_an > _TRANCHES[1]:
        return (long,)
    return (p[f"bareme.{cv}cv_20000"] + p[f"bareme.{cv}cv_20000_fixe"] / km_an,)


def partage_permis(partage: Partage, p: Parametres) -> Motif:
    """Whether the trip is a carpool in law; what is not said and would decide is À VÉRIFIER."""
    if partage.pour_lui is False:
        return _non(
            "Le conducteur ne ferait pas ce trajet sans le passager : ce n'est pas un covoiturage.",
            "Une association de transport solidaire, un taxi ou un VTC.",
        )
    frais = partage.peages + partage.parking
    bas, haut = (par_km * partage.km + frais for par_km in cout_km(partage.voiture, p))
    if _depasse(partage.recu, haut):
        return _non(
            f"{en_euros(partage.recu)} pour {en_km(partage.km)} km dépasse le coût du trajet "
            f"({en_euros(haut)} au plus) : ce serait un transport payant.",
            _CHANGER,
        )
    manques = []
    if _depasse(partage.recu, bas):
        manques.append(Manque("la puissance de la voiture et ses kilomètres par an", "le conducteur"))
    if partage.pour_lui is None:
        manques.append(Manque("si le conducteur ferait ce trajet de toute façon", "le conducteur"))
    if partage.assure is not True:
        manques.append(Manque("si son assurance couvre le covoiturage", "le conducteur"))
    if partage.assure is False:
        return Motif(
            _REGLE, Verdict.A_VERIFIER, "L'assurance du conducteur est à voir avant.", tuple(manques)
        )
    if manques:
        return Motif(_REGLE, Verdict.A_VERIFIER, "Le partage des frais reste à vérifier.", tuple(manques))
    if partage.recu == 0:
        return _oui("Le trajet est gratuit : c'est un covoiturage.")
    return _oui(f"{en_euros(partage.recu)} ne dépasse pas le coût du trajet ({en_euros(bas)}).")


def prix_permis(prix: Prix, places: int | None, p: Parametres) -> Motif:
    """Whether the price of an offer of carpool can be a share of the costs.

    ``places``: passengers it can carry. The car is not known: the widest scale decides a refusal.
    """
    bas, haut = cout_km(Voiture(), p)
    if prix.km is not None and prix.km > haut:
        return _non(
            f"Un covoiturage partage les frais : {en_euros(prix.km)} par kilomètre dépasse le coût de toute "
            f"voiture ({en_euros(haut)}).",
            f"Demander {en_euros(bas)} par kilomètre au plus, tous passagers ensemble.",
        )
    if prix.km:
        if prix.km * (places or 8) <= bas:
            return _oui(
                f"{en_euros(prix.km)} par kilomètre et par passager ne dépasse pas le coût du trajet."
            )
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            f"{en_euros(prix.km)} par kilomètre et par passager peut dépasser le coût du trajet, selon la "
            "voiture et le nombre de passagers.",
            (Manque("la puissance de la voiture et le nombre de passagers payants", "le conducteur"),),
        )
    if prix.trajet:
        des = ceil(prix.trajet / bas * 10) / 10
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            f"{en_euros(prix.trajet)} le trajet n'est un partage des frais, pour toute voiture, qu'à partir de "
            f"{en_km(des)} km, et tous passagers ensemble.",
            (Manque("la longueur du trajet", "le conducteur"),),
        )
    if any((prix.jour, prix.semaine, prix.mois, prix.forfait)):
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            "Un covoiturage partage les frais d'un trajet : un prix au jour, au mois ou au forfait est à justifier.",
            (Manque("que le total ne dépasse pas le coût des trajets", "le conducteur"),),
        )
    return _oui("Rien n'est demandé pour le trajet.")


def _depasse(recu: float, cout: float) -> bool:
    """Compared in whole cents: a cent of rounding is no paid transport."""
    return round(recu * 100) > ceil(round(cout * 100, 4))


def _oui(phrase: str) -> Motif:
    return Motif(_REGLE, Verdict.OUI, phrase)


def _non(phrase: str, changerait: str) -> Motif:
    return Motif(_REGLE, Verdict.NON, phrase, changerait=changerait)
