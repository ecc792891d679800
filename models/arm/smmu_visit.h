// SPDX-License-Identifier: Apache-2.0
// One description of a structure's fields makes its encoder, its decoder and its table of fields: a function
// fields(visit, value) that calls visit(field, member) for every field.
#pragma once

#include <type_traits>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/arm/smmu_fields.h"

namespace staleline::arm::smmu::detail {

template <class T>
constexpr std::uint64_t raw(const T& value) {
  if constexpr (std::is_same_v<T, PhysAddr>) {
    return value.value;
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

template <class T>
constexpr void assign(T& member, std::uint64_t value) {
  if constexpr (std::is_same_v<T, PhysAddr>) {
    member = {value};
  } else if constexpr (std::is_same_v<T, bool>) {
    member = value != 0;
  } else {
    member = static_cast<T>(value);
  }
}

/// `Fields`: a function object called with (visit, structure).
template <class Fields, class Structure>
void encode_into(std::span<std::uint64_t> words, const Structure& s, Fields fields) {
  fields([&](const Field& f, const auto& member) { put(words, f, raw(member)); }, s);
}

template <class Fields, class Structure>
void decode_from(std::span<const std::uint64_t> words, Structure& s, Fields fields) {
  fields([&](const Field& f, auto& member) { assign(member, get(words, f)); }, s);
}

template <class Structure, class Fields>
std::vector<Field> list(Fields fields, const Structure& s = {}) {
  std::vector<Field> result;
  fields([&](const Field& f, const auto&) { result.push_back(f); }, s);
  return result;
}

}  // namespace staleline::arm::smmu::detail
