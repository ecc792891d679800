// SPDX-License-Identifier: Apache-2.0
// The story of one hazard as sentences. Each hazard kind says what it means for the reader.
#include "story.h"

#include <fmt/format.h>

#include <algorithm>

#include "places.h"
#include "staleline/report/rules.h"

namespace staleline::report {
namespace {

using judge::HazardId;
using judge::Verdict;

bool placed(const std::optional<run::HolderState>& holder) {
  return holder && !holder->cache.empty() && holder->cache != "none";
}

bool dirty(const run::HolderState& holder) {
  return holder.state.find("Modified") != std::string::npos || holder.state.find("Owned") != std::string::npos ||
         holder.state.find("irty") != std::string::npos;
}

/// Whether the holder of this hazard keeps an older copy; otherwise it keeps the newest bytes.
bool holds_older(HazardId id, const run::HolderState& holder) {
  return id == HazardId::StaleCopy ||
         ((id == HazardId::StaleInstruction || id == HazardId::StaleWalk) && !dirty(holder)) ||
         id == HazardId::LostToWriteBack;
}

std::string_view verb(HazardId id, bool sure) {
  if (id == HazardId::StaleInstruction) return sure ? "fetches" : "may fetch";
  if (id == HazardId::StaleWalk) return sure ? "walks" : "may walk";
  return sure ? "reads" : "may read";
}

std::string by(const run::Result& r, const judge::Deed& deed) {
  std::string out = agent_name(*r.scenario, deed.agent);
  if (deed.line.value != 0) out += fmt::format(" at {}", line_name(r, deed.agent, deed.line));
  return out;
}

/// True where one of the fixes starts with `operation`.
bool missing(const judge::Hazard& h, std::string_view operation) {
  return std::any_of(h.fixes.begin(), h.fixes.end(),
                     [operation](const judge::Fix& f) { return f.operation.starts_with(operation); });
}

/// Where the copy sat, as the end of a sentence.
std::string whereabouts(const run::Result& r, const run::FoundHazard& found) {
  const auto& h = found.hazard;
  const bool sure = h.verdict == Verdict::Observed;
  switch (h.id) {
    case HazardId::LostToWriteBack:
      return fmt::format("and an older dirty line{} {} over it",
                         h.culprit ? fmt::format(", written by {},", by(r, *h.culprit)) : "",
                         sure ? "was written back" : "can be written back");
    case HazardId::LostToInvalidate:
      return h.culprit
                 ? fmt::format("and the invalidate of {} {} it", by(r, *h.culprit), sure ? "discarded" : "can discard")
                 : std::string(sure ? "and an invalidate discarded it" : "and an invalidate can discard it");
    case HazardId::NotOrdered:
      return "and nothing orders that write before the read";
    default:
      break;
  }
  if (h.in_tlb) return sure ? "and a TLB has kept the older one" : "and a TLB may keep the older one";
  if (placed(found.holder)) {
    const auto& holder = *found.holder;
    if (holds_older(h.id, holder))
      return fmt::format("an older copy sits in {} since cycle {}", holder.cache, holder.since);
    return fmt::format("still {}in {} since cycle {}", dirty(holder) ? "dirty " : "", holder.cache, holder.since);
  }
  switch (h.id) {
    case HazardId::StaleBelowCache:
      if (h.under_way) return "which was cleaned and may still be on its way to memory";
      return "which may still be only in a cache that the reader looks past";
    case HazardId::StaleInstruction:
      return "and an instruction cache, or the path below it, may keep older bytes";
    case HazardId::StaleWalk:
      return "and the walker may reach older bytes";
    case HazardId::LostToPowerOff:
      return "and the caches that may have held it alone lost power";
    case HazardId::NeverGranted:
      return "and what was there before was not meant for the reader";
    default:
      return "and the reader's caches may keep an older copy";
  }
}

/// What a hazard that is no stale read concerns.
std::string target(const scenario::Scenario& s, const judge::Hazard& h) {
  if (h.address.value != 0 || !h.va) return spelled(s, h.address);
  return fmt::format("virtual address {}", hex(h.va->value));
}

std::string sentence(const run::Result& result, const run::FoundHazard& found) {
  const auto& s = *result.scenario;
  const auto& h = found.hazard;
  const std::string reader = agent_name(s, h.agent);
  if (!h.what.empty() && h.bytes == 0) return fmt::format("{} {}", reader, h.what);
  if (!h.what.empty()) return fmt::format("{} {}: {}", reader, h.what, target(s, h));
  const std::string place = spelled(s, h.sample_size != 0 ? h.sample_address : h.address);
  const std::string should = spelled_bytes(h.should, h.sample_size);
  const std::string wrote =
      h.writer.initial ? fmt::format("its initial contents are {}", should)
                       : fmt::format("{} wrote {}{}", agent_name(s, h.writer.agent), should,
                                     h.writer.line.value != 0
                                         ? fmt::format(" at {}", line_name(result, h.writer.agent, h.writer.line))
                                         : "");
  if (h.verdict == Verdict::Note)
    return fmt::format("{} {} an older copy of {} that holds the same bytes", reader, verb(h.id, false), place);
  const std::string where = whereabouts(result, found);
  const std::string_view comma = where.starts_with("and ") ? " " : ", ";
  if (h.verdict == Verdict::Observed)
    return fmt::format("{} {} {} = {} but {}{}{}", reader, verb(h.id, true), place, spelled_bytes(h.saw, h.sample_size),
                       wrote, comma, where);
  return fmt::format("{} {} old bytes of {}: {}{}{}", reader, verb(h.id, false), place, wrote, comma, where);
}

std::string where_line(const run::FoundHazard& found) {
  if (!placed(found.holder) || found.hazard.in_tlb) return {};
  const auto& holder = *found.holder;
  return fmt::format("{} in {}, {}, since cycle {}",
                     holds_older(found.hazard.id, holder) ? "an older copy sat" : "the newest bytes sat", holder.cache,
                     holder.state.empty() ? "state unknown" : holder.state, holder.since);
}

/// "line 12 (cycle 812)", or only the cycle for what stands on no line.
std::string moment(const run::Result& r, event::AgentId agent, event::SourceLine line, event::Cycle cycle) {
  return line.value == 0 ? fmt::format("cycle {}", cycle)
                         : fmt::format("{} (cycle {})", line_name(r, agent, line), cycle);
}

/// The legal event that another run may have and that goes wrong. The operation that is missing tells which it is.
std::string how_line(const run::Result& r, const run::FoundHazard& found) {
  const auto& h = found.hazard;
  if (h.verdict != Verdict::Latent) return {};
  const std::string write = h.writer.initial ? "cycle 0" : moment(r, h.writer.agent, h.writer.line, h.writer.cycle);
  const std::string read = moment(r, h.agent, h.line, h.cycle);
  const std::string below = fmt::format("unless the cache line happens to be written back before {}, ", read);
  const std::string fill = fmt::format("a fill of the cache line before {} would keep the old bytes", write);
  const std::string early = fmt::format("{} may take its bytes before the write of {} has become visible", read, write);
  switch (h.id) {
    case HazardId::StaleBelowCache:
      if (h.under_way) return fmt::format("the clean may be done before the bytes are in memory, and {} with it", read);
      return below + "the reader gets the older bytes below that cache";
    case HazardId::StaleCopy:
      return fill;
    case HazardId::StaleInstruction:
      if (missing(h, "dc c")) return below + "the fetch gets the older bytes below that cache";
      if (missing(h, "ic "))
        return fmt::format("a fill of an instruction cache before {} would keep the old bytes", write);
      if (missing(h, "isb"))
        return fmt::format("an instruction fetched ahead, before {}, would still be executed", write);
      return early;
    case HazardId::StaleWalk:
      if (h.in_tlb)
        return fmt::format("an entry that a TLB took from the descriptor before {} would still be used", write);
      if (missing(h, "dc i")) return fill;
      if (missing(h, "dc c")) return below + "the walk gets the older bytes below that cache";
      return early;
    case HazardId::LostToWriteBack:
      return fmt::format(
          "a write-back of the cache line{} after {} would overwrite the new bytes",
          h.culprit && !h.culprit->initial
              ? fmt::format(", dirty since {},", moment(r, h.culprit->agent, h.culprit->line, h.culprit->cycle))
              : "",
          write);
    case HazardId::LostToInvalidate:
      return fmt::format(
          "unless the cache line happens to be written back before{}, the invalidate discards the new bytes",
          h.culprit ? " " + moment(r, h.culprit->agent, h.culprit->line, h.culprit->cycle) : "");
    case HazardId::NotOrdered:
      return early;
    case HazardId::NotSynchronised:
      return fmt::format("{} may still use what the register said before {}, or use what it says since", read, write);
    case HazardId::LostToPowerOff:
      return "unless the cache line happens to be written back before the power goes, the new bytes are gone";
    case HazardId::BreakBeforeMake:
      return "a TLB that holds the old entry when it takes the new one may use either, or abort";
    case HazardId::NeverGranted:
      return below + "the reader sees what the former owner left";
    default:
      return {};
  }
  return {};
}

std::vector<Marker> markers(const scenario::Scenario& s, const run::FoundHazard& found) {
  const auto& h = found.hazard;
  const std::string should = spelled_bytes(h.should, h.sample_size);
  std::vector<Marker> out;
  if (!h.writer.initial && h.writer.line.value != 0)
    out.push_back({h.writer.line,
                   fmt::format("{} wrote {} here (cycle {})", agent_name(s, h.writer.agent),
                               h.id == judge::HazardId::NotSynchronised ? "the register" : should, h.writer.cycle),
                   h.writer.agent});
  if (h.culprit && h.culprit->line.value != 0 && !h.culprit->initial) {
    const char* did = h.id == HazardId::LostToWriteBack    ? "left an older dirty line here"
                      : h.id == HazardId::LostToInvalidate ? "invalidated the line here"
                      : h.id == HazardId::LostToPowerOff   ? "took the power away here"
                                                           : "made the older copy here";
    out.push_back({h.culprit->line,
                   fmt::format("{} {} (cycle {})", agent_name(s, h.culprit->agent), did, h.culprit->cycle),
                   h.culprit->agent});
  }
  const std::string reader = agent_name(s, h.agent);
  std::string says;
  if (!h.what.empty())
    says = fmt::format("{} {} (cycle {})", reader, h.what, h.cycle);
  else if (h.verdict == Verdict::Observed)
    says = fmt::format("{} saw {}, should have seen {} (cycle {})", reader, spelled_bytes(h.saw, h.sample_size), should,
                       h.cycle);
  else if (h.verdict == Verdict::Latent)
    says = fmt::format("{} must see {}; this run was lucky, another legal one is not", reader, should);
  else
    says = fmt::format("{} may use an older copy of the same bytes", reader);
  if (h.line.value != 0) out.push_back({h.line, says, h.agent, true});
  std::stable_sort(out.begin(), out.end(), [](const Marker& a, const Marker& b) { return a.line < b.line; });
  return out;
}

/// What makes an operand of `by` one of `whose`: "VIEW:" where it is not the view of `by` itself.
std::string view_of(const scenario::Scenario& s, event::AgentId whose, event::AgentId by) {
  const std::size_t view = s.agents.at(whose.value).view;
  return view >= s.views.size() || view == s.agents.at(by.value).view ? "" : s.views[view].name + ":";
}

/// `fix`, widened by what the same operation at the same place has to cover for hazards of the same kind,
/// reader and region: one operation over the range instead of one for each read.
judge::Fix widened(judge::Fix fix, const run::Result& result, const run::FoundHazard& found) {
  if (fix.bytes == 0) return fix;
  std::uint64_t begin = fix.address.value, end = begin + fix.bytes;
  const auto line = [](std::uint64_t a) { return a & ~(arm::kLineBytes - 1); };
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& other : result.hazards) {
      if (other.hazard.id != found.hazard.id || other.hazard.agent != found.hazard.agent ||
          other.region != found.region)
        continue;
      for (const auto& f : other.hazard.fixes) {
        if (f.bytes == 0 || f.operation != fix.operation || f.agent != fix.agent || f.after != fix.after ||
            f.before != fix.before)
          continue;
        const std::uint64_t f_begin = f.address.value, f_end = f_begin + f.bytes;
        if (line(f_begin) > line(end + arm::kLineBytes - 1) || line(begin) > line(f_end + arm::kLineBytes - 1))
          continue;
        if (f_begin >= begin && f_end <= end) continue;
        begin = std::min(begin, f_begin);
        end = std::max(end, f_end);
        grown = true;
      }
    }
  }
  fix.address = arm::PhysAddr{begin};
  fix.bytes = end - begin;
  return fix;
}

bool touches_region(const scenario::Scenario& s, arm::PhysAddr address, std::uint64_t bytes) {
  return std::any_of(s.regions.begin(), s.regions.end(),
                     [&](const scenario::Region& r) { return r.base < address + bytes && address < r.base + r.bytes; });
}

/// No region names what the operation has to cover: TLB maintenance of everything does, others take it in a register.
std::string without_region(const judge::Fix& fix) {
  if (!fix.operation.starts_with("tlbi"))
    return fmt::format("{}, xN  // {:#x} to {:#x}", fix.operation, fix.address.value, fix.address.value + fix.bytes);
  if (fix.operation.find("ipas2") != std::string::npos) return "tlbi vmalls12e1is";
  return fix.operation.find("e2") != std::string::npos ? "tlbi alle2is" : "tlbi vmalle1is";
}

std::vector<Patch> patches(const run::Result& result, const run::FoundHazard& found) {
  const auto& s = *result.scenario;
  std::vector<Patch> out;
  for (const auto& one : found.hazard.fixes) {
    const auto fix = widened(one, result, found);
    const bool before = fix.before.value != 0;
    const auto line = before ? fix.before : fix.after;
    const bool tlbi = fix.operation.starts_with("tlbi");
    const std::string view = tlbi ? view_of(s, fix.whose.value_or(found.hazard.agent), fix.agent) : "";
    std::string operation =
        fix.bytes == 0                               ? fix.operation
        : !touches_region(s, fix.address, fix.bytes) ? without_region(fix)
        : fix.operation.starts_with("str")
            ? fmt::format("{}, [{}]", fix.operation, spelled(s, fix.address))
            : fmt::format("{}, {}{}", fix.operation, view, spelled_span(s, fix.address, fix.bytes, found.region));
    // TLB maintenance without an operand is for the VMID in force: at EL2 a view can be named.
    if (!view.empty() && operation.starts_with("tlbi vm") && operation.find(',') == std::string::npos &&
        s.agents.at(fix.agent.value).el == 2)
      operation += ", " + view.substr(0, view.size() - 1);
    if (out.empty() || out.back().line != line || out.back().before != before || out.back().agent != fix.agent)
      out.push_back({before, line, fix.agent, {}});
    // Maintenance of both stages leaves nothing for that of stage 1 behind it.
    auto& operations = out.back().operations;
    if (const auto n = operations.size(); operation.starts_with("tlbi vmalle1is") && n >= 2 &&
                                          operations[n - 2].starts_with("tlbi vmalls12e1is") &&
                                          operations[n - 1] == "dsb ish")
      operations.pop_back();
    else
      operations.push_back(operation);
  }
  return out;
}

}  // namespace

std::string position(const scenario::Scenario& s, event::SourceLine line) {
  return fmt::format("{}:{}:{}", s.file, std::max(line.value, 1U), quoted(s, line).column);
}

std::string position(const run::Result& result, event::AgentId agent, event::SourceLine line) {
  const bool guest = result.place_of && result.place_of(agent, line);
  return guest ? line_name(result, agent, line) : position(*result.scenario, line);
}

bool fails(const run::FoundHazard& found, bool strict) {
  return found.hazard.verdict != Verdict::Note && (strict || !found.expected);
}

const run::FoundHazard* leading(const run::Result& result, bool strict) {
  const auto pick = [&](auto predicate) -> const run::FoundHazard* {
    const auto at = std::find_if(result.hazards.begin(), result.hazards.end(), predicate);
    return at == result.hazards.end() ? nullptr : &*at;
  };
  // What did go wrong comes before what could, and what fails the run before what is declared.
  for (const auto verdict : {Verdict::Observed, Verdict::Latent})
    if (const auto* f = pick([&](const auto& h) { return fails(h, strict) && h.hazard.verdict == verdict; })) return f;
  for (const auto verdict : {Verdict::Observed, Verdict::Latent, Verdict::Note})
    if (const auto* f = pick([&](const auto& h) { return h.hazard.verdict == verdict; })) return f;
  return nullptr;
}

Story story(const run::Result& result, const run::FoundHazard& found) {
  const auto& s = *result.scenario;
  const auto& h = found.hazard;
  const auto& kind = judge::kind_of(h.id);
  const auto rule = rule_text(kind.rule);
  Story out;
  out.position = position(result, h.agent, h.line);
  out.title = fmt::format("{} {} {} ({})", h.verdict == Verdict::Note ? "note" : "hazard", judge::spelled(h.id),
                          kind.slug, judge::spelled(h.verdict));
  out.sentence = sentence(result, found);
  out.markers = markers(s, found);
  out.where = where_line(found);
  out.how = how_line(result, found);
  out.rule = fmt::format("{} {}, {} {}: {}", judge::spelled(kind.rule), rule.name, judge::spelled(h.id), kind.slug,
                         kind.summary);
  out.patches = patches(result, found);
  return out;
}

std::vector<std::string> missing_sentences(const run::Result& result) {
  const auto& s = *result.scenario;
  const auto declared_at = [&](event::SourceLine line) {  // YAML, where `name:` is no label
    const auto first = quoted(s, line).text.find_first_not_of(' ');
    return fmt::format("{}:{}:{}", s.file, std::max(line.value, 1U), first == std::string::npos ? 1 : first + 1);
  };
  std::vector<std::string> out;
  for (const auto index : result.missing) {
    const auto& e = s.expected[index];
    out.push_back(fmt::format("{}: expected hazard {} of {}{}{} was not found", declared_at(e.line),
                              judge::spelled(e.id), agent_name(s, e.agent),
                              e.region ? fmt::format(" in {}", s.regions[*e.region].name) : "",
                              e.verdict ? fmt::format(" ({})", judge::spelled(*e.verdict)) : ""));
  }
  return out;
}

std::vector<std::string> expect_sentences(const run::Result& result, bool strict) {
  std::vector<std::string> out;
  for (const auto& f : result.expect_failures) {
    if (f.explained && !strict) continue;
    const auto& s = *result.scenario;
    const Quoted q = quoted(s, f.line);
    // Faults and placed events that found nothing fail too, on lines of their own.
    const bool expect = q.length != 0 && q.text.compare(q.column - 1, 7, ".expect") == 0;
    out.push_back(fmt::format("{}: {}{}: {}{}", position(result, f.agent, f.line),
                              expect ? "expectation failed for " : "failed for ", agent_name(s, f.agent), f.text,
                              f.explained ? " (a hazard above explains it)" : ""));
  }
  return out;
}

std::string limit_sentence(const run::Result& result) {
  if (result.limit == run::Limit::None) return {};
  const char* what = result.limit == run::Limit::Cycles     ? "stopped at the cycle limit"
                     : result.limit == run::Limit::Deadlock ? "no agent can go on"
                                                            : "interrupted";
  return result.limit_text.empty() ? what : result.limit_text;
}

}  // namespace staleline::report
