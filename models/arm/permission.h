// SPDX-License-Identifier: Apache-2.0
// Checks that a walk and a held translation make alike, stage by stage.
#pragma once

#include "staleline/arm/alignment.h"
#include "staleline/arm/translation.h"

namespace staleline::arm {

/// True where `p` does not allow the access; `of_write`: of an atomic, reading alone was allowed.
[[nodiscard]] inline bool lacks(const Permissions& p, AccessRequest::Kind kind, bool privileged, bool& of_write) {
  using Kind = AccessRequest::Kind;
  const bool r = privileged ? p.privileged_read : p.unprivileged_read;
  const bool w = privileged ? p.privileged_write : p.unprivileged_write;
  switch (kind) {
    case Kind::Read:
      return !r;
    case Kind::Write:
    case Kind::Invalidate:
      return !w;
    case Kind::ReadWrite:
      of_write = r && !w;
      return !r || !w;
    case Kind::Fetch:
      return !(privileged ? p.privileged_execute : p.unprivileged_execute);
    case Kind::Clean:
      return !privileged && !r;
  }
  return true;
}

[[nodiscard]] inline AlignedAccess shape_of(const AccessRequest& q) {
  using Kind = AccessRequest::Kind;
  AlignedAccess a{.aligned = q.aligned};
  if (q.kind == Kind::Fetch) a.shape = AccessShape::Fetch;
  if (q.kind == Kind::Clean || q.kind == Kind::Invalidate) {
    a.shape = AccessShape::Maintenance;
    a.aligned = true;
  }
  if (q.zero) a.shape = AccessShape::ZeroByVA;
  return a;
}

[[nodiscard]] bool lacks_stage1(const TranslationResult& t, const TranslationRegisters& r, const AccessRequest& q,
                                bool& of_write);
[[nodiscard]] bool lacks_stage2(const TranslationResult& t, const AccessRequest& q, bool& of_write);
/// Device memory and an access that is not aligned, or DC ZVA.
[[nodiscard]] bool misaligned_stage1(const TranslationResult& t, const TranslationRegisters& r, const AccessRequest& q);
[[nodiscard]] bool misaligned_stage2(const TranslationResult& t, const AccessRequest& q);
/// TCR_ELx.E0PDn.
[[nodiscard]] bool unprivileged_barred(const TranslationRegisters& r, Regime regime, bool upper,
                                       const AccessRequest& q);
/// Without S1PTW and IPA.
[[nodiscard]] TranslationFault make_fault(TranslationFaultType type, unsigned stage, int level, VirtAddr va,
                                          const AccessRequest& q);

}  // namespace staleline::arm
