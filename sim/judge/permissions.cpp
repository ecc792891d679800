// SPDX-License-Identifier: Apache-2.0
// Permissions of descriptors, one at a time (DDI 0487 D8.4.1, D8.4.2).
#include "permissions.h"

#include "implementation.h"
#include "staleline/arm/syndrome.h"

namespace staleline::judge {

using arm::AccessRequest;
using event::Event;
using event::Kind;

namespace {

constexpr std::uint64_t bits(unsigned high, unsigned low) {
  return (~std::uint64_t{0} >> (63 - high)) & ~std::uint64_t{0} << low;
}

// What may differ without another output or other attributes: AP or S2AP, AF, nG or FnXS, GP, DBM, XN, software's bits.
constexpr std::uint64_t kFreeInLeaves = bits(7, 6) | bits(11, 10) | bits(51, 50) | bits(58, 53);
// APTable, XNTable, PXNTable and what is ignored.
constexpr std::uint64_t kFreeInTables = bits(11, 2) | bits(62, 51);
constexpr std::uint64_t kFreeInStage2Tables = bits(11, 2) | bits(63, 51);

bool same_output(std::uint64_t a, std::uint64_t b, const TableUse& u, arm::DescriptorKind kind) {
  const std::uint64_t free = arm::is_leaf(kind) ? kFreeInLeaves : u.stage == 1 ? kFreeInTables : kFreeInStage2Tables;
  return ((a ^ b) & ~free) == 0;
}

bool table_permits(std::uint64_t value, const TableUse& u, const Asks& asks) {
  if (u.stage == 2) return true;
  const auto bit = [value](unsigned n) { return (value >> n & 1) != 0; };
  const bool user = asks.privileged || !bit(61);
  switch (asks.kind) {
    case AccessRequest::Kind::Fetch:
      return u.el == 2 ? !bit(60) && !bit(59) : !bit(asks.privileged ? 59 : 60);
    case AccessRequest::Kind::Write:
    case AccessRequest::Kind::ReadWrite:
    case AccessRequest::Kind::Invalidate:
      return user && !bit(62);
    default:
      return user;
  }
}

}  // namespace

Asks asks_of(const Event& e) {
  using K = AccessRequest::Kind;
  Asks a{.kind = K::Read, .privileged = e.pe == event::kNoPe || (e.aux & event::kUnprivileged) == 0};
  switch (e.kind) {
    case Kind::Write:
      a.kind = K::Write;
      break;
    case Kind::Fetch:
      a.kind = K::Fetch;
      break;
    case Kind::Maintenance:
      a.privileged = true;
      a.kind = e.detail == 1 || static_cast<arm::CacheOp>(e.aux) == arm::CacheOp::DC_IVAC ? K::Invalidate : K::Clean;
      break;
    case Kind::Fault: {
      using EC = arm::ExceptionClass;
      constexpr std::uint64_t wnr = 1 << 6, cm = 1 << 8;
      const EC ec = arm::exception_class(e.data[1]);
      a.privileged = ec != EC::InstructionAbortLower && ec != EC::DataAbortLower;
      if (ec == EC::InstructionAbortLower || ec == EC::InstructionAbort)
        a.kind = K::Fetch;
      else if ((e.data[1] & wnr) != 0)
        a.kind = (e.data[1] & cm) != 0 ? K::Invalidate : K::Write;
      break;
    }
    default:
      break;
  }
  return a;
}

bool permits(std::uint64_t value, const TableUse& u, const Asks& asks) {
  const arm::DescriptorFormat format = format_of(u);
  if (!arm::is_leaf(arm::kind_of(value, format, u.level))) return table_permits(value, u, asks);
  const arm::Leaf leaf = arm::decode_leaf(value, format, u.level);
  const bool stage1 = u.stage == 1;
  const bool user = u.el == 2 || asks.privileged || leaf.user;
  const bool reads = stage1 ? user : leaf.read;
  const bool writes = stage1 ? user && (!leaf.read_only || leaf.dirty_modifier) : leaf.write || leaf.dirty_modifier;
  switch (asks.kind) {
    case AccessRequest::Kind::Read:
      return reads;
    case AccessRequest::Kind::Write:
    case AccessRequest::Kind::Invalidate:
      return writes;
    case AccessRequest::Kind::ReadWrite:
      return reads && writes;
    case AccessRequest::Kind::Clean:
      return asks.privileged || reads;
    case AccessRequest::Kind::Fetch:
      break;
  }
  if (!stage1) return leaf.xn == 0 || leaf.xn == (asks.privileged ? 3 : 1);
  if (u.el == 2) return !leaf.uxn && !leaf.pxn;  // which of them is XN depends on HCR_EL2.E2H
  if (!asks.privileged) return !leaf.uxn;
  return !leaf.pxn && !(leaf.user && !leaf.read_only);  // what EL0 can write, EL1 never executes
}

bool alike(std::uint64_t older, std::uint64_t newest, const TableUse& u, const Asks& asks) {
  const arm::DescriptorFormat format = format_of(u);
  const auto kind = arm::kind_of(newest, format, u.level);
  if (kind == arm::DescriptorKind::Invalid || kind != arm::kind_of(older, format, u.level)) return false;
  if (arm::is_leaf(kind) && (older & arm::kAccessFlag) == 0 && (newest & arm::kAccessFlag) != 0) return false;
  return same_output(older, newest, u, kind) && permits(older, u, asks) == permits(newest, u, asks);
}

bool faults_instead(std::uint64_t older, std::uint64_t newest, const TableUse& u, const Asks& asks) {
  if (!may_be_held(older, u)) return true;
  const auto kind = arm::kind_of(newest, format_of(u), u.level);
  return kind == arm::kind_of(older, format_of(u), u.level) && same_output(older, newest, u, kind) &&
         !permits(older, u, asks);
}

bool Judge::Implementation::walks_alike(const TableGranule& granule, std::uint64_t newest, const TableUse& u,
                                        const Asks& asks, event::AgentId a, bool again) const {
  const auto comes_before = [&](const WriteRef& w) {
    return orders.store_before_walk(a, w.agent, w.epoch, parameters.ets2);
  };
  for (auto r = granule.replaced.rbegin(); r != granule.replaced.rend(); ++r) {
    if (comes_before(r->by)) return true;
    if (!alike(r->value, newest, u, asks) && !(again && faults_instead(r->value, newest, u, asks))) return false;
  }
  if (granule.replaced.empty()) return false;  // what stood before is not known
  const auto& first = granule.replaced.front().written;
  return first && comes_before(*first);
}

}  // namespace staleline::judge
