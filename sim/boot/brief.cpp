// SPDX-License-Identifier: Apache-2.0
// A boot in a few lines: what the guest did with its MMU off, by kind and from when on, and the verdict.
#include <fmt/format.h>

#include <algorithm>

#include "staleline/boot/boot.h"
#include "staleline/report/text.h"

namespace staleline::boot {

using event::Kind;

namespace {

/// Rows of one kind of deed.
struct Deeds {
  Kind kind = Kind::Read;
  std::uint32_t aux = 0;
  event::Cycle since = 0;
  std::uint64_t times = 0;
  event::SourceLine line{};  ///< of the first
};

std::vector<Deeds> by_kind(const Window& window) {
  std::vector<Deeds> all;
  for (const Window::Row& r : window.rows()) {
    if (r.kind == Kind::ContextSync) continue;  // accesses nothing
    // Operations of maintenance are told apart, barriers are not.
    const bool apart = r.kind == Kind::Maintenance || r.kind == Kind::Tlbi;
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const Deeds& d) { return d.kind == r.kind && (!apart || d.aux == r.aux); });
    if (same == all.end()) {
      all.push_back({r.kind, r.aux, r.since, r.times, r.line});
    } else {
      same->times += r.times;
    }
  }
  return all;
}

std::string_view plural(Kind kind) {
  switch (kind) {
    case Kind::Read:
      return "reads";
    case Kind::Write:
      return "writes";
    case Kind::Barrier:
      return "barriers";
    default:
      return "";
  }
}

}  // namespace

std::string brief(const run::Result& result, const Told& told, bool color) {
  std::string out = fmt::format("{:>11}  {:>9}\n", "cycle", "times");
  for (const Deeds& d : by_kind(*told.window)) {
    const auto place = result.place_of(told.guest_agent, d.line);
    const std::string code = place ? instruction_text(*place) : "";
    const std::string_view many = plural(d.kind);
    out += fmt::format("{:>11}  {:>9}  {}{}{}\n", d.since, d.times, many.empty() ? code : many,
                       many.empty() ? " from " : fmt::format(" with the MMU off, the first by `{}` at ", code),
                       place ? place_text(*told.guest, *place) : "");
  }
  if (!told.window->open()) out += fmt::format("{:>11}  {:>9}  the MMU comes on\n", told.window->closed_at(), 1);
  out += fmt::format("{:>11}  {:>9}  {}\n\n", result.statistics.cycles, "", told.stopped);
  const report::Record record{told.name, told.variant, told.exit_code, result, {}};
  return out + report::text(record, {color, false, false});
}

}  // namespace staleline::boot
