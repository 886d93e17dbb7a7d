#include "demo/toolbox.hpp"

#include "demo/json.hpp"
#include "demo/units.hpp"
#include "demo/world_clock.hpp"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>

namespace hub::demo {

namespace {

constexpr std::string_view reads_only = R"({"readOnlyHint":true,"openWorldHint":false})";
constexpr std::string_view changes = R"({"readOnlyHint":false,"destructiveHint":false,"openWorldHint":false})";

tool_outcome convert_units(const arguments& args) {
  auto result = convert(args.number("value"), args.text("from"), args.text("to"));
  if (!std::isfinite(result))
    throw bad_argument{"argument 'value' is too large to convert"};
  // Twelve digits hide the noise of binary fractions: 98.6 F are 37 C.
  char number[32];
  std::snprintf(number, sizeof number, "%.12g", result);
  return tool_result{number + (' ' + std::string{args.text("to")}), json_of([&](json_writer& w) {
                       w.StartObject();
                       raw_member(w, "value", number);
                       member(w, "unit", args.text("to"));
                       w.EndObject();
                     })};
}

tool_outcome word_count(const arguments& args) {
  int words = 0;
  int lines = 0;
  int characters = 0;
  auto in_word = false;
  for (unsigned char c : args.text("text")) {
    auto is_space = std::isspace(c) != 0;
    words += !is_space && !in_word;
    in_word = !is_space;
    lines += c == '\n';
    // The bytes after the first one of a UTF-8 character are 10xxxxxx.
    characters += (c & 0xc0) != 0x80;
  }
  lines += !args.text("text").empty() && args.text("text").back() != '\n';
  auto text = std::to_string(words) + " words, " + std::to_string(lines) + " lines, " + std::to_string(characters)
              + " characters";
  return tool_result{text, json_of([&](json_writer& w) {
                       w.StartObject();
                       raw_member(w, "words", std::to_string(words));
                       raw_member(w, "lines", std::to_string(lines));
                       raw_member(w, "characters", std::to_string(characters));
                       w.EndObject();
                     })};
}

tool_outcome world_time(const arguments& args) {
  auto zone = args.text_or("zone", "UTC");
  auto text = time_in(zone, std::time(nullptr));
  return tool_result{text + " in " + std::string{zone}, json_of([&](json_writer& w) {
                       w.StartObject();
                       member(w, "zone", zone);
                       member(w, "time", text);
                       w.EndObject();
                     })};
}

tool_outcome roll_dice(const arguments& args) {
  auto count = args.integer_or("count", 1, 1, 100);
  auto sides = args.integer_or("sides", 6, 2, 1000);
  static std::mt19937 generator{std::random_device{}()};
  std::uniform_int_distribution<int> one_die{1, sides};
  int sum = 0;
  std::string rolls;
  for (int i = 0; i < count; ++i) {
    auto roll = one_die(generator);
    sum += roll;
    rolls.append(i == 0 ? "" : ", ").append(std::to_string(roll));
  }
  return tool_result{std::to_string(count) + "d" + std::to_string(sides) + ": " + rolls + " (sum " + std::to_string(sum)
                     + ")"};
}

tool_outcome fail_on_purpose(const arguments& args) {
  return tool_result{"This tool always fails: " + std::string{args.text_or("reason", "that is what it is for")}, {}, true};
}

tool_outcome make_text(const arguments& args) {
  constexpr std::string_view line = "The quick brown fox jumps over the lazy dog, sixty-four a line.\n";
  auto bytes = static_cast<size_t>(args.integer_or("bytes", 1000, 0, 16 * 1024 * 1024));
  std::string text;
  text.reserve(bytes + line.size());
  while (text.size() < bytes)
    text += line;
  text.resize(bytes);
  return tool_result{std::move(text)};
}

tool_outcome countdown(const arguments& args) {
  return countdown_order{args.integer_or("from", 5, 1, 3600),
                         std::chrono::milliseconds{args.integer_or("tick_ms", 1000, 10, 60'000)}};
}

tool_outcome notes_search(const notebook& notes, const arguments& args) {
  auto found = notes.search(args.text_or("query", ""));
  if (found.empty())
    return tool_result{"No note matches. Write one with notes_add."};
  std::string text;
  for (auto* note : found)
    text += "#" + std::to_string(note->id) + " " + note->text + "\n";
  text.pop_back();
  return tool_result{std::move(text)};
}

} // namespace

std::vector<tool> make_toolbox(notebook& notes) {
  auto notes_add = [&notes](const arguments& args) -> tool_outcome {
    if (args.text("text").empty())
      throw bad_argument{"argument 'text' is empty; give the text of the note"};
    return tool_result{"Note #" + std::to_string(notes.add(args.text("text"))) + " is written down."};
  };
  return {
    {"convert_units", "Convert units",
     "Converts a value between units of length, mass, temperature, volume, speed or data size, such as miles to "
     "kilometres or Fahrenheit to Celsius.",
     R"({"type":"object","properties":{"value":{"type":"number","description":"The number to convert"},)"
     R"("from":{"type":"string","description":"Its unit, such as mi, lb, F or GiB"},)"
     R"("to":{"type":"string","description":"The unit wanted, such as km, kg, C or MB"}},)"
     R"("required":["value","from","to"]})",
     R"({"type":"object","properties":{"value":{"type":"number"},"unit":{"type":"string"}},)"
     R"("required":["value","unit"]})",
     reads_only, convert_units},
    {"word_count", "Count words", "Counts the words, lines and characters of a text.",
     R"({"type":"object","properties":{"text":{"type":"string","description":"The text to count"}},)"
     R"("required":["text"]})",
     R"({"type":"object","properties":{"words":{"type":"integer"},"lines":{"type":"integer"},)"
     R"("characters":{"type":"integer"}},"required":["words","lines","characters"]})",
     reads_only, word_count},
    {"world_time", "World time", "Tells the date and time of day in a city's time zone.",
     R"({"type":"object","properties":{"zone":{"type":"string",)"
     R"("description":"Name in the tz database, such as Europe/Berlin","default":"UTC"}}})",
     R"({"type":"object","properties":{"zone":{"type":"string"},"time":{"type":"string",)"
     R"("format":"date-time"}},"required":["zone","time"]})",
     R"({"readOnlyHint":true,"idempotentHint":false,"openWorldHint":false})", world_time},
    {"notes_add", "Add a note", "Writes a note down, to be found again with notes_search while this server runs.",
     R"({"type":"object","properties":{"text":{"type":"string","description":"The text of the note"}},)"
     R"("required":["text"]})", "",
     changes, notes_add},
    {"notes_search", "Search notes", "Finds the notes that contain some text; without a query it lists them all.",
     R"({"type":"object","properties":{"query":{"type":"string",)"
     R"("description":"Text to look for, in any case"}}})", "", reads_only,
     [&notes](const arguments& args) { return notes_search(notes, args); }},
    {"countdown", "Count down",
     "Counts down with a progress report for each tick, then answers. It can be cancelled, and other calls go on meanwhile.",
     R"({"type":"object","properties":{"from":{"type":"integer","minimum":1,"maximum":3600,)"
     R"("default":5,"description":"Number of ticks"},)"
     R"("tick_ms":{"type":"integer","minimum":10,"maximum":60000,"default":1000,)"
     R"("description":"Milliseconds between two ticks"}}})",
     "", reads_only, countdown},
    {"roll_dice", "Roll dice", "Rolls dice and tells each roll and the sum.",
     R"({"type":"object","properties":{"count":{"type":"integer","minimum":1,"maximum":100,)"
     R"("default":1,"description":"How many dice"},)"
     R"("sides":{"type":"integer","minimum":2,"maximum":1000,"default":6,"description":"Sides of each die"}}})",
     "", reads_only, roll_dice},
    {"fail_on_purpose", "Fail on purpose", "Always answers with a tool error, to see what a failure looks like.",
     R"({"type":"object","properties":{"reason":{"type":"string",)"
     R"("description":"Text to put into the error"}}})", "", reads_only,
     fail_on_purpose},
    {"make_text", "Make text", "Answers with a text of a given size, to try large results.",
     R"({"type":"object","properties":{"bytes":{"type":"integer","minimum":0,"maximum":16777216,)"
     R"("default":1000,"description":"Size of the text"}}})",
     "", reads_only, make_text},
  };
}

} // namespace hub::demo
