"""Which drivers make this trip? One need of one person against the trips that drivers make anyway.

Each way and each hour she asks is judged by itself; a driver counts for the days and ways he serves,
and what he does not serve is said. Nobody is left out of the answer.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matching.covoiturage.jours_communs import dire_jour
from matching.covoiturage.passager import juger
from matching.covoiturage.trajets import Arret, Compatibilite, DemandePassager, Etapes, Regles
from matching.groupe import en_fauteuil, nombre_de_personnes
from matching.voyage import Examen, Sens
from mobilite.besoin import LieuLibre
from mobilite.conducteur import Agenda, BesoinABord, TrajetConducteur
from mobilite.faits import Faits
from mobilite.lieux import Accessibilite, DureesParPaires, Lieu, Mode
from mobilite.verdict import Duree, Verdict

_ORDRE = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}


@dataclass(frozen=True, slots=True)
class ConducteurPropose:
    """What one driver can do for one need: his best way for each thing she asks."""

    conducteur: str
    structure: str
    voies: tuple[Compatibilite, ...]

    @property
    def verdict(self) -> Verdict:
        """OUI when he surely serves all of it, NON when none of it."""
        verdicts = {voie.verdict for voie in self.voies}
        return verdicts.pop() if len(verdicts) == 1 else Verdict.A_VERIFIER

    @property
    def servies(self) -> tuple[Compatibilite, ...]:
        """What he may serve."""
        return tuple(voie for voie in self.voies if voie.verdict is not Verdict.NON)

    @property
    def reste(self) -> tuple[str, ...]:
        """What has to be found elsewhere: « retour : lundi, mardi »."""
        return tuple(
            f"{voie.demande.sens.value} : {', '.join(dire_jour(j) for j in jours)}"
            for voie in self.voies
            if (
                jours := (
                    (*voie.service.servis, *voie.service.manquants)
                    if voie.verdict is Verdict.NON
                    else voie.service.manquants
                )
            )
        )


def demandes_de(examen: Examen, personne: str, arrets: Sequence[Arret] = ()) -> tuple[DemandePassager, ...]:
    """What she asks, one way and one hour at a time. Empty when nobody knows from where, or to where.

    ``arrets``: meeting points she can walk to, from home or to where she goes.
    """
    besoin, destination = examen.besoin, examen.besoin.destination
    if isinstance(destination, LieuLibre):
        return ()
    groupes: dict[tuple[str, int | None, Lieu, bool], list[int]] = {}
    voyages = [variantes[0] for variantes in examen.trajets]
    for rang, voyage in enumerate(voyages):
        if voyage.depart is not None:
            cle = (voyage.sens.value, voyage.heure, voyage.depart, voyage.passage.date is not None)
            groupes.setdefault(cle, []).append(rang)
    demandes: list[DemandePassager] = []
    for (sens, heure, depart, date_dite), rangs in groupes.items():
        siens = [voyages[rang] for rang in rangs]
        if not besoin.passages:
            agenda = Agenda()
        elif date_dite:
            dates = frozenset(v.roule_le for v in siens if v.roule_le >= examen.contexte.le)
            if not dates:
                continue
            agenda = Agenda(dates=dates)
        else:
            debut = max(besoin.premier_jour or examen.contexte.le, examen.contexte.le)
            agenda = Agenda(frozenset(v.jour for v in siens), du=debut)
        chez_elle, la_bas = _arrets(depart, arrets), _arrets(destination, arrets)
        aller = sens == Sens.ALLER.value
        demandes.append(
            DemandePassager(
                f"{besoin.id}/{len(demandes)}",
                personne,
                Sens(sens),
                agenda,
                heure,
                chez_elle if aller else la_bas,
                la_bas if aller else chez_elle,
                nombre_de_personnes(besoin),
                _a_bord(examen),
                _accord(examen.faits),
                marche_max(examen),
            )
        )
    return tuple(demandes)


def marche_max(examen: Examen) -> float:
    """The minutes she walks to a meeting point: none when she is known not to walk that far."""
    if examen.faits.get("marche_15_min") is False or en_fauteuil(examen):
        return 0.0
    return examen.contexte.parametres["covoiturage.marche_max_min"]


def arrets_a_pied(
    lieu: Lieu, points: Iterable[tuple[Lieu, str]], accessibilite: Accessibilite, au_plus: float
) -> tuple[Arret, ...]:
    """The meeting points (place, name) she may reach on foot from ``lieu``, or from which she reaches it."""
    noms = dict(points)
    marches = accessibilite.trajets([(lieu, point) for point in noms], Mode.MARCHE)
    return tuple(
        Arret(point, nom, marches[lieu, point].duree)
        for point, nom in noms.items()
        if (lieu, point) in marches and marches[lieu, point].duree.min <= au_plus
    )


def conducteurs(
    demandes: Sequence[DemandePassager],
    trajets: Sequence[TrajetConducteur],
    durees: DureesParPaires,
    examen: Examen,
) -> tuple[ConducteurPropose, ...]:
    """Every driver for this need: the surest first, then the shortest detours."""
    regles = Regles.de(examen.contexte.parametres)
    couples = [(t, d) for t in trajets for d in demandes]
    etapes = _etapes(couples, durees)
    meilleures: dict[tuple[str, str], Compatibilite] = {}
    for rang, (trajet, demande) in enumerate(couples):
        for (prise, depose), temps in etapes[rang].items():
            jugee = juger(trajet, demande, prise, depose, temps, regles, examen.contexte.feries)
            cle = (trajet.conducteur or trajet.id, demande.id)
            if cle not in meilleures or _rang(jugee) < _rang(meilleures[cle]):
                meilleures[cle] = jugee
    codes = dict.fromkeys(t.conducteur or t.id for t in trajets)
    structures = {t.conducteur or t.id: t.structure for t in trajets}
    proposes = [
        ConducteurPropose(code, structures[code], tuple(meilleures[code, d.id] for d in demandes))
        for code in codes
        if demandes
    ]
    return tuple(
        sorted(
            proposes,
            key=lambda p: (
                _ORDRE[p.verdict],
                -len(p.servies),
                sum(sum(v.etapes.ajoute) for v in p.servies),
                p.conducteur,
            ),
        )
    )


def _etapes(
    couples: Sequence[tuple[TrajetConducteur, DemandePassager]], durees: DureesParPaires
) -> list[dict[tuple[Arret, Arret], Etapes]]:
    """The stages of every pair and couple of stops, asked at once."""
    rangs: dict[Lieu, int] = {}
    de, vers = array("q"), array("q")
    for trajet, demande in couples:
        for prise in demande.prises:
            for depose in demande.deposes:
                stations = (trajet.depart, prise.lieu, depose.lieu, trajet.arrivee)
                a, b, c, d = (rangs.setdefault(lieu, len(rangs)) for lieu in stations)
                de.extend((a, a, b, c))
                vers.extend((d, b, c, d))
    bornes = durees.poser(list(rangs)).entre(memoryview(de), memoryview(vers))
    plages = iter(zip(bornes.bas, bornes.haut, strict=True))
    return [
        {
            (prise, depose): Etapes(next(plages), next(plages), next(plages), next(plages))
            for prise in demande.prises
            for depose in demande.deposes
        }
        for _, demande in couples
    ]


def _rang(c: Compatibilite) -> tuple[int, int, float, int]:
    """The better of two answers of one driver: her door first, a meeting point when it changes the answer."""
    refus = sum(m.verdict is Verdict.NON for m in c.motifs)
    marche = c.prise.marche.max + c.depose.marche.max
    return _ORDRE[c.verdict], refus, marche, sum(c.etapes.ajoute)


def _arrets(lieu: Lieu, arrets: Sequence[Arret]) -> tuple[Arret, ...]:
    """The door first, then the points of the same commune."""
    proches = (a for a in arrets if a.lieu.insee == lieu.insee and a.lieu != lieu)
    return (Arret(lieu, marche=Duree(0, 0, "sur place")), *proches)


def _a_bord(examen: Examen) -> frozenset[BesoinABord]:
    besoins = {BesoinABord(qui) for qui in examen.besoin.avec if qui in set(BesoinABord)}
    if en_fauteuil(examen):
        besoins.add(BesoinABord.FAUTEUIL)
    if examen.faits.get("besoin_accompagnement") is True:
        besoins.add(BesoinABord.ACCOMPAGNEMENT)
    return frozenset(besoins)


def _accord(faits: Faits) -> Verdict:
    accepte = faits.get("accepte_covoiturage")
    if accepte is None:
        return Verdict.A_VERIFIER
    return Verdict.NON if accepte is False else Verdict.OUI
