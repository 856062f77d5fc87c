// Quota as pictures: how much was used over time, and when it returns.
import {h} from "./dom.js";
import {count, when} from "./format.js";

const ns = "http://www.w3.org/2000/svg";
const width = 240;
const height = 44;

function svg(tag, attributes) {
  const made = document.createElementNS(ns, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The part used, sample by sample, since the page was opened; at most 100 %. */
export function picture(samples, label) {
  const drawn = svg("svg", {viewBox: `0 0 ${width} ${height}`, class: "spark", role: "img",
    "aria-label": label, preserveAspectRatio: "none"});
  drawn.append(svg("line", {x1: 0, x2: width, y1: 1, y2: 1, class: "limit"}));
  const from = samples[0].at;
  const span = Math.max(Date.now() - from, 60_000);
  const x = (at) => width - ((Date.now() - at) / span) * width;
  const y = ({used, limit}) => height - 1 - Math.min(used / limit, 1) * (height - 2);
  let path = "";
  for (const sample of samples)
    path += path ? `H${x(sample.at).toFixed(1)}V${y(sample).toFixed(1)}`
      : `M${x(sample.at).toFixed(1)} ${y(sample).toFixed(1)}`;
  path += `H${width}`;
  drawn.append(svg("path", {d: `${path}V${height}H${x(from).toFixed(1)}Z`, class: "area"}),
    svg("path", {d: path, class: "line"}));
  return drawn;
}

const part = ({used, limit}) => (limit ? used / limit : 0);

/** One line per provider: its tightest account, and how many wait. */
export function overview(store) {
  const by = new Map();
  for (const one of store.integrations.values()) {
    if (!one.quota.limit) continue;
    const sum = by.get(one.provider) ?? {worst: one, waiting: 0, back: null};
    if (part(one.quota) > part(sum.worst.quota)) sum.worst = one;
    if (one.quota.back_at) {
      sum.waiting += 1;
      if (!sum.back || one.quota.back_at > sum.back) sum.back = one.quota.back_at;
    }
    by.set(one.provider, sum);
  }
  return [...by].sort(([a], [b]) => a.localeCompare(b)).map(([provider, sum]) => {
    const title = store.title(provider);
    const {used, limit} = sum.worst.quota;
    const samples = store.samples.get(sum.worst.id) ?? [];
    const label = `Quota of ${title}: ${used} of ${limit} used by its busiest account`;
    return h("div.quota", {},
      h("span.quota-name", {}, title, h("span.faint", {}, " quota")),
      samples.length ? picture(samples, label) : null,
      h("span.number", {}, `${count(used)} / ${count(limit)}`),
      h("span.faint", {}, ...(sum.waiting
        ? [`${count(sum.waiting)} waiting, back `, when(sum.back)] : ["none waiting"])));
  });
}

/** An account's own. */
export function details(one, samples) {
  const {used, limit, back_at} = one.quota;
  if (!limit) return h("p.faint", {}, "Nothing was asked of the provider yet.");
  const left = Math.max(limit - used, 0);
  return h("div", {},
    samples.length ? picture(samples, `${used} of ${limit} units used`) : null,
    h("p", {}, h("span.number", {}, `${count(used)} of ${count(limit)}`),
      " units of the tightest window used, ", `${count(left)} left. `,
      ...(back_at ? ["A request that waits may go ", when(back_at), "."]
        : ["No request waits for quota."])));
}
