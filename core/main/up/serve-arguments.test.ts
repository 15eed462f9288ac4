import { Command } from "commander";
import { expect, test } from "vitest";
import { addCoreOptions, type CoreOptions, coreSettings } from "../serve/core-options.ts";
import { serveArguments } from "./serve-arguments.ts";

function read(words: readonly string[]): ReturnType<typeof coreSettings> {
  return coreSettings(addCoreOptions(new Command()).parse(words, { from: "user" }).opts<CoreOptions>());
}

test("the core that berth up starts has every setting that up was given, limits of sources and logins too", () => {
  const given = read([
    ...["--data-dir", "/d", "--run-dir", "/r", "--kubelet-root", "/k", "--node-name", "n"],
    ...["--port", "7443", "--kubelet-port", "7250", "--set", "minimal", "--ephemeral", "--dev-plugins"],
    ...["--allow-source", "/opt/plugins", "npm:npm.example.com/@acme"],
    ...["--npm-registry", "https://npm.example.com", "--registry-auth-file", "/a.json", "--npmrc", "/npmrc"],
    ...["--etcd-servers", "http://127.0.0.1:2379", "--encryption-provider-config", "/e.yaml"],
  ]);
  const [start, ...words] = serveArguments(given);
  expect(start).toBe("start");
  expect(read(words)).toEqual(given);
});
