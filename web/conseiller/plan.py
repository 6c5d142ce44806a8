"""The plan d'actions on one page: her goal, what to add, the order and why, who does what by when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.actions_types import FamilleAction, Responsable
from mobilite.base import ce_jour
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions, StatutAction
from web.acces import acteur_courant
from web.aides import aides_de
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.conseiller.plan_autour import autour_du_plan
from web.conseiller.propositions import lire_plan, plan_de
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.plan import donnees_du_plan, ranger_le_plan
from web.propositions import situation_de
from web.transaction import bd, lecture, transaction

_ETAPES_MAX = 30
_HEURES_MAX, _SEMAINES_MAX = 60, 104

_EVENEMENTS = {
    StatutAction.GARDEE: Evenement.ACTION_GARDEE,
    StatutAction.EN_COURS: Evenement.ACTION_COMMENCEE,
    StatutAction.FAITE: Evenement.ACTION_FAITE,
    StatutAction.ECARTEE: Evenement.ACTION_ECARTEE,
    StatutAction.ABANDONNEE: Evenement.ACTION_ABANDONNEE,
}


@conseiller.get("/dossiers/<uuid:uuid>/plan")
def plan(uuid: UUID) -> str:
    """The plan, every line editable in place."""
    personne = consulter(uuid)
    return _page(bd.session, personne, lire_plan(bd.session, personne))


@conseiller.post("/dossiers/<uuid:uuid>/plan/objectif")
def ecrire_objectif(uuid: UUID) -> ResponseReturnValue:
    """Her goal, in her words."""
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        personne.objectif = _texte("objectif", 160)
        session.add(consigner(acteur_courant(), Evenement.DOSSIER_MODIFIE, personne))
    return _retour(uuid, "Son but est noté.")


@conseiller.post("/dossiers/<uuid:uuid>/plan/etapes")
def ajouter_etape(uuid: UUID) -> ResponseReturnValue:
    """Add what the form names: a step in free words, a typical action, an aid; each once."""
    acteur = acteur_courant()
    intitule, cle = _texte("intitule", 120), _texte("cle", 40) or None
    modele = donnees_du_plan().referentiel.par_code.get(request.form.get("type", ""))
    aide = request.form.get("aide", "")
    if not (intitule or modele or aide):
        raise DonneeRefusee("intitule", "dites l'étape en quelques mots, ou choisissez-la dans une liste.")
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        plan_ouvert = plan_de(session, personne)
        avant = {a.uuid for a in plan_ouvert.actions}
        if modele is not None:
            plan_ouvert.ajouter_type(modele, acteur, cle=cle and f"{cle}.type")
        if aide:
            nom = next(
                (a.nom for a in aides_de(situation_de(personne), ce_jour()).aides if a.code == aide), ""
            )
            if not nom:
                abort(404)
            plan_ouvert.ajouter_aide(aide, nom, acteur, cle=cle and f"{cle}.aide")
        if intitule:
            plan_ouvert.ajouter_etape(intitule, acteur, cle=cle)
        nouvelles = [a for a in plan_ouvert.actions if a.uuid not in avant]
        if len(plan_ouvert.actions) > _ETAPES_MAX:
            raise DonneeRefusee("intitule", f"un plan tient en {_ETAPES_MAX} lignes.")
        rangees = ranger_le_plan(plan_ouvert)
        session.flush()
        session.add_all(consigner(acteur, Evenement.ACTION_GARDEE, action) for action in nouvelles)
    if not nouvelles:
        return _retour(uuid, "C'est déjà dans le plan.")
    suite = " Le plan s'est rangé : voyez pourquoi sous les étapes." if rangees else ""
    return _retour(uuid, f"Étape ajoutée.{suite}", nouvelles[-1])


@conseiller.post("/dossiers/<uuid:uuid>/plan/ordre")
def choisir_l_ordre(uuid: UUID) -> ResponseReturnValue:
    """Follow the advice about the order, or hold to one's own."""
    choix = request.form.get("ordre", "")
    if choix not in ("suivre", "garder"):
        abort(400)
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        plan_ouvert = plan_de(session, personne)
        if choix == "suivre":
            plan_ouvert.ranger(donnees_du_plan().prealables, meme_garde=True)
        else:
            plan_ouvert.garder_l_ordre()
        session.add(consigner(acteur_courant(), Evenement.PLAN_REORDONNE, personne, choix=choix))
    return _retour(uuid, "L'ordre conseillé est suivi." if choix == "suivre" else "Votre ordre est gardé.")


@conseiller.post("/dossiers/<uuid:uuid>/plan/actions/<uuid:action_uuid>")
def modifier_action(uuid: UUID, action_uuid: UUID) -> ResponseReturnValue:
    """Write one line; on a refusal nothing typed is lost."""
    acteur = acteur_courant()
    erreurs: dict[str, str] = {}
    try:
        with transaction() as session:
            personne = ouvrir_dossier(session, uuid)
            action = _action(lire_plan(session, personne), action_uuid)
            _ecrire(action)
            erreurs = _ecrire_le_suivi(action)
            if erreurs:
                raise DonneeRefusee("", "à revoir")
            session.add(consigner(acteur, Evenement.DOSSIER_MODIFIE, personne))
    except DonneeRefusee as refus:
        dites = erreurs or {refus.champ: refus.raison}
        with lecture() as session:
            personne = ouvrir_dossier(session, uuid)
            page = _page(
                session,
                personne,
                lire_plan(session, personne),
                erreurs={f"{champ}-{action_uuid}": raison for champ, raison in dites.items()},
                saisie={str(action_uuid): request.form.to_dict()},
            )
        return page, REFUS
    return _retour(uuid, "Étape enregistrée.", action)


@conseiller.post("/dossiers/<uuid:uuid>/plan/actions/<uuid:action_uuid>/statut")
def decider_action(uuid: UUID, action_uuid: UUID) -> ResponseReturnValue:
    """Begun, done, dropped or given up with a reason, or taken up again."""
    statut = {s.value: s for s in StatutAction}.get(request.form.get("statut", ""))
    if statut is None:
        abort(400)
    raison = _texte("raison", 300)
    if statut.demande_une_raison and not raison:
        raise DonneeRefusee("raison", "dites en quelques mots pourquoi.")
    acteur = acteur_courant()
    with transaction() as session:
        action = _action(lire_plan(session, ouvrir_dossier(session, uuid)), action_uuid)
        if (action.statut, action.raison) != (statut, raison):
            action.decider(statut, acteur, raison)
            session.add(consigner(acteur, _EVENEMENTS[statut], action))
    return _retour(uuid, f"« {action.intitule} » : {statut.libelle.lower()}.")


@conseiller.post("/dossiers/<uuid:uuid>/plan/actions/<uuid:action_uuid>/rang")
def deplacer_action(uuid: UUID, action_uuid: UUID) -> ResponseReturnValue:
    """Move a line one place up or down: from then on the adviser's order holds."""
    pas = {"monter": -1, "descendre": 1}.get(request.form.get("sens", ""))
    if pas is None:
        abort(400)
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        plan_ouvert = plan_de(session, personne)
        action = _action(plan_ouvert, action_uuid)
        ordre = [a.uuid for a in plan_ouvert.ouvertes()]
        if action.uuid in ordre:
            ici = ordre.index(action.uuid)
            la = min(max(ici + pas, 0), len(ordre) - 1)
            ordre[ici], ordre[la] = ordre[la], ordre[ici]
            plan_ouvert.reordonner(ordre)
            if plan_ouvert.conseils(donnees_du_plan().prealables):
                plan_ouvert.garder_l_ordre()
            session.add(consigner(acteur, Evenement.PLAN_REORDONNE, personne))
    return _retour(uuid, "Ordre enregistré.", action)


def _action(plan_ouvert: PlanActions | None, uuid: UUID) -> Action:
    action = next((a for a in (plan_ouvert.actions if plan_ouvert else []) if a.uuid == uuid), None)
    if action is None:
        abort(404)
    return action


def _ecrire(action: Action) -> None:
    """Read what she will read into the line; raises ``DonneeRefusee`` naming the field."""
    intitule = _texte("intitule", 120)
    if not intitule:
        raise DonneeRefusee("intitule", "Dites l'étape en quelques mots.")
    jour, heure = request.form.get("le", "").strip(), request.form.get("heure", "").strip()
    action.intitule = intitule
    action.le = Champ(jour, "le").date() if jour else None
    minutes = Champ(heure, "heure").heure() if heure else None
    action.heure = time(*divmod(minutes, 60)) if minutes is not None else None
    action.lieu = _texte("lieu", 120)
    action.telephone = _texte("telephone", 30)
    action.apporter = [mot for mot in (m.strip() for m in _texte("apporter", 200).split(",")) if mot]
    action.pas_sur = _texte("pas_sur", 160)


def _ecrire_le_suivi(action: Action) -> dict[str, str]:
    """Read who, by when and how many hours; what does not fit, by field.

    A form without these fields (an older page) leaves them as they are.
    """
    if "responsable" not in request.form:
        return {}
    f = Formulaire(request.form)
    action.responsable = f.parmi("responsable", Responsable)
    action.responsable_nom = f.texte("responsable_nom", 80) or ""
    action.famille = f.parmi("famille", FamilleAction)
    action.echeance, action.commence_le = f.jour("echeance"), f.jour("commence_le")
    heures, semaines = f.nombre("temps_semaine", 0.5, _HEURES_MAX), f.entier("semaines", 1, _SEMAINES_MAX)
    if not f.erreurs and (heures is None) != (semaines is None):
        f.erreur("semaines", "Les heures vont avec un nombre de semaines.")
    action.heures_semaine, action.semaines = heures, semaines
    numero = f.brut("objectif")
    action.objectif = (
        int(numero) if numero in {str(n) for n in donnees_du_plan().referentiel.objectifs} else None
    )
    return f.erreurs


def _texte(nom: str, au_plus: int) -> str:
    """One line of the form, possibly empty, without invisible characters."""
    brut = request.form.get(nom, "").strip()
    return Champ(brut, nom).texte(au_plus) if brut else ""


def _page(
    session: Session,
    personne: Personne,
    plan_actuel: PlanActions | None,
    *,
    erreurs: Mapping[str, str] = MappingProxyType({}),
    saisie: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> str:
    contexte: dict[str, Any] = autour_du_plan(session, personne, plan_actuel, ce_jour())
    return render_template(
        "conseiller/plan.html",
        personne=personne,
        plan=plan_actuel,
        erreurs=erreurs,
        saisie=saisie,
        responsables=[(r.value, r.libelle) for r in Responsable],
        familles=[(f.value, f.libelle) for f in FamilleAction],
        cle=nouvelle_cle(),
        **contexte,
    )


def _retour(uuid: UUID, annonce: str, action: Action | None = None) -> ResponseReturnValue:
    flash(annonce)
    ancre = f"#action-{action.uuid}" if action is not None else ""
    return redirect(url_for("conseiller.plan", uuid=uuid) + ancre)
