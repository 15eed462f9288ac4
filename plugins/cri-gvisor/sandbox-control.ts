import { connect } from "node:net";
import { join } from "node:path";

/** Exit status of a container as wait(2) reports it, decoded; undefined when its sandbox ended before it could tell. */
export interface WaitAnswer {
  exitCode: number;
}

/**
 * Waits for a container on its sandbox's control socket: one open connection instead of one `runsc wait` process each.
 * Aborting stops the waiting, not the container. A container that has ended already is answered at once.
 */
export function waitForContainer(
  root: string,
  sandboxId: string,
  containerId: string,
  signal: AbortSignal,
): Promise<WaitAnswer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(controlSocket(root, sandboxId));
    let text = "";
    const finish = (answer: WaitAnswer | undefined): void => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(answer);
    };
    const stop = (): void => finish(undefined);
    signal.addEventListener("abort", stop, { once: true });
    socket.setEncoding("utf8");
    socket.on("connect", () =>
      socket.write(`${JSON.stringify({ method: "containerManager.Wait", arg: containerId })}\n`),
    );
    socket.on("data", (part: string) => {
      text += part;
      const answer = parseWaitAnswer(text);
      if (answer !== "incomplete") finish(answer);
    });
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(undefined));
    if (signal.aborted) stop();
  });
}

export function controlSocket(root: string, sandboxId: string): string {
  return join(root, `runsc-${sandboxId}.sock`);
}

/** `{"success":true,"result":STATUS}` with a wait(2) status; undefined for an answer that tells none. */
export function parseWaitAnswer(text: string): WaitAnswer | undefined | "incomplete" {
  let answer: { success?: boolean; result?: number };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    return "incomplete";
  }
  if (!answer.success || typeof answer.result !== "number") return undefined;
  const signal = answer.result & 0x7f;
  // As shells do, a signal is 128 and its number.
  return { exitCode: signal === 0 ? (answer.result >> 8) & 0xff : 128 + signal };
}
