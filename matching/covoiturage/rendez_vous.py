"""Is there an hour at which a driver may leave that suits him and his passenger?"""

from __future__ import annotations

from dataclasses import dataclass

from matching.covoiturage.trajets import MS, Arret, DemandePassager, Etapes, Plage, Regles
from matching.voyage import Sens
from mobilite.besoin import Minute, en_heure
from mobilite.conducteur import TrajetConducteur
from mobilite.verdict import Manque, Motif, Verdict


def motif_de_l_heure(
    trajet: TrajetConducteur,
    demande: DemandePassager,
    prise: Arret,
    depose: Arret,
    etapes: Etapes,
    regles: Regles,
    decalage: int,
    qui: str,
) -> tuple[Motif, Minute | None, Minute | None]:
    """Is there an hour to leave that suits both? And when she gets in and out, if there is."""
    if demande.heure is None:
        quoi = "l'heure d'arrivée" if demande.sens is Sens.ALLER else "l'heure de retour"
        manque = Manque(quoi, "la personne", "besoins.cycle")
        return Motif("covoiturage.heure", Verdict.A_VERIFIER, f"Il manque {quoi}.", (manque,)), None, None
    f = fenetres(trajet, demande, prise, depose, etapes, regles, decalage)
    part = min(max((trajet.heure + 1440 * decalage) * MS, f.sur[0]), f.sur[1])
    monte = round((part + etapes.approche[0]) / MS) % 1440
    descend = round((part + etapes.approche[0] + etapes.ensemble[0]) / MS) % 1440
    pour = f"pour {en_heure(demande.heure)}"
    if f.sur[0] <= f.sur[1] and not etapes.fermes:
        phrase = f"Part vers {en_heure(trajet.heure)} : l'heure convient, {pour}."
        return Motif("covoiturage.heure", Verdict.OUI, phrase), None, None
    if f.sur[0] <= f.sur[1]:
        phrase = f"Passe la prendre vers {en_heure(monte)}, la dépose vers {en_heure(descend)}, {pour}."
        return Motif("covoiturage.heure", Verdict.OUI, phrase), monte, descend
    if f.possible[0] <= f.possible[1]:
        return (
            Motif(
                "covoiturage.heure",
                Verdict.A_VERIFIER,
                f"Part vers {en_heure(trajet.heure)} : l'heure est juste, {pour}.",
                (Manque("l'heure de passage", qui),),
            ),
            None,
            None,
        )
    return _hors_d_heure(trajet, demande, f, pour), None, None


@dataclass(frozen=True, slots=True)
class Fenetres:
    """When the driver may leave, in ms from the midnight of her day: surely, perhaps; empty when reversed.

    ``souhait``: when he should leave to suit her; ``lui``: when he may, for himself.
    """

    sur: Plage
    possible: Plage
    souhait: Plage
    lui: Plage


def fenetres(
    trajet: TrajetConducteur,
    demande: DemandePassager,
    prise: Arret,
    depose: Arret,
    etapes: Etapes,
    regles: Regles,
    decalage: int,
) -> Fenetres:
    """The hours of one pair; the hour of the passenger is known."""
    assert demande.heure is not None
    heure = demande.heure * MS
    if demande.sens is Sens.ALLER:
        jusqu_a = [etapes.approche[i] + etapes.ensemble[i] + depose.ms[i] for i in (0, 1)]
        debut, fin = heure - regles.attente_ms, heure
    else:
        jusqu_a = [etapes.approche[i] - prise.ms[1 - i] for i in (0, 1)]
        debut, fin = heure, heure + regles.attente_ms
    base = (trajet.heure + 1440 * decalage) * MS
    tot, tard = base - trajet.souplesse * MS, base + trajet.souplesse * MS
    sur, peut = tard, tard
    if trajet.arrivee_max is not None:
        lendemain = 1440 if trajet.arrivee_max < trajet.heure else 0
        limite = (trajet.arrivee_max + lendemain + 1440 * decalage) * MS
        sur, peut = min(tard, limite - etapes.total[1]), min(tard, limite - etapes.total[0])
    return Fenetres(
        (max(tot, debut - jusqu_a[0]), min(sur, fin - jusqu_a[1])),
        (max(tot, debut - jusqu_a[1]), min(peut, fin - jusqu_a[0])),
        (debut - jusqu_a[1], fin - jusqu_a[0]),
        (tot, peut),
    )


def _hors_d_heure(trajet: TrajetConducteur, demande: DemandePassager, f: Fenetres, pour: str) -> Motif:
    """By how much they miss each other, and on which side."""
    if f.lui[1] < f.lui[0]:
        assert trajet.arrivee_max is not None
        minutes = -((f.lui[1] - f.lui[0]) // MS)
        phrase = f"Avec elle, il arriverait {minutes} min après {en_heure(trajet.arrivee_max)}."
        return Motif("covoiturage.heure", Verdict.NON, phrase, changerait="S'il peut partir plus tôt.")
    if f.lui[0] > f.souhait[1]:
        minutes = -((f.souhait[1] - f.lui[0]) // MS)
        quoi = "Passe" if demande.sens is Sens.RETOUR else "La déposerait"
        phrase = f"{quoi} au plus tôt {minutes} min trop tard, {pour}."
        return Motif(
            "covoiturage.heure", Verdict.NON, phrase, changerait=f"S'il part {minutes} min plus tôt."
        )
    minutes = -((f.lui[1] - f.souhait[0]) // MS)
    quoi = "Passe" if demande.sens is Sens.RETOUR else "La déposerait"
    phrase = f"{quoi} {minutes} min trop tôt, {pour}."
    return Motif(
        "covoiturage.heure",
        Verdict.NON,
        phrase,
        changerait=f"S'il part {minutes} min plus tard, ou si elle accepte d'attendre.",
    )
