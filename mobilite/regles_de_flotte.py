"""The rules of a fleet as one frozen value: what they refuse, and in which words.

Whole local days are asked for, from midnight to midnight: then the hour is not judged, only the days of
handover. A sentence says the rule, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import NoReturn
from zoneinfo import ZoneInfo

from mobilite.besoin import SEMAINE, Plage
from mobilite.erreurs import RegleMetier
from mobilite.horaires import dire_horaires, dire_jours

TENUE = timedelta(hours=48)
"""How long a request keeps its vehicle while the partner answers (hypothesis, never past its start)."""

_PARIS = ZoneInfo("Europe/Paris")
_UN_JOUR = timedelta(days=1)
_FENETRE = 30

Sejour = tuple[date, date]
"""The first and the last day of a stay, both included."""


class RegleDeFlotte(RegleMetier):
    """A rule of the fleet says no; ``regle`` is its stable name."""

    code = "regle_de_flotte"

    def __init__(self, regle: str, phrase: str) -> None:
        super().__init__(phrase)
        self.regle = regle


@dataclass(frozen=True, slots=True)
class Regles:
    """What a fleet asks; the defaults ask nothing. ``ouvertures=None``: nobody has said.

    ``ecrites``: whether the fleet has written its rules; without them a page may show none.
    """

    tampon: timedelta = timedelta(0)
    tenue: timedelta = TENUE
    preavis: timedelta = timedelta(0)
    duree_max_jours: int | None = None
    renouvellements_max: int | None = None
    reservations_par_mois: int | None = None
    jours_par_30_jours: int | None = None
    ouvertures: tuple[Plage, ...] | None = None
    fermetures: tuple[Sejour, ...] = ()
    prescription_requise: bool = False
    caution: float = 0
    caution_dispensable: bool = True
    km_max_jour: float | None = None
    ecrites: bool = False

    def libre_le(self, fin: datetime) -> datetime:
        """When the vehicle is ready for the next person: on the clock on the wall, so that a day is a day."""
        return (fin.astimezone(_PARIS) + self.tampon).astimezone(UTC)

    def retour_au_plus_tard(self, depart: datetime) -> datetime:
        """Until when it may be kept for whoever leaves next to find it ready."""
        return (depart.astimezone(_PARIS) - self.tampon).astimezone(UTC)

    def expire_le(self, instant: datetime, debut: datetime) -> datetime:
        """Until when a request keeps its vehicle: never past its start.

        The days on which the fleet says it is closed do not count: nobody is there to answer.
        """
        reste, jusqu_au = self.tenue, instant
        while jusqu_au < debut:
            mur = jusqu_au.astimezone(_PARIS)
            minuit = datetime.combine(mur.date() + _UN_JOUR, time(), _PARIS).astimezone(UTC)
            if self.ouvre(mur.date()):
                if jusqu_au + reste <= minuit:
                    return min(jusqu_au + reste, debut)
                reste -= minuit - jusqu_au
            jusqu_au = minuit
        return debut

    def premier_depart(self, le: date) -> date:
        """The first day that may be asked for on a day: tomorrow at the soonest, then what the notice allows."""
        return le + timedelta(days=max(1, ceil(self.preavis / _UN_JOUR)))

    def ouvre(self, jour: date) -> bool:
        """Whether keys are handed over and taken back on that day."""
        if any(du <= jour <= au for du, au in self.fermetures):
            return False
        return self.ouvertures is None or any(SEMAINE[jour.weekday()] in p.jours for p in self.ouvertures)

    def verifier_les_dates(self, debut: datetime, fin: datetime, instant: datetime) -> None:
        """Raise ``RegleDeFlotte`` for a range the fleet does not lend."""
        self.verifier_le_preavis(debut, instant)
        self.verifier_la_duree(debut, fin)
        self.verifier_l_ouverture(debut, "depart")
        self.verifier_l_ouverture(fin, "retour")

    def verifier_le_preavis(self, debut: datetime, instant: datetime) -> None:
        """How long before it must be asked."""
        mur = debut.astimezone(_PARIS)
        if _a_minuit(mur):
            des = self.premier_depart(instant.astimezone(_PARIS).date()) if self.preavis else mur.date()
            trop_tot = mur.date() < des
        else:
            des = (instant + self.preavis).astimezone(_PARIS).date()
            trop_tot = debut - instant < self.preavis
        if trop_tot:
            _refuser(
                "preavis",
                f"Cette flotte demande {_delai(self.preavis)} pour préparer le véhicule. Choisissez un "
                f"départ à partir du {des:%d/%m/%Y}.",
            )

    def verifier_la_duree(self, debut: datetime, fin: datetime) -> None:
        """How long it may be kept in one go."""
        du, au = sejour(debut, fin)
        jours = (au - du).days + 1
        if self.duree_max_jours is not None and jours > self.duree_max_jours:
            _refuser(
                "duree_max",
                f"Cette flotte prête {_jours(self.duree_max_jours)} au plus à la fois. Choisissez moins de jours.",
            )

    def verifier_l_ouverture(self, quand: datetime, sens: str) -> None:
        """Whether somebody is there to hand over (``depart``) or take back (``retour``) the keys."""
        mur = quand.astimezone(_PARIS)
        jour = (mur - timedelta(microseconds=1)).date() if sens == "retour" else mur.date()
        quoi, lequel = ("reprend", "le dernier jour") if sens == "retour" else ("remet", "le premier jour")
        ferme = next(((du, au) for du, au in self.fermetures if du <= jour <= au), None)
        if ferme is not None:
            _refuser(
                "fermeture",
                f"La flotte est fermée {_du_au(*ferme)} : on ne {quoi} pas les clés. Choisissez un autre jour "
                f"pour {lequel}.",
            )
        if not self.ouvre(jour):
            _refuser(
                "ouverture",
                f"Cette flotte {quoi} les clés : {self.jours_d_ouverture}. Ici, {lequel} est un "
                f"{SEMAINE[jour.weekday()].libelle}. Choisissez un autre jour.",
            )
        if self.ouvertures is not None and not _a_minuit(mur):
            minute, jour_dit = mur.hour * 60 + mur.minute, SEMAINE[mur.weekday()]
            if not any(jour_dit in p.jours and p.de <= minute <= p.a for p in self.ouvertures):
                _refuser(
                    "ouverture",
                    f"Cette flotte {quoi} les clés : {self.jours_d_ouverture}, aux heures d’ouverture. "
                    "Choisissez une autre heure.",
                )

    def verifier_les_quotas(
        self,
        debut: datetime,
        fin: datetime,
        siennes: Iterable[tuple[datetime, datetime, bool]],
        *,
        suite: bool = False,
    ) -> None:
        """Raise ``RegleDeFlotte`` when her other stays leave no room for this one.

        ``siennes``: her bookings of this fleet that count, this one left out, and whether each is a new stay
        or continues another (``False``). ``suite``: this one continues another, and is not one more in the
        month.
        """
        ce_sejour = sejour(debut, fin)
        autres = [(sejour(du, au), nouveau) for du, au, nouveau in siennes]
        if self.reservations_par_mois is not None and not suite:
            mois = ce_sejour[0].replace(day=1)
            deja = sum(nouveau and un[0].replace(day=1) == mois for un, nouveau in autres)
            if deja >= self.reservations_par_mois:
                combien = self.reservations_par_mois
                _refuser(
                    "reservations_par_mois",
                    f"Cette flotte prête {combien} fois par mois et par personne. Choisissez un départ le mois "
                    "suivant, ou appelez la structure.",
                )
        if self.jours_par_30_jours is not None:
            plein = _jours_dans_la_fenetre([*(un for un, _ in autres), ce_sejour], ce_sejour)
            if plein > self.jours_par_30_jours:
                _refuser(
                    "jours_par_30_jours",
                    f"Cette flotte prête {_jours(self.jours_par_30_jours)} au plus sur 30 jours. Avec cette "
                    f"demande, cela ferait {_jours(plein)}. Choisissez moins de jours, ou plus tard.",
                )

    def verifier_la_prolongation(self, deja: int) -> None:
        """``deja``: how many times it was continued already."""
        if self.renouvellements_max is not None and deja >= self.renouvellements_max:
            combien = f"{self.renouvellements_max} fois au plus" if self.renouvellements_max else "jamais"
            _refuser(
                "renouvellements_max",
                f"Dans cette flotte, une réservation se prolonge {combien}. Rendez le véhicule, puis faites "
                "une nouvelle demande.",
            )

    @property
    def jours_de_preparation(self) -> int:
        """How many whole days nobody leaves after a stay of whole days: a buffer of two hours takes the next one."""
        return ceil(self.tampon / _UN_JOUR)

    @property
    def jours_d_ouverture(self) -> str:
        """« lundi à vendredi »."""
        ouverts = [
            j for j in SEMAINE if self.ouvertures is None or any(j in p.jours for p in self.ouvertures)
        ]
        return dire_jours(ouverts) or "sur rendez-vous"

    @property
    def en_phrases(self) -> tuple[str, ...]:
        """The rules as she reads them, one sentence each; empty when there is none."""
        return tuple(self._phrases())

    def _phrases(self) -> Iterator[str]:
        if self.preavis:
            yield f"À demander {_delai(self.preavis)} avant."
        if self.duree_max_jours is not None:
            yield f"{_jours(self.duree_max_jours).capitalize()} au plus à la fois."
        if self.renouvellements_max == 0:
            yield "On ne peut pas prolonger."
        elif self.renouvellements_max is not None:
            yield f"On peut prolonger {self.renouvellements_max} fois."
        if self.reservations_par_mois is not None:
            combien = self.reservations_par_mois
            yield f"{combien} réservation{'s' if combien > 1 else ''} par mois au plus."
        if self.jours_par_30_jours is not None:
            yield f"{_jours(self.jours_par_30_jours).capitalize()} au plus sur 30 jours."
        if self.jours_de_preparation == 1:
            yield "Le lendemain d’un retour, le véhicule ne repart pas : on le prépare."
        elif self.jours_de_preparation:
            jours = _jours(self.jours_de_preparation)
            yield f"Les {jours} qui suivent un retour, le véhicule ne repart pas : on le prépare."
        if self.ouvertures is not None:
            yield f"Clés remises et reprises : {dire_horaires(self.ouvertures) or 'sur rendez-vous'}."
        for du, au in self.fermetures:
            yield f"Fermé {_du_au(du, au)}."
        if self.prescription_requise:
            yield "Il faut une fiche d’orientation d’un professionnel."
        if self.caution and not self.caution_dispensable:
            yield "La caution est toujours demandée."
        if self.km_max_jour is not None:
            yield f"{self.km_max_jour:g} km par jour au plus."


SANS_REGLE = Regles()


def sejour(debut: datetime, fin: datetime) -> Sejour:
    """The local days of a range, ``fin`` excluded."""
    return debut.astimezone(_PARIS).date(), (fin - timedelta(microseconds=1)).astimezone(_PARIS).date()


def _jours_dans_la_fenetre(sejours: Iterable[Sejour], ce_sejour: Sejour) -> int:
    """The most days of any thirty in a row that touch this stay."""
    pris: set[date] = set()
    for du, au in sejours:
        premier = max(du, ce_sejour[0] - _FENETRE * _UN_JOUR)
        dernier = min(au, ce_sejour[1] + _FENETRE * _UN_JOUR)
        pris |= {premier + timedelta(days=n) for n in range((dernier - premier).days + 1)}
    departs = (
        ce_sejour[0] - timedelta(days=_FENETRE - 1 - n)
        for n in range((ce_sejour[1] - ce_sejour[0]).days + _FENETRE)
    )
    return max(sum(depart + timedelta(days=n) in pris for n in range(_FENETRE)) for depart in departs)


def _a_minuit(mur: datetime) -> bool:
    return (mur.hour, mur.minute, mur.second) == (0, 0, 0)


def _delai(delai: timedelta) -> str:
    heures = delai / timedelta(hours=1)
    return _jours(round(heures / 24)) if heures >= 48 and heures % 24 == 0 else f"{heures:g} heures"


def _jours(nombre: int) -> str:
    return f"{nombre} jour{'s' if nombre > 1 else ''}"


def _du_au(du: date, au: date) -> str:
    return f"le {du:%d/%m/%Y}" if du == au else f"du {du:%d/%m/%Y} au {au:%d/%m/%Y}"


def _refuser(regle: str, phrase: str) -> NoReturn:
    raise RegleDeFlotte(regle, phrase)
