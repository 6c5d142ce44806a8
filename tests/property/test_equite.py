"""Two people with the same situation get the same answer: who they are never reaches the engine."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.document import en_document
from matching.moteur import proposer
from mobilite.besoin import MotifDeplacement, Situation
from mobilite.document import Champ
from mobilite.faits import FAITS
from mobilite.lieux import Lieu, Position
from mobilite.personnes import BesoinExprime, Depart, Joindre, Personne
from tests.unit.essai import LE, contexte, situation
from tests.unit.lecture import ETAIN, VERDUN, lecteur_offres, lecteur_situation, questionnaire
from web.catalogue import documents_de_demonstration
from web.propositions import situation_de

_BESOIN = UUID("00000000-0000-4000-8000-000000000001")
_NOMS = st.text(st.characters(codec="utf-8", categories=["L", "Zs", "Pd"]), min_size=1, max_size=30).map(
    lambda texte: texte.strip() or "A"
)
_IDENTITES = st.fixed_dictionaries(
    {
        "prenom": st.one_of(st.sampled_from(["Nadia", "Nicolas", "Fatoumata", "Jean-Luc", "Ngoc"]), _NOMS),
        "nom": _NOMS,
        "telephone": st.one_of(st.none(), st.sampled_from(["+33612345678", "+33329000000"])),
        "referent": _NOMS,
        "objectif": _NOMS,
        "aujourdhui": _NOMS,
        "joindre": st.sampled_from(Joindre),
        "message_possible": st.one_of(st.none(), st.booleans()),
    }
)
_LOIS = settings(max_examples=60, deadline=None)


def _personne(**identite: Any) -> Personne:
    """The same situation, whoever she is: Étain to Verdun on Mondays, a licence, no means."""
    besoin = BesoinExprime(
        uuid=_BESOIN,
        destination=VERDUN,
        motif=MotifDeplacement.EMPLOI,
        passages={"cycle": [{"jours": ["lun"], "arrivee": "08:00", "retour": "17:00"}]},
    )
    return Personne(
        departs=[Depart(insee=ETAIN)],
        besoins=[besoin],
        annee_naissance=1992,
        permis={"type": "B"},
        moyens=[],
        **identite,
    )


def _reponse(lue: Situation) -> dict[str, Any]:
    offres = lecteur_offres().lire_catalogue(Champ(documents_de_demonstration()))
    return en_document(proposer(lue, questionnaire().faits(lue.reponses), offres, contexte()))


@_LOIS
@given(_IDENTITES, _IDENTITES)
def test_le_nom_le_sexe_et_tout_ce_qui_dit_qui_elle_est_n_arrivent_pas_au_moteur(
    une: dict[str, Any], autre: dict[str, Any]
) -> None:
    """The same value goes in: the engine is pure, so the same answer comes out."""
    assert situation_de(_personne(**une)) == situation_de(_personne(**autre))


def test_la_meme_situation_donne_la_meme_reponse() -> None:
    nadia = _personne(prenom="Nadia", nom="Benali", telephone="+33612345678")
    jean = _personne(prenom="Jean", nom="Dupont", objectif="Conduire", contact_discret=False)
    assert _reponse(situation_de(nadia)) == _reponse(situation_de(jean))


def test_aucun_fait_ne_dit_le_sexe_l_origine_ni_le_nom() -> None:
    interdits = {"sexe", "genre", "nom", "prenom", "nationalite", "origine", "langue_maternelle", "religion"}
    assert interdits.isdisjoint(FAITS)
    assert interdits.isdisjoint({champ.name for champ in fields(Situation)})
    assert interdits.isdisjoint({item.fait for item in questionnaire().items})


@_LOIS
@given(st.floats(5.5, 5.8), st.floats(49.1, 49.3))
def test_l_adresse_dans_la_commune_ne_change_que_les_minutes_calculees(lon: float, lat: float) -> None:
    """With the same minutes for everybody in the commune, the address changes nothing at all."""
    lue = lecteur_situation().lire(Champ(situation()))
    (depart,) = lue.departs
    ici = replace(depart, lieu=Lieu(ETAIN, Position(lon, lat)))
    ailleurs = proposer(replace(lue, departs=(ici,)), {}, _OFFRES, contexte(LE))
    assert en_document(ailleurs) == en_document(proposer(lue, {}, _OFFRES, contexte(LE)))


_OFFRES = lecteur_offres().lire_catalogue(Champ(documents_de_demonstration()[::6]))
