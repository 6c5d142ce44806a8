"""What the house knows before anybody comes in: communes, questions, travel times, holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock

import holidays

from geo.adresses import RechercheCommunes
from geo.estimation import Estimation
from matching.contexte import Contexte, Question
from mobilite.besoin import Situation
from mobilite.droit.transport_utilite_sociale import petites_communes
from mobilite.faits import FAITS, ValeurFait, faits_de_la_situation
from mobilite.heures_calmes import HeuresDeMessage
from mobilite.lecteur_offres import LecteurOffres
from mobilite.lieux import Accessibilite, DureesParPaires
from mobilite.parametres import parametres
from mobilite.questionnaire import Questionnaire
from mobilite.situation import LecteurSituation
from mobilite.territoire import Territoire
from mobilite.verdict import Verdict
from mobilite.versions import Questionnaires, lire_questionnaires
from web.config import dossier_du_reseau


@dataclass(frozen=True, eq=False)
class Referentiel:
    """The reference data of one département, and the readers and values built from it."""

    territoire: Territoire
    questionnaires: Questionnaires

    @property
    def questionnaire(self) -> Questionnaire:
        """The questions asked today."""
        return self.questionnaires.courante

    @cached_property
    def recherche(self) -> RechercheCommunes:
        """The local search of communes."""
        return RechercheCommunes(self.territoire)

    @cached_property
    def lecteur_situation(self) -> LecteurSituation:
        """Reads situations against these communes and these questions, those of older versions too."""
        return LecteurSituation(self.insee, self.questionnaires)

    @cached_property
    def lecteur_offres(self) -> LecteurOffres:
        """Reads offers against these communes."""
        # A catalogue says the same few zones again and again.
        return LecteurOffres(
            self.insee, cache(self._departement), cache(self._epci), cache(self.territoire.autour)
        )

    def insee(self, code: str) -> str | None:
        """The current INSEE code behind a code, or ``None``."""
        commune = self.territoire.commune(code)
        return commune.insee if commune else None

    def nom(self, insee: str) -> str:
        """The name of a commune; the code itself when it is not known here."""
        commune = self.territoire.commune(insee)
        return commune.nom if commune else insee

    def accessibilite(self, le: date) -> Accessibilite:
        """The travel times in force on a day."""
        dossier = dossier_du_reseau()
        version = _version(dossier)
        if version is None:
            return _estimation(self, le)
        with _verrou:
            return _trajets(self, le, dossier, version)

    def durees(self, le: date) -> DureesParPaires:
        """The same times by car, asked by the hundred thousand: what detours are made of."""
        estimation = _estimation(self, le)
        accessibilite = self.accessibilite(le)
        if accessibilite is estimation:
            return estimation
        from geo.durees import durees_sur  # noqa: PLC0415  numba: not for those without a network

        return durees_sur(accessibilite, estimation)

    def faits(self, situation: Situation, le: date) -> dict[str, ValeurFait]:
        """Everything a situation establishes, by itself and by its answers."""
        return faits_de_la_situation(situation, le) | self.questionnaire.faits(situation.reponses)

    def contexte(self, le: date, depart: date | None = None) -> Contexte:
        """What the engine is told about the world on a day.

        ``depart``: she is judged as she will be that day, by the numbers then in force; the travel times stay
        those of ``le``: another day would open the network again.
        """
        return Contexte(
            le=depart or le,
            parametres=parametres(depart or le),
            accessibilite=self.accessibilite(le),
            feries=_feries(le.year),
            petites=_petites_communes(self, parametres(le)["tus.habitants_max"]),
            questions=self._questions,
            noms=self._noms,
        )

    @cached_property
    def _questions(self) -> Mapping[str, Question]:
        items = ((nom, self.questionnaire.item_du_fait(nom)) for nom in FAITS)
        return {nom: Question(item.code, item.texte) for nom, item in items if item is not None}

    @cached_property
    def _noms(self) -> Mapping[str, str]:
        return {insee: commune.nom for insee, commune in self.territoire.communes.items()}

    def _departement(self, code: str) -> frozenset[str]:
        return frozenset(i for i, c in self.territoire.communes.items() if c.departement == code)

    def _epci(self, siren: str) -> frozenset[str]:
        return frozenset(c.insee for c in self.territoire.epci(siren))


@cache
def _feries(annee: int) -> frozenset[date]:
    """The French public holidays of a year and of those that follow, as far as anybody plans."""
    return frozenset(holidays.country_holidays("FR", years=range(annee, annee + 6)))


def heures_de_message(le: date) -> HeuresDeMessage:
    """When messages may leave, as decided for a day."""
    return HeuresDeMessage.en_vigueur(parametres(le), _feries(le.year) | _feries(le.year - 1))


@cache
def _petites_communes(referentiel: Referentiel, habitants_max: float) -> Mapping[str, Verdict]:
    communes = referentiel.territoire.communes
    return petites_communes(
        {insee: commune.population for insee, commune in communes.items()},
        {insee: referentiel.territoire.voisines(insee) for insee in communes},
        habitants_max,
    )


@lru_cache(maxsize=4)  # today, and the day a test or a script asks about
def _estimation(referentiel: Referentiel, le: date) -> Estimation:
    return Estimation(referentiel.territoire, parametres(le))


_verrou = Lock()
"""A network is opened once, even when several requests are the first to ask for it."""


def _version(dossier: Path) -> str | None:
    """The name of the network in service, read at each question: an import shows at once."""
    try:
        return (dossier / "courant").read_text(encoding="ascii").strip()
    except OSError:
        return None


@lru_cache(maxsize=2)
def _trajets(referentiel: Referentiel, le: date, dossier: Path, version: str) -> Accessibilite:
    """Firm times on the network in service; the estimate when its files cannot be read."""
    from geo.reseau import reseaux_en_service  # noqa: PLC0415  numba: not for those without a network
    from geo.trajets import ContoursDuFichier, Trajets  # noqa: PLC0415

    reseaux = reseaux_en_service(dossier)
    if reseaux is None:
        return _estimation(referentiel, le)
    contours = ContoursDuFichier(dossier_des_graines() / "meuse" / "communes.geojson")
    trajets = Trajets(reseaux, referentiel.territoire, _estimation(referentiel, le), contours)
    trajets.preparer()
    return trajets


def preparer_les_durees(le: date) -> None:
    """Open the network in service, if there is one, before the first request asks about it."""
    if _version(dossier_du_reseau()) is not None:
        referentiel().accessibilite(le)


def dossier_des_graines() -> Path:
    """Where the reference data shipped with the platform stands."""
    return Path(str(files("seeds")))


@cache
def referentiel() -> Referentiel:
    """The reference data, read once a process."""
    graines = dossier_des_graines()
    return Referentiel(Territoire.lire(graines / "meuse"), lire_questionnaires(graines / "questionnaire"))
