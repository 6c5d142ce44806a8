"""The command ``mobilite`` and its one way to refuse: a French sentence on stderr, exit 2."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from mobilite.erreurs import RegleMetier
from web.commandes.accueil import accueil
from web.commandes.aide import Groupe, en_francais
from web.commandes.comptes import comptes
from web.commandes.demonstration import demonstration
from web.commandes.france_travail import france_travail
from web.commandes.isochrone import isochrone
from web.commandes.maisons import maisons
from web.commandes.offres import offres
from web.commandes.phrases import phrases
from web.commandes.proposer import proposer
from web.commandes.questionnaire import questionnaire
from web.commandes.rapport_prefet import rapport_prefet
from web.commandes.reseau import reseau
from web.commandes.servir import servir
from web.commandes.taches import taches
from web.config import ConfigurationDangereuse


class Racine(Groupe):
    """The root: its refusals are French and never show a traceback for something the user sent."""

    def main(self, args: Sequence[str] | None = None, *autres: Any, **options: Any) -> Any:
        """Run, turning refusals into one sentence and exit 2; a bug stays a bug."""
        options["standalone_mode"] = False
        try:
            resultat = super().main(args, *autres, **options)
        except RegleMetier as refus:
            _refuser(str(refus))
        except ConfigurationDangereuse as refus:
            _refuser(str(refus))
        except NoArgsIsHelpError as aide:
            click.echo(aide.format_message(), err=True)
            sys.exit(2)
        except click.ClickException as refus:
            _refuser(en_francais(refus))
        except (click.Abort, KeyboardInterrupt):
            _refuser("Interrompu.")
        except BrokenPipeError:
            sys.exit(0)
        sys.exit(resultat if isinstance(resultat, int) else 0)


def _refuser(phrase: str) -> None:
    click.echo(phrase, err=True)
    sys.exit(2)


@click.group(cls=Racine, help="Plateforme de mobilité solidaire, en ligne de commande.")
def mobilite() -> None:
    """The root of all commands."""


_COMMANDES: tuple[click.Command, ...] = (
    servir,
    demonstration,
    proposer,
    accueil,
    offres,
    maisons,
    questionnaire,
    phrases,
    comptes,
    rapport_prefet,
    france_travail,
    reseau,
    taches,
)
_ajouter: Callable[[click.Command], None] = mobilite.add_command
for _commande in _COMMANDES:
    _ajouter(_commande)
reseau.add_command(isochrone)
