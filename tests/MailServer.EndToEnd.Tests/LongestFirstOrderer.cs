using MailServer.EndToEnd.Tests;
using MailServer.EndToEnd.Tests.WebPage;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer(LongestFirstOrderer.Type, LongestFirstOrderer.Assembly)]

namespace MailServer.EndToEnd.Tests;

/// <summary>Starts the tests that take minutes first, so that they do not run alone at the end.</summary>
public sealed class LongestFirstOrderer : ITestCollectionOrderer
{
    internal const string Type = "MailServer.EndToEnd.Tests.LongestFirstOrderer";
    internal const string Assembly = "MailServer.EndToEnd.Tests";

    private static readonly string[] Longest = [nameof(PageBrowserTests)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(static c => Longest.Any(name => c.DisplayName.Contains(name, StringComparison.Ordinal)));
}
