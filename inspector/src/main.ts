// Opens the inspector: asks for the memory, and puts the page in the place of the notice that it opens.
import "./style.css";
import { Api } from "./api";
import { hashOf, readHash, whereOf } from "./conditions";
import { fill, h } from "./dom";
import { attempt } from "./notices";
import { Page } from "./page";
import { takeSession } from "./session";

/** Memories of a page: those of the first view, and those that follow as one looks further. `page` in the address. */
const PAGE = Number(new URLSearchParams(location.search).get("page")) || 1000;

const api = new Api(takeSession());

const { chosen, namespace } = readHash(location.hash);
api.namespace = namespace;
api.where = whereOf(chosen);

// The token did its work; it should not stay in the address or the history. What came by a form is not sent again.
history.replaceState(null, "", `${location.pathname}${hashOf(chosen, namespace)}`);
// Somebody else's conditions were put into the address.
addEventListener("hashchange", () => location.reload());

const root = document.querySelector("#app")!;

async function start(): Promise<void> {
  // Both at once: placing the first memories takes the server a while.
  const first = api.graph(PAGE, false);
  first.catch(() => undefined);
  fill(root, h("main", { class: "alone" }, h("h1", {}, "Memory inspector"), h("p", { role: "status" }, "Opening the memory…")));
  const state = await attempt(api.state());
  if (!state) {
    fill(root, h("main", { class: "alone" }, h("h1", {}, "Memory inspector"), h("p", {}, "The memory could not be read. The line below says why.")));
    return;
  }
  const page = new Page(api, root, state, PAGE, { chosen, namespace });
  await page.open(first);
}

void start();
