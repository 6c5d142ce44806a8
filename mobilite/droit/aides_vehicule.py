"""Aids to have a vehicle: the microcrédit, the State's bonuses and what has become of them."""

from __future__ import annotations

from mobilite.droit.aide import Aide, Objet, dit, doute, entre, periode
from mobilite.droit.montant import Montant, Versement, en_euros
from mobilite.faits import Faits
from mobilite.parametres import Parametres


def microcredit(faits: Faits, p: Parametres) -> Aide:
    """The microcrédit personnel accompagné, half of it guaranteed by the Fonds de cohésion sociale."""
    code, cle = "microcredit", "aide.microcredit"
    qui = "un organisme d'accompagnement social, puis la banque"
    taux = f"{p['aide.microcredit_taux_min']:g} à {p['aide.microcredit_taux_max']:g} % par an".replace(
        ".", ","
    )
    return Aide(
        code=code,
        nom="Microcrédit personnel",
        objet=Objet.VEHICULE,
        phrase=f"Jusqu'à {en_euros(p[cle])} prêtés à {taux}, pour un véhicule, une réparation ou le permis, avec "
        "quelqu'un qui aide à monter le dossier.",
        motifs=(
            entre(code, faits, "age", 18, 120, "Elle est majeure."),
            dit(code, faits, "compte_bancaire", True, "Elle a un compte bancaire."),
            doute(
                code,
                "La banque accepte le prêt, et le remboursement tient dans son budget.",
                "si elle peut rembourser chaque mois",
                qui,
            ),
            periode(code, cle, p, qui),
        ),
        qui=qui,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        montant=Montant(0, p[cle], Versement.PRET),
    )


def leasing_social(faits: Faits, p: Parametres) -> Aide:
    """The electric car rented at a low price: opened in September 2025, what follows is not known."""
    code, cle = "leasing_social", "aide.leasing_social_mois"
    qui = "un concessionnaire qui le propose"
    return Aide(
        code=code,
        nom="Leasing social d'une voiture électrique",
        objet=Objet.VEHICULE,
        phrase=f"Une voiture électrique louée moins de {en_euros(p[cle])} par mois aux ménages modestes qui roulent "
        "pour travailler, tant que l'enveloppe dure.",
        motifs=(
            periode(code, cle, p, qui),
            doute(
                code,
                "Ses revenus et ses trajets pour le travail entrent dans les conditions de l'année.",
                "les conditions de l'année et s'il reste des voitures",
                qui,
            ),
        ),
        qui=qui,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        fin=p.ligne(cle).valable_au,
    )


def bonus_velo(p: Parametres) -> Aide:
    """The State's bonus for a bicycle, ended on 14 February 2025."""
    return _finie(
        "bonus_velo", "aide.bonus_velo", "Bonus vélo de l'État", "Une aide à l'achat d'un vélo électrique.", p
    )


def prime_conversion(p: Parametres) -> Aide:
    """The prime à la conversion, ended on 2 December 2024."""
    return _finie(
        "prime_conversion",
        "aide.prime_conversion",
        "Prime à la conversion",
        "Une aide pour changer une vieille voiture.",
        p,
    )


def _finie(code: str, cle: str, nom: str, phrase: str, p: Parametres) -> Aide:
    ligne = p.ligne(cle)
    return Aide(
        code=code,
        nom=nom,
        objet=Objet.VEHICULE,
        phrase=phrase,
        motifs=(periode(code, cle, p, "l'Agence de services et de paiement (ASP)"),),
        qui="l'Agence de services et de paiement (ASP)",
        source=ligne.source,
        verifiee_le=ligne.verifie_le,
        fin=ligne.valable_au,
    )
