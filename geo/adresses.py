"""Finding a commune as it is typed: names, postal codes and former names, spelling forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from mobilite.noms import sans_accent
from mobilite.territoire import Commune, Territoire

TEXTE_MAX = 60
_ABREGES = {"st": "saint", "ste": "sainte", "s": "sur", "ss": "sous"}
_EXACT, _DEBUT, _MOTS, _APPROCHE = range(4)
_LETTRES_MIN = 4


@dataclass(frozen=True, slots=True)
class Proposition:
    """A commune offered while somebody types.

    ``insee`` and ``nom`` are today's commune; ``ancienne`` is the former name that was recognised.
    """

    insee: str
    nom: str
    libelle: str
    codes_postaux: tuple[str, ...]
    departement: str
    ancienne: str | None = None


@dataclass(frozen=True, slots=True)
class _Entree:
    """One name to compare with.

    ``colle``: its letters glued together; ``mots``: its words, each after a space; ``fins``: what is
    left of it from each word on (« Saint-Mihiel » is also said « Mihiel »), with its letters and pairs.
    """

    proposition: Proposition
    colle: str
    mots: str
    fins: tuple[tuple[str, int, int], ...]
    hors_departement: bool
    population: int


_Note = tuple[int, _Entree]
"""How well a name answers (the smaller the better), and the name."""


class RechercheCommunes:
    """Local search over the communes of a territory: no outside call, a few milliseconds."""

    def __init__(self, territoire: Territoire) -> None:
        self._entrees = list(_entrees(territoire))

    def chercher(self, texte: str, limite: int = 8) -> list[Proposition]:
        """The best matches: exact, then beginning, then beginning of words; if none, one or two typos.

        Within each, the département before its neighbours, then the most inhabited. A number is a
        postal or INSEE code, whole or begun; with words around, it narrows the search.
        """
        return list(dict.fromkeys(entree.proposition for _, entree in self._notes(texte)))[:limite]

    def certaine(self, texte: str) -> Proposition | None:
        """The commune meant without doubt: the only one of that name or code, or that begins so.

        A spelling that had to be forgiven is never certain, nor is one word inside a longer name.
        """
        notes = self._notes(texte)
        rangs = [note for note in notes if note[0] == notes[0][0]]
        if not rangs or rangs[0][0] not in (_EXACT, _DEBUT):
            return None
        if len({entree.proposition.insee for _, entree in rangs}) != 1:
            return None
        return rangs[0][1].proposition

    def _notes(self, texte: str) -> list[_Note]:
        """Every match, the best first."""
        mots = _mots(texte[:TEXTE_MAX])
        code = next((mot for mot in mots if mot.isdigit()), "")
        mots = [mot for mot in mots if not mot.isdigit()]
        if not mots:
            return self._par_code(code) if len(code) >= 2 else []
        candidates = [e for e in self._entrees if not code or _porte_code(e.proposition, code)]
        ecritures = sorted({tuple(mots), tuple(_ABREGES.get(mot, mot) for mot in mots)})
        notes = [note for ecriture in ecritures for note in _commencees(candidates, ecriture)]
        for fautes in (1, 2):
            if not notes:
                colles = ["".join(ecriture) for ecriture in ecritures]
                notes = [note for colle in colles for note in _approchees(candidates, colle, fautes)]
        return sorted(notes, key=_ordre)

    def _par_code(self, code: str) -> list[_Note]:
        trouvees = [
            # People know postal codes: 55100 is Verdun before it is an INSEE code.
            (_DEBUT if e.proposition.insee == code else _EXACT, e)
            for e in self._entrees
            if e.proposition.ancienne is None and _porte_code(e.proposition, code)
        ]
        return sorted(trouvees, key=_ordre)


def _entrees(territoire: Territoire) -> Iterator[_Entree]:
    for commune in territoire.communes.values():
        libelle = f"{commune.nom} ({', '.join(commune.codes_postaux)})"
        yield _entree(commune, libelle, territoire.departement)
    for ancienne in territoire.communes_anciennes:
        commune = territoire.communes[ancienne.actuelle]
        libelle = f"{ancienne.nom} (ancienne commune, aujourd'hui {commune.nom})"
        yield _entree(commune, libelle, territoire.departement, ancienne.nom)


def _entree(commune: Commune, libelle: str, departement: str, ancienne: str | None = None) -> _Entree:
    mots = _mots(ancienne or commune.nom)
    fins = ["".join(mots[i:]) for i, mot in enumerate(mots) if i == 0 or len(mot) >= _LETTRES_MIN]
    return _Entree(
        Proposition(
            commune.insee, commune.nom, libelle, commune.codes_postaux, commune.departement, ancienne
        ),
        "".join(mots),
        "".join(f" {mot}" for mot in mots),
        tuple((fin, _lettres(fin), _paires(fin)) for fin in fins),
        commune.departement != departement,
        0 if ancienne else commune.population,
    )


def _mots(texte: str) -> list[str]:
    """« L'Île-d'Œuvre » → ['l', 'ile', 'd', 'oeuvre']."""
    return re.findall(r"[a-z0-9]+", sans_accent(texte))


def _lettres(colle: str) -> int:
    """The set of letters, as bits: most names differ too much at a glance."""
    bits = 0
    for lettre in colle:
        bits |= 1 << (ord(lettre) & 31)
    return bits


def _paires(colle: str) -> int:
    """The set of pairs of letters that follow each other, as bits."""
    bits = 0
    for une, autre in pairwise(colle):
        bits |= 1 << ((ord(une) & 31) * 32 + (ord(autre) & 31))
    return bits


def _porte_code(proposition: Proposition, code: str) -> bool:
    return proposition.insee == code or any(cp.startswith(code) for cp in proposition.codes_postaux)


def _commencees(entrees: list[_Entree], ecriture: tuple[str, ...]) -> Iterator[_Note]:
    """The names that are, begin with, or whose words begin with what is typed."""
    colle = "".join(ecriture)
    debuts = [f" {mot}" for mot in ecriture]
    for entree in entrees:
        if entree.colle.startswith(colle):
            yield _EXACT if entree.colle == colle else _DEBUT, entree
        elif all(debut in entree.mots for debut in debuts):
            yield _MOTS, entree


def _approchees(entrees: list[_Entree], colle: str, permises: int) -> Iterator[_Note]:
    """The names that begin as typed but for so many typos: none in three letters, one up to seven."""
    if len(colle) < (_LETTRES_MIN if permises == 1 else 2 * _LETTRES_MIN):
        return
    lettres, paires = _lettres(colle), _paires(colle)
    for entree in entrees:
        proches = [
            fautes
            for fin, ses_lettres, ses_paires in entree.fins
            if (lettres & ~ses_lettres).bit_count() <= permises
            # A typo breaks two pairs, a swap three.
            and (paires & ~ses_paires).bit_count() <= 2 * permises + 1
            and len(fin) >= len(colle) - permises
            if (fautes := _fautes_en_tapant(colle, fin, permises)) <= permises
        ]
        if proches:
            yield _APPROCHE + min(proches), entree


def _fautes_en_tapant(colle: str, nom: str, permises: int) -> int:
    """Typos between what is typed and the beginning of a name; more than ``permises`` when too many.

    Optimal string alignment: insert, delete, replace, or swap two neighbours, each one typo.
    """
    trop = permises + 1
    largeur = min(len(nom), len(colle) + permises)
    avant_derniere: list[int] = []
    derniere = [min(j, trop) for j in range(largeur + 1)]
    for i, lettre in enumerate(colle, 1):
        ligne = [trop] * (largeur + 1)
        if i <= permises:
            ligne[0] = i
        # Further than ``permises`` from the diagonal there are already too many typos.
        for j in range(max(1, i - permises), min(largeur, i + permises) + 1):
            autre = nom[j - 1]
            cout = min(derniere[j] + 1, ligne[j - 1] + 1, derniere[j - 1] + (lettre != autre))
            if i > 1 and j > 1 and lettre == nom[j - 2] and colle[i - 2] == autre:
                cout = min(cout, avant_derniere[j - 2] + 1)
            ligne[j] = cout
        if min(ligne) >= trop:
            return trop
        avant_derniere, derniere = derniere, ligne
    return min(derniere)


def _ordre(note: _Note) -> tuple[int, bool, int, str]:
    rang, entree = note
    return rang, entree.hors_departement, -entree.population, entree.proposition.libelle
