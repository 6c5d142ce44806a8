"""The diary of one person, in the order of days: what the house already knows, and the few lines written by hand.

Nothing is typed twice. Bookings, messages, sittings of the diagnostic, the plan, the parcours, rides tell
themselves: they are read from the journal, which every change writes. By hand: what no machine can know.
The number of queries is the same for one line as for a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Executable, Select, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS, ce_jour, jour_local
from mobilite.bilan_externe import BilanExterne
from mobilite.carnet import (
    PHRASE_MAX,
    Contact,
    DateRefusee,
    GenreContact,
    contacts_visibles_par,
    noter_contact,
)
from mobilite.course_solidaire import CourseSolidaire
from mobilite.covoiturage import DemandeCovoiturage
from mobilite.demande_transport import DemandeDeTransport
from mobilite.diagnostic import Diagnostic, Reponse
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.journal import Evenement, LigneJournal, consigner
from mobilite.journee_accueil import InscriptionAccueil
from mobilite.liste_attente import Attente
from mobilite.notification import GenreMessage, Message
from mobilite.offre import Offre
from mobilite.parcours import MembreCercle, Parcours
from mobilite.personnes import BesoinExprime, Personne
from mobilite.plan import Action, PlanActions
from mobilite.prescription import Prescription
from mobilite.reservation import Reservation
from mobilite.texte_sensible import reperer
from web.acces import acteur_courant
from web.comptes import Compte
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.erreurs import REFUS
from web.formats import jour
from web.formulaire import Formulaire
from web.personne.suivi import nouvelle_cle
from web.referentiel import referentiel
from web.transaction import bd, lecture, reessayer, transaction

PAR_PAGE = 40
SUR_LE_DOSSIER = 6
GENRES = [(genre.value, genre.libelle) for genre in GenreContact]
REPONSES = [("oui", "Oui"), ("non", "Non")]


class Rubrique(StrEnum):
    """Where a line of the diary comes from."""

    CONTACT = "Contact"
    MESSAGE = "Message"
    VEHICULE = "Véhicule"
    TRAJET = "Trajet"
    DIAGNOSTIC = "Diagnostic"
    PLAN = "Plan"
    PARCOURS = "Parcours"
    DOSSIER = "Dossier"


@dataclass(frozen=True, slots=True)
class Fait:
    """One line: the day, the hour when one is known, what happened, who did it.

    ``contact``: the line was written by hand, and can be taken out by whoever wrote it.
    """

    rubrique: Rubrique
    jour: date
    instant: datetime
    phrase: str
    par: str = ""
    detail: str = ""
    heure_connue: bool = True
    contact: UUID | None = None
    sien: bool = False


# What the journal says, in words. {quoi} is the thing it speaks of, as it is called today.
_DITS: Mapping[Rubrique, Mapping[Evenement, str]] = {
    Rubrique.DOSSIER: {
        Evenement.DOSSIER_OUVERT: "Dossier ouvert",
        Evenement.DOSSIER_PRIS: "Suivie par un conseiller",
        Evenement.CARTE_DONNEE: "Carte d'accès donnée",
        Evenement.BESOIN_NOTE: "Besoin noté{quoi}",
        Evenement.BESOIN_RETIRE: "Besoin retiré",
        Evenement.ATTESTATION_DONNEE: "Attestation donnée",
        Evenement.CANAL_REFUSE: "Ne veut plus de messages par une voie",
        Evenement.CANAL_ACCEPTE: "Veut de nouveau des messages par une voie",
        Evenement.PRESCRIPTION_REPONDUE: "Réponse donnée à l'orientation{quoi}",
        Evenement.ACCORD_FRANCE_TRAVAIL_DONNE: "D'accord pour que France Travail reçoive sa fiche",
        Evenement.ACCORD_FRANCE_TRAVAIL_RETIRE: "Ne veut plus que France Travail reçoive sa fiche",
        Evenement.FICHE_FRANCE_TRAVAIL_EXPORTEE: "Fiche pour France Travail téléchargée",
    },
    Rubrique.DIAGNOSTIC: {
        Evenement.DIAGNOSTIC_COMMENCE: "Diagnostic commencé{quoi}",
        Evenement.NIVEAU_CORRIGE: "Niveau d'un axe dit par le conseiller",
        Evenement.ISSUE_RETENUE: "Issue du diagnostic dite par le conseiller",
        Evenement.BILAN_EXTERNE_JOINT: "Bilan fait ailleurs joint",
        Evenement.BILAN_EXTERNE_REPRIS: "Réponses d'un bilan fait ailleurs confirmées avec elle",
        Evenement.BILAN_EXTERNE_RETIRE: "Ne veut plus que ce bilan fait ailleurs serve",
    },
    Rubrique.PLAN: {
        Evenement.ACTION_GARDEE: "Au plan{quoi}",
        Evenement.ACTION_COMMENCEE: "En cours{quoi}",
        Evenement.ACTION_FAITE: "Fait{quoi}",
        Evenement.ACTION_ECARTEE: "Mis de côté{quoi}",
        Evenement.ACTION_ABANDONNEE: "Abandonné{quoi}",
    },
    Rubrique.PARCOURS: {
        Evenement.PARCOURS_OUVERT: "Parcours ouvert",
        Evenement.ORIENTATION_NOTEE: "Orientation notée",
        Evenement.REFERENT_CHOISI: "Référent choisi avec elle",
        Evenement.INTENSITE_CHOISIE: "Intensité de l'accompagnement choisie",
        Evenement.ENTRETIEN_NOTE: "Point d'étape ou entretien à trois",
        Evenement.REORIENTATION_DEMANDEE: "Réorientation demandée",
        Evenement.REORIENTATION_CLOSE: "Réorientation décidée",
        Evenement.INSCRITE_A_LA_JOURNEE: "Inscrite à une journée d'accueil",
        Evenement.PRESENCE_NOTEE: "Présence notée à la journée d'accueil",
        Evenement.REPARTIE_AVEC_UN_RENDEZ_VOUS: "Repartie de la journée d'accueil avec un rendez-vous",
        Evenement.PARCOURS_TERMINE: "Parcours terminé",
        Evenement.CONTACT_APRES_NOTE: "Nouvelles prises six mois après",
        Evenement.CERCLE_OUVERT: "Entre dans son cercle{quoi}",
        Evenement.CERCLE_RETIRE: "Sort de son cercle{quoi}",
    },
    Rubrique.VEHICULE: {
        Evenement.RESERVATION_DEMANDEE: "Véhicule demandé{quoi}",
        Evenement.PLACE_PROPOSEE: "Véhicule gardé pour elle{quoi}",
        Evenement.RESERVATION_CONFIRMEE: "Place confirmée{quoi}",
        Evenement.RESERVATION_REFUSEE: "Pas possible cette fois{quoi}",
        Evenement.RESERVATION_ANNULEE: "Réservation annulée{quoi}",
        Evenement.RESERVATION_DEPLACEE: "Jours changés{quoi}",
        Evenement.RESERVATION_CHANGEE: "Autre véhicule, mêmes jours{quoi}",
        Evenement.RESERVATION_PROLONGEE: "Réservation prolongée{quoi}",
        Evenement.RESERVATION_EXPIREE: "Demande restée sans réponse{quoi}",
        Evenement.RESERVATION_A_RELOGER: "Véhicule arrêté, à revoir avec elle{quoi}",
        Evenement.RESERVATION_CLOSE: "Séjour terminé{quoi}",
        Evenement.PAPIERS_VUS: "Papiers vus{quoi}",
        Evenement.VEHICULE_REMIS: "Véhicule remis{quoi}",
        Evenement.VEHICULE_RENDU: "Véhicule rendu{quoi}",
        Evenement.PERSONNE_ABSENTE: "N'a pas pu venir au véhicule{quoi}",
        Evenement.PERSONNE_RECONTACTEE: "Rappelée après son absence{quoi}",
        Evenement.ATTENTE_INSCRITE: "Inscrite sur la liste d'attente{quoi}",
        Evenement.ATTENTE_RETIREE: "N'attend plus{quoi}",
    },
    Rubrique.TRAJET: {
        Evenement.TRANSPORT_DEMANDE: "Transport demandé{quoi}",
        Evenement.TRANSPORT_REFUSE: "Pas de bénévole{quoi}",
        Evenement.TRANSPORT_ANNULE: "Transport annulé{quoi}",
        Evenement.COURSE_ACCEPTEE: "Bénévole trouvé{quoi}",
        Evenement.COURSE_ANNULEE: "Trajet annulé{quoi}",
        Evenement.COURSE_CONDUITE: "Trajet fait{quoi}",
        Evenement.COVOITURAGE_DEMANDE: "Covoiturage demandé",
        Evenement.COVOITURAGE_ACCEPTE: "Covoiturage accepté",
        Evenement.COVOITURAGE_REFUSE: "Covoiturage refusé",
        Evenement.COVOITURAGE_ANNULE: "Covoiturage annulé",
    },
    Rubrique.MESSAGE: {Evenement.MESSAGE_ENVOYE: "Envoyé{quoi}", Evenement.MESSAGE_FAIT: "Fait{quoi}"},
}
_RUBRIQUES = {
    quoi.value: (rubrique, phrase) for rubrique, dits in _DITS.items() for quoi, phrase in dits.items()
}


def _numeros(personne_id: int) -> Mapping[str, Select[int]]:
    """For each table of things that are hers, the numbers of those things."""
    plan = select(Action.id).join(PlanActions, PlanActions.id == Action.plan_id)
    course = select(CourseSolidaire.id).join(
        DemandeDeTransport, DemandeDeTransport.id == CourseSolidaire.demande_id
    )
    return {
        "personne": select(Personne.id).where(Personne.id == personne_id),
        "besoin": select(BesoinExprime.id).where(BesoinExprime.personne_id == personne_id),
        "diagnostic": select(Diagnostic.id).where(Diagnostic.personne_id == personne_id),
        "bilan_externe": select(BilanExterne.id).where(BilanExterne.personne_id == personne_id),
        "action": plan.where(PlanActions.personne_id == personne_id),
        "parcours": select(Parcours.id).where(Parcours.personne_id == personne_id),
        "membre_cercle": select(MembreCercle.id).where(MembreCercle.personne_id == personne_id),
        "reservation": select(Reservation.id).where(Reservation.personne_id == personne_id),
        "attente": select(Attente.id).where(Attente.personne_id == personne_id),
        "demande_transport": select(DemandeDeTransport.id).where(
            DemandeDeTransport.personne_id == personne_id
        ),
        "course_solidaire": course.where(DemandeDeTransport.personne_id == personne_id),
        "demande_covoiturage": select(DemandeCovoiturage.id).where(
            DemandeCovoiturage.personne_id == personne_id
        ),
        "message": select(Message.id).where(
            Message.personne_id == personne_id, Message.structure_id.is_(None)
        ),
        "inscription_accueil": select(InscriptionAccueil.id).where(
            InscriptionAccueil.personne_id == personne_id
        ),
        "prescription": select(Prescription.id).where(Prescription.personne_id == personne_id),
    }


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the diary, the latest first. ``encore``: there is more before."""

    faits: list[Fait]
    numero: int
    encore: bool


def lire_le_carnet(session: Session, personne: Personne, *, page: int = 1, par_page: int = PAR_PAGE) -> Page:
    """One page of the diary, the latest first; each thing that happened stands in it once."""
    page = max(1, page)
    voulus = page * par_page + 1
    lignes = _journal(session, personne.id, voulus)
    contacts = session.scalars(
        contacts_visibles_par(acteur_courant()).where(Contact.personne_id == personne.id).limit(voulus)
    ).all()
    seances = _seances(session, personne.id)
    comptes = (
        {ligne.acteur_id for ligne in lignes} | {c.note_par for c in contacts} | {s.par for s in seances}
    )
    noms = {0: ""} | {
        numero: libelle.partition(" (")[0]
        for numero, libelle in session.execute(
            select(Compte.id, Compte.libelle).where(Compte.id.in_(comptes))
        )
    }
    faits = [
        *_faits_du_journal(session, lignes, noms),
        *(_fait_du_contact(c, noms) for c in contacts),
        *(s.fait(noms) for s in seances),
    ]
    faits.sort(key=lambda f: (f.jour, f.instant), reverse=True)
    debut = (page - 1) * par_page
    return Page(faits[debut : debut + par_page], page, len(faits) > debut + par_page)


def _journal(session: Session, personne_id: int, au_plus: int) -> list[LigneJournal]:
    """What the journal says of her things: every branch is an indexed read of her own lines."""
    branches = [
        select(LigneJournal.id, LigneJournal.survenu_le).where(
            LigneJournal.objet_type == table,
            LigneJournal.objet_id.in_(siens),
            LigneJournal.quoi.in_(_RUBRIQUES),
        )
        for table, siens in _numeros(personne_id).items()
    ]
    tous = union_all(*branches).subquery()
    derniers = select(tous.c.id).order_by(tous.c.survenu_le.desc(), tous.c.id.desc()).limit(au_plus)
    return list(session.scalars(select(LigneJournal).where(LigneJournal.id.in_(derniers))))


@dataclass(frozen=True, slots=True)
class _Seance:
    """The answers noted on one day, in one diagnostic, by one person."""

    moment: str
    par: int
    fin: datetime
    nombre: int

    def fait(self, noms: Mapping[int, str]) -> Fait:
        pluriel = "s" if self.nombre > 1 else ""
        return Fait(
            Rubrique.DIAGNOSTIC,
            jour_local(self.fin),
            self.fin,
            f"{self.nombre} réponse{pluriel} notée{pluriel} ({self.moment.lower()})",
            noms.get(self.par, ""),
        )


def _seances(session: Session, personne_id: int) -> list[_Seance]:
    """The sittings: an answer changed on the same day counts once, on another day it is another sitting."""
    moments = {
        numero: genre.libelle
        for numero, genre in session.execute(
            select(Diagnostic.id, Diagnostic.type).where(Diagnostic.personne_id == personne_id)
        )
    }
    notees = session.execute(
        select(
            LigneJournal.objet_id, LigneJournal.acteur_id, LigneJournal.survenu_le, LigneJournal.details
        ).where(
            LigneJournal.objet_type == Diagnostic.__tablename__,
            LigneJournal.objet_id.in_(moments),
            LigneJournal.quoi == Evenement.REPONSE_NOTEE.value,
        )
    )
    en_vigueur = session.execute(
        select(Reponse.diagnostic_id, Reponse.par, Reponse.repondu_le, Reponse.code).where(
            Reponse.diagnostic_id.in_(moments)
        )
    )
    lues = [(d, par, quand, str(details.get("question"))) for d, par, quand, details in notees]
    lues += [(d, par, quand, code) for d, par, quand, code in en_vigueur]
    seances: dict[tuple[int, date, int], tuple[datetime, set[str]]] = {}
    for diagnostic, par, quand, code in lues:
        cle = (diagnostic, jour_local(quand), par)
        fin, codes = seances.get(cle, (quand, set()))
        seances[cle] = (max(fin, quand), codes | {code})
    return [
        _Seance(moments[diagnostic], par, fin, len(codes))
        for (diagnostic, _, par), (fin, codes) in seances.items()
    ]


def _fait_du_contact(contact: Contact, noms: Mapping[int, str]) -> Fait:
    """A line written by hand: a day, no hour."""
    return Fait(
        Rubrique.CONTACT,
        contact.le,
        # In the middle of its day, unless it was written down that very day.
        contact.note_le
        if jour_local(contact.note_le) == contact.le
        else datetime.combine(contact.le, time(12), PARIS).astimezone(UTC),
        contact.dit,
        noms.get(contact.note_par, ""),
        contact.phrase,
        heure_connue=False,
        contact=contact.uuid,
        sien=contact.note_par == acteur_courant().id,
    )


def _faits_du_journal(
    session: Session, lignes: Iterable[LigneJournal], noms: Mapping[int, str]
) -> Iterator[Fait]:
    lignes = list(lignes)
    quois = _quois(session, lignes)
    for ligne in lignes:
        rubrique, phrase = _RUBRIQUES[ligne.quoi]
        quoi = quois.get((ligne.objet_type, ligne.objet_id), "")
        yield Fait(
            rubrique,
            jour_local(ligne.survenu_le),
            ligne.survenu_le,
            phrase.format(quoi=f" : {quoi}" if quoi else ""),
            _qui(ligne, noms),
        )


def _qui(ligne: LigneJournal, noms: Mapping[int, str]) -> str:
    match ligne.acteur_role:
        case RoleActeur.PERSONNE:
            return "elle"
        case RoleActeur.SYSTEME:
            return ""
        case _:
            return noms.get(ligne.acteur_id, "")


def _quois(session: Session, lignes: Iterable[LigneJournal]) -> dict[tuple[str, int], str]:
    """What each thing is called, one query a table."""
    vus: dict[str, set[int]] = {}
    for ligne in lignes:
        vus.setdefault(ligne.objet_type, set()).add(ligne.objet_id)
    return {
        (table, numero): quoi
        for table, numeros in vus.items()
        if (requete := _NOMMER.get(table)) is not None
        for numero, quoi in (requete(ligne) for ligne in session.execute(_REQUETES[table](numeros)))
    }


_REQUETES: Mapping[str, Callable[[set[int]], Executable]] = {
    "reservation": lambda n: (
        select(Reservation.id, Vehicule.libelle, Reservation.debut, Reservation.fin)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .where(Reservation.id.in_(n))
    ),
    "attente": lambda n: (
        select(Attente.id, Offre.nom).join(Offre, Offre.id == Attente.offre_id).where(Attente.id.in_(n))
    ),
    "action": lambda n: select(Action.id, Action.intitule).where(Action.id.in_(n)),
    "message": lambda n: select(Message.id, Message.canal, Message.genre).where(Message.id.in_(n)),
    "besoin": lambda n: select(BesoinExprime.id, BesoinExprime.destination, BesoinExprime.lieu_libre).where(
        BesoinExprime.id.in_(n)
    ),
    "diagnostic": lambda n: select(Diagnostic.id, Diagnostic.type).where(Diagnostic.id.in_(n)),
    "demande_transport": lambda n: select(DemandeDeTransport.id, DemandeDeTransport.jour).where(
        DemandeDeTransport.id.in_(n)
    ),
    "course_solidaire": lambda n: (
        select(CourseSolidaire.id, DemandeDeTransport.jour)
        .join(DemandeDeTransport, DemandeDeTransport.id == CourseSolidaire.demande_id)
        .where(CourseSolidaire.id.in_(n))
    ),
    "membre_cercle": lambda n: select(MembreCercle.id, MembreCercle.nom, MembreCercle.structure).where(
        MembreCercle.id.in_(n)
    ),
    "prescription": lambda n: select(Prescription.id, Prescription.prescripteur).where(
        Prescription.id.in_(n)
    ),
}


def _du_au(debut: datetime, fin: datetime) -> str:
    du, au = jour_local(debut), dernier_jour(fin)
    return f"le {jour(du)}" if du == au else f"du {jour(du)} au {jour(au)}"


_NOMMER: Mapping[str, Callable[[Any], tuple[int, str]]] = {
    "reservation": lambda r: (r.id, f"{r.libelle}, {_du_au(r.debut, r.fin)}"),
    "attente": lambda a: (a.id, a.nom),
    "action": lambda a: (a.id, a.intitule),
    "message": lambda m: (m.id, f"{m.canal.libelle}, {GenreMessage(m.genre).libelle.lower()}"),
    "besoin": lambda b: (b.id, referentiel().nom(b.destination) if b.destination else b.lieu_libre or ""),
    "diagnostic": lambda d: (d.id, d.type.libelle.lower()),
    "demande_transport": lambda d: (d.id, jour(d.jour)),
    "course_solidaire": lambda c: (c.id, jour(c.jour)),
    "membre_cercle": lambda m: (m.id, m.nom or m.structure),
    "prescription": lambda p: (p.id, p.prescripteur),
}


@conseiller.get("/dossiers/<uuid:uuid>/carnet")
def carnet(uuid: UUID) -> str:
    """The whole diary, a page at a time, and the form that adds to it."""
    personne = consulter(uuid)
    return _page(bd.session, personne, Formulaire(request.args), page=request.args.get("page", 1, type=int))


def _page(session: Session, personne: Personne, f: Formulaire, *, page: int = 1) -> str:
    return render_template(
        "conseiller/carnet.html",
        personne=personne,
        carnet=lire_le_carnet(session, personne, page=page),
        erreurs=f.erreurs,
        saisie=f.saisie,
        **contexte_de_saisie(),
    )


def contexte_de_saisie() -> dict[str, Any]:
    """What the form that adds a line needs."""
    return {
        "genres_de_contact": GENRES,
        "reponses_de_contact": REPONSES,
        "phrase_max": PHRASE_MAX,
        "cle_du_carnet": nouvelle_cle(),
        "le": ce_jour(),
    }


@conseiller.post("/dossiers/<uuid:uuid>/carnet")
def noter_au_carnet(uuid: UUID) -> ResponseReturnValue:
    """Add a call, a visit, a rendez-vous, a letter. One form sent twice adds one line."""
    f = Formulaire(request.form, "carnet-")
    genre = f.parmi("genre", GenreContact)
    if genre is None:
        f.erreur("genre", "Choisissez ce qui a eu lieu.")
    le = f.jour("le") or ce_jour()
    phrase = f.texte("phrase", PHRASE_MAX) or ""
    for signale in reperer(phrase):
        if signale.certain:
            f.erreur("phrase", signale.phrase)
        elif not f.erreurs:
            flash(signale.phrase)
    joint = {"oui": True, "non": False}.get(f.brut("joint"))
    if genre is not None and not f.erreurs:
        try:
            _noter(uuid, genre, le, joint, phrase, f.brut("cle")[:80])
        except DateRefusee as refus:
            f.erreur("le", refus.phrase)
    if f.erreurs:
        with lecture() as session:
            return _page(session, ouvrir_dossier(session, uuid), f), REFUS
    dire_enregistre("C'est dans son carnet.")
    if f.brut("suite") == "carnet":
        return redirect(url_for("conseiller.carnet", uuid=uuid), 303)
    return redirect(url_for("conseiller.dossier", uuid=uuid, _anchor="carnet"), 303)


@reessayer
def _noter(uuid: UUID, genre: GenreContact, le: date, joint: bool | None, phrase: str, cle: str) -> None:
    acteur = acteur_courant()
    try:
        with transaction() as session:
            personne = ouvrir_dossier(session, uuid)
            deja = select(Contact.id).where(Contact.personne_id == personne.id, Contact.cle == cle)
            if cle and session.scalar(deja) is not None:
                return
            contact = noter_contact(
                personne, genre, le, acteur, aujourdhui=ce_jour(), joint=joint, phrase=phrase, cle=cle
            )
            session.add(contact)
            session.flush()
            session.add(
                consigner(acteur, Evenement.CONTACT_NOTE, contact, genre=genre.value, joint=contact.joint)
            )
    except IntegrityError:
        # The same form, sent at the same instant: the other one wrote the line.
        bd.session.rollback()


@conseiller.post("/dossiers/<uuid:uuid>/carnet/<uuid:contact_uuid>/retirer")
def retirer_du_carnet(uuid: UUID, contact_uuid: UUID) -> ResponseReturnValue:
    """Take out a line written by mistake: only whoever wrote it. The journal keeps that it was there."""
    _retirer(uuid, contact_uuid)
    dire_enregistre("La ligne est retirée.")
    return redirect(url_for("conseiller.carnet", uuid=uuid), 303)


@reessayer
def _retirer(uuid: UUID, contact_uuid: UUID) -> None:
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        contact = session.scalars(
            contacts_visibles_par(acteur).where(
                Contact.personne_id == personne.id,
                Contact.uuid == contact_uuid,
                Contact.note_par == acteur.id,
            )
        ).one()
        session.add(consigner(acteur, Evenement.CONTACT_RETIRE, contact, genre=contact.genre.value))
        session.delete(contact)
