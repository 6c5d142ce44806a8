"""What a plan costs her each month after aids, beside what is left to live on: nothing guessed.

The costs are those the engine showed the day each solution was kept, the aids those of
``web.aides``: no figure is made here but their sum. What has no known cost stays to be checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isinf

from mobilite.besoin import Valeur
from mobilite.candidate import Genre
from mobilite.plan import Action, GenreAction, PlanActions
from mobilite.question import Item
from mobilite.verdict import Verdict
from web.conseiller.aides import Reste
from web.formats import entier, euros
from web.plan import donnees_du_plan

RESTE_A_VIVRE, BUDGET = "D3_reste_a_vivre", "D3_budget"

_A_DEUX_ROUES_OU_QUATRE = (Genre.LOCATION_VOITURE, Genre.LOCATION_VOITURETTE, Genre.AUTOPARTAGE)


@dataclass(frozen=True, slots=True)
class BudgetDuPlan:
    """A month of the plan. ``bas``/``haut``: euros left to pay if every aid came, and with the sure ones.

    ``sans_prix``: the lines nobody can price. ``reste``: what is left to live on, an interval open
    above when ``None``; ``None`` altogether when nobody said.
    """

    bas: float
    haut: float
    sans_prix: tuple[str, ...]
    reste: tuple[float, float | None] | None
    limite: float | None

    @property
    def verdict(self) -> Verdict:
        """OUI: even at its dearest it fits in the least she may have; NON: never; else À VÉRIFIER."""
        limite = None if self.limite is None else (self.limite, self.limite)
        bornes = [b for b in (self.reste, limite) if b is not None]
        if not bornes:
            return Verdict.A_VERIFIER
        au_moins = min(b[0] for b in bornes)
        au_plus = min((b[1] for b in bornes if b[1] is not None), default=None)
        if au_plus is not None and self.bas > au_plus:
            return Verdict.NON
        return Verdict.OUI if self.haut <= au_moins and not self.sans_prix else Verdict.A_VERIFIER

    @property
    def phrase(self) -> str:
        """One sentence for the adviser."""
        if self.reste is None and self.limite is None:
            return "Ce qui lui reste pour vivre n'est pas encore connu : à demander."
        return {
            Verdict.OUI: "Le plan tient dans ce qui lui reste chaque mois.",
            Verdict.NON: "Le plan coûte plus que ce qui lui reste : revoir une solution ou une aide.",
            Verdict.A_VERIFIER: "Selon les aides et les prix encore inconnus, cela peut passer ou non.",
        }[self.verdict]

    @property
    def en_texte(self) -> str:
        """« 60 € », « de 20 à 60 € »."""
        if round(self.bas, 2) == round(self.haut, 2):
            return euros(self.haut)
        return f"de {euros(self.bas)} à {euros(self.haut)}"

    @property
    def reste_en_texte(self) -> str:
        """« de 100 à 250 € », « plus de 500 € », "" when unknown."""
        if self.reste is None:
            return ""
        bas, haut = self.reste
        return f"plus de {euros(bas)}" if haut is None else f"de {euros(bas)} à {euros(haut)}"


def budget_du_plan(
    plan: PlanActions | None, restes: Sequence[Reste], reste: Item | None, dit: Valeur, limite: Valeur
) -> BudgetDuPlan:
    """Add up the open lines. ``dit`` and ``limite`` are her answers to ``RESTE_A_VIVRE`` and ``BUDGET``."""
    ouvertes = plan.ouvertes() if plan else []
    return BudgetDuPlan(
        sum(r.apres.min for r in restes),
        sum(r.apres.max for r in restes),
        tuple(a.intitule for a in ouvertes if _sans_prix(a)),
        _intervalle(reste, dit),
        float(limite) if isinstance(limite, int | float) and not isinstance(limite, bool) else None,
    )


def _sans_prix(action: Action) -> bool:
    """An offer whose price nobody said, or a typical action that may cost something."""
    if action.genre is GenreAction.TYPE:
        modele = donnees_du_plan().referentiel.par_code.get(action.code)
        return modele is None or not modele.gratuit
    vue = action.instantane or {}
    return bool(vue) and vue.get("cout_mensuel_eur") is None


def _intervalle(item: Item | None, dit: Valeur) -> tuple[float, float | None] | None:
    choix = item.choix_de(dit) if item is not None else None
    vaut = choix.vaut if choix else None
    if not isinstance(vaut, tuple):
        return None
    return vaut[0], None if isinf(vaut[1]) else vaut[1]


def location_ou_achat(plan: PlanActions | None) -> str:
    """After how many months hiring will have cost the price of the vehicle for sale; "" when unknown."""
    locations, ventes = [], []
    for action in plan.ouvertes() if plan else []:
        vue = action.instantane or {}
        if vue.get("genre") in {g.value for g in _A_DEUX_ROUES_OU_QUATRE} and vue.get("cout_mensuel_eur"):
            locations.append((action.intitule, float(vue["cout_mensuel_eur"])))
        if vue.get("genre") == Genre.VENTE.value and vue.get("a_avancer_eur"):
            ventes.append((action.intitule, float(vue["a_avancer_eur"]), vue.get("cout_mensuel_eur")))
    if not locations or not ventes:
        return ""
    (location, par_mois), (vente, prix, ensuite) = locations[0], ventes[0]
    if ensuite is None or par_mois <= ensuite:
        return ""
    mois = ceil(prix / (par_mois - float(ensuite)))
    return (
        f"« {location} » aura coûté le prix de « {vente} » ({euros(prix)}) au bout de {entier(mois)} mois, "
        "assurance et entretien non comptés : à vérifier avec le garage."
    )
