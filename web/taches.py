"""What happens by the clock, in a process of its own: the inventory, and what each task does.

A dead clock blocks nothing: an expired request frees its vehicle by itself, in the transaction of
whoever asks next. Each task leaves things as they should be now, so that running it twice does no harm.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import CursorResult, Executable
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME
from mobilite.base import jour_local
from mobilite.erreurs import RegleMetier
from mobilite.notification import GenreMessage, textes_a_oublier, trop_tard
from mobilite.parametres import parametres
from web import besoins_non_couverts
from web.creneaux import ChaqueJour, ToutesLes
from web.messages.echeances import ecrire_les_echeances
from web.passages import Passage, Tache, passages_a_oublier
from web.places import proposer_les_places
from web.relogement import reloger_la_structure, reservations_a_reloger
from web.reservations import liberer_les_demandes_expirees


def liberer_les_demandes(session: Session, passage: Passage) -> int:
    """Close the requests for a vehicle that nobody answered in time."""
    return len(liberer_les_demandes_expirees(session, None, passage.instant))


def relever_les_besoins(session: Session, passage: Passage) -> int:
    """Look at every need again."""
    return besoins_non_couverts.relever(session)


def proposer(session: Session, passage: Passage) -> int:
    """Hold what is free for those who wait."""
    return len(proposer_les_places(session, passage.instant))


def reloger(session: Session, passage: Passage) -> int:
    """Give another vehicle to the bookings that a control or an insurance leaves behind, fleet by fleet.

    A fleet that a rule stops keeps its bookings « à reloger » and stops no other.
    """
    perdues = reservations_a_reloger(session, passage.instant)
    relogees = 0
    for structure_id in sorted({r.vehicule.offre.structure_id for r, _ in perdues}):
        try:
            with session.begin_nested():
                plan = reloger_la_structure(session, structure_id, par=PLATEFORME, le=passage.instant)
                relogees += len(plan.relogees)
        except RegleMetier:
            continue
    return relogees


def retirer_les_messages(session: Session, passage: Passage) -> int:
    """Withdraw the messages that come too late."""
    return _combien(session, trop_tard(passage.instant))


def oublier(session: Session, passage: Passage) -> int:
    """Forget what old messages said, and the oldest lines of the ledger."""
    jours = parametres(jour_local(passage.instant))["message.garder_jours"]
    oublies = _combien(session, textes_a_oublier(passage.instant - timedelta(days=jours)))
    return oublies + _combien(session, passages_a_oublier(passage.instant))


def _combien(session: Session, ordre: Executable) -> int:
    resultat = session.execute(ordre)
    return resultat.rowcount if isinstance(resultat, CursorResult) else 0


_CINQ_MINUTES = ToutesLes(timedelta(minutes=5))
_QUART_D_HEURE = ToutesLes(timedelta(minutes=15))

MESSAGES = (
    Tache(
        "proposer-les-places",
        _CINQ_MINUTES,
        "Propose un véhicule libéré à la première de la liste d'attente, puis à la suivante.",
        proposer,
    ),
    Tache(
        "retirer-les-messages",
        _CINQ_MINUTES,
        "Retire les messages qui arriveraient trop tard.",
        retirer_les_messages,
    ),
    Tache(
        "ecrire-les-rappels",
        _QUART_D_HEURE,
        "Écrit les rappels avant un véhicule ou un trajet, et retire ceux qui ne sont plus vrais.",
        partial(ecrire_les_echeances, genres=(GenreMessage.RAPPEL_VEHICULE, GenreMessage.RAPPEL_TRAJET)),
    ),
    Tache(
        "prevenir-les-partenaires",
        _QUART_D_HEURE,
        "Prévient d'une demande qui va se fermer, d'un véhicule libre pour qui l'attend.",
        partial(ecrire_les_echeances, genres=(GenreMessage.DEMANDE_A_REPONDRE, GenreMessage.VEHICULE_LIBERE)),
    ),
    Tache(
        "dire-les-echeances",
        ChaqueJour(7, 30),
        "Prévient d'un contrôle technique, d'une assurance, d'un entretien, d'offres à revoir, d'un point à faire.",
        partial(
            ecrire_les_echeances,
            genres=(
                GenreMessage.ECHEANCE_VEHICULE,
                GenreMessage.ENTRETIEN_A_FAIRE,
                GenreMessage.OFFRES_A_VERIFIER,
                GenreMessage.POINT_A_FAIRE,
                GenreMessage.ORIENTATION_SANS_REPONSE,
            ),
        ),
    ),
)
"""What keeps the outbox as it should be."""

TACHES = (
    Tache(
        "liberer-les-demandes",
        _CINQ_MINUTES,
        "Ferme les demandes de véhicule restées sans réponse et rend les véhicules libres.",
        liberer_les_demandes,
    ),
    *MESSAGES,
    Tache(
        "relever-les-besoins",
        ChaqueJour(5),
        "Regarde à nouveau chaque besoin : compte ceux que rien ne sert, clôt ceux qui ont une réponse.",
        relever_les_besoins,
    ),
    Tache(
        "reloger",
        ChaqueJour(6),
        "Donne un autre véhicule quand le contrôle technique ou l'assurance finit avant le séjour, et prévient.",
        reloger,
    ),
    Tache(
        "oublier",
        ChaqueJour(4),
        "Efface le texte des vieux messages et les vieilles lignes du registre des tâches.",
        oublier,
    ),
)
