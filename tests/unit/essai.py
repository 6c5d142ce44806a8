"""What the tests of the engine share: from documents to propositions, as the command does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from matching.contexte import Contexte, Question
from matching.moteur import proposer, questions_a_poser
from matching.proposition import Proposition, QuestionUtile, Reponse
from mobilite.document import Champ
from mobilite.droit.transport_utilite_sociale import petites_communes
from mobilite.faits import FAITS, faits_de_la_situation
from mobilite.lieux import Accessibilite
from mobilite.parametres import parametres
from tests.doublures import TrajetsFixes
from tests.unit.lecture import ETAIN, VERDUN, lecteur_offres, lecteur_situation, questionnaire, territoire

LE = date(2026, 3, 11)  # a Wednesday, out of winter, with every parameter in force
SEMAINE = [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "arrivee": "08:00", "retour": "16:30"}]


def besoin(**autres: Any) -> dict[str, Any]:
    """A need to be in Verdun, Monday to Friday, 8 h to 16 h 30."""
    return {"id": "b", "destination": VERDUN, "motif": "emploi", "cycle": SEMAINE} | autres


def situation(**autres: Any) -> dict[str, Any]:
    """Somebody of Étain, born in 1992, with a valid B, no means, one need."""
    return {
        "annee_naissance": 1992,
        "depart": [{"insee": ETAIN}],
        "permis": {"type": "B", "obtenu_le": "2015-05-01"},
        "moyens": [],
        "besoins": [besoin()],
    } | autres


def offre(**autres: Any) -> dict[str, Any]:
    """A car to rent in Verdun, its place confirmed yesterday: OUI unless something is changed."""
    return {
        "id": "auto",
        "nom": "Voiture à louer",
        "genre": "location_voiture",
        "structure": {"nom": "Le garage", "telephone": "03 53 01 00 00"},
        "vehicule": {"categorie": "voiture", "boite": "manuelle", "places": 5},
        "prix": {"jour": 4, "caution": 100},
        "confirmation": {"par": "Mme Leroy", "le": "2026-03-10"},
    } | autres


def demander(
    personne: dict[str, Any],
    offres: Sequence[dict[str, Any]],
    *,
    le: date = LE,
    accessibilite: Accessibilite | None = None,
) -> Reponse:
    """The engine's answer to documents."""
    lue = lecteur_situation().lire(Champ(personne))
    candidates = lecteur_offres().lire_catalogue(Champ(list(offres)))
    faits = faits_de_la_situation(lue, le) | questionnaire().faits(lue.reponses)
    return proposer(lue, faits, candidates, contexte(le, accessibilite))


def questions_seules(
    personne: dict[str, Any], offres: Sequence[dict[str, Any]], *, le: date = LE
) -> tuple[QuestionUtile, ...]:
    """The questions alone, as the pages of the diagnostic ask for them."""
    lue = lecteur_situation().lire(Champ(personne))
    candidates = lecteur_offres().lire_catalogue(Champ(list(offres)))
    faits = faits_de_la_situation(lue, le) | questionnaire().faits(lue.reponses)
    return questions_a_poser(lue, faits, candidates, contexte(le))


def contexte(le: date = LE, accessibilite: Accessibilite | None = None) -> Contexte:
    """The real parameters and communes; travel times fixed unless given."""
    t = territoire()
    items = ((nom, questionnaire().item_du_fait(nom)) for nom in FAITS)
    return Contexte(
        le=le,
        parametres=parametres(le),
        accessibilite=accessibilite or TrajetsFixes(),
        feries=frozenset({date(2026, 4, 6)}),
        petites=petites_communes(
            {insee: c.population for insee, c in t.communes.items()},
            {insee: t.voisines(insee) for insee in t.communes},
            parametres(le)["tus.habitants_max"],
        ),
        questions={nom: Question(item.code, item.texte) for nom, item in items if item},
        noms={insee: c.nom for insee, c in t.communes.items()},
    )


def juger(personne: dict[str, Any], une_offre: dict[str, Any], **options: Any) -> Proposition:
    """One offer for one person."""
    return demander(personne, [une_offre], **options).besoins[0].propositions[0]


def phrases(proposition: Proposition) -> str:
    """Every sentence of the reasoning, to look into."""
    return " ".join(m.phrase for m in proposition.motifs)
