"""The vehicles behind an offer, and when each may be on the road."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Enum,
    ForeignKey,
    Select,
    Update,
    and_,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.base import PARIS, Base, Identifie, jour_local
from mobilite.candidate import Boite, CategorieVehicule
from mobilite.erreurs import RegleMetier
from mobilite.immobilisation import Immobilisation
from mobilite.offre import Offre


class Energie(StrEnum):
    """What it runs on."""

    ESSENCE = "essence"
    DIESEL = "diesel"
    ELECTRIQUE = "electrique"
    HYBRIDE = "hybride"
    GPL = "gpl"
    MUSCULAIRE = "musculaire"

    @property
    def libelle(self) -> str:
        """The energy in French."""
        return {
            "essence": "Essence",
            "diesel": "Diesel",
            "electrique": "Électrique",
            "hybride": "Hybride",
            "gpl": "GPL",
            "musculaire": "Musculaire",
        }[self.value]


class Acces(StrEnum):
    """What makes a vehicle usable by somebody who is not at ease in any car."""

    RAMPE = "rampe"
    TRANSFERT = "transfert"
    COMMANDES = "commandes"

    @property
    def libelle(self) -> str:
        """The equipment in French."""
        return {
            "rampe": "Rampe : on reste dans son fauteuil",
            "transfert": "On passe du fauteuil au siège, le fauteuil plié dans le coffre",
            "commandes": "Commandes au volant",
        }[self.value]


class SiegeEnfant(StrEnum):
    """The seats for children, by what they carry."""

    COQUE = "coque"
    SIEGE = "siege"
    REHAUSSEUR = "rehausseur"

    @property
    def libelle(self) -> str:
        """The seat in French."""
        return {
            "coque": "Coque pour bébé",
            "siege": "Siège enfant",
            "rehausseur": "Rehausseur",
        }[self.value]


class CritAir(StrEnum):
    """The class of the Crit'Air sticker; ``NC``: the oldest, which have none."""

    ZERO = "0"
    UN = "1"
    DEUX = "2"
    TROIS = "3"
    QUATRE = "4"
    CINQ = "5"
    NC = "NC"

    @property
    def libelle(self) -> str:
        """The class in French."""
        return {"0": "0 (électrique)", "NC": "Non classé"}.get(self.value, self.value)


class VehiculeIndisponible(RegleMetier):
    """The vehicle may not be on the road for these days."""

    code = "vehicule_indisponible"


class CompteurEnArriere(RegleMetier):
    """An odometer only goes forward, unless somebody says that it was wrong."""

    code = "compteur_en_arriere"

    def __init__(self, libelle: str, km: int) -> None:
        super().__init__(
            f"Le compteur de « {libelle} » disait déjà {km:,} km.".replace(",", "\u202f")
            + " Relisez-le, ou dites que c'est une correction."
        )


class Vehicule(Identifie, Base, kw_only=True):
    """One vehicle. ``ct_valable_au`` and ``assurance_valable_au`` are the last valid days.

    ``None`` there means nobody has said (or, for a bike, that the law asks nothing): it excludes
    nothing, the partner checks the papers before confirming.

    ``km`` is what the odometer last said; ``acces`` codes of ``Acces``; ``sieges_enfant`` how many of
    each ``SiegeEnfant``. ``permis_mois_min`` and ``age_min`` are the insurer's rule on who may drive.
    ``entre_le`` and ``sorti_le`` are its first and last day in the fleet.
    """

    __tablename__ = "vehicule"
    __table_args__ = (CheckConstraint("places BETWEEN 1 AND 9", name="places"),)

    offre_id: Mapped[int] = mapped_column(ForeignKey("offre.id"), init=False, index=True)
    offre: Mapped[Offre] = relationship(lazy="joined", innerjoin=True)
    libelle: Mapped[str]
    categorie: Mapped[CategorieVehicule]
    boite: Mapped[Boite | None] = mapped_column(default=None)
    places: Mapped[int | None] = mapped_column(default=None)
    energie: Mapped[Energie | None] = mapped_column(default=None)
    immatriculation: Mapped[str | None] = mapped_column(default=None)
    en_service: Mapped[bool] = mapped_column(default=True)
    ct_valable_au: Mapped[date | None] = mapped_column(default=None)
    assurance_valable_au: Mapped[date | None] = mapped_column(default=None)
    acces: Mapped[list[Any] | None] = mapped_column(default=None)
    sieges_enfant: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    critair: Mapped[CritAir | None] = mapped_column(
        Enum(CritAir, native_enum=False, create_constraint=False, length=40, values_callable=list),
        default=None,
    )
    permis_mois_min: Mapped[int | None] = mapped_column(default=None)
    age_min: Mapped[int | None] = mapped_column(default=None)
    km: Mapped[int | None] = mapped_column(default=None)
    entre_le: Mapped[date | None] = mapped_column(default=None)
    sorti_le: Mapped[date | None] = mapped_column(default=None)
    immobilisations: Mapped[list[Immobilisation]] = relationship(
        init=False, order_by=Immobilisation.debut, default_factory=list, viewonly=True
    )

    @property
    def dernier_jour_sur_la_route(self) -> tuple[date, str] | None:
        """The last day its papers or its place in the fleet allow, and what ends then; the earliest."""
        fins = [
            (jour, quoi)
            for quoi, jour in (
                ("Le contrôle technique", self.ct_valable_au),
                ("L'assurance", self.assurance_valable_au),
                ("La place dans le parc", self.sorti_le),
            )
            if jour is not None
        ]
        return min(fins, default=None)

    def refuser_si_indisponible(self, fin: datetime, debut: datetime | None = None) -> None:
        """Raise ``VehiculeIndisponible`` when it may not run from ``debut`` until ``fin`` (excluded).

        Without ``debut`` only what ends is judged: papers and place in the fleet.
        """
        if not self.en_service:
            raise VehiculeIndisponible(f"« {self.libelle} » n'est pas en service en ce moment.")
        limite = self.dernier_jour_sur_la_route
        if limite is not None and limite[0] < dernier_jour(fin):
            raise VehiculeIndisponible(
                f"{limite[1]} de « {self.libelle} » s'arrête le {limite[0]:%d/%m/%Y}, avant le retour."
            )
        if debut is None:
            return
        if self.entre_le is not None and jour_local(debut) < self.entre_le:
            raise VehiculeIndisponible(f"« {self.libelle} » n'arrive que le {self.entre_le:%d/%m/%Y}.")
        for arret in self.immobilisations:
            if arret.couvre(debut, fin):
                raise VehiculeIndisponible(_phrase_d_arret(self.libelle, arret.fin))

    def raison_d_arret(self, debut: datetime, fin: datetime) -> str:
        """Why it cannot serve a range, behind « Votre véhicule … »; empty when it can."""
        for arret in self.immobilisations:
            if arret.couvre(debut, fin):
                return arret.motif.en_phrase
        if not self.en_service:
            return "n'est plus en service"
        jour = dernier_jour(fin)
        for valable_au, phrase in (
            (self.ct_valable_au, "n'a plus de contrôle technique"),
            (self.assurance_valable_au, "n'a plus d'assurance"),
            (self.sorti_le, "quitte la structure"),
        ):
            if valable_au is not None and valable_au < jour:
                return phrase
        return ""

    def decrit(self) -> dict[str, Any]:
        """What it is, as the documented sheet of an offer says a vehicle (``docs/offre.md``)."""
        decrit: dict[str, Any] = {"categorie": self.categorie.value}
        if self.boite is not None:
            decrit["boite"] = self.boite.value
        if self.places is not None:
            decrit["places"] = self.places
        if self.acces is not None:
            decrit["fauteuil"] = bool({Acces.RAMPE, Acces.TRANSFERT} & set(self.acces))
        return decrit

    def conditions_de_l_assureur(self) -> list[dict[str, Any]]:
        """Who the insurer lets drive, as conditions of an offer."""
        conditions: list[dict[str, Any]] = []
        if self.age_min is not None:
            phrase = f"L'assurance demande {self.age_min} ans ou plus."
            conditions.append({"fait": "age", "au_moins": self.age_min, "phrase": phrase})
        if self.permis_mois_min is not None:
            phrase = f"L'assurance demande le permis depuis {self.permis_mois_min} mois au moins."
            conditions.append(
                {
                    "fait": "permis_anciennete_ans",
                    "au_moins": self.permis_mois_min / 12,
                    "phrase": phrase,
                    "preuve": "permis de conduire",
                }
            )
        return conditions

    def relever(self, km: int, *, correction: bool = False) -> Update:
        """Write the odometer down, forward only unless it is a correction; raises ``CompteurEnArriere``.

        Run it and make sure one row changed: none when somebody has just written more.
        """
        if not correction and self.km is not None and km < self.km:
            raise CompteurEnArriere(self.libelle, self.km)
        ordre = update(Vehicule).where(Vehicule.id == self.id)
        if not correction:
            ordre = ordre.where(or_(Vehicule.km.is_(None), Vehicule.km <= km))
        return ordre.values(km=km).execution_options(synchronize_session=False)


def _phrase_d_arret(libelle: str, fin: datetime | None) -> str:
    if fin is None:
        return f"« {libelle} » ne roule pas en ce moment, et on ne sait pas encore quand il revient."
    return f"« {libelle} » ne roule pas ces jours-là : il revient le {fin.astimezone(PARIS):%d/%m/%Y}."


def dernier_jour(fin: datetime) -> date:
    """The last day, in France, of a range that ends at ``fin`` excluded."""
    return jour_local(fin - timedelta(microseconds=1))


def peut_rouler_jusqu_a(fin: datetime, debut: datetime | None = None) -> ColumnElement[bool]:
    """The same rule as ``Vehicule.refuser_si_indisponible``, as a condition of a query."""
    jour = dernier_jour(fin)
    papiers = and_(
        Vehicule.en_service,
        or_(Vehicule.ct_valable_au.is_(None), Vehicule.ct_valable_au >= jour),
        or_(Vehicule.assurance_valable_au.is_(None), Vehicule.assurance_valable_au >= jour),
        or_(Vehicule.sorti_le.is_(None), Vehicule.sorti_le >= jour),
    )
    if debut is None:
        return papiers
    arret = exists().where(
        Immobilisation.vehicule_id == Vehicule.id,
        Immobilisation.debut < fin,
        or_(
            Immobilisation.fin.is_(None),
            and_(Immobilisation.fin > debut, Immobilisation.fin > Immobilisation.debut),
        ),
    )
    return and_(papiers, or_(Vehicule.entre_le.is_(None), Vehicule.entre_le <= jour_local(debut)), ~arret)


def immobilisations(
    vehicules: Collection[int], du: datetime, au: datetime
) -> Select[int, datetime, datetime | None, Any]:
    """When these vehicles are off the road between two instants: rows (vehicule_id, debut, fin, motif).

    ``fin`` absent: nobody knows yet. What ends with the papers or the fleet is not among them: see
    ``Vehicule.dernier_jour_sur_la_route``.
    """
    return (
        select(Immobilisation.vehicule_id, Immobilisation.debut, Immobilisation.fin, Immobilisation.motif)
        .where(
            Immobilisation.vehicule_id.in_(vehicules),
            Immobilisation.debut < au,
            or_(
                Immobilisation.fin.is_(None),
                and_(Immobilisation.fin > du, Immobilisation.fin > Immobilisation.debut),
            ),
        )
        .order_by(Immobilisation.vehicule_id, Immobilisation.debut)
    )
