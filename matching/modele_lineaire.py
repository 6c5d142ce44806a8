"""A small integer program: columns, rows, and the solver within a budget of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Modele:
    """Columns and rows of the integer program, in the order they were added."""

    couts: list[float] = field(default_factory=list)
    bornes: list[float] = field(default_factory=list)
    entieres: list[int] = field(default_factory=list)
    lignes: list[dict[int, float]] = field(default_factory=list)
    bas: list[float] = field(default_factory=list)
    haut: list[float] = field(default_factory=list)

    def colonne(self, cout: float, borne: float, *, entiere: bool) -> int:
        """Add a variable between 0 and ``borne``; its number."""
        self.couts.append(cout)
        self.bornes.append(borne)
        self.entieres.append(int(entiere))
        return len(self.couts) - 1

    def ligne(self, termes: dict[int, float], bas: float, haut: float) -> None:
        """Add a constraint ``bas <= sum <= haut``."""
        if termes:
            self.lignes.append(termes)
            self.bas.append(bas)
            self.haut.append(haut)

    def resoudre(self, couts: Sequence[float], noeuds: int) -> tuple[list[float] | None, bool]:
        """The best values found within ``noeuds`` nodes, and whether they are proven best."""
        import numpy as np  # noqa: PLC0415  not for web start-up
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
        from scipy.sparse import csr_array  # noqa: PLC0415

        rangs = [
            (rang, colonne, v) for rang, termes in enumerate(self.lignes) for colonne, v in termes.items()
        ]
        lignes, colonnes, valeurs = zip(*rangs, strict=True)
        matrice = csr_array((valeurs, (lignes, colonnes)), shape=(len(self.lignes), len(self.couts)))
        resultat = milp(
            np.asarray(couts),
            integrality=np.asarray(self.entieres),
            bounds=Bounds(np.zeros(len(couts)), np.asarray(self.bornes)),
            constraints=LinearConstraint(matrice, np.asarray(self.bas), np.asarray(self.haut)),
            options={"mip_rel_gap": 0.0, "node_limit": noeuds},
        )
        return None if resultat.x is None else [float(v) for v in resultat.x], bool(resultat.status == 0)
