"""From proposals to the plan: what is kept, dropped and ordered stays decided, with its reason."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.besoin import MotifDeplacement
from mobilite.candidate import Genre
from mobilite.personnes import BesoinExprime, Depart
from mobilite.plan import Action, StatutAction
from tests.conftest import Entrer
from tests.fabriques import une_offre, une_personne
from web.app import Application
from web.transaction import lecture, transaction

VOITURE, NAVETTE = "voiture-de-verdun", "navette-reservee"


class Dossier:
    """One dossier on an adviser's desk: a car she may have, a shuttle kept for other reasons."""

    def __init__(self, app: Application, client: FlaskClient, uuid: UUID, besoin: UUID) -> None:
        self.app, self.client, self.besoin = app, client, besoin
        self.racine = f"/conseiller/dossiers/{uuid}"

    def page(self, suite: str = "") -> str:
        reponse = self.client.get(f"{self.racine}{suite}")
        assert reponse.status_code == 200
        return reponse.text

    def poster(self, suite: str, **champs: Any) -> TestResponse:
        jeton = re.search(r'name="csrf_token" value="([^"]+)"', self.page("/plan"))
        assert jeton
        return self.client.post(f"{self.racine}{suite}", data={"csrf_token": jeton[1]} | champs)

    def decider(self, code: str, decision: str, raison: str = "") -> TestResponse:
        return self.poster(f"/propositions/{code}", decision=decision, raison=raison, besoin=str(self.besoin))

    def actions(self) -> list[Action]:
        with self.app.app_context(), lecture() as session:
            return list(session.scalars(select(Action).order_by(Action.rang)))


@pytest.fixture
def dossier(app: Application, entrer: Entrer) -> Dossier:
    client = entrer(RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        cycle = [{"jours": ["lun"], "arrivee": "08:00", "retour": "17:00"}]
        besoin = BesoinExprime(destination="55545", motif=MotifDeplacement.EMPLOI, passages={"cycle": cycle})
        personne = une_personne(
            departs=[Depart(insee="55181")],
            besoins=[besoin],
            annee_naissance=1992,
            permis={"type": "B"},
            moyens=[],
        )
        fiche = {"prix": {"jour": 4, "caution": 100}, "documents": ["Permis", "Carte d'identité"]}
        session.add_all(
            [
                personne,
                une_offre(code=VOITURE, nom="Voiture de Verdun", fiche=fiche),
                une_offre(
                    code=NAVETTE, nom="Navette", genre=Genre.NAVETTE_EMPLOYEUR, fiche={"motifs": ["courses"]}
                ),
            ]
        )
    return Dossier(app, client, personne.uuid, besoin.uuid)


def test_une_solution_gardee_devient_une_etape_avec_ce_que_l_on_sait(dossier: Dossier) -> None:
    assert dossier.decider(VOITURE, "garder").status_code == 302
    (action,) = dossier.actions()
    assert (action.intitule, action.statut) == ("Voiture de Verdun", StatutAction.GARDEE)
    assert action.apporter == ["Permis", "Carte d'identité"]
    assert action.pas_sur == "La place."
    assert action.instantane is not None
    assert action.instantane["verdict"] == "A_VERIFIER"
    assert "gardée au plan" in dossier.page()


def test_mettre_de_cote_demande_une_raison_et_la_garde_a_la_vue(dossier: Dossier) -> None:
    assert dossier.decider(VOITURE, "ecarter").status_code == 422
    assert dossier.actions() == []
    dossier.decider(VOITURE, "ecarter", "Elle ne veut pas conduire l'hiver")
    assert "Elle ne veut pas conduire l&#39;hiver" in dossier.page()
    assert "Voiture de Verdun" in dossier.page(), "set aside, never vanished"


def test_changer_d_avis_ne_fait_pas_deux_lignes(dossier: Dossier) -> None:
    dossier.decider(VOITURE, "ecarter", "trop loin")
    dossier.decider(VOITURE, "garder")
    (action,) = dossier.actions()
    assert action.statut is StatutAction.GARDEE


def test_pourquoi_repond_aussi_pour_une_offre_que_personne_ne_propose(dossier: Dossier) -> None:
    page = dossier.page(f"/pourquoi/{NAVETTE}")
    assert "Réservé à : courses ; ici : emploi." in page.replace("\u00a0", " ")
    assert dossier.client.get(f"{dossier.racine}/pourquoi/offre-absente").status_code == 404


def test_une_heure_impossible_est_refusee_et_rien_de_ce_qui_est_tape_n_est_perdu(dossier: Dossier) -> None:
    dossier.decider(VOITURE, "garder")
    (action,) = dossier.actions()
    reponse = dossier.poster(
        f"/plan/actions/{action.uuid}", intitule="Appeler le garage", heure="30:00", lieu="Place de la gare"
    )
    assert reponse.status_code == 422
    assert "une heure comme 07:30 est attendue" in reponse.text
    assert 'value="Place de la gare"' in reponse.text
    assert dossier.actions()[0].intitule == "Voiture de Verdun"


def test_l_ordre_choisi_est_l_ordre_de_ses_prochaines_etapes(dossier: Dossier) -> None:
    for intitule in ("Un", "Deux", "Trois"):
        dossier.poster("/plan/etapes", intitule=intitule)
    trois = dossier.actions()[2]
    dossier.poster(f"/plan/actions/{trois.uuid}/rang", sens="monter")
    assert [a.intitule for a in dossier.actions()] == ["Un", "Trois", "Deux"]
    dossier.poster(f"/plan/actions/{trois.uuid}/rang", sens="monter")
    dossier.poster(f"/plan/actions/{trois.uuid}/rang", sens="monter")
    assert [a.intitule for a in dossier.actions()] == ["Trois", "Un", "Deux"]


def test_le_but_reste_dans_ses_mots(dossier: Dossier) -> None:
    dossier.poster("/plan/objectif", objectif="Aller travailler sans demander à ma voisine")
    assert "Aller travailler sans demander à ma voisine" in dossier.page("/plan")


def test_le_plan_d_une_personne_ne_s_ecrit_pas_depuis_le_dossier_d_une_autre(
    dossier: Dossier, app: Application
) -> None:
    dossier.decider(VOITURE, "garder")
    (action,) = dossier.actions()
    with app.app_context(), transaction() as session:
        autre = une_personne()
        session.add(autre)
    reponse = dossier.client.post(
        f"/conseiller/dossiers/{autre.uuid}/plan/actions/{action.uuid}/statut",
        data={
            "statut": "faite",
            "csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', dossier.page("/plan"))[0],
        },
    )
    assert reponse.status_code == 404
    assert dossier.actions()[0].statut is StatutAction.GARDEE
