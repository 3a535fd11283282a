// On a phone a row is laid out as lines; some browsers then forget that it was a table. The roles say it again.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };

export function tableRoles(root) {
  for (const table of root.querySelectorAll("table[data-rows]")) {
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tfoot, tr, td, th")]) {
      const role = part.tagName === "TH" ? (part.scope === "row" ? "rowheader" : "columnheader") : ROLES[part.tagName];
      part.setAttribute("role", role);
    }
  }
}
