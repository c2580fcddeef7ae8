// What forms do beyond plain HTML: the focus goes to the first field that needs a look, a duration is read back as it
// is typed, an open menu closes when one clicks elsewhere. Without this script everything still works.
(() => {
  const bad = document.querySelector('[aria-invalid="true"]');
  if (bad) bad.focus();

  const SIZES = { d: 86400, day: 86400, days: 86400, hr: 86400, hari: 86400, h: 3600, hour: 3600, hours: 3600, j: 3600,
    jam: 3600, m: 60, min: 60, mins: 60, minute: 60, minutes: 60, mnt: 60, menit: 60, s: 1, sec: 1, secs: 1, second: 1,
    seconds: 1, dtk: 1, detik: 1 };

  // The same reading as the server's: each unit once, the larger before the smaller.
  const read = (text) => {
    const typed = text.trim().toLowerCase();
    if (!/^(\d+\s*[a-z]+\s*)+$/.test(typed)) return null;
    let total = 0;
    let last = Infinity;
    for (const [, digits, word] of typed.matchAll(/(\d+)\s*([a-z]+)/g)) {
      const size = Object.hasOwn(SIZES, word) ? SIZES[word] : null;
      if (!size || size >= last) return null;
      total += Number(digits) * size;
      last = size;
    }
    return total;
  };

  const spell = (seconds, units) => {
    const parts = [];
    let rest = seconds;
    [86400, 3600, 60, 1].forEach((size, place) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if (count) parts.push(`${count}${units[place]}`);
    });
    return parts.join(" ");
  };

  for (const input of document.querySelectorAll("[data-duration]")) {
    const hint = document.getElementById(`${input.id}-hint`);
    if (!hint) continue;
    const units = (input.dataset.units || "d|h|m|s").split("|");
    const plain = hint.textContent;
    const echo = () => {
      const seconds = read(input.value);
      hint.textContent = seconds ? input.dataset.duration.replace("{span}", spell(seconds, units)) : plain;
    };
    input.addEventListener("input", echo);
    echo();
  }

  const MENUS = ".row-menu[open], .side-narrow[open], .filter-box[open], .clock[open]";
  const close = (except) => {
    for (const menu of document.querySelectorAll(MENUS)) {
      if (menu !== except && !(except && menu.contains(except))) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement && document.activeElement.closest(MENUS);
    close(null);
    if (menu) menu.querySelector("summary").focus();
  });
})();
