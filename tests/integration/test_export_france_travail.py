"""What leaves for France Travail: exact documents, nothing else, and nothing without her agreement."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour, maintenant
from mobilite.bilan import Niveau
from mobilite.diagnostic import Diagnostic
from mobilite.france_travail import AccordFranceTravail
from mobilite.journal import Evenement
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import PlanActions, StatutAction
from mobilite.prescription import FormeAccord
from mobilite.question import Axe
from tests.conftest import Entrer
from tests.fabriques import CONSEILLERE, une_personne
from tests.integration.bureau import Bureau
from web.app import Application
from web.comptes import Compte
from web.plan import donnees_du_plan
from web.referentiel import referentiel
from web.transaction import transaction

SECRET = "canari"
OBJECTIFS = {
    4: "Faire un point complet sur sa mobilité",
    5: "Entretenir ou réparer son véhicule",
    6: "Obtenir le permis de conduire",
    7: "Trouver une solution de transport",
    29: "Accéder à un véhicule",
    30: "Travailler la mobilité psychologique",
}


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def poser(
    bureau: Bureau,
    personne: Personne,
    reponses: dict[str, Any],
    actions: dict[str, StatutAction],
    niveau: Niveau | None = None,
    accord: bool = True,
) -> str:
    """A dossier with its answers and its plan, followed by the adviser signed in; its address."""
    with bureau.app.app_context(), transaction() as session:
        personne.conseiller_id = session.scalars(select(Compte.id)).one()
        session.add(personne)
        if reponses:
            diagnostic = Diagnostic(
                personne=personne,
                questionnaire=referentiel().questionnaire.version,
                commence_par=CONSEILLERE.id,
                commence_le=maintenant(),
            )
            session.add(diagnostic)
            for code, valeur in reponses.items():
                diagnostic.repondre(code, valeur, CONSEILLERE)
            if niveau:
                diagnostic.corriger(
                    Axe.PHYSIQUE, niveau, SECRET, CONSEILLERE, niveau_calcule=Niveau.A_COMPLETER
                )
        plan = PlanActions(personne=personne)
        session.add(plan)
        for code, statut in actions.items():
            action = plan.ajouter_type(donnees_du_plan().referentiel.par_code[code], CONSEILLERE)
            action.decider(statut, CONSEILLERE, SECRET)
        session.flush()
        if accord:
            session.add(
                AccordFranceTravail(
                    personne_id=personne.id,
                    donne_le=ce_jour(),
                    comment=FormeAccord.ORAL,
                    note_par=CONSEILLERE.id,
                )
            )
    return f"/conseiller/dossiers/{personne.uuid}"


def attendu(
    personne: Personne, statuts: dict[int, str], impact: str | None, situations: dict[int, str], **le: Any
) -> dict[str, Any]:
    """The whole document of one person."""
    return {
        "dossier": str(personne.uuid),
        "prenom": personne.prenom,
        "nom": personne.nom,
        "diagnostic_du": le["du"],
        "contrainte": {"code": 23, "libelle": "Développer sa mobilité", "impact": impact},
        "objectifs": [
            {"code": code, "libelle": libelle, "statut": statuts.get(code, "NON_ABORDE")}
            for code, libelle in OBJECTIFS.items()
        ],
        "situations": [{"code": code, "libelle": libelle} for code, libelle in situations.items()],
        "non_renseigne": le["inconnu"],
    }


def typiques(objectif: int) -> list[str]:
    """The typical actions of one objective, by code."""
    return [a.code for a in donnees_du_plan().referentiel.actions if a.objectif == objectif]


def test_three_people_leave_exactly_as_written_here_and_nothing_else_of_them(bureau: Bureau) -> None:
    """Every free text, place, number and date of the dossiers holds a canary that must not come out."""
    nour = une_personne(
        prenom="Nour",
        nom="Petit",
        telephone="+33612345678",
        referent=SECRET,
        objectif=SECRET,
        aujourdhui=SECRET,
        annee_naissance=1987,
        moyens=[],
        permis={"type": "B", "etat": "suspendu"},
        departs=[Depart(insee="55545", chez=SECRET)],
        besoins=[BesoinExprime(lieu_libre=SECRET, aujourdhui=SECRET)],
    )
    leo = une_personne(
        prenom="Léo",
        nom="Roux",
        moyens=[{"type": "voiture", "etat": "roulant"}],
        permis={"type": "B", "etat": "valide"},
    )
    ana = une_personne(prenom="Ana", nom="Vidal")
    [vehicule, autre] = typiques(29)[:2]
    poser(
        bureau,
        nour,
        {
            "D2_arret_proche": "horaires",
            "D4_contre_indication": "oui",
            "D0_objectif": SECRET,
            "D9_contraintes": SECRET,
        },
        {vehicule: StatutAction.FAITE, autre: StatutAction.GARDEE, typiques(6)[0]: StatutAction.ABANDONNEE},
        Niveau.FORT,
    )
    poser(
        bureau,
        leo,
        {"D4_contre_indication": "non", "D4_vue": "oui", "D2_arret_proche": "non"},
        {typiques(5)[0]: StatutAction.FAITE, typiques(30)[0]: StatutAction.GARDEE},
    )
    poser(bureau, ana, {}, {typiques(7)[0]: StatutAction.EN_COURS})
    poser(bureau, une_personne(prenom="Sans", nom="Accord"), {}, {}, accord=False)

    reponse = bureau.envoyer("/conseiller/france-travail/fiche", forme="json")
    le = ce_jour().isoformat()
    assert reponse.status_code == 200, reponse.text
    assert json.loads(reponse.text) == {
        "schema": "mobilite-solidaire/france-travail/1",
        "source": {
            "libelle": "Référentiel du carnet de bord (dépôt public gip-inclusion/carnet-de-bord)",
            "releve_le": "2026-11-22",
            "statut": "a_verifier",
        },
        "etabli_le": le,
        "personnes": [
            attendu(
                ana,
                {7: "EN_COURS"},
                None,
                {},
                du=None,
                inconnu=["impact", "situation 6", "situation 7", "situation 8", "situation 40"],
            ),
            attendu(leo, {4: "EN_COURS", 5: "REALISE"}, None, {}, du=le, inconnu=["impact"]),
            attendu(
                nour,
                {4: "EN_COURS", 29: "EN_COURS"},
                "FORT",
                {
                    7: "Dépend des transports en commun",
                    8: "Permis non valide ou suspendu",
                    40: "Santé incompatible avec la conduite",
                },
                du=le,
                inconnu=[],
            ),
        ],
        "sans_accord": 1,
    }
    table = bureau.envoyer("/conseiller/france-travail/fiche", forme="csv").data.decode("utf-8-sig")
    lignes = [ligne.split(";") for ligne in table.splitlines()]
    assert len(lignes) == 4 and len({len(ligne) for ligne in lignes}) == 1
    assert lignes[3][1:6] == ["Nour", "Petit", le, "23", "FORT"]
    for sortie in (reponse.text, table):
        for fuite in (SECRET, "612345678", "1987", "55545", "Sans", "abandon", "absen"):
            assert fuite not in sortie, fuite


def test_without_her_agreement_nothing_leaves_and_taken_back_it_stops_at_once(bureau: Bureau) -> None:
    adresse = poser(bureau, une_personne(prenom="Nour"), {}, {}, accord=False) + "/france-travail"
    assert bureau.envoyer(f"{adresse}/fiche", forme="json").status_code == 422
    refus = bureau.envoyer(f"{adresse}/accord", comment="oral")
    assert refus.status_code == 422
    assert "rien ne part sans elle" in refus.text
    demain = (ce_jour() + timedelta(days=1)).isoformat()
    assert (
        bureau.envoyer(f"{adresse}/accord", accord="oui", comment="oral", donne_le=demain).status_code == 422
    )
    for _ in range(2):
        assert bureau.envoyer(f"{adresse}/accord", accord="oui", comment="oral").status_code == 303
    assert (
        json.loads(bureau.envoyer(f"{adresse}/fiche", forme="json").text)["personnes"][0]["prenom"] == "Nour"
    )
    bureau.envoyer(f"{adresse}/accord", retirer="oui")
    assert bureau.envoyer(f"{adresse}/fiche", forme="csv").status_code == 422
    faits = bureau.faits()
    assert faits.count(Evenement.ACCORD_FRANCE_TRAVAIL_DONNE) == 1
    assert faits.count(Evenement.ACCORD_FRANCE_TRAVAIL_RETIRE) == 1
    assert faits.count(Evenement.FICHE_FRANCE_TRAVAIL_EXPORTEE) == 1


def test_a_situation_that_nobody_settled_is_said_unknown_not_absent(bureau: Bureau) -> None:
    """A scooter asks for a licence that depends on her age: it neither makes nor unmakes a means."""
    adresse = poser(
        bureau,
        une_personne(prenom="Nour", moyens=[{"type": "scooter", "etat": "roulant"}]),
        {"D2_arret_proche": "oui", "D4_contre_indication": "a_voir"},
        {},
    )
    page = bureau.page(f"{adresse}/france-travail")
    assert "situation 7, situation 8, situation 40" in page
    assert "situation 6," not in page, "a stop nearby settles it"
