import { execFile } from "node:child_process";
import { BerthError, errorMessage } from "@berth/base";
import type { RegistryLogin } from "@berth/cri/images/registry-client.ts";
import type { Reference } from "@berth/oci";
import { badSource } from "../errors.ts";
import { readLoginFile } from "./read-login-file.ts";

/** What `docker login`, `podman login` and `oras login` write: containers-auth.json(5). */
interface AuthFile {
  readonly auths?: Readonly<Record<string, AuthEntry | undefined>>;
  readonly credHelpers?: Readonly<Record<string, string | undefined>>;
  readonly credsStore?: string;
}

interface AuthEntry {
  readonly auth?: string;
  readonly identitytoken?: string;
}

const helperMs = 30_000;
const none: RegistryLogin = { username: "", password: "", registryToken: "", identityToken: "" };

/**
 * The login for an artifact: of the entry whose name fits its repository best, "oci.example.com/acme" before
 * "oci.example.com". An entry in the file comes before a helper. Read anew each time, so that a changed login is followed;
 * undefined when none is named. Rejects with {@link badSource}, which holds nothing of a login.
 */
export async function registryLogin(file: string, reference: Reference): Promise<RegistryLogin | undefined> {
  const { auths = {}, credHelpers = {}, credsStore } = await readAuthFile(file);
  const entries = new Map(Object.entries(auths).map(([name, entry]) => [plainName(name), entry]));
  for (const name of namesOf(reference)) {
    const entry = entries.get(name);
    if (entry?.identitytoken) return { ...none, identityToken: entry.identitytoken };
    if (entry?.auth) return fromPair(entry.auth, name, file);
    const helper = credHelpers[name];
    if (helper) return askHelper(helper, name, file);
  }
  return credsStore ? askHelper(credsStore, serverOf(reference), file) : undefined;
}

async function readAuthFile(file: string): Promise<AuthFile> {
  const text = await readLoginFile(file, "--registry-auth-file");
  try {
    return (JSON.parse(text) ?? {}) as AuthFile;
  } catch {
    throw new BerthError(badSource, `--registry-auth-file ${file} is not JSON`);
  }
}

/** From the repository up to its host. */
function namesOf({ domain, path }: Reference): string[] {
  const parts = path.split("/");
  const names = parts.map((_, index) => [domain, ...parts.slice(0, parts.length - index)].join("/"));
  return [...names, domain];
}

/** Docker writes "https://index.docker.io/v1/". */
function plainName(name: string): string {
  const plain = name.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "");
  return plain === "index.docker.io" ? "docker.io" : plain;
}

/** As helpers know it. */
function serverOf({ domain }: Reference): string {
  return domain === "docker.io" ? "https://index.docker.io/v1/" : domain;
}

function fromPair(auth: string, name: string, file: string): RegistryLogin {
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, "base64").toString("utf8")) ?? [];
  if (username === undefined || password === undefined)
    throw new BerthError(badSource, `${file}: auth of ${name} is not the base64 of USER:PASSWORD`);
  return { ...none, username, password: password.replace(/\0+$/, "") };
}

/** The protocol of docker-credential-helpers: the server on standard input, the login as JSON on standard output. */
async function askHelper(helper: string, server: string, file: string): Promise<RegistryLogin | undefined> {
  if (!/^[\w.-]+$/.test(helper))
    throw new BerthError(
      badSource,
      `${file} names the helper ${helper}, which is no part of a program's name`,
    );
  const program = `docker-credential-${helper}`;
  let said: string;
  try {
    said = await run(program, server);
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    if (/credentials not found/i.test(stdout)) return undefined;
    throw new BerthError(badSource, `${program} gives no login for ${server}: ${reasonOf(error)}`);
  }
  try {
    const { Username: username = "", Secret: secret = "" } = JSON.parse(said) as Record<string, string>;
    if (username === "<token>") return { ...none, identityToken: secret };
    return { ...none, username, password: secret };
  } catch {
    throw new BerthError(badSource, `${program} answered no JSON for ${server}`);
  }
}

function run(program: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, ["get"], { timeout: helperMs }, (error, stdout) =>
      error ? reject(Object.assign(error, { stdout })) : resolve(stdout),
    );
    child.stdin?.on("error", () => {}).end(input);
  });
}

/** Never what it printed: that may hold the secret. */
function reasonOf(error: unknown): string {
  const { code, killed } = error as { code?: number | string; killed?: boolean };
  if (killed) return `it said nothing within ${helperMs / 1000} s`;
  if (code === "ENOENT") return "the program is not there";
  return typeof code === "number" ? `it ended with status ${code}` : errorMessage(code);
}
