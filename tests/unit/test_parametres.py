"""Dated numbers: the row in force answers, and one whose period is over says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mobilite.parametres import STATUTS, lire_parametres, parametres


def test_un_chiffre_dont_la_periode_est_finie_repond_encore_mais_le_dit() -> None:
    pendant, apres = parametres(date(2026, 3, 31)), parametres(date(2026, 4, 1))
    cle = "plafond.c2s_gratuite_1"
    assert pendant[cle] == apres[cle] == 10339
    assert (pendant.est_perime(cle), apres.est_perime(cle)) == (False, True)
    assert cle not in {ligne.cle for ligne in pendant.perimes()}
    assert cle in {ligne.cle for ligne in apres.perimes()}


def test_un_chiffre_n_existe_pas_avant_son_premier_jour() -> None:
    assert "tus.participation_km" not in parametres(date(2019, 10, 16))
    assert "tus.participation_km" in parametres(date(2019, 10, 17))


def test_chaque_chiffre_a_une_unite_une_source_et_un_statut() -> None:
    for ligne in lire_parametres():
        assert ligne.unite and ligne.source, ligne.cle
        assert ligne.statut in STATUTS, ligne.cle
        assert ligne.valable_au is None or ligne.valable_du <= ligne.valable_au, ligne.cle


def test_une_ligne_incomplete_est_nommee(tmp_path: Path) -> None:
    fichier = tmp_path / "parametres.toml"
    fichier.write_text('[["accueil.seuil_min"]]\nvaleur = 30\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"accueil\.seuil_min: unite is missing"):
        lire_parametres(fichier)
