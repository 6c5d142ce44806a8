"""Who may drive what: the guard that applies to every vehicle, whatever the operator asks.

Code de la route, R221-4 and following (categories), R211-3 (learning with a companion), R222-1 to
R222-3 and arrêté of 12 January 2012 (foreign licences). Where the text leaves a doubt that only the
préfecture can lift, the answer is À VÉRIFIER. What the law reminds a holder of is in ``rappels_permis``.
"""

from __future__ import annotations

from datetime import date
from math import inf

from mobilite.besoin import CategoriePermis, EtatPermis, Permis
from mobilite.candidate import Boite, CategorieVehicule, VehiculeDecrit
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict

_MOTO = frozenset({CategoriePermis.A1, CategoriePermis.A2, CategoriePermis.A})
_LEGERS = frozenset({CategorieVehicule.VOITURETTE, CategorieVehicule.SCOOTER50})
_NOMS = {
    CategorieVehicule.VOITURE: "une voiture",
    CategorieVehicule.VOITURETTE: "une voiturette",
    CategorieVehicule.SCOOTER50: "un scooter de 50 cm³",
    CategorieVehicule.SCOOTER125: "un scooter de 125 cm³",
}
_AGES = {
    CategorieVehicule.VOITURE: "permis.age_b",
    CategorieVehicule.VOITURETTE: "permis.age_am",
    CategorieVehicule.SCOOTER50: "permis.age_am",
    CategorieVehicule.SCOOTER125: "permis.age_a1",
}
_PREFECTURE = "la préfecture ou France Services"


def peut_conduire(
    permis: Permis | None, annee_naissance: int | None, vehicule: VehiculeDecrit, parametres: Parametres
) -> Motif:
    """Whether the law lets this person drive this vehicle today, and why.

    ``permis=None`` means nobody has said; the verdict is then À VÉRIFIER for a motor vehicle.
    """
    if vehicule.categorie in (CategorieVehicule.VELO, CategorieVehicule.VAE):
        return Motif("droit.permis", Verdict.OUI, "Aucun permis n'est demandé.")
    age = parametres[_AGES[vehicule.categorie]]
    if annee_naissance is not None and parametres.le.year - annee_naissance < age:
        return _non(
            f"{_NOMS[vehicule.categorie].capitalize()} ne se conduit pas avant {age:g} ans.",
            f"Avoir {age:g} ans, et le permis demandé.",
        )
    if vehicule.categorie in _LEGERS and _dispense_am(annee_naissance, parametres) and not _retire(permis):
        return _oui(f"Née avant 1988 : {_NOMS[vehicule.categorie]} se conduit sans permis.")
    if permis is None:
        return _doute(
            f"Le permis pour conduire {_NOMS[vehicule.categorie]} n'est pas connu.",
            Manque("le permis et s'il est valide", "la personne", "permis"),
        )
    if permis.etat is EtatPermis.A_VERIFIER:
        return _doute(
            "On ne sait pas si le permis est valide.", Manque("l'état du permis", "la personne", "permis")
        )
    if vehicule.categorie in _LEGERS:
        return _leger(permis, annee_naissance, vehicule, parametres)
    if permis.etat is not EtatPermis.VALIDE:
        return _non(
            f"Permis {_etat(permis.etat)} : on ne peut pas conduire {_NOMS[vehicule.categorie]}.",
            _retour_du_droit(permis.etat),
        )
    if vehicule.categorie is CategorieVehicule.SCOOTER125:
        return _scooter125(permis, parametres)
    return _voiture(permis, vehicule, parametres)


def _dispense_am(annee_naissance: int | None, parametres: Parametres) -> bool:
    return annee_naissance is not None and annee_naissance < parametres["permis.am_naissance_des"]


def _retire(permis: Permis | None) -> bool:
    return permis is not None and permis.etat is not EtatPermis.VALIDE


def _leger(
    permis: Permis, annee_naissance: int | None, vehicule: VehiculeDecrit, parametres: Parametres
) -> Motif:
    """A voiturette or a 50 cm³: AM, or any fuller licence, unless born before 1988."""
    nom = _NOMS[vehicule.categorie]
    if permis.etat is not EtatPermis.VALIDE:
        # After a suspension or an annulment, what remains allowed depends on the decision itself.
        return _doute(
            f"Permis {_etat(permis.etat)} : le droit de conduire {nom} dépend de la décision reçue.",
            Manque(f"ce que la décision permet de conduire ({nom})", _PREFECTURE),
        )
    if (
        permis.categories & {CategoriePermis.AM, CategoriePermis.B, CategoriePermis.B78}
        | permis.categories & _MOTO
    ):
        return _oui(f"Le permis permet de conduire {nom}.")
    if permis.categories & {CategoriePermis.ETRANGER_EEE, CategoriePermis.ETRANGER_HORS_EEE}:
        return _etranger(permis, parametres)
    if annee_naissance is None:
        return _doute(
            f"Née avant 1988, elle pourrait conduire {nom} sans permis : l'année de naissance n'est pas connue.",
            Manque("l'année de naissance", "la personne", "annee_naissance"),
        )
    return _non(
        f"L'attestation AM (ancien BSR) est demandée pour {nom} quand on est né en 1988 ou après.",
        "Passer l'AM : huit heures de formation.",
    )


def _voiture(permis: Permis, vehicule: VehiculeDecrit, parametres: Parametres) -> Motif:
    if CategoriePermis.B in permis.categories:
        return _oui("Permis B valide.")
    if CategoriePermis.B78 in permis.categories:
        return _automatique(vehicule)
    if permis.categories & {CategoriePermis.ETRANGER_EEE, CategoriePermis.ETRANGER_HORS_EEE}:
        return _etranger(permis, parametres)
    if CategoriePermis.CODE_OBTENU in permis.categories:
        return _non(
            "Le permis B est demandé : elle a le code, et ne conduit qu'avec son accompagnateur.",
            "Obtenir le permis B ; en attendant, la conduite accompagnée ou supervisée, jamais seule.",
        )
    en_chemin = CategoriePermis.CODE_EN_COURS in permis.categories
    detail = "elle le prépare" if en_chemin else "elle ne l'a pas"
    return _non(
        f"Le permis B est demandé : {detail}.", "Obtenir le permis B ; une voiturette dès l'attestation AM."
    )


def _automatique(vehicule: VehiculeDecrit) -> Motif:
    if vehicule.boite is Boite.AUTOMATIQUE:
        return _oui("Permis B boîte automatique, et la voiture est automatique.")
    if vehicule.boite is None:
        return _doute(
            "Son permis vaut pour les boîtes automatiques : la boîte de cette voiture n'est pas dite.",
            Manque("si la boîte est automatique", "le partenaire"),
        )
    return _non(
        "Son permis vaut pour les boîtes automatiques : cette voiture a une boîte manuelle.",
        "Une formation de 7 heures lève cette restriction, ou une voiture automatique.",
    )


def _etranger(permis: Permis, parametres: Parametres) -> Motif:
    if CategoriePermis.ETRANGER_EEE in permis.categories:
        return _doute(
            "Un permis européen vaut en France : sa catégorie et sa date sont à voir.",
            Manque(
                "la catégorie et la date de fin du permis européen", "la personne, permis en main", "permis"
            ),
        )
    mois = parametres["permis.etranger_mois"]
    return _doute(
        f"Un permis hors Europe vaut {mois:g} mois après l'installation, puis s'échange. Sous protection "
        "temporaire, ou avec une demande d'échange déposée, d'autres règles valent.",
        Manque("la date d'installation, et la demande d'échange ou la protection temporaire", _PREFECTURE),
    )


def _scooter125(permis: Permis, parametres: Parametres) -> Motif:
    if permis.categories & _MOTO:
        return _oui("Permis moto valide.")
    if CategoriePermis.B in permis.categories:
        ans = parametres["permis.a1_par_b_ans"]
        if _anciennete_au_plus(permis, parametres.le) < ans:
            return _non(
                f"Un 125 cm³ demande le permis B depuis {ans:g} ans.",
                f"Attendre {ans:g} ans de permis B, puis 7 heures de formation.",
            )
        return _doute(
            f"Un 125 cm³ demande le permis B depuis {ans:g} ans et 7 heures de formation.",
            Manque("l'attestation des 7 heures de formation 125 cm³", "la personne", "permis"),
        )
    if permis.categories & {CategoriePermis.ETRANGER_EEE, CategoriePermis.ETRANGER_HORS_EEE}:
        return _etranger(permis, parametres)
    return _non("Un permis moto, ou B avec formation, est demandé.", "Obtenir le permis A1.")


def _anciennete_au_plus(permis: Permis, le: date) -> float:
    """The most years she may have held it, from the date or the year that is known."""
    if permis.obtenu_le is not None:
        return (le - permis.obtenu_le).days / 365.25
    return inf if permis.obtenu_en is None else le.year - permis.obtenu_en


def _etat(etat: EtatPermis) -> str:
    return {"suspendu": "suspendu", "annule": "annulé", "invalide": "invalidé"}[etat.value]


def _retour_du_droit(etat: EtatPermis) -> str:
    if etat is EtatPermis.SUSPENDU:
        return "Attendre la fin de la suspension, puis la visite médicale demandée."
    return "Repasser le permis, après le délai de la décision."


def _oui(phrase: str) -> Motif:
    return Motif("droit.permis", Verdict.OUI, phrase)


def _non(phrase: str, changerait: str) -> Motif:
    return Motif("droit.permis", Verdict.NON, phrase, changerait=changerait)


def _doute(phrase: str, *manques: Manque) -> Motif:
    return Motif("droit.permis", Verdict.A_VERIFIER, phrase, manques)
