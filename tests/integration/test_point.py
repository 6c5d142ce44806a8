"""« Faire le point »: she answers alone, one question a page, without JavaScript; it is the same diagnostic."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.diagnostic import Diagnostic, OrigineReponse, Reponse
from mobilite.exercice import Exercice, ExerciceFait, ResultatExercice
from mobilite.journal import Evenement, LigneJournal
from mobilite.personnes import Personne
from tests.conftest import Entrer, client_de, compte_de, valeur_de
from tests.fabriques import une_personne
from web.app import Application
from web.referentiel import referentiel
from web.transaction import lecture, transaction

RACINE = "/mes-deplacements/point"


def champs_de(page: str) -> dict[str, str]:
    """The hidden fields of the form of a question, the empty ones too."""
    noms = ("csrf_token", "vu", "cle", "marque", "aide")
    trouves = {nom: re.search(rf'name="{nom}" value="([^"]*)"', page) for nom in noms}
    return {nom: trouve[1] for nom, trouve in trouves.items() if trouve}


class Elle:
    """She, signed in on her phone, before any rendez-vous; ``conseillere`` opens the same dossier."""

    def __init__(self, app: Application, entrer: Entrer) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            personne = une_personne()
            session.add(personne)
            session.flush()
            self.uuid, numero = personne.uuid, personne.id
            jeton = compte_de(session, RoleActeur.PERSONNE, personne_id=numero).jeton_session
        self.client = client_de(app, jeton)
        self.conseillere: FlaskClient = entrer(RoleActeur.CONSEILLER)

    def page(self, code: str = "") -> str:
        reponse = self.client.get(f"{RACINE}/{code}".rstrip("/"))
        assert reponse.status_code == 200, reponse.headers.get("Location")
        return unescape(reponse.text)

    def dire(self, code: str, *valeurs: str, **champs: str) -> TestResponse:
        """Send the form of a question as its page holds it, unless ``champs`` says otherwise."""
        return self.client.post(
            f"{RACINE}/{code}", data=champs_de(self.page(code)) | {code: list(valeurs)} | champs
        )

    def gardees(self) -> dict[str, tuple[Any, OrigineReponse]]:
        with self.app.app_context(), lecture() as session:
            return {r.code: (r.valeur, r.origine) for r in session.scalars(select(Reponse))}

    def compter(self, table: type, *conditions: Any) -> int:
        with self.app.app_context(), lecture() as session:
            return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    def noter_ensemble(self, code: str, *valeurs: str) -> None:
        racine = f"/conseiller/dossiers/{self.uuid}/diagnostic"
        jeton = valeur_de(self.conseillere.get(f"{racine}/D0").text)
        reponse = self.conseillere.post(
            f"{racine}/reponses",
            json={"code": code, "valeurs": list(valeurs)},
            headers={"X-CSRFToken": jeton, "Accept": "application/json"},
        )
        assert reponse.status_code == 200

    def section(self, code: str) -> str:
        return unescape(self.conseillere.get(f"/conseiller/dossiers/{self.uuid}/diagnostic/{code}").text)


@pytest.fixture
def elle(app: Application, entrer: Entrer) -> Elle:
    return Elle(app, entrer)


def test_her_answers_stand_in_the_diagnostic_of_her_adviser_marked_as_said_alone(elle: Elle) -> None:
    reponse = elle.dire("D2_abri_velo", "oui")
    assert reponse.status_code == 303
    assert elle.gardees() == {"D2_abri_velo": (True, OrigineReponse.SEULE)}
    assert elle.compter(Diagnostic) == 1
    assert re.search(r'id="D2_abri_velo".*?Dit par elle, seule, ', elle.section("D2"), re.DOTALL)
    # Said again together, it is no longer hers alone, and is not asked of her any more.
    vu = valeur_de(elle.section("D2"), "vu-D2_abri_velo")
    racine = f"/conseiller/dossiers/{elle.uuid}/diagnostic"
    elle.conseillere.post(
        f"{racine}/reponses",
        json={"code": "D2_abri_velo", "valeurs": ["non"], "vu": vu},
        headers={"X-CSRFToken": valeur_de(elle.section("D0")), "Accept": "application/json"},
    )
    assert elle.gardees() == {"D2_abri_velo": (False, OrigineReponse.ENTRETIEN)}
    assert elle.client.get(f"{RACINE}/D2_abri_velo").headers["Location"].endswith(RACINE)


def test_walking_through_every_question_asks_nothing_delicate_and_says_no_word_of_ours(elle: Elle) -> None:
    par_code = referentiel().questionnaire.par_code
    vues: list[str] = []
    page = elle.client.get(re.findall(rf'href="({RACINE}/[^"]+)"', elle.page())[0])
    while (code := page.request.path.removeprefix(f"{RACINE}/")) != RACINE:
        item = par_code[code]
        assert not (item.sensible or item.replie), code
        assert code not in vues
        vues.append(code)
        texte = re.sub(r"<[^>]+>", " ", page.text).lower()
        assert not re.search(r"\bfreins?\b|diagnostic|verdict|score|%", texte), code
        assert item.visibilite.libelle in unescape(texte)
        tenus = {
            nom: valeur_de(page.text, nom) for nom in ("csrf_token", "cle") if f'name="{nom}"' in page.text
        }
        page = elle.client.post(page.request.path, data=tenus | {"passer": "oui"}, follow_redirects=True)
    assert len(vues) > 60
    # Passed over, a question keeps nothing; an exercise says that it was passed over.
    assert elle.gardees() == {}
    assert elle.compter(ExerciceFait, ExerciceFait.resultat == ResultatExercice.PASSE) == len(Exercice)


def test_she_goes_on_where_she_stopped_and_can_come_back_to_what_she_left(elle: Elle) -> None:
    elle.dire("D0_raison", passer="oui")
    suite = elle.dire("D1_nuit_hiver", "non").headers["Location"]
    assert suite.endswith("D1_logement")
    assert f'href="{RACINE}/D1_logement"' in elle.page()
    assert "Reprendre" in elle.page()
    assert elle.dire("D12_atelier", "oui").headers["Location"].endswith(f"{RACINE}?fini=1")
    # At the end, the first question left is offered again.
    assert "Revoir les questions laissées" in unescape(elle.client.get(f"{RACINE}?fini=1").text)
    assert f'href="{RACINE}/D0_objectif"' in elle.page()


def test_not_knowing_and_not_saying_are_kept_and_silence_is_told_apart(elle: Elle) -> None:
    elle.dire("D2_abri_velo", "ne_sait_pas")
    elle.dire("D1_logement", "prefere_ne_pas_repondre")
    rien = elle.dire("D1_nuit_hiver")
    assert rien.status_code == 422
    assert "Choisissez une réponse, ou appuyez sur « Passer »." in unescape(rien.text).replace("\xa0", " ")
    assert {code: valeur for code, (valeur, _) in elle.gardees().items()} == {
        "D2_abri_velo": "ne_sait_pas",
        "D1_logement": None,
    }


def test_the_same_form_sent_twice_is_one_fact_and_an_older_page_overwrites_nothing_unseen(elle: Elle) -> None:
    vieille = elle.page("D2_abri_velo")
    tenus = champs_de(vieille)
    for _ in range(2):
        assert (
            elle.client.post(f"{RACINE}/D2_abri_velo", data=tenus | {"D2_abri_velo": "oui"}).status_code
            == 303
        )
    assert elle.compter(LigneJournal, LigneJournal.quoi == Evenement.REPONSE_NOTEE.value) == 1
    refus = elle.client.post(f"{RACINE}/D2_abri_velo", data=tenus | {"D2_abri_velo": "non"})
    assert refus.status_code == 409
    assert "Gardé : « oui »" in unescape(refus.text)
    assert 'value="non" checked' in refus.text
    assert elle.gardees()["D2_abri_velo"][0] is True
    # Having seen both, she keeps hers.
    encore = {"csrf_token": tenus["csrf_token"], "vu": valeur_de(refus.text, "vu"), "D2_abri_velo": "non"}
    assert elle.client.post(f"{RACINE}/D2_abri_velo", data=encore).status_code == 303
    assert elle.gardees()["D2_abri_velo"][0] is False


@pytest.mark.parametrize(
    ("essais", "resultat", "suggere"),
    [
        (["1"], ResultatExercice.REUSSI, "trouve sans aide"),
        (["2", "1"], ResultatExercice.AVEC_AIDE, "trouve avec un peu d'aide"),
        (["2", "2"], ResultatExercice.PAS_ENCORE, "ne trouve pas encore"),
    ],
)
def test_a_small_exercise_suggests_an_answer_that_nobody_keeps_silently(
    elle: Elle, essais: list[str], resultat: ResultatExercice, suggere: str
) -> None:
    page = elle.page("D6_horaires")
    reponse: TestResponse | None = None
    for essai in essais:
        reponse = elle.client.post(f"{RACINE}/D6_horaires", data=champs_de(page) | {"car": essai})
        page = reponse.text
    assert reponse is not None and reponse.status_code == 303
    with elle.app.app_context(), lecture() as session:
        assert [(f.exercice, f.resultat) for f in session.scalars(select(ExerciceFait))] == [
            (Exercice.HORAIRE, resultat)
        ]
    assert elle.gardees() == {}
    section = elle.section("D6")
    assert f"Réponse suggérée : « {suggere} »" in section
    # Confirmed by the adviser, it becomes an answer.
    jeton = valeur_de(section)
    elle.conseillere.post(
        f"/conseiller/dossiers/{elle.uuid}/diagnostic/D6",
        data={"csrf_token": jeton, "vu-D6_horaires": "", "confirmer": "D6_horaires"},
    )
    assert elle.gardees()["D6_horaires"][1] is OrigineReponse.ENTRETIEN
    assert "Réponse suggérée" not in elle.section("D6")


def test_an_exercise_sent_twice_is_one_exercise(elle: Elle) -> None:
    page = elle.page("D6_heure_depart")
    tenus = champs_de(page)
    for _ in range(2):
        assert (
            elle.client.post(f"{RACINE}/D6_heure_depart", data=tenus | {"passer": "oui"}).status_code == 303
        )
    assert elle.compter(ExerciceFait) == 1


def test_the_questions_leave_her_first_page_once_everything_was_said_together(elle: Elle) -> None:
    assert "Faire le point" in unescape(elle.client.get("/mes-deplacements/").text)
    with elle.app.app_context(), transaction() as session:
        personne = session.scalars(select(Personne)).one()
        diagnostic = Diagnostic(
            personne=personne, questionnaire=referentiel().questionnaire.version, commence_par=1
        )
        session.add(diagnostic)
        session.flush()
        for item in referentiel().questionnaire.items:
            diagnostic.reponses[item.code] = Reponse(code=item.code, valeur=None, par=1)
    assert "Faire le point" not in unescape(elle.client.get("/mes-deplacements/").text)


def test_the_adviser_notes_an_exercise_made_together_and_a_lost_reply_is_not_a_second_one(elle: Elle) -> None:
    adresse = f"/conseiller/dossiers/{elle.uuid}/exercices/carte"
    page = elle.conseillere.get(adresse).text
    assert "<svg" in page
    for _ in range(2):
        reponse = elle.conseillere.post(adresse, data=champs_de(page) | {"resultat": "avec_aide"})
        assert reponse.headers["Location"].endswith("/diagnostic/D6#D6_plan")
    assert elle.compter(ExerciceFait) == 1
    assert "Réponse suggérée : « plutôt bien »" in elle.section("D6")
    assert elle.gardees() == {}
    # Passed over, it suggests nothing.
    page = elle.conseillere.get(adresse).text
    elle.conseillere.post(adresse, data=champs_de(page) | {"resultat": "passe"})
    assert "Réponse suggérée" not in elle.section("D6")
