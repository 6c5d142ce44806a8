"""Is the place there? Only a live calendar, or a named human on a recent day, says yes."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, timedelta
from math import ceil

from matching.contexte import Contexte
from mobilite.besoin import Besoin, Passage
from mobilite.candidate import CalendrierVivant, Candidate, Genre
from mobilite.verdict import Manque, Motif, Verdict

_MOIS = timedelta(days=29)
_CONFIRME = {"l'accord": "donné", "la place": "confirmée"}


def place_confirmee(offre: Candidate, besoin: Besoin, contexte: Contexte) -> Motif:
    """OUI when confirmed, NON when known to be full, else who to call before when."""
    if offre.places == 0:
        return Motif("place", Verdict.NON, "Complet pour le moment.", changerait="Une place qui se libère.")
    if offre.calendrier is not None:
        return _au_calendrier(offre, besoin, contexte)
    confirmation = offre.confirmation
    if confirmation is None:
        quoi = _quoi(offre)
        return _a_confirmer(
            offre, besoin, contexte, f"{quoi[:1].upper()}{quoi[1:]} n'est pas {_CONFIRME[quoi]}."
        )
    age = (contexte.le - confirmation.le).days
    if age < 0:
        return _a_confirmer(offre, besoin, contexte, "La confirmation porte une date à venir.")
    if age > contexte.parametres["confiance.confirmation_jours"]:
        return _a_confirmer(
            offre,
            besoin,
            contexte,
            f"{confirmation.par} a confirmé le {confirmation.le:%d/%m/%Y} : c'est ancien.",
        )
    return Motif(
        "place", Verdict.OUI, f"Place confirmée par {confirmation.par} le {confirmation.le:%d/%m/%Y}."
    )


def lit_la_place(offre: Candidate) -> Hashable:
    """What decides whether the place is there; who said so changes the sentence alone."""
    if offre.places == 0:
        return "complet"
    if offre.calendrier is not None:
        return offre.calendrier, offre.duree_max_jours
    return (offre.confirmation.le,) if offre.confirmation else ()


def periode(besoin: Besoin, le: date) -> tuple[date, date]:
    """The days a vehicle is needed: the dates, or a month from the first day of a regular need."""
    dates = [p.date for p in besoin.passages if p.date is not None and p.date >= le]
    if dates:
        return min(dates), max(dates)
    debut = max(besoin.premier_jour or le, le)
    return debut, debut + _MOIS


def libres_le(calendrier: CalendrierVivant, passage: Passage) -> int:
    """How many vehicles are free for a dated passage; a night shift keeps one until the next day."""
    assert passage.date is not None
    return calendrier.libres(passage.date, passage.date + timedelta(days=passage.nuits))


def _au_calendrier(offre: Candidate, besoin: Besoin, contexte: Contexte) -> Motif:
    assert offre.calendrier is not None
    datees = [p for p in besoin.passages if p.date is not None and p.date >= contexte.le]
    if datees:
        return _a_ces_dates(offre.calendrier, datees)
    du, au = periode(besoin, contexte.le)
    if offre.duree_max_jours is not None:
        au = min(au, du + timedelta(days=offre.duree_max_jours - 1))
    libres = offre.calendrier.libres(du, au)
    quand = f"du {du:%d/%m} au {au:%d/%m}" if du != au else f"le {du:%d/%m}"
    if libres > 0:
        return _libres(libres, quand)
    jours = [du + timedelta(days=n) for n in range((au - du).days + 1)]
    if not any(offre.calendrier.libres(jour, jour) > 0 for jour in jours):
        return _rien_de_libre(quand)
    reprise = next((jour for jour in jours if offre.calendrier.libres(jour, au) > 0), None)
    quoi = f"un départ à partir du {reprise:%d/%m}" if reprise else "les jours où un véhicule est libre"
    return Motif(
        "place",
        Verdict.A_VERIFIER,
        f"Pris une partie du temps {quand}" + (f" : libre à partir du {reprise:%d/%m}." if reprise else "."),
        (Manque(quoi, offre.structure or "le partenaire"),),
    )


def _a_ces_dates(calendrier: CalendrierVivant, datees: list[Passage]) -> Motif:
    """Free on one date at least: which dates are taken is said date by date, with the trips."""
    libres = {p.date: nombre for p in datees if p.date and (nombre := libres_le(calendrier, p)) > 0}
    jours = sorted(libres or {p.date for p in datees if p.date})
    quand = ", ".join(f"le {jour:%d/%m}" for jour in jours[:5]) + (" …" if len(jours) > 5 else "")
    return _libres(min(libres.values()), quand) if libres else _rien_de_libre(quand)


def _libres(nombre: int, quand: str) -> Motif:
    return Motif("place", Verdict.OUI, f"{nombre} libre{'s' if nombre > 1 else ''} au calendrier {quand}.")


def _rien_de_libre(quand: str) -> Motif:
    return Motif(
        "place",
        Verdict.NON,
        f"Rien de libre au calendrier {quand}.",
        changerait="D'autres jours, ou la liste d'attente.",
    )


def _quoi(offre: Candidate) -> str:
    """An aid has no place to keep: somebody grants it."""
    return "l'accord" if offre.genre in (Genre.AIDE_FINANCIERE, Genre.MICROCREDIT) else "la place"


def _a_confirmer(offre: Candidate, besoin: Besoin, contexte: Contexte, phrase: str) -> Motif:
    qui = offre.structure or "le partenaire"
    if offre.telephone:
        qui = f"{qui} ({offre.telephone.replace(' ', chr(160))})"  # a number is never cut in two
    return Motif(
        "place",
        Verdict.A_VERIFIER,
        phrase,
        (Manque(_quoi(offre), qui, avant=appeler_avant(offre, besoin, contexte.le)),),
    )


def appeler_avant(offre: Candidate, besoin: Besoin, le: date) -> date:
    """The last day to call so that the notice of the offer is still respected (today at the latest)."""
    premier, _ = periode(besoin, le)
    delai = premier_jour_possible(offre, besoin, le) - _demande(besoin, le)
    return max(le, premier - delai)


def premier_jour_possible(offre: Candidate, besoin: Besoin, le: date) -> date:
    """The first day the offer can surely serve when it is asked for as soon as the need is known."""
    jours = ceil((offre.preavis_heures or 0) / 24) + ceil(offre.delai_jours or 0)
    return _demande(besoin, le) + timedelta(days=jours)


def au_plus_tot(offre: Candidate, besoin: Besoin, le: date) -> date:
    """Before that day, surely too late; from there to ``premier_jour_possible`` the hour decides."""
    jours = int((offre.preavis_heures or 0) // 24) + ceil(offre.delai_jours or 0)
    return _demande(besoin, le) + timedelta(days=jours)


def _demande(besoin: Besoin, le: date) -> date:
    """The day the offer is asked for: nobody can book before today, nor before the need is known."""
    return max(le, besoin.connu_le or le)
