"""What the law says of the price an offer asks: refused in the form, or said before it is published."""

from __future__ import annotations

from mobilite.candidate import Candidate, Genre
from mobilite.droit import partage_frais, participation_tus
from mobilite.parametres import Parametres
from mobilite.verdict import Motif, Verdict


def prix_selon_la_loi(offre: Candidate, p: Parametres) -> tuple[Motif, ...]:
    """What is not plainly lawful in the price (or the vehicle) of an offer where the law caps it."""
    motifs: tuple[Motif, ...] = ()
    if offre.genre is Genre.TRANSPORT_SOLIDAIRE:
        motifs = (participation_tus.prix_permis(offre.prix, p),)
        if offre.vehicule is not None and offre.vehicule.places is not None:
            motifs += (participation_tus.vehicule_permis(offre.vehicule.places, p),)
    elif offre.genre in (Genre.COVOITURAGE, Genre.AUTO_STOP):
        motifs = (partage_frais.prix_permis(offre.prix, offre.places, p),)
    return tuple(motif for motif in motifs if motif.verdict is not Verdict.OUI)


def champ_du_prix(offre: Candidate) -> str:
    """The field of the form that a refusal names: the rate that the law compares."""
    return "prix_km" if offre.prix.km is not None else "prix_trajet"


def phrase_du_motif(motif: Motif) -> str:
    """One line: what the law says, what would change it or what to check."""
    suites = [motif.changerait] if motif.changerait else [f"À vérifier : {m.quoi}." for m in motif.manques]
    return " ".join([motif.phrase, *suites])
