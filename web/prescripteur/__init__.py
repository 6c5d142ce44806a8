"""The pages of who sends people to us: send a fiche, see where it stands, read the answer she agreed to share."""

from web.prescripteur import orientations
from web.prescripteur.espace import prescripteur

__all__ = ["orientations", "prescripteur"]
