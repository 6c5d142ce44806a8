"""What a solution costs: euros per month, euros to advance today, kilograms of CO2 per month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from matching.temps import categorie
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


@dataclass(frozen=True, slots=True)
class Rythme:
    """How often she goes: in a month for a regular need, in all for dates.

    ``trajets`` counts goings (there and back is one), ``jours`` the days, ``garde`` the days a
    vehicle is paid for, ``semaines`` and ``mois`` those that are begun.
    """

    trajets: float
    jours: float
    garde: float
    semaines: float
    mois: float


def cout_de(offre: Candidate, besoin: Besoin, trajet: Trajet | None, p: Parametres, sens: float = 2) -> Cout:
    """The cost of one offer for one need, fuel included when the person drives.

    ``sens``: how many ways of a going it makes; fewer than two when another solution makes the rest.
    """
    rythme = rythme_de(besoin, p)
    km = (trajet.km_min + trajet.km_max) / 2 * sens if trajet else None
    prix, premier = _formule(offre, rythme, km, sens)
    energie = _energie(offre, rythme.trajets, km, p)
    mensuel = None if prix is None or energie is None or not rythme.trajets else round(prix + energie, 2)
    return Cout(mensuel, _a_avancer(offre.prix, premier), _co2(offre, rythme.trajets, km, p))


def rythme_de(besoin: Besoin, p: Parametres) -> Rythme:
    """The rhythm of a need, averaged over its cycle; nothing at all while nobody has said the days."""
    dates = sorted(passage.date for passage in besoin.passages if passage.date is not None)
    if dates:
        distincts = len(set(dates))
        return Rythme(len(dates), distincts, distincts, _entames(dates, 7), _entames(dates, _JOURS_DU_MOIS))
    semaines, cycle = p["trajet.semaines_par_mois"], max((x.semaine or 1 for x in besoin.passages), default=1)
    trajets = len(besoin.passages) / cycle * semaines
    jours = len({(x.semaine, x.jour) for x in besoin.passages}) / cycle * semaines
    return Rythme(trajets, jours, _JOURS_DU_MOIS, semaines, 1)


def _entames(dates: Sequence[date], duree: int) -> int:
    """How many periods of so many days it takes to hold sorted dates."""
    nombre, fin = 0, date.min
    for jour in dates:
        if jour >= fin:
            nombre, fin = nombre + 1, jour + timedelta(days=duree)
    return nombre


def _formule(offre: Candidate, rythme: Rythme, km: float | None, sens: float) -> tuple[float | None, float]:
    """The cheapest way through the price grid, and its first payment.

    A vehicle kept all month is paid every day of it.
    """
    prix = offre.prix
    if not prix.connu:
        return None, 0.0
    if offre.genre in (Genre.AUTO_ECOLE_SOCIALE, Genre.GARAGE_SOLIDAIRE):
        premiers = (prix.jour, prix.trajet, prix.semaine, prix.mois)
        return 0.0, next((m for m in premiers if m is not None), 0.0)  # paid once, as money to advance
    formules = [
        (tarif * fois, tarif)
        for tarif, fois in (
            (prix.jour, rythme.garde if offre.genre.conduite else rythme.jours),
            (prix.semaine, rythme.semaines),
            (prix.mois, rythme.mois),
            (prix.trajet, sens * rythme.trajets),
        )
        if tarif is not None
    ]
    if prix.km is not None and km is not None:
        formules.append((prix.km * km * rythme.trajets, 0.0))
    if formules:
        return min(formules)
    # Without any rate: free, or a single flat amount shown as money to advance.
    return (0.0 if prix.km is None else None), 0.0


def _energie(offre: Candidate, trajets: float, km: float | None, p: Parametres) -> float | None:
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
    return None if km is None else par_km * km * trajets


def _a_avancer(prix: Prix, premier: float) -> float | None:
    """Deposit, membership, what is paid once, and the first payment of the way retained."""
    if not prix.connu:
        return None
    return round(prix.caution + prix.adhesion + (prix.forfait or 0) + premier, 2)


def _co2(offre: Candidate, trajets: float, km: float | None, p: Parametres) -> float | None:
    """Vehicle factors are shared by real occupants; a trip made for her is charged whole."""
    if km is None or not offre.genre.transporte or not trajets:
        return None
    par_km = _co2_par_km(offre, p)
    return None if par_km is None else round(par_km * km * trajets, 1)


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
