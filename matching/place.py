"""Is the place there? Only a live calendar, or a named human on a recent day, says yes."""

from __future__ import annotations

from datetime import date, timedelta

from matching.contexte import Contexte
from matching.faisabilite import premier_jour_possible
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate
from mobilite.verdict import Manque, Motif, Verdict

_MOIS = timedelta(days=29)


def place_confirmee(offre: Candidate, besoin: Besoin, contexte: Contexte) -> Motif:
    """OUI when confirmed, NON when known to be full, else who to call before when."""
    if offre.places == 0:
        return Motif("place", Verdict.NON, "Complet pour le moment.", changerait="Une place qui se libère.")
    if offre.calendrier is not None:
        return _au_calendrier(offre, besoin, contexte)
    confirmation = offre.confirmation
    if confirmation is None:
        return _a_confirmer(offre, besoin, contexte, "La place n'est pas confirmée.")
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


def periode(besoin: Besoin, le: date) -> tuple[date, date]:
    """The days a vehicle is needed: the dates, or a month from the first day of a regular need."""
    dates = [p.date for p in besoin.passages if p.date is not None and p.date >= le]
    if dates:
        return min(dates), max(dates)
    debut = max(besoin.premier_jour or le, le)
    return debut, debut + _MOIS


def _au_calendrier(offre: Candidate, besoin: Besoin, contexte: Contexte) -> Motif:
    assert offre.calendrier is not None
    du, au = periode(besoin, contexte.le)
    if offre.duree_max_jours is not None:
        au = min(au, du + timedelta(days=offre.duree_max_jours - 1))
    libres = offre.calendrier.libres(du, au)
    jours = f"du {du:%d/%m} au {au:%d/%m}" if du != au else f"le {du:%d/%m}"
    if libres > 0:
        return Motif(
            "place", Verdict.OUI, f"{libres} libre{'s' if libres > 1 else ''} au calendrier {jours}."
        )
    return Motif(
        "place",
        Verdict.NON,
        f"Rien de libre au calendrier {jours}.",
        changerait="D'autres jours, ou la liste d'attente.",
    )


def _a_confirmer(offre: Candidate, besoin: Besoin, contexte: Contexte, phrase: str) -> Motif:
    qui = offre.structure or "le partenaire"
    if offre.telephone:
        qui = f"{qui} ({offre.telephone.replace(' ', chr(160))})"  # a number is never cut in two
    return Motif(
        "place",
        Verdict.A_VERIFIER,
        phrase,
        (Manque("la place", qui, avant=appeler_avant(offre, besoin, contexte.le)),),
    )


def appeler_avant(offre: Candidate, besoin: Besoin, le: date) -> date:
    """The last day to call so that the notice of the offer is still respected (today at the latest)."""
    premier, _ = periode(besoin, le)
    delai = premier_jour_possible(offre, besoin, le) - max(le, besoin.connu_le or le)
    return max(le, premier - delai)
