import { execFile } from "node:child_process";
import { BerthError, errorMessage } from "@berth/base";
import type { RegistryLogin } from "@berth/cri/images/registry-client.ts";
import type { Reference } from "@berth/oci";
import { badSource } from "../errors.ts";
import type { LoginText } from "./login-text.ts";

/** What `docker login`, `podman login` and `oras login` write: containers-auth.json(5). */
interface AuthFile {
  readonly auths?: Readonly<Record<string, AuthEntry | undefined>>;
  readonly credHelpers?: Readonly<Record<string, string | undefined>>;
  readonly credsStore?: string;
}

interface AuthEntry {
  /** The base64 of USER:PASSWORD, or these apart as `kubectl create secret docker-registry` writes them too. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

const helperMs = 30_000;
const none: RegistryLogin = { username: "", password: "", registryToken: "", identityToken: "" };

/**
 * The login for an artifact: of the entry whose name fits its repository best, "oci.example.com/acme" before
 * "oci.example.com". An entry in the text comes before a helper, and only a file of the node's own may name helpers: they
 * are programs. undefined when none is named. Rejects with {@link badSource}, which holds nothing of a login.
 */
export async function registryLogin(
  logins: LoginText,
  reference: Reference,
): Promise<RegistryLogin | undefined> {
  const { auths = {}, credHelpers = {}, credsStore } = parseAuths(logins);
  const { from } = logins;
  const entries = new Map(Object.entries(auths).map(([name, entry]) => [plainName(name), entry]));
  for (const name of namesOf(reference)) {
    const entry = entries.get(name);
    if (entry?.identitytoken) return { ...none, identityToken: entry.identitytoken };
    if (entry?.auth) return fromPair(entry.auth, name, from);
    if (entry?.username) return { ...none, username: entry.username, password: entry.password ?? "" };
    const helper = credHelpers[name];
    if (helper && logins.isOwn) return askHelper(helper, name, from);
  }
  return credsStore && logins.isOwn ? askHelper(credsStore, serverOf(reference), from) : undefined;
}

function parseAuths({ text, from }: LoginText): AuthFile {
  try {
    return (JSON.parse(text) ?? {}) as AuthFile;
  } catch {
    // The parser's words quote what stands there: a login, most likely.
    throw new BerthError(badSource, `${from} is not JSON`);
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

function fromPair(auth: string, name: string, from: string): RegistryLogin {
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, "base64").toString("utf8")) ?? [];
  if (username === undefined || password === undefined)
    throw new BerthError(badSource, `${from}: auth of ${name} is not the base64 of USER:PASSWORD`);
  return { ...none, username, password: password.replace(/\0+$/, "") };
}

/** The protocol of docker-credential-helpers: the server on standard input, the login as JSON on standard output. */
async function askHelper(helper: string, server: string, from: string): Promise<RegistryLogin | undefined> {
  if (!/^[\w.-]+$/.test(helper))
    throw new BerthError(
      badSource,
      `${from} names the helper ${helper}, which is no part of a program's name`,
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
    // The parser's words quote what was said: a secret, most likely.
    throw new BerthError(badSource, `${program} answered no JSON for ${server}`);
  }
}

function run(program: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, ["get"], { timeout: helperMs }, (error, stdout) =>
      error ? reject(Object.assign(error, { stdout })) : resolve(stdout),
    );
    // A helper that does not read to the end tells by its status what is wrong.
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
