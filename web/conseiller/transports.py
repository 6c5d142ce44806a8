"""Asking an association for a volunteer: the need filled in, the law asked, the answer followed in the dossier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour
from mobilite.besoin import Besoin, MotifDeplacement, Passage
from mobilite.candidate import Genre
from mobilite.course_solidaire import CourseSolidaire, EtatDemande, StatutCourse, etat_de
from mobilite.demande_transport import (
    DemandeDeTransport,
    StatutDemande,
    TransportInterdit,
    demandes_de_transport_visibles_par,
)
from mobilite.document import Champ
from mobilite.erreurs import RegleMetier
from mobilite.lieux import Lieu
from mobilite.offre import Offre, StatutOffre, offres_visibles_par
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.transport_solidaire import PLACES_PASSAGERS_MAX, Fauteuil, Retour
from web import transports as actes
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.communes import commune_connue, commune_dite
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.propositions import situation_de
from web.referentiel import referentiel
from web.transaction import bd, reessayer, transaction

SEMAINES_MAX = 4
RECENT = timedelta(days=30)
_HEURES = (("arriver", "Arriver à"), ("partir", "Partir à"))


@dataclass(frozen=True, slots=True)
class TransportSuivi:
    """A request as the dossier shows it."""

    demande: DemandeDeTransport
    etat: EtatDemande
    acceptees: tuple[CourseSolidaire, ...]
    depart: str
    arrivee: str

    @property
    def annulable(self) -> bool:
        """Whether it can still be given up."""
        return self.demande.statut is StatutDemande.OUVERTE and self.etat not in (
            EtatDemande.CONDUITE,
            EtatDemande.PASSEE,
        )


def transports_suivis(session: Session, personne: Personne) -> list[TransportSuivi]:
    """Where her requests for a volunteer stand: those to come, and those of the last month."""
    visibles = demandes_de_transport_visibles_par(acteur_courant()).where(
        DemandeDeTransport.personne_id == personne.id, DemandeDeTransport.jour >= ce_jour() - RECENT
    )
    demandes = session.scalars(visibles).all()
    courses = actes.courses_de(session, demandes)
    return [
        TransportSuivi(
            demande,
            etat_de(demande, courses[demande.id], ce_jour()),
            tuple(
                c for c in courses[demande.id] if c.statut in (StatutCourse.ACCEPTEE, StatutCourse.CONDUITE)
            ),
            referentiel().nom(demande.depart),
            referentiel().nom(demande.arrivee),
        )
        for demande in demandes
    ]


@conseiller.route("/dossiers/<uuid:uuid>/transport/<code>", methods=["GET", "POST"])
def demander_transport(uuid: UUID, code: str) -> ResponseReturnValue:
    """One day, the need filled in; sent, it waits in the association's list."""
    if request.method != "POST":
        personne, offre = consulter(uuid), _offre(bd.session, code)
        _exiger_ses_lieux(personne)
        saisie = _saisie_du_besoin(personne, request.args.get("besoin", ""))
        return _page(personne, offre, saisie, {})
    f = Formulaire(request.form)
    try:
        personne, offre, combien = _demander(uuid, code, f)
    except RegleMetier as refus:
        with bd.session as session:
            personne, offre = ouvrir_dossier(session, uuid), _offre(session, code)
            champ = "" if isinstance(refus, TransportInterdit) else "jour"
            return _page(personne, offre, f.saisie, {champ: refus.phrase}), REFUS
    if f.erreurs:
        return _page(personne, offre, f.saisie, f.erreurs), REFUS
    pluriel = "s" if combien > 1 else ""
    flash(f"{combien} demande{pluriel} envoyée{pluriel} à {offre.structure.nom}.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#transports", 303)


@reessayer
def _demander(uuid: UUID, code: str, f: Formulaire) -> tuple[Personne, Offre, int]:
    with transaction() as session:
        personne, offre = ouvrir_dossier(session, uuid), _offre(session, code)
        _exiger_ses_lieux(personne)
        f.erreurs.clear()
        valeurs, semaines = lire_demande(f, personne)
        if f.erreurs:
            return personne, offre, 0
        for rang in range(semaines):
            demande = DemandeDeTransport(
                structure_id=offre.structure_id,
                personne_id=personne.id,
                offre_nom=offre.nom,
                demandee_par=acteur_courant().id,
                demonstration=personne.demonstration,
                cle_idempotence=f"{f.brut('cle')[:64]}:{rang}",
                **(valeurs | {"jour": valeurs["jour"] + timedelta(weeks=rang)}),
            )
            actes.demander(session, demande, personne, par=acteur_courant())
        return personne, offre, semaines


@conseiller.post("/dossiers/<uuid:uuid>/transports/<uuid:demande_uuid>/annuler")
def annuler_transport(uuid: UUID, demande_uuid: UUID) -> ResponseReturnValue:
    """Give a request up: the volunteer is free again."""
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        visibles = demandes_de_transport_visibles_par(acteur_courant()).where(
            DemandeDeTransport.personne_id == personne.id, DemandeDeTransport.uuid == demande_uuid
        )
        demande = session.scalars(visibles).one()
        actes.clore(session, demande, StatutDemande.ANNULEE, par=acteur_courant())
    flash("La demande de transport est annulée.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#transports", 303)


def _offre(session: Session, code: str) -> Offre:
    """An open offer of volunteers; anything else is a 404."""
    return session.scalars(
        offres_visibles_par(acteur_courant()).where(
            Offre.code == code, Offre.genre == Genre.TRANSPORT_SOLIDAIRE, Offre.statut == StatutOffre.OUVERTE
        )
    ).one()


def _exiger_ses_lieux(personne: Personne) -> None:
    """Who may not see where she leaves from cannot send somebody there."""
    if not personne.coordonnees_visibles_par(acteur_courant()):
        abort(404)


def lire_demande(f: Formulaire, personne: Personne) -> tuple[dict[str, Any], int]:
    """The columns the form says and for how many weeks; errors are left in ``f``."""
    jour = f.jour("jour")
    if jour is None:
        f.erreur("jour", "Dites quel jour.")
    elif jour < ce_jour():
        f.erreur("jour", "Ce jour est passé.")
    depart = f.lire("depart", lambda: commune_dite(f.brut("depart"), "depart").insee)
    arrivee = f.lire("arrivee", lambda: commune_dite(f.brut("arrivee"), "arrivee").insee)
    minute = _minute(f, "heure", "Dites à quelle heure.")
    retour = f.parmi("retour", Retour)
    if retour is None:
        f.erreur("retour", "Dites comment elle revient.")
    repart = None
    if retour is not None and retour is not Retour.SANS:
        repart = _minute(f, "repart_a", "Dites à quelle heure elle peut repartir.")
        if repart is not None and minute is not None and repart <= minute:
            f.erreur("repart_a", "Le retour vient après l’aller, le même jour.")
    passagers = f.entier("passagers", 1, PLACES_PASSAGERS_MAX)
    besoins = {str(b.uuid): b.uuid for b in personne.besoins}
    arriver = f.brut("heure_de") != "partir"
    semaines = f.entier("semaines", 1, SEMAINES_MAX)
    return {
        "jour": jour,
        "depart": depart,
        "arrivee": arrivee,
        "lieu_depart": f.texte("lieu_depart", 200) or "",
        "lieu_arrivee": f.texte("lieu_arrivee", 200) or "",
        "arriver_a": minute if arriver else None,
        "partir_a": None if arriver else minute,
        "retour": retour,
        "repart_a": repart,
        "passagers": passagers or 1,
        "fauteuil": f.parmi("fauteuil", Fauteuil),
        "sieges_enfant": f.entier("sieges_enfant", 0, PLACES_PASSAGERS_MAX) or 0,
        "accompagnement": f.coche("accompagnement"),
        "besoin": besoins.get(f.brut("besoin")),
        "motif": f.parmi("motif", MotifDeplacement),
    }, semaines or 1


def _minute(f: Formulaire, nom: str, absent: str) -> int | None:
    texte = f.heure(nom, absent)
    return None if texte is None else Champ(texte).heure()


def _saisie_du_besoin(personne: Personne, besoin_uuid: str) -> MultiDict[str, str]:
    """The form as her need and her answers say; what nobody said (a wheelchair) stays to be asked."""
    situation = situation_de(personne)
    besoin = next((b for b in situation.besoins if b.id == besoin_uuid), None)
    saisie: MultiDict[str, str] = MultiDict(
        {
            "cle": nouvelle_cle(),
            "heure_de": "arriver",
            "passagers": "1",
            "sieges_enfant": "0",
            "semaines": "1",
        }
    )
    jour, passage = _prochain(besoin) if besoin else (None, None)
    depart = situation.depart_le(jour or ce_jour())
    faits = referentiel().faits(situation, ce_jour())
    if faits.get("besoin_accompagnement") is True:
        saisie["accompagnement"] = "oui"
    if faits.get("fauteuil") is False and (besoin is None or "fauteuil" not in besoin.avec):
        saisie["fauteuil"] = Fauteuil.AUCUN.value
    saisie["depart"] = commune_connue(depart.insee if depart else None).texte
    if besoin is None:
        return saisie
    saisie["besoin"], saisie["motif"] = besoin.id, besoin.motif.value if besoin.motif else ""
    if isinstance(besoin.destination, Lieu):
        saisie["arrivee"] = commune_connue(besoin.destination.insee).texte
    saisie |= dict(_heures(passage))
    if jour is not None:
        saisie["jour"] = jour.isoformat()
    avec = Counter(besoin.avec)
    saisie["passagers"] = str(1 + avec["enfant"] + avec["bebe"] + avec["adulte"])
    saisie["sieges_enfant"] = str(avec["enfant"] + avec["bebe"])
    return saisie


def _heures(passage: Passage | None) -> Iterator[tuple[str, str]]:
    if passage is None:
        return
    if passage.arrivee is not None:
        yield "heure", _hhmm(passage.arrivee)
    if passage.retour is not None and not passage.nuits:
        yield "repart_a", _hhmm(passage.retour)
        sur_place = passage.retour - (passage.arrivee if passage.arrivee is not None else passage.retour)
        attend = sur_place <= parametres(ce_jour())["solidaire.attendre_max_min"]
        yield "retour", (Retour.ATTENTE if attend else Retour.SECOND_TRAJET).value
    if passage.retour is None:
        yield "retour", Retour.SANS.value


def _hhmm(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _prochain(besoin: Besoin) -> tuple[date | None, Passage | None]:
    """The next day the need happens, from tomorrow on."""
    demain = max(ce_jour() + timedelta(days=1), besoin.premier_jour or date.min)
    a_venir = [
        (p.date or demain + timedelta(days=(p.jour.rang - demain.weekday()) % 7), p) for p in besoin.passages
    ]
    futurs = [(jour, p) for jour, p in a_venir if jour >= demain]
    return min(futurs, key=lambda x: x[0]) if futurs else (None, None)


def _page(personne: Personne, offre: Offre, saisie: MultiDict[str, str], erreurs: Mapping[str, str]) -> str:
    return render_template(
        "conseiller/transport.html",
        personne=personne,
        offre=offre,
        saisie=saisie,
        erreurs=dict(erreurs),
        heures=_HEURES,
        retours=[(retour.value, retour.libelle) for retour in Retour],
        fauteuils=[(fauteuil.value, fauteuil.libelle) for fauteuil in Fauteuil],
        semaines=[("1", "Ce jour seulement")]
        + [(str(n), f"Le même jour, {n} semaines de suite") for n in range(2, SEMAINES_MAX + 1)],
        aujourdhui=ce_jour(),
    )
