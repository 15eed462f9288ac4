import { expect, test } from "vitest";
import { defaults } from "../serve/core-settings.ts";
import { placesIn } from "./running-cores.ts";

test("places of a core are read from its command line, relative ones from the folder it was started in", () => {
  const words = ["--set", "minimal", "--data-dir", "data", "--port=7443", "--ephemeral", "--of-later", "x"];
  expect(placesIn(words, "/srv/one")).toMatchObject({
    dataDir: "/srv/one/data",
    runDir: defaults.runDirectory,
    port: "7443",
    kubeletPort: String(defaults.kubeletPort),
  });
});
