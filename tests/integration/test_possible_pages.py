"""What the adviser does with what is possible: weights, combinations, needs without an answer, why not."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.besoin import MotifDeplacement
from mobilite.besoin_non_couvert import BesoinNonCouvert, Constat, Tranche
from mobilite.candidate import Genre
from mobilite.journal import LigneJournal
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import Action
from mobilite.poids import PoidsDuDossier
from tests.conftest import Entrer
from tests.fabriques import une_offre, une_personne, une_structure
from tests.integration.bureau import Bureau
from web.app import Application
from web.besoins_non_couverts import relever
from web.transaction import lecture, transaction

CHERE, LENTE, MATIN, SOIR = "voiture-chere", "velo-lent", "minibus-matin", "minibus-soir"
UN_JOUR = [{"jours": ["lun"], "arrivee": "08:00", "retour": "16:30"}]


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    """An adviser, and four offers: dear and quick, free and slow, one way each for the last two."""
    with app.app_context(), transaction() as session:
        session.add_all(
            [
                une_offre(code=CHERE, nom="Voiture chère", fiche={"prix": {"mois": 290}}),
                une_offre(code=LENTE, nom="Vélo lent", genre=Genre.LOCATION_VAE, fiche={"prix": {"gratuit": True}}),
                *(
                    une_offre(
                        code=code,
                        nom=nom,
                        genre=Genre.TRANSPORT_A_LA_DEMANDE,
                        structure=une_structure(telephone=telephone),
                        fiche={
                            "horaires": [{"jours": ["lun"], "de": de, "a": a}],
                            "prix": {"trajet": 2},
                            "structure": {"nom": nom, "telephone": telephone},
                        },
                    )
                    for code, nom, de, a, telephone in (
                        (MATIN, "Minibus du matin", "06:00", "10:00", "+33353010001"),
                        (SOIR, "Minibus du soir", "15:00", "19:00", "+33353010002"),
                    )
                ),
            ]
        )  # fmt: skip
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def dossier(bureau: Bureau, **choix: Any) -> str:
    """Somebody of Étain who has to be in Verdun on Mondays."""
    besoin = BesoinExprime(
        destination=choix.pop("destination", "55545"),
        motif=MotifDeplacement.EMPLOI,
        passages={"cycle": UN_JOUR},
    )
    defauts: dict[str, Any] = {
        "departs": [Depart(insee="55181")],
        "besoins": [besoin],
        "annee_naissance": 1992,
        "permis": {"type": "B", "obtenu_le": "2015-05-01"},
        "moyens": [],
    }
    return bureau.ajouter(une_personne(**(defauts | choix)))


def besoin_de(bureau: Bureau, adresse: str) -> str:
    return str(bureau.personne(adresse).besoins[0].uuid)


def lire(bureau: Bureau, geste: Callable[[Session], Any]) -> Any:
    with bureau.app.app_context(), lecture() as session:
        return geste(session)


def ordre(page: str) -> list[str]:
    """The offers of the first list, as they stand."""
    return re.findall(rf'id="offre-({CHERE}|{LENTE})-', page)


def test_deplacer_un_poids_change_l_ordre_sans_rien_ecrire(bureau: Bureau) -> None:
    adresse = dossier(bureau)
    avant = bureau.page(adresse)
    faits = bureau.faits()
    apres = bureau.page(f"{adresse}?poids-minutes=100&poids-euros=0&poids-avance=0&poids-co2=0")
    assert ordre(avant) == [LENTE, CHERE]
    assert ordre(apres) == [CHERE, LENTE]
    assert "Ordre essayé, pas encore gardé." in apres
    assert [f for f in bureau.faits()[len(faits) :] if f != "DossierConsulte"] == []
    assert ordre(bureau.page(adresse)) == [LENTE, CHERE]


def test_les_poids_gardes_restent_avec_le_dossier_et_se_retablissent(bureau: Bureau) -> None:
    adresse = dossier(bureau)
    autre = dossier(bureau)
    bureau.envoyer(
        f"{adresse}/poids",
        **{"poids-minutes": "100", "poids-euros": "0", "poids-co2": "0", "poids-avance": "0"},
    )
    assert ordre(bureau.page(adresse)) == [CHERE, LENTE]
    assert ordre(bureau.page(autre)) == [LENTE, CHERE]
    assert "100" in bureau.page(f"{adresse}/pourquoi/{CHERE}")
    ligne = lire(
        bureau, lambda s: s.scalars(select(LigneJournal).where(LigneJournal.quoi == "PoidsChoisis")).one()
    )
    assert ligne.details["minutes"] == 100
    bureau.envoyer(f"{adresse}/poids/retablir")
    assert ordre(bureau.page(adresse)) == [LENTE, CHERE]
    assert lire(bureau, lambda s: s.scalars(select(PoidsDuDossier)).all()) == []
    assert "PoidsRetablis" in bureau.faits()


@pytest.mark.parametrize("valeur", ["101", "-1", "vingt", "1e2", "9" * 40])
def test_un_poids_illisible_est_dit_et_ne_change_rien(bureau: Bureau, valeur: str) -> None:
    adresse = dossier(bureau)
    assert "Un nombre entier de 0 à 100 est attendu." in bureau.page(f"{adresse}?poids-minutes={valeur}")
    assert bureau.envoyer(f"{adresse}/poids", **{"poids-minutes": valeur}).status_code == 422
    assert lire(bureau, lambda s: s.scalars(select(PoidsDuDossier)).all()) == []


def test_les_points_montres_font_le_score(bureau: Bureau) -> None:
    page = bureau.page(f"{dossier(bureau)}/pourquoi/{CHERE}").replace(",", ".")
    score = float(re.findall(r"Score ([\d.]+)", page)[0])
    points = [float(p) for p in re.findall(r'<td class="nombre">([\d.]+) pts</td>', page)]
    assert score == pytest.approx(sum(points), abs=0.005)


def test_une_combinaison_gardee_fait_une_etape_par_partie_avec_son_numero(bureau: Bureau) -> None:
    adresse = dossier(bureau, permis={"type": "aucun"}, moyens=[])
    page = bureau.page(adresse)
    assert "À l'aller : Minibus du matin" in page.replace("\u00a0", " ")
    cle = html.unescape(re.findall(r'name="cle" value="([^"]+)"', page)[0])
    envoi = bureau.envoyer(f"{adresse}/combinaisons", besoin=besoin_de(bureau, adresse), cle=cle)
    assert envoi.status_code == 303
    actions = lire(bureau, lambda s: list(s.scalars(select(Action).order_by(Action.rang))))
    assert [(a.intitule, a.telephone) for a in actions] == [
        ("Minibus du matin (à l'aller)", "+33353010001"),
        ("Minibus du soir (au retour)", "+33353010002"),
    ]
    assert all(a.pas_sur for a in actions)
    assert bureau.faits().count("ActionGardee") == 2
    assert "gardée au plan" in bureau.page(adresse)
    # Sent twice, it makes no second line.
    bureau.envoyer(f"{adresse}/combinaisons", besoin=besoin_de(bureau, adresse), cle=cle)
    assert len(lire(bureau, lambda s: s.scalars(select(Action)).all())) == 2
    assert (
        bureau.envoyer(f"{adresse}/combinaisons", besoin=besoin_de(bureau, adresse), cle="x").status_code
        == 404
    )


def test_le_plan_joint_depannage_et_durable_et_dit_ce_qu_il_manque(bureau: Bureau) -> None:
    adresse = dossier(bureau)
    with bureau.app.app_context(), transaction() as session:
        session.add(une_offre(code="achat", nom="Voiture à vendre", genre=Genre.VENTE))
    besoin = besoin_de(bureau, adresse)
    bureau.envoyer(f"{adresse}/propositions/{CHERE}", decision="garder", besoin=besoin)
    seule = bureau.page(f"{adresse}/plan")
    assert "pour dépanner" in seule
    assert 'id="rien-de-durable"' in seule
    bureau.envoyer(f"{adresse}/propositions/achat", decision="garder", besoin=besoin)
    deux = bureau.page(f"{adresse}/plan")
    assert "pour durer" in deux
    assert 'id="rien-de-durable"' not in deux


def test_rien_ne_convient_est_compte_une_fois_sans_dire_qui(bureau: Bureau) -> None:
    adresse = dossier(bureau)
    suite = f"{adresse}/besoins/{besoin_de(bureau, adresse)}/sans-reponse"
    for _ in range(2):
        bureau.envoyer(suite, geste="signaler")
    ligne = lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one())
    assert (ligne.commune, ligne.motif, ligne.tranche) == ("55181", MotifDeplacement.EMPLOI, Tranche.JOURNEE)
    assert ligne.constat is Constat.CONSEILLER
    colonnes = {
        c["name"] for c in lire(bureau, lambda s: inspect(s.connection()).get_columns("besoin_non_couvert"))
    }
    assert not colonnes & {"personne_id", "prenom", "nom", "telephone"}
    assert bureau.faits().count("BesoinNonCouvertSignale") == 1
    assert "Besoin sans réponse" in bureau.page(adresse)


def test_garder_une_solution_clot_le_besoin_sans_reponse(bureau: Bureau) -> None:
    adresse = dossier(bureau)
    besoin = besoin_de(bureau, adresse)
    bureau.envoyer(f"{adresse}/besoins/{besoin}/sans-reponse", geste="signaler")
    bureau.envoyer(f"{adresse}/propositions/{CHERE}", decision="garder", besoin=besoin)
    assert not lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one()).ouvert
    assert "BesoinNonCouvertClos" in bureau.faits()
    # Nothing suits her after all: the same line opens again.
    bureau.envoyer(f"{adresse}/besoins/{besoin}/sans-reponse", geste="signaler")
    assert lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one()).ouvert


def test_la_commune_d_un_contact_discret_n_est_pas_gardee(bureau: Bureau) -> None:
    adresse = dossier(bureau, contact_discret=True, conseiller_id=1)
    suite = f"{adresse}/besoins/{besoin_de(bureau, adresse)}/sans-reponse"
    bureau.envoyer(suite, geste="signaler")
    assert lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one()).commune is None


def test_le_releve_ouvre_ce_que_rien_ne_sert_clot_ce_qui_a_une_reponse_et_ce_qui_n_est_plus(
    bureau: Bureau,
) -> None:
    """A suspended licence, no bicycle, another destination: nothing; then a car with a driver opens."""
    adresse = dossier(
        bureau, permis={"type": "B", "etat": "annule"}, destination="55029", departs=[Depart(insee="55502")]
    )
    with bureau.app.app_context(), transaction() as session:
        for code in (CHERE, LENTE, MATIN, SOIR):
            session.delete(session.scalars(_offre(code)).one())
    assert _relever(bureau) == 1
    assert lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one()).constat is Constat.CALCUL
    assert _relever(bureau) == 0, "recorded once"
    with bureau.app.app_context(), transaction() as session:
        session.add(une_offre(code="taxi", genre=Genre.TRANSPORT_A_LA_DEMANDE, fiche={"permanent": True}))
    assert _relever(bureau) == 1
    assert not lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one()).ouvert
    # What an adviser says stays, even when the platform finds something; a dossier that goes closes it.
    bureau.envoyer(f"{adresse}/besoins/{besoin_de(bureau, adresse)}/sans-reponse", geste="signaler")
    assert _relever(bureau) == 0
    with bureau.app.app_context(), transaction() as session:
        session.delete(session.scalars(select(Personne)).one())
    assert _relever(bureau) == 1
    ligne = lire(bureau, lambda s: s.scalars(select(BesoinNonCouvert)).one())
    assert (ligne.besoin_id, ligne.ouvert) == (None, False)


def _offre(code: str) -> Select[Offre]:
    return select(Offre).where(Offre.code == code)


def _relever(bureau: Bureau) -> int:
    with bureau.app.app_context(), transaction() as session:
        return relever(session)


def test_le_departement_compte_sans_designer_personne(bureau: Bureau, entrer: Entrer) -> None:
    adresses = [dossier(bureau) for _ in range(11)]
    departement = entrer(RoleActeur.DEPARTEMENT)
    for rang, adresse in enumerate(adresses):
        if rang == 10:
            page = html.unescape(departement.get("/pilotage/besoins").text)
            assert "Moins de 11 besoins sans réponse" in page
            assert "Étain" not in page
        bureau.envoyer(f"{adresse}/besoins/{besoin_de(bureau, adresse)}/sans-reponse", geste="signaler")
    page = html.unescape(departement.get("/pilotage/besoins").text)
    assert "11 besoins sans réponse" in page
    assert "Étain" in page
    csv = departement.get("/pilotage/besoins.csv").data.decode("utf-8-sig")
    assert "commune;55181;Étain;11;" in csv
    for adresse in adresses:
        personne = bureau.personne(adresse)
        assert personne.prenom not in csv + page
        assert str(personne.uuid) not in csv + page


def test_pourquoi_cherche_dans_tout_le_catalogue_et_repond_meme_sans_besoin(bureau: Bureau) -> None:
    adresse = dossier(bureau, besoins=[])
    page = bureau.page(f"{adresse}/pourquoi")
    assert all(f'id="offre-{code}"' in page for code in (CHERE, LENTE, MATIN, SOIR))
    assert "un trajet dont on ne sait rien" in page
    trouvees = re.findall(r'id="offre-([\w-]+)"', bureau.page(f"{adresse}/pourquoi?texte=velo"))
    assert trouvees == [LENTE]
    assert "pas encore dit" in bureau.page(f"{adresse}/pourquoi/{LENTE}")
    assert "Aucune offre ouverte ne porte ces mots." in bureau.page(f"{adresse}/pourquoi?texte=sous-marin")


def test_une_offre_retiree_dit_qu_elle_n_est_pas_ouverte(bureau: Bureau) -> None:
    with bureau.app.app_context(), transaction() as session:
        session.scalars(_offre(LENTE)).one().statut = StatutOffre.RETIREE
    page = bureau.page(f"{dossier(bureau)}/pourquoi/{LENTE}")
    assert "n’est pas ouverte en ce moment" in page
