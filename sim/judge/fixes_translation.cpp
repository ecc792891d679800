// SPDX-License-Identifier: Apache-2.0
// What has to be added where a TLB, or an SMMU, may hold what a descriptor said before.
#include "fix_writer.h"

namespace staleline::judge {

using event::AgentId;
using event::SourceLine;

void FixWriter::revocation() {
  const TlbMissing& m = f_.tlb;
  if (m.what == TlbMissing::What::Completion && m.by.agent == e_.agent) return before_read("dsb ish", false);
  if (m.what != TlbMissing::What::Maintenance) return tlb_maintenance();
  if (!in_smmu()) before_read("dsb ishst", false);
  add_tlbi(e_.agent, {}, e_.line);
}

bool FixWriter::in_smmu() const {
  const Walker& w = judge_.translations.at(f_.tlb.use.walker);
  return w.pe == event::kNoPe && !w.takes_broadcasts;
}

void FixWriter::by_commands(std::string_view command, AgentId agent, SourceLine after, SourceLine before) {
  add("// dsb osh, " + std::string(command) + " and CMD_SYNC in the command queue of the SMMU, and wait for that",
      agent, after, before, false);
}

std::string_view FixWriter::command_for(const TableUse& u) {
  if (u.level == kRootLevel) return u.el == 2 ? "CMD_TLBI_EL2_ALL" : "CMD_TLBI_NH_ALL";
  if (u.stage == 2) return u.combined ? "CMD_TLBI_S12_VMALL" : "CMD_TLBI_S2_IPA";
  return u.el == 2 ? "CMD_TLBI_EL2_VAA" : "CMD_TLBI_NH_VA";
}

void FixWriter::add_tlbi(AgentId agent, SourceLine after, SourceLine before) {
  const TableUse& u = f_.tlb.use;
  if (in_smmu()) return by_commands(command_for(u), agent, after, before);
  const auto place = [&](std::string operation, bool ranged) {
    out_.push_back({.operation = std::move(operation),
                    .address = f_.tlb.mapped,
                    .bytes = ranged ? arm::page_bytes(u.granule) : 0,
                    .agent = agent,
                    .after = after,
                    .before = before,
                    .elsewhere = ranged,
                    .whose = ranged ? std::optional(u.agent) : std::nullopt});
  };
  if (u.level == kRootLevel && u.stage == 2)
    return add("// before this, at EL2: tlbi vmalls12e1is with this VMID, dsb ish", agent, after, before, false);
  if (u.level == kRootLevel) {
    place(u.el == 2 ? "tlbi alle2" : "tlbi vmalle1", false);
  } else if (u.stage == 2) {
    place("tlbi ipas2e1is", true);
    if (u.combined) {
      place("dsb ish", false);
      place("tlbi vmalle1is", false);
    }
  } else {
    place(u.el == 2 ? "tlbi vae2is" : "tlbi vaae1is", true);
  }
  place("dsb ish", false);
  if (u.level == kRootLevel) place("isb", false);  // what its own PE does behind it comes after it only then
}

void FixWriter::tlb_maintenance() {
  const TlbMissing& m = f_.tlb;
  const SourceLine send = judge_.orders.send_after(f_.writer.agent, f_.writer.epoch);
  const SourceLine after = send.value != 0 ? SourceLine{} : f_.writer.line;
  if (m.what == TlbMissing::What::Maintenance && m.use.level == kRootLevel)
    return add_tlbi(f_.writer.agent, f_.writer.line, {});
  if (m.what != TlbMissing::What::None && m.what != TlbMissing::What::Linked && in_smmu()) {
    if (m.what == TlbMissing::What::Completion)
      return add("// CMD_SYNC behind that command, and wait for it", f_.writer.agent, after, send, false);
    return add_tlbi(f_.writer.agent, after, send);
  }
  switch (m.what) {
    case TlbMissing::What::None:
      return;
    case TlbMissing::What::Maintenance:
      if (const WriteRef& broke = m.superseded; broke.line.value != 0 && broke.line != f_.writer.line) {
        // Between the store that broke the mapping and the one that made another.
        add("dsb ishst", broke.agent, broke.line, {}, false);
        return add_tlbi(broke.agent, broke.line, {});
      }
      add("dsb ishst", f_.writer.agent, after, send, false);
      return add_tlbi(f_.writer.agent, after, send);
    case TlbMissing::What::StoreDone:
      return add("dsb ishst", m.by.agent, {}, m.by.line, false);
    case TlbMissing::What::Broadcast:
      return add_tlbi(m.by.agent, m.by.line, {});
    case TlbMissing::What::Stage1:
      add("dsb ish", m.by.agent, m.by.line, {}, false);
      add("tlbi vmalle1is", m.by.agent, m.by.line, {}, false);
      return add("dsb ish", m.by.agent, m.by.line, {}, false);
    case TlbMissing::What::Linked:
      return add(in_smmu() ? "dmb oshst" : "dmb ishst", m.by.agent, {}, m.by.line, false);
    case TlbMissing::What::Run:
      return add(
          "// before this: zero every descriptor of the contiguous run, dsb ishst, tlbi of all its pages, dsb ish",
          f_.writer.agent, {}, f_.writer.line, false);
    case TlbMissing::What::Completion:
      return after_deed("dsb ish", m.by.agent, m.by.epoch, m.by.line, false);
  }
}

void FixWriter::break_before_make() {
  const bool run = f_.tlb.what == TlbMissing::What::Run;
  if (run || (!f_.tlb.direct && f_.tlb.what != TlbMissing::What::Maintenance)) return tlb_maintenance();
  if (f_.tlb.direct) before_read("str xzr", true);
  if (!in_smmu()) before_read("dsb ishst", false);
  add_tlbi(e_.agent, {}, e_.line);
}

std::vector<Fix> Judge::Implementation::before_revocation(const event::Event& e, const Line& l, const HeldDescriptor& h,
                                                          bool again) const {
  const std::uint64_t first = arm::leaf_address(h.value, format_of(h.use), h.use.level);
  Finding f{.id = HazardId::UseAfterRevocation, .writer = h.superseded};
  f.tlb = missing_of(h, e.agent, Use::Store);
  if (again) f.tlb.what = TlbMissing::What::Maintenance;
  f.tlb.mapped = arm::PhysAddr{std::max(first, e.address.aligned_down(arm::page_bytes(h.use.granule)).value)};
  std::vector<Fix> fixes;
  FixWriter(*this, f, e, l, Use::Store, fixes).write();
  return fixes;
}

}  // namespace staleline::judge
