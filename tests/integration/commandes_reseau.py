"""``mobilite reseau`` as somebody types it, and a village to import."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from tests.unit.petit_reseau import Plan
from web.commandes import mobilite


def lancer(*mots: str) -> Result:
    """Run one command; a bug comes out as a bug."""
    resultat = CliRunner().invoke(mobilite, list(mots))
    if resultat.exception is not None and not isinstance(resultat.exception, SystemExit):
        raise resultat.exception
    return resultat


def refuse(resultat: Result) -> str:
    """The French sentence of a refusal."""
    assert resultat.exit_code == 2
    phrase = resultat.stderr.strip().splitlines()[-1]
    assert "Traceback" not in resultat.stderr and phrase.endswith((".", ")", "--help"))
    return str(phrase)


def village(dossier: Path, *, x: float = 0, y: float = 0) -> Path:
    """A square of 1.2 km round a point of the Meuse, with a cross in it, as an ``.osm`` file."""
    plan = Plan()
    for nom, dx, dy in (("A", 0, 0), ("B", 8, 0), ("C", 8, 5), ("D", 0, 5), ("e", 4, 0), ("f", 4, 5)):
        plan.point(nom, x + dx, y + dy)
    plan.chemin("AeB")
    plan.chemin("BCfDA")
    plan.chemin("ef")
    return plan.ecrire(dossier / "village.osm")
