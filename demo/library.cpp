#include "demo/library.hpp"

#include "demo/json.hpp"
#include "demo/units.hpp"
#include "demo/world_clock.hpp"

#include <charconv>

namespace hub::demo {

namespace {

constexpr std::string_view note_uri = "demo://notes/";
constexpr std::string_view units_uri = "demo://units/";

constexpr std::string_view guide = R"(# Trying the hub

- `convert_units {"value": 26.2, "from": "mi", "to": "km"}` is an ordinary call.
- `countdown {"from": 5}` reports progress; cancel it, or call something else meanwhile.
- `fail_on_purpose {}` shows what a tool error looks like.
- `make_text {"bytes": 1000000}` answers with a large result.
- `notes_add {"text": "..."}`, then read `demo://notes` or `demo://notes/1`.
)";

std::string notes_json(const notebook& notes) {
  return json_of([&](json_writer& w) {
    w.StartArray();
    for (auto& note : notes.all()) {
      w.StartObject();
      w.Key("id");
      w.Int(note.id);
      member(w, "text", note.text);
      w.EndObject();
    }
    w.EndArray();
  });
}

std::string contents(std::string_view uri, std::string_view mime_type, std::string_view text) {
  return json_of([&](json_writer& w) {
    w.StartObject();
    w.Key("contents");
    w.StartArray();
    w.StartObject();
    member(w, "uri", uri);
    member(w, "mimeType", mime_type);
    member(w, "text", text);
    w.EndObject();
    w.EndArray();
    w.EndObject();
  });
}

std::string joined_lines(const std::vector<std::string_view>& words) {
  std::string result;
  for (auto word : words)
    result.append(word).push_back('\n');
  return result;
}

} // namespace

std::string list_resources() {
  return R"({"resources":[{"uri":"demo://guide","name":"guide","title":"What to try","mimeType":"text/markdown",)"
         R"("description":"Calls that show what the hub does"},)"
         R"({"uri":"demo://notes","name":"notes","title":"All notes","mimeType":"application/json",)"
         R"("description":"The notes written down so far"}]})";
}

std::string list_resource_templates() {
  return R"({"resourceTemplates":[{"uriTemplate":"demo://notes/{id}","name":"note","title":"One note","mimeType":"text/plain"},)"
         R"({"uriTemplate":"demo://units/{kind}","name":"units","title":"Units of a kind","mimeType":"text/plain",)"
         R"("description":"The symbols that convert_units takes"}]})";
}

std::optional<std::string> read_resource(std::string_view uri, const notebook& notes) {
  if (uri == "demo://guide")
    return contents(uri, "text/markdown", guide);
  if (uri == "demo://notes")
    return contents(uri, "application/json", notes_json(notes));
  if (uri.substr(0, note_uri.size()) == note_uri) {
    int id = 0;
    auto digits = uri.substr(note_uri.size());
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    auto* note = error == std::errc{} && end == digits.data() + digits.size() ? notes.find(id) : nullptr;
    if (note != nullptr)
      return contents(uri, "text/plain", note->text);
  }
  if (uri.substr(0, units_uri.size()) == units_uri) {
    auto units = units_of(uri.substr(units_uri.size()));
    if (!units.empty())
      return contents(uri, "text/plain", joined_lines(units));
  }
  return std::nullopt;
}

std::string list_prompts() {
  return R"({"prompts":[{"name":"plan_trip","title":"Plan a trip","description":"Plans a trip to another time zone",)"
         R"("arguments":[{"name":"zone","description":"Time zone of the place, such as Asia/Tokyo","required":true},)"
         R"({"name":"days","description":"How long the trip is"}]},)"
         R"({"name":"review_notes","title":"Review the notes","description":"Sums up what the notes say"}]})";
}

std::string get_prompt(std::string_view name, const arguments& args) {
  std::string text;
  if (name == "plan_trip") {
    text = "Plan a trip of " + std::string{args.text_or("days", "3")} + " days to the place whose time zone is "
           + std::string{args.text("zone")}
           + ". Look up the time there with world_time, and keep a note of the plan with notes_add.";
  } else if (name == "review_notes") {
    text = "Find all notes with notes_search and sum up in three sentences what they say.";
  } else {
    throw bad_argument{"unknown prompt '" + std::string{name} + "'; there are plan_trip and review_notes"};
  }
  return json_of([&](json_writer& w) {
    w.StartObject();
    w.Key("messages");
    w.StartArray();
    w.StartObject();
    member(w, "role", "user");
    w.Key("content");
    w.StartObject();
    member(w, "type", "text");
    member(w, "text", text);
    w.EndObject();
    w.EndObject();
    w.EndArray();
    w.EndObject();
  });
}

std::string complete(std::string_view reference, std::string_view argument, std::string_view typed, const notebook& notes) {
  // The specification allows at most this many values in one answer.
  constexpr size_t most = 100;
  std::vector<std::string> values;
  auto offer = [&](std::string_view value) {
    if (value.substr(0, typed.size()) == typed)
      values.emplace_back(value);
  };
  if (reference == "plan_trip" && argument == "zone")
    for (auto zone : well_known_zones())
      offer(zone);
  if (reference == "demo://units/{kind}" && argument == "kind")
    for (auto kind : unit_kinds())
      offer(kind);
  if (reference == "demo://notes/{id}" && argument == "id")
    for (auto& note : notes.all())
      offer(std::to_string(note.id));
  return json_of([&](json_writer& w) {
    w.StartObject();
    w.Key("completion");
    w.StartObject();
    w.Key("values");
    w.StartArray();
    for (size_t i = 0; i < values.size() && i < most; ++i)
      w.String(values[i].c_str());
    w.EndArray();
    w.Key("total");
    w.Uint64(values.size());
    w.Key("hasMore");
    w.Bool(values.size() > most);
    w.EndObject();
    w.EndObject();
  });
}

} // namespace hub::demo
