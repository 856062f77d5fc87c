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

const hour = 3_600_000;

/** The part used, sample by sample; at most 100 %. `perHour`: units, drawn on as what comes. */
export function picture(samples, label, perHour = null) {
  const drawn = svg("svg", {viewBox: `0 0 ${width} ${height}`, class: "spark", role: "img",
    "aria-label": label, preserveAspectRatio: "none"});
  drawn.append(svg("line", {x1: 0, x2: width, y1: 1, y2: 1, class: "limit"}));
  const past = perHour === null ? width : width * 0.8;
  const from = samples[0].at;
  const span = Math.max(Date.now() - from, 60_000);
  const x = (at) => past - ((Date.now() - at) / span) * past;
  const y = (used, limit) => height - 1 - Math.min(used / limit, 1) * (height - 2);
  let path = "";
  for (const {at, used, limit} of samples)
    path += path ? `H${x(at).toFixed(1)}V${y(used, limit).toFixed(1)}`
      : `M${x(at).toFixed(1)} ${y(used, limit).toFixed(1)}`;
  path += `H${past}`;
  drawn.append(svg("path", {d: `${path}V${height}H${x(from).toFixed(1)}Z`, class: "area"}),
    svg("path", {d: path, class: "line"}));
  if (perHour !== null) {
    const {used, limit} = samples.at(-1);
    const ahead = (span * (width - past)) / past; // the same scale of time
    const then = used + (perHour * ahead) / hour;
    drawn.append(svg("path", {class: "ahead",
      d: `M${past} ${y(used, limit).toFixed(1)}L${width} ${y(then, limit).toFixed(1)}`}));
  }
  return drawn;
}

function forecast({waiting, back_at, full_at}) {
  if (waiting) return [`${count(waiting)} waiting, back `, when(back_at)];
  return full_at ? ["at this pace used up ", when(full_at)] : ["lasts at this pace"];
}

/** One line per provider: its busiest account over time, and what is to be expected. */
export function overview(store) {
  return store.quotas.map((quota) => {
    const title = store.title(quota.provider);
    const samples = quota.samples.map((sample) => ({...sample, at: Date.parse(sample.at)}));
    const {used, limit} = quota;
    return h("div.quota", {},
      h("span.quota-name", {}, title, h("span.faint", {}, " quota")),
      picture(samples, `Quota of ${title}: ${used} of ${limit} used by its busiest account`,
        quota.used_per_hour),
      h("span.number", {}, `${count(used)} / ${count(limit)}`),
      h("span.faint", {}, ...forecast(quota)));
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
