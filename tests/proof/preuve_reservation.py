"""One vehicle, one person: the long form, `make proof`, on SQLite and on PostgreSQL.

Writes its figures in docs/preuves.md; 1 when a vehicle was given twice, a request failed, a burst had
not exactly its winners, or the control saw too little.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.proof import cahier, epreuve_formulaires, epreuve_reservation, temoin_reservation
from tests.proof.epreuve_reservation import Bilan
from tests.proof.preuve_taches import bases

SALVE = 200


@dataclass(frozen=True, slots=True)
class Resultat:
    """What one database answered."""

    fonctions: Bilan
    formulaires: Bilan
    essais: int
    doublent: int
    secondes: float

    @property
    def fautes(self) -> int:
        """What breaks the promise."""
        return sum(
            b.chevauchements + b.salves_fausses + sum(b.pannes.values())
            for b in (self.fonctions, self.formulaires)
        ) + (self.doublent < 0.95 * self.essais)


def eprouver(genre: str, tentatives: int, formulaires: int, essais: int) -> Resultat:
    """Everything on one kind of database, the server at the end."""
    debut = time.monotonic()
    salves = max(10, tentatives // 4000)
    with bases(genre) as moteurs, tempfile.TemporaryDirectory() as dossier:
        doublent = temoin_reservation.essais_qui_doublent(next(moteurs), essais)
        fonctions = epreuve_reservation.eprouver(
            next(moteurs), salves=salves, par_salve=SALVE, melee=tentatives - salves * SALVE
        )
        par_le_web = epreuve_formulaires.eprouver(
            next(moteurs),
            salves=10,
            visiteurs=SALVE,
            melee=formulaires - 10 * SALVE,
            journal=Path(dossier, "serveur.log"),
        )
    return Resultat(fonctions, par_le_web, essais, doublent, time.monotonic() - debut)


def main() -> int:
    """Both databases one after the other."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--base", choices=("sqlite", "postgresql"), action="append")
    lecteur.add_argument("--tentatives", type=int, default=92_000)
    lecteur.add_argument("--formulaires", type=int, default=8_400)
    lecteur.add_argument("--essais", type=int, default=200)
    lecteur.add_argument("--sans-cahier", action="store_true", help="print only")
    choix = lecteur.parse_args()
    genres = choix.base or ["sqlite", "postgresql"]
    resultats = []
    for genre in genres:
        resultat = eprouver(genre, choix.tentatives, choix.formulaires, choix.essais)
        resultats.append(resultat)
        sys.stdout.write(f"{genre}, {resultat.secondes:.0f} s\n  {resultat}\n")
        sys.stdout.flush()
    if not choix.sans_cahier:
        cahier.ecrire("réservation", "python -m tests.proof.preuve_reservation", _tableau(genres, resultats))
    return 1 if any(r.fautes for r in resultats) else 0


def _tableau(genres: list[str], resultats: list[Resultat]) -> list[str]:
    noms = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    f, w = [r.fonctions for r in resultats], [r.formulaires for r in resultats]
    gestes = sorted({g for b in f for g in b.gestes if not g.endswith("accepté")})
    return cahier.tableau(
        [noms[genre] for genre in genres],
        {
            "tentatives en tout": (
                "100 000",
                [a.tentatives + b.tentatives for a, b in zip(f, w, strict=True)],
            ),
            "par les fonctions de réservation, 4 processus": ("", [b.tentatives for b in f]),
            **{
                f"… {geste} (acceptées)": (
                    "",
                    [
                        f"{cahier.nombre(b.gestes[geste])} ({cahier.nombre(b.gestes[f'{geste}, accepté'])})"
                        for b in f
                    ],
                )
                for geste in gestes
            },
            "par les formulaires du vrai serveur, 4 processus": ("", [b.tentatives for b in w]),
            "salves (200 demandes pour une place, ou pour dix)": (
                "",
                [len(a.gagnants) + len(b.gagnants) for a, b in zip(f, w, strict=True)],
            ),
            "salves sans le juste nombre de gagnants": (
                "0",
                [a.salves_fausses + b.salves_fausses for a, b in zip(f, w, strict=True)],
            ),
            "chevauchements": ("0", [a.chevauchements + b.chevauchements for a, b in zip(f, w, strict=True)]),
            "pannes (erreurs, réponses 5xx)": (
                "0",
                [sum(a.pannes.values()) + sum(b.pannes.values()) for a, b in zip(f, w, strict=True)],
            ),
            "reprises sur un verrou": ("", [b.reprises for b in f]),
            "témoin sans garde : essais qui doublent": (
                "95 %",
                [f"{r.doublent} de {r.essais}" for r in resultats],
            ),
            "durée": ("", [f"{cahier.nombre(round(r.secondes))} s" for r in resultats]),
        },
    )


if __name__ == "__main__":
    sys.exit(main())
