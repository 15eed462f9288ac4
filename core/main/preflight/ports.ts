import { createServer } from "node:net";
import type { Feature } from "@berth/linux";
import type { CoreSettings } from "../serve/core-settings.ts";

/** Whether the two ports of a node can be listened on. */
export function judgePorts(settings: CoreSettings): Promise<Feature[]> {
  return Promise.all([
    judgePort("API server port", "--port", settings.address, settings.apiPort),
    judgePort("kubelet port", "--kubelet-port", settings.address, settings.kubeletPort),
  ]);
}

function judgePort(name: string, option: string, address: string, port: number): Promise<Feature> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      resolve({
        name,
        need: "required",
        isPresent: false,
        cause: taken
          ? `${address}:${port} is in use by another process`
          : `${address}:${port}: ${error.message}`,
        fix: taken
          ? `end the process that \`ss -ltnp 'sport = :${port}'\` shows, or choose another port with ${option}`
          : `choose an address of this machine with --address, or another port with ${option}`,
      });
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      server.close(() => resolve({ name, need: "required", isPresent: true, found: `${address}:${port}` }));
    });
  });
}
