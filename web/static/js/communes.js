// A commune field becomes a combobox with a list (WAI-ARIA APG): arrows, Enter, Escape.
// The typed text stays what the server understands; the list only spares typing.
"use strict";

const ATTENTE_MS = 120;

function combobox(champ) {
  const saisie = champ.querySelector("input[type=text]");
  const code = champ.querySelector("input[type=hidden]");
  if (!saisie || champ.querySelector("input[type=radio]")) {
    return; // The server is asking which one: radios answer.
  }
  const liste = document.createElement("ul");
  liste.id = `${saisie.id}-liste`;
  liste.className = "communes-liste";
  liste.setAttribute("role", "listbox");
  liste.setAttribute("aria-label", champ.querySelector("label").firstChild.textContent.trim());
  liste.hidden = true;
  const annonce = document.createElement("p");
  annonce.className = "hors-ecran";
  annonce.setAttribute("role", "status");
  const cadre = document.createElement("div");
  cadre.className = "communes-cadre";
  saisie.replaceWith(cadre);
  cadre.append(saisie, liste, annonce);
  for (const [nom, valeur] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", liste.id],
  ]) {
    saisie.setAttribute(nom, valeur);
  }

  let minuterie = 0;
  let demande = null;
  let actif = -1;

  const options = () => [...liste.children];

  function fermer() {
    liste.hidden = true;
    actif = -1;
    saisie.setAttribute("aria-expanded", "false");
    saisie.removeAttribute("aria-activedescendant");
  }

  function oublier() {
    clearTimeout(minuterie);
    if (demande) {
      demande.abort();
    }
  }

  function viser(rang) {
    const choix = options();
    if (!choix.length) {
      return;
    }
    actif = (rang + choix.length) % choix.length;
    choix.forEach((option, i) => option.setAttribute("aria-selected", String(i === actif)));
    choix[actif].scrollIntoView({ block: "nearest" });
    saisie.setAttribute("aria-activedescendant", choix[actif].id);
  }

  function choisir(option) {
    oublier();
    saisie.value = option.dataset.valeur;
    if (code) {
      code.value = option.dataset.insee;
    }
    fermer();
    annonce.textContent = `${option.dataset.valeur}, choisie.`;
    saisie.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function montrer(communes) {
    liste.replaceChildren(
      ...communes.map((commune, rang) => {
        const option = document.createElement("li");
        option.id = `${liste.id}-${rang}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.insee = commune.insee;
        option.dataset.valeur = commune.valeur ?? commune.libelle;
        const nom = document.createElement("strong");
        nom.textContent = commune.precision ? commune.nom : commune.libelle;
        const precision = document.createElement("span");
        precision.className = "doux";
        precision.textContent = commune.precision ?? "";
        option.append(nom, " ", precision);
        return option;
      })
    );
    actif = -1;
    saisie.removeAttribute("aria-activedescendant");
    liste.hidden = communes.length === 0;
    saisie.setAttribute("aria-expanded", String(communes.length > 0));
    annonce.textContent =
      communes.length === 0
        ? "Pas de commune de ce nom dans la Meuse ou autour."
        : communes.length === 1
          ? "Une commune proposée. Flèche du bas pour la choisir."
          : `${communes.length} communes proposées. Flèches pour choisir.`;
  }

  async function chercher() {
    const texte = saisie.value.trim();
    if (texte.length < 2) {
      fermer();
      return;
    }
    demande = new AbortController();
    try {
      const adresse = new URL(champ.dataset.communes, window.location.href);
      adresse.searchParams.set("q", texte);
      const reponse = await fetch(adresse, {
        headers: { Accept: "application/json" },
        signal: demande.signal,
      });
      if (reponse.ok && document.activeElement === saisie) {
        montrer(await reponse.json());
      }
    } catch (erreur) {
      fermer(); // Offline or overtaken: the text is enough.
    }
  }

  saisie.addEventListener("input", () => {
    oublier();
    if (code) {
      code.value = "";
    }
    minuterie = setTimeout(chercher, ATTENTE_MS);
  });
  saisie.addEventListener("keydown", (evenement) => {
    if (evenement.altKey || evenement.ctrlKey || evenement.metaKey) {
      return;
    }
    if (evenement.key === "ArrowDown" || evenement.key === "ArrowUp") {
      evenement.preventDefault();
      if (liste.hidden) {
        oublier();
        chercher();
      } else {
        viser(evenement.key === "ArrowDown" ? actif + 1 : actif < 0 ? -1 : actif - 1);
      }
    } else if (evenement.key === "Enter" && !liste.hidden && actif >= 0) {
      evenement.preventDefault();
      choisir(options()[actif]);
    } else if (evenement.key === "Escape" && !liste.hidden) {
      evenement.preventDefault();
      evenement.stopPropagation();
      oublier();
      fermer();
    } else if (evenement.key === "Tab" && !liste.hidden && actif >= 0) {
      choisir(options()[actif]);
    }
  });
  saisie.addEventListener("blur", () => {
    oublier();
    fermer();
  });
  // pointerdown, not click: the field keeps the focus.
  liste.addEventListener("pointerdown", (evenement) => {
    evenement.preventDefault();
    const option = evenement.target.closest("[role=option]");
    if (option) {
      choisir(option);
    }
  });
}

for (const champ of document.querySelectorAll("[data-communes]")) {
  combobox(champ);
}
