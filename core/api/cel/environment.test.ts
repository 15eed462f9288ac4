import { evaluate as oracle } from "@marcbachmann/cel-js";
import { describe, expect, test } from "vitest";
import { decodeJson } from "../json/decode-json.ts";
import {
  AuthorizerValue,
  boolType,
  CelBudget,
  CelCostError,
  CelEnvironment,
  type CelType,
  dynType,
  fromJson,
  intType,
  objectType,
  parseType,
  toJson,
  typeOfResource,
  typeOfSchema,
} from "./index.ts";

const environment = new CelEnvironment({});

function run(
  expression: string,
  object: unknown = {},
  type: CelType = dynType,
  budget = new CelBudget(),
): unknown {
  const program = environment.extend({ self: type }).compile(expression);
  return toJson(program.evaluate({ self: fromJson(object, type) }, budget));
}

describe("expressions", () => {
  test.each([
    "1 + 2 * 3 == 7",
    "(1 + 2) * 3 == 9",
    "7 / 2 == 3 && -7 / 2 == -3 && 7 % 3 == 1",
    "1.5 + 2.0 == 3.5",
    "1u + 2u == 3u",
    "0x1F == 31",
    "'a' + \"b\" == 'ab'",
    "r'\\n' == '\\\\n'",
    '"""a\nb""" == "a\\nb"',
    "b'a\\xff'.size() == 2",
    "'\\u00e9'.size() == 1",
    "'abc' < 'abd' && 'b' >= 'a'",
    "1 in [1, 2] && !(3 in [1, 2])",
    "'a' in {'a': 1}",
    "{'a': 1}.a == 1 && {'a': 1}['a'] == 1",
    "{1: 'x'}[1] == 'x'",
    "[1, 2][1] == 2",
    "[1, 2] + [3] == [1, 2, 3]",
    "{'a': [1]} == {'a': [1]}",
    "true ? 'yes' == 'yes' : false",
    "[1, 2, 3].all(x, x > 0)",
    "[1, 2, 3].exists(x, x == 2)",
    "[1, 2, 3].exists_one(x, x == 2)",
    "[1, 2, 3].map(x, x * 2) == [2, 4, 6]",
    "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
    "[1, 2, 3].filter(x, x > 1) == [2, 3]",
    "{'a': 1, 'b': 2}.all(k, k < 'c')",
    "[[1, 2], [3]].map(l, l.map(x, x + 1)) == [[2, 3], [4]]",
    "true || 1 / 0 == 0",
    "1 / 0 == 0 || true",
    "!(false && 1 / 0 == 0)",
    "[0, 1].exists(x, 1 / x == 1)",
    "int('12') == 12 && string(12) == '12' && double('1.5') == 1.5 && uint(3) == 3u",
    "type(1) == int && type('a') == string && type([]) == list",
    "timestamp('2024-01-15T14:30:45Z').getHours() == 14",
    "timestamp('2024-01-15T14:30:45Z').getHours('America/New_York') == 9",
    "timestamp('2024-01-01T00:00:00Z') + duration('1h') == timestamp('2024-01-01T01:00:00Z')",
    "timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')",
    "duration('1h30m').getMinutes() == 90",
    "'hello'.contains('ell') && 'hello'.startsWith('he') && 'hello'.endsWith('lo')",
    "'hello'.indexOf('l') == 2 && 'hello'.lastIndexOf('l') == 3 && 'hello'.substring(1, 3) == 'el'",
    "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b'",
    "'Ab'.lowerAscii() == 'ab' && ' a '.trim() == 'a'",
  ])("agree with a library nobody here wrote: %s", (expression) => {
    expect(oracle(expression)).toBe(true);
    expect(run(expression)).toBe(true);
  });

  test.each([
    ["strings", "'a-b-c'.replace('-', '+', 1) == 'a+b-c' && 'abc'.charAt(1) == 'b'"],
    ["code points", "'a😀b'.indexOf('b') == 2 && 'a😀b'.substring(1, 2) == '😀' && 'a😀b'.size() == 3"],
    ["format", "'%s=%d %.2f %x %b %%'.format(['a', 5, 1.5, 255, true]) == 'a=5 1.50 ff 1 %'"],
    ["lists", "[1, 2].isSorted() && [3, 1].sum() == 4 && [3, 1].min() == 1 && [3, 1].max() == 3"],
    [
      "more lists",
      "[3, 1, 2].sort() == [1, 2, 3] && [1, 1].distinct() == [1] && [1, 2, 3].slice(1, 3) == [2, 3]",
    ],
    [
      "nested lists",
      "[[1], [2]].flatten() == [1, 2] && lists.range(3) == [0, 1, 2] && [1].first().value() == 1",
    ],
    ["sorting by a key", "['bb', 'a'].sortBy(x, x.size()) == ['a', 'bb']"],
    [
      "sets",
      "sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])",
    ],
    [
      "regular expressions",
      "'abc 123'.find('[0-9]+') == '123' && 'a1b2'.findAll('[0-9]') == ['1', '2'] && 'x'.matches('^x$')",
    ],
    [
      "urls",
      "url('https://u@h.io:8443/p/q?a=1&a=2').getHost() == 'h.io:8443' && url('https://h.io:8443/p').getPort() == '8443'",
    ],
    [
      "queries",
      "url('/p?a=1&a=2').getQuery()['a'] == ['1', '2'] && !isURL('../x') && url('/p%20q').getEscapedPath() == '/p%20q'",
    ],
    [
      "addresses",
      "isIP('::1') && ip('10.0.0.1').family() == 4 && ip('127.0.0.1').isLoopback() && !isIP('10.0.0.01')",
    ],
    [
      "networks",
      "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.0.0.0/8').containsIP('::1')",
    ],
    [
      "masks",
      "string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8' && cidr('::/0').prefixLength() == 0 && ip.isCanonical('2001:db8::1')",
    ],
    [
      "quantities",
      "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('500m')) == quantity('1') && quantity('2k').asInteger() == 2000",
    ],
    [
      "versions",
      "semver('1.2.3').isLessThan(semver('1.10.0')) && isSemver('v1.2', true) && semver('1.0.0-rc.1').compareTo(semver('1.0.0')) == -1",
    ],
    [
      "named formats",
      "!format.dns1123Label().validate('a-b').hasValue() && format.named('dns1123Label').value().validate('A').hasValue()",
    ],
    [
      "optionals",
      "self.?a.?b.orValue(1) == 1 && optional.of(2).optMap(x, x + 1).value() == 3 && [?optional.none(), 1] == [1]",
    ],
    [
      "optional entries",
      "{?'a': self.?x} == {} && {'m': 1}[?'m'].hasValue() && !optional.ofNonZeroValue('').hasValue()",
    ],
    [
      "two variables",
      "{'a': 1}.all(k, v, k == 'a' && v == 1) && [5].transformList(i, v, i + v) == [5] && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
    ],
    ["names in backticks", "{'a-b': 1}.`a-b` == 1"],
    [
      "durations and times as text",
      "string(duration('90s')) == '90s' && string(timestamp('2024-01-01T00:00:00.5Z')) == '2024-01-01T00:00:00.5Z'",
    ],
  ])("know Kubernetes' functions: %s", (_, expression) => {
    expect(run(expression)).toBe(true);
  });

  test("see decoded JSON: whole numbers exactly, members that are absent, objects in lists", () => {
    const { value } = decodeJson(
      '{"big":9007199254740993,"half":0.5,"one":1,"list":[{"a":1},{"a":2}],"empty":null,"__proto__":{"x":1}}',
    );
    expect(run("self.big + 1 == 9007199254740994", value)).toBe(true);
    expect(run("self.half < self.one && self.list.map(x, x.a) == [1, 2]", value)).toBe(true);
    expect(
      run("has(self.empty) && self.empty == null && !has(self.none) && !has(self.toString)", value),
    ).toBe(true);
    expect(run("self.__proto__.x == 1 && 'constructor' in self == false", value)).toBe(true);
    expect(JSON.stringify(run("{'n': self.big}", value))).toBe('{"n":9007199254740993}');
  });
});

describe("declared types", () => {
  const schema = {
    type: "object",
    properties: {
      replicas: { type: "integer" },
      ratio: { type: "number" },
      "a-b": { type: "string" },
      namespace: { type: "string" },
      since: { type: "string", format: "date-time" },
      wait: { type: "string", format: "duration" },
      port: { "x-kubernetes-int-or-string": true },
      items: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
      tags: { type: "object", additionalProperties: { type: "integer" } },
      any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      unsaid: { "x-kubernetes-preserve-unknown-fields": true },
      list: { type: "array", items: { "x-kubernetes-preserve-unknown-fields": true } },
      note: { type: "string", nullable: true },
    },
  };
  const object = {
    metadata: { name: "x" },
    replicas: 3,
    ratio: 1,
    "a-b": "c",
    namespace: "n",
    since: "2024-01-01T00:00:00Z",
    wait: "1h",
    port: "http",
    items: [{ name: "one" }],
    tags: { a: 1 },
    any: { deep: [1] },
    unsaid: 1,
    list: [1],
    note: null,
  };

  test.each([
    "self.replicas < 5 && self.ratio == 1.0 && type(self.ratio) == double",
    "self.a__dash__b == 'c' && self.`a-b` == 'c' && self.__namespace__ == 'n'",
    "self.since < timestamp('2025-01-01T00:00:00Z') && self.wait == duration('60m')",
    "self.port == 'http' && self.items[0].name == 'one' && self.items.all(i, i.name != '')",
    "self.tags.all(k, self.tags[k] == 1) && self.metadata.name == 'x'",
  ])("read members by the schema: %s", (expression) => {
    expect(run(expression, object, typeOfResource(schema))).toBe(true);
  });

  test.each([
    ["self.none > 1", "ERROR: <input>:1:5: undefined field 'none'\n | self.none > 1\n | ....^"],
    [
      "self.replicas > 'a'",
      "ERROR: <input>:1:15: found no matching overload for '_>_' applied to '(int, string)'\n | self.replicas > 'a'\n | ..............^",
    ],
    ["self.any.deep == 1", "undefined field 'deep'"],
    ["self.unsaid == 1", "undefined field 'unsaid'"],
    ["self.list.size() == 1", "undefined field 'list'"],
    ["cel.bind(x, 2, x * x) == 4", "undeclared reference to 'cel'"],
    ["'ab'.reverse() == 'ba'", "found no matching overload for 'reverse' applied to 'string.()'"],
    ["x > 1", "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x > 1\n | ^"],
    [
      "self.replicas.startsWith('a')",
      "found no matching overload for 'startsWith' applied to 'int.(string)'",
    ],
    ["[1, 'a']", "expected type 'int' but found 'string'"],
    ["self.replicas >", "ERROR: <input>:1:16: Syntax error: mismatched input '<EOF>'"],
    [
      "self.replicas &&\n self.ratio",
      "ERROR: <input>:1:15: found no matching overload for '_&&_' applied to '(int, double)'",
    ],
    ["has(self)", "invalid argument to has() macro"],
    ["a.b.c.d()", "undeclared reference to 'a' (in container '')"],
    ["self.replicas == 'x' ? 1 : 'y'", "_?_:_"],
    ["if", "reserved identifier: if"],
    ["'a", "token recognition error"],
  ])("find what is wrong before anything runs: %s", (expression, message) => {
    expect(() => run(expression, object, typeOfResource(schema))).toThrow(message);
  });

  test("compare what they do not reach, and null as what is not there", () => {
    const type = typeOfResource(schema);
    const compared = environment.extend({ self: type, oldSelf: type });
    const program = compared.compile("self == oldSelf && self.any == oldSelf.any && !has(self.note)");
    const same = (old: object): unknown =>
      program.evaluate({ self: fromJson(object, type), oldSelf: fromJson(old, type) }, new CelBudget());
    const { note: _, ...rest } = object;
    expect([same(structuredClone(object)), same(rest)]).toEqual([true, true]);
    for (const other of [{ any: { deep: [2] } }, { any: {} }, { any: { deep: [1], more: 1 } }, { unsaid: 2 }])
      expect(same({ ...object, ...other }), JSON.stringify(other)).toBe(false);
  });

  test("refuse an expression that answers something else", () => {
    expect(() => environment.compile("1 + 1", [boolType])).toThrow(/^must evaluate to bool but got int$/);
    expect(environment.compile("1 + 1", [boolType, intType]).type).toBe(intType);
  });

  test("construct declared objects, and only those", () => {
    const mutation = environment.extend({}, (name) =>
      name === "Object.spec" ? objectType(name) : undefined,
    );
    const program = mutation.compile("Object.spec{replicas: 1, ?x: optional.none(), list: [{'a': 1}]}");
    expect(program.type.name).toBe("Object.spec");
    expect(toJson(program.evaluate({}, new CelBudget()))).toEqual({ replicas: 1, list: [{ a: 1 }] });
    expect(() => mutation.compile("Other{a: 1}")).toThrow("undeclared reference to 'Other'");
  });
});

describe("errors while running", () => {
  test.each([
    ["self.a", "no such key: a"],
    ["[1][1] == 0", "index out of bounds: 1"],
    ["1 / 0 == 0", "division by zero"],
    ["9223372036854775807 + 1 == 0", "integer overflow"],
    ["self.n > 'a'", "no such overload"],
    ["'a'.matches('(')", "Illegal regex"],
    ["int('x') == 1", "type conversion error"],
    ["false || self.a", "no such key: a"],
  ])("%s", (expression, message) => {
    expect(() => run(expression, { n: 1 })).toThrow(message);
  });
});

describe("costs", () => {
  const many = { list: Array.from({ length: 1000 }, (_, at) => at) };

  test("end a runaway expression, also within || and exists", () => {
    const runaway = "self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))";
    expect(() => run(runaway, many)).toThrow("operation cancelled: actual cost limit exceeded");
    expect(() => run(`${runaway} || true`, many)).toThrow(CelCostError);
    expect(() => run(`[1].exists(x, ${runaway}) || true`, many)).toThrow(CelCostError);
  });

  test("are counted over all expressions that share a budget", () => {
    const budget = new CelBudget(15_000, 14_000);
    expect(run("self.list.all(x, x >= 0)", many, dynType, budget)).toBe(true);
    expect(budget.left).toBeLessThan(10_000);
    const walk = () => run("self.list.all(x, x >= 0) && self.list.all(x, x >= 0)", many, dynType, budget);
    expect(walk).toThrow(
      "validation failed due to running out of cost budget, no further validation rules will be run",
    );
  });

  test("grow with the text an expression looks at", () => {
    const text = { s: "a".repeat(100_000) };
    expect(() => run("[1,2,3,4,5,6,7].all(x, self.s.contains(self.s + 'b') == false)", text)).toThrow(
      CelCostError,
    );
    expect(() => run("self.s.matches('(a+)+$')", text)).not.toThrow();
  });

  test("make a regular expression that backtracks elsewhere harmless", () => {
    const text = { s: `${"a".repeat(50)}!` };
    expect(run("self.s.matches('^(a+)+$')", text)).toBe(false);
  });
});

test("an expression nested beyond all measure is refused, not crashed on", () => {
  const deep = `${"(".repeat(5000)}1${")".repeat(5000)}`;
  expect(() => run(deep)).toThrow("recursion limit");
  expect(() => run(`self${".a".repeat(5000)}`)).toThrow("recursion limit");
  expect(() => run(`1${"+1".repeat(5000)}`)).toThrow("more than 1000 terms");
  expect(() => run(`${"!".repeat(5000)}true`)).toThrow("recursion limit");
});

test("the authorizer answers for the one who asks, or for a service account", () => {
  const asked: unknown[] = [];
  const authorizer = new AuthorizerValue((question) => {
    asked.push(question);
    return { allowed: question.serviceAccount === undefined, reason: "because" };
  });
  const program = environment
    .extend({ authorizer: parseType("kubernetes.authorization.Authorizer") })
    .compile(
      "authorizer.group('apps').resource('deployments').namespace('n').name('d').check('delete').allowed() && " +
        "!authorizer.serviceAccount('n', 'sa').group('').resource('pods').check('get').allowed()",
    );
  expect(program.evaluate({ authorizer }, new CelBudget())).toBe(true);
  expect(asked[0]).toMatchObject({
    verb: "delete",
    group: "apps",
    resource: "deployments",
    namespace: "n",
    name: "d",
  });
  expect(asked[1]).toMatchObject({ serviceAccount: { namespace: "n", name: "sa" } });
});

test("a schema that says nothing is dyn", () => {
  expect(typeOfSchema({ "x-kubernetes-preserve-unknown-fields": true })).toBe(dynType);
});
