import { text } from "node:stream/consumers";
import { runBerthCni } from "./run-berth-cni.ts";

const { status, stdout } = await runBerthCni(process.env, await text(process.stdin));
if (stdout) process.stdout.write(`${stdout}\n`);
process.exitCode = status;
