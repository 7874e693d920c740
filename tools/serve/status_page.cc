#include "tools/serve/status_page.h"

namespace trimaran::serve {
namespace {

constexpr std::string_view kPage = R"page(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trimaran</title>
<style>
:root { --ink:#1d2430; --soft:#667085; --line:#e2e6ec; --card:#fff;
  --page:#f5f7fa; --good:#15803d; --bad:#b42318; --mark:#2563eb; }
@media (prefers-color-scheme: dark) {
  :root { --ink:#e6e9ef; --soft:#98a2b3; --line:#2b3340; --card:#171c24;
    --page:#0f1319; --good:#4ade80; --bad:#f97066; --mark:#60a5fa; } }
* { box-sizing:border-box; }
body { margin:0; background:var(--page); color:var(--ink);
  font:14px/1.45 system-ui,sans-serif; }
main { max-width:1080px; margin:0 auto; padding:24px 16px; }
header { display:flex; flex-wrap:wrap; gap:8px 14px; align-items:baseline;
  margin-bottom:16px; }
h1 { font-size:20px; margin:0; }
h2 { font-size:12px; margin:0 0 8px; color:var(--soft); font-weight:600;
  letter-spacing:.05em; text-transform:uppercase; }
.soft { color:var(--soft); }
.badge { padding:2px 9px; border-radius:99px; font-size:12px; font-weight:600;
  border:1px solid currentColor; }
.good { color:var(--good); } .bad { color:var(--bad); }
.tiles { display:grid; gap:12px; margin-bottom:12px;
  grid-template-columns:repeat(auto-fit,minmax(165px,1fr)); }
.card { background:var(--card); border:1px solid var(--line);
  border-radius:10px; padding:14px 16px; margin-bottom:12px; overflow-x:auto; }
.tiles .card { margin:0; }
.value { font-size:20px; font-weight:600; white-space:nowrap;
  font-variant-numeric:tabular-nums; }
.two { display:grid; gap:12px;
  grid-template-columns:repeat(auto-fit,minmax(320px,1fr)); }
table { border-collapse:collapse; width:100%;
  font-variant-numeric:tabular-nums; }
th { text-align:left; color:var(--soft); font-weight:500; }
th,td { padding:5px 12px 5px 0; border-bottom:1px solid var(--line);
  white-space:nowrap; }
tr:last-child td { border-bottom:0; }
.number { text-align:right; }
svg { width:100%; height:64px; display:block; }
polyline { fill:none; stroke:var(--mark); stroke-width:1.6;
  vector-effect:non-scaling-stroke; }
</style>
</head>
<body><main>
<header>
  <h1>Trimaran</h1>
  <span id="who" class="soft"></span>
  <span id="role" class="badge"></span>
  <span id="health" class="badge"></span>
  <span id="error" class="bad"></span>
</header>
<div class="tiles">
  <div class="card"><h2>Commands / s</h2><div class="value" id="rate">–</div>
  </div>
  <div class="card"><h2>Reads p50 / p99</h2>
    <div class="value" id="reads">–</div></div>
  <div class="card"><h2>Writes p50 / p99</h2>
    <div class="value" id="writes">–</div></div>
  <div class="card"><h2>Clients</h2><div class="value" id="clients">–</div>
  </div>
  <div class="card"><h2>Memory</h2><div class="value" id="memory">–</div></div>
</div>
<div class="two">
  <div class="card"><h2>Commands per second, last two minutes</h2>
    <svg id="rates" viewBox="0 0 120 40" preserveAspectRatio="none"></svg></div>
  <div class="card"><h2>Writes p99 (ms), last two minutes</h2>
    <svg id="waits" viewBox="0 0 120 40" preserveAspectRatio="none"></svg></div>
</div>
<div class="card"><h2>Members</h2>
  <table><thead><tr><th>id</th><th>name</th><th>address</th><th>role</th>
    <th class="number">durable</th><th class="number">lag</th>
    <th class="number">round trip</th><th>state</th></tr></thead>
    <tbody id="members"></tbody></table>
  <div class="soft" id="hint"></div>
</div>
<div class="two">
  <div class="card"><h2>Log</h2><table><tbody id="log"></tbody></table></div>
  <div class="card"><h2>Counted since the start</h2>
    <table><tbody id="counts"></tbody></table></div>
</div>
</main>
<script>
"use strict";
const at = id => document.getElementById(id);
const grouped = n => Number(n).toLocaleString("en");
const history = { rates: [], waits: [] };
let before = null;

function row(cells) {
  const line = document.createElement("tr");
  for (const cell of cells) {
    const place = document.createElement("td");
    place.textContent = cell.text;
    place.className = cell.kind || "";
    line.append(place);
  }
  return line;
}
function pairs(id, entries) {
  at(id).replaceChildren(...entries.map(([name, value]) => row([
    { text: name, kind: "soft" }, { text: grouped(value), kind: "number" }])));
}
function percentile(counts, ends, share) {
  const total = counts.reduce((a, b) => a + b, 0);
  if (total === 0) return null;
  let seen = 0;
  for (let i = 0; i < counts.length; ++i) {
    seen += counts[i];
    if (seen >= total * share) return i < ends.length ? ends[i] : Infinity;
  }
  return Infinity;
}
function since(now, old, kinds) {
  const sum = new Array(now.server.bucket_ends_ms.length + 1).fill(0);
  for (const kind of kinds) {
    now.server.latency[kind].forEach((count, i) => {
      sum[i] += count - old.server.latency[kind][i];
    });
  }
  return sum;
}
function shown(ms) {
  if (ms === null) return "–";
  return ms === Infinity ? ">10 s" : "≤" + ms + " ms";
}
function draw(id, values) {
  const top = Math.max(...values, 1e-9);
  const points = values.map((value, i) =>
    (120 - values.length + i) + "," + (38 - 36 * value / top).toFixed(2));
  at(id).innerHTML = '<polyline points="' + points.join(" ") + '"/>';
}
function showRates(now) {
  if (before === null || now.server.commands < before.server.commands) {
    return;
  }
  const old = before;
  const seconds = (now.at - old.at) / 1000;
  const rate = (now.server.commands - old.server.commands) / seconds;
  at("rate").textContent = grouped(Math.round(rate));
  const ends = now.server.bucket_ends_ms;
  const reads = since(now, old, ["read", "scan"]);
  const writes = since(now, old, ["write", "update"]);
  at("reads").textContent = shown(percentile(reads, ends, .5)) + " / " +
    shown(percentile(reads, ends, .99));
  at("writes").textContent = shown(percentile(writes, ends, .5)) + " / " +
    shown(percentile(writes, ends, .99));
  history.rates.push(rate);
  history.waits.push(Math.min(percentile(writes, ends, .99) || 0, 10000));
  for (const id of ["rates", "waits"]) {
    if (history[id].length > 120) history[id].shift();
    draw(id, history[id]);
  }
}
function stateOf(member) {
  if (member.self) return { text: "this replica" };
  if (member.error) return { text: member.error, kind: "bad" };
  if (member.needs_snapshot) return { text: "gets a snapshot", kind: "bad" };
  if (member.active === false) return { text: "not heard of", kind: "bad" };
  if (member.connected === false) return { text: "not connected", kind: "bad" };
  return { text: "ok", kind: "good" };
}
function showMembers(now) {
  const number = value => ({
    text: value === undefined ? "–" : grouped(value), kind: "number" });
  at("members").replaceChildren(...now.members.map(member => row([
    { text: member.id }, { text: member.name }, { text: member.address },
    { text: member.leader ? "leader" : member.voter ? "voter" : "learner" },
    number(member.durable), number(member.lag),
    { text: member.round_trip_ms === undefined ? "–" :
        member.round_trip_ms.toFixed(2) + " ms", kind: "number" },
    stateOf(member)])));
  at("hint").textContent = now.role === "leader" ? "" :
    "Durable and lag are known to the leader: look at replica " + now.leader;
}
function show(now) {
  const cluster = now.cluster_name ?
    now.cluster_name + " (" + now.cluster + ")" : now.cluster;
  at("who").textContent = "replica " + now.replica + " of cluster " +
    cluster + ", term " + now.term + ", " + now.server.redis;
  at("role").textContent = now.role;
  at("health").textContent = now.unhealthy || "healthy";
  at("health").className = "badge " + (now.unhealthy ? "bad" : "good");
  at("clients").textContent = grouped(now.server.clients);
  at("memory").textContent =
    (now.server.memory / 1048576).toFixed(0) + " MiB";
  showRates(now);
  showMembers(now);
  pairs("log", [["last entry", now.log.last], ["durable", now.log.durable],
    ["committed", now.log.commit], ["applied", now.log.applied],
    ["checkpoint", now.log.checkpoint],
    ["forgotten up to", now.log.truncated],
    ["KiB on the disk", Math.round(now.log.bytes / 1024)],
    ["writes waiting", now.writes_waiting],
    ["reads waiting", now.reads_waiting]]);
  pairs("counts", [["commands of clients", now.server.commands],
    ["commands applied", now.counts.commands_applied],
    ["log writes", now.counts.log_writes],
    ["changes of the leader", now.counts.leader_changes],
    ["checkpoints", now.counts.checkpoints],
    ["snapshots made", now.counts.snapshots_produced],
    ["snapshots installed", now.counts.snapshots_installed],
    ["uptime (s)", now.server.uptime_seconds]]);
}
async function poll() {
  try {
    const answer = await fetch("/status.json", { cache: "no-store" });
    const now = await answer.json();
    now.at = performance.now();
    show(now);
    before = now;
    at("error").textContent = "";
  } catch (error) {
    at("error").textContent = "no answer: " + error.message;
  }
  setTimeout(poll, 1000);
}
poll();
</script>
</body></html>
)page";

}  // namespace

std::string_view StatusPage() { return kPage; }

}  // namespace trimaran::serve
