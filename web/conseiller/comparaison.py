"""How things moved: the moments of a person side by side, axis by axis and question by question."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request

from mobilite.autonomie import Indice, indice_d_autonomie
from mobilite.base import ce_jour
from mobilite.bilan import Niveau
from mobilite.comparaison import AxeCompare, LigneComparee, Moment, comparer
from mobilite.diagnostic import Diagnostic
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from web.conseiller.bureau import conseiller, consulter
from web.conseiller.resultats import Resultats, lues, moments_a_faire, resultats_de
from web.prise_de_notes import questionnaire_de
from web.referentiel import referentiel


@dataclass(frozen=True, slots=True)
class MomentAffiche:
    """One column: the diagnostic, its results in its own version, its index."""

    diagnostic: Diagnostic
    resultats: Resultats
    indice: Indice


@dataclass(frozen=True, slots=True)
class AxeSuivi:
    """One axis through the moments: the levels in force, and what moved on comparable questions."""

    compare: AxeCompare
    niveaux: tuple[Niveau, ...]


@dataclass(frozen=True, slots=True)
class SectionComparee:
    """One section and its questions; those that are asked no more come last."""

    titre: str
    lignes: tuple[LigneComparee, ...]


@conseiller.get("/dossiers/<uuid:uuid>/diagnostic/comparaison")
def comparer_diagnostics(uuid: UUID) -> str:
    """Every diagnostic of this person side by side; ``?tout=oui`` shows what has not moved as well."""
    personne = consulter(uuid)
    diagnostics = list(personne.diagnostics)
    tout = request.args.get("tout") == "oui"
    contexte = {
        "personne": personne,
        "tout": tout,
        "nouveaux": moments_a_faire(personne),
    }
    if not diagnostics:
        return render_template("conseiller/diagnostic_comparaison.html", moments=[], **contexte)
    compare = comparer(
        referentiel().questionnaires, [Moment(questionnaire_de(d).version, lues(d)) for d in diagnostics]
    )
    moments = [_moment(personne, d) for d in diagnostics]
    return render_template(
        "conseiller/diagnostic_comparaison.html",
        moments=moments,
        axes=[AxeSuivi(axe, tuple(m.resultats.axe(axe.axe).niveau for m in moments)) for axe in compare.axes],
        sections=_sections(
            diagnostics[-1], [x for x in compare.lignes if x.dite and (tout or x.change or x.lien)]
        ),
        changees=len(compare.changees),
        **contexte,
    )


def _moment(personne: Personne, diagnostic: Diagnostic) -> MomentAffiche:
    le = ce_jour()
    resultats = resultats_de(personne, le, diagnostic)
    assert resultats is not None  # a diagnostic was given
    return MomentAffiche(diagnostic, resultats, indice_d_autonomie(resultats.bilan, parametres(le)))


def _sections(dernier: Diagnostic, lignes: list[LigneComparee]) -> list[SectionComparee]:
    dimensions = questionnaire_de(dernier).dimensions
    sections = [
        SectionComparee(d.titre, tuple(x for x in lignes if x.dimension == d.code)) for d in dimensions
    ]
    return [section for section in sections if section.lignes]
