// What the page shows with every request, so that the server knows it for its own.

const KEY = "session";

/**
 * The session, which the server puts into the page when it is opened; kept for as long as the tab is, so that it can be
 * loaded again. Undefined where the page was not opened by a printed address.
 */
export function takeSession(): string | undefined {
  const given = document.querySelector<HTMLMetaElement>(`meta[name="${KEY}"]`);
  const session = given?.content;
  given?.remove();
  try {
    if (session) sessionStorage.setItem(KEY, session);
    return session || (sessionStorage.getItem(KEY) ?? undefined);
  } catch {
    // A browser may forbid to keep anything.
    return session || undefined;
  }
}
