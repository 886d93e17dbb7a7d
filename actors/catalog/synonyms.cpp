#include "actors/catalog/synonyms.hpp"

#include "actors/catalog/text_analysis.hpp"

#include <unordered_map>
#include <vector>

namespace hub {

namespace {

/// What tools do and what they do it to. A group holds what a person would say
/// for the same tool, not what a dictionary would.
constexpr std::string_view groups[] = {
  // Verbs.
  "list show display enumerate view browse",
  "get fetch retrieve read obtain load",
  "find search lookup query locate discover",
  "create add new make insert generate",
  "write save store append",
  "delete remove drop erase clear destroy",
  "update edit modify change set patch",
  "send post publish submit",
  "run execute invoke launch start",
  "stop kill terminate cancel abort",
  "move rename",
  "copy clone duplicate",
  "download export",
  "upload import",
  "convert transform",
  "calculate compute evaluate",
  "draw plot render visualize",
  "compare diff difference",
  "analyze inspect examine",
  "summarize summary overview digest",
  "verify validate check test",
  "scrape crawl extract",
  "translate translation",
  "schedule plan",
  "reply answer respond",
  "click press tap",
  "open navigate visit",
  "remember memorize recall memory",
  // Nouns.
  "mail email inbox gmail",
  "message chat dm conversation",
  "folder directory",
  "image picture photo",
  "website webpage site web url",
  "repository repo",
  "issue ticket bug",
  "database db sql table",
  "account user member profile",
  "person people contact",
  "calendar event meeting appointment",
  "task todo reminder",
  "price cost quote fare",
  "stock share equity ticker",
  "weather forecast temperature",
  "location place address geocode",
  "route direction navigation",
  "news headline",
  "paper publication article",
  "video movie film clip",
  "audio sound music song",
  "package library module dependency",
  "slide presentation powerpoint ppt pptx deck",
  "spreadsheet excel xlsx worksheet workbook",
  "word docx doc",
  "chart graph diagram plot",
  "docs documentation reference manual",
  "config configuration setting preference",
  "error exception failure crash",
  "currency money exchange forex",
  "crypto cryptocurrency bitcoin coin token",
  "train railway rail",
  "flight airline airplane",
  "hotel accommodation lodging",
  "recipe dish meal food cook",
  "shell terminal command bash",
  "popular trending hot top",
  "note memo",
  "invoice bill payment",
  "customer client",
  "screenshot capture snapshot",
};

class synonym_table {
public:
  synonym_table() {
    for (auto words : groups)
      groups_.push_back(terms_of(words, stop_words::keep));
    for (auto& group : groups_)
      for (auto& term : group)
        groups_of_[term].emplace_back(group);
  }

  std::span<const synonym_group> find(const std::string& term) const {
    auto found = groups_of_.find(term);
    if (found == groups_of_.end())
      return {};
    return found->second;
  }

private:
  std::vector<std::vector<std::string>> groups_;
  std::unordered_map<std::string, std::vector<synonym_group>> groups_of_;
};

} // namespace

std::span<const synonym_group> synonym_groups_of(const std::string& term) {
  static const synonym_table table;
  return table.find(term);
}

} // namespace hub
