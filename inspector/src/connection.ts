// The connection on which the server tells what happens in the memory; made anew where it broke.
import type { Api } from "./api";
import type { LiveUpdate } from "./types";

export class Connection {
  private socket: WebSocket | undefined;
  private stopped = false;
  private pause = 500;

  constructor(
    private readonly api: Api,
    private readonly received: (message: LiveUpdate) => void,
    private readonly changed: (connected: boolean) => void,
  ) {
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.socket?.close();
  }

  private connect(): void {
    if (this.stopped) return;
    const socket = this.api.openConnection();
    this.socket = socket;
    socket.addEventListener("message", (event) => {
      if (this.stopped) return;
      const message = JSON.parse(String(event.data)) as LiveUpdate;
      if (message.ready) {
        this.pause = 500;
        this.changed(true);
      }
      this.received(message);
    });
    socket.addEventListener("close", () => {
      if (this.stopped) return;
      this.changed(false);
      setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(10000, this.pause * 2);
    });
  }
}
