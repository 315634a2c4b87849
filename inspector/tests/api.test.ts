import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addressOf, Api, Failure } from "../src/api";

describe("addressOf", () => {
  it("has no question mark without arguments", () => {
    expect(addressOf("state")).toBe("api/state");
  });
  it("leaves out what is undefined, and keeps zero", () => {
    expect(addressOf("graph", { limit: 0, skip: undefined })).toBe("api/graph?limit=0");
  });
  it("names a list once for each value", () => {
    expect(addressOf("around", { id: ["a", "b c"] })).toBe("api/around?id=a&id=b+c");
  });
  it("escapes values", () => {
    expect(addressOf("ask", { q: "who & what?" })).toBe("api/ask?q=who+%26+what%3F");
  });
});

describe("Api", () => {
  const fetched = vi.fn<(address: string, options: RequestInit) => Promise<Response>>();
  const answer = (body: unknown, status = 200) => fetched.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }));

  beforeEach(() => vi.stubGlobal("fetch", fetched));
  afterEach(() => {
    vi.unstubAllGlobals();
    fetched.mockReset();
  });

  it("asks in its namespace", async () => {
    const api = new Api();
    api.namespace = "home";
    answer({});
    await api.conversation("c/1");
    expect(fetched.mock.calls[0]![0]).toBe("api/conversation?namespace=home&id=c%2F1");
  });
  it("asks for what meets its conditions, each named for itself", async () => {
    const api = new Api();
    api.where = ['{"tags":"a"}', "{}"];
    const asked = [() => api.graph(10, false), () => api.neighbourhood("m"), () => api.neighbours(["m"]), () => api.ask("q"), () => api.entity("e", 5), () => api.conversation("c")];
    for (const ask of asked) {
      answer({});
      await ask();
    }
    for (const [address] of fetched.mock.calls) expect(new URL(address, "http://x").searchParams.getAll("where")).toEqual(api.where);
    expect(fetched).toHaveBeenCalledTimes(asked.length);
    answer({});
    await api.memory("m");
    expect(fetched.mock.lastCall![0]).toBe("api/memories/m");
  });
  it("escapes ids in paths", async () => {
    answer({});
    await new Api().memory("a/b?c");
    expect(fetched.mock.calls[0]![0]).toBe("api/memories/a%2Fb%3Fc");
  });
  it("asks for the first page without a skip", async () => {
    answer({});
    await new Api().graph(10, false);
    expect(fetched.mock.calls[0]![0]).toBe("api/graph?limit=10");
    answer({});
    await new Api().graph(10, true, 20);
    expect(fetched.mock.calls[1]![0]).toBe("api/graph?limit=10&archived=1&skip=20");
  });
  it("sends changes as JSON", async () => {
    answer({ memory: {} });
    await new Api().edit("m1", { content: "new" });
    expect(fetched.mock.calls[0]![1]).toEqual({ method: "PATCH", body: '{"content":"new"}' });
  });
  it("sends no body where there is nothing to say", async () => {
    answer({});
    await new Api().undo("run 1");
    expect(fetched.mock.calls[0]).toEqual(["api/consolidation/runs/run%201/undo", { method: "POST" }]);
  });
  it("shows its session with every request, and a WebSocket by its protocol", async () => {
    const api = new Api("secret");
    answer({});
    await api.undo("run");
    expect(fetched.mock.calls[0]![1]).toEqual({ method: "POST", headers: { Authorization: "Bearer secret" } });
    const made = vi.fn<(address: string, protocols: string[]) => void>();
    vi.stubGlobal("WebSocket", function WebSocket(address: URL, protocols: string[]) {
      made(address.href, protocols);
    });
    vi.stubGlobal("location", { href: "http://127.0.0.1:1/#n=home" });
    api.openConnection();
    expect(made.mock.calls[0]).toEqual(["ws://127.0.0.1:1/api/live", ["coda-graphmem", "session.secret"]]);
    vi.stubGlobal("location", { href: "https://memory.example/inspector/local/" });
    api.openConnection();
    expect(made.mock.lastCall![0]).toBe("wss://memory.example/inspector/local/api/live");
  });
  it("tells the field and the remedy of what was refused", async () => {
    answer({ error: "is no number.", field: "as_of", remedy: "Write digits." }, 422);
    await expect(new Api().state()).rejects.toEqual(new Failure("as_of: is no number. Write digits.", 422, "as_of"));
  });
  it("tells the status where the answer is no JSON", async () => {
    fetched.mockResolvedValueOnce(new Response("<html>", { status: 502 }));
    await expect(new Api().state()).rejects.toThrow("The inspector answered with status 502.");
  });
  it("tells that the page is from an inspector that has ended", async () => {
    answer({}, 401);
    await expect(new Api("old").state()).rejects.toThrow("has ended");
    answer({}, 401);
    await expect(new Api().state()).rejects.toThrow("opens by the newest address");
  });
  it("tells that nobody answers", async () => {
    fetched.mockRejectedValueOnce(new TypeError("fetch failed"));
    await expect(new Api().state()).rejects.toMatchObject({ status: 0 });
  });
});
