"""The report to the préfet: what the arrêté asks for, counted once, never completed by a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mobilite.document import Champ
from mobilite.droit.rapport_prefet import (
    Association,
    CritereTransport,
    RapportPrefet,
    TrajetRealise,
    etablir_rapport,
)
from mobilite.parametres import parametres
from mobilite.verdict import Verdict
from web.catalogue import documents_de_demonstration
from web.partenaire.prix_permis import prix_selon_la_loi
from web.referentiel import referentiel

P = parametres(date(2026, 11, 22))
TRAJET = TrajetRealise(
    date=date(2026, 3, 2),
    depart_insee="55181",
    arrivee_insee="55545",
    km=20,
    passagers=1,
    critere=CritereTransport.RESSOURCES,
    participation_centimes=500,
    vehicule="Kangoo",
    benevole_numero="B1",
    places=5,
    personnes=frozenset({"7"}),
)


def _rapport(*trajets: TrajetRealise, **association: object) -> RapportPrefet:
    return etablir_rapport(trajets, 2026, P, Association(**association))  # type: ignore[arg-type]


def test_une_personne_transportee_trois_fois_est_une_personne_et_trois_transports() -> None:
    rapport = _rapport(TRAJET, TRAJET, TRAJET)
    assert (rapport.trajets, rapport.transports, rapport.personnes) == (3, 3, 1)


def test_sans_numero_de_personne_le_nombre_de_personnes_reste_a_completer() -> None:
    rapport = _rapport(TRAJET, replace(TRAJET, personnes=frozenset()))
    assert rapport.personnes is None
    assert any("personnes différentes" in quoi for quoi in rapport.a_completer)


def test_un_trajet_a_deux_criteres_est_un_trajet_et_ses_passagers_sont_repartis() -> None:
    moitie = replace(TRAJET, numero="T1", participation_centimes=320)
    autre = replace(moitie, critere=CritereTransport.RESIDENCE, personnes=frozenset({"8"}))
    rapport = _rapport(moitie, autre)
    assert (rapport.trajets, rapport.km, rapport.participation_centimes) == (1, 20, 640)
    assert [(c.critere.value, c.transports, c.part) for c in rapport.criteres] == [
        ("residence", 1, 0.5),
        ("ressources", 1, 0.5),
    ]
    assert not rapport.alertes  # 6,40 € for the trip: the ceiling for 20 km, exactly


def test_les_vehicules_de_l_association_et_ceux_qu_on_lui_prete_sont_deux_groupes() -> None:
    trajets = (
        TRAJET,
        replace(TRAJET, vehicule="Clio", places=4),
        replace(TRAJET, vehicule="Zoé", places=None),
    )
    rapport = _rapport(*trajets, vehicules_propres=frozenset({"Kangoo"}))
    assert rapport.propres is not None
    assert rapport.pretes is not None
    assert (rapport.propres.nombre, rapport.propres.capacite_moyenne) == (1, 5)
    assert (rapport.pretes.nombre, rapport.pretes.capacite_moyenne) == (2, 4)
    assert "les places de 1 véhicule" in rapport.a_completer
    assert _rapport(*trajets).propres is None


def test_ce_qui_sort_des_regles_est_dit_avec_son_jour() -> None:
    loin = replace(TRAJET, km=100.1, participation_centimes=0)
    cher = replace(TRAJET, participation_centimes=641)
    gros = replace(TRAJET, places=10)
    assert len(_rapport(TRAJET, loin, cher, gros).alertes) == 3
    assert all(alerte.startswith("02/03/2026") for alerte in _rapport(loin, cher, gros).alertes)


def test_le_rapport_part_avant_le_premier_mars_annee_bissextile_comprise() -> None:
    assert etablir_rapport([], 2026, P).avant_le == date(2027, 2, 28)
    assert etablir_rapport([], 2027, P).avant_le == date(2028, 2, 29)


@given(st.lists(st.builds(replace, st.just(TRAJET), date=st.dates(date(2025, 1, 1), date(2027, 12, 31)))))
def test_l_ordre_des_trajets_ne_change_rien_et_seule_l_annee_compte(trajets: list[TrajetRealise]) -> None:
    rapport = _rapport(*trajets)
    assert rapport.lignes() == _rapport(*reversed(trajets)).lignes()
    assert rapport.trajets == sum(t.date.year == 2026 for t in trajets)


def test_aucune_offre_de_demonstration_ne_demande_un_prix_interdit() -> None:
    lecteur = referentiel().lecteur_offres
    for document in documents_de_demonstration():
        offre = lecteur.lire(Champ(document))
        assert all(m.verdict is not Verdict.NON for m in prix_selon_la_loi(offre, P)), offre.id
