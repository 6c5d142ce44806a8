// What every page does when JavaScript is there; nothing depends on it.
"use strict";

// After a refused form, start reading at what must be changed.
const aLire = document.querySelector("[data-focus]");
if (aLire) {
  aLire.focus();
}

// On a phone the menu slides: begin where we are.
document.querySelector(".menu a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A form that says so is sent once: a second click on a slow line must not send it again.
for (const formulaire of document.querySelectorAll("form[data-une-fois]")) {
  formulaire.addEventListener("submit", (evenement) => {
    if (formulaire.dataset.envoye) {
      evenement.preventDefault();
    }
    formulaire.dataset.envoye = "oui";
  });
}

// Coming back with « page précédente » must not show what the browser kept after signing out.
window.addEventListener("pageshow", (evenement) => {
  if (evenement.persisted) {
    window.location.reload();
  }
});
document.body.dataset.pret = "oui";
