import { expect, test } from "vitest";
import { startTestApiServer } from "../support/api-server.ts";
import { differences, kubectlVersion, perform, readTranscripts } from "./transcripts/transcript.ts";

const version = kubectlVersion();

test.for(readTranscripts())(
  "$name: kubectl says what it says in front of kube-apiserver 1.36.0",
  async (transcript, { skip }) => {
    const { kubectl } = transcript;
    skip(
      kubectl !== version,
      `recorded with kubectl ${kubectl}, and this is ${version}, which words things its own way`,
    );
    const api = await startTestApiServer();
    try {
      expect(differences(transcript, await perform(transcript, api.kubeconfig))).toEqual([]);
    } finally {
      await api.dispose();
    }
  },
);
