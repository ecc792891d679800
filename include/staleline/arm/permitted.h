// SPDX-License-Identifier: Apache-2.0
// A meaning that the architecture leaves open: all permitted values, and the one that the model takes.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>

namespace staleline::arm {

/// One to three permitted values. More than one: the encoding is CONSTRAINED UNPREDICTABLE.
template <class T>
class Permitted {
 public:
  /// Exactly one meaning.
  constexpr Permitted(const T& only) : values_{only}, size_(1) {}  // NOLINT(google-explicit-constructor)
  /// Several, the model's own choice first; one to three values.
  constexpr Permitted(std::initializer_list<T> values) : size_(0) {
    for (const T& v : values) values_.at(size_++) = v;
  }

  /// The value that the model acts on.
  [[nodiscard]] constexpr const T& taken() const { return values_.front(); }
  /// True where the architecture permits more than one value.
  [[nodiscard]] constexpr bool open() const { return size_ > 1; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr const T* begin() const { return values_.data(); }
  [[nodiscard]] constexpr const T* end() const { return values_.data() + size_; }

 private:
  std::array<T, 3> values_{};
  std::size_t size_;
};

}  // namespace staleline::arm
