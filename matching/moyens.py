"""What she can already do with the means she has, when they are free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matching.couverture import dire_les_jours
from matching.effort import NE_FAIT_PAS_DE_VELO, avis_medical, effort
from matching.faisabilite import lieu_a_verifier
from matching.groupe import deux_roues_a_plusieurs, en_fauteuil, nombre_de_personnes
from matching.horaires import couvert, jours_non_dits
from matching.voyage import Case, Examen, Voyage, fondre
from mobilite.besoin import Besoin, EtatMoyen, Jour, LieuLibre, Moyen, TypeMoyen, en_heure
from mobilite.candidate import CategorieVehicule, VehiculeDecrit
from mobilite.droit.permis import peut_conduire
from mobilite.lieux import Mode
from mobilite.verdict import Duree, Manque, Motif, Verdict, un_de

MODES_DES_MOYENS = {
    TypeMoyen.MARCHE: Mode.MARCHE,
    TypeMoyen.VELO: Mode.VELO,
    TypeMoyen.VAE: Mode.VAE,
    TypeMoyen.SCOOTER: Mode.SCOOTER,
    TypeMoyen.VOITURE: Mode.VOITURE,
    TypeMoyen.PASSAGER: Mode.VOITURE,
}
_MOTORISES = {TypeMoyen.VOITURE: CategorieVehicule.VOITURE, TypeMoyen.SCOOTER: CategorieVehicule.SCOOTER50}
_TOUJOURS_LIBRES = frozenset({TypeMoyen.MARCHE, TypeMoyen.VELO, TypeMoyen.VAE, TypeMoyen.SCOOTER})
_PLACES_ORDINAIRES = 5
_QUART_D_HEURE = 15
_NOMS = {
    TypeMoyen.MARCHE: "À pied",
    TypeMoyen.VELO: "Son vélo",
    TypeMoyen.VAE: "Son vélo électrique",
    TypeMoyen.SCOOTER: "Son scooter",
    TypeMoyen.VOITURE: "La voiture dont elle dispose",
    TypeMoyen.PASSAGER: "Quelqu'un qui la conduit",
}


@dataclass(frozen=True, slots=True)
class MoyenExamine:
    """One of her means, judged for one need."""

    type: TypeMoyen
    nom: str
    cases: tuple[Case, ...]
    duree: Duree | None

    @property
    def verdict(self) -> Verdict:
        """OUI when it serves every passage both ways, NON when it serves none."""
        verdicts = [case.verdict for case in self.cases]
        if all(v is Verdict.NON for v in verdicts):
            return Verdict.NON
        return Verdict.OUI if all(v is Verdict.OUI for v in verdicts) else Verdict.A_VERIFIER

    @property
    def manque(self) -> Manque:
        """What is left to settle before relying on it; a means that serves every trip leaves nothing."""
        doutes = (m for case in self.cases for motif in case.motifs for m in motif.manques)
        non_servis = [case for case in self.cases if case.verdict is Verdict.NON]
        if non_servis:
            jours = ", ".join(dire_les_jours(non_servis))
            return Manque(f"une autre solution pour : {jours}", "le conseiller")
        return next(doutes, Manque("", "la personne"))

    @property
    def raison(self) -> str:
        """The sentence that decides."""
        motifs = [m for case in self.cases for m in case.motifs]
        decisif = next((m for v in (Verdict.NON, Verdict.A_VERIFIER) for m in motifs if m.verdict is v), None)
        return decisif.phrase if decisif else "Couvre tout le besoin."


def examiner_moyens(examen: Examen) -> tuple[MoyenExamine, ...]:
    """Every means she said she has, best first; empty when she has none or nobody asked."""
    examines = []
    for moyen in examen.situation.moyens or ():
        cases = tuple(_cases(moyen, examen))
        durees = [case.duree for case in cases if case.duree]
        examines.append(
            MoyenExamine(moyen.type, _NOMS[moyen.type], cases, max(durees, key=lambda d: d.max, default=None))
        )
    ordre = list(Verdict)
    return tuple(
        sorted(examines, key=lambda m: (ordre.index(m.verdict), m.duree.max if m.duree else 1e9, m.type))
    )


def _cases(moyen: Moyen, examen: Examen) -> Iterable[Case]:
    fixes = (*_etat(moyen), *_permis(moyen, examen), *_sante(moyen, examen), *_groupe(moyen, examen))
    for variantes in examen.trajets:
        yield fondre([_case(moyen, fixes, voyage, examen) for voyage in variantes])


def _case(moyen: Moyen, fixes: tuple[Motif, ...], voyage: Voyage, examen: Examen) -> Case:
    mode = MODES_DES_MOYENS[moyen.type]
    trajet = examen.trajet(voyage, mode)
    duree = trajet.duree if trajet else examen.duree_saisie(mode)
    motifs = [*fixes, _temps_connu(duree, examen.besoin), _libre(moyen, voyage, duree, examen.besoin)]
    if not examen.besoin.passages:
        motifs.append(jours_non_dits())
    if moyen.type is TypeMoyen.MARCHE and examen.faits.get("marche_15_min") is False and duree is not None:
        motifs += _marche_courte(duree)
    motifs += effort(mode, duree, voyage, examen)
    return Case(voyage, tuple(motifs), duree)


def _sante(moyen: Moyen, examen: Examen) -> Iterable[Motif]:
    if moyen.type in _MOTORISES:
        yield from avis_medical(examen.faits)
    if moyen.type in (TypeMoyen.VELO, TypeMoyen.VAE) and examen.faits.get("sait_faire_velo") is False:
        yield NE_FAIT_PAS_DE_VELO


def _groupe(moyen: Moyen, examen: Examen) -> Iterable[Motif]:
    personnes = nombre_de_personnes(examen.besoin)
    if en_fauteuil(examen) and moyen.type in _TOUJOURS_LIBRES:
        yield Motif(
            "fauteuil",
            Verdict.A_VERIFIER,
            f"{_NOMS[moyen.type]}, en fauteuil roulant : à voir avec elle.",
            (Manque("si ce trajet se fait en fauteuil roulant", "la personne"),),
        )
    if personnes > 1 and moyen.type in (TypeMoyen.VELO, TypeMoyen.VAE, TypeMoyen.SCOOTER):
        yield deux_roues_a_plusieurs("la personne")
    elif personnes > _PLACES_ORDINAIRES and moyen.type not in _TOUJOURS_LIBRES:
        yield Motif(
            "places",
            Verdict.A_VERIFIER,
            f"Il faut {personnes} places.",
            (Manque(f"s'il y a {personnes} places", "la personne", "moyens"),),
        )


def _marche_courte(duree: Duree) -> Iterable[Motif]:
    """She cannot walk a quarter of an hour."""
    if duree.min >= _QUART_D_HEURE:
        phrase = f"{duree.en_texte()} à pied : plus qu'elle ne peut marcher."
        yield Motif("marche", Verdict.NON, phrase, changerait="Une solution qui la prend chez elle.")
    elif duree.max >= _QUART_D_HEURE:
        phrase = f"{duree.en_texte()} à pied : peut-être plus qu'elle ne peut marcher."
        yield Motif(
            "marche", Verdict.A_VERIFIER, phrase, (Manque("si ce trajet à pied lui va", "la personne"),)
        )


def _etat(moyen: Moyen) -> Iterable[Motif]:
    if moyen.etat is EtatMoyen.EN_PANNE:
        yield Motif("moyen.etat", Verdict.NON, "En panne.", changerait="Une réparation.")
    elif moyen.etat is EtatMoyen.A_VERIFIER and moyen.type in _MOTORISES:
        yield Motif(
            "moyen.etat",
            Verdict.A_VERIFIER,
            "On ne sait pas si elle roule (contrôle technique, assurance).",
            (Manque("l'état de la voiture ou du scooter", "la personne", "moyens"),),
        )


def _permis(moyen: Moyen, examen: Examen) -> Iterable[Motif]:
    situation = examen.situation
    categorie = _MOTORISES.get(moyen.type)
    if categorie is not None:
        vehicule = VehiculeDecrit(categorie)
        yield peut_conduire(situation.permis, situation.annee_naissance, vehicule, examen.contexte.parametres)


def _temps_connu(duree: Duree | None, besoin: Besoin) -> Motif:
    if isinstance(besoin.destination, LieuLibre):
        return lieu_a_verifier(besoin.destination, "la personne")
    if duree is not None:
        return Motif("duree", Verdict.OUI, f"{duree.en_texte()} de trajet.")
    return Motif(
        "duree",
        Verdict.A_VERIFIER,
        "Le temps de trajet n'est pas connu.",
        (Manque("le temps de trajet", "la personne"),),
    )


def _libre(moyen: Moyen, voyage: Voyage, duree: Duree | None, besoin: Besoin) -> Motif:
    passage = voyage.passage
    if moyen.disponible is None:
        if moyen.type in _TOUJOURS_LIBRES:
            return Motif("moyen.disponible", Verdict.OUI, "Toujours libre.")
        return Motif(
            "moyen.disponible",
            Verdict.A_VERIFIER,
            "On ne sait pas quand elle est libre.",
            (Manque("quand cette solution est libre", "la personne", "moyens"),),
        )
    if not besoin.passages or passage.arrivee is None or passage.retour is None or duree is None:
        return Motif(
            "moyen.disponible",
            Verdict.A_VERIFIER,
            "Les heures du déplacement ne sont pas toutes dites.",
            (Manque("les heures du déplacement", "la personne", "besoins.cycle"),),
        )
    sur = _couvre(moyen, voyage, duree.max)
    possible = un_de([sur, _couvre(moyen, voyage, duree.min)])
    if sur is Verdict.OUI:
        return Motif("moyen.disponible", Verdict.OUI, "Libre à ces heures.")
    heures = ", ".join(f"{en_heure(p.de)}–{en_heure(p.a)}" for p in moyen.disponible) or "jamais"
    if possible is Verdict.OUI:
        return Motif(
            "moyen.disponible",
            Verdict.A_VERIFIER,
            f"Libre {heures} : l'heure est juste.",
            (Manque("si quelques minutes de marge sont possibles", "la personne"),),
        )
    return Motif(
        "moyen.disponible", Verdict.NON, f"Libre {heures} seulement.", changerait="S'arranger sur les heures."
    )


def _couvre(moyen: Moyen, voyage: Voyage, minutes: float) -> Verdict:
    """She keeps the car from leaving to coming back; a driver only has to be free for each trip."""
    passage = voyage.passage
    arrivee, retour = passage.arrivee or 0, passage.retour or 0
    if moyen.type is TypeMoyen.PASSAGER and voyage.aller:
        return _dans(moyen, voyage.jour, arrivee - minutes, float(arrivee))
    if moyen.type is TypeMoyen.PASSAGER:
        return _dans(moyen, voyage.jour, float(retour), retour + minutes)
    lendemain = 1440 if retour < arrivee else 0
    return _dans(moyen, passage.jour, arrivee - minutes, retour + lendemain + minutes)


def _dans(moyen: Moyen, jour: Jour, debut: float, fin: float) -> Verdict:
    return Verdict.OUI if couvert(moyen.disponible or (), jour, debut, fin) else Verdict.NON
