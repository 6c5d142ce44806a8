"""Our figures against openfisca-france on random situations: `make proof`.

The two never share a venv (their pins fight): JSON goes out, JSON comes back. Each difference is one of
``DIFFERENCES``, where it is said who is right and why, or the proof fails.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mobilite.besoin import MotifDeplacement
from mobilite.droit.aides_permis import permis_apprenti, permis_france_travail, permis_un_euro
from mobilite.droit.aides_trajet import Deplacement, aide_mobilite, montant_mobilite
from mobilite.droit.ressources import forfait_rsa, plafond_annuel, sous_plafond, sous_rsa
from mobilite.faits import ValeurFait
from mobilite.parametres import Parametres, lire_parametres
from mobilite.verdict import Verdict

GRAINE = 55
MOIS = ("2024-06", "2025-06", "2025-12", "2026-02", "2026-06")
CALCUL = Path(__file__).with_name("openfisca_calcul.py")
PLAFOND_2024 = 10166
"""The last ceiling that openfisca knows, for one person."""

Situation = dict[str, Any]
Resultat = dict[str, float]

DIFFERENCES = {
    "aide_mobilite_aller_simple": (
        "openfisca multiplie 0,23 € par la distance d'un aller ; la nôtre compte l'aller et le retour. Nous avons "
        "raison : France Travail paie « par kilomètre parcouru aller-retour » (délibération 2021-42), et la formule "
        "d'openfisca double elle-même la distance pour comparer à 60 km."
    ),
    "c2s_revalorisation": (
        "openfisca s'arrête aux plafonds d'avril 2024 ; ceux d'avril 2025 (10 339 € pour une personne) sont dans notre "
        "table. Nous avons raison ; relevé du même taux, le plafond d'openfisca donne le même verdict."
    ),
    "c2s_periode": (
        "Après mars 2026, nous n'avons pas le plafond : la nôtre ne dit jamais OUI, openfisca garde celui de 2024. Nous "
        "avons raison de ne pas trancher."
    ),
    "c2s_arrondi": (
        "À partir de trois personnes, openfisca arrondit le plafond calculé, la table publiée donne un ou deux euros de "
        "moins par an. Aucun texte lu ne fixe l'arrondi : nous suivons la table publiée, la plus prudente."
    ),
    "permis_ft_rsa": (
        "openfisca ferme l'aide au permis à qui touche le RSA (instruction 2011-205) ; aucun texte en vigueur n'a été "
        "lu : la nôtre reste à vérifier auprès de France Travail."
    ),
    "permis_ft_are": (
        "openfisca ferme l'aide au permis à qui touche plus que l'ARE minimale ; le questionnaire ne demande pas "
        "l'ARE : la nôtre reste à vérifier, et nomme l'ARE parmi ce qui manque."
    ),
    "permis_ft_budget": (
        "openfisca donne le montant maximal ; l'aide dépend de l'ancienneté d'inscription et du budget : la nôtre reste "
        "à vérifier, avec le même maximum."
    ),
}
"""Known differences: who is right, and why."""


@dataclass(frozen=True, slots=True)
class Controle:
    """One thing compared: its name, and ``None`` (agree), a key of ``DIFFERENCES``, or what is wrong."""

    nom: str
    comparer: Callable[[Situation, Resultat, Parametres], str | None]


def tirer(nombre: int) -> list[Situation]:
    """Random situations, the same at each run."""
    hasard = random.Random(GRAINE)
    situations = []
    for _ in range(nombre):
        adultes = hasard.choice((1, 1, 2))
        situations.append(
            {
                "mois": hasard.choice(MOIS),
                "adultes": adultes,
                "enfants": [hasard.randint(3, 15) for _ in range(hasard.choice((0, 0, 1, 1, 2, 3, 4)))],
                "age": hasard.randint(14, 64),
                "ressources_mois": hasard.choice((0, hasard.randint(300, 3000), hasard.randint(600, 1100))),
                "rsa": hasard.choice((0, 0, 300)),
                "inscrite": hasard.random() < 0.7,
                "apprenti": hasard.random() < 0.3,
                "allocation_jour": hasard.choice((0, 0, 60)),
                "motif": hasard.choice(("entretien", "emploi", "formation")),
                "cdi": hasard.random() < 0.5,
                "contrat_mois": hasard.randint(1, 12),
                "formation_heures": hasard.choice((20, 39, 40, 120)),
                "km": hasard.choice((hasard.randint(1, 120), 30, 31)),
                "minutes": hasard.choice((hasard.randint(5, 150), 60, 61)),
                "allers_retours": hasard.randint(1, 22),
            }
        )
    return situations


def _foyer(s: Situation) -> dict[str, ValeurFait]:
    personnes = float(s["adultes"] + len(s["enfants"]))
    mois = float(s["ressources_mois"])
    return {"ressources_mois": (mois, mois), "foyer_personnes": (personnes, personnes)}


def _c2s(s: Situation, leur: Resultat, p: Parametres) -> str | None:
    personnes = s["adultes"] + len(s["enfants"])
    notre, autre = plafond_annuel("c2s_gratuite", personnes, p), leur["cmu_c_plafond"]
    verdict = sous_plafond("c2s_gratuite", _foyer(s), p)
    if p.est_perime("plafond.c2s_gratuite_1"):
        return "c2s_periode" if verdict is not Verdict.OUI else "OUI sur un plafond périmé"
    if p.le >= date(2025, 4, 1):
        # Raised by the same rate for every household: the shape of the table is still compared.
        autre *= plafond_annuel("c2s_gratuite", 1, p) / PLAFOND_2024
        if abs(notre - autre) > 4:
            return f"plafond {notre} au lieu de {autre:.2f}"
        sous = s["ressources_mois"] * 12 <= autre
        return "c2s_revalorisation" if (verdict is Verdict.OUI) is sous else f"verdict {verdict}"
    if abs(notre - autre) > 3:
        return f"plafond {notre} au lieu de {autre}"
    if (verdict is Verdict.OUI) is (s["ressources_mois"] * 12 <= autre):
        return None if abs(notre - autre) < 0.5 else "c2s_arrondi"
    return "c2s_arrondi" if abs(notre - s["ressources_mois"] * 12) < 3 else f"verdict {verdict}"


def _rsa(s: Situation, leur: Resultat, p: Parametres) -> str | None:
    personnes = s["adultes"] + len(s["enfants"])
    notre = forfait_rsa(personnes, p, couple=s["adultes"] == 2)[0]
    if abs(notre - leur["rsa_socle"]) > 0.02:
        return f"montant {notre} au lieu de {leur['rsa_socle']:.2f}"
    bas, haut = forfait_rsa(personnes, p)
    if not bas - 0.02 <= leur["rsa_socle"] <= haut + 0.02:
        return "hors de la fourchette quand le couple n'est pas dit"
    verdict = sous_rsa(_foyer(s), p)
    sous = s["ressources_mois"] < leur["rsa_socle"]
    return None if verdict is Verdict.A_VERIFIER or (verdict is Verdict.OUI) is sous else f"verdict {verdict}"


def _deplacement(s: Situation) -> Deplacement:
    assez = s["formation_heures"] >= 40 if s["motif"] == "formation" else s["cdi"] or s["contrat_mois"] >= 3
    return Deplacement(
        motif=MotifDeplacement(s["motif"]),
        km=(s["km"], s["km"]),
        minutes=(s["minutes"], s["minutes"]),
        allers_retours=s["allers_retours"],
        duree_suffisante=assez,
        allocation_jour=s["allocation_jour"],
    )


def _mobilite(s: Situation, leur: Resultat, p: Parametres) -> str | None:
    statuts: ValeurFait = frozenset({"demandeur_emploi"} if s["inscrite"] else {"etudiant"})
    trajet = _deplacement(s)
    notre = aide_mobilite({"statuts": statuts}, trajet, p)
    ouverte = bool(leur["aide_mobilite_eligible"])
    if notre.verdict is not (Verdict.OUI if ouverte else Verdict.NON):
        return f"verdict {notre.verdict} : {notre.decisif.phrase}"
    montant = montant_mobilite(trajet, p)
    if not ouverte or montant is None:
        return None
    if abs(montant.max - leur["aide_mobilite"]) < 0.02:
        return None
    double = min(p["aide.mobilite_ft_annee"], 2 * leur["aide_mobilite"])
    ecart = f"montant {montant.max} au lieu de {leur['aide_mobilite']:.2f}"
    return "aide_mobilite_aller_simple" if abs(montant.max - double) < 0.05 else ecart


def _sans_permis(s: Situation, *statuts: str) -> dict[str, ValeurFait]:
    return {
        "age": (float(s["age"]), float(s["age"])),
        "permis": frozenset({"aucun"}),
        "projet_permis": True,
        "statuts": frozenset(statuts),
    }


def _permis_ft(s: Situation, leur: Resultat, p: Parametres) -> str | None:
    statuts = {"demandeur_emploi"} if s["inscrite"] else {"salarie"}
    aide = permis_france_travail(_sans_permis(s, *statuts, *({"rsa"} if s["rsa"] else ())), p)
    montant = leur["aide_permis_demandeur_emploi"]
    if aide.verdict is Verdict.NON:
        return None if montant == 0 else "refus que openfisca n'a pas"
    if s["rsa"]:
        return "permis_ft_rsa" if montant == 0 else "RSA : openfisca a changé"
    maximum = aide.montant.max if aide.montant else 0
    if montant == 0 and s["allocation_jour"] > p["aide.are_minimum"]:
        return "permis_ft_are" if any("ARE" in m.quoi for m in aide.manques) else "l'ARE n'est pas demandée"
    return "permis_ft_budget" if montant == maximum else f"maximum {maximum} au lieu de {montant}"


def _permis_un_euro(s: Situation, leur: Resultat, p: Parametres) -> str | None:
    aide = permis_un_euro(_sans_permis(s, "salarie"), p)
    ferme = aide.verdict is Verdict.NON  # never OUI: the school and the bank decide
    return None if ferme is not bool(leur["pret_formation_permis_eligibilite"]) else f"à {s['age']} ans"


def _apprenti(s: Situation, leur: Resultat, p: Parametres) -> str | None:
    aide = permis_apprenti(_sans_permis(s, "apprenti" if s["apprenti"] else "salarie"), p)
    notre = aide.montant.max if aide.montant and aide.verdict is Verdict.OUI else 0
    autre = leur["aide_financement_permis_apprenti"]
    return None if notre == autre else f"{notre} au lieu de {autre} en {s['mois']}"


CONTROLES = (
    Controle("C2S sans participation : plafond du foyer et verdict", _c2s),
    Controle("RSA : montant forfaitaire du foyer et verdict", _rsa),
    Controle("Aide à la mobilité de France Travail : conditions et montant", _mobilite),
    Controle("Aide de France Travail au permis B", _permis_ft),
    Controle("Permis à 1 € par jour : âges", _permis_un_euro),
    Controle("Aide au permis des apprentis, et sa fin", _apprenti),
)


def comparer(situations: list[Situation], resultats: list[Resultat]) -> tuple[list[str], list[str]]:
    """One line a check, and the differences nobody has explained."""
    lignes, fautes = [], []
    for controle in CONTROLES:
        comptes: Counter[str] = Counter()
        for rang, (s, leur) in enumerate(zip(situations, resultats, strict=True)):
            jour = date.fromisoformat(f"{s['mois']}-16")
            ecart = controle.comparer(s, leur, Parametres(lire_parametres(), jour))
            comptes[ecart or "accord"] += 1
            if ecart is not None and ecart not in DIFFERENCES:
                fautes.append(f"{controle.nom}, situation {rang} : {ecart}")
        lignes.append(f"{controle.nom} : " + ", ".join(f"{nom} {n}" for nom, n in comptes.most_common()))
    return lignes, fautes


def main() -> int:
    """Draw, ask the other side, compare; 1 when a difference is unexplained."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("python", help="the Python of the venv of openfisca-france")
    lecteur.add_argument("--situations", type=int, default=1000)
    choix = lecteur.parse_args()
    situations = tirer(choix.situations)
    with tempfile.TemporaryDirectory() as dossier:
        entree, sortie = Path(dossier, "situations.json"), Path(dossier, "resultats.json")
        entree.write_text(json.dumps(situations), encoding="utf-8")
        subprocess.run([choix.python, CALCUL, entree, sortie], check=True)
        document = json.loads(sortie.read_text(encoding="utf-8"))
    lignes, fautes = comparer(situations, document["resultats"])
    versions = ", ".join(f"{nom} {version}" for nom, version in document["versions"].items())
    ecrits = [f"{len(situations)} situations, graine {GRAINE} ; {versions}", *lignes]
    ecrits += [f"  {nom} : {raison}" for nom, raison in DIFFERENCES.items() if nom in " ".join(lignes)]
    ecrits += [f"Sans explication : {len(fautes)}", *fautes[:20]]
    sys.stdout.write("\n".join(ecrits) + "\n")
    return 1 if fautes else 0


if __name__ == "__main__":
    sys.exit(main())
