"""All the rules for one passenger and one driver, each with its name, its value and its sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from matching.covoiturage.jours_communs import jours_servis, motif_des_jours
from matching.covoiturage.rendez_vous import motif_de_l_heure
from matching.covoiturage.trajets import (
    MS,
    Arret,
    Compatibilite,
    DemandePassager,
    Etapes,
    Regles,
    dire_plage,
)
from mobilite.conducteur import TrajetConducteur
from mobilite.lieux import JAMAIS
from mobilite.verdict import Manque, Motif, Verdict, tous


def juger(
    trajet: TrajetConducteur,
    demande: DemandePassager,
    prise: Arret,
    depose: Arret,
    etapes: Etapes,
    regles: Regles,
    feries: frozenset[date] = frozenset(),
) -> Compatibilite:
    """All the rules for one pair and one couple of stops."""
    qui = _qui(trajet)
    motifs = [
        *_accord(demande),
        *_a_bord(trajet, demande),
        *_places(trajet, demande),
        *_marche(demande, prise, depose),
    ]
    services = {d: jours_servis(trajet.agenda, demande.agenda, d, feries) for d in (0, -1, 1)}
    service, monte, descend = services[0], None, None
    if etapes.total[0] >= JAMAIS or etapes.direct[0] >= JAMAIS:
        motifs.append(_PAS_DE_CHEMIN)
    else:
        motifs.append(_detour(trajet, etapes, regles))
        heures = [
            (motif_de_l_heure(trajet, demande, prise, depose, etapes, regles, d, qui), d)
            for d in services
            if services[d].servis and (d == 0 or demande.heure is not None)
        ]
        # The evening before or the morning after count only when the hours meet across midnight.
        heures = [h for h in heures if h[1] == 0 or h[0][0].verdict is not Verdict.NON]
        if heures:
            (motif, monte, descend), choisi = min(
                heures,
                key=lambda h: (
                    _ORDRE[tous([h[0][0].verdict, services[h[1]].verdict])],
                    len(services[h[1]].manquants),
                    abs(h[1]),
                ),
            )
            service = services[choisi]
            motifs.append(motif)
    motifs.append(motif_des_jours(service, qui))
    return Compatibilite(trajet, demande, prise, depose, etapes, tuple(motifs), service, monte, descend)


_ORDRE = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}
_PAS_DE_CHEMIN = Motif(
    "covoiturage.chemin",
    Verdict.NON,
    "Aucune route ne mène par là.",
    changerait="Un autre point de rencontre.",
)


def _accord(demande: DemandePassager) -> Iterable[Motif]:
    if demande.accord is Verdict.NON:
        yield Motif(
            "covoiturage.accord",
            Verdict.NON,
            "Elle ne souhaite pas covoiturer.",
            changerait="Si elle change d'avis.",
        )
    elif demande.accord is Verdict.A_VERIFIER:
        yield Motif(
            "covoiturage.accord",
            Verdict.A_VERIFIER,
            "On ne lui a pas demandé si elle accepte de covoiturer.",
            (Manque("l'accord pour le covoiturage", "la personne", "D12_covoiturage"),),
        )


def _a_bord(trajet: TrajetConducteur, demande: DemandePassager) -> Iterable[Motif]:
    for besoin in sorted(demande.besoins):
        regle = f"covoiturage.{besoin}"
        if besoin in trajet.refuse:
            yield Motif(
                regle,
                Verdict.NON,
                f"Pas possible avec lui : {besoin.libelle}.",
                changerait="Un autre conducteur.",
            )
        elif besoin not in trajet.prend:
            yield Motif(
                regle,
                Verdict.A_VERIFIER,
                f"À demander au conducteur : {besoin.libelle}.",
                (Manque(f"si c'est possible : {besoin.libelle}", _qui(trajet)),),
            )


def _places(trajet: TrajetConducteur, demande: DemandePassager) -> Iterable[Motif]:
    if trajet.places is None:
        yield Motif(
            "covoiturage.places",
            Verdict.A_VERIFIER,
            f"Le nombre de places n'est pas dit : il en faut {demande.places}.",
            (Manque(f"s'il y a {demande.places} place{_s(demande.places)}", _qui(trajet)),),
        )
    elif trajet.places < demande.places:
        yield Motif(
            "covoiturage.places",
            Verdict.NON,
            f"{trajet.places} place{_s(trajet.places)} libre{_s(trajet.places)} : il en faut {demande.places}.",
            changerait="Une place qui se libère, ou une voiture plus grande.",
        )


def _marche(demande: DemandePassager, *arrets: Arret) -> Iterable[Motif]:
    for arret in arrets:
        if arret.marche.max == 0:
            continue
        verdict = arret.marche.tient_en(demande.marche_max)
        phrase = f"Rendez-vous : {arret.nom}, {arret.marche.en_texte()} à pied"
        if verdict is Verdict.OUI:
            yield Motif("covoiturage.marche", verdict, f"{phrase}.")
        elif verdict is Verdict.NON:
            yield Motif(
                "covoiturage.marche",
                verdict,
                f"{phrase}, pour {demande.marche_max:g} min au plus.",
                changerait="Un point de rencontre plus près.",
            )
        else:
            manque = Manque(f"si elle peut aller à pied : {arret.nom}", "la personne")
            yield Motif("covoiturage.marche", verdict, f"{phrase}, à vérifier.", (manque,))


def _detour(trajet: TrajetConducteur, etapes: Etapes, regles: Regles) -> Motif:
    (bas, haut), (permis_bas, permis) = etapes.ajoute, regles.detour_permis(trajet, etapes.direct)
    au_plus = f"{permis // MS} min au plus"
    if haut <= permis_bas:
        return Motif("covoiturage.detour", Verdict.OUI, f"Détour de {dire_plage(bas, haut)} ({au_plus}).")
    if bas > permis:
        return Motif(
            "covoiturage.detour",
            Verdict.NON,
            f"Détour d'au moins {bas // MS} min : {au_plus} pour ce conducteur."
            if bas // MS > permis // MS
            else f"Détour d'un peu plus de {permis // MS} min : {au_plus} pour ce conducteur.",
            changerait="Un point de rencontre plus près de sa route, ou son accord.",
        )
    mots = f"de {dire_plage(bas, haut)}" if haut < JAMAIS else "inconnu"
    return Motif(
        "covoiturage.detour",
        Verdict.A_VERIFIER,
        f"Détour {mots}, pour {au_plus} : à mesurer.",
        (Manque("le lieu exact de départ et d'arrivée de chacun", _qui(trajet)),),
    )


def _qui(trajet: TrajetConducteur) -> str:
    return trajet.structure or "le conducteur"


def _s(nombre: int) -> str:
    return "s" if nombre > 1 else ""
