// SPDX-License-Identifier: Apache-2.0
// The inside of PrivateCaches: arrays, requests under way, the write-back buffer, and what each
// message does to them. Line states change only as protocol::step says.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "staleline/cache/array.h"
#include "staleline/cache/message.h"
#include "staleline/cache/private_caches.h"
#include "staleline/engine/inbox.h"

namespace staleline::cache {

struct PrivateCaches::Implementation final : Peer {
  Implementation(event::PeId pe, const Parameters& parameters, engine::Component& owner, Home& home, Client& client);

  // access.cpp: what the PE asks for.
  std::optional<Cycle> access(Cycle now, Request& r);
  const std::uint8_t* fetched_at_once(arm::PhysAddr address, event::Path path);
  const std::uint8_t* loaded_at_once(arm::PhysAddr address, event::Path path);
  std::optional<Cycle> answered_at_once(Cycle now, Request& r, Cycle until);
  std::optional<Cycle> access_slowly(Cycle now, Request& r, std::uint64_t line);
  void speculate(Cycle now, const Request& r, std::uint64_t line);
  void prefetch_after(Cycle now, const Request& miss, std::uint64_t line);
  /// TLBI without broadcast: nothing but the client hears it.
  std::optional<Cycle> own_tlb_maintenance(Cycle now, const Request& r);
  void answer_tlb_maintenance(Cycle now, std::uint32_t ticket);
  static constexpr std::uint32_t kOwnTicket = 0x8000'0000;  // with the number of the node

  // pending.cpp: what is under way for a line.
  enum class Under : std::uint8_t {
    Nothing,
    Read,
    Unique,
    Instruction,
    Maintenance,
    WriteBack,  ///< this line's write-back has to be acknowledged
    Room,       ///< some write-back has to be: the buffer is full
  };
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  static constexpr std::uint64_t kNoLine = ~std::uint64_t{0};
  /// Who waits for it.
  enum class For : std::uint8_t { Client, Nobody, Sweep };
  struct Node {
    Request r{};
    std::uint32_t pending = kNone, next = kNone;
    For whom = For::Client;
  };
  /// All that this PE wants of one line, in order. Accesses that go past the caches do not wait for each other.
  struct Pending {
    std::uint64_t line = kNoLine;
    std::uint32_t head = kNone, tail = kNone;
    std::uint32_t past_caches = 0;  ///< how many such accesses are under way
    Under under = Under::Nothing;
    bool poisoned = false;   ///< the L1I fill must not stay: the L1I was invalidated meanwhile
    bool advancing = false;  ///< advance() is on the stack
  };
  [[nodiscard]] std::uint32_t find_pending(std::uint64_t line) const;
  std::uint32_t open_pending(std::uint64_t line);
  std::uint32_t new_node(const Request& r);
  std::uint32_t append(std::uint32_t pending, const Request& r, For whom);
  Request pop(std::uint32_t pending);
  /// `tried`: the head was just found not to be served here.
  void advance(std::uint32_t pending, Cycle now, bool tried = false);
  /// Sends what the head needs and cannot get here.
  void start(std::uint32_t pending, Cycle at);
  void start_unique(std::uint32_t pending, Cycle at);
  /// True where the miss has to wait for room in the write-back buffer.
  bool wait_for_room(std::uint32_t pending);
  void send_maintenance(std::uint32_t node, Cycle at);
  void send_past_caches(std::uint32_t node, Cycle at);
  Message& request(Cycle at, protocol::Request kind, std::uint64_t line, std::uint32_t tag);
  void acknowledge(Cycle at, std::uint64_t line);
  void finish(Cycle now, Request& r, For whom);

  // local.cpp: what is served here, and lines that come and go.
  [[nodiscard]] std::optional<Cycle> local(Cycle now, Request& r, std::uint64_t line);
  std::optional<Cycle> local_fetch(Cycle now, Request& r, std::uint64_t line);
  [[nodiscard]] bool holds(std::uint64_t line) const { return outer().find(line) != Array::kNoSlot; }
  [[nodiscard]] Array& outer() { return l2.present() ? l2 : l1d; }
  [[nodiscard]] const Array& outer() const { return l2.present() ? l2 : l1d; }
  /// The state of the line in this PE: an L1D above an L2 may have made it Modified.
  [[nodiscard]] LineState state_of(std::uint32_t outer_slot) const;
  [[nodiscard]] const std::uint8_t* newest(std::uint32_t outer_slot) const;
  std::uint32_t fill_l1d(Cycle now, std::uint64_t line, const std::uint8_t* bytes, LineState s);
  void fill_l1i(Cycle now, std::uint64_t line, std::uint16_t virtual_index, const std::uint8_t* bytes);
  // The L1I knows a line by a key: its address with the index bits of the VA, those of the PA moved out of the way.
  // A PIPT cache has none such bits: the key is the address.
  static constexpr unsigned kAliasShift = 44, kPageShift = 12;
  [[nodiscard]] std::uint64_t l1i_key(std::uint64_t line, std::uint16_t virtual_index) const {
    return (line & ~alias_mask) | (line & alias_mask) << kAliasShift |
           (std::uint64_t{virtual_index} << kPageShift & alias_mask);
  }
  [[nodiscard]] std::uint64_t line_of_l1i_key(std::uint64_t key) const {
    return (key & ~(alias_mask | alias_mask << kAliasShift)) | (key >> kAliasShift & alias_mask);
  }
  /// The copies of the line in the L1I, at the place of `virtual_index` or wherever they are.
  void drop_instruction(Cycle now, std::uint64_t line, std::uint16_t virtual_index, event::Kind kind);
  void drop_instructions(Cycle now, std::uint64_t line, event::Kind kind);
  [[nodiscard]] std::uint16_t aliases() const { return static_cast<std::uint16_t>((alias_mask >> kPageShift) + 1); }
  void install(Cycle now, std::uint64_t line, const std::uint8_t* bytes, LineState s);
  /// Moves dirty bytes of the L1D into the L2.
  void collect(Cycle now, std::uint64_t line);
  void evict(Cycle now, std::uint32_t outer_slot, bool on_purpose);
  void evict_everywhere(Cycle now, std::uint64_t line);
  void drop(Cycle now, Array& array, event::CacheRef::Level level, std::uint64_t line, event::Kind kind);
  void invalidate_instructions(Cycle now);
  /// What this PE did past its caches reached memory: the copies that are held follow.
  void update_copies(const Request& r);
  void update_copies(std::uint64_t line, const std::uint8_t* bytes);

  // set_way.cpp: maintenance by set/way.
  void describe_levels();
  std::optional<Cycle> set_way(Cycle now, const Request& r);
  std::optional<Cycle> set_way_of_outer(Cycle now, const Request& r, std::uint32_t slot);
  /// The L1D above a private L2: nothing leaves the PE.
  void set_way_of_inner(Cycle now, arm::CacheOp op, std::uint32_t slot);
  std::optional<Cycle> send_level_maintenance(Cycle now, const Request& r, const LevelMaintenance& m);
  void queue(Cycle now, const Request& r, std::uint64_t line, For whom);
  /// Every line of the last private level, a few at a time.
  struct Sweep {
    Request r;
    std::uint32_t slot = 0, under_way = 0;
  };
  std::optional<Cycle> sweep(Cycle now, const Request& r);
  /// True when the first sweep is over.
  bool go_on_sweeping(Cycle now);
  void swept_one(Cycle now);

  // power.cpp
  void power_off(Cycle now);
  /// A grant that comes too late: the home is told to forget it.
  void decline(Cycle now, const Message& m);

  // delivery.cpp: what the home says.
  void deliver(Cycle now);
  void reply(Cycle now, const Message& m);
  void grant(Cycle now, const Message& m);
  void write_back_done(Cycle now, const Message& m);
  void write_back_room(Cycle now);
  void snoop(Cycle now, const Message& m);
  Message& respond(Cycle now, std::uint64_t line);

  // Peer.
  Message& put(Cycle due, std::uint32_t number) override { return inbox.put(due, 0, number); }
  void copies(std::uint64_t line, std::vector<Copy>& to) const override;
  bool surrender(std::uint64_t line, std::uint8_t* bytes) override;
  void preload(std::uint64_t line, const std::uint8_t* bytes, bool dirty);

  void emit(Cycle now, event::Kind kind, event::CacheRef::Level level, std::uint64_t line, LineState s) {
    event::Buffer* events = owner.events();
    if (events == nullptr || !events->wants_copy_events()) return;
    event::Event e;
    e.cycle = now;
    e.kind = kind;
    e.address = {line};
    e.pe = pe;
    e.aux = event::CacheRef{level, pe}.packed();
    e.detail = static_cast<std::uint8_t>(s);
    events->emit(e);
  }
  [[nodiscard]] event::CacheRef::Level outer_level() const {
    return l2.present() ? event::CacheRef::Level::L2 : event::CacheRef::Level::L1D;
  }

  /// A dirty line on its way to the home; the buffer answers snoops until the home has it.
  struct WriteBack {
    std::uint64_t line = 0;
    LineState state = LineState::WriteBackModified;
    bool on_purpose = false;
    std::array<std::uint8_t, arm::kLineBytes> bytes{};
  };
  [[nodiscard]] WriteBack* find_write_back(std::uint64_t line);

  event::PeId pe;
  Parameters parameters;
  engine::Component& owner;
  Home& home;
  Client& client;
  Home::Timing timing;
  bool idc, dic;
  Quirks quirks;
  std::uint8_t port;
  Array l1i, l1d, l2;
  std::uint64_t alias_mask = 0;
  Cycle data_lookup, instruction_lookup;  // until a miss leaves
  engine::Inbox<Message> inbox;
  std::vector<Pending> pendings;
  std::vector<Node> nodes;
  std::vector<std::uint32_t> free_nodes;
  std::size_t pendings_open = 0;
  std::size_t taken = 0;  // outstanding()
  std::uint64_t monitored = kNoLine;
  std::vector<WriteBack> write_backs;
  std::size_t places_taken = 0;                // of the write-back buffer, as far as the home gave them back
  std::deque<std::uint32_t> waiting_for_room;  // indices of pendings
  std::vector<IntegratedLevel> levels;
  std::deque<Sweep> sweeps;
  bool off = false;
  bool sweeping = false;  // go_on_sweeping() is on the stack
  std::uint32_t sequence = 0;
  Cycle next_departure = 0;  // of the request channel: a message a cycle, in order
  Counters counters;
};

/// Line, offset and bytes of a request's access.
[[nodiscard]] inline std::uint64_t line_of(const Request& r) { return r.address.value & ~(arm::kLineBytes - 1); }
[[nodiscard]] inline bool is_zva(const Request& r) {
  return r.op == Request::Op::Maintenance && r.maintenance == arm::CacheOp::DC_ZVA;
}
[[nodiscard]] inline bool is_store(const Request& r) {
  return r.op == Request::Op::Store || r.op == Request::Op::Atomic || is_zva(r);
}
[[nodiscard]] inline bool looks_up(const Request& r) { return r.path.node != event::kNoNode; }

[[nodiscard]] inline bool is_by_set_way(const Request& r) {
  return r.op == Request::Op::Maintenance && is_set_way(r.maintenance);
}

inline void read_bytes(Request& r, const std::uint8_t* line) {
  const std::uint8_t* from = line + r.address.offset_in(arm::kLineBytes);
  r.data[1] = 0;
  if (r.size == 8) {
    std::memcpy(r.data.data(), from, 8);
  } else {
    r.data[0] = 0;
    std::memcpy(r.data.data(), from, r.size);
  }
}
inline void write_bytes(const Request& r, std::uint8_t* line) {
  if (r.op == Request::Op::Maintenance) {
    std::memset(line, 0, arm::kLineBytes);
    return;
  }
  std::uint8_t* to = line + r.address.offset_in(arm::kLineBytes);
  if (r.size == 8) {
    std::memcpy(to, r.data.data(), 8);
  } else {
    std::memcpy(to, r.data.data(), r.size);
  }
}

}  // namespace staleline::cache
