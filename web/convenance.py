"""Whether another vehicle would do for somebody who has booked one: refused, sure, or to be looked at.

The engine judges her against the law, the conditions of the offer and what the insurer of that very
vehicle asks; then the vehicle is compared with the one she has. What the partner has already looked at
for the first is not a doubt of the second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from matching.moteur import proposer
from matching.parc.relogement import Possible
from mobilite.base import ce_jour
from mobilite.candidate import Candidate, Prix
from mobilite.document import Champ
from mobilite.flotte import Energie, Vehicule
from mobilite.personnes import Personne
from mobilite.verdict import Motif, Verdict, tous, un_de
from web.propositions import avec_un_besoin, situation_de
from web.referentiel import referentiel

_SUR_ELLE = frozenset({"droit.permis", "sante", "velo", "motif", "zone", "fauteuil", "places"})
_SE_DISENT = frozenset(
    {"droit.permis", "places", "condition.permis", "condition.permis_anciennete_ans", "condition.age"}
)
"""What a partner may be told to look at: papers and seats, never her health nor her money."""

_AU_GUICHET = "Une condition de l'offre : demandez au guichet"


def candidate_de(vehicule: Vehicule) -> Candidate:
    """One vehicle as the engine judges an offer: its own seats, gearbox and access, its insurer's rule."""
    document = vehicule.offre.document()
    conditions = document.get("conditions")
    toutes = [*([conditions] if conditions else []), *vehicule.conditions_de_l_assureur()]
    document |= {"id": f"vehicule-{vehicule.id}", "vehicule": vehicule.decrit()}
    if toutes:
        document["conditions"] = {"tous": toutes}
    return referentiel().lecteur_offres.lire(Champ(document))


def convenances(
    personne: Personne | None, actuel: Vehicule, autres: Sequence[Vehicule], depart: date
) -> dict[int, Possible]:
    """The vehicles that neither the law, the offer nor the insurer refuses her, by their numbers.

    She is judged on ``depart``, the first day of the stay. ``actuel`` is the one she has: the zone of its
    offer, which her place did not stop at, is not held against another vehicle of it. Without a dossier
    nobody knows who drives: only what is like hers, or to be looked at.
    """
    memes = [v for v in autres if v.categorie is actuel.categorie and v.id != actuel.id]
    candidates = {v.id: candidate_de(v) for v in (actuel, *memes)}
    motifs = {} if personne is None else _motifs(personne, list(candidates.values()), depart)
    deja = {(m.regle, m.phrase) for m in motifs.get(candidates[actuel.id].id, ())}
    possibles = {}
    for vehicule in memes:
        # Where she lives was judged for the place she has: the same offer does not refuse it afterwards.
        siens = [
            m
            for m in motifs.get(candidates[vehicule.id].id, ())
            if m.regle != "zone" or vehicule.offre_id != actuel.offre_id
        ]
        if tous(m.verdict for m in siens) is Verdict.NON:
            continue
        doutes = [
            m.phrase.rstrip(". ") if m.regle in _SE_DISENT else _AU_GUICHET
            for m in siens
            if m.verdict is Verdict.A_VERIFIER and (m.regle, m.phrase) not in deja
        ]
        if personne is None:
            doutes += _inconnue(actuel, vehicule)
        doutes += _differences(actuel, vehicule)
        doutes += _autre_prix(candidates[actuel.id], candidates[vehicule.id])
        possibles[vehicule.id] = Possible(_rang(actuel, vehicule), None, tuple(dict.fromkeys(doutes)))
    return possibles


def _motifs(
    personne: Personne, candidates: Sequence[Candidate], depart: date
) -> Mapping[str, Sequence[Motif]]:
    """What the engine says of her for each vehicle, for the need it serves best."""
    connu = referentiel()
    situation = avec_un_besoin(situation_de(personne, anonyme=True))
    faits, contexte = connu.faits(situation, depart), connu.contexte(ce_jour(), depart)
    reponse = proposer(situation, faits, candidates, contexte)
    par_besoin: dict[str, list[list[Motif]]] = {candidate.id: [] for candidate in candidates}
    for examine in reponse.besoins:
        for proposition in examine.propositions:
            par_besoin[proposition.offre.id].append(
                [m for m in proposition.motifs if m.regle in _SUR_ELLE or m.regle.startswith("condition")]
            )
    retenus = {}
    for offre, listes in par_besoin.items():
        verdict = un_de(tous(m.verdict for m in motifs) for motifs in listes)
        retenus[offre] = next((ms for ms in listes if tous(m.verdict for m in ms) is verdict), [])
    return retenus


def _inconnue(actuel: Vehicule, autre: Vehicule) -> list[str]:
    """What only a dossier would tell."""
    pareil = (
        actuel.offre_id == autre.offre_id
        and actuel.boite is autre.boite
        and (autre.age_min or 0) <= (actuel.age_min or 0)
        and (autre.permis_mois_min or 0) <= (actuel.permis_mois_min or 0)
    )
    return [] if pareil else ["Si elle peut le conduire : le dossier n'est pas ici"]


def _differences(actuel: Vehicule, autre: Vehicule) -> list[str]:
    """What the one she has gives her, and this one may not."""
    doutes = []
    if actuel.places is not None and (autre.places is None or autre.places < actuel.places):
        doutes.append("Si elle a assez de places")
    if manquent := set(actuel.acces or ()) - set(autre.acces or ()):
        doutes.append(f"Si elle peut se passer de l'équipement ({', '.join(sorted(manquent))})")
    sieges = autre.sieges_enfant or {}
    if any(sieges.get(quoi, 0) < nombre for quoi, nombre in (actuel.sieges_enfant or {}).items()):
        doutes.append("S'il lui faut un siège enfant")
    if autre.energie is Energie.ELECTRIQUE and actuel.energie is not Energie.ELECTRIQUE:
        doutes.append("Où elle pourrait le recharger")
    return doutes


def _autre_prix(actuel: Candidate, autre: Candidate) -> list[str]:
    """Nobody is made to pay more, or drive less, than was agreed."""
    doutes = []
    if _tarif(autre.prix) != _tarif(actuel.prix):
        doutes.append("Si le prix lui convient : ce n'est pas le même")
    if autre.km_max_jour is not None and (
        actuel.km_max_jour is None or autre.km_max_jour < actuel.km_max_jour
    ):
        doutes.append(f"Si {autre.km_max_jour:g} km par jour lui suffisent")
    return doutes


def _tarif(prix: Prix) -> tuple[object, ...]:
    return prix.connu, prix.jour, prix.semaine, prix.mois, prix.km, prix.forfait, prix.caution, prix.adhesion


def _rang(actuel: Vehicule, autre: Vehicule) -> int:
    """How far it is from the one she has: same offer first, then same gearbox, energy and seats."""
    return 4 * (actuel.offre_id != autre.offre_id) + sum(
        (actuel.boite is not autre.boite, actuel.energie is not autre.energie, actuel.places != autre.places)
    )
