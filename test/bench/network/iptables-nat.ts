import { execFileSync } from "node:child_process";

const programs = ["iptables", "ip6tables"] as const;
const chainsOfPortmap = /\bCNI-/;

/** portmap and ipMasq leave chains in the nat table for ever; this takes away those that were not there before. */
export class IptablesNat {
  readonly #before: ReadonlyMap<string, readonly string[]>;
  readonly #tablesBefore: ReadonlySet<string>;

  private constructor(before: ReadonlyMap<string, readonly string[]>, tables: ReadonlySet<string>) {
    this.#before = before;
    this.#tablesBefore = tables;
  }

  static read(): IptablesNat {
    // Listed first: listing rules makes the table.
    const tables = readTables();
    return new IptablesNat(new Map(programs.map((program) => [program, readRules(program, tables)])), tables);
  }

  restore(): void {
    const tables = readTables();
    for (const program of programs) {
      const before = new Set(this.#before.get(program));
      const added = readRules(program, tables).filter(
        (rule) => !before.has(rule) && chainsOfPortmap.test(rule),
      );
      const rules = added.filter((rule) => rule.startsWith("-A"));
      const chains = added.filter((rule) => rule.startsWith("-N"));
      for (const rule of rules) run(program, "-t", "nat", "-D", ...words(rule).slice(1));
      for (const chain of chains) run(program, "-t", "nat", "-X", words(chain)[1] ?? "");
    }
    for (const table of readTables()) {
      if (this.#tablesBefore.has(table) || !/^table ip6? nat$/.test(table)) continue;
      const content = run("nft", "list", ...table.split(" "));
      if (!/\b(jump|goto|dnat|snat|masquerade|accept|drop|counter)\b.*;?$/m.test(withoutPolicies(content))) {
        run("nft", "delete", ...table.split(" "));
      }
    }
  }
}

function readTables(): Set<string> {
  return new Set(run("nft", "list", "tables").trim().split("\n"));
}

function readRules(program: (typeof programs)[number], tables: ReadonlySet<string>): string[] {
  const family = program === "iptables" ? "ip" : "ip6";
  return tables.has(`table ${family} nat`) ? run(program, "-t", "nat", "-S").trim().split("\n") : [];
}

function withoutPolicies(text: string): string {
  return text.replaceAll(/^.*type nat hook.*$/gm, "");
}

/** iptables quotes only comments. */
function words(rule: string): string[] {
  return [...rule.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}
