import { spawn } from "node:child_process";
import { SetUpError } from "./set-up-error.mjs";

/** Runs a command to its end; its output is shown only when it fails, with what to do next. */
export function run(command, args, { next, cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const fail = (why) => {
      const tail = output.trim().split("\n").slice(-15).join("\n");
      reject(
        new SetUpError(
          `${command} ${args.join(" ")} ${why}${tail && `\n${tail}`}`,
          next ?? "Read the output above.",
        ),
      );
    };
    child.on("error", (error) => fail(`could not be started: ${error.message}`));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else fail(signal ? `was ended by ${signal}` : `ended with exit code ${code}`);
    });
  });
}
