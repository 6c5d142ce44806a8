// Moving a weight shows the new order at once; without JavaScript, the button of the form does.
"use strict";

const ATTENTE_POIDS_MS = 500;

for (const formulaire of document.querySelectorAll("form[data-poids]")) {
  let minuterie = 0;
  formulaire.addEventListener("change", () => {
    clearTimeout(minuterie);
    minuterie = setTimeout(() => {
      if (formulaire.checkValidity()) {
        formulaire.requestSubmit();
      }
    }, ATTENTE_POIDS_MS);
  });
}
