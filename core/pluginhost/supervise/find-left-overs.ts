import { makeFolders } from "../launch/make-folders.ts";
import { giveToUser } from "../launch/own-user.ts";
import { bury } from "./bury.ts";
import { Incarnation } from "./incarnation.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/**
 * Looks for processes of a former host: the one that served is the answer, to be adopted; others are what an
 * interrupted start or update left, and end. Opens the plugin's sockets once it is known who may come to them.
 */
export async function findLeftOvers(parts: SupervisorParts): Promise<Incarnation | undefined> {
  const { memory, records, handshakes, plugin, paths } = parts;
  await makeFolders(paths);
  const { serving } = memory.facts;
  let adopted: Incarnation | undefined;
  for (const [key, record] of records.entries(`${plugin}#`)) {
    const found = Incarnation.adopt(parts, record);
    if (found && record.incarnation === serving) adopted = found;
    else if (found) await found.end("left over from an interrupted start");
    else if (record.incarnation === serving) memory.noteEnd(await bury(parts, record, {}));
    else records.delete(key);
  }
  if (adopted) await parts.offerHost(adopted.plan.manifest);
  await handshakes.listen();
  const uid = adopted?.plan.user.uid;
  if (adopted && uid !== undefined) await giveToUser(paths, adopted.number, uid);
  return adopted;
}
