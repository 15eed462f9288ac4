import {
  createApiClient,
  httpsTransport,
  type HttpsTransportOptions,
  streamText,
} from "../../client/index.ts";
import type {
  CallAnswer,
  CallRecording,
  CallRequest,
  DebugEvent,
  LogRequest,
  RecordedCall,
} from "../../pluginhost/contracts/index.ts";

/** The plugin tools of one node, reached as kubectl reaches a node: nodes/NAME/proxy of the API server. */
export class NodeTools {
  readonly #options: HttpsTransportOptions;
  readonly #base: string;

  constructor(options: HttpsTransportOptions, node: string, plugin: string) {
    this.#options = options;
    this.#base = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/plugins/${encodeURIComponent(plugin)}`;
  }

  async recording(): Promise<CallRecording> {
    return (await this.#request("GET", "calls")) as CallRecording;
  }

  async call(body: CallRequest): Promise<CallAnswer> {
    return (await this.#request("POST", "call", body)) as CallAnswer;
  }

  async *follow(signal: AbortSignal): AsyncGenerator<RecordedCall> {
    const query = { follow: "true" };
    yield* jsonLines<RecordedCall>(this.#stream({ method: "GET", tool: "calls", query, signal }));
  }

  logs({ follow, incarnation, tail }: LogRequest, signal: AbortSignal): AsyncIterable<string> {
    const query = {
      follow: follow ? "true" : undefined,
      incarnation: incarnation?.toString(),
      tail: tail?.toString(),
    };
    return this.#stream({ method: "GET", tool: "logs", query, signal });
  }

  async *debug(signal: AbortSignal): AsyncGenerator<DebugEvent> {
    yield* jsonLines<DebugEvent>(this.#stream({ method: "POST", tool: "debug", signal }));
  }

  #stream(request: {
    method: "GET" | "POST";
    tool: string;
    query?: Record<string, string | undefined>;
    signal: AbortSignal;
  }): AsyncIterable<string> {
    const { tool, ...rest } = request;
    return streamText(this.#options, { ...rest, path: `${this.#base}/${tool}` });
  }

  async #request(method: "GET" | "POST", tool: string, body?: unknown): Promise<unknown> {
    const transport = httpsTransport(this.#options);
    try {
      const path = `${this.#base}/${tool}`;
      const request = { method, path, ...(body === undefined ? {} : { body }) };
      return (await createApiClient(transport).request(request)).body;
    } finally {
      transport.dispose();
    }
  }
}

async function* jsonLines<T>(text: AsyncIterable<string>): AsyncGenerator<T> {
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as T;
  }
}
