// Elements without a framework. Text is always set as text, never as markup.

/** h("button.primary", {type: "button", onclick: go}, "Go"): an element with its children. */
export function h(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const by = (id) => document.getElementById(id);

/** Fills `place` anew; the focus stays on the control of the same `data-do`. */
export function refill(place, ...children) {
  const held = place.contains(document.activeElement) ? document.activeElement.dataset.do : null;
  place.replaceChildren(...children.flat().filter(Boolean));
  if (held) place.querySelector(`[data-do="${CSS.escape(held)}"]`)?.focus({preventScroll: true});
}

/** Tells what happened, to eyes and screen readers; goes by itself. */
export function toast(text, bad = false) {
  const shown = h(bad ? "p.toast.bad" : "p.toast", {}, text);
  by("toasts").append(shown);
  setTimeout(() => shown.remove(), bad ? 12_000 : 5_000);
}

/** Runs what a control asks for; meanwhile the control waits, and a failure is told. */
export async function attempt(control, work) {
  control?.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (failure) {
    toast(failure.hint ? `${failure.message}. ${failure.hint}.` : `${failure.message}.`, true);
    return undefined;
  } finally {
    control?.removeAttribute("aria-busy");
  }
}
