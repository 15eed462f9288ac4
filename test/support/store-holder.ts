/** A process that opens a store file and holds it until it is killed: `node store-holder.ts FILE`, started by fork. */
import { openSqliteStore } from "../../core/store/sqlite-store.ts";

await openSqliteStore({ path: process.argv[2]! });
process.send!("opened");
process.on("disconnect", () => process.exit());
setInterval(() => {}, 60_000);
