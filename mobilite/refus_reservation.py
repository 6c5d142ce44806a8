"""Why a gesture of booking is refused, in words for whoever made it."""

from __future__ import annotations

from collections.abc import Sequence

from mobilite.erreurs import RegleMetier
from mobilite.statut_reservation import StatutReservation


class DatesRefusees(RegleMetier):
    """The range makes no sense."""

    code = "dates_refusees"


class ReservationDejaTraitee(RegleMetier):
    """Somebody, or the clock, was first: the booking is no longer what the screen showed."""

    code = "reservation_deja_traitee"

    def __init__(self, statut: StatutReservation) -> None:
        super().__init__(
            f"Cette demande a changé entre-temps. Elle est maintenant : {statut.libelle.lower()}."
        )
        self.statut = statut


class PlaceDejaConfirmee(ReservationDejaTraitee):
    """A confirmed place moves by its structure alone, once she agreed."""

    def __init__(self) -> None:
        super().__init__(StatutReservation.CONFIRMEE)
        self.phrase = (
            "Cette place est confirmée. Seule la structure change les jours, une fois d'accord avec la "
            "personne : appelez-la."
        )
        self.args = (self.phrase,)


class PapiersNonVus(RegleMetier):
    """A place is confirmed by somebody who has a name and has seen the papers and the deposit."""

    code = "papiers_non_vus"

    def __init__(self, manquent: Sequence[str]) -> None:
        super().__init__(f"Avant de confirmer, il manque : {', '.join(manquent)}.")


class CleDejaUtilisee(RegleMetier):
    """The same form key came back with another request."""

    code = "cle_deja_utilisee"

    def __init__(self) -> None:
        super().__init__(
            "Ce formulaire a déjà été envoyé avec d'autres réponses. Relisez-le, puis envoyez-le à nouveau."
        )
