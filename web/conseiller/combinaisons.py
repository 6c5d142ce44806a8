"""Keeping a combination in the plan: one line for each part, so that each call has its own number."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from matching.document import decrire_combinaison
from matching.troncons import Combinaison, Troncon
from mobilite.base import ce_jour
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.plan import Action, StatutAction
from web.acces import acteur_courant
from web.besoins_non_couverts import clore
from web.conseiller.bureau import conseiller, ouvrir_dossier
from web.conseiller.propositions import besoin_de, plan_de, preparer_l_etape
from web.propositions import proposer_pour
from web.referentiel import referentiel
from web.transaction import transaction

_INTITULE_MAX = 120
_POUR_ELLE = {
    "moyen.marche": "À pied",
    "moyen.velo": "Votre vélo",
    "moyen.vae": "Votre vélo électrique",
    "moyen.scooter": "Votre scooter",
    "moyen.voiture": "La voiture dont vous disposez",
    "moyen.passager": "Quelqu'un vous conduit",
}
"""What she reads of her own means, on her page."""


@conseiller.post("/dossiers/<uuid:uuid>/combinaisons")
def retenir_ensemble(uuid: UUID) -> ResponseReturnValue:
    """Keep every part of a combination, in the order she meets them."""
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        besoin = besoin_de(personne, request.form.get("besoin", ""))
        reponse = proposer_pour(session, personne, ce_jour())
        combinaison = _combinaison(
            [c for e in reponse.besoins if e.besoin.id == str(besoin.uuid) for c in e.combinaisons]
        )
        plan = plan_de(session, personne)
        codes = [offre.id for offre in combinaison.offres]
        offres = {o.code: o for o in session.scalars(select(Offre).where(Offre.code.in_(codes)))}
        actions: list[Action] = []
        for troncon in combinaison.troncons:
            intitule = _intitule(troncon)
            if troncon.offre is None:
                deja = any(a.intitule == intitule and a.statut.ouverte for a in plan.actions)
                actions += [] if deja else [plan.ajouter_etape(intitule, acteur)]
                continue
            action = plan.retenir(
                offres[troncon.offre.id].uuid,
                besoin.uuid,
                intitule,
                StatutAction.GARDEE,
                acteur,
                instantane=decrire_combinaison(combinaison),
            )
            action.intitule = intitule
            preparer_l_etape(action, troncon.offre, troncon.manques)
            actions.append(action)
        session.flush()
        for action in actions:
            session.add(consigner(acteur, Evenement.ACTION_GARDEE, action))
        clore(session, besoin, acteur, ce_jour())
    flash(f"Gardé au plan, en {len(combinaison.troncons)} étapes : {combinaison.nom}.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + f"#besoin-{besoin.uuid}", 303)


def _combinaison(possibles: list[Combinaison]) -> Combinaison:
    """The one that was on screen; 404 when it is not possible any more."""
    cle = request.form.get("cle", "")
    trouvee = next((c for c in possibles if c.cle == cle), None)
    if trouvee is None:
        abort(404)
    return trouvee


def _intitule(troncon: Troncon) -> str:
    """What she reads: « Minibus du matin (à l'aller) », « Votre vélo jusqu'à l'arrêt, à Eix »."""
    moyen, _, arret = troncon.cle.partition(">")
    nom = troncon.offre.nom if troncon.offre is not None else _POUR_ELLE[moyen]
    ou = f", jusqu'à l'arrêt ({referentiel().nom(arret)})" if arret else ""
    quand = f" ({troncon.quand})" if troncon.quand else ""
    return f"{nom[: _INTITULE_MAX - len(ou) - len(quand)]}{ou}{quand}"
