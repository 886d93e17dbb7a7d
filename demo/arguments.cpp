#include "demo/arguments.hpp"

namespace hub::demo {

namespace {

std::string named(std::string_view name) {
  return "argument '" + std::string{name} + "' ";
}

} // namespace

arguments::arguments(const rapidjson::Value* object) noexcept
  : object_(object != nullptr && object->IsObject() ? object : nullptr) {
  // nop
}

const rapidjson::Value* arguments::find(std::string_view name) const {
  if (object_ == nullptr)
    return nullptr;
  rapidjson::Value key{rapidjson::StringRef(name.data(), name.size())};
  auto member = object_->FindMember(key);
  return member == object_->MemberEnd() ? nullptr : &member->value;
}

std::string_view arguments::text(std::string_view name) const {
  if (find(name) == nullptr)
    throw bad_argument{named(name) + "is missing; give it as a string"};
  return text_or(name, {});
}

std::string_view arguments::text_or(std::string_view name, std::string_view otherwise) const {
  auto* value = find(name);
  if (value == nullptr)
    return otherwise;
  if (!value->IsString())
    throw bad_argument{named(name) + "must be a string"};
  return {value->GetString(), value->GetStringLength()};
}

double arguments::number(std::string_view name) const {
  auto* value = find(name);
  if (value == nullptr || !value->IsNumber())
    throw bad_argument{named(name) + (value == nullptr ? "is missing; give it as a number" : "must be a number")};
  return value->GetDouble();
}

int arguments::integer_or(std::string_view name, int otherwise, int least, int most) const {
  auto* value = find(name);
  if (value == nullptr)
    return otherwise;
  // Schemas say that 5.0 is an integer too, and some clients send it.
  auto number = value->IsNumber() ? value->GetDouble() : least - 1.0;
  if (number < least || number > most || number != static_cast<int>(number))
    throw bad_argument{named(name) + "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
  return static_cast<int>(number);
}

} // namespace hub::demo
