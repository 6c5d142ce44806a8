"""« Aller vers »: the people who do not answer any more, and the round that goes and knocks.

Not answering is never held against anybody: no telephone, no transport, no reason to trust. The rules and
their numbers are in ``parametres.toml``; what was done since the last visit alone counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.visites import ordonner
from mobilite.acteur import Acteur
from mobilite.base import PARIS
from mobilite.carnet import Contact, GenreContact
from mobilite.journal import Evenement, LigneJournal
from mobilite.journee_accueil import CreneauAccueil, InscriptionAccueil, Presence
from mobilite.lieux import Couple, Lieu, Mode, Trajet
from mobilite.liste_attente import Attente, PlaceProposee, ReponsePlace
from mobilite.parametres import parametres
from mobilite.personnes import Personne, personnes_visibles_par
from mobilite.prescription import Prescription
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.territoire import MaisonAccueil
from web.proximite import maisons_proches
from web.referentiel import referentiel


class ResultatVisite(StrEnum):
    """What a visit gave. The value is what the journal keeps."""

    VUE = "vue"
    PERSONNE = "personne"
    MOT_LAISSE = "mot_laisse"
    DEMENAGE = "demenage"
    NE_VEUT_PAS = "ne_veut_pas"

    @property
    def libelle(self) -> str:
        """The result in French."""
        return {
            "vue": "Vue, on a parlé",
            "personne": "Personne n'a ouvert",
            "mot_laisse": "Un mot est laissé",
            "demenage": "Elle n'habite plus là",
            "ne_veut_pas": "Elle ne veut pas être visitée",
        }[self.value]


@dataclass(frozen=True, slots=True)
class AVisiter:
    """Somebody who does not answer, and why she is here. ``maison``: the nearest one to her, if known.

    ``insee`` is ``None`` when nobody knows where she lives, or for whoever may not see it.
    """

    personne: Personne
    raisons: tuple[str, ...]
    insee: str | None
    maison: MaisonAccueil | None
    discrete: bool


def a_visiter(session: Session, acteur: Acteur, maisons: Sequence[MaisonAccueil], le: date) -> list[AVisiter]:
    """The people to go and see, by name. A fixed number of reads, whatever the number of dossiers."""
    p = parametres(le)
    depuis = datetime.combine(le - timedelta(days=int(p["aller_vers.depuis_jours"])), time(0), PARIS)
    regles: tuple[tuple[_Lire, int, Callable[[int], str]], ...] = (
        (
            _sans_reponse,
            int(p["aller_vers.sans_reponse"]),
            _dire("contact sans réponse", "contacts sans réponse"),
        ),
        (
            _manques,
            int(p["aller_vers.rendez_vous_manques"]),
            _dire("rendez-vous manqué", "rendez-vous manqués"),
        ),
        (_orientations_expirees, 1, lambda _: "son orientation est restée sans réponse"),
    )
    faits = [list(lire(session, depuis, le)) for lire, _, _ in regles]
    visites = _visites(session, {elle for lus in faits for elle, _ in lus if elle is not None})
    raisons: dict[int, list[str]] = {}
    for lus, (_, seuil, dire) in zip(faits, regles, strict=True):
        for numero, combien in Counter(elle for elle, quand in lus if _compte(elle, quand, visites)).items():
            if numero is not None and combien >= seuil:
                raisons.setdefault(numero, []).append(dire(combien))
    personnes = session.scalars(
        personnes_visibles_par(acteur).where(Personne.id.in_(raisons), Personne.en_attente.is_(False))
    ).all()
    chez = {q.id: _ou_elle_habite(q, le) if q.coordonnees_visibles_par(acteur) else None for q in personnes}
    proches = maisons_proches({i for i in chez.values() if i}, maisons, le)
    return [
        AVisiter(
            q, tuple(raisons[q.id]), insee, proches.get(insee) if insee else None, discrete=q.contact_discret
        )
        for q in personnes
        for insee in (chez[q.id],)
    ]


def _dire(un: str, plusieurs: str) -> Callable[[int], str]:
    return lambda combien: f"{combien} {plusieurs if combien > 1 else un}"


def _ou_elle_habite(personne: Personne, le: date) -> str | None:
    valables = [
        d.insee
        for d in personne.departs
        if (d.du is None or d.du <= le) and (d.jusqu_au is None or le <= d.jusqu_au)
    ]
    return valables[0] if valables else personne.rattachement


Faits = Iterable[tuple[int | None, datetime | None]]
"""Whom something happened to, and when."""

_Lire = Callable[[Session, datetime, date], Faits]


def _sans_reponse(session: Session, depuis: datetime, _le: date) -> Faits:
    """Places kept for her that she said nothing about; calls and visits nobody answered."""
    yield from session.execute(
        select(Attente.personne_id, PlaceProposee.repondue_le)
        .join(Attente, Attente.id == PlaceProposee.attente_id)
        .where(PlaceProposee.reponse == ReponsePlace.SANS_REPONSE, PlaceProposee.repondue_le >= depuis)
    )
    yield from _contacts(session, depuis, (GenreContact.APPEL, GenreContact.VISITE))


def _manques(session: Session, depuis: datetime, _le: date) -> Faits:
    """Keys she did not come for, half-days and appointments she did not come to. An excuse is not one."""
    yield from session.execute(
        select(Reservation.personne_id, Reservation.debut).where(
            Reservation.statut == StatutReservation.ABSENTE, Reservation.debut >= depuis
        )
    )
    yield from session.execute(
        select(InscriptionAccueil.personne_id, CreneauAccueil.debut)
        .join(CreneauAccueil, CreneauAccueil.id == InscriptionAccueil.creneau_id)
        .where(InscriptionAccueil.presence == Presence.NON_VENUE, CreneauAccueil.debut >= depuis)
    )
    yield from _contacts(session, depuis, (GenreContact.RENDEZ_VOUS,))


def _contacts(session: Session, depuis: datetime, genres: Collection[GenreContact]) -> Faits:
    return session.execute(
        select(Contact.personne_id, Contact.note_le).where(
            Contact.joint.is_(False), Contact.note_le >= depuis, Contact.genre.in_(genres)
        )
    )


def _orientations_expirees(session: Session, depuis: datetime, le: date) -> Faits:
    """She was sent to us, and nobody answered in time: it is ours to go to her."""
    return session.execute(
        select(Prescription.personne_id, Prescription.envoyee_le).where(
            Prescription.issue.is_(None),
            Prescription.retiree_le.is_(None),
            Prescription.expire_le <= le,
            Prescription.envoyee_le >= depuis,
        )
    )


@dataclass(frozen=True, slots=True)
class _Visite:
    le: datetime
    resultat: str


def _visites(session: Session, elles: set[int]) -> dict[int, _Visite]:
    """The last visit of each of these people."""
    lignes = session.execute(
        select(LigneJournal.objet_id, LigneJournal.survenu_le, LigneJournal.details)
        .where(
            LigneJournal.objet_type == Personne.__tablename__,
            LigneJournal.objet_id.in_(elles),
            LigneJournal.quoi == Evenement.VISITE_NOTEE.value,
        )
        .order_by(LigneJournal.id)
    )
    return {elle: _Visite(quand, str(details.get("resultat"))) for elle, quand, details in lignes}


def _compte(elle: int | None, quand: datetime | None, visites: Mapping[int, _Visite]) -> bool:
    """Whether a fact still asks for a visit: not before the last one, and never once she said no."""
    if elle is None or quand is None:
        return False
    visite = visites.get(elle)
    return visite is None or (quand > visite.le and visite.resultat != ResultatVisite.NE_VEUT_PAS.value)


@dataclass(frozen=True, slots=True)
class Etape:
    """One stop of a round, and the road to it in words."""

    qui: AVisiter
    trajet: str


@dataclass(frozen=True, slots=True)
class TourneeDeVisites:
    """A round from a Maison: its stops in order, what is left aside and why, how the times were obtained."""

    maison: MaisonAccueil
    etapes: tuple[Etape, ...]
    minutes_de_route: int
    minutes_en_tout: int
    exacte: bool
    ferme: bool
    methode: str
    discretes: tuple[AVisiter, ...]
    sans_lieu: tuple[AVisiter, ...]


def tournee(maison: MaisonAccueil, personnes: Sequence[AVisiter], le: date) -> TourneeDeVisites:
    """The round. A discreet person is never on it: one goes to her home with her agreement, or not at all."""
    acces = referentiel().accessibilite(le)
    visitees = [q for q in personnes if not q.discrete and q.insee]
    lieux = [maison.lieu, *(Lieu(q.insee) for q in visitees if q.insee)]
    trajets = acces.trajets([(a, b) for a in lieux for b in lieux if a != b], Mode.VOITURE)
    depart = lieux[0]
    joignables = [
        rang
        for rang, lieu in enumerate(lieux)
        if rang == 0 or lieu == depart or ((depart, lieu) in trajets and (lieu, depart) in trajets)
    ]

    def entre(a: Lieu, b: Lieu) -> float:
        if a == b:
            return 0.0
        return trajets[a, b].duree.max if (a, b) in trajets else _TRES_LONG

    minutes = [[entre(lieux[a], lieux[b]) for b in joignables] for a in joignables]
    ordre = ordonner(minutes)
    suite = [joignables[i] for i in ordre.ordre]
    etapes = tuple(
        Etape(visitees[rang - 1], _dire_le_trajet(lieux[avant], lieux[rang], trajets))
        for avant, rang in pairwise((0, *suite))
    )
    route = round(ordre.minutes)
    return TourneeDeVisites(
        maison=maison,
        etapes=etapes,
        minutes_de_route=route,
        minutes_en_tout=route + len(etapes) * int(parametres(le)["aller_vers.visite_min"]),
        exacte=ordre.exacte,
        ferme=acces.ferme,
        methode=acces.methode,
        discretes=tuple(q for q in personnes if q.discrete),
        sans_lieu=tuple(
            [q for q in personnes if not q.discrete and not q.insee]
            + [q for rang, q in enumerate(visitees, 1) if rang not in joignables]
        ),
    )


def _dire_le_trajet(de: Lieu, a: Lieu, trajets: Mapping[Couple, Trajet]) -> str:
    if de == a:
        return "Même commune, pas"
    return trajets[de, a].duree.en_texte() if (de, a) in trajets else "Temps inconnu"


_TRES_LONG = 24 * 60.0
"""Between two stops whose road nobody knows: one after the other only when nothing else is possible."""
