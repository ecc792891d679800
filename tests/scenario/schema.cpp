// SPDX-License-Identifier: Apache-2.0
// The JSON Schema and the loader accept the same files: shipped scenarios, the sample, and
// edits of it that change what the schema can see.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "keys.h"
#include "sample.h"
#include "tree.h"

using namespace staleline::scenario;
using namespace staleline::scenario::test;
using Json = nlohmann::json;

namespace {

/// As a YAML 1.2 reader sees a plain scalar.
Json json_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Map: {
      Json out = Json::object();
      for (std::size_t i = 0; i < node.keys.size(); ++i) out[node.keys[i].text] = json_of(node.items[i]);
      return out;
    }
    case Node::Kind::Sequence: {
      Json out = Json::array();
      for (const Node& item : node.items) out.push_back(json_of(item));
      return out;
    }
    case Node::Kind::Null:
      return nullptr;
    case Node::Kind::Scalar:
      break;
  }
  if (node.style == Node::Style::Plain && std::regex_match(node.text, std::regex("0|[1-9][0-9]{0,17}")))
    return std::stoll(node.text);
  if (node.style == Node::Style::Plain && (node.text == "true" || node.text == "false")) return node.text == "true";
  return node.text;
}

/// The keywords of JSON Schema that json_schema() uses; any other fails the test.
class Validator {
 public:
  explicit Validator(Json root) : root_(std::move(root)) {}
  [[nodiscard]] bool valid(const Json& value) const { return valid(root_, value); }

 private:
  [[nodiscard]] bool valid(const Json& schema, const Json& value) const {
    return std::all_of(schema.items().begin(), schema.items().end(),
                       [&](const auto& item) { return keyword(item.key(), item.value(), schema, value); });
  }
  [[nodiscard]] bool keyword(const std::string& name, const Json& is, const Json& schema, const Json& value) const {
    for (const char* silent : {"$schema", "$id", "$defs", "title", "description", "properties"}) {
      if (name == silent) return name != "properties" || properties(is, value);
    }
    if (name == "$ref") return valid(root_.at(Json::json_pointer(is.get<std::string>().substr(1))), value);
    if (name == "anyOf") return std::any_of(is.begin(), is.end(), [&](const Json& s) { return valid(s, value); });
    if (name == "enum") return std::find(is.begin(), is.end(), value) != is.end();
    if (name == "const") return value == is;
    if (name == "type")
      return is.is_array() ? std::any_of(is.begin(), is.end(), [&](const Json& t) { return type(t, value); })
                           : type(is, value);
    if (name == "required")
      return !value.is_object() ||
             std::all_of(is.begin(), is.end(), [&](const Json& key) { return value.contains(key.get<std::string>()); });
    if (name == "additionalProperties") return additional(is, schema, value);
    if (name == "propertyNames") {
      return !value.is_object() || std::all_of(value.items().begin(), value.items().end(),
                                               [&](const auto& item) { return valid(is, Json(item.key())); });
    }
    if (name == "items")
      return !value.is_array() || std::all_of(value.begin(), value.end(), [&](const Json& v) { return valid(is, v); });
    if (name == "pattern")
      return !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(is.get<std::string>()));
    if (name == "minimum") return !value.is_number() || value >= is;
    if (name == "minItems") return !value.is_array() || value.size() >= is;
    if (name == "minProperties") return !value.is_object() || value.size() >= is;
    if (name == "maxProperties") return !value.is_object() || value.size() <= is;
    if (name == "minLength") return !value.is_string() || value.get<std::string>().size() >= is;
    if (name == "maxLength") return !value.is_string() || value.get<std::string>().size() <= is;
    FAIL("no such keyword here: " << name);
    return false;
  }
  [[nodiscard]] static bool type(const Json& name, const Json& value) {
    return (name == "object" && value.is_object()) || (name == "array" && value.is_array()) ||
           (name == "string" && value.is_string()) || (name == "integer" && value.is_number_integer()) ||
           (name == "number" && value.is_number()) || (name == "boolean" && value.is_boolean());
  }
  [[nodiscard]] bool properties(const Json& known, const Json& value) const {
    return !value.is_object() || std::all_of(value.items().begin(), value.items().end(), [&](const auto& item) {
      return !known.contains(item.key()) || valid(known.at(item.key()), item.value());
    });
  }
  [[nodiscard]] bool additional(const Json& is, const Json& schema, const Json& value) const {
    const Json known = schema.value("properties", Json::object());
    return !value.is_object() || std::all_of(value.items().begin(), value.items().end(), [&](const auto& item) {
      return known.contains(item.key()) || (is.is_boolean() ? is.get<bool>() : valid(is, item.value()));
    });
  }

  Json root_;
};

Json tree_of(const std::string& text) {
  Problems problems("s.yaml");
  const Text source(text, problems);
  const Node node = parse_tree(source, problems);
  problems.check();
  return json_of(node);
}

const Validator& validator() {
  static const Validator found(Json::parse(json_schema()));
  return found;
}

}  // namespace

TEST_CASE("shipped scenarios, the sample and the template are valid by the schema") {
  CHECK(validator().valid(tree_of(std::string(kGood))));
  CHECK(validator().valid(tree_of(starter("demo"))));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(STALELINE_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    INFO(entry.path());
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    CHECK(validator().valid(tree_of(text.str())));
    CHECK(errors_of(text.str()).find("unknown key") == std::string::npos);
  }
}

TEST_CASE("the loader accepts exactly the keys of the schema") {
  const Json schema = Json::parse(json_schema());
  const auto check = [](const Json& object, Section section) {
    const auto keys = keys_of(section);
    CHECK(object.at("properties").size() == keys.size());
    for (const Key& key : keys) CHECK(object.at("properties").contains(std::string(key.name)));
    CHECK(object.at("additionalProperties") == false);
  };
  check(schema, Section::Document);
  constexpr std::size_t kChangeable = 7;  // what a variant may change in part has a second shape
  CHECK(schema.at("$defs").size() == kSections - 1 + 2 + kChangeable);
  check(schema.at("$defs").at("view-change"), Section::View);
  check(schema.at("$defs").at("region"), Section::Region);
  check(schema.at("$defs").at("redundant"), Section::Redundant);
}

TEST_CASE("a variant changes sections in part") {
  const std::string sample =
      edited(edited(std::string(kGood), "    mmu: off\n    stage2: { ram: { attr: normal-nc, sh: osh } }",
                    "    tables: { at: flags2, asid: 3 }\n"
                    "    stage2: { tables: { at: flags2 }, ram: { attr: normal-nc, sh: osh } }"),
             "  flags:", "  flags2: { base: 0x9000_0000, size: 64 KiB }\n  flags:");
  const char* const changes[] = {
      "{ host: { stage1: { flags: { va: 0xffff_1000 } } } }",
      "{ guest: { tables: { asid: 4 } } }",
      "{ guest: { stage2: { tables: { vmid: 4 } } } }",
      "{ guest: { stage2: { ram: { sh: ish } } } }",
      "{ guest: { walk: { sh: ish } } }",
      "{ guest: { stage2: { fwb: off } } }",
      "{ guest: { stage2: { tables: { walk: normal-nc } } } }",
  };
  for (const char* change : changes) {
    INFO(change);
    const std::string text = edited(sample, "  snoop: {", std::string("  snoop: { mappings: ") + change + ",");
    CHECK(errors_of(text) == "");
    CHECK(validator().valid(tree_of(text)));
  }
}

TEST_CASE("what the schema refuses the loader refuses") {
  // An edit, and whether the schema can see that it is wrong. The loader always does.
  struct Case {
    const char *from, *to;
    bool seen;
  };
  const Case cases[] = {
      {"memory:", "memroy:", true},
      {"schema: 1", "schema: 2", true},
      {"size: 64 KiB", "size: 010", true},
      {"size: 64 KiB", "size: 64 KB", true},
      {"size: 64 KiB", "size: -1", true},
      {"bytes: [1, 2]", "bytes: []", true},
      {"\"buf[0..64]\"", "\"buf[0-64]\"", true},
      {"\"buf[0..64]\"", "\"bfu[0..64]\"", false},
      {"held: dirty", "held: durty", true},
      {"ram: normal-wb", "ram: normal-bw", true},
      {"sh: osh }", "sh: both }", true},
      {"mmu: off", "mmu: 0ff", true},
      {"device: non-coherent", "device: coherent", true},
      {"view: guest }", "veiw: guest }", true},
      {"after: cpu.send", "after: cpu.sent", false},
      {"do: evict", "do: evcit", true},
      {"id: SL101", "id: SL999", true},
      {"verdict: observed", "verdict: seen", true},
      {", why: \"A test.\"", "", true},
      {"snoop: {", "snoop: { program: {},", true},
      {"stage2:", "stage3:", true},
      {"walk: { attr: normal-nc, sh: osh }", "walk: { sh: osh }", true},
  };
  for (const Case& c : cases) {
    INFO("`" << c.from << "` becomes `" << c.to << "`");
    const std::string text = edited(std::string(kGood), c.from, c.to);
    CHECK_FALSE(errors_of(text).empty());
    CHECK(validator().valid(tree_of(text)) != c.seen);
  }
}

TEST_CASE("the reference has every key and every attribute name") {
  std::stringstream page;
  page << std::ifstream(STALELINE_SOURCE_DIR "/docs/scenarios.md").rdbuf();
  const auto has = [&](std::string_view word) {
    return page.str().find("`" + std::string(word) + "`") != std::string::npos;
  };
  for (std::size_t section = 0; section < kSections; ++section) {
    for (const Key& key : keys_of(static_cast<Section>(section))) {
      INFO(key.name);
      CHECK(has(key.name));
    }
  }
  for (const auto words :
       {std::span<const std::string_view>(kHeld), std::span<const std::string_view>(kDeviceKinds),
        std::span<const std::string_view>(kPlacements), std::span<const std::string_view>(kVerdicts)}) {
    for (const std::string_view word : words) {
      INFO(word);
      CHECK(has(word));
    }
  }
}
