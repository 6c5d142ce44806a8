"""What the reader tests share: the real communes and questions, and every way of feeding a reader."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from mobilite.lecteur_offres import LecteurOffres
from mobilite.questionnaire import Questionnaire
from mobilite.situation import LecteurSituation
from mobilite.territoire import Territoire
from mobilite.versions import Questionnaires, lire_questionnaires

RACINE = Path(__file__).parents[2]

VERDUN, ETAIN, BAR_LE_DUC = "55545", "55181", "55029"
AMBLAINCOURT, BEAUSITE = "55006", "55040"  # a former commune and the one it now belongs to


@cache
def territoire() -> Territoire:
    """The communes that ship with the project."""
    return Territoire.lire(RACINE / "seeds" / "meuse")


@cache
def questionnaires() -> Questionnaires:
    """Every version of the questions that ships with the project."""
    return lire_questionnaires(RACINE / "seeds" / "questionnaire")


def questionnaire() -> Questionnaire:
    """The questions that are asked today."""
    return questionnaires().courante


def commune(insee: str) -> str | None:
    """The port of communes as the readers want it."""
    trouvee = territoire().commune(insee)
    return trouvee.insee if trouvee else None


def lecteur_offres() -> LecteurOffres:
    """A reader of offers on the real communes."""
    t = territoire()
    return LecteurOffres(
        commune,
        lambda code: frozenset(c.insee for c in t.communes.values() if c.departement == code),
        lambda siren: frozenset(c.insee for c in t.epci(siren)),
        t.autour,
    )


def lecteur_situation() -> LecteurSituation:
    """A reader of situations on the real communes and questions."""
    return LecteurSituation(commune, questionnaires())


_MOTS = (
    "annee_naissance rattachement depart permis moyens besoins id destination lieu_libre nom minutes motif "
    "dates date cycle jours semaine arrivee retour avec nombre type etat disponible de a insee du au chez "
    "obtenu_le obtenu_en genre structure telephone lieu zone conditions tous un_de sauf fait phrase au_moins "
    "au_plus parmi est vehicule categorie horaires courses prix jour gratuit calendrier vehicules occupations "
    "confirmation par le epci departement autour rayon_km communes places documents permanent reponses "
    "D0_statuts D3_caution D3_foyer D5_nuit D0_echeance D2_projet_permis"
)
_CLES = _MOTS.split()
_VALEURS: list[Any] = [
    VERDUN, AMBLAINCOURT, "55", "200049187", "lun", "08:00", "24:00", "2026-11-30", "2026-02-30", "B", "aucun",
    "location_voiture", "emploi", "voiture", "age", "statuts", "permis", "france", "enfant", "\ud800", "", "x",
    0, 1, -1, 2026, 1.5, 1e308, 10**40, float("inf"), float("nan"), True, False, None,
]  # fmt: skip
_FEUILLES = st.sampled_from(_VALEURS) | st.text(max_size=5) | st.floats() | st.integers()
VALEURS_JSON: st.SearchStrategy[Any] = st.recursive(
    _FEUILLES,
    lambda sous: (
        st.lists(sous, max_size=3)
        | st.dictionaries(st.sampled_from(_CLES) | st.text(max_size=3), sous, max_size=6)
    ),
    max_leaves=20,
)
"""Any JSON value, made mostly of the words the readers know, so that it goes deep."""

CHAMPS_JSON = st.dictionaries(st.sampled_from(_CLES), VALEURS_JSON, max_size=4)
"""Fields to add to a document that is otherwise sound."""
