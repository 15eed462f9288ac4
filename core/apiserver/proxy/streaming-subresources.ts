import type { HttpResponse } from "../../http/index.ts";
import type { SubresourceCall, SubresourceHandler } from "../subresources/subresource.ts";
import { takeResponse } from "../request/take-response.ts";
import { badRequest, internalError, methodNotAllowed, StatusError } from "../request/status-error.ts";
import { kubeletOf, podPlace, scheduledPlace } from "./kubelet-address.ts";
import type { KubeletProxy } from "./kubelet-proxy.ts";

/** pods/log: the kubelet answers from the files it keeps. */
export function podLog(proxy: KubeletProxy): SubresourceHandler {
  return async ({ registry, request, info }) => {
    const { objects } = registry;
    const asked = request.query.get("container") ?? "";
    const place = scheduledPlace(objects, info.namespace, info.name, asked);
    // Nothing has been written yet, and clients that follow a pod from its start know no refusal here.
    if (!place) return { kind: "bytes", status: 200, contentType: "text/plain", body: "" };
    const query = new URLSearchParams(request.query);
    query.delete("container");
    const path = `/containerLogs/${segments(info.namespace, info.name, place.container)}${querySuffix(query)}`;
    return await proxy.forward(place.kubelet, path, request, demandResponse(request), refusedLog);
  };
}

/** In the kubelet's own sentence, which clients would not look for in a text. */
function refusedLog(status: number, text: string): StatusError {
  if (status === 400) return badRequest(text);
  return status === 404 ? new StatusError(404, "NotFound", text) : internalError(text);
}

/** pods/exec and pods/attach. */
export function podStream(verb: "exec" | "attach", proxy: KubeletProxy): SubresourceHandler {
  return async ({ registry, request, info }) => {
    const { objects } = registry;
    const place = podPlace(objects, info.namespace, info.name, request.query.get("container") ?? "");
    const query = new URLSearchParams(request.query);
    query.delete("container");
    // The kubelet's own names for the same things.
    rename(query, "stdin", "input");
    rename(query, "stdout", "output");
    rename(query, "stderr", "error");
    const path = `/${verb}/${segments(info.namespace, info.name, place.uid, place.container)}${querySuffix(query)}`;
    return await proxy.upgrade(place.kubelet, path, request);
  };
}

export function podPortForward(proxy: KubeletProxy): SubresourceHandler {
  return async ({ registry, request, info }) => {
    const place = podPlace(registry.objects, info.namespace, info.name, undefined);
    const path = `/portForward/${segments(info.namespace, info.name, place.uid)}${querySuffix(request.query)}`;
    return await proxy.upgrade(place.kubelet, path, request);
  };
}

/** nodes/[https:]NAME[:PORT]/proxy/…: the kubelet's own port, and no other of the node. */
export function nodeProxy(proxy: KubeletProxy): SubresourceHandler {
  return async ({ registry, request, info }) => {
    const [, name, port = ""] = /^(?:https:(?=.*:))?([^:]+)(?::(\d*))?$/.exec(info.name) ?? [];
    if (name === undefined) throw badRequest(`invalid node request ${JSON.stringify(info.name)}`);
    const kubelet = kubeletOf(registry.objects, name);
    if (port !== "" && Number(port) !== kubelet.port)
      throw badRequest(`port ${port} of node ${name} is not its kubelet's, which is ${kubelet.port}`);
    const path = `${info.rest || "/"}${querySuffix(request.query)}`;
    if (request.upgrade) return await proxy.upgrade(kubelet, path, request);
    return await proxy.forward(kubelet, path, request, demandResponse(request));
  };
}

/** @throws StatusError for a caller who cannot be answered as a stream */
export function demandResponse(request: SubresourceCall["request"]): HttpResponse {
  const response = takeResponse(request);
  if (!response) {
    throw request.upgrade
      ? badRequest("this endpoint answers plain requests only")
      : methodNotAllowed("streams are served over HTTPS only, not to callers within the process");
  }
  return response;
}

function segments(...parts: string[]): string {
  return parts.map(encodeURIComponent).join("/");
}

export function querySuffix(query: URLSearchParams): string {
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

function rename(query: URLSearchParams, from: string, to: string): void {
  const value = query.get(from);
  if (value === null) return;
  query.delete(from);
  if (value === "true" || value === "1") query.set(to, "1");
}
