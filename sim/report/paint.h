// SPDX-License-Identifier: Apache-2.0
// Colours of the text reports; plain text where they are off.
#pragma once

#include <string>
#include <string_view>

namespace staleline::report {

class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  [[nodiscard]] std::string bad(std::string_view s) const { return in("\x1b[1;31m", s); }
  [[nodiscard]] std::string good(std::string_view s) const { return in("\x1b[1;32m", s); }
  [[nodiscard]] std::string warn(std::string_view s) const { return in("\x1b[1;33m", s); }
  [[nodiscard]] std::string frame(std::string_view s) const { return in("\x1b[1;34m", s); }
  [[nodiscard]] std::string help(std::string_view s) const { return in("\x1b[1;36m", s); }
  [[nodiscard]] std::string strong(std::string_view s) const { return in("\x1b[1m", s); }
  [[nodiscard]] std::string faint(std::string_view s) const { return in("\x1b[2m", s); }

 private:
  [[nodiscard]] std::string in(std::string_view code, std::string_view s) const {
    if (!on_) return std::string(s);
    return std::string(code).append(s).append("\x1b[0m");
  }
  bool on_;
};

}  // namespace staleline::report
