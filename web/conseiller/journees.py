"""« Journées d'accueil »: half-days planned, people registered, who came, and with what each left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from mobilite.base import PARIS, ce_jour, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement, consigner
from mobilite.journee_accueil import (
    CreneauAccueil,
    InscriptionAccueil,
    JourneeAccueil,
    Presence,
    RaisonAbsence,
    journees_a_venir,
)
from mobilite.maison_solidarite import maisons
from mobilite.personnes import Personne
from mobilite.prescription import Prescription
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, dire_enregistre, ouvrir_dossier
from web.conseiller.orientations import la_fiche
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.journees import (
    annuler,
    conclure,
    decouper,
    inscrire_a,
    inscrites,
    noter_presence,
    prevoir,
    restantes,
)
from web.transaction import lecture, reessayer, transaction

_NOM, _PHRASE = 80, 200
_PARTENAIRES_MAX = 12


def la_journee(session: Session, uuid: UUID) -> JourneeAccueil:
    """One half-day; unknown is a 404."""
    return session.scalars(select(JourneeAccueil).where(JourneeAccueil.uuid == uuid)).one()


def l_inscription(session: Session, uuid: UUID) -> InscriptionAccueil:
    """One registration, with whom it is about; unknown is a 404."""
    return session.scalars(
        select(InscriptionAccueil)
        .where(InscriptionAccueil.uuid == uuid)
        .options(selectinload(InscriptionAccueil.personne), selectinload(InscriptionAccueil.prescription))
    ).one()


@conseiller.get("/journees")
def journees() -> str:
    """Those to come with the places left, then the last ones."""
    le = ce_jour()
    with lecture() as session:
        prochaines = session.scalars(journees_a_venir(le)).all()
        passees = session.scalars(
            select(JourneeAccueil)
            .where(JourneeAccueil.le < le)
            .order_by(JourneeAccueil.le.desc(), JourneeAccueil.id.desc())
            .limit(12)
        ).all()
        libres = restantes(session, prochaines)
        return render_template(
            "conseiller/journees.html",
            prochaines=[(j, sum(libres[c.id] for c in j.creneaux)) for j in prochaines],
            passees=passees,
        )


@conseiller.get("/journees/nouvelle")
def nouvelle_journee() -> str:
    """Plan one."""
    with lecture() as session:
        return _formulaire(session)


@conseiller.post("/journees/nouvelle")
def prevoir_une_journee() -> ResponseReturnValue:
    """Keep it, cut into slots."""
    f = Formulaire(request.form)
    dite = _lire_journee(f)
    if dite is None:
        with lecture() as session:
            return _formulaire(session, f.erreurs, request.form.to_dict()), REFUS
    journee = _prevoir(dite, f.brut("cle")[:40] or nouvelle_cle(), f.brut("maison"))
    dire_enregistre("La journée est prévue : inscrivez les personnes depuis leur dossier ou leur fiche.")
    return redirect(url_for("conseiller.journee", uuid=journee.uuid), 303)


@dataclass(frozen=True, slots=True)
class _JourneeDite:
    le: date
    lieu: str
    partenaires: list[str]
    debut: time
    fin: time
    duree: int
    places: int

    def creneaux(self) -> list[CreneauAccueil]:
        """Its slots, new at each try of the transaction."""
        return decouper(self.le, self.debut, self.fin, self.duree, self.places)


def _lire_journee(f: Formulaire) -> _JourneeDite | None:
    jour = f.jour("le")
    if jour is None:
        f.erreur("le", "Dites quel jour.")
    elif jour < ce_jour():
        f.erreur("le", "Ce jour est passé.")
    lieu = f.texte("lieu", _PHRASE, "Dites où : une adresse que tout le monde trouve.") or ""
    partenaires = f.lignes("partenaires", _PARTENAIRES_MAX, _NOM)
    debut = f.heure("debut", "À quelle heure elle commence.")
    fin = f.heure("fin", "À quelle heure elle finit.")
    duree, places = f.entier("duree", 10, 240), f.entier("places", 1, 50)
    for nom, lu, phrase in (
        ("duree", duree, "Écrivez les minutes d'un créneau, de 10 à 240."),
        ("places", places, "Écrivez combien de personnes par créneau."),
    ):
        if lu is None:
            f.erreur(nom, phrase)
    if f.erreurs or jour is None or debut is None or fin is None or duree is None or places is None:
        return None
    dite = _JourneeDite(
        jour, lieu, partenaires, time.fromisoformat(debut), time.fromisoformat(fin), duree, places
    )
    if not dite.creneaux():
        f.erreur("fin", "Aucun créneau ne tient entre ces deux heures.")
        return None
    return dite


@reessayer
def _prevoir(dite: _JourneeDite, cle: str, maison: str) -> JourneeAccueil:
    with transaction() as session:
        choisie = next((m for m in session.scalars(maisons()) if str(m.uuid) == maison), None)
        return prevoir(
            session,
            acteur_courant(),
            le=dite.le,
            lieu=dite.lieu,
            maison=choisie,
            partenaires=dite.partenaires,
            creneaux=dite.creneaux(),
            cle=cle,
        )


def _formulaire(
    session: Session,
    erreurs: Mapping[str, str] = MappingProxyType({}),
    saisie: Mapping[str, str] = MappingProxyType({}),
) -> str:
    return render_template(
        "conseiller/journee_nouvelle.html",
        maisons=[(str(m.uuid), m.nom) for m in session.scalars(maisons())],
        erreurs=erreurs,
        saisie=saisie,
        cle=saisie.get("cle") or nouvelle_cle(),
        demain=ce_jour() + timedelta(days=7),
    )


@conseiller.get("/journees/<uuid:uuid>")
def journee(uuid: UUID) -> str:
    """Its slots, who is expected, who came, with what each left."""
    with lecture() as session:
        return _page(session, la_journee(session, uuid))


@conseiller.get("/journees/<uuid:uuid>/liste")
def liste_de_la_journee(uuid: UUID) -> str:
    """The list of the welcome desk, to print: hours and first names, nothing else of anybody."""
    with lecture() as session:
        journee = la_journee(session, uuid)
        return render_template(
            "conseiller/journee_liste.html", journee=journee, inscrites=inscrites(session, journee)
        )


@conseiller.post("/journees/<uuid:uuid>/annuler")
def annuler_la_journee(uuid: UUID) -> ResponseReturnValue:
    """It will not take place."""
    with transaction() as session:
        annuler(session, la_journee(session, uuid), acteur_courant(), maintenant())
    flash("La journée est annulée. Prévenez les personnes inscrites : la liste reste ici.")
    return redirect(url_for("conseiller.journee", uuid=uuid), 303)


@conseiller.get("/journees/inscrire")
def inscrire_a_une_journee() -> str:
    """The slots that are left, for one dossier (``?dossier=``) or one fiche (``?orientation=``)."""
    with lecture() as session:
        return _page_inscrire(session, *_qui(session, request.args))


@conseiller.post("/journees/inscrire")
def inscrire_la_personne() -> ResponseReturnValue:
    """Give her the place; somebody faster is told at once, with what is left."""
    try:
        journee = _inscrire(request.form)
    except RegleMetier as refus:
        with lecture() as session:
            return _page_inscrire(session, *_qui(session, request.form), refus.phrase), REFUS
    dire_enregistre("Sa place est prise.")
    return redirect(url_for("conseiller.journee", uuid=journee), 303)


@reessayer
def _inscrire(formulaire: Mapping[str, str]) -> UUID:
    with transaction() as session:
        personne, fiche = _qui(session, formulaire)
        numero = formulaire.get("creneau", "")
        creneau = (
            session.get(CreneauAccueil, int(numero)) if numero.isdecimal() and len(numero) < 10 else None
        )
        if creneau is None:
            raise RegleMetier("Choisissez une heure.")
        inscrire_a(session, creneau, acteur_courant(), maintenant(), personne=personne, prescription=fiche)
        return creneau.journee.uuid


def _qui(session: Session, dit: Mapping[str, str]) -> tuple[Personne | None, Prescription | None]:
    """Whom it is for: her dossier when there is one, with her fiche if she came by one."""
    fiche = la_fiche(session, _uuid(dit["orientation"])) if dit.get("orientation") else None
    if fiche is not None:
        return fiche.personne, fiche
    return ouvrir_dossier(session, _uuid(dit.get("dossier", ""))), None


def _uuid(texte: str) -> UUID:
    try:
        return UUID(texte)
    except ValueError:
        abort(404)


def _page_inscrire(
    session: Session, personne: Personne | None, fiche: Prescription | None, refus: str = ""
) -> str:
    prochaines = session.scalars(journees_a_venir(ce_jour())).all()
    return render_template(
        "conseiller/journee_inscrire.html",
        nom=personne.nom_complet if personne else fiche.nom_complet if fiche else "",
        personne=personne,
        fiche=fiche,
        journees=prochaines,
        libres=restantes(session, prochaines),
        refus=refus,
    )


@conseiller.post("/journees/inscriptions/<uuid:uuid>/retirer")
def retirer_l_inscription(uuid: UUID) -> ResponseReturnValue:
    """Free her place."""
    with transaction() as session:
        inscription = l_inscription(session, uuid)
        if inscription.retirer(maintenant()):
            session.add(consigner(acteur_courant(), Evenement.INSCRIPTION_RETIREE, inscription))
        journee = inscription.creneau.journee.uuid
    flash("Sa place est libre.")
    return redirect(url_for("conseiller.journee", uuid=journee), 303)


@conseiller.post("/journees/inscriptions/<uuid:uuid>/presence")
def noter_la_presence(uuid: UUID) -> ResponseReturnValue:
    """Whether she came, and what kept her away; never a reproach."""
    f = Formulaire(request.form)
    presence, raison = f.parmi("presence", Presence), f.parmi("raison", RaisonAbsence)
    if presence is None:
        abort(400)
    with transaction() as session:
        inscription = l_inscription(session, uuid)
        noter_presence(session, inscription, acteur_courant(), presence, raison)
        journee = inscription.creneau.journee.uuid
    dire_enregistre()
    return redirect(url_for("conseiller.journee", uuid=journee) + f"#inscription-{uuid}", 303)


@conseiller.post("/journees/inscriptions/<uuid:uuid>/depart")
def noter_son_depart(uuid: UUID) -> ResponseReturnValue:
    """She leaves with an orientation and an appointment."""
    f = Formulaire(request.form, f"{uuid}-")
    orientation = f.texte("orientation", _PHRASE, "Écrivez vers quoi elle est orientée.") or ""
    avec = f.texte("avec", _NOM, "Dites avec qui elle a rendez-vous.") or ""
    lieu, jour = f.texte("lieu", _NOM) or "", f.jour("le")
    heure = f.heure("heure", "Donnez l'heure du rendez-vous.")
    if jour is None:
        f.erreur("le", "Donnez le jour du rendez-vous.")
    if f.erreurs or jour is None or heure is None:
        with lecture() as session:
            journee = l_inscription(session, uuid).creneau.journee
            return _page(session, journee, f.erreurs, request.form.to_dict()), REFUS
    _conclure(uuid, orientation, datetime.combine(jour, time.fromisoformat(heure), PARIS), lieu, avec)
    dire_enregistre("Imprimez sa feuille : elle repart avec.")
    return redirect(url_for("conseiller.feuille_de_la_personne", uuid=uuid), 303)


@reessayer
def _conclure(uuid: UUID, orientation: str, quand: datetime, lieu: str, avec: str) -> None:
    with transaction() as session:
        conclure(
            session,
            l_inscription(session, uuid),
            acteur_courant(),
            maintenant(),
            orientation=orientation,
            rendez_vous=quand,
            lieu=lieu,
            avec=avec,
        )


@conseiller.get("/journees/inscriptions/<uuid:uuid>/feuille")
def feuille_de_la_personne(uuid: UUID) -> str:
    """Her page: where to go, when, with whom. One sheet, for her."""
    with lecture() as session:
        return render_template("conseiller/journee_feuille.html", i=l_inscription(session, uuid))


def _page(
    session: Session,
    journee: JourneeAccueil,
    erreurs: Mapping[str, str] = MappingProxyType({}),
    saisie: Mapping[str, str] = MappingProxyType({}),
) -> str:
    return render_template(
        "conseiller/journee.html",
        journee=journee,
        inscrites=inscrites(session, journee),
        libres=restantes(session, [journee]),
        presences=list(Presence),
        raisons=[(r.value, r.libelle) for r in RaisonAbsence],
        erreurs=erreurs,
        saisie=saisie,
        venue_passee=journee.le <= ce_jour(),
    )
