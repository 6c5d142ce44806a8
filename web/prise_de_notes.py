"""Taking notes of a diagnostic: the same way whoever writes, the adviser, she alone, or a paper form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.besoin import Valeur
from mobilite.diagnostic import Diagnostic, OrigineReponse, Reponse, ReponseChangee, TypeDiagnostic
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.question import GenreQuestion, Item, en_json
from mobilite.questionnaire import Questionnaire
from mobilite.texte_sensible import reperer
from web.referentiel import referentiel

_OBJECTIF = "D0_objectif"


def questionnaire_de(diagnostic: Diagnostic | None) -> Questionnaire:
    """The questions a diagnostic was asked with: its words stay its own. Today's before any starts."""
    connus = referentiel().questionnaires
    return connus.de(diagnostic.questionnaire) if diagnostic else connus.courante


def dernier(personne: Personne) -> Diagnostic | None:
    """The diagnostic being filled: the latest one."""
    return personne.diagnostics[-1] if personne.diagnostics else None


def verrouiller(session: Session, personne: Personne) -> None:
    """Keep the dossier while it is written: two first answers must not start two diagnostics."""
    session.execute(select(Personne.id).where(Personne.id == personne.id).with_for_update())


@dataclass
class PriseDeNotes:
    """One person, the diagnostic being filled (``None`` until the first answer), who writes, and how."""

    session: Session
    personne: Personne
    diagnostic: Diagnostic | None
    acteur: Acteur
    origine: OrigineReponse = OrigineReponse.ENTRETIEN

    @property
    def questionnaire(self) -> Questionnaire:
        """The questions of this diagnostic, in its own version."""
        return questionnaire_de(self.diagnostic)

    def commencer(self, moment: TypeDiagnostic = TypeDiagnostic.ENTREE) -> Diagnostic:
        """Open a new diagnostic with today's questionnaire."""
        self.diagnostic = Diagnostic(
            personne=self.personne,
            questionnaire=referentiel().questionnaire.version,
            type=moment,
            commence_par=self.acteur.id,
        )
        self.session.add(self.diagnostic)
        self.session.flush()
        self.session.add(
            consigner(self.acteur, Evenement.DIAGNOSTIC_COMMENCE, self.diagnostic, moment=moment.value)
        )
        return self.diagnostic

    def marque(self, item: Item) -> str:
        """The mark of the answer kept for a question."""
        return self.diagnostic.marque(item.code) if self.diagnostic else ""

    def noter(self, item: Item, postees: Sequence[str], marque: str) -> None:
        """Keep, replace or erase one answer, and say so in the journal; the same answer again is nothing.

        Raises ``DonneeRefusee`` for what cannot be kept, ``ReponseChangee`` when ``marque`` is stale.
        """
        efface = not any(valeur.strip() for valeur in postees)
        ancienne = self.diagnostic.reponses.get(item.code) if self.diagnostic else None
        lue = None if efface else item.lire_formulaire(postees)
        valeur = en_json(lue)
        if efface:
            if ancienne is None:
                return
        elif ancienne is not None and self._dit_deja(item, ancienne, lue):
            return
        elif item.genre is GenreQuestion.TEXTE and valeur is not None:
            _refuser_les_numeros(item, valeur)
        if self.marque(item) != marque:
            raise ReponseChangee(item.code)
        actuel = self.diagnostic or self.commencer()
        if efface:
            actuel.effacer(item.code)
        else:
            if item.code == _OBJECTIF:
                self._reprendre_l_objectif(ancienne, valeur)
            actuel.repondre(item.code, valeur, self.acteur, origine=self.origine)
        self.session.add(
            consigner(self.acteur, Evenement.REPONSE_NOTEE, actuel, question=item.code, effacee=efface)
        )

    def _dit_deja(self, item: Item, ancienne: Reponse, lue: Valeur) -> bool:
        """Whether the kept answer says the same: several choices have no order."""
        return self.questionnaire.relire({item.code: ancienne.valeur}) == {item.code: lue}

    def _reprendre_l_objectif(self, ancienne: Reponse | None, valeur: Any) -> None:
        """Her words head her sheet, unless the dossier already says them otherwise."""
        if isinstance(valeur, str) and self.personne.objectif in ("", ancienne.valeur if ancienne else ""):
            self.personne.objectif = valeur


def _refuser_les_numeros(item: Item, texte: str) -> None:
    """A number that its key confirms is not kept, not even for the time of reading the warning."""
    for signalement in reperer(texte):
        if signalement.certain:
            raise DonneeRefusee(item.code, signalement.phrase)
