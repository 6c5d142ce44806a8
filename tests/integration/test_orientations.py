"""Orientations: no refusal without another way, clocks of whole days, and nobody reads another's fiche."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS, ce_jour, jour_local
from mobilite.besoin import MotifDeplacement
from mobilite.journal import Evenement, LigneJournal
from mobilite.notification import GenreMessage, Message
from mobilite.parametres import parametres
from mobilite.parcours import Parcours
from mobilite.personnes import Joindre, Personne
from mobilite.prescription import (
    EtatPrescription,
    FormeAccord,
    GenrePrescripteur,
    IssuePrescription,
    Prescription,
    RaisonRefus,
    RefusSansAlternative,
    Reponse,
    delais,
)
from tests.conftest import client_de, valeur_de
from tests.fabriques import CONSEILLERE, une_personne, une_structure
from web.app import Application
from web.comptes import creer_compte
from web.messages.echeances import moment, prescriptions_a_relancer
from web.orientations import prescriptions_a_repondre
from web.transaction import lecture, transaction

FICHE: dict[str, Any] = {
    "prenom": "Léa",
    "telephone": "06 39 98 12 34",
    "commune": "Étain",
    "motif": "emploi",
    "souhait": "Aller travailler à Verdun à 5 h",
    "urgence": "quinzaine",
    "accord_pour": ["fiche", "reponse"],
    "accord_comment": "oral",
}


def une_prescription(envoyee_le: datetime, **choix: Any) -> Prescription:
    """A fiche that came at that instant."""
    relance_le, expire_le = delais(envoyee_le, parametres(jour_local(envoyee_le)))
    defauts: dict[str, Any] = {
        "genre": GenrePrescripteur.CCAS,
        "prescripteur": "Luc, CCAS",
        "envoyee_par": 1,
        "cle": "une",
        "prenom": "Léa",
        "motif": MotifDeplacement.EMPLOI,
        "accord_pour": ["fiche"],
        "accord_comment": FormeAccord.ORAL,
        "accord_le": jour_local(envoyee_le),
    }
    return Prescription(
        envoyee_le=envoyee_le, relance_le=relance_le, expire_le=expire_le, **(defauts | choix)
    )


def un_prescripteur(app: Application, libelle: str = "Luc", structure_id: int | None = None) -> FlaskClient:
    """Somebody who sends people, signed in, in his structure or in one of his own."""
    with app.app_context(), transaction() as session:
        if structure_id is None:
            structure = une_structure()
            session.add(structure)
            session.flush()
            structure_id = structure.id
        compte = creer_compte(
            session,
            identifiant=f"{libelle}@exemple.invalid",
            libelle=libelle,
            role=RoleActeur.PARTENAIRE,
            structure_id=structure_id,
            prescrit_comme=GenrePrescripteur.MISSION_LOCALE,
        )
    return client_de(app, compte.jeton_session)


@pytest.fixture
def conseillere(app: Application) -> FlaskClient:
    with app.app_context(), transaction() as session:
        compte = creer_compte(
            session, identifiant="claire@exemple.invalid", libelle="Claire", role=RoleActeur.CONSEILLER
        )
    return client_de(app, compte.jeton_session)


def envoyer(client: FlaskClient, cle: str = "f1", **champs: Any) -> Any:
    page = client.get("/prescripteur/nouvelle").text
    saisie = {"csrf_token": valeur_de(page), "cle": cle, "accord_le": ce_jour().isoformat()}
    return client.post("/prescripteur/nouvelle", data=saisie | FICHE | champs)


def repondre(client: FlaskClient, fiche: Prescription, **champs: Any) -> Any:
    jeton = valeur_de(client.get(f"/conseiller/orientations/{fiche.uuid}").text)
    return client.post(f"/conseiller/orientations/{fiche.uuid}/reponse", data={"csrf_token": jeton} | champs)


def la_fiche(app: Application) -> Prescription:
    with app.app_context(), lecture() as session:
        return session.scalars(select(Prescription)).one()


def combien(app: Application, quoi: Any) -> int:
    with app.app_context(), lecture() as session:
        return session.scalar(select(func.count()).select_from(quoi)) or 0


def test_the_database_itself_refuses_a_refusal_without_another_way(moteur: Engine) -> None:
    instant = datetime(2026, 11, 2, 9, tzinfo=UTC)
    with Session(moteur) as session, session.begin():
        session.add(une_prescription(instant))
    for raison, alternatives in (("hors_territoire", ""), (None, "La mission locale")):
        with pytest.raises(IntegrityError), moteur.begin() as connexion:
            connexion.execute(
                text(
                    "UPDATE prescription SET issue = 'refusee', raison_refus = :raison,"
                    " alternatives = :alternatives, repondue_le = envoyee_le"
                ),
                {"raison": raison, "alternatives": alternatives},
            )
    fiche = une_prescription(instant)
    refus = Reponse(IssuePrescription.REFUSEE, raison=RaisonRefus.HORS_TERRITOIRE, alternatives="  \n ")
    with pytest.raises(RefusSansAlternative):
        fiche.repondre(refus, CONSEILLERE, instant)
    assert fiche.issue is None


@pytest.mark.parametrize(
    "envoyee",
    [
        datetime(2026, 3, 28, 23, 30, tzinfo=PARIS),  # the night that is an hour short
        datetime(2026, 10, 24, 23, 30, tzinfo=PARIS),  # the night that is an hour long
        datetime(2026, 11, 2, 0, 0, tzinfo=PARIS),
        datetime(2026, 12, 31, 23, 59, tzinfo=PARIS),
    ],
)
def test_the_tenth_and_the_thirtieth_day_are_days_on_the_wall_even_when_the_clock_changes(
    moteur_sqlite: Engine, envoyee: datetime
) -> None:
    fiche = une_prescription(envoyee.astimezone(UTC))
    recue = envoyee.date()
    etats = {j: fiche.etat(recue + timedelta(days=j)) for j in (0, 9, 10, 29, 30, 400)}
    assert etats == {
        0: EtatPrescription.A_REPONDRE,
        9: EtatPrescription.A_REPONDRE,
        10: EtatPrescription.EN_RETARD,
        29: EtatPrescription.EN_RETARD,
        30: EtatPrescription.EXPIREE,
        400: EtatPrescription.EXPIREE,
    }
    with Session(moteur_sqlite) as session:
        structure = une_structure()
        session.add(structure)
        session.flush()
        fiche.structure_id = structure.id
        session.add(fiche)
        session.flush()

        def dits(jours: int) -> list[str]:
            minuit = datetime.combine(recue + timedelta(days=jours), datetime.min.time(), PARIS)
            return [b.cle for b in prescriptions_a_relancer(session, moment(minuit.astimezone(UTC)))]

        assert [dits(9), dits(10), dits(29), dits(30)] == [
            [],
            [f"orientation:{fiche.id}:relance"],
            [f"orientation:{fiche.id}:relance"],
            [f"orientation:{fiche.id}:expiree"],
        ]
        # Late is better than never: what expired can still be answered, and then nothing is late any more.
        tard = envoyee + timedelta(days=45)
        fiche.repondre(Reponse(IssuePrescription.CONSEIL, texte="Le car de 7 h"), CONSEILLERE, tard)
        assert dits(60) == []


def test_the_late_ones_come_first_in_the_list_of_what_to_answer(moteur_sqlite: Engine) -> None:
    le = date(2026, 11, 22)
    with Session(moteur_sqlite) as session:
        for cle, jours, urgence in (("a", 3, "ordinaire"), ("b", 2, "semaine"), ("c", 12, "ordinaire")):
            instant = datetime.combine(le - timedelta(days=jours), datetime.min.time(), PARIS)
            session.add(une_prescription(instant, cle=cle, urgence=urgence))
        session.flush()
        assert [p.cle for p in prescriptions_a_repondre(session, le)] == ["c", "b", "a"]


def test_one_form_sent_twice_is_one_fiche_and_nothing_leaves_without_her_yes(app: Application) -> None:
    client = un_prescripteur(app)
    refus = envoyer(client, accord_pour=["rappel"])
    assert refus.status_code == 422
    assert "Demandez-lui d'abord son accord" in html.unescape(refus.text)
    assert 'value="Léa"' in refus.text
    assert combien(app, Prescription) == 0
    for _ in range(2):
        assert envoyer(client).status_code == 303
    fiche = la_fiche(app)
    assert fiche.insee == "55181"
    assert (fiche.prescripteur, fiche.genre) == ("Luc", GenrePrescripteur.MISSION_LOCALE)
    with app.app_context(), lecture() as session:
        faits = session.scalars(select(LigneJournal.quoi)).all()
    assert faits == [Evenement.PRESCRIPTION_ENVOYEE.value]


@pytest.mark.parametrize(
    ("souhait", "relu", "passe"),
    [
        ("Son numéro : 1 51 02 46 102 043 25", "oui", False),
        ("Elle est en dépression, elle veut travailler", "", False),
        ("Un stage de traitement de texte", "oui", True),
    ],
)
def test_a_fiche_holds_no_number_and_no_word_of_health_unless_somebody_has_read_it_again(
    app: Application, souhait: str, relu: str, passe: bool
) -> None:
    reponse = envoyer(un_prescripteur(app), souhait=souhait, relu=relu)
    assert reponse.status_code == (303 if passe else 422)
    assert combien(app, Prescription) == int(passe)


def test_a_prescriber_reads_only_his_own_and_only_what_she_agreed_to_share(
    app: Application, conseillere: FlaskClient
) -> None:
    luc = un_prescripteur(app)
    envoyer(luc)
    fiche = la_fiche(app)
    ailleurs = un_prescripteur(app, "Zoé")
    collegue = un_prescripteur(app, "Ana", fiche.structure_id)
    for autre in (ailleurs, collegue):
        assert autre.get(f"/prescripteur/orientations/{fiche.uuid}").status_code == 404
        assert "Léa" not in autre.get("/prescripteur/").text
        jeton = valeur_de(autre.get("/prescripteur/nouvelle").text)
        adresse = f"/prescripteur/orientations/{fiche.uuid}/retirer"
        assert autre.post(adresse, data={"csrf_token": jeton}).status_code == 404
    assert conseillere.get("/prescripteur/").status_code == 403
    assert luc.get("/conseiller/orientations").status_code == 403
    repondre(conseillere, fiche, issue="prealables", texte="Refaire sa carte d'identité")
    page = luc.get(f"/prescripteur/orientations/{fiche.uuid}").text
    assert "Réponse donnée" in page
    assert "carte d&#39;identité" not in page
    assert "à régler" not in page


def test_a_partner_who_sends_nobody_has_no_door_here_and_the_menu_of_each_is_his_own(
    app: Application, entrer: Any
) -> None:
    garage = entrer(RoleActeur.PARTENAIRE)
    assert garage.get("/prescripteur/").status_code == 403
    luc = un_prescripteur(app)
    menu = luc.get("/prescripteur/").text.split("Menu principal")[1].split("</nav>")[0]
    assert menu.count("<li>") == 1


def test_an_accepted_one_joins_a_dossier_is_measured_and_told_to_both(
    app: Application, conseillere: FlaskClient
) -> None:
    luc = un_prescripteur(app)
    envoyer(luc)
    fiche = la_fiche(app)
    demain = ce_jour() + timedelta(days=1)
    rendez_vous = {
        "issue": "acceptee",
        "rendez_vous_le": demain.isoformat(),
        "rendez_vous_heure": "14:30",
        "rendez_vous_avec": "Claire",
        "retour": "oui",
    }
    assert repondre(conseillere, fiche, **rendez_vous).status_code == 422  # no dossier yet
    with app.app_context(), transaction() as session:
        deja = une_personne(prenom="Léa", telephone="+33639981234", joindre=Joindre.TELEPHONE)
        session.add(deja)
    adresse = f"/conseiller/orientations/{fiche.uuid}"
    page = conseillere.get(adresse).text
    assert "Peut-être la même personne" in page
    jeton = valeur_de(page)
    sans_regarder = conseillere.post(f"{adresse}/dossier", data={"csrf_token": jeton, "dossier": "nouveau"})
    assert sans_regarder.status_code == 422
    for _ in range(2):
        conseillere.post(f"{adresse}/dossier", data={"csrf_token": jeton, "dossier": str(deja.uuid)})
    assert combien(app, Personne) == 1
    for _ in range(2):
        assert repondre(conseillere, fiche, **rendez_vous).status_code == 303
    with app.app_context(), lecture() as session:
        suivi = session.scalars(select(Parcours)).one()
        assert (suivi.oriente_le, suivi.premier_rendez_vous) == (ce_jour(), demain)
        genres = sorted(session.scalars(select(Message.genre)))
        reponses = session.scalars(
            select(func.count()).where(LigneJournal.quoi == Evenement.PRESCRIPTION_REPONDUE.value)
        ).one()
    assert genres == sorted([GenreMessage.ORIENTATION_REPONDUE.value, GenreMessage.RENDEZ_VOUS_FIXE.value])
    assert reponses == 1
    page = luc.get(f"/prescripteur/orientations/{fiche.uuid}").text
    assert "14\u00a0h\u00a030" in page


def test_a_refusal_on_the_page_comes_back_until_it_shows_another_way(
    app: Application, conseillere: FlaskClient
) -> None:
    luc = un_prescripteur(app)
    envoyer(luc)
    fiche = la_fiche(app)
    for champs in ({}, {"raison": "hors_territoire"}, {"alternatives": "La plateforme de Metz"}):
        assert repondre(conseillere, fiche, issue="refusee", **champs).status_code == 422
        assert la_fiche(app).issue is None
    entier = {"raison": "hors_territoire", "alternatives": "La plateforme de Metz", "retour": "oui"}
    assert repondre(conseillere, fiche, issue="refusee", **entier).status_code == 303
    assert "La plateforme de Metz" in luc.get(f"/prescripteur/orientations/{fiche.uuid}").text


def test_an_account_sends_thirty_fiches_an_hour_not_more_and_another_is_not_held_back(
    app: Application,
) -> None:
    luc, zoe = un_prescripteur(app), un_prescripteur(app, "Zoé")
    jeton = valeur_de(luc.get("/prescripteur/nouvelle").text)
    essais = [luc.post("/prescripteur/nouvelle", data={"csrf_token": jeton}).status_code for _ in range(31)]
    assert essais == [422] * 30 + [429]
    assert envoyer(zoe).status_code == 303
