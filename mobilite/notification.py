"""Messages to people and structures: written with the fact they tell, sent or made by hand afterwards.

A message is a row of the outbox. It says to whom and what, never at which number: number, refusals
and discretion are read again when it leaves. The platform sends text messages and e-mails; a call or
a letter is done by somebody, who says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    Update,
    exists,
    false,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Identifie, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.personnes import Joindre, Personne
from mobilite.structure import Structure


class Canal(StrEnum):
    """By which way a message reaches somebody."""

    SMS = "sms"
    COURRIEL = "courriel"
    LETTRE = "lettre"
    APPEL = "appel"

    @property
    def libelle(self) -> str:
        """The way in French."""
        return {"sms": "SMS", "courriel": "Courriel", "lettre": "Lettre", "appel": "Appel"}[self.value]

    @property
    def automatique(self) -> bool:
        """Whether the platform sends it by itself."""
        return self in (Canal.SMS, Canal.COURRIEL)


class EtatMessage(StrEnum):
    """Where a message stands. All but the first are final."""

    EN_ATTENTE = "en_attente"
    ENVOYE = "envoye"
    FAIT = "fait"
    RETIRE = "retire"


class GenreMessage(StrEnum):
    """What a message tells. A new kind needs no migration: the column is text."""

    PLACE_CONFIRMEE = "place_confirmee"
    PLACE_REFUSEE = "place_refusee"
    PLACE_ANNULEE = "place_annulee"
    DEMANDE_EXPIREE = "demande_expiree"
    VEHICULE_CHANGE = "vehicule_change"
    SANS_VEHICULE = "sans_vehicule"
    RAPPEL_VEHICULE = "rappel_vehicule"
    RAPPEL_TRAJET = "rappel_trajet"
    DEMANDE_A_REPONDRE = "demande_a_repondre"
    PLACE_PROPOSEE = "place_proposee"
    VEHICULE_LIBERE = "vehicule_libere"
    ECHEANCE_VEHICULE = "echeance_vehicule"
    ENTRETIEN_A_FAIRE = "entretien_a_faire"
    OFFRES_A_VERIFIER = "offres_a_verifier"
    POINT_A_FAIRE = "point_a_faire"
    ORIENTATION_SANS_REPONSE = "orientation_sans_reponse"
    ORIENTATION_REPONDUE = "orientation_repondue"
    RENDEZ_VOUS_FIXE = "rendez_vous_fixe"

    @property
    def libelle(self) -> str:
        """The kind in French."""
        return {
            "place_confirmee": "Place confirmée",
            "place_refusee": "Place refusée",
            "place_annulee": "Réservation annulée",
            "demande_expiree": "Demande fermée sans réponse",
            "vehicule_change": "Autre véhicule, mêmes jours",
            "sans_vehicule": "Véhicule arrêté, à revoir avec elle",
            "rappel_vehicule": "Rappel d'un véhicule",
            "rappel_trajet": "Rappel d'un trajet",
            "demande_a_repondre": "Demande sans réponse",
            "place_proposee": "Place proposée à qui attend",
            "vehicule_libere": "Véhicule libre pour qui attend",
            "echeance_vehicule": "Contrôle technique ou assurance",
            "entretien_a_faire": "Entretien d'un véhicule",
            "offres_a_verifier": "Offres à vérifier",
            "point_a_faire": "Faire le point ensemble",
            "orientation_sans_reponse": "Orientation restée sans réponse",
            "orientation_repondue": "Réponse à une orientation",
            "rendez_vous_fixe": "Rendez-vous fixé",
        }[self.value]


class MessageDejaTraite(RegleMetier):
    """Somebody was first, or the message has no reason any more."""

    code = "message_deja_traite"

    def __init__(self) -> None:
        super().__init__("C'est déjà noté, ou ce n'est plus à faire.")


@dataclass(frozen=True, slots=True)
class Moyen:
    """The way to reach somebody and why that one; ``canal`` is ``None`` when there is none."""

    canal: Canal | None
    pourquoi: str


class CanalRefuse(Base, kw_only=True):
    """A way by which somebody does not want messages."""

    __tablename__ = "canal_refuse"
    __table_args__ = (
        CheckConstraint("(personne_id IS NULL) <> (structure_id IS NULL)", name="de_qui"),
        UniqueConstraint("personne_id", "canal"),
        UniqueConstraint("structure_id", "canal"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    personne_id: Mapped[int | None] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), default=None
    )
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"), default=None)
    canal: Mapped[Canal]
    refuse_le: Mapped[datetime] = mapped_column(default_factory=maintenant)


class Message(Identifie, Base, kw_only=True):
    """One message. To ``structure`` when there is one, else to ``personne``, who is also whom it is about.

    ``cle`` is the fact: the same fact is never told twice. ``objet_type`` and ``objet_id`` name what
    it speaks of, as in the journal. It leaves from ``a_partir_du`` on and has no reason any more from
    ``jusqu_au``. ``pris_jusqu_au`` is the lease of whoever is sending it, ``essais`` which try it is.
    ``par`` is the account of whoever did it by hand.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("personne_id IS NOT NULL OR structure_id IS NOT NULL", name="a_qui"),
        CheckConstraint("(etat IN ('envoye', 'fait')) = (parti_le IS NOT NULL)", name="parti"),
        Index(None, "etat", "canal", "a_partir_du"),
        Index(None, "objet_type", "objet_id"),
    )

    genre: Mapped[str]
    canal: Mapped[Canal]
    personne_id: Mapped[int | None] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), default=None, index=True
    )
    personne: Mapped[Personne | None] = relationship(init=False)
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"), default=None, index=True)
    structure: Mapped[Structure | None] = relationship(init=False)
    titre: Mapped[str] = mapped_column(default="")
    texte: Mapped[str]
    cle: Mapped[str] = mapped_column(unique=True)
    objet_type: Mapped[str]
    objet_id: Mapped[int]
    cree_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    a_partir_du: Mapped[datetime]
    jusqu_au: Mapped[datetime | None] = mapped_column(default=None)
    etat: Mapped[EtatMessage] = mapped_column(default=EtatMessage.EN_ATTENTE)
    essais: Mapped[int] = mapped_column(default=0)
    pris_jusqu_au: Mapped[datetime | None] = mapped_column(default=None)
    parti_le: Mapped[datetime | None] = mapped_column(default=None)
    par: Mapped[int | None] = mapped_column(default=None)
    remarque: Mapped[str] = mapped_column(default="")

    @property
    def demonstration(self) -> bool:
        """Whether it is for somebody invented: it never leaves."""
        destinataire = self.structure or self.personne
        return destinataire is not None and destinataire.demonstration

    @property
    def libelle_etat(self) -> str:
        """Where it stands, in French."""
        if self.etat is EtatMessage.EN_ATTENTE:
            return {
                Canal.SMS: "À envoyer",
                Canal.COURRIEL: "À envoyer",
                Canal.LETTRE: "À imprimer",
                Canal.APPEL: "À appeler",
            }[self.canal]
        return {"envoye": "Envoyé", "fait": "Fait", "retire": "Retiré"}[self.etat.value]

    def prendre(self, instant: datetime, bail: timedelta) -> Update:
        """Take it to send it, until the lease ends; to run and count."""
        return (
            self._si_en_attente()
            .where(
                Message.essais == self.essais,
                or_(Message.pris_jusqu_au.is_(None), Message.pris_jusqu_au <= instant),
            )
            .values(essais=self.essais + 1, pris_jusqu_au=instant + bail)
        )

    def noter_parti(self, essai: int, le: datetime) -> Update:
        """It left with that try; to run and count."""
        return (
            self._si_en_attente()
            .where(Message.essais == essai)
            .values(etat=EtatMessage.ENVOYE, parti_le=le, pris_jusqu_au=None)
        )

    def remettre(self, essai: int, a_partir_du: datetime) -> Update:
        """It did not leave: try again from then on."""
        return (
            self._si_en_attente()
            .where(Message.essais == essai)
            .values(a_partir_du=a_partir_du, pris_jusqu_au=None)
        )

    def confier(self, canal: Canal, remarque: str) -> Update:
        """Somebody does by hand what cannot leave by itself, for the reason said."""
        return self._si_en_attente().values(canal=canal, remarque=remarque, pris_jusqu_au=None)

    def retirer(self, remarque: str = "") -> Update:
        """It has no reason any more."""
        return self._si_en_attente().values(etat=EtatMessage.RETIRE, remarque=remarque, pris_jusqu_au=None)

    def marquer_fait(self, par: Acteur, le: datetime) -> Update:
        """Somebody called, or gave the letter; raises ``MessageDejaTraite``."""
        if self.etat is not EtatMessage.EN_ATTENTE or self.canal.automatique:
            raise MessageDejaTraite
        return self._si_en_attente().values(etat=EtatMessage.FAIT, parti_le=le, par=par.id)

    def _si_en_attente(self) -> Update:
        return (
            update(Message)
            .where(Message.id == self.id, Message.etat == EtatMessage.EN_ATTENTE)
            .execution_options(synchronize_session=False)
        )


def est_un_portable(telephone: str) -> bool:
    """Whether a text message reaches an E.164 number: a French one must be a mobile."""
    return telephone.startswith(("+336", "+337")) or not telephone.startswith("+33")


def moyen_de_la_personne(personne: Personne, refuses: Collection[Canal] = ()) -> Moyen:
    """How to remind her of something. Never a message where it could be read by others, or reach nobody.

    She may refuse text messages, and apart from them to be called for a reminder.
    """
    if personne.contact_discret:
        return _appeler("son contact est discret", refuses)
    if personne.joindre is Joindre.RIEN or not personne.telephone:
        if personne.joindre is Joindre.REFERENT and personne.referent:
            return _appeler("on la joint par son référent", refuses)
        return Moyen(None, "Pas de rappel : elle n'a pas de téléphone.")
    if personne.joindre is Joindre.REFERENT:
        return _appeler("on la joint par son référent", refuses)
    if personne.message_possible is not True:
        dit = "on ne peut pas" if personne.message_possible is False else "on ne sait pas si on peut"
        return _appeler(f"{dit} lui laisser de message", refuses)
    if not est_un_portable(personne.telephone):
        return _appeler("son téléphone ne reçoit pas de SMS", refuses)
    if Canal.SMS in refuses:
        return _appeler("elle ne veut pas de SMS", refuses)
    return Moyen(Canal.SMS, "Par SMS.")


def moyen_de_vive_voix(personne: Personne, refuses: Collection[Canal] = ()) -> Moyen:
    """How to tell her what changes her coming: she is called though she wants no reminder that way.

    Without a telephone, somebody is asked to find her. Nothing is sent.
    """
    moyen = moyen_de_la_personne(personne, set(refuses) - {Canal.APPEL})
    if moyen.canal is not None:
        return moyen
    return Moyen(Canal.APPEL, "Elle n'a pas de téléphone : à lui dire de vive voix, chez elle ou au guichet.")


def _appeler(raison: str, refuses: Collection[Canal]) -> Moyen:
    if Canal.APPEL in refuses:
        return Moyen(None, "Pas de rappel : elle ne veut pas être appelée pour cela.")
    return Moyen(Canal.APPEL, f"Par un appel : {raison}.")


def moyen_de_la_structure(a_un_compte: bool, urgent: bool, refuses: Collection[Canal] = ()) -> Moyen:
    """How to tell a structure something: e-mail of its accounts, else a call if it cannot wait, else a letter."""
    if a_un_compte and Canal.COURRIEL not in refuses:
        return Moyen(Canal.COURRIEL, "Par courriel.")
    raison = "la structure ne veut pas de courriel" if a_un_compte else "la structure n'a pas de compte"
    suite = Canal.APPEL if urgent else Canal.LETTRE
    if suite in refuses:
        return Moyen(None, "La structure ne veut pas être prévenue.")
    return Moyen(suite, f"{'Par un appel' if urgent else 'Par une lettre'} : {raison}.")


def messages_visibles_par(acteur: Acteur) -> Select[Message]:
    """What somebody may read of the outbox, the latest first.

    An adviser: about the people she follows or nobody follows, and to structures about nobody. A
    person: what was written to her. A partner: what was written to its structure.
    """
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.CONSEILLER:
            suivies = select(Personne.id).where(
                or_(Personne.conseiller_id == acteur.id, Personne.conseiller_id.is_(None))
            )
            visible = or_(Message.personne_id.is_(None), Message.personne_id.in_(suivies))
        case RoleActeur.PERSONNE if acteur.personne_id is not None:
            visible = (Message.personne_id == acteur.personne_id) & Message.structure_id.is_(None)
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = Message.structure_id == acteur.structure_id
        case RoleActeur.SYSTEME:
            visible = true()
        case _:
            visible = false()
    return select(Message).where(visible).order_by(Message.cree_le.desc(), Message.id.desc())


def a_envoyer(instant: datetime, canaux: Collection[Canal]) -> Select[Message]:
    """What may leave now by these ways, the oldest first.

    Nothing that somebody is sending, and never anything to somebody invented.
    """
    inventees = exists().where(Structure.id == Message.structure_id, Structure.demonstration)
    inventee = exists().where(Personne.id == Message.personne_id, Personne.demonstration)
    return (
        select(Message)
        .where(
            ~inventees,
            ~inventee,
            Message.etat == EtatMessage.EN_ATTENTE,
            Message.canal.in_(canaux),
            Message.a_partir_du <= instant,
            or_(Message.jusqu_au.is_(None), Message.jusqu_au > instant),
            or_(Message.pris_jusqu_au.is_(None), Message.pris_jusqu_au <= instant),
        )
        .order_by(Message.a_partir_du, Message.id)
    )


def trop_tard(instant: datetime) -> Update:
    """Withdraw what has no reason any more; whoever is sending one finishes first."""
    return (
        update(Message)
        .where(
            Message.etat == EtatMessage.EN_ATTENTE,
            Message.jusqu_au <= instant,
            or_(Message.pris_jusqu_au.is_(None), Message.pris_jusqu_au <= instant),
        )
        .values(etat=EtatMessage.RETIRE, remarque="Trop tard.", pris_jusqu_au=None)
        .execution_options(synchronize_session=False)
    )


def textes_a_oublier(avant: datetime) -> Update:
    """Forget what old messages said; that they were, when and how stays."""
    return (
        update(Message)
        .where(Message.etat != EtatMessage.EN_ATTENTE, Message.cree_le < avant, Message.texte != "")
        .values(texte="", titre="")
        .execution_options(synchronize_session=False)
    )
