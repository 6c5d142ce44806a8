"""An offer as the engine sees it: a frozen value, read from the documented format (``docs/offre.md``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mobilite.besoin import Jour, Minute, MotifDeplacement, Plage
from mobilite.conditions import SANS_CONDITION, Condition, lire_condition
from mobilite.document import Champ
from mobilite.lieux import Lieu
from mobilite.situation import lire_plage


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


class LecteurOffres:
    """Reads offer documents against the known communes.

    ``commune(insee)`` follows mergers (``None``: unknown); ``epci(siren)`` and
    ``autour(insee, rayon_km)`` give communes, so that a zone is a plain set once read.
    """

    def __init__(
        self,
        commune: Callable[[str], str | None],
        departement: Callable[[str], frozenset[str]],
        epci: Callable[[str], frozenset[str]],
        autour: Callable[[str, float], frozenset[str]],
    ) -> None:
        self._commune = commune
        self._departement = departement
        self._epci = epci
        self._autour = autour
        self._zones: dict[frozenset[str], frozenset[str]] = {}  # ten thousand offers share a few zones

    def lire_catalogue(self, champ: Champ) -> tuple[Candidate, ...]:
        """A whole catalogue: a list of offers, or an object ``{"offres": [...]}``; ids are unique."""
        if isinstance(champ.valeur, list):
            champ = Champ({"offres": champ.valeur}, champ.chemin, champ.ignores)  # one name for both forms
        liste = champ.objet("offres").get("offres")
        if liste is None:
            champ.refuser("une liste d'offres est attendue (« offres »).")
        offres = tuple(self.lire(element) for element in liste.liste(au_plus=20_000))
        vus: set[str] = set()
        for offre in offres:
            if offre.id in vus:
                liste.refuser(f"deux offres portent le même id « {offre.id} ».")
            vus.add(offre.id)
        return offres

    def lire(self, champ: Champ) -> Candidate:
        """One offer; raises ``DonneeRefusee`` naming the field that does not fit."""
        c = champ.objet(
            "id", "nom", "genre", "structure", "telephone", "description", "lieu", "zone", "zone_arrivee",
            "motifs", "conditions", "vehicule", "horaires", "permanent", "courses", "jours_feries",
            "preavis_heures", "delai_jours", "duree_max_jours", "km_max_jour", "km_max_trajet", "places",
            "fauteuil", "prix", "documents", "confirmation", "calendrier", "verifiee_le", "demonstration",
            "source",
        )  # fmt: skip
        for obligatoire in ("id", "nom", "genre"):
            if obligatoire not in c:
                champ.refuser(f"il manque « {obligatoire} ».")
        structure, telephone = _structure(c)
        return Candidate(
            id=c["id"].texte(80),
            nom=c["nom"].texte(150),
            genre=c["genre"].parmi(Genre),
            structure=structure,
            telephone=telephone,
            description=c["description"].texte(2000) if "description" in c else "",
            lieu=Lieu(self._insee(c["lieu"])) if "lieu" in c else None,
            zone=self._zone(c["zone"]) if "zone" in c else None,
            zone_arrivee=self._zone(c["zone_arrivee"]) if "zone_arrivee" in c else None,
            motifs=frozenset(c["motifs"].plusieurs_parmi(MotifDeplacement)) if "motifs" in c else frozenset(),
            conditions=lire_condition(c["conditions"]) if "conditions" in c else SANS_CONDITION,
            vehicule=_vehicule(c["vehicule"]) if "vehicule" in c else None,
            horaires=tuple(lire_plage(p) for p in c["horaires"].liste(30)) if "horaires" in c else None,
            permanent=c["permanent"].booleen() if "permanent" in c else False,
            courses=tuple(self._course(x) for x in c["courses"].liste(500)) if "courses" in c else (),
            jours_feries=c["jours_feries"].booleen() if "jours_feries" in c else None,
            preavis_heures=c["preavis_heures"].nombre(0, 2000) if "preavis_heures" in c else None,
            delai_jours=c["delai_jours"].nombre(0, 730) if "delai_jours" in c else None,
            duree_max_jours=c["duree_max_jours"].entier(1, 3650) if "duree_max_jours" in c else None,
            km_max_jour=c["km_max_jour"].nombre(1, 2000) if "km_max_jour" in c else None,
            km_max_trajet=c["km_max_trajet"].nombre(1, 2000) if "km_max_trajet" in c else None,
            places=c["places"].entier(0, 100) if "places" in c else None,
            fauteuil=c["fauteuil"].booleen() if "fauteuil" in c else None,
            prix=_prix(c["prix"]) if "prix" in c else Prix(),
            documents=tuple(d.texte() for d in c["documents"].liste(20)) if "documents" in c else (),
            confirmation=_confirmation(c["confirmation"]) if "confirmation" in c else None,
            calendrier=_calendrier(c["calendrier"]) if "calendrier" in c else None,
            verifiee_le=c["verifiee_le"].date() if "verifiee_le" in c else None,
            demonstration=c["demonstration"].booleen() if "demonstration" in c else False,
            source=c["source"].texte(500) if "source" in c else "",
        )

    def _insee(self, champ: Champ) -> str:
        code = champ.texte(10)
        actuel = self._commune(code)
        if actuel is None:
            champ.refuser(f"la commune « {code} » n'est pas connue.")
        return actuel

    def _zone(self, champ: Champ) -> frozenset[str] | None:
        if champ.valeur == "france":
            return None
        if not isinstance(champ.valeur, dict):
            champ.refuser("« france », ou un objet { … } est attendu.")
        c = champ.objet("communes", "epci", "departement", "autour", "rayon_km")
        zone: frozenset[str] = frozenset()
        if "communes" in c:
            zone |= {self._insee(x) for x in c["communes"].liste(1500)}
        if "epci" in c:
            for code in c["epci"].liste(50) if isinstance(c["epci"].valeur, list) else [c["epci"]]:
                communes = self._epci(code.texte(12))
                if not communes:
                    code.refuser("cette intercommunalité n'est pas connue (code SIREN).")
                zone |= communes
        if "departement" in c:
            communes = self._departement(c["departement"].texte(3))
            if not communes:
                c["departement"].refuser("ce département n'est pas connu ici.")
            zone |= communes
        if "autour" in c:
            if "rayon_km" not in c:
                c["autour"].refuser("« autour » demande « rayon_km ».")
            zone |= self._autour(self._insee(c["autour"]), c["rayon_km"].nombre(0, 200))
        if not zone:
            champ.refuser(
                "cette zone est vide : « communes », « epci », « departement », « autour » ou « france »."
            )
        return self._zones.setdefault(zone, zone)

    def _course(self, champ: Champ) -> Course:
        c = champ.objet("jours", "de", "depart", "a", "arrivee")
        for obligatoire in ("de", "depart", "a", "arrivee"):
            if obligatoire not in c:
                champ.refuser(f"une course demande « {obligatoire} ».")
        jours = frozenset(c["jours"].plusieurs_parmi(Jour)) if "jours" in c else frozenset(Jour)
        return Course(
            jours, self._insee(c["de"]), c["depart"].heure(), self._insee(c["a"]), c["arrivee"].heure()
        )


def _structure(c: dict[str, Champ]) -> tuple[str, str]:
    telephone = c["telephone"].texte(30) if "telephone" in c else ""
    if "structure" not in c:
        return "", telephone
    if isinstance(c["structure"].valeur, str):
        return c["structure"].texte(150), telephone
    s = c["structure"].objet("nom", "telephone")
    if "nom" not in s:
        c["structure"].refuser("le nom de la structure manque.")
    return s["nom"].texte(150), s["telephone"].texte(30) if "telephone" in s else telephone


def _vehicule(champ: Champ) -> VehiculeDecrit:
    c = champ.objet("categorie", "boite", "places", "fauteuil")
    if "categorie" not in c:
        champ.refuser("la catégorie du véhicule manque.")
    return VehiculeDecrit(
        c["categorie"].parmi(CategorieVehicule),
        c["boite"].parmi(Boite) if "boite" in c else None,
        c["places"].entier(1, 9) if "places" in c else None,
        c["fauteuil"].booleen() if "fauteuil" in c else None,
    )


def _prix(champ: Champ) -> Prix:
    c = champ.objet("gratuit", "jour", "semaine", "mois", "km", "trajet", "forfait", "caution", "adhesion")
    montants = {cle: valeur.nombre(0, 50_000) for cle, valeur in c.items() if cle != "gratuit"}
    gratuit = "gratuit" in c and c["gratuit"].booleen()
    tarifs = [cle for cle in montants if cle not in ("caution", "adhesion")]
    if gratuit and tarifs:
        champ.refuser(f"« gratuit » ne va pas avec « {tarifs[0]} ».")
    return Prix(connu=gratuit or bool(tarifs), **montants)


def _confirmation(champ: Champ) -> Confirmation:
    c = champ.objet("par", "le")
    if "par" not in c or "le" not in c:
        champ.refuser("une confirmation dit qui (« par ») et quand (« le »).")
    return Confirmation(c["par"].texte(100), c["le"].date())


def _calendrier(champ: Champ) -> CalendrierVivant:
    c = champ.objet("vehicules", "occupations")
    if "vehicules" not in c:
        champ.refuser("le nombre de véhicules manque.")
    occupations = []
    for element in c["occupations"].liste(5000) if "occupations" in c else []:
        o = element.objet("du", "au")
        if "du" not in o or "au" not in o:
            element.refuser("une occupation dit « du » et « au ».")
        du, au = o["du"].date(), o["au"].date()
        if au < du:
            o["au"].refuser("la fin vient avant le début.")
        occupations.append(Occupation(du, au))
    return CalendrierVivant(c["vehicules"].entier(0, 1000), tuple(occupations))
