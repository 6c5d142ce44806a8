"""The parcours of one person: référent, circle, meetings, re-orientation, leaving, six months later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.base import Base, ce_jour
from mobilite.cercle import MembreCercle, Portee
from mobilite.erreurs import RegleMetier
from mobilite.intensite import Intensite
from mobilite.journal import Evenement, consigner
from mobilite.parametres import parametres
from mobilite.parcours import AccordManquant, GenreEntretien, IssueReorientation, Parcours, RaisonDuChangement
from mobilite.personnes import Personne
from mobilite.structure import Structure
from mobilite.texte_sensible import reperer
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.conseiller.resultats import constats_de
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.parcours import cercle_de, delais_de, ouvrir_parcours, parcours_de
from web.plan import donnees_du_plan
from web.transaction import bd, lecture, transaction

_NOM, _PHRASE, _TEXTE = 80, 200, 500
_PRESENTS_MAX = 8

Ecrire = Callable[[Session, Personne, Formulaire, date], "Fait | None"]

Fait = tuple[Base, Evenement]
"""What changed, and the event that tells it; ``None`` from a writer: nothing did."""


class _ARevoir(Exception):
    """Some fields do not fit: the transaction is undone, the form comes back."""


@conseiller.get("/dossiers/<uuid:uuid>/parcours")
def parcours(uuid: UUID) -> str:
    """Everything about the parcours, on one page."""
    return _page(bd.session, consulter(uuid))


@conseiller.post("/dossiers/<uuid:uuid>/parcours/orientation")
def noter_orientation(uuid: UUID) -> ResponseReturnValue:
    """Who sent her, when, and when she was first met."""
    return _poster(uuid, "orientation", _orientation)


def _orientation(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    suivi = ouvrir_parcours(session, personne, le)
    oriente, vu = f.jour("oriente_le"), f.jour("premier_rendez_vous")
    if oriente and vu and vu < oriente:
        f.erreur("premier_rendez_vous", "Le premier rendez-vous vient après l'orientation.")
    suivi.oriente_le, suivi.premier_rendez_vous = oriente, vu
    suivi.oriente_par = f.texte("oriente_par", _NOM) or ""
    if oriente and oriente < suivi.ouvert_le:
        suivi.ouvert_le = oriente
    return suivi, Evenement.ORIENTATION_NOTEE


@conseiller.post("/dossiers/<uuid:uuid>/parcours/referent")
def choisir_referent(uuid: UUID) -> ResponseReturnValue:
    """Her référent, chosen with her."""
    return _poster(uuid, "referent", _referent)


def _referent(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    nom = f.texte("nom", _NOM, "Dites qui est son référent.") or ""
    champs = {c: f.texte(c, _NOM) or "" for c in ("structure", "telephone")}
    raison, quand = _libre(f, "raison", _PHRASE), f.jour("le") or le
    if f.erreurs:
        return None
    suivi = ouvrir_parcours(session, personne, le)
    avant = suivi.referent
    choisi = suivi.choisir_referent(
        nom, acteur_courant(), quand, accord=f.coche("accord"), raison=raison, **champs
    )
    personne.referent = nom
    return None if choisi is avant else (suivi, Evenement.REFERENT_CHOISI)


@conseiller.post("/dossiers/<uuid:uuid>/parcours/intensite")
def choisir_intensite(uuid: UUID) -> ResponseReturnValue:
    """How closely she is accompanied; the next review follows, or the day that was typed."""
    return _poster(uuid, "intensite", _intensite)


def _intensite(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    voulue = f.parmi("intensite", Intensite)
    raison, revue = _libre(f, "raison", _PHRASE), f.jour("revue")
    if voulue is None:
        f.erreur("intensite", "Choisissez une intensité.")
    if revue is not None and revue < le:
        f.erreur("revue", "Le prochain point est à venir.")
    if f.erreurs or voulue is None:
        return None
    suivi = ouvrir_parcours(session, personne, le)
    constats = constats_de(session, personne, le)
    proposee = constats.intensite.value if constats and constats.intensite else ""
    suivi.choisir_intensite(voulue, le, parametres(le), proposee=proposee, raison=raison)
    suivi.prochaine_revue = revue or suivi.prochaine_revue
    return suivi, Evenement.INTENSITE_CHOISIE


@conseiller.post("/dossiers/<uuid:uuid>/parcours/entretiens")
def noter_entretien(uuid: UUID) -> ResponseReturnValue:
    """A review or an entretien tripartite: the day, who was there, what was decided."""
    return _poster(uuid, "entretien", _entretien)


def _entretien(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    genre, quand = f.parmi("genre", GenreEntretien), f.jour("le")
    presents = [p.strip() for p in (f.texte("presents", _PHRASE) or "").split(",") if p.strip()]
    decision = _libre(f, "decision", _TEXTE)
    if genre is None:
        f.erreur("genre", "Choisissez.")
    if quand is None:
        f.erreur("le", "Dites quel jour.")
    elif quand > le:
        f.erreur("le", "Ce jour n'est pas encore passé.")
    if len(presents) > _PRESENTS_MAX:
        f.erreur("presents", f"{_PRESENTS_MAX} personnes au plus.")
    if genre is GenreEntretien.TRIPARTITE and not presents:
        f.erreur("presents", "Dites qui était là.")
    if f.erreurs or genre is None or quand is None:
        return None
    suivi = ouvrir_parcours(session, personne, le)
    connus = len(suivi.entretiens)
    suivi.noter_entretien(
        genre,
        quand,
        acteur_courant(),
        parametres(le),
        presents=presents,
        decision=decision,
        cle=f.brut("cle")[:40] or None,
    )
    return (suivi, Evenement.ENTRETIEN_NOTE) if len(suivi.entretiens) > connus else None


@conseiller.post("/dossiers/<uuid:uuid>/parcours/reorientation")
def reorienter(uuid: UUID) -> ResponseReturnValue:
    """Start the clock of a re-orientation, or say how it ended."""
    return _poster(uuid, "reorientation", _reorientation)


def _reorientation(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    suivi = ouvrir_parcours(session, personne, le)
    if suivi.reorientation is not None and f.brut("issue"):
        issue, decision = f.parmi("issue", IssueReorientation), _libre(f, "decision", _TEXTE)
        if f.erreurs or issue is None:
            return None
        suivi.clore_reorientation(issue, le, decision)
        return suivi, Evenement.REORIENTATION_CLOSE
    vers = f.texte("vers", _NOM, "Dites vers qui.") or ""
    motif = _libre(f, "motif", _PHRASE)
    if f.erreurs:
        return None
    ouverte = suivi.reorientation
    demande = suivi.demander_reorientation(vers, motif, le, acteur_courant(), parametres(le))
    return None if demande is ouverte else (suivi, Evenement.REORIENTATION_DEMANDEE)


@conseiller.post("/dossiers/<uuid:uuid>/parcours/cercle")
def ouvrir_le_cercle(uuid: UUID) -> ResponseReturnValue:
    """Let a professional in, with her agreement."""
    return _poster(uuid, "cercle", _cercle)


def _cercle(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    cle = f.brut("cle")[:40] or None
    if (
        cle
        and session.scalars(
            select(MembreCercle).where(MembreCercle.personne_id == personne.id, MembreCercle.cle == cle)
        ).first()
    ):
        return None
    nom, portee = f.texte("nom", _NOM) or "", f.parmi("portee", Portee)
    choisie, jusqu_au = _structure(session, f.brut("structure")), f.jour("jusqu_au")
    autre = f.texte("autre", _NOM) or ""
    if not (nom or choisie or autre):
        f.erreur("nom", "Dites qui entre dans son cercle.")
    if portee is None:
        f.erreur("portee", "Choisissez ce qui est partagé.")
    if jusqu_au is not None and jusqu_au < le:
        f.erreur("jusqu_au", "Cette date est passée.")
    if f.erreurs or portee is None:
        return None
    if not f.coche("accord"):
        raise AccordManquant
    membre = MembreCercle(
        personne_id=personne.id,
        nom=nom,
        structure=choisie.nom if choisie else autre,
        structure_id=choisie.id if choisie else None,
        portee=portee,
        du=le,
        jusqu_au=jusqu_au,
        accord_le=le,
        note_par=acteur_courant().id,
        cle=cle,
    )
    session.add(membre)
    session.flush()
    return membre, Evenement.CERCLE_OUVERT


def _structure(session: Session, uuid: str) -> Structure | None:
    try:
        voulue = UUID(uuid)
    except ValueError:
        return None
    return session.scalars(select(Structure).where(Structure.uuid == voulue)).one_or_none()


@conseiller.post("/dossiers/<uuid:uuid>/parcours/cercle/<uuid:membre_uuid>/retirer")
def retirer_du_cercle(uuid: UUID, membre_uuid: UUID) -> ResponseReturnValue:
    """She takes her agreement back: from now on this one sees nothing."""
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        membre = session.scalars(
            select(MembreCercle).where(
                MembreCercle.uuid == membre_uuid, MembreCercle.personne_id == personne.id
            )
        ).one()
        if membre.retirer(acteur):
            session.add(consigner(acteur, Evenement.CERCLE_RETIRE, membre))
    return _retour(uuid, "cercle", "Cette personne ne voit plus rien.")


@conseiller.post("/dossiers/<uuid:uuid>/parcours/sortie")
def terminer(uuid: UUID) -> ResponseReturnValue:
    """The bilan de fin, and why the parcours ends."""
    return _poster(uuid, "sortie", _sortie)


def _sortie(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
    cause = donnees_du_plan().referentiel.cause(f.brut("cause"))
    quand = f.jour("le") or le
    bilan = {c: _libre(f, c, _TEXTE) for c in ("atteint", "reste", "ses_mots")}
    if cause is None:
        f.erreur("cause", "Choisissez dans la liste.")
    if not any(bilan.values()):
        f.erreur("atteint", "Écrivez le bilan en une phrase au moins : ce qui est acquis, ou ce qui reste.")
    if quand > le:
        f.erreur("le", "Ce jour n'est pas encore passé.")
    if f.erreurs or cause is None:
        return None
    suivi = ouvrir_parcours(session, personne, le)
    suivi.sortir(cause.code, quand, parametres(le), **bilan)
    return suivi, Evenement.PARCOURS_TERMINE


@conseiller.post("/dossiers/<uuid:uuid>/parcours/<uuid:parcours_uuid>/contact")
def noter_contact(uuid: UUID, parcours_uuid: UUID) -> ResponseReturnValue:
    """Where she stands six months later."""

    def ecrire(session: Session, personne: Personne, f: Formulaire, le: date) -> Fait | None:
        suivi = next((p for p in parcours_de(session, personne) if p.uuid == parcours_uuid), None)
        if suivi is None or not suivi.termine:
            abort(404)
        situation = donnees_du_plan().referentiel.situation(f.brut("situation"))
        if situation is None:
            f.erreur("situation", "Choisissez dans la liste.")
            return None
        if suivi.contact_situation == situation.code:
            return None
        suivi.noter_contact(situation.code, le)
        return suivi, Evenement.CONTACT_APRES_NOTE

    return _poster(uuid, "contact", ecrire)


def _poster(uuid: UUID, section: str, ecrire: Ecrire) -> ResponseReturnValue:
    """One form of the page: written whole with its event, or shown again with what does not fit."""
    acteur, f = acteur_courant(), Formulaire(request.form, f"{section}-")
    try:
        with transaction() as session:
            personne = ouvrir_dossier(session, uuid)
            try:
                fait = ecrire(session, personne, f, ce_jour())
            except (AccordManquant, RaisonDuChangement) as refus:
                f.erreur("accord" if isinstance(refus, AccordManquant) else "raison", refus.phrase)
            except RegleMetier as refus:
                f.erreurs[""] = refus.phrase
            if f.erreurs:
                raise _ARevoir
            if fait is not None:
                session.flush()
                session.add(consigner(acteur, fait[1], fait[0]))
    except (_ARevoir, IntegrityError) as refus:
        if isinstance(refus, IntegrityError):
            f.erreurs[""] = "Quelqu'un vient d'écrire au même endroit. Relisez la page, puis recommencez."
        with lecture() as session:
            return _page(session, ouvrir_dossier(session, uuid), f.erreurs, request.form.to_dict()), REFUS
    return _retour(uuid, section)


def _retour(uuid: UUID, section: str, annonce: str = "") -> ResponseReturnValue:
    if annonce:
        flash(annonce)
    else:
        dire_enregistre()
    return redirect(url_for("conseiller.parcours", uuid=uuid) + f"#{section}", 303)


def _libre(f: Formulaire, nom: str, au_plus: int) -> str:
    """A few words, without a number that is never needed here; words of health get a reminder."""
    texte = (
        (f.texte(nom, au_plus) or "") if "\n" not in f.brut(nom) else " ".join(f.brut(nom).split())[:au_plus]
    )
    for signale in reperer(texte):
        if signale.certain:
            f.erreur(nom, signale.phrase)
        else:
            flash(signale.phrase)
    return texte


def _page(
    session: Session,
    personne: Personne,
    erreurs: Mapping[str, str] = MappingProxyType({}),
    saisie: Mapping[str, str] = MappingProxyType({}),
) -> str:
    le = ce_jour()
    tous = parcours_de(session, personne)
    actuel: Parcours | None = next((p for p in tous if not p.termine), None)
    constats = constats_de(session, personne, le)
    referentiel = donnees_du_plan().referentiel
    contexte: dict[str, Any] = {
        "personne": personne,
        "actuel": actuel,
        "passes": [p for p in tous if p.termine],
        "delais": delais_de(session, actuel) if actuel else None,
        "intensite_proposee": constats.intensite if constats else None,
        "cercle": cercle_de(session, personne, le),
        "structures": session.execute(
            select(Structure.uuid, Structure.nom).order_by(Structure.nom, Structure.id)
        ).all(),
        "causes": [(c.code, c.libelle) for c in referentiel.causes],
        "situations": [(s.code, s.libelle) for s in referentiel.situations],
        "libelle_cause": {c.code: c.libelle for c in (*referentiel.causes, *referentiel.situations)},
        "intensites": [(i.value, i.libelle) for i in Intensite],
        "genres": [(g.value, g.libelle) for g in GenreEntretien],
        "portees": [(p.value, p.libelle) for p in Portee],
        "issues": [(i.value, i.libelle) for i in IssueReorientation],
        "delai_reorientation": parametres(le)["suivi.reorientation_jours"],
        "le": le,
        "erreurs": erreurs,
        "saisie": saisie,
        "cle": nouvelle_cle(),
    }
    return render_template("conseiller/parcours.html", **contexte)
