"""A plan to start from: what the diagnostic, its alerts and the propositions make one think of, and why.

Nothing here decides. Each suggestion says its reasons; what the plan already holds, in whatever
state, is not suggested again: what somebody dropped stays dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from mobilite.actions_types import ActionType, FamilleAction, ReferentielPlan
from mobilite.bilan import Bilan, Niveau
from mobilite.plan import Action, GenreAction, PlanActions
from mobilite.prealables import GENRE, Prealables
from mobilite.verdict import Verdict

if TYPE_CHECKING:
    from mobilite.alerte import AlerteJugee

_FREINS = (Niveau.FORT, Niveau.MOYEN)


@dataclass(frozen=True, slots=True)
class OffreRetenue:
    """An offer that a need could be answered by, as the engine ranked it. ``offre``: its uuid."""

    offre: UUID
    code: str
    nom: str
    genre: str
    famille: FamilleAction
    verdict: Verdict
    besoin: UUID
    phrase: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line to propose. ``code`` is a typical action, or the code of ``offre`` when there is one.

    ``verdict`` is À VÉRIFIER when something has still to be known; ``parce_que`` are whole sentences.
    """

    code: str
    intitule: str
    notion: str
    famille: FamilleAction
    verdict: Verdict
    parce_que: tuple[str, ...]
    offre: OffreRetenue | None = None


def suggerer(
    plan: PlanActions | None,
    bilan: Bilan | None,
    alertes: Sequence[AlerteJugee],
    propositions: Sequence[OffreRetenue],
    *,
    referentiel: ReferentielPlan,
    prealables: Prealables,
) -> list[Suggestion]:
    """What to add to a plan, in the order to do it: what the rules put first comes first.

    For each need the first bridging offer and the first lasting one; then what the alerts ask for;
    then what the freins make one think of, the strong before the medium. Everything once.
    """
    actions = plan.actions if plan else []
    trouvees = [
        *_par_les_alertes(alertes, referentiel),
        *_par_les_offres(propositions, actions),
        *_par_les_freins(bilan, referentiel),
    ]
    prises = {a.code for a in actions if a.genre is GenreAction.TYPE}
    suggestions = [s for s in _une_fois(trouvees) if s.offre is not None or s.code not in prises]
    depannage = [s for s in suggestions if s.famille is FamilleAction.DEPANNAGE]
    durable = [s for s in suggestions if s.famille is FamilleAction.DURABLE]
    a_ranger = [*depannage, *durable]
    return [a_ranger[place] for place in prealables.ordonner([s.notion for s in a_ranger])]


def _par_les_alertes(alertes: Sequence[AlerteJugee], referentiel: ReferentielPlan) -> Iterable[Suggestion]:
    for jugee in alertes:
        if jugee.verdict is Verdict.NON:
            continue
        for modele in referentiel.actions:
            if jugee.alerte.consequence.value in modele.remede:
                yield _du_modele(modele, jugee.verdict, jugee.alerte.regle.phrase)


def _par_les_offres(propositions: Sequence[OffreRetenue], actions: Sequence[Action]) -> Iterable[Suggestion]:
    """The first offer of each family for each need that has none in the plan yet."""
    servis = {(str(a.besoin), a.famille_dite) for a in actions if a.offre is not None and a.statut.ouverte}
    vues = {(a.offre, str(a.besoin)) for a in actions if a.offre is not None}
    for offre in propositions:
        place = (str(offre.besoin), offre.famille)
        if offre.verdict is Verdict.NON or place in servis or (offre.offre, str(offre.besoin)) in vues:
            continue
        servis.add(place)
        yield Suggestion(
            offre.code, offre.nom, GENRE + offre.genre, offre.famille, offre.verdict, (offre.phrase,), offre
        )


def _par_les_freins(bilan: Bilan | None, referentiel: ReferentielPlan) -> Iterable[Suggestion]:
    if bilan is None:
        return
    constats = [*bilan.dimensions, *bilan.axes, *bilan.cles]
    for niveau in _FREINS:
        for constat in constats:
            if constat.niveau is not niveau:
                continue
            for modele in referentiel.actions:
                if constat.nom in modele.pense_a:
                    yield _du_modele(modele, Verdict.OUI, f"{constat.libelle} : {niveau.libelle}.")


def _du_modele(modele: ActionType, verdict: Verdict, phrase: str) -> Suggestion:
    return Suggestion(modele.code, modele.intitule, modele.code, modele.famille, verdict, (phrase,))


def _une_fois(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """The same thing asked for by several reasons stands once, with all of them, at its surest."""
    par_cle: dict[tuple[str, UUID | None], Suggestion] = {}
    for s in suggestions:
        cle = (s.code, s.offre.besoin if s.offre else None)
        deja = par_cle.get(cle)
        if deja is None:
            par_cle[cle] = s
            continue
        sur = Verdict.OUI if Verdict.OUI in (deja.verdict, s.verdict) else Verdict.A_VERIFIER
        raisons = tuple(dict.fromkeys((*deja.parce_que, *s.parce_que)))
        par_cle[cle] = Suggestion(
            deja.code, deja.intitule, deja.notion, deja.famille, sur, raisons, deja.offre
        )
    return list(par_cle.values())
