// SPDX-License-Identifier: Apache-2.0
// Guards, acknowledgements, identification.
#include "register_file.h"

#include <algorithm>
#include <cassert>

namespace staleline::smmu {

using arm::smmu::Field;
using arm::smmu::Register;
using arm::smmu::RegisterRow;
namespace reg = arm::smmu;

namespace {

std::uint64_t mask_of(const RegisterRow& row) {
  if (row.fields.empty()) return row.bytes == 8 ? ~std::uint64_t{0} : 0xffff'ffff;
  std::uint64_t mask = 0;
  for (const Field& f : row.fields) mask |= f.mask();
  return mask;
}

constexpr std::uint64_t kEnables = reg::cr0::SMMUEN.mask() | reg::cr0::EVENTQEN.mask() | reg::cr0::CMDQEN.mask();
constexpr std::uint64_t kQueueAttributes =
    reg::cr1::QUEUE_IC.mask() | reg::cr1::QUEUE_OC.mask() | reg::cr1::QUEUE_SH.mask();
constexpr std::uint64_t kTableAttributes =
    reg::cr1::TABLE_IC.mask() | reg::cr1::TABLE_OC.mask() | reg::cr1::TABLE_SH.mask();

std::uint64_t merged(std::uint64_t before, std::uint64_t value, std::uint64_t mask) {
  return (before & ~mask) | (value & mask);
}

}  // namespace

std::size_t RegisterFile::index_of(Register r) {
  const RegisterRow* row = arm::smmu::find_register(static_cast<std::uint64_t>(r));
  assert(row != nullptr);
  return static_cast<std::size_t>(row - arm::smmu::registers().data());
}

RegisterFile::RegisterFile(const Parameters& p) {
  assert(arm::smmu::registers().size() <= values_.size());
  constexpr std::uint64_t kAArch64 = 2, kLittleEndian = 2, kNoStall = 1, kTwoLevel = 1;
  std::uint64_t idr0 = 0, idr1 = 0, idr3 = 0, idr5 = 0;
  reg::put({&idr0, 1}, reg::idr0::S2P, p.stage2);
  reg::put({&idr0, 1}, reg::idr0::S1P, p.stage1);
  reg::put({&idr0, 1}, reg::idr0::TTF, kAArch64);
  reg::put({&idr0, 1}, reg::idr0::COHACC, p.coherent);
  reg::put({&idr0, 1}, reg::idr0::BTM, p.broadcast);
  reg::put({&idr0, 1}, reg::idr0::Hyp, 1);
  reg::put({&idr0, 1}, reg::idr0::ASID16, 1);
  reg::put({&idr0, 1}, reg::idr0::VMID16, 1);
  reg::put({&idr0, 1}, reg::idr0::CD2L, 1);
  reg::put({&idr0, 1}, reg::idr0::TTENDIAN, kLittleEndian);
  reg::put({&idr0, 1}, reg::idr0::STALL_MODEL, kNoStall);
  reg::put({&idr0, 1}, reg::idr0::ST_LEVEL, kTwoLevel);
  reg::put({&idr1, 1}, reg::idr1::SIDSIZE, p.sid_bits);
  reg::put({&idr1, 1}, reg::idr1::SSIDSIZE, p.ssid_bits);
  reg::put({&idr1, 1}, reg::idr1::EVENTQS, p.event_queue_log2);
  reg::put({&idr1, 1}, reg::idr1::CMDQS, p.command_queue_log2);
  reg::put({&idr1, 1}, reg::idr1::ATTR_PERMS_OVR, 1);
  reg::put({&idr1, 1}, reg::idr1::ATTR_TYPES_OVR, 1);
  reg::put({&idr3, 1}, reg::idr3::HAD, 1);
  reg::put({&idr3, 1}, reg::idr3::XNX, 1);
  reg::put({&idr3, 1}, reg::idr3::FWB, 1);
  reg::put({&idr3, 1}, reg::idr3::RIL, 1);
  reg::put({&idr3, 1}, reg::idr3::E0PD, 1);
  constexpr std::uint64_t kOutput48 = 5;
  reg::put({&idr5, 1}, reg::idr5::OAS, kOutput48);
  reg::put({&idr5, 1}, reg::idr5::GRAN4K, 1);
  reg::put({&idr5, 1}, reg::idr5::GRAN16K, 1);
  reg::put({&idr5, 1}, reg::idr5::GRAN64K, 1);
  set(Register::IDR0, idr0);
  set(Register::IDR1, idr1);
  set(Register::IDR3, idr3);
  set(Register::IDR5, idr5);
  constexpr std::uint64_t kVersion3_2 = 2;
  set(Register::AIDR, kVersion3_2);
  // As incoming; what the reset value is, is for the implementation.
  set(Register::GBPA, reg::gbpa::SHCFG, 1);
}

std::uint64_t RegisterFile::read(std::uint64_t offset, std::uint8_t bytes) const {
  if (bytes != 4 && bytes != 8) return 0;
  std::uint64_t result = 0;
  for (std::uint8_t done = 0; done < bytes; done = static_cast<std::uint8_t>(done + 4)) {
    std::uint64_t half = 0;
    if (const RegisterRow* row = arm::smmu::find_register(offset + done)) {
      half = get(row->offset);
    } else if (const RegisterRow* low = arm::smmu::find_register(offset + done - 4);
               low != nullptr && low->bytes == 8) {
      half = get(low->offset) >> 32;
    }
    result |= (half & 0xffff'ffff) << 8 * done;
  }
  return result;
}

void RegisterFile::write(std::uint64_t offset, std::uint8_t bytes, std::uint64_t value) {
  if (bytes != 4 && bytes != 8) return;
  const RegisterRow* row = arm::smmu::find_register(offset);
  if (row == nullptr) {
    row = bytes == 4 ? arm::smmu::find_register(offset - 4) : nullptr;
    if (row != nullptr && row->bytes == 8)
      write_whole(*row, merged(get(row->offset), value << 32, ~std::uint64_t{0} << 32));
    return;
  }
  if (row->bytes == 8) {
    write_whole(*row, bytes == 8 ? value : merged(get(row->offset), value, 0xffff'ffff));
    return;
  }
  write_whole(*row, value & 0xffff'ffff);
  if (bytes == 8) write(offset + 4, 4, value >> 32);
}

void RegisterFile::write_whole(const RegisterRow& row, std::uint64_t value) {
  if (row.access == arm::smmu::RegisterAccess::ReadOnly || row.modelled == arm::smmu::Modelled::No) return;
  const std::uint64_t before = get(row.offset);
  std::uint64_t mask = mask_of(row);
  // What is in use does not change: such writes are CONSTRAINED UNPREDICTABLE and ignored here.
  switch (row.offset) {
    case Register::CR0:
      value &= kEnables;
      set(Register::CR0ACK, value);
      break;
    case Register::CR1:
      if (commands_enabled() || events_enabled()) mask &= ~kQueueAttributes;
      if (smmu_enabled()) mask &= ~kTableAttributes;
      break;
    case Register::CR2:
    case Register::STRTAB_BASE:
    case Register::STRTAB_BASE_CFG:
      if (smmu_enabled()) return;
      break;
    case Register::CMDQ_BASE:
    case Register::CMDQ_CONS:
      if (commands_enabled()) return;
      break;
    case Register::EVENTQ_BASE:
    case Register::EVENTQ_PROD:
      if (events_enabled()) return;
      break;
    case Register::GBPA:
      if (arm::smmu::get(value, reg::gbpa::Update) == 0) return;
      mask &= ~reg::gbpa::Update.mask();
      break;
    case Register::IRQ_CTRL:
      set(Register::IRQ_CTRLACK, value & mask);
      break;
    default:
      break;
  }
  set(row.offset, merged(before, value, mask));
}

bool RegisterFile::error_active(const Field& f) const { return get(Register::GERROR, f) != get(Register::GERRORN, f); }

void RegisterFile::raise(const Field& f) {
  if (!error_active(f)) set(Register::GERROR, f, get(Register::GERROR, f) ^ 1);
}

}  // namespace staleline::smmu
