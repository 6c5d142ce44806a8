"""Carpool at the door: her needs against the drivers' trips of the day, and the requests to ride with them.

What writes runs inside the transaction of its caller, which commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.covoiturage.conducteurs import (
    ConducteurPropose,
    arrets_a_pied,
    conducteurs,
    demandes_de,
    marche_max,
)
from matching.covoiturage.trajets import Arret, DemandePassager, dire_plage
from matching.temps import Temps
from matching.voyage import Examen
from mobilite.acteur import Acteur
from mobilite.besoin import Besoin, Jour, LieuLibre
from mobilite.covoiturage import (
    DemandeCovoiturage,
    StatutCovoiturage,
    TrajetInscrit,
    places_prises,
    trajets_ouverts,
)
from mobilite.erreurs import RegleMetier
from mobilite.horaires import dire_jours
from mobilite.journal import Evenement, consigner
from mobilite.lieux import Lieu
from mobilite.personnes import Personne
from mobilite.verdict import Verdict
from web.propositions import situation_de
from web.referentiel import referentiel

CODE_LONGUEUR = 6


class ContactDiscret(RegleMetier):
    """Her places do not leave the guichet."""

    code = "contact_discret"

    def __init__(self) -> None:
        super().__init__("Son contact est discret : sa commune ne sort pas du guichet. Appelez la structure.")


class TrajetIncompatible(RegleMetier):
    """This driver cannot serve any part of the need any more."""

    code = "covoiturage_incompatible"

    def __init__(self) -> None:
        super().__init__("Ce conducteur ne peut plus faire ce trajet. Ouvrez la liste à nouveau.")


@dataclass(frozen=True, slots=True)
class BesoinEtConducteurs:
    """One need, what is asked of drivers, and every driver's answer. ``absence``: why nothing is asked."""

    besoin: Besoin
    demandes: tuple[DemandePassager, ...]
    conducteurs: tuple[ConducteurPropose, ...]
    absence: str = ""

    def possibles(self) -> list[ConducteurPropose]:
        """Those who may serve a part of it."""
        return [c for c in self.conducteurs if c.verdict is not Verdict.NON]

    def impossibles(self) -> list[ConducteurPropose]:
        """Those who cannot, with their reasons."""
        return [c for c in self.conducteurs if c.verdict is Verdict.NON]


def code_anonyme(besoin: str) -> str:
    """What a draft calls a need: the first signs of its uuid, which say nothing to who has no dossier."""
    return besoin.replace("-", "")[:CODE_LONGUEUR].upper()


def inscrits(session: Session) -> list[TrajetInscrit]:
    """The trips proposed today."""
    return list(session.scalars(trajets_ouverts()))


def prises(
    session: Session, trajets: Iterable[TrajetInscrit], *, sauf: Personne | None = None
) -> Mapping[int, int]:
    """Seats agreed on, by trip; those of ``sauf`` are hers, not taken from her."""
    ids = [t.id for t in trajets]
    demandes = session.scalars(select(DemandeCovoiturage).where(DemandeCovoiturage.trajet_id.in_(ids)))
    return places_prises([d for d in demandes if sauf is None or d.personne_id != sauf.id])


def examens(personne: Personne, le: date, *, anonyme: bool = False) -> list[Examen]:
    """Her needs, ready to be looked at; ``anonyme``: see ``situation_de``."""
    connu = referentiel()
    situation, contexte = situation_de(personne, anonyme=anonyme), connu.contexte(le)
    faits, temps = connu.faits(situation, le), Temps(situation, contexte.accessibilite)
    return [Examen(besoin, situation, faits, temps, contexte) for besoin in situation.besoins]


def demandes_du_besoin(examen: Examen) -> tuple[DemandePassager, ...]:
    """What she asks of drivers for one need, with the town halls she can walk to as meeting points."""
    bouts = {v.depart for variantes in examen.trajets for v in variantes if v.depart is not None}
    if isinstance(examen.besoin.destination, Lieu):
        bouts.add(examen.besoin.destination)
    acces, au_plus = examen.contexte.accessibilite, marche_max(examen)
    arrets: list[Arret] = []
    for bout in sorted(bouts, key=repr):
        commune = referentiel().territoire.commune(bout.insee)
        if commune is not None and au_plus:
            mairie = Lieu(commune.insee, commune.position), f"la mairie {examen.contexte.de(commune.insee)}"
            arrets += arrets_a_pied(bout, [mairie], acces, au_plus)
    return demandes_de(examen, code_anonyme(examen.besoin.id), tuple(dict.fromkeys(arrets)))


def conducteurs_pour(session: Session, personne: Personne, le: date) -> list[BesoinEtConducteurs]:
    """Need by need, the drivers of the day: sure, to be checked, impossible and why."""
    offerts = inscrits(session)
    occupees = prises(session, offerts, sauf=personne)
    trajets = [t for inscrit in offerts for t in inscrit.trajets(occupees.get(inscrit.id, 0))]
    reponses = []
    for examen in examens(personne, le):
        demandes = demandes_du_besoin(examen)
        trouves = conducteurs(demandes, trajets, referentiel().durees(le), examen)
        reponses.append(BesoinEtConducteurs(examen.besoin, demandes, trouves, _absence(examen, demandes)))
    return reponses


def _absence(examen: Examen, demandes: tuple[DemandePassager, ...]) -> str:
    if demandes:
        return ""
    if isinstance(examen.besoin.destination, LieuLibre):
        return (
            f"{examen.besoin.destination.nom} n'est pas une commune connue ici : le détour ne se calcule pas."
        )
    if all(v.depart is None for variantes in examen.trajets for v in variantes):
        return "On ne sait pas d'où elle part."
    return "Toutes les dates sont passées."


def dire_trajet(trajet: TrajetInscrit) -> str:
    """« Étain → Verdun, lundi à vendredi » ; the dates when it is not every week."""
    nom = referentiel().nom
    jours = dire_jours([Jour(j) for j in trajet.jours])
    dates = f"{len(trajet.dates)} date{'s' if len(trajet.dates) > 1 else ''}" if trajet.dates else ""
    quand = " et ".join(mots for mots in (jours, dates) if mots)
    return f"{nom(trajet.depart)} → {nom(trajet.arrivee)}, {quand}"


def demander(
    session: Session, personne: Personne, besoin: str, trajet: UUID, cle: str, *, par: Acteur, le: date
) -> DemandeCovoiturage:
    """Ask a driver's structure, with what he has to know and nothing that says who."""
    if personne.contact_discret:
        raise ContactDiscret
    deja = select(DemandeCovoiturage).where(
        DemandeCovoiturage.demandee_par == par.id, DemandeCovoiturage.cle_idempotence == cle
    )
    if (meme := session.scalars(deja).first()) is not None:
        return meme
    inscrit = session.scalars(trajets_ouverts().where(TrajetInscrit.uuid == trajet)).one()
    reponses = conducteurs_pour(session, personne, le)
    propose = next(
        (c for r in reponses if r.besoin.id == besoin for c in r.possibles() if c.conducteur == str(trajet)),
        None,
    )
    if propose is None:
        raise TrajetIncompatible
    demande = DemandeCovoiturage(
        trajet=inscrit,
        personne=personne,
        besoin=UUID(besoin),
        resume=_resume(propose),
        places=propose.voies[0].demande.places,
        demandee_par=par.id,
        cle_idempotence=cle,
    )
    session.add(demande)
    session.flush()
    session.add(consigner(par, Evenement.COVOITURAGE_DEMANDE, demande, trajet=inscrit.id))
    return demande


def _resume(propose: ConducteurPropose) -> dict[str, Any]:
    """What the driver reads before he answers."""
    return {
        "besoins": sorted(b.value for b in propose.voies[0].demande.besoins),
        "voies": [
            {
                "sens": voie.demande.sens.value,
                "jours": [j.value for j in sorted(voie.demande.agenda.jours, key=lambda j: j.rang)],
                "dates": [j.isoformat() for j in sorted(voie.demande.agenda.dates)],
                "heure": voie.demande.heure,
                "prise": voie.prise.lieu.insee,
                "depose": voie.depose.lieu.insee,
                "ou": [arret.nom for arret in (voie.prise, voie.depose) if arret.nom],
                "detour": dire_plage(*voie.etapes.ajoute),
            }
            for voie in propose.servies
        ],
    }


def repondre(
    session: Session, demande: DemandeCovoiturage, *, oui: bool, qui: str, motif: str, par: Acteur
) -> None:
    """Note the driver's answer. The row of the trip is locked: two answers cannot take one seat."""
    inscrit = session.get_one(TrajetInscrit, demande.trajet_id, with_for_update=True)
    session.refresh(demande)
    if oui:
        demande.accepter(qui, prises(session, [inscrit]).get(inscrit.id, 0))
    else:
        demande.refuser(qui, motif)
    evenement = Evenement.COVOITURAGE_ACCEPTE if oui else Evenement.COVOITURAGE_REFUSE
    session.add(consigner(par, evenement, demande, trajet=inscrit.id))


def en_cours(demande: DemandeCovoiturage) -> bool:
    """Whether it can still be given up."""
    return demande.statut in (StatutCovoiturage.DEMANDEE, StatutCovoiturage.ACCEPTEE)


def annuler(session: Session, demande: DemandeCovoiturage, *, par: Acteur) -> None:
    """Give a request up: the seat is free again."""
    demande.annuler()
    session.add(consigner(par, Evenement.COVOITURAGE_ANNULE, demande, trajet=demande.trajet_id))
