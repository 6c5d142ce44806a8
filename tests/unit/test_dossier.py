"""The dossier of one person in memory: what it says of her situation, her answers and her plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

import pytest

from mobilite import tables  # noqa: F401  (all entities, so that they know each other)
from mobilite.besoin import (
    CategoriePermis,
    EtatMoyen,
    EtatPermis,
    Jour,
    LieuLibre,
    MotifDeplacement,
    Passage,
    Plage,
    TypeMoyen,
    Valeur,
)
from mobilite.bilan import Niveau
from mobilite.diagnostic import Diagnostic, RaisonManquante
from mobilite.document import Champ
from mobilite.lieux import Lieu
from mobilite.maison_solidarite import remplacer_maisons
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import PlanActions, StatutAction
from mobilite.question import Axe
from mobilite.situation import LecteurSituation
from tests.fabriques import CONSEILLERE, une_maison, une_offre, une_personne


class SansQuestionnaire:
    """Takes answers as they are."""

    def lire_reponses(self, champ: Champ) -> Mapping[str, Valeur]:
        """Everything fits."""
        reponses: Mapping[str, Valeur] = champ.valeur
        return reponses


LECTEUR = LecteurSituation(lambda insee: insee if insee.startswith("55") else None, SansQuestionnaire())


def une_situation() -> Personne:
    """Somebody of whom much is known."""
    return une_personne(
        prenom="Nadia",
        telephone="+33612345678",
        annee_naissance=1990,
        rattachement="55029",
        departs=[
            Depart(insee="55545", chez="sa sœur", du=date(2026, 11, 1), jusqu_au=date(2026, 12, 15)),
            Depart(insee="55029"),
        ],
        permis={"type": ["B"], "etat": "suspendu", "obtenu_en": 2012},
        moyens=[
            {
                "type": "voiture",
                "etat": "roulant",
                "disponible": [{"jours": ["lun"], "de": "04:15", "a": "13:45"}],
            }
        ],
        besoins=[
            BesoinExprime(
                destination="55122",
                motif=MotifDeplacement.EMPLOI,
                premier_jour=date(2026, 12, 1),
                passages={"cycle": [{"semaine": 2, "jours": ["mar"], "arrivee": "05:00", "retour": "13:00"}]},
                avec=["enfant"],
                aujourdhui="n'y va pas",
            ),
            BesoinExprime(
                lieu_libre="Metz, hôpital", lieu_libre_minutes=75.0, passages={"dates": ["2026-11-30"]}
            ),
        ],
    )


def test_the_document_of_a_dossier_reads_back_as_the_same_situation() -> None:
    personne = une_situation()
    champ = Champ(personne.document())
    situation = LECTEUR.lire(champ)

    assert champ.ignores == []
    assert situation.annee_naissance == 1990
    assert situation.rattachement == "55029"
    assert situation.depart_le(date(2026, 12, 1)) == Lieu("55545")
    assert situation.depart_le(date(2026, 12, 16)) == Lieu("55029")
    assert situation.permis
    assert situation.permis.etat is EtatPermis.SUSPENDU
    assert situation.permis.categories == {CategoriePermis.B}
    assert situation.permis.obtenu_en == 2012
    (voiture,) = situation.moyens or ()
    assert (voiture.type, voiture.etat) == (TypeMoyen.VOITURE, EtatMoyen.ROULANT)
    assert voiture.disponible == (Plage(frozenset({Jour.LUN}), 255, 825),)
    travail, hopital = situation.besoins
    assert travail.id == str(personne.besoins[0].uuid)
    assert (travail.destination, travail.motif) == (Lieu("55122"), MotifDeplacement.EMPLOI)
    assert travail.passages == (Passage(Jour.MAR, 300, 780, semaine=2),)
    assert (travail.premier_jour, travail.avec) == (date(2026, 12, 1), ("enfant",))
    assert hopital.destination == LieuLibre("Metz, hôpital", 75)
    assert [p.date for p in hopital.passages] == [date(2026, 11, 30)]


def test_a_dossier_just_opened_is_a_situation_where_everything_is_unknown() -> None:
    situation = LECTEUR.lire(Champ(une_personne().document()))
    assert (situation.moyens, situation.permis, situation.departs, situation.besoins) == (None, None, (), ())


def test_having_no_means_at_all_is_not_the_same_as_nobody_having_asked() -> None:
    assert LECTEUR.lire(Champ(une_personne(moyens=[]).document())).moyens == ()


def test_the_document_carries_no_identity_and_no_place_when_it_may_not() -> None:
    ecrit = str(une_situation().document(avec_lieux=False))
    for secret in ("Nadia", "sœur", "612345678", "55545", "55029"):
        assert secret not in ecrit
    assert "55122" in ecrit


def un_diagnostic(personne: Personne) -> Diagnostic:
    """A diagnostic just begun."""
    return Diagnostic(personne=personne, questionnaire="1", commence_par=CONSEILLERE.id)


def test_the_latest_diagnostic_speaks_and_an_erased_answer_is_an_open_question_again() -> None:
    personne = une_personne()
    entree, sortie = un_diagnostic(personne), un_diagnostic(personne)
    entree.repondre("D1_a", "oui", CONSEILLERE)
    entree.repondre("D1_b", "non", CONSEILLERE)
    entree.repondre("D1_c", None, CONSEILLERE)
    sortie.repondre("D1_a", "non", CONSEILLERE)
    sortie.repondre("D1_d", "oui", CONSEILLERE)
    sortie.effacer("D1_d")
    sortie.effacer("D1_jamais_posee")
    assert personne.reponses() == {"D1_a": "non", "D1_b": "non", "D1_c": None}


def test_an_answer_given_twice_is_one_answer() -> None:
    diagnostic = un_diagnostic(une_personne())
    premiere = diagnostic.repondre("D1_a", "oui", CONSEILLERE)
    assert diagnostic.repondre("D1_a", "non", CONSEILLERE) is premiere
    assert premiere.valeur == "non"


def test_a_corrected_level_keeps_the_computed_one_the_former_ones_and_its_reason() -> None:
    diagnostic = un_diagnostic(une_personne())
    with pytest.raises(RaisonManquante):
        diagnostic.corriger(Axe.PHYSIQUE, Niveau.FORT, "  ", CONSEILLERE, niveau_calcule=Niveau.MOYEN)
    assert diagnostic.correction(Axe.PHYSIQUE) is None
    diagnostic.corriger(Axe.PHYSIQUE, Niveau.FORT, "genou", CONSEILLERE, niveau_calcule=Niveau.MOYEN)
    diagnostic.corriger(Axe.PHYSIQUE, Niveau.SANS_IMPACT, "guérie", CONSEILLERE, niveau_calcule=Niveau.MOYEN)
    derniere = diagnostic.correction(Axe.PHYSIQUE)
    assert derniere is not None
    assert (derniere.niveau, derniere.niveau_calcule) == (
        Niveau.SANS_IMPACT,
        "MOYEN",
    )
    assert [c.raison for c in diagnostic.corrections] == ["genou", "guérie"]
    assert diagnostic.correction(Axe.COGNITIVE) is None


def test_deciding_twice_about_a_proposition_is_one_line_and_the_next_steps_follow_her_order() -> None:
    plan = PlanActions(personne=une_personne())
    location, bus, besoin = uuid4(), uuid4(), uuid4()
    plan.retenir(
        location, besoin, "Louer la Clio", StatutAction.GARDEE, CONSEILLERE, instantane={"verdict": "OUI"}
    )
    plan.retenir(bus, besoin, "Prendre le car", StatutAction.GARDEE, CONSEILLERE)
    etape = plan.ajouter_etape("Appeler le garage", CONSEILLERE)
    plan.reordonner([etape.uuid])
    assert [a.intitule for a in plan.prochaines_etapes()] == [
        "Appeler le garage",
        "Louer la Clio",
        "Prendre le car",
    ]

    ecartee = plan.retenir(
        location, besoin, "Louer la Clio", StatutAction.ECARTEE, CONSEILLERE, raison="trop cher"
    )
    etape.decider(StatutAction.FAITE, CONSEILLERE)
    assert len(plan.actions) == 3
    assert ecartee.raison == "trop cher"
    assert ecartee.instantane == {"verdict": "OUI"}
    assert [a.intitule for a in plan.prochaines_etapes()] == ["Prendre le car"]


@pytest.mark.parametrize(
    ("nouvelles", "part"),
    [((), None), ((True,), "demonstration"), ((False, False), "tout"), ((True, False), "tout")],
)
def test_demonstration_maisons_leave_the_moment_real_ones_come(
    nouvelles: tuple[bool, ...], part: str | None
) -> None:
    ordre = remplacer_maisons(une_maison(demonstration=d) for d in nouvelles)
    assert (None if ordre is None else "demonstration" if "WHERE" in str(ordre) else "tout") == part


def test_the_document_of_an_offer_says_what_its_columns_and_its_calendar_say() -> None:
    offre = une_offre(code="clio", fiche={"permanent": True, "nom": "vieux nom"}, nom="Clio à louer")
    assert offre.document()["nom"] == "Clio à louer"
    assert offre.document()["id"] == "clio"
    assert "calendrier" not in offre.document()
    jour = date(2026, 11, 23)
    assert offre.document(vehicules=2, occupations=[(jour, jour)])["calendrier"] == {
        "vehicules": 2,
        "occupations": [{"du": "2026-11-23", "au": "2026-11-23"}],
    }
