"""Her first page: her goal, what comes next, what is not sure yet, her vehicles, a number to call."""

from __future__ import annotations

from datetime import date, timedelta

from flask import render_template
from sqlalchemy.orm import Session

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.liste_attente import attentes_de_la_personne, places_de_la_personne, sans_les_places_passees
from mobilite.personnes import Personne
from mobilite.plan import plans_visibles_par
from mobilite.reservation import Reservation, reservations_visibles_par
from web.acces import acteur_courant
from web.contact import contact_de
from web.formats import jour
from web.menu import ajouter_au_menu
from web.personne.espace import elle, personne
from web.personne.point import chemin_de
from web.personne.suivi import DemandeSuivie, suivre
from web.personne.transports import trajets_accompagnes
from web.transaction import lecture

MONTREES = 5
RECENT = timedelta(days=14)
"""How long a vehicle she gave back, or gave up, stays on the page."""

ajouter_au_menu(personne, "Mes déplacements", "accueil", rang=1)


@personne.get("/")
def accueil() -> str:
    """One page, one subject: what comes next for her."""
    instant = maintenant()
    with lecture() as session:
        qui = elle(session)
        places = session.scalars(places_de_la_personne(qui.id, instant)).all()
        gardees = {place.attente_id for place in places}
        plan = session.scalars(plans_visibles_par(acteur_courant())).first()
        etapes = plan.prochaines_etapes() if plan is not None else []
        return render_template(
            "personne/accueil.html",
            personne=qui,
            but=qui.objectif.strip(),
            etapes=etapes,
            quand={etape.uuid: quand(etape.le, ce_jour()) for etape in etapes if etape.le},
            pas_sur=[etape.pas_sur for etape in etapes if etape.pas_sur],
            demandes=_demandes(session, qui),
            places=[(place, quand(jour_local(place.jusqu_au), ce_jour()).lower()) for place in places],
            attentes=[
                attente
                for attente in session.scalars(attentes_de_la_personne(qui.id, instant))
                if attente.id not in gardees
            ],
            trajets=trajets_accompagnes(session),
            point=chemin_de(session, qui),
            contact=contact_de(session, qui),
        )


def quand(le: date, aujourdhui: date) -> str:
    """« Aujourd’hui », « Demain », else « Lundi 23 novembre »."""
    proches = {aujourdhui: "Aujourd’hui", aujourdhui + timedelta(days=1): "Demain"}
    dit = jour(le)
    return proches.get(le) or dit[0].upper() + dit[1:]


def _demandes(session: Session, qui: Personne) -> list[DemandeSuivie]:
    """Her bookings that still mean something: those to come, and those that ended lately."""
    visibles = reservations_visibles_par(acteur_courant())
    recentes = session.scalars(
        visibles.where(Reservation.fin > maintenant() - RECENT, sans_les_places_passees())
        .order_by(None)
        .order_by(Reservation.demandee_le.desc())
        .limit(MONTREES)
    )
    return [suivre(session, qui, reservation) for reservation in recentes]
