"""The days of a driver against the days asked for, each one checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mobilite.besoin import SEMAINE, Jour
from mobilite.conducteur import Agenda
from mobilite.verdict import Manque, Motif, Verdict


@dataclass(frozen=True, slots=True)
class Service:
    """Which of the days asked for are driven; what is not sure about them."""

    servis: tuple[Jour | date, ...]
    manquants: tuple[Jour | date, ...]
    reserves: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """NON when no day is served, OUI when all surely are; nobody said the days: À VÉRIFIER."""
        if not self.servis and self.manquants:
            return Verdict.NON
        return Verdict.A_VERIFIER if self.manquants or self.reserves or not self.servis else Verdict.OUI


def jours_servis(
    conducteur: Agenda, demande: Agenda, decalage: int, feries: frozenset[date] = frozenset()
) -> Service:
    """Each day asked for, one by one; ``decalage``: the driver leaves so many days after (-1: the evening before)."""
    servis: list[Jour | date] = []
    manquants: list[Jour | date] = []
    reserves: list[str] = []
    hors = _hors_periode(conducteur, demande)
    for jour in sorted(demande.jours, key=lambda j: j.rang):
        roule = SEMAINE[(jour.rang + decalage) % 7] in conducteur.jours and not hors
        (servis if roule else manquants).append(jour)
    if servis:
        reserves += _periode_entamee(conducteur, demande)
    for le in sorted(demande.dates):
        part_le = le + timedelta(days=decalage)
        (servis if conducteur.vaut_le(part_le) else manquants).append(le)
        if conducteur.vaut_le(part_le) and part_le in feries and part_le not in conducteur.dates:
            reserves.append(f"le {part_le:%d/%m} est férié")
    return Service(tuple(servis), tuple(manquants), tuple(reserves))


def _hors_periode(conducteur: Agenda, demande: Agenda) -> bool:
    fini = conducteur.au is not None and demande.du is not None and conducteur.au < demande.du
    pas_commence = conducteur.du is not None and demande.au is not None and demande.au < conducteur.du
    return fini or pas_commence


def _periode_entamee(conducteur: Agenda, demande: Agenda) -> Iterable[str]:
    if conducteur.du is not None and demande.du is not None and demande.du < conducteur.du:
        yield f"à partir du {conducteur.du:%d/%m/%Y} seulement"
    if conducteur.au is not None and (demande.au is None or conducteur.au < demande.au):
        yield f"jusqu'au {conducteur.au:%d/%m/%Y} seulement"


def motif_des_jours(service: Service, qui: str) -> Motif:
    """What is said of the days, with those that are missing."""
    manquants = ", ".join(dire_jour(jour) for jour in service.manquants)
    if not service.servis:
        phrase = f"Ne roule pas : {manquants}." if manquants else "Les jours ne sont pas dits."
        verdict = Verdict.NON if manquants else Verdict.A_VERIFIER
        if verdict is Verdict.A_VERIFIER:
            manque = Manque("les jours du déplacement", "la personne", "besoins.cycle")
            return Motif("covoiturage.jours", verdict, phrase, (manque,))
        return Motif("covoiturage.jours", verdict, phrase, changerait="Un autre jour.")
    if service.manquants:
        return Motif(
            "covoiturage.jours",
            Verdict.A_VERIFIER,
            f"Ne roule pas : {manquants}.",
            (Manque(f"une autre solution pour : {manquants}", "le conseiller"),),
        )
    if service.reserves:
        reserve = ", ".join(service.reserves)
        return Motif(
            "covoiturage.jours",
            Verdict.A_VERIFIER,
            f"Roule ces jours-là, mais {reserve}.",
            (Manque(f"si le trajet est sûr : {reserve}", qui),),
        )
    return Motif("covoiturage.jours", Verdict.OUI, "Roule tous les jours demandés.")


def dire_jour(jour: Jour | date) -> str:
    """« mardi », « le 12/03 »."""
    return jour.libelle if isinstance(jour, Jour) else f"le {jour:%d/%m}"
