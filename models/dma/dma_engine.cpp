// SPDX-License-Identifier: Apache-2.0
// Device programs in time: transfers of up to a line, reads one at a time, writes several.
#include "staleline/dma/dma_engine.h"

#include <algorithm>
#include <cstring>

namespace staleline::dma {

using What = pe::Action::What;

namespace {
constexpr std::uint32_t kDmaChunk = 64;
}

DmaEngine::DmaEngine(const Parameters& parameters, const a64::Program& program,
                     interconnect::Interconnect& interconnect, pe::Board& board)
    : parameters_(parameters),
      board_(board),
      translated_(false),
      port_(interconnect.attach(*this, *this)),
      sequencer_(program, kDmaChunk, false) {}

DmaEngine::DmaEngine(const Parameters& parameters, const a64::Program& program, smmu::Smmu& smmu,
                     const smmu::Device& device, pe::Board& board)
    : parameters_(parameters),
      board_(board),
      translated_(true),
      port_(smmu.attach(device, *this)),
      sequencer_(program, kDmaChunk, false) {}

event::Path DmaEngine::path() const {
  event::Path p;
  p.memory = parameters_.snoops ? arm::MemoryClass::NormalWB : arm::MemoryClass::NormalNC;
  p.shareability = arm::Shareability::OuterShareable;
  p.node = parameters_.snoops ? event::kCoherentDomain : event::kNoNode;
  p.allocates = false;
  return p;
}

Cycle DmaEngine::next_issue() const {
  if (over_ || blocked_ || loading_) return engine::kNever;
  const pe::Action& a = sequencer_.action();
  if (a.what != What::Await) return ready_at_;
  const Cycle visible = board_.visible(a.edge, a.value);
  return visible == engine::kNever ? visible : std::max(visible, ready_at_);
}

Cycle DmaEngine::next() const {
  const Cycle issue = next_issue();
  return std::min(port_->next(), issue == engine::kNever ? issue : std::max(issue, now_));
}

void DmaEngine::run(Cycle until) {
  for (Cycle due = next(); due < until; due = next()) {
    now_ = std::max(due, now_);
    tick();
  }
}

void DmaEngine::tick() {
  if (port_->next() <= now_) {
    port_->deliver(now_);
    blocked_ = false;
  }
  if (next_issue() <= now_) perform();
}

void DmaEngine::perform() {
  const pe::Action& a = sequencer_.action();
  ready_at_ = now_ + 1;
  switch (a.what) {
    case What::Load:
      access(false);
      return;
    case What::Store:
      access(true);
      return;
    case What::Send:
      // What a device tells comes after what it wrote: posted writes do not pass each other.
      if (writes_ != 0) {
        blocked_ = true;
        return;
      }
      send();
      break;
    case What::Await: {
      event::Event e;
      e.kind = event::Kind::EdgeReceive;
      e.aux = a.edge.value;
      e.data[0] = a.value;
      e.mechanism = a.mechanism;
      emit(e);
      break;
    }
    case What::Delay:
      ready_at_ = now_ + std::max<Cycle>(a.value, 1);
      break;
    case What::End:
      over_ = true;
      board_.end(parameters_.agent, now_);
      return;
    default:  // registers; devices have no caches, barriers or system registers
      break;
  }
  finish();
}

void DmaEngine::send() {
  const pe::Action& a = sequencer_.action();
  event::Event e;
  e.kind = event::Kind::EdgeSend;
  e.aux = a.edge.value;
  e.data[0] = board_.send(a.edge, now_);
  e.mechanism = a.mechanism;
  emit(e);
}

void DmaEngine::finish() {
  const event::SourceLine line = sequencer_.action().line;
  progress_ = 0;
  if (sequencer_.finish(response_, response_from_)) board_.mark(parameters_.agent, line, now_);
}

void DmaEngine::access(bool write) {
  if (write && writes_ >= parameters_.writes_in_flight) {
    blocked_ = true;
    return;
  }
  const pe::Action& a = sequencer_.action();
  interconnect::IoRequest r;
  r.write = write;
  r.snoop = parameters_.snoops;
  r.address = arm::PhysAddr{a.address.value} + progress_;
  r.tag = a.line.value;
  r.size =
      static_cast<std::uint8_t>(std::min(a.bytes - progress_, arm::kLineBytes - r.address.offset_in(arm::kLineBytes)));
  if (write) {
    std::memcpy(r.data.data(), a.data.data() + progress_, r.size);
    emit_access(event::Kind::Write, r);
    ++writes_;
    ++counts_.stores;
  } else {
    ++counts_.loads;
    loading_ = true;
  }
  port_->access(now_, r);
  if (!write) return;
  progress_ += r.size;
  if (progress_ == a.bytes) finish();
}

void DmaEngine::completed(const interconnect::IoRequest& r, Cycle) {
  if (r.write) {
    --writes_;
    return;
  }
  emit_access(event::Kind::Read, r);
  if (progress_ == 0) response_from_ = r.address;
  std::memcpy(response_.data() + progress_, r.data.data(), r.size);
  progress_ += r.size;
  loading_ = false;
  ready_at_ = now_;
  if (progress_ == sequencer_.action().bytes) finish();
}

void DmaEngine::emit(event::Event e) {
  if (events() == nullptr) return;
  e.cycle = now_;
  e.agent = parameters_.agent;
  e.line = sequencer_.action().line;
  events()->emit(e);
}

void DmaEngine::emit_access(event::Kind kind, const interconnect::IoRequest& r) {
  if (translated_ || events() == nullptr) return;
  for (std::uint8_t at = 0; at < r.size;) {
    const auto size = static_cast<std::uint8_t>(std::min<int>(16, r.size - at));
    event::Event e;
    e.kind = kind;
    e.address = r.address + at;
    e.size = size;
    e.path = path();
    std::memcpy(e.data.data(), r.data.data() + at, size);
    emit(e);
    at = static_cast<std::uint8_t>(at + size);
  }
}

pe::Standing DmaEngine::standing() const {
  const pe::Action& a = sequencer_.action();
  const bool awaits = a.what == What::Await && board_.visible(a.edge, a.value) == engine::kNever;
  return {parameters_.agent, a.line, over_, awaits};
}

pe::Counts DmaEngine::counts() const {
  pe::Counts counts = counts_;
  counts.instructions = sequencer_.instructions();
  return counts;
}

}  // namespace staleline::dma
