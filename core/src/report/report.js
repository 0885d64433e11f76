"use strict";
(() => {
  const make = (tag, props, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const bar = (...children) => make("div", { className: "tools" }, ...children);

  // Tables: a click on a head sorts, a field filters.
  for (const table of all(".wide > table")) {
    const body = table.tBodies[0];
    if (body.rows.length < 3) continue;
    all("th", table).forEach((th, at) => {
      const button = make("button", { type: "button", className: "sort" });
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const down = th.getAttribute("aria-sort") === "ascending";
        all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => row.cells[at].textContent.trim();
        const number = (text) => Number.parseFloat(text.replaceAll(",", ""));
        const numbers = th.classList.contains("n");
        const order = (a, b) => (numbers ? (number(key(a)) || 0) - (number(key(b)) || 0) : key(a).localeCompare(key(b), "en", { numeric: true }));
        body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * order(a, b)));
      });
    });
    if (body.rows.length < 12) continue;
    const field = make("input", { type: "search", placeholder: `Filter ${body.rows.length} rows` });
    field.setAttribute("aria-label", "Filter rows");
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentElement.before(bar(field));
  }

  // Findings: by severity, by words.
  const findings = all(".finding");
  const told = findings.length;
  for (const row of all('h2[id$="findings"] ~ details tr[id]')) {
    // A row in brief is of the severity of those above it. What is waived counts nowhere.
    const fold = row.closest("details");
    if (fold.previousElementSibling?.id.endsWith("waived")) continue;
    const like = fold.querySelector(".finding") ?? findings.findLast((f) => f.compareDocumentPosition(fold) & Node.DOCUMENT_POSITION_FOLLOWING);
    row.dataset.severity = like?.dataset.severity ?? "";
    findings.push(row);
  }
  if (told > 5) {
    const off = new Set();
    const field = make("input", { type: "search", placeholder: "Filter findings" });
    const status = make("span", { className: "soft" });
    field.setAttribute("aria-label", "Filter findings");
    status.setAttribute("role", "status");
    const show = () => {
      const wanted = field.value.toLowerCase();
      let shown = 0;
      for (const finding of findings) {
        finding.hidden = off.has(finding.dataset.severity) || !finding.textContent.toLowerCase().includes(wanted);
        shown += finding.hidden ? 0 : 1;
      }
      if (wanted) for (const fold of new Set(findings.filter((f) => !f.hidden).map((f) => f.closest("details")))) if (fold) fold.open = true;
      status.textContent = `${shown} of ${findings.length} shown`;
    };
    const chips = ["critical", "high", "medium", "low", "info"].flatMap((severity) => {
      const n = findings.filter((f) => f.dataset.severity === severity).length;
      if (n === 0) return [];
      const chip = make("button", { type: "button", className: `chip severity ${severity}`, textContent: `${severity} ${n}` });
      chip.setAttribute("aria-pressed", "true");
      chip.addEventListener("click", () => {
        const on = off.delete(severity);
        if (!on) off.add(severity);
        chip.setAttribute("aria-pressed", String(on));
        show();
      });
      return [chip];
    });
    field.addEventListener("input", show);
    show();
    findings[0].closest(".chapter").querySelector("h2").after(bar(...chips, field, status));
  }

  // Folds: all at once, and open on paper.
  const folds = all("details");
  if (folds.length > 0) {
    const button = make("button", { type: "button", textContent: "Unfold everything" });
    button.addEventListener("click", () => {
      const open = folds.some((fold) => !fold.open);
      folds.forEach((fold) => { fold.open = open; });
      button.textContent = open ? "Fold everything" : "Unfold everything";
    });
    document.querySelector(".toc").after(bar(button));
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = folds.filter((fold) => !fold.open);
      closed.forEach((fold) => { fold.open = true; });
    });
    addEventListener("afterprint", () => closed.forEach((fold) => { fold.open = false; }));
  }
})();
