"""Can this offer make this trip, there and back, on each day? A grid of reasoned verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from matching.contexte import Contexte
from matching.effort import effort
from matching.horaires import dans_les_horaires, heure_non_dite, horaires_inconnus
from matching.lignes import en_ligne
from matching.temps import Temps, mode_de
from mobilite.besoin import SEMAINE, Besoin, Jour, LieuLibre, Passage, Situation
from mobilite.candidate import Candidate, Genre
from mobilite.droit.transport_utilite_sociale import TrajetSolidaire, transport_permis
from mobilite.faits import Faits
from mobilite.lieux import Lieu, Trajet
from mobilite.verdict import Duree, Manque, Motif, Verdict, tous

_EN_LIGNE = (Genre.CAR_REGULIER, Genre.COVOITURAGE, Genre.NAVETTE_EMPLOYEUR)


class Sens(StrEnum):
    """Going there, or coming back."""

    ALLER = "aller"
    RETOUR = "retour"


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the grid: a passage, a direction, the deciding reasons, the minutes if known."""

    passage: Passage
    sens: Sens
    motifs: tuple[Motif, ...]
    duree: Duree | None = None

    @property
    def verdict(self) -> Verdict:
        """OUI when every reason says so."""
        return tous(m.verdict for m in self.motifs)


def passages_de(besoin: Besoin) -> tuple[Passage, ...]:
    """The passages of a need; when nobody said the days, one passage of unknown day and hours."""
    return besoin.passages or (Passage(Jour.LUN),)


def jour_du_passage(passage: Passage, besoin: Besoin, le: date) -> date:
    """The first date on which this passage happens, as far as anybody has said."""
    if passage.date is not None:
        return passage.date
    debut = max(besoin.premier_jour or le, le)
    return debut + timedelta(days=(passage.jour.rang - debut.weekday()) % 7)


def grille(
    offre: Candidate, besoin: Besoin, situation: Situation, faits: Faits, temps: Temps, contexte: Contexte
) -> tuple[Case, ...]:
    """The cells of one offer for one need: two per passage, there and back."""
    cases = []
    for passage in passages_de(besoin):
        jour = jour_du_passage(passage, besoin, contexte.le)
        depart = situation.depart_le(jour)
        communs = tuple(_communs(offre, besoin, passage, jour, depart, faits, contexte))
        cases += [
            _case(offre, besoin, passage, sens, jour, depart, communs, faits, temps, contexte)
            for sens in Sens
        ]
    return tuple(cases)


def _communs(
    offre: Candidate,
    besoin: Besoin,
    passage: Passage,
    jour: date,
    depart: Lieu | None,
    faits: Faits,
    contexte: Contexte,
) -> Iterable[Motif]:
    """The reasons that hold for both directions of a passage."""
    if not besoin.passages:
        yield Motif(
            "horaires",
            Verdict.A_VERIFIER,
            "Les jours et les heures ne sont pas dits.",
            (Manque("les jours et les heures du déplacement", "la personne", "besoins.cycle"),),
        )
    if depart is None:
        yield Motif(
            "depart",
            Verdict.A_VERIFIER,
            "On ne sait pas d'où elle part ce jour-là.",
            (Manque("la commune de départ", "la personne", "depart"),),
        )
    if not offre.genre.conduite:
        yield from _zones(offre, besoin, depart, contexte)
    if passage.date is not None and passage.date in contexte.feries and not offre.genre.conduite:
        yield from _jour_ferie(offre, passage.date)
    if passage.date is not None:
        yield from _preavis(offre, besoin, passage.date, contexte)


def _zones(offre: Candidate, besoin: Besoin, depart: Lieu | None, contexte: Contexte) -> Iterable[Motif]:
    if offre.zone is not None and depart is not None and depart.insee not in offre.zone:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Ne part pas de {contexte.nom(depart.insee)}.",
            changerait="Rejoindre une commune desservie.",
        )
    yield from zone_d_arrivee(offre, besoin, contexte)


def zone_d_arrivee(offre: Candidate, besoin: Besoin, contexte: Contexte) -> Iterable[Motif]:
    """Whether the offer reaches, or concerns, the place she has to be."""
    if offre.zone_arrivee is None:
        return
    if isinstance(besoin.destination, LieuLibre):
        yield Motif(
            "zone",
            Verdict.A_VERIFIER,
            f"{besoin.destination.nom} n'est pas une commune connue ici.",
            (Manque(f"si {besoin.destination.nom} est desservi", offre.structure or "le partenaire"),),
        )
    elif besoin.destination.insee not in offre.zone_arrivee:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Ne va pas jusqu'à {contexte.nom(besoin.destination.insee)}.",
            changerait="Une autre offre pour la fin du trajet.",
        )


def _jour_ferie(offre: Candidate, jour: date) -> Iterable[Motif]:
    if offre.jours_feries is False:
        yield Motif(
            "jour_ferie",
            Verdict.NON,
            f"Ne fonctionne pas les jours fériés ({jour:%d/%m}).",
            changerait="Un autre jour.",
        )
    elif offre.jours_feries is None:
        yield Motif(
            "jour_ferie",
            Verdict.A_VERIFIER,
            f"Le {jour:%d/%m} est férié : le service n'est pas sûr.",
            (Manque(f"si le service fonctionne le {jour:%d/%m}", offre.structure or "le partenaire"),),
        )


def _preavis(offre: Candidate, besoin: Besoin, jour: date, contexte: Contexte) -> Iterable[Motif]:
    possible = premier_jour_possible(offre, besoin, contexte.le)
    if jour < contexte.le:
        yield Motif("date", Verdict.NON, f"Le {jour:%d/%m/%Y} est passé.", changerait="Une date à venir.")
    elif jour < possible:
        yield Motif(
            "preavis",
            Verdict.NON,
            f"Demande un délai : possible à partir du {possible:%d/%m/%Y}.",
            changerait="Réserver plus tôt, ou une autre offre ce jour-là.",
        )


def premier_jour_possible(offre: Candidate, besoin: Besoin, le: date) -> date:
    """The first day the offer can serve when it is asked for as soon as the need is known."""
    demande = max(le, besoin.connu_le or le)
    return demande + timedelta(days=ceil((offre.preavis_heures or 0) / 24) + ceil(offre.delai_jours or 0))


def _case(
    offre: Candidate,
    besoin: Besoin,
    passage: Passage,
    sens: Sens,
    jour: date,
    depart: Lieu | None,
    communs: tuple[Motif, ...],
    faits: Faits,
    temps: Temps,
    contexte: Contexte,
) -> Case:
    aller = sens is Sens.ALLER
    heure = passage.arrivee if aller else passage.retour
    jour_du_trajet = passage.jour if aller else jour_du_retour(passage)
    trajet = _trajet(offre, besoin, depart, temps, aller)
    duree = trajet.duree if trajet else _duree_saisie(besoin)
    if any(motif.verdict is Verdict.NON for motif in communs):
        return Case(passage, sens, communs, duree)  # the hours of a trip it never makes explain nothing
    motifs = list(communs)
    if offre.courses:
        motif, duree = en_ligne(offre, besoin, depart, jour_du_trajet, heure, aller, contexte)
        motifs.append(motif)
        return Case(passage, sens, tuple(motifs), duree)
    if offre.genre in _EN_LIGNE and not offre.permanent and offre.horaires is None:
        motifs.append(horaires_inconnus(offre))
    elif not offre.genre.conduite and not offre.permanent:
        motifs.append(dans_les_horaires(offre, jour_du_trajet, heure, duree, aller))
    elif heure is None and besoin.passages and not offre.genre.conduite:
        motifs.append(heure_non_dite(aller))
    motifs += _distance(offre, besoin, trajet, duree, depart)
    if offre.genre.conduite:
        motifs += effort(mode_de(offre), duree, heure, jour, faits, contexte)
    if offre.genre is Genre.TRANSPORT_SOLIDAIRE and depart is not None:
        motifs.append(_utilite_sociale(besoin, depart, trajet, faits, contexte))
    return Case(
        passage, sens, tuple(motifs) or (Motif("horaires", Verdict.OUI, "Disponible à toute heure."),), duree
    )


def jour_du_retour(passage: Passage) -> Jour:
    """The next day for a night shift, whose return hour comes before its arrival hour."""
    nuit = passage.arrivee is not None and passage.retour is not None and passage.retour < passage.arrivee
    return SEMAINE[(passage.jour.rang + 1) % 7] if nuit else passage.jour


def _trajet(
    offre: Candidate, besoin: Besoin, depart: Lieu | None, temps: Temps, aller: bool
) -> Trajet | None:
    if isinstance(besoin.destination, LieuLibre) or depart is None:
        return None
    if aller:
        return temps.entre(depart, besoin.destination, mode_de(offre))
    return temps.entre(besoin.destination, depart, mode_de(offre))


def _duree_saisie(besoin: Besoin) -> Duree | None:
    if isinstance(besoin.destination, LieuLibre) and besoin.destination.minutes is not None:
        return Duree(besoin.destination.minutes, besoin.destination.minutes, "minutes saisies à la main")
    return None


def _distance(
    offre: Candidate, besoin: Besoin, trajet: Trajet | None, duree: Duree | None, depart: Lieu | None
) -> Iterable[Motif]:
    if isinstance(besoin.destination, LieuLibre):
        yield Motif(
            "destination",
            Verdict.A_VERIFIER,
            f"{besoin.destination.nom} : le temps est saisi à la main, le trajet est à vérifier.",
            (Manque(f"le trajet jusqu'à {besoin.destination.nom}", offre.structure or "le partenaire"),),
        )
        return
    if trajet is None:
        if depart is not None:
            yield Motif(
                "distance",
                Verdict.A_VERIFIER,
                "Le temps de trajet n'est pas connu.",
                (Manque("le temps de trajet", offre.structure or "le partenaire"),),
            )
        return
    for plafond, facteur, nom in ((offre.km_max_trajet, 1, "par trajet"), (offre.km_max_jour, 2, "par jour")):
        if plafond is None or trajet.km_max * facteur <= plafond:
            continue
        if trajet.km_min * facteur > plafond:
            yield Motif(
                "distance",
                Verdict.NON,
                f"Limité à {plafond:g} km {nom} : ici au moins {trajet.km_min * facteur:.0f} km.",
                changerait="Une dérogation du partenaire, ou une autre offre.",
            )
        else:
            yield Motif(
                "distance",
                Verdict.A_VERIFIER,
                f"Limité à {plafond:g} km {nom} : la distance est à mesurer.",
                (Manque("la distance exacte", offre.structure or "le partenaire"),),
            )


def _utilite_sociale(
    besoin: Besoin, depart: Lieu, trajet: Trajet | None, faits: Faits, contexte: Contexte
) -> Motif:
    arrivee = None if isinstance(besoin.destination, LieuLibre) else besoin.destination.insee
    residence = faits.get("residence")
    return transport_permis(
        TrajetSolidaire(
            depart.insee, arrivee, trajet.km_min if trajet else None, trajet.km_max if trajet else None
        ),
        residence if isinstance(residence, str) else None,
        faits,
        contexte.petites,
        contexte.parametres,
    )
