using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// A password hash changes when its cost is raised, although the password stays. Whether a password is still the same is therefore decided by
/// <c>CredentialFingerprint</c>, never by comparing hashes.
/// </summary>
public sealed partial class PasswordHashTests
{
    [Fact]
    public void No_code_compares_the_hashes_of_passwords() => Violations.AssertNone(SourceTree.SourceFiles
        .SelectMany(file => SourceTree.ReadLines(file).Select((line, i) => (file, Number: i + 1, Line: line)))
        .Where(static l => Comparison().IsMatch(l.Line))
        .Select(static l => $"{l.file}:{l.Number}: {l.Line.Trim()}"));

    [Theory]
    [InlineData("credentials.PasswordHash == session.PasswordHash")]
    [InlineData("now.PasswordHash != found?.PasswordHash")]
    [InlineData("remembered.Hash == credentials.PasswordHash")]
    [InlineData("a.PasswordHash.Equals(b)")]
    [InlineData("string.Equals(a, b.PasswordHash, StringComparison.Ordinal)")]
    public void The_pattern_matches_comparisons(string line) => Assert.Matches(Comparison(), line);

    [GeneratedRegex(@"PasswordHash\s*[!=]=|[!=]=\s*[\w.?]*\bPasswordHash|PasswordHash\.Equals\(|Equals\([^)]*PasswordHash", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Comparison();
}
