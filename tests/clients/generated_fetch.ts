// Calls a running service by openapi-fetch, with the types that openapi-typescript generated: prints the answer to each case.

import createClient from "openapi-fetch";

import { again, baseUrl, type Case, never, redirected, run } from "./cases.js";
import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];

function ready(data: Schemas["StudioUrl"] | Schemas["NotYet"], response: Response): string {
  if ("url" in data) {
    return data.url.startsWith("http") && !Number.isNaN(Date.parse(data.expires_at)) ? "200 a URL until a time" : "200";
  }
  return `202 ${data.step}${data.until ? " until a time" : ""}, ${again(response)}`;
}

async function answer(one: Case, token: string): Promise<string> {
  const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` }, redirect: "manual" });
  if (one.document) {
    const { data } = await client.GET("/openapi.json");
    return `200 OpenAPI ${data?.openapi}`;
  }
  if (one.profile !== undefined) {
    const { data, error, response } = await client.GET("/studio/{profile}", { params: { path: { profile: one.profile } } });
    if (response.status === 302) return redirected(response);
    return data !== undefined ? ready(data, response) : typeof error === "string" ? error : `${error?.status} ${error?.code}`;
  }
  const { data, error, response } = await client.POST("/studio-url", { body: one.body ?? {} });
  if (data !== undefined) return ready(data, response);
  if (typeof error === "string") return `500 ${error}`;
  switch (error.status) {
    case 409:
      return `409 ${error.code}${error.entries ? `: ${error.entries.map((choice) => choice.entry).join(", ")}` : ""}`;
    case 429:
      return `429 ${error.code}, ${again(response)}`;
    case 400:
    case 401:
    case 403:
    case 404:
    case 405:
    case 413:
    case 415:
    case 502:
    case 503:
    case 504:
      return `${error.status} ${error.code}`;
    default:
      return never(error);
  }
}

await run(answer);
