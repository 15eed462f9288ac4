import { runHelper } from "@berth/sdk";

const patienceMs = 30_000;

/** Feeds rules to nft(8). Rejects with what it said; nothing of the rules is in force then. */
export async function runNft(rules: string): Promise<void> {
  const { exitCode, stderr } = await runHelper("nft", ["-f", "-"], {
    input: rules,
    signal: AbortSignal.timeout(patienceMs),
  });
  if (exitCode !== 0) throw new Error(`nft(8) ended with ${exitCode}: ${stderr.trim()}`);
}
