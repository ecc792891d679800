// SPDX-License-Identifier: Apache-2.0
// The inside of the interconnect: one transaction a line at a time, the directory, the shared
// levels and memory. What is snooped and where bytes go stands in protocol::home_table().
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "staleline/cache/array.h"
#include "staleline/cache/message.h"
#include "staleline/engine/inbox.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/memory/memory.h"

namespace staleline::interconnect {

using cache::Message;

class Interconnect::Implementation final : public cache::Home {
 public:
  Implementation(const Parameters& parameters, Interconnect& owner);

  // cache::Home.
  std::uint8_t attach(event::PeId pe, cache::Peer& peer, bool has_private_l2) override;
  [[nodiscard]] Timing timing() const override { return {parameters_.link_cycles, parameters_.snoop_cycles}; }
  [[nodiscard]] std::vector<cache::Level> integrated_levels() const override;
  [[nodiscard]] bool idc() const override { return parameters_.idc || parameters_.dic; }
  [[nodiscard]] bool dic() const override { return parameters_.dic; }
  [[nodiscard]] cache::Quirks quirks() const override { return parameters_.quirks; }
  Message& put(Cycle due, std::uint8_t port, std::uint32_t sequence) override {
    return inbox_.put(due, port, sequence);
  }
  [[nodiscard]] std::optional<Cycle> read_at_once(Cycle arrival, arm::PhysAddr address, std::span<std::uint8_t> to,
                                                  Cycle until) override;
  void place(event::PeId pe, std::uint64_t line, bool alone) override;
  void give_back(event::PeId pe, std::uint64_t line, const std::uint8_t* dirty) override;

  std::uint8_t attach_device(cache::Peer& peer);
  std::uint8_t attach_target(std::uint64_t base, std::uint64_t bytes, cache::Peer& peer);
  void listen_to_tlb_maintenance(std::uint8_t port) { tlb_listeners_.push_back(port); }
  [[nodiscard]] std::uint32_t io_in_flight() const { return std::max(parameters_.io_in_flight, std::uint32_t{1}); }
  [[nodiscard]] Cycle next() const { return std::min(inbox_.next(), late_next_); }
  /// How many messages left for others than this port.
  [[nodiscard]] std::uint64_t told_but(std::uint8_t port) const { return told_ - ports_[port].sequence; }
  void run(Cycle until);
  [[nodiscard]] std::vector<Holding> holdings(std::uint64_t line) const;
  [[nodiscard]] cache::protocol::Directory directory(std::uint64_t line) const;
  [[nodiscard]] bool idle() const { return inbox_.empty() && blocked_ == 0; }

  memory::Memory memory_;
  Counters counters_;

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  static constexpr std::uint64_t kNoLine = ~std::uint64_t{0};
  static constexpr std::uint8_t kFirstDevice = 64;
  static constexpr std::uint8_t kOwnRequests = 0xff;  ///< source of what the home asks of itself

  /// What the home knows of a line; it exists only while somebody holds it or wants it.
  struct Line {
    cache::protocol::Directory directory{};
    std::uint64_t instruction_holders = 0;     ///< kept where stores invalidate L1Is
    std::uint32_t transaction = kNone;         ///< the line is blocked
    std::uint32_t head = kNone, tail = kNone;  ///< requests that wait
  };
  struct Transaction {
    Message request;
    std::uint64_t asked = 0;    ///< PEs whose data caches were snooped
    std::uint64_t awaited = 0;  ///< PEs that have not answered, those asked only for their L1I included
    std::uint32_t awaited_devices = 0;
    Cycle start = 0;        ///< when the request left the home's pipeline
    bool has_data = false;  ///< a snoop returned dirty bytes (or those of a unified cache)
    bool leaving = false;   ///< a BackInvalidate
    std::array<std::uint8_t, arm::kLineBytes> data;
  };
  struct Waiting {
    Message m;
    std::uint32_t next = kNone;
  };
  struct Port {
    cache::Peer* peer = nullptr;
    std::uint32_t sequence = 0;
    // Devices: one request is performed at a time, in order.
    bool performing = false;
    std::deque<Message> waiting;
    Cycle last_reply = 0;
  };
  struct TargetRange {
    std::uint64_t base = 0, bytes = 0;
    std::uint8_t port = 0;
    std::uint32_t posted = 0;  ///< writes acknowledged and not yet accepted
    bool locked = false;       ///< an atomic reads and writes; others wait
    std::deque<Message> waiting{};
  };
  struct TargetAccess {
    cache::MessageHeader request{};
    std::uint32_t range = 0;
    bool acknowledged = false;
  };
  static constexpr std::uint32_t kMostPosted = 16;
  /// A cache that all PEs share, above the PoC with bytes, below it with tags only.
  struct Level {
    cache::Array array;
    event::CacheRef::Level name;
    Cycle hit_cycles;
    cache::Level geometry{};
  };

  // home.cpp
  void handle(Cycle now, const Message& m);
  void request(Cycle now, const Message& m);
  void wait(Line& line, const Message& m);
  /// `line`: what lines_ has of it, or null.
  void start(Cycle now, const Message& m, Line* line);
  void open(Cycle now, Cycle at, const Message& m, Line& line);
  void broadcast_tlb_maintenance(Cycle at, Transaction& t);
  void response(Cycle now, const Message& m);
  void conclude(Cycle now, std::uint32_t transaction, Line& line);
  void unblock(Cycle now, std::uint64_t line);
  void forget_if_idle(std::uint64_t address, const Line& line);
  void perform_waiting(Cycle now);
  void track(Cycle now, std::uint64_t line);
  [[nodiscard]] const cache::protocol::HomeRow& row_for(cache::protocol::Request r) const;
  Message& tell(Port& port, Cycle due) {
    ++told_;
    return port.peer->put(due, port.sequence++);
  }
  Message& reply(Cycle at, const cache::MessageHeader& to, Message::Result result);
  void reply_bytes(Cycle at, const Message& to, const std::uint8_t* line);
  std::uint32_t take_transaction();
  [[nodiscard]] std::uint8_t requester_of(const Message& m) const {
    return m.source < kFirstDevice ? m.source : cache::protocol::kNobody;
  }

  // targets.cpp
  /// True where the request went to a target.
  bool to_target(Cycle now, const Message& m);
  /// True where no target has the address.
  bool is_memory(std::uint64_t address) {
    return address - untargeted_ < untargeted_bytes_ || find_untargeted(address);
  }
  bool find_untargeted(std::uint64_t address);
  void send_to_target(Cycle at, const Message& m, std::uint32_t tag);
  void target_replied(Cycle now, const Message& m);

  // exclusives.cpp: global monitors and atomics.
  /// What the request does to the monitors of others; false where it is exclusive and has lost its own.
  bool pass_monitors(const Message& m, const Line* line);
  /// A monitor of another than `source` that watches the line is lost.
  void clear_monitors(std::uint64_t line, std::uint8_t source);
  void atomic_past_caches(Cycle now, Cycle at, const Message& m);
  /// `bytes`: the newest ones after it.
  Cycle atomic_unique(Cycle now, Cycle at, const Message& m, std::uint8_t* bytes, bool dirty);

  // levels.cpp
  /// The newest bytes below the PEs, into `to`; returns when they are there. `allocate`: in every level.
  Cycle read_shared(Cycle now, Cycle start, std::uint64_t line, std::uint8_t* to, bool allocate);
  /// Dirty bytes come down to level number `level` (or to memory, past the last).
  /// Returns when they have a place there: whoever sent them must not send more before.
  Cycle write_shared(Cycle now, Cycle at, std::size_t level, std::uint64_t line, const std::uint8_t* bytes, bool dirty);
  /// Makes memory hold the newest bytes: `dirty` if a PE gave some, else those of a dirty level.
  Cycle clean_shared(Cycle now, Cycle at, std::uint64_t line, const std::uint8_t* dirty);
  void drop_shared(Cycle now, std::uint64_t line);
  /// By set/way, of levels above the PoC that are named Shared. Returns when what it wrote has a place.
  Cycle maintain_levels(Cycle now, Cycle at, const cache::LevelMaintenance& m);
  Cycle maintain_slot(Cycle now, Cycle at, std::size_t number, arm::CacheOp op, std::uint32_t slot);
  Cycle write_unique(Cycle now, Cycle at, const Message& m, const std::uint8_t* dirty);
  /// When read_memory() is done. A nearest memory-side cache that misses may have to write something back before:
  /// kNever then.
  [[nodiscard]] Cycle memory_read_at(Cycle at, std::uint64_t line) const {
    if (memory_side_.empty()) return dram_.done(at, line);
    const Level& nearest = memory_side_.front();
    return nearest.array.find(line) == cache::Array::kNoSlot ? engine::kNever : at + nearest.hit_cycles;
  }
  Cycle read_memory(Cycle at, std::uint64_t line, std::uint8_t* to);
  void put_memory(Cycle now, std::uint64_t address, std::uint64_t bytes, const std::uint8_t* from);
  // Late writes that are due, or those of one line before anybody but a reader past the caches touches it.
  void settle_late(Cycle now);
  void settle_late_of(Cycle now, std::uint64_t line);
  struct MemoryTime {
    Cycle done = 0;      ///< a read: the bytes are there; a write: every observer sees them
    Cycle accepted = 0;  ///< every write that this makes is in a queue
  };
  MemoryTime write_memory(Cycle now, Cycle at, std::uint64_t line, std::uint64_t offset, std::uint64_t bytes,
                          const std::uint8_t* from);
  MemoryTime memory_time(Cycle at, std::uint64_t line, bool write) {
    return memory_side_.empty() ? dram_time(at, line, write) : cached_memory_time(at, line, write);
  }
  MemoryTime dram_time(Cycle at, std::uint64_t line, bool write) {
    const Cycle accepted = write ? dram_.accepted(at, line) : at;
    return {.done = std::max(dram_.access(at, line), accepted), .accepted = accepted};
  }
  MemoryTime cached_memory_time(Cycle at, std::uint64_t line, bool write);
  void emit(Cycle now, event::Kind kind, const Level& level, std::uint64_t line, cache::LineState s);
  [[nodiscard]] bool wants_events() const { return owner_.events() != nullptr && owner_.events()->wants_copy_events(); }

  Parameters parameters_;
  Interconnect& owner_;
  std::vector<Port> ports_;
  std::uint64_t told_ = 0;
  std::uint8_t devices_ = 0;
  std::vector<std::uint8_t> tlb_listeners_;  // devices
  std::uint64_t all_pes_ = 0;
  bool private_l2_ = false;
  engine::Inbox<Message> inbox_;
  memory::LineTable<Line> lines_;
  std::vector<Transaction> transactions_;
  std::vector<std::uint32_t> free_transactions_;
  std::vector<Waiting> waiting_;
  std::vector<std::uint32_t> free_waiting_;
  std::vector<std::uint8_t> freed_ports_;
  std::vector<TargetRange> targets_;
  std::uint64_t untargeted_ = 0, untargeted_bytes_ = 0;  ///< the gap between targets where is_memory() was true last
  std::vector<TargetAccess> target_accesses_;
  std::vector<std::uint32_t> free_target_accesses_;
  /// The global monitor of each PE, by number: the line of its last exclusive load past the caches.
  std::vector<std::uint64_t> monitored_;
  std::size_t monitors_set_ = 0;
  std::size_t blocked_ = 0;
  std::size_t tracked_ = 0, leaving_ = 0;  // lines with holders, and those of them being invalidated
  std::deque<std::uint64_t> tracked_order_;
  std::vector<Level> levels_;       // above the PoC, from the PEs towards memory
  std::vector<Level> memory_side_;  // below the PoC
  memory::Dram dram_;
  Cycle pipeline_free_ = 0;
  /// Quirk: cleaned lines that were acknowledged and are not in memory yet, in the order of their cleaning.
  struct LateWrite {
    Cycle due = 0;
    std::uint64_t line = 0;
    std::array<std::uint8_t, arm::kLineBytes> bytes{};
  };
  std::vector<LateWrite> late_;
  Cycle late_next_ = engine::kNever;
  Cycle room_at_ = 0;  ///< when the write-backs of back-invalidated lines have found a place: new holders wait for it
};

}  // namespace staleline::interconnect
