// Hears what happens in the memory, and keeps trying where the server is away.
import type { Api } from "./api";
import type { Told } from "./types";

export class Live {
  private socket: WebSocket | undefined;
  private stopped = false;
  private pause = 500;

  constructor(
    private readonly api: Api,
    private readonly told: (message: Told) => void,
    private readonly state: (connected: boolean) => void,
  ) {
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.socket?.close();
  }

  private connect(): void {
    if (this.stopped) return;
    const socket = this.api.live();
    this.socket = socket;
    socket.onmessage = (event) => {
      if (this.stopped) return;
      const message = JSON.parse(String(event.data)) as Told;
      if (message.ready) {
        this.pause = 500;
        this.state(true);
      }
      this.told(message);
    };
    socket.onclose = () => {
      if (this.stopped) return;
      this.state(false);
      setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(10000, this.pause * 2);
    };
  }
}
