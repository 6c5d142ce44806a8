"""The ledger of what runs by the clock: one line a task and a slot, whoever wrote it did it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base


class PassageTache(Base, kw_only=True):
    """A task was done for the slot of ``prevu_le``, in the transaction that wrote this line.

    ``changements``: how many things it changed; the slots caught up by the same run say 0.
    """

    __tablename__ = "passage_tache"

    tache: Mapped[str] = mapped_column(primary_key=True)
    prevu_le: Mapped[datetime] = mapped_column(primary_key=True)
    fait_le: Mapped[datetime]
    changements: Mapped[int] = mapped_column(default=0)
