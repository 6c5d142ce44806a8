"""What else is free when somebody was faster, or when a request is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import maintenant
from mobilite.disponibilite import (
    Alternatives,
    Periode,
    VehiculeLibre,
    demain,
    occupations,
    prochain_debut_libre,
    vehicules_en_retard,
    vehicules_libres,
)
from mobilite.flotte import Vehicule, VehiculeIndisponible
from mobilite.offre import Offre, StatutOffre
from mobilite.regles_de_flotte import RegleDeFlotte, Regles
from web.reservations.conclusion import regles_de

PROPOSEES = 3
"""How many alternatives of each kind are told: more is a catalogue, not an answer."""

HORIZON = timedelta(days=60)
_UN_JOUR = timedelta(days=1)


def alternatives(
    session: Session,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    *,
    sauf: Vehicule | None = None,
    le: datetime | None = None,
) -> Alternatives:
    """What is free instead: same offer, other offers of the same kind, and the next dates.

    It says what is free, not who may have it: conditions of access are the engine's. That is why the
    other offers are all there: the only one she may have can be the last.
    """
    instant = le or maintenant()
    regles = regles_de(session, offre)
    libre_le = regles.libre_le(fin)
    memes = session.scalars(vehicules_libres(offre.id, debut, fin, libre_le=libre_le, le=instant)).all()
    soeurs = session.scalars(
        select(Offre.id).where(
            Offre.genre == offre.genre,
            Offre.id != offre.id,
            Offre.statut == StatutOffre.OUVERTE,
            Offre.demonstration == offre.demonstration,
        )
    ).all()
    par_offre: dict[int, Vehicule] = {}
    for vehicule in session.scalars(vehicules_libres(soeurs, debut, fin, le=instant)):
        par_offre.setdefault(vehicule.offre_id, vehicule)
    autres = sorted(par_offre.values(), key=lambda v: (v.offre.nom, v.id))
    return Alternatives(
        vehicules=tuple(_libre(v) for v in memes if sauf is None or v.id != sauf.id)[:PROPOSEES],
        autres_offres=tuple(_libre(v) for v in autres),
        prochaines_dates=_prochaines_dates(session, offre, debut, fin, regles, instant),
        pas_rentres=_pas_rentres(session, offre, debut, sauf, instant),
    )


def quand_on_lira(
    session: Session, offre: Offre, debut: datetime, fin: datetime, *, sauf: Vehicule | None, le: datetime
) -> Callable[[], Alternatives]:
    """``alternatives``, for later: in this transaction while it lasts, else in one that only reads."""
    moteur, numero, vehicule = session.get_bind(), offre.id, sauf.id if sauf is not None else None

    def chercher() -> Alternatives:
        if session.in_transaction():
            return alternatives(session, offre, debut, fin, sauf=sauf, le=le)
        with Session(moteur) as ensuite:
            ensuite.connection(execution_options={"lecture_seule": True})
            autre = ensuite.get(Vehicule, vehicule) if vehicule is not None else None
            return alternatives(ensuite, ensuite.get_one(Offre, numero), debut, fin, sauf=autre, le=le)

    return chercher


def _pas_rentres(
    session: Session, offre: Offre, debut: datetime, voulu: Vehicule | None, instant: datetime
) -> tuple[str, ...]:
    """The vehicles that explain the refusal because they have not come back: the one wanted, or any."""
    if debut >= demain(instant):
        return ()
    retards = session.execute(vehicules_en_retard(offre.id, instant))
    return tuple(libelle for numero, libelle in retards if voulu is None or numero == voulu.id)


def _libre(vehicule: Vehicule) -> VehiculeLibre:
    structure = vehicule.offre.structure
    return VehiculeLibre(
        vehicule_id=vehicule.id,
        libelle=vehicule.libelle,
        offre_id=vehicule.offre_id,
        offre=vehicule.offre.nom,
        structure=structure.nom,
        telephone=structure.telephone,
    )


def _prochaines_dates(
    session: Session, offre: Offre, debut: datetime, fin: datetime, regles: Regles, instant: datetime
) -> tuple[Periode, ...]:
    vehicules = session.scalars(
        select(Vehicule).where(Vehicule.offre_id == offre.id).order_by(Vehicule.id)
    ).all()
    prises: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for vehicule_id, pris_de, pris_a in session.execute(occupations([v.id for v in vehicules], instant)):
        prises[vehicule_id].append((pris_de, pris_a))
    periodes = []
    for vehicule in vehicules:
        nouveau = _prochain(prises[vehicule.id], debut, fin, regles, instant)
        if nouveau is None:
            continue
        periode = Periode(vehicule.id, vehicule.libelle, nouveau, nouveau + (fin - debut))
        try:
            vehicule.refuser_si_indisponible(periode.fin, periode.debut)
        except VehiculeIndisponible:
            continue
        if debut < nouveau <= debut + HORIZON:
            periodes.append(periode)
    return tuple(sorted(periodes, key=lambda p: (p.debut, p.vehicule_id)))[:PROPOSEES]


def _prochain(
    prises: list[tuple[datetime, datetime]], debut: datetime, fin: datetime, regles: Regles, instant: datetime
) -> datetime | None:
    """The next start that nobody has and that the fleet allows, within the horizon."""
    essai = debut
    while essai <= debut + HORIZON:
        essai = prochain_debut_libre(prises, essai, essai + (fin - debut), regles.tampon)
        try:
            regles.verifier_les_dates(essai, essai + (fin - debut), instant)
        except RegleDeFlotte:
            essai = prochain_debut_libre([(essai, essai + _UN_JOUR / 24)], essai, essai + (fin - debut))
        else:
            return essai
    return None
