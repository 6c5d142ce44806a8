"""Room for those who come along, and for a wheelchair."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from matching.temps import categorie
from matching.voyage import Examen
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate, CategorieVehicule, Genre
from mobilite.verdict import Manque, Motif, Verdict


def places_pour_le_groupe(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """Seats for those who come along."""
    personnes = nombre_de_personnes(examen.besoin)
    if personnes == 1:
        return
    if _deux_roues(offre):
        yield deux_roues_a_plusieurs(offre.structure or "le partenaire")
        return
    places = _places(offre)
    if places is None:
        yield Motif(
            "places",
            Verdict.A_VERIFIER,
            f"Le nombre de places n'est pas dit : il en faut {personnes}.",
            (Manque(f"s'il y a {personnes} places", offre.structure or "le partenaire"),),
        )
    elif places < personnes:
        yield Motif(
            "places",
            Verdict.NON,
            f"{places} place{'s' if places > 1 else ''} : il en faut {personnes}.",
            changerait="Un véhicule plus grand.",
        )


def lit_les_places(offre: Candidate) -> Hashable:
    """A coach is not counted seat by seat."""
    if not offre.genre.transporte or offre.genre is Genre.CAR_REGULIER:
        return None
    return _deux_roues(offre), _places(offre)


def _deux_roues(offre: Candidate) -> bool:
    return offre.genre.conduite and categorie(offre) in (
        CategorieVehicule.VELO,
        CategorieVehicule.VAE,
        CategorieVehicule.SCOOTER50,
        CategorieVehicule.SCOOTER125,
    )


def nombre_de_personnes(besoin: Besoin) -> int:
    """She, and those who need a seat beside her."""
    return 1 + sum(qui in ("enfant", "bebe", "adulte", "fauteuil") for qui in besoin.avec)


def en_fauteuil(examen: Examen) -> bool:
    """Whether somebody is known to travel in a wheelchair."""
    return "fauteuil" in examen.besoin.avec or examen.faits.get("fauteuil") is True


def deux_roues_a_plusieurs(qui: str) -> Motif:
    """Two wheels carry somebody else only with the right equipment."""
    return Motif(
        "places",
        Verdict.A_VERIFIER,
        "Emmener quelqu'un demande un équipement (siège enfant, remorque).",
        (Manque("un siège enfant ou une remorque", qui),),
    )


def _places(offre: Candidate) -> int | None:
    """Seats for her group: she drives, or somebody else takes the seat of the driver."""
    if offre.places is not None:
        return offre.places
    if offre.vehicule is not None and offre.vehicule.places is not None:
        return offre.vehicule.places if offre.genre.conduite else offre.vehicule.places - 1
    voiturette = offre.genre.conduite and categorie(offre) is CategorieVehicule.VOITURETTE
    return 2 if voiturette else None


def place_pour_fauteuil(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """Room for a wheelchair.

    Nobody is supposed to need what she never said: a wheelchair nobody spoke of doubts no offer.
    """
    if not en_fauteuil(examen):
        return
    connu = _fauteuil(offre)
    if connu is False:
        yield Motif(
            "fauteuil", Verdict.NON, "Ne prend pas de fauteuil roulant.", changerait="Un véhicule adapté."
        )
    elif connu is None:
        yield Motif(
            "fauteuil",
            Verdict.A_VERIFIER,
            "L'accès en fauteuil roulant n'est pas dit.",
            (Manque("l'accès en fauteuil roulant", offre.structure or "le partenaire"),),
        )


def lit_le_fauteuil(offre: Candidate) -> Hashable:
    """What is known of its access, for an offer that carries her."""
    return (_fauteuil(offre),) if offre.genre.transporte else None


def _fauteuil(offre: Candidate) -> bool | None:
    if offre.fauteuil is not None or offre.vehicule is None:
        return offre.fauteuil
    return offre.vehicule.fauteuil
