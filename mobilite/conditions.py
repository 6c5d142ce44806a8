"""Conditions of access, as data: all / any / not over facts, read from an offer and said in French."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mobilite.document import Champ
from mobilite.faits import FAITS, VALEURS, Fait, GenreFait

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


def lire_condition(champ: Champ) -> Condition:
    """Read a condition tree; raises ``DonneeRefusee`` naming the field that does not fit."""
    if not isinstance(champ.valeur, dict):
        champ.refuser("un objet { … } est attendu.")
    formes = [forme for forme in ("tous", "un_de", "sauf", "fait") if forme in champ.valeur]
    if len(formes) != 1:
        champ.refuser("une condition dit une seule chose : « tous », « un_de », « sauf » ou « fait ».")
    if formes[0] == "fait":
        return _lire_exige(champ)
    champs = champ.objet(formes[0])
    if formes[0] not in champs:
        champ.refuser("cette condition est vide.")
    contenu = champs[formes[0]]
    if formes[0] == "sauf":
        return Sauf(lire_condition(contenu))
    enfants = tuple(lire_condition(enfant) for enfant in contenu.liste(au_plus=40))
    if formes[0] == "un_de" and not enfants:
        contenu.refuser("« un_de » demande au moins une condition.")
    return Tous(enfants) if formes[0] == "tous" else UnDe(enfants)


def _lire_exige(champ: Champ) -> Exige:
    champs = champ.objet("fait", "phrase", "au_moins", "au_plus", "parmi", "est", "preuve")
    nom = champs["fait"].texte() if "fait" in champs else champ.refuser("le fait manque.")
    fait = FAITS.get(nom)
    if fait is None:
        champs["fait"].refuser(f"ce fait n'est pas connu ; choisir parmi {', '.join(sorted(FAITS))}.")
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
        parmi = frozenset(_valeur_de(fait, v) for v in valeur.liste(2000))
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


def _valeur_de(fait: Fait, champ: Champ) -> str:
    """One expected value; a value that the fact never takes would refuse everybody in silence."""
    valeur = champ.texte()
    possibles = VALEURS.get(fait.nom)
    if possibles is not None and valeur not in possibles:
        champ.refuser(f"choisir parmi {', '.join(possibles)}.")
    return valeur


def _plafond(champ: Champ, fait: Fait) -> str:
    nom = champ.texte()
    if nom not in PLAFONDS or fait.nom != "ressources_mois":
        champ.refuser(f"un nombre, ou pour « ressources_mois » un plafond parmi {', '.join(PLAFONDS)}.")
    return nom
