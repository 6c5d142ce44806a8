"""A stay with a vehicle as the tests walk through it: a garage, its partner signed in, Nadia whose place is confirmed."""

from __future__ import annotations

import html
import io
import re
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.etat_des_lieux import EtatDesLieux, Moment
from mobilite.flotte import Energie, Vehicule
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import VUS, un_vehicule, une_offre, une_personne, une_structure
from web.app import Application
from web.etats_des_lieux import Etats, lire_etats
from web.transaction import lecture, transaction

DEPART = datetime(2026, 11, 30, 9, tzinfo=PARIS)
PRIX = {"jour": 4, "semaine": 20, "caution": 150, "adhesion": 5}
COMPTEUR = {"km": "45 210", "niveau": "6", "proprete": "propre"}
NOMS = {
    "nom_structure": "Paul",
    "mention_structure": "Lu et approuvé",
    "nom_personne": "Nadia Bernard",
    "mention_personne": "lu et approuve",
}


@dataclass
class Sejour:
    """One confirmed booking of three days, and the telephone of the mechanic."""

    app: Application
    jeton: str
    reservation: UUID

    @property
    def client(self) -> FlaskClient:
        """The partner signed in at this moment: a session does not outlive the days of a stay."""
        return client_de(self.app, self.jeton)

    def adresse(self, suite: str) -> str:
        return f"/partenaire/demande/{self.reservation}/{suite}"

    def poster(self, ou: str, /, client: Any = None, **champs: Any) -> TestResponse:
        """Send one form of the état des lieux, with a token any page gives."""
        client = client or self.client
        jeton = valeur_de(client.get("/partenaire/offres/nouvelle?genre=location_voiture").text)
        reponse: TestResponse = client.post(
            self.adresse(ou), data={"csrf_token": jeton} | champs, content_type="multipart/form-data"
        )
        # A heavy body waits in a file, which the test client leaves open when nobody has read it.
        reponse.request.environ["wsgi.input"].close()
        return reponse

    def page(self, suite: str) -> str:
        """What is read on a page that must open, tags apart."""
        reponse = self.client.get(self.adresse(suite))
        assert reponse.status_code == 200, (suite, reponse.status_code, reponse.location)
        return vu(reponse)

    def remettre(self) -> None:
        """The shortest departure: odometer, then signed."""
        assert self.poster("depart/compteur", **COMPTEUR).status_code == 303
        assert self.poster("depart/signer", **NOMS).status_code == 303

    def rendre(self, **compteur: str) -> None:
        """The shortest return."""
        assert self.poster("retour/compteur", **(COMPTEUR | compteur)).status_code == 303
        assert self.poster("retour/signer", **NOMS).status_code == 303

    def etats(self) -> Etats:
        with self.app.app_context(), lecture() as session:
            etats = lire_etats(session, self._lire(session))
            for etat in (etats.depart, etats.retour):
                if etat is not None:
                    assert etat.photos is not None
                    assert etat.remarques is not None
            return etats

    def etat(self, moment: Moment) -> EtatDesLieux:
        etat = self.etats().de(moment)
        assert etat is not None
        return etat

    def lue(self) -> Reservation:
        with self.app.app_context(), lecture() as session:
            return self._lire(session)

    def _lire(self, session: Session) -> Reservation:
        return session.scalars(select(Reservation).where(Reservation.uuid == self.reservation)).one()


def vu(reponse: TestResponse) -> str:
    """What is read on a page, tags apart."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reponse.text)).split())


def une_reservation(session: Session, vehicule: Vehicule, personne: Personne, **choix: Any) -> Reservation:
    """A confirmed booking of three whole days from ``DEPART``'s day."""
    session.flush()
    debut = DEPART.replace(hour=0)
    defauts: dict[str, Any] = {
        "vehicule_id": vehicule.id,
        "personne_id": personne.id,
        "demandee_par": 999,
        "debut": debut,
        "fin": debut + timedelta(days=3),
        "expire_le": DEPART,
        "statut": StatutReservation.CONFIRMEE,
        "place_confirmee_le": DEPART - timedelta(days=3),
        "cle_idempotence": f"cle-{vehicule.id}-{personne.id}",
    }
    reservation = Reservation(**(defauts | VUS | choix))
    session.add(reservation)
    session.flush()
    return reservation


def un_sejour(app: Application, **fiche: Any) -> Sejour:
    """Nadia's Clio, from the Monday; ``fiche`` is what the offer says besides its price."""
    with app.app_context(), transaction() as session:
        structure = une_structure()
        offre = une_offre(structure=structure, fiche={"prix": PRIX} | fiche)
        clio = un_vehicule(offre, libelle="Clio grise", energie=Energie.ESSENCE)
        nadia = une_personne(prenom="Nadia", nom="Bernard", telephone="+33639980101")
        session.add_all([clio, nadia])
        reservation = une_reservation(session, clio, nadia)
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return Sejour(app, compte.jeton_session, reservation.uuid)


def une_photo(couleur: str = "grey", taille: tuple[int, int] = (2400, 1800), **choix: Any) -> bytes:
    """A JPEG as a telephone makes it, with what it tells of itself and of the place."""
    exif = Image.Exif()
    exif[0x010F] = "MarqueDuTelephone"
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825).update({1: "N", 2: (49.0, 9.0, 30.0), 3: "E", 4: (5.0, 23.0, 0.0)})
    sortie = io.BytesIO()
    Image.new("RGB", taille, couleur).save(sortie, "JPEG", exif=exif, comment=b"PrisChezElle", **choix)
    return sortie.getvalue()


def une_bombe(largeur: int, hauteur: int) -> bytes:
    """A PNG of a few bytes that says it is immense."""

    def bloc(nom: bytes, donnees: bytes) -> bytes:
        somme = struct.pack(">I", zlib.crc32(nom + donnees))
        return struct.pack(">I", len(donnees)) + nom + donnees + somme

    entete = struct.pack(">IIBBBBB", largeur, hauteur, 8, 2, 0, 0, 0)
    corps = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + bloc(b"IHDR", entete) + bloc(b"IDAT", corps) + bloc(b"IEND", b"")
