"""What driving, riding or walking asks of a body: health, length, the night, the winter."""

from __future__ import annotations

from collections.abc import Iterable

from matching.voyage import Examen, Voyage
from mobilite.faits import Faits
from mobilite.lieux import Mode
from mobilite.verdict import Duree, Manque, Motif, Verdict

_ACTIFS = {
    Mode.MARCHE: "trajet.marche_max_min",
    Mode.VELO: "trajet.velo_max_min",
    Mode.VAE: "trajet.vae_max_min",
}
_LIMITES = _ACTIFS | {Mode.SCOOTER: "trajet.scooter_max_min"}
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
    """What riding asks of a body: its length, the night, the winter."""
    p = examen.contexte.parametres
    if mode in _LIMITES and duree is not None:
        limite = p[_LIMITES[mode]]
        if duree.min > p["trajet.effort_impossible_min"]:
            yield Motif(
                "duree",
                Verdict.NON,
                f"Au moins {duree.min:.0f} minutes {mode.libelle} : trop long chaque jour.",
                changerait="Le combiner avec un car ou un covoiturage.",
            )
        elif (tient := duree.tient_en(limite)) is not Verdict.OUI:
            yield Motif(
                "duree.longue" if tient is Verdict.NON else "duree",
                Verdict.A_VERIFIER,
                f"{duree.en_texte()} {mode.libelle} : à voir avec elle.",
                (Manque(f"si {duree.en_texte()} {mode.libelle} lui conviennent", "la personne"),),
            )
    if mode in _ACTIFS:
        yield from _accord_nuit_hiver(voyage, examen)


def _accord_nuit_hiver(voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    """Walking or cycling by night or in winter is À VÉRIFIER until she agrees."""
    p, heure = examen.contexte.parametres, voyage.heure
    nuit = heure is not None and (heure < p["trajet.nuit_avant_min"] or heure > p["trajet.nuit_apres_min"])
    hiver = voyage.roule_le.month in _HIVER
    accord = examen.faits.get("accord_nuit_hiver")
    if not (nuit or hiver) or accord is True:
        return
    quand = "de nuit" if nuit else "en hiver"
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
