// SPDX-License-Identifier: Apache-2.0
// The public face of the interconnect, the ports of devices, and the backdoors.
#include "staleline/interconnect/interconnect.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "home.h"

namespace staleline::interconnect {

namespace protocol = cache::protocol;

namespace {

/// A device's port: requests leave one a cycle, in order, as long as not too many are on their way.
class DevicePort final : public IoPort, public cache::Peer {
 public:
  DevicePort(Interconnect::Implementation& home, IoClient& client, std::uint32_t in_flight)
      : home_(home), client_(client), link_(home.timing().link_cycles), most_in_flight_(in_flight) {}
  void connect(std::uint8_t port) { port_ = port; }

  void access(Cycle now, const IoRequest& r) override {
    if (in_flight_ >= most_in_flight_) {
      held_.push_back(r);
    } else {
      send(now, r);
    }
  }
  [[nodiscard]] Cycle next() const override { return inbox_.next(); }
  [[nodiscard]] std::size_t outstanding() const override { return in_flight_ + held_.size(); }
  void listen_to_tlb_maintenance() override { home_.listen_to_tlb_maintenance(port_); }
  void answer_tlb_maintenance(Cycle now, std::uint32_t ticket) override {
    respond(now, cache::kTlbLines + ticket * arm::kLineBytes);
  }
  void deliver(Cycle now) override {
    while (inbox_.next() <= now) {
      const Cycle at = inbox_.next();
      const cache::Message m = inbox_.take();
      if (m.channel == cache::Message::Channel::Snoop) {
        cache::TlbMaintenance t;
        std::memcpy(t.words.data(), m.data.data(), sizeof t.words);
        t.ticket = static_cast<std::uint32_t>((m.line - cache::kTlbLines) / arm::kLineBytes);
        if (client_.tlb_maintenance(t, at) == cache::Answer::Now) respond(at, m.line);
        continue;
      }
      IoRequest r = taken_[m.tag];
      free_.push_back(m.tag);
      --in_flight_;
      if (!held_.empty()) {
        send(at, held_.front());
        held_.pop_front();
      }
      r.failed = m.failed;
      if (m.has_data) std::memcpy(r.data.data(), m.data.data() + r.address.offset_in(arm::kLineBytes), r.size);
      client_.completed(r, at);
    }
  }

  cache::Message& put(Cycle due, std::uint32_t sequence) override { return inbox_.put(due, 0, sequence); }

 private:
  void send(Cycle now, const IoRequest& r) {
    ++in_flight_;
    std::uint32_t tag;
    if (free_.empty()) {
      tag = static_cast<std::uint32_t>(taken_.size());
      taken_.push_back(r);
    } else {
      tag = free_.back();
      free_.pop_back();
      taken_[tag] = r;
    }
    const Cycle departure = std::max(now, next_departure_);
    next_departure_ = departure + 1;
    cache::Message& m = home_.put(departure + link_, port_, sequence_++);
    m.channel = cache::Message::Channel::Request;
    m.request = r.write ? (r.snoop ? protocol::Request::WriteUnique : protocol::Request::WriteNoSnp)
                        : (r.snoop ? protocol::Request::ReadOnce : protocol::Request::ReadNoSnp);
    m.line = r.address.aligned_down(arm::kLineBytes).value;
    m.offset = static_cast<std::uint8_t>(r.address.offset_in(arm::kLineBytes));
    m.size = r.size;
    assert(m.offset + m.size <= arm::kLineBytes);
    m.tag = tag;
    m.source = port_;
    m.has_data = r.write;
    m.alone = false;
    m.exclusive = false;
    if (r.write) std::memcpy(m.data.data() + m.offset, r.data.data(), r.size);
  }

  void respond(Cycle now, std::uint64_t line) {
    cache::Message& m = home_.put(now + home_.timing().snoop_cycles, port_, sequence_++);
    m.channel = cache::Message::Channel::Response;
    m.line = line;
    m.source = port_;
    m.has_data = false;
  }

  Interconnect::Implementation& home_;
  IoClient& client_;
  Cycle link_;
  std::uint8_t port_ = 0;
  engine::Inbox<cache::Message> inbox_;
  std::vector<IoRequest> taken_;
  std::vector<std::uint32_t> free_;
  std::deque<IoRequest> held_;
  std::size_t in_flight_ = 0, most_in_flight_;
  std::uint32_t sequence_ = 0;
  Cycle next_departure_ = 0;
};

}  // namespace

Interconnect::Implementation::Implementation(const Parameters& parameters, Interconnect& owner)
    : parameters_(parameters),
      owner_(owner),
      ports_(256),
      monitored_(kFirstDevice, kNoLine),
      dram_(parameters.memory_channels, parameters.memory_cycles, parameters.memory_occupancy_cycles,
            parameters.memory_writes_queued) {
  std::uint64_t seed = 77;
  for (const SharedLevel& level : parameters.shared) {
    if (level.geometry.bytes == 0) continue;
    auto& to = level.below_poc ? memory_side_ : levels_;
    to.push_back({cache::Array(level.geometry, ++seed, !level.below_poc), level.name, level.geometry.hit_cycles,
                  level.geometry});
  }
}

std::uint8_t Interconnect::Implementation::attach(event::PeId pe, cache::Peer& peer, bool has_private_l2) {
  if (pe.value >= kFirstDevice) throw std::invalid_argument("an interconnect has at most 64 PEs");
  assert(ports_[pe.value].peer == nullptr);
  ports_[pe.value].peer = &peer;
  all_pes_ |= std::uint64_t{1} << pe.value;
  private_l2_ = private_l2_ || has_private_l2;
  return pe.value;
}

std::uint8_t Interconnect::Implementation::attach_device(cache::Peer& peer) {
  if (kFirstDevice + devices_ == kOwnRequests) throw std::invalid_argument("too many devices");
  const auto port = static_cast<std::uint8_t>(kFirstDevice + devices_++);
  ports_[port].peer = &peer;
  return port;
}

void Interconnect::Implementation::place(event::PeId pe, std::uint64_t address, bool alone) {
  Line& line = lines_[address];
  const std::uint64_t own = std::uint64_t{1} << pe.value;
  std::array<std::uint8_t, arm::kLineBytes> bytes;
  for (std::uint8_t other = 0; other < kFirstDevice; ++other) {
    const std::uint64_t bit = std::uint64_t{1} << other;
    if ((line.directory.holders & bit) == 0) continue;
    if (!alone && bit != own && line.directory.owner != other) continue;
    if (ports_[other].peer->surrender(address, bytes.data())) write_shared(0, 0, 0, address, bytes.data(), true);
    protocol::forget(line.directory, other);
    if (line.directory.holders == 0) --tracked_;
  }
  if (line.directory.holders == 0) {
    ++tracked_;
    if (parameters_.snoop_filter_lines != 0) tracked_order_.push_back(address);
  }
  line.directory.holders |= own;
  line.directory.owner = alone ? pe.value : protocol::kNobody;
}

void Interconnect::Implementation::give_back(event::PeId pe, std::uint64_t address, const std::uint8_t* dirty) {
  Line* line = lines_.find(address);
  assert(line != nullptr);
  protocol::forget(line->directory, pe.value);
  if (line->directory.holders == 0) --tracked_;
  if (dirty != nullptr) write_shared(0, 0, 0, address, dirty, true);
  forget_if_idle(address, *line);
}

protocol::Directory Interconnect::Implementation::directory(std::uint64_t line) const {
  const Line* found = lines_.find(line);
  return found == nullptr ? protocol::Directory{} : found->directory;
}

std::vector<Holding> Interconnect::Implementation::holdings(std::uint64_t line) const {
  std::vector<cache::Copy> copies;
  for (const Port& port : ports_) {
    if (port.peer != nullptr) port.peer->copies(line, copies);
  }
  std::stable_sort(copies.begin(), copies.end(),
                   [](const cache::Copy& a, const cache::Copy& b) { return a.cache.level < b.cache.level; });
  std::vector<Holding> result;
  const auto add = [&](event::CacheRef where, bool dirty, const std::uint8_t* bytes) {
    Holding& h = result.emplace_back();
    h.cache = where;
    h.dirty = dirty;
    std::memcpy(h.data.data(), bytes, arm::kLineBytes);
  };
  for (const cache::Copy& c : copies) add(c.cache, c.dirty, c.data);
  for (const Level& level : levels_) {
    const std::uint32_t slot = level.array.find(line);
    if (slot == cache::Array::kNoSlot) continue;
    add({level.name, event::kNoPe}, level.array.state(slot) == cache::LineState::Modified, level.array.data(slot));
  }
  for (const Level& level : memory_side_) {
    if (level.array.find(line) == cache::Array::kNoSlot) continue;
    std::array<std::uint8_t, arm::kLineBytes> bytes;
    memory_.read({line}, bytes);
    add({level.name, event::kNoPe}, false, bytes.data());
  }
  return result;
}

Interconnect::Interconnect(const Parameters& parameters)
    : implementation_(std::make_unique<Implementation>(parameters, *this)), home_(implementation_.get()) {}
Interconnect::~Interconnect() = default;

Cycle Interconnect::next() const { return implementation_->next(); }
void Interconnect::run(Cycle until) { implementation_->run(until); }
std::uint64_t Interconnect::told_but(event::PeId pe) const { return implementation_->told_but(pe.value); }

std::unique_ptr<IoPort> Interconnect::attach(engine::Component&, IoClient& client) {
  auto port = std::make_unique<DevicePort>(*implementation_, client, implementation_->io_in_flight());
  port->connect(implementation_->attach_device(*port));
  return port;
}

void Interconnect::poke(arm::PhysAddr address, std::span<const std::uint8_t> bytes) {
  implementation_->memory_.write(address, bytes);
}
void Interconnect::peek(arm::PhysAddr address, std::span<std::uint8_t> bytes) const {
  implementation_->memory_.read(address, bytes);
}

std::vector<Holding> Interconnect::holdings(arm::PhysAddr line) const {
  return implementation_->holdings(line.aligned_down(arm::kLineBytes).value);
}
const Interconnect::Counters& Interconnect::counters() const { return implementation_->counters_; }

Cycle Interconnect::lookahead() const {
  const cache::Home::Timing timing = implementation_->timing();
  return std::min(timing.link_cycles, timing.snoop_cycles);
}

}  // namespace staleline::interconnect
