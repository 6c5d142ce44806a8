"""What was confirmed is kept: the long form, `make proof`, on SQLite and on PostgreSQL.

Writes its figures in docs/preuves.md; 1 when a row that was told is gone, when a database is damaged, or
when the control loses nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.proof import cahier
from tests.proof.bases_eprouvees import Postgresql, Sqlite
from tests.proof.coupure import Disque
from tests.proof.epreuve_coupure import Bilan, eprouver

NOMS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def essayer(
    genre: str,
    *,
    coupure: bool,
    arrets: int,
    par_arret: int,
    sans_attendre: bool = False,
    ecrivains: int = 4,
) -> Bilan:
    """One series of stops on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="pc", ignore_cleanup_errors=True) as nom:
        dossier = Path(nom)
        dossier.chmod(0o755)  # PostgreSQL runs as somebody else
        disque = Disque.neuf(dossier) if coupure else None
        base = (Sqlite if genre == "sqlite" else Postgresql)(dossier, disque)
        return eprouver(
            base, arrets=arrets, par_arret=par_arret, sans_attendre=sans_attendre, ecrivains=ecrivains
        )


def main() -> int:
    """Kills, cuts, and the control, on both databases."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--base", choices=tuple(NOMS), action="append")
    lecteur.add_argument("--morts", type=int, default=50)
    lecteur.add_argument("--coupures", type=int, default=20)
    lecteur.add_argument("--par-arret", type=int, default=300)
    lecteur.add_argument("--sans-cahier", action="store_true", help="print only")
    choix = lecteur.parse_args()
    genres = choix.base or list(NOMS)
    morts: list[Bilan] = []
    coupures: list[Bilan] = []
    temoins: list[Bilan] = []
    durees = []
    for genre in genres:
        debut = time.monotonic()
        for nom, bilans, coupure, arrets in (
            ("morts", morts, False, choix.morts),
            ("coupures", coupures, True, choix.coupures),
            ("témoin", temoins, True, 4),
        ):
            bilans.append(
                essayer(
                    genre,
                    coupure=coupure,
                    arrets=arrets,
                    par_arret=choix.par_arret,
                    sans_attendre=bilans is temoins,
                )
            )
            sys.stdout.write(f"{genre}, {nom} : {bilans[-1]}\n")
            sys.stdout.flush()
        durees.append(f"{time.monotonic() - debut:.0f} s")
    if not choix.sans_cahier:
        lignes: dict[str, tuple[str, Sequence[object]]] = {
            "`kill -9` pendant les écritures": ("50", [b.arrets for b in morts]),
            "coupures de courant": ("20", [b.arrets for b in coupures]),
            "lignes dites écrites": (
                "20 000",
                [m.dites + c.dites for m, c in zip(morts, coupures, strict=True)],
            ),
            "perdues, `kill -9`": ("0", [b.perdues + b.confirmees_perdues for b in morts]),
            "perdues, coupures": ("0", [b.perdues + b.confirmees_perdues for b in coupures]),
            "bases abîmées": ("0", [m.abimees + c.abimees for m, c in zip(morts, coupures, strict=True)]),
            "écrites et pas encore dites": (
                "",
                [m.stockees_non_dites + c.stockees_non_dites for m, c in zip(morts, coupures, strict=True)],
            ),
            "témoin qui n'attend pas le disque : perdues": (
                "beaucoup",
                [f"{b.perdues + b.confirmees_perdues} de {b.dites}" for b in temoins],
            ),
            "durée": ("", durees),
        }
        tables = cahier.tableau([NOMS[genre] for genre in genres], lignes)
        cahier.ecrire("coupures", "python -m tests.proof.preuve_coupure", tables)
    perdues = sum(b.perdues + b.confirmees_perdues + b.abimees + b.chevauchements for b in morts + coupures)
    return 1 if perdues or any(b.perdues + b.confirmees_perdues == 0 for b in temoins) else 0


if __name__ == "__main__":
    sys.exit(main())
