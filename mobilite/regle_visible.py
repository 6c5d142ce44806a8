"""A rule anybody can read: when it speaks (a condition, as data), what it says, where it comes from.

The words of a rule are the facts of a person, her answers by their code, and what her situation and
her plan make of them. Unknown is « à vérifier »: never silence, never an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from mobilite.besoin import Valeur
from mobilite.bilan import AXES_MEUSE, Bilan, Niveau
from mobilite.conditions import Condition, Exige, Vocabulaire, decisives, juger, lire_condition
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.faits import FAITS, VALEURS, Fait, Faits, GenreFait, ValeurFait
from mobilite.question import Axe, Cle, GenreQuestion, Item
from mobilite.questionnaire import Questionnaire
from mobilite.toml import TableToml
from mobilite.verdict import Verdict

_GENRES = {
    GenreQuestion.OUI_NON: GenreFait.BOOLEEN,
    GenreQuestion.ECHELLE: GenreFait.NOMBRE,
    GenreQuestion.NOMBRE: GenreFait.NOMBRE,
    GenreQuestion.CHOIX: GenreFait.CHOIX,
    GenreQuestion.PLUSIEURS: GenreFait.ENSEMBLE,
}


def _fait(nom: str, genre: GenreFait, libelle: str, question: str, code: str = "") -> tuple[str, Fait]:
    """``code``: the question that would help to settle it, if one does."""
    return nom, Fait(nom, genre, libelle, question, code or nom)


_NIVEAUX = tuple(n.value for n in (Niveau.FORT, Niveau.MOYEN, Niveau.SANS_IMPACT))

DE_LA_SITUATION: Mapping[str, Fait] = dict(
    [
        _fait(
            "permis_hors_eee",
            GenreFait.BOOLEEN,
            "un permis délivré hors d'Europe",
            "Son permis vient-il d'un pays hors d'Europe ?",
        ),
        _fait(
            "jours_avant_le_debut",
            GenreFait.NOMBRE,
            "les jours avant le premier jour",
            "Quel est le premier jour ?",
            "D0_urgence",
        ),
        _fait(
            "envisage",
            GenreFait.ENSEMBLE,
            "ce qui est gardé au plan",
            "Quelles solutions sont gardées au plan ?",
        ),
        _fait(
            "car_a_l_heure",
            GenreFait.BOOLEEN,
            "un car qui arrive à l'heure",
            "Un car connu va-t-il à ses horaires ? Regarder la fiche horaire, noter ses heures.",
        ),
        _fait(
            "smartphone_demande",
            GenreFait.BOOLEEN,
            "une solution qui demande un smartphone",
            "Une solution possible demande-t-elle un smartphone ?",
        ),
        _fait(
            "cout_depasse_le_reste",
            GenreFait.BOOLEEN,
            "un coût par mois au-dessus du reste à vivre",
            "Combien lui reste-t-il par mois ?",
            "D3_reste_a_vivre",
        ),
    ]
)
"""What her situation, her plan and the offers say: filled by whoever knows them."""

DU_BILAN: Mapping[str, Fait] = dict(
    [
        _fait("freins_forts", GenreFait.NOMBRE, "le nombre de freins forts", "Les quatre axes sont-ils complets ?"),
        _fait("freins", GenreFait.NOMBRE, "le nombre de freins", "Les quatre axes sont-ils complets ?"),
        *(
            _fait(f"niveau_{axe.value}", GenreFait.CHOIX, f"l'axe {axe.libelle}", f"L'axe {axe.libelle} est-il complet ?")
            for axe in AXES_MEUSE
        ),
        *(
            _fait(f"cle_{cle.value}", GenreFait.CHOIX, f"« {cle.libelle} »", f"« {cle.libelle} » est-il complet ?")
            for cle in Cle
        ),
        *(
            _fait(f"niveau_{code}", GenreFait.CHOIX, libelle, f"La section est-elle complète : {libelle} ?")
            for code, libelle in (("D2", "les moyens"), ("D3", "le budget"), ("D9", "la famille"), ("D11", "les papiers"))
        ),
    ]
)  # fmt: skip
"""What the answers make: levels, in force (the adviser's word where she gave one)."""


def vocabulaire(questionnaire: Questionnaire) -> Vocabulaire:
    """Every word a rule of the diagnostic may use, with this version of the questions."""
    reponses = {
        item.code: Fait(item.code, genre_de(item), f"« {item.texte} »", item.texte, item.code)
        for item in questionnaire.items
        if item.genre in _GENRES
    }
    valeurs = {
        item.code: tuple(choix.valeur for choix in item.choix)
        for item in questionnaire.items
        if item.genre in (GenreQuestion.CHOIX, GenreQuestion.PLUSIEURS)
    }
    niveaux = dict.fromkeys((nom for nom, f in DU_BILAN.items() if f.genre is GenreFait.CHOIX), _NIVEAUX)
    return Vocabulaire(
        {**FAITS, **DE_LA_SITUATION, **DU_BILAN, **reponses}, {**VALEURS, **niveaux, **valeurs}
    )


def genre_de(item: Item) -> GenreFait:
    """How the answers of a question compare: a choice between brackets is a number."""
    if any(isinstance(choix.vaut, tuple) for choix in item.choix):
        return GenreFait.NOMBRE
    return _GENRES[item.genre]


def faits_des_reponses(questionnaire: Questionnaire, reponses: Mapping[str, Valeur]) -> dict[str, ValeurFait]:
    """The answers under their own codes; those of a closed branch say nothing."""
    dits: dict[str, ValeurFait] = {}
    for item in questionnaire.posees(reponses):
        valeur = reponses.get(item.code)
        if item.genre not in _GENRES or not item.connue(valeur):
            continue
        choix = item.choix_de(valeur)
        if choix is not None and isinstance(choix.vaut, tuple):
            dits[item.code] = choix.vaut
        elif isinstance(valeur, bool | str | frozenset):
            dits[item.code] = valeur
        elif isinstance(valeur, int | float):
            dits[item.code] = (float(valeur), float(valeur))
    return dits


def faits_du_bilan(bilan: Bilan, niveaux: Mapping[Axe, Niveau] | None = None) -> dict[str, ValeurFait]:
    """The levels; ``niveaux`` are those in force on the axes. What is to be completed is unknown."""
    en_vigueur = {Axe(c.nom): c.niveau or Niveau.A_COMPLETER for c in bilan.axes} | dict(niveaux or {})
    lus = {f"niveau_{axe.value}": niveau for axe, niveau in en_vigueur.items()}
    lus |= {f"cle_{c.nom}": c.niveau or Niveau.A_COMPLETER for c in bilan.cles}
    lus |= {f"niveau_{c.nom}": c.niveau or Niveau.A_COMPLETER for c in bilan.dimensions}
    forts = sum(niveau is Niveau.FORT for niveau in en_vigueur.values())
    moyens = sum(niveau is Niveau.MOYEN for niveau in en_vigueur.values())
    inconnus = sum(niveau is Niveau.A_COMPLETER for niveau in en_vigueur.values())
    dits: dict[str, ValeurFait] = {
        nom: niveau.value
        for nom, niveau in lus.items()
        if niveau is not Niveau.A_COMPLETER and nom in DU_BILAN
    }
    dits["freins_forts"] = (float(forts), float(forts + inconnus))
    dits["freins"] = (float(forts + moyens), float(forts + moyens + inconnus))
    return dits


@dataclass(frozen=True, slots=True)
class Regle:
    """One rule: ``phrase`` is what it says when it speaks, ``source`` where it comes from."""

    code: str
    quand: Condition
    phrase: str
    source: str


@dataclass(frozen=True, slots=True)
class Doute:
    """What would settle a rule: the comparison nobody can make yet, and the code that asks for it."""

    phrase: str
    question: str
    code: str


@dataclass(frozen=True, slots=True)
class Jugement:
    """What a rule says of somebody: OUI it speaks, NON it does not, À VÉRIFIER nobody can tell yet.

    ``pourquoi`` are the sentences that decide; ``doutes`` what is missing.
    """

    verdict: Verdict
    pourquoi: tuple[str, ...]
    doutes: tuple[Doute, ...]


def juger_regle(regle: Regle, faits: Faits) -> Jugement:
    """Judge one rule."""
    verdict = juger(regle.quand, faits)
    decident = tuple(decisives(regle.quand, faits, voulu=verdict))
    if verdict is not Verdict.A_VERIFIER:
        return Jugement(verdict, _phrases(decident) if verdict is Verdict.OUI else (), ())
    acquis = tuple(decisives(regle.quand, faits, voulu=Verdict.OUI))
    doutes = (Doute(e.phrase, e.fait.question, e.fait.code or e.fait.nom) for e in decident)
    return Jugement(verdict, _phrases(acquis), tuple(dict.fromkeys(doutes)))


def _phrases(exigences: tuple[Exige, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain(exige.phrase for exige in exigences)))


def lire_regle(table: TableToml, mots: Vocabulaire) -> Regle:
    """Read ``code``, ``quand``, ``phrase`` and ``source``; a refusal names the rule and the field."""
    quand = table.prendre("quand")
    try:
        condition = lire_condition(Champ(quand, "quand"), mots)
    except DonneeRefusee as refus:
        table.refuser(refus.champ, refus.raison)
    return Regle(table.texte("code"), condition, table.texte("phrase"), table.texte("source"))
