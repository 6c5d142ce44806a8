"""Can this offer make this trip, there and back, on each day? A grid of reasoned verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from matching.contexte import Contexte
from matching.temps import Temps, categorie, mode_de
from mobilite.besoin import SEMAINE, Besoin, Jour, LieuLibre, Minute, Passage, Plage, Situation, en_heure
from mobilite.candidate import Candidate, CategorieVehicule, Course, Genre
from mobilite.droit.transport_utilite_sociale import TrajetSolidaire, transport_permis
from mobilite.faits import Faits
from mobilite.lieux import Lieu, Mode, Trajet
from mobilite.verdict import Duree, Manque, Motif, Verdict, tous

_ACTIFS = {Mode.MARCHE: "trajet.marche_max_min", Mode.VELO: "trajet.velo_max_min", Mode.VAE: "trajet.vae_max_min"}
_LIMITES = _ACTIFS | {Mode.SCOOTER: "trajet.scooter_max_min"}
_HIVER = (11, 12, 1, 2)
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
        for sens in Sens:
            cases.append(_case(offre, besoin, passage, sens, jour, depart, communs, faits, temps, contexte))
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
            "jour_ferie", Verdict.NON, f"Ne fonctionne pas les jours fériés ({jour:%d/%m}).", changerait="Un autre jour."
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
        motif, duree = _en_ligne(offre, besoin, depart, jour_du_trajet, heure, aller, contexte)
        motifs.append(motif)
        return Case(passage, sens, tuple(motifs), duree)
    if offre.genre in _EN_LIGNE and not offre.permanent and offre.horaires is None:
        motifs.append(_horaires_inconnus(offre))
    elif not offre.genre.conduite and not offre.permanent:
        motifs.append(_dans_les_horaires(offre, jour_du_trajet, heure, duree, aller))
    elif heure is None and besoin.passages and not offre.genre.conduite:
        motifs.append(_heure_non_dite(aller))
    motifs += _distance(offre, besoin, trajet, duree, depart)
    if offre.genre.conduite:
        motifs += effort(mode_de(offre), duree, heure, jour, faits, contexte)
    if offre.genre is Genre.TRANSPORT_SOLIDAIRE and depart is not None:
        motifs.append(_utilite_sociale(besoin, depart, trajet, faits, contexte))
    return Case(passage, sens, tuple(motifs) or (Motif("horaires", Verdict.OUI, "Disponible à toute heure."),), duree)


def jour_du_retour(passage: Passage) -> Jour:
    """The next day for a night shift, whose return hour comes before its arrival hour."""
    nuit = passage.arrivee is not None and passage.retour is not None and passage.retour < passage.arrivee
    return SEMAINE[(passage.jour.rang + 1) % 7] if nuit else passage.jour


def _trajet(offre: Candidate, besoin: Besoin, depart: Lieu | None, temps: Temps, aller: bool) -> Trajet | None:
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


def effort(
    mode: Mode, duree: Duree | None, heure: Minute | None, jour: date, faits: Faits, contexte: Contexte
) -> Iterable[Motif]:
    """What riding asks of a body: its length, the night, the winter."""
    p = contexte.parametres
    if mode in _LIMITES and duree is not None:
        limite = p[_LIMITES[mode]]
        if duree.min > p["trajet.effort_impossible_min"]:
            yield Motif(
                "duree",
                Verdict.NON,
                f"Au moins {duree.min:.0f} minutes {mode.libelle} : trop long chaque jour.",
                changerait="Le combiner avec un car ou un covoiturage.",
            )
        elif duree.tient_en(limite) is not Verdict.OUI:
            yield Motif(
                "duree",
                Verdict.A_VERIFIER,
                f"{duree.en_texte()} {mode.libelle} : à voir avec elle.",
                (Manque(f"si {duree.en_texte()} {mode.libelle} lui conviennent", "la personne"),),
            )
    if mode in _ACTIFS:
        yield from accord_nuit_hiver(heure, jour, faits, contexte)


def accord_nuit_hiver(heure: Minute | None, jour: date, faits: Faits, contexte: Contexte) -> Iterable[Motif]:
    """Walking or cycling by night or in winter is À VÉRIFIER until she agrees."""
    p = contexte.parametres
    nuit = heure is not None and (heure < p["trajet.nuit_avant_min"] or heure > p["trajet.nuit_apres_min"])
    hiver = jour.month in _HIVER
    accord = faits.get("accord_nuit_hiver")
    if not (nuit or hiver) or accord is True:
        return
    quand = "de nuit" if nuit else "en hiver"
    if accord is False:
        yield Motif("nuit_hiver", Verdict.NON, f"Elle ne veut pas y aller {quand}.", changerait="Un trajet de jour.")
        return
    question = contexte.question("accord_nuit_hiver")
    yield Motif(
        "nuit_hiver",
        Verdict.A_VERIFIER,
        f"Le trajet se fait {quand} : il faut son accord.",
        (Manque(f"si elle accepte d'y aller {quand}", "la personne", question.code),),
    )


def _utilite_sociale(
    besoin: Besoin, depart: Lieu, trajet: Trajet | None, faits: Faits, contexte: Contexte
) -> Motif:
    arrivee = None if isinstance(besoin.destination, LieuLibre) else besoin.destination.insee
    residence = faits.get("residence")
    return transport_permis(
        TrajetSolidaire(depart.insee, arrivee, trajet.km_min if trajet else None, trajet.km_max if trajet else None),
        residence if isinstance(residence, str) else None,
        faits,
        contexte.petites,
        contexte.parametres,
    )


def _horaires_inconnus(offre: Candidate) -> Motif:
    return Motif(
        "horaires",
        Verdict.A_VERIFIER,
        "Les horaires ne sont pas connus ici.",
        (Manque("les horaires de passage", offre.structure or "le partenaire"),),
    )


def _heure_non_dite(aller: bool) -> Motif:
    quoi = "l'heure d'arrivée" if aller else "l'heure de retour"
    return Motif(
        "horaires",
        Verdict.A_VERIFIER,
        f"Il manque {quoi}.",
        (Manque(quoi, "la personne", "besoins.cycle"),),
    )


def _dans_les_horaires(
    offre: Candidate, jour: Jour, heure: Minute | None, duree: Duree | None, aller: bool
) -> Motif:
    if offre.horaires is None:
        return _horaires_inconnus(offre)
    if heure is None:
        return _heure_non_dite(aller)
    sur, possible = (duree.max, duree.min) if duree else (0.0, 0.0)
    if any(contient(plage, jour, *_fenetre(heure, sur, aller)) for plage in offre.horaires):
        if duree is None:
            return Motif(
                "horaires",
                Verdict.A_VERIFIER,
                "L'heure convient, mais le temps de trajet n'est pas connu.",
                (Manque("le temps de trajet", offre.structure or "le partenaire"),),
            )
        return Motif("horaires", Verdict.OUI, f"Roule le {jour.libelle} à {en_heure(heure)}.")
    if any(contient(plage, jour, *_fenetre(heure, possible, aller)) for plage in offre.horaires):
        return Motif(
            "horaires",
            Verdict.A_VERIFIER,
            f"L'heure est juste pour le {jour.libelle} à {en_heure(heure)}.",
            (Manque(f"si le {jour.libelle} à {en_heure(heure)} est possible", offre.structure or "le partenaire"),),
        )
    return Motif(
        "horaires",
        Verdict.NON,
        f"Ne roule pas le {jour.libelle} à {en_heure(heure)}{_plages_du_jour(offre.horaires, jour)}.",
        changerait="Un autre horaire, ou une dérogation du partenaire.",
    )


def _plages_du_jour(plages: tuple[Plage, ...], jour: Jour) -> str:
    heures = [f"{en_heure(p.de)}–{en_heure(p.a)}" for p in plages if jour in p.jours]
    return f" (ce jour-là : {', '.join(heures)})" if heures else f" (fermé le {jour.libelle})"


def _fenetre(heure: Minute, duree: float, aller: bool) -> tuple[float, float]:
    return (heure - duree, float(heure)) if aller else (float(heure), heure + duree)


def contient(plage: Plage, jour: Jour, debut: float, fin: float) -> bool:
    """Whether a window covers [debut, fin] of a day; windows and trips may cross midnight."""
    veille = SEMAINE[(jour.rang - 1) % 7]
    ouverture, fermeture = plage.de, plage.a if plage.a > plage.de else plage.a + 1440
    if jour in plage.jours and ouverture <= debut and fin <= fermeture:
        return True
    return veille in plage.jours and ouverture <= debut + 1440 and fin + 1440 <= fermeture


def _en_ligne(
    offre: Candidate,
    besoin: Besoin,
    depart: Lieu | None,
    jour: Jour,
    heure: Minute | None,
    aller: bool,
    contexte: Contexte,
) -> tuple[Motif, Duree | None]:
    """A line with its departures: is there one that day, at that hour, between the two communes?"""
    if depart is None or isinstance(besoin.destination, LieuLibre):
        motif = Motif(
            "desserte",
            Verdict.A_VERIFIER,
            "La desserte est à vérifier.",
            (Manque("si la ligne dessert ce trajet", offre.structure or "le partenaire"),),
        )
        return motif, None
    de, vers = (depart.insee, besoin.destination.insee) if aller else (besoin.destination.insee, depart.insee)
    desserte = [c for c in offre.courses if c.de == de and c.a == vers]
    if not desserte:
        return Motif(
            "desserte",
            Verdict.NON,
            f"Aucune course de {contexte.nom(de)} à {contexte.nom(vers)}.",
            changerait="Rejoindre un arrêt de la ligne.",
        ), None
    du_jour = [c for c in desserte if jour in c.jours]
    if not du_jour:
        return Motif(
            "horaires",
            Verdict.NON,
            f"Pas de course le {jour.libelle} de {contexte.nom(de)} à {contexte.nom(vers)}.",
            changerait="Un autre jour.",
        ), None
    if heure is None:
        return _heure_non_dite(aller), None
    return _meilleure_course(du_jour, heure, aller, contexte, offre)


def _meilleure_course(
    courses: list[Course], heure: Minute, aller: bool, contexte: Contexte, offre: Candidate
) -> tuple[Motif, Duree | None]:
    def attente(course: Course) -> int:
        return heure - course.arrivee if aller else course.depart - heure

    a_l_heure = [c for c in courses if attente(c) >= 0]
    if not a_l_heure:
        proche = max(courses, key=attente)
        quand = f"arrive à {en_heure(proche.arrivee)}" if aller else f"part à {en_heure(proche.depart)}"
        retard = -attente(proche)
        return Motif(
            "horaires",
            Verdict.NON,
            f"La course la plus proche {quand}, pour {en_heure(heure)} : {retard} min de décalage.",
            changerait=f"Si {retard} min de décalage sont acceptées au lieu de rendez-vous.",
        ), None
    choisie = min(a_l_heure, key=attente)
    minutes = (choisie.arrivee - choisie.depart) % 1440
    marche = 2 * contexte.parametres["trajet.acces_arret_max_min"]
    duree = Duree(minutes, minutes + marche, "horaire de la ligne, marche jusqu'à l'arrêt estimée")
    texte = f"Départ {en_heure(choisie.depart)}, arrivée {en_heure(choisie.arrivee)}"
    if attente(choisie) > contexte.parametres["trajet.attente_max_min"]:
        return Motif(
            "horaires",
            Verdict.A_VERIFIER,
            f"{texte} : {attente(choisie)} min d'attente.",
            (Manque(f"si {attente(choisie)} min d'attente lui conviennent", "la personne"),),
        ), duree
    return Motif("horaires", Verdict.OUI, f"{texte}."), duree


def place_pour_le_groupe(offre: Candidate, besoin: Besoin, faits: Faits, contexte: Contexte) -> Iterable[Motif]:
    """Seats for those who come along, and room for a wheelchair."""
    fauteuil = "fauteuil" in besoin.avec or faits.get("fauteuil") is True
    personnes = 1 + sum(qui in ("enfant", "bebe", "adulte", "fauteuil") for qui in besoin.avec)
    if fauteuil:
        yield from _acces_fauteuil(offre)
    deux_roues = offre.genre.conduite and categorie(offre) in (
        CategorieVehicule.VELO,
        CategorieVehicule.VAE,
        CategorieVehicule.SCOOTER50,
        CategorieVehicule.SCOOTER125,
    )
    if deux_roues and personnes > 1:
        yield Motif(
            "places",
            Verdict.A_VERIFIER,
            "Emmener quelqu'un demande un équipement (siège enfant, remorque).",
            (Manque("un siège enfant ou une remorque", offre.structure or "le partenaire"),),
        )
        return
    places = offre.places if offre.places is not None else offre.vehicule.places if offre.vehicule else None
    if offre.vehicule and offre.vehicule.categorie is CategorieVehicule.VOITURETTE and places is None:
        places = 2
    if personnes == 1:
        return
    if places is None:
        yield Motif(
            "places",
            Verdict.A_VERIFIER,
            f"Le nombre de places n'est pas dit : il en faut {personnes}.",
            (Manque(f"s'il y a {personnes} places", offre.structure or "le partenaire"),),
        )
    elif places < personnes:
        yield Motif(
            "places",
            Verdict.NON,
            f"{places} place{'s' if places > 1 else ''} : il en faut {personnes}.",
            changerait="Un véhicule plus grand.",
        )


def _acces_fauteuil(offre: Candidate) -> Iterable[Motif]:
    connu = offre.fauteuil if offre.fauteuil is not None else offre.vehicule.fauteuil if offre.vehicule else None
    if connu is False:
        yield Motif(
            "fauteuil", Verdict.NON, "Ne prend pas de fauteuil roulant.", changerait="Un véhicule adapté."
        )
    elif connu is None:
        yield Motif(
            "fauteuil",
            Verdict.A_VERIFIER,
            "L'accès en fauteuil roulant n'est pas dit.",
            (Manque("l'accès en fauteuil roulant", offre.structure or "le partenaire"),),
        )


