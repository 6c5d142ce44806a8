"""The personnes accompagnées: who they are, how to reach them, where they leave from, what they need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    SQLColumnExpression,
    and_,
    event,
    false,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.besoin import MotifDeplacement
from mobilite.noms import normaliser_nom

if TYPE_CHECKING:
    from mobilite.diagnostic import Diagnostic


class Joindre(StrEnum):
    """How she can be reached."""

    TELEPHONE = "telephone"
    REFERENT = "referent"
    RIEN = "rien"

    @property
    def libelle(self) -> str:
        """The way in French."""
        return {
            "telephone": "Par téléphone",
            "referent": "Par son référent",
            "rien": "Rien pour l'instant",
        }[self.value]


class Depart(Base, kw_only=True):
    """A place she leaves from, for a time: « chez sa sœur, jusqu'au 15 décembre »."""

    __tablename__ = "depart"
    __table_args__ = (CheckConstraint("jusqu_au >= du", name="dans_l_ordre"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    personne_id: Mapped[int] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), init=False, index=True
    )
    insee: Mapped[str]
    chez: Mapped[str] = mapped_column(default="")
    du: Mapped[date | None] = mapped_column(default=None)
    jusqu_au: Mapped[date | None] = mapped_column(default=None)
    rang: Mapped[int] = mapped_column(default=0)

    def document(self) -> dict[str, Any]:
        """This place as the situation document writes it; whose home it is stays in the dossier."""
        return _sans_vide({"insee": self.insee, "du": self.du, "au": self.jusqu_au})


class BesoinExprime(Identifie, Base, kw_only=True):
    """A need as it was said: the entity behind ``besoin.Besoin``, the value the engine sees.

    The destination is a commune (INSEE code) or a named place outside, with the minutes somebody
    typed in if any. ``passages`` holds the keys of the situation document that say when: ``dates``
    or ``cycle``, and ``arrivee``/``retour``.
    """

    __tablename__ = "besoin"
    __table_args__ = (
        CheckConstraint("(destination IS NULL) <> (lieu_libre IS NULL)", name="une_destination"),
        CheckConstraint("lieu_libre_minutes > 0", name="minutes"),
    )

    personne_id: Mapped[int] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), init=False, index=True
    )
    destination: Mapped[str | None] = mapped_column(default=None)
    lieu_libre: Mapped[str | None] = mapped_column(default=None)
    lieu_libre_minutes: Mapped[float | None] = mapped_column(default=None)
    motif: Mapped[MotifDeplacement | None] = mapped_column(default=None)
    premier_jour: Mapped[date | None] = mapped_column(default=None)
    connu_le: Mapped[date | None] = mapped_column(default=None)
    passages: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    avec: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    aujourdhui: Mapped[str] = mapped_column(default="")
    rang: Mapped[int] = mapped_column(default=0)

    def document(self) -> dict[str, Any]:
        """This need as the situation document writes it; its ``id`` is its uuid."""
        lieu_libre = _sans_vide({"nom": self.lieu_libre, "minutes": self.lieu_libre_minutes})
        return self.passages | _sans_vide(
            {
                "id": str(self.uuid),
                "destination": self.destination,
                "lieu_libre": lieu_libre,
                "motif": self.motif.value if self.motif else None,
                "premier_jour": self.premier_jour,
                "connu_le": self.connu_le,
                "avec": self.avec,
                "aujourdhui": self.aujourdhui,
            }
        )


class Personne(Identifie, Base, kw_only=True):
    """A personne accompagnée. Everything but a first name or a nickname may be missing: unknown.

    ``telephone`` is E.164. ``contact_discret`` hides places and telephone from everybody but the
    adviser who follows her (``conseiller_id``, an account number). ``permis`` and ``moyens`` are
    parts of the situation document; ``moyens=[]`` means none at all, ``None`` that nobody asked.
    ``en_attente`` puts the dossier aside on screen, at the place where it was.
    """

    __tablename__ = "personne"
    __table_args__ = (
        CheckConstraint("prenom <> ''", name="prenom"),
        CheckConstraint("annee_naissance BETWEEN 1900 AND 2100", name="annee_naissance"),
        CheckConstraint("NOT contact_discret OR conseiller_id IS NOT NULL", name="discret_donc_suivi"),
        # The list of an adviser, and the people nobody follows.
        Index(None, "conseiller_id", "modifiee_le"),
    )

    prenom: Mapped[str]
    nom: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str | None] = mapped_column(default=None)
    joindre: Mapped[Joindre] = mapped_column(default=Joindre.RIEN)
    referent: Mapped[str] = mapped_column(default="")
    message_possible: Mapped[bool | None] = mapped_column(default=None)
    contact_discret: Mapped[bool] = mapped_column(default=False)
    en_attente: Mapped[bool] = mapped_column(default=False)
    rattachement: Mapped[str | None] = mapped_column(default=None)
    annee_naissance: Mapped[int | None] = mapped_column(default=None)
    permis: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    moyens: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    objectif: Mapped[str] = mapped_column(default="")
    aujourdhui: Mapped[str] = mapped_column(default="")
    conseiller_id: Mapped[int | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)
    creee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    modifiee_le: Mapped[datetime] = mapped_column(default_factory=maintenant, onupdate=maintenant)
    cle_nom: Mapped[str] = mapped_column(init=False, default="")
    cle_telephone: Mapped[str] = mapped_column(init=False, default="")
    version: Mapped[int] = mapped_column(init=False, default=1)

    departs: Mapped[list[Depart]] = relationship(
        default_factory=list,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(Depart.rang, Depart.id),
        lazy="selectin",
    )
    besoins: Mapped[list[BesoinExprime]] = relationship(
        default_factory=list,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(BesoinExprime.rang, BesoinExprime.id),
        lazy="selectin",
    )
    diagnostics: Mapped[list[Diagnostic]] = relationship(
        init=False,
        back_populates="personne",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="(Diagnostic.commence_le, Diagnostic.id)",
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def nom_complet(self) -> str:
        """What to call her on screen."""
        return f"{self.prenom} {self.nom}".strip()

    def coordonnees_visibles_par(self, acteur: Acteur) -> bool:
        """Whether somebody may see her places and her telephone."""
        if acteur.personne_id is not None and acteur.personne_id == self.id:
            return True
        return acteur.est_conseiller and (not self.contact_discret or self.conseiller_id == acteur.id)

    def telephone_pour(self, acteur: Acteur) -> str | None:
        """Her telephone for somebody, ``None`` when unknown or not to be shown."""
        return self.telephone if self.coordonnees_visibles_par(acteur) else None

    def reponses(self) -> dict[str, Any]:
        """What she has answered so far: by code, the latest diagnostic speaks."""
        return {
            code: reponse.valeur
            for diagnostic in self.diagnostics
            for code, reponse in sorted(diagnostic.reponses.items())
        }

    def document(
        self, *, avec_lieux: bool = True, reponses: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Her situation as the documented JSON (``docs/situation.md``), without her identity.

        ``avec_lieux=False`` leaves out the places she leaves from and her commune (for whoever may
        not see them); ``reponses`` replaces the recorded answers.
        """
        document = _sans_vide({"annee_naissance": self.annee_naissance, "permis": self.permis})
        if avec_lieux:
            document |= _sans_vide(
                {"rattachement": self.rattachement, "depart": [depart.document() for depart in self.departs]}
            )
        if self.moyens is not None:
            document["moyens"] = self.moyens
        document["reponses"] = dict(self.reponses() if reponses is None else reponses)
        document["besoins"] = [besoin.document() for besoin in self.besoins]
        return document


def _sans_vide(document: dict[str, Any]) -> dict[str, Any]:
    """Days as text, and nothing of what nobody said."""
    ecrit = {cle: v.isoformat() if isinstance(v, date) else v for cle, v in document.items()}
    return {cle: v for cle, v in ecrit.items() if v is not None and v not in ("", [], {})}


def normaliser_telephone(texte: str) -> str:
    """The digits as they are dialled in France: « +33 6 12… » becomes « 0612… »."""
    chiffres = re.sub(r"\D", "", texte)
    if texte.strip().startswith("+33"):
        return "0" + chiffres[2:].removeprefix("0")
    if chiffres.startswith("0033"):
        return "0" + chiffres[4:]
    return chiffres


@event.listens_for(Personne, "before_insert")
@event.listens_for(Personne, "before_update")
def _tenir_les_cles(_mapper: object, _connexion: object, personne: Personne) -> None:
    personne.cle_nom = normaliser_nom(personne.nom_complet)
    personne.cle_telephone = normaliser_telephone(personne.telephone or "")


def visible_par(acteur: Acteur, personne_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether somebody may open what belongs to a person: all for advisers, her own for her, else none.

    ``personne_id`` is the column that says whose it is. The one rule of dossiers, diagnostics and plans.
    """
    match acteur.role:
        case RoleActeur.CONSEILLER:
            return true()
        case RoleActeur.PERSONNE if acteur.personne_id is not None:
            return personne_id == acteur.personne_id
        case _:
            return false()


def personnes_visibles_par(acteur: Acteur) -> Select[Personne]:
    """The dossiers somebody may open: all for advisers, her own for a person, none for the others.

    Partners meet people through reservations only (``reservations_visibles_par``); the Département
    sees figures.
    """
    return select(Personne).where(visible_par(acteur, Personne.id)).order_by(Personne.cle_nom, Personne.id)


def rechercher_personnes(acteur: Acteur, texte: str, au_plus: int = 20) -> Select[Personne]:
    """Dossiers whose name holds every word typed and whose telephone holds the digits typed.

    Accents, hyphens and case are forgiven. A telephone that ``acteur`` may not see cannot be
    guessed by searching for it. Nothing typed finds nothing.
    """
    mots = re.findall(r"[^\W\d_]+", normaliser_nom(texte))
    chiffres = normaliser_telephone(texte)
    if not mots and not chiffres:
        return personnes_visibles_par(acteur).where(false())
    conditions: list[ColumnElement[bool]] = [Personne.cle_nom.contains(mot, autoescape=True) for mot in mots]
    if chiffres:
        conditions.append(
            and_(
                Personne.cle_telephone.contains(chiffres, autoescape=True),
                or_(
                    not_(Personne.contact_discret),
                    Personne.conseiller_id == acteur.id,
                    Personne.id == acteur.personne_id,
                ),
            )
        )
    return personnes_visibles_par(acteur).where(*conditions).limit(au_plus)


def doublons_possibles(
    acteur: Acteur, prenom: str, nom: str = "", telephone: str | None = None, au_plus: int = 5
) -> Select[Personne]:
    """Dossiers with the same telephone, or the same name in either order, that ``acteur`` may open.

    A telephone that ``acteur`` may not see is not compared: the answer would give it away.
    """
    conditions: list[ColumnElement[bool]] = [
        Personne.cle_nom.in_({normaliser_nom(f"{prenom} {nom}"), normaliser_nom(f"{nom} {prenom}")})
    ]
    if telephone:
        conditions.append(
            and_(
                Personne.cle_telephone == normaliser_telephone(telephone),
                or_(not_(Personne.contact_discret), Personne.conseiller_id == acteur.id),
            )
        )
    return personnes_visibles_par(acteur).where(or_(*conditions)).limit(au_plus)
