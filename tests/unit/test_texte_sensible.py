"""A free text is checked for what has no place in it, without crying wolf over ordinary notes."""

from __future__ import annotations

import pytest

from mobilite.texte_sensible import GenreSensible, reperer

# The example numbers of the public documentation: nobody's.
NIR = "2 55 08 14 168 025 38"
IBAN = "FR14 2004 1010 0505 0001 3M02 606"


def genres(texte: str) -> set[GenreSensible]:
    return {signalement.genre for signalement in reperer(texte)}


@pytest.mark.parametrize(
    "texte", [f"son numéro : {NIR}.", NIR.replace(" ", ""), "2 55 08 2A 168 025 97", NIR.replace(" ", "-")]
)
def test_a_social_security_number_with_its_key_is_recognised_for_sure(texte: str) -> None:
    assert [(s.genre, s.certain) for s in reperer(texte)] == [(GenreSensible.NIR, True)]


@pytest.mark.parametrize("texte", ["255081416802539", "2550814168025"])
def test_without_the_right_key_a_social_security_number_is_only_suspected(texte: str) -> None:
    assert [(s.genre, s.certain) for s in reperer(texte)] == [(GenreSensible.NIR, False)]


@pytest.mark.parametrize("texte", [IBAN, IBAN.replace(" ", ""), f"virement sur {IBAN.lower()} avant lundi"])
def test_a_bank_account_is_recognised_inside_a_sentence(texte: str) -> None:
    assert [(s.genre, s.certain) for s in reperer(texte)] == [(GenreSensible.IBAN, True)]


def test_a_bank_account_with_a_wrong_key_is_another_number() -> None:
    assert genres(IBAN.replace("FR14", "FR15")) == set()


@pytest.mark.parametrize(
    "texte", ["suivie pour une dépression", "DIABÈTE", "épileptique", "sous traitement", "elle est enceinte"]
)
def test_words_of_health_ask_for_a_second_look(texte: str) -> None:
    assert genres(texte) == {GenreSensible.SANTE}
    assert not any(signalement.certain for signalement in reperer(texte))


@pytest.mark.parametrize(
    "texte",
    [
        "Rappeler au 06 12 34 56 78 ou au +33 3 29 75 32 30 avant 17 h",
        "Garder Léo chez sa grand-mère à Étain, arriver à 8 h 05 le 23/11/2026",
        "Dossier à l'assurance maladie, bureau 12",
        "Attend le car dans l'enceinte du lycée",
        "loyer 450 €, dossier 2026-11-0042, SIRET 732 829 320 00074",
        "",
    ],
)
def test_ordinary_notes_raise_nothing(texte: str) -> None:
    assert reperer(texte) == ()
