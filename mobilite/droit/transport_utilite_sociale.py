"""Transport d'utilité sociale: may this association drive this person on this trip?

Code des transports, L3133-1 and R3133-1 to R3133-5; arrêté of 17 October 2019. One criterion is
enough (réponse ministérielle 20050, Assemblée nationale). Urban units are not in our data: a
commune near a big one is À VÉRIFIER, and a trip allowed by residence alone is never a flat NON,
because the resources of the person may allow it. What may be asked for the trip is in
``participation_tus``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mobilite.droit.ressources import sous_plafond
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict, tous

_ALLOCATIONS = frozenset({"rsa", "ass", "aah", "aspa", "ata_ada"})
"""R3133-1: the minima sociaux that a questionnaire tells for sure."""

_A_CONFIRMER = {
    "cej": Manque("si le CEJ vaut la Garantie jeunes que dit le texte", "la préfecture"),
    "invalidite": Manque("si elle touche l'allocation supplémentaire d'invalidité (ASI)", "la personne"),
}
"""R3133-1 names the Garantie jeunes, which the CEJ replaced, and the ASI, which only some pensions carry."""

_REGLE = "droit.transport_utilite_sociale"

AUTRES_VOIES = (
    "Regarder d'abord ses ressources : la Complémentaire santé solidaire ou une allocation suffit.",
    "Passer par la gare ou un autre pôle d'échange, puis un car ou un train.",
    "Un covoiturage, si quelqu'un fait déjà ce trajet pour lui-même.",
    "Un transport à la demande, un car ou une navette ; un transport médical s'il est prescrit.",
    "Un taxi, s'il reste la seule solution.",
)
"""What the law leaves open when a transport d'utilité sociale is not allowed, in the order to try."""


@dataclass(frozen=True, slots=True)
class TrajetSolidaire:
    """A trip to judge: from, to (``None`` outside the known communes), and its distance range in km."""

    depart: str
    arrivee: str | None
    km_min: float | None
    km_max: float | None


def transport_permis(
    trajet: TrajetSolidaire,
    residence: str | None,
    faits: Faits,
    petites: Mapping[str, Verdict],
    p: Parametres,
) -> Motif:
    """Whether the trip is allowed, by resources first (any destination), then by residence.

    ``petites[insee]``: is the commune rural or in an urban unit under the threshold?
    """
    plafond = p["tus.distance_max_km"]
    if trajet.km_min is not None and trajet.km_min > plafond:
        return Motif(
            _REGLE,
            Verdict.NON,
            f"Un transport solidaire ne dépasse pas {plafond:g} km : ici au moins {trajet.km_min:.0f} km.",
            changerait="Un covoiturage, un car ou un train pour ce trajet.",
        )
    ressources = critere_ressources(faits, p)
    if ressources.verdict is Verdict.OUI:
        return ressources if _distance_sure(trajet, plafond) else _distance_a_verifier(plafond)
    par_residence = Verdict.A_VERIFIER if residence is None else petites.get(residence, Verdict.A_VERIFIER)
    reste_rural = tous(
        Verdict.A_VERIFIER if bout is None else petites.get(bout, Verdict.A_VERIFIER)
        for bout in (trajet.depart, trajet.arrivee)
    )
    if par_residence is Verdict.OUI and reste_rural is Verdict.OUI:
        if not _distance_sure(trajet, plafond):
            return _distance_a_verifier(plafond)
        return Motif(
            _REGLE, Verdict.OUI, "Elle habite une petite commune, et le trajet reste entre petites communes."
        )
    if par_residence is Verdict.NON and ressources.verdict is Verdict.NON:
        return Motif(
            _REGLE,
            Verdict.NON,
            "Le transport solidaire demande d'habiter une petite commune, ou d'avoir de faibles ressources.",
            changerait="Obtenir la Complémentaire santé solidaire ou une allocation de solidarité.",
        )
    if ressources.verdict is Verdict.A_VERIFIER:
        return ressources
    if par_residence is Verdict.A_VERIFIER:
        return Motif(
            _REGLE,
            Verdict.A_VERIFIER,
            "Le droit par la commune est à voir : elle est peut-être dans l'agglomération d'une grande ville.",
            (Manque("si sa commune compte comme rurale (unité urbaine)", "l'association ou la préfecture"),),
        )
    return Motif(
        _REGLE,
        Verdict.A_VERIFIER,
        "Elle y a droit par sa commune seulement : dans une grande ville, il faut passer par un pôle d'échange.",
        (Manque("si le trajet peut passer par la gare ou un pôle d'échange", "l'association"),),
    )


def critere_ressources(faits: Faits, p: Parametres) -> Motif:
    """The criterion of resources: an allocation, the C2S, or resources under its ceiling."""
    statuts, c2s = faits.get("statuts"), faits.get("c2s")
    if isinstance(statuts, frozenset) and statuts & _ALLOCATIONS:
        return Motif(_REGLE, Verdict.OUI, "Son allocation lui ouvre le transport solidaire.")
    if c2s is True:
        return Motif(
            _REGLE, Verdict.OUI, "La Complémentaire santé solidaire lui ouvre le transport solidaire."
        )
    manques = []
    if isinstance(statuts, frozenset):
        manques += [manque for statut, manque in _A_CONFIRMER.items() if statut in statuts]
    if statuts is None:
        manques.append(Manque("si elle touche une allocation (RSA, AAH, ASS…)", "la personne", "statuts"))
    if c2s is None:
        manques.append(Manque("si elle a la Complémentaire santé solidaire", "la personne", "c2s"))
    sous = sous_plafond("c2s_gratuite", faits, p)
    if sous is Verdict.OUI:
        return Motif(_REGLE, Verdict.OUI, "Ses ressources lui ouvrent le transport solidaire.")
    if sous is Verdict.NON and not manques:
        return Motif(_REGLE, Verdict.NON, "Ni allocation, ni ressources sous le plafond.")
    if "ressources_mois" not in faits:
        manques.append(Manque("les ressources du foyer", "la personne", "ressources_mois"))
    elif sous is Verdict.A_VERIFIER and "foyer_personnes" not in faits:
        manques.append(Manque("le nombre de personnes du foyer", "la personne", "foyer_personnes"))
    elif not manques:
        manques.append(Manque("si ses ressources passent sous le plafond de l'année", "la CPAM ou la MSA"))
    return Motif(_REGLE, Verdict.A_VERIFIER, "Le droit au transport solidaire reste à voir.", tuple(manques))


def _distance_sure(trajet: TrajetSolidaire, plafond: float) -> bool:
    return trajet.km_max is not None and trajet.km_max <= plafond


def _distance_a_verifier(plafond: float) -> Motif:
    return Motif(
        _REGLE,
        Verdict.A_VERIFIER,
        f"Un transport solidaire ne dépasse pas {plafond:g} km : la distance est à vérifier.",
        (Manque("la distance du trajet", "l'association"),),
    )


def petites_communes(
    populations: Mapping[str, int], voisines: Mapping[str, frozenset[str]], habitants_max: float
) -> dict[str, Verdict]:
    """Is each commune rural, or in an urban unit under ``habitants_max`` inhabitants?

    A commune that is itself bigger: NON. Within two borders of one: its urban unit is not in our
    data, A_VERIFIER. Elsewhere: OUI.
    """
    grandes = {insee for insee, habitants in populations.items() if habitants >= habitants_max}
    proches = {v for grande in grandes for v in voisines.get(grande, frozenset())}
    proches |= {v for proche in proches for v in voisines.get(proche, frozenset())}
    return {
        insee: Verdict.NON if insee in grandes else Verdict.A_VERIFIER if insee in proches else Verdict.OUI
        for insee in populations
    }
