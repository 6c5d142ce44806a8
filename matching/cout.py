"""What a solution costs: euros per month, euros to advance today, kilograms of CO2 per month."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan, nan

import numpy as np
import numpy.typing as npt

from matching.catalogue import Catalogue
from matching.temps import categorie, mode_de
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate, CategorieVehicule, Genre, Prix
from mobilite.lieux import Mode, Trajet
from mobilite.parametres import Parametres

_JOURS_DU_MOIS = 30

Nombres = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cout:
    """Money in euros, CO2 in kilograms; ``None`` where nobody can tell. Dates alone: their total."""

    mensuel: float | None
    a_avancer: float | None
    co2_kg: float | None


@dataclass(frozen=True, slots=True)
class Couts:
    """The same for many offers at once; NaN where nobody can tell."""

    mensuel: Nombres
    a_avancer: Nombres
    co2_kg: Nombres


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
    km, par_km = np.array([_kilometres(trajet)]), np.array([kilometre(offre, p)]).T
    couts = chiffrer(lire_tarifs([offre]), par_km, km, rythme_de(besoin, p), sens)
    chiffres = (couts.mensuel, couts.a_avancer, couts.co2_kg)
    return Cout(*(None if isnan(valeurs[0]) else float(valeurs[0]) for valeurs in chiffres))


def couts_du_catalogue(
    catalogue: Catalogue, besoin: Besoin, trajets: Callable[[Mode], Trajet | None], p: Parametres
) -> Couts:
    """The cost of every offer for one need; ``trajets`` gives the trip of the need by a way of moving."""
    moteurs = catalogue.lecture(_lit_la_motorisation)
    par_moteur = [
        (nan, nan, nan) if offre is None else (*kilometre(offre, p), _kilometres(trajets(mode_de(offre))))
        for offre in moteurs.premiers
    ]
    energie, co2, km = np.array(par_moteur)[moteurs.codes].T
    return chiffrer(catalogue.tableau(lire_tarifs), np.stack([energie, co2]), km, rythme_de(besoin, p))


def _lit_la_motorisation(offre: Candidate) -> Hashable:
    return offre.genre, categorie(offre)


def _kilometres(trajet: Trajet | None) -> float:
    """Kilometres of one way, in the middle of the range."""
    return (trajet.km_min + trajet.km_max) / 2 if trajet else nan


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


_TARIFS = ("jour", "semaine", "mois", "trajet", "km")
_PREMIERS = ("jour", "trajet", "semaine", "mois")


def lire_tarifs(offres: Sequence[Candidate]) -> Nombres:
    """The price grids: one column an offer; rates first, then flat amounts, then what kind of price it is."""
    return np.array([_grille(offre) for offre in offres], np.float64).reshape(len(offres), len(_TARIFS) + 5).T


def _grille(offre: Candidate) -> tuple[float | None, ...]:
    prix = offre.prix
    premiers = (getattr(prix, nom) for nom in _PREMIERS)
    return (
        *(getattr(prix, nom) for nom in _TARIFS),
        prix.caution + prix.adhesion + (prix.forfait or 0),
        next((montant for montant in premiers if montant is not None), 0.0),
        prix.connu,
        offre.genre.conduite,
        offre.genre in (Genre.AUTO_ECOLE_SOCIALE, Genre.GARAGE_SOLIDAIRE),
    )


def chiffrer(tarifs: Nombres, par_km: Nombres, km: Nombres, rythme: Rythme, sens: float = 2) -> Couts:
    """Euros a month, euros to advance, kilograms of CO2: the cheapest way through each price grid.

    ``par_km``: euros of fuel, then kilograms of CO2 a kilometre; ``km``: of one way. A vehicle kept all month is paid
    every day of it. Without any rate: free, or a flat amount shown as money to advance. NaN: unknown.
    """
    km = km * sens
    grilles, (fixe, premier, connu, conduite, une_fois) = tarifs[:5], tarifs[5:]
    totaux = _totaux(grilles, _fois(np.where(conduite, rythme.garde, rythme.jours), rythme, sens, km))
    payes = grilles.copy()
    payes[4] = 0.0  # a price by the kilometre asks for nothing in advance
    prix = totaux.min(axis=0)
    avance = np.where(totaux == prix, payes, np.inf).min(axis=0)
    sans_tarif = np.isinf(prix)
    prix = np.where(sans_tarif, np.where(np.isnan(grilles[4]), 0.0, nan), prix)
    avance = np.where(sans_tarif, 0.0, avance)
    prix, avance = np.where(une_fois, 0.0, prix), np.where(une_fois, premier, avance)  # money to advance
    energie = np.where(par_km[0] == 0, 0.0, par_km[0] * km * rythme.trajets)
    mensuel = arrondir(prix + energie, 100) if rythme.trajets else np.full(len(km), nan)
    co2 = arrondir(par_km[1] * km * rythme.trajets, 10) if rythme.trajets else np.full(len(km), nan)
    return Couts(np.where(connu, mensuel, nan), np.where(connu, arrondir(fixe + avance, 100), nan), co2)


def _fois(gardes: Nombres, rythme: Rythme, sens: float, km: Nombres) -> Nombres:
    """How many times each rate of ``_TARIFS`` is paid, in their order."""
    return np.stack(
        np.broadcast_arrays(gardes, rythme.semaines, rythme.mois, sens * rythme.trajets, km * rythme.trajets)
    )


def _totaux(grilles: Nombres, fois: Nombres) -> Nombres:
    """What each rate comes to; infinite where there is no such rate, so that it is never the cheapest."""
    return np.where(np.isnan(grilles * fois), np.inf, grilles * fois)


@dataclass(frozen=True, slots=True)
class PrixSejour:
    """What a stay costs by the rate that is the cheapest: ``fois`` times ``unitaire`` euros.

    ``tarif`` is a name of the grid (``"jour"``, ``"semaine"``, ``"mois"``, ``"km"``), empty when free.
    """

    tarif: str
    unitaire: float
    fois: float
    montant: float


def prix_du_sejour(prix: Prix, jours: Sequence[date], km: float | None) -> PrixSejour | None:
    """The price of a vehicle kept on these days, by the rule that ``chiffrer`` follows for a month.

    Flat amounts, membership and deposit are not in it. ``None`` when nobody can tell: no known
    price, only a price by the trip, or a price by the kilometre and nobody has read them.
    """
    if not prix.connu or (prix.km is not None and km is None):
        return None
    if all(getattr(prix, nom) is None for nom in _TARIFS):
        return PrixSejour("", 0.0, 0.0, 0.0)
    grille = np.array([[np.nan if nom == "trajet" else getattr(prix, nom)] for nom in _TARIFS], np.float64)
    dates = sorted(set(jours))
    gardes = np.array([float(len(dates))])
    rythme = Rythme(1, len(dates), len(dates), _entames(dates, 7), _entames(dates, _JOURS_DU_MOIS))
    fois = _fois(gardes, rythme, 1, np.array([nan if km is None else km]))
    totaux = _totaux(grille, fois)[:, 0]
    rang = int(totaux.argmin())
    if np.isinf(totaux[rang]):
        return None
    return PrixSejour(
        _TARIFS[rang], float(grille[rang, 0]), float(fois[rang, 0]), float(arrondir(totaux, 100)[rang])
    )


def arrondir(valeurs: Nombres, unites: int) -> Nombres:
    """To a whole number of hundredths (``unites=100``) or tenths."""
    return np.rint(valeurs * unites) / unites


def kilometre(offre: Candidate, p: Parametres) -> tuple[float, float]:
    """Euros of fuel and kilograms of CO2 a kilometre; NaN for what makes no trip or nobody has measured.

    Vehicle factors are shared by real occupants; a trip made for her is charged whole.
    """
    co2 = _co2_par_km(offre, p) if offre.genre.transporte else None
    return (_energie_par_km(offre, p) if offre.genre.conduite else 0.0), nan if co2 is None else co2


def _energie_par_km(offre: Candidate, p: Parametres) -> float:
    return {
        CategorieVehicule.VOITURE: p["cout.carburant_km"],
        CategorieVehicule.VOITURETTE: p["cout.scooter_km"],
        CategorieVehicule.SCOOTER50: p["cout.scooter_km"],
        CategorieVehicule.SCOOTER125: p["cout.scooter_km"],
    }.get(categorie(offre), 0.0)


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
