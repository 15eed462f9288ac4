import type { JsonObject } from "../../../api/index.ts";
import type { Draft } from "../object-meta.ts";
import { type Strategy, withStatus } from "../strategy.ts";

const counts = withStatus({ replicas: 0, availableReplicas: 0 });

export const statefulSetStrategy: Strategy = {
  async prepareForCreate(set, context) {
    await counts.prepareForCreate?.(set, context);
    dropMaxUnavailable(set);
  },
  prepareForUpdate: dropMaxUnavailable,
};

/** The gate MaxUnavailableStatefulSet is closed. */
function dropMaxUnavailable({ spec }: Draft): void {
  const strategy = spec?.["updateStrategy"] as JsonObject | undefined;
  const rolling = strategy?.["rollingUpdate"] as JsonObject | undefined;
  if (rolling) delete rolling["maxUnavailable"];
}
