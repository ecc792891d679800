// SPDX-License-Identifier: Apache-2.0
// SMMUv3 registers of the Non-secure programming interface: offsets, access, fields (IHI 0070 chapter 6).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "staleline/arm/smmu_fields.h"

namespace staleline::arm::smmu {

/// Offsets from the base of page 0. Page 1 is 64 KiB further.
enum class Register : std::uint32_t {
  IDR0 = 0x0,
  IDR1 = 0x4,
  IDR2 = 0x8,
  IDR3 = 0xc,
  IDR4 = 0x10,
  IDR5 = 0x14,
  IIDR = 0x18,
  AIDR = 0x1c,
  CR0 = 0x20,
  CR0ACK = 0x24,
  CR1 = 0x28,
  CR2 = 0x2c,
  STATUSR = 0x40,
  GBPA = 0x44,
  AGBPA = 0x48,
  IRQ_CTRL = 0x50,
  IRQ_CTRLACK = 0x54,
  GERROR = 0x60,
  GERRORN = 0x64,
  GERROR_IRQ_CFG0 = 0x68,
  GERROR_IRQ_CFG1 = 0x70,
  GERROR_IRQ_CFG2 = 0x74,
  STRTAB_BASE = 0x80,
  STRTAB_BASE_CFG = 0x88,
  CMDQ_BASE = 0x90,
  CMDQ_PROD = 0x98,
  CMDQ_CONS = 0x9c,
  EVENTQ_BASE = 0xa0,
  EVENTQ_IRQ_CFG0 = 0xb0,
  EVENTQ_IRQ_CFG1 = 0xb8,
  EVENTQ_IRQ_CFG2 = 0xbc,
  PRIQ_BASE = 0xc0,
  PRIQ_IRQ_CFG0 = 0xd0,
  PRIQ_IRQ_CFG1 = 0xd8,
  PRIQ_IRQ_CFG2 = 0xdc,
  GATOS_CTRL = 0x100,
  GATOS_SID = 0x108,
  GATOS_ADDR = 0x110,
  GATOS_PAR = 0x118,
  EVENTQ_PROD = 0x1'00a8,
  EVENTQ_CONS = 0x1'00ac,
  PRIQ_PROD = 0x1'00c8,
  PRIQ_CONS = 0x1'00cc,
};
/// Pages 0 and 1.
inline constexpr std::uint64_t kRegisterBytes = 0x2'0000;

enum class RegisterAccess : std::uint8_t { ReadOnly, ReadWrite };
/// How far the model goes with a register or field.
enum class Modelled : std::uint8_t { Functional, Stored, Constant, No };

struct RegisterRow {
  Register offset{};
  std::string_view name;  ///< without the prefix SMMU_
  std::uint8_t bytes = 4;
  RegisterAccess access = RegisterAccess::ReadWrite;
  Modelled modelled = Modelled::Functional;
  std::span<const Field> fields;
};
/// Every register that the model knows, by offset.
[[nodiscard]] std::span<const RegisterRow> registers();
/// The register at an offset or of a name (with or without SMMU_), or null.
[[nodiscard]] const RegisterRow* find_register(std::uint64_t offset);
[[nodiscard]] const RegisterRow* find_register(std::string_view name);

/// Fields by register, named as in IHI 0070.
namespace idr0 {
inline constexpr Field S2P{"S2P", 0}, S1P{"S1P", 1}, TTF{"TTF", 2, 2}, COHACC{"COHACC", 4}, BTM{"BTM", 5},
    HTTU{"HTTU", 6, 2}, DORMHINT{"DORMHINT", 8}, Hyp{"Hyp", 9}, ATS{"ATS", 10}, NS1ATS{"NS1ATS", 11},
    ASID16{"ASID16", 12}, MSI{"MSI", 13}, SEV{"SEV", 14}, ATOS{"ATOS", 15}, PRI{"PRI", 16}, VMW{"VMW", 17},
    VMID16{"VMID16", 18}, CD2L{"CD2L", 19}, VATOS{"VATOS", 20}, TTENDIAN{"TTENDIAN", 21, 2}, ATSRECERR{"ATSRECERR", 23},
    STALL_MODEL{"STALL_MODEL", 24, 2}, TERM_MODEL{"TERM_MODEL", 26}, ST_LEVEL{"ST_LEVEL", 27, 2};
}
namespace idr1 {
inline constexpr Field SIDSIZE{"SIDSIZE", 0, 6}, SSIDSIZE{"SSIDSIZE", 6, 5}, PRIQS{"PRIQS", 11, 5},
    EVENTQS{"EVENTQS", 16, 5}, CMDQS{"CMDQS", 21, 5}, ATTR_PERMS_OVR{"ATTR_PERMS_OVR", 26},
    ATTR_TYPES_OVR{"ATTR_TYPES_OVR", 27}, REL{"REL", 28}, QUEUES_PRESET{"QUEUES_PRESET", 29},
    TABLES_PRESET{"TABLES_PRESET", 30}, ECMDQ{"ECMDQ", 31};
}
namespace idr3 {
inline constexpr Field HAD{"HAD", 2}, PBHA{"PBHA", 3}, XNX{"XNX", 4}, PPS{"PPS", 5}, MPAM{"MPAM", 7}, FWB{"FWB", 8},
    STT{"STT", 9}, RIL{"RIL", 10}, BBML{"BBML", 11, 2}, E0PD{"E0PD", 13}, PTWNNC{"PTWNNC", 14}, DPT{"DPT", 15};
}
namespace idr5 {
inline constexpr Field OAS{"OAS", 0, 3}, GRAN4K{"GRAN4K", 4}, GRAN16K{"GRAN16K", 5}, GRAN64K{"GRAN64K", 6},
    VAX{"VAX", 10, 2}, STALL_MAX{"STALL_MAX", 16, 16};
}
namespace cr0 {
inline constexpr Field SMMUEN{"SMMUEN", 0}, PRIQEN{"PRIQEN", 1}, EVENTQEN{"EVENTQEN", 2}, CMDQEN{"CMDQEN", 3},
    ATSCHK{"ATSCHK", 4}, VMW{"VMW", 6, 3};
}
/// Cacheability here is 0b00 Non-cacheable, 0b01 Write-Back, 0b10 Write-Through.
namespace cr1 {
inline constexpr Field QUEUE_IC{"QUEUE_IC", 0, 2}, QUEUE_OC{"QUEUE_OC", 2, 2}, QUEUE_SH{"QUEUE_SH", 4, 2},
    TABLE_IC{"TABLE_IC", 6, 2}, TABLE_OC{"TABLE_OC", 8, 2}, TABLE_SH{"TABLE_SH", 10, 2};
}
namespace cr2 {
inline constexpr Field E2H{"E2H", 0}, RECINVSID{"RECINVSID", 1}, PTM{"PTM", 2};
}
namespace gbpa {
inline constexpr Field MemAttr{"MemAttr", 0, 4}, MTCFG{"MTCFG", 4}, ALLOCCFG{"ALLOCCFG", 8, 4}, SHCFG{"SHCFG", 12, 2},
    PRIVCFG{"PRIVCFG", 16, 2}, INSTCFG{"INSTCFG", 18, 2}, ABORT{"ABORT", 20}, Update{"Update", 31};
}
namespace irq_ctrl {
inline constexpr Field GERROR_IRQEN{"GERROR_IRQEN", 0}, PRIQ_IRQEN{"PRIQ_IRQEN", 1}, EVENTQ_IRQEN{"EVENTQ_IRQEN", 2};
}
/// GERROR and GERRORN: an error is active where they differ.
namespace gerror {
inline constexpr Field CMDQ_ERR{"CMDQ_ERR", 0}, EVENTQ_ABT_ERR{"EVENTQ_ABT_ERR", 2}, PRIQ_ABT_ERR{"PRIQ_ABT_ERR", 3},
    MSI_CMDQ_ABT_ERR{"MSI_CMDQ_ABT_ERR", 4}, MSI_EVENTQ_ABT_ERR{"MSI_EVENTQ_ABT_ERR", 5},
    MSI_PRIQ_ABT_ERR{"MSI_PRIQ_ABT_ERR", 6}, MSI_GERROR_ABT_ERR{"MSI_GERROR_ABT_ERR", 7}, SFM_ERR{"SFM_ERR", 8};
}
namespace strtab_base {
inline constexpr Field ADDR{"ADDR", 6, 46, true}, RA{"RA", 62};
}
namespace strtab_base_cfg {
inline constexpr Field LOG2SIZE{"LOG2SIZE", 0, 6}, SPLIT{"SPLIT", 6, 5}, FMT{"FMT", 16, 2};
}
/// CMDQ_BASE has RA, EVENTQ_BASE has WA at bit 62.
namespace queue_base {
inline constexpr Field LOG2SIZE{"LOG2SIZE", 0, 5}, ADDR{"ADDR", 5, 47, true}, RA{"RA", 62}, WA{"WA", 62};
}
/// The index of a queue; the bit above its LOG2SIZE bits is the wrap bit.
namespace cmdq_prod {
inline constexpr Field WR{"WR", 0, 20};
}
namespace cmdq_cons {
inline constexpr Field RD{"RD", 0, 20}, ERR{"ERR", 24, 7};
}
namespace eventq_prod {
inline constexpr Field WR{"WR", 0, 20}, OVFLG{"OVFLG", 31};
}
namespace eventq_cons {
inline constexpr Field RD{"RD", 0, 20}, OVACKFLG{"OVACKFLG", 31};
}

/// CMDQ_CONS.ERR (IHI 0070 7.1).
enum class CommandError : std::uint8_t { None = 0, Illegal = 1, Abort = 2, AtcInvalidateSync = 3 };

}  // namespace staleline::arm::smmu
