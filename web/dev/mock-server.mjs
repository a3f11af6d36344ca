// Serves the built pages and the API's contract from memory: node dev/mock-server.mjs [--port 8299]
// [--empty] [--site dist]. Any token but "wrong" logs in; the token names the roles, e.g. "viewer".
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { entryOf, reasons, render } from "./mock_catalogue.mjs";
import { addOrder, Farm, makeId, populate, tick } from "./mock_farm.mjs";
import {
  checksOf,
  files,
  recordOf,
  liveOfStation,
  populateStations,
  stationActions,
  stationOf,
  tickStations,
} from "./mock_stations.mjs";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const site = option("site", fileURLToPath(new URL("../dist", import.meta.url)));
const farm = new Farm();
if (!process.argv.includes("--empty")) {
  populate(farm);
  populateStations(farm);
}
const answered = new Map();

class Refusal extends Error {
  constructor(reason, params = {}) {
    super(reason);
    this.reason = reason;
    this.params = params;
  }
}

const plural = {
  orders: "order",
  plans: "plan",
  plates: "plate",
  runs: "run",
  printers: "printer",
  stations: "station",
  breakers: "breaker",
  decisions: "decision",
  artifacts: "artifact",
  profiles: "profile",
  materials: "material",
  tokens: "token",
};

const closed = new Set(["fulfilled", "cancelled", "passed", "failed"]);

function served(kind, entity) {
  if (kind === "printer") return { ...entity, live: farm.liveOfPrinter(entity.id) };
  if (kind === "run") return { ...entity, live: farm.liveOfRun(entity.id) };
  if (kind === "station") return { ...entity, live: liveOfStation(farm, entity.id) };
  return entity;
}

function list(kind, query, filter = () => true) {
  const items = [...farm.table(kind).values()]
    .reverse()
    .filter(filter)
    .filter((each) => !query.get("state") || query.get("state").split(",").includes(each.state))
    .filter((each) => query.get("open") !== "true" || !closed.has(each.state))
    .filter((each) =>
      ["order", "run", "printer"].every(
        (name) => !query.get(name) || each[name] === query.get(name),
      ),
    )
    .slice(0, Number(query.get("limit") ?? 50))
    .map((each) => served(kind, each));
  return { items, next: null, as_of_seq: farm.log.length, epoch: farm.epoch };
}

function one(kind, id) {
  const entity = farm.table(kind).get(id);
  if (!entity) throw new Refusal("not_found", { what: `${kind} ${id}` });
  return structuredClone(entity);
}

function closeTicket(run, bed) {
  const printer = farm.table("printer").get(run.printer);
  if (!printer?.ticket) return;
  const seen = farm.reports.get(printer.id);
  if (seen)
    Object.assign(seen, {
      desync: null,
      report: { ...seen.report, print: "standby", progress_permille: 0 },
    });
  farm.commit(
    "printer",
    { ...structuredClone(printer), ticket: null, attention: "ok", attention_params: {}, bed },
    "printer.ticket_closed",
  );
}

const setPrint = (run, print) => {
  const seen = farm.reports.get(run.printer);
  if (seen) seen.report.print = print;
};

const actions = {
  "printer/bed-clear": (printer, body, who) =>
    farm.commit(
      "printer",
      {
        ...printer,
        bed: "clear",
        bed_evidence: { by: who.name, how: body.how ?? "seen", at: new Date().toISOString() },
      },
      "printer.bed_confirmed",
      "bed_confirmed_clear",
      { principal: who.name, how: body.how ?? "seen" },
      who,
    ),
  "printer/mode": (printer, body, who) =>
    farm.commit(
      "printer",
      { ...printer, mode: body.mode },
      "printer.mode_changed",
      "requested",
      { principal: who.name },
      who,
    ),
  "printer/foreign": (printer, body, who) =>
    farm.commit(
      "printer",
      { ...printer, foreign: { ...printer.foreign, verdict: body.verdict } },
      "printer.foreign_settled",
      "requested",
      { principal: who.name },
      who,
    ),
  "printer/confirm": (printer, body, who) =>
    farm.commit(
      "printer",
      { ...printer, unreconciled: false },
      "printer.reconciled",
      "requested",
      { principal: who.name },
      who,
    ),
  "run/pause": (run, body, who) => (
    setPrint(run, "paused"),
    farm.commit("run", { ...run, state: "paused" }, "run.paused", "run_observed_paused", {}, who)
  ),
  "run/resume": (run, body, who) => (
    setPrint(run, "printing"),
    farm.commit(
      "run",
      { ...run, state: "printing" },
      "run.resumed",
      "run_observed_printing",
      {},
      who,
    )
  ),
  "run/cancel": (run, body, who) => (
    closeTicket(run, "occupied"),
    farm.commit(
      "run",
      {
        ...run,
        state: "cancelled",
        why: "run_cancelled_by_person",
        ended_at: new Date().toISOString(),
      },
      "run.cancelled",
      "run_cancelled_by_person",
      {},
      who,
    )
  ),
  "run/settle": (run, body, who) => {
    if (body.verdict === "keep_watching")
      return farm.commit(
        "run",
        { ...run, state: "printing" },
        "run.attention_settled",
        "run_settled_by_person",
        { detail: "keep watching" },
        who,
      );
    closeTicket(run, "occupied");
    return farm.commit(
      "run",
      {
        ...run,
        state: body.verdict === "it_printed" ? "inspecting" : "failed",
        ended_at: new Date().toISOString(),
      },
      "run.attention_settled",
      "run_settled_by_person",
      { detail: body.verdict },
      who,
    );
  },
  "run/inspection": (run, body, who) => {
    const plate = one("plate", run.plate);
    if (body.items.length !== plate.items.length)
      throw new Refusal("run_inspection_incomplete", {
        given: String(body.items.length),
        expected: String(plate.items.length),
      });
    const good = body.items.every((item) => item === "good");
    farm.commit(
      "plate",
      {
        ...plate,
        state: good ? "passed" : "held",
        items: body.items,
        why: good ? "ok" : "run_inspection_failed",
      },
      "plate.inspected",
      good ? "run_inspection_passed" : "run_inspection_failed",
      {},
      who,
    );
    return farm.commit(
      "run",
      {
        ...run,
        state: good ? "passed" : "failed",
        items: body.items,
        why: good ? "ok" : "run_inspection_failed",
        inspection_note: body.note ?? "",
      },
      "run.inspected",
      good ? "run_inspection_passed" : "run_inspection_failed",
      {},
      who,
    );
  },
  "order/cancel": (order, body, who) =>
    farm.commit(
      "order",
      {
        ...order,
        state: "cancelled",
        closed_at: new Date().toISOString(),
        lines: order.lines.map((line) => ({ ...line, state: "cancelled" })),
      },
      "order.cancelled",
      "requested",
      { principal: who.name },
      who,
    ),
  "plan/revisions": (plan, body, who) =>
    farm.commit(
      "plan",
      { ...plan, state: "slicing", why: "ok" },
      "plan.revision_requested",
      "requested",
      { principal: who.name },
      who,
    ),
  "plate/reprint": (plate, body, who) =>
    farm.commit(
      "plate",
      { ...plate, state: "waiting", why: "ok" },
      "plate.run_queued",
      "run_requeued",
      {},
      who,
    ),
  "decision/approve": (decision, body, who) => settle(decision, "approved", body, who),
  "decision/reject": (decision, body, who) => settle(decision, "rejected", body, who),
  "breaker/reset": (breaker, body, who) =>
    farm.commit(
      "breaker",
      { ...breaker, state: "closed", failures: [], resets: breaker.resets + 1 },
      "breaker.reset",
      "breaker_reset",
      { principal: who.name },
      who,
    ),
  "token/revoke": (token, body, who) =>
    farm.commit(
      "token",
      { ...token, revoked: true },
      "token.revoked",
      "requested",
      { principal: who.name },
      who,
    ),
};

function settle(decision, approval, body, who) {
  const run = one("run", decision.run);
  farm.commit(
    "run",
    { ...run, state: "queued", pending_decision: "" },
    approval === "approved" ? "run.approved" : "run.approval_rejected",
    approval === "approved" ? "approval_given" : "approval_rejected",
    { principal: who.name },
    who,
  );
  return farm.commit(
    "decision",
    {
      ...decision,
      approval,
      settled_by: who.name,
      settled_note: body.note ?? "",
      settled_at: new Date().toISOString(),
    },
    `decision.${approval}`,
    approval === "approved" ? "approval_given" : "approval_rejected",
    { principal: who.name },
    who,
  );
}

const tests = {
  nowhere: "link_dns",
  refused: "link_refused",
  silent: "link_timeout",
  locked: "link_auth",
  web: "link_not_klipper",
};

function create(kind, body, query, who) {
  if (kind === "order") {
    body.lines.forEach((line, index) => {
      if (line.quantity % line.pieces_per_plate)
        throw new Refusal("order_line_not_divisible", {
          line: String(index),
          quantity: String(line.quantity),
          per_plate: String(line.pieces_per_plate),
        });
    });
    const { order } = addOrder(farm, body.lines[0].name, {
      state: "queued",
      quantity: body.lines[0].quantity,
      per_plate: body.lines[0].pieces_per_plate,
      reference: body.reference,
    });
    return farm.table("order").get(order);
  }
  if (kind === "printer") {
    if ([...farm.table("printer").values()].some((each) => each.setup.name === body.setup.name))
      throw new Refusal("printer_name_taken", { name: body.setup.name, printer: body.setup.name });
    return farm.commit(
      "printer",
      {
        id: makeId("prn"),
        setup: body.setup,
        mode: "active",
        bed: "unknown",
        bed_evidence: { by: "", how: "", at: null },
        ticket: null,
        foreign: null,
        last_print: { job: "", file: "", job_due: false },
        unreconciled: false,
        attention: "ok",
        attention_params: {},
      },
      "printer.added",
      "requested",
      { principal: who.name },
      who,
    );
  }
  if (kind === "station")
    return farm.commit("station", stationOf(body.setup), "station.added", "requested", {}, who);
  if (kind === "artifact")
    return farm.commit(
      "artifact",
      {
        id: makeId("art"),
        kind: "model",
        name: query.get("name"),
        sha256: "",
        size_bytes: 0,
        stored_at: new Date().toISOString(),
      },
      "artifact.stored",
      "requested",
      { principal: who.name },
      who,
    );
  if (kind === "token")
    return {
      ...farm.commit(
        "token",
        {
          id: makeId("tok"),
          name: body.name,
          roles: body.roles,
          revoked: false,
          issued_at: new Date().toISOString(),
        },
        "token.issued",
        "requested",
        { principal: who.name },
        who,
      ),
      secret: makeId("secret"),
    };
  throw new Refusal("route_not_found", { path: kind });
}

const stationAsks = stationActions(farm, Refusal);

function write(method, [area, id, action, item, verb], body, query, who) {
  if (area === "settings")
    return farm.commit(
      "settings",
      { ...body, id: "set-farm" },
      "settings.changed",
      "requested",
      { principal: who.name },
      who,
    );
  if (id === "test") {
    const reason = tests[body.host] ?? "link_ok";
    return {
      ok: reason === "link_ok",
      reason,
      detail: render(reason, {
        host: body.host,
        port: String(body.port ?? 7125),
        seconds: "3",
        detail: "it served a web page",
      }),
      elapsed_ms: 41,
    };
  }
  const kind = area === "approvals" ? "decision" : plural[area];
  if (!kind) throw new Refusal("route_not_found");
  if (!id) return create(kind, body, query, who);
  if (kind === "station" && action === "checks") return checksOf(farm, one("station", id));
  if (kind === "station" && action) {
    const last = item === "preview" ? item : verb;
    const ask = stationAsks[last ? `${action}/${last}` : action];
    if (!ask) throw new Refusal("route_not_found");
    return ask(one("station", id), body, who, item);
  }
  if (method === "PUT")
    return farm.commit(
      kind,
      { ...one(kind, id), setup: body.setup },
      `${kind}.edited`,
      "requested",
      { principal: who.name },
      who,
    );
  const act = actions[`${kind}/${action}`];
  if (!act) throw new Refusal("route_not_found");
  return act(one(kind, id), body, who);
}

function read([area, id, part], query, who) {
  if (area === "stations" && part === "files") return { items: files };
  if (area === "stations" && part === "history") {
    query.set("subject", `station/${id}`);
    return read(["events"], query, who);
  }
  if (area === "stations" && part === "report") return recordOf(one("station", id));
  if (area === "stations" && ["settings", "recipe"].includes(part))
    return { revision: 3, standing: "saved", notes: [] };
  if (area === "clock") {
    const offset_ms = Date.parse(query.get("client_time")) - Date.now();
    return { offset_ms, offset_verdict: null };
  }
  if (area === "session")
    return {
      principal: who,
      site: "Workshop",
      version: "0.2.0",
      demo: process.argv.includes("--demo") ? { speed: 60 } : null,
      now: new Date().toISOString(),
    };
  if (area === "reasons") return reasons;
  if (area === "settings") return one("settings", "set-farm");
  if (area === "approvals") return list("decision", query, (each) => each.approval === "pending");
  if (area === "events") {
    const after = Number(query.get("after") ?? 0);
    const about = (event) => !query.get("subject") || event.subject === query.get("subject");
    return {
      items: farm.log
        .filter((event) => event.gantryseq > after && about(event))
        .slice(0, Number(query.get("limit") ?? 50)),
      next: null,
      as_of_seq: farm.log.length,
      epoch: farm.epoch,
    };
  }
  const kind = plural[area];
  if (!kind) throw new Refusal("route_not_found");
  if (!id) return list(kind, query);
  const entity = served(kind, one(kind, id));
  if (kind === "order" && query.get("expand"))
    for (const each of ["plan", "plate", "run"])
      entity[`${each}s`] = list(each, new URLSearchParams({ order: id })).items;
  return entity;
}

const streams = new Set();
const frame = (event, data, id) =>
  `${id ? `id: ${id}\n` : ""}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

function stream(answer, after) {
  answer.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  answer.write(
    frame("hello", { epoch: farm.epoch, seq: farm.log.length, now: new Date().toISOString() }),
  );
  for (const event of farm.log.slice(after)) answer.write(frame("log", event, event.id));
  streams.add(answer);
  answer.on("close", () => streams.delete(answer));
}

farm.listeners.add((event, kind, entity) => {
  for (const each of streams)
    each.write(
      frame("log", event, event.id) +
        frame("entity", { kind, id: entity.id, version: entity.version, entity }),
    );
});
setInterval(() => {
  const live = { ...tick(farm), stations: tickStations(farm) };
  for (const each of streams) each.write(frame("live", live));
}, 1000);

function personOf(request) {
  const secret =
    /gantry_session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ??
    /^Bearer (.+)/.exec(request.headers.authorization ?? "")?.[1];
  if (!secret) return null;
  const role = ["viewer", "operator", "planner"].find((each) => each === secret);
  return {
    id: "tok-mia",
    name: role ?? "Mia",
    kind: "user",
    roles: role ? ["viewer", role] : ["admin"],
  };
}

function json(answer, status, body, headers = {}) {
  answer.writeHead(status, {
    "Content-Type": status < 400 ? "application/json" : "application/problem+json",
    ...headers,
  });
  answer.end(JSON.stringify(body));
}

function refuse(answer, reason, params = {}) {
  const entry = entryOf(reason);
  const status = entry.status < 400 ? 409 : entry.status;
  json(answer, status, {
    type: `urn:gantry:reason:${reason}`,
    title: reason,
    status,
    detail: render(reason, params),
    reason,
    params,
    code: entry.code,
    retry_safe: entry.retry_safe,
    severity: entry.severity,
    who: entry.who,
  });
}

function api(request, answer, url, text) {
  const parts = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
  if (parts[0] === "session" && request.method === "POST") {
    const { token } = JSON.parse(text);
    if (token === "wrong") return refuse(answer, "unauthenticated");
    return json(
      answer,
      200,
      {},
      { "Set-Cookie": `gantry_session=${token}; HttpOnly; SameSite=Strict; Path=/` },
    );
  }
  if (parts[0] === "session" && request.method === "DELETE")
    return json(answer, 200, {}, { "Set-Cookie": "gantry_session=; Max-Age=0; Path=/" });
  const who = personOf(request);
  if (!who) return refuse(answer, "unauthenticated");
  if (parts[0] === "events" && request.headers.accept?.includes("event-stream"))
    return stream(answer, Number(url.searchParams.get("after") ?? farm.log.length));
  if (request.method === "GET") return json(answer, 200, read(parts, url.searchParams, who));
  const key = request.headers["idempotency-key"];
  if (!key) return refuse(answer, "idempotency_key_missing");
  if (answered.has(key)) return json(answer, 200, answered.get(key), { "Gantry-Replayed": "true" });
  const isJson = request.headers["content-type"]?.includes("json");
  const body = write(
    request.method,
    parts,
    isJson && text ? JSON.parse(text) : {},
    url.searchParams,
    who,
  );
  answered.set(key, body);
  json(answer, 200, body);
}

const types = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
};

function file(answer, path) {
  const name = join(site, normalize(path === "/" ? "/index.html" : path));
  if (!name.startsWith(site) || !existsSync(name)) return json(answer, 404, {});
  answer.writeHead(200, {
    "Content-Type": types[name.split(".").pop()] ?? "application/octet-stream",
    "Content-Security-Policy": "default-src 'self'",
  });
  answer.end(readFileSync(name));
}

createServer((request, answer) => {
  const url = new URL(request.url, "http://mock");
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    try {
      if (url.pathname.startsWith("/api/v1/"))
        api(request, answer, url, Buffer.concat(chunks).toString("utf8"));
      else file(answer, url.pathname);
    } catch (thrown) {
      if (thrown instanceof Refusal) refuse(answer, thrown.reason, thrown.params);
      else refuse(answer, "internal_error", {}, console.error(thrown));
    }
  });
}).listen(Number(option("port", "8299")), "127.0.0.1", () =>
  console.log("mock on http://127.0.0.1:" + option("port", "8299")),
);
