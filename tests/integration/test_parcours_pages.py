"""The parcours on its pages: agreement, clocks, what a circle sees, and what is due when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour
from mobilite.cercle import MembreCercle, Portee
from mobilite.intensite import Intensite
from mobilite.journal import Evenement, LigneJournal
from mobilite.parametres import parametres
from mobilite.parcours import EntretienParcours, Parcours
from mobilite.personnes import Personne
from mobilite.plan import PlanActions
from tests.conftest import Entrer, client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, une_personne, une_structure
from web.app import Application
from web.parcours import GenrePoint, delais_de, delais_mesures, points_a_faire
from web.transaction import lecture, transaction


class Bureau:
    """One dossier on the desk, and its parcours."""

    def __init__(self, app: Application, client: FlaskClient, personne: Personne) -> None:
        self.app, self.client, self.personne = app, client, personne
        self.adresse = f"/conseiller/dossiers/{personne.uuid}/parcours"

    def page(self) -> str:
        reponse = self.client.get(self.adresse)
        assert reponse.status_code == 200
        return reponse.text

    def poster(self, suite: str, **champs: Any) -> TestResponse:
        section = suite.strip("/").split("/")[0].removesuffix("s")
        noms = {f"{section}-{nom}": valeur for nom, valeur in champs.items()}
        return self.client.post(self.adresse + suite, data={"csrf_token": valeur_de(self.page())} | noms)

    def parcours(self) -> Parcours:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(Parcours)).one()

    def evenements(self, quoi: Evenement) -> int:
        with self.app.app_context(), lecture() as session:
            return session.scalar(select(func.count()).where(LigneJournal.quoi == quoi.value)) or 0


def assise(app: Application, role: RoleActeur, **de: int) -> FlaskClient:
    """Somebody of this structure, or this person, signed in."""
    with app.app_context(), transaction() as session:
        jeton = compte_de(session, role, **de).jeton_session
    return client_de(app, jeton)


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    client = entrer(RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        personne = une_personne(prenom="Élise", nom="Martin", objectif="Aller travailler seule")
        session.add(personne)
    return Bureau(app, client, personne)


def test_sans_son_accord_rien_ne_se_note_et_rien_de_ce_qui_est_tape_n_est_perdu(bureau: Bureau) -> None:
    reponse = bureau.poster("/referent", nom="Awa Diallo", structure="Maison de la Solidarité")
    assert reponse.status_code == 422
    assert "Notez d&#39;abord son accord" in reponse.text
    assert 'value="Awa Diallo"' in reponse.text
    with bureau.app.app_context(), lecture() as session:
        assert session.scalars(select(Parcours)).all() == []
    assert bureau.poster("/referent", nom="Awa Diallo", accord="oui").status_code == 303
    assert "accord noté le" in bureau.page()
    assert bureau.evenements(Evenement.REFERENT_CHOISI) == 1


def test_envoyer_deux_fois_le_meme_entretien_en_ecrit_un_et_une_ligne_de_journal(bureau: Bureau) -> None:
    champs = {"genre": "tripartite", "le": ce_jour().isoformat(), "presents": "Awa, Luc", "cle": "abc"}
    for _ in range(2):
        assert bureau.poster("/entretiens", decision="On garde le car.", **champs).status_code == 303
    with bureau.app.app_context(), lecture() as session:
        (entretien,) = session.scalars(select(EntretienParcours)).all()
        assert entretien.presents == ["Awa", "Luc"]
    assert bureau.evenements(Evenement.ENTRETIEN_NOTE) == 1
    assert "avec Awa, Luc : On garde le car." in bureau.page()


def test_un_numero_de_securite_sociale_n_entre_pas_dans_une_decision(bureau: Bureau) -> None:
    reponse = bureau.poster(
        "/entretiens", genre="revue", le=ce_jour().isoformat(), decision="Son numéro : 1 51 02 46 102 043 25"
    )
    assert reponse.status_code == 422
    with bureau.app.app_context(), lecture() as session:
        assert session.scalars(select(EntretienParcours)).all() == []


def test_ce_qui_est_a_faire_vient_a_son_heure_et_disparait_une_fois_fait(bureau: Bureau) -> None:
    le = ce_jour()
    bureau.poster("/intensite", intensite="moyen")
    bureau.poster("/reorientation", vers="Mission locale")
    suivi = bureau.parcours()
    with bureau.app.app_context(), lecture() as session:
        assert points_a_faire(session, le) == []
        plus_tard = le + timedelta(days=60)
        points = {p.genre: p.avant for p in points_a_faire(session, plus_tard)}
        assert points == {
            GenrePoint.REVUE: suivi.prochaine_revue,
            GenrePoint.REORIENTATION: le + timedelta(days=30),
        }
        assert points_a_faire(session, plus_tard, conseiller_id=999) == []
    bureau.poster("/reorientation", issue="refusee")
    bureau.poster("/sortie", cause="emploi_durable", atteint="Elle prend le car seule.")
    with bureau.app.app_context(), lecture() as session:
        six_mois = bureau.parcours().contact_prevu
        assert six_mois is not None
        (point,) = points_a_faire(session, six_mois)
        assert (point.genre, point.avant) == (GenrePoint.CONTACT, six_mois)
    bureau.poster(f"/{suivi.uuid}/contact")
    reponse = bureau.client.post(
        f"{bureau.adresse}/{suivi.uuid}/contact",
        data={"csrf_token": valeur_de(bureau.page()), "contact-situation": "emploi"},
    )
    assert reponse.status_code == 303
    with bureau.app.app_context(), lecture() as session:
        assert points_a_faire(session, six_mois) == []


def test_une_sortie_sans_bilan_ni_cause_est_refusee(bureau: Bureau) -> None:
    assert bureau.poster("/sortie", cause="emploi_durable").status_code == 422
    assert bureau.poster("/sortie", cause="gagne_au_loto", atteint="Tout").status_code == 422


def test_elle_revient_et_un_nouveau_parcours_commence_sans_effacer_l_ancien(bureau: Bureau) -> None:
    bureau.poster("/sortie", cause="demenagement", reste="Tout est à revoir là-bas.")
    bureau.poster("/intensite", intensite="leger")
    with bureau.app.app_context(), lecture() as session:
        ancien, nouveau = session.scalars(select(Parcours).order_by(Parcours.id))
        assert (ancien.termine, nouveau.termine) == (True, False)
    assert "A déménagé" in bureau.page()


def test_une_structure_de_son_cercle_voit_ce_qu_elle_partage_et_plus_rien_apres_le_retrait(
    bureau: Bureau, app: Application
) -> None:
    with app.app_context(), transaction() as session:
        structure = une_structure(nom="Mission locale")
        session.add(structure)
        session.flush()
        personne = session.get_one(Personne, bureau.personne.id)
        plan = PlanActions(personne=personne)
        session.add(plan)
        plan.ajouter_etape("Essayer le car", CONSEILLERE)
        rendez_vous = plan.ajouter_etape("Voir le moniteur", CONSEILLERE)
        rendez_vous.le, rendez_vous.lieu = ce_jour(), "12 rue des Lilas"
    partenaire = assise(app, RoleActeur.PARTENAIRE, structure_id=structure.id)
    elle = assise(app, RoleActeur.PERSONNE, personne_id=bureau.personne.id)

    def vu() -> str:
        return partenaire.get("/partenaire/personnes-suivies").text

    assert "Élise" not in vu()
    bureau.poster("/cercle", structure=str(structure.uuid), portee="rendez_vous", accord="oui", cle="1")
    assert "12 rue des Lilas" in vu()
    assert "Essayer le car" not in vu()
    assert "Aller travailler seule" not in vu()
    bureau.poster("/cercle", structure=str(structure.uuid), portee="plan", accord="oui", cle="2")
    assert "Essayer le car" in vu()
    assert bureau.evenements(Evenement.DOSSIER_CONSULTE) > 0
    page = elle.get("/mes-deplacements/partage").text
    assert page.count("Mission locale") >= 2
    for membre in _membres(app):
        elle.post(f"/mes-deplacements/partage/{membre.uuid}/arreter", data={"csrf_token": valeur_de(page)})
    assert "Élise" not in vu()
    assert "Mission locale" not in elle.get("/mes-deplacements/partage").text
    assert 'aria-label="Retirer du cercle' not in bureau.page()


def _membres(app: Application) -> list[MembreCercle]:
    with app.app_context(), lecture() as session:
        return list(session.scalars(select(MembreCercle)))


def test_le_partage_s_arrete_a_sa_date_et_un_contact_discret_ne_montre_aucun_lieu(
    bureau: Bureau, app: Application
) -> None:
    with app.app_context(), transaction() as session:
        structure = une_structure()
        discrete = une_personne(prenom="Nour", contact_discret=True, conseiller_id=1)
        session.add_all([structure, discrete])
        session.flush()
        plan = PlanActions(personne=discrete)
        session.add(plan)
        etape = plan.ajouter_etape("Voir le moniteur", CONSEILLERE)
        etape.le, etape.lieu = ce_jour(), "12 rue des Lilas"
        hier = ce_jour() - timedelta(days=1)
        session.add_all(
            MembreCercle(
                personne_id=numero,
                structure=structure.nom,
                structure_id=structure.id,
                portee=Portee.PLAN,
                du=date(2026, 1, 1),
                jusqu_au=fin,
                accord_le=date(2026, 1, 1),
                note_par=1,
            )
            for numero, fin in ((discrete.id, None), (bureau.personne.id, hier))
        )
    partenaire = assise(app, RoleActeur.PARTENAIRE, structure_id=structure.id)
    page = partenaire.get("/partenaire/personnes-suivies").text
    assert "Nour" in page
    assert "12 rue des Lilas" not in page
    assert "Élise" not in page


def test_une_autre_personne_ne_peut_pas_arreter_mon_partage(bureau: Bureau, app: Application) -> None:
    with app.app_context(), transaction() as session:
        autre = une_personne()
        session.add(autre)
    bureau.poster("/cercle", autre="CCAS", portee="plan", accord="oui")
    (membre,) = _membres(app)
    elle = assise(app, RoleActeur.PERSONNE, personne_id=autre.id)
    jeton = valeur_de(elle.get("/mes-deplacements/messages").text)
    reponse = elle.post(f"/mes-deplacements/partage/{membre.uuid}/arreter", data={"csrf_token": jeton})
    assert reponse.status_code == 404
    assert _membres(app)[0].retire_le is None


def test_les_delais_se_mesurent_sans_rien_ressaisir(bureau: Bureau) -> None:
    hier = ce_jour() - timedelta(days=1)
    bureau.poster(
        "/orientation",
        oriente_par="France Travail",
        oriente_le=(hier - timedelta(days=11)).isoformat(),
        premier_rendez_vous=hier.isoformat(),
    )
    bureau.client.post(
        f"/conseiller/dossiers/{bureau.personne.uuid}/plan/etapes",
        data={"csrf_token": valeur_de(bureau.page()), "intitule": "Essayer le car"},
    )
    with bureau.app.app_context(), lecture() as session:
        delais = delais_de(session, session.scalars(select(Parcours)).one())
        assert (delais.jusqu_au_rendez_vous, delais.jusqu_au_plan) == (11, 1)
    assert "11 jours" in bureau.page()


def test_un_delai_median_ne_se_publie_qu_a_partir_de_onze_parcours(app: Application) -> None:
    le = date(2026, 11, 1)
    with app.app_context(), transaction() as session:
        for rang in range(10):
            session.add(_oriente(le, rang))
        session.flush()
        assert delais_mesures(session, le, le).rendez_vous is None
        session.add(_oriente(le, 10))
        session.flush()
        mesures = delais_mesures(session, le, le)
        assert (mesures.nombre, mesures.rendez_vous) == (11, 5)


def _oriente(le: date, jours: int) -> Parcours:
    return Parcours(
        personne=une_personne(),
        ouvert_le=le,
        oriente_le=le,
        premier_rendez_vous=le + timedelta(days=jours),
        intensite=Intensite.LEGER,
        prochaine_revue=le + timedelta(weeks=int(parametres(le)["suivi.revue_leger_semaines"])),
    )
