"""Room for those who come along, and for a wheelchair."""

from __future__ import annotations

from collections.abc import Iterable

from matching.contexte import Contexte
from matching.temps import categorie
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate, CategorieVehicule
from mobilite.faits import Faits
from mobilite.verdict import Manque, Motif, Verdict


def place_pour_le_groupe(
    offre: Candidate, besoin: Besoin, faits: Faits, contexte: Contexte
) -> Iterable[Motif]:
    """Seats for those who come along, and room for a wheelchair."""
    fauteuil = "fauteuil" in besoin.avec or faits.get("fauteuil") is True
    if not fauteuil and "fauteuil" not in faits:
        yield from _fauteuil_non_demande(offre, contexte)
    personnes = 1 + sum(qui in ("enfant", "bebe", "adulte", "fauteuil") for qui in besoin.avec)
    if fauteuil:
        yield from _acces_fauteuil(offre)
    deux_roues = offre.genre.conduite and categorie(offre) in (
        CategorieVehicule.VELO,
        CategorieVehicule.VAE,
        CategorieVehicule.SCOOTER50,
        CategorieVehicule.SCOOTER125,
    )
    if deux_roues and personnes > 1:
        yield Motif(
            "places",
            Verdict.A_VERIFIER,
            "Emmener quelqu'un demande un équipement (siège enfant, remorque).",
            (Manque("un siège enfant ou une remorque", offre.structure or "le partenaire"),),
        )
        return
    places = offre.places if offre.places is not None else offre.vehicule.places if offre.vehicule else None
    if offre.vehicule and offre.vehicule.categorie is CategorieVehicule.VOITURETTE and places is None:
        places = 2
    if personnes == 1:
        return
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


def _dit_fauteuil(offre: Candidate) -> bool | None:
    if offre.fauteuil is not None:
        return offre.fauteuil
    return offre.vehicule.fauteuil if offre.vehicule else None


def _fauteuil_non_demande(offre: Candidate, contexte: Contexte) -> Iterable[Motif]:
    """Nobody asked her, and this offer says it takes no wheelchair: that is worth one question.

    An offer that says nothing is not doubted for it: nobody is supposed to need what she never said.
    """
    if _dit_fauteuil(offre) is False:
        question = contexte.question("fauteuil")
        yield Motif(
            "fauteuil",
            Verdict.A_VERIFIER,
            "Ne prend pas de fauteuil roulant : à demander.",
            (Manque("si elle se déplace en fauteuil roulant", "la personne", question.code),),
        )


def _acces_fauteuil(offre: Candidate) -> Iterable[Motif]:
    connu = _dit_fauteuil(offre)
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
