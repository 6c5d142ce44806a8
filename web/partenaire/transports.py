"""The requests for a volunteer: needs first, contacts once somebody said yes; propose, answer, note the km."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, selectinload

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.benevole import Benevole
from mobilite.besoin import Minute
from mobilite.course_solidaire import (
    CourseSolidaire,
    EtatDemande,
    StatutCourse,
    courses_visibles_par,
    etat_de,
    sens_a_pourvoir,
)
from mobilite.demande_transport import (
    DemandeDeTransport,
    StatutDemande,
    demandes_de_transport_visibles_par,
)
from mobilite.document import Champ
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.droit.transport_utilite_sociale import AUTRES_VOIES
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.parametres import parametres
from mobilite.transport_solidaire import Fauteuil, Retour, Sens
from mobilite.verdict import Verdict
from web import transports as actes
from web.acces import acteur_courant
from web.erreurs import REFUS
from web.formats import heure, majuscule
from web.formulaire import Formulaire
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_demande_de_transport, sa_structure, son_benevole
from web.referentiel import referentiel
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Transport solidaire", "transports", rang=4)

RECENT = timedelta(days=30)
EN_AVANT = 5
"""How many volunteers stand open; the others are one click away."""

REFUS_DU_BENEVOLE: Mapping[str, str] = {
    "pas_libre": "Pas libre à cette heure-là",
    "trop_loin": "Trop loin",
    "assez": "A déjà beaucoup conduit",
    "autre": "Autre raison",
}
_Faire = Callable[[Session], str]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to pick up: shown once a volunteer has said yes, never before."""

    prenom: str
    telephone: str | None
    lieu_depart: str
    lieu_arrivee: str


@dataclass(frozen=True, slots=True)
class DemandeVue:
    """One request as the association sees it: needs and communes; ``contact`` after a yes."""

    demande: DemandeDeTransport
    etat: EtatDemande
    courses: Sequence[CourseSolidaire]
    depart: str
    arrivee: str
    heures: str
    besoins: tuple[str, ...]
    contact: Contact | None

    @property
    def a_pourvoir(self) -> tuple[Sens, ...]:
        """The trips nobody has yet."""
        return sens_a_pourvoir(self.demande, self.courses)


def vue_de(demande: DemandeDeTransport, courses: Sequence[CourseSolidaire]) -> DemandeVue:
    """What may be shown of a request to the association that was asked."""
    accepte = any(c.statut is StatutCourse.ACCEPTEE for c in courses)
    personne = demande.personne
    contact = None
    if accepte and personne is not None and demande.statut is StatutDemande.OUVERTE:
        contact = Contact(
            personne.prenom,
            None if personne.contact_discret else personne.telephone,
            demande.lieu_depart,
            demande.lieu_arrivee,
        )
    return DemandeVue(
        demande,
        etat_de(demande, courses, ce_jour()),
        courses,
        referentiel().nom(demande.depart),
        referentiel().nom(demande.arrivee),
        dire_heures_de(demande),
        dire_besoins(demande),
        contact,
    )


def dire_heures_de(demande: DemandeDeTransport) -> str:
    """« Arriver à 10 h ; repartir à 11 h 30, le bénévole attend »."""
    aller = _dire("Arriver", demande.arriver_a) or _dire("Partir", demande.partir_a)
    if demande.repart_a is None:
        return aller
    comment = "le bénévole attend" if demande.retour is Retour.ATTENTE else "on vient la rechercher"
    return f"{aller} ; repartir à {heure(demande.repart_a)}, {comment}"


def _dire(quoi: str, minute: Minute | None) -> str:
    return "" if minute is None else f"{quoi} à {heure(minute)}"


def dire_besoins(demande: DemandeDeTransport) -> tuple[str, ...]:
    """What the trip asks, visible before anybody accepts."""
    besoins = [f"{demande.passagers} personnes à conduire"] if demande.passagers > 1 else []
    if demande.fauteuil is None:
        besoins.append("Fauteuil roulant : à demander")
    elif demande.fauteuil is not Fauteuil.AUCUN:
        besoins.append(demande.fauteuil.libelle)
    if demande.sieges_enfant:
        pluriel = "s" if demande.sieges_enfant > 1 else ""
        besoins.append(f"{demande.sieges_enfant} siège{pluriel} enfant")
    if demande.accompagnement:
        besoins.append("Accompagner à pied jusqu’à la porte ou au guichet")
    return tuple(besoins)


@partenaire.get("/transports")
def transports() -> str:
    """What waits: volunteers to find, answers to note, trips to come, km to note."""
    instant = maintenant()
    with lecture() as session:
        vues = _vues(session, instant)
        courses = [c for vue in vues for c in vue.courses]
        return render_template(
            "partenaire/transports.html",
            structure=sa_structure(session),
            a_pourvoir=[v for v in vues if v.a_pourvoir and _ouverte(v)],
            attendent=_avec(vues, courses, StatutCourse.PROPOSEE),
            a_venir=[x for x in _avec(vues, courses, StatutCourse.ACCEPTEE) if x[1].depose > instant],
            a_noter=[x for x in _avec(vues, courses, StatutCourse.ACCEPTEE) if x[1].depose <= instant],
            finies=[v for v in reversed(vues) if v.etat in _FINIES][:20],
            refus=list(REFUS_DU_BENEVOLE.items()),
            aujourdhui=jour_local(instant),
        )


_FINIES = (EtatDemande.CONDUITE, EtatDemande.SANS_BENEVOLE, EtatDemande.ANNULEE, EtatDemande.PASSEE)


def _vues(session: Session, instant: datetime) -> list[DemandeVue]:
    visibles = demandes_de_transport_visibles_par(acteur_courant()).where(
        DemandeDeTransport.jour >= jour_local(instant - RECENT)
    )
    demandes = session.scalars(visibles.options(selectinload(DemandeDeTransport.personne))).all()
    courses = actes.courses_de(session, demandes)
    return [vue_de(demande, courses[demande.id]) for demande in demandes]


def _ouverte(vue: DemandeVue) -> bool:
    return vue.demande.statut is StatutDemande.OUVERTE and vue.demande.jour >= ce_jour()


def _avec(
    vues: Collection[DemandeVue], courses: Collection[CourseSolidaire], statut: StatutCourse
) -> list[tuple[DemandeVue, CourseSolidaire]]:
    par_id = {vue.demande.id: vue for vue in vues}
    choisies = sorted((c for c in courses if c.statut is statut), key=lambda c: (c.debut, c.id))
    return [(par_id[c.demande_id], c) for c in choisies]


@partenaire.get("/transports/<uuid:uuid>")
def voir_transport(uuid: UUID) -> str:
    """One request: its needs, who can drive and why, what was answered."""
    with lecture() as session:
        return _page(session, sa_demande_de_transport(session, uuid), {}, {})


@partenaire.post("/transports/<uuid:uuid>/proposer")
def proposer_course(uuid: UUID) -> ResponseReturnValue:
    """Give a trip to a volunteer; « déjà d’accord » notes her yes at once."""

    def faire(session: Session) -> str:
        demande = sa_demande_de_transport(session, uuid)
        benevole = _le_benevole(session, request.form.get("benevole", ""))
        course = actes.proposer(
            session,
            demande,
            _sens(request.form.get("sens", "")),
            benevole,
            par=acteur_courant(),
            son_accord="son_accord" in request.form,
        )
        if request.form.get("reponse") != "oui":
            return f"Proposé à {benevole.prenom} : appelez, puis notez sa réponse."
        actes.accepter(session, course, par=acteur_courant())
        return f"{benevole.prenom} conduit. La personne voit son prénom et son numéro."

    return _repondre(uuid, faire)


@partenaire.post("/transports/<uuid:uuid>/sans-benevole")
def sans_benevole(uuid: UUID) -> ResponseReturnValue:
    """Say that nobody can, in words for the person."""

    def faire(session: Session) -> str:
        mot = " ".join(request.form.get("reponse", "").split())
        reponse = Champ(mot, "reponse").texte(300) if mot else ""
        demande = sa_demande_de_transport(session, uuid)
        actes.clore(session, demande, StatutDemande.SANS_BENEVOLE, par=acteur_courant(), reponse=reponse)
        return "Réponse envoyée : pas de bénévole cette fois. La conseillère cherche autre chose avec elle."

    return _repondre(uuid, faire)


@partenaire.post("/transports/<uuid:uuid>/critere")
def verifier_critere(uuid: UUID) -> ResponseReturnValue:
    """Note that somebody saw what opens the transport to her."""

    def faire(session: Session) -> str:
        critere = Champ(request.form.get("critere", ""), "critere").parmi(CritereTransport)
        if critere is CritereTransport.A_VERIFIER:
            raise DonneeRefusee("critere", "Choisissez ce que vous avez vu.")
        actes.verifier_critere(session, sa_demande_de_transport(session, uuid), critere, par=acteur_courant())
        return "C’est noté : le transport lui est ouvert."

    return _repondre(uuid, faire)


@partenaire.post("/courses/<uuid:uuid>/<suite>")
def repondre_course(uuid: UUID, suite: str) -> ResponseReturnValue:
    """On behalf of the volunteer, on the telephone: yes, no, called off, or done with its km."""
    if suite not in ("accepter", "refuser", "annuler", "conduite"):
        abort(404)
    with lecture() as session:
        demande = _la_course(session, uuid).demande.uuid

    def faire(session: Session) -> str:
        course, par = _la_course(session, uuid), acteur_courant()
        if suite == "accepter":
            actes.accepter(session, course, par=par)
            return f"{course.benevole.prenom} conduit. La personne voit son prénom et son numéro."
        if suite == "refuser":
            motif = REFUS_DU_BENEVOLE.get(request.form.get("motif", ""), "")
            actes.refuser(session, course, motif, par=par)
            return "C’est noté. Proposez le trajet à quelqu’un d’autre."
        if suite == "annuler":
            actes.annuler(session, course, "", par=par)
            return "Trajet annulé. Proposez-le à quelqu’un d’autre, ou prévenez la personne."
        return _noter(session, course)

    return _repondre(demande, faire)


def _noter(session: Session, course: CourseSolidaire) -> str:
    f = Formulaire(request.form)
    total, avec = f.nombre("km_total", 0.1, 2000), f.nombre("km_avec_elle", 0.1, 2000)
    participation = f.nombre("participation", 0, 2000)
    for nom, valeur, phrase in (
        ("km_total", total, "Dites les kilomètres en tout."),
        ("km_avec_elle", avec, "Dites les kilomètres avec la personne."),
        ("participation", participation, "Dites la participation : 0 s’il n’y en a pas."),
    ):
        if valeur is None:
            raise DonneeRefusee(nom, f.erreurs.get(nom, phrase))
    droit = actes.conduire(
        session,
        course,
        par=acteur_courant(),
        km_total=total or 0,
        km_avec_elle=avec or 0,
        participation_centimes=round((participation or 0) * 100),
    )
    if droit.verdict is Verdict.A_VERIFIER:
        return f"C’est noté. Participation à vérifier : {droit.phrase}"
    return "C’est noté : ce trajet compte dans le rapport au préfet."


def _repondre(demande: UUID, faire: _Faire) -> ResponseReturnValue:
    """Answer in one transaction; a refusal shows the request as it now is, with what was typed."""
    try:
        merci = _faire(faire)
    except RegleMetier as refus:
        champ = refus.champ if isinstance(refus, DonneeRefusee) else ""
        phrase = refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase
        statut = REFUS if isinstance(refus, DonneeRefusee) else 409
        with lecture() as session:
            erreurs = {champ: majuscule(phrase)}
            return _page(session, sa_demande_de_transport(session, demande), request.form, erreurs), statut
    flash(merci)
    suite = url_for("partenaire.voir_transport", uuid=demande)
    return redirect(url_for("partenaire.transports") if request.form.get("depuis") == "liste" else suite, 303)


@reessayer
def _faire(faire: _Faire) -> str:
    with transaction() as session:
        return faire(session)


def _la_course(session: Session, uuid: UUID) -> CourseSolidaire:
    return session.scalars(courses_visibles_par(acteur_courant()).where(CourseSolidaire.uuid == uuid)).one()


def _le_benevole(session: Session, texte: str) -> Benevole:
    try:
        uuid = UUID(texte)
    except ValueError:
        raise DonneeRefusee("benevole", "Choisissez un bénévole.") from None
    return son_benevole(session, uuid)


def _sens(texte: str) -> Sens:
    try:
        return Sens(texte)
    except ValueError:
        raise DonneeRefusee("sens", "Choisissez l’aller ou le retour.") from None


def _page(
    session: Session,
    demande: DemandeDeTransport,
    saisie: Mapping[str, str],
    erreurs: Mapping[str, str],
) -> str:
    vue = vue_de(demande, actes.courses_de(session, [demande])[demande.id])
    ouverte = _ouverte(vue)
    return render_template(
        "partenaire/transport.html",
        vue=vue,
        ouverte=ouverte,
        choix=[(sens, actes.classement(session, demande, sens)) for sens in vue.a_pourvoir]
        if ouverte
        else [],
        en_avant=EN_AVANT,
        saisie=saisie,
        erreurs=dict(erreurs),
        refus=list(REFUS_DU_BENEVOLE.items()),
        criteres=[(c.value, c.libelle) for c in CritereTransport if c is not CritereTransport.A_VERIFIER],
        autres_voies=AUTRES_VOIES,
        plafond_km=parametres(demande.jour)["tus.participation_km"],
        methode=referentiel().accessibilite(ce_jour()).methode,
        instant=maintenant(),
    )
