"""A draft of who could ride with whom, over the open needs and the drivers' trips: codes, never names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching.covoiturage.trajets import MS, DemandePassager, Regles, dire_plage
from mobilite.conducteur import TrajetConducteur
from mobilite.covoiturage import DemandeCovoiturage, StatutCovoiturage
from mobilite.horaires import dire_jours
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.plan import PlanActions
from mobilite.verdict import Verdict
from web import covoiturage as actes
from web.referentiel import referentiel

if TYPE_CHECKING:
    from matching.colonnes import Paires
    from matching.covoiturage.appariement import Objectif
    from matching.covoiturage.equipages import Equipage
    from matching.covoiturage.repartition import Repartition

DEMANDES_MAX = 2000


def lire_choix(champs: Mapping[str, str]) -> tuple[Objectif, bool]:
    """The objective that was chosen, people first unless said, and whether only what is sure counts."""
    from matching.covoiturage.appariement import Objectif  # noqa: PLC0415  scipy: not for the start of the server

    dit = champs.get("objectif", "")
    return Objectif(dit) if dit in set(Objectif) else Objectif.PERSONNES, bool(champs.get("surs"))


@dataclass(frozen=True, slots=True)
class Passager:
    """One demand in a car of the draft."""

    code: str
    quoi: str
    detour: str


@dataclass(frozen=True, slots=True)
class Voiture:
    """A driver's way of the draft and who rides with him."""

    trajet: str
    structure: str
    sens: str
    verdict: Verdict
    passagers: tuple[Passager, ...]
    detour: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Brouillon:
    """The draft, what it was made from and what it proves. ``sans``: (code, why) of those nobody takes."""

    voitures: tuple[Voiture, ...]
    repartition: Repartition
    personnes: int
    demandes: int
    trajets: int
    glouton: tuple[int, int]
    sans: tuple[tuple[str, str], ...]
    discrets: int
    methode: str
    ferme: bool


def demandes_ouvertes(session: Session, le: date) -> tuple[list[DemandePassager], int]:
    """What people ask that nothing they keep answers yet; and how many dossiers are left out, being discreet."""
    personnes = session.scalars(
        select(Personne)
        .where(~Personne.en_attente)
        .options(selectinload(Personne.diagnostics))
        .order_by(Personne.id)
    ).all()
    repondus = _besoins_repondus(session)
    demandes: list[DemandePassager] = []
    discrets = 0
    for personne in personnes:
        if personne.contact_discret:
            discrets += 1
            continue
        if all(str(b.uuid) in repondus for b in personne.besoins):
            continue
        for examen in actes.examens(personne, le, anonyme=True):
            if examen.besoin.id not in repondus and len(demandes) < DEMANDES_MAX:
                demandes += actes.demandes_du_besoin(examen)
    return demandes, discrets


def _besoins_repondus(session: Session) -> set[str]:
    """Needs with a step kept in the plan, or a driver who said yes."""
    covoiturages = session.scalars(
        select(DemandeCovoiturage.besoin).where(DemandeCovoiturage.statut == StatutCovoiturage.ACCEPTEE)
    )
    plans = session.scalars(select(PlanActions))
    gardees = (a.besoin for plan in plans for a in plan.actions if a.statut.ouverte)
    return {str(b) for b in (*covoiturages, *gardees) if b is not None}


def brouillon(
    session: Session, le: date, objectif: Objectif, *, surs: bool, structure_id: int | None = None
) -> Brouillon:
    """The best draft for an objective. ``surs``: only what needs no check; ``structure_id``: its drivers alone."""
    # numpy and scipy: not for the start of the server.
    from matching.colonnes import OUI  # noqa: PLC0415
    from matching.covoiturage.appariement import glouton  # noqa: PLC0415
    from matching.covoiturage.equipages import equipages  # noqa: PLC0415
    from matching.covoiturage.paires import paires_possibles  # noqa: PLC0415
    from matching.covoiturage.repartition import repartir, servies_en_entier  # noqa: PLC0415

    inscrits = [t for t in actes.inscrits(session) if structure_id is None or t.structure_id == structure_id]
    occupees = actes.prises(session, inscrits)
    trajets = [t for i in inscrits for t in i.trajets(occupees.get(i.id, 0))]
    demandes, discrets = demandes_ouvertes(session, le)
    p, contexte = parametres(le), referentiel().contexte(le)
    regles, durees = Regles.de(p), referentiel().durees(le)
    paires = paires_possibles(trajets, demandes, durees, regles, contexte.feries)
    if surs:
        paires = paires.choisir(paires.code == OUI)
    possibles = equipages(trajets, demandes, paires, durees, regles, round(p["covoiturage.groupe_max"]))
    if surs:
        possibles = [e for e in possibles if e.code == OUI]
    choix = repartir(possibles, demandes, paires, objectif)
    a_la_main = glouton(paires, objectif)
    seules = {e.paires[0]: e for e in possibles if len(e.paires) == 1}
    gloutonnes = [seules[k] for k in a_la_main.tolist()]
    lignes = {str(i.uuid): actes.dire_trajet(i) for i in inscrits}
    return Brouillon(
        tuple(_voiture(e, trajets, demandes, paires, lignes) for e in choix.equipages),
        choix,
        len({d.personne for d in demandes}),
        len(demandes),
        len(trajets),
        (len(servies_en_entier(gloutonnes, demandes)), round(int(paires.gain[a_la_main].sum()) / MS)),
        tuple(_sans(choix.equipages, demandes, {int(d) for d in paires.demande})),
        discrets,
        durees.methode,
        durees.ferme,
    )


def _voiture(
    e: Equipage,
    trajets: list[TrajetConducteur],
    demandes: list[DemandePassager],
    paires: Paires,
    lignes: Mapping[str, str],
) -> Voiture:
    from matching.colonnes import OUI  # noqa: PLC0415

    trajet = trajets[e.trajet]
    return Voiture(
        lignes[trajet.conducteur],
        trajet.structure,
        "Aller" if trajet.id.endswith("/aller") else "Retour",
        Verdict.OUI if e.code == OUI else Verdict.A_VERIFIER,
        tuple(
            Passager(
                demandes[d].personne,
                _dire(demandes[d]),
                dire_plage(int(paires.ajoute[k, 0]), int(paires.ajoute[k, 1])),
            )
            for d, k in zip(e.demandes, e.paires, strict=True)
        ),
        dire_plage(*e.ajoute),
        round(e.gain / MS),
    )


def _dire(demande: DemandePassager) -> str:
    """« aller, lundi à vendredi »: when, and never from where."""
    dates = [f"{d:%d/%m}" for d in sorted(demande.agenda.dates)]
    quand = " ; ".join(m for m in (dire_jours(demande.agenda.jours), ", ".join(dates[:3])) if m)
    return f"{demande.sens.value}, {quand or 'jours à dire'}"


def _sans(
    gardes: Collection[Equipage], demandes: list[DemandePassager], possibles: set[int]
) -> list[tuple[str, str]]:
    """Those left out, and in one sentence why."""
    servies = {d for e in gardes for d in e.demandes}
    restent = []
    for rang, demande in enumerate(demandes):
        if rang in servies:
            continue
        if demande.heure is None or not (demande.agenda.jours or demande.agenda.dates):
            pourquoi = "les jours ou l'heure ne sont pas dits"
        elif demande.accord is Verdict.NON:
            pourquoi = "ne souhaite pas covoiturer"
        elif rang in possibles:
            pourquoi = "un conducteur possible, mieux employé ailleurs"
        else:
            pourquoi = "aucun conducteur ne passe tous ces jours, à cette heure, sans trop de détour"
        restent.append((demande.personne, f"{_dire(demande)} : {pourquoi}"))
    return restent
