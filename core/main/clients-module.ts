import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import { ContainerModule, type ServiceIdentifier } from "inversify";
import { ApiServer } from "../apiserver/api-server.ts";
import {
  type ApiClient,
  createApiClient,
  createEventRecorder,
  type EventRecorder,
  inProcessTransport,
} from "../client/index.ts";
import { certificateSigner, Pki } from "../http/index.ts";
import {
  ControllersClient,
  ControllersEvents,
  RequestCertificateSigner,
  RootCertificates,
} from "../controllers/controllers-module.ts";
import { KubeletClient, KubeletEvents } from "../kubelet/kubelet-module.ts";
import { NodeAgentClient, NodeAgentEvents, NodeAgentNodeName } from "../nodeagent/nodeagent-module.ts";
import { SchedulerClient, SchedulerEvents } from "../scheduler/scheduler-module.ts";
import { VolumesClient, VolumesEvents } from "../volumes/volumes-module.ts";

/** The API as the one who installs what ships with Berth. */
export const AdminClient: Token<ApiClient> = createToken<ApiClient>("main.admin-client");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

interface Identity {
  readonly client: Token<ApiClient>;
  readonly events?: Token<EventRecorder>;
  /** Shown in the FROM column of events. */
  readonly component: string;
  readonly user: (nodeName: string) => { name: string; groups: string[] };
}

const authenticated = "system:authenticated";
const nodeUser = (nodeName: string): { name: string; groups: string[] } => ({
  name: `system:node:${nodeName}`,
  groups: ["system:nodes", authenticated],
});
const plainUser = (name: string) => (): { name: string; groups: string[] } => ({
  name,
  groups: [authenticated],
});

/** Every part has an identity of its own, and no more rights than that identity. */
const identities: readonly Identity[] = [
  {
    client: SchedulerClient,
    events: SchedulerEvents,
    component: "default-scheduler",
    user: plainUser("system:kube-scheduler"),
  },
  {
    client: ControllersClient,
    events: ControllersEvents,
    component: "controllers",
    user: plainUser("system:kube-controller-manager"),
  },
  {
    client: VolumesClient,
    events: VolumesEvents,
    component: "volumes",
    user: plainUser("system:kube-controller-manager"),
  },
  { client: NodeAgentClient, events: NodeAgentEvents, component: "plugin-host", user: nodeUser },
  { client: KubeletClient, events: KubeletEvents, component: "kubelet", user: nodeUser },
  {
    client: AdminClient,
    component: "berth",
    user: () => ({ name: "berth", groups: ["system:masters", authenticated] }),
  },
];

/** The API in process, once per identity: the same filter chain as over HTTPS. */
export const clientsModule = new ContainerModule(({ bind }) => {
  bind(id(RootCertificates)).toResolvedValue((pki: Pki) => () => pki.authorityCertificate, [id(Pki)]);
  bind(id(RequestCertificateSigner)).toResolvedValue(
    (pki: Pki, clock: Clock) => certificateSigner(pki, clock),
    [id(Pki), id(createToken<Clock>("clock"))],
  );
  for (const { client, events, component, user } of identities) {
    bind(id(client))
      .toResolvedValue(
        (server: ApiServer, nodeName: string) => createApiClient(inProcessTransport(server, user(nodeName))),
        [id(ApiServer), id(NodeAgentNodeName)],
      )
      .inSingletonScope();
    if (!events) continue;
    bind(id(events))
      .toResolvedValue(
        (api: ApiClient, nodeName: string, clock: Clock, logger: Logger) =>
          createEventRecorder({ client: api, clock, logger, component, host: nodeName }),
        [
          id(client),
          id(NodeAgentNodeName),
          id(createToken<Clock>("clock")),
          id(createToken<Logger>("logger")),
        ],
      )
      .inSingletonScope();
  }
});
