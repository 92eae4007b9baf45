using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>Every precondition with which a DAV request is refused has a sentence for the user.</summary>
public sealed partial class RefusalTextTests
{
    private const string Texts = "src/MailServer.Protocol/Dav/ConditionTexts.cs";

    [Fact]
    public void Every_condition_of_a_refusal_has_a_sentence()
    {
        var known = Known().Matches(SourceTree.Read(Texts)).Select(static m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var used = SourceTree.SourceFiles.SelectMany(static file => Refusal().Matches(SourceTree.Read(file)).Select(m => (file, Name: m.Groups["name"].Value))).ToList();
        Assert.True(used.Count > 30, $"{used.Count} refusals found");
        Violations.AssertNone(used.Where(u => !known.Contains(u.Name)).Select(u => $"{u.file}: '{u.Name}' has no sentence in {Texts}"));
    }

    /// <summary>DavException.Denied lets the endpoint name the lacking privileges (RFC 3744 §7.1.1); a condition written by hand would not.</summary>
    [Fact]
    public void A_lack_of_privileges_is_refused_in_one_way() => Violations.AssertNone(SourceTree.SourceFiles
        .Where(static file => !file.EndsWith("/Dav/DavException.cs", StringComparison.Ordinal) && !file.EndsWith("/Dav/ConditionTexts.cs", StringComparison.Ordinal))
        .Where(static file => SourceTree.Read(file).Contains("need-privileges", StringComparison.Ordinal)).Select(static file => $"{file}: use DavException.Denied"));

    [GeneratedRegex(@"\[""(?<name>[A-Za-z-]+)""\] = ""[A-Z][^""]+\.""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Known();

    [GeneratedRegex(@"DavException\.Forbidden\(\w+ \+ ""(?<name>[A-Za-z-]+)""\)|=> ""(?<name>(min|max)-date-time|max-instances)""|return ""(?<name>(min|max)-date-time)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Refusal();
}
