/** A process that writes one entry into a checkpoint file and holds it: `node checkpoint-holder.ts FILE`, by fork. */
import { openCheckpoint } from "../../core/checkpoint/sqlite-checkpoint.ts";

openCheckpoint(process.argv[2]!).bucket<string>("a").put("kept", "through kill -9");
process.send!("opened");
process.on("disconnect", () => process.exit());
setInterval(() => {}, 60_000);
