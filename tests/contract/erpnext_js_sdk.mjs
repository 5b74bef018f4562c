// npm's frappe-js-sdk, told what to do line by line: a line of JSON in, a line of JSON out.
//
//   in   {"app": {"url": …, "token": … or null, "kind": "token"}, "part": "db", "verb": "getDoc", "args": [...]}
//   out  {"ok": …} or {"error": …}, which is what the SDK's promise came to
//
// A session needs the cookie jar that a browser has: `jar` keeps what a login sent and adds it to later calls of the same app.
import { File } from "node:buffer";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/package.json");
const { FrappeApp } = require("frappe-js-sdk");
const apps = new Map();

function appOf({ url, token, kind, jar }) {
  const key = JSON.stringify([url, token, kind, jar]);
  if (!apps.has(key)) {
    const access = token ? { useToken: true, token: () => token, type: kind } : undefined;
    const app = new FrappeApp(url, access);
    if (jar) keepCookies(app.axios);
    apps.set(key, app);
  }
  return apps.get(key);
}

function keepCookies(axios) {
  const cookies = new Map();
  axios.interceptors.request.use((config) => {
    if (cookies.size) config.headers.Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return config;
  });
  axios.interceptors.response.use((response) => {
    for (const text of response.headers["set-cookie"] ?? []) {
      const [name, value] = text.split(";")[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    return response;
  });
}

function unpacked(value) {
  return value !== null && typeof value === "object" && "file" in value ? new File([value.file], value.name) : value;
}

async function answer({ app, part, verb, args }) {
  try {
    const value = await appOf(app)[part]()[verb](...args.map(unpacked));
    return { ok: part === "file" ? value.data : value ?? null };
  } catch (error) {
    return { error: error instanceof Error ? { broken: String(error.stack) } : error };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
}
