// SPDX-License-Identifier: Apache-2.0
// Event records: the fields of each type.
#include "smmu_visit.h"
#include "staleline/arm/smmu_queues.h"

namespace staleline::arm::smmu {

namespace {

constexpr Field kType{"Type", 0, 8}, kSSV{"SSV", 11}, kSubstreamID{"SubstreamID", 12, 20},
    kStreamID{"StreamID", 32, 32}, kStag{"STAG", 64, 16}, kStall{"Stall", 95}, kPnU{"PnU", 97}, kInD{"InD", 98},
    kRnW{"RnW", 99}, kS2{"S2", 103}, kClass{"CLASS", 104, 2}, kInputAddr{"InputAddr", 128, 64},
    kIpa{"IPA", 204, 40, true}, kFetchAddr{"FetchAddr", 195, 49, true};

struct Row {
  EventType type;
  std::string_view name;
};
constexpr std::array kRows{
    Row{EventType::F_UUT, "F_UUT"},
    Row{EventType::C_BAD_STREAMID, "C_BAD_STREAMID"},
    Row{EventType::F_STE_FETCH, "F_STE_FETCH"},
    Row{EventType::C_BAD_STE, "C_BAD_STE"},
    Row{EventType::F_BAD_ATS_TREQ, "F_BAD_ATS_TREQ"},
    Row{EventType::F_STREAM_DISABLED, "F_STREAM_DISABLED"},
    Row{EventType::F_TRANSL_FORBIDDEN, "F_TRANSL_FORBIDDEN"},
    Row{EventType::C_BAD_SUBSTREAMID, "C_BAD_SUBSTREAMID"},
    Row{EventType::F_CD_FETCH, "F_CD_FETCH"},
    Row{EventType::C_BAD_CD, "C_BAD_CD"},
    Row{EventType::F_WALK_EABT, "F_WALK_EABT"},
    Row{EventType::F_TRANSLATION, "F_TRANSLATION"},
    Row{EventType::F_ADDR_SIZE, "F_ADDR_SIZE"},
    Row{EventType::F_ACCESS, "F_ACCESS"},
    Row{EventType::F_PERMISSION, "F_PERMISSION"},
    Row{EventType::F_TLB_CONFLICT, "F_TLB_CONFLICT"},
    Row{EventType::F_CFG_CONFLICT, "F_CFG_CONFLICT"},
    Row{EventType::E_PAGE_REQUEST, "E_PAGE_REQUEST"},
    Row{EventType::F_VMS_FETCH, "F_VMS_FETCH"},
};

constexpr auto kFields = [](auto visit, auto& e) {
  using enum EventType;
  const EventType t = e.type;
  visit(kSSV, e.ssv);
  visit(kSubstreamID, e.substream_id);
  visit(kStreamID, e.stream_id);
  const bool translation = t >= F_TRANSLATION && t <= F_PERMISSION;
  const bool of_access = translation || t == F_WALK_EABT || t == F_TLB_CONFLICT;
  if (translation || t == F_WALK_EABT) visit(kStag, e.stag);
  if (translation) visit(kStall, e.stall);
  if (of_access || t == F_UUT) {
    visit(kPnU, e.pnu);
    visit(kInD, e.ind);
    visit(kRnW, e.rnw);
  }
  if (of_access) {
    visit(kS2, e.s2);
    visit(kClass, e.cls);
  }
  if (of_access || t == F_UUT || t == F_BAD_ATS_TREQ || t == F_TRANSL_FORBIDDEN) visit(kInputAddr, e.input_address);
  if (translation || t == F_TLB_CONFLICT) visit(kIpa, e.ipa);
  if (t == F_STE_FETCH || t == F_CD_FETCH || t == F_WALK_EABT || t == F_VMS_FETCH) visit(kFetchAddr, e.fetch_address);
};

}  // namespace

EventWords encode(const EventRecord& e) {
  EventWords words{};
  put(words, kType, static_cast<std::uint64_t>(e.type));
  detail::encode_into(words, e, kFields);
  return words;
}

std::optional<EventRecord> decode_event(const EventWords& words) {
  EventRecord e;
  e.type = static_cast<EventType>(get(words, kType));
  if (name_of(e.type).empty()) return std::nullopt;
  detail::decode_from(words, e, kFields);
  return e;
}

std::span<const EventType> all_event_types() {
  static constexpr auto types = [] {
    std::array<EventType, kRows.size()> result{};
    for (std::size_t i = 0; i < kRows.size(); ++i) result[i] = kRows[i].type;
    return result;
  }();
  return types;
}

std::string_view name_of(EventType t) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.type == t; });
  return found == kRows.end() ? std::string_view{} : found->name;
}

std::optional<EventType> find_event_type(std::string_view name) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.name == name; });
  return found == kRows.end() ? std::nullopt : std::optional(found->type);
}

std::span<const Field> event_fields(EventType t) {
  static const auto fields = [] {
    std::array<std::vector<Field>, 256> result;
    for (const Row& r : kRows) {
      EventRecord e;
      e.type = r.type;
      result[static_cast<std::uint8_t>(r.type)] = detail::list<EventRecord>(kFields, e);
    }
    return result;
  }();
  return fields[static_cast<std::uint8_t>(t)];
}

}  // namespace staleline::arm::smmu
