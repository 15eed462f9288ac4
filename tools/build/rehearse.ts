import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection, environment, services } from "@berth/verbs";

const patienceMs = 60_000;

/**
 * Starts the program of a built plugin as a host does, up to the point before it is configured, and ends it: nothing but
 * a folder of its own is touched, and what ran was compiled. Leaves `program.cache` in the plugin's folder.
 */
export async function rehearse(folder: string): Promise<void> {
  const stage = await mkdtemp(join(tmpdir(), "berth-build-"));
  const host = await listen(join(stage, "handshake.sock"));
  const endpoint = `unix://${join(stage, "plugin.sock")}`;
  const program = join(import.meta.dirname, "rehearse-program.cjs");
  const child = spawn(process.execPath, [program, folder], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      BERTH_LOG_LEVEL: "warn",
      [environment.handshake]: join(stage, "handshake.sock"),
      [environment.endpoint]: endpoint,
      [environment.token]: "rehearsal",
      [environment.instance]: "rehearsal.build",
      [environment.incarnation]: "1",
      [environment.state]: join(stage, "state"),
      [environment.run]: join(stage, "run"),
      [environment.adoptionWindow]: "0",
      [environment.nodeName]: "build",
    },
  });
  const exited = once(child, "exit");
  const connection = new Connection(endpoint);
  try {
    await Promise.race([
      connection.ready(patienceMs),
      exited.then(([code]) => {
        throw new Error(`the program in ${folder} ended with ${code} before it served`);
      }),
    ]);
    await connection.client(services.plugin).describe({});
    child.kill("SIGTERM");
    await exited;
    await stat(join(folder, "program.cache"));
  } finally {
    child.kill("SIGKILL");
    connection.dispose();
    host.close();
    await rm(stage, { recursive: true, force: true });
  }
}

/** A host that takes whoever says hello. */
async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () =>
      socket.write(`${JSON.stringify({ ok: true, chosen: {}, supportWindow: "" })}\n`),
    );
  });
  server.listen(path);
  await once(server, "listening");
  return server;
}
