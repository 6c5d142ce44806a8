"""The person's page: at most 90 words, her goal in her words, three steps, what is not sure, who to call.

Words are counted the hard way: everything that white space separates, no-break spaces included
(« 7 h 05 » is three). Telephones are therefore written with points, « 03.29.75.32.30 »: one word, and
as many left for what to bring. When there is too much to say, the least useful is shortened first,
each cut shows « … » and the sheet says where the rest is. Nothing names her beyond her first name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mobilite.personnes import Joindre, Personne
from mobilite.plan import Action, PlanActions
from web.formats import heure, jour, majuscule, telephone
from web.impressions import guichet

MOTS_MAX = 90
SIGNES_MAX = 640
"""What one sheet holds at 14 points: reached only when somebody types no spaces."""

SIGNES_PAR_MOT = 22
"""Between hyphens, where a line may end: « Saint-Maurice-sous-les-Côtes » stays whole."""

ETAPES_MAX = 3

MOTS_INTERDITS = re.compile(
    r"\b(freins?|verdicts?|écartée?s?|co[2₂]|scores?|bénéficiaires?)\b", re.IGNORECASE
)
"""What never reaches her, whoever typed it. Her own goal stays in her own words."""

SUITE = "… : la suite au téléphone."
_REFUSER = "Vous pouvez refuser."
_A_FIXER = "Date à fixer"
_LIEU_CACHE = "Lieu : au téléphone"
_ETAPE_A_VOIR = "Une étape à voir ensemble"
_PAS_SUR = re.compile(r"^\s*pas encore sûre?\s*:\s*", re.IGNORECASE)
_BORDS = " ,;:.–-…"
_PETITS_MOTS = frozenset(
    ("–", "-", "et", "ou", "à", "a", "au", "aux", "de", "du", "des", "la", "le", "les", "en", "pour", "par")
)
_DEMONSTRATION = re.compile(r"\s*\(démonstration\)", re.IGNORECASE)

_GENEREUX = {"objectif": 24, "intitule": 14, "lieu": 10, "apporter": 14, "pas_sur": 20}
_SACRIFICES: tuple[tuple[str, int], ...] = (
    *(("pas_sur", n) for n in (14, 10)),
    *(("apporter", n) for n in (9, 7)),
    ("objectif", 16),
    ("intitule", 9),
    ("lieu", 6),
    ("apporter", 5),
    ("objectif", 12),
    ("pas_sur", 8),
    ("intitule", 7),
    ("lieu", 4),
    ("apporter", 4),
    ("pas_sur", 6),
    ("objectif", 10),
    ("apporter", 3),
    ("intitule", 6),
    ("lieu", 3),
    ("pas_sur", 4),
    ("apporter", 2),
    ("intitule", 5),
    ("objectif", 8),
    ("apporter", 1),
    ("intitule", 4),
    ("lieu", 2),
    ("objectif", 6),
    ("pas_sur", 2),
    ("apporter", 0),
)
"""What is shortened, in this order, until the page holds: (field, words left to each)."""


def contenu_fiche(personne: Personne, plan: PlanActions | None) -> dict[str, Any]:
    """Everything the page shows, as JSON-able values; ``textes`` gives it back as a list, in order.

    For a discreet contact: no place, and a title that tells nothing of her goal. Paper is found.
    """
    limites = dict(_GENEREUX)
    contenu = _rediger(personne, plan, limites)
    for champ, mots in _SACRIFICES:
        if _tient(contenu):
            break
        limites[champ] = min(limites[champ], mots)
        contenu = _rediger(personne, plan, limites)
    return contenu


def textes(contenu: dict[str, Any]) -> list[str]:
    """Every text of the page in the order it is read, the numbers of the steps included."""
    lus = [contenu["pour"], contenu["but"]]
    for rang, etape in enumerate(contenu["etapes"], start=1):
        lus += [str(rang), etape["quand"], etape["quoi"], etape["lieu"], etape["telephone"]]
        lus += [contenu["mot_apporter"], etape["apporter"]] if etape["apporter"] else []
    lus += [contenu["mot_pas_sur"], *contenu["pas_sur"]] if contenu["pas_sur"] else []
    lus += [
        contenu["refuser"],
        contenu["suite"],
        contenu["appeler"],
        contenu["telephone"],
        contenu["mention"],
    ]
    return [texte for texte in lus if texte]


def compter_mots(lus: Sequence[str]) -> int:
    """Words as a machine counts them: what any white space separates, signs alone included."""
    return sum(len(texte.split()) for texte in lus)


def _tient(contenu: dict[str, Any]) -> bool:
    lus = textes(contenu)
    return compter_mots(lus) <= MOTS_MAX and sum(map(len, lus)) <= SIGNES_MAX


def _rediger(personne: Personne, plan: PlanActions | None, limites: dict[str, int]) -> dict[str, Any]:
    coupe = _Coupe(limites)
    cacher = personne.contact_discret
    actions = plan.prochaines_etapes(ETAPES_MAX) if plan else []
    etapes = [_etape(action, coupe, cacher) for action in actions]
    doutes = list(dict.fromkeys(d for action in actions if (d := _doute(action, coupe))))
    prenom = coupe.tronquer(personne.prenom, 2)
    but = "" if cacher else personne.objectif.strip()
    return {
        "titre": "Mes prochaines étapes",
        "pour": f"{prenom}, votre but" if but else prenom,
        "but": coupe.abreger("objectif", but) if but else "Vos prochaines étapes",
        "etapes": etapes or _en_attendant(personne, plan),
        "mot_apporter": "Apportez",
        "mot_pas_sur": "Pas encore sûr",
        "pas_sur": doutes,
        "refuser": _REFUSER,
        "suite": SUITE if coupe.a_coupe else "",
        "appeler": f"Appelez {guichet.NOM}",
        "telephone": _pointer(guichet.TELEPHONE),
        "mention": "Démonstration" if personne.demonstration else "",
    }


class _Coupe:
    """Shortens texts to the limits in force, and remembers whether anything was cut."""

    def __init__(self, limites: dict[str, int]) -> None:
        self._limites = limites
        self.a_coupe = False

    def abreger(self, champ: str, texte: str) -> str:
        """At most the words this field may have."""
        return self.tronquer(texte, self._limites[champ])

    def tronquer(self, texte: str, mots: int) -> str:
        """At most so many words, none longer than a line can hold, « … » where something is missing."""
        tous = texte.split()
        gardes = [_raccourcir(mot) for mot in tous[:mots]]
        if gardes == tous:
            return texte.strip()
        self.a_coupe = True
        # « Mairie de… » says less than « Mairie… ».
        while len(gardes) > 1 and gardes[-1].casefold().strip(",;:") in _PETITS_MOTS:
            gardes.pop()
        return f"{' '.join(gardes).rstrip(_BORDS)}…"

    def enumerer(self, champ: str, choses: Sequence[str]) -> str:
        """Whole things while they fit; the first one alone may be cut."""
        dites: list[str] = []
        for chose in choses:
            if dites and len(" ".join([*dites, chose]).split()) > self._limites[champ]:
                break
            dites.append(chose)
        texte = self.abreger(champ, ", ".join(dites))
        if len(dites) == len(choses):
            return texte
        self.a_coupe = True
        return f"{texte.rstrip(_BORDS)}…"


def _raccourcir(mot: str) -> str:
    tient = len(mot) <= 2 * SIGNES_PAR_MOT and all(len(bout) <= SIGNES_PAR_MOT for bout in mot.split("-"))
    return mot if tient else f"{mot[: SIGNES_PAR_MOT - 1]}…"


def _etape(action: Action, coupe: _Coupe, cacher: bool) -> dict[str, str]:
    intitule = _sans_mention(action.intitule)
    if MOTS_INTERDITS.search(intitule):
        intitule, coupe.a_coupe = _ETAPE_A_VOIR, True
    lieu = _dit(action.lieu, coupe)
    if lieu and cacher:
        lieu = _LIEU_CACHE
    apporter = [chose for brut in action.apporter if (chose := _dit(str(brut), coupe))]
    numero = _pointer(action.telephone)
    return {
        "quand": _quand(action),
        "quoi": coupe.abreger("intitule", intitule),
        "lieu": lieu if lieu == _LIEU_CACHE else coupe.abreger("lieu", lieu) if lieu else "",
        "telephone": "" if numero == _pointer(guichet.TELEPHONE) else coupe.tronquer(numero, 3),
        "apporter": coupe.enumerer("apporter", apporter),
    }


def _pointer(numero: str) -> str:
    """« 03.29.75.32.30 »."""
    return ".".join(telephone(numero).split())


def _quand(action: Action) -> str:
    morceaux = [jour(action.le) if action.le else _A_FIXER]
    if action.heure is not None:
        morceaux.append(heure(action.heure))
    texte = ", ".join(morceaux)
    return majuscule(texte)


def _doute(action: Action, coupe: _Coupe) -> str:
    texte = _dit(_PAS_SUR.sub("", _sans_mention(action.pas_sur)), coupe)
    if not texte:
        return ""
    return coupe.abreger("pas_sur", majuscule(texte))


def _dit(texte: str, coupe: _Coupe) -> str:
    """A text fit for her, or nothing and « la suite au téléphone »."""
    texte = _sans_mention(texte)
    if MOTS_INTERDITS.search(texte):
        coupe.a_coupe = True
        return ""
    return texte


def _sans_mention(texte: str) -> str:
    """The label of invented offers is said once, at the foot of the page."""
    return _DEMONSTRATION.sub("", texte).strip()


def _en_attendant(personne: Personne, plan: PlanActions | None) -> list[dict[str, str]]:
    """No step to show: what happens next, without promising what is not agreed."""
    if plan is not None and plan.actions and all(not _ouverte(action) for action in plan.actions):
        phrases = [("Aujourd’hui", "Toutes vos étapes sont faites."), ("Si ça change", "Appelez-nous.")]
    else:
        suite = {
            Joindre.TELEPHONE: "Nous vous appelons pour en parler.",
            Joindre.REFERENT: "Nous prévenons la personne qui vous suit.",
            Joindre.RIEN: "Appelez-nous, ou revenez nous voir.",
        }[personne.joindre]
        phrases = [
            ("Maintenant", "Nous cherchons ce qui est possible pour vous."),
            ("Ensuite", suite),
            ("Puis", "Vous choisissez. Rien ne se fait sans vous."),
        ]
    return [{"quand": q, "quoi": p, "lieu": "", "telephone": "", "apporter": ""} for q, p in phrases]


def _ouverte(action: Action) -> bool:
    return action.statut.ouverte
