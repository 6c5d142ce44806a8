"""Aids to learn to drive: national, of the Département, of the Grand Verdun, of the person's account.

Each figure is a dated row of ``parametres.toml`` that says its text; local aids come from the press
and from public catalogues and stay À VÉRIFIER with whoever gives them.
"""

from __future__ import annotations

from mobilite.droit.aide import (
    Aide,
    Cumul,
    Objet,
    dit,
    doute,
    entre,
    inconnu,
    manquee,
    non,
    parmi,
    periode,
    regle,
)
from mobilite.droit.aides_trajet import FRANCE_TRAVAIL
from mobilite.droit.montant import Montant, Versement, en_euros
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Motif, Verdict

GRAND_VERDUN = "200049187"
"""The SIREN of the Communauté d'agglomération du Grand Verdun."""


def permis_france_travail(faits: Faits, p: Parametres) -> Aide:
    """France Travail's aid to the licence B."""
    code, cle = "permis_france_travail", "aide.permis_ft"
    mois = p["aide.permis_ft_inscription"]
    return Aide(
        code=code,
        nom="Aide de France Travail au permis B",
        objet=Objet.PERMIS,
        phrase=f"Jusqu'à {en_euros(p[cle])} versés à l'auto-école, quand le permis manque pour travailler. "
        "Dans la limite du budget de France Travail.",
        motifs=(
            *_a_passer(code, faits),
            parmi(
                code,
                faits,
                "statuts",
                frozenset({"demandeur_emploi", "rsa", "cej"}),
                "Elle est inscrite à France Travail.",
            ),
            _sans_minimum(code, faits),
            doute(
                code,
                "Elle ne touche pas l'ARE, ou seulement l'ARE minimale.",
                "si elle touche l'ARE, et combien",
                FRANCE_TRAVAIL,
            ),
            doute(
                code,
                f"Inscrite depuis {mois:g} mois, ou promesse d'embauche de 3 mois au moins ; budget disponible.",
                "son ancienneté d'inscription et le budget qui reste",
                FRANCE_TRAVAIL,
            ),
        ),
        qui=FRANCE_TRAVAIL,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        montant=Montant(0, p[cle], Versement.UNE_FOIS),
        cumul=Cumul.SUBSIDIAIRE,
    )


def _sans_minimum(code: str, faits: Faits) -> Motif:
    """RSA and AAH close this aid in openfisca; no current text read here says it: a doubt."""
    statuts = faits.get("statuts")
    if isinstance(statuts, frozenset) and statuts & {"rsa", "aah", "retraite"}:
        return doute(
            code,
            "Au RSA, à l'AAH ou à la retraite, cette aide est peut-être fermée.",
            "si cette aide reste ouverte avec son allocation",
            FRANCE_TRAVAIL,
        )
    return Motif(regle(code), Verdict.OUI, "Aucune allocation connue ne ferme cette aide.")


def permis_un_euro(faits: Faits, p: Parametres) -> Aide:
    """The loan without interest, one euro a day: décret 2005-1225."""
    code, bas, haut = "permis_un_euro", "aide.permis_un_euro_age_min", "aide.permis_un_euro_age_max"
    return Aide(
        code=code,
        nom="Permis à 1 € par jour",
        objet=Objet.PERMIS,
        phrase="Un prêt sans intérêt pour payer l'auto-école, remboursé 30 € par mois au plus, une fois par "
        "catégorie de permis.",
        motifs=(
            *_a_passer(code, faits),
            entre(code, faits, "age", p[bas], p[haut], f"Elle a de {p[bas]:g} à {p[haut]:g} ans."),
            doute(
                code,
                "L'auto-école a signé la convention, et la banque accepte le prêt.",
                "si l'auto-école est partenaire, et qui se porte caution",
                "l'auto-école, puis la banque",
            ),
        ),
        qui="l'auto-école partenaire, puis la banque",
        source=p.ligne(bas).source,
        verifiee_le=p.ligne(bas).verifie_le,
        montant=Montant(p["aide.permis_un_euro_min"], p["aide.permis_un_euro_max"], Versement.PRET),
        cumul=Cumul.LIBRE,
    )


def bourse_meuse(faits: Faits, p: Parametres, *, en_meuse: bool | None) -> Aide:
    """The Bourse au permis of the Département and the intercommunalités that chose it."""
    code, cle, qui = "bourse_permis_meuse", "aide.permis_meuse_max", "Roul'en Meuse, 03 29 75 32 30"
    bas, haut = p["aide.permis_meuse_age_min"], p["aide.permis_meuse_age_max"]
    return Aide(
        code=code,
        nom="Bourse au permis de la Meuse",
        objet=Objet.PERMIS,
        phrase=f"De {en_euros(p['aide.permis_meuse_min'])} à {en_euros(p[cle])} selon le quotient familial, contre "
        "un engagement bénévole, là où l'intercommunalité participe.",
        motifs=(
            *_a_passer(code, faits),
            entre(code, faits, "age", bas, haut, f"Elle a de {bas:g} à {haut:g} ans."),
            _habite(code, en_meuse, "Elle habite la Meuse."),
            periode(code, cle, p, qui),
        ),
        qui=qui,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        montant=Montant(p["aide.permis_meuse_min"], p[cle], Versement.UNE_FOIS),
        fin=p.ligne(cle).valable_au,
    )


def bourse_grand_verdun(faits: Faits, p: Parametres, *, epci: str | None) -> Aide:
    """The aid of the Grand Verdun against volunteering, through the mission locale."""
    code, cle, qui = "permis_grand_verdun", "aide.permis_verdun", "la mission locale du Nord meusien"
    bas, haut = p["aide.permis_verdun_age_min"], p["aide.permis_verdun_age_max"]
    return Aide(
        code=code,
        nom="Aide au permis du Grand Verdun",
        objet=Objet.PERMIS,
        phrase=f"{en_euros(p[cle])} contre {p['aide.permis_verdun_heures']:g} heures de bénévolat, dans les "
        "quartiers prioritaires, par la mission locale.",
        motifs=(
            *_a_passer(code, faits),
            entre(code, faits, "age", bas, haut, f"Elle a de {bas:g} à {haut:g} ans."),
            _habite(code, None if epci is None else epci == GRAND_VERDUN, "Elle habite le Grand Verdun."),
            doute(
                code,
                "Elle habite un quartier prioritaire.",
                "si son adresse est en quartier prioritaire",
                qui,
            ),
            periode(code, cle, p, qui),
        ),
        qui=qui,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        montant=Montant(p[cle], p[cle], Versement.UNE_FOIS),
    )


def permis_apprenti(faits: Faits, p: Parametres) -> Aide:
    """The 500 euros of apprentices, ended on 1 January 2026."""
    code, cle, qui = "permis_apprenti", "aide.permis_apprenti", "le centre de formation (CFA)"
    age = p["aide.permis_apprenti_age"]
    return Aide(
        code=code,
        nom="Aide au permis des apprentis",
        objet=Objet.PERMIS,
        phrase=f"{en_euros(p[cle])} pour les apprentis de {age:g} ans ou plus.",
        motifs=(
            periode(code, cle, p, qui),
            *_a_passer(code, faits),
            parmi(code, faits, "statuts", frozenset({"apprenti"}), "Elle est apprentie."),
            entre(code, faits, "age", age, 120, f"Elle a {age:g} ans ou plus."),
        ),
        qui=qui,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
        montant=Montant(p[cle], p[cle], Versement.UNE_FOIS),
        fin=p.ligne(cle).valable_au,
        cumul=Cumul.LIBRE,
    )


def permis_cpf(faits: Faits, p: Parametres) -> Aide:
    """The compte personnel de formation, narrowed in 2026: the décret was not read."""
    code, cle, qui = "permis_cpf", "aide.permis_cpf_tiers", "moncompteformation.gouv.fr ou France Travail"
    return Aide(
        code=code,
        nom="Compte personnel de formation (CPF)",
        objet=Objet.PERMIS,
        phrase="Les droits du compte peuvent payer le permis d'une personne en recherche d'emploi, ou avec "
        f"{en_euros(p[cle])} au moins payés par un tiers.",
        motifs=(
            *_a_passer(code, faits),
            periode(code, cle, p, qui),
            doute(code, "Il y a des droits sur son compte.", "les droits qui restent sur son compte", qui),
        ),
        qui=qui,
        source=p.ligne(cle).source,
        verifiee_le=p.ligne(cle).verifie_le,
    )


def _habite(code: str, oui: bool | None, phrase: str) -> Motif:
    if oui is None:
        return inconnu(code, "residence", phrase)
    if oui:
        return Motif(regle(code), Verdict.OUI, phrase)
    return manquee(code, phrase, "Demander à sa mairie et à sa mission locale.")


def _a_passer(code: str, faits: Faits) -> list[Motif]:
    """There is a licence to obtain, and she wants it."""
    motifs = []
    permis = faits.get("permis")
    phrase = "Elle n'a pas le permis B."
    if not isinstance(permis, frozenset):
        motifs.append(inconnu(code, "permis", phrase))
    elif permis & {"B", "B78"}:
        motifs.append(non(code, "Elle a déjà le permis B.", "Rien : le permis est acquis."))
    elif "suspendu" in permis:
        motifs.append(
            non(
                code,
                "Son permis est suspendu : il se récupère sans le repasser.",
                "La fin de la suspension et la visite médicale.",
            )
        )
    elif permis & {"annule", "invalide"}:
        motifs.append(
            doute(
                code,
                "Son permis est à repasser après une annulation ou une invalidation.",
                "si l'aide vaut pour repasser le permis",
                "qui donne l'aide",
            )
        )
    else:
        motifs.append(Motif(regle(code), Verdict.OUI, phrase))
    return [*motifs, dit(code, faits, "projet_permis", True, "Elle veut passer le permis.")]
