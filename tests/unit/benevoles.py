"""What the tests of the volunteers share: one straight road, a minute a kilometre, and plausible people on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from matching.contexte import Contexte
from mobilite.besoin import Jour, Plage
from mobilite.lieux import Accessibilite, Lieu
from mobilite.parametres import parametres
from mobilite.transport_solidaire import AccueilFauteuil, BenevoleConnu, CourseAFaire, Engagement
from mobilite.verdict import Motif, Verdict
from tests.doublures import TrajetsSurUneRoute

LUNDI = date(2026, 3, 9)
PERMIS = Motif(
    "droit.transport_utilite_sociale", Verdict.OUI, "Son allocation lui ouvre le transport solidaire."
)
OUVRES = frozenset({Jour.LUN, Jour.MAR, Jour.MER, Jour.JEU, Jour.VEN})


def route(accessibilite: Accessibilite | None = None) -> Contexte:
    """The real parameters, on one road."""
    return Contexte(LUNDI, parametres(LUNDI), accessibilite or TrajetsSurUneRoute())


def plage(de: int = 8, a: int = 18, jours: frozenset[Jour] = OUVRES) -> Plage:
    """Some days, from an hour to an hour."""
    return Plage(jours, de * 60, a * 60)


def un_benevole(nom: str = "b", km: float = 0, **choix: Any) -> BenevoleConnu:
    """A volunteer at a kilometre of the road, free on working days, her papers seen, her car able to take anybody."""
    defauts: dict[str, Any] = {
        "plages": (plage(),),
        "places": 4,
        "accueil_fauteuil": AccueilFauteuil.RAMPE,
        "sieges_enfant": 2,
        "accompagne": True,
        "permis_vu_le": LUNDI,
        "assurance_vue_le": LUNDI,
    }
    return BenevoleConnu(id=nom, domicile=Lieu(f"{km:g}"), **(defauts | choix))


def une_course(nom: str = "c", de: float = 10, a: float = 40, **choix: Any) -> CourseAFaire:
    """On Monday, from a kilometre to another, to be there at ten; no help needed unless said."""
    defauts: dict[str, Any] = {"jour": LUNDI, "droit": PERMIS}
    if "partir_a" not in choix:
        defauts["arriver_a"] = 600
    return CourseAFaire(id=nom, de=Lieu(f"{de:g}"), a=Lieu(f"{a:g}"), **(defauts | choix))


def un_engagement(debut: int, fin: int, de: float, a: float, jour: date = LUNDI) -> Engagement:
    """A trip already promised, its hours firm (minutes of the day)."""
    return Engagement(jour, debut, debut, fin, fin, Lieu(f"{de:g}"), Lieu(f"{a:g}"))
