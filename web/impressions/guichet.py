"""Who answers the telephone, on every sheet that leaves the guichet."""

from __future__ import annotations

NOM = "Roul’en Meuse"
TELEPHONE = "0329753230"
"""Found in the press (citoyensterritoires.fr), as the pages of the portal say."""

SITE = "Mes déplacements"
"""What the person's pages are called when somebody speaks of them."""
