// SPDX-License-Identifier: Apache-2.0
// The two tables of the coherence protocol. Clauses name the section of the coherence protocol chapter of IHI 0050
// (AMBA 5 CHI): cache states, requests, snoops, silent transitions, transitions at requester and snoopee, hazards.
#include "staleline/cache/protocol.h"

#include <cassert>

namespace staleline::cache::protocol {

namespace {

using enum LineState;
using E = LineEvent;
using A = LineAction;

constexpr LineRow kLineTable[] = {
    {Invalid, E::Load, InvalidToShared, A::SendReadShared, "Requester: ReadNotSharedDirty, I"},
    {Invalid, E::Store, InvalidToModified, A::SendReadUnique, "Requester: ReadUnique, I"},
    {Invalid, E::SnpShared, Invalid, A::Respond, "Snoopee: SnpNotSharedDirty, I: an Evict is on its way"},
    {Invalid, E::SnpUnique, Invalid, A::Respond, "Snoopee: SnpUnique, I"},
    {Invalid, E::SnpOnce, Invalid, A::Respond, "Snoopee: SnpOnce, I"},
    {Invalid, E::SnpCleanShared, Invalid, A::Respond, "Snoopee: SnpCleanShared, I"},
    {Invalid, E::SnpMakeInvalid, Invalid, A::Respond, "Snoopee: SnpMakeInvalid, I"},

    {Shared, E::Load, Shared, A::Hit, "State: SC may be read"},
    {Shared, E::Store, SharedToModified, A::SendReadUnique,
     "Requester: CleanUnique, SC (bytes come where SC was lost)"},
    {Shared, E::Evict, Invalid, A::SendEvict, "Requester: Evict, UC or SC"},
    {Shared, E::SnpShared, Shared, A::Respond, "Snoopee: SnpNotSharedDirty, SC"},
    {Shared, E::SnpUnique, Invalid, A::Respond, "Snoopee: SnpUnique, SC"},
    {Shared, E::SnpOnce, Shared, A::Respond, "Snoopee: SnpOnce, SC"},
    {Shared, E::SnpCleanShared, Shared, A::Respond, "Snoopee: SnpCleanShared, SC"},
    {Shared, E::SnpMakeInvalid, Invalid, A::Respond, "Snoopee: SnpMakeInvalid, SC"},

    {Exclusive, E::Load, Exclusive, A::Hit, "State: UC may be read"},
    {Exclusive, E::Store, Modified, A::Hit, "Silent: silent, UC to UD"},
    {Exclusive, E::Evict, Invalid, A::SendEvict, "Requester: Evict, UC or SC"},
    {Exclusive, E::SnpShared, Shared, A::Respond, "Snoopee: SnpNotSharedDirty, UC"},
    {Exclusive, E::SnpUnique, Invalid, A::Respond, "Snoopee: SnpUnique, UC"},
    {Exclusive, E::SnpOnce, Exclusive, A::Respond, "Snoopee: SnpOnce, UC"},
    {Exclusive, E::SnpCleanShared, Exclusive, A::Respond, "Snoopee: SnpCleanShared, UC"},
    {Exclusive, E::SnpMakeInvalid, Invalid, A::Respond, "Snoopee: SnpMakeInvalid, UC"},

    {Modified, E::Load, Modified, A::Hit, "State: UD may be read"},
    {Modified, E::Store, Modified, A::Hit, "State: UD may be written"},
    {Modified, E::Evict, WriteBackModified, A::SendWriteBack, "Requester: WriteBackFull, UD"},
    {Modified, E::SnpShared, Shared, A::RespondData, "Snoopee: SnpNotSharedDirty, UD to SC, SnpRespData_SC_PD"},
    {Modified, E::SnpUnique, Invalid, A::RespondData, "Snoopee: SnpUnique, UD to I, SnpRespData_I_PD"},
    {Modified, E::SnpOnce, Modified, A::RespondData, "Snoopee: SnpOnce, UD, SnpRespData_UD"},
    {Modified, E::SnpCleanShared, Exclusive, A::RespondData, "Snoopee: SnpCleanShared, UD to UC, SnpRespData_UC_PD"},
    {Modified, E::SnpMakeInvalid, Invalid, A::Respond, "Snoopee: SnpMakeInvalid, UD to I, dirty bytes discarded"},

    {SharedToModified, E::Load, SharedToModified, A::Hit, "State: SC may be read"},
    {SharedToModified, E::Upgraded, Modified, A::Acknowledge, "Requester: CleanUnique, Comp_UC and CompAck"},
    {SharedToModified, E::SnpShared, SharedToModified, A::Respond, "Hazard: snoop during CleanUnique, SC"},
    {SharedToModified, E::SnpUnique, InvalidToModified, A::Respond, "Hazard: snoop during CleanUnique, SC to I"},
    {SharedToModified, E::SnpOnce, SharedToModified, A::Respond, "Hazard: snoop during CleanUnique, SC"},
    {SharedToModified, E::SnpCleanShared, SharedToModified, A::Respond, "Hazard: snoop during CleanUnique, SC"},
    {SharedToModified, E::SnpMakeInvalid, InvalidToModified, A::Respond, "Hazard: snoop during CleanUnique, SC to I"},

    {InvalidToShared, E::GrantShared, Shared, A::Acknowledge, "Requester: ReadNotSharedDirty, CompData_SC and CompAck"},
    {InvalidToShared, E::GrantExclusive, Exclusive, A::Acknowledge,
     "Requester: ReadNotSharedDirty, CompData_UC and CompAck"},
    {InvalidToShared, E::SnpShared, InvalidToShared, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToShared, E::SnpUnique, InvalidToShared, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToShared, E::SnpOnce, InvalidToShared, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToShared, E::SnpCleanShared, InvalidToShared, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToShared, E::SnpMakeInvalid, InvalidToShared, A::Respond, "Hazard: snoop before the reply, I"},

    {InvalidToModified, E::GrantUnique, Modified, A::Acknowledge, "Requester: ReadUnique, CompData_UD_PD and CompAck"},
    {InvalidToModified, E::SnpShared, InvalidToModified, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToModified, E::SnpUnique, InvalidToModified, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToModified, E::SnpOnce, InvalidToModified, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToModified, E::SnpCleanShared, InvalidToModified, A::Respond, "Hazard: snoop before the reply, I"},
    {InvalidToModified, E::SnpMakeInvalid, InvalidToModified, A::Respond, "Hazard: snoop before the reply, I"},

    {WriteBackModified, E::Load, WriteBackModified, A::Wait, "Hazard: request to a line with a CopyBack under way"},
    {WriteBackModified, E::Store, WriteBackModified, A::Wait, "Hazard: request to a line with a CopyBack under way"},
    {WriteBackModified, E::WriteBackDone, Invalid, A::Release, "Requester: WriteBackFull, Comp"},
    {WriteBackModified, E::SnpShared, WriteBackInvalid, A::RespondData,
     "Hazard: snoop during CopyBack, SnpRespData_I_PD"},
    {WriteBackModified, E::SnpUnique, WriteBackInvalid, A::RespondData,
     "Hazard: snoop during CopyBack, SnpRespData_I_PD"},
    {WriteBackModified, E::SnpOnce, WriteBackModified, A::RespondData, "Hazard: snoop during CopyBack, SnpRespData_UD"},
    {WriteBackModified, E::SnpCleanShared, WriteBackInvalid, A::RespondData,
     "Hazard: snoop during CopyBack, SnpRespData_I_PD"},
    {WriteBackModified, E::SnpMakeInvalid, WriteBackInvalid, A::Respond, "Hazard: snoop during CopyBack, discarded"},

    {WriteBackInvalid, E::Load, WriteBackInvalid, A::Wait, "Hazard: request to a line with a CopyBack under way"},
    {WriteBackInvalid, E::Store, WriteBackInvalid, A::Wait, "Hazard: request to a line with a CopyBack under way"},
    {WriteBackInvalid, E::WriteBackDone, Invalid, A::Release, "Requester: WriteBackFull, CopyBackWrData_I"},
    {WriteBackInvalid, E::SnpShared, WriteBackInvalid, A::Respond, "Hazard: snoop during CopyBack, I"},
    {WriteBackInvalid, E::SnpUnique, WriteBackInvalid, A::Respond, "Hazard: snoop during CopyBack, I"},
    {WriteBackInvalid, E::SnpOnce, WriteBackInvalid, A::Respond, "Hazard: snoop during CopyBack, I"},
    {WriteBackInvalid, E::SnpCleanShared, WriteBackInvalid, A::Respond, "Hazard: snoop during CopyBack, I"},
    {WriteBackInvalid, E::SnpMakeInvalid, WriteBackInvalid, A::Respond, "Hazard: snoop during CopyBack, I"},
};

using R = Request;
using N = Snoop;
using F = Source;
using D = Dirty;
using L = SharedLevels;

constexpr HomeRow kHomeTable[] = {
    {R::ReadShared, N::SnpShared, N::None, false, F::Newest, D::SharedLevel, L::Allocate, true,
     "Request: ReadNotSharedDirty; Snoop: SnpNotSharedDirty"},
    {R::ReadUnique, N::SnpUnique, N::SnpUnique, false, F::Newest, D::Requester, L::Allocate, true,
     "Request: ReadUnique, CleanUnique; Snoop: SnpUnique"},
    {R::WriteBackFull, N::None, N::None, false, F::None, D::SharedLevel, L::Untouched, false, "Request: WriteBackFull"},
    {R::Evict, N::None, N::None, false, F::None, D::Never, L::Untouched, false, "Request: Evict"},
    {R::ReadOnce, N::SnpOnce, N::None, true, F::Newest, D::Shown, L::Untouched, false,
     "Request: ReadOnce; Snoop: SnpOnce"},
    {R::WriteUnique, N::SnpUnique, N::SnpUnique, false, F::None, D::Memory, L::Update, true,
     "Request: WriteUniquePtl; Snoop: SnpUnique"},
    {R::ReadNoSnp, N::None, N::None, false, F::Memory, D::Never, L::Untouched, false, "Request: ReadNoSnp"},
    {R::WriteNoSnp, N::None, N::None, false, F::None, D::Never, L::Untouched, false, "Request: WriteNoSnpPtl"},
    {R::ReadInstruction, N::None, N::None, false, F::Newest, D::Never, L::Allocate, true,
     "DDI 0487 Point of Unification: it is a level that all PEs share"},
    {R::ReadInstructionUnified, N::SnpInstruction, N::None, true, F::Newest, D::Shown, L::Allocate, true,
     "DDI 0487 Point of Unification: it is a private unified cache"},
    {R::ReadInstructionCoherent, N::SnpShared, N::None, true, F::Newest, D::SharedLevel, L::Allocate, true,
     "DDI 0487 CTR_EL0.IDC = 1; Snoop: SnpNotSharedDirty"},
    {R::CleanShared, N::SnpCleanShared, N::None, true, F::None, D::Memory, L::Clean, false,
     "Request: CleanShared; DDI 0487 DC CVAC"},
    {R::CleanInvalid, N::SnpUnique, N::SnpUnique, true, F::None, D::Memory, L::CleanAndDrop, false,
     "Request: CleanInvalid; DDI 0487 DC CIVAC"},
    {R::MakeInvalid, N::SnpMakeInvalid, N::SnpMakeInvalid, true, F::None, D::Discarded, L::Drop, false,
     "Request: MakeInvalid; DDI 0487 DC IVAC"},
    {R::CleanToPoU, N::SnpCleanToPoU, N::None, true, F::None, D::SharedLevel, L::Untouched, false, "DDI 0487 DC CVAU"},
    {R::InvalidateInstruction, N::None, N::None, true, F::None, D::Never, L::Untouched, false,
     "DVM, instruction cache invalidate by VA; DDI 0487 IC IVAU"},
    {R::InvalidateAllInstructions, N::None, N::None, true, F::None, D::Never, L::Untouched, false,
     "DVM, instruction cache invalidate all; DDI 0487 IC IALLUIS"},
    {R::BackInvalidate, N::SnpUnique, N::SnpUnique, true, F::None, D::SharedLevel, L::Untouched, false,
     "Snoop: SnpUnique, because the snoop filter has no room"},
    {R::TlbMaintenance, N::None, N::None, true, F::None, D::Never, L::Untouched, false,
     "DVM, TLB invalidate; DDI 0487 TLBI, Inner and Outer Shareable"},
    {R::CleanSetWay, N::SnpCleanOuter, N::None, true, F::None, D::SharedLevel, L::Untouched, false,
     "DDI 0487 DC CSW: the caches of this PE alone", true},
    {R::CleanInvalidSetWay, N::SnpUnique, N::SnpUnique, true, F::None, D::SharedLevel, L::Untouched, false,
     "DDI 0487 DC CISW: the caches of this PE alone", true},
    {R::InvalidateSetWay, N::SnpMakeInvalid, N::SnpMakeInvalid, true, F::None, D::Discarded, L::Untouched, false,
     "DDI 0487 DC ISW: the caches of this PE alone", true},
    {R::LevelMaintenance, N::None, N::None, true, F::None, D::Never, L::Untouched, false,
     "DDI 0487 DC ISW, DC CSW, DC CISW of a level that PEs share"},
    {R::AtomicNoSnp, N::None, N::None, false, F::None, D::Never, L::Untouched, false,
     "Request: AtomicLoad, AtomicStore, AtomicSwap, AtomicCompare; not Snoopable"},
    {R::AtomicUnique, N::SnpUnique, N::SnpUnique, false, F::None, D::Memory, L::Update, true,
     "Request: AtomicLoad, AtomicStore, AtomicSwap, AtomicCompare; Snoop: SnpUnique"},
};
static_assert(std::size(kHomeTable) == kRequests);

using Dense = std::array<Step, kLineStates * kLineEvents>;

constexpr Dense make_dense() {
  Dense dense{};
  for (const LineRow& row : kLineTable) {
    Step& s = dense[static_cast<std::size_t>(row.state) * kLineEvents + static_cast<std::size_t>(row.event)];
    s = {row.next, row.action};
  }
  return dense;
}

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRequests; ++i) {
    if (static_cast<std::size_t>(kHomeTable[i].request) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

constexpr std::array<Step, kLineStates* kLineEvents> kSteps = make_dense();

std::span<const LineRow> line_table() { return kLineTable; }
std::span<const HomeRow> home_table() { return kHomeTable; }

const HomeRow& row_of(Request r) { return kHomeTable[static_cast<std::size_t>(r)]; }

LineEvent event_of(Snoop s) {
  switch (s) {
    case Snoop::SnpShared:
      return LineEvent::SnpShared;
    case Snoop::SnpUnique:
      return LineEvent::SnpUnique;
    case Snoop::SnpCleanShared:
    case Snoop::SnpCleanToPoU:
    case Snoop::SnpCleanOuter:
      return LineEvent::SnpCleanShared;
    case Snoop::SnpMakeInvalid:
      return LineEvent::SnpMakeInvalid;
    default:
      return LineEvent::SnpOnce;
  }
}

std::string_view name_of(LineEvent e) {
  constexpr std::array<std::string_view, kLineEvents> kNames{
      "Load",          "Store",     "Evict",     "GrantShared", "GrantExclusive", "GrantUnique",   "Upgraded",
      "WriteBackDone", "SnpShared", "SnpUnique", "SnpOnce",     "SnpCleanShared", "SnpMakeInvalid"};
  return kNames[static_cast<std::size_t>(e)];
}

std::string_view name_of(LineAction a) {
  constexpr std::array<std::string_view, 11> kNames{"Impossible", "Hit",           "SendReadShared", "SendReadUnique",
                                                    "SendEvict",  "SendWriteBack", "Acknowledge",    "Release",
                                                    "Wait",       "Respond",       "RespondData"};
  return kNames[static_cast<std::size_t>(a)];
}

std::string_view name_of(Request r) {
  constexpr std::array<std::string_view, kRequests> kNames{"ReadShared",
                                                           "ReadUnique",
                                                           "WriteBackFull",
                                                           "Evict",
                                                           "ReadOnce",
                                                           "WriteUnique",
                                                           "ReadNoSnp",
                                                           "WriteNoSnp",
                                                           "ReadInstruction",
                                                           "ReadInstructionUnified",
                                                           "ReadInstructionCoherent",
                                                           "CleanShared",
                                                           "CleanInvalid",
                                                           "MakeInvalid",
                                                           "CleanToPoU",
                                                           "InvalidateInstruction",
                                                           "InvalidateAllInstructions",
                                                           "BackInvalidate",
                                                           "TlbMaintenance",
                                                           "CleanSetWay",
                                                           "CleanInvalidSetWay",
                                                           "InvalidateSetWay",
                                                           "LevelMaintenance",
                                                           "AtomicNoSnp",
                                                           "AtomicUnique"};
  return kNames[static_cast<std::size_t>(r)];
}

std::string_view name_of(Snoop s) {
  constexpr std::array<std::string_view, 12> kNames{"None",
                                                    "SnpShared",
                                                    "SnpUnique",
                                                    "SnpOnce",
                                                    "SnpCleanShared",
                                                    "SnpCleanToPoU",
                                                    "SnpMakeInvalid",
                                                    "SnpCleanOuter",
                                                    "SnpInstruction",
                                                    "InvalidateInstruction",
                                                    "InvalidateAllInstructions",
                                                    "TlbMaintenance"};
  return kNames[static_cast<std::size_t>(s)];
}

}  // namespace staleline::cache::protocol
