// SPDX-License-Identifier: Apache-2.0
// The command queue (IHI 0070 3.5, chapter 4): one command after the other, each read when its turn comes.
#include <algorithm>
#include <cstring>

#include "core.h"

namespace staleline::smmu {

using arm::smmu::CommandError;
using arm::smmu::Opcode;
using arm::smmu::QueueIndex;
using arm::smmu::Register;
namespace reg = arm::smmu;

namespace {

QueueIndex queue_of(const Shared& s) {
  const std::uint64_t log2size = s.registers.get(Register::CMDQ_BASE, reg::queue_base::LOG2SIZE);
  return {static_cast<std::uint8_t>(std::min<std::uint64_t>(log2size, s.parameters.command_queue_log2))};
}

}  // namespace

bool Smmu::Core::command_due() const {
  const RegisterFile& r = shared_.registers;
  if (command_ == Command::Syncing) return over(sync_);
  if (command_ != Command::None || !r.commands_enabled() || r.error_active(reg::gerror::CMDQ_ERR)) return false;
  const auto prod = static_cast<std::uint32_t>(r.get(Register::CMDQ_PROD, reg::cmdq_prod::WR));
  const auto cons = static_cast<std::uint32_t>(r.get(Register::CMDQ_CONS, reg::cmdq_cons::RD));
  return !queue_of(shared_).empty(prod, cons);
}

void Smmu::Core::read_command() {
  const RegisterFile& r = shared_.registers;
  const QueueIndex q = queue_of(shared_);
  const std::uint64_t bytes = arm::smmu::kCommandBytes << q.log2size;
  const std::uint64_t base = r.get(Register::CMDQ_BASE, reg::queue_base::ADDR) & ~(bytes - 1);
  const auto cons = static_cast<std::uint32_t>(r.get(Register::CMDQ_CONS, reg::cmdq_cons::RD));
  command_ = Command::Reading;
  command_path_ = queue_path();
  read(kCommandQueue, {base + q.index(cons) * arm::smmu::kCommandBytes}, arm::smmu::kCommandBytes, command_path_);
}

void Smmu::Core::command_read(const interconnect::IoRequest& r) {
  command_ = Command::None;
  if (r.failed) return command_error(CommandError::Abort);
  event::Event e = own(event::Kind::Read);
  e.address = r.address;
  e.path = command_path_;
  emit_bytes(e, r.data.data(), r.size);
  // Disabled in between: the command stays in the queue.
  if (!shared_.registers.commands_enabled()) return;
  arm::smmu::CommandWords words;
  std::memcpy(words.data(), r.data.data(), sizeof words);
  const auto command = arm::smmu::decode_command(words);
  if (!command) return command_error(CommandError::Illegal);
  perform(*command);
}

void Smmu::Core::perform(const arm::smmu::Command& c) {
  ++shared_.counters.commands;
  if (c.ssec) return command_error(CommandError::Illegal);
  if (const auto tlbi = arm::smmu::tlbi_of(c)) {
    const bool of_stage1 = c.opcode != Opcode::TLBI_S2_IPA && c.opcode != Opcode::TLBI_S12_VMALL;
    const Parameters& p = shared_.parameters;
    if (c.opcode != Opcode::TLBI_NSNH_ALL && !(of_stage1 ? p.stage1 : p.stage2)) {
      return command_error(CommandError::Illegal);
    }
    invalidate(c, *tlbi);
    return command_done();
  }
  switch (c.opcode) {
    case Opcode::CFGI_STE:
    case Opcode::CFGI_STE_RANGE:
    case Opcode::CFGI_CD:
    case Opcode::CFGI_CD_ALL:
    case Opcode::CFGI_VMS_PIDM: {
      shared_.configuration.invalidate(c);
      poison();
      event::Event e = own(event::Kind::Tlbi);
      e.aux = event::kSmmuConfiguration | static_cast<std::uint32_t>(c.opcode);
      const auto words = arm::smmu::encode(c);
      e.data = {words[0], words[1]};
      emit(e);
      return command_done();
    }
    case Opcode::PREFETCH_CONFIG:
    case Opcode::PREFETCH_ADDR:
      return command_done();  // hints
    case Opcode::SYNC:
      return begin_sync();
    default:  // EL3, ATS, PRI and stalls are not implemented
      return command_error(CommandError::Illegal);
  }
}

void Smmu::Core::invalidate(const arm::smmu::Command& c, const arm::Tlbi& tlbi) {
  mmu::Invalidation i;
  i.tlbi = tlbi;
  i.regime = tlbi.el == 1 ? arm::Regime::EL10 : shared_.limits().e2h ? arm::Regime::EL20 : arm::Regime::EL2;
  i.vmid = c.vmid;
  i.operand = arm::smmu::tlbi_operand(c);
  shared_.invalidate(i);
  poison();
  tell_invalidation(c, tlbi);
}

// As TLBI instructions of this walker alone. Their ranges are coarser, so that a range may take several.
void Smmu::Core::tell_invalidation(const arm::smmu::Command& c, arm::Tlbi tlbi) {
  if (owner_.events() == nullptr) return;
  const bool range = tlbi.range;
  tlbi.reach = arm::TlbiReach::Local;
  tlbi.range = false;
  event::Event e = own(event::Kind::Tlbi);
  e.data[1] = std::uint64_t{c.vmid} << 16 | c.asid;
  const auto tell = [&](bool as_range, std::uint64_t xt) {
    tlbi.range = as_range;
    e.aux = arm::pack(tlbi);
    e.data[0] = xt;
    emit(e);
  };
  const arm::TlbiOperand o = arm::smmu::tlbi_operand(c);
  if (!range) return tell(false, arm::encode_operand(c.asid, o.first));
  const std::uint64_t page = arm::page_bytes(*o.granule);
  std::uint64_t at = o.first;
  for (std::uint64_t left = o.bytes / page; left != 0;) {
    std::uint64_t pages = 1;
    std::optional<std::uint64_t> xt;
    for (unsigned scale = 4; scale-- > 0 && !xt;) {
      const std::uint64_t unit = std::uint64_t{1} << (5 * scale + 1);
      pages = std::min<std::uint64_t>(left / unit, 32) * unit;
      if (pages != 0) xt = arm::encode_range(c.asid, *o.granule, at, pages * page, c.ttl);
    }
    if (xt) {
      tell(true, *xt);
    } else {
      pages = 1;
      // A page of a larger granule is whole in every 4KB of it.
      tell(false, arm::encode_operand(c.asid, at));
    }
    at += pages * page;
    left -= pages;
  }
}

// IHI 0070 3.17: what PEs broadcast holds here too, unless CR2.PTM says otherwise. CD.ASET would permit to keep more.
cache::Answer Smmu::Core::tlb_maintenance(const cache::TlbMaintenance& m, Cycle) {
  if (shared_.registers.get(Register::CR2, reg::cr2::PTM) != 0) return cache::Answer::Now;
  shared_.invalidate(mmu::invalidation_of(m.words));
  poison();
  Point point = begun();
  if (over(point)) return cache::Answer::Now;
  unanswered_.push_back({m.ticket, std::move(point)});
  return cache::Answer::Later;
}

void Smmu::Core::answer_tlb_maintenance() {
  const auto done = std::stable_partition(unanswered_.begin(), unanswered_.end(),
                                          [this](const Unanswered& u) { return !over(u.point); });
  for (auto u = done; u != unanswered_.end(); ++u) port_->answer_tlb_maintenance(now_, u->ticket);
  unanswered_.erase(done, unanswered_.end());
}

// IHI 0070 4.7.3: done once nothing under way used what earlier commands removed.
void Smmu::Core::begin_sync() {
  command_ = Command::Syncing;
  command_at_ = now_ + 1;
  sync_ = begun();
}

Smmu::Core::Point Smmu::Core::begun() const {
  Point point;
  for (const auto& s : streams_) point.push_back(s->begun);
  return point;
}

bool Smmu::Core::over(const Point& point) const {
  return std::all_of(streams_.begin(), streams_.end(), [&](const auto& s) {
    const std::uint64_t last = point[s->index];
    if (s->translator.next() != Translator::Next::Idle && s->begun <= last) return false;
    return std::all_of(s->issued.begin(), s->issued.end(),
                       [=](const Issued& i) { return i.number == 0 || i.number > last; });
  });
}

void Smmu::Core::finish_sync() {
  event::Event e = own(event::Kind::Barrier);
  e.aux = event::pack(arm::Barrier{arm::BarrierKind::DSB, arm::BarrierDomain::SY, arm::BarrierAccess::All});
  emit(e);
  command_done();
  send(shared_.parameters.sync, event::Mechanism::Completion);
}

void Smmu::Core::command_done() {
  RegisterFile& r = shared_.registers;
  const auto cons = static_cast<std::uint32_t>(r.get(Register::CMDQ_CONS, reg::cmdq_cons::RD));
  r.set(Register::CMDQ_CONS, reg::cmdq_cons::RD, queue_of(shared_).next(cons));
  r.set(Register::CMDQ_CONS, reg::cmdq_cons::ERR, static_cast<std::uint64_t>(CommandError::None));
  command_ = Command::None;
  command_at_ = now_ + 1;
}

// IHI 0070 7.1: CONS stays at the command until GERRORN acknowledges the error.
void Smmu::Core::command_error(CommandError e) {
  command_ = Command::None;
  command_at_ = now_ + 1;
  shared_.registers.set(Register::CMDQ_CONS, reg::cmdq_cons::ERR, static_cast<std::uint64_t>(e));
  shared_.registers.raise(reg::gerror::CMDQ_ERR);
}

}  // namespace staleline::smmu
