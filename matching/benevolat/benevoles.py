"""Can this volunteer make this trip? Named rules on her, her car, her month; three-valued, never a guess."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mobilite.parametres import Parametres
from mobilite.transport_solidaire import (
    PLACES_PASSAGERS_MAX,
    AccueilFauteuil,
    BenevoleConnu,
    CourseAFaire,
    Fauteuil,
)
from mobilite.verdict import Manque, Motif, Verdict

_LE_BENEVOLE = "le bénévole"
_L_ASSOCIATION = "l'association"
_JOURS_DU_MOIS = 30.44


def sur_le_benevole(benevole: BenevoleConnu, course: CourseAFaire, p: Parametres) -> Iterable[Motif]:
    """What can be said without the clock: the law, her days, papers, car, help, zone. OUI says nothing."""
    if course.droit.verdict is Verdict.NON:
        yield course.droit
    yield from _presence(benevole, course.jour)
    yield from _papiers(benevole, course.jour, p)
    yield from _fauteuil(benevole, course.aide.fauteuil)
    yield from _places(benevole, course.aide.passagers)
    yield from _sieges(benevole, course.aide.sieges_enfant)
    if course.aide.accompagnement:
        yield from _accompagnement(benevole)
    if benevole.zone is not None and not {course.de.insee, course.a.insee} <= benevole.zone:
        yield _non(
            "zone", "Ce trajet sort des communes où ce bénévole conduit.", "Son accord pour cette fois."
        )


def _presence(benevole: BenevoleConnu, jour: date) -> Iterable[Motif]:
    for du, au in benevole.absences:
        if du <= jour <= au:
            quand = f"le {du:%d/%m}" if du == au else f"du {du:%d/%m} au {au:%d/%m}"
            yield _non("absence", f"Absence notée {quand}.", "Un autre jour.")
    if benevole.jusqu_au is not None and benevole.jusqu_au < jour:
        yield _non("depart", f"Conduit jusqu'au {benevole.jusqu_au:%d/%m/%Y}.", "Un jour plus tôt.")


def _papiers(benevole: BenevoleConnu, jour: date, p: Parametres) -> Iterable[Motif]:
    for quoi, vu_le in (("permis", benevole.permis_vu_le), ("assurance", benevole.assurance_vue_le)):
        if vu_le is None:
            yield _doute("papiers", f"Papiers à voir : {quoi}.", f"{quoi} du bénévole", _L_ASSOCIATION)
        elif (jour - vu_le).days > p["solidaire.papiers_mois"] * _JOURS_DU_MOIS:
            yield _doute(
                "papiers",
                f"Papiers à revoir : {quoi}, vu le {vu_le:%d/%m/%Y}.",
                f"{quoi} du bénévole",
                _L_ASSOCIATION,
            )


def _fauteuil(benevole: BenevoleConnu, fauteuil: Fauteuil | None) -> Iterable[Motif]:
    if fauteuil is Fauteuil.AUCUN:
        return
    accueil = benevole.accueil_fauteuil
    if fauteuil is None:
        if accueil is not AccueilFauteuil.RAMPE:
            yield _doute(
                "fauteuil",
                "On ne sait pas si elle vient avec un fauteuil roulant.",
                "si elle a un fauteuil roulant, et si elle passe sur le siège",
                "la personne",
            )
        return
    if accueil is None:
        yield _doute(
            "fauteuil",
            "On ne sait pas si sa voiture prend un fauteuil roulant.",
            "ce que sa voiture peut prendre",
            _LE_BENEVOLE,
        )
    elif fauteuil is Fauteuil.RESTE and accueil is not AccueilFauteuil.RAMPE:
        yield _non(
            "fauteuil",
            "Sa voiture n'a pas de rampe : on n'y reste pas dans son fauteuil.",
            "Une voiture avec une rampe.",
        )
    elif fauteuil is Fauteuil.PLIANT and accueil is AccueilFauteuil.NON:
        yield _non(
            "fauteuil", "Sa voiture ne prend pas de fauteuil plié.", "Une voiture avec un grand coffre."
        )


def _places(benevole: BenevoleConnu, passagers: int) -> Iterable[Motif]:
    if passagers > PLACES_PASSAGERS_MAX:
        yield _non(
            "places",
            f"{passagers} personnes : la loi limite à {PLACES_PASSAGERS_MAX} passagers, 9 places en tout.",
            "Deux trajets.",
        )
    elif benevole.places is None:
        if passagers > 1:
            yield _doute("places", "Le nombre de places n'est pas noté.", "ses places libres", _LE_BENEVOLE)
    elif benevole.places < passagers:
        yield _non(
            "places", f"{_en_places(benevole.places)} pour {passagers} personnes.", "Une plus grande voiture."
        )


def _en_places(nombre: int) -> str:
    return f"{nombre} place{'s' if nombre > 1 else ''}"


def _sieges(benevole: BenevoleConnu, sieges: int) -> Iterable[Motif]:
    if not sieges:
        return
    if benevole.sieges_enfant is None:
        yield _doute(
            "sieges_enfant", "On ne sait pas s'il y a un siège enfant.", "les sièges enfant", _LE_BENEVOLE
        )
    elif benevole.sieges_enfant < sieges:
        yield _non(
            "sieges_enfant",
            f"Il faut {sieges} siège{'s' if sieges > 1 else ''} enfant, il y en a {benevole.sieges_enfant}.",
            "Prêter un siège enfant.",
        )


def _accompagnement(benevole: BenevoleConnu) -> Iterable[Motif]:
    if benevole.accompagne is None:
        yield _doute(
            "accompagnement",
            "On ne sait pas si ce bénévole accompagne jusqu'à la porte.",
            "s'il accompagne à pied",
            _LE_BENEVOLE,
        )
    elif not benevole.accompagne:
        yield _non(
            "accompagnement",
            "Ce bénévole conduit, mais n'accompagne pas à pied.",
            "Quelqu'un d'autre qui l'accompagne.",
        )


def sur_le_mois(benevole: BenevoleConnu, jour: date, km_min: float, km_max: float) -> Motif | None:
    """Whether these km still fit in her month; ``None`` when they surely do or she set no limit."""
    if benevole.km_max_mois is None:
        return None
    deja = benevole.km_en(jour)
    dit = f"{deja:.0f} km ce mois-là sur {benevole.km_max_mois:.0f} au plus"
    if deja + km_min > benevole.km_max_mois:
        return _non(
            "km_mois",
            f"{dit} : ce trajet en demande {_fourchette(km_min, km_max)}.",
            "Le mois prochain, ou son accord pour cette fois.",
        )
    if deja + km_max > benevole.km_max_mois:
        return _doute(
            "km_mois",
            f"{dit} : ce trajet en demande {_fourchette(km_min, km_max)}.",
            "si quelques kilomètres de plus lui conviennent",
            _LE_BENEVOLE,
        )
    return None


def _fourchette(km_min: float, km_max: float) -> str:
    bas, haut = round(km_min), round(km_max)
    return f"{haut} km" if bas == haut else f"{bas} à {haut} km"


def _non(regle: str, phrase: str, changerait: str) -> Motif:
    return Motif(f"benevole.{regle}", Verdict.NON, phrase, changerait=changerait)


def _doute(regle: str, phrase: str, quoi: str, qui: str) -> Motif:
    return Motif(f"benevole.{regle}", Verdict.A_VERIFIER, phrase, (Manque(quoi, qui),))
