import { type Event, silentLogger, systemClock } from "@berth/base";
import {
  inPrecedence,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PluginInstance,
  type Pod,
} from "../../api/index.ts";
import { type ApiClient, clientOf, createInformer, resources } from "../../client/index.ts";

/** States out of which a plugin does not come by itself, and what brings it out of them beside what the reason says. */
const nextStep: Readonly<Record<string, (plugin: string) => string>> = {
  quarantined: () => "",
  refused: () => "; correct what the reason names",
  disabled: (plugin) => `; berth plugin drain ${plugin} --undo`,
};

/** Runtimes and CSI drivers of one node that will not answer before somebody does something: no pod of theirs can end. */
export interface DeafPlugins extends AsyncDisposable {
  /** Why a pod cannot end, with the next step; undefined when nothing speaks against it. */
  whyStuck(pod: Pod): string | undefined;
  readonly onDidChange: Event<unknown>;
}

/** Follows the node's plugins until it is disposed of. */
export async function followDeafPlugins(
  api: ApiClient,
  node: string,
  signal: AbortSignal,
): Promise<DeafPlugins> {
  const [classes, sets, claims, volumes] = await Promise.all([
    clientOf(api, resources.runtimeClasses).list({ signal }),
    clientOf(api, resources.pluginSets).list({ signal }),
    clientOf(api, resources.claims).list({ signal }),
    clientOf(api, resources.volumes).list({ signal }),
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
      const handler = name ? handlers.get(name) : defaultHandler;
      // Of one that does not run yet nobody outside its node knows whether a volume is mounted.
      const drivers = pod.status?.phase === "Running" ? driversOf(pod, claims.items, volumes.items) : [];
      const reasons = [
        whyStuck(instances.list(), "cri", handler),
        ...drivers.map((driver) => whyStuck(instances.list(), "csi", driver)),
      ].filter((reason) => reason !== undefined);
      return reasons.length === 0 ? undefined : reasons.join("; ");
    },
    onDidChange: instances.onDidUpdate,
    async [Symbol.asyncDispose]() {
      await instances.dispose();
    },
  };
}

/** Names of the drivers that must unmount its volumes before it is gone. */
export function driversOf(
  { metadata, spec }: Pod,
  claims: readonly PersistentVolumeClaim[],
  volumes: readonly PersistentVolume[],
): string[] {
  const drivers = (spec?.volumes ?? []).map(({ name, persistentVolumeClaim, ephemeral, csi }) => {
    if (csi) return csi.driver;
    const claimName = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`);
    const claim = claims.find(
      (one) => one.metadata.name === claimName && one.metadata.namespace === metadata.namespace,
    );
    const volume = volumes.find((one) => one.metadata.name === claim?.spec?.volumeName);
    return volume?.spec?.csi?.driver;
  });
  return [...new Set(drivers.filter((driver) => driver !== undefined))];
}

const kinds = {
  cri: { words: "its runtime", offer: "runtime:" },
  csi: { words: "the driver of its volumes", offer: "csi:" },
};

/** `wanted` is the name of a runtime handler or a CSI driver; undefined: any runtime may have the pod. */
export function whyStuck(
  instances: readonly PluginInstance[],
  contract: "cri" | "csi",
  wanted: string | undefined,
): string | undefined {
  const { words, offer } = kinds[contract];
  const plugins = instances.filter(({ spec }) => spec.contract === contract);
  const offers = ({ status }: PluginInstance): boolean =>
    (status?.capabilities ?? []).some(
      (one) => one === `${offer}${wanted}` || (!wanted && one.startsWith(offer)),
    );
  const deaf = plugins.filter(({ status }) => nextStep[status?.state ?? ""] !== undefined);
  // One that is deaf offers nothing any more; that it would have been the pod's shows in that nobody else is.
  const other = plugins.find((one) => !deaf.includes(one) && (offers(one) || one.status?.state !== "ready"));
  if (deaf.length === 0 || other) return undefined;
  return deaf
    .map(({ spec: { plugin }, status: { state = "", reason = "" } = {} }) => {
      return `${words} ${plugin} is ${state} (${reason})${nextStep[state]!(plugin)}`;
    })
    .join("; ");
}
