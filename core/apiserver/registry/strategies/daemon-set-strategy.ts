import { deepEqual } from "../../../api/index.ts";
import type { Draft } from "../object-meta.ts";
import type { Strategy } from "../strategy.ts";

/** Clients of the version before `apps/v1` read the template's generation where it stood then. */
const templateGeneration = "deprecated.daemonset.template.generation";

export const daemonSetStrategy: Strategy = {
  prepareForCreate(set) {
    set.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    setTemplateGeneration(set, 1);
  },
  prepareForUpdate(set, old, { subresource }) {
    if (subresource !== "") return;
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0);
    const isSame = deepEqual(set.spec?.["template"] ?? null, old.spec?.["template"] ?? null);
    setTemplateGeneration(set, isSame ? before : before + 1);
  },
};

function setTemplateGeneration({ metadata }: Draft, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) };
}
