// SPDX-License-Identifier: Apache-2.0
// Runs with one instruction left out, each in a process of its own.
#include "staleline/boot/mutate.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <tuple>

namespace staleline::boot {

namespace {

using event::Kind;
using Json = nlohmann::json;
using Key = std::tuple<std::uint16_t, std::uint16_t, std::uint32_t>;

Key key_of(const judge::Hazard& h) { return {static_cast<std::uint16_t>(h.id), h.agent.value, h.line.value}; }

/// The instructions to leave out, in the order in which they came first.
std::vector<Mutation> candidates(const run::Result& windowed, const Told& told) {
  std::vector<Mutation> out;
  for (const Window::Row& r : told.window->rows()) {
    const bool barrier = r.kind == Kind::Barrier || r.kind == Kind::ContextSync;
    if (!barrier && r.kind != Kind::Maintenance && r.kind != Kind::Tlbi) continue;
    const auto place = windowed.place_of(told.guest_agent, r.line);
    if (!place || (r.kind == Kind::ContextSync && !is_isb(place->word))) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const Mutation& m) { return m.place.pc == place->pc; });
    if (same != out.end()) {
      same->times += r.times;
    } else {
      out.push_back({.kind = r.kind, .place = *place, .times = r.times});
    }
  }
  return out;
}

/// What a process tells of its run.
std::string told_of(const run::Result& result, const Told& told, const Arrival& arrival, const std::set<Key>& known) {
  Json found = Json::array();
  for (const auto& f : result.hazards) {
    const judge::Hazard& h = f.hazard;
    if (h.verdict == judge::Verdict::Note || known.contains(key_of(h))) continue;
    const auto place = result.place_of(h.agent, h.line);
    found.push_back({static_cast<unsigned>(h.id), static_cast<unsigned>(h.verdict), h.address.value,
                     place ? place_text(*told.guest, *place) : ""});
  }
  return Json{{"arrived", arrival.arrived}, {"stopped", arrival.stopped}, {"found", found}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

void take(const std::string& text, Mutation& m) {
  const Json all = Json::parse(text, nullptr, false);
  if (all.is_discarded()) throw std::runtime_error("a run with an instruction left out came to no end");
  m.arrived = all["arrived"].get<bool>();
  m.stopped = all["stopped"].get<std::string>();
  for (const Json& f : all["found"])
    m.found.push_back({static_cast<judge::HazardId>(f[0].get<unsigned>()),
                       static_cast<judge::Verdict>(f[1].get<unsigned>()),
                       {f[2].get<std::uint64_t>()},
                       f[3].get<std::string>()});
}

struct Process {
  pid_t id = 0;
  int from = -1;
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void write_all(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const auto n = ::write(to, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

/// A process that does `work` and sends what it returns.
template <class Work>
Process start(Work&& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) fail("pipe");
  const pid_t id = ::fork();
  if (id < 0) fail("fork");
  if (id == 0) {
    ::close(ends[0]);
    int code = 1;
    try {
      write_all(ends[1], work());
      code = 0;
    } catch (...) {  // the other side finds nothing
    }
    ::_exit(code);
  }
  ::close(ends[1]);
  return {id, ends[0]};
}

std::string finish(const Process& p) {
  std::string text = read_all(p.from);
  ::close(p.from);
  while (::waitpid(p.id, nullptr, 0) < 0 && errno == EINTR) {
  }
  return text;
}

}  // namespace

std::vector<Mutation> mutate(const run::Result& baseline, const run::Result& windowed, const Told& told,
                             const std::function<run::Result(const std::vector<arm::VirtAddr>& nops)>& run,
                             const std::function<Arrival(const run::Result&)>& arrival) {
  std::vector<Mutation> out = candidates(windowed, told);
  std::set<Key> known;
  for (const auto& f : baseline.hazards) known.insert(key_of(f.hazard));
  const std::size_t most = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 64);
  std::vector<Process> running;
  std::size_t started = 0;
  for (std::size_t done = 0; done < out.size(); ++done) {
    for (; started < out.size() && started < done + most; ++started) {
      const arm::VirtAddr pc = out[started].place.pc;
      running.push_back(start([&] {
        const run::Result result = run({pc});
        return told_of(result, told, arrival(result), known);
      }));
    }
    take(finish(running[done]), out[done]);
  }
  return out;
}

}  // namespace staleline::boot
