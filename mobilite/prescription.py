"""A fiche by which somebody sends a person to us, and the answer she and he are owed.

Who sends says little: how to call and reach her, where she lives, what for, what she wishes, and that she
agreed. The answer is due in some days whatever it is; a fiche nobody answered says so, to both. A refusal
without another way is impossible, here and in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    UniqueConstraint,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Document, Identifie, jour_local, maintenant
from mobilite.besoin import MotifDeplacement
from mobilite.erreurs import RegleMetier
from mobilite.parametres import Parametres
from mobilite.personnes import Personne
from mobilite.structure import Structure


class GenrePrescripteur(StrEnum):
    """In what capacity somebody sends people to us."""

    REFERENT = "referent"
    MISSION_LOCALE = "mission_locale"
    FRANCE_TRAVAIL = "france_travail"
    CCAS = "ccas"
    MAISON = "maison"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The capacity in French."""
        return {
            "referent": "Référent de parcours",
            "mission_locale": "Mission locale",
            "france_travail": "France Travail",
            "ccas": "CCAS ou mairie",
            "maison": "Maison de la Solidarité",
            "autre": "Autre professionnel",
        }[self.value]


class CanalPrescription(StrEnum):
    """How a fiche came."""

    EN_LIGNE = "en_ligne"
    TELEPHONE = "telephone"
    PAPIER = "papier"

    @property
    def libelle(self) -> str:
        """The way in French."""
        return {"en_ligne": "Par la plateforme", "telephone": "Par téléphone", "papier": "Sur papier"}[
            self.value
        ]


class Urgence(StrEnum):
    """How soon she needs an answer."""

    ORDINAIRE = "ordinaire"
    QUINZAINE = "quinzaine"
    SEMAINE = "semaine"

    @property
    def libelle(self) -> str:
        """The haste in French."""
        return {
            "ordinaire": "Pas d'urgence",
            "quinzaine": "Dans les quinze jours",
            "semaine": "Cette semaine",
        }[self.value]

    @property
    def rang(self) -> int:
        """0 for what cannot wait."""
        return ["semaine", "quinzaine", "ordinaire"].index(self.value)


class FormeAccord(StrEnum):
    """How she said yes."""

    ORAL = "oral"
    ECRIT = "ecrit"

    @property
    def libelle(self) -> str:
        """The form in French."""
        return {"oral": "De vive voix", "ecrit": "Par écrit"}[self.value]


class IssuePrescription(StrEnum):
    """What was answered."""

    ACCEPTEE = "acceptee"
    CONSEIL = "conseil"
    PREALABLES = "prealables"
    REFUSEE = "refusee"

    @property
    def libelle(self) -> str:
        """The answer in French."""
        return {
            "acceptee": "Accueillie, premier rendez-vous fixé",
            "conseil": "Conseils donnés, sans accompagnement",
            "prealables": "Autre chose à régler d'abord",
            "refusee": "Pas chez nous, autre solution proposée",
        }[self.value]


class RaisonRefus(StrEnum):
    """Why we cannot accompany her."""

    HORS_TERRITOIRE = "hors_territoire"
    DEJA_SUIVIE = "deja_suivie"
    AUTRE_DISPOSITIF = "autre_dispositif"
    PAS_DE_BESOIN = "pas_de_besoin"
    NE_SOUHAITE_PAS = "ne_souhaite_pas"
    PAS_JOINTE = "pas_jointe"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "hors_territoire": "Elle habite hors du département",
            "deja_suivie": "Elle est déjà accompagnée ailleurs pour cela",
            "autre_dispositif": "Un autre service répond mieux à sa demande",
            "pas_de_besoin": "Elle se déplace déjà sans difficulté",
            "ne_souhaite_pas": "Elle ne le souhaite pas pour l'instant",
            "pas_jointe": "On n'a pas pu la joindre",
        }[self.value]


class EtatPrescription(StrEnum):
    """Where a fiche stands, on a day."""

    A_REPONDRE = "a_repondre"
    EN_RETARD = "en_retard"
    EXPIREE = "expiree"
    REPONDUE = "repondue"
    RETIREE = "retiree"

    @property
    def libelle(self) -> str:
        """The state in French, the same for who sent it and who answers."""
        return {
            "a_repondre": "Réponse attendue",
            "en_retard": "Réponse en retard",
            "expiree": "Restée sans réponse",
            "repondue": "Réponse donnée",
            "retiree": "Retirée",
        }[self.value]


class RefusSansAlternative(RegleMetier):
    """A door was about to be closed without another one being shown."""

    code = "refus_sans_alternative"

    def __init__(self) -> None:
        super().__init__("Un refus donne sa raison et au moins une autre solution pour elle.")


class ReponseIncomplete(RegleMetier):
    """An answer lacks what makes it one."""

    code = "reponse_incomplete"


class PrescriptionClose(RegleMetier):
    """Somebody was first, or the fiche was withdrawn."""

    code = "prescription_close"

    def __init__(self) -> None:
        super().__init__("Cette fiche a déjà sa réponse, ou elle a été retirée.")


class AccordNonRecueilli(RegleMetier):
    """Nothing of her is sent without her yes."""

    code = "accord_non_recueilli"

    def __init__(self) -> None:
        super().__init__("Demandez-lui d'abord son accord : la fiche part avec elle, pas sans elle.")


@dataclass(frozen=True, slots=True)
class Reponse:
    """An answer, before it is given.

    ``texte`` is what she is told; ``retour``: she agrees that who sent her reads the outcome, the
    appointment and the text; otherwise he only reads that an answer was given.
    """

    issue: IssuePrescription
    texte: str = ""
    raison: RaisonRefus | None = None
    alternatives: str = ""
    rendez_vous: datetime | None = None
    rendez_vous_lieu: str = ""
    rendez_vous_avec: str = ""
    retour: bool = False

    def verifier(self) -> None:
        """Raise ``RefusSansAlternative`` or ``ReponseIncomplete`` for an answer that leaves her with nothing."""
        if self.issue is IssuePrescription.REFUSEE:
            if self.raison is None or not self.alternatives.strip():
                raise RefusSansAlternative
        elif self.issue is IssuePrescription.ACCEPTEE:
            if self.rendez_vous is None:
                raise ReponseIncomplete("Donnez le jour et l'heure du premier rendez-vous.")
        elif not self.texte.strip():
            raise ReponseIncomplete("Écrivez ce qui lui est conseillé, ou ce qui est à régler d'abord.")


class Prescription(Identifie, Base, kw_only=True):
    """One fiche. ``structure_id`` is set when its sender has an account; else ``prescripteur`` says who called.

    ``insee``: her commune. ``joindre_autrement`` is another way than the telephone. ``accord_pour`` are the
    codes of what she agreed to. ``personne_id``: the dossier it was attached to.
    """

    __tablename__ = "prescription"
    __table_args__ = (
        UniqueConstraint("envoyee_par", "cle"),
        CheckConstraint("prenom <> ''", name="prenom"),
        CheckConstraint("prescripteur <> ''", name="prescripteur"),
        CheckConstraint("(repondue_le IS NULL) = (issue IS NULL)", name="repondue_avec_son_issue"),
        CheckConstraint(
            "issue <> 'refusee' OR (raison_refus IS NOT NULL AND alternatives <> '')",
            name="refus_avec_alternative",
        ),
        CheckConstraint("issue <> 'acceptee' OR rendez_vous IS NOT NULL", name="acceptee_avec_rendez_vous"),
        CheckConstraint("issue NOT IN ('conseil', 'prealables') OR texte <> ''", name="reponse_dite"),
        CheckConstraint("retiree_le IS NULL OR issue IS NULL", name="retiree_sans_reponse"),
    )

    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"), default=None, index=True)
    structure: Mapped[Structure | None] = relationship(init=False)
    genre: Mapped[GenrePrescripteur]
    prescripteur: Mapped[str]
    prescripteur_telephone: Mapped[str] = mapped_column(default="")
    canal: Mapped[CanalPrescription] = mapped_column(default=CanalPrescription.EN_LIGNE)
    envoyee_par: Mapped[int]
    envoyee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    cle: Mapped[str]
    prenom: Mapped[str]
    nom: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str | None] = mapped_column(default=None)
    joindre_autrement: Mapped[str] = mapped_column(default="")
    insee: Mapped[str | None] = mapped_column(default=None)
    motif: Mapped[MotifDeplacement]
    urgence: Mapped[Urgence] = mapped_column(default=Urgence.ORDINAIRE)
    pour_le: Mapped[date | None] = mapped_column(default=None)
    souhait: Mapped[str] = mapped_column(default="")
    accord_pour: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    accord_comment: Mapped[FormeAccord]
    accord_le: Mapped[date]
    relance_le: Mapped[date] = mapped_column(index=True)
    expire_le: Mapped[date]
    personne_id: Mapped[int | None] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), default=None, index=True
    )
    personne: Mapped[Personne | None] = relationship(init=False)
    issue: Mapped[IssuePrescription | None] = mapped_column(default=None)
    raison_refus: Mapped[RaisonRefus | None] = mapped_column(default=None)
    alternatives: Mapped[str] = mapped_column(default="")
    texte: Mapped[str] = mapped_column(default="")
    rendez_vous: Mapped[datetime | None] = mapped_column(default=None)
    rendez_vous_lieu: Mapped[str] = mapped_column(default="")
    rendez_vous_avec: Mapped[str] = mapped_column(default="")
    retour: Mapped[bool] = mapped_column(default=False)
    repondue_le: Mapped[datetime | None] = mapped_column(default=None)
    repondue_par: Mapped[int | None] = mapped_column(default=None)
    retiree_le: Mapped[datetime | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)

    @property
    def nom_complet(self) -> str:
        """What to call her on screen."""
        return f"{self.prenom} {self.nom}".strip()

    @property
    def de_qui(self) -> str:
        """Who sends her: the person, and the structure when it is known."""
        return f"{self.prescripteur}, {self.structure.nom}" if self.structure else self.prescripteur

    @property
    def ouverte(self) -> bool:
        """Whether it can still be answered. Late is better than never: an expired one can."""
        return self.issue is None and self.retiree_le is None

    def etat(self, le: date) -> EtatPrescription:
        """Where it stands on a day: computed, so that nothing has to run for it to be true."""
        if self.retiree_le is not None:
            return EtatPrescription.RETIREE
        if self.issue is not None:
            return EtatPrescription.REPONDUE
        if le >= self.expire_le:
            return EtatPrescription.EXPIREE
        return EtatPrescription.EN_RETARD if le >= self.relance_le else EtatPrescription.A_REPONDRE

    def repondre(self, reponse: Reponse, par: Acteur, le: datetime) -> bool:
        """Give the answer; ``False`` when this very answer was given already.

        Raises ``RefusSansAlternative``, ``ReponseIncomplete`` or ``PrescriptionClose``.
        """
        reponse.verifier()
        if not self.ouverte:
            if self.issue is not None and self.reponse == reponse:
                return False
            raise PrescriptionClose
        self.issue, self.texte, self.retour = reponse.issue, reponse.texte.strip(), reponse.retour
        self.raison_refus, self.alternatives = reponse.raison, reponse.alternatives.strip()
        self.rendez_vous, self.rendez_vous_lieu = reponse.rendez_vous, reponse.rendez_vous_lieu
        self.rendez_vous_avec = reponse.rendez_vous_avec
        self.repondue_le, self.repondue_par = le, par.id
        return True

    @property
    def reponse(self) -> Reponse | None:
        """The answer given, whole: for advisers. Who sent her reads ``reponse_rendue``."""
        if self.issue is None:
            return None
        return Reponse(
            issue=self.issue,
            texte=self.texte,
            raison=self.raison_refus,
            alternatives=self.alternatives,
            rendez_vous=self.rendez_vous,
            rendez_vous_lieu=self.rendez_vous_lieu,
            rendez_vous_avec=self.rendez_vous_avec,
            retour=self.retour,
        )

    @property
    def reponse_rendue(self) -> Reponse | None:
        """What she agreed that who sent her may read."""
        return self.reponse if self.retour else None

    def retirer(self, le: datetime) -> bool:
        """She does not want it any more, or it was a mistake; raises ``PrescriptionClose`` once answered."""
        if self.retiree_le is not None:
            return False
        if self.issue is not None:
            raise PrescriptionClose
        self.retiree_le = le
        return True


def delais(envoyee_le: datetime, p: Parametres) -> tuple[date, date]:
    """The day the answer is due and the day the fiche expires: whole days on the wall in France."""
    recue = jour_local(envoyee_le)
    return (
        recue + timedelta(days=int(p["prescription.reponse_jours"])),
        recue + timedelta(days=int(p["prescription.expiration_jours"])),
    )


def prescriptions_visibles_par(acteur: Acteur) -> Select[Prescription]:
    """The fiches somebody may read: all for advisers, his own for who sends them; none for others."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.CONSEILLER | RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PARTENAIRE if acteur.prescripteur and acteur.structure_id is not None:
            # His own: a colleague of the same structure does not read them either.
            visible = (Prescription.structure_id == acteur.structure_id) & (
                Prescription.envoyee_par == acteur.id
            )
        case _:
            visible = false()
    return (
        select(Prescription).where(visible).order_by(Prescription.envoyee_le.desc(), Prescription.id.desc())
    )


def a_repondre() -> Select[Prescription]:
    """The fiches that wait for an answer, the expired ones as well, the oldest first."""
    return (
        select(Prescription)
        .where(Prescription.issue.is_(None), Prescription.retiree_le.is_(None))
        .order_by(Prescription.relance_le, Prescription.id)
    )


def a_relancer(le: date) -> Select[Prescription]:
    """Those whose answer is late on a day, or that expired."""
    return a_repondre().where(or_(Prescription.relance_le <= le, Prescription.expire_le <= le))
