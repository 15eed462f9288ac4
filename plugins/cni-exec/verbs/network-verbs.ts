import {
  CniError,
  cniCode,
  cniVersions,
  configToJson,
  isCniVersion,
  newestCniVersion,
  resultFromJson,
  resultToJson,
} from "@berth/cni";
import type { NetworkPluginHandlers } from "@berth/proto/generated/cni/berth/cni/v1/NetworkPlugin.ts";
import type { Call, Implementation } from "@berth/sdk";
import type { JsonObject } from "@berth/verbs";
import type { Target } from "../chain/run-program.ts";
import type { ExecNetwork } from "../exec-network.ts";
import { answering } from "./cni-failure.ts";

type Verbs = Required<Implementation<NetworkPluginHandlers, Call>>;
type Request<Name extends keyof Verbs> = Parameters<Verbs[Name]>[0];

/** berth.cni.v1 over a chain of CNI programs. The SDK's lanes keep two calls for one container apart. */
export class NetworkVerbs implements Verbs {
  readonly #network: ExecNetwork;

  constructor(network: ExecNetwork) {
    this.#network = network;
  }

  async add({ attachment, config, prev_result }: Request<"add">, { signal }: Call) {
    const { runtimeConfig } = config ? configToJson(config) : {};
    const { cniVersion } = this.#network.chain.list;
    const version = isCniVersion(cniVersion) ? cniVersion : newestCniVersion;
    const before = prev_result ? (resultToJson(prev_result, version) as JsonObject) : undefined;
    const runtime = (runtimeConfig ?? {}) as JsonObject;
    const add = async (): Promise<JsonObject> =>
      this.#network.attach(targetOf(attachment, ["container_id", "ifname", "netns"]), {
        runtime,
        before,
        signal,
      });
    const result = await answering(add(), "INTERNAL");
    return { result: resultFromJson(result) };
  }

  async del({ attachment }: Request<"del">, { signal }: Call) {
    const del = async (): Promise<void> =>
      this.#network.detach(targetOf(attachment, ["container_id", "ifname"]), signal);
    await answering(del(), "INTERNAL");
    return {};
  }

  async check({ attachment }: Request<"check">, { signal }: Call) {
    const check = async (): Promise<void> =>
      this.#network.check(targetOf(attachment, ["container_id", "ifname"]), signal);
    await answering(check(), "FAILED_PRECONDITION");
    return {};
  }

  async gc({ valid_attachments }: Request<"gc">, { signal }: Call) {
    const valid = new Set(valid_attachments.map(({ container_id, ifname }) => `${container_id}/${ifname}`));
    const released = await answering(
      this.#network.collect((key) => valid.has(key), signal),
      "INTERNAL",
    );
    return { released: released.map(({ containerId, ifname }) => ({ container_id: containerId, ifname })) };
  }

  async status(_request: Request<"status">, { signal }: Call) {
    await answering(this.#network.chain.status(signal), "UNAVAILABLE");
    return {};
  }

  version() {
    return { cni_version: newestCniVersion, supported_versions: [...cniVersions] };
  }
}

type WireAttachment = Request<"add">["attachment"];

function targetOf(
  attachment: WireAttachment,
  needed: readonly ("container_id" | "ifname" | "netns")[],
): Target {
  const { container_id = "", ifname = "", netns = "", args = {} } = attachment ?? {};
  const given = { container_id, ifname, netns };
  const missing = needed.filter((name) => given[name] === "");
  if (missing.length > 0) {
    throw new CniError(cniCode.invalidEnvironment, `attachment.${missing.join(", attachment.")} is missing`);
  }
  return { containerId: container_id, ifname, netns, args };
}
