// SPDX-License-Identifier: Apache-2.0
// Memory events as Chrome/Perfetto trace events: agents are threads of one process, caches of another.
#include "staleline/report/trace.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "places.h"
#include "staleline/cache/line_state.h"

namespace staleline::report {
namespace {

using event::Kind;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMemoryTrack = 63;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Read:
      return "read";
    case Kind::Write:
      return "write";
    case Kind::Fetch:
      return "fetch";
    case Kind::Walk:
      return "walk";
    case Kind::Maintenance:
      return "maintenance";
    case Kind::Barrier:
      return "barrier";
    case Kind::ContextSync:
      return "context synchronisation";
    case Kind::EdgeSend:
      return "send";
    case Kind::EdgeReceive:
      return "receive";
    case Kind::Live:
      return "live";
    case Kind::Tlbi:
      return "tlbi";
    case Kind::Translation:
      return "translation";
    case Kind::SystemRegister:
      return "system register";
    case Kind::Fault:
      return "fault";
    case Kind::Grant:
      return "grant";
    case Kind::Revoke:
      return "revoke";
    case Kind::Power:
      return "power";
    case Kind::Unsynchronised:
      return "unsynchronised";
    case Kind::Fill:
      return "fill";
    case Kind::Upgrade:
      return "state";
    case Kind::Drop:
      return "drop";
    case Kind::WriteBack:
      return "write back";
    case Kind::Invalidate:
      return "invalidate";
    case Kind::MemoryWrite:
      return "memory write";
  }
  return "event";
}

bool is_access(Kind k) { return k <= Kind::Walk || k == Kind::MemoryWrite; }
bool is_copy(Kind k) { return k >= Kind::Fill; }

std::string cache_name(event::CacheRef c) {
  using Level = event::CacheRef::Level;
  const char* level = c.level == Level::L1I      ? "L1I"
                      : c.level == Level::L1D    ? "L1D"
                      : c.level == Level::L2     ? "L2"
                      : c.level == Level::Shared ? "shared cache"
                                                 : "system cache";
  return c.pe == event::kNoPe ? level : fmt::format("{} of core {}", level, c.pe.value);
}

std::string title(const scenario::Scenario& s, const event::Event& e) {
  switch (e.kind) {
    case Kind::Maintenance:
      return fmt::format("{} {}", arm::name_of(static_cast<arm::CacheOp>(e.aux)), spelled(s, e.address));
    case Kind::Barrier: {
      const auto b = event::unpack_barrier(e.aux);
      const char* kind = b.kind == arm::BarrierKind::DMB ? "dmb" : b.kind == arm::BarrierKind::DSB ? "dsb" : "isb";
      return b.kind == arm::BarrierKind::ISB ? kind : fmt::format("{} {}", kind, arm::option_of(b));
    }
    case Kind::EdgeSend:
    case Kind::EdgeReceive:
      return fmt::format("{} {}", name_of(e.kind),
                         e.aux < s.edges.size() ? s.edges[e.aux].name : fmt::format("edge {}", e.aux));
    case Kind::ContextSync:
      return std::string(name_of(e.kind));
    default:
      return fmt::format("{} {}", name_of(e.kind), spelled(s, e.address));
  }
}

std::string dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

TraceFile::TraceFile(std::ostream& out) : out_(out) { out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":["; }

TraceFile::~TraceFile() { close(); }

void TraceFile::close() {
  if (closed_) return;
  closed_ = true;
  out_ << "\n]}\n";
}

void TraceFile::entry(const std::string& json_object) {
  out_ << (first_ ? "\n" : ",\n") << json_object;
  first_ = false;
}

TraceListener::TraceListener(TraceFile& file, const scenario::Scenario& scenario, const std::string& title)
    : file_(file), scenario_(scenario), agents_(++file.processes_), caches_(++file.processes_) {
  for (const auto& [process, what] : {std::pair{agents_, "agents"}, std::pair{caches_, "caches"}})
    file_.entry(
        dump({{"name", "process_name"}, {"ph", "M"}, {"pid", process}, {"args", {{"name", title + " " + what}}}}));
  for (std::size_t i = 0; i < scenario_.agents.size(); ++i) name_track(agents_, i + 1, scenario_.agents[i].name);
}

void TraceListener::name_track(std::uint64_t process, std::uint64_t track, const std::string& name) {
  file_.entry(
      dump({{"name", "thread_name"}, {"ph", "M"}, {"pid", process}, {"tid", track}, {"args", {{"name", name}}}}));
}

std::uint64_t TraceListener::cache_track(event::CacheRef cache) {
  // 16 cores at most, three private levels each; then the shared levels and memory.
  const auto level = static_cast<std::uint64_t>(cache.level);
  const std::uint64_t track =
      cache.pe == event::kNoPe ? 48 + level : std::min<std::uint64_t>(cache.pe.value * 3U + level, 47);
  if ((named_caches_ >> track & 1) == 0) {
    named_caches_ |= std::uint64_t{1} << track;
    name_track(caches_, track + 1, cache_name(cache));
  }
  return track + 1;
}

void TraceListener::on_event(const event::Event& e) {
  if (e.kind == Kind::Live || e.kind == Kind::Unsynchronised) return;
  if (e.kind == Kind::SystemRegister && e.detail != 0) return;
  Json args;
  std::uint64_t process = agents_, track = e.agent.value + 1U;
  if (e.kind == Kind::MemoryWrite) {
    process = caches_;
    track = kMemoryTrack + 1;
    if ((named_caches_ >> kMemoryTrack & 1) == 0) {
      named_caches_ |= std::uint64_t{1} << kMemoryTrack;
      name_track(caches_, track, "memory");
    }
  } else if (is_copy(e.kind)) {
    process = caches_;
    track = cache_track(event::CacheRef::unpack(e.aux));
    args["state"] = cache::name_of(static_cast<cache::LineState>(e.detail));
  }
  if (e.kind != Kind::Barrier && e.kind != Kind::ContextSync && e.kind != Kind::EdgeSend && e.kind != Kind::EdgeReceive)
    args["address"] = hex(e.address.value);
  if (is_access(e.kind)) {
    args["size"] = e.size;
    if (e.size <= 8)
      args["data"] = hex(e.data[0] & (e.size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * e.size) - 1));
    if (e.kind != Kind::MemoryWrite) args["attributes"] = arm::name_of(e.path.memory);
  }
  if (e.line.value != 0) args["line"] = e.line.value;
  file_.entry(dump({{"name", title(scenario_, e)},
                    {"cat", name_of(e.kind)},
                    {"ph", "X"},
                    {"ts", e.cycle},
                    {"dur", 1},
                    {"pid", process},
                    {"tid", track},
                    {"args", args}}));
}

}  // namespace staleline::report
