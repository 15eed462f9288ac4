import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildExampleImage } from "./build-example-image.ts";

/** `node tools/example-image/main.ts --output hello.tar`: the image that the examples run, made without a registry. */
const { values } = parseArgs({
  options: {
    output: { type: "string" },
    reference: { type: "string", default: "docker.io/library/hello:1" },
    busybox: { type: "string", default: "/bin/busybox" },
  },
});

if (values.output === undefined) {
  console.error("usage: node tools/example-image/main.ts --output FILE [--reference NAME] [--busybox PATH]");
  process.exitCode = 2;
} else if (!existsSync(values.busybox)) {
  console.error(`${values.busybox} is missing: install the Debian package busybox-static`);
  process.exitCode = 1;
} else {
  const digest = await buildExampleImage({ ...values, output: values.output });
  console.log(`${values.reference}@${digest}`);
}
