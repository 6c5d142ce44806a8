"""The diary of one person: only what no machine can know.

A call, a visit, a rendez-vous, a letter sent by hand: the day, whether she was reached, one short sentence.
Bookings, messages, answers and the plan tell themselves (``web.carnet``): nothing is written twice.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, false, select, true
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur
from mobilite.base import Base, Identifie, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.personnes import Personne

PHRASE_MAX = 200
"""Characters of the sentence: a diary is not a file on somebody."""


class DateRefusee(RegleMetier):
    """The day has not come yet."""

    code = "carnet_date"

    def __init__(self) -> None:
        super().__init__("Le carnet dit ce qui a eu lieu : donnez un jour passé, ou aujourd'hui.")


class GenreContact(StrEnum):
    """How somebody tried to be in touch with her."""

    APPEL = "appel"
    VISITE = "visite"
    RENDEZ_VOUS = "rendez_vous"
    ACCUEIL = "accueil"
    LETTRE = "lettre"

    @property
    def libelle(self) -> str:
        """The kind in French."""
        return {
            "appel": "Appel",
            "visite": "Visite à domicile",
            "rendez_vous": "Rendez-vous",
            "accueil": "Passage au guichet",
            "lettre": "Lettre",
        }[self.value]

    @property
    def se_repond(self) -> bool:
        """Whether one knows at once that she was reached: not for a letter, and always at the desk."""
        return self in (GenreContact.APPEL, GenreContact.VISITE, GenreContact.RENDEZ_VOUS)

    def dit(self, joint: bool | None) -> str:
        """What happened, in a few words."""
        if not self.se_repond or joint is None:
            return self.libelle
        manque = {
            "appel": "sans réponse",
            "visite": "personne ne répond",
            "rendez_vous": "elle n'est pas venue",
        }
        fait = {"appel": "elle a répondu", "visite": "elle était là", "rendez_vous": "elle est venue"}
        return f"{self.libelle} : {(fait if joint else manque)[self.value]}"


class Contact(Identifie, Base, kw_only=True):
    """One line written by hand. ``joint``: whether she was reached; ``None`` where nobody can know.

    ``cle`` is the key of the form that wrote it: sent twice, it writes one line.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("personne_id", "cle"),
        CheckConstraint(f"length(phrase) <= {PHRASE_MAX}", name="phrase"),
        CheckConstraint("joint IS NULL OR genre IN ('appel', 'visite', 'rendez_vous')", name="joint"),
        Index(None, "personne_id", "le"),
    )

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"))
    genre: Mapped[GenreContact]
    le: Mapped[date]
    joint: Mapped[bool | None] = mapped_column(default=None)
    phrase: Mapped[str] = mapped_column(default="")
    note_par: Mapped[int]
    note_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    cle: Mapped[str | None] = mapped_column(default=None)

    @property
    def dit(self) -> str:
        """What happened, in a few words."""
        return self.genre.dit(self.joint)


def noter_contact(
    personne: Personne,
    genre: GenreContact,
    le: date,
    par: Acteur,
    *,
    aujourdhui: date,
    joint: bool | None = None,
    phrase: str = "",
    cle: str | None = None,
) -> Contact:
    """Build one line, to add to the session. Raises ``DateRefusee`` for a day to come."""
    if le > aujourdhui:
        raise DateRefusee
    return Contact(
        personne_id=personne.id,
        genre=genre,
        le=le,
        joint=joint if genre.se_repond else None,
        phrase=" ".join(phrase.split())[:PHRASE_MAX],
        note_par=par.id,
        cle=cle or None,
    )


def contacts_visibles_par(acteur: Acteur) -> Select[Contact]:
    """The lines somebody may read, the latest first: all for advisers, none for anybody else.

    They are notes of work. Her own page says what was agreed with her; a copy of these is hers on request.
    """
    visible = true() if acteur.est_conseiller else false()
    return select(Contact).where(visible).order_by(Contact.le.desc(), Contact.id.desc())
