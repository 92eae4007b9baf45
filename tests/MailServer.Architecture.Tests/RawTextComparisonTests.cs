using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// Values of iCalendar and vCard are escaped, quoted and written in several ways, so comparing them as they are written misses equal ones. Names of time
/// zones go through <c>ZoneName</c>, TEXT through <c>TextOf</c>, addresses through <c>CalendarUserAddress</c>.
/// </summary>
public sealed partial class RawTextComparisonTests
{
    private const string ZoneName = "src/MailServer.Protocol/Calendars/Times/ZoneName.cs";

    /// <summary>Files that use the name of the parameter without comparing its value, and the reason.</summary>
    private static readonly Dictionary<string, string> ZoneExempt = new(StringComparer.Ordinal)
    {
        ["src/MailServer.Protocol/ContentLines/ContentLineParser.cs"] = "reads names without quotes",
        ["src/MailServer.Protocol/Scheduling/InstanceId.cs"] = "copies the parameter",
        ["src/MailServer.Protocol/Dav/Import/CalendarFileReader.cs"] = "names a definition that cannot be parsed",
    };

    /// <summary>Files that compare values as they are written, and the reason.</summary>
    private static readonly Dictionary<string, string> ComparisonExempt = new(StringComparer.Ordinal)
    {
        ["src/MailServer.Protocol/Scheduling/AttendeeItipProcessor.cs"] = "finds a component in a copy of the same object",
        ["src/MailServer.Protocol/Calendars/ManagedAttachments.cs"] = "any other form of a URL than the server's is replaced",
        ["src/MailServer.Protocol/Scheduling/OutboxFreeBusyRequest.cs"] = "finds the line of the same request",
    };

    private static IEnumerable<string> Files => SourceTree.SourceFiles.Where(static f => f.StartsWith("src/MailServer.Protocol/", StringComparison.Ordinal)
        && f.Split('/')[2] is "ContentLines" or "Calendars" or "Contacts" or "Scheduling" or "Dav");

    [Fact]
    public void Names_of_time_zones_are_read_in_one_place() => Violations.AssertNone(
        Files.Where(static f => f != ZoneName && !ZoneExempt.ContainsKey(f) && SourceTree.Read(f).Contains("\"TZID\"", StringComparison.Ordinal)).Select(static f => $"{f} reads TZID: use ZoneName"));

    [Fact]
    public void Text_is_unescaped_before_it_is_used() => Violations.AssertNone(Lines(RawText()).Select(static l => $"{l.File}:{l.Number}: {l.Line.Trim()}"));

    [Fact]
    public void No_value_is_compared_as_it_is_written() => Violations.AssertNone(
        Lines(Comparison()).Where(static l => !ComparisonExempt.ContainsKey(l.File)).Select(static l => $"{l.File}:{l.Number}: {l.Line.Trim()}"));

    [Fact]
    public void Every_exempt_file_exists_and_needs_its_exemption()
    {
        Assert.All(ZoneExempt.Keys, static f => Assert.Contains("\"TZID\"", SourceTree.Read(f), StringComparison.Ordinal));
        Assert.All(ComparisonExempt.Keys, static f => Assert.Contains(f, Lines(Comparison()).Select(static l => l.File)));
    }

    [Theory]
    [InlineData("c.Line(\"UID\")?.Text")]
    [InlineData("component.Line(\"SUMMARY\")!.Text")]
    [InlineData("root.Line(\"METHOD\")?.Text.Trim()")]
    public void The_pattern_matches_raw_text(string line) => Assert.Matches(RawText(), line);

    [Theory]
    [InlineData("component.Line(\"RECURRENCE-ID\")?.Text == instance")]
    [InlineData("if (uid != line.Text)")]
    [InlineData("string.Equals(l.Text, written, StringComparison.OrdinalIgnoreCase)")]
    [InlineData("lines.DistinctBy(l => l.Text, StringComparer.OrdinalIgnoreCase)")]
    [InlineData("components.GroupBy(c => c.Line(\"UID\")!.Text)")]
    public void The_pattern_matches_comparisons(string line) => Assert.Matches(Comparison(), line);

    private static IEnumerable<(string File, int Number, string Line)> Lines(Regex pattern) =>
        Files.SelectMany(static file => SourceTree.ReadLines(file).Select((line, i) => (file, i + 1, line))).Where(l => pattern.IsMatch(l.line));

    [GeneratedRegex(
        @"Line\(""(UID|SUMMARY|DESCRIPTION|LOCATION|COMMENT|CATEGORIES|RESOURCES|CONTACT|RELATED-TO|STATUS|TRANSP|CLASS|METHOD|PRODID|VERSION|TZID|TZNAME|BUSYTYPE|FN|ORG|NICKNAME|NOTE|TITLE|ROLE|KIND|SORT-STRING)""\)[?!]*\.Text",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RawText();

    [GeneratedRegex(
        @"\b[a-z]\w*\.Text\s*[!=]=|\)[?!]*\.Text\s*[!=]=|[!=]=\s*[\w.?!]+\.Text\b(?!\()|Equals\([a-z]\w*\.Text\b(?!\()|(DistinctBy|GroupBy|ToLookup)\([a-z]\w* => .*\.Text\b(?!\()",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Comparison();
}
