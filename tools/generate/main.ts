import { generateProtocols } from "./protocols.ts";
import { generateSchema } from "./schema.ts";

await Promise.all([generateProtocols(), generateSchema()]);
