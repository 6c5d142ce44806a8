"""The parcours of the demonstration: each a moment of the follow-up. Running it again adds what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.cercle import MembreCercle, Portee
from mobilite.intensite import Intensite
from mobilite.parametres import parametres
from mobilite.parcours import GenreEntretien, Parcours
from mobilite.personnes import Personne
from mobilite.structure import Structure


def charger_parcours(
    session: Session,
    lignes: Sequence[Mapping[str, Any]],
    structures: Mapping[str, Structure],
    le: date,
    conseiller_id: int,
) -> int:
    """Add the parcours of the demonstration people who have none; how many were added."""
    personnes = {p.prenom: p for p in session.scalars(select(Personne).where(Personne.demonstration))}
    deja = set(session.scalars(select(Parcours.personne_id)))
    conseiller = Acteur(conseiller_id, RoleActeur.CONSEILLER)
    ajoutes = 0
    for ligne in lignes:
        personne = personnes[ligne["personne"]]
        if personne.id in deja:
            continue
        session.add(_parcours(personne, ligne, le, conseiller))
        session.add_all(_membre(personne, m, structures, le, conseiller) for m in ligne.get("cercle", ()))
        ajoutes += 1
    return ajoutes


def _parcours(personne: Personne, ligne: Mapping[str, Any], le: date, par: Acteur) -> Parcours:
    oriente_le = date.fromisoformat(ligne["oriente_le"])
    suivi = Parcours(
        personne=personne,
        ouvert_le=oriente_le,
        oriente_le=oriente_le,
        oriente_par=ligne["oriente_par"],
        premier_rendez_vous=date.fromisoformat(ligne["premier_rendez_vous"]),
    )
    debut = suivi.premier_rendez_vous or le
    p = parametres(le)
    if referent := ligne.get("referent"):
        suivi.choisir_referent(
            referent["nom"], par, debut, accord=True, structure=referent.get("structure", "")
        )
    if "intensite" in ligne:
        suivi.choisir_intensite(Intensite(ligne["intensite"]), debut, p)
    for dit in ligne.get("entretiens", ()):
        suivi.noter_entretien(
            GenreEntretien(dit["genre"]),
            date.fromisoformat(dit["le"]),
            par,
            p,
            presents=list(dit["presents"]),
            decision=dit["decision"],
        )
    if "revue" in ligne:
        suivi.prochaine_revue = date.fromisoformat(ligne["revue"])
    if demande := ligne.get("reorientation"):
        depuis = date.fromisoformat(demande["demandee_le"])
        suivi.demander_reorientation(demande["vers"], demande["motif"], depuis, par, p)
    if sortie := ligne.get("sortie"):
        suivi.sortir(
            sortie["cause"],
            date.fromisoformat(sortie["le"]),
            p,
            atteint=sortie["atteint"],
            ses_mots=sortie["ses_mots"],
        )
    return suivi


def _membre(
    personne: Personne,
    ligne: Mapping[str, Any],
    structures: Mapping[str, Structure],
    le: date,
    par: Acteur,
) -> MembreCercle:
    structure = structures.get(ligne["structure"])
    return MembreCercle(
        personne_id=personne.id,
        nom=ligne["nom"],
        structure=ligne["structure"],
        structure_id=structure.id if structure else None,
        portee=Portee(ligne["portee"]),
        du=le,
        accord_le=le,
        note_par=par.id,
    )
