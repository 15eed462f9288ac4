import type { CoreProcess } from "../core-process.ts";
import type { Kubectl } from "../kubectl.ts";

/** What a check of the main job may use: real kubectl, and the core as a process that can be killed. */
export interface CheckContext {
  readonly kubectl: Kubectl;
  readonly core: CoreProcess;
  readonly examples: string;
  readonly image: string;
}

/** One promise of the main job. `run` rejects with a sentence that says what was expected and what was there. */
export interface Check {
  readonly title: string;
  run(context: CheckContext): Promise<void>;
}

export function expectThat(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}
