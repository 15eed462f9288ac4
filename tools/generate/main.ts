import { generateProtocols } from "./protocols.ts";

await generateProtocols();
