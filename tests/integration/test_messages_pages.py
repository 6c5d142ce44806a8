"""The pages of messages: to the right adviser, done once, stopped as easily as received, nothing lost on the way."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS, maintenant
from mobilite.journal import Evenement, LigneJournal
from mobilite.notification import Canal, CanalRefuse, EtatMessage, GenreMessage, Message
from mobilite.personnes import Joindre, Personne
from mobilite.structure import Structure
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import une_personne, une_structure
from web.app import Application
from web.config import Envois
from web.messages.boite import Brouillon, ecrire
from web.transaction import lecture, transaction

MARDI = datetime(2026, 11, 24, 10, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(MARDI, tick=True):
        yield


def entrer(app: Application, role: RoleActeur, **de_qui: int) -> tuple[FlaskClient, int]:
    with app.app_context(), transaction() as session:
        compte = compte_de(session, role, **de_qui)
    return client_de(app, compte.jeton_session), compte.id


def lire(client: FlaskClient, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200, adresse
    return re.sub(r"\s+", " ", html.unescape(reponse.text))


def dire(session: Session, qui: Personne | Structure, texte: str = "C'est oui.") -> Message | None:
    structure = qui if isinstance(qui, Structure) else une_structure()
    personne = qui if isinstance(qui, Personne) else None
    session.add_all([qui, structure])
    session.flush()
    brouillon = Brouillon(
        GenreMessage.PLACE_CONFIRMEE if personne else GenreMessage.OFFRES_A_VERIFIER,
        f"essai-{qui.uuid}",
        structure,
        texte,
        titre="" if personne else "Vos offres",
        personne=personne,
        structure=None if personne else structure,
        jusqu_au=maintenant() + timedelta(days=2),
    )
    return ecrire(session, brouillon, maintenant() - timedelta(minutes=1))


def discrete(conseiller: int) -> Personne:
    return une_personne(
        prenom="Sacha",
        telephone="+33639985678",
        joindre=Joindre.TELEPHONE,
        message_possible=True,
        contact_discret=True,
        conseiller_id=conseiller,
    )


def test_a_call_is_shown_to_the_adviser_who_follows_her_and_to_no_other(app: Application) -> None:
    claire, claire_id = entrer(app, RoleActeur.CONSEILLER)
    paul, _ = entrer(app, RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        message = dire(session, discrete(claire_id))
        assert message is not None and message.canal is Canal.APPEL
    page = lire(claire, "/conseiller/messages")
    assert "Sacha" in page and "06 39 98 56 78" in page.replace("\u00a0", " ")
    assert "1 appel à faire" in lire(claire, "/conseiller/")
    autre = lire(paul, "/conseiller/messages")
    assert "Sacha" not in autre and "C'est oui" not in autre
    jeton = valeur_de(paul.get("/conseiller/messages").text)
    assert (
        paul.post(f"/conseiller/messages/{message.uuid}/fait", data={"csrf_token": jeton}).status_code == 404
    )


def test_a_call_is_done_once_with_its_fact(app: Application) -> None:
    claire, claire_id = entrer(app, RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        message = dire(session, discrete(claire_id))
        assert message is not None
    for _ in range(2):
        jeton = valeur_de(claire.get("/conseiller/messages").text)
        adresse = f"/conseiller/messages/{message.uuid}/fait"
        assert claire.post(adresse, data={"csrf_token": jeton}).status_code == 303
    assert "ce n'est plus à faire" in lire(claire, "/conseiller/messages")
    with app.app_context(), lecture() as session:
        fait = session.scalars(select(Message)).one()
        assert (fait.etat, fait.par) == (EtatMessage.FAIT, claire_id)
        lignes = select(LigneJournal).where(LigneJournal.quoi == Evenement.MESSAGE_FAIT.value)
        assert len(session.scalars(lignes).all()) == 1


def test_the_outbox_shows_what_really_leaves_and_says_when_nothing_does(app: Application) -> None:
    claire, claire_id = entrer(app, RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        elle = une_personne(
            telephone="+33639985678",
            joindre=Joindre.TELEPHONE,
            message_possible=True,
            conseiller_id=claire_id,
        )
        dire(session, elle, "« Citroën » vous attend.")
        dire(session, une_structure(nom="Atelier vélo"))
    page = lire(claire, "/conseiller/messages")
    assert '"Citroen" vous attend. <span class="doux message-signes">22 signes' in page
    assert "Atelier vélo" in page and "À imprimer" in page and "À envoyer" in page
    assert "Démonstration : rien ne part." in page
    lettres = lire(claire, "/conseiller/messages/lettres")
    assert "Vos offres" in lettres
    assert "L’adresse postale n’est pas sur la plateforme" in lettres, "nothing that looks ready to post"
    assert "Adresse à écrire" in lettres


def test_without_a_way_out_the_page_says_that_messages_wait(app: Application) -> None:
    claire, _ = entrer(app, RoleActeur.CONSEILLER)
    app.jinja_env.globals["demonstration"] = False
    assert "Les SMS et les courriels ne partent pas" in lire(claire, "/conseiller/messages").replace("’", "'")
    app.config["ENVOIS"] = Envois(sms="json://ici/{destination}")
    assert "Les courriels ne partent pas" in lire(claire, "/conseiller/messages")
    app.config["ENVOIS"] = Envois("json://ici/{destination}", "json://ici/{destination}")
    assert "ne partent pas" not in lire(claire, "/conseiller/messages")


def test_she_stops_and_takes_up_text_messages_by_herself_and_it_is_noted(app: Application) -> None:
    with app.app_context(), transaction() as session:
        elle = une_personne(telephone="+33639985678", joindre=Joindre.TELEPHONE, message_possible=True)
        session.add(elle)
    client, _ = entrer(app, RoleActeur.PERSONNE, personne_id=elle.id)
    refus = []
    for sms in ("non", "non", "oui"):
        jeton = valeur_de(client.get("/mes-deplacements/messages").text)
        client.post("/mes-deplacements/messages", data={"csrf_token": jeton, "sms": sms})
        with app.app_context(), lecture() as session:
            refus.append(session.scalars(select(CanalRefuse.canal)).all())
    assert refus == [[Canal.SMS], [Canal.SMS], []]
    with app.app_context(), lecture() as session:
        faits = session.scalars(select(LigneJournal.quoi).order_by(LigneJournal.id)).all()
    assert faits == ["CanalRefuse", "CanalAccepte"]


def test_the_adviser_notes_what_she_does_not_want_and_reads_what_will_be_done(app: Application) -> None:
    claire, _ = entrer(app, RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        elle = une_personne(telephone="+33639985678", joindre=Joindre.TELEPHONE, message_possible=True)
        session.add(elle)
    adresse = f"/conseiller/dossiers/{elle.uuid}/messages"
    assert "Par SMS." in lire(claire, adresse)
    jeton = valeur_de(claire.get(adresse).text)
    claire.post(adresse, data={"csrf_token": jeton, "refuse-sms": "oui"})
    assert "Par un appel : elle ne veut pas de SMS." in lire(claire, adresse)
    claire.post(adresse, data={"csrf_token": jeton, "refuse-sms": "oui", "refuse-appel": "oui"})
    page = lire(claire, adresse)
    assert "Par un appel : elle ne veut pas de SMS." in page, "what changes her coming"
    assert "Pas de rappel : elle ne veut pas être appelée pour cela." in page


def test_a_partner_reads_its_messages_and_no_other_and_may_stop_emails(app: Application) -> None:
    with app.app_context(), transaction() as session:
        sienne, autre = une_structure(nom="La sienne"), une_structure(nom="L'autre")
        session.add_all([sienne, autre])
    client, _ = entrer(app, RoleActeur.PARTENAIRE, structure_id=sienne.id)
    with app.app_context(), transaction() as session:
        dire(session, session.get_one(Structure, sienne.id), "Relisez vos offres.")
        dire(session, session.get_one(Structure, autre.id), "Celles de l'autre.")
    page = lire(client, "/partenaire/messages")
    assert "Relisez vos offres." in page and "Celles de l'autre." not in page
    jeton = valeur_de(client.get("/partenaire/messages").text)
    client.post("/partenaire/messages", data={"csrf_token": jeton, "courriel": "non"})
    assert "Recevoir des courriels" in lire(client, "/partenaire/messages")
