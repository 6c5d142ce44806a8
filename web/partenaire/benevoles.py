"""The volunteers of an association: the list, and one short form for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour
from mobilite.benevole import Absence, Benevole, benevoles_visibles_par
from mobilite.besoin import SEMAINE, Jour
from mobilite.document import Champ
from mobilite.journal import Evenement, consigner
from mobilite.transport_solidaire import PLACES_PASSAGERS_MAX, AccueilFauteuil
from web.acces import acteur_courant
from web.communes import commune_connue, commune_dite
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.horaires import dire_plage
from web.partenaire.espace import partenaire, sa_structure, son_benevole
from web.referentiel import referentiel
from web.telephones import lire_telephone
from web.transaction import lecture, transaction
from web.transports import benevoles_connus

PLAGES_MAX = 4
ABSENCES_MAX = 5
_OUI_NON = {"oui": True, "non": False}


@partenaire.get("/benevoles")
def benevoles() -> str:
    """Who drives: when, with what, how many km this month, papers to look at."""
    with lecture() as session:
        structure = sa_structure(session)
        tous = session.scalars(benevoles_visibles_par(acteur_courant())).all()
        _, connus = benevoles_connus(session, structure.id, [ce_jour()])
        return render_template(
            "partenaire/benevoles.html",
            structure=structure,
            benevoles=sorted(tous, key=lambda b: not b.actif),
            quand={b.id: [dire_plage(p) for p in b.plages() or ()] for b in tous},
            ou={b.id: referentiel().nom(b.commune) for b in tous},
            km={connu.id: connu.km_en(ce_jour()) for connu in connus},
            aujourdhui=ce_jour(),
        )


@partenaire.route("/benevoles/nouveau", methods=["GET", "POST"])
def ajouter_benevole() -> ResponseReturnValue:
    """Register a volunteer: a first name, a telephone and a commune are enough to begin."""
    if request.method != "POST":
        return _page(None, MultiDict(), {})
    f = Formulaire(request.form)
    valeurs = lire_benevole(f)
    if f.erreurs:
        return _page(None, f.saisie, f.erreurs), REFUS
    with transaction() as session:
        structure = sa_structure(session)
        benevole = Benevole(structure=structure, demonstration=structure.demonstration, **valeurs)
        session.add(benevole)
        session.flush()
        session.add(consigner(acteur_courant(), Evenement.BENEVOLE_INSCRIT, benevole))
    flash(f"{valeurs['prenom']} est dans la liste des bénévoles.")
    return redirect(url_for("partenaire.benevoles"), 303)


@partenaire.route("/benevoles/<uuid:uuid>", methods=["GET", "POST"])
def modifier_benevole(uuid: UUID) -> ResponseReturnValue:
    """Correct what is known of a volunteer. What she has already accepted stays accepted."""
    if request.method != "POST":
        with lecture() as session:
            benevole = son_benevole(session, uuid)
            return _page(benevole, _saisie_de(benevole), {})
    f = Formulaire(request.form)
    valeurs = lire_benevole(f)
    with transaction() as session:
        benevole = son_benevole(session, uuid)
        if not f.erreurs:
            for nom, valeur in (valeurs | {"actif": f.coche("actif")}).items():
                setattr(benevole, nom, valeur)
            session.add(consigner(acteur_courant(), Evenement.BENEVOLE_MODIFIE, benevole))
    if f.erreurs:
        return _page(benevole, f.saisie, f.erreurs), REFUS
    flash(f"{benevole.prenom} : c’est à jour.")
    return redirect(url_for("partenaire.benevoles"), 303)


def lire_benevole(f: Formulaire) -> dict[str, Any]:
    """The columns that the form says; errors are left in ``f``. Left empty is « nobody has said »."""
    telephone = f.brut("telephone")
    return {
        "prenom": f.texte("prenom", 80, "Donnez un prénom."),
        "nom": f.texte("nom", 80) or "",
        "telephone": f.lire("telephone", lambda: lire_telephone(telephone)) if telephone else None,
        "commune": f.lire("commune", lambda: commune_dite(f.brut("commune")).insee),
        "disponibilites": _plages(f),
        "places": f.entier("places", 1, PLACES_PASSAGERS_MAX),
        "accueil_fauteuil": f.parmi("accueil_fauteuil", AccueilFauteuil),
        "sieges_enfant": f.entier("sieges_enfant", 0, PLACES_PASSAGERS_MAX),
        "accompagne": _OUI_NON.get(f.brut("accompagne")),
        "zone": _zone(f),
        "km_max_mois": f.entier("km_max_mois", 1, 5000),
        "jusqu_au": f.jour("jusqu_au"),
        "permis_vu_le": _vu(f, "permis_vu_le"),
        "assurance_vue_le": _vu(f, "assurance_vue_le"),
        "absences": _absences(f),
    }


def _vu(f: Formulaire, nom: str) -> date | None:
    vu_le = f.jour(nom)
    if vu_le is not None and vu_le > ce_jour():
        f.erreur(nom, "Ce jour n’est pas encore venu.")
    return vu_le


def _zone(f: Formulaire) -> list[str]:
    connus = {siren for siren, _ in _intercommunalites()}
    return [siren for siren in f.plusieurs("zone") if siren in connus]


def _plages(f: Formulaire) -> list[dict[str, Any]] | None:
    """The windows of hours, ``None`` when no line is filled: nobody has said."""
    plages = []
    for rang in range(1, PLAGES_MAX + 1):
        jours = [j for j in f.plusieurs(f"plage{rang}_jours") if j in set(Jour)]
        if not jours and not f.brut(f"plage{rang}_de") and not f.brut(f"plage{rang}_a"):
            continue
        if not jours:
            f.erreur(f"plage{rang}_jours", "Cochez au moins un jour.")
        de = f.heure(f"plage{rang}_de", "Dites à partir de quelle heure.")
        a = f.heure(f"plage{rang}_a", "Dites jusqu’à quelle heure.")
        if de and a and de >= a:
            f.erreur(f"plage{rang}_a", "L’heure de fin vient après l’heure de début.")
        plages.append({"jours": jours, "de": de, "a": a})
    return plages or None


def _absences(f: Formulaire) -> list[Absence]:
    absences = []
    for rang in range(1, ABSENCES_MAX + 1):
        du, au = f.jour(f"absence{rang}_du"), f.jour(f"absence{rang}_au")
        if du is None and au is not None:
            f.erreur(f"absence{rang}_du", "Dites à partir de quel jour.")
        elif du is not None and au is not None and au < du:
            f.erreur(f"absence{rang}_au", "Le dernier jour vient après le premier.")
        elif du is not None:
            absences.append(Absence(du=du, au=au or du))
    return absences


def _saisie_de(benevole: Benevole) -> MultiDict[str, str]:
    """The form as the volunteer is known."""
    simples: dict[str, Any] = {
        "prenom": benevole.prenom,
        "nom": benevole.nom,
        "telephone": benevole.telephone,
        "commune": commune_connue(benevole.commune).texte,
        "places": benevole.places,
        "accueil_fauteuil": benevole.accueil_fauteuil.value if benevole.accueil_fauteuil else None,
        "sieges_enfant": benevole.sieges_enfant,
        "accompagne": None if benevole.accompagne is None else "oui" if benevole.accompagne else "non",
        "km_max_mois": benevole.km_max_mois,
        "jusqu_au": benevole.jusqu_au,
        "permis_vu_le": benevole.permis_vu_le,
        "assurance_vue_le": benevole.assurance_vue_le,
        "actif": "oui" if benevole.actif else None,
    }
    saisie: MultiDict[str, str] = MultiDict({cle: str(v) for cle, v in simples.items() if v is not None})
    saisie.setlist("zone", [str(siren) for siren in benevole.zone])
    for rang, plage in enumerate(Champ(benevole.disponibilites or []).liste()[:PLAGES_MAX], start=1):
        saisie.setlist(f"plage{rang}_jours", plage.valeur.get("jours") or list(SEMAINE))
        saisie[f"plage{rang}_de"], saisie[f"plage{rang}_a"] = plage.valeur["de"], plage.valeur["a"]
    a_venir = [absence for absence in benevole.absences if absence.au >= ce_jour()]
    for rang, absence in enumerate(a_venir[:ABSENCES_MAX], start=1):
        saisie[f"absence{rang}_du"] = absence.du.isoformat()
        saisie[f"absence{rang}_au"] = absence.au.isoformat()
    return saisie


def _intercommunalites() -> list[tuple[str, str]]:
    """SIREN and name of those of the département, by name."""
    communes = referentiel().territoire.communes_du_departement()
    return sorted({(c.epci_siren, c.epci_nom) for c in communes}, key=lambda e: e[1])


def _page(benevole: Benevole | None, saisie: MultiDict[str, str], erreurs: Mapping[str, str]) -> str:
    return render_template(
        "partenaire/benevole.html",
        benevole=benevole,
        saisie=saisie,
        erreurs=dict(erreurs),
        jours=[(jour.value, jour.libelle) for jour in SEMAINE],
        accueils=[(accueil.value, accueil.libelle) for accueil in AccueilFauteuil],
        oui_non=[("oui", "Oui"), ("non", "Non")],
        epci=_intercommunalites(),
        plages_max=PLAGES_MAX,
        absences_max=ABSENCES_MAX,
        aujourdhui=ce_jour(),
    )
