"""What messages say. A person reads them aloud, or somebody reads them to her: plain words, one thing each.

Those to a person fit in one text message whatever the names are; those to a structure are e-mails,
with a title, and never name a person.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from mobilite.base import PARIS, jour_local
from mobilite.course_solidaire import CourseSolidaire
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.offre import Offre
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web.formats import INSECABLE, heure, jour
from web.formats import telephone as dire_telephone
from web.messages.gsm import ajuster, court

QUI = "Mobilité solidaire"


def _vehicule(vehicule: Vehicule, au_plus: int) -> str:
    return f"« {court(vehicule.libelle, au_plus)} »"


def _appeler(structure_telephone: str, au_plus: int) -> str:
    numero = _numero(structure_telephone)
    return f" Un souci ? Appelez le {numero}." if numero else ""


def _ou_appelez(telephone: str) -> str:
    numero = _numero(telephone)
    return f" ou appelez le {numero}" if numero else ""


def _numero(telephone: str) -> str:
    return dire_telephone(telephone)[:20].strip()


def place_confirmee(reservation: Reservation) -> str:
    """The place is hers."""
    structure = reservation.vehicule.offre.structure
    return ajuster(
        lambda n: (
            f"{QUI} : c'est oui pour {_vehicule(reservation.vehicule, n)}, {_depart(reservation.debut)}, "
            f"chez {court(structure.nom, n)}.{_appeler(structure.telephone, n)}"
        )
    )


def place_refusee(reservation: Reservation) -> str:
    """Not this time; her page says what else is free."""
    structure = reservation.vehicule.offre.structure
    return ajuster(
        lambda n: (
            f"{QUI} : pas possible pour {_vehicule(reservation.vehicule, n)} {_le(reservation.debut)}. "
            f"Votre page dit ce qui est libre.{_appeler(structure.telephone, n)}"
        )
    )


def place_annulee(reservation: Reservation, *, suite: bool = False) -> str:
    """Somebody else gave it up; ``suite``: what was to follow it falls with it."""
    structure = reservation.vehicule.offre.structure
    return ajuster(
        lambda n: (
            f"{QUI} : la réservation de {_vehicule(reservation.vehicule, n)} {_le(reservation.debut)} "
            f"est annulée{', et la suite aussi' if suite else ''}.{_appeler(structure.telephone, n)}"
        )
    )


def demande_expiree(reservation: Reservation, telephone: str) -> str:
    """Nobody answered in time, and it is not her doing; who helps her find something else.

    Of a vehicle she wanted to keep longer, it says that it goes back on the day agreed.
    """
    if reservation.renouvelle_id is not None:
        return ajuster(
            lambda n: (
                f"{QUI} : pas de réponse pour garder {_vehicule(reservation.vehicule, n)} plus longtemps. "
                f"Rendez-le {jour(dernier_jour(reservation.debut))} comme prévu{_ou_appelez(telephone)}."
            )
        )
    return ajuster(
        lambda n: (
            f"{QUI} : pas de réponse pour {_vehicule(reservation.vehicule, n)} {_le(reservation.debut)}. "
            f"Vous n'y êtes pour rien. Voyez votre page{_ou_appelez(telephone)}."
        )
    )


def place_proposee(reservation: Reservation, jusqu_au: datetime, telephone: str) -> str:
    """A vehicle is kept for her until then: yes or no. Nothing of why, nothing of the others."""
    jours = (dernier_jour(reservation.fin) - jour_local(reservation.debut)).days + 1
    duree = f"{jours} jour{'s' if jours > 1 else ''}"
    return ajuster(
        lambda n: (
            f"{QUI} : {_vehicule(reservation.vehicule, n)} est libre pour vous {jour(reservation.debut)}, "
            f"{duree}. Oui ou non avant {_bientot(jusqu_au)} : votre page ou {_numero(telephone)}."
        )
    )


def vehicule_change(reservation: Reservation, raison: str, vehicule: Vehicule) -> str:
    """Another vehicle for the same days; ``raison`` is why, empty when it makes room for somebody.

    It is promised only where the place is: a request still waits for its answer.
    """
    structure = vehicule.offre.structure
    pourquoi = f"votre véhicule {raison}" if raison else "changement de véhicule"

    def dire(n: int) -> str:
        quoi, quand = _vehicule(vehicule, n), jour(reservation.debut)
        if reservation.statut is StatutReservation.DEMANDEE:
            return f"votre demande est maintenant pour {quoi}, {quand}. Pas encore de réponse."
        return f"{pourquoi}. Vous aurez {quoi} {quand}."

    return ajuster(lambda n: f"{QUI} : {dire(n)}{_appeler(structure.telephone, n)}")


def sans_vehicule(reservation: Reservation, raison: str) -> str:
    """Hers has stopped and nothing else is sure: somebody looks for another way with her."""
    structure = reservation.vehicule.offre.structure
    return ajuster(
        lambda n: (
            f"{QUI} : {_vehicule(reservation.vehicule, n)} {raison}. Pour {jour(reservation.debut)}, "
            f"on cherche avec vous.{_appeler(structure.telephone, n)}"
        )
    )


def vehicule_retrouve(reservation: Reservation) -> str:
    """Hers had stopped; it is back, and waits for her if the place is hers."""
    structure, quand = reservation.vehicule.offre.structure, _depart(reservation.debut)
    attend = reservation.statut is StatutReservation.DEMANDEE
    ensuite = f"Pas encore de réponse pour {quand}" if attend else f"Il vous attend {quand}"
    return ajuster(
        lambda n: (
            f"{QUI} : {_vehicule(reservation.vehicule, n)} roule à nouveau. {ensuite}."
            f"{_appeler(structure.telephone, n)}"
        )
    )


def rappel_vehicule(reservation: Reservation) -> str:
    """Soon she takes a vehicle."""
    structure = reservation.vehicule.offre.structure
    return ajuster(
        lambda n: (
            f"{QUI} : {_vehicule(reservation.vehicule, n)} vous attend {_depart(reservation.debut)}, "
            f"chez {court(structure.nom, n)}.{_appeler(structure.telephone, n)}"
        )
    )


def rappel_trajet(course: CourseSolidaire) -> str:
    """Soon somebody picks her up."""
    structure = course.demande.structure
    return ajuster(
        lambda n: (
            f"{QUI} : {court(course.benevole.prenom, n)} vient vous chercher {_quand(course.prise_en_charge)}."
            f"{_appeler(structure.telephone, n)}"
        )
    )


def demande_a_repondre(reservation: Reservation) -> tuple[str, str]:
    """To the structure: somebody waits for its answer."""
    fin = reservation.expire_le or reservation.debut
    return (
        "Une demande attend votre réponse",
        (
            f"Quelqu'un demande {_vehicule(reservation.vehicule, 60)} à partir du {jour(reservation.debut)}. "
            f"Répondez avant {_quand(fin)} : après, la demande se ferme toute seule. "
            "Ouvrez « Demandes » sur la plateforme."
        ),
    )


def vehicule_libere(vehicule: Vehicule, debut: date, fin: date) -> tuple[str, str]:
    """To the structure: a vehicle is free for somebody who waits."""
    return (
        "Un véhicule est libre pour quelqu'un qui attend",
        (
            f"{_vehicule(vehicule, 60)} est libre du {jour(debut)} au {jour(fin)}, et quelqu'un l'attend. "
            "La page « Répartition » propose à qui le prêter."
        ),
    )


def echeance_vehicule(vehicule: Vehicule, quoi: str, valable_au: date) -> tuple[str, str]:
    """To the structure: an inspection or an insurance ends soon."""
    return (
        f"{quoi} de « {court(vehicule.libelle, 40)} » : fin le {jour(valable_au)}",
        (
            f"{quoi} de {_vehicule(vehicule, 60)} : fin le {jour(valable_au)}. Après ce jour, la plateforme ne le "
            "réserve plus. Notez la nouvelle date dans « Le parc »."
        ),
    )


def entretien_a_faire(vehicule: Vehicule, quoi: str, le: date | None, estime: bool) -> tuple[str, str]:
    """To the structure: something of its maintenance plan is due, or late."""
    quand = "c'est à faire" if le is None else f"{'vers le' if estime else 'avant le'} {jour(le)}"
    return (
        f"{court(quoi, 40)} de « {court(vehicule.libelle, 40)} » : {quand}",
        (
            f"{court(quoi, 60)} de {_vehicule(vehicule, 60)} : {quand}{', estimé d’après ses kilomètres' if estime else ''}. "
            "Notez-le dans « Le parc » une fois fait."
        ),
    )


def faire_le_point(avant: date, telephone: str) -> str:
    """To her: the plan is looked at again together."""
    return ajuster(
        lambda _: (
            f"{QUI} : il est temps de faire le point ensemble sur vos trajets, avant le {jour(avant)}. "
            f"Pour choisir un jour, appelez le {_numero(telephone)}."
        )
    )


def prendre_des_nouvelles(telephone: str) -> str:
    """To her, some months after: how is it going?"""
    return ajuster(
        lambda _: (
            f"{QUI} : comment vont vos trajets depuis la fin de notre travail ensemble ? "
            f"Dites-le-nous au {_numero(telephone)}."
        )
    )


def rendez_vous_fixe(le: datetime, lieu: str, avec: str, telephone: str) -> str:
    """To her: when, where, with whom."""
    return ajuster(
        lambda n: (
            f"{QUI} : rendez-vous {_quand(le)}"
            f"{f', {court(lieu, n)}' if lieu else ''}{f', avec {court(avec, n)}' if avec else ''}."
            f"{_appeler(telephone, n)}"
        )
    )


def orientation_sans_reponse(envoyee: date, expiree: bool) -> tuple[str, str]:
    """To who sent somebody: nobody answered yet; never who it is about."""
    if expiree:
        return (
            "Une orientation est restée sans réponse",
            (
                f"Votre orientation du {jour(envoyee)} n’a pas eu de réponse. Ce n’est pas de son fait ni du vôtre : "
                "appelez-nous, elle peut encore être reçue. Elle reste visible dans « Orientations »."
            ),
        )
    return (
        "Une orientation attend encore sa réponse",
        (
            f"Votre orientation du {jour(envoyee)} n’a pas encore de réponse : nous la relançons. "
            "Ouvrez « Orientations » sur la plateforme, ou appelez-nous si cela presse."
        ),
    )


def orientation_repondue(envoyee: date) -> tuple[str, str]:
    """To who sent somebody: there is an answer to read."""
    return (
        "Une orientation a sa réponse",
        (
            f"Votre orientation du {jour(envoyee)} a sa réponse. Ouvrez « Orientations » sur la plateforme : "
            "vous y lisez ce qu’elle accepte de partager."
        ),
    )


def offres_a_verifier(offres: Collection[Offre]) -> tuple[str, str]:
    """To the structure: what it says may not be true any more."""
    noms = ", ".join(f"« {court(offre.nom, 60)} »" for offre in list(offres)[:5])
    suite = f" et {len(offres) - 5} autres" if len(offres) > 5 else ""
    return (
        "Vos offres sont-elles toujours justes ?",
        (
            f"Personne ne les a vérifiées depuis longtemps : {noms}{suite}. Relisez-les dans « Offres » et "
            "enregistrez-les : la date se met à jour."
        ),
    )


def _quand(instant: datetime) -> str:
    return f"{jour(instant)} à {heure(instant)}"


def _depart(instant: datetime) -> str:
    """When she takes it: the hour only when one was agreed, whole days begin at midnight."""
    mur = instant.astimezone(PARIS)
    return _quand(instant) if mur.hour or mur.minute else jour(instant)


def _bientot(instant: datetime) -> str:
    """« mercredi 25 à 18 h »: in the days to come, the month is known."""
    return f"{jour(instant).partition(INSECABLE)[0]} à {heure(instant)}"


def _le(instant: datetime) -> str:
    return f"le {jour(instant)}"
