"""The yearly report of a transport d'utilité sociale to the préfet, from the trips really made.

Code des transports, R3133-5, and arrêté of 17 October 2019, article 2: before 1 March, about the year
before: the association (identity, RNA number, employees, volunteers, members, a copy of its statutes);
the drivers, of whom volunteers; the people carried, by what opened the service to them; its vehicles
and those lent to it, their number and mean capacity; the participation asked and the association's own
rules; the number of trips and the mean distance of a trip.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from mobilite.droit.montant import en_euros, en_km
from mobilite.droit.participation_tus import participation_permise, vehicule_permis
from mobilite.parametres import Parametres
from mobilite.verdict import Verdict


class CritereTransport(StrEnum):
    """What opened the transport d'utilité sociale to the people of a trip; one is enough."""

    RESIDENCE = "residence"
    RESSOURCES = "ressources"
    A_VERIFIER = "a_verifier"

    @property
    def libelle(self) -> str:
        """The criterion in French."""
        return {
            "residence": "commune de résidence",
            "ressources": "ressources ou allocation",
            "a_verifier": "critère à vérifier",
        }[self.value]


@dataclass(frozen=True, slots=True)
class TrajetRealise:
    """A trip that took place, without any name.

    ``km``: the distance travelled with the passengers aboard. ``depart_insee`` and
    ``arrivee_insee``: communes; ``""`` when nobody wrote it down. ``participation_centimes``: what the
    passengers paid for this trip, all together. ``vehicule``: the register's own name of the
    vehicle, never a number plate; ``places`` its seats, driver included, when known.
    ``personnes``: opaque numbers of the people carried, when the register keeps them: they count
    people once, where ``passagers`` counts them at each trip. ``numero``: values that share one
    (not empty) are the same trip, split because its people entered by two different criteria.
    """

    date: date
    depart_insee: str
    arrivee_insee: str
    km: float
    passagers: int
    critere: CritereTransport
    participation_centimes: int
    vehicule: str
    benevole_numero: str
    places: int | None = None
    personnes: frozenset[str] = frozenset()
    numero: str = ""


@dataclass(frozen=True, slots=True)
class Association:
    """What the association says of itself; ``None`` or ``""``: still to be filled in by hand.

    ``vehicules_propres``: the register's names of the vehicles it owns; the others are lent to it.
    """

    nom: str = ""
    rna: str = ""
    adresse: str = ""
    salaries: int | None = None
    benevoles: int | None = None
    adherents: int | None = None
    conducteurs_salaries: frozenset[str] = frozenset()
    vehicules_propres: frozenset[str] | None = None
    regles: str = ""


@dataclass(frozen=True, slots=True)
class ParCritere:
    """The people carried under one criterion: how many times, and how many different people if known."""

    critere: CritereTransport
    transports: int
    personnes: int | None
    part: float

    def en_texte(self) -> str:
        """« 2 personnes, 3 transports (60 %) »."""
        transports = f"{self.transports} transport{_pluriel(self.transports)} ({self.part * 100:.0f}\u202f%)"
        if self.personnes is None:
            return transports
        return f"{self.personnes} personne{_pluriel(self.personnes)}, {transports}"


@dataclass(frozen=True, slots=True)
class Vehicules:
    """A group of vehicles: how many, and their mean capacity over those whose seats are known."""

    nombre: int
    capacite_moyenne: float | None


@dataclass(frozen=True, slots=True)
class Ligne:
    """One line of the report: its heading, what it counts, its value as written. ``""``: to fill in."""

    rubrique: str
    libelle: str
    valeur: str


@dataclass(frozen=True, slots=True)
class RapportPrefet:
    """The report of one year. ``a_completer``: what the trips cannot say; ``alertes``: what breaks a rule."""

    annee: int
    association: Association
    trajets: int
    km: float
    transports: int
    personnes: int | None
    criteres: tuple[ParCritere, ...]
    conducteurs: int
    conducteurs_benevoles: int
    propres: Vehicules | None
    pretes: Vehicules | None
    vehicules: Vehicules
    participation_centimes: int
    communes: tuple[tuple[str, int], ...]
    a_completer: tuple[str, ...]
    alertes: tuple[str, ...]

    @property
    def km_moyen(self) -> float | None:
        """The mean distance of a trip, ``None`` without any trip."""
        return self.km / self.trajets if self.trajets else None

    @property
    def participation_km(self) -> float | None:
        """Euros per kilometre, over the year."""
        return self.participation_centimes / 100 / self.km if self.km else None

    @property
    def avant_le(self) -> date:
        """The last day to send it: the day before 1 March."""
        return date.fromordinal(date(self.annee + 1, 3, 1).toordinal() - 1)

    def lignes(self) -> list[Ligne]:
        """The report as the arrêté lists it, then what else a préfecture asks: the communes served."""
        association = self.association
        lignes = [
            Ligne("Association", "Nom", association.nom),
            Ligne("Association", "Numéro RNA", association.rna),
            Ligne("Association", "Adresse", association.adresse),
            Ligne("Association", "Salariés", _entier(association.salaries)),
            Ligne("Association", "Bénévoles", _entier(association.benevoles)),
            Ligne("Association", "Adhérents", _entier(association.adherents)),
            Ligne("Association", "Statuts", "un exemplaire à joindre"),
            Ligne("Conducteurs", "Conducteurs", str(self.conducteurs)),
            Ligne("Conducteurs", "Dont bénévoles", str(self.conducteurs_benevoles)),
            Ligne("Personnes transportées", "Personnes différentes", _entier(self.personnes)),
            Ligne("Personnes transportées", "Personnes comptées à chaque trajet", str(self.transports)),
        ]
        lignes += [
            Ligne(
                "Personnes transportées",
                f"Par {c.critere.libelle}",
                c.en_texte(),
            )
            for c in self.criteres
        ]
        lignes += [
            *_lignes_vehicules("Véhicules de l'association", self.propres),
            *_lignes_vehicules("Véhicules prêtés sans but lucratif", self.pretes),
        ]
        if self.propres is None:
            lignes += _lignes_vehicules("Véhicules, sans savoir à qui ils sont", self.vehicules)
        par_km = self.participation_km
        return [
            *lignes,
            Ligne(
                "Participation", "Montant demandé sur l'année", en_euros(self.participation_centimes / 100)
            ),
            Ligne("Participation", "Moyenne par kilomètre", "" if par_km is None else en_euros(par_km)),
            Ligne("Participation", "Règles propres à l'association", association.regles),
            Ligne("Trajets", "Nombre de trajets", str(self.trajets)),
            Ligne("Trajets", "Kilomètres avec passagers", en_km(self.km)),
            Ligne(
                "Trajets",
                "Distance moyenne d'un trajet",
                "" if self.km_moyen is None else f"{en_km(self.km_moyen)} km",
            ),
            *(Ligne("Communes de départ", commune or "non notée", str(n)) for commune, n in self.communes),
        ]

    def en_document(self) -> dict[str, Any]:
        """JSON-able values: figures, and the lines as they are printed."""
        return {
            "annee": self.annee,
            "avant_le": self.avant_le.isoformat(),
            "association": self.association.nom,
            "rna": self.association.rna,
            "trajets": self.trajets,
            "km": round(self.km, 1),
            "km_moyen": None if self.km_moyen is None else round(self.km_moyen, 2),
            "transports": self.transports,
            "personnes": self.personnes,
            "criteres": {
                c.critere.value: {"transports": c.transports, "personnes": c.personnes, "part": c.part}
                for c in self.criteres
            },
            "conducteurs": self.conducteurs,
            "conducteurs_benevoles": self.conducteurs_benevoles,
            "vehicules": {
                nom: None
                if groupe is None
                else {"nombre": groupe.nombre, "capacite_moyenne": groupe.capacite_moyenne}
                for nom, groupe in (
                    ("propres", self.propres),
                    ("pretes", self.pretes),
                    ("tous", self.vehicules),
                )
            },
            "participation_euros": self.participation_centimes / 100,
            "communes": dict(self.communes),
            "a_completer": list(self.a_completer),
            "alertes": list(self.alertes),
            "lignes": [[x.rubrique, x.libelle, x.valeur] for x in self.lignes()],
        }


def etablir_rapport(
    trajets: Iterable[TrajetRealise],
    annee: int,
    p: Parametres,
    association: Association | None = None,
    noms: Mapping[str, str] | None = None,
) -> RapportPrefet:
    """The report of one year, over the trips of that year alone. ``noms``: INSEE code → commune."""
    de_l_annee = [trajet for trajet in trajets if trajet.date.year == annee]
    association, noms = association or Association(), noms or {}
    communes: dict[str, int] = defaultdict(int)
    for trajet in _un_par_trajet(de_l_annee):
        communes[noms.get(trajet.depart_insee, trajet.depart_insee)] += 1
    uniques = _un_par_trajet(de_l_annee)
    conducteurs = {t.benevole_numero for t in de_l_annee if t.benevole_numero}
    propres = association.vehicules_propres
    return RapportPrefet(
        annee=annee,
        association=association,
        trajets=len(uniques),
        km=sum(t.km for t in uniques),
        transports=sum(t.passagers for t in de_l_annee),
        personnes=_personnes(de_l_annee),
        criteres=_par_critere(de_l_annee),
        conducteurs=len(conducteurs),
        conducteurs_benevoles=len(conducteurs - association.conducteurs_salaries),
        propres=None if propres is None else _groupe(t for t in uniques if t.vehicule in propres),
        pretes=None if propres is None else _groupe(t for t in uniques if t.vehicule not in propres),
        vehicules=_groupe(uniques),
        participation_centimes=sum(t.participation_centimes for t in de_l_annee),
        communes=tuple(sorted(communes.items(), key=lambda c: (-c[1], c[0]))),
        a_completer=_a_completer(association, de_l_annee),
        alertes=_alertes(de_l_annee, p),
    )


def _un_par_trajet(trajets: Sequence[TrajetRealise]) -> list[TrajetRealise]:
    """One value a trip: those that share a number are counted once."""
    vus: set[str] = set()
    uniques = []
    for trajet in trajets:
        if not trajet.numero or trajet.numero not in vus:
            uniques.append(trajet)
            vus.add(trajet.numero)
    return uniques


def _personnes(trajets: Sequence[TrajetRealise]) -> int | None:
    """How many different people, if the register numbers every one of them."""
    if any(len(t.personnes) != t.passagers for t in trajets):
        return None
    return len({personne for t in trajets for personne in t.personnes})


def _par_critere(trajets: Sequence[TrajetRealise]) -> tuple[ParCritere, ...]:
    total = sum(t.passagers for t in trajets)
    criteres = []
    for critere in CritereTransport:
        siens = [t for t in trajets if t.critere is critere]
        if siens or critere is not CritereTransport.A_VERIFIER:
            transports = sum(t.passagers for t in siens)
            criteres.append(
                ParCritere(critere, transports, _personnes(siens), transports / total if total else 0)
            )
    return tuple(criteres)


def _groupe(trajets: Iterable[TrajetRealise]) -> Vehicules:
    places: dict[str, int | None] = {}
    for trajet in trajets:
        if trajet.vehicule:
            places[trajet.vehicule] = trajet.places or places.get(trajet.vehicule)
    connues = [n for n in places.values() if n is not None]
    return Vehicules(len(places), sum(connues) / len(connues) if connues else None)


def _a_completer(association: Association, trajets: Sequence[TrajetRealise]) -> tuple[str, ...]:
    manques = [
        quoi
        for quoi, present in (
            ("le nom de l'association", association.nom),
            ("son numéro RNA", association.rna),
            ("son adresse", association.adresse),
            ("le nombre de salariés", association.salaries is not None),
            ("le nombre de bénévoles", association.benevoles is not None),
            ("le nombre d'adhérents", association.adherents is not None),
            ("les règles de prise en charge", association.regles),
            ("quels véhicules sont à l'association", association.vehicules_propres is not None),
        )
        if not present
    ]
    if _personnes(trajets) is None:
        manques.append("le nombre de personnes différentes (le registre ne les numérote pas toutes)")
    sans_places = {t.vehicule for t in trajets if t.vehicule and t.places is None}
    sans_places -= {t.vehicule for t in trajets if t.places is not None}
    if sans_places:
        manques.append(f"les places de {len(sans_places)} véhicule{_pluriel(len(sans_places))}")
    inconnus = sum(t.passagers for t in trajets if t.critere is CritereTransport.A_VERIFIER)
    if inconnus:
        manques.append(f"le critère de {inconnus} transport{_pluriel(inconnus)}")
    return tuple(manques)


def _alertes(trajets: Sequence[TrajetRealise], p: Parametres) -> tuple[str, ...]:
    """What the préfecture would see too: too far, too dear, too big, each with its day."""
    au_plus = p["tus.distance_max_km"]
    par_trajet: dict[str, list[TrajetRealise]] = defaultdict(list)
    for rang, trajet in enumerate(trajets):
        par_trajet[trajet.numero or f"\0{rang}"].append(trajet)
    alertes = []
    for morceaux in par_trajet.values():
        trajet = morceaux[0]
        jour = f"{trajet.date:%d/%m/%Y}"
        if trajet.km > au_plus:
            alertes.append(f"{jour} : {en_km(trajet.km)} km, plus que les {au_plus:g} km permis.")
        participation = participation_permise(
            sum(t.participation_centimes for t in morceaux),
            trajet.km,
            p,
            passagers=sum(t.passagers for t in morceaux),
        )
        if participation.verdict is not Verdict.OUI:
            alertes.append(f"{jour} : {participation.phrase}")
        if trajet.places is not None and vehicule_permis(trajet.places, p).verdict is Verdict.NON:
            alertes.append(f"{jour} : {vehicule_permis(trajet.places, p).phrase}")
    return tuple(alertes)


def _lignes_vehicules(rubrique: str, groupe: Vehicules | None) -> list[Ligne]:
    capacite = "" if groupe is None or groupe.capacite_moyenne is None else en_km(groupe.capacite_moyenne)
    return [
        Ligne(rubrique, "Nombre", "" if groupe is None else str(groupe.nombre)),
        Ligne(rubrique, "Capacité moyenne (places, conducteur compris)", capacite),
    ]


def _entier(nombre: int | None) -> str:
    return "" if nombre is None else str(nombre)


def _pluriel(nombre: int) -> str:
    return "s" if nombre > 1 else ""
