"""Load the fictional département into a database. Running it again adds only what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME, Acteur, RoleActeur
from mobilite.benevole import Benevole
from mobilite.candidate import Boite, CategorieVehicule, Genre
from mobilite.diagnostic import Diagnostic
from mobilite.flotte import CritAir, Energie, Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import BesoinExprime, Depart, Joindre, Personne
from mobilite.structure import GenreStructure, Structure
from seeds.attentes import charger_attentes
from seeds.benevoles import charger_benevoles
from seeds.conducteurs import charger_conducteurs
from seeds.dates import resoudre
from seeds.diagnostics import DossierEcrit, lire_diagnostics
from seeds.parc import charger_le_parc
from seeds.parcours import charger_parcours
from seeds.sejours import charger_sejours

_PRESCRIPTEUR = "Mission locale du pays d'Étain (démonstration)"
_COLONNES_DE_L_OFFRE = ("id", "nom", "genre", "structure", "telephone", "verifiee_le", "demonstration")


@dataclass(frozen=True, slots=True)
class Chargement:
    """What was added, and the numbers the demonstration accounts point to."""

    maisons: int
    offres: int
    vehicules: int
    personnes: int
    benevoles: int
    conducteurs: int
    personne_id: int
    structure_id: int
    structure_benevoles_id: int
    structure_prescripteur_id: int

    def __str__(self) -> str:
        return (
            f"Ajoutés : {self.maisons} Maisons, {self.offres} offres, {self.vehicules} véhicules, "
            f"{self.personnes} personnes, {self.benevoles} bénévoles, "
            f"{self.conducteurs} trajets de conducteurs. Tout est fictif, sauf les communes."
        )


def charger(
    session: Session,
    dossier: Path,
    maisons: Sequence[MaisonSolidarite],
    *,
    le: date,
    conseiller_id: int,
    version_questionnaire: str,
) -> Chargement:
    """Add the demonstration Maisons, structures, offers, vehicles, people, volunteers and drivers that are not there.

    Relative dates of the files are resolved from ``le``; the people are followed by
    ``conseiller_id``. Maisons are added only to a platform that has none.
    """
    ajoutees = _maisons(session, maisons)
    structures = _structures(session, _lire(dossier / "structures.json"))
    offres = 0
    for chemin in sorted((dossier / "offres").glob("*.json")):
        offres += _offres(session, _lire(chemin), structures)
    vehicules = _vehicules(session, resoudre(_lire(dossier / "vehicules.json"), le))
    personnes = _personnes(
        session,
        resoudre(_lire(dossier / "personnes.json"), le),
        conseiller_id,
        version_questionnaire,
        lire_diagnostics(dossier / "diagnostics", le),
    )
    session.flush()
    benevoles = charger_benevoles(
        session,
        resoudre(_lire(dossier / "benevoles.json"), le),
        resoudre(_lire(dossier / "transports.json"), le),
        structures,
        conseiller_id,
    )
    charger_attentes(session, resoudre(_lire(dossier / "attentes.json"), le), le)
    conducteurs = charger_conducteurs(session, _lire(dossier / "conducteurs.json"), structures)
    charger_sejours(session, resoudre(_lire(dossier / "sejours.json"), le), conseiller_id)
    charger_le_parc(session, resoudre(_lire(dossier / "parc.json"), le), le, conseiller_id)
    charger_parcours(session, resoudre(_lire(dossier / "parcours.json"), le), structures, le, conseiller_id)
    premiere = session.scalars(select(Personne).where(Personne.demonstration).order_by(Personne.id)).first()
    flotte = session.scalars(select(Vehicule).order_by(Vehicule.id)).first()
    conducteur = session.scalars(select(Benevole).order_by(Benevole.id)).first()
    if premiere is None or flotte is None or conducteur is None:
        raise ValueError("the demonstration files hold no person, no vehicle or no volunteer")
    if offres:
        session.add(
            consigner(PLATEFORME, Evenement.DONNEES_CHARGEES, premiere, offres=offres, personnes=personnes)
        )
    return Chargement(
        maisons=ajoutees,
        offres=offres,
        vehicules=vehicules,
        personnes=personnes,
        benevoles=benevoles,
        conducteurs=conducteurs,
        personne_id=premiere.id,
        structure_id=flotte.offre.structure_id,
        structure_benevoles_id=conducteur.structure_id,
        structure_prescripteur_id=structures[_PRESCRIPTEUR].id,
    )


def _lire(chemin: Path) -> Any:
    return json.loads(chemin.read_text(encoding="utf-8"))


def _maisons(session: Session, maisons: Sequence[MaisonSolidarite]) -> int:
    if session.scalars(select(MaisonSolidarite.id).limit(1)).first() is not None:
        return 0
    session.add_all(maisons)
    return len(maisons)


def _structures(session: Session, lignes: Sequence[Mapping[str, Any]]) -> dict[str, Structure]:
    structures = {s.nom: s for s in session.scalars(select(Structure))}
    for ligne in lignes:
        if ligne["nom"] not in structures:
            structure = Structure(
                nom=ligne["nom"],
                genre=GenreStructure(ligne["genre"]),
                telephone=ligne.get("telephone", ""),
                commune=ligne.get("commune"),
                demonstration=True,
            )
            session.add(structure)
            structures[structure.nom] = structure
    return structures


def _offres(session: Session, fiches: Sequence[Mapping[str, Any]], structures: dict[str, Structure]) -> int:
    connues = set(session.scalars(select(Offre.code)))
    nouvelles = [fiche for fiche in fiches if fiche["id"] not in connues]
    for fiche in nouvelles:
        dite = fiche["structure"]
        nom = dite if isinstance(dite, str) else dite["nom"]
        session.add(
            Offre(
                code=fiche["id"],
                nom=fiche["nom"],
                genre=Genre(fiche["genre"]),
                structure=structures[nom],
                statut=StatutOffre.OUVERTE,
                fiche={cle: v for cle, v in fiche.items() if cle not in _COLONNES_DE_L_OFFRE},
                verifiee_le=date.fromisoformat(fiche["verifiee_le"]) if "verifiee_le" in fiche else None,
                demonstration=True,
            )
        )
    session.flush()
    return len(nouvelles)


def _vehicules(session: Session, lignes: Sequence[Mapping[str, Any]]) -> int:
    offres = {offre.code: offre for offre in session.scalars(select(Offre))}
    connus = {(v.offre_id, v.libelle) for v in session.scalars(select(Vehicule))}
    ajoutes = 0
    for ligne in lignes:
        offre = offres[ligne["offre"]]
        if (offre.id, ligne["libelle"]) in connus:
            continue
        session.add(
            Vehicule(
                offre=offre,
                libelle=ligne["libelle"],
                categorie=CategorieVehicule(ligne["categorie"]),
                boite=Boite(ligne["boite"]) if "boite" in ligne else None,
                places=ligne.get("places"),
                energie=Energie(ligne["energie"]) if "energie" in ligne else None,
                ct_valable_au=_jour(ligne.get("ct_valable_au")),
                assurance_valable_au=_jour(ligne.get("assurance_valable_au")),
                immatriculation=ligne.get("immatriculation"),
                critair=CritAir(ligne["critair"]) if "critair" in ligne else None,
                acces=ligne.get("acces"),
                sieges_enfant=ligne.get("sieges_enfant"),
            )
        )
        ajoutes += 1
    return ajoutes


def _personnes(
    session: Session,
    fiches: Sequence[Mapping[str, Any]],
    conseiller_id: int,
    version: str,
    ecrits: Mapping[str, DossierEcrit],
) -> int:
    connues = set(session.scalars(select(Personne.prenom).where(Personne.demonstration)))
    nouvelles = [fiche for fiche in fiches if fiche["prenom"] not in connues]
    for fiche in nouvelles:
        situation = fiche["situation"]
        personne = Personne(
            prenom=fiche["prenom"],
            nom=fiche.get("nom", ""),
            telephone=fiche.get("telephone"),
            joindre=Joindre(fiche.get("joindre", "rien")),
            referent=fiche.get("referent", ""),
            message_possible=fiche.get("message_possible"),
            contact_discret=fiche.get("contact_discret", False),
            rattachement=situation.get("rattachement"),
            annee_naissance=situation.get("annee_naissance"),
            permis=situation.get("permis"),
            moyens=situation.get("moyens"),
            objectif=fiche.get("objectif", ""),
            aujourdhui=fiche.get("aujourdhui", ""),
            conseiller_id=conseiller_id,
            demonstration=True,
            departs=[_depart(d, rang) for rang, d in enumerate(situation.get("depart", []))],
            besoins=[_besoin(b, rang) for rang, b in enumerate(situation.get("besoins", []))],
        )
        session.add(personne)
        ecrit = ecrits.get(fiche["prenom"])
        if ecrit is not None:
            _diagnostics_ecrits(session, personne, ecrit, situation.get("reponses", {}), conseiller_id)
        elif situation.get("reponses"):
            _diagnostic(session, personne, situation["reponses"], version, conseiller_id)
    return len(nouvelles)


def _diagnostic(
    session: Session, personne: Personne, reponses: Mapping[str, Any], version: str, conseiller_id: int
) -> None:
    conseiller = Acteur(conseiller_id, RoleActeur.CONSEILLER)
    diagnostic = Diagnostic(personne=personne, questionnaire=version, commence_par=conseiller_id)
    session.add(diagnostic)
    for code, valeur in reponses.items():
        diagnostic.repondre(code, valeur, conseiller)


def _diagnostics_ecrits(
    session: Session, personne: Personne, ecrit: DossierEcrit, dites: Mapping[str, Any], conseiller_id: int
) -> None:
    """Her recorded diagnostics; what ``personnes.json`` says of her was said at the first."""
    conseiller = Acteur(conseiller_id, RoleActeur.CONSEILLER)
    for rang, moment in enumerate(ecrit.diagnostics):
        quand = datetime.combine(moment.le, time(9), UTC)
        diagnostic = Diagnostic(
            personne=personne,
            questionnaire=moment.questionnaire,
            type=moment.type,
            commence_par=conseiller_id,
            commence_le=quand,
        )
        session.add(diagnostic)
        for code, valeur in (({} if rang else dict(dites)) | dict(moment.reponses)).items():
            diagnostic.repondre(code, valeur, conseiller, quand)


def _depart(document: Mapping[str, Any] | str, rang: int) -> Depart:
    if isinstance(document, str):
        return Depart(insee=document, rang=rang)
    return Depart(
        insee=document["insee"],
        chez=document.get("chez", ""),
        du=_jour(document.get("du")),
        jusqu_au=_jour(document.get("au")),
        rang=rang,
    )


def _besoin(document: Mapping[str, Any], rang: int) -> BesoinExprime:
    lieu_libre = document.get("lieu_libre", {})
    return BesoinExprime(
        destination=document.get("destination"),
        lieu_libre=lieu_libre.get("nom"),
        lieu_libre_minutes=lieu_libre.get("minutes"),
        motif=document.get("motif"),
        premier_jour=_jour(document.get("premier_jour")),
        connu_le=_jour(document.get("connu_le")),
        passages={cle: document[cle] for cle in ("dates", "cycle", "arrivee", "retour") if cle in document},
        avec=document.get("avec", []),
        aujourdhui=document.get("aujourdhui", ""),
        rang=rang,
    )


def _jour(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None
