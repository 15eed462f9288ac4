import { errorMessage } from "@berth/base";
import type { NetworkPluginHandlers } from "@berth/proto/generated/cni/berth/cni/v1/NetworkPlugin.ts";
import type { Call, Implementation } from "@berth/sdk";
import { keyText } from "../attachments/attachment.ts";
import { AddressTakenError, RangeFullError } from "../attachments/attachment-store.ts";
import {
  HostPortTakenError,
  InterfaceExistsError,
  NamespaceMissingError,
} from "../backend/network-backend.ts";
import type { BridgeNetwork } from "../network/bridge-network.ts";
import { cniError, cniVersion, supportedCniVersions } from "./cni-error.ts";
import { findDifference } from "./find-difference.ts";
import { checkCniVersion, readAddOrder, readKey } from "./read-request.ts";
import { resultOf } from "./result.ts";

type Verbs = Required<Implementation<NetworkPluginHandlers, Call>>;
type Request<Name extends keyof Verbs> = Parameters<Verbs[Name]>[0];

/** berth.cni.v1 for one bridge. The SDK's lanes keep two calls for one container apart. */
export class NetworkVerbs implements Verbs {
  readonly #network: BridgeNetwork;

  constructor(network: BridgeNetwork) {
    this.#network = network;
  }

  async add(request: Request<"add">) {
    const order = readAddOrder(request);
    try {
      const attachment = await this.#network.attach(order);
      return { result: resultOf(attachment, request.config?.runtime_config?.dns ?? null) };
    } catch (error) {
      throw asCniError(error);
    }
  }

  async del(request: Request<"del">) {
    await this.#network.detach(readKey(request.attachment));
    return {};
  }

  check(request: Request<"check">) {
    checkCniVersion(request.config);
    const key = readKey(request.attachment);
    const attachment = this.#network.find(key);
    if (!attachment) {
      throw cniError(
        "unknownContainer",
        "FAILED_PRECONDITION",
        `${keyText(key)} has no attachment`,
        "Call Add for it, or forget it.",
      );
    }
    const difference = findDifference(attachment, this.#network.observe(attachment));
    if (difference === undefined) return {};
    throw cniError(
      "checkFailed",
      "FAILED_PRECONDITION",
      `${keyText(key)}: ${difference}`,
      "Delete the sandbox and make it anew; an attachment is not repaired in place.",
    );
  }

  async gc(request: Request<"gc">) {
    const name = request.config?.name ?? "";
    const valid = new Set(
      request.valid_attachments.map(({ container_id: containerId, ifname }) =>
        keyText({ containerId, ifname }),
      ),
    );
    const released = await this.#network.collect(
      (attachment) => (name !== "" && attachment.network !== name) || valid.has(keyText(attachment)),
    );
    return {
      released: released.map(({ containerId, ifname }) => ({ container_id: containerId, ifname })),
    };
  }

  status(request: Request<"status">) {
    checkCniVersion(request.config);
    const obstacle = this.#network.findObstacle() ?? this.#network.findShortage();
    if (obstacle === undefined) return {};
    const isLimiting = this.#network.list().length > 0;
    throw cniError(
      isLimiting ? "notAvailableAndLimited" : "notAvailable",
      "UNAVAILABLE",
      obstacle,
      "Remove the obstacle; ADD is refused until then.",
    );
  }

  version() {
    return { cni_version: cniVersion, supported_versions: supportedCniVersions };
  }
}

function asCniError(error: unknown): unknown {
  const message = errorMessage(error);
  if (error instanceof NamespaceMissingError) {
    return cniError(
      "unknownContainer",
      "NOT_FOUND",
      message,
      "Make the namespace first, then call Add.",
      error,
    );
  }
  if (error instanceof InterfaceExistsError) {
    return cniError(
      "interfaceExists",
      "ALREADY_EXISTS",
      message,
      "Use another ifname or another namespace.",
      error,
    );
  }
  if (error instanceof HostPortTakenError) {
    return cniError(
      "hostPortTaken",
      "ALREADY_EXISTS",
      message,
      "Use another host port or delete that pod.",
      error,
    );
  }
  if (error instanceof AddressTakenError) {
    return cniError("addressUnavailable", "ALREADY_EXISTS", message, "Ask for another address.", error);
  }
  if (error instanceof RangeFullError) {
    return cniError(
      "addressUnavailable",
      "RESOURCE_EXHAUSTED",
      message,
      "Delete pods or widen the range.",
      error,
    );
  }
  return error;
}
