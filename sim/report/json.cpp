// SPDX-License-Identifier: Apache-2.0
// The JSON report; its fields are documented in docs/json.md.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "places.h"
#include "staleline/report/machine.h"
#include "story.h"

namespace staleline::report {
namespace {

using Json = nlohmann::ordered_json;

Json bytes_of(const std::array<std::uint8_t, 16>& bytes, std::uint8_t size) {
  Json out = Json::array();
  for (std::size_t i = 0; i < std::min<std::size_t>(size, bytes.size()); ++i) out.push_back(bytes[i]);
  return out;
}

Json line_or_null(event::SourceLine line) { return line.value == 0 ? Json(nullptr) : Json(line.value); }

Json deed(const scenario::Scenario& s, const judge::Deed& d) {
  if (d.initial) return {{"agent", nullptr}, {"file", s.file}, {"line", nullptr}, {"cycle", 0}, {"initial", true}};
  return {{"agent", agent_name(s, d.agent)},
          {"file", s.file},
          {"line", line_or_null(d.line)},
          {"cycle", d.cycle},
          {"initial", false}};
}

Json hazard(const run::Result& result, const run::FoundHazard& found) {
  const auto& s = *result.scenario;
  const auto& h = found.hazard;
  const auto& kind = judge::kind_of(h.id);
  const Story st = story(result, found);
  Json out;
  out["id"] = judge::spelled(h.id);
  out["rule"] = judge::spelled(kind.rule);
  out["slug"] = kind.slug;
  out["verdict"] = judge::spelled(h.verdict);
  out["agent"] = agent_name(s, h.agent);
  out["address"] = hex(h.address.value);
  out["region"] = found.region ? Json(s.regions[*found.region].name) : Json(nullptr);
  out["offset"] = found.region ? Json(h.address - s.regions[*found.region].base) : Json(nullptr);
  out["size"] = h.bytes;
  out["sample_address"] = hex(h.sample_address.value);
  out["saw"] = bytes_of(h.saw, h.sample_size);
  out["should"] = bytes_of(h.should, h.sample_size);
  out["writer"] = h.what.empty() || h.writer.line.value != 0 ? deed(s, h.writer) : Json(nullptr);
  out["culprit"] = h.culprit ? deed(s, *h.culprit) : Json(nullptr);
  out["holder"] =
      found.holder
          ? Json{{"cache", found.holder->cache}, {"state", found.holder->state}, {"since", found.holder->since}}
          : Json(nullptr);
  out["file"] = s.file;
  out["line"] = line_or_null(h.line);
  out["column"] = quoted(s, h.line).column;
  if (result.place_of && result.place_of(h.agent, h.line)) out["place"] = line_name(result, h.agent, h.line);
  out["cycle"] = h.cycle;
  out["expected"] = found.expected;
  out["message"] = st.sentence;
  out["fix"] = Json::array();
  for (const auto& p : st.patches)
    for (const auto& op : p.operations)
      out["fix"].push_back({{"text", op},
                            {"agent", agent_name(s, p.agent)},
                            {"file", s.file},
                            {"where", p.before ? "before" : "after"},
                            {"line", line_or_null(p.line)}});
  return out;
}

Json statistics(const run::Statistics& t) {
  return {{"cycles", t.cycles},
          {"instructions", t.instructions},
          {"loads", t.loads},
          {"stores", t.stores},
          {"maintenance", t.maintenance},
          {"barriers", t.barriers},
          {"fills", t.fills},
          {"write_backs", t.write_backs},
          {"memory_reads", t.memory_reads},
          {"memory_writes", t.memory_writes},
          {"snoops", t.snoops}};
}

Json expectations(const run::Result& result) {
  const auto& s = *result.scenario;
  Json failed = Json::array(), missing = Json::array();
  for (const auto& f : result.expect_failures)
    failed.push_back({{"agent", agent_name(s, f.agent)},
                      {"file", s.file},
                      {"line", line_or_null(f.line)},
                      {"text", f.text},
                      {"explained", f.explained}});
  for (const auto index : result.missing) {
    const auto& e = s.expected[index];
    missing.push_back({{"id", judge::spelled(e.id)},
                       {"agent", agent_name(s, e.agent)},
                       {"region", e.region ? Json(s.regions[*e.region].name) : Json(nullptr)},
                       {"verdict", e.verdict ? Json(judge::spelled(*e.verdict)) : Json(nullptr)},
                       {"file", s.file},
                       {"line", line_or_null(e.line)}});
  }
  return {{"failed", failed}, {"missing_hazards", missing}};
}

Json limit(const run::Result& result) {
  switch (result.limit) {
    case run::Limit::None:
      return nullptr;
    case run::Limit::Cycles:
      return {{"kind", "cycles"}, {"text", result.limit_text}};
    case run::Limit::Deadlock:
      return {{"kind", "deadlock"}, {"text", result.limit_text}};
    case run::Limit::Guest:
      return {{"kind", "guest"}, {"text", result.limit_text}};
    case run::Limit::Interrupted:
      break;
  }
  return {{"kind", "interrupted"}, {"text", result.limit_text}};
}

Json one(const Record& record) {
  Json out;
  out["file"] = record.file;
  if (!record.result) {
    out["variant"] = record.variant.empty() ? Json(nullptr) : Json(record.variant);
    out["exit_code"] = record.exit_code;
    out["errors"] = Json::array();
    for (const auto& e : record.errors)
      out["errors"].push_back({{"file", e.file}, {"line", e.line}, {"column", e.column}, {"message", e.message}});
    return out;
  }
  const auto& r = *record.result;
  out["scenario"] = r.scenario->name;
  out["variant"] = record.variant;
  out["seed"] = r.options.seed;
  out["adversary"] = r.options.adversary ? Json(*r.options.adversary) : Json(nullptr);
  out["exit_code"] = record.exit_code;
  out["cycles"] = r.statistics.cycles;
  out["statistics"] = statistics(r.statistics);
  out["limit"] = limit(r);
  out["hazards"] = Json::array();
  for (const auto& h : r.hazards) out["hazards"].push_back(hazard(r, h));
  if (!r.options.judge) {
    out["hazards"] = out["statistics"]["fills"] = out["statistics"]["write_backs"] = nullptr;
  }
  out["expectations"] = expectations(r);
  return out;
}

}  // namespace

std::string json(const std::vector<Record>& records, int exit_code, bool many_seeds) {
  Json out;
  out["schema_version"] = kJsonSchemaVersion;
  out["staleline"] = {
      {"version", program_version()}, {"scenario_schema", kScenarioSchemaVersion}, {"rule_set", kRuleSetVersion}};
  out["exit_code"] = exit_code;
  out["runs"] = Json::array();
  for (const auto& r : records) out["runs"].push_back(one(r));
  if (many_seeds) {
    out["seeds"] = Json::array();
    for (const auto& c : over_seeds(records))
      out["seeds"].push_back({{"file", c.file},
                              {"variant", c.variant},
                              {"id", judge::spelled(c.id)},
                              {"agent", c.agent},
                              {"region", c.region.empty() ? Json(nullptr) : Json(c.region)},
                              {"observed", c.observed},
                              {"latent", c.latent},
                              {"noted", c.noted}});
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

const char* program_version() { return STALELINE_VERSION; }

}  // namespace staleline::report
