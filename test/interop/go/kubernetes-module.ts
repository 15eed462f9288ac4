import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GoProgram } from "./go-program.ts";

/** The module of Kubernetes itself, whose programs are built as they are. */
export const kubernetesModule: Pick<GoProgram, "module" | "version" | "prepare"> = {
  module: "k8s.io/kubernetes",
  version: "v1.36.0",
  prepare(sources) {
    // Its parts stand beside it in its repository; the module has none of them, and the proxy has each as a module.
    for (const name of ["vendor", "go.work", "go.work.sum"])
      rmSync(join(sources, name), { recursive: true, force: true });
    const file = join(sources, "go.mod");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replaceAll(/=> \.\/staging\/src\/(\S+)/g, "=> $1 v0.36.0"));
  },
};
