// Light or dark before the first paint: what the reader chose, else what the system says.
(() => {
  const KEY = "omnistream-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be closed to us; the system's choice stands
    }
  };
  const current = () => chosen() || (system.matches ? "dark" : "light");
  const apply = () => {
    document.documentElement.dataset.bsTheme = current();
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(current() === "dark"));
    }
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    try {
      localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
    } catch {
      return;
    }
    apply();
  });
})();
