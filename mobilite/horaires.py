"""Opening hours as people write them, « lun-ven 9:00-12:00 13:30-17:00 ; sam 9:00-12:00 », read into ``Plage``.

Public holidays, school holidays and weeks that alternate are not in this writing: what it cannot
say is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from mobilite.besoin import SEMAINE, Jour, Minute, Plage
from mobilite.noms import sans_accent

EXEMPLE = "lun-ven 9:00-12:00 13:30-17:00 ; sam 9:00-12:00"

_MOTS = {mot: jour for jour in SEMAINE for mot in (jour.value, jour.libelle, f"{jour.libelle}s")}
_TOUS = re.compile(r"tous les jours|7j/7|tlj")
_HEURE = r"([0-9]{1,2})\s*(?:h|:)(?:\s*([0-9]{2})(?!\s*[h:]|[0-9]))?"
_PLAGE = re.compile(rf"{_HEURE}\s*-\s*{_HEURE}(?![0-9:])")
_ENTRE = re.compile(r"[\s,]*(?:et\b|puis\b)?[\s,]*")
_LIAISON = re.compile(r"\s*(?:[-‐-―]|\bau\b|\ba\b|\bjusqu'a\b)\s*")
_DEBUT = re.compile(r"\b(?:du|le|les|de|des)\b")


def dire_jours(jours: Iterable[Jour]) -> str:
    """« lundi à vendredi », « lundi, mardi et jeudi », « tous les jours »."""
    tenus = [j for j in SEMAINE if j in set(jours)]
    if len(tenus) == len(SEMAINE):
        return "tous les jours"
    suites: list[list[Jour]] = []
    for j in tenus:
        if suites and j.rang == suites[-1][-1].rang + 1:
            suites[-1].append(j)
        else:
            suites.append([j])
    dits: list[str] = []
    for suite in suites:
        if len(suite) >= 3:
            dits.append(f"{suite[0].libelle} à {suite[-1].libelle}")
        else:
            dits += [j.libelle for j in suite]
    return enumerer(dits)


def enumerer(mots: Sequence[str]) -> str:
    """« lundi, mardi et jeudi »."""
    return mots[0] if len(mots) == 1 else f"{', '.join(mots[:-1])} et {mots[-1]}" if mots else ""


def lire_horaires(texte: str) -> tuple[Plage, ...] | None:
    """The windows, day by day in the order of the week; ``None`` for an empty text: nobody has said.

    Days stand alone, in lists and from one to another; groups are parted by « ; », « / » or a new line. A
    day may be said closed (« dim fermé »). Raises ``ValueError`` with one French sentence.
    """
    groupes = [groupe for groupe in re.split(r"[;|\n]| / ", texte) if groupe.strip(" ,.\t\r")]
    if not groupes:
        return None
    ouvert: dict[Jour, list[tuple[Minute, Minute]]] = {}
    ferme: set[Jour] = set()
    for groupe in groupes:
        jours, heures = _lire_groupe(groupe)
        if not heures:
            ferme |= set(jours)
        for jour in jours:
            ouvert.setdefault(jour, []).extend(heures)
    for jour in SEMAINE:
        _verifier(jour, sorted(ouvert.get(jour, [])), jour in ferme)
    return _assembler(ouvert)


def ecrire_horaires(plages: Sequence[Plage] | None) -> str:
    """The same hours in the writing of the file, which ``lire_horaires`` reads back; empty when unknown."""
    if plages is None:
        return ""
    par_heures = _par_heures(plages)
    fermes = par_heures.pop((), [])
    groupes = [
        f"{_dire(jours)} {' '.join(f'{_heure(de)}-{_heure(a)}' for de, a in heures)}"
        for heures, jours in par_heures.items()
    ]
    return " ; ".join(groupes) if groupes else f"{_dire(fermes)} fermé"


def dire_horaires(plages: Sequence[Plage]) -> str:
    """In words: « lundi à vendredi de 9 h à 12 h et de 13 h 30 à 17 h ; samedi de 9 h à 12 h »."""
    return " ; ".join(
        f"{dire_jours(jours)} {enumerer([f'de {_en_mots(de)} à {_en_mots(a)}' for de, a in heures])}"
        for heures, jours in _par_heures(plages).items()
        if heures
    )


def _par_heures(plages: Sequence[Plage]) -> dict[tuple[tuple[Minute, Minute], ...], list[Jour]]:
    """The days that have the same hours, in the order of the week; no hours: closed."""
    par_heures: dict[tuple[tuple[Minute, Minute], ...], list[Jour]] = {}
    for jour in SEMAINE:
        heures = tuple(sorted((p.de, p.a) for p in plages if jour in p.jours))
        par_heures.setdefault(heures, []).append(jour)
    return par_heures


def _en_mots(minute: Minute) -> str:
    """« 9 h », « 13 h 30 », that a line does not cut."""
    heures, reste = divmod(minute, 60)
    return f"{heures}\u00a0h\u00a0{reste:02d}" if reste else f"{heures}\u00a0h"


def _lire_groupe(groupe: str) -> tuple[list[Jour], list[tuple[Minute, Minute]]]:
    """« lundi, mardi 9h-12h et 14h-17h »: the days, then the hours; no hours is closed."""
    dit = groupe.strip(" ,.")[:60]
    plat = _LIAISON.sub("-", sans_accent(groupe)).strip(" ,.")
    if "semaine" in plat or "rdv" in plat or "rendez" in plat or "mois" in plat:
        raise ValueError(
            f"« {dit} » : les horaires s'écrivent jour par jour (« {EXEMPLE} »). Laissez vide quand on ne peut "
            "pas les écrire ainsi."
        )
    coupe = re.search(r"[0-9]{1,2}\s*(?:h|:)|ferme", plat)
    if coupe is None:
        raise ValueError(f"« {dit} » : il manque les heures, comme 9:00-12:00 (ou « fermé »).")
    jours = _lire_jours(plat[: coupe.start()], dit)
    reste = plat[coupe.start() :].strip()
    return jours, [] if re.fullmatch(r"fermee?s?", reste) else _lire_heures(reste, dit)


def _lire_jours(texte: str, dit: str) -> list[Jour]:
    if _TOUS.fullmatch(texte.strip(" ,:")):
        return list(SEMAINE)
    texte = _DEBUT.sub(" ", texte).strip(" ,:")
    jours: list[Jour] = []
    for morceau in re.split(r"[\s,]+(?:et\s+)?", texte.replace(".", " ").strip()):
        if not morceau:
            raise ValueError(f"« {dit} » : il manque les jours, comme lun-ven.")
        de, _, a = morceau.partition("-")
        premier, dernier = _MOTS.get(de), _MOTS.get(a or de)
        if premier is None or dernier is None:
            raise ValueError(
                f"« {dit} » : « {morceau} » n'est pas un jour (lun, mar, mer, jeu, ven, sam, dim)."
            )
        if dernier.rang < premier.rang:
            raise ValueError(f"« {dit} » : {premier.libelle} vient après {dernier.libelle}.")
        jours += SEMAINE[premier.rang : dernier.rang + 1]
    return jours


def _lire_heures(texte: str, dit: str) -> list[tuple[Minute, Minute]]:
    heures = []
    place = 0
    while place < len(texte):
        trouve = _PLAGE.match(texte, place)
        if trouve is None:
            raise ValueError(f"« {dit} » : « {texte[place : place + 20]} » ne se lit pas, écrire 9:00-12:00.")
        de, a = (int(h) * 60 + int(m or 0) for h, m in (trouve.group(1, 2), trouve.group(3, 4)))
        if any(int(m or 0) > 59 for m in trouve.group(2, 4)) or max(de, a) > 24 * 60 - 1:
            raise ValueError(f"« {dit} » : les heures vont de 0:00 à 23:59.")
        if a <= de:
            raise ValueError(f"« {dit} » : {_heure(a)} ne vient pas après {_heure(de)}.")
        heures.append((de, a))
        suite = _ENTRE.match(texte, trouve.end())
        place = suite.end() if suite else trouve.end()
    return heures


def _verifier(jour: Jour, heures: list[tuple[Minute, Minute]], ferme: bool) -> None:
    if ferme and heures:
        raise ValueError(f"{jour.libelle} est dit ouvert et fermé.")
    for (_, fin), (debut, _) in pairwise(heures):
        if debut < fin:
            raise ValueError(f"{jour.libelle} : deux plages se chevauchent vers {_heure(debut)}.")


def _assembler(ouvert: dict[Jour, list[tuple[Minute, Minute]]]) -> tuple[Plage, ...]:
    """Days with the same window together, the first day and hour first."""
    par_plage: dict[tuple[Minute, Minute], list[Jour]] = {}
    for jour in SEMAINE:
        for heures in sorted(ouvert.get(jour, [])):
            par_plage.setdefault(heures, []).append(jour)
    return tuple(Plage(frozenset(jours), de, a) for (de, a), jours in par_plage.items())


def _dire(jours: Iterable[Jour]) -> str:
    """« lun-ven », « lun,mer,sam-dim »."""
    suites: list[list[Jour]] = []
    for jour in jours:
        if suites and jour.rang == suites[-1][-1].rang + 1:
            suites[-1].append(jour)
        else:
            suites.append([jour])
    return ",".join(s[0].value if len(s) == 1 else f"{s[0].value}-{s[-1].value}" for s in suites)


def _heure(minute: Minute) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
