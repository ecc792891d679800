// SPDX-License-Identifier: Apache-2.0
// Ranges of addresses that belong to targets: the registers of devices. The home sends accesses on, in the order
// in which they came, and the replies back.
#include <cassert>
#include <stdexcept>

#include "home.h"

namespace staleline::interconnect {

using cache::protocol::Request;
using Channel = Message::Channel;
using Result = Message::Result;

namespace {

/// The target's end: an inbox, and replies that leave at once or later.
class Port final : public TargetPort, public cache::Peer {
 public:
  Port(Interconnect::Implementation& home, Target& target) : home_(home), target_(target) {}
  void connect(std::uint8_t port) { port_ = port; }

  [[nodiscard]] Cycle next() const override { return inbox_.next(); }
  void deliver(Cycle now) override {
    while (inbox_.next() <= now) {
      const Cycle at = inbox_.next();
      const Message m = inbox_.take();
      TargetRequest r;
      r.write = m.request == Request::WriteNoSnp;
      r.size = m.size;
      r.source = m.source;
      r.address = {m.line + m.offset};
      r.ticket = m.tag;
      if (r.write) std::memcpy(r.data.data(), m.data.data() + m.offset, m.size);
      if (target_.access(r, at) == cache::Answer::Now) reply(at, r);
    }
  }
  void reply(Cycle now, const TargetRequest& r) override {
    Message& m = home_.put(now + home_.timing().link_cycles, port_, sequence_++);
    m.channel = Channel::Target;
    m.source = port_;
    m.tag = r.ticket;
    m.has_data = !r.write;
    m.failed = r.failed;
    const std::uint64_t offset = r.address.offset_in(arm::kLineBytes);
    assert(offset + r.size <= arm::kLineBytes);
    if (r.write) return;
    if (r.failed) {
      std::memset(m.data.data() + offset, 0, r.size);
    } else {
      std::memcpy(m.data.data() + offset, r.data.data(), r.size);
    }
  }

  Message& put(Cycle due, std::uint32_t sequence) override { return inbox_.put(due, 0, sequence); }

 private:
  Interconnect::Implementation& home_;
  Target& target_;
  engine::Inbox<Message> inbox_;
  std::uint32_t sequence_ = 0;
  std::uint8_t port_ = 0;
};

}  // namespace

std::uint8_t Interconnect::Implementation::attach_target(std::uint64_t base, std::uint64_t bytes, cache::Peer& peer) {
  if (bytes == 0 || base + bytes - 1 < base) throw std::invalid_argument("a target has 1 byte or more");
  for (const TargetRange& other : targets_) {
    if (base <= other.base + (other.bytes - 1) && other.base <= base + (bytes - 1)) {
      throw std::invalid_argument("two targets have the same address");
    }
  }
  const std::uint8_t port = attach_device(peer);
  targets_.push_back({base, bytes, port, 0});
  untargeted_bytes_ = 0;
  return port;
}

bool Interconnect::Implementation::find_untargeted(std::uint64_t address) {
  std::uint64_t first = 0, last = ~std::uint64_t{0};
  for (const TargetRange& t : targets_) {
    if (address - t.base < t.bytes) return false;
    if (t.base > address) {
      last = std::min(last, t.base - 1);
    } else {
      first = std::max(first, t.base + t.bytes);
    }
  }
  untargeted_ = first;
  untargeted_bytes_ = last - first;  // the last byte is looked for each time
  return true;
}

bool Interconnect::Implementation::to_target(Cycle now, const Message& m) {
  const std::uint64_t address = m.line + m.offset;
  std::uint32_t number = 0;
  while (number < targets_.size() && address - targets_[number].base >= targets_[number].bytes) ++number;
  if (number == targets_.size()) return false;
  TargetRange& range = targets_[number];
  const bool device = m.source >= kFirstDevice;
  const bool atomic = m.request == Request::AtomicNoSnp;
  const bool write = m.request == Request::WriteNoSnp || (device && m.request == Request::WriteUnique);
  const bool read = m.request == Request::ReadNoSnp || (device && m.request == Request::ReadOnce);
  if (!write && !read && !atomic) {
    if (m.request <= Request::ReadInstructionCoherent) ++counters_.cacheable_to_target;
    return false;
  }
  if (range.locked) {
    range.waiting.push_back(m);
    return true;
  }
  const Cycle at = std::max(now, pipeline_free_);
  pipeline_free_ = at + parameters_.home_occupancy_cycles;
  ++counters_.requests;
  if ((monitors_set_ != 0 || m.exclusive) && !pass_monitors(m, nullptr)) {
    reply(at, m, Result::Done).exclusive = false;
    return true;
  }
  range.locked = atomic;

  std::uint32_t tag;
  if (free_target_accesses_.empty()) {
    tag = static_cast<std::uint32_t>(target_accesses_.size());
    target_accesses_.emplace_back();
  } else {
    tag = free_target_accesses_.back();
    free_target_accesses_.pop_back();
  }
  TargetAccess& access = target_accesses_[tag];
  access.request = m;
  access.range = number;
  access.acknowledged = write && !device && m.early && range.posted < kMostPosted;
  if (access.acknowledged) {
    ++range.posted;
    reply(at, m, Result::Done);
  }
  Message forwarded = m;
  forwarded.request = write ? Request::WriteNoSnp : Request::ReadNoSnp;
  send_to_target(at, forwarded, tag);
  return true;
}

void Interconnect::Implementation::send_to_target(Cycle at, const Message& m, std::uint32_t tag) {
  ++counters_.target_accesses;
  Port& port = ports_[targets_[target_accesses_[tag].range].port];
  Message& s = tell(port, at + parameters_.link_cycles);
  s = m;
  s.tag = tag;
}

void Interconnect::Implementation::target_replied(Cycle now, const Message& m) {
  const TargetAccess access = target_accesses_[m.tag];
  const bool atomic = access.request.request == Request::AtomicNoSnp;
  if (atomic && m.has_data && !m.failed) {
    Message write = m;
    static_cast<cache::MessageHeader&>(write) = access.request;
    write.request = Request::WriteNoSnp;
    write.has_data = true;
    if (write.modifier->modify({write.data.data() + write.offset, write.size})) {
      send_to_target(now, write, m.tag);
      return;
    }
  }
  free_target_accesses_.push_back(m.tag);
  if (access.acknowledged) {
    --targets_[access.range].posted;
    return;
  }
  const bool bytes = m.has_data && !atomic;
  Message& r = reply(now, access.request, bytes ? Result::Bytes : Result::Done);
  r.has_data = bytes;
  r.failed = m.failed;
  if (bytes) r.data = m.data;
  if (atomic) {
    TargetRange& range = targets_[access.range];
    range.locked = false;
    while (!range.locked && !range.waiting.empty()) {
      const Message next = range.waiting.front();
      range.waiting.pop_front();
      to_target(now, next);
    }
  }
  if (access.request.source >= kFirstDevice) freed_ports_.push_back(access.request.source);
}

std::unique_ptr<TargetPort> Interconnect::map_target(arm::PhysAddr base, std::uint64_t bytes, Target& target) {
  auto port = std::make_unique<interconnect::Port>(*implementation_, target);
  port->connect(implementation_->attach_target(base.value, bytes, *port));
  return port;
}

}  // namespace staleline::interconnect
