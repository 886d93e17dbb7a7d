#pragma once

#include "messages/money.hpp"

#include <cstdint>
#include <string_view>

namespace hub {

/// What a call of a well-known paid tool costs, about: list prices without free quotas, in the
/// smallest paid plan, for a request of usual size. Whoever pays other prices says so in the configuration. The month
/// is the last one for which the vendor's page, or somebody who read it then, was found to say so.
struct known_price {
  /// What the name, program, arguments or address of its server have in them, in lower case.
  std::string_view mark;

  /// With `*` and `?`.
  std::string_view tool;

  /// Millionths of a cent.
  int64_t units;

  /// The month that the price is of.
  std::string_view month;
};

inline constexpr int64_t known_cent = money::cent;

/// The first one that matches counts. Above each vendor stand the page that says it, and how what is
/// charged by size became a price for a call.
inline constexpr known_price known_prices[] = {
  // exa.ai/docs/reference/pricing: $7 for 1,000 searches with the text of ten results, $12 deep ones,
  // $1 for 1,000 pages; a run of the agent $0.012 to $1, where 10 cents are a guess. Asking how it is going is free.
  {"exa", "deep_researcher_check", 0, "2026-11"},
  {"exa", "deep_research*", 10 * known_cent, "2026-11"},
  {"exa", "deep_search_exa", known_cent * 12 / 10, "2026-11"},
  {"exa", "crawling*exa", known_cent / 10, "2026-11"},
  {"exa", "web_fetch_exa", known_cent / 10, "2026-11"},
  {"exa", "web_search*exa", known_cent * 7 / 10, "2026-11"},
  {"exa", "company_research*exa", known_cent * 7 / 10, "2026-11"},
  {"exa", "*_search_exa", known_cent * 7 / 10, "2026-11"},
  // docs.tavily.com/documentation/api-credits: $0.008 a credit.
  {"tavily", "tavily?search", known_cent * 8 / 10, "2026-10"},
  {"tavily", "tavily?extract", known_cent * 8 / 10, "2026-10"},
  {"tavily", "tavily?map", known_cent * 16 / 10, "2026-10"},
  {"tavily", "tavily?crawl", 2 * known_cent, "2026-10"},
  // docs.perplexity.ai/getting-started/pricing: $5 for 1,000 searches; for models $6 for 1,000 requests and tokens:
  // Sonar Pro $15 for a million (500 of them here), Reasoning Pro $8 (1,700), Deep Research with some 20 searches.
  {"perplexity", "perplexity?search", known_cent / 2, "2026-10"},
  {"perplexity", "perplexity?ask", known_cent * 14 / 10, "2026-10"},
  {"perplexity", "perplexity?reason", 2 * known_cent, "2026-10"},
  {"perplexity", "perplexity?research", 40 * known_cent, "2026-10"},
  // docs.firecrawl.dev/billing: a credit for a page or a map, two for ten results, five for a page with
  // extraction. The $19 for 3,000 credits, and so all cents, are of 2025-06.
  {"firecrawl", "firecrawl?scrape", known_cent * 6 / 10, "2025-06"},
  {"firecrawl", "firecrawl?map", known_cent * 6 / 10, "2025-06"},
  {"firecrawl", "firecrawl?search", known_cent * 12 / 10, "2025-06"},
  {"firecrawl", "firecrawl?extract", 3 * known_cent, "2025-06"},
  {"firecrawl", "firecrawl?crawl", 6 * known_cent, "2025-06"},
  {"firecrawl", "firecrawl?deep?research", 6 * known_cent, "2025-06"},
  // api-dashboard.search.brave.com/app/plans: $5 for 1,000 requests.
  {"brave", "brave_*_search", known_cent / 2, "2026-11"},
  // help.kagi.com/kagi/api: $12 for 1,000 searches; $0.03 for 1,000 tokens of a summary, 10,000 at most (5,000 here).
  {"kagi", "kagi_search*", known_cent * 12 / 10, "2026-11"},
  {"kagi", "kagi_summarizer", 15 * known_cent, "2026-11"},
  // serper.dev: $50 for 50,000 searches.
  {"serper", "*search*", known_cent / 10, "2026-08"},
  // serpapi.com/pricing: $25 for 1,000 searches.
  {"serpapi", "search*", known_cent * 25 / 10, "2026-05"},
  // docs.linkup.so, Pricing: $0.005 a search, $0.006 with an answer (deep ones ten times that), $0.001 a page, research
  // from $0.25. Asking for its result is free.
  {"linkup", "linkup?get?research", 0, "2026-11"},
  {"linkup", "linkup?research", 25 * known_cent, "2026-11"},
  {"linkup", "linkup?fetch", known_cent / 10, "2026-11"},
  {"linkup", "linkup?search", known_cent * 6 / 10, "2026-11"},
  {"linkup", "*search*", known_cent / 2, "2026-11"},
  // brightdata.com/pricing: $1.50 for 1,000 requests of the SERP API and of the Web Unlocker.
  {"brightdata", "search_engine", known_cent * 15 / 100, "2026-11"},
  {"brightdata", "scrape_as_*", known_cent * 15 / 100, "2026-05"},
};

} // namespace hub
