"""The état des lieux: what a vehicle was like when it left and when it came back, signed by two people.

A draft is noted step by step; once signed the database refuses to change it, and a correction is a
remark added beside it. The photos are kept here too, so that one backup holds everything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Select,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.base import Base, Document, Identifie, garder, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.points_de_controle import Dommage, Endroit, Jauge, Proprete, a_un_compteur, jauge_de
from mobilite.reservation import Reservation

PHOTOS_MAX = 8
DOMMAGES_MAX = 20
KM_MAX = 2_000_000
MENTION = "lu et approuvé"


class Moment(StrEnum):
    """When it is made."""

    REMISE = "remise"
    RETOUR = "retour"

    @property
    def libelle(self) -> str:
        """The moment in French."""
        return {"remise": "Départ", "retour": "Retour"}[self.value]


class EtatDejaSigne(RegleMetier):
    """It is signed: nobody changes it any more."""

    code = "etat_deja_signe"

    def __init__(self) -> None:
        super().__init__("Cet état des lieux est signé : il ne change plus. Ajoutez une remarque.")


class EtatIncomplet(RegleMetier):
    """Something is missing before the two people can sign."""

    code = "etat_incomplet"

    def __init__(self, manquent: Sequence[str]) -> None:
        super().__init__(f"Avant de signer, il manque : {', '.join(manquent)}.")
        self.manquent = tuple(manquent)


class TropDePhotos(RegleMetier):
    """There is no room for one more photo."""

    code = "trop_de_photos"

    def __init__(self) -> None:
        super().__init__(f"{PHOTOS_MAX} photos au plus : enlevez-en une d'abord.")


class EtatDesLieux(Identifie, Base, kw_only=True):
    """One état des lieux of one booking. ``vehicule_id`` is the vehicle that was there on that day.

    ``equipements`` maps codes of ``Equipement`` to whether it is there (absent: nobody looked);
    ``dommages`` holds what ``Dommage`` says. ``convenu`` is frozen with the signature: at the
    departure the price grid and the rules that hold, at the return the price that follows.
    """

    __tablename__ = "etat_des_lieux"
    __table_args__ = (
        UniqueConstraint("reservation_id", "moment"),
        CheckConstraint(f"km BETWEEN 0 AND {KM_MAX}", name="km"),
        CheckConstraint("(jauge IS NULL) = (niveau IS NULL)", name="jauge_lue"),
        CheckConstraint("niveau >= 0 AND niveau <= 100", name="niveau"),
        CheckConstraint(
            "signe_le IS NULL OR (nom_structure <> '' AND nom_personne <> ''"
            " AND mention_structure <> '' AND mention_personne <> '' AND convenu IS NOT NULL)",
            name="signe_a_deux",
        ),
    )

    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    reservation: Mapped[Reservation] = relationship(init=False)
    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"), index=True)
    vehicule: Mapped[Vehicule] = relationship(init=False, lazy="joined", innerjoin=True)
    moment: Mapped[Moment]
    commence_par: Mapped[int]
    commence_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    km: Mapped[int | None] = mapped_column(default=None)
    jauge: Mapped[Jauge | None] = mapped_column(default=None)
    niveau: Mapped[int | None] = mapped_column(default=None)
    proprete: Mapped[Proprete | None] = mapped_column(default=None)
    equipements: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    dommages: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    observations: Mapped[str] = mapped_column(default="")
    convenu: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    nom_structure: Mapped[str] = mapped_column(default="")
    mention_structure: Mapped[str] = mapped_column(default="")
    nom_personne: Mapped[str] = mapped_column(default="")
    mention_personne: Mapped[str] = mapped_column(default="")
    signe_le: Mapped[datetime | None] = mapped_column(default=None)
    photos: Mapped[list[PhotoEtat]] = relationship(
        init=False, order_by="PhotoEtat.id", cascade="all, delete-orphan", passive_deletes=True
    )
    remarques: Mapped[list[RemarqueEtat]] = relationship(
        init=False, order_by="RemarqueEtat.id", cascade="all", passive_deletes=True
    )

    @property
    def signe(self) -> bool:
        """Whether it is signed."""
        return self.signe_le is not None

    @property
    def niveau_dit(self) -> str:
        """« 5/8 », « 80 % », or nothing."""
        return self.jauge.dire(self.niveau) if self.jauge is not None and self.niveau is not None else ""

    def lire_dommages(self) -> tuple[Dommage, ...]:
        """The damages, in the order they were noted."""
        return tuple(Dommage(d["cle"], Endroit(d["endroit"]), d["mots"]) for d in self.dommages)

    def refuser_si_signe(self) -> None:
        """Raise ``EtatDejaSigne``: the database would refuse as well, less kindly."""
        if self.signe:
            raise EtatDejaSigne

    def ajouter_dommage(self, dommage: Dommage) -> bool:
        """Add a damage; ``False`` when its form had already been sent."""
        self.refuser_si_signe()
        if any(d["cle"] == dommage.cle for d in self.dommages):
            return False
        if len(self.dommages) >= DOMMAGES_MAX:
            raise EtatIncomplet([f"de la place : {DOMMAGES_MAX} dommages au plus"])
        self.dommages = [*self.dommages, asdict(dommage) | {"endroit": dommage.endroit.value}]
        return True

    def retirer_dommage(self, cle: str) -> None:
        """Forget a damage noted by mistake; its photos stay with the sheet."""
        self.refuser_si_signe()
        self.dommages = [d for d in self.dommages if d["cle"] != cle]
        for photo in self.photos:
            if photo.dommage == cle:
                photo.dommage = ""

    def manquent(self) -> list[str]:
        """What must be noted before anybody signs."""
        dit = [
            ("les kilomètres", self.km is not None or not a_un_compteur(self.vehicule)),
            (
                "le niveau de batterie" if jauge_de(self.vehicule) is Jauge.POURCENT else "le carburant",
                self.niveau is not None or jauge_de(self.vehicule) is None,
            ),
            ("la propreté", self.proprete is not None),
        ]
        return [quoi for quoi, fait in dit if not fait]

    def signer(
        self,
        *,
        nom_structure: str,
        mention_structure: str,
        nom_personne: str,
        mention_personne: str,
        convenu: Mapping[str, Any],
        le: datetime | None = None,
    ) -> None:
        """Close the sheet by the names of the two people, each having typed « lu et approuvé ».

        Raises ``EtatDejaSigne``, or ``EtatIncomplet`` with everything that is missing.
        """
        self.refuser_si_signe()
        manquent = [
            *self.manquent(),
            *(
                quoi
                for quoi, dit in (
                    ("le nom de la personne qui remet ou reprend", nom_structure.strip()),
                    (f"« {MENTION} » de la structure", approuve(mention_structure)),
                    ("le nom de la personne qui emprunte", nom_personne.strip()),
                    (f"« {MENTION} » de la personne qui emprunte", approuve(mention_personne)),
                )
                if not dit
            ),
        ]
        if manquent:
            raise EtatIncomplet(manquent)
        self.nom_structure, self.mention_structure = nom_structure.strip(), mention_structure.strip()
        self.nom_personne, self.mention_personne = nom_personne.strip(), mention_personne.strip()
        self.convenu = dict(convenu)
        self.signe_le = le or maintenant()


def approuve(mention: str) -> bool:
    """Whether somebody typed « lu et approuvé », whatever the capitals, accents and spaces."""
    nu = unicodedata.normalize("NFD", mention.casefold())
    return "".join(signe for signe in nu if signe.isalpha()) == "luetapprouve"


class PhotoEtat(Identifie, Base, kw_only=True):
    """One photo, a JPEG already cleaned. ``empreinte`` (SHA-256) recognises the same one sent twice.

    ``dommage`` is the ``cle`` of the damage it shows, empty for the whole vehicle. The bytes are
    loaded only when asked for.
    """

    __tablename__ = "photo_etat"
    __table_args__ = (UniqueConstraint("etat_id", "empreinte"),)

    etat_id: Mapped[int] = mapped_column(ForeignKey("etat_des_lieux.id", ondelete="CASCADE"), index=True)
    dommage: Mapped[str] = mapped_column(default="")
    ajoutee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    largeur: Mapped[int]
    hauteur: Mapped[int]
    empreinte: Mapped[str]
    octets: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class RemarqueEtat(Identifie, Base, kw_only=True):
    """What somebody adds afterwards to a signed sheet; it is never rewritten either."""

    __tablename__ = "remarque_etat"
    __table_args__ = (
        CheckConstraint("nom <> '' AND texte <> ''", name="dite"),
        UniqueConstraint("etat_id", "cle_idempotence"),
    )

    etat_id: Mapped[int] = mapped_column(ForeignKey("etat_des_lieux.id", ondelete="CASCADE"), index=True)
    ecrite_par: Mapped[int]
    ecrite_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    nom: Mapped[str]
    texte: Mapped[str]
    cle_idempotence: Mapped[str]


class SortCaution(StrEnum):
    """What became of the deposit at the end."""

    RENDUE = "rendue"
    RETENUE = "retenue"
    SANS_OBJET = "sans_objet"

    @property
    def libelle(self) -> str:
        """What became of it, in French."""
        return {
            "rendue": "Rendue en entier",
            "retenue": "Retenue, en partie ou en entier",
            "sans_objet": "Sans objet : il n'y en avait pas",
        }[self.value]


class CautionConclue(Identifie, Base, kw_only=True):
    """What became of the deposit of one booking, by whom; a part kept back has an amount and a reason."""

    __tablename__ = "caution_conclue"
    __table_args__ = (
        CheckConstraint("(sort = 'retenue') = (retenue_centimes IS NOT NULL)", name="retenue_chiffree"),
        CheckConstraint("sort <> 'retenue' OR motif <> ''", name="retenue_motivee"),
        CheckConstraint("retenue_centimes > 0", name="retenue_positive"),
    )

    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    sort: Mapped[SortCaution]
    retenue_centimes: Mapped[int | None] = mapped_column(default=None)
    motif: Mapped[str] = mapped_column(default="")
    notee_par: Mapped[int]
    notee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)


def etats_de(reservation_id: int) -> Select[EtatDesLieux]:
    """The sheets of one booking, the departure first."""
    return (
        select(EtatDesLieux)
        .where(EtatDesLieux.reservation_id == reservation_id)
        .order_by(EtatDesLieux.moment)
    )


GARDES_SQLITE = (
    """CREATE TRIGGER etat_des_lieux_signe_fige BEFORE UPDATE ON etat_des_lieux
WHEN OLD.signe_le IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'etat_des_lieux_signe'); END""",
    """CREATE TRIGGER etat_des_lieux_signe_garde BEFORE DELETE ON etat_des_lieux
WHEN OLD.signe_le IS NOT NULL AND EXISTS (
    SELECT 1 FROM reservation WHERE reservation.id = OLD.reservation_id AND reservation.personne_id IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'etat_des_lieux_signe'); END""",
)
_PHOTO_SQLITE = """CREATE TRIGGER photo_etat_figee_{quoi} BEFORE {ordre} ON photo_etat
WHEN EXISTS (SELECT 1 FROM etat_des_lieux AS etat WHERE etat.id IN ({feuilles}) AND etat.signe_le IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'etat_des_lieux_signe'); END"""
GARDES_PHOTOS_SQLITE = (
    _PHOTO_SQLITE.format(quoi="insert", ordre="INSERT", feuilles="NEW.etat_id"),
    _PHOTO_SQLITE.format(quoi="update", ordre="UPDATE", feuilles="OLD.etat_id, NEW.etat_id"),
    _PHOTO_SQLITE.format(quoi="delete", ordre="DELETE", feuilles="OLD.etat_id"),
)
GARDES_REMARQUES_SQLITE = (
    """CREATE TRIGGER remarque_etat_figee BEFORE UPDATE ON remarque_etat
BEGIN SELECT RAISE(ABORT, 'etat_des_lieux_signe'); END""",
)
GARDES_POSTGRESQL = (
    """CREATE FUNCTION garder_etat_des_lieux() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF OLD.signe_le IS NOT NULL AND (TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM reservation
WHERE reservation.id = OLD.reservation_id AND reservation.personne_id IS NOT NULL)) THEN
RAISE EXCEPTION 'etat_des_lieux_signe' USING ERRCODE = 'restrict_violation'; END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER etat_des_lieux_signe_fige BEFORE UPDATE OR DELETE ON etat_des_lieux
FOR EACH ROW EXECUTE FUNCTION garder_etat_des_lieux()""",
)
GARDES_PHOTOS_POSTGRESQL = (
    """CREATE FUNCTION garder_photo_etat() RETURNS trigger LANGUAGE plpgsql AS
$$ DECLARE feuilles integer[];
BEGIN
IF TG_OP = 'INSERT' THEN feuilles := ARRAY[NEW.etat_id];
ELSIF TG_OP = 'DELETE' THEN feuilles := ARRAY[OLD.etat_id];
ELSE feuilles := ARRAY[OLD.etat_id, NEW.etat_id]; END IF;
IF EXISTS (SELECT 1 FROM etat_des_lieux AS etat
WHERE etat.id = ANY(feuilles) AND etat.signe_le IS NOT NULL) THEN
RAISE EXCEPTION 'etat_des_lieux_signe' USING ERRCODE = 'restrict_violation'; END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER photo_etat_figee BEFORE INSERT OR UPDATE OR DELETE ON photo_etat
FOR EACH ROW EXECUTE FUNCTION garder_photo_etat()""",
)
GARDES_REMARQUES_POSTGRESQL = (
    """CREATE FUNCTION garder_remarque_etat() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'etat_des_lieux_signe' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER remarque_etat_figee BEFORE UPDATE ON remarque_etat
FOR EACH ROW EXECUTE FUNCTION garder_remarque_etat()""",
)
garder(EtatDesLieux.__table__, sqlite=GARDES_SQLITE, postgresql=GARDES_POSTGRESQL)
garder(PhotoEtat.__table__, sqlite=GARDES_PHOTOS_SQLITE, postgresql=GARDES_PHOTOS_POSTGRESQL)
garder(RemarqueEtat.__table__, sqlite=GARDES_REMARQUES_SQLITE, postgresql=GARDES_REMARQUES_POSTGRESQL)
