"""Reading a situation document (``docs/situation.md``) into the frozen values of ``besoin``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from mobilite.besoin import (
    Besoin,
    CategoriePermis,
    Depart,
    EtatMoyen,
    EtatPermis,
    Jour,
    LieuLibre,
    MotifDeplacement,
    Moyen,
    Passage,
    Permis,
    Plage,
    Situation,
    TypeMoyen,
    Valeur,
)
from mobilite.document import Champ
from mobilite.lieux import Lieu

BESOINS_MAX = 20
SEMAINES_MAX = 12
PASSAGES_MAX = 120

_CODE_ATTENDU = "un code INSEE entre guillemets (« 55545 ») ou un objet { … } est attendu."

ACCOMPAGNANTS = ("enfant", "bebe", "adulte", "poussette", "fauteuil", "animal")


class LectriceReponses(Protocol):
    """What reads the answers: the questionnaire."""

    def lire_reponses(self, champ: Champ) -> Mapping[str, Valeur]:
        """Validate answers by code; raises ``DonneeRefusee`` naming the code that does not fit."""


class LecteurSituation:
    """Reads situation documents against the known communes and questionnaire.

    ``commune(insee)`` gives the current INSEE code, following mergers, or ``None`` when unknown.
    """

    def __init__(self, commune: Callable[[str], str | None], questionnaire: LectriceReponses) -> None:
        self._commune = commune
        self._questionnaire = questionnaire

    def lire(self, champ: Champ) -> Situation:
        """The situation; everything but the object itself may be absent, and is then unknown."""
        c = champ.objet(
            "annee_naissance", "rattachement", "depart", "permis", "moyens", "reponses", "besoins"
        )
        return Situation(
            annee_naissance=c["annee_naissance"].entier(1900, _cette_annee())
            if "annee_naissance" in c
            else None,
            rattachement=self._insee(c["rattachement"]) if "rattachement" in c else None,
            departs=self._departs(c["depart"]) if "depart" in c else (),
            permis=_permis(c["permis"]) if "permis" in c else None,
            moyens=tuple(_moyen(m) for m in c["moyens"].liste(20)) if "moyens" in c else None,
            reponses=self._questionnaire.lire_reponses(c["reponses"])
            if "reponses" in c
            else MappingProxyType({}),
            besoins=self._besoins(c["besoins"]) if "besoins" in c else (),
        )

    def _insee(self, champ: Champ) -> str:
        code = champ.texte(10)
        actuel = self._commune(code)
        if actuel is None:
            champ.refuser(
                f"la commune « {code} » n'est pas connue (code INSEE à cinq caractères, Meuse et alentours)."
            )
        return actuel

    def _departs(self, champ: Champ) -> tuple[Depart, ...]:
        champs = champ.liste(10) if isinstance(champ.valeur, list) else [champ]
        return tuple(self._depart(c) for c in champs)

    def _depart(self, champ: Champ) -> Depart:
        if isinstance(champ.valeur, str):
            return Depart(Lieu(self._insee(champ)))
        if not isinstance(champ.valeur, dict):
            champ.refuser(_CODE_ATTENDU)
        c = champ.objet("insee", "du", "au", "chez")
        if "insee" not in c:
            champ.refuser("la commune de départ manque (« insee »).")
        if "chez" in c:
            c["chez"].texte()
            c["chez"].ignorer()
        du = c["du"].date() if "du" in c else None
        au = c["au"].date() if "au" in c else None
        if du and au and au < du:
            c["au"].refuser("la fin vient avant le début.")
        return Depart(Lieu(self._insee(c["insee"])), du, au)

    def _besoins(self, champ: Champ) -> tuple[Besoin, ...]:
        besoins = tuple(self._besoin(b, rang) for rang, b in enumerate(champ.liste(BESOINS_MAX), start=1))
        ids = [b.id for b in besoins]
        for rang, identifiant in enumerate(ids):
            if identifiant in ids[:rang]:
                champ.refuser(f"deux besoins portent le même id « {identifiant} ».")
        return besoins

    def _besoin(self, champ: Champ, rang: int) -> Besoin:
        c = champ.objet(
            "id", "destination", "lieu_libre", "motif", "dates", "cycle", "arrivee", "retour",
            "premier_jour", "connu_le", "avec", "aujourdhui",
        )  # fmt: skip
        if "dates" in c and "cycle" in c:
            champ.refuser("dire « dates » ou « cycle », pas les deux.")
        passages: tuple[Passage, ...] = ()
        if "dates" in c:
            passages = _dates(c["dates"], c)
        elif "cycle" in c:
            passages = _cycle(c["cycle"], c)
        else:
            for heure in {"arrivee", "retour"} & c.keys():  # hours without days say nothing yet
                c[heure].heure()
                c[heure].ignorer()
        return Besoin(
            id=_identifiant(c["id"]) if "id" in c else str(rang),
            destination=self._destination(champ, c),
            motif=c["motif"].parmi(MotifDeplacement) if "motif" in c else None,
            passages=passages,
            premier_jour=c["premier_jour"].date() if "premier_jour" in c else None,
            connu_le=c["connu_le"].date() if "connu_le" in c else None,
            avec=_avec(c["avec"]) if "avec" in c else (),
            aujourdhui=c["aujourdhui"].texte(300) if "aujourdhui" in c else "",
        )

    def _destination(self, champ: Champ, c: Mapping[str, Champ]) -> Lieu | LieuLibre:
        if "destination" in c and "lieu_libre" in c:
            champ.refuser("dire « destination » (code INSEE) ou « lieu_libre », pas les deux.")
        if "destination" in c and isinstance(c["destination"].valeur, str):
            return Lieu(self._insee(c["destination"]))
        if "destination" in c and not isinstance(c["destination"].valeur, dict):
            c["destination"].refuser(_CODE_ATTENDU)
        if "destination" in c:
            interieur = c["destination"].objet("lieu_libre", "nom", "minutes")
            return _lieu_libre(interieur["lieu_libre"] if "lieu_libre" in interieur else c["destination"])
        if "lieu_libre" in c:
            return _lieu_libre(c["lieu_libre"])
        return champ.refuser("la destination manque (« destination » : code INSEE, ou « lieu_libre »).")


def _cette_annee() -> int:
    return datetime.now(UTC).year


def _identifiant(champ: Champ) -> str:
    if isinstance(champ.valeur, int) and not isinstance(champ.valeur, bool):
        return str(champ.entier(0, 1_000_000))
    return champ.texte(60)


def _lieu_libre(champ: Champ) -> LieuLibre:
    c = champ.objet("nom", "minutes")
    if "nom" not in c:
        champ.refuser("le nom du lieu manque (« nom »).")
    return LieuLibre(c["nom"].texte(120), c["minutes"].nombre(1, 600) if "minutes" in c else None)


def _dates(champ: Champ, besoin: Mapping[str, Champ]) -> tuple[Passage, ...]:
    arrivee = besoin["arrivee"].heure() if "arrivee" in besoin else None
    retour = besoin["retour"].heure() if "retour" in besoin else None
    passages = []
    for element in champ.liste(PASSAGES_MAX):
        if isinstance(element.valeur, str):
            jour = element.date()
            passages.append(Passage(Jour.de(jour), arrivee, retour, date=jour))
            continue
        c = element.objet("date", "arrivee", "retour")
        if "date" not in c:
            element.refuser("la date manque.")
        jour = c["date"].date()
        passages.append(
            Passage(
                Jour.de(jour),
                c["arrivee"].heure() if "arrivee" in c else arrivee,
                c["retour"].heure() if "retour" in c else retour,
                date=jour,
            )
        )
    return tuple(passages)


def _cycle(champ: Champ, besoin: Mapping[str, Champ]) -> tuple[Passage, ...]:
    arrivee_commune = besoin["arrivee"].heure() if "arrivee" in besoin else None
    retour_commun = besoin["retour"].heure() if "retour" in besoin else None
    passages = []
    for ligne in champ.liste(PASSAGES_MAX):
        c = ligne.objet("semaine", "jours", "arrivee", "retour")
        if "jours" not in c:
            ligne.refuser("les jours manquent (« jours »).")
        semaine = c["semaine"].entier(1, SEMAINES_MAX) if "semaine" in c else 1
        arrivee = c["arrivee"].heure() if "arrivee" in c else arrivee_commune
        retour = c["retour"].heure() if "retour" in c else retour_commun
        jours = list(c["jours"].plusieurs_parmi(Jour))
        if not jours:
            c["jours"].refuser("cette liste de jours est vide.")
        passages += [Passage(jour, arrivee, retour, semaine=semaine) for jour in dict.fromkeys(jours)]
    if len(passages) > PASSAGES_MAX:
        champ.refuser(f"{PASSAGES_MAX} passages au plus.")
    return tuple(sorted(passages, key=lambda p: (p.semaine or 0, p.jour.rang, p.arrivee or 0)))


def _avec(champ: Champ) -> tuple[str, ...]:
    avec = []
    for element in champ.liste(20):
        type_ = element
        nombre = 1
        if isinstance(element.valeur, dict):
            c = element.objet("type", "nombre")
            if "type" not in c:
                element.refuser("dire qui vient (« type »).")
            type_, nombre = c["type"], c["nombre"].entier(1, 9) if "nombre" in c else 1
        nom = type_.texte(30)
        if nom not in ACCOMPAGNANTS:
            type_.refuser(f"choisir parmi {', '.join(ACCOMPAGNANTS)}.")
        avec += [nom] * nombre
    return tuple(avec)


def _permis(champ: Champ) -> Permis:
    if isinstance(champ.valeur, str | list):
        return Permis(frozenset(_categories(champ)))
    c = champ.objet("type", "etat", "obtenu_le", "obtenu_en")
    if "type" not in c:
        champ.refuser("le type de permis manque (« type »).")
    return Permis(
        frozenset(_categories(c["type"])),
        c["etat"].parmi(EtatPermis) if "etat" in c else EtatPermis.VALIDE,
        c["obtenu_le"].date() if "obtenu_le" in c else None,
        c["obtenu_en"].entier(1940, _cette_annee()) if "obtenu_en" in c else None,
    )


def _categories(champ: Champ) -> list[CategoriePermis]:
    categories = list(champ.plusieurs_parmi(CategoriePermis))
    if not categories:
        champ.refuser("cette liste est vide ; écrire « aucun » quand il n'y a pas de permis.")
    if CategoriePermis.AUCUN in categories and len(categories) > 1:
        champ.refuser("« aucun » ne va pas avec un autre permis.")
    return categories


def _moyen(champ: Champ) -> Moyen:
    if isinstance(champ.valeur, str):
        return Moyen(champ.parmi(TypeMoyen))
    c = champ.objet("type", "etat", "disponible")
    if "type" not in c:
        champ.refuser("le type de moyen manque (« type »).")
    return Moyen(
        c["type"].parmi(TypeMoyen),
        c["etat"].parmi(EtatMoyen) if "etat" in c else EtatMoyen.A_VERIFIER,
        tuple(lire_plage(p) for p in c["disponible"].liste(30)) if "disponible" in c else None,
    )


def lire_plage(champ: Champ) -> Plage:
    """Read « ces jours, de telle heure à telle heure »; no days means every day."""
    c = champ.objet("jours", "de", "a")
    if "de" not in c or "a" not in c:
        champ.refuser("une plage demande « de » et « a ».")
    jours = frozenset(c["jours"].plusieurs_parmi(Jour)) if "jours" in c else frozenset(Jour)
    return Plage(jours, c["de"].heure(), c["a"].heure())
