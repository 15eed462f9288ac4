import { BerthError, nearestName } from "@berth/base";
import type { Command } from "commander";
import type { Plugin, PluginInstance } from "../../api/index.ts";
import {
  type ApiClient,
  ApiError,
  clientOf,
  createApiClient,
  httpsTransport,
  type HttpsTransportOptions,
  readKubeconfig,
  resources,
} from "../../client/index.ts";
import { noSuchPlugin } from "../../pluginhost/errors.ts";
import { kubeconfigPath } from "../connect.ts";
import { NodeTools } from "./node-tools.ts";

const severalNodes = BerthError.define({
  code: "BERTH_PLUGIN_WHICH_NODE",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Name the node with --node.",
});

const registeredItself = BerthError.define({
  code: "BERTH_PLUGIN_REGISTERED_ITSELF",
  grpc: "FAILED_PRECONDITION",
  http: 409,
  owner: "operator",
  next: "Start and end it where it was started from; Berth takes it as it comes. `berth plugin describe`, `call`, `record` and `doctor` work with it.",
});

/** The API as the commands of `berth plugin` need it. */
export class PluginAccess {
  readonly api: ApiClient;
  readonly #options: HttpsTransportOptions;

  private constructor(options: HttpsTransportOptions) {
    this.#options = options;
    this.api = createApiClient(httpsTransport(options));
  }

  /** By the program's --kubeconfig, KUBECONFIG, `fallback`, or the default data directory's own. */
  static async open(program: Command, fallback?: string): Promise<PluginAccess> {
    const { kubeconfig } = program.opts<{ kubeconfig?: string }>();
    const named = kubeconfig ?? process.env["KUBECONFIG"] ?? fallback;
    return new PluginAccess(await readKubeconfig(kubeconfigPath(named)));
  }

  async plugins(): Promise<Plugin[]> {
    return (await clientOf(this.api, resources.plugins).list()).items;
  }

  /** Throws BERTH_NO_SUCH_PLUGIN with the nearest name, BERTH_PLUGIN_REGISTERED_ITSELF for one that no object asks for. */
  async plugin(name: string): Promise<Plugin> {
    const instances = await this.instances(name);
    const plugin = await this.definition(name, instances);
    if (plugin) return plugin;
    const nodes = instances.map(({ spec }) => spec.nodeName).join(", ");
    throw new BerthError(
      registeredItself,
      `plugin ${name} registered itself with node ${nodes}: there is no Plugin object to change`,
    );
  }

  /** Undefined for one that registered itself with its nodes. Throws BERTH_NO_SUCH_PLUGIN with the nearest name. */
  async definition(name: string, instances: readonly PluginInstance[]): Promise<Plugin | undefined> {
    try {
      return await clientOf(this.api, resources.plugins).get(name);
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
      if (instances.length > 0) return undefined;
      throw absent(
        name,
        (await this.plugins()).map(({ metadata }) => metadata.name ?? ""),
      );
    }
  }

  /** Of one plugin, or of all. */
  async instances(plugin?: string): Promise<PluginInstance[]> {
    const { items } = await clientOf(this.api, resources.pluginInstances).list();
    return plugin === undefined ? items : items.filter(({ spec }) => spec.plugin === plugin);
  }

  /** Tools on the node that was named, or on the only one that has the plugin. */
  async tools(plugin: string, node: string | undefined): Promise<NodeTools> {
    const all = await this.instances();
    const nodes = all.filter(({ spec }) => spec.plugin === plugin).map(({ spec }) => spec.nodeName);
    const [first, ...others] = node === undefined ? nodes : nodes.filter((one) => one === node);
    if (first === undefined) {
      const where = node === undefined ? "" : ` on node ${node}`;
      throw absent(
        `${plugin}${where}`,
        all.map(({ spec }) => spec.plugin),
        plugin,
      );
    }
    if (others.length > 0)
      throw new BerthError(severalNodes, `plugin ${plugin} is on several nodes: ${nodes.join(", ")}`);
    return new NodeTools(this.#options, first, plugin);
  }
}

function absent(what: string, known: readonly string[], name = what): BerthError {
  const near = nearestName(name, new Set(known));
  const hint = near !== undefined && near !== name ? `; did you mean ${near}?` : "";
  return new BerthError(noSuchPlugin, `there is no plugin ${what}${hint}`);
}
