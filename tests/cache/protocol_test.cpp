// SPDX-License-Identifier: Apache-2.0
// The protocol tables explored exhaustively: two PEs, one line, every order in which messages of
// different channels can arrive and every operation at every moment.
#include "staleline/cache/protocol.h"

#include <array>
#include <catch2/catch.hpp>
#include <compare>
#include <deque>
#include <map>
#include <set>
#include <string>

namespace staleline::cache::protocol {
namespace {

constexpr std::uint8_t kPes = 2;

/// Bytes are abstracted to one bit: are they those of the last write in the coherent order?
struct Carried {
  bool present = false, newest = false;
  auto operator<=>(const Carried&) const = default;
};

struct ToHome {
  Request request{};
  std::uint8_t from = 0;
  Carried bytes{};
  auto operator<=>(const ToHome&) const = default;
};
struct Response {
  Holds holds{};
  Carried bytes{};
  auto operator<=>(const Response&) const = default;
};
struct Reply {
  LineEvent event{};
  bool done = false;  ///< a maintenance or Write-Through completion instead of `event`
  Carried bytes{};
  auto operator<=>(const Reply&) const = default;
};

struct Pe {
  LineState state = LineState::Invalid;
  bool newest = false;           ///< of the copy, or of the write-back buffer
  bool waits = false;            ///< one maintenance or Write-Through operation is under way ...
  bool writes_through = false;   ///< ... and it is a Write-Through store
  std::vector<ToHome> requests;  // each channel is in order; channels are not ordered among each other
  std::vector<Snoop> snoops;
  std::vector<Response> responses;
  std::vector<Reply> replies;
  bool acknowledgement = false;
  auto operator<=>(const Pe&) const = default;
};

struct World {
  std::array<Pe, kPes> pe;
  Directory directory{};
  bool memory_newest = true;   ///< the level below the PEs, as far as coherent readers see it
  std::deque<ToHome> waiting;  // at the home
  bool open = false, replied = false;
  ToHome request{};
  std::uint8_t awaited = 0;
  Carried collected{};

  [[nodiscard]] auto key() const {
    return std::tie(pe, directory.holders, directory.owner, memory_newest, waiting, open, replied, request, awaited,
                    collected);
  }
  bool operator<(const World& other) const { return key() < other.key(); }
};

/// What went wrong, if anything.
struct Failed {
  std::string what;
};

void write(World& w, std::uint8_t by) {
  for (Pe& p : w.pe) {
    p.newest = false;
    for (ToHome& m : p.requests) m.bytes.newest = false;
    for (Response& m : p.responses) m.bytes.newest = false;
    for (Reply& m : p.replies) m.bytes.newest = false;
  }
  for (ToHome& m : w.waiting) m.bytes.newest = false;
  w.request.bytes.newest = false;
  w.collected.newest = false;
  w.memory_newest = false;
  if (by < kPes) w.pe[by].newest = true;
}

void require(bool condition, const char* what) {
  if (!condition) throw Failed{what};
}

bool readable(LineState s) { return holds_of(s) != Holds::Nothing; }

// ---- The requester: exactly what protocol::step says. ----

void local(World& w, std::uint8_t i, LineEvent e) {
  Pe& p = w.pe[i];
  const Step s = step(p.state, e);
  require(s.action != LineAction::Impossible, "a local event met a state that has no row for it");
  switch (s.action) {
    case LineAction::Hit:
      p.state = s.next;
      if (e == LineEvent::Load) require(p.newest, "a load hit an old copy");
      if (e == LineEvent::Store) write(w, i);
      return;
    case LineAction::SendReadShared:
      p.requests.push_back({Request::ReadShared, i, {}});
      break;
    case LineAction::SendReadUnique:
      p.requests.push_back({Request::ReadUnique, i, {}});
      break;
    case LineAction::SendEvict:
      p.requests.push_back({Request::Evict, i, {}});
      break;
    case LineAction::SendWriteBack:
      p.requests.push_back({Request::WriteBackFull, i, {true, p.newest}});
      break;
    case LineAction::Wait:
      break;
    default:
      require(false, "a local event had an action of the home's");
  }
  p.state = s.next;
}

void deliver_snoop(World& w, std::uint8_t i) {
  Pe& p = w.pe[i];
  const Snoop snoop = p.snoops.front();
  p.snoops.erase(p.snoops.begin());
  const Step s = step(p.state, event_of(snoop));
  require(s.action == LineAction::Respond || s.action == LineAction::RespondData, "a snoop met a state without a row");
  Response r;
  r.holds = s.next == LineState::WriteBackModified ? Holds::Alone : holds_of(s.next);
  if (s.action == LineAction::RespondData) r.bytes = {true, p.newest};
  // A ReadOnce is performed here: the PE may write again before the home replies.
  if (snoop == Snoop::SnpOnce) require(r.bytes.present ? p.newest : w.memory_newest, "a ReadOnce got old bytes");
  p.state = s.next;
  if (holds_of(s.next) == Holds::Nothing && s.next != LineState::WriteBackModified) p.newest = false;
  p.responses.push_back(r);
}

void deliver_reply(World& w, std::uint8_t i) {
  Pe& p = w.pe[i];
  const Reply r = p.replies.front();
  p.replies.erase(p.replies.begin());
  if (r.done) {
    p.waits = false;
    if (!p.writes_through) return;
    // The copy that is held follows the store that reached memory.
    p.writes_through = false;
    if (readable(p.state)) {
      require(p.state == LineState::Shared, "a copy outlived a Write-Through store");
      p.newest = true;
    }
    p.acknowledgement = true;
    return;
  }
  const Step s = step(p.state, r.event);
  require(s.action == LineAction::Acknowledge || s.action == LineAction::Release, "a reply met a state without a row");
  const bool stores = p.state == LineState::InvalidToModified || p.state == LineState::SharedToModified;
  p.state = s.next;
  if (s.action == LineAction::Release) {
    p.newest = false;
    return;
  }
  if (r.event != LineEvent::Upgraded) {
    require(r.bytes.present, "a grant came without bytes");
    p.newest = r.bytes.newest;
  }
  require(p.newest, "a fill brought an old copy");
  if (stores) write(w, i);  // the store that waited
  require(!p.acknowledgement, "two transactions of one line are open");
  p.acknowledgement = true;
}

// ---- The home: exactly what the table and the directory functions say. ----

void conclude(World& w);

void begin(World& w, const ToHome& m) {
  switch (m.request) {
    case Request::Evict:
      forget(w.directory, m.from);
      return;
    case Request::WriteBackFull:
      if (accepts_write_back(w.directory, m.from)) {
        require(m.bytes.newest, "the home accepted an old write-back");
        forget(w.directory, m.from);
        w.memory_newest = m.bytes.newest;
      }
      w.pe[m.from].replies.push_back({LineEvent::WriteBackDone, false, {}});
      return;
    default:
      break;
  }
  w.open = true;
  w.replied = false;
  w.request = m;
  w.collected = {};
  const Targets t = targets_of(row_of(m.request), w.directory, m.from);
  w.awaited = static_cast<std::uint8_t>(t.all());
  for (std::uint8_t i = 0; i < kPes; ++i) {
    if ((t.owner >> i & 1) != 0) w.pe[i].snoops.push_back(row_of(m.request).owner);
    if ((t.sharers >> i & 1) != 0) w.pe[i].snoops.push_back(row_of(m.request).sharers);
  }
  if (w.awaited == 0) conclude(w);
}

void next_in_line(World& w) {
  w.open = false;
  w.replied = false;
  w.request = {};
  w.collected = {};
  while (!w.open && !w.waiting.empty()) {
    const ToHome m = w.waiting.front();
    w.waiting.pop_front();
    begin(w, m);
  }
}

void conclude(World& w) {
  const ToHome m = w.request;
  const HomeRow& row = row_of(m.request);
  if (w.collected.present) {
    switch (row.dirty) {
      case Dirty::SharedLevel:
      case Dirty::Memory:
        w.memory_newest = w.collected.newest;
        break;
      case Dirty::Discarded:
      case Dirty::Shown:
      case Dirty::Requester:
        break;
      case Dirty::Never:
        require(false, "dirty bytes came where the table says never");
    }
  }
  Reply r;
  r.done = true;
  bool bytes = row.source == Source::Newest;
  if (m.request == Request::ReadShared || m.request == Request::ReadUnique) {
    r.done = false;
    r.event = grant(w.directory, m.request, m.from, true);
    bytes = r.event != LineEvent::Upgraded;
  }
  if (bytes) r.bytes = {true, w.collected.present ? w.collected.newest : w.memory_newest};
  if (row.source == Source::Newest && row.dirty != Dirty::Shown)
    require(!bytes || r.bytes.newest, "the home replied with old bytes");
  if (m.request == Request::WriteUnique) {
    write(w, kPes);
    w.memory_newest = true;
  }
  w.pe[m.from].replies.push_back(r);
  w.replied = true;
  if (!row.acknowledged) next_in_line(w);
}

void deliver_response(World& w, std::uint8_t i) {
  const Response r = w.pe[i].responses.front();
  w.pe[i].responses.erase(w.pe[i].responses.begin());
  require(w.open && (w.awaited >> i & 1) != 0, "a response that nobody asked for");
  note(w.directory, i, r.holds);
  if (r.bytes.present) w.collected = r.bytes;
  w.awaited = static_cast<std::uint8_t>(w.awaited & ~(1U << i));
  if (w.awaited == 0) conclude(w);
}

void deliver_request(World& w, std::uint8_t i) {
  const ToHome m = w.pe[i].requests.front();
  w.pe[i].requests.erase(w.pe[i].requests.begin());
  if (w.open) {
    w.waiting.push_back(m);
  } else {
    begin(w, m);
  }
}

void deliver_acknowledgement(World& w, std::uint8_t i) {
  w.pe[i].acknowledgement = false;
  require(w.open && w.replied && w.request.from == i, "an acknowledgement of nothing");
  next_in_line(w);
}

// ---- Invariants of every state. ----

void check(const World& w) {
  std::size_t holders = 0, alone = 0;
  for (const Pe& p : w.pe) {
    if (!readable(p.state)) continue;
    ++holders;
    if (holds_of(p.state) == Holds::Alone) ++alone;
    // While its Write-Through store is under way, the PE does not read its copy.
    require(p.newest || p.writes_through, "a copy that may be read is old");
  }
  require(alone == 0 || holders == 1, "a writer and another holder");
  bool somewhere = w.memory_newest || w.collected.newest;
  for (const Pe& p : w.pe) {
    somewhere = somewhere || p.newest;
    for (const ToHome& m : p.requests) somewhere = somewhere || m.bytes.newest;
    for (const Response& m : p.responses) somewhere = somewhere || m.bytes.newest;
    for (const Reply& m : p.replies) somewhere = somewhere || m.bytes.newest;
  }
  for (const ToHome& m : w.waiting) somewhere = somewhere || m.bytes.newest;
  require(somewhere, "the newest bytes are lost");
}

bool quiet(const World& w) {
  for (const Pe& p : w.pe) {
    if (!p.requests.empty() || !p.snoops.empty() || !p.responses.empty() || !p.replies.empty()) return false;
    if (p.acknowledgement || p.waits) return false;
    if (p.state > LineState::Modified) return false;
  }
  return !w.open && w.waiting.empty();
}

using Steps = std::vector<std::pair<std::string, World>>;

template <class F>
void take(Steps& to, const World& from, const std::string& name, const F& f) {
  World w = from;
  f(w);
  check(w);
  to.emplace_back(name, std::move(w));
}

/// Every message that can arrive now.
void deliveries(const World& w, Steps& to) {
  for (std::uint8_t i = 0; i < kPes; ++i) {
    const std::string pe = " " + std::to_string(i);
    const Pe& p = w.pe[i];
    if (!p.requests.empty()) take(to, w, "request" + pe, [&](World& x) { deliver_request(x, i); });
    if (!p.snoops.empty()) take(to, w, "snoop" + pe, [&](World& x) { deliver_snoop(x, i); });
    if (!p.responses.empty()) take(to, w, "response" + pe, [&](World& x) { deliver_response(x, i); });
    if (!p.replies.empty()) take(to, w, "reply" + pe, [&](World& x) { deliver_reply(x, i); });
    if (p.acknowledgement) take(to, w, "acknowledgement" + pe, [&](World& x) { deliver_acknowledgement(x, i); });
  }
}

/// Every operation that a PE can begin now.
void operations(const World& w, Steps& to) {
  for (std::uint8_t i = 0; i < kPes; ++i) {
    const std::string pe = " " + std::to_string(i);
    const Pe& p = w.pe[i];
    // One transaction of a PE on a line at a time; a line that waits is not put out.
    const bool free = p.state <= LineState::Modified && !p.waits;
    if (free) {
      take(to, w, "load" + pe, [&](World& x) { local(x, i, LineEvent::Load); });
      take(to, w, "store" + pe, [&](World& x) { local(x, i, LineEvent::Store); });
    }
    if (p.state <= LineState::Modified && p.state != LineState::Invalid) {
      take(to, w, "evict" + pe, [&](World& x) { local(x, i, LineEvent::Evict); });
    }
    if (p.state <= LineState::Modified && !p.waits) {
      for (const Request r : {Request::WriteUnique, Request::ReadOnce, Request::CleanShared, Request::CleanInvalid,
                              Request::CleanToPoU, Request::CleanSetWay, Request::CleanInvalidSetWay}) {
        take(to, w, std::string(name_of(r)) + pe, [&](World& x) {
          x.pe[i].waits = true;
          x.pe[i].writes_through = r == Request::WriteUnique;
          x.pe[i].requests.push_back({r, i, {}});
        });
      }
    }
  }
}

}  // namespace

TEST_CASE("two PEs, one line: every interleaving keeps one writer, the last write, and makes progress", "[protocol]") {
  std::map<World, std::pair<const World*, std::string>> seen;  // with the step that led there
  std::deque<const World*> queue;
  const World start;
  queue.push_back(&seen.emplace(start, std::pair{nullptr, "start"}).first->first);
  std::string failure;
  std::size_t edges = 0, stuck = 0;
  Steps steps;
  while (!queue.empty() && failure.empty()) {
    const World& w = *queue.front();
    queue.pop_front();
    steps.clear();
    try {
      deliveries(w, steps);
      // Something under way must be able to go on without a new operation.
      if (steps.empty() && !quiet(w)) ++stuck;
      operations(w, steps);
    } catch (const Failed& f) {
      failure = f.what + " after";
      for (const World* at = &w; at != nullptr; at = seen.at(*at).first) failure += "\n" + seen.at(*at).second;
    }
    edges += steps.size();
    for (auto& [name, next] : steps) {
      const auto [it, is_new] = seen.emplace(next, std::pair{&w, name});
      if (is_new) queue.push_back(&it->first);
    }
  }
  CHECK(failure == "");
  CHECK(stuck == 0);
  INFO("states " << seen.size() << ", steps " << edges);
  CHECK(seen.size() > 10'000);
}

TEST_CASE("from every reachable state the line comes to rest without new operations", "[protocol]") {
  // Deliveries only ever use messages up, so any schedule of them ends; it has to end quiet. Sampled by walks.
  std::uint64_t random = 12345;
  const auto pick = [&random](std::size_t n) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(random >> 33) % n;
  };
  for (int walk = 0; walk < 3000; ++walk) {
    World w;
    for (int i = 0; i < 40; ++i) {
      Steps steps;
      deliveries(w, steps);
      if (i < 25) operations(w, steps);
      if (steps.empty()) break;
      w = steps[pick(steps.size())].second;
    }
    for (int i = 0; i < 200; ++i) {
      Steps steps;
      deliveries(w, steps);
      if (steps.empty()) break;
      w = steps[pick(steps.size())].second;
    }
    REQUIRE(quiet(w));
  }
}

TEST_CASE("DC IVAC forgets: no copy is left, and what is held afterwards is held alike", "[protocol]") {
  for (const LineRow& row : line_table()) {
    if (row.event != LineEvent::SnpMakeInvalid) continue;
    CHECK(row.action == LineAction::Respond);
    CHECK(holds_of(row.next) == Holds::Nothing);
    CHECK(row.next != LineState::WriteBackModified);
  }
}

TEST_CASE("the tables are well-formed", "[protocol]") {
  std::set<std::pair<LineState, LineEvent>> rows;
  for (const LineRow& row : line_table()) {
    INFO(name_of(row.state) << " " << name_of(row.event));
    CHECK(rows.emplace(row.state, row.event).second);
    CHECK_FALSE(row.clause.empty());
    CHECK(row.action != LineAction::Impossible);
    const Step s = step(row.state, row.event);
    CHECK(s.next == row.next);
    CHECK(s.action == row.action);
    // Only a dirty copy answers with bytes, and every snoop is answered in every state.
    const bool dirty = row.state == LineState::Modified || row.state == LineState::WriteBackModified;
    if (row.action == LineAction::RespondData) CHECK(dirty);
  }
  for (std::size_t s = 0; s < kLineStates; ++s) {
    for (const LineEvent e : {LineEvent::SnpShared, LineEvent::SnpUnique, LineEvent::SnpOnce, LineEvent::SnpCleanShared,
                              LineEvent::SnpMakeInvalid}) {
      CHECK(rows.count({static_cast<LineState>(s), e}) == 1);
    }
  }
  for (const HomeRow& row : home_table()) {
    CHECK_FALSE(row.clause.empty());
    CHECK_FALSE(name_of(row.request).empty());
    if (row.sharers != Snoop::None) CHECK(row.owner != Snoop::None);
  }
  CHECK(home_table().size() == kRequests);
}

}  // namespace staleline::cache::protocol
