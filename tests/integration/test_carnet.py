"""The diary: what the house knows stands in it once and by itself; what is written by hand is short and safe."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour, maintenant
from mobilite.carnet import Contact
from mobilite.diagnostic import Diagnostic
from mobilite.journal import Evenement, consigner
from mobilite.notification import Canal, EtatMessage, GenreMessage, Message
from mobilite.personnes import Personne
from tests.conftest import Entrer, client_de, compte_de
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre
from tests.integration.bureau import Bureau
from web import reservations
from web.app import Application
from web.calendrier import jours_entiers
from web.referentiel import referentiel
from web.transaction import lecture, transaction

NIR = "1 84 12 55 545 001 15"


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    """Her adviser."""
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


@pytest.fixture
def voisin(app: Application, entrer: Entrer) -> Bureau:
    """Another adviser."""
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def lignes(page: str) -> list[str]:
    """The lines of the diary as they are read, without their day."""
    nues = re.findall(r'<p class="carnet-quoi">(.*?)(?:<span class="doux">.*?)?</p>', page, re.DOTALL)
    return [" ".join(ligne.split()) for ligne in nues]


def noter(bureau: Bureau, dossier: str, **champs: str) -> int:
    """Send the form of the diary."""
    defauts = {"genre": "appel", "le": ce_jour().isoformat(), "cle": "une-fois"}
    envoyes = {f"carnet-{nom}": valeur for nom, valeur in (defauts | champs).items()}
    return bureau.envoyer(f"{dossier}/carnet", **envoyes).status_code


def test_each_thing_that_happened_stands_in_the_diary_once_without_being_typed_again(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(prenom="Amina", telephone="06 39 98 01 01")
    bureau.envoyer(f"{dossier}/besoins/nouveau", destination="Verdun", quand="")
    bureau.envoyer(f"{dossier}/plan/etapes", intitule="Appeler le garage")
    bureau.envoyer(f"{dossier}/parcours/referent", **{"referent-nom": "Awa Diallo", "referent-accord": "oui"})
    with bureau.app.app_context(), transaction() as session:
        elle = session.scalars(select(Personne)).one()
        offre = une_offre()
        session.add(un_vehicule(offre, libelle="Clio grise"))
        session.flush()
        debut, fin = jours_entiers(ce_jour() + timedelta(days=3), 2)
        sienne = reservations.demander(
            session, acteur=CONSEILLERE, offre=offre, personne_id=elle.id, cle="c", debut=debut, fin=fin
        )
        reservations.confirmer(
            session,
            sienne,
            par=CONSEILLERE,
            place_confirmee_par="Paul",
            papiers_vus_le=ce_jour(),
            caution_vue_le=ce_jour(),
            documents_vus={"Permis de conduire": ce_jour()},
        )
        message = Message(
            genre=GenreMessage.PLACE_CONFIRMEE,
            canal=Canal.SMS,
            personne_id=elle.id,
            texte="Votre place est confirmée.",
            cle="essai",
            objet_type="reservation",
            objet_id=sienne.id,
            a_partir_du=maintenant(),
            etat=EtatMessage.ENVOYE,
            parti_le=maintenant(),
        )
        session.add(message)
        session.flush()
        session.add(consigner(CONSEILLERE, Evenement.MESSAGE_ENVOYE, message, canal="sms"))
    assert noter(bureau, dossier, joint="non", phrase="Messagerie pleine") == 303
    lues = lignes(bureau.page(f"{dossier}/carnet"))
    for debut_de_ligne in (
        "Dossier ouvert",
        "Besoin noté : Verdun",
        "Au plan : Appeler le garage",
        "Référent choisi avec elle",
        "Véhicule demandé : Clio grise",
        "Place confirmée : Clio grise",
        "Envoyé : SMS, place confirmée",
        "Appel : sans réponse. Messagerie pleine",
    ):
        assert len([ligne for ligne in lues if ligne.startswith(debut_de_ligne)]) == 1, (debut_de_ligne, lues)
    assert len(lues) == len(set(lues))
    page = bureau.page(dossier)
    assert "Permis de conduire" in page and "vu le" in page, "what was seen once is not asked again"
    assert "Appel : sans réponse" in page


def test_the_answers_of_one_day_are_one_sitting(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(prenom="Amina")
    premiere, seconde = (item.code for item in referentiel().questionnaire.items[:2])
    with bureau.app.app_context(), transaction() as session:
        elle = session.scalars(select(Personne)).one()
        diagnostic = Diagnostic(personne=elle, questionnaire="2026.2", commence_par=CONSEILLERE.id)
        session.add(diagnostic)
        session.flush()
        hier = maintenant() - timedelta(days=1)
        for code, quand in ((premiere, hier), (seconde, hier), (premiere, maintenant())):
            diagnostic.repondre(code, "oui", CONSEILLERE, quand)
            session.add(consigner(CONSEILLERE, Evenement.REPONSE_NOTEE, diagnostic, le=quand, question=code))
    lues = [ligne for ligne in lignes(bureau.page(f"{dossier}/carnet")) if "réponse" in ligne]
    assert lues == ["1 réponse notée (à l'entrée)", "2 réponses notées (à l'entrée)"]


def test_one_form_sent_twice_writes_one_line_and_only_its_author_takes_it_out(
    bureau: Bureau, voisin: Bureau
) -> None:
    dossier = bureau.ouvrir(prenom="Amina")
    assert [noter(bureau, dossier, joint="oui") for _ in range(2)] == [303, 303]
    page = bureau.page(f"{dossier}/carnet")
    assert lignes(page).count("Appel : elle a répondu") == 1
    [adresse] = re.findall(r'action="([^"]+/retirer)"', page)
    assert "/retirer" not in voisin.page(f"{dossier}/carnet")
    assert voisin.envoyer(adresse).status_code == 404
    assert bureau.envoyer(adresse).status_code == 303
    assert "Appel : elle a répondu" not in lignes(bureau.page(f"{dossier}/carnet"))
    assert bureau.faits().count(Evenement.CONTACT_NOTE) == bureau.faits().count(Evenement.CONTACT_RETIRE) == 1


@pytest.mark.parametrize(
    ("champs", "dit"),
    [
        ({"phrase": NIR}, "numéro de sécurité sociale"),
        ({"genre": ""}, "Choisissez ce qui a eu lieu"),
        ({"le": "2099-01-01"}, "donnez un jour passé"),
    ],
)
def test_what_does_not_belong_in_it_is_refused_and_nothing_typed_is_lost(
    bureau: Bureau, champs: dict[str, str], dit: str
) -> None:
    dossier = bureau.ouvrir(prenom="Amina")
    saisie = {"phrase": "Rappeler jeudi", "genre": "appel", "le": "2026-01-05"} | champs
    reponse = bureau.envoyer(f"{dossier}/carnet", **{f"carnet-{nom}": v for nom, v in saisie.items()})
    assert reponse.status_code == 422 and dit in reponse.text
    assert f'value="{saisie["phrase"]}"' in reponse.text
    with bureau.app.app_context(), lecture() as session:
        assert session.scalars(select(Contact)).all() == []


def test_words_of_health_get_a_reminder_and_a_letter_has_no_answer(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(prenom="Amina")
    assert noter(bureau, dossier, genre="lettre", joint="oui", phrase="Elle parle de sa dépression") == 303
    page = bureau.page(f"{dossier}/carnet")
    assert "Cette note semble parler de santé" in page
    assert lignes(page)[0].startswith("Lettre. Elle parle")


def test_she_never_reads_the_notes_of_work_on_her_own_page(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(prenom="Amina")
    noter(bureau, dossier, joint="non", phrase="Messagerie pleine")
    uuid = bureau.personne(dossier).id
    with bureau.app.app_context(), transaction() as session:
        jeton = compte_de(session, RoleActeur.PERSONNE, personne_id=uuid).jeton_session
    elle = client_de(bureau.app, jeton)
    assert "Messagerie pleine" not in elle.get("/mes-deplacements/").text
    assert elle.get(f"{dossier}/carnet").status_code == 403
