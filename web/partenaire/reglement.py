"""« Règles de la flotte »: what a structure asks of those who borrow the vehicles of an offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import maintenant
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.horaires import EXEMPLE, lire_horaires
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.reglement import Reglement, periodes, reglement_de
from mobilite.regles_de_flotte import SANS_REGLE, TENUE, Sejour
from web.acces import acteur_courant
from web.affiche import documents_a_voir
from web.erreurs import REFUS
from web.formats import euros
from web.formulaire import Formulaire
from web.jours import lire_jour
from web.partenaire.espace import partenaire, sa_flotte
from web.referentiel import referentiel
from web.transaction import lecture, transaction

FERMETURES_MAX = 30
_ENTIERS = {
    "tampon_heures": (0, 336),
    "tenue_heures": (1, 720),
    "renouvellements_max": (0, 36),
    "reservations_par_mois": (1, 31),
    "jours_par_30_jours": (1, 30),
}
"""The whole numbers of the form, with their bounds."""


@partenaire.get("/offres/<uuid:uuid>/regles")
def regles_de_la_flotte(uuid: UUID) -> str:
    """The rules as they are, and in the words people read."""
    with lecture() as session:
        offre = sa_flotte(session, uuid)
        reglement = session.scalar(reglement_de(offre.id))
        return _page(offre, reglement, _saisie(reglement), {})


@partenaire.post("/offres/<uuid:uuid>/regles")
def ecrire_les_regles(uuid: UUID) -> ResponseReturnValue:
    """Write them: they hold for the requests to come; what is booked stays booked."""
    f = Formulaire(request.form)
    with transaction() as session:
        offre = sa_flotte(session, uuid)
        reglement = session.scalar(reglement_de(offre.id))
        valeurs = _lire(f)
        if not f.erreurs:
            _ecrire(session, offre, reglement, valeurs)
    if f.erreurs:
        return _page(offre, reglement, f.saisie, f.erreurs), REFUS
    flash("Les règles sont enregistrées. Elles valent pour les prochaines demandes.")
    return redirect(url_for("partenaire.regles_de_la_flotte", uuid=uuid), 303)


def _lire(f: Formulaire) -> dict[str, object]:
    """The values of the columns; what does not fit is named in ``f.erreurs``."""
    valeurs: dict[str, object] = {nom: f.entier(nom, *bornes) for nom, bornes in _ENTIERS.items()}
    valeurs["tampon_heures"] = valeurs["tampon_heures"] or 0
    valeurs["tenue_heures"] = valeurs["tenue_heures"] or round(TENUE / timedelta(hours=1))
    ouvertures = f.brut("ouvertures")
    try:
        lire_horaires(ouvertures)
    except ValueError as refus:
        f.erreur("ouvertures", str(refus))
    valeurs["ouvertures"] = ouvertures
    fermetures = [f.lire("fermetures", partial(_fermeture, ligne)) for ligne in _lignes(f)]
    valeurs["fermetures"] = [
        {"du": du.isoformat(), "au": au.isoformat()} for du, au in sorted(p for p in fermetures if p)
    ]
    valeurs["prescription_requise"] = f.coche("prescription_requise")
    valeurs["caution_dispensable"] = not f.coche("caution_toujours")
    return valeurs


def _lignes(f: Formulaire) -> list[str]:
    return f.lignes("fermetures", FERMETURES_MAX, 60)


def _fermeture(ligne: str) -> Sejour:
    """« 24/12/2026 » or « 24/12/2026 - 02/01/2027 »."""
    du, _, au = ligne.replace(" au ", "-").replace("–", "-").removeprefix("du ").partition("-")
    premier = lire_jour(du.strip())
    dernier = lire_jour(au.strip()) if au.strip() else premier
    if dernier < premier:
        raise DonneeRefusee("", f"« {ligne} » : le dernier jour vient avant le premier.")
    return premier, dernier


def _ecrire(
    session: Session, offre: Offre, reglement: Reglement | None, valeurs: Mapping[str, object]
) -> None:
    if reglement is None:
        reglement = Reglement(offre=offre)
        session.add(reglement)
    for nom, valeur in valeurs.items():
        setattr(reglement, nom, valeur)
    reglement.modifie_le = maintenant()
    session.flush()
    session.add(consigner(acteur_courant(), Evenement.REGLEMENT_ECRIT, reglement, offre=offre.code))


def _saisie(reglement: Reglement | None) -> MultiDict[str, str]:
    """The form as it would be typed."""
    saisie: MultiDict[str, str] = MultiDict()
    if reglement is None:
        return saisie
    for nom in _ENTIERS:
        valeur = getattr(reglement, nom)
        saisie[nom] = "" if valeur is None else str(valeur)
    saisie["ouvertures"] = reglement.ouvertures
    saisie["fermetures"] = "\n".join(_dire(du, au) for du, au in periodes(reglement.fermetures))
    if reglement.prescription_requise:
        saisie["prescription_requise"] = "oui"
    if not reglement.caution_dispensable:
        saisie["caution_toujours"] = "oui"
    return saisie


def _dire(du: date, au: date) -> str:
    return f"{du:%d/%m/%Y}" if du == au else f"{du:%d/%m/%Y} - {au:%d/%m/%Y}"


def _page(
    offre: Offre, reglement: Reglement | None, saisie: MultiDict[str, str], erreurs: Mapping[str, str]
) -> str:
    regles = SANS_REGLE if reglement is None else reglement.regles()
    return render_template(
        "partenaire/regles.html",
        offre=offre,
        ecrites=reglement is not None,
        phrases=regles.en_phrases,
        fiche=_de_la_fiche(offre),
        exemple=EXEMPLE,
        saisie=saisie,
        erreurs=dict(erreurs),
    )


def _de_la_fiche(offre: Offre) -> list[tuple[str, str]]:
    """What the sheet of the offer says already, and is changed there."""
    candidate = referentiel().lecteur_offres.lire(Champ(offre.document()))
    jours, heures = candidate.delai_jours or 0, candidate.preavis_heures or 0
    preavis = [f"{jours:g} jour{'s' if jours > 1 else ''}"] * bool(jours) + [f"{heures:g} heures"] * bool(
        heures
    )
    return [
        ("Délai avant le départ", " et ".join(preavis) or "aucun"),
        (
            "Durée la plus longue",
            f"{candidate.duree_max_jours} jours" if candidate.duree_max_jours else "pas de limite",
        ),
        (
            "Kilomètres par jour",
            f"{candidate.km_max_jour:g} au plus" if candidate.km_max_jour else "pas de limite",
        ),
        ("Caution", euros(candidate.prix.caution) if candidate.prix.caution else "aucune"),
        ("Papiers à montrer", ", ".join(documents_a_voir(candidate)) or "aucun"),
    ]
