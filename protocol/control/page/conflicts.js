// The audit log of conflicts: what was kept, what was archived, and the way back.
import {all, post} from "./api.js";
import {confirm} from "./dialogs.js";
import {attempt, h, refill, toast} from "./dom.js";
import {counted, when} from "./format.js";

const shown_max = 20;

const value = (given) => {
  if (given === null || given === undefined) return h("span.faint", {}, "none");
  return h("span", {}, typeof given === "string" ? given : JSON.stringify(given));
};
const sides = {local: ["Edited here", "Edited there"], remote: ["Edited there", "Edited here"],
  both: ["Both sides, merged", "What the merge left out"]};

function difference(row) {
  const [kept, archived] = sides[row.won];
  return h("table.difference", {},
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Field"), h("th", {scope: "col"}, "Before"),
      h("th", {scope: "col"}, "Kept", h("span.faint", {}, ` · ${kept}`)),
      h("th", {scope: "col"}, "Archived", h("span.faint", {}, ` · ${archived}`)))),
    h("tbody", {}, row.differences.map((each) => h("tr", {}, h("th", {scope: "row"}, each.field),
      h("td.before", {}, value(each.base)), h("td.kept", {}, value(each.winner)),
      h("td.archived", {}, value(each.loser))))));
}

async function restore(control, row, again) {
  const sure = await confirm("Restore the archived version?",
    `It is written to ${row.stream} ${row.record} as a new edit, here and at the provider.`,
    "Restore");
  if (!sure) return;
  const done = await attempt(control, () => post(`/v1/conflicts/${row.id}/restore`));
  if (!done) return;
  toast("The archived version is restored and on its way to the provider");
  again();
}

function conflict(row, again) {
  return h("li.conflict", {},
    h("div.incident-head", {}, h("b", {}, `${row.stream} ${row.record}`), when(row.at)),
    difference(row),
    row.restored_at ? h("p.faint", {}, "Restored ", when(row.restored_at), ".")
      : h("button.small", {type: "button", "data-do": `restore-${row.id}`,
        "aria-label": `Restore the archived version of ${row.stream} ${row.record}`,
        onclick: (event) => restore(event.currentTarget, row, again)}, "Restore"));
}

/** Draws the latest of one integration into `place`, which stays empty when there are none. */
export async function drawConflicts(place, id) {
  const again = () => drawConflicts(place, id);
  const path = `/v1/conflicts?integration=${encodeURIComponent(id)}`;
  const rows = await all(path, "conflicts").catch((failure) => {
    if (failure.status !== 404) toast(`The conflicts cannot be read: ${failure.message}`, true);
    return [];
  });
  if (!rows.length) return refill(place);
  refill(place, h("h3", {}, counted(rows.length, "conflict"), " in 30 days"),
    h("ul.plain", {}, rows.slice(0, shown_max).map((row) => conflict(row, again))));
}
