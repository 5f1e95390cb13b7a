/* Runs before the first paint, so that a folded rail or a chosen theme does not flicker. */
try {
  for (const name of ["rail", "theme"]) {
    const value = localStorage.getItem(`proofline-${name}`);
    if (value) document.documentElement.dataset[name] = value;
  }
} catch { /* storage is switched off: the defaults hold */ }
