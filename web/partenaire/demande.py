"""One request: its page, yes or no with a reason, the keys out, the keys back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import VehiculeLibre
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule
from mobilite.motif_reservation import MotifRefus, MotifSansSuite
from mobilite.offre import Offre
from mobilite.reservation import Reservation
from mobilite.statut_reservation import MOBILES, OCCUPENT
from web import places, reservations
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.erreurs import REFUS
from web.formats import jour
from web.partenaire.confirmation import (
    confirmer,
    dispenses_possibles,
    ligne_dite,
    noter_papiers,
    sans_caution,
)
from web.partenaire.demandes import DemandeRecue, recue, retours_signes
from web.partenaire.echange import autour
from web.partenaire.espace import partenaire, sa_reservation
from web.partenaire.parc import equipement
from web.transaction import lecture, reessayer, transaction

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
_Faire = Callable[[Session, Reservation], None]


@partenaire.get("/demande/<uuid:uuid>")
def voir_demande(uuid: UUID) -> str:
    """One request, and the two answers."""
    with lecture() as session:
        return _page(session, sa_reservation(session, uuid), {}, {})


@partenaire.post("/demande/<uuid:uuid>/confirmer")
def confirmer_demande(uuid: UUID) -> ResponseReturnValue:
    """Say yes: papers and deposit seen, place confirmed by somebody who has a name."""
    if request.form.get("geste") == "papiers":
        return repondre(uuid, noter_papiers, "Papiers notés. Il reste à confirmer la place.")
    return repondre(uuid, confirmer, "Place confirmée. La personne le voit tout de suite.")


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
        uuid, lambda s, r: reservations.rendre(s, r, par=acteur_courant()), "Véhicule rendu : c’est noté."
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


def _refuser(session: Session, reservation: Reservation) -> None:
    formulaire = request.form
    try:
        code = MotifRefus(formulaire.get("motif", ""))
    except ValueError:
        raise DonneeRefusee("motif", "Choisissez une raison : la personne la lira.") from None
    mot = formulaire.get("mot", "").strip()
    if code is MotifRefus.AUTRE or mot:
        mot = ligne_dite(formulaire, "mot", 300, "Écrivez la raison : la personne la lira.")
    motif = " ".join(morceau for morceau in (code.phrase, mot) if morceau)
    reservations.refuser(session, reservation, par=acteur_courant(), motif=motif, code=code)


def _page(
    session: Session, reservation: Reservation, saisie: Mapping[str, str], erreurs: Mapping[str, str]
) -> str:
    instant = maintenant()
    demande = recue(session, reservation, instant)
    avant = session.get(Reservation, reservation.renouvelle_id) if reservation.renouvelle_id else None
    if avant is not None and not saisie:
        saisie = _comme_avant(avant, demande)
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
        equipement=equipement(reservation.vehicule),
        reste=demande.reste(retours_signes(session, [reservation.id])),
        libres=[*(v.libelle for v in autres.vehicules), *_premieres(autres.autres_offres)]
        + [f"d’autres jours dès le {jour(p.debut)}" for p in autres.prochaines_dates[:1]],
        saisie=saisie,
        erreurs=dict(erreurs),
        motifs=[(code.value, code.phrase or "Une autre raison") for code in MotifRefus],
        absences=[(motif.value, motif.pour_la_flotte) for motif in ABSENCES],
        annulations=[(motif.value, motif.pour_la_flotte) for motif in ANNULATIONS],
        papiers=[(d, d) for d in demande.documents if d not in reservation.documents_vus],
        echangeable=demande.etat in MOBILES
        and session.scalar(autour(reservation, instant).limit(1)) is not None,
        commence=reservation.debut <= instant,
        prolongeable=demande.etat in reservations.PROLONGEABLES,
        ensuite=reservations.ce_qui_suit(session, reservation, le=instant),
        suite=reservations.suite_vivante(session, reservation, le=instant),
        garde_les_cles=avant is not None and avant.statut in reservations.PROLONGEABLES,
        cle=saisie.get("cle") or nouvelle_cle(),
        cautions=[
            ("vue", "Je l’ai vue"),
            *((s.value, s.libelle) for s in dispenses_possibles(demande.regles)),
        ],
        sans_caution=sans_caution(session, reservation),
        qui_confirme=saisie.get("place_confirmee_par") or _dernier_nom(session),
        aujourdhui=jour_local(instant),
    )


def _comme_avant(avant: Reservation, demande: DemandeRecue) -> dict[str, str]:
    """What was seen for the stay that it continues: the form starts from it, and whoever confirms may change it."""
    dit: dict[str, str] = {}
    if avant.papiers_vus_le is not None and not demande.documents:
        dit |= {"papiers_vus": "oui", "papiers_vus_le": avant.papiers_vus_le.isoformat()}
    if avant.caution_vue_le is not None:
        dit |= {"caution": "vue", "caution_vue_le": avant.caution_vue_le.isoformat()}
    elif avant.sans_caution is not None:
        dit |= {"caution": avant.sans_caution.value, "sans_caution_mot": avant.sans_caution_mot}
    return dit


def _premieres(autres: Sequence[VehiculeLibre]) -> list[str]:
    """The first free offers by name, then how many more."""
    suite = len(autres) - reservations.PROPOSEES
    noms = [v.offre for v in autres[: reservations.PROPOSEES]]
    if suite <= 0:
        return noms
    s = "s" if suite > 1 else ""
    return [*noms, f"{suite} autre{s} offre{s}"]


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
