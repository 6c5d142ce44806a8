"""Conditions, as data: all / any / not over facts, read from an offer or a rule and said in French."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mobilite.document import Champ
from mobilite.faits import FAITS, VALEURS, Fait, Faits, GenreFait, ValeurFait
from mobilite.verdict import Verdict, tous, un_de


@dataclass(frozen=True, slots=True)
class Vocabulaire:
    """The facts a condition may ask for, and the values of those that take only some."""

    faits: Mapping[str, Fait]
    valeurs: Mapping[str, tuple[str, ...]]


DES_OFFRES = Vocabulaire(FAITS, VALEURS)
"""What an offer may ask for."""

PLAFONDS = ("c2s_gratuite",)
"""Ceilings of resources by household, dated in ``parametres.toml`` (``plafond.c2s_gratuite_1`` …)."""


@dataclass(frozen=True, slots=True)
class Exige:
    """One fact compared with one expectation: exactly one of the four bounds is set.

    ``au_plus`` may name one of ``PLAFONDS`` instead of a number (monthly resources only).
    ``phrase`` is the French sentence of the condition; ``preuve`` the document that shows it.
    """

    fait: Fait
    phrase: str
    au_moins: float | None = None
    au_plus: float | str | None = None
    parmi: frozenset[str] = frozenset()
    est: bool | None = None
    preuve: str = ""


@dataclass(frozen=True, slots=True)
class Tous:
    """Every condition must hold. Empty: always true."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class UnDe:
    """One condition is enough."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Sauf:
    """The condition must not hold."""

    condition: Condition


Condition = Exige | Tous | UnDe | Sauf

SANS_CONDITION = Tous(())


def exigences(condition: Condition) -> Iterator[Exige]:
    """Every comparison of a tree, in the order it is written."""
    match condition:
        case Exige():
            yield condition
        case Tous(conditions) | UnDe(conditions):
            for enfant in conditions:
                yield from exigences(enfant)
        case Sauf(interieure):
            yield from exigences(interieure)


def juger(condition: Condition, faits: Faits) -> Verdict:
    """Whether a condition holds, as far as anybody knows. A ceiling named by a parameter stays in doubt."""
    match condition:
        case Exige():
            return _comparer(condition, faits.get(condition.fait.nom))
        case Tous(conditions):
            return tous(juger(enfant, faits) for enfant in conditions)
        case UnDe(conditions):
            return un_de(juger(enfant, faits) for enfant in conditions)
        case Sauf(interieure):
            return juger(interieure, faits).inverse


def decisives(condition: Condition, faits: Faits, *, voulu: Verdict) -> Iterator[Exige]:
    """The comparisons that make a condition ``voulu``: nothing of the branches that decide nothing.

    Inside « sauf » what is yielded makes the inner condition the contrary.
    """
    match condition:
        case Exige():
            if juger(condition, faits) is voulu:
                yield condition
        case Tous(conditions) | UnDe(conditions):
            for enfant in conditions:
                if juger(enfant, faits) is voulu:
                    yield from decisives(enfant, faits, voulu=voulu)
        case Sauf(interieure):
            yield from decisives(interieure, faits, voulu=voulu.inverse)


def _comparer(exige: Exige, valeur: ValeurFait | None) -> Verdict:
    if valeur is None or isinstance(exige.au_plus, str):
        return Verdict.A_VERIFIER
    if isinstance(valeur, bool):
        return Verdict.OUI if valeur is exige.est else Verdict.NON
    if isinstance(valeur, tuple):
        bas, haut = valeur
        if exige.au_moins is not None:
            extremes = {bas >= exige.au_moins, haut >= exige.au_moins}
        else:
            extremes = {exige.au_plus is not None and borne <= exige.au_plus for borne in (bas, haut)}
        return Verdict.A_VERIFIER if len(extremes) > 1 else Verdict.OUI if True in extremes else Verdict.NON
    tenues = valeur if isinstance(valeur, frozenset) else frozenset({valeur})
    return Verdict.OUI if tenues & exige.parmi else Verdict.NON


def lire_condition(champ: Champ, vocabulaire: Vocabulaire = DES_OFFRES) -> Condition:
    """Read a condition tree; raises ``DonneeRefusee`` naming the field that does not fit."""
    if not isinstance(champ.valeur, dict):
        champ.refuser("un objet { … } est attendu.")
    formes = [forme for forme in ("tous", "un_de", "sauf", "fait") if forme in champ.valeur]
    if len(formes) != 1:
        champ.refuser("une condition dit une seule chose : « tous », « un_de », « sauf » ou « fait ».")
    if formes[0] == "fait":
        return _lire_exige(champ, vocabulaire)
    champs = champ.objet(formes[0])
    if formes[0] not in champs:
        champ.refuser("cette condition est vide.")
    contenu = champs[formes[0]]
    if formes[0] == "sauf":
        return Sauf(lire_condition(contenu, vocabulaire))
    enfants = tuple(lire_condition(enfant, vocabulaire) for enfant in contenu.liste(au_plus=40))
    if formes[0] == "un_de" and not enfants:
        contenu.refuser("« un_de » demande au moins une condition.")
    return Tous(enfants) if formes[0] == "tous" else UnDe(enfants)


def _lire_exige(champ: Champ, vocabulaire: Vocabulaire) -> Exige:
    champs = champ.objet("fait", "phrase", "au_moins", "au_plus", "parmi", "est", "preuve")
    nom = champs["fait"].texte() if "fait" in champs else champ.refuser("le fait manque.")
    fait = vocabulaire.faits.get(nom)
    if fait is None:
        champs["fait"].refuser(
            f"ce fait n'est pas connu ; choisir parmi {', '.join(sorted(vocabulaire.faits))}."
        )
    operateurs = [o for o in ("au_moins", "au_plus", "parmi", "est") if o in champs]
    if len(operateurs) != 1:
        champ.refuser("une comparaison et une seule : « au_moins », « au_plus », « parmi » ou « est ».")
    permis = {
        GenreFait.NOMBRE: ("au_moins", "au_plus"),
        GenreFait.BOOLEEN: ("est",),
        GenreFait.CHOIX: ("parmi",),
        GenreFait.ENSEMBLE: ("parmi",),
    }[fait.genre]
    operateur = operateurs[0]
    valeur = champs[operateur]
    if operateur not in permis:
        valeur.refuser(f"« {fait.nom} » se compare avec {' ou '.join(permis)}.")
    au_plus: float | str | None = None
    if operateur == "au_plus":
        au_plus = _plafond(valeur, fait) if isinstance(valeur.valeur, str) else valeur.nombre(0, 1_000_000)
    parmi: frozenset[str] = frozenset()
    if operateur == "parmi":
        parmi = frozenset(_valeur_de(fait, v, vocabulaire) for v in valeur.liste(2000))
        if not parmi:
            valeur.refuser("cette liste est vide : personne ne remplirait la condition.")
    return _exige(
        fait=fait,
        phrase=champs["phrase"].texte(300)
        if "phrase" in champs
        else f"Une condition porte sur {fait.libelle}.",
        au_moins=valeur.nombre(0, 1_000_000) if operateur == "au_moins" else None,
        au_plus=au_plus,
        parmi=parmi,
        est=valeur.booleen() if operateur == "est" else None,
        preuve=champs["preuve"].texte() if "preuve" in champs else "",
    )


@lru_cache(maxsize=4096)
def _exige(**champs: Any) -> Exige:
    """The same requirement, however many offers ask for it: it is then answered once."""
    return Exige(**champs)


def _valeur_de(fait: Fait, champ: Champ, vocabulaire: Vocabulaire) -> str:
    """One expected value; a value that the fact never takes would refuse everybody in silence."""
    valeur = champ.texte()
    possibles = vocabulaire.valeurs.get(fait.nom)
    if possibles is not None and valeur not in possibles:
        champ.refuser(f"choisir parmi {', '.join(possibles)}.")
    return valeur


def _plafond(champ: Champ, fait: Fait) -> str:
    nom = champ.texte()
    if nom not in PLAFONDS or fait.nom != "ressources_mois":
        champ.refuser(f"un nombre, ou pour « ressources_mois » un plafond parmi {', '.join(PLAFONDS)}.")
    return nom
