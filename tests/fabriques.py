"""Makers of entities for tests: say only what the test is about, the rest is plausible and invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import PARIS
from mobilite.benevole import Benevole
from mobilite.candidate import CategorieVehicule, Genre
from mobilite.demande_transport import DemandeDeTransport
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.flotte import Vehicule
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import Personne
from mobilite.structure import GenreStructure, Structure
from mobilite.transport_solidaire import AccueilFauteuil, Fauteuil
from mobilite.verdict import Verdict

_rangs = count(1)

CONSEILLERE = Acteur(id=101, role=RoleActeur.CONSEILLER)
AUTRE_CONSEILLER = Acteur(id=102, role=RoleActeur.CONSEILLER)
DEPARTEMENT = Acteur(id=103, role=RoleActeur.DEPARTEMENT)

LUNDI = datetime(2026, 11, 23, 8, tzinfo=PARIS).astimezone(UTC)
"""A Monday at eight in the morning in France, the day tests book for."""

AVANT = LUNDI - timedelta(days=5)
"""The moment tests ask at, so that no test depends on the clock."""


def le_partenaire(structure: Structure, compte: int = 201) -> Acteur:
    """Somebody of a stored structure."""
    return Acteur(id=compte, role=RoleActeur.PARTENAIRE, structure_id=structure.id)


def la_personne(personne: Personne, compte: int = 301) -> Acteur:
    """A stored person, signed in."""
    return Acteur(id=compte, role=RoleActeur.PERSONNE, personne_id=personne.id)


def une_personne(**choix: Any) -> Personne:
    """A personne accompagnée known by her first name."""
    defauts: dict[str, Any] = {"prenom": f"Prénom{next(_rangs)}", "demonstration": True}
    return Personne(**(defauts | choix))


def une_structure(**choix: Any) -> Structure:
    """A garage solidaire."""
    defauts: dict[str, Any] = {
        "nom": f"Garage {next(_rangs)}",
        "genre": GenreStructure.GARAGE_SOLIDAIRE,
        "telephone": "+33199001234",
        "commune": "55545",
        "demonstration": True,
    }
    return Structure(**(defauts | choix))


def une_offre(**choix: Any) -> Offre:
    """An open offer of cars for hire, with its own structure unless one is given."""
    rang = next(_rangs)
    defauts: dict[str, Any] = {
        "code": f"location-{rang}",
        "nom": f"Location de voitures {rang}",
        "genre": Genre.LOCATION_VOITURE,
        "structure": choix.get("structure") or une_structure(),
        "statut": StatutOffre.OUVERTE,
        "demonstration": True,
    }
    return Offre(**(defauts | choix))


def un_vehicule(offre: Offre, **choix: Any) -> Vehicule:
    """A car in service whose papers nobody has dated."""
    defauts: dict[str, Any] = {"libelle": f"Voiture {next(_rangs)}", "categorie": CategorieVehicule.VOITURE}
    return Vehicule(**(defauts | {"offre": offre} | choix))


def une_maison(**choix: Any) -> MaisonSolidarite:
    """A Maison de la Solidarité at a demonstration place."""
    rang = next(_rangs)
    defauts: dict[str, Any] = {
        "nom": f"Maison {rang}",
        "adresse": f"{rang} place de la Mairie",
        "insee": "55545",
        "lon": 5.38,
        "lat": 49.16,
        "source": "test",
        "date_source": AVANT.date(),
        "demonstration": True,
    }
    return MaisonSolidarite(**(defauts | choix))


def jours(debut: int = 0, duree: int = 3) -> dict[str, Any]:
    """``debut`` and ``fin`` of a booking that starts so many days after ``LUNDI`` and lasts so many."""
    depart = LUNDI + timedelta(days=debut)
    return {"debut": depart, "fin": depart + timedelta(days=duree)}


VUS: dict[str, Any] = {
    "place_confirmee_par": "Paul, atelier",
    "papiers_vus_le": AVANT.date(),
    "caution_vue_le": AVANT.date(),
}
"""What a confirmation needs: a name, papers and deposit seen."""


def cles() -> Callable[[], str]:
    """A drawer of form keys, each different."""
    rangs = count(1)
    return lambda: f"cle-{next(rangs)}"


def un_benevole(structure: Structure, **choix: Any) -> Benevole:
    """A volunteer of an association, free every day, her papers seen, with a car that takes four."""
    defauts: dict[str, Any] = {
        "structure": structure,
        "prenom": f"Bénévole{next(_rangs)}",
        "telephone": "+33699001234",
        "commune": "55545",
        "disponibilites": [{"de": "06:00", "a": "22:00"}],
        "places": 4,
        "accueil_fauteuil": AccueilFauteuil.RAMPE,
        "sieges_enfant": 2,
        "accompagne": True,
        "permis_vu_le": AVANT.date(),
        "assurance_vue_le": AVANT.date(),
        "demonstration": True,
    }
    return Benevole(**(defauts | choix))


def une_demande_de_transport(
    structure: Structure, personne: Personne | None = None, **choix: Any
) -> DemandeDeTransport:
    """From Étain to Verdun on ``LUNDI``, to be there at ten: allowed by her resources."""
    defauts: dict[str, Any] = {
        "structure_id": structure.id,
        "personne_id": personne.id if personne else None,
        "demandee_par": CONSEILLERE.id,
        "jour": LUNDI.date(),
        "depart": "55181",
        "arrivee": "55545",
        "fauteuil": Fauteuil.AUCUN,
        "critere": CritereTransport.RESSOURCES,
        "droit_verdict": Verdict.OUI,
        "droit_phrase": "Son allocation lui ouvre le transport solidaire.",
        "cle_idempotence": f"transport-{next(_rangs)}",
        "demonstration": True,
    }
    if "partir_a" not in choix:
        defauts["arriver_a"] = 600
    return DemandeDeTransport(**(defauts | choix))
