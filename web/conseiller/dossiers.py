"""A dossier: opened while somebody is on the phone, then one page that holds everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from matching.proposition import Reponse
from mobilite.base import ce_jour
from mobilite.besoin import Besoin, Situation
from mobilite.bilan import Niveau
from mobilite.journal import Evenement, consigner
from mobilite.personnes import BesoinExprime, Depart, Personne, doublons_possibles, normaliser_telephone
from mobilite.plan import PlanActions
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.verdict import Verdict
from web.acces import acteur_courant
from web.accueil import accueil_de
from web.carnet import lire_le_carnet
from web.catalogue import maisons_d_accueil
from web.conseiller.bureau import conseiller, consulter, dire_enregistre
from web.conseiller.carnet import SUR_LE_DOSSIER, contexte_de_saisie
from web.conseiller.identite import IdentiteDite, contexte_identite, lire_identite
from web.conseiller.libelles import dire_age, dire_avec, dire_motif, dire_moyen, dire_permis
from web.conseiller.propositions import contexte_propositions
from web.conseiller.reservations import MOTIFS
from web.conseiller.reservations_suivies import reservations_suivies
from web.conseiller.resultats import constats_de, resultats_de
from web.conseiller.transports import transports_suivis
from web.erreurs import REFUS
from web.formats import majuscule
from web.horaires import lignes_des_passages
from web.parcours import suivi_du_dossier
from web.propositions import situation_de
from web.referentiel import referentiel
from web.transaction import bd, transaction

_CHIFFRES_D_UN_TELEPHONE = 4


@dataclass(frozen=True, slots=True)
class BesoinDit:
    """A need as it is read on the desk."""

    exprime: BesoinExprime
    quand: list[str]
    motif: str
    avec: str
    commence: date | None


@dataclass(frozen=True, slots=True)
class DiagnosticEnBref:
    """The latest diagnostic at a glance: levels in force, strengths, outcome, alerts.

    ``issue_dite``: the outcome is the adviser's word, not what the rules propose; ``a_verifier``: how many
    alerts nobody can judge yet.
    """

    moment: str
    axes: list[tuple[str, Niveau]]
    atouts: list[str]
    issue: str
    issue_dite: bool
    alertes: list[str]
    a_verifier: int


@conseiller.route("/dossiers/nouveau", methods=["GET", "POST"])
def nouveau() -> ResponseReturnValue:
    """Open a dossier: a first name or a nickname is enough."""
    if request.method == "GET":
        return _page_nouveau(_prerempli(request.args.get("q", "")))
    acteur = acteur_courant()
    dite = lire_identite(request.form)
    if dite.erreurs:
        return _page_nouveau(dite), REFUS
    with transaction() as session:
        proches = session.scalars(doublons_possibles(acteur, dite.prenom, dite.nom, dite.telephone_lu)).all()
        vus = set(request.form.get("doublons_vus", "").split())
        if {str(p.uuid) for p in proches} - vus:
            return _page_nouveau(dite, proches)
        personne = Personne(prenom=dite.prenom, conseiller_id=acteur.id)
        dite.ecrire(personne, acteur)
        session.add(personne)
        session.flush()
        session.add(consigner(acteur, Evenement.DOSSIER_OUVERT, personne))
    dire_enregistre("Le dossier est ouvert : notez maintenant son besoin.")
    return redirect(url_for("conseiller.dossier", uuid=personne.uuid), 303)


def _prerempli(cherche: str) -> IdentiteDite:
    """What was typed to search is not typed twice: digits are a telephone, words a name."""
    cherche = cherche.strip()[:80]
    chiffres = normaliser_telephone(cherche)
    if len(chiffres) >= _CHIFFRES_D_UN_TELEPHONE and not any(s.isalpha() for s in cherche):
        return IdentiteDite(telephone=cherche)
    prenom, _, nom = "".join(s for s in cherche if not s.isdigit()).strip().partition(" ")
    return IdentiteDite(prenom=majuscule(prenom), nom=majuscule(nom.strip()))


def _page_nouveau(dite: IdentiteDite, proches: Any = ()) -> str:
    acteur = acteur_courant()
    return render_template(
        "conseiller/nouveau.html",
        proches=[(p, p.telephone_pour(acteur)) for p in proches],
        **contexte_identite(dite),
    )


@conseiller.get("/dossiers/<uuid:uuid>")
def dossier(uuid: UUID) -> str:
    """The three columns: who and needs, what is possible, what to ask and do now."""
    personne = consulter(uuid)
    session, le = bd.session, ce_jour()
    possible = contexte_propositions(session, personne, le)
    return render_template(
        "conseiller/dossier.html",
        diagnostic=_diagnostic_en_bref(session, personne, le, possible["reponse"], possible["plan"]),
        documents=documents_vus(session, personne),
        carnet=lire_le_carnet(session, personne, acteur_courant(), par_page=SUR_LE_DOSSIER),
        **(_contexte_personne(personne, le) | possible | contexte_de_saisie()),
    )


def _diagnostic_en_bref(
    session: Session, personne: Personne, le: date, reponse: Reponse, plan: PlanActions | None
) -> DiagnosticEnBref | None:
    """What the results page says, in a few lines; ``None`` before any diagnostic."""
    resultats = resultats_de(personne, le)
    constats = constats_de(session, personne, le, resultats, reponse=reponse, plan=plan)
    if resultats is None or constats is None:
        return None
    dite = resultats.diagnostic.issue_retenue
    issue = dite.issue if dite else constats.issue.issue
    return DiagnosticEnBref(
        moment=resultats.diagnostic.type.libelle,
        axes=[(affiche.axe.libelle, affiche.niveau) for affiche in resultats.axes],
        atouts=[atout.phrase for atout in resultats.atouts],
        issue=issue.libelle if issue else "",
        issue_dite=dite is not None,
        alertes=[a.alerte.regle.phrase for a in constats.alertes if a.verdict is Verdict.OUI],
        a_verifier=sum(a.verdict is Verdict.A_VERIFIER for a in constats.alertes),
    )


def documents_vus(session: Session, personne: Personne) -> list[tuple[str, date]]:
    """The documents somebody saw for any of her bookings, and the last day it was: never a copy."""
    vus: dict[str, date] = {}
    siennes = reservations_visibles_par(acteur_courant()).where(Reservation.personne_id == personne.id)
    for documents, papiers_vus_le in session.execute(
        siennes.with_only_columns(Reservation.documents_vus, Reservation.papiers_vus_le).order_by(None)
    ):
        dits = {quoi: date.fromisoformat(jour) for quoi, jour in documents.items()}
        if not dits and papiers_vus_le is not None:
            dits = {"Papiers demandés par le loueur": papiers_vus_le}
        for quoi, jour in dits.items():
            vus[quoi] = max(jour, vus.get(quoi, jour))
    return sorted(vus.items(), key=lambda vu: (-vu[1].toordinal(), vu[0]))


def _contexte_personne(personne: Personne, le: date) -> dict[str, Any]:
    """What the left column shows. Without the right to see them, places never leave the server."""
    acteur = acteur_courant()
    visible = personne.coordonnees_visibles_par(acteur)
    situation = situation_de(personne)
    maisons = maisons_d_accueil(bd.session) if visible else ()
    return {
        "personne": personne,
        "visible": visible,
        "telephone": personne.telephone_pour(acteur),
        "resume": _resume(personne, situation, visible, le),
        "lieux": _lieux(personne, le) if visible else [],
        "moyens": None if situation.moyens is None else [dire_moyen(m) for m in situation.moyens],
        "besoins": _besoins(personne, situation.besoins, le),
        "le": le,
        "accueil": accueil_de(situation, referentiel(), maisons, le) if visible else None,
        "adresse_diagnostic": _adresse_diagnostic(personne),
        "transports": transports_suivis(bd.session, personne) if visible else [],
        "suivi": suivi_du_dossier(bd.session, personne, le),
        "reservations": reservations_suivies(bd.session, personne),
        "motifs_d_annulation": MOTIFS,
    }


def _resume(personne: Personne, situation: Situation, visible: bool, le: date) -> list[str]:
    """« 28 ou 29 ans », « Étain », « code en cours »: what is known, nothing for what is not."""
    depart = situation.depart_le(le)
    return [
        phrase
        for phrase in (
            dire_age(personne.annee_naissance, le),
            referentiel().nom(depart.insee) if depart and visible else "",
            dire_permis(situation.permis),
        )
        if phrase
    ]


def _lieux(personne: Personne, le: date) -> list[Depart]:
    """Where she leaves from, past places left out."""
    return [d for d in personne.departs if d.jusqu_au is None or d.jusqu_au >= le]


def _besoins(personne: Personne, lus: tuple[Besoin, ...], le: date) -> list[BesoinDit]:
    par_id = {besoin.id: besoin for besoin in lus}
    return [
        BesoinDit(
            exprime,
            lignes_des_passages(par_id[str(exprime.uuid)].passages),
            dire_motif(exprime.motif),
            dire_avec(par_id[str(exprime.uuid)].avec),
            exprime.premier_jour if exprime.premier_jour and exprime.premier_jour >= le else None,
        )
        for exprime in personne.besoins
    ]


def _adresse_diagnostic(personne: Personne) -> str:
    """The first section of the diagnostic."""
    premiere = referentiel().questionnaire.dimensions[0].code
    return url_for("conseiller.diagnostic", uuid=personne.uuid, section=premiere)
