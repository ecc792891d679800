// SPDX-License-Identifier: Apache-2.0
// A platform for tests: an SMMU, devices behind it, a driver that writes memory and registers, and one call a step.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "staleline/arm/descriptor.h"
#include "staleline/arm/smmu.h"
#include "staleline/engine/engine.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/smmu/smmu.h"

namespace staleline::smmu_rig {

using arm::smmu::Cd;
using arm::smmu::Command;
using arm::smmu::EventRecord;
using arm::smmu::EventType;
using arm::smmu::Opcode;
using arm::smmu::Register;
using arm::smmu::Ste;
using arm::smmu::SteConfig;
using engine::Cycle;
using event::Event;
using event::Kind;

inline constexpr std::uint64_t kRegisters = 0x0900'0000;
inline constexpr std::uint64_t kStreamTable = 0x4000'0000;
inline constexpr std::uint64_t kContexts = 0x4100'0000;
inline constexpr std::uint64_t kCommands = 0x4200'0000;
inline constexpr std::uint64_t kRecords = 0x4300'0000;
inline constexpr std::uint64_t kTables = 0x4400'0000;
inline constexpr std::uint64_t kStage2Tables = 0x4600'0000;
inline constexpr std::uint64_t kData = 0x8000'0000;
inline constexpr event::AgentId kSmmu{7};
inline constexpr event::EdgeId kDoorbell{0}, kSync{1}, kRecord{2};

/// Whoever makes accesses through a port.
class Master final : public engine::Component, public interconnect::IoClient {
 public:
  std::unique_ptr<interconnect::IoPort> port;
  std::function<void(const interconnect::IoRequest&, Cycle)> done = [](const interconnect::IoRequest&, Cycle) {};

  [[nodiscard]] Cycle next() const override { return port->next(); }
  void run(Cycle until) override {
    while (next() < until) port->deliver(next());
  }
  void completed(const interconnect::IoRequest& r, Cycle at) override { done(r, at); }
};

class Log final : public event::Listener {
 public:
  void on_event(const Event& e) override { events.push_back(e); }
  std::vector<Event> events;
};

/// Translation tables of one stage, built in memory.
class Tables {
 public:
  Tables(interconnect::Interconnect& x, std::uint64_t at, arm::DescriptorFormat format, unsigned input_bits, int start)
      : interconnect_(x), format_(format), start_(start), root_(at) {
    next_ = at + std::max(arm::page_bytes(format.granule), arm::root_bytes(format.granule, start, input_bits));
  }
  [[nodiscard]] std::uint64_t root() const { return root_; }
  /// Where the descriptor of `address` at `level` is; makes the tables above it.
  std::uint64_t slot(std::uint64_t address, int level) {
    std::uint64_t table = root_;
    for (int l = start_;; ++l) {
      const unsigned shift = arm::mapped_bits(format_.granule, l);
      std::uint64_t index = address >> shift;
      if (l != start_) index &= (1U << arm::level_bits(format_.granule)) - 1;
      const std::uint64_t at = table + index * 8;
      if (l == level) return at;
      auto& below = tables_[at];
      if (below == 0) {
        below = next_;
        next_ += arm::page_bytes(format_.granule);
        write(at, arm::encode_table(below, format_));
      }
      table = below;
    }
  }
  void map(std::uint64_t address, arm::Leaf leaf, int level = 3) {
    write(slot(address, level), arm::encode_leaf(leaf, format_, level));
  }
  void write(std::uint64_t at, std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes;
    std::memcpy(bytes.data(), &value, 8);
    interconnect_.poke({at}, bytes);
  }

 private:
  interconnect::Interconnect& interconnect_;
  arm::DescriptorFormat format_;
  int start_;
  std::uint64_t root_, next_;
  std::map<std::uint64_t, std::uint64_t> tables_;
};

class Rig {
 public:
  explicit Rig(smmu::Parameters p = {}, std::vector<smmu::Device> devices = {{event::AgentId{1}, 3}}, Cycle window = 0)
      : board(8, 4, interconnect.lookahead()), smmu(configured(p), interconnect, board) {
    driver.port = interconnect.attach(driver, driver);
    engine.add(driver);
    for (const auto& d : devices) {
      masters.push_back(std::make_unique<Master>());
      masters.back()->port = smmu.attach(d, *masters.back());
      engine.add(*masters.back());
    }
    engine.add(smmu);
    engine.add(interconnect);
    engine.listen(log);
    engine.configure(window == 0 ? interconnect.lookahead() : window, false);
  }

  interconnect::Interconnect interconnect{interconnect::Parameters{}};
  pe::Board board;
  smmu::Smmu smmu;
  Master driver;
  std::vector<std::unique_ptr<Master>> masters;
  Log log;
  engine::Engine engine;
  Cycle now = 0;
  std::uint32_t produced = 0;
  std::uint8_t queue_log2 = 4;

  void settle() {
    for (;;) {
      const Cycle end = engine.run_window();
      if (end == engine::kNever) break;
      now = std::max(now, end);
    }
    ++now;
  }

  // Memory.
  template <class Words>
  void put(std::uint64_t at, const Words& words) {
    std::array<std::uint8_t, sizeof(Words)> bytes;
    std::memcpy(bytes.data(), &words, sizeof words);
    interconnect.poke({at}, bytes);
  }
  template <class Words>
  [[nodiscard]] Words get(std::uint64_t at) const {
    Words words;
    std::array<std::uint8_t, sizeof(Words)> bytes;
    interconnect.peek({at}, bytes);
    std::memcpy(&words, bytes.data(), sizeof words);
    return words;
  }
  [[nodiscard]] std::uint64_t word(std::uint64_t at) const { return get<std::uint64_t>(at); }

  // Registers, as the driver writes them.
  void set(Register r, std::uint64_t value) {
    const auto* row = arm::smmu::find_register(static_cast<std::uint64_t>(r));
    interconnect::IoRequest w;
    w.write = true;
    w.address = {kRegisters + static_cast<std::uint64_t>(r)};
    w.size = row->bytes;
    std::memcpy(w.data.data(), &value, row->bytes);
    board.send(kDoorbell, now);
    driver.port->access(now, w);
    settle();
  }
  [[nodiscard]] std::uint64_t reg(Register r) const {
    return smmu.read_register(static_cast<std::uint64_t>(r),
                              arm::smmu::find_register(static_cast<std::uint64_t>(r))->bytes);
  }
  /// A linear stream table of 2^log2size entries, queues of 16, everything on.
  void start(std::uint64_t cr1 = 0xd75, unsigned log2size = 4) {
    set(Register::CR1, cr1);
    set(Register::STRTAB_BASE, kStreamTable);
    set(Register::STRTAB_BASE_CFG, log2size);
    start_queues();
    set(Register::CR0, 0xd);
  }
  void start_queues() {
    set(Register::CMDQ_BASE, kCommands | queue_log2);
    set(Register::EVENTQ_BASE, kRecords | queue_log2);
    set(Register::CR0, 0xc);
  }

  // Commands.
  void queue(const Command& c) {
    const std::uint32_t index = produced & ((1U << queue_log2) - 1);
    put(kCommands + index * arm::smmu::kCommandBytes, arm::smmu::encode(c));
    produced = (produced + 1) & ((2U << queue_log2) - 1);
  }
  void command(const Command& c) {
    queue(c);
    set(Register::CMDQ_PROD, produced);
  }
  void sync() { command({.opcode = Opcode::SYNC}); }

  // Configuration.
  void ste(std::uint32_t stream, const Ste& s) {
    put(kStreamTable + stream * arm::smmu::kSteBytes, arm::smmu::encode(s));
  }
  void cd(const Cd& c, std::uint32_t substream = 0) {
    put(kContexts + substream * arm::smmu::kCdBytes, arm::smmu::encode(c));
  }

  // Accesses of a device.
  interconnect::IoRequest transfer(bool write, std::uint64_t iova, std::uint64_t value = 0, std::size_t device = 0) {
    interconnect::IoRequest r;
    r.write = write;
    r.address = {iova};
    r.size = 8;
    r.tag = 42;
    std::memcpy(r.data.data(), &value, 8);
    std::optional<interconnect::IoRequest> outcome;
    masters[device]->done = [&](const interconnect::IoRequest& seen, Cycle) { outcome = seen; };
    masters[device]->port->access(now, r);
    settle();
    if (!outcome) throw std::runtime_error("a transfer never completed");
    return *outcome;
  }
  std::uint64_t read(std::uint64_t iova, std::size_t device = 0) {
    std::uint64_t value;
    std::memcpy(&value, transfer(false, iova, 0, device).data.data(), 8);
    return value;
  }
  void write(std::uint64_t iova, std::uint64_t value, std::size_t device = 0) { transfer(true, iova, value, device); }

  // What was told and recorded.
  [[nodiscard]] std::vector<Event> told(Kind kind, std::optional<event::AgentId> agent = {}) const {
    std::vector<Event> result;
    for (const Event& e : log.events) {
      if (e.kind == kind && (!agent || e.agent == *agent)) result.push_back(e);
    }
    return result;
  }
  [[nodiscard]] std::vector<EventRecord> records() const {
    std::vector<EventRecord> result;
    const auto prod = static_cast<std::uint32_t>(reg(Register::EVENTQ_PROD)) & ((2U << queue_log2) - 1);
    for (std::uint32_t i = 0; i < prod; ++i) {
      const auto words = get<arm::smmu::EventWords>(kRecords + (i & ((1U << queue_log2) - 1)) * arm::smmu::kEventBytes);
      result.push_back(arm::smmu::decode_event(words).value());
    }
    return result;
  }
  /// The last record, of which there must be `count`.
  [[nodiscard]] EventRecord last_record(std::size_t count) const {
    const auto all = records();
    if (all.size() != count) throw std::runtime_error("another number of records: " + std::to_string(all.size()));
    return all.back();
  }

  // Usual structures: 4KB, 48 bits, Write-Back walks.
  [[nodiscard]] static Cd usual_cd(std::uint64_t root) {
    Cd c;
    c.t0sz = 16;
    c.ir0 = c.or0 = 1;
    c.sh0 = 3;
    c.epd1 = c.v = c.aa64 = c.a = c.r = c.aset = true;
    c.ips = 5;
    c.asid = 1;
    c.ttb0 = {root};
    c.mair = 0x0c'44ff;  // 0: Write-Back, 1: Non-cacheable, 2: Device-GRE
    return c;
  }
  [[nodiscard]] static Ste usual_ste(SteConfig config) {
    Ste s;
    s.v = true;
    s.config = config;
    s.s1_context_ptr = {kContexts};
    s.s1cir = s.s1cor = 1;
    s.s1csh = 3;
    return s;
  }
  static void add_stage2(Ste& s, std::uint64_t root, std::uint16_t vmid = 1) {
    s.s2vmid = vmid;
    s.s2t0sz = 24;  // 40 bits of IPA: two level 1 tables side by side
    s.s2sl0 = 1;
    s.s2ir0 = s.s2or0 = 1;
    s.s2sh0 = 3;
    s.s2ps = 5;
    s.s2aa64 = s.s2r = true;
    s.s2ttb = {root};
  }
  [[nodiscard]] Tables stage1_tables() { return {interconnect, kTables, {arm::Granule::K4}, 48, 0}; }
  [[nodiscard]] Tables stage2_tables() {
    return {interconnect, kStage2Tables, {.granule = arm::Granule::K4, .stage = 2}, 40, 1};
  }
  /// `bytes` of IPA space as they are.
  static void identity(Tables& t, std::uint64_t from, std::uint64_t bytes) {
    for (std::uint64_t a = from; a < from + bytes; a += 0x20'0000) t.map(a, {.address = a}, 2);
  }

 private:
  static smmu::Parameters configured(smmu::Parameters p) {
    p.agent = kSmmu;
    p.base = {kRegisters};
    p.doorbell = kDoorbell;
    p.sync = kSync;
    p.record = kRecord;
    return p;
  }
};

}  // namespace staleline::smmu_rig
