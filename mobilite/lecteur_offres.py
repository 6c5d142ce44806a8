"""Reading an offer from the documented format (``docs/offre.md``)."""

from __future__ import annotations

from collections.abc import Callable

from mobilite.besoin import Jour, MotifDeplacement
from mobilite.candidate import (
    Boite,
    CalendrierVivant,
    Candidate,
    CategorieVehicule,
    Confirmation,
    Course,
    Genre,
    Occupation,
    Prix,
    VehiculeDecrit,
)
from mobilite.conditions import SANS_CONDITION, lire_condition
from mobilite.document import Champ
from mobilite.lieux import Lieu
from mobilite.situation import lire_plage


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
