"""From ways to streets: what lies between two crossroads, with its shape and its times at each point.

A street goes on through points where nobody has a choice (a bend, a change of name): fewer, longer
streets make every search faster, and the times at each point keep it exact to stop in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.interdictions import choix as choix_imposes
from geo.osm import Extrait
from geo.profils import Profil
from mobilite.territoire import RAYON_TERRE_KM

Entiers = NDArray[np.int32]
Longs = NDArray[np.int64]
Reels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rues:
    """r streets between crossroads, their points one street after the other.

    ``de``, ``vers``: int32[r], crossroads; ``debut``: int64[r + 1] into the points; ``aller``,
    ``retour``: int32[p], ms from the start (from the end) of the street to each point; ``metres``:
    float32[p] from the start; ``sens``: uint8[r], 1 forwards + 2 backwards; ``classe``: uint8[r];
    ``chemin_de``, ``chemin_vers``: int32[r], the way (rank in the extract) at each end; ``osm``:
    int64[n], the OpenStreetMap number of each crossroads.
    """

    de: Entiers
    vers: Entiers
    debut: Longs
    lon: Entiers
    lat: Entiers
    aller: Entiers
    retour: Entiers
    metres: NDArray[np.float32]
    sens: NDArray[np.uint8]
    classe: NDArray[np.uint8]
    chemin_de: Entiers
    chemin_vers: Entiers
    osm: Longs

    @property
    def longueurs(self) -> NDArray[np.float32]:
        """Metres of each street."""
        return self.metres[self.debut[1:] - 1]

    def garder(self, lesquelles: NDArray[np.bool_]) -> Rues:
        """Only these streets; crossroads keep their numbers."""
        points = np.repeat(lesquelles, np.diff(self.debut))
        debut = np.zeros(int(lesquelles.sum()) + 1, np.int64)
        np.cumsum(np.diff(self.debut)[lesquelles], out=debut[1:])
        return replace(
            self,
            debut=debut,
            **{nom: getattr(self, nom)[points] for nom in ("lon", "lat", "aller", "retour", "metres")},
            **{
                nom: getattr(self, nom)[lesquelles]
                for nom in ("de", "vers", "sens", "classe", "chemin_de", "chemin_vers")
            },
        )


@dataclass(frozen=True, eq=False)
class _Pas:
    """Straight lines between two points of a way, in the order of the ways."""

    a: Longs
    b: Longs
    chemin: Longs
    suite: NDArray[np.bool_]
    """Whether the line goes on from the one before, on the same way."""


def tracer(extrait: Extrait, profil: Profil) -> Rues:
    """The streets of an extract that a profile may use. None at all is a valid answer."""
    passages = [profil.passage(tags) for tags in extrait.etiquettes]
    kmh = np.array([p[:2] if p else (0.0, 0.0) for p in passages], np.float64).reshape(-1, 2)
    classes = np.array([p.classe if p else 0 for p in passages], np.uint8)
    pas, osm, lon, lat = _pas(extrait, profil, (kmh.max(axis=1) > 0)[extrait.sorte])
    metres = distances_m(lon[pas.a], lat[pas.a], lon[pas.b], lat[pas.b])
    feux = np.zeros(osm.size)
    feux[[n for n, t in extrait.particuliers.items() if t.get("highway") == "traffic_signals"]] = (
        1000 * profil.virages.feu_s
    )
    vitesses = kmh[extrait.sorte[pas.chemin]]
    ms = np.divide(3600 * metres[:, None], vitesses, out=np.zeros_like(vitesses), where=vitesses > 0)
    ms += np.stack([feux[pas.b], feux[pas.a]], axis=1)
    sens = ((vitesses[:, 0] > 0) + 2 * (vitesses[:, 1] > 0)).astype(np.uint8)
    # Where a rule forbids a turn there is a choice to make, whatever the shape.
    choix = choix_imposes(extrait.restrictions, osm.size)
    degre = np.bincount(pas.a, minlength=osm.size) + np.bincount(pas.b, minlength=osm.size)
    coupe = ~pas.suite | (degre[pas.a] != 2) | choix[pas.a]
    debut = np.append(np.flatnonzero(coupe), pas.a.size)
    morceaux = _joindre(pas, debut, sens, classes[extrait.sorte[pas.chemin]], (degre == 2) & ~choix)
    return _assembler(pas, debut, morceaux, ms, metres, sens, classes[extrait.sorte], osm, lon, lat)


def distances_m(lon_a: Entiers, lat_a: Entiers, lon_b: Entiers, lat_b: Entiers) -> Reels:
    """Metres between points in 10⁻⁷ degrees, on the mean sphere."""
    rad = np.pi / 180 / 1e7
    dlat = (lat_b.astype(np.float64) - lat_a) * rad / 2
    dlon = (lon_b.astype(np.float64) - lon_a) * rad / 2
    corde = np.sin(dlat) ** 2 + np.cos(lat_a * rad) * np.cos(lat_b * rad) * np.sin(dlon) ** 2
    return np.asarray(2000 * RAYON_TERRE_KM * np.arcsin(np.sqrt(np.minimum(corde, 1.0))))


def _pas(extrait: Extrait, profil: Profil, utiles: NDArray[np.bool_]) -> tuple[_Pas, Longs, Entiers, Entiers]:
    """The lines of the useful ways, and their points; a closed point is one more point for each way in."""
    chemin = np.repeat(np.arange(extrait.chemins.size), np.diff(extrait.debut))
    if chemin.size < 2:
        chemin = np.zeros(0, np.int64)
    a, b = extrait.points[:-1].astype(np.int64), extrait.points[1:].astype(np.int64)
    valides = (chemin[:-1] == chemin[1:]) & (a >= 0) & (b >= 0) & (a != b) & utiles[chemin[:-1]]
    rangs = np.flatnonzero(valides)
    a, b, chemin = a[rangs], b[rangs], chemin[rangs]
    suite = np.zeros(a.size, np.bool_)
    suite[1:] = (chemin[1:] == chemin[:-1]) & (a[1:] == b[:-1])
    fermes = np.zeros(extrait.noeuds.size, np.bool_)
    fermes[[n for n, tags in extrait.particuliers.items() if profil.ferme(tags)]] = True
    n = extrait.noeuds.size
    de, vers = np.flatnonzero(fermes[a]), np.flatnonzero(fermes[b])
    doubles = np.concatenate([a[de], b[vers]])
    a[de] = n + np.arange(de.size)
    b[vers] = n + de.size + np.arange(vers.size)
    suite[1:] &= a[1:] == b[:-1]
    osm, lon, lat = (np.concatenate([t, t[doubles]]) for t in (extrait.noeuds, extrait.lon, extrait.lat))
    return _Pas(a, b, chemin, suite), osm, lon, lat


def _joindre(
    pas: _Pas,
    debut: Longs,
    sens: NDArray[np.uint8],
    classe: NDArray[np.uint8],
    passants: NDArray[np.bool_],
) -> tuple[Longs, NDArray[np.bool_], Longs]:
    """Pieces put end to end where two of the same kind meet at a point without a choice.

    Returns the pieces in order, whether each is taken backwards, and where each street starts in
    that order.
    """
    k = debut.size - 1
    premiers, derniers = debut[:-1], debut[1:] - 1
    bouts = np.empty(2 * k, np.int64)  # ends of pieces: 2p its start, 2p + 1 its end
    bouts[0::2], bouts[1::2] = pas.a[premiers], pas.b[derniers]
    ordre = np.argsort(bouts, kind="stable")
    ranges = bouts[ordre]
    paires = np.flatnonzero((ranges[1:] == ranges[:-1]) & passants[ranges[1:]])
    x, y = ordre[paires], ordre[paires + 1]
    px, py = x >> 1, y >> 1
    sens_x, sens_y = sens[premiers[px]], sens[premiers[py]]
    # Through the point: out of x at its end means into y at its start, or the other way round.
    face = np.where((x & 1) == (y & 1), _retourner(sens_y), sens_y)
    bons = (px != py) & (sens_x == face) & (classe[premiers[px]] == classe[premiers[py]])
    voisin = np.full(2 * k, -1, np.int64)
    voisin[x[bons]], voisin[y[bons]] = y[bons], x[bons]
    suivant = voisin.tolist()
    libres = (voisin[0::2] < 0) | (voisin[1::2] < 0)
    pieces: list[int] = []
    envers: list[bool] = []
    departs: list[int] = []
    vus = bytearray(k)
    # Chains from their free end first; what is left then goes round in circles.
    for p in [*np.flatnonzero(libres).tolist(), *np.flatnonzero(~libres).tolist()]:
        if vus[p]:
            continue
        departs.append(len(pieces))
        entree = 2 * p if suivant[2 * p] < 0 or suivant[2 * p + 1] >= 0 else 2 * p + 1
        while True:
            piece = entree >> 1
            vus[piece] = 1
            pieces.append(piece)
            envers.append(bool(entree & 1))
            entree = suivant[entree ^ 1]
            if entree < 0 or vus[entree >> 1]:
                break
    return np.array(pieces, np.int64), np.array(envers, np.bool_), np.array([*departs, len(pieces)], np.int64)


def _retourner(sens: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (((sens & 1) << 1) | (sens >> 1)).astype(np.uint8)


def _assembler(
    pas: _Pas,
    debut: Longs,
    morceaux: tuple[Longs, NDArray[np.bool_], Longs],
    ms: Reels,
    metres: Reels,
    sens: NDArray[np.uint8],
    classe_du_chemin: NDArray[np.uint8],
    osm: Longs,
    lon: Entiers,
    lat: Entiers,
) -> Rues:
    pieces, envers, departs = morceaux
    tailles = (debut[1:] - debut[:-1])[pieces]
    fins = np.cumsum(tailles)
    place = np.arange(int(tailles.sum())) - np.repeat(fins - tailles, tailles)
    a_l_envers = np.repeat(envers, tailles)
    ligne = np.repeat(debut[:-1][pieces], tailles)
    ligne += np.where(a_l_envers, np.repeat(tailles, tailles) - 1 - place, place)
    a = np.where(a_l_envers, pas.b[ligne], pas.a[ligne])
    b = np.where(a_l_envers, pas.a[ligne], pas.b[ligne])
    va = np.where(a_l_envers, ms[ligne, 1], ms[ligne, 0])
    vient = np.where(a_l_envers, ms[ligne, 0], ms[ligne, 1])
    premieres = np.concatenate([[0], fins])[departs[:-1]]  # first line of each street
    lignes = np.diff(np.append(premieres, ligne.size))
    debut_rues = np.append(premieres, ligne.size) + np.arange(departs.size)
    points = np.empty(ligne.size + lignes.size, np.int64)
    fin_de_ligne = np.arange(ligne.size) + np.repeat(np.arange(lignes.size), lignes) + 1
    points[fin_de_ligne] = b
    points[debut_rues[:-1]] = a[premieres]
    cumul_va, cumul_vient, cumul_m = (
        _cumuler(valeurs, fin_de_ligne, debut_rues, points.size) for valeurs in (va, vient, metres[ligne])
    )
    derniers = debut_rues[1:] - 1
    en_ms = np.rint(cumul_vient[derniers])
    retour = np.repeat(en_ms, lignes + 1) - np.rint(cumul_vient)
    sens_rues = np.where(a_l_envers[premieres], _retourner(sens[ligne[premieres]]), sens[ligne[premieres]])
    chemins = pas.chemin[ligne]
    return Rues(
        de=a[premieres].astype(np.int32),
        vers=points[derniers].astype(np.int32),
        debut=debut_rues,
        lon=lon[points],
        lat=lat[points],
        aller=np.rint(cumul_va).astype(np.int32),
        retour=retour.astype(np.int32),
        metres=cumul_m.astype(np.float32),
        sens=sens_rues.astype(np.uint8),
        classe=classe_du_chemin[chemins[premieres]],
        chemin_de=chemins[premieres].astype(np.int32),
        chemin_vers=chemins[np.append(premieres[1:], ligne.size)[: premieres.size] - 1].astype(np.int32),
        osm=osm,
    )


def _cumuler(valeurs: Reels, places: Longs, debut: Longs, n: int) -> Reels:
    """Sums from the start of each street, at each of its points."""
    etale = np.zeros(n)
    etale[places] = valeurs
    total = np.cumsum(etale)
    return np.asarray(total - np.repeat(total[debut[:-1]], np.diff(debut)))
