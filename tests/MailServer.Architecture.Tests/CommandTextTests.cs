using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>Counts and times in the texts of the executable are written by the helpers for them (<c>Domain/Formatting</c>).</summary>
public sealed partial class CommandTextTests
{
    [Fact]
    public void Counts_are_written_with_the_right_number_of_their_noun() => Violations.AssertNone(Uses(BareCount()));

    [Fact]
    public void Times_are_written_in_ISO_8601_and_UTC() => Violations.AssertNone(Uses(OwnTime()));

    [Theory]
    [InlineData("$\"wrote {count} messages to {target}\"")]
    [InlineData("$\"{listed.Count} users\"")]
    public void The_pattern_of_counts_finds_what_it_is_for(string line) => Assert.Matches(BareCount(), line);

    [Theory]
    [InlineData("$\"until {kept.Expires:u}\"")]
    [InlineData("e.At.ToLocalTime().ToString(\"HH:mm\")")]
    [InlineData("time.ToString(\"yyyy-MM-dd HH:mm 'UTC'\")")]
    public void The_pattern_of_times_finds_what_it_is_for(string line) => Assert.Matches(OwnTime(), line);

    private static IEnumerable<string> Uses(Regex pattern) => SourceTree.SourceFiles.Where(static f => f.StartsWith("src/MailServer/", StringComparison.Ordinal))
        .SelectMany(f => SourceTree.ReadLines(f).Select((line, i) => (File: f, Number: i + 1, Line: line)))
        .Where(l => pattern.IsMatch(l.Line))
        .Select(l => $"{l.File}:{l.Number}: {l.Line.Trim()}");

    // A constant (in upper case) is never 1.
    [GeneratedRegex(@"(?<!\bis )\{(?![A-Z]|Quantity\.)[^{}""]*(?<!:0\.0)\} (messages|recipients|files|folders|days|hours|minutes|seconds|users|aliases|domains|sessions|certificates|accounts|lines|rows|reports|shards|actors|mailboxes|events|entries)\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex BareCount();

    // mbox files have their own form of a date.
    [GeneratedRegex(@":[uosRrTtGg]\}|ToLocalTime|GetLocalNow|yyyy-MM-dd HH|""HH:mm", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OwnTime();
}
