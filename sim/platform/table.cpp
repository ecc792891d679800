// SPDX-License-Identifier: Apache-2.0
// Every platform parameter: name, unit, bounds, meaning, and where its value lives.
#include "table.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "staleline/a64/number.h"

namespace staleline::platform {

namespace {

using cache::Level;
using Replacement = Level::Replacement;
using SharedName = event::CacheRef::Level;

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

std::string spelled_bytes(std::uint64_t bytes) {
  if (bytes != 0 && bytes % kGiB == 0) return fmt::format("{} GiB", bytes / kGiB);
  if (bytes != 0 && bytes % kMiB == 0) return fmt::format("{} MiB", bytes / kMiB);
  if (bytes != 0 && bytes % kKiB == 0) return fmt::format("{} KiB", bytes / kKiB);
  return fmt::format("{}", bytes);
}

struct Bounds {
  std::uint64_t low = 0, high = 0;
};

// A whole number between two bounds; `field` gives a reference to it.
template <class Field>
Row number(std::string key, std::string unit, std::string meaning, Bounds bounds, Field field) {
  const bool bytes = unit == "bytes";
  const auto spelled = [bytes](std::uint64_t v) { return bytes ? spelled_bytes(v) : fmt::format("{}", v); };
  Row row{std::move(key), std::move(unit), std::move(meaning), {}, {}};
  row.read = [field, spelled](const Parameters& p) {
    Parameters copy = p;
    return spelled(field(copy));
  };
  row.write = [field, spelled, bounds](Parameters& p, std::string_view text) -> std::string {
    const auto parsed = a64::parse_number(text);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) return *wrong;
    const std::uint64_t value = std::get<std::uint64_t>(parsed);
    if (value < bounds.low || value > bounds.high) {
      return fmt::format("{} is out of range: expected {} to {}", spelled(value), spelled(bounds.low),
                         spelled(bounds.high));
    }
    auto& target = field(p);
    target = static_cast<std::remove_reference_t<decltype(target)>>(value);
    return {};
  };
  return row;
}

// One of several words; `field` gives a reference to an enumeration or a bool.
template <class Field, class Value, std::size_t count>
Row word(std::string key, std::string meaning, std::array<std::pair<std::string_view, Value>, count> words,
         Field field) {
  Row row{std::move(key), "", std::move(meaning), {}, {}};
  row.read = [field, words](const Parameters& p) {
    Parameters copy = p;
    for (const auto& [name, value] : words) {
      if (value == field(copy)) return std::string(name);
    }
    return std::string("?");
  };
  row.write = [field, words](Parameters& p, std::string_view text) -> std::string {
    std::string expected;
    for (const auto& [name, value] : words) {
      if (name == text) {
        field(p) = value;
        return {};
      }
      expected += fmt::format("{}`{}`", expected.empty() ? "" : " or ", name);
    }
    return fmt::format("`{}` is no such value: expected {}", text, expected);
  };
  return row;
}

template <class Field>
Row truth(std::string key, std::string meaning, Field field) {
  return word(std::move(key), std::move(meaning),
              std::array<std::pair<std::string_view, bool>, 4>{
                  {{"true", true}, {"false", false}, {"on", true}, {"off", false}}},
              field);
}

/// Of both sides.
Row tlb_l1() {
  const auto field = [](Parameters& p) -> auto& { return p.tlb.l1_data.entries; };
  Row row = number("tlb.l1_entries", "entries", "first-level TLBs of each PE, for data and for instructions", {1, 4096},
                   field);
  const auto write = row.write;
  row.write = [write](Parameters& p, std::string_view text) {
    auto wrong = write(p, text);
    p.tlb.l1_instruction.entries = p.tlb.l1_data.entries;
    return wrong;
  };
  return row;
}

template <class Geometry>
void add_level(std::vector<Row>& rows, const std::string& name, const std::string& what, std::uint64_t smallest,
               Geometry level) {
  rows.push_back(number(name + ".bytes", "bytes", "size of " + what + (smallest == 0 ? "; 0: absent" : ""),
                        {smallest, kGiB}, [level](Parameters& p) -> auto& { return level(p).bytes; }));
  rows.push_back(number(name + ".ways", "", "ways of " + what, {1, 64},
                        [level](Parameters& p) -> auto& { return level(p).ways; }));
  rows.push_back(number(name + ".hit_cycles", "cycles", "latency of a hit in " + what, {1, 1000},
                        [level](Parameters& p) -> auto& { return level(p).hit_cycles; }));
  rows.push_back(
      word(name + ".replacement", "replacement of " + what,
           std::array<std::pair<std::string_view, Replacement>, 3>{
               {{"lru", Replacement::LRU}, {"plru", Replacement::PseudoLRU}, {"random", Replacement::Random}}},
           [level](Parameters& p) -> auto& { return level(p).replacement; }));
}

std::vector<Row> make_rows() {
  std::vector<Row> r;
  r.push_back(number("cores", "", "processing elements", {1, 16}, [](Parameters& p) -> auto& { return p.cores; }));
  r.push_back(number("store_buffer.entries", "lines", "store buffer of each PE", {1, 256},
                     [](Parameters& p) -> auto& { return p.store_buffer_entries; }));
  r.push_back(number("store_buffer.drain_cycles", "cycles", "a store leaves the store buffer at the latest after this",
                     {1, 1'000'000}, [](Parameters& p) -> auto& { return p.store_buffer_drain_cycles; }));
  r.push_back(truth("ctr.idc", "CTR_EL0.IDC: instruction fills see what data caches hold",
                    [](Parameters& p) -> auto& { return p.idc; }));
  r.push_back(truth("ctr.dic", "CTR_EL0.DIC: instruction caches need no invalidation",
                    [](Parameters& p) -> auto& { return p.dic; }));
  r.push_back(truth("ets2", "FEAT_ETS2: a PE's own table walks see its stores without context synchronisation",
                    [](Parameters& p) -> auto& { return p.ets2; }));
  r.push_back(truth("exclusives.global_monitor",
                    "exclusives and atomics of other memory than Write-Back have a global monitor, else they fault",
                    [](Parameters& p) -> auto& { return p.global_monitor; }));
  r.push_back(tlb_l1());
  r.push_back(number("tlb.l2_entries", "entries", "second-level TLB of each PE, 4-way; 0: absent", {0, 1U << 16},
                     [](Parameters& p) -> auto& { return p.tlb.l2.entries; }));
  add_level(r, "l1i", "the L1 instruction cache", kKiB, [](Parameters& p) -> Level& { return p.caches.l1i; });
  r.push_back(
      truth("l1i.vipt",
            "CTR_EL0.L1Ip: the L1 instruction cache is indexed by virtual addresses, and IC IVAU reaches one alias",
            [](Parameters& p) -> auto& { return p.caches.vipt; }));
  add_level(r, "l1d", "the L1 data cache", kKiB, [](Parameters& p) -> Level& { return p.caches.l1d; });
  add_level(r, "l2", "the private L2 cache", 0, [](Parameters& p) -> Level& { return p.caches.l2; });
  r.push_back(number("prefetch.lines", "lines", "next-line prefetch on an L1D load miss", {0, 16},
                     [](Parameters& p) -> auto& { return p.caches.prefetch_lines; }));
  r.push_back(number("replacement.seed", "", "of random replacement", {0, UINT64_MAX},
                     [](Parameters& p) -> auto& { return p.caches.seed; }));
  add_level(r, "shared", "the cache that all PEs share (a cluster's L2)", 0,
            [](Parameters& p) -> Level& { return shared_level(p, SharedName::Shared).geometry; });
  add_level(r, "system", "the second shared cache (L3, system cache)", 0,
            [](Parameters& p) -> Level& { return shared_level(p, SharedName::System).geometry; });
  r.push_back(truth("system.below_poc", "the system cache lies below the Point of Coherency, before memory",
                    [](Parameters& p) -> auto& { return shared_level(p, SharedName::System).below_poc; }));
  r.push_back(number("interconnect.link_cycles", "cycles", "one way from a PE or a device to the home of a line",
                     {1, 10'000}, [](Parameters& p) -> auto& { return p.interconnect.link_cycles; }));
  r.push_back(number("interconnect.snoop_cycles", "cycles", "one way from the home of a line to a snooped PE",
                     {1, 10'000}, [](Parameters& p) -> auto& { return p.interconnect.snoop_cycles; }));
  r.push_back(number("interconnect.home_occupancy_cycles", "cycles", "how long a request occupies the home", {1, 1000},
                     [](Parameters& p) -> auto& { return p.interconnect.home_occupancy_cycles; }));
  r.push_back(number("interconnect.snoop_filter_lines", "lines",
                     "capacity of the snoop filter, which back-invalidates; 0: exact and unbounded", {0, 1U << 24},
                     [](Parameters& p) -> auto& { return p.interconnect.snoop_filter_lines; }));
  r.push_back(truth("quirks.clean_completes_early",
                    "a clean is acknowledged before its bytes are in memory (Arm System Interconnect L1 4311569)",
                    [](Parameters& p) -> auto& { return p.interconnect.quirks.clean_completes_early; }));
  r.push_back(truth("quirks.clean_loses_to_eviction",
                    "a clean does not wait for an eviction of its line that is under way (Cortex-A53 855873)",
                    [](Parameters& p) -> auto& { return p.interconnect.quirks.clean_loses_to_eviction; }));
  r.push_back(truth("quirks.invalidate_promoted_not_forwarded",
                    "DC IVAC that a PE promotes to clean and invalidate loses what is dirty in shared levels",
                    [](Parameters& p) -> auto& { return p.interconnect.quirks.invalidate_promoted_not_forwarded; }));
  r.push_back(truth("quirks.fetches_out_of_order",
                    "what was fetched ahead may be executed after newer instructions (Neoverse N1 1542419)",
                    [](Parameters& p) -> auto& { return p.fetches_out_of_order; }));
  r.push_back(truth("quirks.tlbi_completes_early",
                    "TLBI and DSB do not wait for stores through what they remove; a second pair does (CVE-2025-10263)",
                    [](Parameters& p) -> auto& { return p.tlbi_completes_early; }));
  r.push_back(truth("quirks.clean_leaves_dirty",
                    "a clean may leave its line marked dirty (Cortex-A53 824069, 827319, 819472)",
                    [](Parameters& p) -> auto& { return p.interconnect.quirks.clean_leaves_dirty; }));
  r.push_back(truth("quirks.maintenance_needs_dsb",
                    "DC by VA may stop at shared caches without a DSB before it (Cortex-A9 764369)",
                    [](Parameters& p) -> auto& { return p.interconnect.quirks.maintenance_needs_dsb; }));
  r.push_back(number("memory.cycles", "cycles", "latency of DRAM", {1, 100'000},
                     [](Parameters& p) -> auto& { return p.interconnect.memory_cycles; }));
  r.push_back(number("memory.occupancy_cycles", "cycles", "how long a line occupies a DRAM channel", {1, 10'000},
                     [](Parameters& p) -> auto& { return p.interconnect.memory_occupancy_cycles; }));
  r.push_back(number("memory.channels", "", "DRAM channels, interleaved by line", {1, 64},
                     [](Parameters& p) -> auto& { return p.interconnect.memory_channels; }));
  return r;
}

// The index of a cache must be a bit field.
std::optional<Conflict> check(const std::string& name, const Level& l) {
  if (l.bytes == 0) return std::nullopt;
  const std::uint64_t way = std::uint64_t{l.ways} * arm::kLineBytes;
  if (l.bytes % way == 0 && std::has_single_bit(l.bytes / way)) return std::nullopt;
  return Conflict{name + ".", fmt::format("{} in {} ways of 64-byte lines: the number of sets is no power of two",
                                          spelled_bytes(l.bytes), l.ways)};
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> table = make_rows();
  return table;
}

interconnect::SharedLevel& shared_level(Parameters& p, SharedName name) {
  auto& shared = p.interconnect.shared;
  for (auto& level : shared) {
    if (level.name == name) return level;
  }
  interconnect::SharedLevel absent;
  absent.geometry = {.bytes = 0, .ways = 16, .hit_cycles = 12};
  absent.name = name;
  return *shared.insert(name == SharedName::Shared ? shared.begin() : shared.end(), absent);
}

void prune(Parameters& p) {
  std::erase_if(p.interconnect.shared, [](const interconnect::SharedLevel& l) { return l.geometry.bytes == 0; });
}

std::optional<Conflict> conflict(const Parameters& p) {
  if (auto c = check("l1i", p.caches.l1i)) return c;
  if (auto c = check("l1d", p.caches.l1d)) return c;
  if (auto c = check("l2", p.caches.l2)) return c;
  if (p.tlb.l2.ways != 0 && (p.tlb.l2.entries % p.tlb.l2.ways != 0 ||
                             (p.tlb.l2.entries != 0 && !std::has_single_bit(p.tlb.l2.entries / p.tlb.l2.ways)))) {
    return Conflict{"tlb.l2_entries", fmt::format("{} entries in {} ways: the number of sets is no power of two",
                                                  p.tlb.l2.entries, p.tlb.l2.ways)};
  }
  for (const auto& level : p.interconnect.shared) {
    if (auto c = check(level.name == SharedName::Shared ? "shared" : "system", level.geometry)) return c;
  }
  if (p.caches.l2.bytes != 0 && p.caches.l2.bytes < p.caches.l1d.bytes) {
    return Conflict{"l2.", "the private L2 includes L1D and must not be smaller"};
  }
  return std::nullopt;
}

}  // namespace staleline::platform
