import { runPages } from "./run-pages.ts";

/** The pages are the arguments. Run it where nothing of the machine can be harmed: see own-machine.sh. */
try {
  await runPages(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  // Whatever a page has left running ends with this process, the first of its machine.
  process.exit(1);
}
process.exit(0);
