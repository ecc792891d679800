// SPDX-License-Identifier: Apache-2.0
// Commands: the fields of each opcode, and what TLBI commands mean in terms of TLBI instructions.
#include <cctype>

#include "smmu_visit.h"
#include "staleline/arm/smmu_queues.h"

namespace staleline::arm::smmu {

namespace {

constexpr Field kOpcode{"Opcode", 0, 8}, kSSec{"SSec", 10}, kSSV{"SSV", 11}, kSubstreamID{"SubstreamID", 12, 20},
    kStreamID{"StreamID", 32, 32}, kLeaf{"Leaf", 64}, kRange{"Range", 64, 5}, kAsid{"ASID", 48, 16},
    kVmid{"VMID", 32, 16}, kNum{"NUM", 12, 5}, kScale{"SCALE", 20, 5}, kTtl{"TTL", 72, 2}, kTg{"TG", 74, 2},
    kAddress{"Address", 76, 52, true}, kIpa{"Address", 76, 40, true}, kSize{"Size", 64, 5}, kStride{"Stride", 69, 5},
    kCs{"CS", 12, 2}, kMsh{"MSH", 22, 2}, kMsiAttr{"MSIAttr", 24, 4}, kMsiData{"MSIData", 32, 32},
    kMsiAddress{"MSIAddress", 66, 50, true}, kAc{"Ac", 12}, kAb{"Ab", 13}, kStag{"STAG", 64, 16};

struct Row {
  Opcode opcode;
  std::string_view name;
};
constexpr std::array kRows{
    Row{Opcode::PREFETCH_CONFIG, "PREFETCH_CONFIG"},
    Row{Opcode::PREFETCH_ADDR, "PREFETCH_ADDR"},
    Row{Opcode::CFGI_STE, "CFGI_STE"},
    Row{Opcode::CFGI_STE_RANGE, "CFGI_STE_RANGE"},
    Row{Opcode::CFGI_CD, "CFGI_CD"},
    Row{Opcode::CFGI_CD_ALL, "CFGI_CD_ALL"},
    Row{Opcode::CFGI_VMS_PIDM, "CFGI_VMS_PIDM"},
    Row{Opcode::TLBI_NH_ALL, "TLBI_NH_ALL"},
    Row{Opcode::TLBI_NH_ASID, "TLBI_NH_ASID"},
    Row{Opcode::TLBI_NH_VA, "TLBI_NH_VA"},
    Row{Opcode::TLBI_NH_VAA, "TLBI_NH_VAA"},
    Row{Opcode::TLBI_EL3_ALL, "TLBI_EL3_ALL"},
    Row{Opcode::TLBI_EL3_VA, "TLBI_EL3_VA"},
    Row{Opcode::TLBI_EL2_ALL, "TLBI_EL2_ALL"},
    Row{Opcode::TLBI_EL2_ASID, "TLBI_EL2_ASID"},
    Row{Opcode::TLBI_EL2_VA, "TLBI_EL2_VA"},
    Row{Opcode::TLBI_EL2_VAA, "TLBI_EL2_VAA"},
    Row{Opcode::TLBI_S12_VMALL, "TLBI_S12_VMALL"},
    Row{Opcode::TLBI_S2_IPA, "TLBI_S2_IPA"},
    Row{Opcode::TLBI_NSNH_ALL, "TLBI_NSNH_ALL"},
    Row{Opcode::ATC_INV, "ATC_INV"},
    Row{Opcode::PRI_RESP, "PRI_RESP"},
    Row{Opcode::RESUME, "RESUME"},
    Row{Opcode::STALL_TERM, "STALL_TERM"},
    Row{Opcode::SYNC, "SYNC"},
};

constexpr auto kFields = [](auto visit, auto& c) {
  using enum Opcode;
  const Opcode o = c.opcode;
  const bool prefetch = o == PREFETCH_CONFIG || o == PREFETCH_ADDR;
  const bool by_stream =
      prefetch || is_configuration_invalidation(o) || o == ATC_INV || o == PRI_RESP || o == RESUME || o == STALL_TERM;
  if (by_stream) {
    visit(kSSec, c.ssec);
    visit(kStreamID, c.stream_id);
  }
  if (prefetch || o == ATC_INV || o == PRI_RESP) visit(kSSV, c.ssv);
  if (prefetch || o == CFGI_CD || o == ATC_INV || o == PRI_RESP) visit(kSubstreamID, c.substream_id);
  switch (o) {
    case PREFETCH_ADDR:
      visit(kSize, c.size);
      visit(kStride, c.stride);
      visit(kAddress, c.address);
      break;
    case CFGI_STE:
    case CFGI_CD:
      visit(kLeaf, c.leaf);
      break;
    case CFGI_STE_RANGE:
      visit(kRange, c.range);
      break;
    case TLBI_NH_ALL:
    case TLBI_S12_VMALL:
      visit(kVmid, c.vmid);
      break;
    case TLBI_NH_ASID:
    case TLBI_EL2_ASID:
      if (o == TLBI_NH_ASID) visit(kVmid, c.vmid);
      visit(kAsid, c.asid);
      break;
    case TLBI_NH_VA:
    case TLBI_NH_VAA:
    case TLBI_EL2_VA:
    case TLBI_EL2_VAA:
    case TLBI_EL3_VA:
    case TLBI_S2_IPA:
      visit(kNum, c.num);
      visit(kScale, c.scale);
      if (o == TLBI_NH_VA || o == TLBI_NH_VAA || o == TLBI_S2_IPA) visit(kVmid, c.vmid);
      if (o == TLBI_NH_VA || o == TLBI_EL2_VA) visit(kAsid, c.asid);
      visit(kLeaf, c.leaf);
      visit(kTtl, c.ttl);
      visit(kTg, c.tg);
      visit(o == TLBI_S2_IPA ? kIpa : kAddress, c.address);
      break;
    case RESUME:
      visit(kAc, c.ac);
      visit(kAb, c.ab);
      visit(kStag, c.stag);
      break;
    case SYNC:
      visit(kCs, c.cs);
      visit(kMsh, c.msh);
      visit(kMsiAttr, c.msi_attr);
      visit(kMsiData, c.msi_data);
      visit(kMsiAddress, c.address);
      break;
    default:
      break;
  }
};

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

}  // namespace

CommandWords encode(const Command& c) {
  CommandWords words{};
  put(words, kOpcode, static_cast<std::uint64_t>(c.opcode));
  detail::encode_into(words, c, kFields);
  return words;
}

std::optional<Command> decode_command(const CommandWords& words) {
  Command c;
  c.opcode = static_cast<Opcode>(get(words, kOpcode));
  if (name_of(c.opcode).empty()) return std::nullopt;
  detail::decode_from(words, c, kFields);
  return c;
}

std::span<const Opcode> all_opcodes() {
  static constexpr auto opcodes = [] {
    std::array<Opcode, kRows.size()> result{};
    for (std::size_t i = 0; i < kRows.size(); ++i) result[i] = kRows[i].opcode;
    return result;
  }();
  return opcodes;
}

std::string_view name_of(Opcode o) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.opcode == o; });
  return found == kRows.end() ? std::string_view{} : found->name;
}

std::optional<Opcode> find_opcode(std::string_view name) {
  constexpr std::string_view kPrefix = "CMD_";
  if (same(name.substr(0, kPrefix.size()), kPrefix)) name.remove_prefix(kPrefix.size());
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return same(r.name, name); });
  return found == kRows.end() ? std::nullopt : std::optional(found->opcode);
}

std::span<const Field> command_fields(Opcode o) {
  static const auto fields = [] {
    std::array<std::vector<Field>, 256> result;
    for (const Row& r : kRows) {
      Command c;
      c.opcode = r.opcode;
      result[static_cast<std::uint8_t>(r.opcode)] = detail::list<Command>(kFields, c);
    }
    return result;
  }();
  return fields[static_cast<std::uint8_t>(o)];
}

std::optional<Tlbi> tlbi_of(const Command& c) {
  using enum Opcode;
  Tlbi t;
  t.reach = TlbiReach::InnerShareable;
  switch (c.opcode) {
    case TLBI_NH_ALL:
      t.scope = TlbiScope::VMAll;
      break;
    case TLBI_NSNH_ALL:
    case TLBI_EL2_ALL:
      t.scope = TlbiScope::All;
      break;
    case TLBI_NH_ASID:
    case TLBI_EL2_ASID:
      t.scope = TlbiScope::ASID;
      break;
    case TLBI_NH_VA:
    case TLBI_EL2_VA:
      t.scope = TlbiScope::VA;
      break;
    case TLBI_NH_VAA:
    case TLBI_EL2_VAA:
      t.scope = TlbiScope::VAA;
      break;
    case TLBI_S12_VMALL:
      t.scope = TlbiScope::VMAllS12;
      break;
    case TLBI_S2_IPA:
      t.scope = TlbiScope::IPAS2;
      break;
    default:
      return std::nullopt;
  }
  const bool el2 = c.opcode >= TLBI_EL2_ALL && c.opcode <= TLBI_EL2_VAA;
  t.el = el2 ? 2 : 1;
  t.last_level = c.leaf;
  t.range = c.tg != 0;
  return t;
}

TlbiOperand tlbi_operand(const Command& c) {
  TlbiOperand o;
  o.asid = c.asid;
  o.first = c.address;
  o.bytes = 4096;
  if (c.tg == 0) return o;
  o.granule = static_cast<Granule>(c.tg - 1);
  if (c.ttl != 0) o.level = c.ttl;
  o.first &= ~(page_bytes(*o.granule) - 1);
  o.bytes = (std::uint64_t{c.num} + 1) << c.scale << page_bits(*o.granule);
  return o;
}

}  // namespace staleline::arm::smmu
