"""Dossiers: found, opened in a minute, read by name, put aside, and discreet when she must be."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from mobilite.acteur import RoleActeur
from mobilite.personnes import Depart, Joindre
from tests.conftest import Entrer
from tests.fabriques import une_maison, une_personne
from tests.integration.bureau import Bureau, champs_de
from web.app import Application
from web.transaction import transaction

NOUVEAU = "/conseiller/dossiers/nouveau"


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    """The adviser who follows the people of these tests."""
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


@pytest.fixture
def voisin(app: Application, entrer: Entrer) -> Bureau:
    """Another adviser."""
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def test_a_dossier_opens_with_a_nickname_alone_and_everything_else_stays_unknown(bureau: Bureau) -> None:
    personne = bureau.personne(bureau.ouvrir(prenom="Lou"))
    assert (personne.prenom, personne.telephone, personne.message_possible) == ("Lou", None, None)
    assert (personne.joindre, personne.departs, personne.moyens, personne.permis) == (
        Joindre.RIEN,
        [],
        None,
        None,
    )
    assert "DossierOuvert" in bureau.faits()


def test_opening_a_dossier_asks_at_most_twelve_things(bureau: Bureau) -> None:
    page = bureau.page(NOUVEAU)
    formulaire = page[page.index('id="formulaire-dossier"') :]
    saisies = re.findall(r'<input(?![^>]*type="hidden")[^>]* name="([^"]+)"', formulaire)
    assert 8 <= len(set(saisies)) <= 12


def test_what_was_said_on_the_phone_is_kept_as_it_was_said(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(
        prenom="Nour",
        nom="Haddad",
        telephone="06 39 98 12 34",
        message="non",
        rattachement="bar le duc",
        **{"depart-0": "saint mihiel", "chez-0": "une amie", "jusqu_au-0": "2026-12-15"},
    )
    personne = bureau.personne(dossier)
    assert (personne.telephone, personne.joindre, personne.message_possible) == (
        "+33639981234",
        Joindre.TELEPHONE,
        False,
    )
    assert personne.rattachement == "55029"
    (depart,) = personne.departs
    assert (depart.insee, depart.chez, depart.jusqu_au) == ("55463", "une amie", date(2026, 12, 15))
    assert 'href="tel:+33639981234"' in bureau.page(dossier)


def test_a_refused_form_says_why_beside_the_field_loses_nothing_and_writes_nothing(bureau: Bureau) -> None:
    reponse = bureau.envoyer(
        NOUVEAU, prenom="", nom="Haddad", telephone="06 39 98 12", referent="Mission locale", discret="oui"
    )
    page = html.unescape(reponse.text)
    assert reponse.status_code == 422
    assert bureau.combien() == 0
    assert "Écrivez un prénom ou un surnom" in page
    assert "Il manque des chiffres" in page
    for ecrit in ('value="Haddad"', 'value="06 39 98 12"', 'value="Mission locale"'):
        assert ecrit in page
    assert re.search(r'name="discret"[^>]* checked', page)


@pytest.mark.parametrize(
    ("cherche", "champs"),
    [
        ("06 39 98 12", {"telephone": "06 39 98 12", "prenom": ""}),
        ("nour haddad", {"prenom": "Nour", "nom": "Haddad", "telephone": ""}),
    ],
)
def test_what_was_typed_to_search_is_not_typed_twice(
    bureau: Bureau, cherche: str, champs: dict[str, str]
) -> None:
    remplis = champs_de(bureau.page(f"{NOUVEAU}?q={cherche}"), "formulaire-dossier")
    assert {nom: remplis[nom] for nom in champs} == champs


@pytest.mark.parametrize(
    "elle", [{"prenom": "haddad", "nom": "NOUR"}, {"prenom": "N.", "telephone": "+33 6 39 98 12 34"}]
)
def test_a_possible_double_is_shown_and_does_not_block(bureau: Bureau, elle: dict[str, str]) -> None:
    premier = bureau.ouvrir(prenom="Nour", nom="Haddad", telephone="0639981234")
    reponse = bureau.envoyer(NOUVEAU, **elle)
    assert premier in reponse.text
    assert bureau.combien() == 1
    bureau.ouvrir(**elle, **champs_a_renvoyer(reponse.text))
    assert bureau.combien() == 2


def champs_a_renvoyer(page: str) -> dict[str, str]:
    """What the form remembers of the doubles already seen."""
    return {"doublons_vus": champs_de(page, "formulaire-dossier")["doublons_vus"]}


def test_each_opening_of_a_dossier_is_written_once_and_lists_write_nothing(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    avant = bureau.faits()
    bureau.page("/conseiller/")
    bureau.page("/conseiller/?q=nour")
    bureau.page("/conseiller/dossiers")
    assert bureau.faits() == avant
    bureau.page(dossier)
    bureau.page(f"{dossier}/identite")
    assert bureau.faits() == [*avant, "DossierConsulte", "DossierConsulte"]


def test_a_discreet_contact_shows_neither_place_nor_phone_to_another_adviser(
    bureau: Bureau, voisin: Bureau
) -> None:
    dossier = bureau.ouvrir(
        prenom="Inès",
        telephone="0639981234",
        discret="oui",
        rattachement="Commercy",
        **{"depart-0": "Saint-Mihiel", "chez-0": "une amie"},
    )
    bureau.envoyer(f"{dossier}/besoins/nouveau", destination="Verdun", quand="")
    secrets = (
        "39 98 12 34",
        "39\xa098\xa012\xa034",
        "639981234",
        "Saint-Mihiel",
        "55463",
        "Commercy",
        "une amie",
    )
    sienne = bureau.page(dossier)
    assert "Saint-Mihiel" in sienne
    assert "tel:+33639981234" in sienne
    for adresse in (dossier, f"{dossier}/identite", "/conseiller/?q=ines", "/conseiller/dossiers"):
        page = voisin.page(adresse)
        assert "Inès" in page
        # The whole list of the Maisons would name the communes: it is not there either.
        assert [secret for secret in secrets if secret in page] == [], adresse


def test_another_adviser_changes_a_discreet_dossier_without_touching_what_she_cannot_see(
    bureau: Bureau, voisin: Bureau
) -> None:
    dossier = bureau.ouvrir(prenom="Inès", telephone="0639981234", discret="oui", **{"depart-0": "Étain"})
    envoye = {"prenom": "Inès B.", "telephone": "", "depart-0": "", "rattachement": "Verdun"}
    assert voisin.envoyer(f"{dossier}/identite", **envoye).status_code == 303
    personne = bureau.personne(dossier)
    assert (personne.prenom, personne.telephone, personne.contact_discret, personne.rattachement) == (
        "Inès B.",
        "+33639981234",
        True,
        None,
    )
    assert [d.insee for d in personne.departs] == ["55181"]


def test_the_identity_form_sent_back_untouched_changes_nothing(bureau: Bureau) -> None:
    dossier = bureau.ajouter(
        une_personne(
            prenom="Nour",
            telephone="+352621123456",
            joindre=Joindre.REFERENT,
            referent="Mme Aubry",
            message_possible=True,
            rattachement="55545",
            departs=[
                Depart(insee="55463", chez="une amie", du=date(2026, 11, 1), jusqu_au=date(2026, 12, 15)),
                Depart(insee="55122", du=date(2026, 12, 16), rang=1),
            ],
        )
    )

    def identite() -> tuple[object, ...]:
        p = bureau.personne(dossier)
        lieux = [(d.insee, d.chez, d.du, d.jusqu_au) for d in p.departs]
        return (p.prenom, p.telephone, p.joindre, p.referent, p.message_possible, p.rattachement, lieux)

    avant = identite()
    champs = champs_de(bureau.page(f"{dossier}/identite"), "formulaire-identite")
    assert bureau.envoyer(f"{dossier}/identite", **champs).status_code == 303
    assert identite() == avant


def test_a_dossier_put_aside_shows_nothing_personal_and_comes_back_where_it_was(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(prenom="Nour", telephone="0639981234")
    suite = f"{dossier}/moyens"
    neutre = bureau.envoyer(f"{dossier}/attente", suite=suite).location
    page = bureau.page(neutre)
    assert "Dossier mis en attente" in page
    assert "Nour" not in page
    # Neither « page précédente » nor the address itself shows it again.
    pages = ("", "/moyens", "/identite", "/besoins/nouveau", "/plan", "/diagnostic", "/pourquoi/une-offre")
    for adresse in (dossier + page for page in pages):
        reponse = bureau.client.get(adresse)
        assert (reponse.status_code, "Nour" in reponse.text) == (303, False), adresse
    repris = bureau.envoyer(f"{dossier}/reprendre", **champs_a_reprendre(page))
    assert repris.location == suite
    assert "Nour" in bureau.page(suite)
    assert bureau.faits()[-3:] == ["DossierMisEnAttente", "DossierRepris", "DossierConsulte"]


def champs_a_reprendre(page: str) -> dict[str, str]:
    """Where the neutral page leads back to."""
    trouve = re.search(r'name="suite" value="([^"]*)"', page)
    assert trouve is not None
    return {"suite": trouve[1]}


def test_putting_aside_never_leads_to_another_site(bureau: Bureau) -> None:
    dossier = bureau.ouvrir()
    assert "ailleurs" not in bureau.envoyer(f"{dossier}/attente", suite="https://ailleurs.invalid/").location
    assert bureau.envoyer(f"{dossier}/reprendre", suite="//ailleurs.invalid/").location == dossier


def test_the_queue_puts_what_waits_apart_the_latest_first_and_says_what_each_needs(
    bureau: Bureau, voisin: Bureau
) -> None:
    ancien = bureau.ouvrir(prenom="Ancien")
    recent = bureau.ouvrir(prenom="Récent", **{"depart-0": "Étain"})
    voisin.ouvrir(prenom="Ailleurs")
    page = bureau.page("/conseiller/")
    assert page.index("Récent") < page.index("Ancien")
    assert "Ailleurs" not in page
    assert "Noter son premier besoin" in page
    bureau.envoyer(f"{ancien}/besoins/nouveau", destination="Verdun", quand="")
    bureau.envoyer(f"{recent}/attente")
    page = bureau.page("/conseiller/")
    assert (
        page.index('id="en-attente"')
        < page.index("Récent")
        < page.index('id="en-cours"')
        < page.index("Ancien")
    )
    assert "Demander d'où part la personne" in page


@pytest.mark.parametrize(
    ("horaires", "dit"),
    [("lun-ven 09:00-12:00", "Lundi à vendredi, 9 h–12 h"), (None, "Horaires non connus")],
)
def test_the_desk_says_when_the_nearest_maison_is_open_or_that_nobody_knows(
    app: Application, bureau: Bureau, horaires: str | None, dit: str
) -> None:
    with app.app_context(), transaction() as session:
        session.add(une_maison(nom="Maison d'Étain", insee="55181", lon=5.64, lat=49.21, horaires=horaires))
    personne = une_personne()
    personne.departs = [Depart(insee="55181")]
    page = bureau.page(bureau.ajouter(personne)).replace("\xa0", " ")
    accueil = page.partition('<section class="carte" id="accueil"')[2].partition("</section>")[0]
    assert "Maison d'Étain" in accueil and f">{dit}</p>" in accueil
