// SPDX-License-Identifier: Apache-2.0
// The walk's stage 2: under each descriptor of stage 1, its updates, and the result.
#include <algorithm>

#include "permission.h"
#include "staleline/arm/combine.h"
#include "staleline/arm/walk.h"
#include "walk_entries.h"
#include "walk_registers.h"

namespace staleline::arm {

namespace {

Permissions stage2_permissions(std::uint64_t d, bool writable, bool xnx) {
  Permissions p;
  p.privileged_read = p.unprivileged_read = bit(d, 6);
  p.privileged_write = p.unprivileged_write = writable;
  const bool high = bit(d, 54), low = xnx && bit(d, 53);
  p.privileged_execute = high == low;
  p.unprivileged_execute = !high;
  return p;
}

}  // namespace

void TableWalk::begin_stage2(std::uint64_t ipa, Purpose purpose) {
  stage2_.purpose = purpose;
  stage2_.ipa = {ipa};
  if (!stage2_configured_) {
    const auto tables = stage2_tables(r_);
    if (!tables) {
      fault2(TranslationFaultType::Translation, 0);
      return;
    }
    t2_ = *tables;
    result_.granule2 = t2_.granule;
    stage2_configured_ = true;
  }
  if (outside(ipa, t2_.input_bits)) {
    fault2(TranslationFaultType::Translation, 0);
    return;
  }
  if (ask_stage2_) {
    next_ = Next::Stage2;
    return;
  }
  walk_stage2();
}

void TableWalk::walk_stage2() {
  if (outside(t2_.base, t2_.output_bits)) {
    fault2(TranslationFaultType::AddressSize, 0);
    return;
  }
  stage2_.leaf.level = t2_.start;
  read_stage2(t2_.base);
}

void TableWalk::read_stage2(std::uint64_t table) {
  const std::uint64_t address = entry_of(t2_, table, stage2_.ipa.value, stage2_.leaf.level);
  read_ = {.address = {address}, .attributes = t2_.walk, .stage = 2, .level = stage2_.leaf.level, .ipa = stage2_.ipa};
  stage2_.leaf.at = read_.address;
  next_ = Next::Read;
}

void TableWalk::stage2_descriptor(std::uint64_t d) {
  const DescriptorFormat f = format(t2_, 2);
  const int level = stage2_.leaf.level;
  switch (kind_of(d, f, level)) {
    case DescriptorKind::Invalid:
      fault2(TranslationFaultType::Translation, level);
      return;
    case DescriptorKind::Table: {
      const std::uint64_t table = table_address(d, f);
      if (outside(table, t2_.output_bits)) {
        fault2(TranslationFaultType::AddressSize, level);
        return;
      }
      ++stage2_.leaf.level;
      read_stage2(table);
      return;
    }
    case DescriptorKind::Block:
    case DescriptorKind::Page:
      stage2_.leaf.descriptor = d;
      stage2_.leaf.bytes = bytes_mapped(t2_.granule, level);
      use_stage2_leaf();
      return;
  }
}

void TableWalk::supply_stage2(const Stage2Leaf& leaf) {
  stage2_.leaf = leaf;
  use_stage2_leaf();
}

void TableWalk::use_stage2_leaf() {
  const std::uint64_t d = stage2_.leaf.descriptor;
  const int level = stage2_.leaf.level;
  const std::uint64_t output = leaf_address(d, format(t2_, 2), level);
  if (outside(output, t2_.output_bits)) {
    fault2(TranslationFaultType::AddressSize, level);
    return;
  }
  if ((d & kAccessFlag) == 0 && !t2_.ha) {
    fault2(TranslationFaultType::AccessFlag, level);
    return;
  }
  const bool clean = t2_.hd && (d & kDirtyBitModifier) != 0 && (d & kStage2Writable) == 0;
  const Permissions p = stage2_permissions(d, clean || (d & kStage2Writable) != 0, r_.features.xnx);
  const auto memattr = static_cast<std::uint8_t>(d >> 2 & 0xf);
  const bool fwb = bit(r_.hcr, 46);
  bool writes_now = false;
  if (stage2_.purpose == Purpose::Final) {
    result_.level2 = static_cast<std::int8_t>(level);
    result_.permissions2 = p;
    result_.clean2 = clean;
    result_.leaf2 = {
        .memattr = memattr, .shareability = t2_.ds ? t2_.shareability : taken_shareability(d >> 8), .fwb = fwb};
    result_.xs_off = r_.features.attributes.xs && bit(d, 11);
    bool of_write = false;
    if (misaligned_stage2(result_, request_)) {
      fault2(TranslationFaultType::Alignment, level);
      return;
    }
    if (lacks_stage2(result_, request_, of_write)) {
      fault2(TranslationFaultType::Permission, level, of_write);
      return;
    }
    if (request_.no_update && (d & kAccessFlag) == 0) result_.accessed = false;
    writes_now = writes(request_.kind);
  } else {
    // A walk reads as data whoever asks; only its update writes.
    writes_now = stage2_.purpose == Purpose::DescriptorUpdate;
    const bool barred = bit(r_.hcr, 2) && stage2_device_walk(memattr, fwb);
    if (barred || !p.privileged_read || (writes_now && !p.privileged_write)) {
      fault2(TranslationFaultType::Permission, level, writes_now && p.privileged_read && !barred);
      return;
    }
  }
  std::uint64_t updated = d;
  if (!request_.no_update) {
    updated |= kAccessFlag;
    if (clean && writes_now) updated |= kStage2Writable;
  }
  if (updated == d) {
    stage2_checked();
    return;
  }
  if (stage2_.purpose == Purpose::Final && writes_now) result_.clean2 = false;
  // The update of stage 1 waits where there is one; this one goes first.
  pending1_ = update_;
  update_ = {.address = stage2_.leaf.at,
             .attributes = t2_.walk,
             .old_value = d,
             .new_value = updated,
             .stage = 2,
             .level = stage2_.leaf.level};
  next_ = Next::Update;
}

void TableWalk::stage2_checked() {
  const std::uint64_t d = stage2_.leaf.descriptor;
  const std::uint64_t output = leaf_address(d, format(t2_, 2), stage2_.leaf.level);
  const std::uint64_t bytes = bytes_mapped(t2_.granule, stage2_.leaf.level);
  const PhysAddr pa{output | (stage2_.ipa.value & (bytes - 1))};
  switch (stage2_.purpose) {
    case Purpose::Descriptor: {
      Stage2 s2{.memattr = static_cast<std::uint8_t>(d >> 2 & 0xf),
                .shareability = t2_.ds ? t2_.shareability : taken_shareability(d >> 8),
                .fwb = bit(r_.hcr, 46),
                .cache_off = bit(r_.hcr, 32)};
      MemoryAttributes a = walk_through_stage2(t1_.walk, s2, r_.features.attributes);
      if (r_.features.attributes.xs && bit(d, 11)) a.xs = false;
      read_ = {.address = pa, .attributes = a, .stage = 1, .level = level1_, .ipa = stage2_.ipa};
      next_ = Next::Read;
      return;
    }
    case Purpose::DescriptorUpdate:
      next_ = Next::Update;
      return;
    case Purpose::Final: {
      const unsigned run = contiguous_bits(t2_.granule, stage2_.leaf.level);
      result_.contiguous2 =
          run != 0 && (d & kContiguous) != 0 && mapped_bits(t2_.granule, stage2_.leaf.level) + run <= t2_.input_bits;
      result_.bytes = std::min(result_.bytes, bytes);
      result_.contiguous_bytes = std::min(result_.contiguous_bytes, result_.contiguous2 ? bytes << run : bytes);
      result_.pa = pa;
      finish();
      return;
    }
  }
}

}  // namespace staleline::arm
