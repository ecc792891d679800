// SPDX-License-Identifier: Apache-2.0
// Time, the SMMU's own accesses, registers.
#include "core.h"

#include <algorithm>
#include <cstring>

namespace staleline::smmu {

using arm::smmu::Register;
namespace reg = arm::smmu;

Smmu::Core::Core(Smmu& owner, const Parameters& parameters, interconnect::Interconnect& interconnect, pe::Board& board)
    : shared_(parameters), owner_(owner), interconnect_(interconnect), board_(board) {
  port_ = interconnect.attach(owner, *this);
  if (parameters.broadcast) port_->listen_to_tlb_maintenance();
  registers_ = interconnect.map_target(parameters.base, reg::kRegisterBytes, *this);
  board.end(parameters.agent, 0);  // it has no program
}
Smmu::Core::~Core() = default;

std::unique_ptr<interconnect::IoPort> Smmu::Core::attach(const Device& device, interconnect::IoClient& client) {
  auto stream = std::make_unique<Stream>(*this, streams_.size(), device);
  auto port = std::make_unique<StreamPort>(*this, streams_.size(), client, shared_.parameters.link_cycles);
  stream->port = port.get();
  stream->data = interconnect_.attach(owner_, *stream);
  streams_.push_back(std::move(stream));
  return port;
}

Cycle Smmu::Core::next() const {
  if (!started_) return 0;
  Cycle due = std::min(registers_->next(), port_->next());
  for (const auto& s : streams_) {
    due = std::min(due, s->data->next());
    if (s->translator.next() == Translator::Next::Idle) due = std::min(due, s->arrived.next());
  }
  if (record_due()) due = std::min(due, now_);
  if (command_due()) due = std::min(due, command_at_);
  return due == engine::kNever ? due : std::max(due, now_);
}

void Smmu::Core::run(Cycle until) {
  for (Cycle due = next(); due < until; due = next()) {
    now_ = due;
    started_ = true;
    tick();
  }
}

// Whether TLB maintenance of PEs holds here, and whether anything is translated or else terminated: told where it
// changes.
void Smmu::Core::tell_registers() {
  const auto tell = [&](bool& said, bool now, std::uint32_t what) {
    if (now == said) return;
    said = now;
    event::Event e = own(event::Kind::SystemRegister);
    e.aux = what;
    e.data[0] = now ? 1 : 0;
    emit(e);
  };
  const auto& registers = shared_.registers;
  tell(takes_broadcasts_, shared_.parameters.broadcast && registers.get(Register::CR2, reg::cr2::PTM) == 0,
       event::kSmmuTakesBroadcasts);
  tell(aborts_, registers.get(Register::GBPA, reg::gbpa::ABORT) != 0, event::kSmmuAborts);
  tell(enabled_, registers.get(Register::CR0, reg::cr0::SMMUEN) != 0, event::kSmmuEnabled);
}

void Smmu::Core::tick() {
  tell_registers();
  if (registers_->next() <= now_) registers_->deliver(now_);
  if (port_->next() <= now_) port_->deliver(now_);
  for (const auto& s : streams_) {
    if (s->data->next() <= now_) s->data->deliver(now_);
  }
  for (const auto& s : streams_) {
    if (s->translator.next() == Translator::Next::Idle && s->arrived.next() <= now_) begin(*s);
  }
  if (record_due()) write_record();
  if (command_due() && command_at_ <= now_) {
    if (command_ == Command::Syncing) {
      finish_sync();
    } else {
      read_command();
    }
  }
  if (!unanswered_.empty()) answer_tlb_maintenance();
}

pe::Standing Smmu::Core::standing() const {
  const Parameters& p = shared_.parameters;
  const bool rung = p.doorbell && board_.visible(*p.doorbell, doorbells_) != engine::kNever;
  const bool translating = std::any_of(streams_.begin(), streams_.end(), [](const auto& s) {
    return s->translator.next() != Translator::Next::Idle || s->issued.size() != s->free.size();
  });
  const bool ended = next() == engine::kNever && command_ == Command::None && !writing_record_ && !translating && !rung;
  return {p.agent, {}, ended, false};
}

void Smmu::Core::read(std::uint32_t tag, arm::PhysAddr address, std::uint8_t bytes, event::Path path) {
  interconnect::IoRequest r;
  r.address = address;
  r.size = bytes;
  r.snoop = path.node == event::kCoherentDomain;
  r.tag = tag;
  port_->access(now_, r);
}

void Smmu::Core::completed(const interconnect::IoRequest& r, Cycle) {
  if (r.tag == kCommandQueue) {
    command_read(r);
  } else if (r.tag == kEventQueue) {
    record_written();
  } else {
    supplied(*streams_[r.tag - kFirstStream], r);
  }
}

cache::Answer Smmu::Core::access(interconnect::TargetRequest& r, Cycle) {
  const std::uint64_t offset = r.address - shared_.parameters.base;
  if (!r.write) {
    const std::uint64_t value = shared_.registers.read(offset, r.size);
    std::memcpy(r.data.data(), &value, std::min<std::size_t>(r.size, sizeof value));
    return cache::Answer::Now;
  }
  // Only the stores of PEs ring; what a device writes here is nobody's doorbell.
  const auto& edge = shared_.parameters.doorbell;
  if (edge && board_.visible(*edge, doorbells_) != engine::kNever) {
    event::Event e = own(event::Kind::EdgeReceive);
    e.aux = edge->value;
    e.data[0] = doorbells_++;
    e.mechanism = event::Mechanism::Doorbell;
    emit(e);
  }
  std::uint64_t value = 0;
  std::memcpy(&value, r.data.data(), std::min<std::size_t>(r.size, sizeof value));
  shared_.registers.write(offset, r.size, value);
  tell_registers();
  command_at_ = std::max(command_at_, now_);
  return cache::Answer::Now;
}

event::Path Smmu::Core::queue_path() const {
  using namespace reg::cr1;
  const std::uint64_t cr1 = shared_.registers.get(Register::CR1);
  return path_of(access_attributes(reg::get(cr1, QUEUE_IC), reg::get(cr1, QUEUE_OC), reg::get(cr1, QUEUE_SH), false),
                 shared_.parameters.coherent);
}

event::Event Smmu::Core::own(event::Kind kind) const {
  event::Event e;
  e.kind = kind;
  e.agent = shared_.parameters.agent;
  return e;
}

void Smmu::Core::emit(event::Event e) {
  if (owner_.events() == nullptr) return;
  e.cycle = now_;
  owner_.events()->emit(e);
}

// Accesses are told in pieces of at most 16 bytes.
void Smmu::Core::emit_bytes(event::Event e, const std::uint8_t* data, std::uint8_t bytes) {
  if (owner_.events() == nullptr) return;
  const arm::PhysAddr base = e.address;
  for (std::uint8_t at = 0; at < bytes;) {
    e.address = base + at;
    e.size = static_cast<std::uint8_t>(std::min(16, bytes - at));
    e.data = {};
    std::memcpy(e.data.data(), data + at, e.size);
    emit(e);
    at = static_cast<std::uint8_t>(at + e.size);
  }
}

void Smmu::Core::send(const std::optional<event::EdgeId>& edge, event::Mechanism mechanism) {
  if (!edge) return;
  event::Event e = own(event::Kind::EdgeSend);
  e.aux = edge->value;
  e.data[0] = board_.send(*edge, now_);
  e.mechanism = mechanism;
  emit(e);
}

void StreamPort::access(Cycle now, const interconnect::IoRequest& r) {
  ++outstanding_;
  const Cycle departure = std::max(now, next_departure_);
  next_departure_ = departure + 1;
  core_.request(stream_, departure + link_, r);
}

void StreamPort::deliver(Cycle now) {
  while (inbox_.next() <= now) {
    const Cycle at = inbox_.next();
    const interconnect::IoRequest r = inbox_.take();
    --outstanding_;
    client_.completed(r, at);
  }
}

Smmu::Smmu(const Parameters& parameters, interconnect::Interconnect& interconnect, pe::Board& board)
    : core_(std::make_unique<Core>(*this, parameters, interconnect, board)) {}
Smmu::~Smmu() = default;

Cycle Smmu::next() const { return core_->next(); }
void Smmu::run(Cycle until) { core_->run(until); }
std::unique_ptr<interconnect::IoPort> Smmu::attach(const Device& device, interconnect::IoClient& client) {
  return core_->attach(device, client);
}
std::uint64_t Smmu::read_register(std::uint64_t offset, std::uint8_t bytes) const {
  return core_->shared_.registers.read(offset, bytes);
}
const Smmu::Counters& Smmu::counters() const { return core_->shared_.counters; }
pe::Standing Smmu::standing() const { return core_->standing(); }
void Smmu::preset(std::uint64_t offset, std::uint8_t bytes, std::uint64_t value) {
  core_->shared_.registers.write(offset, bytes, value);
}

}  // namespace staleline::smmu
