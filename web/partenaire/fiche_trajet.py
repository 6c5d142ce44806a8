"""The form of a driver's trip: from what was typed to the trip, and back."""

from __future__ import annotations

from datetime import date

from werkzeug.datastructures import MultiDict

from mobilite.besoin import SEMAINE
from mobilite.conducteur import BesoinABord
from mobilite.covoiturage import TrajetInscrit
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from web.communes import commune_connue, commune_dite
from web.formulaire import Formulaire
from web.lecture_conducteurs import lire_dates, verifier
from web.telephones import lire_telephone


def remplir(trajet: TrajetInscrit, f: Formulaire) -> None:
    """Put what the form says in the trip; errors are left in ``f``."""
    trajet.conducteur = (
        f.texte("conducteur", 80, "Dites qui conduit : un prénom suffit.") or trajet.conducteur
    )
    telephone = f.brut("telephone")
    trajet.telephone = f.lire("telephone", lambda: lire_telephone(telephone)) if telephone else None
    depart = f.lire("depart", lambda: commune_dite(f.brut("depart"), "depart"))
    arrivee = f.lire("arrivee", lambda: commune_dite(f.brut("arrivee"), "arrivee"))
    if depart is not None and arrivee is not None:
        if depart.insee != trajet.depart:
            trajet.depart_lon = trajet.depart_lat = None
        if arrivee.insee != trajet.arrivee:
            trajet.arrivee_lon = trajet.arrivee_lat = None
        trajet.depart, trajet.arrivee = depart.insee, arrivee.insee
    trajet.jours = [j.value for j in SEMAINE if j.value in f.plusieurs("jours")]
    dates = f.lire("dates", lambda: lire_dates(f.brut("dates")))
    trajet.dates = [d.isoformat() for d in dates or ()]
    trajet.du, trajet.au = f.jour("du"), f.jour("au")
    trajet.heure = _heure(f, "heure", "Dites à quelle heure il part.") or 0
    trajet.arrivee_max = _heure(f, "arrivee_max") if f.brut("arrivee_max") else None
    trajet.heure_retour = _heure(f, "retour") if f.brut("retour") else None
    trajet.souplesse = f.entier("souplesse", 0, 120) or 0
    trajet.places = f.entier("places", 1, 8)
    trajet.detour_max = f.entier("detour_max", 0, 120)
    trajet.a_bord = {
        b.value: f.brut(b.value) == "oui" for b in BesoinABord if f.brut(b.value) in ("oui", "non")
    }
    if not f.erreurs:
        try:
            verifier(trajet)
        except DonneeRefusee as refus:
            f.erreur(refus.champ, refus.raison)


def _heure(f: Formulaire, nom: str, absent: str = "") -> int | None:
    texte = f.heure(nom, absent)
    return None if texte is None else Champ(texte, nom).heure()


def saisie_du_trajet(trajet: TrajetInscrit) -> MultiDict[str, str]:
    """The form as it stands for a trip already registered."""
    valeurs = {
        "conducteur": trajet.conducteur,
        "telephone": trajet.telephone,
        "depart": commune_connue(trajet.depart).texte,
        "arrivee": commune_connue(trajet.arrivee).texte,
        "dates": ", ".join(f"{date.fromisoformat(d):%d/%m/%Y}" for d in trajet.dates),
        "du": trajet.du,
        "au": trajet.au,
        "heure": _en_hhmm(trajet.heure),
        "arrivee_max": _en_hhmm(trajet.arrivee_max),
        "retour": _en_hhmm(trajet.heure_retour),
        "souplesse": trajet.souplesse,
        "places": trajet.places,
        "detour_max": trajet.detour_max,
        "version": trajet.version,
    }
    saisie = MultiDict({cle: "" if valeur is None else str(valeur) for cle, valeur in valeurs.items()})
    saisie.setlist("jours", list(trajet.jours))
    for besoin, oui in trajet.a_bord.items():
        saisie[besoin] = "oui" if oui else "non"
    return saisie


def _en_hhmm(minutes: int | None) -> str | None:
    return None if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"
