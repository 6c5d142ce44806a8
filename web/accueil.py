"""The first welcome: which Maison, how she gets there with the means she has, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from mobilite.besoin import EtatMoyen, Situation, TypeMoyen
from mobilite.candidate import CategorieVehicule, VehiculeDecrit
from mobilite.droit.permis import peut_conduire
from mobilite.lieux import Mode
from mobilite.parametres import Parametres, parametres
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Duree, Verdict
from web.referentiel import Referentiel

_MODES = {
    TypeMoyen.MARCHE: Mode.MARCHE,
    TypeMoyen.VELO: Mode.VELO,
    TypeMoyen.VAE: Mode.VAE,
    TypeMoyen.SCOOTER: Mode.SCOOTER,
    TypeMoyen.VOITURE: Mode.VOITURE,
    TypeMoyen.PASSAGER: Mode.VOITURE,
}
_RESERVE = (
    "Le temps convient ; le moyen d'y aller reste à vérifier (sa voiture, son permis ou son chauffeur)."
)
_ORDRE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)


def accueil_de(
    situation: Situation, connu: Referentiel, maisons: Sequence[MaisonAccueil], le: date
) -> dict[str, Any]:
    """The nearest Maison by the best means she has, its verdict, and the minutes to the others.

    Without any Maison, or without knowing where she leaves from, the verdict is A_VERIFIER. Her
    own means count only when they work; nobody asked about them: walking, and À VÉRIFIER.
    """
    seuil = parametres(le)["accueil.seuil_min"]
    acces = connu.accessibilite(le)
    depart = situation.depart_le(le)
    vide: dict[str, Any] = {
        "maison": None,
        "verdict": Verdict.A_VERIFIER.value,
        "mode": None,
        "minutes_min": None,
        "minutes_max": None,
        "seuil_min": seuil,
        "methode": acces.methode,
        "ferme": acces.ferme,
        "demonstration": any(m.demonstration for m in maisons),
        "reserve": "",
        "phrase": "On ne sait pas encore d'où elle part." if maisons else "Aucune Maison n'est chargée.",
        "autres": [],
    }
    if depart is None or not maisons:
        return vide
    moyens = _moyens_surs(situation, parametres(le))
    trajets = {
        (mode, maison.id): trajet.duree
        for mode in {m for m, _ in moyens}
        for (_, lieu), trajet in acces.trajets([(depart, m.lieu) for m in maisons], mode).items()
        for maison in maisons
        if maison.lieu == lieu
    }
    choix = sorted(
        (
            (_ORDRE.index(_verdict(duree, sur, seuil)), duree.max, maison.id, maison, mode, duree, sur)
            for mode, sur in moyens
            for maison in maisons
            if (duree := trajets.get((mode, maison.id))) is not None
        ),
        key=lambda c: c[:3],
    )
    if not choix:
        return vide | {"phrase": "Le temps de trajet n'est pas connu."}
    _, _, _, maison, mode, duree, sur = choix[0]
    verdict = _verdict(duree, sur, seuil)
    autres = [(m, d) for m in maisons if m.id != maison.id and (d := trajets.get((mode, m.id))) is not None]
    return vide | {
        "maison": maison.nom,
        "insee": maison.lieu.insee,
        "verdict": verdict.value,
        "mode": mode.value,
        "minutes_min": _minutes(duree)[0],
        "minutes_max": _minutes(duree)[1],
        # The means she has may be one that the network does not know: the figure says its own method.
        "methode": duree.methode,
        "ferme": acces.ferme and duree.methode == acces.methode,
        "demonstration": maison.demonstration,
        "phrase": f"{maison.nom}, {duree.en_texte()} {mode.libelle} ({duree.methode}).",
        "reserve": _RESERVE if verdict is not duree.tient_en(seuil) else "",
        "autres": [
            {"maison": m.nom, "minutes_min": _minutes(d)[0], "minutes_max": _minutes(d)[1]}
            for m, d in sorted(autres, key=lambda couple: (couple[1].max, couple[0].id))
        ],
    }


def _minutes(duree: Duree) -> tuple[int, int]:
    """Whole minutes, those that ``en_texte`` shows: what is printed fits the verdict."""
    return (math.ceil(duree.max) if duree.ferme else math.floor(duree.min)), math.ceil(duree.max)


def _verdict(duree: Duree, sur: Verdict, seuil: float) -> Verdict:
    """A time that fits by a means nobody is sure of is À VÉRIFIER; a time that does not fit is NON."""
    tient = duree.tient_en(seuil)
    return tient if sur is Verdict.OUI or tient is Verdict.NON else Verdict.A_VERIFIER


def _moyens_surs(situation: Situation, p: Parametres) -> list[tuple[Mode, Verdict]]:
    """The ways she can move today, and how sure each one is. Walking is always one of them."""
    moyens = [(Mode.MARCHE, Verdict.OUI)]
    if situation.moyens is None:
        return [(Mode.MARCHE, Verdict.OUI), (Mode.VOITURE, Verdict.A_VERIFIER)]
    for moyen in situation.moyens:
        if moyen.etat is EtatMoyen.EN_PANNE:
            continue
        sur = Verdict.OUI
        categorie = {
            TypeMoyen.VOITURE: CategorieVehicule.VOITURE,
            TypeMoyen.SCOOTER: CategorieVehicule.SCOOTER50,
        }.get(moyen.type)
        if categorie is not None:
            droit = peut_conduire(
                situation.permis, situation.annee_naissance, VehiculeDecrit(categorie), p
            ).verdict
            if droit is Verdict.NON:
                continue
            sur = droit if moyen.etat is EtatMoyen.ROULANT else Verdict.A_VERIFIER
        if moyen.type is TypeMoyen.PASSAGER:
            sur = Verdict.A_VERIFIER
        moyens.append((_MODES[moyen.type], sur))
    return moyens
