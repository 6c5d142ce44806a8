"""The journal: what happened, when, by whom. Written with the change it tells; never rewritten.

It holds numbers and codes only, no name, no free text: it outlives the people it speaks of.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Document, garder, maintenant

_CODE = re.compile(r"[A-Za-z0-9_.:+-]{0,80}")


class Evenement(StrEnum):
    """What can have happened, as a past participle."""

    DOSSIER_OUVERT = "DossierOuvert"
    DOSSIER_CONSULTE = "DossierConsulte"
    DOSSIER_MODIFIE = "DossierModifie"
    DOSSIER_MIS_EN_ATTENTE = "DossierMisEnAttente"
    DOSSIER_REPRIS = "DossierRepris"
    CARTE_DONNEE = "CarteDonnee"
    BESOIN_NOTE = "BesoinNote"
    BESOIN_RETIRE = "BesoinRetire"
    BESOIN_NON_COUVERT_SIGNALE = "BesoinNonCouvertSignale"
    BESOIN_NON_COUVERT_CLOS = "BesoinNonCouvertClos"
    POIDS_CHOISIS = "PoidsChoisis"
    POIDS_RETABLIS = "PoidsRetablis"
    DIAGNOSTIC_COMMENCE = "DiagnosticCommence"
    REPONSE_NOTEE = "ReponseNotee"
    EXERCICE_NOTE = "ExerciceNote"
    NIVEAU_CORRIGE = "NiveauCorrige"
    ISSUE_RETENUE = "IssueRetenue"
    ACTION_GARDEE = "ActionGardee"
    ACTION_ECARTEE = "ActionEcartee"
    ACTION_FAITE = "ActionFaite"
    PLAN_REORDONNE = "PlanReordonne"
    ACTION_COMMENCEE = "ActionCommencee"
    ACTION_ABANDONNEE = "ActionAbandonnee"
    PARCOURS_OUVERT = "ParcoursOuvert"
    ORIENTATION_NOTEE = "OrientationNotee"
    REFERENT_CHOISI = "ReferentChoisi"
    INTENSITE_CHOISIE = "IntensiteChoisie"
    ENTRETIEN_NOTE = "EntretienNote"
    REORIENTATION_DEMANDEE = "ReorientationDemandee"
    REORIENTATION_CLOSE = "ReorientationClose"
    PARCOURS_TERMINE = "ParcoursTermine"
    CONTACT_APRES_NOTE = "ContactApresNote"
    CERCLE_OUVERT = "CercleOuvert"
    CERCLE_RETIRE = "CercleRetire"
    ATTESTATION_DONNEE = "AttestationDonnee"
    OFFRE_ENREGISTREE = "OffreEnregistree"
    OFFRE_OUVERTE = "OffreOuverte"
    OFFRE_RETIREE = "OffreRetiree"
    VEHICULE_AJOUTE = "VehiculeAjoute"
    VEHICULE_MODIFIE = "VehiculeModifie"
    VEHICULE_IMMOBILISE = "VehiculeImmobilise"
    VEHICULE_REMIS_EN_ROUTE = "VehiculeRemisEnRoute"
    KM_RELEVES = "KmReleves"
    ENTRETIEN_PREVU = "EntretienPrevu"
    ENTRETIEN_FAIT = "EntretienFait"
    ENTRETIEN_RETIRE = "EntretienRetire"
    DEPENSE_NOTEE = "DepenseNotee"
    DEPENSE_RAYEE = "DepenseRayee"
    RESERVATION_A_RELOGER = "ReservationAReloger"
    RESERVATION_DEMANDEE = "ReservationDemandee"
    RESERVATION_CONFIRMEE = "ReservationConfirmee"
    RESERVATION_REFUSEE = "ReservationRefusee"
    RESERVATION_ANNULEE = "ReservationAnnulee"
    RESERVATION_DEPLACEE = "ReservationDeplacee"
    RESERVATION_EXPIREE = "ReservationExpiree"
    RESERVATION_CHANGEE = "ReservationChangee"
    RESERVATION_PROLONGEE = "ReservationProlongee"
    RESERVATION_CLOSE = "ReservationClose"
    PERSONNE_ABSENTE = "PersonneAbsente"
    PERSONNE_RECONTACTEE = "PersonneRecontactee"
    PAPIERS_VUS = "PapiersVus"
    REGLEMENT_ECRIT = "ReglementEcrit"
    ATTENTE_INSCRITE = "AttenteInscrite"
    ATTENTE_RETIREE = "AttenteRetiree"
    ATTENTE_SERVIE = "AttenteServie"
    ATTENTE_PRECISEE = "AttentePrecisee"
    PLACE_PROPOSEE = "PlaceProposee"
    PLACE_ACCEPTEE = "PlaceAcceptee"
    PLACE_DECLINEE = "PlaceDeclinee"
    PLACE_RETIREE = "PlaceRetiree"
    VEHICULE_REMIS = "VehiculeRemis"
    VEHICULE_RENDU = "VehiculeRendu"
    ETAT_DES_LIEUX_NOTE = "EtatDesLieuxNote"
    ETAT_DES_LIEUX_SIGNE = "EtatDesLieuxSigne"
    REMARQUE_AJOUTEE = "RemarqueAjoutee"
    CAUTION_CONCLUE = "CautionConclue"
    BENEVOLE_INSCRIT = "BenevoleInscrit"
    BENEVOLE_MODIFIE = "BenevoleModifie"
    TRANSPORT_DEMANDE = "TransportDemande"
    TRANSPORT_REFUSE = "TransportRefuse"
    TRANSPORT_ANNULE = "TransportAnnule"
    CRITERE_VERIFIE = "CritereVerifie"
    COURSE_PROPOSEE = "CourseProposee"
    COURSE_ACCEPTEE = "CourseAcceptee"
    COURSE_REFUSEE = "CourseRefusee"
    COURSE_ANNULEE = "CourseAnnulee"
    COURSE_CONDUITE = "CourseConduite"
    TRAJET_CONDUCTEUR_ENREGISTRE = "TrajetConducteurEnregistre"
    TRAJET_CONDUCTEUR_RETIRE = "TrajetConducteurRetire"
    TRAJET_CONDUCTEUR_ROUVERT = "TrajetConducteurRouvert"
    COVOITURAGE_DEMANDE = "CovoiturageDemande"
    COVOITURAGE_ACCEPTE = "CovoiturageAccepte"
    COVOITURAGE_REFUSE = "CovoiturageRefuse"
    COVOITURAGE_ANNULE = "CovoiturageAnnule"
    MESSAGE_ENVOYE = "MessageEnvoye"
    MESSAGE_FAIT = "MessageFait"
    CANAL_REFUSE = "CanalRefuse"
    CANAL_ACCEPTE = "CanalAccepte"
    AGENDA_OUVERT = "AgendaOuvert"
    AGENDA_RETIRE = "AgendaRetire"
    CONTACT_NOTE = "ContactNote"
    CONTACT_RETIRE = "ContactRetire"
    DOSSIER_PRIS = "DossierPris"
    PRESCRIPTION_ENVOYEE = "PrescriptionEnvoyee"
    PRESCRIPTION_RATTACHEE = "PrescriptionRattachee"
    PRESCRIPTION_REPONDUE = "PrescriptionRepondue"
    PRESCRIPTION_RETIREE = "PrescriptionRetiree"
    JOURNEE_PREVUE = "JourneePrevue"
    JOURNEE_ANNULEE = "JourneeAnnulee"
    INSCRITE_A_LA_JOURNEE = "InscriteALaJournee"
    INSCRIPTION_RETIREE = "InscriptionRetiree"
    PRESENCE_NOTEE = "PresenceNotee"
    REPARTIE_AVEC_UN_RENDEZ_VOUS = "RepartieAvecUnRendezVous"
    VISITE_NOTEE = "VisiteNotee"
    BILAN_EXTERNE_JOINT = "BilanExterneJoint"
    BILAN_EXTERNE_REPRIS = "BilanExterneRepris"
    BILAN_EXTERNE_ECARTE = "BilanExterneEcarte"
    BILAN_EXTERNE_RETIRE = "BilanExterneRetire"
    ACCORD_FRANCE_TRAVAIL_DONNE = "AccordFranceTravailDonne"
    ACCORD_FRANCE_TRAVAIL_RETIRE = "AccordFranceTravailRetire"
    FICHE_FRANCE_TRAVAIL_EXPORTEE = "FicheFranceTravailExportee"
    MAISONS_IMPORTEES = "MaisonsImportees"
    DONNEES_CHARGEES = "DonneesChargees"


class ActeurManquant(RuntimeError):
    """A change was about to be written without saying who makes it: a bug, never a refusal."""


class LigneJournal(Base, kw_only=True):
    """One line of the journal. Build it with ``consigner``; the database refuses to change it."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "objet_type", "objet_id"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    survenu_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    acteur_id: Mapped[int]
    acteur_role: Mapped[RoleActeur]
    quoi: Mapped[str]
    objet_type: Mapped[str]
    objet_id: Mapped[int]
    details: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)


def consigner(
    acteur: Acteur | None,
    quoi: Evenement,
    objet: Base,
    *,
    le: datetime | None = None,
    **details: Any,
) -> LigneJournal:
    """Build the line that tells a change of ``objet``, to add in the transaction of that change.

    ``objet`` must already have its number (flush first). ``details`` are numbers, days, instants,
    booleans, ``None``, codes without spaces, or lists of those. Raises ``ActeurManquant`` without an
    actor and ``ValueError`` for anything that could be a sentence or a name.
    """
    if acteur is None:
        raise ActeurManquant(f"{quoi} : personne ne le fait")
    numero = getattr(objet, "id", None)
    if numero is None:
        raise ValueError(f"{objet!r} has no number yet: flush before writing the journal")
    return LigneJournal(
        survenu_le=le or maintenant(),
        acteur_id=acteur.id,
        acteur_role=acteur.role,
        quoi=quoi.value,
        objet_type=objet.__tablename__,
        objet_id=numero,
        details={cle: _sans_texte(cle, valeur) for cle, valeur in details.items()},
    )


def _sans_texte(cle: str, valeur: Any) -> Any:
    if valeur is None or isinstance(valeur, bool | int | float):
        return valeur
    if isinstance(valeur, date):
        return valeur.isoformat()
    if isinstance(valeur, str) and _CODE.fullmatch(valeur):
        return str(valeur)
    if isinstance(valeur, list | tuple):
        return [_sans_texte(cle, element) for element in valeur]
    raise ValueError(
        f"the journal holds codes and numbers only, not « {cle} » of type {type(valeur).__name__}"
    )


def lignes_de(objet: Base) -> Select[LigneJournal]:
    """The history of one object, oldest first."""
    return (
        select(LigneJournal)
        .where(
            LigneJournal.objet_type == objet.__tablename__,
            LigneJournal.objet_id == getattr(objet, "id", None),
        )
        .order_by(LigneJournal.survenu_le, LigneJournal.id)
    )


GARDES_SQLITE = (
    """CREATE TRIGGER journal_jamais_modifie BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal_jamais_modifie'); END""",
    """CREATE TRIGGER journal_jamais_efface BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal_jamais_modifie'); END""",
)
GARDES_POSTGRESQL = (
    """CREATE FUNCTION refuser_modification_journal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'journal_jamais_modifie' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER journal_jamais_modifie BEFORE UPDATE OR DELETE ON journal
FOR EACH ROW EXECUTE FUNCTION refuser_modification_journal()""",
    """CREATE TRIGGER journal_jamais_vide BEFORE TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION refuser_modification_journal()""",
)
garder(LigneJournal.__table__, sqlite=GARDES_SQLITE, postgresql=GARDES_POSTGRESQL)
