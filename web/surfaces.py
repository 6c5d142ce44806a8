"""The areas within so many minutes of the Maisons, drawn on the network in service, and who lives there."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from mobilite.lieux import Accessibilite, Mode
from mobilite.territoire import MaisonAccueil, Territoire
from web.referentiel import referentiel

if TYPE_CHECKING:
    import shapely

    from geo.habitants import RuesHabitees
    from geo.reseau import Reseau
    from geo.trajets import Trajets


@dataclass(frozen=True, eq=False)
class Surfaces:
    """From where one of these Maisons is reached in so many minutes, by one way of moving.

    ``zones``: minutes → area (WGS84); ``parts``: minutes → commune → share of its inhabited streets
    that are within; ``hors``: the Maisons that stand more than 1 km from any street of the network.
    """

    mode: Mode
    methode: str
    maisons: tuple[MaisonAccueil, ...]
    hors: tuple[MaisonAccueil, ...]
    zones: Mapping[float, shapely.MultiPolygon]
    parts: Mapping[float, Mapping[str, float]]

    def geojson(self, proprietes: Mapping[str, Any]) -> dict[str, Any]:
        """A FeatureCollection, the widest area first, with its source and licence."""
        from geo.isochrone import en_geojson  # noqa: PLC0415  numba
        from geo.reseau import ATTRIBUTION, LICENCE  # noqa: PLC0415

        return en_geojson(
            self.zones,
            {
                "profil": self.mode.value,
                "sens": "vers",
                "maisons": [maison.nom for maison in self.maisons],
                "demonstration": any(maison.demonstration for maison in self.maisons),
                **proprietes,
                "methode": self.methode,
                "attribution": ATTRIBUTION,
                "licence": LICENCE,
            },
        )


def surfaces_de(
    maisons: Sequence[MaisonAccueil], mode: Mode, le: date, minutes: Sequence[float]
) -> Surfaces | None:
    """The areas around some Maisons, drawn the first time they are asked; ``None``: no network for this mode."""
    connu = referentiel()
    acces = connu.accessibilite(le)
    if not acces.ferme:
        return None
    with _verrou:
        return _dessiner(
            cast(Hashable, acces), connu.territoire, tuple(maisons), mode, tuple(sorted(set(minutes)))
        )


_verrou = Lock()
"""Drawn once, even when several requests are the first to ask."""


@lru_cache(maxsize=24)
def _dessiner(
    acces: Accessibilite,
    territoire: Territoire,
    maisons: tuple[MaisonAccueil, ...],
    mode: Mode,
    minutes: tuple[float, ...],
) -> Surfaces | None:
    # Everything the answer depends on is in the key: the network (by its port), the Maisons by value.
    from geo.isochrone import isochrones  # noqa: PLC0415  numba: not for those without a network
    from geo.trajets import Trajets  # noqa: PLC0415

    if not isinstance(acces, Trajets) or (profil := acces.profil(mode)) is None:
        return None
    reseau, accrocheur = profil
    positions = [m.lieu.position for m in maisons]
    poses = accrocheur.accrocher(
        [p.lon if p else math.nan for p in positions], [p.lat if p else math.nan for p in positions]
    )
    hors = tuple(m for m, pose in zip(maisons, poses.posees.tolist(), strict=True) if not pose)
    parts = _rues(acces, reseau, territoire).parts(reseau, poses, minutes)
    return Surfaces(mode, acces.methode, maisons, hors, isochrones(reseau, poses, minutes), parts)


@lru_cache(maxsize=6)
def _rues(acces: Trajets, reseau: Reseau, territoire: Territoire) -> RuesHabitees:
    """The inhabited streets of the département: the same for every question until the next import."""
    from geo.habitants import rues_habitees  # noqa: PLC0415

    connus = ((c.insee, acces.contours.get(c.insee)) for c in territoire.communes_du_departement())
    return rues_habitees(reseau, {insee: contour for insee, contour in connus if contour is not None})
