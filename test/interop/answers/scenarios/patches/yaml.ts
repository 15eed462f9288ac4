import type { Scenario } from "../../exchange.ts";
import { apply, configMap, configMaps, deployments, post, put } from "./objects.ts";

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n";
const wrong = [
  `${head}data:\n  a: b\n c: d\n`,
  `${head}data:\n  a: b\n  - c\n`,
  `${head}data:\n\ta: b\n`,
  `${head}data: [a, b\n`,
  `${head}data: {a: b\n`,
  `${head}data: "a\n`,
  `${head}data: 'a\n`,
  `${head}data: *absent\n`,
  `${head}data: a: b\n`,
  `${head}data: @a\n`,
  `${head}data: %a\n`,
  `${head}data: \`a\n`,
  `${head}data:\n  a: !!int x\n`,
  `${head}data:\n  a: !!bogus x\n`,
  `${head}data:\n  ? [a]\n  : b\n`,
  `${head}data:\n  a: b\n  a: c\n`,
  `${head}data: "\\q"\n`,
  `${head}data:\n  a: 1.5\n`,
  `${head}data:\n  a: yes\n`,
  `${head}data:\n  a: 2020-01-01\n`,
  `${head}data:\n  a: ~\n`,
  `${head}data:\n  <<: {a: b}\n  c: d\n`,
  `${head}data:\n  <<: 5\n`,
  `${head}---\n${head}`,
  "- a\n- b\n",
  "text",
  "# only a comment\n",
  "---\n",
  ": a\n",
  "a\nb: c\n",
  "!!binary aGk=\n",
];
const typed = [
  "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: three\n",
  "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  unknown: 1\n  replicas: 1\n  replicas: 2\n",
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: []\n",
];
const yaml = { type: "application/yaml" };

export const yamlBodies: readonly Scenario[] = [
  {
    name: "wrong YAML",
    exchanges: [
      ...wrong.map((body) => post(`${configMaps}?dryRun=All`, body, yaml)),
      ...typed.map((body) => post(`${deployments}?dryRun=All&fieldValidation=Strict`, body, yaml)),
    ],
  },
  {
    name: "applies of wrong YAML",
    exchanges: [...wrong, "", "[]"].map((body) => apply(`${configMaps}/one`, body, "one", "&dryRun=All")),
  },
  {
    name: "updates with wrong YAML",
    exchanges: [
      post(configMaps, configMap("one")),
      ...wrong.slice(0, 5).map((body) => put(`${configMaps}/one`, body, yaml)),
    ],
  },
];
