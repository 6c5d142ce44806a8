"""Rights to open first (C2S, RSA: they open others), and what local purses may pay case by case."""

from __future__ import annotations

from mobilite.droit.aide import Aide, Cumul, Objet, dit, doute, entre, inconnu, manquee, non, parmi, regle
from mobilite.droit.montant import Montant, Versement
from mobilite.droit.ressources import forfait_rsa, sous_plafond, sous_rsa
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict


def complementaire_sante(faits: Faits, p: Parametres) -> Aide:
    """The Complémentaire santé solidaire: without it she may pass by one criterion of the transport solidaire."""
    code, qui = "c2s", "la CPAM ou la MSA"
    gratuite, participation = (sous_plafond(nom, faits, p) for nom in ("c2s_gratuite", "c2s_participation"))
    phrase = "Ses ressources passent sous le plafond de son foyer."
    manques = _ressources_a_dire(faits) or (Manque("ses ressources des douze derniers mois", qui),)
    if Verdict.OUI in (gratuite, participation):
        avec = "" if gratuite is Verdict.OUI else ", avec une participation"
        ressources = Motif(regle(code), Verdict.OUI, f"{phrase[:-1]}{avec}.")
    elif participation is Verdict.NON:
        ressources = manquee(code, phrase, "Une baisse de ressources, ou un foyer plus grand.")
    else:
        ressources = Motif(regle(code), Verdict.A_VERIFIER, phrase, manques)
    ligne = p.ligne("plafond.c2s_gratuite_1")
    return Aide(
        code=code,
        nom="Complémentaire santé solidaire",
        objet=Objet.DROITS,
        phrase="Elle paie les soins, et ouvre le transport solidaire vers toute destination.",
        motifs=(dit(code, faits, "c2s", False, "Elle ne l'a pas encore."), ressources),
        qui=qui,
        source=ligne.source,
        verifiee_le=ligne.verifie_le,
        fin=ligne.valable_au,
        cumul=Cumul.LIBRE,
    )


def revenu_de_solidarite(faits: Faits, p: Parametres) -> Aide:
    """The RSA that she may not have asked for. Never OUI: the CAF alone counts what is taken off."""
    code, qui = "rsa", "la CAF ou la MSA"
    age = p["rsa.age"]
    ligne = p.ligne("rsa.base")
    foyer = faits.get("foyer_personnes")
    return Aide(
        code=code,
        nom="Revenu de solidarité active (RSA)",
        objet=Objet.DROITS,
        phrase="Un revenu minimum ; il ouvre aussi le transport solidaire et des aides du Département.",
        motifs=(
            _sans_rsa(code, faits),
            _age_rsa(code, faits, age),
            _sous_rsa(code, faits, p, qui),
        ),
        qui=qui,
        source=ligne.source,
        verifiee_le=ligne.verifie_le,
        montant=Montant(0, forfait_rsa(int(foyer[1]), p)[1], Versement.PAR_MOIS)
        if isinstance(foyer, tuple) and foyer[1] >= 1
        else None,
        fin=ligne.valable_au,
    )


def _sans_rsa(code: str, faits: Faits) -> Motif:
    statuts = faits.get("statuts")
    if not isinstance(statuts, frozenset):
        return inconnu(code, "statuts", "Elle ne touche pas le RSA.")
    if "rsa" in statuts:
        return non(code, "Elle touche déjà le RSA.", "Rien : le droit est ouvert.")
    return Motif(regle(code), Verdict.OUI, "Elle ne touche pas le RSA.")


def _sous_rsa(code: str, faits: Faits, p: Parametres, qui: str) -> Motif:
    phrase = "Ses ressources sont sous le montant du RSA de son foyer."
    if sous_rsa(faits, p) is Verdict.NON:
        return manquee(code, phrase, "Une baisse de ressources, ou un foyer plus grand.")
    estimation = Manque("une estimation sur les trois derniers mois", qui)
    return Motif(regle(code), Verdict.A_VERIFIER, phrase, _ressources_a_dire(faits) or (estimation,))


def _age_rsa(code: str, faits: Faits, age: float) -> Motif:
    motif = entre(code, faits, "age", age, 120, f"Elle a {age:g} ans ou plus.")
    if motif.verdict is not Verdict.NON:
        return motif
    return doute(
        code,
        f"Avant {age:g} ans, le RSA demande un enfant à charge, ou d'avoir beaucoup travaillé.",
        "si elle a un enfant à charge ou assez travaillé",
        "la CAF ou la MSA",
    )


def _ressources_a_dire(faits: Faits) -> tuple[Manque, ...]:
    manques = []
    if "ressources_mois" not in faits:
        manques.append(Manque("les ressources du foyer", "la personne", "ressources_mois"))
    if "foyer_personnes" not in faits:
        manques.append(Manque("le nombre de personnes du foyer", "la personne", "foyer_personnes"))
    return tuple(manques)


def aides_locales(faits: Faits, p: Parametres) -> tuple[Aide, ...]:
    """Purses whose rules are local: no figure is known here, whom to ask is."""
    return (
        _locale(
            "insertion_departement",
            "Aide individuelle d'insertion du Département",
            "Pour une personne au RSA, une aide décidée au cas par cas : réparation, location, permis.",
            (parmi("insertion_departement", faits, "statuts", frozenset({"rsa"}), "Elle touche le RSA."),),
            "son référent, à la Maison de la Solidarité",
            p,
        ),
        _locale(
            "fonds_aide_jeunes",
            "Fonds d'aide aux jeunes (FAJ)",
            "Un secours ou un coup de pouce à un projet, décidé au cas par cas.",
            (entre("fonds_aide_jeunes", faits, "age", 18, 25, "Elle a de 18 à 25 ans."),),
            "la mission locale",
            p,
        ),
        _locale(
            "ccas",
            "Secours du CCAS ou de la mairie",
            "Un secours, un prêt ou un bon, selon la commune.",
            (),
            "le CCAS ou la mairie de sa commune",
            p,
        ),
    )


def _locale(code: str, nom: str, phrase: str, conditions: tuple[Motif, ...], qui: str, p: Parametres) -> Aide:
    regles = doute(
        code, "Les règles et les montants sont locaux.", "les règles de cette année et le montant", qui
    )
    return Aide(
        code=code,
        nom=nom,
        objet=Objet.SECOURS,
        phrase=phrase,
        motifs=(*conditions, regles),
        qui=qui,
        source="Règles locales, sans texte lu ici : à demander à qui la donne",
        verifiee_le=p.ligne("tus.distance_max_km").verifie_le,
    )
