"""The desk of an adviser over 50 000 dossiers, on both databases: `python -m tests.benchmarks.bench_dossiers`.

One dossier holds a diagnostic of a hundred answers; each page is asked fifty times, in the process that
serves it, so that what is counted is the work of the server alone. Prints Markdown: wall time, and the time
of processor, which other work on the machine does not change (nor does it count what PostgreSQL does in its
own processes). Targets, held by the processor 95 times in 100: 100 ms to open or save a diagnostic, 200 ms for
the work queue. ``--profil`` prints where the processor goes for one page.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import Base, ce_jour, maintenant
from mobilite.diagnostic import Diagnostic, Reponse
from mobilite.parcours import Parcours
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import Action, GenreAction, PlanActions
from mobilite.question import GenreQuestion, Item
from seeds.charger import charger
from tests.conftest import CLE, client_de, compte_de, valeur_de
from tests.fabriques import une_personne
from tests.integration.bureau import champs_de
from tests.proof.preuve_taches import bases
from web.app import create_app
from web.config import Config, Mode
from web.lecture_maisons import lire_maisons
from web.referentiel import dossier_des_graines, referentiel

LOT = 5_000
CONSEILLERS = 60
REPONSES = 100
ACTIONS = 3
UN_DIAGNOSTIC_SUR = 10
"""One dossier in ten has its hundred answers: half a million rows, which is what the pages read through."""


def peupler(moteur: Engine, dossiers: int) -> tuple[str, UUID]:
    """Fill an up-to-date empty database: who signs in (``jeton_session``) and the dossier to open."""
    connu, hasard = referentiel(), random.Random(55)
    questionnaire = connu.questionnaire
    items = [i for i in questionnaire.items if i.genre not in (GenreQuestion.TEXTE, GenreQuestion.DATE)]
    with Session(moteur) as session, session.begin():
        comptes = [compte_de(session, RoleActeur.CONSEILLER) for _ in range(CONSEILLERS)]
        session.flush()
        numeros, jeton = [c.id for c in comptes], comptes[0].jeton_session
        graines = dossier_des_graines()
        maisons = (graines / "meuse" / "maisons_demonstration.csv").read_bytes()
        charger(
            session,
            graines / "demonstration",
            lire_maisons(maisons, connu.territoire, demonstration=True),
            le=ce_jour(),
            conseiller_id=numeros[0],
            version_questionnaire=questionnaire.version,
        )
        communes = sorted(connu.territoire.communes)[:200]
    for debut in range(0, dossiers, LOT):
        rangs = range(debut, min(debut + LOT, dossiers))
        _lot(moteur, hasard, numeros, communes, items, rangs)
    with moteur.begin() as connexion:
        connexion.execute(text("ANALYZE"))
    with Session(moteur) as session, session.begin():
        suivie = une_personne(prenom="Nour", conseiller_id=numeros[0], annee_naissance=1990, moyens=[])
        suivie.departs = [Depart(insee="55545")]
        suivie.besoins = [BesoinExprime(destination="55029", passages=_semaine())]
        diagnostic = Diagnostic(personne=suivie, questionnaire=questionnaire.version, commence_par=numeros[0])
        for code, valeur in _cent(hasard, items).items():
            diagnostic.reponses[code] = Reponse(code=code, valeur=valeur, par=numeros[0])
        session.add(suivie)
        session.flush()
        return jeton, suivie.uuid


def _semaine() -> dict[str, Any]:
    jours = [(ce_jour() + timedelta(days=n)).isoformat() for n in range(1, 6)]
    return {"dates": jours, "arrivee": "08:00", "retour": "17:00"}


def _lot(
    moteur: Engine,
    hasard: random.Random,
    numeros: list[int],
    communes: list[str],
    items: list[Item],
    rangs: range,
) -> None:
    """Some thousand dossiers with their parcours and plan; one in ten with its diagnostic."""
    jour, instant = ce_jour(), maintenant()
    with Session(moteur) as session, session.begin():
        modele = _colonnes(une_personne())
        session.execute(
            insert(Personne),
            [
                modele
                | {
                    "uuid": uuid4(),
                    "prenom": f"Prénom{r}",
                    "nom": f"Nom{r % 9973}",
                    "cle_nom": f"nom{r % 9973}",
                }
                | {"conseiller_id": numeros[r % CONSEILLERS] if r % 25 else None}
                for r in rangs
            ],
        )
        personnes = session.scalars(select(Personne.id).order_by(Personne.id.desc()).limit(len(rangs))).all()
        session.execute(
            insert(Depart),
            [
                _colonnes(Depart(insee="55545")) | {"personne_id": p, "insee": hasard.choice(communes)}
                for p in personnes
            ],
        )
        # Seven parcours in eight are over; what is due of the others falls around today.
        parcours = _colonnes(Parcours(personne=une_personne(), ouvert_le=jour))
        session.execute(
            insert(Parcours),
            [
                parcours | {"uuid": uuid4(), "personne_id": p} | _parcours(hasard, rang)
                for rang, p in enumerate(personnes)
            ],
        )
        plan = _colonnes(PlanActions(personne=une_personne()))
        session.execute(insert(PlanActions), [plan | {"uuid": uuid4(), "personne_id": p} for p in personnes])
        plans = session.scalars(
            select(PlanActions.id).order_by(PlanActions.id.desc()).limit(len(rangs))
        ).all()
        ligne = _colonnes(
            Action(rang=1, genre=GenreAction.ETAPE, intitule="Appeler le garage", decidee_par=1)
        )
        session.execute(
            insert(Action),
            [
                ligne
                | {"uuid": uuid4(), "plan_id": p, "rang": n, "statut": "faite" if rang % 8 else "gardee"}
                | {"echeance": jour + timedelta(days=hasard.randrange(-20, 60))}
                for rang, p in enumerate(plans)
                for n in range(1, ACTIONS + 1)
            ],
        )
        entendus = personnes[::UN_DIAGNOSTIC_SUR]
        diagnostic = _colonnes(
            Diagnostic(
                personne=une_personne(), questionnaire=referentiel().questionnaire.version, commence_par=1
            )
        )
        session.execute(
            insert(Diagnostic), [diagnostic | {"uuid": uuid4(), "personne_id": p} for p in entendus]
        )
        diagnostics = session.scalars(
            select(Diagnostic.id).order_by(Diagnostic.id.desc()).limit(len(entendus))
        ).all()
        reponse = _colonnes(Reponse(code="", valeur=None, par=1))
        session.execute(
            insert(Reponse),
            [
                reponse | {"diagnostic_id": d, "code": code, "valeur": valeur, "repondu_le": instant}
                for d in diagnostics
                for code, valeur in _cent(hasard, items).items()
            ],
        )


def _parcours(hasard: random.Random, rang: int) -> dict[str, Any]:
    jour = ce_jour()
    if rang % 8:
        sortie = jour - timedelta(days=hasard.randrange(1, 900))
        return {
            "ouvert_le": sortie - timedelta(days=200),
            "sortie_le": sortie,
            "sortie_cause": "emploi",
            "contact_prevu": sortie + timedelta(days=183),
        }
    return {
        "ouvert_le": jour - timedelta(days=90),
        "prochaine_revue": jour + timedelta(days=hasard.randrange(-10, 60)),
    }


def _cent(hasard: random.Random, items: list[Item]) -> dict[str, Any]:
    """A hundred answers that fit their questions."""
    return {item.code: _valeur(hasard, item) for item in items[:REPONSES]}


def _valeur(hasard: random.Random, item: Item) -> Any:
    if item.genre is GenreQuestion.OUI_NON:
        return hasard.random() < 0.5
    if item.genre is GenreQuestion.ECHELLE:
        return hasard.randrange(4)
    if item.genre is GenreQuestion.NOMBRE:
        return int(item.au_moins or 0) + 1
    choix = hasard.choice(item.choix).valeur
    return [choix] if item.genre is GenreQuestion.PLUSIEURS else choix


def _colonnes(modele: Base) -> dict[str, Any]:
    """What a row needs besides what is said of it: the defaults an entity is born with."""
    cles = [c.key for c in inspect(type(modele)).column_attrs if c.key != "id"]
    return {cle: getattr(modele, cle, None) for cle in cles}


def pages(client: FlaskClient, dossier: UUID) -> Iterator[tuple[str, int, Callable[[], None]]]:
    """Each page: its name, its target in milliseconds (0: none), and how to ask for it."""
    racine = f"/conseiller/dossiers/{dossier}"

    def lire(adresse: str) -> Callable[[], None]:
        def demander() -> None:
            reponse = client.get(adresse)
            assert reponse.status_code == 200, (adresse, reponse.status_code)

        return demander

    def autosauver() -> None:
        valeur = str(next(echelle) % 4)
        corps = {"code": "D5_confiance", "valeurs": [valeur], "vu": etat["vu"]}
        reponse = client.post(f"{racine}/diagnostic/reponses", json=corps, headers={"X-CSRFToken": jeton})
        assert reponse.status_code == 200, reponse.text
        etat["vu"] = reponse.json["vu"] if reponse.json else ""

    def enregistrer() -> None:
        page = client.get(f"{racine}/diagnostic/D6").text
        champs = champs_de(page, formulaire) | {"csrf_token": jeton, "D6_plan": str(next(echelle) % 4)}
        debut = time.perf_counter(), time.process_time()
        reponse = client.post(f"{racine}/diagnostic/D6", data=champs)
        etat["mesure"] = (time.perf_counter() - debut[0], time.process_time() - debut[1])
        assert reponse.status_code == 302, reponse.status_code

    echelle = iter(range(1_000_000))
    lire(f"{racine}/diagnostic/D5")()
    premiere = client.get(f"{racine}/diagnostic/D5").text
    jeton = valeur_de(premiere)
    etat: dict[str, Any] = {"vu": valeur_de(premiere, "vu-D5_confiance")}
    formulaire = "diagnostic" if 'id="diagnostic"' in premiere else "section"
    yield "diagnostic : les sections", 100, lire(f"{racine}/diagnostic")
    yield "diagnostic : une section", 100, lire(f"{racine}/diagnostic/D5")
    yield "diagnostic : une réponse enregistrée", 100, autosauver
    yield "diagnostic : une section enregistrée", 100, _chronometree(enregistrer, etat)
    yield "diagnostic : les résultats", 0, lire(f"{racine}/diagnostic/resultats")
    yield "ma file", 200, lire("/conseiller/")
    yield "un dossier", 0, lire(racine)
    yield "un plan", 0, lire(f"{racine}/plan")
    yield "un parcours", 0, lire(f"{racine}/parcours")
    yield "chercher quelqu'un", 0, lire("/conseiller/?q=Nom123")
    yield "ses bilans faits ailleurs", 0, lire(f"{racine}/bilans")


def _chronometree(faire: Callable[[], None], etat: dict[str, Any]) -> Callable[[], None]:
    """A request that needs another one first says itself how long it took."""
    faire.__dict__["mesure"] = etat
    return faire


def mesurer(demander: Callable[[], None], fois: int) -> tuple[list[float], list[float]]:
    """Milliseconds on the wall and of processor, each time; the first three are not counted."""
    mur, processeur = [], []
    etat = getattr(demander, "mesure", None)
    for rang in range(fois + 3):
        debut = time.perf_counter(), time.process_time()
        demander()
        passe = (time.perf_counter() - debut[0], time.process_time() - debut[1])
        if etat is not None:
            passe = etat["mesure"]
        if rang >= 3:
            mur.append(passe[0] * 1000)
            processeur.append(passe[1] * 1000)
    return sorted(mur), sorted(processeur)


def _profiler(demander: Callable[[], None], fois: int = 20) -> None:
    profil = cProfile.Profile()
    profil.enable()
    for _ in range(fois):
        demander()
    profil.disable()
    pstats.Stats(profil).sort_stats("cumulative").print_stats(r"/(web|mobilite|matching|geo)/|execute", 45)


def main() -> int:
    """One table a database."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--base", choices=("sqlite", "postgresql"), action="append")
    lecteur.add_argument("--dossiers", type=int, default=50_000)
    lecteur.add_argument("--fois", type=int, default=50)
    lecteur.add_argument("--profil", default="", help="part of the name of a page")
    choix = lecteur.parse_args()
    for genre in choix.base or ("sqlite", "postgresql"):
        with bases(genre) as moteurs:
            moteur, debut = next(moteurs), time.monotonic()
            jeton, dossier = peupler(moteur, choix.dossiers)
            print(
                f"\n{genre}, {choix.dossiers} dossiers : base remplie en {time.monotonic() - debut:.0f} s\n"
            )
            app = create_app(Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=moteur.url))
            client = client_de(app, jeton)
            print(
                "| page | médiane | p95 | processeur : médiane | p95 | but |\n|---|---:|---:|---:|---:|---|"
            )
            for nom, but, demander in pages(client, dossier):
                if choix.profil and choix.profil not in nom:
                    continue
                mur, processeur = mesurer(demander, choix.fois)
                chiffres = [mur[len(mur) // 2], mur[int(len(mur) * 0.95)]]
                chiffres += [processeur[len(mur) // 2], processeur[int(len(mur) * 0.95)]]
                dit = f"< {but} ms {'tenu' if chiffres[3] < but else 'dépassé'}" if but else ""
                print(f"| {nom} | " + " | ".join(f"{c:.0f}" for c in chiffres) + f" | {dit} |", flush=True)
                if choix.profil:
                    _profiler(demander)
    return 0


if __name__ == "__main__":
    sys.exit(main())
