"""What the law reminds somebody who holds, or is losing, a licence of: said, never an exclusion.

Code de la route, R413-5 (probationary licence), R221-14 and R226-1 to R226-4 (medical opinion),
L224-14 (after a suspension), L223-5 and R224-20 (after an invalidation or an annulment).
"""

from __future__ import annotations

from mobilite.besoin import CategoriePermis, EtatPermis, Permis
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Manque, Motif, Verdict

_REGLE = "droit.rappel_permis"
_COMPLETS = frozenset(
    {
        CategoriePermis.B,
        CategoriePermis.B78,
        CategoriePermis.A1,
        CategoriePermis.A2,
        CategoriePermis.A,
    }
)
_RETOURS = {
    EtatPermis.SUSPENDU: (
        "Permis suspendu : il se retrouve après la suspension, souvent avec une visite médicale et des tests.",
        "la date de fin de la suspension, et si la visite médicale est passée",
    ),
    EtatPermis.ANNULE: (
        "Permis annulé par un juge : il se repasse, après le délai du jugement, une visite médicale et des tests.",
        "le délai du jugement avant de repasser le permis",
    ),
    EtatPermis.INVALIDE: (
        "Permis invalidé faute de points : il se repasse, après six mois en général, visite et tests passés.",
        "la date de la lettre 48SI et le délai avant de repasser le permis",
    ),
}


def rappels_permis(permis: Permis | None, faits: Faits, p: Parametres) -> tuple[Motif, ...]:
    """What to say to her about her licence, each point with whom to ask."""
    rappels = []
    if permis is not None and permis.etat in _RETOURS:
        phrase, quoi = _RETOURS[permis.etat]
        rappels.append(_a_voir(phrase, quoi, "la préfecture ou France Services"))
    if faits.get("contre_indication_conduite") is True:
        rappels.append(
            _a_voir(
                "Un médecin déconseille de conduire : un médecin agréé dit ce qui reste permis.",
                "l'avis d'un médecin agréé par la préfecture",
                "le médecin, puis la préfecture",
            )
        )
    if permis is not None and permis.categories & _COMPLETS and permis.etat is EtatPermis.VALIDE:
        rappels += _probatoire(permis, p)
    return tuple(rappels)


def _probatoire(permis: Permis, p: Parametres) -> list[Motif]:
    """Three years, or two after the conduite accompagnée: half the points, less alcohol, less speed."""
    ans = p["permis.probatoire_ans"]
    phrase = f"Permis de moins de {ans:g} ans : probatoire (moins de points, presque pas d'alcool, vitesses plus basses)."
    if permis.obtenu_le is not None:
        moins = plus = (p.le - permis.obtenu_le).days / 365.25
    elif permis.obtenu_en is not None:
        moins, plus = p.le.year - permis.obtenu_en - 1, p.le.year - permis.obtenu_en
    else:
        return [_a_voir(phrase, "la date du permis", "la personne", "permis.obtenu_le")]
    if moins >= ans:
        return []
    if plus < ans - 1:
        return [Motif(_REGLE, Verdict.OUI, phrase)]
    return [_a_voir(phrase, "la date exacte, et si elle a fait la conduite accompagnée", "la personne")]


def _a_voir(phrase: str, quoi: str, qui: str, code: str = "") -> Motif:
    return Motif(_REGLE, Verdict.A_VERIFIER, phrase, (Manque(quoi, qui, code),))
