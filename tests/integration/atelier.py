"""A structure that lends cars as the tests of its pages use it: its offer, its partner, who asked for a car."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from matching.proposition import Proposition
from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.besoin import MotifDeplacement
from mobilite.flotte import Vehicule
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.reservation import Reservation
from mobilite.structure import Structure
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import un_vehicule, une_offre, une_personne, une_structure
from web.app import Application
from web.propositions import proposer_pour
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 20, 9, tzinfo=PARIS)
OFFRE: dict[str, Any] = {
    "genre": "location_voiture",
    "cle": "une-cle-de-formulaire",
    "nom": "Voiture solidaire à Étain",
    "lieu": "etain",
    "prix_jour": "4,50",
    "prix_mois": "60",
    "prix_caution": "150",
    "age_min": "21",
    "permis_ans": "2",
    "zone": "autour",
    "zone_autour": "Étain (55400)",
    "zone_rayon_km": "25",
    "documents": "permis de conduire\npièce d'identité",
    "heures": "permanent",
    "preavis_heures": "48",
    "duree_max_jours": "90",
    "v1_libelle": "Clio grise",
    "v1_boite": "manuelle",
    "v1_places": "5",
    "v1_energie": "essence",
    "v1_ct_valable_au": "2027-11-30",
    "v1_assurance_valable_au": "31/12/2027",
    "action": "publier",
}


@dataclass
class Atelier:
    """A structure with one offer of cars, its partner signed in, and Nadia, who asked for the Clio."""

    app: Application
    client: FlaskClient
    structure: Structure
    offre: Offre
    nadia: Personne
    demande: UUID

    def adresse(self, suite: str = "") -> str:
        return f"/partenaire/demande/{self.demande}{suite}"

    def poster(self, adresse: str, champs: Any, client: FlaskClient | None = None) -> TestResponse:
        client = client or self.client
        page = client.get("/partenaire/offres/nouvelle?genre=location_voiture").text
        donnees = MultiDict(champs)
        donnees["csrf_token"] = valeur_de(page)
        return client.post(adresse, data=donnees)

    def reservation(self) -> Reservation:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(Reservation).where(Reservation.uuid == self.demande)).one()

    def offres(self) -> list[Offre]:
        with self.app.app_context(), lecture() as session:
            siennes = select(Offre).where(Offre.structure_id == self.structure.id).order_by(Offre.id)
            return list(session.scalars(siennes))

    def jugee(self, personne: Personne, nom: str) -> Proposition | None:
        """The proposition of one offer for the first need of a person, today."""
        with self.app.app_context(), lecture() as session:
            reponse = proposer_pour(session, session.get_one(Personne, personne.id), LE.date())
        [examine] = reponse.besoins
        return next((p for p in examine.propositions if p.offre.nom == nom), None)


def une_conductrice(**choix: Any) -> Personne:
    """Somebody of Étain who works in Verdun and has had the licence for years."""
    defauts: dict[str, Any] = {
        "departs": [Depart(insee="55181")],
        "annee_naissance": 1990,
        "permis": {"type": "B", "obtenu_le": "2015-06-01"},
        "besoins": [
            BesoinExprime(
                destination="55545",
                motif=MotifDeplacement.EMPLOI,
                premier_jour=date(2026, 11, 30),
                passages={"cycle": [{"jours": ["lun", "mar"], "arrivee": "08:00", "retour": "17:00"}]},
                avec=["enfant"],
            )
        ],
    }
    return une_personne(**(defauts | choix))


def une_demande(session: Session, vehicule: Vehicule, personne: Personne, cle: str = "cle") -> Reservation:
    session.flush()
    reservation = Reservation(
        vehicule_id=vehicule.id,
        personne_id=personne.id,
        demandee_par=999,
        debut=datetime(2026, 11, 30, tzinfo=PARIS),
        fin=datetime(2026, 12, 3, tzinfo=PARIS),
        expire_le=datetime(2026, 11, 22, tzinfo=PARIS),
        cle_idempotence=cle,
    )
    session.add(reservation)
    return reservation


def ouvrir_l_atelier(app: Application) -> Atelier:
    """Everything of it, written down."""
    with app.app_context(), transaction() as session:
        structure = une_structure()
        offre = une_offre(structure=structure, fiche={"prix": {"jour": 4, "caution": 150}})
        nadia = une_conductrice(prenom="Nadia", nom="Bernard", telephone="+33639980101")
        clio = un_vehicule(offre, libelle="Clio")
        session.add_all([clio, nadia])
        demande = une_demande(session, clio, nadia)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return Atelier(app, client_de(app, compte.jeton_session), structure, offre, nadia, demande.uuid)


def vu(reponse: TestResponse) -> str:
    """What is read on a page, tags apart."""
    return html.unescape(re.sub(r"<[^>]+>", " ", reponse.text))
