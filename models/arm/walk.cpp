// SPDX-License-Identifier: Apache-2.0
// The walk: stage 1 from descriptor to descriptor, and what goes in and comes out. Stage 2 is in walk_stage2.cpp.
#include "staleline/arm/walk.h"

#include "permission.h"
#include "staleline/arm/descriptor.h"
#include "walk_entries.h"
#include "walk_registers.h"

namespace staleline::arm {

namespace {

// Hierarchical bits of WalkPoint.
constexpr std::uint8_t kPxnTable = 1, kXnTable = 2, kApTableNoUser = 4, kApTableReadOnly = 8;

Permissions stage1_permissions(std::uint64_t d, std::uint8_t hierarchical, bool writable, bool el2, bool wxn) {
  Permissions p;
  const bool table_read_only = (hierarchical & kApTableReadOnly) != 0;
  const bool xn = bit(d, 54) || (hierarchical & kXnTable) != 0;
  p.privileged_write = writable && !table_read_only;
  if (el2) {
    p.privileged_execute = !xn && !(wxn && p.privileged_write);
    p.unprivileged_read = p.unprivileged_write = p.unprivileged_execute = false;
    return p;
  }
  p.unprivileged_read = bit(d, 6) && (hierarchical & kApTableNoUser) == 0;
  p.unprivileged_write = p.unprivileged_read && p.privileged_write;
  // What EL0 can write, EL1 never executes.
  const bool pxn = bit(d, 53) || (hierarchical & kPxnTable) != 0 || p.unprivileged_write;
  p.privileged_execute = !pxn && !(wxn && p.privileged_write);
  p.unprivileged_execute = !xn && !(wxn && p.unprivileged_write);
  return p;
}

}  // namespace

TableWalk::TableWalk(const TranslationRegisters& registers, Regime regime, VirtAddr va, const AccessRequest& request,
                     const std::optional<WalkPoint>& from, bool ask_stage2)
    : r_(registers), va_(va), request_(request), ask_stage2_(ask_stage2) {
  result_.regime = regime;
  result_.stage1 = stage1_on(r_, regime);
  result_.stage2 = stage2_on(r_, regime);
  result_.asid = asid_of(r_, regime);
  result_.vmid = vmid_of(r_, regime);
  result_.upper = upper_half(va, regime);
  if (!result_.stage1) {
    result_.upper = false;
    stage1_off();
    return;
  }
  const bool fetch = request.kind == AccessRequest::Kind::Fetch;
  const std::uint64_t plain = without_tag(va, r_, regime, fetch).value;
  const auto tables = stage1_tables(r_, regime, result_.upper, result_.stage2);
  // What lies outside of the range has all upper bits alike, as bit 55 has them.
  const auto beyond = [&] {
    const std::uint64_t top = plain >> tables->input_bits;
    return top != (result_.upper ? ~std::uint64_t{0} >> tables->input_bits : 0);
  };
  if (!tables || unprivileged_barred(r_, regime, result_.upper, request) || beyond()) {
    fault1(TranslationFaultType::Translation, 0);
    return;
  }
  t1_ = *tables;
  result_.granule1 = t1_.granule;
  std::uint64_t table = t1_.base;
  level1_ = t1_.start;
  if (from) {
    level1_ = from->level;
    table = from->table;
    hierarchical_ = from->hierarchical;
    point_ = from;
  } else if (outside(table, t1_.output_bits)) {
    fault1(TranslationFaultType::AddressSize, 0);
    return;
  }
  read_stage1(table);
}

// The VA is the IPA (DDI 0487 D8.2.10).
void TableWalk::stage1_off() {
  const bool fetch = request_.kind == AccessRequest::Kind::Fetch;
  const std::uint64_t plain = without_tag(va_, r_, result_.regime, fetch).value;
  const unsigned bits = r_.features.pa_bits;
  if (outside(plain, bits)) {
    fault1(TranslationFaultType::AddressSize, 0);
    return;
  }
  result_.bytes = result_.contiguous_bytes = std::uint64_t{1} << bits;
  result_.ipa = {plain};
  stage1_checked();
}

void TableWalk::read_stage1(std::uint64_t table) {
  const std::uint64_t address = entry_of(t1_, table, va_.value, level1_);
  if (result_.stage2) {
    begin_stage2(address, Purpose::Descriptor);
    return;
  }
  read_ = {.address = {address}, .attributes = t1_.walk, .stage = 1, .level = level1_, .ipa = {address}};
  next_ = Next::Read;
}

void TableWalk::supply(std::uint64_t descriptor) {
  if (read_.stage == 2) {
    stage2_descriptor(descriptor);
  } else {
    stage1_descriptor(descriptor);
  }
}

void TableWalk::stage1_descriptor(std::uint64_t d) {
  const DescriptorFormat f = format(t1_, 1);
  switch (kind_of(d, f, level1_)) {
    case DescriptorKind::Invalid:
      fault1(TranslationFaultType::Translation, level1_);
      return;
    case DescriptorKind::Table: {
      const std::uint64_t table = table_address(d, f);
      if (outside(table, t1_.output_bits)) {
        fault1(TranslationFaultType::AddressSize, level1_);
        return;
      }
      hierarchical_ = static_cast<std::uint8_t>(hierarchical_ | d >> 59);
      ++level1_;
      point_ = WalkPoint{level1_, table, hierarchical_};
      read_stage1(table);
      return;
    }
    case DescriptorKind::Block:
    case DescriptorKind::Page:
      stage1_leaf(d);
      return;
  }
}

void TableWalk::stage1_leaf(std::uint64_t d) {
  const DescriptorFormat f = format(t1_, 1);
  const std::uint64_t output = leaf_address(d, f, level1_);
  if (outside(output, t1_.output_bits)) {
    fault1(TranslationFaultType::AddressSize, level1_);
    return;
  }
  const bool accessed = (d & kAccessFlag) != 0;
  if (!accessed && !t1_.ha) {
    fault1(TranslationFaultType::AccessFlag, level1_);
    return;
  }
  const bool el2 = result_.regime == Regime::EL2;
  const bool modifiable = t1_.hd && (d & kDirtyBitModifier) != 0;
  const bool clean = modifiable && (d & kStage1ReadOnly) != 0;
  const std::uint8_t hierarchical = t1_.ignore_hierarchical ? std::uint8_t{0} : hierarchical_;
  const std::uint64_t bytes = bytes_mapped(t1_.granule, level1_);
  const unsigned run = contiguous_bits(t1_.granule, level1_);
  result_.level1 = level1_;
  result_.permissions1 =
      stage1_permissions(d, hierarchical, clean || (d & kStage1ReadOnly) == 0, el2, bit(r_.sctlr, 19));
  result_.clean1 = clean && result_.permissions1.privileged_write;
  result_.global = el2 || (d & kNotGlobal) == 0;
  result_.contiguous1 = run != 0 && (d & kContiguous) != 0 &&  //
                        mapped_bits(t1_.granule, level1_) + run <= t1_.input_bits;
  result_.bytes = bytes;
  result_.contiguous_bytes = result_.contiguous1 ? bytes << run : bytes;
  result_.ipa = {output | (va_.value & (bytes - 1))};
  result_.leaf1 = mair_decode(static_cast<std::uint8_t>(r_.mair >> 8 * (d >> 2 & 7)), r_.features.attributes);
  result_.leaf1.shareability = t1_.ds ? t1_.shareability  //
                                      : taken_shareability(d >> 8);
  bool of_write = false;
  if (misaligned_stage1(result_, r_, request_)) {
    fault1(TranslationFaultType::Alignment, level1_);
    return;
  }
  if (lacks_stage1(result_, r_, request_, of_write)) {
    fault1(TranslationFaultType::Permission, level1_, of_write);
    return;
  }
  result_.accessed = accessed || !request_.no_update;
  std::uint64_t updated = d;
  if (!request_.no_update) {
    updated |= kAccessFlag;
    if (clean && writes(request_.kind)) updated &= ~kStage1ReadOnly;
  }
  if (updated == d) {
    stage1_checked();
    return;
  }
  if (clean && writes(request_.kind)) result_.clean1 = false;
  update_ = {.address = read_.address,
             .attributes = read_.attributes,
             .old_value = d,
             .new_value = updated,
             .stage = 1,
             .level = level1_};
  if (!result_.stage2) {
    next_ = Next::Update;
    return;
  }
  // Stage 2 must allow the write; its leaf is still that of the descriptor.
  stage2_.purpose = Purpose::DescriptorUpdate;
  use_stage2_leaf();
}

void TableWalk::stage1_checked() {
  point_.reset();
  if (!result_.stage1) {
    if (misaligned_stage1(result_, r_, request_)) {
      fault1(TranslationFaultType::Alignment, 0);
      return;
    }
  }
  if (result_.stage2 && !request_.stage1_only) {
    begin_stage2(result_.ipa.value, Purpose::Final);
    return;
  }
  if (request_.stage1_only) result_.stage2 = false;
  result_.pa = {result_.ipa.value};
  finish();
}

void TableWalk::supply_update(std::uint64_t found) {
  const bool done = found == update_.old_value;
  if (update_.stage == 1) {
    if (done) {
      stage1_checked();
    } else {
      stage1_descriptor(found);
    }
    return;
  }
  if (done) {
    stage2_.leaf.descriptor = update_.new_value;
    update_ = pending1_;
    stage2_checked();
    return;
  }
  // What stage 1 was about to write may have moved: its descriptor is read again.
  if (stage2_.purpose == Purpose::DescriptorUpdate) stage2_.purpose = Purpose::Descriptor;
  stage2_descriptor(found);
}

void TableWalk::fail(TranslationFaultType type) {
  const bool second = next_ == Next::Update ? update_.stage == 2 : read_.stage == 2;
  if (second) {
    fault2(type, next_ == Next::Update ? update_.level : read_.level);
  } else {
    fault1(type, level1_);
  }
}

void TableWalk::finish() {
  result_.attributes = attributes_of(result_, r_, attribute_kind(request_.kind));
  next_ = Next::Done;
}

void TableWalk::fault1(TranslationFaultType type, int level, bool of_write) {
  fault_ = make_fault(type, 1, level, va_, request_);
  fault_.write |= of_write;
  point_.reset();
  next_ = Next::Fault;
}

void TableWalk::fault2(TranslationFaultType type, int level, bool of_write) {
  fault_ = make_fault(type, 2, level, va_, request_);
  fault_.write |= of_write;
  fault_.s1ptw = stage2_.purpose != Purpose::Final;
  fault_.ipa = stage2_.ipa;
  next_ = Next::Fault;
}

}  // namespace staleline::arm
