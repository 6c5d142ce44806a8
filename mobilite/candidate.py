"""An offer as the engine sees it: a frozen value, read by ``mobilite.lecteur_offres`` (``docs/offre.md``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mobilite.besoin import Jour, Minute, Plage
from mobilite.conditions import SANS_CONDITION, Condition
from mobilite.lieux import Lieu


class Genre(StrEnum):
    """What kind of solution an offer is."""

    LOCATION_VOITURE = "location_voiture"
    LOCATION_VOITURETTE = "location_voiturette"
    LOCATION_SCOOTER = "location_scooter"
    LOCATION_VAE = "location_vae"
    LOCATION_VELO = "location_velo"
    AUTOPARTAGE = "autopartage"
    VENTE = "vente"
    GARAGE_SOLIDAIRE = "garage_solidaire"
    TRANSPORT_SOLIDAIRE = "transport_solidaire"
    COVOITURAGE = "covoiturage"
    AUTO_STOP = "auto_stop"
    TRANSPORT_A_LA_DEMANDE = "transport_a_la_demande"
    CAR_REGULIER = "car_regulier"
    NAVETTE_EMPLOYEUR = "navette_employeur"
    TRANSPORT_MEDICAL = "transport_medical"
    AUTO_ECOLE_SOCIALE = "auto_ecole_sociale"
    CODE_FLE = "code_fle"
    ATELIER = "atelier"
    AIDE_FINANCIERE = "aide_financiere"
    MICROCREDIT = "microcredit"
    ACCOMPAGNEMENT = "accompagnement"
    LOGEMENT = "logement"

    @property
    def libelle(self) -> str:
        """The kind in French."""
        return _LIBELLES[self]

    @property
    def transporte(self) -> bool:
        """Whether this offer makes the trip by itself (else it helps: an aid, a lesson, a repair)."""
        return self in _TRANSPORTENT

    @property
    def conduite(self) -> bool:
        """Whether the person herself drives or rides."""
        return self in _CONDUITE

    @property
    def durable(self) -> bool:
        """Whether it builds autonomy for good; the others get somebody out of trouble now."""
        return self in _DURABLES


_LIBELLES = {
    Genre.LOCATION_VOITURE: "Location de voiture",
    Genre.LOCATION_VOITURETTE: "Location de voiturette",
    Genre.LOCATION_SCOOTER: "Location de scooter",
    Genre.LOCATION_VAE: "Location de vélo électrique",
    Genre.LOCATION_VELO: "Location de vélo",
    Genre.AUTOPARTAGE: "Autopartage",
    Genre.VENTE: "Vente de véhicule",
    Genre.GARAGE_SOLIDAIRE: "Garage solidaire",
    Genre.TRANSPORT_SOLIDAIRE: "Transport solidaire bénévole",
    Genre.COVOITURAGE: "Covoiturage",
    Genre.AUTO_STOP: "Auto-stop organisé",
    Genre.TRANSPORT_A_LA_DEMANDE: "Transport à la demande",
    Genre.CAR_REGULIER: "Car régulier",
    Genre.NAVETTE_EMPLOYEUR: "Navette de l'employeur",
    Genre.TRANSPORT_MEDICAL: "Transport médical prescrit",
    Genre.AUTO_ECOLE_SOCIALE: "Auto-école sociale",
    Genre.CODE_FLE: "Code de la route et français",
    Genre.ATELIER: "Atelier savoir-bouger",
    Genre.AIDE_FINANCIERE: "Aide financière",
    Genre.MICROCREDIT: "Microcrédit",
    Genre.ACCOMPAGNEMENT: "Accompagnement",
    Genre.LOGEMENT: "Logement près du travail",
}
_CONDUITE = frozenset(
    {
        Genre.LOCATION_VOITURE,
        Genre.LOCATION_VOITURETTE,
        Genre.LOCATION_SCOOTER,
        Genre.LOCATION_VAE,
        Genre.LOCATION_VELO,
        Genre.AUTOPARTAGE,
        Genre.VENTE,
    }
)
_TRANSPORTENT = _CONDUITE | {
    Genre.TRANSPORT_SOLIDAIRE,
    Genre.COVOITURAGE,
    Genre.AUTO_STOP,
    Genre.TRANSPORT_A_LA_DEMANDE,
    Genre.CAR_REGULIER,
    Genre.NAVETTE_EMPLOYEUR,
    Genre.TRANSPORT_MEDICAL,
}
_DURABLES = frozenset(
    {
        Genre.VENTE,
        Genre.GARAGE_SOLIDAIRE,
        Genre.CAR_REGULIER,
        Genre.AUTO_ECOLE_SOCIALE,
        Genre.CODE_FLE,
        Genre.ATELIER,
        Genre.AIDE_FINANCIERE,
        Genre.MICROCREDIT,
        Genre.ACCOMPAGNEMENT,
        Genre.LOGEMENT,
    }
)


class CategorieVehicule(StrEnum):
    """What the vehicle is in law: it decides which permit is needed."""

    VOITURE = "voiture"
    VOITURETTE = "voiturette"
    SCOOTER50 = "scooter50"
    SCOOTER125 = "scooter125"
    VAE = "vae"
    VELO = "velo"

    @property
    def libelle(self) -> str:
        """The vehicle in French."""
        return {
            "voiture": "voiture",
            "voiturette": "voiturette",
            "scooter50": "scooter de 50 cm³",
            "scooter125": "scooter de 125 cm³",
            "vae": "vélo électrique",
            "velo": "vélo",
        }[self.value]

    @property
    def moteur(self) -> bool:
        """Whether the law sees a motor vehicle (a VAE is a bicycle)."""
        return self not in (CategorieVehicule.VAE, CategorieVehicule.VELO)


class Boite(StrEnum):
    """The gearbox."""

    MANUELLE = "manuelle"
    AUTOMATIQUE = "automatique"


@dataclass(frozen=True, slots=True)
class VehiculeDecrit:
    """The vehicle of an offer; ``None`` where nobody has said."""

    categorie: CategorieVehicule
    boite: Boite | None = None
    places: int | None = None
    fauteuil: bool | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """One departure of a line: from a commune at an hour, to a commune at an hour, on some days."""

    jours: frozenset[Jour]
    de: str
    depart: Minute
    a: str
    arrivee: Minute


@dataclass(frozen=True, slots=True)
class Prix:
    """What it costs the person, in euros; ``connu=False`` when nobody has said."""

    connu: bool = False
    jour: float | None = None
    semaine: float | None = None
    mois: float | None = None
    km: float | None = None
    trajet: float | None = None
    forfait: float | None = None
    caution: float = 0
    adhesion: float = 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A named human said the place is there, on a day."""

    par: str
    le: date


@dataclass(frozen=True, slots=True)
class Occupation:
    """One vehicle of a live calendar is taken from a day to a day, both included."""

    du: date
    au: date


@dataclass(frozen=True, slots=True)
class CalendrierVivant:
    """A calendar kept here: how many vehicles, and when each one is taken."""

    vehicules: int
    occupations: tuple[Occupation, ...] = ()

    def libres(self, du: date, au: date) -> int:
        """How many vehicles stay free on every day of a period.

        Occupations are not tied to a vehicle, so the worst day decides: exact for a whole fleet
        (interval graphs), never optimistic.
        """
        prises = [o for o in self.occupations if o.du <= au and du <= o.au]
        jours = [max(o.du, du) for o in prises]
        return self.vehicules - max((sum(o.du <= j <= o.au for o in prises) for j in jours), default=0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer, ready to be weighed. ``zone=None``: everywhere; ``horaires=None``: nobody has said."""

    id: str
    nom: str
    genre: Genre
    structure: str
    telephone: str = ""
    description: str = ""
    lieu: Lieu | None = None
    zone: frozenset[str] | None = None
    zone_arrivee: frozenset[str] | None = None
    motifs: frozenset[str] = frozenset()
    conditions: Condition = SANS_CONDITION
    vehicule: VehiculeDecrit | None = None
    horaires: tuple[Plage, ...] | None = None
    permanent: bool = False
    courses: tuple[Course, ...] = ()
    jours_feries: bool | None = None
    preavis_heures: float | None = None
    delai_jours: float | None = None
    duree_max_jours: int | None = None
    km_max_jour: float | None = None
    km_max_trajet: float | None = None
    places: int | None = None
    fauteuil: bool | None = None
    prix: Prix = Prix()
    documents: tuple[str, ...] = ()
    confirmation: Confirmation | None = None
    calendrier: CalendrierVivant | None = None
    verifiee_le: date | None = None
    demonstration: bool = False
    source: str = ""

    @property
    def delai(self) -> timedelta:
        """How long before it can start, as far as anybody has said."""
        return timedelta(days=self.delai_jours or 0, hours=self.preavis_heures or 0)
