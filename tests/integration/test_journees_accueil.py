"""Half-days of welcome: a slot never holds one person too many, and each leaves with an appointment."""

from __future__ import annotations

import html
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS, ce_jour
from mobilite.erreurs import RegleMetier
from mobilite.journee_accueil import (
    CreneauAccueil,
    CreneauComplet,
    DejaInscrite,
    InscriptionAccueil,
    JourneeAccueil,
    Presence,
)
from mobilite.notification import GenreMessage, Message
from mobilite.parcours import Parcours
from mobilite.personnes import Joindre, Personne
from tests.conftest import Entrer, valeur_de
from tests.fabriques import AVANT, CONSEILLERE, LUNDI, une_personne
from web.app import Application
from web.journees import decouper, inscrire_a, prevoir
from web.transaction import lecture, transaction

ENSEMBLE, PLACES = 10, 3


def une_journee(session: Session, *, le: date | None = None, places: int = PLACES) -> JourneeAccueil:
    """A morning of two slots."""
    jour = le or LUNDI.date()
    return prevoir(
        session,
        CONSEILLERE,
        le=jour,
        lieu="Salle des fêtes, Étain",
        maison=None,
        partenaires=["France Travail"],
        creneaux=decouper(jour, time(9), time(10), 30, places),
        cle=f"une-{jour}",
    )


def test_ten_people_at_once_for_three_places_are_three(moteur: Engine) -> None:
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        creneau = une_journee(session).creneaux[0].id
        personnes = [une_personne() for _ in range(ENSEMBLE)]
        session.add_all(personnes)
        session.flush()
        numeros = [p.id for p in personnes]
    depart = threading.Barrier(ENSEMBLE)

    def s_inscrire(rang: int) -> RegleMetier | None:
        depart.wait(timeout=30)
        try:
            with Session(moteur) as session, session.begin():
                inscrire_a(
                    session,
                    session.get_one(CreneauAccueil, creneau),
                    CONSEILLERE,
                    AVANT,
                    personne=session.get_one(Personne, numeros[rang]),
                )
        except RegleMetier as refus:
            return refus
        return None

    with ThreadPoolExecutor(ENSEMBLE) as fils:
        reponses = [fil.result() for fil in [fils.submit(s_inscrire, rang) for rang in range(ENSEMBLE)]]
    assert reponses.count(None) == PLACES
    assert {type(r) for r in reponses if r is not None} == {CreneauComplet}
    with Session(moteur) as session:
        assert session.scalars(select(func.count(InscriptionAccueil.id))).one() == PLACES


def test_the_database_refuses_every_way_round_the_places(moteur: Engine) -> None:
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        premier, second = une_journee(session, places=1).creneaux
        une, autre = une_personne(), une_personne()
        session.add_all([une, autre])
        session.flush()
        prise = inscrire_a(session, premier, CONSEILLERE, AVANT, personne=une)
        with pytest.raises(DejaInscrite):
            inscrire_a(session, second, CONSEILLERE, AVANT, personne=une)
        ailleurs = inscrire_a(session, second, CONSEILLERE, AVANT, personne=autre)
        inscription = InscriptionAccueil.__table__
        for ordre in (
            update(InscriptionAccueil)
            .where(InscriptionAccueil.id == ailleurs.id)
            .values(creneau_id=premier.id),
            inscription.insert().values(  # type: ignore[attr-defined]
                uuid=une.uuid,
                journee_id=premier.journee_id,
                creneau_id=premier.id,
                personne_id=autre.id,
                inscrite_par=1,
                inscrite_le=AVANT,
                orientation="",
                rendez_vous_lieu="",
                rendez_vous_avec="",
            ),
        ):
            with pytest.raises(IntegrityError), session.begin_nested():
                session.execute(ordre)
        # A place that was freed is a place; taken meanwhile, it cannot be taken back.
        prise.retirer(AVANT)
        ailleurs.retirer(AVANT)
        session.flush()
        inscrire_a(session, premier, CONSEILLERE, AVANT, personne=autre)
        with pytest.raises(IntegrityError, match="creneau_complet"), session.begin_nested():
            session.execute(
                text("UPDATE inscription_accueil SET retiree_le = NULL WHERE id = :id"), {"id": prise.id}
            )


def test_places_are_not_taken_from_under_those_who_have_them(moteur: Engine) -> None:
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        creneau = une_journee(session, places=2).creneaux[0]
        for _ in range(2):
            personne = une_personne()
            session.add(personne)
            session.flush()
            inscrire_a(session, creneau, CONSEILLERE, AVANT, personne=personne)
        with pytest.raises(IntegrityError, match="creneau_complet"), session.begin_nested():
            session.execute(text("UPDATE creneau_accueil SET places = 1 WHERE id = :id"), {"id": creneau.id})


def test_a_morning_is_cut_into_whole_slots_on_the_wall_clock() -> None:
    creneaux = decouper(date(2026, 10, 25), time(9), time(11, 10), 30, 2)  # the day the clock goes back
    heures = [(c.debut.astimezone(PARIS).time(), c.fin.astimezone(PARIS).time()) for c in creneaux]
    assert heures == [
        (time(9), time(9, 30)),
        (time(9, 30), time(10)),
        (time(10), time(10, 30)),
        (time(10, 30), time(11)),
    ]


def test_who_comes_leaves_with_an_appointment_told_to_her_and_who_does_not_is_not_blamed(
    app: Application, entrer: Entrer
) -> None:
    client = entrer(RoleActeur.CONSEILLER)
    elle = une_personne(prenom="Nour", telephone="+33639981234", joindre=Joindre.TELEPHONE)
    with app.app_context(), transaction() as session:
        journee = une_journee(session, le=ce_jour())
        session.add(elle)
    page = client.get(f"/conseiller/journees/inscrire?dossier={elle.uuid}").text
    prendre = {"csrf_token": valeur_de(page), "dossier": str(elle.uuid), "creneau": journee.creneaux[0].id}
    assert client.post("/conseiller/journees/inscrire", data=prendre).status_code == 303
    deja = client.post("/conseiller/journees/inscrire", data=prendre)
    assert deja.status_code == 422
    assert "déjà inscrite" in deja.text
    adresse = f"/conseiller/journees/{journee.uuid}"
    with app.app_context(), lecture() as session:
        uuid = session.scalars(select(InscriptionAccueil.uuid)).one()
    ici = f"/conseiller/journees/inscriptions/{uuid}"
    jeton = {"csrf_token": prendre["csrf_token"]}
    client.post(f"{ici}/presence", data=jeton | {"presence": "non_venue"})
    page = html.unescape(client.get(adresse).text)
    assert "pas venue : on ne sait pas encore" in page
    vide = client.post(f"{ici}/depart", data=jeton | {f"{uuid}-orientation": "Atelier vélo"})
    assert vide.status_code == 422
    assert 'value="Atelier vélo"' in vide.text
    plus_tard = ce_jour() + timedelta(days=7)
    depart = {
        f"{uuid}-orientation": "Atelier vélo",
        f"{uuid}-le": plus_tard.isoformat(),
        f"{uuid}-heure": "09:30",
        f"{uuid}-avec": "Paul",
    }
    for _ in range(2):
        assert client.post(f"{ici}/depart", data=jeton | depart).status_code == 303
    with app.app_context(), lecture() as session:
        inscription = session.scalars(select(InscriptionAccueil)).one()
        assert inscription.presence is Presence.VENUE
        assert inscription.raison_absence is None
        assert inscription.rendez_vous == datetime.combine(plus_tard, time(9, 30), PARIS)
        assert session.scalars(select(Message.genre)).all() == [GenreMessage.RENDEZ_VOUS_FIXE.value]
        assert session.scalars(select(Parcours.premier_rendez_vous)).all() == [ce_jour()]
    feuille = html.unescape(client.get(f"{ici}/feuille").text)
    assert "Paul" in feuille
    assert "9\u00a0h\u00a030" in feuille
    liste = html.unescape(client.get(f"{adresse}/liste").text)
    assert "Nour" in liste
    assert "Atelier vélo" not in liste  # the desk reads hours and names, nothing else
