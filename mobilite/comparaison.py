"""Two moments or more of the same person, item by item and axis by axis, across versions.

Each answer keeps the words it was given in. Only what is comparable is compared: the same question,
or what an old answer says for sure to the questions that replaced it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mobilite.besoin import Valeur
from mobilite.bilan import AXES_MEUSE
from mobilite.question import Axe, Item
from mobilite.questionnaire import Questionnaire
from mobilite.versions import Correspondance, Lien, Questionnaires


@dataclass(frozen=True, slots=True)
class Moment:
    """One diagnostic to compare: its version, and its answers as that version reads them."""

    version: str
    reponses: Mapping[str, Valeur]


@dataclass(frozen=True, slots=True)
class ReponseDuMoment:
    """What was said at one moment: ``libelle`` empty when nothing was, ``question`` when worded otherwise.

    ``reprise``: the answer was given to the question that this one replaced.
    """

    libelle: str = ""
    points: int | None = None
    question: str = ""
    reprise: bool = False
    posee: bool = True


@dataclass(frozen=True, slots=True)
class LigneComparee:
    """One question through the moments. ``lien`` and ``raison`` say what became of it, if anything.

    ``ancienne``: it is asked no more.
    """

    code: str
    question: str
    dimension: str
    axe: Axe
    moments: tuple[ReponseDuMoment, ...]
    lien: Lien | None = None
    raison: str = ""
    ancienne: bool = False

    @property
    def ecart(self) -> int | None:
        """Points gained (or lost) from the first to the last moment, when both are known."""
        return _ecart(self.moments[0].points, self.moments[-1].points)

    @property
    def dite(self) -> bool:
        """Whether anything was said at any moment."""
        return any(moment.libelle for moment in self.moments)

    @property
    def change(self) -> bool:
        """Whether the first and the last answers differ."""
        dits = [m.libelle for m in self.moments if m.libelle]
        return len(set(dits)) > 1


@dataclass(frozen=True, slots=True)
class AxeCompare:
    """One axis: over the ``comparables`` questions answered first and last, how the points moved (0 to 100)."""

    axe: Axe
    comparables: int
    ecart: float | None
    mieux: int
    moins_bien: int


@dataclass(frozen=True, slots=True)
class Comparaison:
    """Every question that was asked at one moment or another, and the four axes."""

    lignes: tuple[LigneComparee, ...]
    axes: tuple[AxeCompare, ...]

    @property
    def changees(self) -> tuple[LigneComparee, ...]:
        """What is no longer the same."""
        return tuple(ligne for ligne in self.lignes if ligne.change)


def comparer(questionnaires: Questionnaires, moments: Sequence[Moment]) -> Comparaison:
    """Compare moments, oldest first, in the questions of the last one. At least one moment is expected."""
    reference = questionnaires.de(moments[-1].version)
    devenues = _devenues(questionnaires, moments)
    anciennes = [
        (_place(correspondance, questionnaires.de(version), reference), version, correspondance)
        for version, correspondance in devenues
        if correspondance.code not in reference.par_code
    ]
    lignes: list[LigneComparee] = []
    for rang, item in enumerate(reference.items):
        lignes += [
            _ligne_ancienne(questionnaires, version, correspondance, moments)
            for place, version, correspondance in anciennes
            if place == rang
        ]
        lignes.append(_ligne(questionnaires, item, reference.version, moments, devenues))
    return Comparaison(tuple(lignes), tuple(_axe(axe, lignes, reference.par_code) for axe in AXES_MEUSE))


def _place(correspondance: Correspondance, ancien: Questionnaire, reference: Questionnaire) -> int:
    """Where a question that is asked no more stands: before what replaced it, else among its section."""
    rangs = {item.code: rang for rang, item in enumerate(reference.items)}
    suites = [rangs[code] for code in correspondance.vers if code in rangs]
    section = ancien.par_code[correspondance.code].dimension
    return min(suites or [rangs[item.code] for item in reference.de_la_dimension(section)], default=0)


def _devenues(questionnaires: Questionnaires, moments: Sequence[Moment]) -> list[tuple[str, Correspondance]]:
    """(version that asked it, what became of it), for every step between the first and the last moment."""
    passages = {
        passage.de: passage
        for moment in moments[:-1]
        for passage in questionnaires.passages_entre(moment.version, moments[-1].version)
    }
    return [(p.de, c) for p in passages.values() for c in p.correspondances]


def _ligne(
    questionnaires: Questionnaires,
    item: Item,
    version: str,
    moments: Sequence[Moment],
    devenues: Sequence[tuple[str, Correspondance]],
) -> LigneComparee:
    venue = next((c for _, c in devenues if item.code in c.vers), None)
    return LigneComparee(
        code=item.code,
        question=item.texte,
        dimension=item.dimension,
        axe=item.axe,
        moments=tuple(_du_moment(questionnaires, item, version, moment) for moment in moments),
        lien=venue.lien if venue else None,
        raison=venue.raison if venue else "",
    )


def _du_moment(questionnaires: Questionnaires, item: Item, version: str, moment: Moment) -> ReponseDuMoment:
    ancien = questionnaires.de(moment.version).par_code.get(item.code)
    if ancien is not None:
        posee = any(i.code == item.code for i in questionnaires.de(moment.version).posees(moment.reponses))
        autrement = ancien.texte if ancien.texte != item.texte else ""
        if item.code not in moment.reponses or not posee:
            return ReponseDuMoment(question=autrement, posee=posee)
        valeur = moment.reponses[item.code]
        return ReponseDuMoment(ancien.libelle(valeur), ancien.points(valeur), autrement)
    # A question that version did not ask: what the one it replaced says for sure, else nothing.
    traduites = questionnaires.traduire(moment.reponses, de=moment.version, vers=version)
    if item.code not in traduites:
        return ReponseDuMoment(posee=False)
    valeur = traduites[item.code]
    return ReponseDuMoment(item.libelle(valeur), item.points(valeur), reprise=True)


def _ligne_ancienne(
    questionnaires: Questionnaires, version: str, devenue: Correspondance, moments: Sequence[Moment]
) -> LigneComparee:
    """A question that is asked no more, with what was answered to it."""
    item = questionnaires.de(version).par_code[devenue.code]
    return LigneComparee(
        code=item.code,
        question=item.texte,
        dimension=item.dimension,
        axe=item.axe,
        moments=tuple(_a_l_ancienne(questionnaires, item, moment) for moment in moments),
        lien=devenue.lien,
        raison=devenue.raison,
        ancienne=True,
    )


def _a_l_ancienne(questionnaires: Questionnaires, item: Item, moment: Moment) -> ReponseDuMoment:
    ancien = questionnaires.de(moment.version).par_code.get(item.code)
    if ancien is None or item.code not in moment.reponses:
        return ReponseDuMoment(posee=ancien is not None)
    valeur = moment.reponses[item.code]
    return ReponseDuMoment(ancien.libelle(valeur), ancien.points(valeur))


def _axe(axe: Axe, lignes: Sequence[LigneComparee], items: Mapping[str, Item]) -> AxeCompare:
    """Only the questions that count today and were answered at both ends; weights are today's."""
    ecarts = [
        (ligne.ecart, items[ligne.code].poids)
        for ligne in lignes
        if ligne.axe is axe and ligne.code in items and items[ligne.code].compte and ligne.ecart is not None
    ]
    poids = sum(p for _, p in ecarts)
    return AxeCompare(
        axe=axe,
        comparables=len(ecarts),
        ecart=sum(e * p for e, p in ecarts) / poids * 100 / 3 if poids else None,
        mieux=sum(e > 0 for e, _ in ecarts),
        moins_bien=sum(e < 0 for e, _ in ecarts),
    )


def _ecart(avant: int | None, apres: int | None) -> int | None:
    return None if avant is None or apres is None else apres - avant
