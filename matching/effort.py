"""What driving, riding or walking asks of a body: health, length, the night, the winter."""

from __future__ import annotations

from collections.abc import Iterable

from matching.voyage import Examen, Voyage
from mobilite.faits import Faits
from mobilite.lieux import Mode
from mobilite.verdict import Duree, Manque, Motif, Verdict

ACTIFS = {
    Mode.MARCHE: "trajet.marche_max_min",
    Mode.VELO: "trajet.velo_max_min",
    Mode.VAE: "trajet.vae_max_min",
}
LIMITES = ACTIFS | {Mode.SCOOTER: "trajet.scooter_max_min"}
_HIVER = (11, 12, 1, 2)

NE_FAIT_PAS_DE_VELO = Motif(
    "velo", Verdict.NON, "Elle ne fait pas de vélo aujourd'hui.", changerait="Un atelier de remise en selle."
)


def avis_medical(faits: Faits) -> Iterable[Motif]:
    """Whoever was advised not to drive asks her doctor first."""
    if faits.get("contre_indication_conduite") is True:
        yield Motif(
            "sante",
            Verdict.A_VERIFIER,
            "Un avis médical sur la conduite est à demander avant.",
            (Manque("l'avis du médecin sur la conduite", "son médecin"),),
        )


def effort(mode: Mode, duree: Duree | None, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    """What walking or riding asks of a body: its length, the night, the winter."""
    yield from longueur(mode, duree, examen)
    if mode in ACTIFS and nuit_et_hiver(voyage, examen) is not None:
        yield from accord_nuit_hiver(voyage, examen)


def longueur(mode: Mode, duree: Duree | None, examen: Examen, dit: str = "") -> Iterable[Motif]:
    """Too long to do every day, or perhaps: she is the one to say. ``dit`` names the vehicle better."""
    if mode not in LIMITES or duree is None:
        return
    p, comment = examen.contexte.parametres, dit or mode.libelle
    if duree.min > p["trajet.effort_impossible_min"]:
        yield Motif(
            "duree",
            Verdict.NON,
            f"Au moins {duree.min:.0f} minutes {comment} : trop long chaque jour.",
            changerait="Le combiner avec un car ou un covoiturage.",
        )
    elif (tient := duree.tient_en(p[LIMITES[mode]])) is not Verdict.OUI:
        yield Motif(
            "duree.longue" if tient is Verdict.NON else "duree",
            Verdict.A_VERIFIER,
            f"{duree.en_texte()} {comment} : à voir avec elle.",
            (Manque(f"si {duree.en_texte()} {comment} lui conviennent", "la personne"),),
        )


def nuit_et_hiver(voyage: Voyage, examen: Examen) -> str | None:
    """« de nuit » or « en hiver », when a trip is; the night first."""
    p, heure = examen.contexte.parametres, voyage.heure
    if heure is not None and (heure < p["trajet.nuit_avant_min"] or heure > p["trajet.nuit_apres_min"]):
        return "de nuit"
    return "en hiver" if voyage.roule_le.month in _HIVER else None


def accord_nuit_hiver(voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    """Walking or cycling by night or in winter is À VÉRIFIER until she agrees."""
    accord, quand = examen.faits.get("accord_nuit_hiver"), nuit_et_hiver(voyage, examen)
    if accord is True:
        return
    if accord is False:
        yield Motif(
            "nuit_hiver", Verdict.NON, f"Elle ne veut pas y aller {quand}.", changerait="Un trajet de jour."
        )
        return
    question = examen.contexte.question("accord_nuit_hiver")
    yield Motif(
        "nuit_hiver",
        Verdict.A_VERIFIER,
        f"Le trajet se fait {quand} : il faut son accord.",
        (Manque(f"si elle accepte d'y aller {quand}", "la personne", question.code),),
    )
