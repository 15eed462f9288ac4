import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { errorMessage } from "@berth/base";
import type { HTTPGetAction } from "../../api/index.ts";

export interface ProbeOutcome {
  readonly success: boolean;
  /** What the answer was; shown in the Unhealthy event. */
  readonly message: string;
}

/** An HTTP GET against a container, as probes and hooks make it. */
export interface HttpProber {
  /** Never rejects but with the signal's reason when that aborts. */
  get(
    action: HTTPGetAction,
    target: { host: string; port: number; signal: AbortSignal },
  ): Promise<ProbeOutcome>;
}

const bodyLimit = 256;
const userAgent = "berth-probe";

/** Any answer from 200 to 399 counts; certificates are not checked, redirects to other hosts are not followed. */
export const httpProber: HttpProber = {
  get: (action, target) =>
    new Promise((resolve, reject) => {
      const secure = action.scheme === "HTTPS";
      const host = action.host || target.host;
      const headers: Record<string, string> = { "user-agent": userAgent, accept: "*/*", connection: "close" };
      for (const header of action.httpHeaders ?? []) headers[header.name.toLowerCase()] = header.value;
      const outgoing = (secure ? httpsRequest : httpRequest)(
        {
          host,
          port: target.port,
          path: action.path || "/",
          method: "GET",
          headers,
          agent: false,
          signal: target.signal,
          ...(secure ? { rejectUnauthorized: false } : {}),
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => {
            if (body.length < bodyLimit) body += chunk.slice(0, bodyLimit - body.length);
          });
          const finish = (): void => {
            const status = response.statusCode ?? 0;
            const success = status >= 200 && status < 400;
            resolve({
              success,
              message: `HTTP probe failed with statuscode: ${status}${body ? `, ${body.trim()}` : ""}`,
            });
          };
          response.on("end", finish);
          response.on("error", finish);
        },
      );
      outgoing.on("error", (error) => {
        if (target.signal.aborted) reject(target.signal.reason as Error);
        else
          resolve({
            success: false,
            message: `Get "${secure ? "https" : "http"}://${host}:${target.port}${action.path || "/"}": ${errorMessage(error)}`,
          });
      });
      outgoing.end();
    }),
};
