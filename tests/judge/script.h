// SPDX-License-Identifier: Apache-2.0
// Speaks to a judge as models with translation tables do: walks, entries, TLB maintenance, faults, entitlement.
#pragma once

#include <string>
#include <vector>

#include "staleline/arm/descriptor.h"
#include "staleline/arm/system_registers.h"
#include "staleline/arm/tlbi.h"
#include "staleline/judge/judge.h"

namespace staleline::judge_test {

using event::Event;
using event::Kind;

inline constexpr event::Path kWriteBack{};
inline constexpr event::Path kNonCacheable{.memory = arm::MemoryClass::NormalNC, .node = event::kNoNode};
inline constexpr event::Path kDevice{.memory = arm::MemoryClass::DevicenGnRE, .node = event::kNoNode};

/// Agents act on the PE of the same number, or that `pe_of` names; devices have none.
class Script {
 public:
  explicit Script(judge::Parameters p) : devices_(p.is_device), pe_of_(p.pe_of), judge_(std::move(p)) {}
  explicit Script(std::uint16_t agents, std::vector<bool> devices = {}, bool ets2 = false)
      : Script(judge::Parameters{.agents = agents,
                                 .pes = static_cast<std::uint8_t>(agents),
                                 .is_device = std::move(devices),
                                 .ets2 = ets2,
                                 .initial_bytes = {}}) {}

  Event make(std::uint16_t agent, Kind kind) {
    Event e;
    e.cycle = ++line_;
    e.line = event::SourceLine{line_};
    e.agent = event::AgentId{agent};
    if (agent >= devices_.size() || !devices_[agent]) e.pe = event::PeId{static_cast<std::uint8_t>(agent)};
    if (!pe_of_.empty()) e.pe = pe_of_[agent];
    e.kind = kind;
    return e;
  }
  std::uint32_t say(const Event& e) {
    judge_.on_event(e);
    return e.line.value;
  }

  std::uint32_t access(std::uint16_t agent, Kind kind, std::uint64_t address, std::uint64_t value,
                       std::uint32_t entry = 0, const event::Path& path = kWriteBack) {
    Event e = make(agent, kind);
    e.address = arm::PhysAddr{address};
    e.size = 8;
    e.path = path;
    e.data[0] = value;
    e.entry = entry;
    return say(e);
  }
  std::uint32_t write(std::uint16_t agent, std::uint64_t address, std::uint64_t value,
                      const event::Path& path = kWriteBack) {
    return access(agent, Kind::Write, address, value, 0, path);
  }

  /// One level 3 walk of `descriptor` at `at`, and the entry that is made of it.
  struct Entry {
    std::uint32_t id = 1;
    std::uint64_t at = 0, descriptor = 0, va = 0;
    event::Path path = kWriteBack;
    event::TranslationTag tag{};
    bool fault = false;
  };
  std::uint32_t translate(std::uint16_t agent, const Entry& t) {
    Event e = make(agent, Kind::Walk);
    e.address = arm::PhysAddr{t.at};
    e.size = 8;
    e.data = {t.descriptor, t.va};
    e.path = t.path;
    e.entry = t.id;
    e.detail = 0x13;
    say(e);
    e = make(agent, Kind::Translation);
    e.address = arm::PhysAddr{t.fault ? 0 : (t.descriptor & 0xffff'ffff'f000) | (t.va & 0xfff)};
    e.data = {t.va, t.tag.packed()};
    e.entry = t.id;
    e.detail = t.fault ? 1 : 0;
    return say(e);
  }
  std::uint32_t tlbi(std::uint16_t agent, const char* name, std::uint64_t va = 0, std::uint16_t asid = 0,
                     std::uint16_t vmid = 0) {
    Event e = make(agent, Kind::Tlbi);
    e.aux = arm::pack(arm::find_tlbi(name).value());
    e.data = {arm::encode_operand(asid, va), std::uint64_t{vmid} << 16 | asid};
    return say(e);
  }
  void set(std::uint16_t agent, arm::SystemRegister r, std::uint64_t value) {
    Event e = make(agent, Kind::SystemRegister);
    e.aux = static_cast<std::uint32_t>(r);
    e.data[0] = value;
    say(e);
  }
  std::uint32_t fault(std::uint16_t agent, event::FaultKind kind, std::uint64_t va, std::uint32_t entry = 0,
                      bool handled = false, std::uint64_t pa = 0) {
    Event e = make(agent, Kind::Fault);
    e.aux = static_cast<std::uint32_t>(kind);
    e.address = arm::PhysAddr{pa};
    e.size = 8;
    e.data[0] = va;
    e.entry = entry;
    e.detail = handled ? 1 : 0;
    return say(e);
  }
  void maintain(std::uint16_t agent, arm::CacheOp op, std::uint64_t address, const event::Path& path = kWriteBack) {
    Event e = make(agent, Kind::Maintenance);
    e.address = arm::PhysAddr{address};
    e.aux = static_cast<std::uint32_t>(op);
    e.path = path;
    say(e);
  }
  void dsb(std::uint16_t agent, arm::BarrierDomain domain = arm::BarrierDomain::ISH,
           arm::BarrierAccess access = arm::BarrierAccess::All) {
    Event e = make(agent, Kind::Barrier);
    e.aux = event::pack({arm::BarrierKind::DSB, domain, access});
    say(e);
  }
  void dmb(std::uint16_t agent, arm::BarrierDomain domain = arm::BarrierDomain::ISH,
           arm::BarrierAccess access = arm::BarrierAccess::All) {
    Event e = make(agent, Kind::Barrier);
    e.aux = event::pack({arm::BarrierKind::DMB, domain, access});
    say(e);
  }
  void isb(std::uint16_t agent) { say(make(agent, Kind::ContextSync)); }
  void edge(std::uint16_t from, std::uint16_t to, event::Mechanism send, event::Mechanism receive) {
    Event e = make(from, Kind::EdgeSend);
    e.data[0] = sends_;
    e.mechanism = send;
    say(e);
    e = make(to, Kind::EdgeReceive);
    e.data[0] = sends_++;
    e.mechanism = receive;
    say(e);
  }
  void handoff(std::uint16_t from, std::uint16_t to) {
    edge(from, to, event::Mechanism::Handoff, event::Mechanism::Handoff);
  }
  void flag(std::uint16_t from, std::uint16_t to) {
    edge(from, to, event::Mechanism::FlagOrdered, event::Mechanism::FlagOrdered);
  }

  /// "SL104 observed" and the like, in order; notes are left out.
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> out;
    for (const judge::Hazard& h : judge_.hazards())
      if (h.verdict != judge::Verdict::Note)
        out.push_back(judge::spelled(h.id) + " " + std::string(judge::spelled(h.verdict)));
    return out;
  }
  [[nodiscard]] std::vector<std::string> fixes() const {
    std::vector<std::string> out;
    for (const judge::Hazard& h : judge_.hazards())
      if (h.verdict != judge::Verdict::Note)
        for (const judge::Fix& f : h.fixes) out.push_back(f.operation);
    return out;
  }
  [[nodiscard]] bool flagged(std::uint32_t line) const {
    for (const judge::Hazard& h : judge_.hazards())
      if (h.line.value == line && h.verdict != judge::Verdict::Note) return true;
    return false;
  }
  [[nodiscard]] const judge::Judge& judge() const { return judge_; }

 private:
  std::vector<bool> devices_;
  std::vector<event::PeId> pe_of_;
  judge::Judge judge_;
  std::uint32_t line_ = 0;
  std::uint64_t sends_ = 0;
};

}  // namespace staleline::judge_test
