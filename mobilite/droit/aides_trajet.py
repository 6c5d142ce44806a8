"""Aids that pay for trips: France Travail's aide à la mobilité, and the employer's forfait.

Aide à la mobilité: délibérations 2021-42 (8 June 2021) and 2022-56 (23 November 2022) of France
Travail, and its instruction 2024-7: subsidiary, it pays what nobody else has paid. For a job, the
first month only. Forfait mobilités durables: code du travail, L3261-3-1.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from mobilite.besoin import MotifDeplacement
from mobilite.droit.aide import Aide, Cumul, Objet, dit, doute, manquee, non, parmi, periode, regle
from mobilite.droit.montant import Montant, Versement, en_euros
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Motif, Verdict

FRANCE_TRAVAIL = "son conseiller France Travail"
_MOTIFS = {
    MotifDeplacement.EMPLOI: Verdict.OUI,
    MotifDeplacement.ENTRETIEN: Verdict.OUI,
    MotifDeplacement.FORMATION: Verdict.OUI,
    MotifDeplacement.STAGE: Verdict.A_VERIFIER,
}
"""What the aide à la mobilité pays for; an internship is paid when it is an immersion (PMSMP)."""


@dataclass(frozen=True, slots=True)
class Deplacement:
    """One need, as the rules of money see it. Kilometres and minutes are one way; ``None``: unknown.

    ``allers_retours``: there and back in a month, or in all for dates. ``duree_suffisante``: the
    contract or the training is long enough. ``allocation_jour``: the unemployment benefit, euros a day.
    """

    motif: MotifDeplacement | None = None
    km: tuple[float, float] | None = None
    minutes: tuple[float, float] | None = None
    allers_retours: float = 0
    premier_jour: date | None = None
    duree_suffisante: bool | None = None
    allocation_jour: float | None = None


def aide_mobilite(faits: Faits, trajet: Deplacement, p: Parametres) -> Aide:
    """France Travail's aide à la mobilité for one need."""
    code = "mobilite_france_travail"
    avant = _derniere_demande(trajet, p)
    return Aide(
        code=code,
        nom="Aide à la mobilité de France Travail",
        objet=Objet.TRAJET,
        phrase=f"{en_euros(p['aide.mobilite_ft_km'])} par kilomètre, aller et retour, pour un entretien, une "
        f"formation ou le premier mois d'un emploi à plus de {p['aide.mobilite_ft_distance']:g} km ou "
        f"{p['aide.mobilite_ft_duree'] / 60:g} heures aller et retour.",
        motifs=(
            periode(code, "aide.mobilite_ft_km", p, FRANCE_TRAVAIL),
            _inscrite(code, faits),
            _motif(code, trajet.motif),
            _assez_loin(code, trajet, p),
            _duree(code, trajet, p),
            _allocation(code, trajet, p),
            *_delai(code, avant, p),
        ),
        qui=FRANCE_TRAVAIL,
        source=p.ligne("aide.mobilite_ft_km").source,
        verifiee_le=p.ligne("aide.mobilite_ft_km").verifie_le,
        montant=montant_mobilite(trajet, p),
        avant=avant,
        cumul=Cumul.SUBSIDIAIRE,
    )


def montant_mobilite(trajet: Deplacement, p: Parametres, deja: float = 0) -> Montant | None:
    """What the trips themselves give, under the yearly ceiling (``deja``: already received).

    Meals and nights come beside. A training pays every month; a job its first month only.
    """
    if trajet.km is None or not trajet.allers_retours:
        return None
    reste = max(0.0, p["aide.mobilite_ft_annee"] - deja)
    bas, haut = (
        min(reste, round(p["aide.mobilite_ft_km"] * 2 * km * trajet.allers_retours, 2)) for km in trajet.km
    )
    par_mois = trajet.motif is MotifDeplacement.FORMATION
    return Montant(bas, haut, Versement.PAR_MOIS if par_mois else Versement.UNE_FOIS)


def _inscrite(code: str, faits: Faits) -> Motif:
    phrase = "Elle est inscrite à France Travail."
    statuts = faits.get("statuts")
    if isinstance(statuts, frozenset) and not statuts & {"demandeur_emploi", "rsa", "cej"}:
        if statuts & {"formation", "salarie", "interim"}:
            # Trainees and those under a contrat aidé may have it too.
            return doute(
                code,
                "Stagiaire ou en contrat aidé, elle peut y avoir droit.",
                "sa catégorie d'inscription",
                FRANCE_TRAVAIL,
            )
        return manquee(code, phrase, "S'inscrire à France Travail.")
    if isinstance(statuts, frozenset) and "demandeur_emploi" not in statuts:
        # Since 2025 those who receive the RSA are enrolled; their category is another matter.
        return doute(
            code,
            "Au RSA ou en CEJ, elle est inscrite : sa catégorie compte.",
            "sa catégorie d'inscription",
            FRANCE_TRAVAIL,
        )
    return parmi(code, faits, "statuts", frozenset({"demandeur_emploi"}), phrase)


def _motif(code: str, motif: MotifDeplacement | None) -> Motif:
    if motif is None:
        return doute(code, "Le motif du trajet compte.", "le motif du déplacement", "la personne")
    verdict = _MOTIFS.get(motif, Verdict.NON)
    if verdict is Verdict.OUI:
        return Motif(regle(code), verdict, f"Le motif est payé : {motif.libelle}.")
    if verdict is Verdict.A_VERIFIER:
        return doute(
            code,
            "Un stage est payé quand c'est une immersion (PMSMP).",
            "si le stage est une immersion",
            FRANCE_TRAVAIL,
        )
    return non(code, f"Le motif n'est pas payé : {motif.libelle}.", "Un entretien, un emploi, une formation.")


def _assez_loin(code: str, trajet: Deplacement, p: Parametres) -> Motif:
    """More than so many kilometres or so many minutes, there and back: one is enough."""
    distance, duree = p["aide.mobilite_ft_distance"], p["aide.mobilite_ft_duree"]
    phrase = f"Plus de {distance:g} km, ou de {duree / 60:g} heures, aller et retour."
    bornes = ((trajet.km, distance), (trajet.minutes, duree))
    if any(aller is not None and 2 * aller[0] > seuil for aller, seuil in bornes):
        return Motif(regle(code), Verdict.OUI, phrase)
    if all(aller is not None and 2 * aller[1] <= seuil for aller, seuil in bornes):
        return manquee(code, phrase, "Un lieu plus éloigné ; France Travail peut déroger.")
    return doute(
        code,
        phrase,
        "la distance et la durée du trajet, telles que France Travail les compte",
        FRANCE_TRAVAIL,
    )


def _duree(code: str, trajet: Deplacement, p: Parametres) -> Motif:
    mois, heures = p["aide.mobilite_ft_contrat"], p["aide.mobilite_ft_formation"]
    phrase = f"CDI ou contrat de {mois:g} mois au moins ; formation de {heures:g} heures au moins."
    if trajet.duree_suffisante is None:
        return doute(code, phrase, "la durée du contrat ou de la formation", "la personne")
    if trajet.duree_suffisante:
        return Motif(regle(code), Verdict.OUI, phrase)
    return manquee(code, phrase, "Un contrat ou une formation plus longs.")


def _allocation(code: str, trajet: Deplacement, p: Parametres) -> Motif:
    """Not compensated, or with an unemployment benefit at its minimum."""
    phrase = "Elle ne touche pas l'ARE, ou seulement l'ARE minimale."
    if trajet.allocation_jour == 0:
        return Motif(regle(code), Verdict.OUI, phrase)
    if trajet.allocation_jour is None:
        return doute(code, phrase, "si elle touche l'ARE, et combien", FRANCE_TRAVAIL)
    minimum = p["aide.are_minimum"]
    if trajet.allocation_jour > minimum:
        return manquee(code, phrase, "France Travail peut déroger.")
    if p.est_perime("aide.are_minimum"):
        return doute(code, phrase, "l'ARE minimale de l'année", FRANCE_TRAVAIL)
    return Motif(regle(code), Verdict.OUI, phrase)


def _derniere_demande(trajet: Deplacement, p: Parametres) -> date | None:
    """The last day to ask: seven days after an interview, a month after a start."""
    if trajet.premier_jour is None:
        return None
    if trajet.motif is MotifDeplacement.ENTRETIEN:
        return trajet.premier_jour + timedelta(days=p["aide.mobilite_ft_delai_entretien"])
    return dans_des_mois(trajet.premier_jour, int(p["aide.mobilite_ft_delai_reprise"]))


def _delai(code: str, avant: date | None, p: Parametres) -> list[Motif]:
    if avant is None or p.le <= avant:
        return []
    return [
        doute(
            code,
            f"La demande se faisait jusqu'au {avant:%d/%m/%Y}.",
            "si une demande tardive est acceptée",
            FRANCE_TRAVAIL,
        )
    ]


def dans_des_mois(jour: date, mois: int) -> date:
    """The same day some months later, or the last day of that month."""
    annee, rang = divmod(jour.month - 1 + mois, 12)
    annee += jour.year
    return date(annee, rang + 1, min(jour.day, monthrange(annee, rang + 1)[1]))


def forfait_mobilites_durables(faits: Faits, p: Parametres) -> Aide:
    """What an employer may pay for cycling or carpooling to work."""
    code, cle = "forfait_mobilites_durables", "aide.forfait_durable_annee"
    return Aide(
        code=code,
        nom="Forfait mobilités durables",
        objet=Objet.TRAJET,
        phrase=f"L'employeur peut payer jusqu'à {en_euros(p[cle])} par an pour venir à vélo ou en covoiturage. "
        "Il n'y est pas obligé.",
        motifs=(
            parmi(
                code,
                faits,
                "statuts",
                frozenset({"salarie", "interim", "apprenti"}),
                "Elle a un employeur.",
            ),
            dit(code, faits, "employeur_participe", True, "L'employeur paie une part du trajet."),
            periode(code, cle, p, "l'employeur"),
        ),
        qui="l'employeur",
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        montant=Montant(0, round(p[cle] / 12, 2), Versement.PAR_MOIS),
    )
