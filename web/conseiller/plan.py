"""The plan d'actions: her goal, her next steps in order, who decided what and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.base import ce_jour
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions, StatutAction
from web.acces import acteur_courant
from web.conseiller.aides import panneau_aides
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.conseiller.propositions import lire_plan, plan_de
from web.erreurs import REFUS
from web.transaction import bd, lecture, transaction

_ETAPES_MAX = 30


@conseiller.get("/dossiers/<uuid:uuid>/plan")
def plan(uuid: UUID) -> str:
    """The plan, every line editable in place."""
    personne = consulter(uuid)
    return _page(personne, lire_plan(bd.session, personne))


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
    """Add a step in free words."""
    acteur = acteur_courant()
    intitule = _texte("intitule", 120)
    if not intitule:
        raise DonneeRefusee("intitule", "dites l'étape en quelques mots.")
    with transaction() as session:
        plan_ouvert = plan_de(session, ouvrir_dossier(session, uuid))
        if len(plan_ouvert.actions) >= _ETAPES_MAX:
            raise DonneeRefusee("intitule", f"un plan tient en {_ETAPES_MAX} lignes.")
        action = plan_ouvert.ajouter_etape(intitule, acteur)
        session.flush()
        session.add(consigner(acteur, Evenement.ACTION_GARDEE, action))
    return _retour(uuid, "Étape ajoutée.", action)


@conseiller.post("/dossiers/<uuid:uuid>/plan/actions/<uuid:action_uuid>")
def modifier_action(uuid: UUID, action_uuid: UUID) -> ResponseReturnValue:
    """Write one line; on a refusal nothing typed is lost."""
    acteur = acteur_courant()
    try:
        with transaction() as session:
            personne = ouvrir_dossier(session, uuid)
            action = _action(lire_plan(session, personne), action_uuid)
            _ecrire(action)
            session.add(consigner(acteur, Evenement.DOSSIER_MODIFIE, personne))
    except DonneeRefusee as refus:
        with lecture() as session:
            personne = ouvrir_dossier(session, uuid)
            page = _page(
                personne,
                lire_plan(session, personne),
                erreurs={f"{refus.champ}-{action_uuid}": refus.raison},
                saisie={str(action_uuid): request.form.to_dict()},
            )
        return page, REFUS
    return _retour(uuid, "Étape enregistrée.", action)


@conseiller.post("/dossiers/<uuid:uuid>/plan/actions/<uuid:action_uuid>/statut")
def decider_action(uuid: UUID, action_uuid: UUID) -> ResponseReturnValue:
    """Done, dropped with a reason, or taken up again."""
    statut = {s.value: s for s in StatutAction}.get(request.form.get("statut", ""))
    if statut is None:
        abort(400)
    raison = _texte("raison", 300)
    if statut is StatutAction.ECARTEE and not raison:
        raise DonneeRefusee("raison", "dites en quelques mots pourquoi.")
    acteur = acteur_courant()
    with transaction() as session:
        action = _action(lire_plan(session, ouvrir_dossier(session, uuid)), action_uuid)
        action.decider(statut, acteur, raison)
        session.add(
            consigner(
                acteur,
                {
                    StatutAction.GARDEE: Evenement.ACTION_GARDEE,
                    StatutAction.ECARTEE: Evenement.ACTION_ECARTEE,
                    StatutAction.FAITE: Evenement.ACTION_FAITE,
                }[statut],
                action,
            )
        )
    return _retour(uuid, f"« {action.intitule} » : {statut.libelle.lower()}.")


@conseiller.post("/dossiers/<uuid:uuid>/plan/actions/<uuid:action_uuid>/rang")
def deplacer_action(uuid: UUID, action_uuid: UUID) -> ResponseReturnValue:
    """Move a line one place up or down."""
    pas = {"monter": -1, "descendre": 1}.get(request.form.get("sens", ""))
    if pas is None:
        abort(400)
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        plan_ouvert = plan_de(session, personne)
        action = _action(plan_ouvert, action_uuid)
        ordre = [a.uuid for a in plan_ouvert.actions if a.statut is StatutAction.GARDEE]
        if action.uuid in ordre:
            ici = ordre.index(action.uuid)
            la = min(max(ici + pas, 0), len(ordre) - 1)
            ordre[ici], ordre[la] = ordre[la], ordre[ici]
            plan_ouvert.reordonner(ordre)
            session.add(consigner(acteur, Evenement.PLAN_REORDONNE, personne))
    return _retour(uuid, "Ordre enregistré.", action)


def _action(plan_ouvert: PlanActions | None, uuid: UUID) -> Action:
    action = next((a for a in (plan_ouvert.actions if plan_ouvert else []) if a.uuid == uuid), None)
    if action is None:
        abort(404)
    return action


def _ecrire(action: Action) -> None:
    """Read the form into the line; raises ``DonneeRefusee`` naming the field."""
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


def _texte(nom: str, au_plus: int) -> str:
    """One line of the form, possibly empty, without invisible characters."""
    brut = request.form.get(nom, "").strip()
    return Champ(brut, nom).texte(au_plus) if brut else ""


def _page(
    personne: Personne,
    plan_actuel: PlanActions | None,
    *,
    erreurs: Mapping[str, str] = MappingProxyType({}),
    saisie: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> str:
    return render_template(
        "conseiller/plan.html",
        personne=personne,
        plan=plan_actuel,
        erreurs=erreurs,
        saisie=saisie,
        **panneau_aides(personne, plan_actuel, ce_jour()),
    )


def _retour(uuid: UUID, annonce: str, action: Action | None = None) -> ResponseReturnValue:
    flash(annonce)
    ancre = f"#action-{action.uuid}" if action is not None else ""
    return redirect(url_for("conseiller.plan", uuid=uuid) + ancre)
