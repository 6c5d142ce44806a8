"""A combination and its parts, as the engine answers them: what carries her, when, how sure."""

from __future__ import annotations

from dataclasses import dataclass

from matching.cout import Cout
from matching.voyage import Case
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate
from mobilite.verdict import Duree, Manque, Verdict, tous


@dataclass(frozen=True, slots=True)
class Troncon:
    """A part of a combination: what carries her, when, how sure, in one French sentence."""

    cle: str
    nom: str
    offre: Candidate | None
    quand: str
    phrase: str
    verdict: Verdict
    duree: Duree | None
    manques: tuple[Manque, ...]


@dataclass(frozen=True, slots=True)
class Combinaison:
    """Solutions that serve a need together. ``cases`` holds two cells a passage, like an offer's.

    ``reste`` names the trips that nothing serves, empty when all are.
    """

    besoin: Besoin
    troncons: tuple[Troncon, ...]
    cases: tuple[Case, ...]
    duree: Duree | None
    cout: Cout
    reste: str

    @property
    def verdict(self) -> Verdict:
        """Never surer than a part; a trip left over is one more thing to find."""
        if self.reste:
            return Verdict.A_VERIFIER
        return tous(case.verdict for case in self.cases)

    @property
    def cle(self) -> str:
        """What it is made of, and how: stable, and the same whatever the order of the offers."""
        return " + ".join(f"{t.quand} {t.cle}".strip() for t in self.troncons)

    @property
    def nom(self) -> str:
        """« À l'aller : Bénévoles de la Woëvre ; au retour : Covoiturage »."""
        noms: list[str] = []
        for troncon in self.troncons:
            if troncon.quand and not (noms and noms[-1].startswith(f"{troncon.quand} : ")):
                noms.append(f"{troncon.quand} : {troncon.nom}")
            elif troncon.quand:
                noms[-1] += f", puis {troncon.nom}"
            else:
                noms.append(troncon.nom)
        tout = (" ; " if any(t.quand for t in self.troncons) else ", puis ").join(noms)
        return tout[:1].upper() + tout[1:]

    @property
    def offres(self) -> tuple[Candidate, ...]:
        """The offers it uses, each once, in the order they are said."""
        return tuple({t.offre.id: t.offre for t in self.troncons if t.offre is not None}.values())

    @property
    def manques(self) -> tuple[Manque, ...]:
        """What is not known yet, of any part."""
        restants = (Manque(f"une autre solution pour : {self.reste}", "le conseiller"),) if self.reste else ()
        return tuple(dict.fromkeys([*(m for t in self.troncons for m in t.manques), *restants]))

    @property
    def demonstration(self) -> bool:
        """Whether anything in it is invented."""
        return any(offre.demonstration for offre in self.offres)
