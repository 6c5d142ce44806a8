"""The needs of a dossier: where, why, when, with whom; noted as said, checked as the engine reads them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, maintenant
from mobilite.besoin import SEMAINE, MotifDeplacement
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import BesoinExprime, Personne
from mobilite.situation import ACCOMPAGNANTS, BESOINS_MAX
from web.acces import acteur_courant
from web.communes import RIEN_DIT, CommuneDite, commune_connue, lire_commune
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.conseiller.identite import jour_dit
from web.conseiller.libelles import ACCOMPAGNANTS as NOMS_ACCOMPAGNANTS
from web.conseiller.passages import (
    DATES_MAX,
    LIGNES_MAX,
    OUVRES,
    DateDite,
    LigneDite,
    dates_dites,
    dates_du_document,
    en_cycle,
    en_dates,
    lignes_dites,
    lignes_du_document,
    trois_huit,
)
from web.erreurs import REFUS
from web.formats import majuscule
from web.referentiel import referentiel
from web.transaction import transaction

QUAND = (("semaine", "Une semaine type"), ("dates", "Des dates"), ("", "Pas encore dit"))
ENFANTS_MAX = 9
_AUTRE_LIEU = "autre"
_MINUTES = re.compile(r"[0-9]{1,3}([.,][0-9]+)?")


@dataclass(slots=True)
class BesoinSaisi:
    """The form as typed, what is wrong in it, and what it becomes when nothing is."""

    destination: CommuneDite = RIEN_DIT
    lieu_libre: str = ""
    minutes: str = ""
    motif: str = ""
    premier_jour: str = ""
    connu_le: str = ""
    quand: str = "semaine"
    lignes: list[LigneDite] = field(default_factory=lambda: [LigneDite()])
    dates: list[DateDite] = field(default_factory=lambda: [DateDite()])
    avec: list[str] = field(default_factory=list)
    enfants: str = "1"
    aujourdhui: str = ""
    erreurs: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def ecrire(self, besoin: BesoinExprime) -> None:
        """Put what was read into the need."""
        d = self.document
        libre = d.get("lieu_libre", {})
        besoin.destination = d.get("destination")
        besoin.lieu_libre, besoin.lieu_libre_minutes = libre.get("nom"), libre.get("minutes")
        besoin.motif = MotifDeplacement(d["motif"]) if "motif" in d else None
        besoin.premier_jour = _jour(d, "premier_jour")
        besoin.connu_le = _jour(d, "connu_le")
        besoin.passages = {cle: d[cle] for cle in ("dates", "cycle") if cle in d}
        besoin.avec = d.get("avec", [])
        besoin.aujourdhui = d.get("aujourdhui", "")


def _jour(document: Mapping[str, Any], nom: str) -> date | None:
    """A day of the document, which has just been read."""
    return date.fromisoformat(document[nom]) if nom in document else None


def besoin_saisi(besoin: BesoinExprime) -> BesoinSaisi:
    """The form as the need stands."""
    compte = _compter(besoin.avec)
    minutes = besoin.lieu_libre_minutes
    return BesoinSaisi(
        destination=commune_connue(besoin.destination),
        lieu_libre=besoin.lieu_libre or "",
        minutes=f"{minutes:g}".replace(".", ",") if minutes else "",
        motif=besoin.motif.value if besoin.motif else "",
        premier_jour=besoin.premier_jour.isoformat() if besoin.premier_jour else "",
        connu_le=besoin.connu_le.isoformat() if besoin.connu_le else "",
        quand="dates" if besoin.passages.get("dates") else "semaine" if besoin.passages.get("cycle") else "",
        lignes=lignes_du_document(besoin.passages),
        dates=dates_du_document(besoin.passages),
        avec=list(compte),
        enfants=str(compte.get("enfant", 1)),
        aujourdhui=besoin.aujourdhui,
    )


def lire_besoin(formulaire: MultiDict[str, str]) -> BesoinSaisi:
    """Read the form into a need of the situation document; look at ``erreurs`` before writing."""
    saisi = BesoinSaisi(
        destination=lire_commune(formulaire, "destination"),
        lieu_libre=formulaire.get("lieu_libre", "").strip(),
        minutes=formulaire.get("minutes", "").strip(),
        motif=formulaire.get("motif", ""),
        premier_jour=formulaire.get("premier_jour", "").strip(),
        connu_le=formulaire.get("connu_le", "").strip(),
        quand=formulaire.get("quand", ""),
        lignes=lignes_dites(formulaire),
        dates=dates_dites(formulaire),
        avec=[qui for qui in ACCOMPAGNANTS if qui in formulaire.getlist("avec")],
        enfants=formulaire.get("enfants", "1").strip(),
        aujourdhui=formulaire.get("aujourdhui", "").strip(),
    )
    if saisi.quand not in dict(QUAND):
        saisi.quand = ""
    document = saisi.document
    _lire_destination(saisi, formulaire.get("destination_insee") == _AUTRE_LIEU)
    if saisi.motif in set(MotifDeplacement):
        document["motif"] = saisi.motif
    for nom in ("premier_jour", "connu_le"):
        jour = jour_dit(saisi.erreurs, nom, getattr(saisi, nom))
        if jour is not None:
            document[nom] = jour.isoformat()
    document |= _quand(saisi)
    if saisi.avec:
        document["avec"] = _avec(saisi)
    if saisi.aujourdhui:
        document["aujourdhui"] = saisi.aujourdhui
    if not saisi.erreurs:
        _relire(saisi)
    return saisi


def _lire_destination(saisi: BesoinSaisi, autre: bool) -> None:
    """A commune, or a place outside: a text that is no commune known here is such a place, to check."""
    dite = saisi.destination
    if dite.texte and saisi.lieu_libre:
        saisi.erreurs["destination"] = "Gardez la commune ou l'autre lieu, pas les deux."
    elif dite.insee:
        saisi.document["destination"] = dite.insee
    elif dite.choix and not autre:
        saisi.erreurs["destination"] = dite.erreur
    elif dite.texte or saisi.lieu_libre:
        nom = saisi.lieu_libre or dite.texte
        saisi.document["lieu_libre"] = {"nom": nom}
        if dite.texte:
            saisi.note = f"« {nom} » n'est pas une commune connue ici : le trajet reste à vérifier."
        _lire_minutes(saisi)
    else:
        saisi.erreurs["destination"] = "Dites où : une commune, ou un autre lieu."


def _lire_minutes(saisi: BesoinSaisi) -> None:
    if not saisi.minutes:
        return
    minutes = float(saisi.minutes.replace(",", ".")) if _MINUTES.fullmatch(saisi.minutes) else 0
    if 1 <= minutes <= 600:
        saisi.document["lieu_libre"]["minutes"] = minutes
    else:
        saisi.erreurs["minutes"] = "Écrivez un nombre de minutes, de 1 à 600, ou laissez vide."


def _quand(saisi: BesoinSaisi) -> dict[str, Any]:
    """The lines of what was chosen; nothing chosen but something typed is not lost."""
    if not saisi.quand:
        if any(not une.vide for une in saisi.dates):
            saisi.quand = "dates"
        elif any(ligne.arrivee or ligne.retour for ligne in saisi.lignes):
            saisi.quand = "semaine"
    if saisi.quand == "dates":
        return en_dates(saisi.dates, saisi.erreurs)
    return en_cycle(saisi.lignes, saisi.erreurs) if saisi.quand == "semaine" else {}


def _avec(saisi: BesoinSaisi) -> list[Any]:
    enfants = int(saisi.enfants) if saisi.enfants.isdecimal() else 0
    if "enfant" in saisi.avec and not 1 <= enfants <= ENFANTS_MAX:
        saisi.erreurs["enfants"] = f"Écrivez combien d'enfants, de 1 à {ENFANTS_MAX}."
    return [
        {"type": qui, "nombre": enfants} if qui == "enfant" and enfants > 1 else qui for qui in saisi.avec
    ]


def _compter(avec: list[Any]) -> Counter[str]:
    compte: Counter[str] = Counter()
    for qui in avec:
        compte[qui["type"] if isinstance(qui, dict) else qui] += (
            qui.get("nombre", 1) if isinstance(qui, dict) else 1
        )
    return compte


def _relire(saisi: BesoinSaisi) -> None:
    """The reader of the documented format has the last word."""
    champ = Champ({"besoins": [saisi.document]})
    try:
        referentiel().lecteur_situation.lire(champ)
    except DonneeRefusee as refus:
        nom = refus.champ.removeprefix("besoins[0].").partition(".")[0].partition("[")[0]
        connu = {"lieu_libre": "lieu_libre", "aujourdhui": "aujourdhui", "destination": "destination"}
        saisi.erreurs[connu.get(nom, "")] = majuscule(refus.raison)


@conseiller.route("/dossiers/<uuid:uuid>/besoins/nouveau", methods=["GET", "POST"])
def nouveau_besoin(uuid: UUID) -> ResponseReturnValue:
    """Note a need."""
    if request.method == "GET":
        personne = consulter(uuid)
        saisi = BesoinSaisi(connu_le=ce_jour().isoformat())
        return _page(personne, saisi)
    return _enregistrer(uuid, None)


@conseiller.route("/dossiers/<uuid:uuid>/besoins/<uuid:besoin_uuid>", methods=["GET", "POST"])
def besoin(uuid: UUID, besoin_uuid: UUID) -> ResponseReturnValue:
    """Change a need."""
    if request.method == "GET":
        personne = consulter(uuid)
        vise = _le_besoin(personne, besoin_uuid)
        return _page(personne, besoin_saisi(vise), vise)
    return _enregistrer(uuid, besoin_uuid)


@conseiller.post("/dossiers/<uuid:uuid>/besoins/<uuid:besoin_uuid>/retirer")
def retirer_besoin(uuid: UUID, besoin_uuid: UUID) -> ResponseReturnValue:
    """Take a need away: it was a mistake, or it is over."""
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        vise = _le_besoin(personne, besoin_uuid)
        session.add(consigner(acteur_courant(), Evenement.BESOIN_RETIRE, vise))
        personne.besoins.remove(vise)
        personne.modifiee_le = maintenant()
    dire_enregistre("Le besoin est retiré.")
    return redirect(url_for("conseiller.dossier", uuid=uuid), 303)


def _enregistrer(uuid: UUID, besoin_uuid: UUID | None) -> ResponseReturnValue:
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        vise = _le_besoin(personne, besoin_uuid) if besoin_uuid else None
        saisi = lire_besoin(request.form)
        visee = _geste(saisi, request.form.get("geste", ""))
        if vise is None and len(personne.besoins) >= BESOINS_MAX:
            saisi.erreurs[""] = f"Un dossier tient en {BESOINS_MAX} besoins : retirez ceux qui sont finis."
        if visee or saisi.erreurs:
            return _page(personne, saisi, vise, visee), 200 if visee else REFUS
        if vise is None:
            vise = BesoinExprime(lieu_libre="à dire", rang=len(personne.besoins))
            personne.besoins.append(vise)
        saisi.ecrire(vise)
        personne.modifiee_le = maintenant()
        session.flush()
        session.add(consigner(acteur, Evenement.BESOIN_NOTE, vise))
    dire_enregistre()
    if saisi.note:
        flash(saisi.note)
    return redirect(url_for("conseiller.dossier", uuid=uuid), 303)


def _geste(saisi: BesoinSaisi, geste: str) -> str:
    """What the other buttons of the form do; gives the field to start from again, or nothing."""
    nom, _, suite = geste.partition("-")
    rang = int(suite) if suite.isdecimal() and int(suite) < len(saisi.lignes) else 0
    match nom:
        case "ouvres":
            saisi.lignes[rang] = replace(saisi.lignes[rang], jours=OUVRES)
            saisi.quand, visee = "semaine", f"champ-arrivee-{rang}"
        case "ajouter_ligne" if len(saisi.lignes) < LIGNES_MAX:
            derniere = saisi.lignes[-1]
            saisi.lignes.append(LigneDite(semaine=derniere.semaine))
            saisi.quand, visee = "semaine", f"champ-semaine-{len(saisi.lignes) - 1}"
        case "ajouter_date" if len(saisi.dates) < DATES_MAX:
            saisi.dates.append(DateDite(arrivee=saisi.dates[-1].arrivee, retour=saisi.dates[-1].retour))
            saisi.quand, visee = "dates", f"champ-date-{len(saisi.dates) - 1}"
        case "trois_huit":
            saisi.lignes = trois_huit()
            saisi.quand, visee = "semaine", "champ-semaine-0"
        case "reprendre":  # back from « Mettre en attente », with what was being typed
            visee = "enregistrer-besoin"
        case _:
            return ""
    saisi.erreurs = {}
    return visee


def _le_besoin(personne: Personne, uuid: UUID) -> BesoinExprime:
    vise = next((b for b in personne.besoins if b.uuid == uuid), None)
    if vise is None:
        abort(404)
    return vise


def _page(personne: Personne, saisi: BesoinSaisi, vise: BesoinExprime | None = None, visee: str = "") -> str:
    return render_template(
        "conseiller/besoin.html",
        personne=personne,
        besoin=vise,
        saisi=saisi,
        erreurs=saisi.erreurs,
        visee=visee,
        quand=QUAND,
        motifs=[(motif.value, motif.libelle.capitalize()) for motif in MotifDeplacement],
        jours=[(jour.value, jour.libelle) for jour in SEMAINE],
        accompagnants=[(qui, noms[0].capitalize()) for qui, noms in NOMS_ACCOMPAGNANTS.items()],
    )
