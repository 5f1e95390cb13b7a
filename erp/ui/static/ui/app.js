/* Comfort on top of pages that already work: focus, drawer, menus, rows of inputs, dialogs. */
"use strict";
(() => {
  const root = document.documentElement;
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (element) => element?.closest("input, textarea, select, [contenteditable]");

  const remember = (name, value) => {
    if (value) root.dataset[name] = value;
    else delete root.dataset[name];
    try {
      if (value) localStorage.setItem(`proofline-${name}`, value);
      else localStorage.removeItem(`proofline-${name}`);
    } catch { /* storage is switched off: the choice lasts for this page */ }
  };

  /* What only a script can do is shown only when there is one. */
  const reveal = (from) => {
    all("[data-rail-toggle], [data-theme-choice], [data-print], [data-rows-add], [data-rows-remove]", from)
      .forEach((element) => { element.hidden = false; });
  };

  /* Rail and drawer */
  const showRail = () => find("[data-rail-toggle]")?.setAttribute("aria-pressed", String(root.dataset.rail === "narrow"));
  const showTheme = () => all("[data-theme-set]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === (root.dataset.theme || "")));
  });
  let drawerOpener = null;
  const openDrawer = (opener) => {
    drawerOpener = opener;
    root.dataset.drawer = "open";
    find(".rail a[href]")?.focus();
  };
  const closeDrawer = () => {
    if (!root.dataset.drawer) return;
    delete root.dataset.drawer;
    drawerOpener?.focus();
  };

  /* Menus are <details>: one at a time, closed by Escape or a click elsewhere. */
  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });

  /* Rows of inputs: a copy of the pattern row gets the next number. */
  const addRow = (rows) => {
    const body = find("[data-rows-body]", rows);
    const used = all("[name]", body).map((input) => Number(/\[(\d+)\]/.exec(input.name)?.[1] ?? -1));
    const next = Math.max(-1, ...used) + 1;
    const copy = find("[data-rows-pattern]", rows).content.cloneNode(true);
    all("*", copy).forEach((element) => ["name", "id", "list", "aria-describedby"].forEach((attribute) => {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replaceAll("__row__", next));
    }));
    reveal(copy);
    const row = copy.firstElementChild;
    body.append(copy);
    find("input, select, textarea", row)?.focus();
  };
  /* Three blank rows stand there for readers without a script; with one, a single blank row is enough. */
  const tidyRows = (from) => all("[data-rows]", from).forEach((rows) => {
    const blank = all("[data-row]", rows).filter((row) => all("input, select, textarea", row).every((input) => input.type === "checkbox" ? !input.checked : !input.value));
    blank.slice(1).forEach((row) => row.remove());
  });
  const removeRow = (button) => {
    const row = button.closest("[data-row]");
    const rows = button.closest("[data-rows]");
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (find("input, select, textarea", neighbour ?? rows) ?? find("[data-rows-add]", rows))?.focus();
  };

  /* Dialogs: the page behind stays; focus comes back to the button that opened it. */
  const dialog = find("#dialog");
  let dialogOpener = null;
  const focusInside = (box) => {
    const target = find("[data-focus-first]", box)
      ?? find(".dialog-content :is(input:not([type=hidden], [tabindex='-1']), select, textarea)", box)
      ?? find(".blockers a", box) ?? find(".dialog-foot a, .dialog-foot button", box);
    target?.focus();
  };
  const closeDialog = () => {
    if (!dialog?.open) return;
    dialog.close();
  };
  dialog?.addEventListener("close", () => {
    find("#dialog-body").replaceChildren();
    dialogOpener?.focus();
    dialogOpener = null;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "dialog-body" && !dialog.open) {
      const menu = event.detail.elt.closest("details.menu");
      dialogOpener = menu ? find("summary", menu) : event.detail.elt;
      closeMenus();
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, isError } = event.detail;
    if (target?.id !== "dialog-body") return;
    /* A whole page came back (done, signed out, a broken page): go there instead of showing it in a box. */
    const whole = /^\s*<!doctype/i.test(xhr.responseText);
    if (!whole) return;
    event.detail.shouldSwap = false;
    if (!isError || xhr.status < 500) window.location.assign(xhr.responseURL);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    reveal(event.detail.target);
    tidyRows(event.detail.target);
    if (event.detail.target.id !== "dialog-body") return;
    if (!dialog.open) dialog.showModal();
    focusInside(dialog);
  });
  /* No answer, or a broken one: say so in the dialog and keep what was entered; a plain link is simply followed. */
  const failed = (event) => {
    const content = find(".dialog-content", dialog);
    if (!dialog.open || !content) {
      if (event.detail.elt.href) window.location.assign(event.detail.elt.href);
      return;
    }
    find(".summary", content)?.remove();
    content.prepend(find("#no-answer").content.cloneNode(true));
    find(".summary", content).focus();
  };
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  /* Anchors: the section being read is marked. */
  const watchAnchors = () => {
    const links = new Map(all("[data-anchor]").map((link) => [link.hash.slice(1), link]));
    if (!links.size || !("IntersectionObserver" in window)) return;
    const mark = (id) => links.forEach((link, key) => {
      if (key === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    const observer = new IntersectionObserver((entries) => {
      const seen = entries.find((entry) => entry.isIntersecting);
      if (seen) mark(seen.target.id);
    }, { rootMargin: "-120px 0px -70% 0px" });
    links.forEach((_, id) => {
      const section = document.getElementById(id);
      if (section) observer.observe(section);
    });
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    closeMenus(on("details.menu"));
    if (on("[data-rail-toggle]")) {
      remember("rail", root.dataset.rail === "narrow" ? "" : "narrow");
      showRail();
    } else if (on("[data-theme-set]")) {
      remember("theme", on("[data-theme-set]").dataset.themeSet);
      showTheme();
    } else if (on("[data-drawer-open]")) {
      event.preventDefault();
      openDrawer(on("[data-drawer-open]"));
    } else if (on("[data-drawer-close]")) {
      event.preventDefault();
      closeDrawer();
    } else if (on("[data-dialog-close]") && dialog?.open) {
      event.preventDefault();
      closeDialog();
    } else if (on("[data-rows-add]")) addRow(on("[data-rows]"));
    else if (on("[data-rows-remove]")) removeRow(on("[data-rows-remove]"));
    else if (on("[data-print]")) window.print();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && !dialog?.open) {
      event.preventDefault();
      find("[data-scan-box]")?.select();
      find("[data-scan-box]")?.focus();
    } else if (event.key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]") ?? find("details.menu[open]");
      if (menu) {
        menu.open = false;
        find("summary", menu)?.focus();
      } else closeDrawer();
    } else if (event.key === "Enter" && event.target.matches?.("[data-scan]")) {
      /* A barcode gun ends with Enter: go on to the next field instead of sending the form. */
      event.preventDefault();
      const fields = all("input:not([type=hidden], [tabindex='-1']), select, textarea, button[type=submit]", event.target.form);
      fields[fields.indexOf(event.target) + 1]?.focus();
    }
  });

  reveal(document);
  tidyRows(document);
  showRail();
  showTheme();
  watchAnchors();
  find("[data-focus-first]")?.focus();
})();
