"""The exercise of the map: finding one's own commune and where one goes, among four letters.

The letters stand where the town halls are. Each can also be chosen by what is said of it (« au nord de
Verdun, à 20 km »), without seeing the map.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from markupsafe import Markup

from geo.cartes import FondDeCarte
from mobilite.exercice import Exercice
from mobilite.territoire import Commune, vol_oiseau_km
from web.enonce import Choisir, Enonce
from web.referentiel import dossier_des_graines, referentiel

LETTRES = "ABCD"
AUTOUR_KM = 40.0
VILLES = 12
ECART_KM = 9.0
"""Two letters closer than this would cover each other on a phone."""

_CADRE_MIN, _BORD = 260, 45
_DIRECTIONS = (
    "au nord", "au nord-est", "à l'est", "au sud-est", "au sud", "au sud-ouest", "à l'ouest", "au nord-ouest",
)  # fmt: skip
_SOURCE = "Carte : IGN Admin Express, INSEE (Licence Ouverte 2.0)."


def se_placer(chez: str | None, vers: str | None) -> Enonce:
    """« Which letter is your commune? Which one is where you go? »

    ``chez`` and ``vers`` are INSEE codes. What is not known, not on the map or too close is replaced by
    a town, and the question names it instead of saying « your commune ».
    """
    ici = _sur_la_carte(chez) or _villes(())[0]
    la = _sur_la_carte(vers)
    if la is None or vol_oiseau_km(ici.position, la.position) < ECART_KM:
        la = _villes((ici,))[0]
    repere, *autres = _villes((ici, la))
    # Towns that lie elsewhere than those already there are told apart more easily.
    vues = {_direction(repere, ici), _direction(repere, la)}
    ailleurs = sorted(autres, key=lambda ville: _direction(repere, ville) in vues)
    lettrees = sorted((ici, la, *ailleurs[:2]), key=lambda c: (c.position.lon, c.insee))
    lettre = dict(zip((c.insee for c in lettrees), LETTRES, strict=True))
    options = tuple((lettre[c.insee], f"{lettre[c.insee]} : {_ou(repere, c)}") for c in lettrees)
    chez_vous = "Votre commune est" if ici.insee == chez else "La première ville est"
    vous_allez = "Vous allez à" if vers == la.insee else "La deuxième ville est"
    return Enonce(
        Exercice.CARTE,
        (
            f"{chez_vous} : {ici.nom}.",
            f"{vous_allez} : {la.nom}.",
            f"Sur la carte, le carré est {repere.nom}.",
        ),
        (
            Choisir("ici", f"Quelle lettre est {ici.nom} ?", options, lettre[ici.insee]),
            Choisir("la", f"Quelle lettre est {la.nom} ?", options, lettre[la.insee]),
        ),
        f"Cherchez d'abord le carré. {ici.nom} est {_ou(repere, ici)}. {la.nom} est {_ou(repere, la)}.",
        f"{ici.nom} : lettre {lettre[ici.insee]}. {la.nom} : lettre {lettre[la.insee]}.",
        _SOURCE,
        carte=_dessiner(repere, [(lettre[c.insee], c) for c in lettrees]),
    )


def _sur_la_carte(insee: str | None) -> Commune | None:
    """A commune of the département: the only ones whose outline is drawn."""
    territoire = referentiel().territoire
    commune = territoire.commune(insee) if insee else None
    return commune if commune is not None and commune.departement == territoire.departement else None


def _villes(deja: Sequence[Commune]) -> list[Commune]:
    """The largest communes that keep their distance from ``deja`` and each other, not far from the first."""
    territoire = referentiel().territoire
    gardees: list[Commune] = []
    du_departement = [c for c in territoire.communes.values() if c.departement == territoire.departement]
    for commune in sorted(du_departement, key=lambda c: (-c.population, c.insee)):
        loin = bool(deja) and vol_oiseau_km(commune.position, deja[0].position) > AUTOUR_KM
        pres = any(vol_oiseau_km(commune.position, x.position) < ECART_KM for x in (*deja, *gardees))
        if not loin and not pres:
            gardees.append(commune)
        if len(gardees) == VILLES:
            break
    return gardees


def _direction(repere: Commune, commune: Commune) -> str:
    """« au nord-est »: where a commune lies, seen from the town that is named on the map."""
    de, vers = repere.position, commune.position
    est = (vers.lon - de.lon) * math.cos(math.radians(de.lat))
    cap = math.degrees(math.atan2(est, vers.lat - de.lat)) % 360
    return _DIRECTIONS[round(cap / 45) % 8]


def _ou(repere: Commune, commune: Commune) -> str:
    """« au nord-est de Verdun, à 20 km »."""
    km = round(vol_oiseau_km(repere.position, commune.position))
    lien = "d'" if repere.nom[0] in "AEÉÈIOUYH" else "de "
    return f"{_direction(repere, commune)} {lien}{repere.nom}, à {km} km"


def _dessiner(repere: Commune, lettrees: Iterable[tuple[str, Commune]]) -> Markup:
    """The communes around, the town that is named, and the letters, as an ``<svg>``."""
    fond = FondDeCarte.lire(dossier_des_graines() / "meuse" / "communes.geojson", referentiel().territoire)
    points = [(lettre, fond.point(commune.position)) for lettre, commune in lettrees]
    carre = fond.point(repere.position)
    xs, ys = zip(carre, *(p for _, p in points), strict=True)
    cote = max(max(xs) - min(xs), max(ys) - min(ys), _CADRE_MIN) + 2 * _BORD
    gauche, haut = (min(xs) + max(xs) - cote) // 2, (min(ys) + max(ys) - cote) // 2
    communes = "".join(
        f'<path d="{chemin}"/>'
        for insee, chemin in fond.communes.items()
        if _dans(fond, insee, gauche, haut, cote)
    )
    u = cote / 100  # one hundredth of the drawing, so that signs keep their size
    rond = "".join(
        f'<circle cx="{x}" cy="{y}" r="{5 * u:.0f}" fill="#083f4b" stroke="#fff" stroke-width="{0.6 * u:.1f}"/>'
        f'<text x="{x}" y="{y + 2.4 * u:.0f}" text-anchor="middle" font-size="{7 * u:.0f}" font-weight="700"'
        f' fill="#fff">{lettre}</text>'
        for lettre, (x, y) in points
    )
    x, y = carre
    ville = (
        f'<rect x="{x - 2 * u:.0f}" y="{y - 2 * u:.0f}" width="{4 * u:.0f}" height="{4 * u:.0f}" fill="#1d2733"/>'
        f'<text x="{x}" y="{y + 8 * u:.0f}" text-anchor="middle" font-size="{5.5 * u:.0f}" font-weight="700"'
        f' fill="#1d2733" stroke="#fff" stroke-width="{1.2 * u:.1f}" paint-order="stroke">{escape(repere.nom)}</text>'
    )
    nord = (
        f'<text x="{gauche + cote - 6 * u:.0f}" y="{haut + 13 * u:.0f}" text-anchor="middle"'
        f' font-size="{5 * u:.0f}" fill="#1d2733">Nord</text>'
        f'<path d="M{gauche + cote - 6 * u:.0f} {haut + 2 * u:.0f}l{2.5 * u:.0f} {6 * u:.0f}h-{5 * u:.0f}z"'
        ' fill="#1d2733"/>'
    )
    dit = f"Carte autour de {repere.nom} : quatre lettres, de A à D, et un carré sur {repere.nom}."
    # Our own drawing; the one name in it is escaped.
    return Markup(  # nosec B704
        f'<svg xmlns="http://www.w3.org/2000/svg" class="carte-exercice" viewBox="{gauche} {haut} {cote} {cote}"'
        f' role="img" aria-label="{escape(dit)}" font-family="system-ui, sans-serif">'
        f'<g fill="#f3efe5" stroke="#c9c2b2" stroke-width="1">{communes}</g>'
        f'<path d="{fond.contour}" fill="none" stroke="#5b6875" stroke-width="2"/>{ville}{rond}{nord}</svg>'
    )


def _dans(fond: FondDeCarte, insee: str, gauche: int, haut: int, cote: int) -> bool:
    commune = referentiel().territoire.commune(insee)
    if commune is None:
        return False
    x, y = fond.point(commune.position)
    marge = _BORD
    return gauche - marge < x < gauche + cote + marge and haut - marge < y < haut + cote + marge
