import { existsSync } from "node:fs";
import { services, toStruct } from "@berth/verbs";
import { must, mustEqual, mustFail } from "../expectations.ts";
import type { Case, Suite } from "../suite.ts";
import { SessionContext } from "./session-context.ts";
import { StandInHost } from "./stand-in-host.ts";
import { welcome } from "./session-context.ts";

const cases: readonly Case<SessionContext>[] = [
  {
    name: "The hello repeats instance, incarnation and token and names the contracts",
    async run(context, signal) {
      const { host, process } = await context.start();
      const hello = await host.hello(signal);
      mustEqual(
        [hello.berth, hello.instance, hello.token],
        [1, "conformance.node", `token-${hello.incarnation}`],
        "hello",
      );
      mustEqual(hello.pid, process.pid, "pid");
      mustEqual(hello.adopted, false, "adopted at the first hello");
      must(hello.contracts.length > 0, "no contract is offered");
    },
  },
  {
    name: "Describe answers before any configuration, with what the hello offered",
    async run(context, signal) {
      const { host, connection } = await context.start();
      const hello = await host.hello(signal);
      const { id, version, contracts } = await connection.client(services.plugin).describe({});
      must(id !== "" && version !== "", "id or version is empty");
      mustEqual(
        contracts.map(({ name }) => name),
        hello.contracts.map(({ name }) => name),
        "contracts",
      );
    },
  },
  {
    name: "Configure refuses an unknown key by name and takes a known configuration twice",
    async run(context, signal) {
      const { host, connection } = await context.start();
      await host.hello(signal);
      const plugin = connection.client(services.plugin);
      const wrong = plugin.configure({ config: toStruct({ noSuchKey: 1 }), generation: "1" });
      const sentence = await mustFail(wrong, "Configure with an unknown key", "INVALID_ARGUMENT");
      must(sentence.includes("noSuchKey"), `the answer does not name the key: ${sentence}`);
      for (let time = 0; time < 2; time++) {
        await plugin.configure({ config: toStruct(context.config), generation: "1" });
      }
    },
  },
  {
    name: "Configure with dry_run changes nothing: the plugin stays unconfigured",
    async run(context, signal) {
      const { host, connection } = await context.start();
      await host.hello(signal);
      const plugin = connection.client(services.plugin);
      await plugin.configure({ config: toStruct(context.config), generation: "1", dry_run: true });
      must(!(await plugin.probe({})).ready, "it is ready after a dry run");
    },
  },
  {
    name: "Synchronize without authority releases nothing",
    async run(context, signal) {
      const { host, connection } = await context.start();
      await host.hello(signal);
      const plugin = connection.client(services.plugin);
      await plugin.configure({ config: toStruct(context.config), generation: "1" });
      mustEqual((await plugin.synchronize({ authoritative: false })).released, [], "released");
    },
  },
  {
    name: "After Drain and Shutdown the process ends with status 0 and its socket is gone",
    async run(context, signal) {
      const { host, connection, exit } = await context.start();
      await host.hello(signal);
      const plugin = connection.client(services.plugin);
      await plugin.configure({ config: toStruct(context.config), generation: "1" });
      await plugin.drain({ within_ms: 1000 });
      await plugin.shutdown({ reason: "conformance" });
      mustEqual(await exit, 0, "exit status");
      must(!existsSync(connection.endpoint), "the socket is still there");
    },
  },
  {
    name: "A refused plugin ends with a status that is not 0 and logs the host's sentence",
    async run(context) {
      const { exit, log } = await context.start({ ok: false, reason: "this host speaks another version" });
      must((await exit) !== 0, "it ends with status 0");
      must(log().includes("this host speaks another version"), "its log does not say why");
    },
  },
  {
    name: "A plugin that loses its host says hello to the next one as adopted, in the same process",
    async run(context, signal) {
      const { host, process } = await context.start();
      const first = await host.hello(signal);
      await host.die();
      const next = new StandInHost(context.handshakePath, welcome);
      await next.listen();
      try {
        const second = await next.hello(signal);
        mustEqual([second.adopted, second.pid], [true, process.pid], "adopted and pid of the second hello");
        mustEqual(second.token, first.token, "token of the second hello");
      } finally {
        await next.die();
      }
    },
  },
  {
    name: "A plugin whose host never comes back ends with status 0 when the window closes",
    async run(context, signal) {
      const { host, exit } = await context.start(welcome, 300);
      await host.hello(signal);
      await host.die();
      mustEqual(await exit, 0, "exit status");
    },
  },
  {
    name: "The token stands in no log",
    async run(context, signal) {
      const { host, log, process, exit } = await context.start();
      const { token } = await host.hello(signal);
      process.kill("SIGTERM");
      mustEqual(await exit, 0, "exit status after SIGTERM");
      must(!log().includes(token), "the token is in the log");
    },
  },
];

/** The life of a managed plugin: handshake, berth.plugin.v1, loss of the host. Starts the command in the option `command`. */
export const sessionSuite: Suite<SessionContext> = {
  contract: "session",
  cases,
  open: async (target) => new SessionContext(target),
  cleanUp: (context) => context.cleanUp(),
  close: async () => {},
};
