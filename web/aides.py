"""The aids for one dossier: her facts and her needs, read once, weighed by ``mobilite.droit``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from matching.cout import rythme_de
from mobilite.besoin import Besoin, LieuLibre, Situation
from mobilite.droit.aide import Aide, Objet
from mobilite.droit.aides import aides_pour, permis_apres_aides
from mobilite.droit.aides_trajet import Deplacement
from mobilite.droit.montant import Montant
from mobilite.droit.rappels_permis import rappels_permis
from mobilite.faits import Faits, commune_de_rattachement
from mobilite.lieux import Lieu, Mode, Trajet
from mobilite.parametres import Parametres, parametres
from mobilite.verdict import Motif, Verdict
from web.referentiel import Referentiel, referentiel

_POUR_UN_SEJOUR = frozenset({"mobilite_france_travail", "insertion_departement", "fonds_aide_jeunes", "ccas"})


@dataclass(frozen=True, slots=True)
class AidesDuDossier:
    """The aids of one person. ``par_besoin``: the same, weighed for one need alone, by its id."""

    aides: tuple[Aide, ...]
    par_besoin: Mapping[str, tuple[Aide, ...]]
    permis: Montant
    rappels: tuple[Motif, ...]

    @property
    def possibles(self) -> list[Aide]:
        """Those that nothing known excludes, the surest first."""
        return [aide for aide in self.aides if aide.verdict is not Verdict.NON]

    @property
    def impossibles(self) -> list[Aide]:
        """Those that ended, or that a known fact excludes."""
        return [aide for aide in self.aides if aide.verdict is Verdict.NON]

    @property
    def pour_un_sejour(self) -> list[Aide]:
        """The possible aids that may pay for a vehicle lent for a time: no loan, nothing of the licence."""
        return [aide for aide in self.possibles if aide.code in _POUR_UN_SEJOUR]

    def pour(self, objet: Objet) -> list[Aide]:
        """The possible aids for one kind of expense."""
        return [aide for aide in self.possibles if aide.objet is objet]


def aides_de(situation: Situation, le: date) -> AidesDuDossier:
    """The aids for a situation on a day; places that the reader may not see are not in it."""
    connu, p = referentiel(), parametres(le)
    faits = connu.faits(situation, le)
    trajets = {besoin.id: _deplacement(situation, besoin, connu, le, p) for besoin in situation.besoins}
    aides = _peser(faits, tuple(trajets.values()), situation, connu, p)
    return AidesDuDossier(
        aides,
        MappingProxyType({n: _peser(faits, (t,), situation, connu, p) for n, t in trajets.items()}),
        permis_apres_aides(aides, p),
        rappels_permis(situation.permis, faits, p),
    )


def _peser(
    faits: Faits, trajets: Sequence[Deplacement], situation: Situation, connu: Referentiel, p: Parametres
) -> tuple[Aide, ...]:
    insee = commune_de_rattachement(situation)
    commune = connu.territoire.commune(insee) if insee else None
    return aides_pour(
        faits,
        trajets,
        p,
        epci=commune.epci_siren if commune else None,
        en_meuse=commune.departement == connu.territoire.departement if commune else None,
    )


def _deplacement(
    situation: Situation, besoin: Besoin, connu: Referentiel, le: date, p: Parametres
) -> Deplacement:
    """One need as the rules of money see it: one way by car, as France Travail counts it."""
    trajet = _trajet(situation, besoin, connu, le)
    return Deplacement(
        motif=besoin.motif,
        km=(trajet.km_min, trajet.km_max) if trajet else None,
        minutes=(trajet.duree.min, trajet.duree.max) if trajet else None,
        allers_retours=rythme_de(besoin, p).trajets,
        premier_jour=besoin.premier_jour or min((x.date for x in besoin.passages if x.date), default=None),
    )


def _trajet(situation: Situation, besoin: Besoin, connu: Referentiel, le: date) -> Trajet | None:
    depart = situation.depart_le(le)
    if depart is None or isinstance(besoin.destination, LieuLibre):
        return None
    couple: tuple[Lieu, Lieu] = (depart, besoin.destination)
    return connu.accessibilite(le).trajets([couple], Mode.VOITURE).get(couple)
