"""Who may open, find and call whom."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.offre import offres_visibles_par
from mobilite.personnes import Personne, personnes_visibles_par, rechercher_personnes
from mobilite.plan import PlanActions, plans_visibles_par
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import (
    AUTRE_CONSEILLER,
    AVANT,
    CONSEILLERE,
    DEPARTEMENT,
    jours,
    la_personne,
    le_partenaire,
    un_vehicule,
    une_offre,
    une_personne,
    une_structure,
)


def trouvees(session: Session, texte: str, acteur: Acteur = CONSEILLERE) -> list[str]:
    """First names found by typing this."""
    return [p.prenom for p in session.scalars(rechercher_personnes(acteur, texte))]


@pytest.mark.parametrize(
    ("tape", "trouve"),
    [
        ("benali", ["Fatïma"]),
        ("  FATIMA  ben", ["Fatïma"]),
        ("benali fatima", ["Fatïma"]),
        ("marie therese", ["Marie-Thérèse"]),
        ("l'oeill", ["Marie-Thérèse"]),
        ("06 12 34", ["Fatïma"]),
        ("+33 6 12", ["Fatïma"]),
        ("345678", ["Fatïma"]),
        ("fatima 0612", ["Fatïma"]),
        ("fatima 0799", []),
        ("50%", []),
        ("_", []),
        ("  ", []),
        ("zzz", []),
    ],
)
def test_a_dossier_is_found_by_pieces_of_name_or_telephone(
    moteur: Engine, tape: str, trouve: list[str]
) -> None:
    with Session(moteur) as session, session.begin():
        session.add(une_personne(prenom="Fatïma", nom="Benali", telephone="+33612345678"))
        session.add(une_personne(prenom="Marie-Thérèse", nom="L’Œillet", en_attente=True))
        session.flush()
        assert trouvees(session, tape) == trouve


def test_a_dossier_renamed_is_found_by_its_new_name_only(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        personne = une_personne(prenom="Kim", telephone="+33612345678")
        session.add(personne)
        session.flush()
        personne.prenom, personne.telephone = "Lou", None
        session.flush()
        assert (trouvees(session, "kim"), trouvees(session, "0612"), trouvees(session, "lou")) == (
            [],
            [],
            ["Lou"],
        )


def test_a_discreet_telephone_can_be_neither_read_nor_guessed_by_others(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        personne = une_personne(
            prenom="Ana", telephone="+33612345678", contact_discret=True, conseiller_id=CONSEILLERE.id
        )
        session.add(personne)
        session.flush()
        assert trouvees(session, "0612", CONSEILLERE) == ["Ana"]
        assert trouvees(session, "0612", AUTRE_CONSEILLER) == []
        assert trouvees(session, "ana", AUTRE_CONSEILLER) == ["Ana"]
        assert (
            personne.telephone_pour(CONSEILLERE)
            == personne.telephone_pour(la_personne(personne))
            == "+33612345678"
        )
        assert personne.telephone_pour(AUTRE_CONSEILLER) is None
        assert not personne.coordonnees_visibles_par(AUTRE_CONSEILLER)
        assert not personne.coordonnees_visibles_par(DEPARTEMENT)


def test_a_discreet_dossier_has_somebody_who_follows_it(moteur: Engine) -> None:
    with pytest.raises(IntegrityError), Session(moteur) as session, session.begin():
        session.add(une_personne(contact_discret=True))


def test_each_role_opens_only_what_is_its_own(moteur_sqlite: Engine) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        elle, voisine = une_personne(prenom="Elle"), une_personne(prenom="Voisine")
        offres = [une_offre(), une_offre()]
        vehicules = [un_vehicule(offre) for offre in offres]
        session.add_all([elle, voisine, *vehicules])
        for personne in (elle, voisine):
            session.add(PlanActions(personne=personne))
        session.flush()
        for personne, vehicule in ((elle, vehicules[0]), (voisine, vehicules[1])):
            session.add(
                Reservation(
                    vehicule_id=vehicule.id,
                    personne_id=personne.id,
                    demandee_par=personne.id,
                    cle_idempotence="x",
                    expire_le=AVANT,
                    **jours(),
                )
            )
        session.flush()
        partenaire = le_partenaire(offres[0].structure)

        def ouverts(acteur: Acteur) -> tuple[int, ...]:
            return tuple(
                len(session.scalars(visibles(acteur)).unique().all())
                for visibles in (
                    personnes_visibles_par,
                    plans_visibles_par,
                    reservations_visibles_par,
                )
            )

        assert ouverts(CONSEILLERE) == (2, 2, 2)
        assert ouverts(la_personne(elle)) == (1, 1, 1)
        assert ouverts(partenaire) == (0, 0, 1)
        assert ouverts(DEPARTEMENT) == (0, 0, 0)
        for sans_lien in (RoleActeur.PERSONNE, RoleActeur.PARTENAIRE):
            assert ouverts(Acteur(id=1, role=sans_lien)) == (0, 0, 0)
        assert session.scalars(personnes_visibles_par(la_personne(elle))).one() is elle
        assert session.scalars(reservations_visibles_par(partenaire)).one().personne is elle
        assert session.scalars(offres_visibles_par(partenaire)).all() == [offres[0]]
        assert session.scalars(offres_visibles_par(le_partenaire_sans_offre(session))).all() == []
        assert trouvees(session, "elle", partenaire) == []


def le_partenaire_sans_offre(session: Session) -> Acteur:
    structure = une_structure()
    session.add(structure)
    session.flush()
    return le_partenaire(structure)


def test_a_partner_has_the_telephone_while_a_place_is_confirmed_and_never_a_discreet_one(
    moteur_sqlite: Engine,
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        personne = une_personne(telephone="+33612345678", conseiller_id=CONSEILLERE.id)
        vehicule = un_vehicule(une_offre())
        session.add_all([personne, vehicule])
        session.flush()
        reservation = Reservation(
            vehicule_id=vehicule.id,
            personne_id=personne.id,
            demandee_par=1,
            cle_idempotence="x",
            expire_le=AVANT,
            place_confirmee_par="Paul",
            place_confirmee_le=AVANT,
            **jours(),
        )
        session.add(reservation)
        session.flush()
        session.refresh(reservation)
        partenaire = le_partenaire(vehicule.offre.structure)
        vus = {}
        for statut in StatutReservation:
            reservation.statut = statut
            vus[statut] = reservation.telephone_pour(partenaire)
        assert {s for s, telephone in vus.items() if telephone} == {
            StatutReservation.CONFIRMEE,
            StatutReservation.REMISE,
        }
        personne.contact_discret = True
        reservation.statut = StatutReservation.CONFIRMEE
        assert reservation.telephone_pour(partenaire) is None
        assert reservation.telephone_pour(CONSEILLERE) == "+33612345678"


def test_an_entity_never_writes_a_name_in_a_log() -> None:
    personne = Personne(prenom="Fatima", nom="Benali", telephone="+33612345678")
    assert repr(personne) == "<Personne neuf>"
