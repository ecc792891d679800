// SPDX-License-Identifier: Apache-2.0
// The report of a boot for people.
#include "staleline/report/text.h"

#include <fmt/format.h>

#include "staleline/a64/decode.h"
#include "staleline/a64/shown.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/boot/boot.h"
#include "staleline/boot/listing.h"
#include "staleline/boot/mutate.h"
#include "table.h"

namespace staleline::boot {

using event::Kind;

namespace {

constexpr std::size_t kMostAccesses = 40, kMostRows = 80;

std::string address_range(const Window::Row& r) {
  if (r.kind == Kind::Barrier || r.kind == Kind::Tlbi || r.kind == Kind::ContextSync) return {};
  if (r.kind == Kind::Maintenance && !arm::is_by_va(static_cast<arm::CacheOp>(r.aux))) return {};
  const bool one = r.times == 1 && r.kind != Kind::Maintenance;
  return one ? fmt::format("{:#x}", r.first.value) : fmt::format("{:#x}..{:#x}", r.first.value, r.end.value);
}

std::string protects(const run::Result& result, const Told& told, event::AgentId agent, const Window::Row& r) {
  if (r.kind != Kind::Maintenance || address_range(r).empty()) return {};
  if (r.protects == 0) return "nothing written with the MMU off";
  const auto place = result.place_of(agent, r.protected_);
  return fmt::format("{} line{} written with the MMU off{}", r.protects, r.protects == 1 ? "" : "s",
                     place ? fmt::format(" at {}", place_text(*told.guest, *place)) : "");
}

std::string window_table(const run::Result& result, const Told& told, event::AgentId agent, const Window& window) {
  const auto& rows = window.rows();
  std::uint64_t reads = 0, writes = 0, maintenance = 0;
  std::size_t left_out = 0;
  Table table({"pc", "function", "instruction", "times", "address", "what it protects"}, {3});
  for (const auto& r : rows) {
    if (r.kind == Kind::Read) reads += r.times;
    if (r.kind == Kind::Write) writes += r.times;
    if (r.kind == Kind::Maintenance) maintenance += r.times;
    const auto place = result.place_of(agent, r.line);
    if (!place || (r.kind == Kind::ContextSync && !is_isb(place->word))) continue;
    // Maintenance is what one looks for; of the rest the first tell enough.
    const bool cache_or_tlb = r.kind == Kind::Maintenance || r.kind == Kind::Tlbi;
    if (table.rows() + 1 >= (cache_or_tlb ? kMostRows : kMostAccesses)) {
      ++left_out;
      continue;
    }
    table.add({fmt::format("{:#x}", place->pc.value), symbol_text(*told.guest, place->pc), instruction_text(*place),
               std::to_string(r.times), address_range(r), protects(result, told, agent, r)});
  }
  std::string out = fmt::format("with the MMU off: {} reads, {} writes, {} of cache maintenance{}\n", reads, writes,
                                maintenance, window.open() ? "" : fmt::format(", until cycle {}", window.closed_at()));
  if (table.rows() == 0) return out;
  out += table.text();
  if (left_out != 0) out += fmt::format("  ... {} instructions more; `--json` has all\n", left_out);
  return out;
}

}  // namespace

std::string symbol_text(const Guest& guest, arm::VirtAddr pc) {
  const auto place = guest.symbols.at(pc.value);
  return place ? place->text() : "";
}

std::string place_text(const Guest& guest, const pe::CodePlace& place) {
  const std::string symbol = symbol_text(guest, place.pc);
  return symbol.empty() ? fmt::format("{:#x}", place.pc.value) : fmt::format("{} ({:#x})", symbol, place.pc.value);
}

std::string instruction_text(const pe::CodePlace& place) {
  const auto instruction = a64::decode(place.word, place.pc);
  return instruction ? a64::text_of(*instruction, place.pc) : fmt::format(".inst {:#010x}", place.word);
}

std::string text(const run::Result& result, const Told& told, bool color) {
  std::string out = told.listing != nullptr ? listing_text(*told.listing, *told.guest) : "";
  if (result.options.judge) {
    out += window_table(result, told, told.guest_agent, *told.window) + "\n";
    for (const Told::Cpu& cpu : told.others)
      if (!cpu.window->rows().empty())
        out += fmt::format("{}, {}\n", cpu.name, window_table(result, told, cpu.agent, *cpu.window));
  }
  if (told.mutations != nullptr) out += mutations_text(*told.mutations, *told.guest) + "\n";
  if (!told.stopped.empty()) out += told.stopped + "\n";
  for (const Told::Cpu& cpu : told.others) out += fmt::format("{}: {}\n", cpu.name, cpu.stopped);
  const report::Record record{told.name, told.variant, told.exit_code, result, {}};
  return out + report::text(record, {color, false, false});
}

}  // namespace staleline::boot
