"""The pages of the adviser: the queue, the dossier, what is possible, the diagnostic, the plan."""

from web.conseiller import plan, propositions
from web.conseiller.bureau import conseiller

__all__ = ["conseiller", "plan", "propositions"]
