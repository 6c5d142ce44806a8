"""Can this offer make this trip, there and back, on each day? A grid of reasoned verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from matching.effort import effort
from matching.horaires import dans_les_horaires, heure_non_dite, horaires_inconnus, jours_non_dits
from matching.lignes import en_ligne
from matching.place import au_plus_tot, libres_le, premier_jour_possible
from matching.temps import mode_de
from matching.voyage import Case, Examen, Voyage, fondre
from mobilite.besoin import Besoin, LieuLibre
from mobilite.candidate import Candidate, Genre
from mobilite.droit.transport_utilite_sociale import TrajetSolidaire, transport_permis
from mobilite.lieux import Lieu, Trajet
from mobilite.verdict import Duree, Manque, Motif, Verdict

_EN_LIGNE = (Genre.CAR_REGULIER, Genre.COVOITURAGE, Genre.NAVETTE_EMPLOYEUR)


def grille(offre: Candidate, examen: Examen) -> tuple[Case, ...]:
    """The cells of one offer for one need: two per passage, there and back."""
    return tuple(
        fondre([_case(offre, voyage, examen) for voyage in variantes]) for variantes in examen.trajets
    )


def _case(offre: Candidate, voyage: Voyage, examen: Examen) -> Case:
    trajet = examen.trajet(voyage, mode_de(offre))
    duree = trajet.duree if trajet else examen.duree_saisie
    motifs = list(_du_jour(offre, voyage, examen))
    if any(motif.verdict is Verdict.NON for motif in motifs):
        return Case(voyage, tuple(motifs), duree)  # the hours of a trip it never makes explain nothing
    if offre.genre is Genre.TRANSPORT_SOLIDAIRE and voyage.depart is not None:
        motifs.append(_utilite_sociale(voyage.depart, trajet, examen))
    if offre.courses:
        motif, duree = en_ligne(offre, voyage, examen)
        return Case(voyage, (*motifs, motif), duree)
    motifs += _a_l_heure(offre, voyage, examen, duree)
    motifs += _distance(offre, examen.besoin, trajet, voyage.depart)
    if offre.genre.conduite:
        motifs += effort(mode_de(offre), duree, voyage, examen)
    return Case(voyage, tuple(motifs) or (_A_TOUTE_HEURE,), duree)


_A_TOUTE_HEURE = Motif("horaires", Verdict.OUI, "Disponible à toute heure.")


def _du_jour(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    """The reasons that do not depend on the hour: is it her place, her day, is there still time?"""
    date_dite, le = voyage.passage.date, examen.contexte.le
    if date_dite is not None and date_dite < le:
        phrase = f"Le {date_dite:%d/%m/%Y} est passé."
        yield Motif("date", Verdict.NON, phrase, changerait="Une date à venir.")
        return
    if not examen.besoin.passages:
        yield jours_non_dits()
    if voyage.depart is None:
        yield Motif(
            "depart",
            Verdict.A_VERIFIER,
            "On ne sait pas d'où elle part ce jour-là.",
            (Manque("la commune de départ", "la personne", "depart"),),
        )
    if not offre.genre.conduite:
        yield from _zones(offre, voyage.depart, examen)
    if date_dite is None:
        return
    if voyage.roule_le in examen.contexte.feries and not offre.genre.conduite:
        yield from _jour_ferie(offre, voyage.roule_le)
    yield from _preavis(offre, examen.besoin, date_dite, le)
    if offre.calendrier is not None and libres_le(offre.calendrier, voyage.passage) <= 0:
        phrase = f"Rien de libre au calendrier le {date_dite:%d/%m}."
        yield Motif("place", Verdict.NON, phrase, changerait="D'autres jours, ou la liste d'attente.")


def _zones(offre: Candidate, depart: Lieu | None, examen: Examen) -> Iterable[Motif]:
    if offre.zone is not None and depart is not None and depart.insee not in offre.zone:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Ne part pas de {examen.contexte.nom(depart.insee)}.",
            changerait="Rejoindre une commune desservie.",
        )
    yield from zone_d_arrivee(offre, examen)


def zone_d_arrivee(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """Whether the offer reaches, or concerns, the place she has to be."""
    destination = examen.besoin.destination
    if offre.zone_arrivee is None:
        return
    if isinstance(destination, LieuLibre):
        yield Motif(
            "zone",
            Verdict.A_VERIFIER,
            f"{destination.nom} n'est pas une commune connue ici.",
            (Manque(f"si {destination.nom} est desservi", offre.structure or "le partenaire"),),
        )
    elif destination.insee not in offre.zone_arrivee:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Ne va pas jusqu'à {examen.contexte.nom(destination.insee)}.",
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


def _preavis(offre: Candidate, besoin: Besoin, jour: date, le: date) -> Iterable[Motif]:
    if jour < au_plus_tot(offre, besoin, le):
        possible = premier_jour_possible(offre, besoin, le)
        yield Motif(
            "preavis",
            Verdict.NON,
            f"Demande un délai : possible à partir du {possible:%d/%m/%Y}.",
            changerait="Réserver plus tôt, ou une autre offre ce jour-là.",
        )
    elif jour < premier_jour_possible(offre, besoin, le):
        yield Motif(
            "preavis",
            Verdict.A_VERIFIER,
            f"Demande {offre.preavis_heures:g} h de délai : c'est juste pour le {jour:%d/%m}.",
            (
                Manque(
                    f"s'il est encore temps pour le {jour:%d/%m}",
                    offre.structure or "le partenaire",
                    avant=le,
                ),
            ),
        )


def _a_l_heure(offre: Candidate, voyage: Voyage, examen: Examen, duree: Duree | None) -> Iterable[Motif]:
    """Is it running when she needs it? A vehicle she keeps always is."""
    if offre.genre in _EN_LIGNE and not offre.permanent and offre.horaires is None:
        yield horaires_inconnus(offre)
    elif not offre.genre.conduite and not offre.permanent:
        yield dans_les_horaires(offre, voyage, duree)
    elif voyage.heure is None and examen.besoin.passages and not offre.genre.conduite:
        yield heure_non_dite(voyage)


def _distance(
    offre: Candidate, besoin: Besoin, trajet: Trajet | None, depart: Lieu | None
) -> Iterable[Motif]:
    if isinstance(besoin.destination, LieuLibre):
        yield lieu_a_verifier(besoin.destination, offre.structure or "le partenaire")
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


def lieu_a_verifier(lieu: LieuLibre, qui: str) -> Motif:
    """A place outside the known communes is never an error, and never sure."""
    pourquoi = "n'est pas une commune connue ici" if lieu.minutes is None else "a un temps saisi à la main"
    phrase = f"{lieu.nom} {pourquoi} : le trajet est à vérifier."
    return Motif("destination", Verdict.A_VERIFIER, phrase, (Manque(f"le trajet jusqu'à {lieu.nom}", qui),))


def _utilite_sociale(depart: Lieu, trajet: Trajet | None, examen: Examen) -> Motif:
    destination = examen.besoin.destination
    residence = examen.faits.get("residence")
    return transport_permis(
        TrajetSolidaire(
            depart.insee,
            None if isinstance(destination, LieuLibre) else destination.insee,
            trajet.km_min if trajet else None,
            trajet.km_max if trajet else None,
        ),
        residence if isinstance(residence, str) else None,
        examen.faits,
        examen.contexte.petites,
        examen.contexte.parametres,
    )
