import type { ListrTask } from "listr2";
import { errorMessage } from "@berth/base";
import type { BringUp } from "./bring-up.ts";
import { checks } from "./checks/index.ts";
import { exampleImage, examplesFolder } from "./up-settings.ts";

/** The checks as tasks; one that fails is counted and does not keep the next from running. */
export function checkTasks(up: BringUp): {
  tasks: ListrTask[];
  failed: () => string[];
  passed: () => number;
} {
  const failures: string[] = [];
  let passed = 0;
  const context = {
    kubectl: up.kubectl,
    core: up.core,
    image: exampleImage,
    examples: examplesFolder(up.settings.root),
  };
  const tasks = checks.map((check): ListrTask => ({
    title: check.title,
    exitOnError: false,
    task: async () => {
      up.signal.throwIfAborted();
      try {
        await check.run(context);
        passed++;
      } catch (error) {
        failures.push(`${check.title}: ${errorMessage(error)}`);
        throw error;
      }
    },
  }));
  return { tasks, failed: () => failures, passed: () => passed };
}
