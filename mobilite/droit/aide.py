"""What an aid is: its conditions one by one, its amount, whom to ask before when, and how it stacks.

An aid is never promised here: OUI means that every condition known to us is met, and who decides is
named. What somebody has not said leaves À VÉRIFIER with the question that would settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mobilite.droit.montant import Montant
from mobilite.faits import FAITS, Faits, ValeurFait
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict, tous


class Objet(StrEnum):
    """What an aid pays for."""

    TRAJET = "trajet"
    PERMIS = "permis"
    VEHICULE = "vehicule"
    DROITS = "droits"
    SECOURS = "secours"

    @property
    def libelle(self) -> str:
        """The heading over the aids of one kind."""
        return {
            "trajet": "Pour les trajets",
            "permis": "Pour le permis",
            "vehicule": "Pour un véhicule",
            "droits": "Droits à ouvrir d'abord",
            "secours": "Aides locales, au cas par cas",
        }[self.value]


class Cumul(StrEnum):
    """How an aid stands beside the others."""

    LIBRE = "libre"
    SUBSIDIAIRE = "subsidiaire"
    A_DEMANDER = "a_demander"

    @property
    def libelle(self) -> str:
        """One sentence for the adviser."""
        return {
            "libre": "S'ajoute aux autres aides.",
            "subsidiaire": "Ne paie que ce que les autres aides n'ont pas payé : la demander en dernier.",
            "a_demander": "Cumul à vérifier auprès de qui la donne.",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Aide:
    """One aid, weighed for one person. ``avant``: the last day to ask, when a text sets one."""

    code: str
    nom: str
    objet: Objet
    phrase: str
    motifs: tuple[Motif, ...]
    qui: str
    source: str
    verifiee_le: date
    montant: Montant | None = None
    avant: date | None = None
    fin: date | None = None
    cumul: Cumul = Cumul.A_DEMANDER

    @property
    def verdict(self) -> Verdict:
        """OUI when every condition is met, NON when one is not, else À VÉRIFIER."""
        return tous(motif.verdict for motif in self.motifs)

    @property
    def decisif(self) -> Motif:
        """The condition that explains the verdict: the first one that says it."""
        verdict = self.verdict
        return next((motif for motif in self.motifs if motif.verdict is verdict), self.motifs[0])

    @property
    def manques(self) -> tuple[Manque, ...]:
        """What would settle the doubt, in order, each thing once; nothing once a condition refuses."""
        if self.verdict is not Verdict.A_VERIFIER:
            return ()
        return tuple(dict.fromkeys(m for motif in self.motifs for m in motif.manques))


_AILLEURS = "Regarder les autres aides."


def regle(code: str) -> str:
    """The name of the rule of an aid, as motives carry it."""
    return f"droit.aide.{code}"


def periode(code: str, cle: str, p: Parametres, qui: str) -> Motif:
    """Whether the aid is still there, and its figure sure: NON when a text ended it, else doubt."""
    ligne = p.ligne(cle)
    if not p.est_perime(cle):
        if ligne.statut in ("verifie", "abroge"):
            return Motif(regle(code), Verdict.OUI, "L'aide est ouverte.")
        return doute(
            code, f"Le montant et les règles sont à vérifier ({ligne.source}).", "si l'aide est ouverte", qui
        )
    fin = f"{ligne.valable_au:%d/%m/%Y}" if ligne.valable_au else ""
    if ligne.statut == "abroge":
        return non(code, f"Cette aide a pris fin le {fin}.", _AILLEURS)
    return doute(
        code, f"Cette aide était annoncée jusqu'au {fin}.", f"si l'aide continue après le {fin}", qui
    )


def entre(code: str, faits: Faits, nom: str, bas: float, haut: float, phrase: str) -> Motif:
    """A number known as an interval, against bounds both included. ``phrase`` says the condition."""
    valeur = faits.get(nom)
    if not isinstance(valeur, tuple):
        return inconnu(code, nom, phrase)
    if valeur[1] < bas:
        return manquee(code, phrase, f"Attendre {bas:g} ans." if nom == "age" else _AILLEURS)
    if valeur[0] > haut:
        return manquee(code, phrase)
    if bas <= valeur[0] and valeur[1] <= haut:
        return Motif(regle(code), Verdict.OUI, phrase)
    return inconnu(code, nom, phrase)


def parmi(code: str, faits: Faits, nom: str, voulues: frozenset[str], phrase: str) -> Motif:
    """A set or a choice that must hold one of the values wanted."""
    valeur: ValeurFait | None = faits.get(nom)
    if isinstance(valeur, str):
        valeur = frozenset({valeur})
    if not isinstance(valeur, frozenset):
        return inconnu(code, nom, phrase)
    if valeur & voulues:
        return Motif(regle(code), Verdict.OUI, phrase)
    return manquee(code, phrase)


def dit(code: str, faits: Faits, nom: str, attendu: bool, phrase: str) -> Motif:
    """A yes or no that must be ``attendu``."""
    valeur = faits.get(nom)
    if not isinstance(valeur, bool):
        return inconnu(code, nom, phrase)
    if valeur is attendu:
        return Motif(regle(code), Verdict.OUI, phrase)
    return manquee(code, phrase)


def inconnu(code: str, nom: str, phrase: str) -> Motif:
    """A condition whose fact nobody has said."""
    fait = FAITS[nom]
    manque = Manque(fait.libelle, "la personne", fait.code or fait.nom)
    return Motif(regle(code), Verdict.A_VERIFIER, phrase, (manque,))


def doute(code: str, phrase: str, quoi: str, qui: str, avant: date | None = None) -> Motif:
    """A condition that only somebody else can settle."""
    return Motif(regle(code), Verdict.A_VERIFIER, phrase, (Manque(quoi, qui, avant=avant),))


def non(code: str, phrase: str, changerait: str) -> Motif:
    """A condition that is not met."""
    return Motif(regle(code), Verdict.NON, phrase, changerait=changerait)


def manquee(code: str, phrase: str, changerait: str = _AILLEURS) -> Motif:
    """A condition said as a fact (« Elle a un compte bancaire. »), and not met."""
    return non(code, f"Condition non remplie : {phrase[0].lower()}{phrase[1:]}", changerait)
