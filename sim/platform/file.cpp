// SPDX-License-Identifier: Apache-2.0
// A platform file: one YAML mapping of parameter names to values, read event by event so that each
// mistake is reported where it stands.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "table.h"

namespace staleline::platform {

namespace {

constexpr std::size_t kLargest = 256 * 1024;

class Reader : public YAML::EventHandler {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ != 0) wrong(mark, "a second document: a platform file holds one mapping");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(mark, anchor, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { wrong(mark, "aliases are not allowed"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (tag != "?" && tag != "!") wrong(mark, "tags are not allowed");
    scalar(mark, anchor, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    wrong(mark, "a list: expected one value");
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (anchor != 0) wrong(mark, "anchors are not allowed");
    if (depth_++ != 0) wrong(mark, "a nested mapping: write `l1d.bytes: 32 KiB`, one key a line");
  }
  void OnMapEnd() override { --depth_; }

  [[nodiscard]] bool read_mapping() const { return mapping_; }
  scenario::PlatformRequest request;

 private:
  [[noreturn]] void wrong(const YAML::Mark& mark, std::string message) const {
    throw scenario::InputError({{file_, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
                                 static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1, std::move(message)}});
  }
  void scalar(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& value) {
    if (anchor != 0) wrong(mark, "anchors are not allowed");
    if (depth_ == 0) wrong(mark, "expected a mapping of parameter names to values");
    mapping_ = true;
    if (!key_) {
      const auto [first, added] = seen_.emplace(value, mark.line + 1);
      if (!added) wrong(mark, fmt::format("duplicate key `{}`: first on line {}", value, first->second));
      key_ = value;
      key_mark_ = mark;
      return;
    }
    if (value.empty()) wrong(key_mark_, fmt::format("`{}` has no value", *key_));
    // An unknown name is wrong where it stands, a known one's value where that stands.
    const bool known =
        *key_ == "preset" || std::any_of(rows().begin(), rows().end(), [this](const Row& r) { return r.key == *key_; });
    const YAML::Mark& at = known ? mark : key_mark_;
    request.overrides.push_back(
        {*key_, value, static_cast<std::uint32_t>(at.line) + 1, static_cast<std::uint32_t>(at.column) + 1, file_});
    key_.reset();
  }

  std::string file_;
  std::optional<std::string> key_;
  YAML::Mark key_mark_;
  std::map<std::string, int> seen_;
  int documents_ = 0, depth_ = 0;
  bool mapping_ = false;
};

}  // namespace

scenario::PlatformRequest load_platform(const std::string& path) {
  const auto fail = [&](std::string message) -> void {
    throw scenario::InputError({{path, 1, 1, std::move(message)}});
  };
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot read the platform file");
  std::string text(kLargest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) fail("cannot read the platform file");
  if (text.size() > kLargest) fail("larger than 256 KiB");
  if (text.find('\0') != std::string::npos) fail("not a text file");

  Reader reader(path);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(reader)) {
    }
  } catch (const YAML::Exception& e) {
    throw scenario::InputError({{path, static_cast<std::uint32_t>(std::max(e.mark.line, 0)) + 1,
                                 static_cast<std::uint32_t>(std::max(e.mark.column, 0)) + 1, e.msg}});
  }
  if (!reader.read_mapping()) fail("empty: expected a mapping of parameter names to values");
  static_cast<void>(resolve(reader.request));  // unknown names and bad values are reported here, in this file
  return reader.request;
}

}  // namespace staleline::platform
