/**
 * Runs one step of the set-up and says on stderr what it did, if it did anything, and while it takes long.
 * `run` answers what it did as a phrase.
 */
export async function step(name, run) {
  const start = process.hrtime.bigint();
  const say = (text) => process.stderr.write(`set-up: ${name}: ${text}\n`);
  const seconds = () => Number((process.hrtime.bigint() - start) / 1_000_000n) / 1000;
  const still = setInterval(() => say(`still at it, ${seconds().toFixed(0)} s`), 10_000);
  try {
    const done = await run(say);
    if (done) say(`${done} (${seconds().toFixed(1)} s)`);
  } finally {
    clearInterval(still);
  }
}
