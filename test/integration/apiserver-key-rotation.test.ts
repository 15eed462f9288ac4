import { readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clock, silentLogger, systemClock } from "@berth/base";
import { type ApiClient, clientOf, resources } from "../../core/client/index.ts";
import { renewPki } from "../../core/http/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

/** The rounds in which certificates are looked at come when the test says so, once a minute otherwise. */
const rounds: (() => void)[] = [];
const clock: Clock = {
  ...systemClock,
  after: (ms, callback, options) => {
    if (ms !== 60_000 || !options?.background) return systemClock.after(ms, callback, options);
    rounds.push(callback);
    return { cancel: () => {} };
  },
};

let api: TestApiServer;
let admin: ApiClient;

beforeAll(async () => {
  api = await startTestApiServer({ clock });
  admin = await api.client("in-process");
});

afterAll(() => api.dispose());

async function shownSerial(): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: api.server.port, ca: api.pki.authorityCertificate });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

describe("keys are renewed while the server runs", () => {
  test("new connections see a new serving certificate", async () => {
    const before = await shownSerial();
    for (const end of ["crt", "key"]) await rm(join(api.pki.folder, `apiserver.${end}`));
    for (const round of rounds.splice(0)) round();
    await expect.poll(shownSerial, { timeout: 60_000 }).not.toBe(before);
  });

  test("extension servers are told which certificates to believe", async () => {
    const map = await clientOf(admin, resources.configMaps).get("extension-apiserver-authentication", {
      namespace: "kube-system",
    });
    const file = (name: string): Promise<string> => readFile(join(api.pki.folder, name), "utf8");
    expect(map.data?.["client-ca-file"]).toBe(await file("ca.crt"));
    expect(map.data?.["requestheader-client-ca-file"]).toBe(await file("front-proxy-ca.crt"));
    expect(map.data?.["requestheader-allowed-names"]).toBe('["front-proxy-client"]');
  });

  test("extension servers are told of authorities that were renewed by hand", async () => {
    const told = async (): Promise<(string | undefined)[]> => {
      const { data } = await clientOf(admin, resources.configMaps).get("extension-apiserver-authentication", {
        namespace: "kube-system",
      });
      return [data?.["client-ca-file"], data?.["requestheader-client-ca-file"]];
    };
    const files = ["ca.crt", "front-proxy-ca.crt"].map((name) => join(api.pki.folder, name));
    const before = await told();
    const { folder } = api.pki;
    for (const name of ["ca", "front-proxy-ca"])
      await renewPki(name, { folder, clock: systemClock, logger: silentLogger });
    const renewed = await Promise.all(files.map((file) => readFile(file, "utf8")));
    expect(renewed.filter((text) => before.includes(text))).toEqual([]);
    await expect.poll(() => rounds.length, { timeout: 60_000 }).toBeGreaterThan(0);
    for (const round of rounds.splice(0)) round();
    await expect.poll(told, { timeout: 60_000 }).toEqual(renewed);
  });
});
