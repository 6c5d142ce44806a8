"""The bilans made elsewhere: attached with her agreement, and taken up answer by answer with her."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.bilan import AXES_MEUSE, Niveau
from mobilite.bilan_externe import BilanExterne, OrganismeBilan, RemisPar, Suite, bilans_visibles_par
from mobilite.diagnostic import ReponseChangee
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.prescription import FormeAccord
from mobilite.question import en_json
from mobilite.texte_sensible import reperer
from web.acces import acteur_courant
from web.bilans_externes import Etat, Suggestion, bilans_de, dit_dans, questions_a_reprendre, suggestions
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.conseiller.resultats import NIVEAUX_A_DIRE, resultats_de
from web.erreurs import REFUS
from web.formats import majuscule
from web.formulaire import Formulaire
from web.prise_de_notes import PriseDeNotes, dernier, verrouiller
from web.referentiel import referentiel
from web.transaction import bd, lecture, transaction

_NOM = 80
_RIEN: Mapping[str, str] = MappingProxyType({})


@conseiller.get("/dossiers/<uuid:uuid>/bilans")
def bilans(uuid: UUID) -> str:
    """The bilans made elsewhere, and the form that attaches one."""
    return _page(bd.session, consulter(uuid))


@conseiller.post("/dossiers/<uuid:uuid>/bilans")
def joindre_bilan(uuid: UUID) -> ResponseReturnValue:
    """Attach a bilan: who made it, when, who brought it, and her agreement; one form sent twice is one."""
    acteur, f, le = acteur_courant(), Formulaire(request.form), ce_jour()
    joint = _lire(f, le)
    if joint is None:
        with lecture() as session:
            personne = ouvrir_dossier(session, uuid)
            return _page(session, personne, f.erreurs, request.form.to_dict()), REFUS
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        verrouiller(session, personne)
        envoye = select(BilanExterne).where(
            BilanExterne.personne_id == personne.id, BilanExterne.cle == joint["cle"]
        )
        deja = session.scalars(envoye).first() if joint["cle"] else None
        bilan = deja or BilanExterne(
            personne_id=personne.id,
            questionnaire=referentiel().questionnaire.version,
            note_par=acteur.id,
            **joint,
        )
        if deja is None:
            session.add(bilan)
            session.flush()
            session.add(
                consigner(acteur, Evenement.BILAN_EXTERNE_JOINT, bilan, organisme=bilan.organisme.value)
            )
    dire_enregistre("Notez maintenant ce qu'il répond.")
    return redirect(_adresse(uuid, bilan), 303)


def _lire(f: Formulaire, le: date) -> dict[str, Any] | None:
    """What the form says of a bilan, or ``None`` with the errors named."""
    lu: dict[str, Any] = {
        "organisme": f.parmi("organisme", OrganismeBilan),
        "organisme_nom": f.texte("organisme_nom", _NOM) or "",
        "fait_le": f.jour("fait_le"),
        "remis_par": f.parmi("remis_par", RemisPar),
        "vu_le": f.jour("vu_le"),
        "accord_le": f.jour("accord_le") or le,
        "accord_comment": f.parmi("accord_comment", FormeAccord),
        "niveaux": {
            axe.value: niveau.value
            for axe in AXES_MEUSE
            if (niveau := f.parmi(f"niveau-{axe.value}", Niveau)) in NIVEAUX_A_DIRE and niveau is not None
        },
        "cle": f.brut("cle")[:40] or None,
    }
    if any(signale.certain for signale in reperer(lu["organisme_nom"])):
        f.erreur("organisme_nom", "Un nom d'organisme seulement, sans numéro.")
    for champ in ("organisme", "remis_par", "accord_comment"):
        if lu[champ] is None:
            f.erreur(champ, "Choisissez.")
    if lu["organisme"] is OrganismeBilan.AUTRE and not lu["organisme_nom"]:
        f.erreur("organisme_nom", "Dites qui l'a fait.")
    fait_le = lu["fait_le"]
    if fait_le is None:
        f.erreur("fait_le", "Dites quel jour il a été fait.")
    for champ in ("fait_le", "vu_le", "accord_le"):
        jour = lu[champ]
        if jour is not None and jour > le:
            f.erreur(champ, "Ce jour n'est pas encore passé.")
        elif jour is not None and fait_le is not None and jour < fait_le:
            f.erreur(champ, "Ce jour vient après celui du bilan.")
    if not f.coche("accord"):
        f.erreur("accord", "Notez d'abord son accord : ce bilan est à elle.")
    return None if f.erreurs else lu


@conseiller.get("/dossiers/<uuid:uuid>/bilans/<uuid:bilan_uuid>")
def reprendre_bilan(uuid: UUID, bilan_uuid: UUID) -> str:
    """What a bilan proposes to the diagnostic, and the questions it answers."""
    personne = consulter(uuid)
    return _page_d_un(bd.session, personne, _un(bd.session, personne, bilan_uuid))


@conseiller.post("/dossiers/<uuid:uuid>/bilans/<uuid:bilan_uuid>/reponses")
def noter_bilan(uuid: UUID, bilan_uuid: UUID) -> ResponseReturnValue:
    """Write down what a bilan answers, by codes. Nothing enters the diagnostic yet."""
    erreurs: dict[str, str] = {}
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        bilan = _un(session, personne, bilan_uuid)
        dites: dict[str, Any] = {}
        for _titre, items in questions_a_reprendre(bilan.questionnaire):
            for item in items:
                postees = [valeur for valeur in request.form.getlist(item.code) if valeur.strip()]
                if not postees:
                    continue
                try:
                    valeur = en_json(item.lire_formulaire(postees))
                except DonneeRefusee as refus:
                    erreurs[item.code] = majuscule(refus.raison)
                    continue
                if valeur is not None:
                    dites[item.code] = valeur
        if not erreurs:
            bilan.reponses = dites
    if erreurs:
        with lecture() as session:
            personne = ouvrir_dossier(session, uuid)
            saisie = {code: request.form.getlist(code) for code in request.form}
            page = _page_d_un(session, personne, _un(session, personne, bilan_uuid), erreurs, saisie)
        return page, REFUS
    dire_enregistre("Confirmez maintenant avec la personne.")
    return redirect(_adresse(uuid, bilan) + "#suggestions", 303)


@conseiller.post("/dossiers/<uuid:uuid>/bilans/<uuid:bilan_uuid>/suites")
def suivre_bilan(uuid: UUID, bilan_uuid: UUID) -> ResponseReturnValue:
    """Confirm or put aside one suggestion, or confirm at once those that nothing contradicts.

    An answer given meanwhile is never replaced: the page comes back with both.
    """
    confirmer, ecarter = request.form.get("confirmer", ""), request.form.get("ecarter", "")
    changees = 0
    faites: list[str] = []
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        verrouiller(session, personne)
        bilan = _un(session, personne, bilan_uuid)
        notes = PriseDeNotes(session, personne, dernier(personne), acteur_courant())
        toutes = confirmer == "toutes" and not bilan.a_revoir(ce_jour(), parametres(ce_jour()))
        for suggestion in suggestions(bilan, notes.diagnostic):
            code = suggestion.item.code
            if confirmer == code or (toutes and suggestion.etat is Etat.A_CONFIRMER):
                try:
                    faites += _confirmer(bilan, notes, suggestion, request.form.get(f"vu-{code}", ""))
                except ReponseChangee:
                    changees += 1
            elif ecarter == code and suggestion.etat is not Etat.ECARTEE:
                actuel = notes.diagnostic or notes.commencer()
                bilan.noter_suite(actuel, code, Suite.ECARTEE, notes.acteur)
                session.add(consigner(notes.acteur, Evenement.BILAN_EXTERNE_ECARTE, bilan, question=code))
        if faites:
            session.add(consigner(notes.acteur, Evenement.BILAN_EXTERNE_REPRIS, bilan, questions=faites))
    if changees:
        flash("Une réponse a été donnée entre-temps : relisez, puis choisissez.")
    else:
        dire_enregistre()
    return redirect(_adresse(uuid, bilan) + "#suggestions", 303)


def _confirmer(bilan: BilanExterne, notes: PriseDeNotes, suggestion: Suggestion, marque: str) -> list[str]:
    """Write one answer in the diagnostic and keep where it was said; the same answer again is nothing."""
    if suggestion.etat in (Etat.CONFIRMEE, Etat.DEJA_DITE):
        return []
    code = suggestion.item.code
    notes.noter(suggestion.item, suggestion.item.en_formulaire(suggestion.valeur), marque)
    if notes.diagnostic is None or code not in notes.diagnostic.reponses:
        return []
    repondu_le = notes.diagnostic.reponses[code].repondu_le
    bilan.noter_suite(notes.diagnostic, code, Suite.CONFIRMEE, notes.acteur, marque=repondu_le)
    return [code]


@conseiller.post("/dossiers/<uuid:uuid>/bilans/<uuid:bilan_uuid>/retirer")
def retirer_bilan(uuid: UUID, bilan_uuid: UUID) -> ResponseReturnValue:
    """She takes her agreement back: what the bilan says is forgotten at once."""
    acteur = acteur_courant()
    with transaction() as session:
        bilan = _un(session, ouvrir_dossier(session, uuid), bilan_uuid)
        if bilan.retirer(acteur):
            session.add(consigner(acteur, Evenement.BILAN_EXTERNE_RETIRE, bilan))
    flash("Ce bilan est retiré. Les réponses déjà confirmées avec elle restent.")
    return redirect(url_for("conseiller.bilans", uuid=uuid), 303)


def _un(session: Session, personne: Personne, bilan_uuid: UUID) -> BilanExterne:
    """A bilan of hers that still serves, or 404."""
    trouve = session.scalars(
        bilans_visibles_par(acteur_courant(), personne.id).where(BilanExterne.uuid == bilan_uuid)
    ).first()
    if trouve is None:
        abort(404)
    return trouve


def _adresse(uuid: UUID, bilan: BilanExterne) -> str:
    return url_for("conseiller.reprendre_bilan", uuid=uuid, bilan_uuid=bilan.uuid)


def _page(
    session: Session,
    personne: Personne,
    erreurs: Mapping[str, str] = _RIEN,
    saisie: Mapping[str, str] = _RIEN,
) -> str:
    le, p = ce_jour(), parametres(ce_jour())
    actuel = dernier(personne)
    lignes = [
        (bilan, bilan.a_revoir(le, p), sum(s.ouverte for s in suggestions(bilan, actuel)))
        for bilan in bilans_de(session, personne, acteur_courant())
    ]
    return render_template(
        "conseiller/bilans.html",
        personne=personne,
        bilans=lignes,
        mois=int(p["bilan_externe.a_revoir_apres_mois"]),
        organismes=[(o.value, o.libelle) for o in OrganismeBilan],
        remises=[(r.value, r.libelle) for r in RemisPar],
        formes=[(forme.value, forme.libelle) for forme in FormeAccord],
        axes=[(axe.value, axe.libelle) for axe in AXES_MEUSE],
        niveaux=[(n.value, n.libelle) for n in NIVEAUX_A_DIRE],
        erreurs=erreurs,
        saisie=saisie,
        le=le,
        cle=saisie.get("cle") or nouvelle_cle(),
    )


def _page_d_un(
    session: Session,
    personne: Personne,
    bilan: BilanExterne,
    erreurs: Mapping[str, str] = _RIEN,
    saisie: Mapping[str, list[str]] | None = None,
) -> str:
    le = ce_jour()
    proposees = suggestions(bilan, dernier(personne))
    resultats = resultats_de(personne, le)
    gardees = referentiel().questionnaires.de(bilan.questionnaire).relire(bilan.reponses)
    sections = [
        (
            titre,
            [
                (
                    item,
                    (saisie or {}).get(item.code, []) if saisie is not None else _formulaire(item, gardees),
                )
                for item in items
            ],
        )
        for titre, items in questions_a_reprendre(bilan.questionnaire)
    ]
    return render_template(
        "conseiller/bilan_externe.html",
        personne=personne,
        bilan=bilan,
        dit=dit_dans(bilan),
        a_revoir=bilan.a_revoir(le, parametres(le)),
        ouvertes=[s for s in proposees if s.ouverte],
        sures=sum(s.etat is Etat.A_CONFIRMER for s in proposees),
        faites=[s for s in proposees if not s.ouverte],
        axes=[
            (axe, bilan.niveau(axe), resultats.axe(axe).niveau if resultats else None)
            for axe in AXES_MEUSE
            if bilan.niveau(axe)
        ],
        sections=sections,
        erreurs=erreurs,
    )


def _formulaire(item: Any, gardees: Mapping[str, Any]) -> list[str]:
    return list(item.en_formulaire(gardees[item.code])) if item.code in gardees else []
