"""What a stay will cost, said before it: by the offer's own grid, what is counted at the return left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from mobilite.base import ce_jour, jour_local
from mobilite.candidate import Prix
from mobilite.flotte import dernier_jour
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from web.aides import aides_de
from web.decompte import compter
from web.etats_des_lieux import convenu, lire_etats
from web.formats import euros
from web.propositions import situation_de

A_VERIFIER = "à vérifier"
GRATUIT = "gratuit"


@dataclass(frozen=True, slots=True)
class PrixPrevu:
    """An estimate for so many days: ``montant`` in words, and how it is made (empty when there is nothing to say).

    Membership and deposit, in euros, are not in it.
    """

    jours: int
    montant: str
    detail: str
    adhesion: float
    caution: float

    @property
    def connu(self) -> bool:
        """Whether the grid says it."""
        return self.montant != A_VERIFIER

    @property
    def a_payer(self) -> bool:
        """Whether there may be something to pay, so that an aid is worth asking about."""
        return self.montant != GRATUIT or bool(self.adhesion)


def prix_prevu(prix: Prix, debut: date, jours: int) -> PrixPrevu:
    """The price of ``jours`` days from ``debut`` on. A price that hangs on the kilometres is to be checked."""
    dates = tuple(debut + timedelta(days=rang) for rang in range(jours))
    decompte = compter(replace(prix, adhesion=0), dates, None, {"aide": "aucune"}, "Grille de l'offre")
    if not decompte.complet:
        return PrixPrevu(jours, A_VERIFIER, "", prix.adhesion, prix.caution)
    total = decompte.total_centimes
    return PrixPrevu(
        jours,
        euros(total / 100) if total else GRATUIT,
        decompte.lignes[0].detail if total else "",
        prix.adhesion,
        prix.caution,
    )


def prix_de_la_reservation(session: Session, reservation: Reservation) -> PrixPrevu:
    """The same for a booking, by the grid that was signed if it was; a deposit seen or waived is not said again."""
    dit = convenu(session, reservation, lire_etats(session, reservation).depart)
    debut = jour_local(reservation.debut)
    prevu = prix_prevu(Prix(**dit["prix"]), debut, (dernier_jour(reservation.fin) - debut).days + 1)
    reglee = reservation.caution_vue_le is not None or reservation.sans_caution is not None
    return replace(prevu, caution=0) if reglee else prevu


def avec_le_prix(durees: Mapping[int, str], prix: Prix, debut: date) -> list[tuple[int, str]]:
    """Durations as they are said, each with its estimate; without one where nobody can tell."""
    prevus = {jours: prix_prevu(prix, debut, jours).montant for jours in durees}
    return [
        (jours, dite if prevus[jours] == A_VERIFIER else f"{dite} ({prevus[jours]})")
        for jours, dite in durees.items()
    ]


def aides_a_demander(personne: Personne) -> tuple[str, ...]:
    """The names of the aids that might pay a part of it, by what her dossier says: to be asked, never promised."""
    dossier = aides_de(situation_de(personne), ce_jour())
    return tuple(aide.nom for aide in dossier.pour_un_sejour)
