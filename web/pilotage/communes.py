"""The table behind the maps: 499 communes, their totals by canton and EPCI, the same as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, render_template, request

from geo.couverture import CASE_MIN, Accueil, Couverture, Total, regrouper
from mobilite.besoin import SEMAINE
from mobilite.noms import sans_accent
from mobilite.verdict import Verdict
from web.pilotage.couverture import (
    MODES,
    ORDRE,
    SOURCE_CONTOURS,
    SOURCE_POPULATION,
    couverture,
    mode_demande,
    nom_court,
    parts,
    question_posee,
    seuil,
)
from web.pilotage.espace import pilotage
from web.tableur import Cellule, repondre_csv
from web.transaction import lecture

_TRIS: dict[str, Callable[[Accueil], Any]] = {
    "commune": lambda a: (),
    "verdict": lambda a: ORDRE.index(a.verdict),
    "duree": lambda a: (a.duree is None, a.duree and (a.duree.max, a.duree.min)),
    "maison": lambda a: (a.maison is None, a.maison and sans_accent(nom_court(a.maison))),
    "habitants": lambda a: a.commune.population,
    "canton": lambda a: sans_accent(a.commune.canton_nom),
    "epci": lambda a: sans_accent(a.commune.epci_nom),
}
_DECRITS = ("mode", "jour", "seuil_min", "methode", "demonstration", "calcule_le", "source_population")


@dataclass(frozen=True, slots=True)
class Demande:
    """What the address asks of the table. What it does not know of is « all »."""

    verdict: Verdict | None
    epci: str
    canton: str
    tri: str
    decroissant: bool

    @classmethod
    def lire(cls, couverture: Couverture) -> Demande:
        """Read the address against what there is."""
        args = request.args
        tri = args.get("tri", "")
        return cls(
            verdict=next((v for v in ORDRE if v.value == args.get("verdict")), None),
            epci=_connu(args.get("epci"), (a.commune.epci_siren for a in couverture.communes)),
            canton=_connu(args.get("canton"), (a.commune.canton for a in couverture.communes)),
            tri=tri if tri in _TRIS else "commune",
            decroissant=args.get("sens") == "desc",
        )

    def choisir(self, couverture: Couverture) -> list[Accueil]:
        """The communes asked for, in the order asked for; names decide between equals."""
        retenus = [
            a
            for a in couverture.communes
            if self.verdict in (None, a.verdict)
            and self.epci in ("", a.commune.epci_siren)
            and self.canton in ("", a.commune.canton)
        ]
        retenus.sort(
            key=lambda a: (sans_accent(a.commune.nom), a.commune.insee),
            reverse=self.decroissant and self.tri == "commune",
        )
        if self.tri != "commune":
            retenus.sort(key=_TRIS[self.tri], reverse=self.decroissant)
        return retenus

    def adresse(self) -> dict[str, str]:
        """The same request as the arguments of an address."""
        arguments = {
            "verdict": self.verdict.value if self.verdict else "",
            "epci": self.epci,
            "canton": self.canton,
            "tri": "" if self.tri == "commune" else self.tri,
            "sens": "desc" if self.decroissant else "",
        }
        return {cle: valeur for cle, valeur in arguments.items() if valeur}


@pilotage.get("/communes")
def communes() -> str:
    """The communes one by one."""
    du_jour, le = _couverture()
    demande = Demande.lire(du_jour)
    lignes = demande.choisir(du_jour)
    population = {v: sum(a.commune.population for a in lignes if a.verdict is v) for v in ORDRE}
    return render_template(
        "pilotage/communes.html",
        couverture=du_jour,
        demande=demande,
        adresse=demande.adresse() | _adresse(du_jour),
        jours=[(j.value, j.libelle) for j in SEMAINE],
        lignes=lignes,
        parts=parts(population),
        habitants=sum(population.values()),
        cantons=[(t.code, t.nom) for t in _ranges(du_jour.par_canton())],
        epcis=[(t.code, t.nom) for t in _ranges(du_jour.par_epci())],
        verdicts=[(v.value, v.libelle) for v in ORDRE],
        modes=MODES,
        le=le,
        seuil=seuil(le),
        nom_court=nom_court,
        source_population=SOURCE_POPULATION,
        source_contours=SOURCE_CONTOURS,
    )


@pilotage.get("/communes.csv")
def communes_csv() -> Response:
    """The same rows, in the same order."""
    du_jour, le = _couverture()
    entete = (
        "insee", "commune", "habitants", "canton", "epci", "verdict", "minutes_min", "minutes_max", "duree",
        "maison", *_DECRITS,
    )  # fmt: skip
    lignes = [
        (
            a.commune.insee,
            a.commune.nom,
            a.commune.population,
            a.commune.canton_nom,
            a.commune.epci_nom,
            a.verdict.value,
            a.duree.min if a.duree else None,
            a.duree.max if a.duree else None,
            None if a.duree is None else "calculée" if a.ferme else "estimée",
            a.maison.nom if a.maison else None,
            *_description(du_jour, le),
        )
        for a in Demande.lire(du_jour).choisir(du_jour)
    ]
    return repondre_csv(f"communes-{du_jour.mode.value}-{le:%Y-%m-%d}.csv", entete, lignes)


@pilotage.get("/territoires")
def territoires() -> str:
    """The totals by canton and by EPCI."""
    du_jour, le = _couverture()
    return render_template(
        "pilotage/territoires.html",
        couverture=du_jour,
        tables=[
            ("canton", "Par canton", _publiables(du_jour.par_canton())),
            ("epci", "Par intercommunalité", _publiables(du_jour.par_epci())),
        ],
        case_min=CASE_MIN,
        jours=[(j.value, j.libelle) for j in SEMAINE],
        total=Total("", "Ensemble de la Meuse", du_jour.population()),
        parts=parts,
        adresse=_adresse(du_jour),
        modes=MODES,
        le=le,
        seuil=seuil(le),
        source_population=SOURCE_POPULATION,
        source_contours=SOURCE_CONTOURS,
    )


@pilotage.get("/territoires.csv")
def territoires_csv() -> Response:
    """The same totals, cantons then EPCI."""
    du_jour, le = _couverture()
    entete = ("maille", "code", "nom", "habitants", "oui", "a_verifier", "non", *_DECRITS)
    lignes = [
        (
            maille,
            total.code,
            total.nom,
            total.habitants,
            *(total.population[verdict] for verdict in ORDRE),
            *_description(du_jour, le),
        )
        for maille, totaux in (("canton", du_jour.par_canton()), ("epci", du_jour.par_epci()))
        for total in _publiables(totaux)
    ]
    return repondre_csv(f"territoires-{du_jour.mode.value}-{le:%Y-%m-%d}.csv", entete, lignes)


def _couverture() -> tuple[Couverture, date]:
    with lecture() as session:
        question = question_posee(session, mode_demande(MODES, "mode"))
    return couverture(question), question.le


def _adresse(couverture: Couverture) -> dict[str, str]:
    """What every address of these pages carries: the mode, and the day when there is one."""
    jour = {"jour": couverture.jour.value} if couverture.jour else {}
    return {"mode": couverture.mode.value, **jour}


def _description(couverture: Couverture, le: date) -> tuple[Cellule, ...]:
    """What a line must carry once the file has left the page."""
    return (
        couverture.mode.libelle,
        couverture.jour.libelle if couverture.jour else "tous",
        couverture.seuil_min,
        couverture.methode,
        "oui" if couverture.demonstration else "non",
        le.isoformat(),
        SOURCE_POPULATION,
    )


def _ranges(totaux: list[Total]) -> list[Total]:
    return sorted(totaux, key=lambda total: (sans_accent(total.nom), total.code))


def _publiables(totaux: list[Total]) -> list[Total]:
    """The totals by name, small cells put together."""
    return regrouper(_ranges(totaux))


def _connu(demande: str | None, codes: Iterable[str]) -> str:
    return demande if demande and demande in set(codes) else ""
