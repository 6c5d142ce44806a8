"""The results of the diagnostic for the adviser: four axes, the answers behind them, her corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from matching.proposition import Reponse
from mobilite.besoin import Valeur
from mobilite.bilan import Atout, Bilan, Constat, Niveau, ReponseComptee, faire_le_bilan
from mobilite.diagnostic import Diagnostic, FreinCorrige, TypeDiagnostic
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.plan import PlanActions
from mobilite.question import Axe
from web.conseiller.propositions import lire_plan
from web.constats import Constats, constater
from web.prise_de_notes import questionnaire_de
from web.propositions import proposer_pour, situation_de

NIVEAUX_A_DIRE = (Niveau.FORT, Niveau.MOYEN, Niveau.SANS_IMPACT)
"""What an adviser may say instead of the computed level."""


@dataclass(frozen=True, slots=True)
class AxeAffiche:
    """One axis: what the answers say, what the adviser says (latest last), what was said before.

    ``avant`` holds (moment, level) of the earlier diagnostics.
    """

    axe: Axe
    constat: Constat
    corrections: Sequence[FreinCorrige]
    avant: Sequence[tuple[str, Niveau]]

    @property
    def calcule(self) -> Niveau:
        """The level the answers make."""
        return self.constat.niveau or Niveau.A_COMPLETER

    @property
    def correction(self) -> FreinCorrige | None:
        """The adviser's latest word."""
        return self.corrections[-1] if self.corrections else None

    @property
    def niveau(self) -> Niveau:
        """The level in force: the adviser's word, else the computed one."""
        return self.correction.niveau if self.correction else self.calcule

    @property
    def calcul_change(self) -> bool:
        """Whether the answers make another level than the one that was corrected."""
        return self.correction is not None and self.correction.niveau_calcule != self.calcule.value


@dataclass(frozen=True, slots=True)
class Resultats:
    """Everything the results page says about one diagnostic.

    ``autour`` are the sections outside the four axes, ``mises_de_cote`` the questions whose answer
    is kept but counts for nothing here.
    """

    diagnostic: Diagnostic
    bilan: Bilan
    axes: tuple[AxeAffiche, ...]
    autour: tuple[Constat, ...]
    signaux: tuple[ReponseComptee, ...]
    mises_de_cote: tuple[str, ...]

    @property
    def atouts(self) -> tuple[Atout, ...]:
        """What she can lean on."""
        return self.bilan.atouts

    def axe(self, axe: Axe) -> AxeAffiche:
        """One of the four axes."""
        return next(affiche for affiche in self.axes if affiche.axe is axe)


def resultats_de(personne: Personne, le: date, diagnostic: Diagnostic | None = None) -> Resultats | None:
    """What a diagnostic says (the latest unless one is given); ``None`` before any has started."""
    actuel = diagnostic or (personne.diagnostics[-1] if personne.diagnostics else None)
    if actuel is None:
        return None
    bilan = _bilan(actuel, le)
    anterieurs = [d for d in personne.diagnostics if d.commence_le < actuel.commence_le]
    bilans = [(d, {c.nom: c for c in _bilan(d, le).axes}) for d in anterieurs]
    questionnaire = questionnaire_de(actuel)
    contexte = {d.code for d in questionnaire.dimensions if d.axe is Axe.CONTEXTE}
    return Resultats(
        diagnostic=actuel,
        bilan=bilan,
        axes=tuple(
            AxeAffiche(
                axe=Axe(constat.nom),
                constat=constat,
                corrections=[c for c in actuel.corrections if c.axe.value == constat.nom],
                avant=[(d.type.libelle, _niveau_de(d, constats[constat.nom])) for d, constats in bilans],
            )
            for constat in bilan.axes
        ),
        autour=tuple(c for c in bilan.dimensions if c.nom in contexte and c.posees),
        signaux=tuple(signal for dimension in bilan.dimensions for signal in dimension.signaux),
        mises_de_cote=tuple(
            item.texte if (item := questionnaire.par_code.get(code)) else code
            for code in sorted({*bilan.mises_de_cote, *set(actuel.reponses) - set(lues(actuel))})
        ),
    )


def constats_de(
    session: Session,
    personne: Personne,
    le: date,
    resultats: Resultats | None = None,
    *,
    reponse: Reponse | None = None,
    plan: PlanActions | None = None,
) -> Constats | None:
    """Alerts, outcome, index and intensity of her latest diagnostic; ``None`` before any has started.

    ``resultats``, ``reponse`` and ``plan`` are asked for again only when the caller has not got them.
    """
    lus = resultats or resultats_de(personne, le)
    if lus is None:
        return None
    retenue = lus.diagnostic.issue_retenue
    return constater(
        situation_de(personne),
        lus.bilan,
        {affiche.axe: affiche.niveau for affiche in lus.axes},
        reponse or proposer_pour(session, personne, le),
        plan or lire_plan(session, personne),
        le,
        retenue.issue if retenue else None,
    )


def _bilan(diagnostic: Diagnostic, le: date) -> Bilan:
    return faire_le_bilan(questionnaire_de(diagnostic), lues(diagnostic), parametres(le))


def moments_a_faire(personne: Personne) -> list[TypeDiagnostic]:
    """The moments that can be begun once she has entered: not the one being filled."""
    if not personne.diagnostics:
        return []
    actuel = personne.diagnostics[-1].type
    return [m for m in TypeDiagnostic if m not in (actuel, TypeDiagnostic.ENTREE)]


def lues(diagnostic: Diagnostic) -> dict[str, Valeur]:
    """The answers of a diagnostic, read with its own questions."""
    return questionnaire_de(diagnostic).relire(diagnostic.gardees())


def _niveau_de(diagnostic: Diagnostic, constat: Constat) -> Niveau:
    correction = diagnostic.correction(Axe(constat.nom))
    return correction.niveau if correction else constat.niveau or Niveau.A_COMPLETER
