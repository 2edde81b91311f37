// Calls a running service by the client that @hey-api/openapi-ts generated: prints the answer to each case.

import { again, baseUrl, type Case, never, redirected, run } from "./cases.js";
import { createClient } from "./hey-api/client/index.js";
import { createStudioUrl, type NotYet, openStudio, readDocument, type StudioUrl } from "./hey-api/index.js";

function ready(data: StudioUrl | NotYet, response: Response): string {
  if ("url" in data) {
    return data.url.startsWith("http") && !Number.isNaN(Date.parse(data.expires_at)) ? "200 a URL until a time" : "200";
  }
  return `202 ${data.step}${data.until ? " until a time" : ""}, ${again(response)}`;
}

async function answer(one: Case, token: string): Promise<string> {
  const client = createClient({ baseUrl, auth: token, redirect: "manual" });
  if (one.document) {
    const { data } = await readDocument({ client });
    return `200 OpenAPI ${data?.openapi}`;
  }
  if (one.profile !== undefined) {
    const { data, error, response } = await openStudio({ client, path: { profile: one.profile } });
    if (response?.status === 302) return redirected(response);
    if (data !== undefined && data !== null && response !== undefined) return ready(data as StudioUrl | NotYet, response);
    return typeof error === "string" ? error : `${error?.status} ${error?.code}`;
  }
  const { data, error, response } = await createStudioUrl({ client, body: one.body ?? {} });
  if (response === undefined) return "no answer";
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
