import { deepEqual, type JsonObject } from "../../../api/index.ts";
import type { Draft } from "../object-meta.ts";
import type { Strategy } from "../strategy.ts";

const uidLabel = "controller-uid";
const nameLabel = "job-name";
/** The labels with a domain are looked at now, those without by clients of old. */
const domain = "batch.kubernetes.io/";

/** A job selects the pods that carry its uid, unless it brings a selector of its own and says so. */
export const jobStrategy: Strategy = {
  orphans: true,
  prepareForCreate(job) {
    job.status = {};
    const spec = job.spec as JobSpec | undefined;
    if (!spec?.template) return;
    const { metadata } = job;
    // Labels that it has from its template are the template's, with those that follow.
    const isLabelledSo = deepEqual(metadata.labels ?? null, spec.template.metadata?.labels ?? null);
    if (!spec.manualSelector) {
      const template = (spec.template.metadata ??= {});
      // Labels of the same names are the author's, and then refused; with the job's uid they are of the attempt before.
      const isAnother = template.labels?.[domain + uidLabel] === metadata.uid;
      const [own, given] = [ownLabels(metadata), template.labels];
      template.labels = isAnother ? { ...given, ...own } : { ...own, ...given };
      const { matchLabels } = (spec.selector ??= {});
      const key = domain + uidLabel;
      spec.selector.matchLabels = { ...matchLabels, [key]: matchLabels?.[key] ?? metadata.uid ?? "" };
    }
    const { labels } = spec.template.metadata ?? {};
    if (labels && (isLabelledSo || !hasLabelsOfItsOwn(metadata))) metadata.labels = { ...labels };
  },
};

interface JobSpec {
  manualSelector?: boolean;
  selector?: { matchLabels?: Record<string, string> } & JsonObject;
  template?: { metadata?: Draft["metadata"] };
}

function ownLabels({ uid = "", name = "" }: Draft["metadata"]): Record<string, string> {
  return { [domain + uidLabel]: uid, [domain + nameLabel]: name, [uidLabel]: uid, [nameLabel]: name };
}

/** Another attempt of a generated name finds the labels that the first one gave. */
function hasLabelsOfItsOwn({ labels, uid }: Draft["metadata"]): boolean {
  return Object.keys(labels ?? {}).length > 0 && labels?.[domain + uidLabel] !== uid;
}
