"""The people who share their plan with this structure, and no more than what each agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.cercle import MembreCercle, Portee, partages_avec
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions
from web.acces import acteur_courant
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire
from web.transaction import consultation, lecture

ajouter_au_menu(partenaire, "Personnes suivies", "cercle", rang=7)


@dataclass(frozen=True, slots=True)
class Partage:
    """What one person lets this structure see.

    ``lieux``: whether places are shown; those of a discreet contact never are.
    """

    nom: str
    portee: Portee
    but: str
    etapes: Sequence[Action]
    lieux: bool
    jusqu_au: date | None


@partenaire.get("/personnes-suivies")
def cercle() -> str:
    """Her goal and steps, or her appointments alone. Each reading is noted in her journal."""
    with lecture() as session:
        partages = _partages(session)
    with consultation() as session:
        for _, personne in partages:
            session.add(consigner(acteur_courant(), Evenement.DOSSIER_CONSULTE, personne))
    return render_template("partenaire/cercle.html", partages=[partage for partage, _ in partages])


def _partages(session: Session) -> list[tuple[Partage, Personne]]:
    membres = session.scalars(partages_avec(acteur_courant(), ce_jour())).all()
    larges: dict[int, MembreCercle] = {}
    for membre in membres:
        deja = larges.get(membre.personne_id)
        if deja is None or membre.portee.rang > deja.portee.rang:
            larges[membre.personne_id] = membre
    ids = list(larges)
    personnes = {p.id: p for p in session.scalars(select(Personne).where(Personne.id.in_(ids)))}
    plans = {
        p.personne_id: p for p in session.scalars(select(PlanActions).where(PlanActions.personne_id.in_(ids)))
    }
    return [
        (_partage(membre, personnes[numero], plans.get(numero)), personnes[numero])
        for numero, membre in larges.items()
    ]


def _partage(membre: MembreCercle, personne: Personne, plan: PlanActions | None) -> Partage:
    ouvertes = plan.ouvertes() if plan else []
    entier = membre.portee is Portee.PLAN
    return Partage(
        nom=personne.nom_complet,
        portee=membre.portee,
        but=personne.objectif if entier else "",
        etapes=ouvertes if entier else [a for a in ouvertes if a.le is not None],
        lieux=not personne.contact_discret,
        jusqu_au=membre.jusqu_au,
    )
