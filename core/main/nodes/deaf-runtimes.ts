import { type Event, silentLogger, systemClock } from "@berth/base";
import { type Pod, type PluginInstance, inPrecedence } from "../../api/index.ts";
import { type ApiClient, clientOf, createInformer, resources } from "../../client/index.ts";

/** States out of which a plugin does not come by itself, and what brings it out of them beside what the reason says. */
const nextStep: Readonly<Record<string, (plugin: string) => string>> = {
  quarantined: () => "",
  refused: () => "; correct what the reason names",
  disabled: (plugin) => `; berth plugin drain ${plugin} --undo`,
};

/** Runtimes of one node that will not answer before somebody does something: no pod of theirs can end. */
export interface DeafRuntimes extends AsyncDisposable {
  /** Why a pod cannot end, with the next step; undefined when nothing speaks against it. */
  whyStuck(pod: Pod): string | undefined;
  readonly onDidChange: Event<unknown>;
}

/** Follows the node's runtime plugins until it is disposed of. */
export async function followDeafRuntimes(
  api: ApiClient,
  node: string,
  signal: AbortSignal,
): Promise<DeafRuntimes> {
  const [classes, sets] = await Promise.all([
    clientOf(api, resources.runtimeClasses).list({ signal }),
    clientOf(api, resources.pluginSets).list({ signal }),
  ]);
  const handlers = new Map(classes.items.map(({ metadata, handler }) => [metadata.name, handler]));
  const defaultHandler = inPrecedence(sets.items)[0]?.spec.defaultRuntimeHandler;
  const instances = createInformer<PluginInstance>({
    name: "plugininstances",
    client: clientOf(api, resources.pluginInstances),
    labelSelector: `berth.dev/node=${node}`,
    clock: systemClock,
    logger: silentLogger,
  });
  instances.start();
  await instances.synced(signal);
  return {
    whyStuck(pod) {
      const name = pod.spec?.runtimeClassName;
      return whyStuck(instances.list(), name ? handlers.get(name) : defaultHandler);
    },
    onDidChange: instances.onDidUpdate,
    async [Symbol.asyncDispose]() {
      await instances.dispose();
    },
  };
}

/** `handler` undefined: any runtime may have the pod. */
export function whyStuck(
  instances: readonly PluginInstance[],
  handler: string | undefined,
): string | undefined {
  const runtimes = instances.filter(({ spec }) => spec.contract === "cri");
  const offers = ({ status }: PluginInstance): boolean =>
    (status?.capabilities ?? []).some(
      (one) => one === `runtime:${handler}` || (!handler && one.startsWith("runtime:")),
    );
  const deaf = runtimes.filter(({ status }) => nextStep[status?.state ?? ""] !== undefined);
  // One that is deaf offers nothing any more; that it would have been the pod's shows in that nobody else is.
  const other = runtimes.find((one) => !deaf.includes(one) && (offers(one) || one.status?.state !== "ready"));
  if (deaf.length === 0 || other) return undefined;
  return deaf
    .map(({ spec: { plugin }, status: { state = "", reason = "" } = {} }) => {
      return `its runtime ${plugin} is ${state} (${reason})${nextStep[state]!(plugin)}`;
    })
    .join("; ");
}
