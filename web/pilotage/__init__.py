"""The pages of the Département: is everybody within 30 minutes of a Maison?"""

from web.pilotage import apparier, besoins, carte, catalogue, communes, comparer, maisons
from web.pilotage.espace import pilotage

__all__ = ["apparier", "besoins", "carte", "catalogue", "communes", "comparer", "maisons", "pilotage"]
