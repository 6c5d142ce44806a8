"""May she drive this vehicle? The engine's own rules, asked of one vehicle before it is booked.

She is judged on the first day she would drive: by then a licence is older, and so is she. The law, the
medical opinion she reported, what the offer asks of the licence and the age, what the insurer asks of this
vehicle. The rest of the conditions is for her pages and for the partner, who confirms.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from matching.acces import motifs_d_acces
from matching.temps import Temps
from matching.voyage import Examen
from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import ce_jour
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.personnes import Personne
from mobilite.verdict import Motif, Verdict
from web.convenance import candidate_de
from web.propositions import avec_un_besoin, situation_de
from web.referentiel import referentiel

_REFUSENT = frozenset(
    {
        "droit.permis",
        "sante",
        "condition.permis",
        "condition.permis_anciennete_ans",
        "condition.age",
        "condition.annee_naissance",
        "condition.contre_indication_conduite",
    }
)
_SE_DISENT = _REFUSENT - {"sante", "condition.contre_indication_conduite"}
"""What a partner may be told to check: never anything of her health."""


class ConduiteRefusee(RegleMetier):
    """The law or the insurer does not let her drive this vehicle."""

    code = "conduite_refusee"


def motifs_de_conduite(
    session: Session, personne_id: int | None, vehicule: Vehicule, depart: date
) -> list[Motif]:
    """What the engine says of her at this wheel on a day, each reason once; empty without a person."""
    personne = session.get(Personne, personne_id) if personne_id is not None else None
    if personne is None:
        return []
    connu = referentiel()
    candidate = candidate_de(vehicule)
    if not candidate.genre.conduite:
        return []
    # Without her trips: who may drive depends on none, and this runs while others wait for the vehicles.
    situation = avec_un_besoin(replace(situation_de(personne, anonyme=True), besoins=()))
    faits, contexte = connu.faits(situation, depart), connu.contexte(ce_jour(), depart)
    examen = Examen(
        situation.besoins[0], situation, faits, Temps(situation, contexte.accessibilite), contexte
    )
    return [m for m in dict.fromkeys(motifs_d_acces(candidate, examen)) if m.regle in _REFUSENT]


def refuser_si_elle_ne_peut_pas_conduire(
    session: Session,
    personne_id: int | None,
    vehicule: Vehicule,
    par: Acteur,
    depart: date,
) -> None:
    """Raise ``ConduiteRefusee`` with the engine's sentence; what nobody knows lets the request through.

    ``depart`` is the first day of the stay.
    """
    for motif in motifs_de_conduite(session, personne_id, vehicule, depart):
        if motif.verdict is Verdict.NON:
            if par.role is RoleActeur.CONSEILLER:
                raise ConduiteRefusee(" ".join(m for m in (motif.phrase, motif.changerait) if m))
            if par.role is RoleActeur.PARTENAIRE:
                raise ConduiteRefusee(
                    f"D’après son dossier, « {vehicule.libelle} » ne convient pas à son permis. Appelez son "
                    "conseiller : si vous avez vu un autre permis, il le notera."
                )
            raise ConduiteRefusee(
                f"« {vehicule.libelle} » demande un autre permis, ou un permis plus ancien. Appelez : on "
                "cherche avec vous un autre véhicule."
            )


def a_verifier(
    session: Session, personne_id: int | None, vehicule: Vehicule, depart: date
) -> tuple[str, ...]:
    """What the partner checks before confirming, in words that tell nothing of her but the paper to look at."""
    doutes = [
        m
        for m in motifs_de_conduite(session, personne_id, vehicule, depart)
        if m.verdict is Verdict.A_VERIFIER and m.regle in _SE_DISENT
    ]
    if not doutes:
        return ()
    mots = ["le permis est valide, et permet de conduire ce véhicule"]
    mots += [m.phrase.rstrip(". ") for m in doutes if m.regle != "droit.permis"]
    return tuple(dict.fromkeys(mots))
