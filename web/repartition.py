"""The draft of a structure's sharing: its fleet, what is asked and awaited, and the best way to serve it.

A request nobody has answered may change vehicles; a confirmed one may not, nor what is held for somebody
of the list until she answers (`web.places`): she is not in the draft meanwhile. Who may have which vehicle
is judged as on her own page, by the law and the conditions of the offer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.parc.affectation import Affectation, SansVehicule, repartir
from matching.parc.flotte import Classe, DemandeDuParc, Periode, VehiculeDuParc, regles
from mobilite.base import jour_local, maintenant
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.liste_attente import (
    Attente,
    PlaceProposee,
    attentes_de_la_structure,
    places_de_la_structure,
    raisons_de_la_reservation,
)
from mobilite.offre import Offre, StatutOffre
from mobilite.parametres import Parametres, parametres
from mobilite.personnes import Personne
from mobilite.priorite import Priorite, priorite
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from mobilite.structure import Structure
from web.personne.vehicules import VehiculePossible, vehicules_possibles
from web.referentiel import referentiel

ECART = 1e-4
"""A draft proven within one ten-thousandth of the best is good enough, and quick."""

_TOUJOURS = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class LigneDeRepartition:
    """One request in the draft: who, why she goes first or not, and the vehicle or the reason without.

    ``attente`` or ``reservation``: the line awaited, or the request nobody has answered yet.
    """

    personne: Personne
    periode: Periode
    offre: Offre
    priorite: Priorite
    vehicule: Vehicule | None
    phrase: str
    libre_le: date | None
    attente: Attente | None = None
    reservation: Reservation | None = None

    @property
    def change(self) -> bool:
        """Whether the draft gives a request another vehicle than the one it holds."""
        return (
            self.reservation is not None
            and self.vehicule is not None
            and self.vehicule.id != self.reservation.vehicule_id
        )


@dataclass(frozen=True, slots=True)
class Brouillon:
    """The whole draft: whether it is proven the best, and its lines, the most urgent first.

    ``places``: what is held now for somebody of the list, apart from the draft.
    """

    lignes: tuple[LigneDeRepartition, ...]
    optimale: bool
    places: tuple[PlaceProposee, ...] = ()

    @property
    def changements(self) -> list[LigneDeRepartition]:
        """The requests that would change vehicles."""
        return [ligne for ligne in self.lignes if ligne.change]

    @property
    def attentes(self) -> list[LigneDeRepartition]:
        """Those who wait."""
        return [ligne for ligne in self.lignes if ligne.attente is not None]


def brouillon(session: Session, structure: Structure, le: datetime | None = None) -> Brouillon:
    """The best sharing of a structure's vehicles as things stand. Nothing is written."""
    instant = le or maintenant()
    en_vigueur = parametres(jour_local(instant))
    vehicules = {
        f"{v.id:09}": v
        for v in session.scalars(
            select(Vehicule).join(Vehicule.offre).where(Offre.structure_id == structure.id).order_by(Vehicule.id)
        )
        if v.en_service and v.offre.statut is StatutOffre.OUVERTE
    }  # fmt: skip
    reservations = session.scalars(
        select(Reservation)
        .where(
            Reservation.vehicule_id.in_([v.id for v in vehicules.values()]),
            Reservation.statut.in_(OCCUPENT),
            Reservation.fin > instant,
        )
        .order_by(Reservation.id)
    ).all()
    site = structure.nom
    parc = [
        VehiculeDuParc(cle, _classe(v, site), _pris(v, reservations, instant)) for cle, v in vehicules.items()
    ]
    places = tuple(session.scalars(places_de_la_structure(structure.id, instant)))
    gardees = {place.attente_id for place in places}
    demandes: list[DemandeDuParc] = []
    sources: dict[str, Attente | Reservation] = {}
    attendues: list[Attente | Reservation] = [
        a for a in session.scalars(attentes_de_la_structure(structure.id, instant)) if a.id not in gardees
    ]
    for source in [*attendues, *_a_repondre(reservations, instant)]:
        demande = _demande(session, source, vehicules, site, en_vigueur, instant)
        if demande is not None:
            demandes.append(demande)
            sources[demande.id] = source
    repartition = repartir(parc, demandes, regles(en_vigueur), ecart=ECART)
    resultats: list[Affectation | SansVehicule] = [*repartition.affectations, *repartition.sans_vehicule]
    lignes = [_ligne(sources[r.demande.id], r, vehicules, en_vigueur, instant) for r in resultats]
    return Brouillon(
        tuple(sorted(lignes, key=lambda ligne: (-ligne.priorite.points, ligne.periode))),
        repartition.optimale,
        places,
    )


def _a_repondre(reservations: Sequence[Reservation], instant: datetime) -> list[Reservation]:
    return [r for r in reservations if r.etat(instant) is StatutReservation.DEMANDEE and r.personne]


def _classe(vehicule: Vehicule, site: str) -> Classe:
    """Vehicles of one offer that neither the law nor the seats tell apart."""
    mots = [vehicule.categorie.libelle]
    if vehicule.boite is not None:
        mots.append(f"boîte {vehicule.boite.value}")
    if vehicule.places is not None:
        mots.append(f"{vehicule.places} place{'s' if vehicule.places > 1 else ''}")
    return Classe(f"{vehicule.offre.nom} : {', '.join(mots)}", site)


def _pris(vehicule: Vehicule, reservations: Sequence[Reservation], instant: datetime) -> tuple[Periode, ...]:
    """The days that cannot move: confirmed, handed over, off the road, and from the end of its papers on."""
    mobiles = {r.id for r in _a_repondre(reservations, instant)}
    periodes = [
        (jour_local(r.debut), dernier_jour(r.fin))
        for r in reservations
        if r.vehicule_id == vehicule.id and r.id not in mobiles and r.etat(instant) in OCCUPENT
    ]
    loin = jour_local(instant) + _TOUJOURS
    periodes += [
        (jour_local(arret.debut), dernier_jour(arret.fin) if arret.fin else loin)
        for arret in vehicule.immobilisations
        if arret.debut != arret.fin and (arret.fin is None or arret.fin > instant)
    ]
    if (limite := vehicule.dernier_jour_sur_la_route) is not None:
        fin = limite[0] + timedelta(days=1)
        periodes.append((fin, max(fin, loin)))
    return tuple(periodes)


def _demande(
    session: Session,
    source: Attente | Reservation,
    vehicules: Mapping[str, Vehicule],
    site: str,
    en_vigueur: Parametres,
    instant: datetime,
) -> DemandeDuParc | None:
    """One request as the engine sees it: without a name."""
    personne = source.personne
    if personne is None:
        return None
    debut, fin = _periode(source)
    suit = {
        possible.offre.id: possible.km
        for o in {v.offre.id: v.offre for v in vehicules.values()}.values()
        for possible in _possibles(session, source, personne, o, instant)
    }
    return DemandeDuParc(
        id=f"{'a' if isinstance(source, Attente) else 'r'}{source.id:09}",
        debut=debut,
        fin=fin,
        priorite=_priorite(source, en_vigueur, instant).points,
        territoire=_territoire(personne),
        km={_classe(v, site): suit[v.offre_id] for v in vehicules.values() if v.offre_id in suit},
        annonce="" if isinstance(source, Attente) else f"{source.vehicule_id:09}",
    )


def convient(session: Session, source: Attente | Reservation, vehicule: Vehicule) -> bool:
    """Whether the draft could have given her this vehicle: the same kind, refused neither by law nor by the offer."""
    personne = source.personne
    return personne is not None and bool(_possibles(session, source, personne, vehicule.offre, maintenant()))


def _possibles(
    session: Session, source: Attente | Reservation, personne: Personne, offre: Offre, instant: datetime
) -> list[VehiculePossible]:
    """The offer as she may have it on her first day, if it is of the kind she wants; else nothing."""
    if offre.genre is not _offre(source).genre:
        return []
    depart, _ = _periode(source)
    return vehicules_possibles(session, personne, jour_local(instant), offre, depart=depart, anonyme=True)


def _ligne(
    source: Attente | Reservation,
    resultat: Affectation | SansVehicule,
    vehicules: Mapping[str, Vehicule],
    en_vigueur: Parametres,
    instant: datetime,
) -> LigneDeRepartition:
    personne = source.personne
    if personne is None:
        raise ValueError(f"{source!r} belongs to nobody")
    return LigneDeRepartition(
        personne,
        _periode(source),
        _offre(source),
        _priorite(source, en_vigueur, instant),
        vehicules[resultat.vehicule] if isinstance(resultat, Affectation) else None,
        resultat.phrase,
        resultat.libre_le if isinstance(resultat, SansVehicule) else None,
        attente=source if isinstance(source, Attente) else None,
        reservation=source if isinstance(source, Reservation) else None,
    )


def _offre(source: Attente | Reservation) -> Offre:
    return source.offre if isinstance(source, Attente) else source.vehicule.offre


def _periode(source: Attente | Reservation) -> Periode:
    return jour_local(source.debut), dernier_jour(source.fin)


def _priorite(source: Attente | Reservation, en_vigueur: Parametres, instant: datetime) -> Priorite:
    if isinstance(source, Attente):
        return source.priorite(en_vigueur, instant)
    return priorite(
        raisons_de_la_reservation(source, instant), (instant - source.demandee_le).days, en_vigueur
    )


def _territoire(personne: Personne) -> str:
    """The intercommunalité she leaves from: between these, service is kept even."""
    insee = personne.departs[0].insee if personne.departs else personne.rattachement
    commune = referentiel().territoire.commune(insee) if insee else None
    return commune.epci_siren if commune else ""
