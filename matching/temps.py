"""Travel times asked once per batch, then read as often as needed."""

from __future__ import annotations

from collections.abc import Iterable

from mobilite.besoin import LieuLibre, Situation
from mobilite.candidate import Candidate, CategorieVehicule, Genre
from mobilite.lieux import Accessibilite, Couple, Lieu, Mode, Trajet

_MODES = {
    CategorieVehicule.VOITURE: Mode.VOITURE,
    CategorieVehicule.SCOOTER125: Mode.VOITURE,
    CategorieVehicule.VOITURETTE: Mode.SCOOTER,
    CategorieVehicule.SCOOTER50: Mode.SCOOTER,
    CategorieVehicule.VAE: Mode.VAE,
    CategorieVehicule.VELO: Mode.VELO,
}
_CATEGORIES = {
    Genre.LOCATION_VOITURETTE: CategorieVehicule.VOITURETTE,
    Genre.LOCATION_SCOOTER: CategorieVehicule.SCOOTER50,
    Genre.LOCATION_VAE: CategorieVehicule.VAE,
    Genre.LOCATION_VELO: CategorieVehicule.VELO,
}


def categorie(offre: Candidate) -> CategorieVehicule:
    """What the person would drive or ride: as the offer says, else as its kind implies."""
    return (
        offre.vehicule.categorie
        if offre.vehicule
        else _CATEGORIES.get(offre.genre, CategorieVehicule.VOITURE)
    )


def mode_de(offre: Candidate) -> Mode:
    """The way of moving whose travel time this offer has."""
    return _MODES[categorie(offre)] if offre.genre.conduite else Mode.VOITURE


class Temps:
    """The trips one situation needs, for every way of moving, asked in one batch per mode."""

    def __init__(self, situation: Situation, accessibilite: Accessibilite) -> None:
        couples = set(_couples(situation))
        self._trajets: dict[Mode, dict[Couple, Trajet]] = {
            mode: dict(accessibilite.trajets(sorted(couples, key=repr), mode)) for mode in Mode
        }

    def entre(self, origine: Lieu | None, destination: Lieu | LieuLibre, mode: Mode) -> Trajet | None:
        """The trip, or ``None`` when nobody can tell."""
        if origine is None or isinstance(destination, LieuLibre):
            return None
        return self._trajets[mode].get((origine, destination))


def _couples(situation: Situation) -> Iterable[Couple]:
    destinations = [b.destination for b in situation.besoins if isinstance(b.destination, Lieu)]
    for depart in situation.departs:
        for destination in destinations:
            yield depart.lieu, destination
            yield destination, depart.lieu
