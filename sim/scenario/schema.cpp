// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of scenario files, made from the table of keys.
#include <nlohmann/json.hpp>
#include <string>

#include "keys.h"
#include "staleline/arm/attribute_names.h"
#include "staleline/judge/hazard.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kName = "[A-Za-z_][A-Za-z0-9_]*(-+[A-Za-z0-9_]+)*";
constexpr std::string_view kNumber = "(0x[0-9a-fA-F]+(_[0-9a-fA-F]+)*|0|[1-9][0-9]*(_[0-9]+)*)( ?[KMG]iB)?";

std::string pattern(const std::string& body) { return "^ *" + body + " *$"; }

std::string_view reference_of(Section section) {
  static constexpr std::string_view kNames[kSections] = {"document", "region",  "init",    "view",   "mapping1",
                                                         "mapping2", "tables1", "tables2", "walk",   "agent",
                                                         "smmu",     "placed",  "variant", "hazard", "redundant"};
  return kNames[static_cast<std::size_t>(section)];
}

/// Whether a mapping stands for itself, or changes another one key by key, as those of variants do.
enum class Use : std::uint8_t { Whole, Change };
constexpr std::string_view kChange = "-change";

/// The sections that a variant may change in part, and that differ then.
bool changeable(Section section) {
  switch (section) {
    case Section::View:
    case Section::Mapping1:
    case Section::Mapping2:
    case Section::Tables1:
    case Section::Tables2:
    case Section::Walk:
    case Section::Smmu:
      return true;
    default:
      return false;
  }
}

Json reference(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }
Json reference(Section section, Use use = Use::Whole) {
  const bool change = use == Use::Change && changeable(section);
  return reference(std::string(reference_of(section)) + std::string(change ? kChange : std::string_view{}));
}

/// A mapping of free names.
Json named(const Json& value) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", "^" + std::string(kName) + "$"}, {"maxLength", 64}}},
          {"minProperties", 1},
          {"additionalProperties", value}};
}
/// The regions of a stage: `name[..]` is one that a key of the stage has the name of.
Json mapped(const Json& value) {
  Json all = named(value);
  all["propertyNames"] = {{"pattern", "^" + std::string(kName) + "(\\[\\.\\.\\])?$"}, {"maxLength", 68}};
  return all;
}
Json list(const Json& item) { return {{"type", "array"}, {"items", item}}; }
Json text_like(const std::string& body) { return {{"type", "string"}, {"pattern", pattern(body)}}; }
template <class Names>
Json one_of_names(const Names& names) {
  Json values = Json::array();
  for (const auto& name : names) values.push_back(name);
  return {{"enum", values}};
}
/// A scalar that YAML readers may take for something else than text.
Json scalar() { return {{"type", {"string", "number", "boolean"}}}; }
Json either(const Json& a, const Json& b) { return {{"anyOf", {a, b}}}; }

Json one_of_flags() { return {{"enum", {"on", "off", true, false}}}; }

Json number() {
  return either({{"type", "integer"}, {"minimum", 0}},
                {{"type", "string"}, {"pattern", "^" + std::string(kNumber) + "$"}});
}

std::string region_part() {
  const std::string n = "( *" + std::string(kNumber) + " *)?";
  return std::string(kName) + "( *\\[" + n + "\\.\\." + n + "\\])?";
}

Json hazard_ids() {
  Json ids = Json::array();
  for (const judge::HazardKind& kind : judge::hazard_kinds()) ids.push_back(judge::spelled(kind.id));
  return {{"enum", ids}};
}

Json platform() {
  Json inner = named(scalar());
  inner["propertyNames"] = {{"type", "string"}};
  return either(either({{"type", "string"}}, {{"type", "object"}, {"additionalProperties", either(scalar(), inner)}}),
                {{"type", "object"}, {"maxProperties", 0}});
}

/// Three names that are no regions, unless they have the value of one.
Json stage2(Use use) {
  const Json mapping = either(reference("attributes"), reference(Section::Mapping2, use));
  Json stage = mapped(mapping);
  stage["properties"] = {{"tables", either(mapping, reference(Section::Tables2, use))},
                         {"fwb", either(mapping, one_of_flags())},
                         {"fb", either(mapping, one_of_flags())}};
  return stage;
}

Json shape_of(Shape shape, Use use) {
  switch (shape) {
    case Shape::One:
      return {{"const", 1}};
    case Shape::ScenarioName:
      return {{"type", "string"}, {"pattern", "^[A-Za-z0-9_./-]+$"}, {"maxLength", 128}};
    case Shape::Name:
      return {{"type", "string"}, {"pattern", "^" + std::string(kName) + "$"}};
    case Shape::Text:
      return {{"type", "string"}, {"minLength", 1}};
    case Shape::Number:
      return reference("number");
    case Shape::Flag:
      return one_of_flags();
    case Shape::Byte:
      return either(reference("number"), {{"type", "array"}, {"items", reference("number")}, {"minItems", 1}});
    case Shape::Place:
      return text_like(std::string(kName) + "( *\\+ *" + std::string(kNumber) + ")?");
    case Shape::CodePlace:
      return either(reference("number"), shape_of(Shape::Place, use));
    case Shape::Registers:
      return named(reference("number"));
    case Shape::RegionPart:
      return text_like(region_part());
    case Shape::Point:
      return {{"type", "string"}, {"pattern", "^" + std::string(kName) + "(\\." + std::string(kName) + ")?$"}};
    case Shape::Attributes:
      return reference("attributes");
    case Shape::Shareability:
      return one_of_names(arm::shareability_names());
    case Shape::RegionKind:
      return one_of_names(kRegionKinds);
    case Shape::Granule:
      return one_of_names(kGranules);
    case Shape::Permission:
      return one_of_names(kPermissions);
    case Shape::Block:
      return one_of_names(kBlocks);
    case Shape::Split:
      return {{"enum", {6, 8, 10, "6", "8", "10"}}};
    case Shape::ExceptionLevel:
      return {{"enum", {1, 2, "1", "2"}}};
    case Shape::Tables1:
      return reference(Section::Tables1, use);
    case Shape::Held:
      return one_of_names(kHeld);
    case Shape::DeviceKind:
      return one_of_names(kDeviceKinds);
    case Shape::Placement:
      return one_of_names(kPlacements);
    case Shape::HazardName:
      return hazard_ids();
    case Shape::Verdict:
      return one_of_names(kVerdicts);
    case Shape::Platform:
      return platform();
    case Shape::Programs:
      return named({{"type", "string"}});
    case Shape::Regions:
      return named(reference(Section::Region));
    case Shape::Views:
      return named(reference(Section::View, use));
    case Shape::Agents:
      return named(reference(Section::Agent));
    case Shape::Smmus:
      return named(reference(Section::Smmu, use));
    case Shape::Variants:
      return named(reference(Section::Variant));
    case Shape::Mappings1:
      return mapped(either(reference("attributes"), reference(Section::Mapping1, use)));
    case Shape::Mappings2:
      return stage2(use);
    case Shape::WalkAttributes:
      return either(reference("attributes"), reference(Section::Walk, use));
    case Shape::Inits:
      return list(reference(Section::Init));
    case Shape::Schedule:
      return list(reference(Section::Placed));
    case Shape::Hazards:
      return list(reference(Section::Hazard));
    case Shape::Redundants:
      return list(reference(Section::Redundant));
  }
  return {};
}

Json object_of(Section section, Use use) {
  Json properties = Json::object(), required = Json::array();
  for (const Key& key : keys_of(section)) {
    Json value = shape_of(key.shape, section == Section::Variant ? Use::Change : use);
    value["description"] = key.about;
    properties[std::string(key.name)] = std::move(value);
    if (key.required && use == Use::Whole) required.push_back(key.name);
  }
  Json object = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) object["required"] = std::move(required);
  object["additionalProperties"] = false;
  return object;
}

}  // namespace

std::string json_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"$id", "urn:staleline:scenario:1"},
                 {"title", "staleline scenario, schema 1"}};
  schema.update(object_of(Section::Document, Use::Whole));
  Json definitions = Json::object();
  definitions["number"] = number();
  definitions["attributes"] = one_of_names(arm::memory_attribute_names());
  for (std::size_t s = 1; s < kSections; ++s) {
    const auto section = static_cast<Section>(s);
    definitions[std::string(reference_of(section))] = object_of(section, Use::Whole);
    if (changeable(section))
      definitions[std::string(reference_of(section)) + std::string(kChange)] = object_of(section, Use::Change);
  }
  schema["$defs"] = std::move(definitions);
  return schema.dump(2) + "\n";
}

}  // namespace staleline::scenario
