import { X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock, isBerthError, silentLogger } from "@berth/base";
import {
  identityOfSocket,
  listPki,
  openPki,
  type Pki,
  renewPki,
  SecureServer,
  writeKubeconfig,
} from "../../core/http/index.ts";

const day = 24 * 3600_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-pki-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (clock: FakeClock): Promise<Pki> =>
  openPki({ folder: join(folder, "pki"), clock, logger: silentLogger });
const server = {
  commonName: "server",
  hosts: ["127.0.0.1", "::1", "localhost"],
  usages: ["server"] as const,
};

async function refusalOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    if (isBerthError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("it was not refused");
}

describe("keys and certificates", () => {
  test("lie in files that nobody else can read", async () => {
    const pki = await open(new FakeClock());
    await pki.leaf("server", server);
    await pki.serviceAccountKeys();
    expect((await stat(pki.folder)).mode & 0o777).toBe(0o700);
    const files = await readdir(pki.folder);
    const modes = await Promise.all(
      files.map(async (name) => (await stat(join(pki.folder, name))).mode & 0o777),
    );
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  test("are the same ones after a restart", async () => {
    const clock = new FakeClock();
    const first = await open(clock);
    const [leaf, keys] = [await first.leaf("server", server), await first.serviceAccountKeys()];
    const second = await open(clock);
    expect(second.authorityCertificate).toBe(first.authorityCertificate);
    expect(await second.leaf("server", server)).toEqual(leaf);
    expect(await second.serviceAccountKeys()).toEqual(keys);
  });

  test("of a server are made anew for a new host and in their last third of life", async () => {
    const clock = new FakeClock();
    const pki = await open(clock);
    const first = await pki.leaf("server", server);
    const wider = await pki.leaf("server", { ...server, hosts: [...server.hosts, "10.0.0.7"] });
    expect(wider.certificate).not.toBe(first.certificate);
    expect(new X509Certificate(wider.certificate).checkIP("10.0.0.7")).toBe("10.0.0.7");
    await clock.advance(200 * day);
    expect(await pki.leaf("server", server)).toEqual(wider);
    await clock.advance(50 * day);
    expect((await pki.leaf("server", server)).certificate).not.toBe(wider.certificate);
  });

  test("of an authority in its last third are renewed with the same key, so that old and new trust each other", async () => {
    const clock = new FakeClock();
    const pki = await open(clock);
    const [before, leaf] = [pki.authorityCertificate, await pki.leaf("server", server)];
    await clock.advance(2500 * day);
    await pki.leaf("other", server);
    const after = new X509Certificate(pki.authorityCertificate);
    expect(pki.authorityCertificate).not.toBe(before);
    expect(Date.parse(after.validTo)).toBe(clock.now() + 3650 * day);
    expect(new X509Certificate(leaf.certificate).verify(after.publicKey)).toBe(true);
    const newLeaf = new X509Certificate((await pki.leaf("server", server)).certificate);
    expect(newLeaf.verify(new X509Certificate(before).publicKey)).toBe(true);
  });

  test("that vouch for passed-on users come from an authority that signs nobody else", async () => {
    const pki = await open(new FakeClock());
    const { certificate } = await pki.frontProxyClient();
    const client = new X509Certificate(certificate);
    expect(client.subject).toBe("CN=front-proxy-client");
    expect(client.verify(new X509Certificate(pki.frontProxyAuthorityCertificate).publicKey)).toBe(true);
    expect(client.verify(new X509Certificate(pki.authorityCertificate).publicKey)).toBe(false);
  });

  test("of service accounts are replaced after their time, and the former count until their tokens have ended", async () => {
    const clock = new FakeClock();
    const pki = await open(clock);
    const first = await pki.serviceAccountKeys();
    await clock.advance(364 * day);
    expect(await pki.serviceAccountKeys()).toEqual(first);
    await clock.advance(2 * day);
    const second = await pki.serviceAccountKeys();
    expect(second.privateKey).not.toBe(first.privateKey);
    expect(second.publicKeys.slice(1)).toEqual(first.publicKeys);
    await clock.advance(3 * day);
    expect((await pki.serviceAccountKeys()).publicKeys).toEqual(second.publicKeys.slice(0, 1));
  });

  test("are listed with their ends, and renewed by name with what they say of their holder", async () => {
    const clock = new FakeClock();
    const pki = await open(clock);
    await pki.serviceAccountKeys();
    await pki.frontProxyClient();
    const request = { ...server, organizations: ["a", "b"], usages: ["server", "client"] as const };
    const before = new X509Certificate((await pki.leaf("server", request)).certificate);
    await clock.advance(100 * day);
    const parts = { folder: pki.folder, clock, logger: silentLogger };
    const old = await listPki(pki.folder);
    expect(old.map(({ name, authority }) => `${name} ${authority}`).sort()).toEqual([
      "ca ",
      "front-proxy-ca ",
      "front-proxy-client front-proxy-ca",
      "sa ",
      "server ca",
    ]);
    for (const { name } of old) await renewPki(name, parts);
    const ends = new Map(old.map(({ name, expiresAt }) => [name, expiresAt]));
    for (const { name, expiresAt } of await listPki(pki.folder))
      expect(expiresAt - ends.get(name)!, name).toBe(100 * day);
    const after = new X509Certificate((await pki.leaf("server", request)).certificate);
    const facts = ({ subject, subjectAltName, keyUsage }: X509Certificate): unknown => [
      subject,
      subjectAltName,
      keyUsage,
    ];
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(facts(after)).toEqual(facts(before));
    expect((await refusalOf(renewPki("servr", parts))).message).toContain("did you mean server?");
  });

  test("of an administrator are renewed in a kubeconfig that keeps what kubectl config put into it", async () => {
    const file = join(folder, "admin.conf");
    const write = async (certificate: string): Promise<string> => {
      await writeKubeconfig(file, {
        server: "https://127.0.0.1:6443",
        authorityCertificate: "authority",
        name: "berth",
        user: { name: "berth-admin", certificate: { certificate, key: "key" } },
      });
      return readFile(file, "utf8");
    };
    const config = (...args: string[]): string =>
      execFileSync("kubectl", ["--kubeconfig", file, "config", ...args], { encoding: "utf8" }).trim();
    await write("first");
    config("set-credentials", "ann", "--token=secret");
    config("set-context", "hers", "--cluster=berth", "--user=ann");
    config("set-context", "berth", "--namespace=shop");
    const edited = await readFile(file, "utf8");
    expect(await write("first")).toBe(edited);

    await write("second");
    const user = (name: string, field: string): string =>
      config("view", "--raw", "-o", `jsonpath={.users[?(@.name=="${name}")].user.${field}}`);
    expect(Buffer.from(user("berth-admin", "client-certificate-data"), "base64").toString()).toBe("second");
    expect(user("ann", "token")).toBe("secret");
    expect(config("get-contexts", "-o", "name").split("\n").sort()).toEqual(["berth", "hers"]);
    expect(config("view", "--minify", "-o", "jsonpath={..namespace}")).toBe("shop");
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    await writeFile(file, "kind: Config\nclusters: 7\nusers: [null]\n");
    await write("third");
    expect(config("current-context")).toBe("berth");
  });

  test("of an expired authority are an error that names the file, the day and the clock", async () => {
    const clock = new FakeClock();
    await open(clock);
    const { code, message } = await refusalOf(open(new FakeClock(clock.now() + 3651 * day)));
    expect(code).toBe("BERTH_HTTP_CERTIFICATE_EXPIRED");
    expect(message).toMatch(/ca\.crt expired on 2035-.*the clock says 2035-/);
  });

  test("from the future tell that the clock is wrong", async () => {
    const clock = new FakeClock();
    await open(clock);
    const { code, message } = await refusalOf(open(new FakeClock(clock.now() - 30 * day)));
    expect(code).toBe("BERTH_HTTP_CLOCK_WRONG");
    expect(message).toContain("this machine's clock says 2025-12-02");
  });

  test("of which half is missing or broken are an error that names the file", async () => {
    const pki = await open(new FakeClock());
    await rm(join(pki.folder, "ca.key"));
    expect((await refusalOf(open(new FakeClock()))).message).toMatch(/ca\.key is missing/);
    await writeFile(join(pki.folder, "ca.key"), "x");
    await writeFile(join(pki.folder, "ca.crt"), "x");
    expect((await refusalOf(open(new FakeClock()))).message).toMatch(/ca\.crt is not a certificate/);
  });
});

describe("the secure server", () => {
  async function serve(pki: Pki, port = 0): Promise<SecureServer> {
    const secure = new SecureServer({
      label: "test server",
      host: "127.0.0.1",
      port,
      serving: await pki.leaf("server", server),
      clientAuthority: pki.authorityCertificate,
      logger: silentLogger,
      handle: (request, response) => {
        response.end(JSON.stringify(identityOfSocket(request.socket)));
      },
    });
    await secure.start();
    return secure;
  }

  async function ask(
    secure: SecureServer,
    ca: string,
    pair?: { certificate: string; key: string },
  ): Promise<string> {
    const socket = connect({
      host: "127.0.0.1",
      port: secure.port,
      ca,
      ALPNProtocols: ["http/1.1"],
      ...(pair ? { cert: pair.certificate, key: pair.key } : {}),
    });
    socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  }

  test("knows a user by his certificate, and says why another's does not count", async () => {
    const clock = new FakeClock(Date.now());
    const pki = await open(clock);
    const stranger = await openPki({ folder: join(folder, "other"), clock, logger: silentLogger });
    const request = { commonName: "ann", organizations: ["a", "b"], usages: ["client"] as const };
    const secure = await serve(pki);
    try {
      const good = await ask(secure, pki.authorityCertificate, await pki.leaf("ann", request));
      expect(JSON.parse(good)).toMatchObject({ kind: "certificate", user: "ann", groups: ["a", "b"] });
      const foreign = await ask(secure, pki.authorityCertificate, await stranger.leaf("ann", request));
      expect(foreign).toContain("the client certificate comes from another authority");
      expect(await ask(secure, pki.authorityCertificate)).toBe('{"kind":"none"}');
    } finally {
      await secure.dispose();
    }
  });

  test("shows a new certificate to new connections without a restart", async () => {
    const pki = await open(new FakeClock(Date.now()));
    const secure = await serve(pki);
    const shown = async (): Promise<string> => {
      const socket = connect({ host: "127.0.0.1", port: secure.port, ca: pki.authorityCertificate });
      await once(socket, "secureConnect");
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    try {
      const before = await shown();
      secure.rotate(
        await pki.leaf("server", { ...server, hosts: [...server.hosts, "new.example"] }),
        pki.authorityCertificate,
      );
      expect(await shown()).not.toBe(before);
    } finally {
      await secure.dispose();
    }
  });

  test("says who is in the way when its port is taken", async () => {
    const pki = await open(new FakeClock(Date.now()));
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    try {
      const { code, message } = await refusalOf(serve(pki, port));
      expect(code).toBe("BERTH_HTTP_PORT_UNAVAILABLE");
      expect(message).toBe(
        `the test server cannot listen on 127.0.0.1:${port}: another program listens there`,
      );
    } finally {
      holder.close();
    }
  });

  test("leaves no connection open when it stops", async () => {
    const pki = await open(new FakeClock(Date.now()));
    const secure = await serve(pki);
    const socket = connect({ host: "127.0.0.1", port: secure.port, ca: pki.authorityCertificate });
    await once(socket, "secureConnect");
    const closed = once(socket, "close");
    await secure.dispose();
    await closed;
    expect(secure.connectionCount).toBe(0);
  });
});
