"""The facts about a person that rules may ask for: their kind, their words, who knows them.

A fact comes from the situation itself (age, permit, means) or from one item of the questionnaire
(``fait = "…"`` in ``seeds/questionnaire``). A fact nobody has said is simply absent: unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mobilite.besoin import (
    CategoriePermis,
    EtatMoyen,
    EtatPermis,
    MotifDeplacement,
    Permis,
    Situation,
    TypeMoyen,
)

ValeurFait = bool | str | frozenset[str] | tuple[float, float]
"""A known fact. Numbers are closed intervals: « born in 2008 » is an age of 17 or 18."""

Faits = Mapping[str, ValeurFait]


class GenreFait(StrEnum):
    """How the values of a fact compare."""

    BOOLEEN = "booleen"
    NOMBRE = "nombre"
    CHOIX = "choix"
    ENSEMBLE = "ensemble"


@dataclass(frozen=True, slots=True)
class Fait:
    """A fact: its French name, and the question that settles it.

    ``code`` is where the answer goes: a field of the situation, or the fact's own name when a
    questionnaire item carries it (the questionnaire then gives the item's code and wording).
    """

    nom: str
    genre: GenreFait
    libelle: str
    question: str
    code: str = ""


def _fait(nom: str, genre: GenreFait, libelle: str, question: str, code: str = "") -> tuple[str, Fait]:
    return nom, Fait(nom, genre, libelle, question, code)


_B, _N, _C, _E = GenreFait.BOOLEEN, GenreFait.NOMBRE, GenreFait.CHOIX, GenreFait.ENSEMBLE

FAITS: Mapping[str, Fait] = dict(
    [
        # Said by the situation itself.
        _fait("age", _N, "l'âge", "En quelle année est-elle née ?", "annee_naissance"),
        _fait(
            "annee_naissance", _N, "l'année de naissance", "En quelle année est-elle née ?", "annee_naissance"
        ),
        _fait("permis", _E, "le permis", "Quel permis a-t-elle, et est-il valide ?", "permis"),
        _fait(
            "permis_anciennete_ans",
            _N,
            "l'ancienneté du permis",
            "Depuis quand a-t-elle le permis ?",
            "permis.obtenu_le",
        ),
        _fait(
            "moyens",
            _E,
            "les moyens qu'elle a",
            "Quels moyens de se déplacer a-t-elle aujourd'hui ?",
            "moyens",
        ),
        _fait(
            "vehicule_en_panne",
            _B,
            "une voiture en panne",
            "A-t-elle une voiture, et roule-t-elle ?",
            "moyens",
        ),
        _fait(
            "residence",
            _C,
            "la commune de rattachement",
            "De quelle commune dépendent ses droits ?",
            "rattachement",
        ),
        _fait("motif", _C, "le motif du déplacement", "Pourquoi doit-elle s'y rendre ?", "besoins.motif"),
        # Said by the questionnaire.
        _fait(
            "statuts", _E, "sa situation (RSA, emploi, formation…)", "Quelle est sa situation aujourd'hui ?"
        ),
        _fait("prescripteur", _E, "qui l'oriente", "Qui la suit ou l'oriente ?"),
        _fait(
            "ressources_mois",
            _N,
            "les ressources du foyer",
            "Quelles sont les ressources du foyer par mois ?",
        ),
        _fait(
            "foyer_personnes", _N, "le nombre de personnes du foyer", "Combien de personnes vivent au foyer ?"
        ),
        _fait("c2s", _B, "la Complémentaire santé solidaire", "A-t-elle la Complémentaire santé solidaire ?"),
        _fait("caution_possible", _N, "la caution possible", "Quelle caution peut-elle avancer ?"),
        _fait(
            "budget_mois",
            _N,
            "le budget transport",
            "Combien peut-elle mettre par mois dans ses déplacements ?",
        ),
        _fait("compte_bancaire", _B, "un compte bancaire", "A-t-elle un compte bancaire ?"),
        _fait(
            "handicap_reconnu",
            _B,
            "une reconnaissance de handicap",
            "A-t-elle une reconnaissance de handicap ?",
        ),
        _fait("fauteuil", _B, "l'usage d'un fauteuil roulant", "Se déplace-t-elle en fauteuil roulant ?"),
        _fait(
            "besoin_accompagnement",
            _B,
            "le besoin d'être accompagnée",
            "A-t-elle besoin que quelqu'un l'aide ?",
        ),
        _fait("marche_15_min", _B, "marcher 15 minutes", "Peut-elle marcher 15 minutes ?"),
        _fait("sait_faire_velo", _B, "faire du vélo", "Sait-elle faire du vélo, et le peut-elle ?"),
        _fait(
            "accord_nuit_hiver", _B, "l'accord pour la nuit et l'hiver", "Accepte-t-elle d'y aller de nuit ?"
        ),
        _fait(
            "contre_indication_conduite",
            _B,
            "un avis médical sur la conduite",
            "Un médecin déconseille de conduire ?",
        ),
        _fait(
            "prescription_medicale",
            _B,
            "une prescription médicale de transport",
            "A-t-elle un bon de transport ?",
        ),
        _fait("telephone", _C, "le téléphone", "Quel téléphone a-t-elle ?"),
        _fait(
            "quelquun_reserve",
            _B,
            "quelqu'un qui réserve pour elle",
            "Quelqu'un peut-il réserver pour elle ?",
        ),
        _fait("francais_oral", _N, "le français parlé", "Se fait-elle comprendre en français ?"),
        _fait("lecture", _N, "la lecture", "Lit-elle un horaire ou un courrier sans aide ?"),
        _fait("accord_parental", _B, "l'accord d'un parent", "Un parent a-t-il donné son accord écrit ?"),
        _fait("carte_grise_a_son_nom", _B, "la carte grise à son nom", "La carte grise est-elle à son nom ?"),
        _fait("piece_identite", _B, "une pièce d'identité valide", "A-t-elle une pièce d'identité valide ?"),
        _fait(
            "contrat_interim_heures",
            _N,
            "les heures d'intérim",
            "Combien d'heures d'intérim a-t-elle faites ?",
        ),
        _fait(
            "employeur_participe",
            _B,
            "la participation de l'employeur",
            "L'employeur paie-t-il une part du trajet ?",
        ),
        _fait(
            "accepte_covoiturage",
            _B,
            "l'accord pour le covoiturage",
            "Accepte-t-elle de monter avec quelqu'un ?",
        ),
        _fait(
            "accepte_vae", _B, "l'accord pour le vélo électrique", "Veut-elle essayer un vélo électrique ?"
        ),
        _fait("accepte_car", _B, "l'accord pour le car ou le train", "Accepte-t-elle de prendre le car ?"),
        _fait(
            "duree_trajet_max",
            _N,
            "les minutes de trajet acceptées",
            "Combien de minutes de trajet accepte-t-elle ?",
        ),
        _fait("projet_permis", _B, "un projet de permis", "Veut-elle passer le permis ?"),
        _fait(
            "logement_demenager",
            _B,
            "l'idée de se loger plus près",
            "Accepterait-elle de se loger plus près ?",
        ),
    ]
)


VALEURS: Mapping[str, tuple[str, ...]] = {
    "permis": (
        *(c for c in CategoriePermis if not c.startswith("etranger")),
        *(e for e in (EtatPermis.SUSPENDU, EtatPermis.ANNULE, EtatPermis.INVALIDE)),
    ),
    "moyens": tuple(TypeMoyen),
    "motif": tuple(MotifDeplacement),
}
"""The values of the facts that the situation itself says; a foreign licence says none for sure."""

_MOTS: Mapping[str, str] = {
    "aah": "AAH",
    "annule": "annulé",
    "appels_sms": "appels et SMS",
    "aspa": "ASPA",
    "ass": "ASS",
    "ata_ada": "ADA ou ATA",
    "cap_emploi": "Cap emploi",
    "ccas": "CCAS",
    "cej": "CEJ",
    "demandeur_emploi": "recherche d'emploi",
    "departement": "Département",
    "entretien": "entretien d'embauche",
    "etudiant": "études",
    "france_travail": "France Travail",
    "independant": "à son compte",
    "interim": "intérim",
    "invalidite": "invalidité",
    "invalide": "invalidé",
    "apprenti": "apprentissage",
    "retraite": "retraite",
    "rsa": "RSA",
    "salarie": "contrat de travail",
    "sans_activite": "sans activité",
    "sante": "santé",
}
"""Values whose French word is not their own name with spaces."""


def dire_valeur(valeur: str) -> str:
    """A value of a fact, or a motive, as a sentence says it: « ata_ada » is « ADA ou ATA »."""
    return _MOTS.get(valeur, valeur.replace("_", " "))


_IMPLIQUE = {
    CategoriePermis.B: ("B78", "AM"),
    CategoriePermis.B78: ("AM",),
    CategoriePermis.A: ("A2", "A1", "AM"),
    CategoriePermis.A2: ("A1", "AM"),
    CategoriePermis.A1: ("AM",),
}
_ETRANGERS = frozenset({CategoriePermis.ETRANGER_EEE, CategoriePermis.ETRANGER_HORS_EEE})


def faits_de_la_situation(situation: Situation, le: date) -> dict[str, ValeurFait]:
    """The facts that the situation itself says, on a day; what nobody said is absent."""
    faits: dict[str, ValeurFait] = {}
    if situation.annee_naissance is not None:
        ans = le.year - situation.annee_naissance
        faits["age"] = (max(ans - 1, 0), ans)
        faits["annee_naissance"] = (situation.annee_naissance, situation.annee_naissance)
    if situation.permis is not None:
        faits.update(_faits_du_permis(situation.permis, le))
    if situation.moyens is not None:
        faits["moyens"] = frozenset(
            m.type.value for m in situation.moyens if m.etat is not EtatMoyen.EN_PANNE
        )
        etats = {m.etat for m in situation.moyens if m.type is TypeMoyen.VOITURE}
        if EtatMoyen.EN_PANNE in etats or EtatMoyen.A_VERIFIER not in etats:
            faits["vehicule_en_panne"] = EtatMoyen.EN_PANNE in etats
    residence = commune_de_rattachement(situation)
    if residence is not None:
        faits["residence"] = residence
    return faits


def commune_de_rattachement(situation: Situation) -> str | None:
    """The commune her rights hang on: the one she said, else the only one she leaves from."""
    if situation.rattachement is not None:
        return situation.rattachement
    communes = {depart.lieu.insee for depart in situation.departs}
    return communes.pop() if len(communes) == 1 else None


def _faits_du_permis(permis: Permis, le: date) -> dict[str, ValeurFait]:
    faits: dict[str, ValeurFait] = {}
    if permis.etat in (EtatPermis.SUSPENDU, EtatPermis.ANNULE, EtatPermis.INVALIDE):
        faits["permis"] = frozenset({permis.etat.value})
    elif permis.etat is EtatPermis.VALIDE and not permis.categories & _ETRANGERS:
        # A foreign licence says nothing sure about French categories: the fact stays unknown.
        tenues = {c.value for c in permis.categories}
        tenues.update(implique for c in permis.categories for implique in _IMPLIQUE.get(c, ()))
        faits["permis"] = frozenset(tenues)
    if permis.obtenu_le is not None:
        ans = (le - permis.obtenu_le).days / 365.25
        faits["permis_anciennete_ans"] = (max(ans, 0), max(ans, 0))
    elif permis.obtenu_en is not None:
        faits["permis_anciennete_ans"] = (
            max(le.year - permis.obtenu_en - 1, 0),
            max(le.year - permis.obtenu_en, 0),
        )
    return faits
