"""The requests: what waits for an answer, oldest first; yes by name, or no with a reason; keys out, keys back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from mobilite.acteur import Acteur
from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.disponibilite import VehiculeLibre
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.journal import Evenement, lignes_de
from mobilite.liste_attente import sans_les_places_passees
from mobilite.motif_reservation import MotifRefus, MotifSansSuite, SansCaution
from mobilite.offre import Offre
from mobilite.regles_de_flotte import Regles
from mobilite.reservation import Reservation, ReservationDejaTraitee, reservations_visibles_par
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from web import places, reservations
from web.acces import acteur_courant
from web.affiche import a_apporter, documents_a_voir
from web.aptitude import a_verifier
from web.erreurs import REFUS
from web.formats import jour
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_reservation, sa_structure
from web.personne.suivi import nouvelle_cle
from web.referentiel import referentiel
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Demandes", "demandes", rang=1)

RECENT = timedelta(days=30)
BIENTOT = timedelta(days=14)
"""How far ahead keys are listed; beyond, the calendar says it better."""

FINIES = 20
ABSENCES = (
    MotifSansSuite.TRANSPORT,
    MotifSansSuite.EMPLOI,
    MotifSansSuite.AUTRE_SOLUTION,
    MotifSansSuite.AVIS_CHANGE,
    MotifSansSuite.PAS_PREVENUE,
    MotifSansSuite.PAPIERS,
    MotifSansSuite.AUTRE,
    MotifSansSuite.NON_DIT,
)
"""Why somebody did not come, as a partner may know it: never her health."""

ANNULATIONS = tuple(m for m in MotifSansSuite if m not in (MotifSansSuite.PAS_PREVENUE, MotifSansSuite.SANTE))
_AVEC = {
    "enfant": "un enfant",
    "bebe": "un bébé (siège adapté)",
    "adulte": "un adulte",
    "poussette": "une poussette",
    "fauteuil": "un fauteuil roulant",
    "animal": "un animal",
}
_PEUT_ETRE_FINIE = tuple(
    s
    for s in StatutReservation
    if s is StatutReservation.DEMANDEE or s not in (*OCCUPENT, StatutReservation.RENDUE)
)
_Faire = Callable[[Session, Reservation], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LigneDemande:
    """One booking in the list of a partner: a first name, days, a vehicle, where it stands."""

    reservation: Reservation
    prenom: str
    debut: date
    fin: date
    etat: StatutReservation
    telephone: str | None

    @property
    def en_retard_depuis(self) -> date | None:
        """The first day on which it should have been back, when it is not."""
        r = self.reservation
        dehors = self.etat is StatutReservation.REMISE and r.fin <= maintenant()
        return jour_local(r.fin) if dehors else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandeRecue(LigneDemande):
    """One request as the partner answers it: what must be seen, who comes along. No more.

    ``documents`` are to be shown one by one when the fleet has written its rules; ``a_verifier`` is what
    nobody knows yet of her licence.
    """

    a_voir: tuple[str, ...]
    documents: tuple[str, ...]
    a_verifier: tuple[str, ...]
    regles: Regles
    caution: float
    avec: tuple[str, ...]


@partenaire.get("/")
def demandes() -> str:
    """What waits for an answer, oldest first; then the keys to hand over, and what is out."""
    instant = maintenant()
    acteur = acteur_courant()
    with lecture() as session:
        visibles = (
            reservations_visibles_par(acteur).options(selectinload(Reservation.personne)).order_by(None)
        )

        def lignes(ordres: Select[Reservation]) -> list[LigneDemande]:
            return [LigneDemande(**_ligne_de(r, acteur, instant)) for r in session.scalars(ordres)]

        par_debut = visibles.order_by(Reservation.debut, Reservation.id)
        confirmees = Reservation.statut == StatutReservation.CONFIRMEE
        return render_template(
            "partenaire/demandes.html",
            structure=sa_structure(session),
            a_repondre=lignes(
                visibles.where(
                    Reservation.statut == StatutReservation.DEMANDEE, Reservation.expire_le > instant
                ).order_by(Reservation.demandee_le, Reservation.id)
            ),
            a_remettre=lignes(par_debut.where(confirmees, Reservation.debut <= instant + BIENTOT)),
            plus_tard=session.scalar(
                select(func.count()).select_from(
                    visibles.where(confirmees, Reservation.debut > instant + BIENTOT)
                    .order_by(None)
                    .subquery()
                )
            ),
            dehors=lignes(par_debut.where(Reservation.statut == StatutReservation.REMISE)),
            a_clore=lignes(par_debut.where(Reservation.statut == StatutReservation.RENDUE)),
            finies=lignes(
                visibles.where(_finie(instant), sans_les_places_passees())
                .order_by(Reservation.demandee_le.desc(), Reservation.id.desc())
                .limit(FINIES)
            ),
            aujourdhui=jour_local(instant),
        )


def _finie(instant: datetime) -> ColumnElement[bool]:
    """Over for less than a month, or a request whose time has just passed."""
    return and_(
        Reservation.fin > instant - RECENT,
        Reservation.statut.in_(_PEUT_ETRE_FINIE),
        (Reservation.statut != StatutReservation.DEMANDEE) | (Reservation.expire_le <= instant),
    )


def _ligne_de(reservation: Reservation, acteur: Acteur, instant: datetime) -> dict[str, Any]:
    """What every page of a partner says of a booking; the telephone only once a place is confirmed."""
    personne = reservation.personne
    return {
        "reservation": reservation,
        "prenom": personne.prenom if personne else "Une personne",
        "debut": jour_local(reservation.debut),
        "fin": dernier_jour(reservation.fin),
        "etat": reservation.etat(instant),
        "telephone": reservation.telephone_pour(acteur),
    }


def recue(session: Session, reservation: Reservation, instant: datetime) -> DemandeRecue:
    """What a partner may know of a request to answer it: needs as codes, papers, what to look at."""
    offre = reservation.vehicule.offre
    candidate = referentiel().lecteur_offres.lire(Champ(offre.document()))
    personne = reservation.personne
    regles = reservations.regles_de(session, offre)
    attend = reservation.etat(instant) is StatutReservation.DEMANDEE
    codes = {code for besoin in personne.besoins for code in _codes(besoin.avec)} if personne else set()
    return DemandeRecue(
        **_ligne_de(reservation, acteur_courant(), instant),
        a_voir=a_apporter(candidate),
        documents=documents_a_voir(candidate) if regles.ecrites else (),
        a_verifier=_a_verifier(session, reservation, instant) if attend else (),
        regles=regles,
        caution=candidate.prix.caution,
        avec=tuple(texte for code, texte in _AVEC.items() if code in codes),
    )


def _a_verifier(session: Session, reservation: Reservation, instant: datetime) -> tuple[str, ...]:
    return a_verifier(session, reservation.personne_id, reservation.vehicule, jour_local(instant))


def _codes(avec: Collection[object]) -> list[str]:
    """The codes of those who come along, written alone or as ``{"type", "nombre"}``."""
    return [str(qui.get("type", "")) if isinstance(qui, Mapping) else str(qui) for qui in avec]


@partenaire.get("/demande/<uuid:uuid>")
def voir_demande(uuid: UUID) -> str:
    """One request, and the two answers."""
    with lecture() as session:
        return _page(session, sa_reservation(session, uuid), {}, {})


@partenaire.post("/demande/<uuid:uuid>/confirmer")
def confirmer_demande(uuid: UUID) -> ResponseReturnValue:
    """Say yes: papers and deposit seen, place confirmed by somebody who has a name."""
    if request.form.get("geste") == "papiers":
        return repondre(uuid, _noter_papiers, "Papiers notés. Il reste à confirmer la place.")
    return repondre(uuid, _confirmer, "Place confirmée. La personne le voit tout de suite.")


@partenaire.post("/demande/<uuid:uuid>/refuser")
def refuser_demande(uuid: UUID) -> ResponseReturnValue:
    """Say no, with a reason that she will read; she is told what else is free."""
    return repondre(uuid, _refuser, "Refus envoyé. La personne voit ce qui est libre à la place.")


@partenaire.post("/demande/<uuid:uuid>/remettre")
def remettre_vehicule(uuid: UUID) -> ResponseReturnValue:
    """The keys were handed over."""
    return repondre(
        uuid, lambda s, r: reservations.remettre(s, r, par=acteur_courant()), "Clés remises : c’est noté."
    )


@partenaire.post("/demande/<uuid:uuid>/rendre")
def rendre_vehicule(uuid: UUID) -> ResponseReturnValue:
    """The vehicle came back."""
    return repondre(
        uuid, lambda s, r: reservations.rendre(s, r, par=acteur_courant()), "Véhicule rendu : il est libre."
    )


def repondre(uuid: UUID, faire: _Faire, merci: str) -> ResponseReturnValue:
    """Answer in one transaction; a refusal shows the request as it now is, with what was typed."""
    try:
        _faire(uuid, faire)
    except RegleMetier as refus:
        champ = refus.champ if isinstance(refus, DonneeRefusee) else ""
        phrase = refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase
        statut = REFUS if isinstance(refus, DonneeRefusee) else 409
        with lecture() as session:
            return _page(session, sa_reservation(session, uuid), request.form, {champ: phrase}), statut
    flash(merci)
    return redirect(url_for("partenaire.demandes"), 303)


@reessayer
def _faire(uuid: UUID, faire: _Faire) -> None:
    with transaction() as session:
        reservation = sa_reservation(session, uuid)
        faire(session, reservation)
        if reservation.statut not in OCCUPENT:
            places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


def _confirmer(session: Session, reservation: Reservation) -> None:
    if reservation.etat(maintenant()) is not StatutReservation.DEMANDEE:
        raise ReservationDejaTraitee(reservation.etat(maintenant()))
    formulaire = request.form
    nom = _ligne(formulaire, "place_confirmee_par", 80, "Dites votre prénom : c’est vous qui confirmez.")
    demande = recue(session, reservation, maintenant())
    vus = _documents_vus(formulaire, demande)
    if not demande.documents and "papiers_vus" not in formulaire:
        raise DonneeRefusee("papiers_vus", "Cochez quand vous avez vu les papiers.")
    papiers_vus_le = _jour_vu(formulaire, "papiers_vus_le")
    vue, sans = _caution(formulaire, demande.caution)
    prescripteur, prescrite_le = _prescription(formulaire, demande)
    reservations.confirmer(
        session,
        reservation,
        par=acteur_courant(),
        place_confirmee_par=nom,
        papiers_vus_le=papiers_vus_le,
        caution_vue_le=vue,
        documents=demande.documents,
        documents_vus=vus,
        sans_caution=sans,
        sans_caution_mot=_mot_de_la_caution(formulaire, demande, sans),
        prescrite_par=prescripteur,
        prescrite_le=prescrite_le,
    )


def _noter_papiers(session: Session, reservation: Reservation) -> None:
    vus = _documents_vus(request.form, recue(session, reservation, maintenant()), tous=False)
    if not vus:
        raise DonneeRefusee("documents", "Cochez ce que vous avez vu.")
    reservations.noter_papiers(session, reservation, par=acteur_courant(), vus=vus)


def _documents_vus(
    formulaire: MultiDict[str, str], demande: DemandeRecue, *, tous: bool = True
) -> dict[str, date]:
    """The documents ticked, with the day; those noted before need no tick. ``tous``: none may be missing."""
    coches = [document for document in demande.documents if document in formulaire.getlist("documents")]
    manquent = set(demande.documents) - set(coches) - set(demande.reservation.documents_vus)
    if tous and manquent:
        dits = ", ".join(sorted(manquent))
        raise DonneeRefusee("documents", f"Il reste à voir : {dits}.")
    return dict.fromkeys(coches, _jour_vu(formulaire, "papiers_vus_le")) if coches else {}


def _prescription(formulaire: Mapping[str, str], demande: DemandeRecue) -> tuple[str, date | None]:
    """Who wrote the referral and when, if the fleet asks for one and nobody has noted it yet."""
    r = demande.reservation
    if not demande.regles.prescription_requise or (r.prescrite_par and r.prescrite_le):
        return "", None
    par = _ligne(formulaire, "prescrite_par", 120, "Dites qui a fait la fiche d’orientation.")
    return par, _jour_vu(formulaire, "prescrite_le")


def _mot_de_la_caution(formulaire: Mapping[str, str], demande: DemandeRecue, sans: SansCaution | None) -> str:
    """Why the structure goes without a deposit: asked when it has written its rules."""
    if sans is not SansCaution.RENONCEE:
        return ""
    if not demande.regles.caution_dispensable:
        raise DonneeRefusee("caution", "D’après vos règles, la caution est toujours demandée.")
    if demande.regles.ecrites:
        return _ligne(formulaire, "sans_caution_mot", 200, "Dites pourquoi vous y renoncez.")
    return ""


def _caution(formulaire: Mapping[str, str], demandee: float) -> tuple[date | None, SansCaution | None]:
    """The day the deposit was seen, or why there is none."""
    if not demandee:
        return None, SansCaution.NON_DEMANDEE
    choix = formulaire.get("caution", "")
    if choix == "vue":
        return _jour_vu(formulaire, "caution_vue_le"), None
    try:
        return None, SansCaution(choix)
    except ValueError:
        raise DonneeRefusee("caution", "Dites si la caution est vue, ou pourquoi il n’y en a pas.") from None


def _jour_vu(formulaire: Mapping[str, str], nom: str) -> date:
    try:
        vu_le = Champ(formulaire.get(nom, ""), nom).date()
    except DonneeRefusee:
        raise DonneeRefusee(nom, "Dites quel jour.") from None
    if vu_le > ce_jour():
        raise DonneeRefusee(nom, "Ce jour n’est pas encore venu.")
    return vu_le


def _refuser(session: Session, reservation: Reservation) -> None:
    formulaire = request.form
    try:
        code = MotifRefus(formulaire.get("motif", ""))
    except ValueError:
        raise DonneeRefusee("motif", "Choisissez une raison : la personne la lira.") from None
    mot = formulaire.get("mot", "").strip()
    if code is MotifRefus.AUTRE or mot:
        mot = _ligne(formulaire, "mot", 300, "Écrivez la raison : la personne la lira.")
    motif = " ".join(morceau for morceau in (code.phrase, mot) if morceau)
    reservations.refuser(session, reservation, par=acteur_courant(), motif=motif, code=code)


def _ligne(formulaire: Mapping[str, str], nom: str, au_plus: int, absent: str) -> str:
    texte = " ".join(formulaire.get(nom, "").split())
    if not texte:
        raise DonneeRefusee(nom, absent)
    return Champ(texte, nom).texte(au_plus)


def _page(
    session: Session, reservation: Reservation, saisie: Mapping[str, str], erreurs: Mapping[str, str]
) -> str:
    instant = maintenant()
    demande = recue(session, reservation, instant)
    autres = reservations.alternatives(
        session,
        reservation.vehicule.offre,
        reservation.debut,
        reservation.fin,
        sauf=reservation.vehicule,
        le=instant,
    )
    return render_template(
        "partenaire/demande.html",
        demande=demande,
        libres=[*(v.libelle for v in autres.vehicules), *_premieres(autres.autres_offres)]
        + [f"d’autres jours dès le {jour(p.debut)}" for p in autres.prochaines_dates[:1]],
        saisie=saisie,
        erreurs=dict(erreurs),
        motifs=[(code.value, code.phrase or "Une autre raison") for code in MotifRefus],
        absences=[(motif.value, motif.pour_la_flotte) for motif in ABSENCES],
        annulations=[(motif.value, motif.pour_la_flotte) for motif in ANNULATIONS],
        papiers=[(d, d) for d in demande.documents if d not in reservation.documents_vus],
        commence=reservation.debut <= instant,
        prolongeable=demande.etat in reservations.PROLONGEABLES,
        ensuite=reservations.ce_qui_suit(session, reservation, le=instant),
        cle=saisie.get("cle") or nouvelle_cle(),
        cautions=[
            ("vue", "Je l’ai vue"),
            *((s.value, s.libelle) for s in _sans_caution_possibles(demande.regles)),
        ],
        sans_caution=_sans_caution(session, reservation),
        qui_confirme=saisie.get("place_confirmee_par") or _dernier_nom(session),
        aujourdhui=jour_local(instant),
    )


def _sans_caution(session: Session, reservation: Reservation) -> str:
    """Why no deposit was seen: on the row, or in the journal for those confirmed before it was kept there."""
    if reservation.sans_caution is not None:
        mot = f" : {reservation.sans_caution_mot}" if reservation.sans_caution_mot else ""
        return f"{reservation.sans_caution.libelle}{mot}"
    for fait in session.scalars(lignes_de(reservation)):
        if fait.quoi == Evenement.RESERVATION_CONFIRMEE.value and "sans_caution" in fait.details:
            return SansCaution(fait.details["sans_caution"]).libelle
    return ""


def _sans_caution_possibles(regles: Regles) -> list[SansCaution]:
    possibles = [SansCaution.AVANCEE]
    return [*possibles, SansCaution.RENONCEE] if regles.caution_dispensable else possibles


def _premieres(autres: Sequence[VehiculeLibre]) -> list[str]:
    """The first free offers by name, then how many more."""
    suite = len(autres) - reservations.PROPOSEES
    noms = [v.offre for v in autres[: reservations.PROPOSEES]]
    return (
        [*noms, f"{suite} autre{'s' if suite > 1 else ''} offre{'s' if suite > 1 else ''}"]
        if suite > 0
        else noms
    )


def _dernier_nom(session: Session) -> str:
    """Who confirmed last for this structure: most often the same hand."""
    dernier = session.scalars(
        select(Reservation.place_confirmee_par)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(
            Offre.structure_id == acteur_courant().structure_id, Reservation.place_confirmee_par.is_not(None)
        )
        .order_by(Reservation.place_confirmee_le.desc())
        .limit(1)
    ).first()
    return dernier or ""
