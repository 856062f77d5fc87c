// Server-Sent Events over fetch: EventSource could not send the token, and nothing else may.
import {ask} from "./api.js";

const silence_max = 40_000; // the engine says something every 15 s
const wait_max = 15_000;

/** The events in a growing text; yields what is left of it. */
export function parse(text, onEvent) {
  const blocks = text.split("\n\n");
  const rest = blocks.pop();
  for (const block of blocks) {
    const event = {};
    for (const line of block.split("\n")) {
      const colon = line.indexOf(": ");
      if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 2);
    }
    if (event.data) onEvent(event);
  }
  return rest;
}

async function read(answer, onEvent, watch) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    watch();
    const {value, done} = await reader.read();
    if (done) return;
    text = parse(text + value, onEvent);
  }
}

/** Follows the events until `signal`; comes back after each break, going on where it stopped. */
export async function follow({onEvent, onLink, signal}) {
  let last = "";
  for (let wait = 500; !signal.aborted;) {
    const stop = new AbortController();
    signal.addEventListener("abort", () => stop.abort(), {once: true});
    let timer;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), silence_max);
    };
    try {
      const headers = last ? {"Last-Event-ID": last} : {};
      watch();
      const answer = await ask("GET", "/v1/events", undefined, {headers, signal: stop.signal});
      onLink(true);
      await read(answer, (event) => {
        wait = 500;
        last = event.id;
        onEvent(event.event, JSON.parse(event.data));
      }, watch);
    } catch (failure) {
      if (failure.status === 401) return;
    } finally {
      clearTimeout(timer);
    }
    onLink(false);
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, wait_max);
  }
}
