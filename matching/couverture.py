"""Is the whole need covered, every day and both ways? What is not is said in as few words as possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matching.voyage import Case
from mobilite.besoin import Jour
from mobilite.verdict import Manque, Motif, Verdict


def couverture(cases: Sequence[Case]) -> Iterable[Motif]:
    """One NON everywhere is a NON; some NON is a partial answer; every doubt is said once."""
    verdicts = {case.verdict for case in cases}
    if verdicts == {Verdict.NON}:
        yield from _une_fois(cases, Verdict.NON)
        return
    if Verdict.NON in verdicts:
        manquants = [case for case in cases if case.verdict is Verdict.NON]
        detail = ", ".join(dire_les_jours(manquants))
        raison = next(m.phrase for m in manquants[0].motifs if m.verdict is Verdict.NON)
        yield Motif(
            "couverture",
            Verdict.A_VERIFIER,
            f"Ne couvre pas : {detail}. {raison}",
            (Manque(f"une autre solution pour : {detail}", "le conseiller"),),
        )
    yield from _une_fois([case for case in cases if case.verdict is not Verdict.NON], Verdict.A_VERIFIER)
    if verdicts == {Verdict.OUI}:
        yield Motif("couverture", Verdict.OUI, "Couvre l'aller et le retour, tous les jours demandés.")


def _une_fois(cases: Sequence[Case], verdict: Verdict) -> Iterable[Motif]:
    """The reasons of a verdict, each phrase once, in the order they come."""
    dits: dict[str, Motif] = {}
    for case in cases:
        for motif in case.motifs:
            if motif.verdict is verdict:
                dits.setdefault(motif.phrase, motif)
    return dits.values()


@dataclass(frozen=True, slots=True)
class _JourManque:
    """A day that misses one way or both, with what its neighbours must share to be said with it."""

    jour: Jour
    date: str
    suite: str


def dire_les_jours(cases: Sequence[Case]) -> list[str]:
    """« lundi à jeudi », « mardi retour »: a day that misses both ways is said once."""
    sens: dict[tuple[int, Jour, str], set[str]] = {}
    for case in cases:
        p = case.passage
        quand = f" {p.date:%d/%m}" if p.date else ""
        sens.setdefault((p.semaine or 1, p.jour, quand), set()).add(case.sens.value)
    suites: list[list[_JourManque]] = []
    for (semaine, jour, quand), manques in sens.items():
        une_voie = f" {next(iter(manques))}" if len(manques) == 1 else ""
        dit = _JourManque(jour, quand, une_voie + (f" (semaine {semaine})" if semaine > 1 else ""))
        derniere = suites[-1][-1] if suites else None
        if derniere and not quand and derniere.suite == dit.suite and jour.rang == derniere.jour.rang + 1:
            suites[-1].append(dit)
        else:
            suites.append([dit])
    return [mots for suite in suites for mots in _dire(suite)]


def _dire(suite: list[_JourManque]) -> list[str]:
    if len(suite) < 3:
        return [f"{j.jour.libelle}{j.date}{j.suite}" for j in suite]
    return [f"{suite[0].jour.libelle} à {suite[-1].jour.libelle}{suite[0].suite}"]
