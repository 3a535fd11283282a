// Starts every enhancement. Each finds its own elements, and does nothing where there are none.
import { bulkSelection } from "./bulk-selection.js";
import { deedCount } from "./deed-count.js";
import { errorFocus } from "./error-focus.js";
import { fileDrop } from "./file-drop.js";
import { filterSubmit } from "./filter-submit.js";
import { leaveGuard } from "./leave-guard.js";
import { menus } from "./menus.js";
import { passwordShow } from "./password-show.js";
import { printButton } from "./print-button.js";
import { progressPolling } from "./progress-polling.js";
import { rowLinks } from "./row-links.js";
import { scanField } from "./scan-field.js";
import { searchShortcut } from "./search-shortcut.js";
import { signaturePads } from "./signature-pad.js";
import { tableRoles } from "./table-roles.js";
import { themeSwitch } from "./theme-switch.js";

document.documentElement.classList.add("scripted");

for (const enhance of [
  bulkSelection,
  deedCount,
  errorFocus,
  fileDrop,
  filterSubmit,
  leaveGuard,
  menus,
  passwordShow,
  printButton,
  progressPolling,
  rowLinks,
  scanField,
  searchShortcut,
  signaturePads,
  tableRoles,
  themeSwitch,
]) {
  enhance(document);
}
