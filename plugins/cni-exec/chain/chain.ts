import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { CniError, cniCode } from "@berth/cni";
import type { JsonObject } from "@berth/verbs";
import { type NetworkList, sectionFor } from "./network-list.ts";
import { type CniVerb, runProgram, type Target } from "./run-program.ts";

/** One call on a whole chain of programs. */
export interface ChainCall {
  readonly target: Target;
  /** Capability arguments by their names in CNI. */
  readonly runtime: JsonObject;
  readonly signal: AbortSignal;
}

/** Since this version programs answer GC and STATUS. */
const newest = "1.1.0";

/** The programs of one configuration list, called as the specification says. */
export class Chain {
  readonly list: NetworkList;
  readonly #folders: readonly string[];

  constructor(list: NetworkList, folders: readonly string[]) {
    this.list = list;
    this.#folders = folders;
  }

  /** Each program is given the result of the one before it; the last one's is the answer. */
  async add(call: ChainCall, before: JsonObject | undefined): Promise<JsonObject> {
    let prevResult = before;
    for (const plugin of this.list.plugins) {
      const answer = await this.#run("ADD", plugin, call, prevResult);
      if (Object.keys(answer).length > 0) prevResult = answer;
    }
    if (prevResult) return prevResult;
    throw new CniError(
      cniCode.decodingFailure,
      `no program of network ${this.list.name} answered ADD with a result`,
    );
  }

  /** In reverse. Goes on after a failure, so that as much as can be is taken back; then throws the first one. */
  async del(call: ChainCall, result: JsonObject | undefined): Promise<void> {
    const failures: unknown[] = [];
    for (const plugin of this.list.plugins.toReversed()) {
      try {
        await this.#run("DEL", plugin, call, result);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async check(call: ChainCall, result: JsonObject): Promise<void> {
    if (this.list.disableCheck) return;
    for (const plugin of this.list.plugins) await this.#run("CHECK", plugin, call, result);
  }

  /** Has programs of version 1.1 forget what they keep of attachments that are not in the list. */
  async gc(valid: readonly { containerID: string; ifname: string }[], signal: AbortSignal): Promise<void> {
    if (this.list.cniVersion !== newest) return;
    const known = { "cni.dev/valid-attachments": valid.map((one) => ({ ...one })) };
    await this.#all("GC", known, signal);
  }

  /** Throws why ADD cannot be served now. */
  async status(signal: AbortSignal): Promise<void> {
    const obstacle = this.obstacle();
    if (obstacle !== undefined) throw new CniError(cniCode.notAvailable, obstacle);
    if (this.list.cniVersion === newest) await this.#all("STATUS", {}, signal);
  }

  /** What keeps every ADD from being served, as far as files tell. */
  obstacle(): string | undefined {
    const missing = this.list.plugins.find(({ type }) => this.#find(type) === undefined);
    return missing && `there is no executable program ${missing.type} in ${this.#folders.join(", ")}`;
  }

  async #all(verb: CniVerb, more: JsonObject, signal: AbortSignal): Promise<void> {
    for (const plugin of this.list.plugins) {
      const section = { ...sectionFor(this.list, plugin, { runtime: {} }), ...more };
      await runProgram({
        verb,
        program: this.#program(plugin.type),
        folders: this.#folders,
        section,
        signal,
      });
    }
  }

  #run(
    verb: CniVerb,
    plugin: NetworkList["plugins"][number],
    { target, runtime, signal }: ChainCall,
    prevResult: JsonObject | undefined,
  ): Promise<JsonObject> {
    const section = sectionFor(this.list, plugin, { runtime, prevResult });
    const program = this.#program(plugin.type);
    return runProgram({ verb, program, folders: this.#folders, section, target, signal });
  }

  #program(type: string): string {
    const path = this.#find(type);
    if (path !== undefined) return path;
    throw new CniError(
      cniCode.invalidConfig,
      `there is no executable program ${type} in ${this.#folders.join(", ")}`,
    );
  }

  #find(type: string): string | undefined {
    return this.#folders.map((folder) => join(folder, type)).find((path) => isExecutable(path));
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
