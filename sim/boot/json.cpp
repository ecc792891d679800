// SPDX-License-Identifier: Apache-2.0
// The report of a boot for machines: what `run --json` has, and the guest's part.
#include <nlohmann/json.hpp>

#include "staleline/arm/vocabulary.h"
#include "staleline/boot/boot.h"
#include "staleline/boot/listing.h"
#include "staleline/boot/mutate.h"
#include "staleline/report/machine.h"

namespace staleline::boot {

namespace {

using Json = nlohmann::ordered_json;
using event::Kind;

std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), kDigits[value & 0xf]);
    value >>= 4;
  } while (value != 0);
  return "0x" + out;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Read:
      return "read";
    case Kind::Write:
      return "write";
    case Kind::Maintenance:
      return "maintenance";
    case Kind::Barrier:
    case Kind::ContextSync:
      return "barrier";
    default:
      return "tlbi";
  }
}

Json place(const Guest& guest, const std::optional<pe::CodePlace>& p) {
  if (!p) return nullptr;
  const std::string symbol = symbol_text(guest, p->pc);
  return {{"pc", hex(p->pc.value)},
          {"symbol", symbol.empty() ? Json(nullptr) : Json(symbol)},
          {"word", hex(p->word)},
          {"instruction", instruction_text(*p)}};
}

Json window_of(const run::Result& result, const Told& told, event::AgentId agent, const Window& window) {
  Json rows = Json::array();
  for (const auto& r : window.rows()) {
    const auto at = result.place_of(agent, r.line);
    if (r.kind == Kind::ContextSync && !(at && is_isb(at->word))) continue;
    Json row = {{"what", name_of(r.kind)}, {"place", place(*told.guest, at)}, {"times", r.times}};
    if (r.kind == Kind::Read || r.kind == Kind::Write || r.kind == Kind::Maintenance) {
      row["first"] = hex(r.first.value);
      row["end"] = hex(r.end.value);
    }
    if (r.kind == Kind::Maintenance) {
      row["lines_written_with_mmu_off"] = r.protects;
      row["written_by"] = r.protects == 0 ? Json(nullptr) : place(*told.guest, result.place_of(agent, r.protected_));
    }
    rows.push_back(std::move(row));
  }
  return {{"closed_at", window.open() ? Json(nullptr) : Json(window.closed_at())}, {"rows", rows}};
}

Json mutations(const Told& told) {
  Json out = Json::array();
  for (const Mutation& m : *told.mutations) {
    Json found = Json::array();
    for (const auto& f : m.found) {
      const judge::HazardKind& kind = judge::kind_of(f.id);
      found.push_back({{"id", judge::spelled(f.id)},
                       {"rule", judge::spelled(kind.rule)},
                       {"slug", kind.slug},
                       {"verdict", judge::spelled(f.verdict)},
                       {"address", hex(f.address.value)},
                       {"place", f.place}});
    }
    out.push_back({{"what", name_of(m.kind)},
                   {"place", place(*told.guest, m.place)},
                   {"times", m.times},
                   {"carries", m.carries()},
                   {"arrived", m.arrived},
                   {"stopped", m.stopped},
                   {"hazards", found}});
  }
  return out;
}

Json listing(const Told& told) {
  Json out = Json::array();
  for (const auto& l : told.listing->lines()) {
    Json one = place(*told.guest, l.place);
    one["times"] = l.times;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::string json(const run::Result& result, const Told& told) {
  const report::Record record{told.name, told.variant, told.exit_code, result, {}};
  Json out = Json::parse(report::json({record}, told.exit_code, false));
  Json ends = Json::array();
  for (const auto& g : result.guests)
    ends.push_back({{"agent", result.scenario->agents[g.agent.value].name},
                    {"pc", hex(g.pc.value)},
                    {"instructions", g.instructions},
                    {"ended", g.ending != pe::Ending::None}});
  out["boot"] = {
      {"stopped", told.stopped},
      {"console", told.console},
      {"guests", ends},
      {"mmu_off", result.options.judge ? window_of(result, told, told.guest_agent, *told.window) : Json(nullptr)}};
  for (const Told::Cpu& cpu : told.others)
    out["boot"]["cpus"].push_back(
        {{"agent", cpu.name},
         {"stopped", cpu.stopped},
         {"mmu_off", result.options.judge ? window_of(result, told, cpu.agent, *cpu.window) : Json(nullptr)}});
  if (told.mutations != nullptr) out["boot"]["mutations"] = mutations(told);
  if (told.listing != nullptr) out["boot"]["listing"] = listing(told);
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace staleline::boot
