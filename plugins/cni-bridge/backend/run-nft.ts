import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Feeds rules to nft(8). Rejects with what it said; nothing of the rules is in force then. */
export async function runNft(rules: string): Promise<void> {
  const child = spawn("nft", ["-f", "-"], { stdio: ["pipe", "ignore", "pipe"] });
  const failed = once(child, "error").then(([error]: unknown[]) => {
    throw new Error(`nft(8) could not be started: ${(error as Error).message}`, { cause: error });
  });
  // A program that ends before it has read everything breaks the pipe; its exit status and words say why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(rules);
  const said = text(child.stderr);
  const [code, signal] = (await Promise.race([once(child, "close"), failed])) as [
    number | null,
    string | null,
  ];
  if (code !== 0) throw new Error(`nft(8) ended with ${signal ?? code}: ${(await said).trim()}`);
}
