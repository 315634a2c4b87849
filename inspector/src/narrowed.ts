// What happens in the memory, as far as conditions let it show.
import type { Api } from "./api";
import type { LiveUpdate } from "./types";

/** Memories that are asked for at a time; of more, the graph is loaded again. */
const ASKED = 100;

/** An update of memories that meet the conditions; those that do not, or no longer, are gone. */
export async function narrowed(api: Api, update: LiveUpdate): Promise<LiveUpdate> {
  if (!api.where.length || !update.graph) return update;
  const ids = [...new Set([...(update.changed ?? []), ...(update.recalled ?? [])])];
  if (ids.length > ASKED) return { reload: true };
  const graph = await api.alone(ids);
  const met = new Set(graph.nodes.filter((node) => node.kind === "memory").map((node) => node.id.slice(7)));
  const only = (some: string[] | undefined) => (some ?? []).filter((id) => met.has(id));
  return {
    ...update,
    graph,
    changed: only(update.changed),
    new: only(update.new),
    recalled: only(update.recalled),
    gone: [...(update.gone ?? []), ...ids.filter((id) => !met.has(id))],
  };
}
