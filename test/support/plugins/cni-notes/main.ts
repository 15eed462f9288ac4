import { serve } from "@berth/sdk";
import { notesPlugin } from "./notes.ts";

void serve(notesPlugin(import.meta.dirname));
