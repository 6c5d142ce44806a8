"""One driver, one passenger: every refusal names its rule and its value, and nothing unknown excludes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matching.covoiturage.conducteurs import arrets_a_pied, conducteurs, demandes_de
from matching.covoiturage.passager import juger
from matching.covoiturage.trajets import MS, Arret, Compatibilite, DemandePassager, Etapes, Regles
from matching.temps import Temps
from matching.voyage import Examen, Sens
from mobilite.besoin import SEMAINE, Jour
from mobilite.conducteur import Agenda, BesoinABord, TrajetConducteur
from mobilite.document import Champ
from mobilite.faits import faits_de_la_situation
from mobilite.lieux import JAMAIS, Lieu
from mobilite.parametres import parametres
from mobilite.verdict import Duree, Verdict
from tests.doublures import DureesFixes, TrajetsFixes
from tests.unit.essai import LE, besoin, contexte, situation
from tests.unit.lecture import ETAIN, VERDUN, lecteur_situation

REGLES = Regles.de(parametres(LE))
ICI, LA = Lieu(ETAIN), Lieu(VERDUN)
OUVRES = frozenset(SEMAINE[:5])
FAIT_LA_ROUTE = TrajetConducteur(
    "c", ICI, LA, Agenda(OUVRES), heure=440, souplesse=15, places=3, structure="L'usine d'essai"
)
VA_AU_TRAVAIL = DemandePassager(
    "p", "A1", Sens.ALLER, Agenda(OUVRES, du=LE), 480, (Arret(ICI),), (Arret(LA),)
)


def etapes(direct: int = 24, approche: int = 4, ensemble: int = 22, suite: int = 3, large: int = 0) -> Etapes:
    """In minutes; ``large``: how much longer each may be."""
    return Etapes(*((m * MS, (m + large) * MS) for m in (direct, approche, ensemble, suite)))


def un_jugement(
    trajet: TrajetConducteur = FAIT_LA_ROUTE,
    demande: DemandePassager = VA_AU_TRAVAIL,
    temps: Etapes | None = None,
    feries: frozenset[date] = frozenset(),
) -> Compatibilite:
    return juger(trajet, demande, demande.prises[-1], demande.deposes[-1], temps or etapes(), REGLES, feries)


def test_a_driver_who_passes_in_time_with_a_small_detour_is_sure_and_the_hours_are_said() -> None:
    jugee = un_jugement()
    assert jugee.verdict is Verdict.OUI
    assert {m.regle: m.phrase for m in jugee.motifs} == {
        "covoiturage.detour": "Détour de 5 min (10 min au plus).",
        "covoiturage.heure": "Passe la prendre vers 7 h 24, la dépose vers 7 h 46, pour 8 h.",
        "covoiturage.jours": "Roule tous les jours demandés.",
    }
    assert (jugee.monte_a, jugee.descend_a) == (444, 466)


@pytest.mark.parametrize(
    ("regle", "phrase", "jugee"),
    [
        (
            "covoiturage.detour",
            "Détour d'au moins 14 min : 10 min au plus pour ce conducteur.",
            un_jugement(temps=etapes(approche=10, suite=6)),
        ),
        (
            "covoiturage.detour",
            "Détour d'au moins 5 min : 4 min au plus pour ce conducteur.",
            un_jugement(replace(FAIT_LA_ROUTE, detour_max=4)),
        ),
        (
            "covoiturage.heure",
            "La déposerait au plus tôt 21 min trop tard, pour 8 h.",
            un_jugement(replace(FAIT_LA_ROUTE, heure=490)),
        ),
        (
            "covoiturage.heure",
            "La déposerait 54 min trop tôt, pour 8 h.",
            un_jugement(replace(FAIT_LA_ROUTE, heure=340)),
        ),
        (
            "covoiturage.heure",
            "Avec elle, il arriverait 4 min après 7 h 30.",
            un_jugement(replace(FAIT_LA_ROUTE, arrivee_max=450, souplesse=15)),
        ),
        (
            "covoiturage.jours",
            "Ne roule pas : lundi, mardi, mercredi, jeudi, vendredi.",
            un_jugement(replace(FAIT_LA_ROUTE, agenda=Agenda(frozenset({Jour.SAM})))),
        ),
        (
            "covoiturage.places",
            "1 place libre : il en faut 2.",
            un_jugement(replace(FAIT_LA_ROUTE, places=1), replace(VA_AU_TRAVAIL, places=2)),
        ),
        (
            "covoiturage.fauteuil",
            "Pas possible avec lui : un fauteuil roulant.",
            un_jugement(
                replace(FAIT_LA_ROUTE, refuse=frozenset({BesoinABord.FAUTEUIL})),
                replace(VA_AU_TRAVAIL, besoins=frozenset({BesoinABord.FAUTEUIL})),
            ),
        ),
        (
            "covoiturage.accord",
            "Elle ne souhaite pas covoiturer.",
            un_jugement(demande=replace(VA_AU_TRAVAIL, accord=Verdict.NON)),
        ),
        (
            "covoiturage.marche",
            "Rendez-vous : la mairie d'Étain, 20 min à pied, pour 15 min au plus.",
            un_jugement(
                demande=replace(
                    VA_AU_TRAVAIL, prises=(Arret(ICI, "la mairie d'Étain", Duree(20, 20, "à pied")),)
                )
            ),
        ),
        (
            "covoiturage.chemin",
            "Aucune route ne mène par là.",
            un_jugement(temps=replace(etapes(), approche=(JAMAIS, JAMAIS))),
        ),
    ],
)
def test_a_refusal_names_its_rule_the_value_and_what_would_change_it(
    regle: str, phrase: str, jugee: Compatibilite
) -> None:
    assert jugee.verdict is Verdict.NON
    (refus,) = [m for m in jugee.motifs if m.verdict is Verdict.NON]
    assert (refus.regle, refus.phrase) == (regle, phrase)
    assert refus.changerait


def test_what_nobody_has_said_never_excludes_and_says_who_knows() -> None:
    inconnu = juger(
        replace(FAIT_LA_ROUTE, places=None),
        replace(
            VA_AU_TRAVAIL, heure=None, besoins=frozenset({BesoinABord.ANIMAL}), accord=Verdict.A_VERIFIER
        ),
        VA_AU_TRAVAIL.prises[0],
        VA_AU_TRAVAIL.deposes[0],
        Etapes((0, JAMAIS), (0, JAMAIS), (0, JAMAIS), (0, JAMAIS)),
        REGLES,
    )
    assert inconnu.verdict is Verdict.A_VERIFIER
    doutes = [m for m in inconnu.motifs if m.verdict is Verdict.A_VERIFIER]
    assert {m.regle for m in doutes} == {
        "covoiturage.places",
        "covoiturage.animal",
        "covoiturage.accord",
        "covoiturage.detour",
        "covoiturage.heure",
    }
    assert all(m.manques for m in doutes)


def test_a_range_is_sure_only_when_its_worst_end_fits() -> None:
    assert un_jugement(temps=etapes(large=1)).verdict is Verdict.OUI
    assert un_jugement(temps=etapes(large=3)).verdict is Verdict.A_VERIFIER
    detour = next(m for m in un_jugement(temps=etapes(large=3)).motifs if m.regle == "covoiturage.detour")
    assert detour.phrase == "Détour de 2 à 14 min, pour 10 min au plus : à mesurer."


# What the direct competitor is known not to do (Mobicoop, reading of its code).


def test_a_driver_free_one_day_is_never_given_for_the_whole_week() -> None:
    """There the days are joined by OR."""
    lundi = un_jugement(replace(FAIT_LA_ROUTE, agenda=Agenda(frozenset({Jour.LUN}))))
    assert lundi.verdict is Verdict.A_VERIFIER
    assert lundi.service.manquants == (Jour.MAR, Jour.MER, Jour.JEU, Jour.VEN)
    assert any(
        m.phrase == "Ne roule pas : mardi, mercredi, jeudi, vendredi." for m in lundi.motifs if m.manques
    )


def test_each_date_is_checked_and_a_public_holiday_is_asked_about() -> None:
    dates = frozenset({date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 11)})
    jugee = un_jugement(
        demande=replace(VA_AU_TRAVAIL, agenda=Agenda(dates=dates)), feries=frozenset({date(2026, 4, 6)})
    )
    assert jugee.service.manquants == (date(2026, 4, 11),)
    assert jugee.service.reserves == ("le 06/04 est férié",)


def test_a_line_that_stops_before_the_need_ends_is_not_promised() -> None:
    jugee = un_jugement(replace(FAIT_LA_ROUTE, agenda=Agenda(OUVRES, au=date(2026, 5, 1))))
    assert jugee.verdict is Verdict.A_VERIFIER
    assert jugee.service.reserves == ("jusqu'au 01/05/2026 seulement",)
    fini = un_jugement(replace(FAIT_LA_ROUTE, agenda=Agenda(OUVRES, au=date(2026, 3, 1))))
    assert fini.verdict is Verdict.NON


def test_near_as_the_crow_flies_is_nothing_when_the_road_is_long() -> None:
    """There, home is compared with both ends as the crow flies: a river in between is not seen."""
    assert un_jugement(temps=etapes(approche=25, suite=25)).verdict is Verdict.NON


def examen(**autres: object) -> Examen:
    """Somebody of Étain who has to be in Verdun, Monday to Friday, 8 h to 16 h 30."""
    lue = lecteur_situation().lire(Champ(situation(besoins=[besoin(**autres)])))
    ctx = contexte()
    faits = faits_de_la_situation(lue, LE) | {"accepte_covoiturage": True}
    return Examen(lue.besoins[0], lue, faits, Temps(lue, ctx.accessibilite), ctx)


def temps_entre(minutes: int = 24) -> DureesFixes:
    """Étain and Verdun, and nothing within them."""
    return DureesFixes({(a, b): ((minutes if a != b else 0) * MS,) * 2 for a in (ICI, LA) for b in (ICI, LA)})


def test_the_way_there_and_the_way_back_are_asked_one_by_one_and_what_is_missing_is_said() -> None:
    e = examen()
    aller, retour = demandes_de(e, "A1")
    assert (aller.sens, aller.heure, retour.sens, retour.heure) == (Sens.ALLER, 480, Sens.RETOUR, 990)
    (seul,) = conducteurs((aller, retour), [FAIT_LA_ROUTE], temps_entre(), e)
    assert seul.verdict is Verdict.A_VERIFIER
    assert seul.reste == ("retour : lundi, mardi, mercredi, jeudi, vendredi",)
    revient = replace(FAIT_LA_ROUTE, id="r", depart=LA, arrivee=ICI, heure=1000)
    les_deux = [replace(t, conducteur="Paul") for t in (FAIT_LA_ROUTE, revient)]
    (complet,) = conducteurs((aller, retour), les_deux, temps_entre(), e)
    assert complet.verdict is Verdict.OUI
    assert complet.reste == ()


def test_drivers_come_in_an_order_one_can_argue_with_whatever_the_order_they_are_given() -> None:
    """There, nothing is ordered."""
    e = examen()
    demandes = demandes_de(e, "A1")[:1]
    plus_loin = {(Lieu("55001"), ICI): (9 * MS,) * 2, (Lieu("55001"), LA): (25 * MS,) * 2}
    loin = DureesFixes({**temps_entre().temps, **plus_loin})
    detour = replace(FAIT_LA_ROUTE, id="detour", depart=Lieu("55001"))
    doute = replace(FAIT_LA_ROUTE, id="doute", places=None)
    pas_la = replace(FAIT_LA_ROUTE, id="non", heure=900)
    ordre = ["c", "detour", "doute", "non"]
    for donnes in ([FAIT_LA_ROUTE, detour, doute, pas_la], [pas_la, doute, detour, FAIT_LA_ROUTE]):
        assert [p.conducteur for p in conducteurs(demandes, donnes, loin, e)] == ordre


def test_needs_on_board_and_those_who_come_along_are_read_from_her_need() -> None:
    """There, nobody reads them when looking for a volunteer."""
    (aller, _) = demandes_de(examen(avec=["bebe", "fauteuil"]), "A1")
    assert aller.places == 3
    assert aller.besoins == {BesoinABord.BEBE, BesoinABord.FAUTEUIL}
    assert aller.marche_max == 0


def test_a_meeting_point_within_her_walk_makes_a_trip_possible() -> None:
    mairie = Lieu("55182")
    arret = arrets_a_pied(ICI, [(mairie, "la mairie")], TrajetsFixes(minutes=8), 15)
    assert [a.marche.max for a in arret] == [8]
    assert arrets_a_pied(ICI, [(mairie, "la mairie")], TrajetsFixes(minutes=16), 15) == ()
    demande = replace(VA_AU_TRAVAIL, prises=(Arret(ICI), *arret))
    autres = {
        (Lieu("55001"), ICI): 20, (Lieu("55001"), mairie): 4, (Lieu("55001"), LA): 26, (mairie, LA): 24,
    }  # fmt: skip
    temps = DureesFixes({**temps_entre().temps, **{couple: (m * MS,) * 2 for couple, m in autres.items()}})
    (propose,) = conducteurs([demande], [replace(FAIT_LA_ROUTE, depart=Lieu("55001"))], temps, examen())
    assert propose.verdict is Verdict.OUI
    assert propose.voies[0].prise.nom == "la mairie"
