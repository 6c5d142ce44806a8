"""A half-day of welcome: one place, several partners, time slots, and each leaves with a first appointment."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, garder, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.personnes import Personne
from mobilite.prescription import Prescription, ReponseIncomplete


class Presence(StrEnum):
    """Whether she came. Not coming is never held against her."""

    VENUE = "venue"
    EXCUSEE = "excusee"
    NON_VENUE = "non_venue"

    @property
    def libelle(self) -> str:
        """The presence in French."""
        return {"venue": "Venue", "excusee": "Excusée", "non_venue": "Pas venue"}[self.value]


class RaisonAbsence(StrEnum):
    """What kept her away: something to solve, never a fault."""

    PAS_DE_TRANSPORT = "pas_de_transport"
    GARDE = "garde"
    TRAVAIL = "travail"
    IMPREVU = "imprevu"
    PAS_PREVENUE = "pas_prevenue"
    INCONNUE = "inconnue"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "pas_de_transport": "Pas de moyen de venir",
            "garde": "Personne pour garder un proche",
            "travail": "Travail ou formation",
            "imprevu": "Un imprévu",
            "pas_prevenue": "Elle n'a pas reçu le rendez-vous",
            "inconnue": "On ne sait pas encore",
        }[self.value]


class CreneauComplet(RegleMetier):
    """Every place of the slot is taken: somebody was first."""

    code = "creneau_complet"

    def __init__(self) -> None:
        super().__init__("Ce créneau est complet. Choisissez une autre heure.")


class DejaInscrite(RegleMetier):
    """She has her place on that day already."""

    code = "deja_inscrite"

    def __init__(self) -> None:
        super().__init__("Elle est déjà inscrite à cette journée.")


class JourneeAnnulee(RegleMetier):
    """Nobody is registered for a day that will not take place."""

    code = "journee_annulee"

    def __init__(self) -> None:
        super().__init__("Cette journée est annulée.")


class CreneauAccueil(Base, kw_only=True):
    """A time at which ``places`` people are received. The database refuses one more."""

    __tablename__ = "creneau_accueil"
    __table_args__ = (
        CheckConstraint("debut < fin", name="dans_l_ordre"),
        CheckConstraint("places > 0", name="places"),
        UniqueConstraint("journee_id", "debut"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    journee_id: Mapped[int] = mapped_column(
        ForeignKey("journee_accueil.id", ondelete="CASCADE"), init=False, index=True
    )
    journee: Mapped[JourneeAccueil] = relationship(init=False, back_populates="creneaux")
    debut: Mapped[datetime]
    fin: Mapped[datetime]
    places: Mapped[int]


class JourneeAccueil(Identifie, Base, kw_only=True):
    """One half-day. ``lieu`` is the address in words; ``maison_id`` the Maison that holds it, if any.

    ``partenaires``: who receives there, one name each.
    """

    __tablename__ = "journee_accueil"
    __table_args__ = (
        CheckConstraint("lieu <> ''", name="lieu"),
        UniqueConstraint("creee_par", "cle"),
    )

    le: Mapped[date] = mapped_column(index=True)
    lieu: Mapped[str]
    maison_id: Mapped[int | None] = mapped_column(
        ForeignKey("maison_solidarite.id", ondelete="SET NULL"), default=None
    )
    maison: Mapped[MaisonSolidarite | None] = relationship(init=False)
    partenaires: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    creee_par: Mapped[int]
    cle: Mapped[str]
    annulee_le: Mapped[datetime | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)
    creneaux: Mapped[list[CreneauAccueil]] = relationship(
        default_factory=list,
        back_populates="journee",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(CreneauAccueil.debut, CreneauAccueil.id),
        lazy="selectin",
    )


class InscriptionAccueil(Identifie, Base, kw_only=True):
    """Somebody expected at a time: from her dossier, or from a fiche that has none yet.

    ``retiree_le`` frees the place. She leaves with ``orientation`` and a first appointment.
    """

    __tablename__ = "inscription_accueil"
    __table_args__ = (
        CheckConstraint("personne_id IS NOT NULL OR prescription_id IS NOT NULL", name="qui"),
        CheckConstraint(
            "presence IS NULL OR presence = 'venue' OR raison_absence IS NOT NULL", name="absence_expliquee"
        ),
        Index(
            "uq_inscription_accueil_personne",
            "journee_id",
            "personne_id",
            unique=True,
            sqlite_where=text("retiree_le IS NULL"),
            postgresql_where=text("retiree_le IS NULL"),
        ),
        Index(
            "uq_inscription_accueil_prescription",
            "journee_id",
            "prescription_id",
            unique=True,
            sqlite_where=text("retiree_le IS NULL"),
            postgresql_where=text("retiree_le IS NULL"),
        ),
    )

    journee_id: Mapped[int] = mapped_column(ForeignKey("journee_accueil.id", ondelete="CASCADE"))
    creneau_id: Mapped[int] = mapped_column(ForeignKey("creneau_accueil.id", ondelete="CASCADE"), index=True)
    creneau: Mapped[CreneauAccueil] = relationship(init=False)
    personne_id: Mapped[int | None] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), default=None, index=True
    )
    personne: Mapped[Personne | None] = relationship(init=False)
    prescription_id: Mapped[int | None] = mapped_column(
        ForeignKey("prescription.id", ondelete="CASCADE"), default=None, index=True
    )
    prescription: Mapped[Prescription | None] = relationship(init=False)
    inscrite_par: Mapped[int]
    inscrite_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    retiree_le: Mapped[datetime | None] = mapped_column(default=None)
    presence: Mapped[Presence | None] = mapped_column(default=None)
    raison_absence: Mapped[RaisonAbsence | None] = mapped_column(default=None)
    orientation: Mapped[str] = mapped_column(default="")
    rendez_vous: Mapped[datetime | None] = mapped_column(default=None)
    rendez_vous_lieu: Mapped[str] = mapped_column(default="")
    rendez_vous_avec: Mapped[str] = mapped_column(default="")

    @property
    def nom_complet(self) -> str:
        """What to call her at the desk."""
        if self.personne is not None:
            return self.personne.nom_complet
        return self.prescription.nom_complet if self.prescription else ""

    def noter_presence(self, presence: Presence, raison: RaisonAbsence | None = None) -> None:
        """Whether she came; an absence without a reason is one nobody knows yet."""
        self.presence = presence
        absente = presence is not Presence.VENUE
        self.raison_absence = (raison or RaisonAbsence.INCONNUE) if absente else None

    def conclure(self, orientation: str, rendez_vous: datetime, *, lieu: str = "", avec: str = "") -> None:
        """What she leaves with. Raises ``ReponseIncomplete`` for somebody who would leave with nothing."""
        if not orientation.strip() or not avec.strip():
            raise ReponseIncomplete("Elle repart avec une orientation, et un rendez-vous avec quelqu'un.")
        self.presence, self.raison_absence = Presence.VENUE, None
        self.orientation, self.rendez_vous = orientation.strip(), rendez_vous
        self.rendez_vous_lieu, self.rendez_vous_avec = lieu.strip(), avec.strip()

    def retirer(self, le: datetime) -> bool:
        """Free her place; whether anything changed."""
        if self.retiree_le is not None:
            return False
        self.retiree_le = le
        return True


def inscrire(
    creneau: CreneauAccueil,
    par: Acteur,
    le: datetime,
    *,
    personne: Personne | None = None,
    prescription: Prescription | None = None,
) -> InscriptionAccueil:
    """A place in a slot, to add and flush: the database says whether one is left (``refus_de``)."""
    if creneau.journee.annulee_le is not None:
        raise JourneeAnnulee
    return InscriptionAccueil(
        journee_id=creneau.journee_id,
        creneau_id=creneau.id,
        personne_id=personne.id if personne else None,
        prescription_id=prescription.id if prescription else None,
        inscrite_par=par.id,
        inscrite_le=le,
    )


def inscriptions_de(journee_id: int) -> Select[InscriptionAccueil]:
    """Who is expected, in order of time; those who freed their place left out."""
    return (
        select(InscriptionAccueil)
        .join(CreneauAccueil)
        .where(InscriptionAccueil.journee_id == journee_id, InscriptionAccueil.retiree_le.is_(None))
        .order_by(CreneauAccueil.debut, InscriptionAccueil.id)
    )


def journees_a_venir(le: date) -> Select[JourneeAccueil]:
    """The half-days from a day on, the next first."""
    return (
        select(JourneeAccueil)
        .where(JourneeAccueil.le >= le, JourneeAccueil.annulee_le.is_(None))
        .order_by(JourneeAccueil.le, JourneeAccueil.id)
    )


def refus_de(erreur: IntegrityError) -> RegleMetier | None:
    """The refusal behind what the database refused; ``None`` when it is something else."""
    texte = str(erreur.orig)
    if _COMPLET in texte:
        return CreneauComplet()
    # SQLite names the columns of an index, not the index.
    if "uq_inscription_accueil" in texte or "inscription_accueil.journee_id" in texte:
        return DejaInscrite()
    return None


_COMPLET = "creneau_complet"

_GARDE_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON inscription_accueil
WHEN NEW.retiree_le IS NULL AND (
    SELECT count(*) FROM inscription_accueil AS autre
    WHERE autre.creneau_id = NEW.creneau_id AND autre.retiree_le IS NULL AND autre.id IS NOT {moi}
    ) >= (SELECT places FROM creneau_accueil WHERE id = NEW.creneau_id)
BEGIN SELECT RAISE(ABORT, 'creneau_complet'); END"""
GARDES_SQLITE = (
    _GARDE_SQLITE.format(nom="inscription_accueil_places_insert", quand="INSERT", moi="NEW.id"),
    _GARDE_SQLITE.format(
        nom="inscription_accueil_places_update", quand="UPDATE OF creneau_id, retiree_le", moi="OLD.id"
    ),
)
GARDES_CRENEAU_SQLITE = (
    """CREATE TRIGGER creneau_accueil_places BEFORE UPDATE OF places ON creneau_accueil
WHEN (SELECT count(*) FROM inscription_accueil WHERE creneau_id = OLD.id AND retiree_le IS NULL) > NEW.places
BEGIN SELECT RAISE(ABORT, 'creneau_complet'); END""",
)
# The row of the slot is locked first: two registrations at once are counted one after the other.
GARDES_POSTGRESQL = (
    """CREATE FUNCTION garder_places_accueil() RETURNS trigger LANGUAGE plpgsql AS
$$ DECLARE offertes integer;
BEGIN
IF NEW.retiree_le IS NOT NULL THEN RETURN NEW; END IF;
SELECT places INTO offertes FROM creneau_accueil WHERE id = NEW.creneau_id FOR UPDATE;
IF (SELECT count(*) FROM inscription_accueil AS autre WHERE autre.creneau_id = NEW.creneau_id
AND autre.retiree_le IS NULL AND autre.id <> NEW.id) >= offertes THEN
RAISE EXCEPTION 'creneau_complet' USING ERRCODE = 'exclusion_violation'; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER inscription_accueil_places BEFORE INSERT OR UPDATE OF creneau_id, retiree_le
ON inscription_accueil FOR EACH ROW EXECUTE FUNCTION garder_places_accueil()""",
    """CREATE FUNCTION garder_creneau_accueil() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF (SELECT count(*) FROM inscription_accueil
WHERE creneau_id = OLD.id AND retiree_le IS NULL) > NEW.places THEN
RAISE EXCEPTION 'creneau_complet' USING ERRCODE = 'exclusion_violation'; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER creneau_accueil_places BEFORE UPDATE OF places
ON creneau_accueil FOR EACH ROW EXECUTE FUNCTION garder_creneau_accueil()""",
)
garder(
    InscriptionAccueil.__table__,
    sqlite=(*GARDES_SQLITE, *GARDES_CRENEAU_SQLITE),
    postgresql=GARDES_POSTGRESQL,
)
