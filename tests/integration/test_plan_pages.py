"""From proposals to the plan: what is kept, dropped and ordered stays decided, with its reason."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.actions_types import FamilleAction, Responsable
from mobilite.base import ce_jour
from mobilite.besoin import MotifDeplacement
from mobilite.candidate import Genre
from mobilite.journal import Evenement, LigneJournal
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import BesoinExprime, Depart
from mobilite.plan import Action, StatutAction
from tests.conftest import Entrer, valeur_de
from tests.fabriques import une_offre, une_personne
from web.app import Application
from web.impressions.fiche import MOTS_INTERDITS
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
        return self.client.post(
            f"{self.racine}{suite}", data={"csrf_token": valeur_de(self.page("/plan"))} | champs
        )

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
    assert action.objectif == 29, "a vehicle for hire serves « accéder à un véhicule »"
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
        data={"statut": "faite", "csrf_token": valeur_de(dossier.page("/plan"))},
    )
    assert reponse.status_code == 404
    assert dossier.actions()[0].statut is StatutAction.GARDEE


def test_une_etape_courante_vient_avec_ce_qu_elle_est_et_une_seule_fois(dossier: Dossier) -> None:
    for _ in range(2):
        dossier.poster("/plan/etapes", type="cours_francais", cle="abc")
    (action,) = dossier.actions()
    assert (action.code, action.objectif, action.heures_semaine, action.semaines) == (
        "cours_francais",
        6,
        4.0,
        12,
    )
    assert action.responsable is Responsable.PARTENAIRE
    assert action.famille is FamilleAction.DURABLE


def test_le_meme_formulaire_envoye_deux_fois_n_ajoute_qu_une_ligne(dossier: Dossier) -> None:
    for _ in range(2):
        dossier.poster("/plan/etapes", intitule="Appeler le garage", cle="abc")
    dossier.poster("/plan/etapes", intitule="Appeler le garage", cle="def")
    assert [a.intitule for a in dossier.actions()] == ["Appeler le garage", "Appeler le garage"]


def test_une_aide_connue_entre_au_plan_une_inconnue_non(dossier: Dossier) -> None:
    assert dossier.poster("/plan/etapes", aide="microcredit").status_code == 302
    assert dossier.poster("/plan/etapes", aide="cagnotte").status_code == 404
    assert [(a.genre.value, a.code) for a in dossier.actions()] == [("aide", "microcredit")]


def test_le_plan_se_range_a_l_ajout_puis_l_ordre_du_conseil_tient(dossier: Dossier) -> None:
    for code in ("conduite", "code_route"):
        dossier.poster("/plan/etapes", type=code)
    assert [a.code for a in dossier.actions()] == ["code_route", "conduite"]
    conduite = dossier.actions()[1]
    dossier.poster(f"/plan/actions/{conduite.uuid}/rang", sens="monter")
    page = dossier.page("/plan")
    assert "parce que les leçons servent une fois le code obtenu" in page
    dossier.poster("/plan/etapes", type="papiers")
    assert [a.code for a in dossier.actions()] == ["conduite", "code_route", "papiers"]
    dossier.poster("/plan/ordre", ordre="suivre")
    assert [a.code for a in dossier.actions()] == ["code_route", "conduite", "papiers"]
    assert 'id="conseils"' not in dossier.page("/plan")


def test_les_heures_du_plan_se_lisent_semaine_par_semaine(dossier: Dossier) -> None:
    dossier.poster("/plan/etapes", intitule="Cours")
    (action,) = dossier.actions()
    suivi = {"responsable": "partenaire", "responsable_nom": "L'école", "famille": "durable", "objectif": "6"}
    dossier.poster(
        f"/plan/actions/{action.uuid}",
        intitule="Cours",
        temps_semaine="4,5",
        semaines="2",
        commence_le=ce_jour().isoformat(),
        **suivi,
    )
    page = dossier.page("/plan").replace("\u00a0", " ")
    assert page.count("il en manque 10,5") == 2
    assert "CER / contrat d&#39;engagement" in page
    (action,) = dossier.actions()
    assert (action.responsable, action.objectif) == (Responsable.PARTENAIRE, 6)


def test_des_heures_sans_nombre_de_semaines_sont_refusees_sans_rien_perdre(dossier: Dossier) -> None:
    dossier.poster("/plan/etapes", intitule="Cours")
    (action,) = dossier.actions()
    reponse = dossier.poster(
        f"/plan/actions/{action.uuid}", intitule="Cours de code", temps_semaine="4", responsable=""
    )
    assert reponse.status_code == 422
    assert "Les heures vont avec un nombre de semaines." in reponse.text
    assert 'value="Cours de code"' in reponse.text
    assert dossier.actions()[0].intitule == "Cours"


def test_abandonner_en_route_demande_une_raison_et_se_dit_autrement_que_retirer(dossier: Dossier) -> None:
    dossier.poster("/plan/etapes", intitule="Cours")
    (action,) = dossier.actions()
    statut = f"/plan/actions/{action.uuid}/statut"
    dossier.poster(statut, statut="en_cours")
    assert "Cours" in dossier.page(), "what is under way is still a next step"
    assert dossier.poster(statut, statut="abandonnee").status_code == 422
    dossier.poster(statut, statut="abandonnee", raison="elle a trouvé un emploi")
    assert "abandonnée : elle a trouvé un emploi" in dossier.page("/plan")


def test_une_suggestion_dit_pourquoi_et_ne_revient_pas_une_fois_dans_le_plan(dossier: Dossier) -> None:
    bouton = "Mettre dans le plan : Voiture de Verdun"
    assert bouton in dossier.page("/plan")
    dossier.decider(VOITURE, "garder")
    assert bouton not in dossier.page("/plan")


def test_l_attestation_ne_se_donne_que_si_rien_ne_fait_le_trajet(dossier: Dossier, app: Application) -> None:
    adresse = f"/besoins/{dossier.besoin}/attestation.pdf"
    assert dossier.poster(adresse).status_code == 409
    with app.app_context(), transaction() as session:
        for offre in session.scalars(select(Offre)):
            offre.statut = StatutOffre.RETIREE
    reponse = dossier.poster(adresse)
    assert (reponse.status_code, reponse.mimetype) == (200, "application/pdf")
    texte = PdfReader(io.BytesIO(reponse.data)).pages[0].extract_text()
    assert "Verdun" in texte
    assert "Étain" not in texte, "where she lives is nobody's business"
    assert not MOTS_INTERDITS.search(texte)
    with app.app_context(), lecture() as session:
        donnees = select(LigneJournal).where(LigneJournal.quoi == Evenement.ATTESTATION_DONNEE.value)
        assert len(session.scalars(donnees).all()) == 1
