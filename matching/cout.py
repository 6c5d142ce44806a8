"""What a solution costs: euros per month, euros to advance today, kilograms of CO2 per month."""

from __future__ import annotations

from dataclasses import dataclass

from matching.temps import categorie, par_semaine
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate, CategorieVehicule, Genre, Prix
from mobilite.lieux import Trajet
from mobilite.parametres import Parametres

_JOURS_DU_MOIS = 30


@dataclass(frozen=True, slots=True)
class Cout:
    """Money in euros, CO2 in kilograms; ``None`` where nobody can tell. Dates alone: their total."""

    mensuel: float | None
    a_avancer: float | None
    co2_kg: float | None


def cout_de(offre: Candidate, besoin: Besoin, trajet: Trajet | None, p: Parametres) -> Cout:
    """The cost of one offer for one need, fuel included when the person drives."""
    jours = jours_par_mois(besoin, p)
    km = (trajet.km_min + trajet.km_max) / 2 * 2 if trajet else None
    prix = _prix_mensuel(offre, jours, km, _regulier(besoin), p)
    energie = _energie(offre, jours, km, p)
    mensuel = None if prix is None or energie is None else round(prix + energie, 2)
    return Cout(mensuel, _a_avancer(offre.prix), _co2(offre, jours, km, p))


def jours_par_mois(besoin: Besoin, p: Parametres) -> float:
    """Days of travel in a month; a need made of dates counts its dates."""
    jours = par_semaine(besoin)
    return jours * p["trajet.semaines_par_mois"] if _regulier(besoin) else jours


def _regulier(besoin: Besoin) -> bool:
    return any(p.semaine is not None for p in besoin.passages)


def _prix_mensuel(
    offre: Candidate, jours: float, km: float | None, regulier: bool, p: Parametres
) -> float | None:
    """The cheapest way through the price grid. A vehicle kept all month is paid every day of it."""
    prix = offre.prix
    if not prix.connu or not jours:
        return None
    if offre.genre in (Genre.VENTE, Genre.AUTO_ECOLE_SOCIALE, Genre.GARAGE_SOLIDAIRE):
        return 0.0  # paid once, shown as money to advance
    garde = _JOURS_DU_MOIS if regulier and offre.genre.conduite else jours
    formules = []
    if prix.mois is not None:
        formules.append(prix.mois)
    if prix.semaine is not None:
        formules.append(prix.semaine * (p["trajet.semaines_par_mois"] if regulier else 1))
    if prix.jour is not None:
        formules.append(prix.jour * garde)
    if prix.trajet is not None:
        formules.append(prix.trajet * 2 * jours)
    if prix.km is not None and km is not None:
        formules.append(prix.km * km * jours)
    if not formules and prix.km is None:
        return 0.0  # free, or a single flat amount shown as money to advance
    return min(formules) if formules else None


def _energie(offre: Candidate, jours: float, km: float | None, p: Parametres) -> float | None:
    if not offre.genre.conduite:
        return 0.0
    par_km = {
        CategorieVehicule.VOITURE: p["cout.carburant_km"],
        CategorieVehicule.VOITURETTE: p["cout.scooter_km"],
        CategorieVehicule.SCOOTER50: p["cout.scooter_km"],
        CategorieVehicule.SCOOTER125: p["cout.scooter_km"],
    }.get(categorie(offre), 0.0)
    if not par_km:
        return 0.0
    return None if km is None else par_km * km * jours


def _a_avancer(prix: Prix) -> float | None:
    """Deposit, membership, and the first payment."""
    if not prix.connu:
        return None
    premier = next(
        (m for m in (prix.forfait, prix.jour, prix.trajet, prix.semaine, prix.mois) if m is not None), 0.0
    )
    return round(prix.caution + prix.adhesion + premier, 2)


def _co2(offre: Candidate, jours: float, km: float | None, p: Parametres) -> float | None:
    """Vehicle factors are shared by real occupants; a trip made for her is charged whole."""
    if km is None or not offre.genre.transporte or not jours:
        return None
    par_km = _co2_par_km(offre, p)
    return None if par_km is None else round(par_km * km * jours, 1)


def _co2_par_km(offre: Candidate, p: Parametres) -> float | None:
    vehicule = p["co2.voiture_vehicule_km"]
    if offre.genre.conduite:
        return {
            CategorieVehicule.VOITURE: vehicule,
            CategorieVehicule.SCOOTER50: p["co2.scooter_personne_km"],
            CategorieVehicule.SCOOTER125: p["co2.scooter_personne_km"],
            CategorieVehicule.VAE: p["co2.vae_personne_km"],
            CategorieVehicule.VELO: p["co2.velo_personne_km"],
        }.get(categorie(offre))
    if offre.genre in (Genre.COVOITURAGE, Genre.AUTO_STOP):
        return vehicule / 2
    if offre.genre in (Genre.CAR_REGULIER, Genre.NAVETTE_EMPLOYEUR):
        return p["co2.autocar_personne_km"]
    return vehicule
