"""Every aid for one person and her needs, in the order to try them, and what is left to pay after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mobilite.droit.aide import Aide, Objet
from mobilite.droit.aides_droits import aides_locales, complementaire_sante, revenu_de_solidarite
from mobilite.droit.aides_permis import (
    bourse_grand_verdun,
    bourse_meuse,
    permis_apprenti,
    permis_cpf,
    permis_france_travail,
    permis_un_euro,
)
from mobilite.droit.aides_trajet import Deplacement, aide_mobilite, forfait_mobilites_durables
from mobilite.droit.aides_vehicule import bonus_velo, leasing_social, microcredit, prime_conversion
from mobilite.droit.montant import Montant, Versement
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Verdict

_ORDRE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)


def aides_pour(
    faits: Faits,
    trajets: Sequence[Deplacement],
    p: Parametres,
    *,
    epci: str | None = None,
    en_meuse: bool | None = None,
) -> tuple[Aide, ...]:
    """Every aid, weighed: those that are met first, those that ended or do not fit last.

    ``epci``: the SIREN of the intercommunalité her rights hang on; ``en_meuse``: whether she lives in
    the Meuse. The aide à la mobilité stands once: for the trip that it fits best.
    """
    aides = [
        complementaire_sante(faits, p),
        revenu_de_solidarite(faits, p),
        _meilleure(aide_mobilite(faits, trajet, p) for trajet in trajets or (Deplacement(),)),
        forfait_mobilites_durables(faits, p),
        permis_france_travail(faits, p),
        bourse_meuse(faits, p, en_meuse=en_meuse),
        bourse_grand_verdun(faits, p, epci=epci),
        permis_un_euro(faits, p),
        permis_cpf(faits, p),
        permis_apprenti(faits, p),
        microcredit(faits, p),
        leasing_social(faits, p),
        bonus_velo(p),
        prime_conversion(p),
        *aides_locales(faits, p),
    ]
    return tuple(sorted(aides, key=lambda aide: _ORDRE.index(aide.verdict)))


def _meilleure(aides: Iterable[Aide]) -> Aide:
    return min(
        aides, key=lambda a: (_ORDRE.index(a.verdict), len(a.manques), -(a.montant.max if a.montant else 0))
    )


def apres_aides(mensuel: float, aides: Iterable[Aide]) -> Montant:
    """What is left to pay of a monthly cost: at least if every possible aid came, at most with the sure ones.

    Only what is paid each month for trips counts, and never more than the cost: the subsidiary aid of
    France Travail pays the rest, no more. A loan or a single payment changes no month.
    """
    dites = tuple(aides)
    possible = sum(aide.montant.max for aide in _chaque_mois(dites) if aide.montant)
    return Montant(
        round(max(0.0, mensuel - possible), 2),
        round(max(0.0, mensuel - part_sure(dites)), 2),
        Versement.PAR_MOIS,
    )


def part_sure(aides: Iterable[Aide]) -> float:
    """What the sure aids bring each month towards the trips, at least."""
    return sum(
        aide.montant.min for aide in _chaque_mois(aides) if aide.montant and aide.verdict is Verdict.OUI
    )


def _chaque_mois(aides: Iterable[Aide]) -> list[Aide]:
    return [
        aide
        for aide in aides
        if aide.objet is Objet.TRAJET
        and aide.verdict is not Verdict.NON
        and aide.montant is not None
        and aide.montant.versement is Versement.PAR_MOIS
    ]


def permis_apres_aides(aides: Iterable[Aide], p: Parametres) -> Montant:
    """What is left to pay of a licence B, loans apart: the usual price less what aids may bring together."""
    dons = [
        a
        for a in aides
        if a.objet is Objet.PERMIS
        and a.verdict is not Verdict.NON
        and a.montant is not None
        and a.montant.versement is Versement.UNE_FOIS
    ]
    possible = sum(a.montant.max for a in dons if a.montant)
    sure = sum(a.montant.min for a in dons if a.montant and a.verdict is Verdict.OUI)
    return Montant(
        max(0.0, p["aide.formation_permis_min"] - possible),
        max(0.0, p["aide.formation_permis_max"] - sure),
        Versement.UNE_FOIS,
    )
