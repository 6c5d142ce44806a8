"""The volunteers of the demonstration and the trips they were asked for. Running it again adds what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.benevole import Absence, Benevole
from mobilite.besoin import MotifDeplacement
from mobilite.course_solidaire import CourseSolidaire, StatutCourse, instant_du
from mobilite.demande_transport import DemandeDeTransport
from mobilite.document import Champ
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.personnes import Personne
from mobilite.structure import Structure
from mobilite.transport_solidaire import AccueilFauteuil, Fauteuil, Retour, Sens
from mobilite.verdict import Verdict

_TELS_QUELS = (
    "prenom",
    "nom",
    "telephone",
    "commune",
    "places",
    "sieges_enfant",
    "accompagne",
    "km_max_mois",
)


def charger_benevoles(
    session: Session,
    benevoles: Sequence[Mapping[str, Any]],
    transports: Sequence[Mapping[str, Any]],
    structures: Mapping[str, Structure],
    conseiller_id: int,
) -> int:
    """Add the volunteers and the requests that are not there; how many volunteers were added."""
    connus = {(b.structure_id, b.prenom): b for b in session.scalars(select(Benevole))}
    ajoutes = 0
    for ligne in benevoles:
        structure = structures[ligne["structure"]]
        if (structure.id, ligne["prenom"]) not in connus:
            connus[structure.id, ligne["prenom"]] = _benevole(structure, ligne)
            session.add(connus[structure.id, ligne["prenom"]])
            ajoutes += 1
    session.flush()
    personnes = {p.prenom: p for p in session.scalars(select(Personne).where(Personne.demonstration))}
    deja = set(session.scalars(select(DemandeDeTransport.cle_idempotence)))
    for ligne in transports:
        if ligne["cle"] in deja:
            continue
        structure = structures[ligne["structure"]]
        demande = _demande(structure, personnes[ligne["personne"]], ligne, conseiller_id)
        session.add(demande)
        session.flush()
        if course := ligne.get("course"):
            benevole = connus[structure.id, course["benevole"]]
            session.add(_course(demande, benevole, course, conseiller_id))
    session.flush()
    return ajoutes


def _benevole(structure: Structure, ligne: Mapping[str, Any]) -> Benevole:
    return Benevole(
        structure=structure,
        demonstration=True,
        disponibilites=ligne.get("disponibilites"),
        accueil_fauteuil=AccueilFauteuil(ligne["accueil_fauteuil"]) if "accueil_fauteuil" in ligne else None,
        permis_vu_le=_jour(ligne.get("permis_vu_le")),
        assurance_vue_le=_jour(ligne.get("assurance_vue_le")),
        absences=[
            Absence(du=date.fromisoformat(a["du"]), au=date.fromisoformat(a["au"]))
            for a in ligne.get("absences", [])
        ],
        **{cle: ligne[cle] for cle in _TELS_QUELS if cle in ligne},
    )


def _demande(
    structure: Structure, personne: Personne, ligne: Mapping[str, Any], conseiller_id: int
) -> DemandeDeTransport:
    return DemandeDeTransport(
        structure_id=structure.id,
        personne_id=personne.id,
        offre_nom=ligne["offre_nom"],
        motif=MotifDeplacement(ligne["motif"]),
        demandee_par=conseiller_id,
        jour=date.fromisoformat(ligne["le"]),
        depart=ligne["depart"],
        arrivee=ligne["arrivee"],
        arriver_a=_minute(ligne["arriver_a"]),
        retour=Retour(ligne["retour"]),
        repart_a=_minute(ligne["repart_a"]),
        passagers=ligne.get("passagers", 1),
        fauteuil=Fauteuil(ligne["fauteuil"]),
        sieges_enfant=ligne.get("sieges_enfant", 0),
        accompagnement=ligne.get("accompagnement", False),
        critere=CritereTransport(ligne["critere"]),
        droit_verdict=Verdict(ligne["droit"]["verdict"]),
        droit_phrase=ligne["droit"]["phrase"],
        demonstration=True,
        cle_idempotence=ligne["cle"],
    )


def _course(
    demande: DemandeDeTransport, benevole: Benevole, ligne: Mapping[str, Any], conseiller_id: int
) -> CourseSolidaire:
    debut = instant_du(demande.jour, _minute(ligne["de"]))
    fin = instant_du(demande.jour, _minute(ligne["a"]))
    statut = StatutCourse(ligne["statut"])
    conduite = statut is StatutCourse.CONDUITE
    return CourseSolidaire(
        demande_id=demande.id,
        benevole_id=benevole.id,
        sens=Sens(ligne["sens"]),
        prise_en_charge=debut,
        debut=debut,
        fin=fin,
        depose=fin,
        km_prevus=ligne["km_prevus"],
        statut=statut,
        proposee_par=conseiller_id,
        km_total=ligne["km_total"] if conduite else None,
        km_avec_elle=ligne["km_avec_elle"] if conduite else None,
        participation_centimes=round(ligne["participation"] * 100) if conduite else None,
        places_vehicule=benevole.places + 1 if conduite and benevole.places else None,
    )


def _minute(texte: str) -> int:
    return Champ(texte).heure()


def _jour(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None
