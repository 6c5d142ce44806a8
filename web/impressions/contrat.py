"""The contract of a stay with a vehicle: who, what, when, how much, by which rules; and the sheets that were signed.

What is not known is said to be, and what is not signed yet leaves a line to sign by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mobilite.base import jour_local
from mobilite.candidate import Prix
from mobilite.decompte import Decompte
from mobilite.etat_des_lieux import CautionConclue, EtatDesLieux, SortCaution
from mobilite.flotte import dernier_jour
from mobilite.motif_reservation import SansCaution
from mobilite.points_de_controle import Equipement
from mobilite.reservation import Reservation
from web.affiche import prix_en_mots
from web.formats import entier, euros, heure, jour_annee, telephone

_A_VERIFIER = "à vérifier"
_JOURS_COMPTES = (
    "du jour des clés au jour du retour, les deux compris ; la veille du premier jour n'est pas comptée, un "
    "jour de retard l'est, et un même jour n'est jamais compté deux fois"
)


@dataclass(frozen=True, slots=True)
class Sejour:
    """Everything the contract is made of; what the reader may not see has already been left out.

    ``emprunteur`` is the name to print, ``joindre`` her telephone or an empty text. ``prix`` and
    ``km_max_jour`` are those signed at the departure, else today's. ``phrases`` say what changed
    between the two sheets.
    """

    reservation: Reservation
    emprunteur: str
    joindre: str
    prix: Prix
    km_max_jour: float | None
    regles: Sequence[str]
    depart: EtatDesLieux | None
    retour: EtatDesLieux | None
    phrases: Sequence[str]
    decompte: Decompte | None
    caution: CautionConclue | None


def contenu_contrat(sejour: Sejour, *, etabli_le: datetime) -> dict[str, Any]:
    """Everything the paper shows, as JSON-able values, every figure already written in French."""
    reservation = sejour.reservation
    vehicule, structure = reservation.vehicule, reservation.vehicule.offre.structure
    fictif = structure.demonstration or vehicule.offre.demonstration
    return {
        "titre": f"Contrat : {vehicule.libelle}",
        "etabli": f"Établi le {jour_annee(etabli_le)} à {heure(etabli_le)}.",
        "demonstration": "Démonstration : personnes, véhicules et prix inventés, sans valeur."
        if fictif
        else "",
        "parties": _lignes(
            ("La structure qui prête", structure.nom),
            ("Son téléphone", telephone(structure.telephone) if structure.telephone else ""),
            ("La personne qui emprunte", sejour.emprunteur),
            ("La joindre", telephone(sejour.joindre) if sejour.joindre else ""),
        ),
        "vehicule": _lignes(
            ("Véhicule", f"{vehicule.libelle} ({vehicule.categorie.libelle})"),
            ("Immatriculation", vehicule.immatriculation or _A_VERIFIER)
            if vehicule.categorie.moteur
            else ("", ""),
            ("Énergie", vehicule.energie.libelle if vehicule.energie else _A_VERIFIER),
            ("Offre", vehicule.offre.nom),
        ),
        "dates": _lignes(
            ("Départ", jour_annee(jour_local(reservation.debut))),
            ("Retour, au plus tard", jour_annee(dernier_jour(reservation.fin))),
            ("Place confirmée par", _confirmee(reservation)),
        ),
        "prix": _lignes(
            ("Prix", prix_en_mots(sejour.prix)),
            ("Jours comptés", _JOURS_COMPTES),
            ("Caution", _caution(sejour)),
            ("Kilomètres", _km(sejour.km_max_jour)),
        ),
        "regles": list(sejour.regles),
        "feuilles": [
            _feuille("État des lieux du départ", sejour.depart),
            _feuille("État des lieux du retour", sejour.retour),
        ],
        "ecarts": list(sejour.phrases),
        "compte": _compte(sejour.decompte),
        "fin": _fin(sejour.caution),
        "panne": f"En cas de panne ou d'accident : {telephone(structure.telephone)}"
        if structure.telephone
        else "En cas de panne ou d'accident : numéro à demander à la structure",
        "signatures": [
            _signatures("Au départ", sejour.depart, sejour),
            _signatures("Au retour", sejour.retour, sejour),
        ],
    }


def _lignes(*lignes: tuple[str, str]) -> list[dict[str, str]]:
    return [{"libelle": libelle, "valeur": valeur} for libelle, valeur in lignes if valeur]


def _confirmee(reservation: Reservation) -> str:
    if reservation.place_confirmee_par is None or reservation.place_confirmee_le is None:
        return ""
    return f"{reservation.place_confirmee_par}, {jour_annee(reservation.place_confirmee_le)}"


def _caution(sejour: Sejour) -> str:
    if not sejour.prix.caution:
        return "aucune"
    somme = euros(sejour.prix.caution)
    reservation = sejour.reservation
    if reservation.caution_vue_le is not None:
        return f"{somme}, vue le {jour_annee(reservation.caution_vue_le)}, rendue au retour si rien ne manque"
    if reservation.sans_caution is SansCaution.AVANCEE:
        return f"{somme}, garantie par un fonds d'aide ou un prescripteur"
    if reservation.sans_caution is not None:
        raison = reservation.sans_caution.libelle
        return f"{somme}, pas demandée : {raison[:1].lower()}{raison[1:]}"
    return f"{somme}, {_A_VERIFIER}"


def _km(km_max_jour: float | None) -> str:
    if km_max_jour is None:
        return "pas de limite dite"
    return f"{entier(km_max_jour)} km par jour prévus ; au-delà, on en parle : rien n'est facturé en plus"


def _feuille(titre: str, etat: EtatDesLieux | None) -> dict[str, Any]:
    if etat is None or etat.signe_le is None:
        return {"titre": titre, "lignes": [], "signe": "Pas encore signé.", "remarques": []}
    equipements = [
        f"{Equipement(code).libelle} : {'là' if la else 'manque'}" for code, la in etat.equipements.items()
    ]
    dommages = [dommage.phrase for dommage in etat.lire_dommages()]
    nombre = len(etat.photos)
    return {
        "titre": titre,
        "lignes": _lignes(
            ("Kilomètres", f"{entier(etat.km)} km" if etat.km is not None else "pas notés"),
            (etat.jauge.libelle if etat.jauge else "", etat.niveau_dit),
            ("Propreté", etat.proprete.libelle if etat.proprete else "pas notée"),
            ("Équipement", " ; ".join(equipements) or "pas regardé"),
            ("Dommages", " ; ".join(dommages) or "aucun noté"),
            ("À noter", etat.observations),
            ("Photos", f"{nombre}, gardées avec cette feuille" if nombre else "aucune"),
        ),
        "signe": f"Signé le {jour_annee(etat.signe_le)} à {heure(etat.signe_le)}.",
        "remarques": [
            f"{r.texte} ({r.nom}, {jour_annee(r.ecrite_le)} à {heure(r.ecrite_le)})" for r in etat.remarques
        ],
    }


def _compte(decompte: Decompte | None) -> dict[str, Any] | None:
    if decompte is None:
        return None
    return {
        "lignes": [
            {
                "libelle": ligne.libelle,
                "detail": ligne.detail,
                "montant": _A_VERIFIER if ligne.centimes is None else euros(ligne.centimes / 100),
                "origine": ligne.origine,
            }
            for ligne in decompte.lignes
        ],
        "total_dit": "À payer" if decompte.complet else "Connu à ce jour, sans ce qui est à vérifier",
        "total": euros(decompte.total_centimes / 100),
    }


def _fin(caution: CautionConclue | None) -> str:
    if caution is None:
        return ""
    if caution.sort is SortCaution.RETENUE and caution.retenue_centimes is not None:
        return f"Caution : {euros(caution.retenue_centimes / 100)} retenus. {caution.motif}"
    return f"Caution : {caution.sort.libelle.lower()}."


def _signatures(quand: str, etat: EtatDesLieux | None, sejour: Sejour) -> dict[str, str]:
    """The two names that signed, or two lines to sign by hand."""
    if etat is not None and etat.signe_le is not None:
        signe = f"{jour_annee(etat.signe_le)} à {heure(etat.signe_le)}"
        return {
            "quand": f"{quand}, {signe}",
            "structure": f"{etat.nom_structure} : « {etat.mention_structure} »",
            "personne": f"{etat.nom_personne} : « {etat.mention_personne} »",
        }
    return {
        "quand": f"{quand}, le :",
        "structure": "Pour la structure, nom et « lu et approuvé » :",
        "personne": f"{sejour.emprunteur}, « lu et approuvé » :",
    }
