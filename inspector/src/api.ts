// Talks to the server the page came from, and to no other.
import type {
  Answers,
  Choices,
  ConversationPage,
  Deletion,
  DrawnGraph,
  EditedMemory,
  EntityPage,
  FactsPage,
  JobRun,
  Jobs,
  MemoryHealth,
  MemoryPage,
  MergeDecision,
  MergeResult,
  Problem,
  Review,
  State,
  UnarchiveResult,
  UndoResult,
} from "./types";

export class Failure extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** The argument it is about. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** What is wrong with the conditions, where an error is about them; any other error goes on its way. */
export function refusalOf(error: unknown): string {
  if (error instanceof Failure && error.field === "where") return error.message;
  throw error;
}

type Values = Record<string, string | number | boolean | string[] | undefined>;

/** The address of a request, from that of the page; arguments that are undefined are left out, and lists stand once for each of their values. */
export function addressOf(path: string, values: Values = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) for (const one of value) query.append(name, one);
    else if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return `api/${path}${text ? `?${text}` : ""}`;
}

export class Api {
  namespace: string | undefined;
  /** Conditions that all memories meet which are shown, as JSON. */
  where: string[] = [];

  constructor(private readonly session?: string) {}

  state = () => this.get<State>("state");
  choices = () => this.get<Choices>("choices");
  graph = (limit: number, archived: boolean, skip = 0) =>
    this.find<DrawnGraph>("graph", { limit, archived: archived ? 1 : undefined, skip: skip || undefined });
  neighbourhood = (id: string) => this.find<DrawnGraph>(`graph/${encodeURIComponent(id)}`);
  neighbours = (ids: string[]) => this.find<DrawnGraph>("around", { id: ids });
  /** Memories without others that are linked to them. */
  alone = (ids: string[]) => this.find<DrawnGraph>("around", { id: ids, depth: 0 });
  conversation = (id: string) => this.find<ConversationPage>("conversation", { id });
  ask = (q: string, as_of?: number) => this.find<Answers>("ask", { q, as_of });
  memory = (id: string) => this.get<MemoryPage>(`memories/${encodeURIComponent(id)}`);
  edit = (id: string, values: object) =>
    this.send<EditedMemory>("PATCH", `memories/${encodeURIComponent(id)}`, values);
  remove = (id: string) => this.send<Deletion>("DELETE", `memories/${encodeURIComponent(id)}`);
  facts = (subject?: string) => this.get<FactsPage>("facts", { subject });
  supersede = (id: string, values: object) =>
    this.send<EditedMemory>("POST", `memories/${encodeURIComponent(id)}/supersede`, values);
  retract = (id: string) => this.send<EditedMemory>("POST", `memories/${encodeURIComponent(id)}/retract`);
  reinstate = (id: string) => this.send<EditedMemory>("POST", `memories/${encodeURIComponent(id)}/reinstate`);
  unarchive = (id: string) =>
    this.send<UnarchiveResult>("POST", `memories/${encodeURIComponent(id)}/unarchive`);
  entity = (key: string, limit: number) => this.find<EntityPage>(`entities/${encodeURIComponent(key)}`, { limit });
  merge = (memory_ids: string[], despite_guards: boolean) =>
    this.send<MergeResult>("POST", "consolidation/merges", {
      memory_ids,
      despite_guards,
    });
  decide = (memory_ids: string[], refused: boolean) =>
    this.send<MergeDecision>("POST", "consolidation/refusals", { memory_ids, refused });
  review = (hours: number) => this.get<Review>("consolidation", { hours });
  consolidate = (hours: number) => this.send<Review>("POST", "consolidation", { hours });
  runs = () => this.get<JobRun[]>("consolidation/runs");
  undo = (id: string) =>
    this.send<UndoResult>("POST", `consolidation/runs/${encodeURIComponent(id)}/undo`);
  jobs = () => this.get<Jobs>("jobs");
  runJob = (name: string) => this.send<JobRun | null>("POST", `jobs/${encodeURIComponent(name)}/run`);
  health = () => this.get<MemoryHealth>("health");

  openConnection(): WebSocket {
    // A page can give a WebSocket no other header than this.
    const address = new URL(this.address("live", {}), location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(address, ["coda-graphmem", `session.${this.session}`]);
  }

  private address(path: string, values: Values): string {
    return addressOf(path, { namespace: this.namespace, ...values });
  }

  /** Gets what meets the conditions. */
  private find<T>(path: string, values: Values = {}): Promise<T> {
    return this.get<T>(path, { ...values, where: this.where });
  }

  private get<T>(path: string, values: Values = {}): Promise<T> {
    return this.request<T>(this.address(path, values), {});
  }

  private send<T>(method: string, path: string, body?: object): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.request<T>(this.address(path, {}), { method, ...content });
  }

  private async request<T>(address: string, options: RequestInit): Promise<T> {
    let response: Response;
    try {
      const headers = this.session ? { Authorization: `Bearer ${this.session}` } : undefined;
      response = await fetch(address, headers ? { ...options, headers } : options);
    } catch {
      throw new Failure("The inspector does not answer. Is coda-graphmem inspect still running?", 0);
    }
    if (response.ok) return (await response.json()) as T;
    if (response.status === 401) {
      throw new Failure(
        this.session
          ? "This page was opened by an inspector that has ended. Open the address the new one printed."
          : "This page opens by the newest address that coda-graphmem inspect printed. Each opens one page, once.",
        401,
      );
    }
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    const what = problem.error ?? `The inspector answered with status ${response.status}.`;
    throw new Failure([problem.field ? `${problem.field}: ${what}` : what, problem.remedy].filter(Boolean).join(" "), response.status, problem.field ?? undefined);
  }
}
