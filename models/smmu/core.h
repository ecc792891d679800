// SPDX-License-Identifier: Apache-2.0
// The insides of an SMMU: streams of devices, the command queue, the event queue, and their reads and writes.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "staleline/engine/inbox.h"
#include "staleline/smmu/smmu.h"
#include "translator.h"

namespace staleline::smmu {

class StreamPort;

/// Whose an access of the SMMU's own port is: IoRequest::tag.
inline constexpr std::uint32_t kCommandQueue = 0, kEventQueue = 1, kFirstStream = 2;

class Smmu::Core final : public interconnect::IoClient, public interconnect::Target {
 public:
  Core(Smmu& owner, const Parameters& parameters, interconnect::Interconnect& interconnect, pe::Board& board);
  ~Core() override;

  [[nodiscard]] Cycle next() const;
  void run(Cycle until);
  std::unique_ptr<interconnect::IoPort> attach(const Device& device, interconnect::IoClient& client);
  [[nodiscard]] pe::Standing standing() const;

  Shared shared_;

  // streams.cpp
  /// What a device sent, as it arrives.
  void request(std::size_t stream, Cycle due, const interconnect::IoRequest& r);

 private:
  // How many transactions of each stream had begun at some time.
  using Point = std::vector<std::uint64_t>;
  // A transaction on its way to memory.
  struct Issued {
    interconnect::IoRequest original;
    Translator::Result result;
    std::uint64_t number = 0;  // among those of its stream, from 1; 0: a free slot
  };
  // One device. Its transactions are translated in order; a miss makes those behind it wait.
  struct Stream final : interconnect::IoClient {
    Stream(Core& c, std::size_t i, const Device& d) : core(c), index(i), translator(c.shared_, d) {}
    void completed(const interconnect::IoRequest& r, Cycle at) override { core.transferred(*this, r, at); }
    Core& core;
    std::size_t index;
    Translator translator;
    StreamPort* port = nullptr;  // the device's end
    engine::Inbox<interconnect::IoRequest> arrived;
    std::uint32_t sequence = 0, replies = 0;
    std::unique_ptr<interconnect::IoPort> data;
    std::vector<Issued> issued;
    std::vector<std::uint32_t> free;
    std::uint64_t begun = 0;  // how many transactions
  };

  // core.cpp
  void tick();
  void completed(const interconnect::IoRequest& r, Cycle at) override;
  cache::Answer access(interconnect::TargetRequest& r, Cycle at) override;
  cache::Answer tlb_maintenance(const cache::TlbMaintenance& m, Cycle at) override;
  void read(std::uint32_t tag, arm::PhysAddr address, std::uint8_t bytes, event::Path path);
  void tell_registers();
  [[nodiscard]] event::Event own(event::Kind kind) const;
  void emit(event::Event e);
  void emit_bytes(event::Event e, const std::uint8_t* data, std::uint8_t bytes);
  void send(const std::optional<event::EdgeId>& edge, event::Mechanism mechanism);
  [[nodiscard]] event::Path queue_path() const;

  // streams.cpp
  void begin(Stream& s);
  void supplied(Stream& s, const interconnect::IoRequest& r);
  void go_on(Stream& s);
  void fetch(const Stream& s);
  void next_walk();
  void issue(Stream& s);
  void tell_access(const Stream& s, const Issued& i, const interconnect::IoRequest& r);
  void terminate(Stream& s, bool fault);
  void transferred(Stream& s, const interconnect::IoRequest& r, Cycle at);
  void reply(Stream& s, const interconnect::IoRequest& r);
  void poison();

  // commands.cpp
  [[nodiscard]] bool command_due() const;
  void read_command();
  void command_read(const interconnect::IoRequest& r);
  void perform(const arm::smmu::Command& c);
  void invalidate(const arm::smmu::Command& c, const arm::Tlbi& tlbi);
  void tell_invalidation(const arm::smmu::Command& c, arm::Tlbi tlbi);
  void begin_sync();
  [[nodiscard]] Point begun() const;
  [[nodiscard]] bool over(const Point& point) const;
  void finish_sync();
  void answer_tlb_maintenance();
  void command_done();
  void command_error(arm::smmu::CommandError e);

  // records.cpp
  void record(const arm::smmu::EventRecord& r);
  [[nodiscard]] bool record_due() const;
  void write_record();
  void record_written();

  Smmu& owner_;
  interconnect::Interconnect& interconnect_;
  pe::Board& board_;
  std::unique_ptr<interconnect::IoPort> port_;  // the SMMU's own accesses
  std::unique_ptr<interconnect::TargetPort> registers_;
  std::vector<std::unique_ptr<Stream>> streams_;
  Stream* walking_ = nullptr;  // whose descriptors are being read
  std::deque<Stream*> walks_waiting_;
  Cycle now_ = 0;
  bool started_ = false, takes_broadcasts_ = false, enabled_ = true, aborts_ = false;
  std::uint64_t doorbells_ = 0;  // received

  enum class Command : std::uint8_t { None, Reading, Syncing } command_ = Command::None;
  Cycle command_at_ = 0;  // not before
  event::Path command_path_{};
  Point sync_;  // CMD_SYNC waits for what had begun

  struct Unanswered {
    std::uint32_t ticket = 0;
    Point point;
  };
  std::vector<Unanswered> unanswered_;  // broadcast TLB maintenance

  std::deque<arm::smmu::EventRecord> records_;
  bool writing_record_ = false;
};

/// A device's end of its stream.
class StreamPort final : public interconnect::IoPort {
 public:
  StreamPort(Smmu::Core& core, std::size_t stream, interconnect::IoClient& client, Cycle link)
      : core_(core), stream_(stream), client_(client), link_(link) {}
  void access(Cycle now, const interconnect::IoRequest& r) override;
  [[nodiscard]] Cycle next() const override { return inbox_.next(); }
  void deliver(Cycle now) override;
  [[nodiscard]] std::size_t outstanding() const override { return outstanding_; }
  // Devices have no TLBs: ATS is not modelled.
  void listen_to_tlb_maintenance() override {}
  void answer_tlb_maintenance(Cycle, std::uint32_t) override {}
  void reply(Cycle due, std::uint32_t sequence, const interconnect::IoRequest& r) { inbox_.put(due, 0, sequence) = r; }

 private:
  Smmu::Core& core_;
  std::size_t stream_;
  interconnect::IoClient& client_;
  Cycle link_;
  Cycle next_departure_ = 0;
  std::size_t outstanding_ = 0;
  engine::Inbox<interconnect::IoRequest> inbox_;
};

}  // namespace staleline::smmu
