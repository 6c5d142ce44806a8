"""What the journal says, in words. ``{quoi}`` is the thing it speaks of, as it is called today."""

from __future__ import annotations

from collections.abc import Mapping

from mobilite.journal import Evenement
from web.carnet.fait import Rubrique

DITS: Mapping[Rubrique, Mapping[Evenement, str]] = {
    Rubrique.DOSSIER: {
        Evenement.DOSSIER_OUVERT: "Dossier ouvert",
        Evenement.DOSSIER_PRIS: "Suivie par un conseiller",
        Evenement.CARTE_DONNEE: "Carte d'accès donnée",
        Evenement.BESOIN_NOTE: "Besoin noté{quoi}",
        Evenement.BESOIN_RETIRE: "Besoin retiré",
        Evenement.ATTESTATION_DONNEE: "Attestation donnée",
        Evenement.CANAL_REFUSE: "Ne veut plus de messages par une voie",
        Evenement.CANAL_ACCEPTE: "Veut de nouveau des messages par une voie",
        Evenement.PRESCRIPTION_REPONDUE: "Réponse donnée à l'orientation{quoi}",
        Evenement.ACCORD_FRANCE_TRAVAIL_DONNE: "D'accord pour que France Travail reçoive sa fiche",
        Evenement.ACCORD_FRANCE_TRAVAIL_RETIRE: "Ne veut plus que France Travail reçoive sa fiche",
        Evenement.FICHE_FRANCE_TRAVAIL_EXPORTEE: "Fiche pour France Travail téléchargée",
    },
    Rubrique.DIAGNOSTIC: {
        Evenement.DIAGNOSTIC_COMMENCE: "Diagnostic commencé{quoi}",
        Evenement.NIVEAU_CORRIGE: "Niveau d'un axe dit par le conseiller",
        Evenement.ISSUE_RETENUE: "Issue du diagnostic dite par le conseiller",
        Evenement.BILAN_EXTERNE_JOINT: "Bilan fait ailleurs joint",
        Evenement.BILAN_EXTERNE_REPRIS: "Réponses d'un bilan fait ailleurs confirmées avec elle",
        Evenement.BILAN_EXTERNE_RETIRE: "Ne veut plus que ce bilan fait ailleurs serve",
    },
    Rubrique.PLAN: {
        Evenement.ACTION_GARDEE: "Au plan{quoi}",
        Evenement.ACTION_COMMENCEE: "En cours{quoi}",
        Evenement.ACTION_FAITE: "Fait{quoi}",
        Evenement.ACTION_ECARTEE: "Mis de côté{quoi}",
        Evenement.ACTION_ABANDONNEE: "Abandonné{quoi}",
    },
    Rubrique.PARCOURS: {
        Evenement.PARCOURS_OUVERT: "Parcours ouvert",
        Evenement.ORIENTATION_NOTEE: "Orientation notée",
        Evenement.REFERENT_CHOISI: "Référent choisi avec elle",
        Evenement.INTENSITE_CHOISIE: "Intensité de l'accompagnement choisie",
        Evenement.ENTRETIEN_NOTE: "Point d'étape ou entretien à trois",
        Evenement.REORIENTATION_DEMANDEE: "Réorientation demandée",
        Evenement.REORIENTATION_CLOSE: "Réorientation décidée",
        Evenement.INSCRITE_A_LA_JOURNEE: "Inscrite à une journée d'accueil",
        Evenement.PRESENCE_NOTEE: "Présence notée à la journée d'accueil",
        Evenement.REPARTIE_AVEC_UN_RENDEZ_VOUS: "Repartie de la journée d'accueil avec un rendez-vous",
        Evenement.PARCOURS_TERMINE: "Parcours terminé",
        Evenement.CONTACT_APRES_NOTE: "Nouvelles prises six mois après",
        Evenement.CERCLE_OUVERT: "Entre dans son cercle{quoi}",
        Evenement.CERCLE_RETIRE: "Sort de son cercle{quoi}",
    },
    Rubrique.VEHICULE: {
        Evenement.RESERVATION_DEMANDEE: "Véhicule demandé{quoi}",
        Evenement.PLACE_PROPOSEE: "Véhicule gardé pour elle{quoi}",
        Evenement.RESERVATION_CONFIRMEE: "Place confirmée{quoi}",
        Evenement.RESERVATION_REFUSEE: "Pas possible cette fois{quoi}",
        Evenement.RESERVATION_ANNULEE: "Réservation annulée{quoi}",
        Evenement.RESERVATION_DEPLACEE: "Jours changés{quoi}",
        Evenement.RESERVATION_CHANGEE: "Autre véhicule, mêmes jours{quoi}",
        Evenement.RESERVATION_PROLONGEE: "Réservation prolongée{quoi}",
        Evenement.RESERVATION_EXPIREE: "Demande restée sans réponse{quoi}",
        Evenement.RESERVATION_A_RELOGER: "Véhicule arrêté, à revoir avec elle{quoi}",
        Evenement.RESERVATION_CLOSE: "Séjour terminé{quoi}",
        Evenement.PAPIERS_VUS: "Papiers vus{quoi}",
        Evenement.VEHICULE_REMIS: "Véhicule remis{quoi}",
        Evenement.VEHICULE_RENDU: "Véhicule rendu{quoi}",
        Evenement.PERSONNE_ABSENTE: "N'a pas pu venir au véhicule{quoi}",
        Evenement.PERSONNE_RECONTACTEE: "Rappelée après son absence{quoi}",
        Evenement.ATTENTE_INSCRITE: "Inscrite sur la liste d'attente{quoi}",
        Evenement.ATTENTE_RETIREE: "N'attend plus{quoi}",
    },
    Rubrique.TRAJET: {
        Evenement.TRANSPORT_DEMANDE: "Transport demandé{quoi}",
        Evenement.TRANSPORT_REFUSE: "Pas de bénévole{quoi}",
        Evenement.TRANSPORT_ANNULE: "Transport annulé{quoi}",
        Evenement.COURSE_ACCEPTEE: "Bénévole trouvé{quoi}",
        Evenement.COURSE_ANNULEE: "Trajet annulé{quoi}",
        Evenement.COURSE_CONDUITE: "Trajet fait{quoi}",
        Evenement.COVOITURAGE_DEMANDE: "Covoiturage demandé",
        Evenement.COVOITURAGE_ACCEPTE: "Covoiturage accepté",
        Evenement.COVOITURAGE_REFUSE: "Covoiturage refusé",
        Evenement.COVOITURAGE_ANNULE: "Covoiturage annulé",
    },
    Rubrique.MESSAGE: {Evenement.MESSAGE_ENVOYE: "Envoyé{quoi}", Evenement.MESSAGE_FAIT: "Fait{quoi}"},
}
RUBRIQUES = {
    quoi.value: (rubrique, phrase) for rubrique, dits in DITS.items() for quoi, phrase in dits.items()
}
