// SPDX-License-Identifier: Apache-2.0
// The table of SMMUv3 registers.
#include "staleline/arm/smmu_registers.h"

#include <algorithm>
#include <array>

namespace staleline::arm::smmu {

namespace {

constexpr auto RO = RegisterAccess::ReadOnly;
constexpr auto RW = RegisterAccess::ReadWrite;

constexpr std::array kIdr0{idr0::S2P,       idr0::S1P,         idr0::TTF,        idr0::COHACC,  idr0::BTM,
                           idr0::HTTU,      idr0::DORMHINT,    idr0::Hyp,        idr0::ATS,     idr0::NS1ATS,
                           idr0::ASID16,    idr0::MSI,         idr0::SEV,        idr0::ATOS,    idr0::PRI,
                           idr0::VMW,       idr0::VMID16,      idr0::CD2L,       idr0::VATOS,   idr0::TTENDIAN,
                           idr0::ATSRECERR, idr0::STALL_MODEL, idr0::TERM_MODEL, idr0::ST_LEVEL};
constexpr std::array kIdr1{idr1::SIDSIZE,       idr1::SSIDSIZE,       idr1::PRIQS,          idr1::EVENTQS,
                           idr1::CMDQS,         idr1::ATTR_PERMS_OVR, idr1::ATTR_TYPES_OVR, idr1::REL,
                           idr1::QUEUES_PRESET, idr1::TABLES_PRESET,  idr1::ECMDQ};
constexpr std::array kIdr3{idr3::HAD, idr3::PBHA, idr3::XNX,  idr3::PPS,  idr3::MPAM,   idr3::FWB,
                           idr3::STT, idr3::RIL,  idr3::BBML, idr3::E0PD, idr3::PTWNNC, idr3::DPT};
constexpr std::array kIdr5{idr5::OAS, idr5::GRAN4K, idr5::GRAN16K, idr5::GRAN64K, idr5::VAX, idr5::STALL_MAX};
constexpr std::array kCr0{cr0::SMMUEN, cr0::PRIQEN, cr0::EVENTQEN, cr0::CMDQEN, cr0::ATSCHK, cr0::VMW};
constexpr std::array kCr1{cr1::QUEUE_IC, cr1::QUEUE_OC, cr1::QUEUE_SH, cr1::TABLE_IC, cr1::TABLE_OC, cr1::TABLE_SH};
constexpr std::array kCr2{cr2::E2H, cr2::RECINVSID, cr2::PTM};
constexpr std::array kGbpa{gbpa::MemAttr, gbpa::MTCFG,   gbpa::ALLOCCFG, gbpa::SHCFG,
                           gbpa::PRIVCFG, gbpa::INSTCFG, gbpa::ABORT,    gbpa::Update};
constexpr std::array kIrqCtrl{irq_ctrl::GERROR_IRQEN, irq_ctrl::PRIQ_IRQEN, irq_ctrl::EVENTQ_IRQEN};
constexpr std::array kGerror{
    gerror::CMDQ_ERR,           gerror::EVENTQ_ABT_ERR,   gerror::PRIQ_ABT_ERR,       gerror::MSI_CMDQ_ABT_ERR,
    gerror::MSI_EVENTQ_ABT_ERR, gerror::MSI_PRIQ_ABT_ERR, gerror::MSI_GERROR_ABT_ERR, gerror::SFM_ERR};
constexpr std::array kStrtabBase{strtab_base::ADDR, strtab_base::RA};
constexpr std::array kStrtabBaseCfg{strtab_base_cfg::LOG2SIZE, strtab_base_cfg::SPLIT, strtab_base_cfg::FMT};
constexpr std::array kReadQueueBase{queue_base::LOG2SIZE, queue_base::ADDR, queue_base::RA};
constexpr std::array kWrittenQueueBase{queue_base::LOG2SIZE, queue_base::ADDR, queue_base::WA};
constexpr std::array kCmdqProd{cmdq_prod::WR};
constexpr std::array kCmdqCons{cmdq_cons::RD, cmdq_cons::ERR};
constexpr std::array kEventqProd{eventq_prod::WR, eventq_prod::OVFLG};
constexpr std::array kEventqCons{eventq_cons::RD, eventq_cons::OVACKFLG};
constexpr std::span<const Field> kNone{};

constexpr std::array kRegisters{
    RegisterRow{Register::IDR0, "IDR0", 4, RO, Modelled::Constant, kIdr0},
    RegisterRow{Register::IDR1, "IDR1", 4, RO, Modelled::Constant, kIdr1},
    RegisterRow{Register::IDR2, "IDR2", 4, RO, Modelled::Constant, kNone},
    RegisterRow{Register::IDR3, "IDR3", 4, RO, Modelled::Constant, kIdr3},
    RegisterRow{Register::IDR4, "IDR4", 4, RO, Modelled::Constant, kNone},
    RegisterRow{Register::IDR5, "IDR5", 4, RO, Modelled::Constant, kIdr5},
    RegisterRow{Register::IIDR, "IIDR", 4, RO, Modelled::Constant, kNone},
    RegisterRow{Register::AIDR, "AIDR", 4, RO, Modelled::Constant, kNone},
    RegisterRow{Register::CR0, "CR0", 4, RW, Modelled::Functional, kCr0},
    RegisterRow{Register::CR0ACK, "CR0ACK", 4, RO, Modelled::Functional, kCr0},
    RegisterRow{Register::CR1, "CR1", 4, RW, Modelled::Functional, kCr1},
    RegisterRow{Register::CR2, "CR2", 4, RW, Modelled::Functional, kCr2},
    RegisterRow{Register::STATUSR, "STATUSR", 4, RO, Modelled::Constant, kNone},
    RegisterRow{Register::GBPA, "GBPA", 4, RW, Modelled::Functional, kGbpa},
    RegisterRow{Register::AGBPA, "AGBPA", 4, RW, Modelled::Stored, kNone},
    RegisterRow{Register::IRQ_CTRL, "IRQ_CTRL", 4, RW, Modelled::Stored, kIrqCtrl},
    RegisterRow{Register::IRQ_CTRLACK, "IRQ_CTRLACK", 4, RO, Modelled::Stored, kIrqCtrl},
    RegisterRow{Register::GERROR, "GERROR", 4, RO, Modelled::Functional, kGerror},
    RegisterRow{Register::GERRORN, "GERRORN", 4, RW, Modelled::Functional, kGerror},
    RegisterRow{Register::GERROR_IRQ_CFG0, "GERROR_IRQ_CFG0", 8, RW, Modelled::Stored, kNone},
    RegisterRow{Register::GERROR_IRQ_CFG1, "GERROR_IRQ_CFG1", 4, RW, Modelled::Stored, kNone},
    RegisterRow{Register::GERROR_IRQ_CFG2, "GERROR_IRQ_CFG2", 4, RW, Modelled::Stored, kNone},
    RegisterRow{Register::STRTAB_BASE, "STRTAB_BASE", 8, RW, Modelled::Functional, kStrtabBase},
    RegisterRow{Register::STRTAB_BASE_CFG, "STRTAB_BASE_CFG", 4, RW, Modelled::Functional, kStrtabBaseCfg},
    RegisterRow{Register::CMDQ_BASE, "CMDQ_BASE", 8, RW, Modelled::Functional, kReadQueueBase},
    RegisterRow{Register::CMDQ_PROD, "CMDQ_PROD", 4, RW, Modelled::Functional, kCmdqProd},
    RegisterRow{Register::CMDQ_CONS, "CMDQ_CONS", 4, RW, Modelled::Functional, kCmdqCons},
    RegisterRow{Register::EVENTQ_BASE, "EVENTQ_BASE", 8, RW, Modelled::Functional, kWrittenQueueBase},
    RegisterRow{Register::EVENTQ_IRQ_CFG0, "EVENTQ_IRQ_CFG0", 8, RW, Modelled::Stored, kNone},
    RegisterRow{Register::EVENTQ_IRQ_CFG1, "EVENTQ_IRQ_CFG1", 4, RW, Modelled::Stored, kNone},
    RegisterRow{Register::EVENTQ_IRQ_CFG2, "EVENTQ_IRQ_CFG2", 4, RW, Modelled::Stored, kNone},
    RegisterRow{Register::PRIQ_BASE, "PRIQ_BASE", 8, RW, Modelled::No, kNone},
    RegisterRow{Register::PRIQ_IRQ_CFG0, "PRIQ_IRQ_CFG0", 8, RW, Modelled::No, kNone},
    RegisterRow{Register::PRIQ_IRQ_CFG1, "PRIQ_IRQ_CFG1", 4, RW, Modelled::No, kNone},
    RegisterRow{Register::PRIQ_IRQ_CFG2, "PRIQ_IRQ_CFG2", 4, RW, Modelled::No, kNone},
    RegisterRow{Register::GATOS_CTRL, "GATOS_CTRL", 4, RW, Modelled::No, kNone},
    RegisterRow{Register::GATOS_SID, "GATOS_SID", 8, RW, Modelled::No, kNone},
    RegisterRow{Register::GATOS_ADDR, "GATOS_ADDR", 8, RW, Modelled::No, kNone},
    RegisterRow{Register::GATOS_PAR, "GATOS_PAR", 8, RO, Modelled::No, kNone},
    RegisterRow{Register::EVENTQ_PROD, "EVENTQ_PROD", 4, RW, Modelled::Functional, kEventqProd},
    RegisterRow{Register::EVENTQ_CONS, "EVENTQ_CONS", 4, RW, Modelled::Functional, kEventqCons},
    RegisterRow{Register::PRIQ_PROD, "PRIQ_PROD", 4, RW, Modelled::No, kNone},
    RegisterRow{Register::PRIQ_CONS, "PRIQ_CONS", 4, RW, Modelled::No, kNone},
};

}  // namespace

std::span<const RegisterRow> registers() { return kRegisters; }

const RegisterRow* find_register(std::uint64_t offset) {
  const auto found = std::find_if(kRegisters.begin(), kRegisters.end(),
                                  [&](const RegisterRow& r) { return static_cast<std::uint32_t>(r.offset) == offset; });
  return found == kRegisters.end() ? nullptr : &*found;
}

const RegisterRow* find_register(std::string_view name) {
  constexpr std::string_view kPrefix = "SMMU_";
  if (name.substr(0, kPrefix.size()) == kPrefix) name.remove_prefix(kPrefix.size());
  const auto found =
      std::find_if(kRegisters.begin(), kRegisters.end(), [&](const RegisterRow& r) { return r.name == name; });
  return found == kRegisters.end() ? nullptr : &*found;
}

}  // namespace staleline::arm::smmu
