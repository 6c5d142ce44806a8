"""The orientations, half-days of welcome and unanswered calls of the demonstration. Run again, it adds nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import PARIS
from mobilite.besoin import MotifDeplacement
from mobilite.carnet import Contact, GenreContact, noter_contact
from mobilite.journee_accueil import (
    CreneauAccueil,
    InscriptionAccueil,
    JourneeAccueil,
    Presence,
    RaisonAbsence,
    inscrire,
)
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.prescription import (
    CanalPrescription,
    FormeAccord,
    GenrePrescripteur,
    IssuePrescription,
    Prescription,
    RaisonRefus,
    Reponse,
    Urgence,
    delais,
)
from seeds.dates import resoudre


def charger_orientations(
    session: Session, dossier: Path, le: date, *, conseiller_id: int, prescripteur_id: int, structure_id: int
) -> None:
    """Add what is missing. ``prescripteur_id`` is the account that sent what came by the platform."""
    dites = resoudre(json.loads((dossier / "orientations.json").read_text(encoding="utf-8")), le)
    personnes = {p.prenom: p for p in session.scalars(select(Personne).where(Personne.demonstration))}
    conseiller = Acteur(conseiller_id, RoleActeur.CONSEILLER)
    fiches = {p.cle: p for p in session.scalars(select(Prescription))}
    for ligne in dites["fiches"]:
        if ligne["cle"] in fiches:
            continue
        fiche = _fiche(ligne, personnes, conseiller)
        if ligne["de"] == "plateforme":
            fiche.structure_id, fiche.envoyee_par = structure_id, prescripteur_id
        session.add(fiche)
        fiches[fiche.cle] = fiche
    session.flush()
    connues = set(session.scalars(select(JourneeAccueil.cle)))
    for ligne in dites["journees"]:
        if ligne["cle"] not in connues:
            _journee(session, ligne, personnes, fiches, conseiller)
    deja = set(session.scalars(select(Contact.cle)))
    for ligne in dites["sans_reponse"]:
        for rang, jour in enumerate(ligne["le"]):
            cle = f"demonstration-{rang}"
            quand = date.fromisoformat(jour)
            contact = noter_contact(
                personnes[ligne["personne"]],
                GenreContact.APPEL,
                quand,
                conseiller,
                aujourdhui=le,
                joint=False,
                cle=f"{cle}-{ligne['personne']}",
            )
            contact.note_le = datetime.combine(quand, time(16), PARIS)
            if contact.cle not in deja:
                session.add(contact)


def _fiche(ligne: Mapping[str, Any], personnes: Mapping[str, Personne], par: Acteur) -> Prescription:
    recue = date.fromisoformat(ligne["oriente_le"])
    instant = datetime.combine(recue, time(11), PARIS)
    relance_le, expire_le = delais(instant, parametres(recue))
    en_ligne = ligne["de"] == "plateforme"
    personne = personnes.get(ligne.get("personne", ""))
    fiche = Prescription(
        genre=GenrePrescripteur(ligne.get("genre", "mission_locale")),
        prescripteur="Awa Exemple" if en_ligne else ligne["de"],
        canal=CanalPrescription.EN_LIGNE if en_ligne else CanalPrescription.TELEPHONE,
        envoyee_par=par.id,
        envoyee_le=instant,
        cle=ligne["cle"],
        prenom=ligne["prenom"],
        nom=ligne.get("nom", ""),
        telephone=ligne.get("telephone"),
        joindre_autrement=ligne.get("autrement", ""),
        insee=ligne.get("insee"),
        motif=MotifDeplacement(ligne["motif"]),
        urgence=Urgence(ligne.get("urgence", "ordinaire")),
        pour_le=date.fromisoformat(ligne["premier_jour"]) if "premier_jour" in ligne else None,
        souhait=ligne["souhait"],
        accord_pour=["fiche", "rappel", "reponse"],
        accord_comment=FormeAccord.ORAL,
        accord_le=recue,
        relance_le=relance_le,
        expire_le=expire_le,
        personne_id=personne.id if personne else None,
        demonstration=True,
    )
    if dite := ligne.get("reponse"):
        rendez_vous = dite.get("rendez_vous", {})
        reponse = Reponse(
            IssuePrescription(dite["issue"]),
            raison=RaisonRefus(dite["raison"]) if "raison" in dite else None,
            alternatives=dite.get("alternatives", ""),
            rendez_vous=_instant(rendez_vous) if rendez_vous else None,
            rendez_vous_lieu=rendez_vous.get("lieu", ""),
            rendez_vous_avec=rendez_vous.get("avec", ""),
            retour=dite["retour"],
        )
        fiche.repondre(reponse, par, datetime.combine(date.fromisoformat(dite["le"]), time(15), PARIS))
    return fiche


def _instant(dit: Mapping[str, Any]) -> datetime:
    return datetime.combine(date.fromisoformat(dit["date"]), time.fromisoformat(dit["heure"]), PARIS)


def _journee(
    session: Session,
    ligne: Mapping[str, Any],
    personnes: Mapping[str, Personne],
    fiches: Mapping[str, Prescription],
    par: Acteur,
) -> None:
    jour = date.fromisoformat(ligne["date"])
    ouverture = datetime.combine(jour, time(9), PARIS)
    demi_heure = timedelta(minutes=30)
    journee = JourneeAccueil(
        le=jour,
        lieu=ligne["lieu"],
        partenaires=list(ligne["partenaires"]),
        creee_par=par.id,
        cle=ligne["cle"],
        demonstration=True,
        creneaux=[
            CreneauAccueil(debut=ouverture + n * demi_heure, fin=ouverture + (n + 1) * demi_heure, places=3)
            for n in range(6)
        ],
    )
    session.add(journee)
    session.flush()
    for dite in ligne["inscrites"]:
        inscription = inscrire(
            journee.creneaux[dite["creneau"]],
            par,
            ouverture - timedelta(days=2),
            personne=personnes[dite["personne"]] if "personne" in dite else None,
            prescription=fiches[dite["fiche"]] if "fiche" in dite else None,
        )
        _suite(inscription, dite)
        session.add(inscription)


def _suite(inscription: InscriptionAccueil, dite: Mapping[str, Any]) -> None:
    if "rendez_vous" in dite:
        rendez_vous = dite["rendez_vous"]
        inscription.conclure(
            dite["orientation"], _instant(rendez_vous), lieu=rendez_vous["lieu"], avec=rendez_vous["avec"]
        )
    elif "presence" in dite:
        inscription.noter_presence(Presence(dite["presence"]), RaisonAbsence(dite["raison"]))
