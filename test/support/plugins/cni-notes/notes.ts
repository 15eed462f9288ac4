import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createToken,
  definePlugin,
  implement,
  PluginError,
  type PluginDefinition,
  services,
} from "@berth/sdk";

interface Config {
  prefix: string;
  slowMs: number;
  failAdd: boolean;
  hangFor: string;
  refuseStart: boolean;
}

/** A network that only takes notes of what it is asked, in `notes.txt` of its state directory. */
class Notes {
  readonly #folder: string;
  readonly #config: Config;
  readonly #given = new Map<string, string>();
  #probes = 0;

  constructor(folder: string, config: Config) {
    this.#folder = folder;
    this.#config = config;
  }

  get range(): string {
    return `${this.#config.prefix}.0/24`;
  }

  note(line: string): void {
    appendFileSync(join(this.#folder, "notes.txt"), `${line}\n`);
  }

  async add({
    attachment,
    prev_result,
  }: {
    attachment?: { container_id: string } | null;
    prev_result?: unknown;
  }) {
    const id = attachment?.container_id ?? "";
    this.note(`add ${id} after ${prev_result ? "another" : "none"}`);
    if (id === this.#config.hangFor) await this.#released();
    if (this.#config.slowMs > 0) await sleep(this.#config.slowMs);
    if (this.#config.failAdd)
      throw new PluginError("RESOURCE_EXHAUSTED", "no address is free", "Release one.");
    const known = this.#given.get(id) ?? `${this.#config.prefix}.${this.#given.size + 2}/24`;
    if (!this.#given.has(id)) this.note(`gave ${id} ${known}`);
    this.#given.set(id, known);
    return {
      result: { cni_version: "1.1.0", interfaces: [{ name: "eth0" }], ips: [{ address: known }], routes: [] },
    };
  }

  /** How often it was asked how it is, in `probes.txt`. */
  probed(): Promise<undefined> {
    writeFileSync(join(this.#folder, "probes.txt"), String(++this.#probes));
    return Promise.resolve(undefined);
  }

  async #released(): Promise<void> {
    while (!existsSync(join(this.#folder, "go-on"))) await sleep(10);
  }

  del({ attachment }: { attachment?: { container_id: string } | null }) {
    this.note(`del ${attachment?.container_id ?? ""}`);
    return {};
  }

  check() {
    return {};
  }

  gc({ valid_attachments }: { valid_attachments: { container_id: string }[] }) {
    this.note(
      `gc ${valid_attachments
        .map(({ container_id }) => container_id)
        .sort()
        .join(",")}`,
    );
    return { released: [] };
  }

  status() {
    return {};
  }

  version() {
    return { cni_version: "1.1.0", supported_versions: ["1.1.0"] };
  }
}

const notes = createToken<Notes>("notes");

/** The stand-in whose plugin.json lies in `folder`. */
export function notesPlugin(folder: string): PluginDefinition<Config> {
  return definePlugin<Config>({
    folder,
    services: [
      implement(services.network, ["add", "del", "check", "gc", "status", "version"], (parts) =>
        parts.get(notes),
      ),
    ],
    configure(parts, config, context) {
      if (config.refuseStart)
        throw new PluginError("INVALID_ARGUMENT", "it was told to refuse", "Tell it not to.");
      parts.bind(notes, () => new Notes(context.stateDirectory, config));
    },
    life: (parts) => ({
      synchronize({ stillValid, authoritative }) {
        parts.get(notes).note(
          `sync ${authoritative} ${stillValid
            .map(({ id }) => id)
            .sort()
            .join(",")}`,
        );
        return Promise.resolve({ held: [], released: [] });
      },
      probe: () => parts.get(notes).probed(),
      facts: () => ({ words: "takes notes", ranges: parts.get(notes).range }),
    }),
  });
}
