/** Runs one step of the set-up and says on stderr what it did, if it did anything. `run` answers that as a phrase. */
export async function step(name, run) {
  const start = process.hrtime.bigint();
  const say = (text) => process.stderr.write(`set-up: ${name}: ${text}\n`);
  const done = await run(say);
  const seconds = Number((process.hrtime.bigint() - start) / 1_000_000n) / 1000;
  if (done) say(`${done} (${seconds.toFixed(1)} s)`);
}
