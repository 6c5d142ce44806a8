"""Can this offer make this trip, there and back, on each day? A grid of reasoned verdicts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from matching.effort import ACTIFS, LIMITES, accord_nuit_hiver, longueur, nuit_et_hiver
from matching.horaires import classer_les_horaires, dans_les_horaires, heure_non_dite, jours_non_dits
from matching.lignes import classer_les_lignes, en_ligne, lit_les_courses
from matching.place import au_plus_tot, libres_le, premier_jour_possible
from matching.regle import RegleDeTrajet
from matching.temps import categorie, mode_de
from matching.voyage import Case, Examen, Voyage, fondre
from mobilite.besoin import LieuLibre
from mobilite.candidate import Candidate, CategorieVehicule, Genre
from mobilite.droit.transport_utilite_sociale import TrajetSolidaire, transport_permis
from mobilite.lieux import Trajet
from mobilite.verdict import Duree, Manque, Motif, Verdict


def grille(offre: Candidate, examen: Examen) -> tuple[Case, ...]:
    """The cells of one offer for one need: two per passage, there and back."""
    regles = [regle for regle in REGLES_DE_TRAJET if regle.lit(offre) is not None]
    return tuple(
        fondre([_case(offre, voyage, examen, regles) for voyage in variantes]) for variantes in examen.trajets
    )


def _case(offre: Candidate, voyage: Voyage, examen: Examen, regles: Iterable[RegleDeTrajet]) -> Case:
    motifs: list[Motif] = []
    duree, etape, refusee = None, 0, False
    for regle in regles:
        if regle.voit(voyage, examen) is None:
            continue
        if regle.etape > etape:  # the hours of a trip it never makes explain nothing
            etape, refusee = regle.etape, any(motif.verdict is Verdict.NON for motif in motifs)
        dits: Iterable[Motif] = ()
        if regle.dure is not None:
            dits, duree = regle.dure(offre, voyage, examen)
        elif not refusee:
            dits = regle.dit(offre, voyage, examen)
        motifs += () if refusee else dits
    return Case(voyage, tuple(motifs) or (PAR_DEFAUT,), duree)


PAR_DEFAUT = Motif("horaires", Verdict.OUI, "Disponible à toute heure.")
"""What is said of a trip about which no rule has anything to say."""


def _duree(offre: Candidate, voyage: Voyage, examen: Examen) -> Duree | None:
    trajet = examen.trajet(voyage, mode_de(offre))
    return trajet.duree if trajet else examen.duree_saisie(mode_de(offre))


def _date_passee(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    jour = voyage.passage.date
    if jour is not None and jour < examen.contexte.le:
        yield Motif("date", Verdict.NON, f"Le {jour:%d/%m/%Y} est passé.", changerait="Une date à venir.")


def _jours(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    yield jours_non_dits()


def _depart(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    yield Motif(
        "depart",
        Verdict.A_VERIFIER,
        "On ne sait pas d'où elle part ce jour-là.",
        (Manque("la commune de départ", "la personne", "depart"),),
    )


def _zone_de_depart(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    depart = voyage.depart
    if offre.zone is not None and depart is not None and depart.insee not in offre.zone:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Ne part pas {examen.contexte.de(depart.insee)}.",
            changerait="Rejoindre une commune desservie.",
        )


def _zone_d_arrivee(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    return zone_d_arrivee(offre, examen)


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


def _jour_ferie(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    jour = voyage.roule_le
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


def _preavis(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    jour, besoin, le = voyage.passage.date, examen.besoin, examen.contexte.le
    assert jour is not None
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


def _au_calendrier(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    jour = voyage.passage.date
    if offre.calendrier is not None and jour is not None and libres_le(offre.calendrier, voyage.passage) <= 0:
        phrase = f"Rien de libre au calendrier le {jour:%d/%m}."
        yield Motif("place", Verdict.NON, phrase, changerait="D'autres jours, ou la liste d'attente.")


def _a_l_heure(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    """Is it running when she needs it? A vehicle she keeps always is."""
    if not offre.permanent:
        yield dans_les_horaires(offre, voyage, _duree(offre, voyage, examen))
    elif voyage.heure is None and examen.besoin.passages:
        yield heure_non_dite(voyage)


def _ligne(offre: Candidate, voyage: Voyage, examen: Examen) -> tuple[Iterable[Motif], Duree | None]:
    motif, duree = en_ligne(offre, voyage, examen)
    return (motif,), duree


def _trajet(offre: Candidate, voyage: Voyage, examen: Examen) -> tuple[Iterable[Motif], Duree | None]:
    return _trajet_connu(offre, voyage, examen), _duree(offre, voyage, examen)


def _trajet_connu(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    destination, qui = examen.besoin.destination, offre.structure or "le partenaire"
    if isinstance(destination, LieuLibre):
        yield lieu_a_verifier(destination, qui)
    elif voyage.depart is not None and examen.trajet(voyage, mode_de(offre)) is None:
        yield Motif(
            "distance",
            Verdict.A_VERIFIER,
            "Le temps de trajet n'est pas connu.",
            (Manque("le temps de trajet", qui),),
        )


def _km_par_trajet(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    return _limite(offre, offre.km_max_trajet, 1, "par trajet", examen.trajet(voyage, mode_de(offre)))


def _km_par_jour(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    return _limite(offre, offre.km_max_jour, 2, "par jour", examen.trajet(voyage, mode_de(offre)))


def _limite(
    offre: Candidate, plafond: float | None, facteur: int, nom: str, trajet: Trajet | None
) -> Iterable[Motif]:
    if plafond is None or trajet is None or trajet.km_max * facteur <= plafond:
        return
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


def _longueur(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    dit = "en voiturette" if categorie(offre) is CategorieVehicule.VOITURETTE else ""
    return longueur(mode_de(offre), _duree(offre, voyage, examen), examen, dit)


def _nuit_et_hiver(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    return accord_nuit_hiver(voyage, examen)


def lieu_a_verifier(lieu: LieuLibre, qui: str) -> Motif:
    """A place outside the known communes is never an error, and never sure."""
    pourquoi = "n'est pas une commune connue ici" if lieu.minutes is None else "a un temps saisi à la main"
    phrase = f"{lieu.nom} {pourquoi} : le trajet est à vérifier."
    return Motif("destination", Verdict.A_VERIFIER, phrase, (Manque(f"le trajet jusqu'à {lieu.nom}", qui),))


def _utilite_sociale(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    depart, destination = voyage.depart, examen.besoin.destination
    assert depart is not None
    trajet = examen.trajet(voyage, mode_de(offre))
    residence = examen.faits.get("residence")
    yield transport_permis(
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


# What each rule reads of an offer, and of a trip.


def _toute_offre(_: Candidate) -> Hashable:
    return True


def _zone_de_service(offre: Candidate) -> Hashable:
    return None if offre.genre.conduite else offre.zone


def _zone_servie(offre: Candidate) -> Hashable:
    return None if offre.genre.conduite else offre.zone_arrivee


def _service_ferie(offre: Candidate) -> Hashable:
    return None if offre.genre.conduite else (offre.jours_feries,)


def _delai(offre: Candidate) -> Hashable:
    return offre.preavis_heures, offre.delai_jours


def _calendrier(offre: Candidate) -> Hashable:
    return offre.calendrier


def _solidaire(offre: Candidate) -> Hashable:
    return True if offre.genre is Genre.TRANSPORT_SOLIDAIRE else None


def _horaires(offre: Candidate) -> Hashable:
    """A vehicle she keeps runs when she likes, unless it is never handed over."""
    a_toute_heure = offre.genre.conduite and (offre.permanent or offre.horaires != ())
    return None if a_toute_heure or offre.courses else (offre.permanent, offre.horaires)


def _mode(offre: Candidate) -> Hashable:
    return None if offre.courses else mode_de(offre)


def _km_d_un_trajet(offre: Candidate) -> Hashable:
    return None if offre.courses or offre.km_max_trajet is None else (offre.km_max_trajet, mode_de(offre))


def _km_d_un_jour(offre: Candidate) -> Hashable:
    return None if offre.courses or offre.km_max_jour is None else (offre.km_max_jour, mode_de(offre))


def _mode_limite(offre: Candidate) -> Hashable:
    mode = mode_de(offre)
    return mode if offre.genre.conduite and mode in LIMITES and not offre.courses else None


def _mode_actif(offre: Candidate) -> Hashable:
    return True if offre.genre.conduite and mode_de(offre) in ACTIFS and not offre.courses else None


def _jours_dits(voyage: Voyage, examen: Examen) -> Hashable:
    return None if examen.besoin.passages else True


def _sans_depart(voyage: Voyage, examen: Examen) -> Hashable:
    return True if voyage.depart is None else None


def _lieu_de_depart(voyage: Voyage, examen: Examen) -> Hashable:
    return voyage.depart and voyage.depart.insee


def _destination(voyage: Voyage, examen: Examen) -> Hashable:
    return examen.besoin.destination


def _date(voyage: Voyage, examen: Examen) -> Hashable:
    return voyage.passage.date


def _date_et_demande(voyage: Voyage, examen: Examen) -> Hashable:
    return voyage.passage.date and (voyage.passage.date, examen.besoin.connu_le)


def _date_et_nuits(voyage: Voyage, examen: Examen) -> Hashable:
    return voyage.passage.date and (voyage.passage.date, voyage.passage.nuits)


def _ferie(voyage: Voyage, examen: Examen) -> Hashable:
    datee = voyage.passage.date is not None
    return voyage.roule_le if datee and voyage.roule_le in examen.contexte.feries else None


def _chemin(voyage: Voyage, examen: Examen) -> Hashable:
    return voyage.depart, voyage.sens, examen.besoin.destination


def _chemin_connu(voyage: Voyage, examen: Examen) -> Hashable:
    return None if voyage.depart is None else _chemin(voyage, examen)


def _chemin_et_heure(voyage: Voyage, examen: Examen) -> Hashable:
    return _chemin(voyage, examen), voyage.jour, voyage.heure, bool(examen.besoin.passages)


REGLES_DE_TRAJET = (
    RegleDeTrajet(("date",), _toute_offre, _date, _date_passee, etape=0),
    RegleDeTrajet(("horaires",), _toute_offre, _jours_dits, _jours, etape=1),
    RegleDeTrajet(("depart",), _toute_offre, _sans_depart, _depart, etape=1),
    RegleDeTrajet(("zone",), _zone_de_service, _lieu_de_depart, _zone_de_depart, etape=1),
    RegleDeTrajet(("zone",), _zone_servie, _destination, _zone_d_arrivee, etape=1),
    RegleDeTrajet(("jour_ferie",), _service_ferie, _ferie, _jour_ferie, etape=1),
    RegleDeTrajet(("preavis",), _delai, _date_et_demande, _preavis, etape=1),
    RegleDeTrajet(("place",), _calendrier, _date_et_nuits, _au_calendrier, etape=1),
    RegleDeTrajet(("droit.transport_utilite_sociale",), _solidaire, _chemin_connu, _utilite_sociale),
    RegleDeTrajet(
        ("desserte", "horaires"), lit_les_courses, _chemin_et_heure, affine=classer_les_lignes, dure=_ligne
    ),
    RegleDeTrajet(("horaires",), _horaires, _chemin_et_heure, _a_l_heure, affine=classer_les_horaires),
    RegleDeTrajet(("destination", "distance"), _mode, _chemin, dure=_trajet),
    RegleDeTrajet(("distance",), _km_d_un_trajet, _chemin_connu, _km_par_trajet),
    RegleDeTrajet(("distance",), _km_d_un_jour, _chemin_connu, _km_par_jour),
    RegleDeTrajet(("duree", "duree.longue"), _mode_limite, _chemin, _longueur),
    RegleDeTrajet(("nuit_hiver",), _mode_actif, nuit_et_hiver, _nuit_et_hiver),
)
"""In the order their reasons are told: the first that refuses, else the first in doubt, decides."""
