"""The rules of a parcours: chosen with her, reviewed on time, decided within its clock, followed after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilite.intensite import Intensite, plus_mois, prochaine_revue
from mobilite.parametres import parametres
from mobilite.parcours import (
    AccordManquant,
    DejaOuverte,
    GenreEntretien,
    IssueReorientation,
    Parcours,
    ParcoursTermine,
    RaisonDuChangement,
)
from tests.fabriques import CONSEILLERE, une_personne

LE = date(2026, 11, 23)
P = parametres(LE)


def un_parcours() -> Parcours:
    """An open one."""
    return Parcours(personne=une_personne(), ouvert_le=LE)


def test_un_referent_ne_se_choisit_pas_sans_elle_et_ne_change_pas_sans_raison() -> None:
    suivi = un_parcours()
    with pytest.raises(AccordManquant):
        suivi.choisir_referent("Awa", CONSEILLERE, LE, accord=False)
    suivi.choisir_referent("Awa", CONSEILLERE, LE, accord=True)
    with pytest.raises(RaisonDuChangement):
        suivi.choisir_referent("Luc", CONSEILLERE, LE, accord=True)
    assert suivi.referent is not None
    assert suivi.referent.nom == "Awa", "a refused change changes nothing"
    demain = LE + timedelta(days=1)
    suivi.choisir_referent("Luc", CONSEILLERE, demain, accord=True, raison="Awa part")
    assert [(r.nom, r.jusqu_au, r.raison_fin) for r in suivi.referents] == [
        ("Awa", demain, "Awa part"),
        ("Luc", None, ""),
    ]


def test_nommer_deux_fois_le_meme_referent_n_en_fait_qu_un() -> None:
    suivi = un_parcours()
    premier = suivi.choisir_referent("Awa", CONSEILLERE, LE, accord=True)
    assert suivi.choisir_referent("Awa", CONSEILLERE, LE, accord=True) is premier
    assert len(suivi.referents) == 1


def test_plus_l_accompagnement_est_fort_plus_le_point_est_proche() -> None:
    points = [prochaine_revue(i, LE, P) for i in (Intensite.RENFORCE, Intensite.MOYEN, Intensite.LEGER)]
    assert LE < points[0] < points[1] < points[2]


def test_choisir_autre_chose_que_ce_qui_est_propose_dit_pourquoi() -> None:
    suivi = un_parcours()
    with pytest.raises(RaisonDuChangement):
        suivi.choisir_intensite(Intensite.LEGER, LE, P, proposee="renforce")
    assert not suivi.intensite_proposee, "a refused choice changes nothing"
    suivi.choisir_intensite(Intensite.LEGER, LE, P, proposee="renforce", raison="elle préfère")
    assert (suivi.intensite, suivi.intensite_proposee) == (Intensite.LEGER, "renforce")


def test_un_entretien_repousse_le_prochain_point_et_deux_envois_n_en_font_qu_un() -> None:
    suivi = un_parcours()
    suivi.choisir_intensite(Intensite.MOYEN, LE, P)
    plus_tard = LE + timedelta(weeks=3)
    for _ in range(2):
        suivi.noter_entretien(
            GenreEntretien.REVUE, plus_tard, CONSEILLERE, P, presents=[], decision="on continue", cle="a"
        )
    assert len(suivi.entretiens) == 1
    assert suivi.prochaine_revue == prochaine_revue(Intensite.MOYEN, plus_tard, P)


def test_un_ancien_entretien_note_apres_coup_n_avance_pas_le_prochain_point() -> None:
    suivi = un_parcours()
    suivi.choisir_intensite(Intensite.MOYEN, LE, P)
    for jours in (20, 5):
        suivi.noter_entretien(
            GenreEntretien.REVUE, LE + timedelta(days=jours), CONSEILLERE, P, presents=[], decision=""
        )
    assert suivi.prochaine_revue == prochaine_revue(Intensite.MOYEN, LE + timedelta(days=20), P)


def test_une_reorientation_a_trente_jours_et_une_seule_court_a_la_fois() -> None:
    suivi = un_parcours()
    demande = suivi.demander_reorientation("Mission locale", "", LE, CONSEILLERE, P)
    assert demande.echeance - LE == timedelta(days=30)
    assert suivi.demander_reorientation("Mission locale", "", LE, CONSEILLERE, P) is demande
    with pytest.raises(DejaOuverte):
        suivi.demander_reorientation("Cap emploi", "", LE, CONSEILLERE, P)
    suivi.clore_reorientation(IssueReorientation.REFUSEE, LE + timedelta(days=9))
    assert suivi.reorientation is None
    suivi.demander_reorientation("Cap emploi", "", LE, CONSEILLERE, P)


def test_la_sortie_arrete_tout_et_donne_rendez_vous_six_mois_apres() -> None:
    suivi = un_parcours()
    suivi.choisir_intensite(Intensite.MOYEN, LE, P)
    suivi.demander_reorientation("Mission locale", "", LE, CONSEILLERE, P)
    suivi.sortir("emploi_durable", date(2026, 8, 31) + timedelta(days=92), P, atteint="a le permis")
    assert suivi.sortie_le == date(2026, 12, 1)
    assert suivi.contact_prevu == date(2027, 6, 1)
    assert (suivi.prochaine_revue, suivi.reorientation) == (None, None)
    with pytest.raises(ParcoursTermine):
        suivi.choisir_intensite(Intensite.LEGER, LE, P)
    with pytest.raises(ParcoursTermine):
        suivi.choisir_referent("Awa", CONSEILLERE, LE, accord=True)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 30))
def test_des_mois_plus_tard_c_est_le_meme_jour_ou_le_dernier_du_mois(jour: date, mois: int) -> None:
    apres = plus_mois(jour, mois)
    assert (apres.year * 12 + apres.month) - (jour.year * 12 + jour.month) == mois
    assert apres.day == jour.day or (apres.day < jour.day and (apres + timedelta(days=1)).day == 1)
