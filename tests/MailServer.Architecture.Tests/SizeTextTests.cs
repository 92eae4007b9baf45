using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>Sizes for people are written by <c>ByteSize</c>, so that page, command line and log use the same units.</summary>
public sealed partial class SizeTextTests
{
    private const string Formatter = "src/MailServer.Domain/Formatting/ByteSize.cs";

    [Fact]
    public void No_other_code_writes_a_size_with_a_unit() => Violations.AssertNone(SourceTree.TrackedFiles
        .Where(static f => f.StartsWith("src/", StringComparison.Ordinal) && f != Formatter && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal)))
        .SelectMany(static file => SourceTree.ReadLines(file).Select((line, i) => (File: file, Number: i + 1, Line: line)))
        .Where(static l => OwnUnit().IsMatch(l.Line))
        .Select(static l => $"{l.File}:{l.Number}: use ByteSize.Of: {l.Line.Trim()}"));

    [Theory]
    [InlineData("$\"{size / 1024} KB free\"", true)]
    [InlineData("$\"{(double)free / Gigabyte:0.0} GB ({percent:0} %)\"", true)]
    [InlineData("[\"B\", \"KB\", \"MB\", \"GB\"]", true)]
    [InlineData("@(octets / 1000) MB", true)]
    [InlineData("$\"{ByteSize.Of(size)} free\"", false)]
    [InlineData("must be at least 100 KB", false)]
    public void The_scan_sees_sizes(string line, bool isSize) => Assert.Equal(isSize, OwnUnit().IsMatch(line));

    [GeneratedRegex(@"[})] ?([KMGT]i?B|[kMGT]bytes)\b|""B"", ""[Kk]i?B""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OwnUnit();
}
