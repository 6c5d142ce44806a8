"""« Aller vers »: who is on the list and why, whom nobody visits, and what a visit changes."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour
from mobilite.carnet import Contact, GenreContact, noter_contact
from mobilite.journal import Evenement, LigneJournal
from mobilite.personnes import Depart, Personne
from tests.conftest import Entrer, valeur_de
from tests.fabriques import CONSEILLERE, une_maison, une_personne
from web.aller_vers import a_visiter, tournee
from web.app import Application
from web.catalogue import maisons_d_accueil
from web.transaction import lecture, transaction

STENAY, MONTMEDY, COMMERCY = "55502", "55351", "55122"


def appels(session: Session, personne: Personne, combien: int, *, repond: bool = False) -> None:
    """So many calls, one a day until yesterday."""
    for jours in range(combien, 0, -1):
        le = ce_jour() - timedelta(days=jours)
        contact = noter_contact(
            personne, GenreContact.APPEL, le, CONSEILLERE, aujourdhui=ce_jour(), joint=repond
        )
        contact.note_le = datetime.combine(le, datetime.min.time(), UTC)
        session.add(contact)


def charger(app: Application, *personnes: tuple[Personne, int]) -> None:
    """A Maison at Verdun and these people, each with so many calls nobody answered."""
    with app.app_context(), transaction() as session:
        session.add(une_maison(nom="Maison de Verdun"))
        for personne, combien in personnes:
            session.add(personne)
            session.flush()
            appels(session, personne, combien)


def les_noms(app: Application) -> list[str]:
    with app.app_context(), lecture() as session:
        liste = a_visiter(session, CONSEILLERE, maisons_d_accueil(session), ce_jour())
        return sorted(q.personne.prenom for q in liste)


def visiter(client: FlaskClient, personne: Personne, resultat: str, cle: str = "v1") -> int:
    jeton = valeur_de(client.get("/conseiller/").text)
    return client.post(
        f"/conseiller/aller-vers/{personne.uuid}/visite",
        data={"csrf_token": jeton, "resultat": resultat, "cle": cle},
    ).status_code


def test_two_unanswered_contacts_put_her_on_the_list_one_does_not_and_answers_never_do(
    app: Application,
) -> None:
    repond = une_personne(prenom="Répond")
    charger(app, (une_personne(prenom="Une"), 1), (une_personne(prenom="Deux"), 2), (repond, 0))
    with app.app_context(), transaction() as session:
        appels(session, repond, 5, repond=True)
    assert les_noms(app) == ["Deux"]


def test_a_visit_takes_her_off_the_list_is_told_once_and_no_means_no(
    app: Application, entrer: Entrer
) -> None:
    elle = une_personne(prenom="Elle")
    charger(app, (elle, 3))
    client = entrer(RoleActeur.CONSEILLER)
    assert [visiter(client, elle, "mot_laisse") for _ in range(2)] == [303, 303]
    assert les_noms(app) == []
    with app.app_context(), lecture() as session:
        visites = select(func.count()).where(Contact.genre == GenreContact.VISITE)
        assert session.scalars(visites).one() == 1
        faites = select(func.count()).where(LigneJournal.quoi == Evenement.VISITE_NOTEE.value)
        assert session.scalars(faites).one() == 1

    def encore_muette() -> None:
        with app.app_context(), transaction() as session:
            for _ in range(2):
                session.add(
                    noter_contact(
                        elle, GenreContact.APPEL, ce_jour(), CONSEILLERE, aujourdhui=ce_jour(), joint=False
                    )
                )

    encore_muette()
    assert les_noms(app) == ["Elle"]
    visiter(client, elle, "ne_veut_pas", "v2")
    encore_muette()
    assert les_noms(app) == []


def test_a_discreet_person_is_never_on_the_round_and_her_commune_is_for_her_adviser_alone(
    app: Application, entrer: Entrer
) -> None:
    discrete = une_personne(
        prenom="Discrète", contact_discret=True, conseiller_id=102, departs=[Depart(insee=MONTMEDY)]
    )
    charger(app, (discrete, 3), (une_personne(prenom="Nour", departs=[Depart(insee=STENAY)]), 3))
    with app.app_context(), lecture() as session:
        (maison,) = maisons_d_accueil(session)
        liste = a_visiter(session, CONSEILLERE, (maison,), ce_jour())
        ronde = tournee(maison, liste, ce_jour())
    assert [e.qui.personne.prenom for e in ronde.etapes] == ["Nour"]
    assert [q.personne.prenom for q in ronde.discretes] == ["Discrète"]
    page = html.unescape(entrer(RoleActeur.CONSEILLER).get(f"/conseiller/aller-vers?maison={maison.id}").text)
    assert "Jamais chez elle sans son accord" in page
    assert "Montmédy" not in page
    assert "Temps estimés" in page


def test_the_round_goes_by_the_shortest_road_and_leaves_aside_who_has_no_place(app: Application) -> None:
    lieux = {"Montmédy": MONTMEDY, "Commercy": COMMERCY, "Stenay": STENAY}
    personnes = [une_personne(prenom=nom, departs=[Depart(insee=i)]) for nom, i in lieux.items()]
    charger(app, *((p, 2) for p in [*personnes, une_personne(prenom="Sans lieu")]))
    with app.app_context(), lecture() as session:
        (maison,) = maisons_d_accueil(session)
        ronde = tournee(maison, a_visiter(session, CONSEILLERE, (maison,), ce_jour()), ce_jour())
    ordre = [e.qui.personne.prenom for e in ronde.etapes]
    assert ordre.index("Commercy") in (0, 2)  # south of Verdun: never between the two of the north
    assert [q.personne.prenom for q in ronde.sans_lieu] == ["Sans lieu"]
    assert ronde.minutes_en_tout == ronde.minutes_de_route + 90
