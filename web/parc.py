"""The fleet of a structure: its odometers, upkeep and expenses written down, and what they add up to.

Writes run inside the transaction of their caller; reads take a bounded number of queries whatever the
size of the fleet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, Select, select
from sqlalchemy.orm import Session, selectinload

from mobilite.acteur import Acteur
from mobilite.base import jour_local, maintenant
from mobilite.entretien import Depense, GenreDepense, LigneEntretien, ReleveKm
from mobilite.flotte import CompteurEnArriere, Vehicule, dernier_jour
from mobilite.immobilisation import Immobilisation
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.refus_reservation import CleDejaUtilisee
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.usage_parc import (
    CoutDUsage,
    Occupation,
    ProchaineFois,
    km_par_jour,
    occupation,
    prochaine_fois,
)

PERIODES = (30, 90, 365)
"""Over how many days a vehicle is said to be used."""

RYTHME_SUR = timedelta(days=180)
_SORTIS = (
    StatutReservation.CONFIRMEE,
    StatutReservation.REMISE,
    StatutReservation.RENDUE,
    StatutReservation.CLOTUREE,
)


def vehicules_de(structure_id: int) -> Select[Vehicule]:
    """The vehicles of a structure by name, with what stops them."""
    return (
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.structure_id == structure_id)
        .order_by(Vehicule.libelle, Vehicule.id)
        .options(selectinload(Vehicule.immobilisations))
    )


def noter_km(
    session: Session,
    vehicule: Vehicule,
    km: int,
    *,
    par: Acteur,
    le: datetime | None = None,
    correction: bool = False,
) -> None:
    """Write down what the odometer says; forward only, unless somebody says that it was wrong.

    The same number on the same day is written once. Raises ``CompteurEnArriere``.
    """
    instant = le or maintenant()
    resultat = session.execute(vehicule.relever(km, correction=correction))
    session.refresh(vehicule, ["km"])
    if not (isinstance(resultat, CursorResult) and resultat.rowcount == 1):
        raise CompteurEnArriere(vehicule.libelle, vehicule.km or 0)
    jour = jour_local(instant)
    dernier = session.scalars(
        select(ReleveKm).where(ReleveKm.vehicule_id == vehicule.id).order_by(ReleveKm.id.desc()).limit(1)
    ).first()
    if dernier is not None and (dernier.le, dernier.km) == (jour, km):
        return
    session.add(
        ReleveKm(
            vehicule_id=vehicule.id,
            le=jour,
            km=km,
            correction=correction,
            note_par=par.id,
            note_le=instant,
        )
    )
    session.add(consigner(par, Evenement.KM_RELEVES, vehicule, le=instant, km=km, correction=correction))


def prevoir_entretien(
    session: Session,
    vehicule: Vehicule,
    *,
    par: Acteur,
    quoi: str,
    tous_les_km: int | None,
    tous_les_mois: int | None,
    fait_le: date | None,
    fait_km: int | None,
) -> LigneEntretien:
    """One more line of the plan; the same line again is the one already there."""
    deja = session.scalars(
        select(LigneEntretien).where(LigneEntretien.vehicule_id == vehicule.id, LigneEntretien.quoi == quoi)
    ).first()
    ligne = deja or LigneEntretien(
        vehicule_id=vehicule.id, quoi=quoi, tous_les_km=tous_les_km, tous_les_mois=tous_les_mois
    )
    ligne.tous_les_km, ligne.tous_les_mois = tous_les_km, tous_les_mois
    ligne.fait_le, ligne.fait_km = fait_le, fait_km
    session.add(ligne)
    session.flush()
    session.add(
        consigner(
            par,
            Evenement.ENTRETIEN_PREVU,
            vehicule,
            ligne=ligne.id,
            tous_les_km=tous_les_km,
            tous_les_mois=tous_les_mois,
        )
    )
    return ligne


def noter_entretien_fait(
    session: Session, ligne: LigneEntretien, *, par: Acteur, le: date, km: int | None
) -> None:
    """It was done on that day, at that many kilometres."""
    ligne.fait_le, ligne.fait_km = le, km
    vehicule = session.get_one(Vehicule, ligne.vehicule_id)
    session.add(consigner(par, Evenement.ENTRETIEN_FAIT, vehicule, ligne=ligne.id, fait=le, km=km))


def retirer_entretien(session: Session, ligne: LigneEntretien, *, par: Acteur) -> None:
    """A line that is not to be done any more."""
    vehicule = session.get_one(Vehicule, ligne.vehicule_id)
    session.add(consigner(par, Evenement.ENTRETIEN_RETIRE, vehicule, ligne=ligne.id))
    session.delete(ligne)


def noter_depense(
    session: Session,
    vehicule: Vehicule,
    *,
    par: Acteur,
    le: date,
    genre: GenreDepense,
    centimes: int,
    cle: str,
    km: int | None = None,
    note: str = "",
) -> Depense:
    """Money spent; ``cle`` is drawn once per form, sent again it is the same expense."""
    deja = session.scalars(
        select(Depense).where(Depense.notee_par == par.id, Depense.cle_idempotence == cle)
    ).first()
    if deja is not None:
        if (deja.vehicule_id, deja.centimes, deja.le) != (vehicule.id, centimes, le):
            raise CleDejaUtilisee
        return deja
    depense = Depense(
        vehicule_id=vehicule.id,
        le=le,
        genre=genre,
        centimes=centimes,
        km=km,
        note=note,
        notee_par=par.id,
        cle_idempotence=cle,
    )
    session.add(depense)
    session.flush()
    session.add(
        consigner(
            par, Evenement.DEPENSE_NOTEE, vehicule, depense=depense.id, genre=genre.value, centimes=centimes
        )
    )
    return depense


def rayer_depense(session: Session, depense: Depense, *, par: Acteur) -> None:
    """It was typed wrongly: nothing counts it any more. The journal keeps what it said and who struck it."""
    vehicule = session.get_one(Vehicule, depense.vehicule_id)
    session.add(
        consigner(
            par,
            Evenement.DEPENSE_RAYEE,
            vehicule,
            depense=depense.id,
            genre=depense.genre.value,
            centimes=depense.centimes,
            depensee=depense.le,
        )
    )
    session.delete(depense)


@dataclass(frozen=True, slots=True)
class EtatDuVehicule:
    """One vehicle as the list shows it: whether it rolls today and why not, what it did, what it cost."""

    vehicule: Vehicule
    arret: Immobilisation | None
    empechement: str
    occupations: Mapping[int, Occupation]
    cout: CoutDUsage
    achat_centimes: int
    rythme: float | None

    @property
    def roule(self) -> bool:
        """Whether it may be lent today."""
        return not self.empechement


def etats(
    session: Session, vehicules: Sequence[Vehicule], le: datetime | None = None
) -> list[EtatDuVehicule]:
    """The state of vehicles, in their order: four queries, then one pass over what they give."""
    instant = le or maintenant()
    jour = jour_local(instant)
    debut = jour - timedelta(days=max(PERIODES) - 1)
    ids = [v.id for v in vehicules]
    sejours = _sejours(session, ids, instant - timedelta(days=max(PERIODES) + 1), instant)
    releves = _releves(session, ids)
    depenses = _depenses(session, ids)
    etats_ = []
    for v in vehicules:
        arrets = [
            (jour_local(a.debut), None if a.fin is None else dernier_jour(a.fin))
            for a in v.immobilisations
            if a.debut != a.fin
        ]
        occupations = {
            n: occupation(
                sejours[v.id],
                arrets,
                jour - timedelta(days=n - 1),
                jour,
                entre_le=v.entre_le,
                sorti_le=v.sorti_le,
            )
            for n in PERIODES
        }
        annee = [d for d in depenses[v.id] if debut <= d.le <= jour and d.genre is not GenreDepense.ACHAT]
        etats_.append(
            EtatDuVehicule(
                v,
                next((a for a in v.immobilisations if a.en_cours(instant)), None),
                v.raison_d_arret(instant, instant + timedelta(hours=1)),
                occupations,
                CoutDUsage(
                    sum(d.centimes for d in annee),
                    _km_de_la_periode(releves[v.id], debut, jour),
                    occupations[max(PERIODES)].pris,
                ),
                sum(d.centimes for d in depenses[v.id] if d.genre is GenreDepense.ACHAT),
                km_par_jour(
                    [(r.le, r.km) for r in _depuis_la_correction(releves[v.id]) if r.le >= jour - RYTHME_SUR]
                ),
            )
        )
    return etats_


def _sejours(
    session: Session, ids: Collection[int], depuis: datetime, instant: datetime
) -> Mapping[int, list[tuple[date, date]]]:
    """The days each vehicle was with somebody, up to now; back early, only until then."""
    sejours: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    ordre = select(Reservation.vehicule_id, Reservation.debut, Reservation.fin, Reservation.rendue_le).where(
        Reservation.vehicule_id.in_(ids),
        Reservation.statut.in_(_SORTIS),
        Reservation.fin > depuis,
        Reservation.debut <= instant,
    )
    for vehicule_id, debut, fin, rendue_le in session.execute(ordre):
        au = dernier_jour(fin) if rendue_le is None else min(dernier_jour(fin), jour_local(rendue_le))
        sejours[vehicule_id].append((jour_local(debut), au))
    return sejours


def _releves(session: Session, ids: Collection[int]) -> Mapping[int, list[ReleveKm]]:
    releves: defaultdict[int, list[ReleveKm]] = defaultdict(list)
    ordre = select(ReleveKm).where(ReleveKm.vehicule_id.in_(ids)).order_by(ReleveKm.id)
    for releve in session.scalars(ordre):
        releves[releve.vehicule_id].append(releve)
    return releves


def _depenses(session: Session, ids: Collection[int]) -> Mapping[int, list[Depense]]:
    depenses: defaultdict[int, list[Depense]] = defaultdict(list)
    ordre = select(Depense).where(Depense.vehicule_id.in_(ids)).order_by(Depense.le.desc(), Depense.id.desc())
    for depense in session.scalars(ordre):
        depenses[depense.vehicule_id].append(depense)
    return depenses


def _depuis_la_correction(releves: Sequence[ReleveKm]) -> list[ReleveKm]:
    """What was read since the odometer was last set back: before, it counted something else."""
    dernier = max((rang for rang, r in enumerate(releves) if r.correction), default=0)
    return list(releves[dernier:])


def _km_de_la_periode(releves: Sequence[ReleveKm], du: date, au: date) -> int | None:
    """Kilometres run over a period, from the reading before it if there is one."""
    suite = [r for r in _depuis_la_correction(releves) if r.le <= au]
    avant = [r.km for r in suite if r.le < du]
    dedans = [r.km for r in suite if r.le >= du]
    if not dedans or (not avant and len(dedans) < 2):
        return None
    return dedans[-1] - (avant[-1] if avant else dedans[0])


@dataclass(frozen=True, slots=True)
class Echeance:
    """Something a vehicle needs by a day. ``bloque``: the law keeps it off the road afterwards."""

    vehicule: Vehicule
    quoi: str
    le: date | None
    bloque: bool
    en_retard: bool
    estime: bool = False
    km: int | None = None


def echeances_du_parc(
    session: Session, le: date, structure_id: int | None = None, *, jours: int = 366
) -> list[Echeance]:
    """What ends within so many days (and what is late), late first, then by day; of one structure or of all.

    Inspection, insurance, upkeep by date or by kilometres (``estime`` when projected). What nobody has
    dated is not there: it is the list of vehicles that says so.
    """
    ordre = select(Vehicule).where(Vehicule.en_service).order_by(Vehicule.id)
    if structure_id is not None:
        ordre = ordre.where(Vehicule.offre_id.in_(select(Offre.id).where(Offre.structure_id == structure_id)))
    vehicules = [v for v in session.scalars(ordre) if v.sorti_le is None or v.sorti_le >= le]
    ids = [v.id for v in vehicules]
    releves = _releves(session, ids)
    lignes: defaultdict[int, list[LigneEntretien]] = defaultdict(list)
    for ligne in session.scalars(
        select(LigneEntretien).where(LigneEntretien.vehicule_id.in_(ids)).order_by(LigneEntretien.id)
    ):
        lignes[ligne.vehicule_id].append(ligne)
    trouvees: list[Echeance] = []
    for v in vehicules:
        for quoi, jour in (
            ("Contrôle technique", v.ct_valable_au),
            ("Assurance", v.assurance_valable_au),
        ):
            if jour is not None:
                trouvees.append(Echeance(v, quoi, jour, bloque=True, en_retard=jour < le))
        for ligne in lignes[v.id]:
            if (fois := prochaine(ligne, v, releves[v.id], le)) is not None:
                retard = fois.depassee(le, v.km)
                trouvees.append(
                    Echeance(v, ligne.quoi, fois.le, False, retard, fois.estime and not retard, fois.km)
                )
    limite = le + timedelta(days=jours)
    return sorted(
        (e for e in trouvees if e.en_retard or e.le is None or e.le <= limite),
        key=lambda e: (not e.en_retard, e.le is None, e.le or limite, e.vehicule.libelle, e.quoi),
    )


def prochaine(
    ligne: LigneEntretien, vehicule: Vehicule, releves: Sequence[ReleveKm], le: date
) -> ProchaineFois | None:
    """When a line of the plan is due again."""
    return prochaine_fois(
        tous_les_km=ligne.tous_les_km,
        tous_les_mois=ligne.tous_les_mois,
        fait_le=ligne.fait_le,
        fait_km=ligne.fait_km,
        compteur=vehicule.km,
        rythme=km_par_jour([(r.le, r.km) for r in _depuis_la_correction(releves) if r.le >= le - RYTHME_SUR]),
        le=le,
    )


def entretien_de(
    session: Session, vehicule: Vehicule, le: date
) -> list[tuple[LigneEntretien, ProchaineFois | None]]:
    """The plan of one vehicle, with when each line is due."""
    releves = _releves(session, [vehicule.id])[vehicule.id]
    lignes = session.scalars(
        select(LigneEntretien).where(LigneEntretien.vehicule_id == vehicule.id).order_by(LigneEntretien.id)
    )
    return [(ligne, prochaine(ligne, vehicule, releves, le)) for ligne in lignes]


def depenses_de(session: Session, vehicule: Vehicule) -> list[Depense]:
    """What was spent on one vehicle, the latest first."""
    return _depenses(session, [vehicule.id])[vehicule.id]
