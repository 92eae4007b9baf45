using MailServer.Domain.Accounts;

namespace MailServer.Domain.Tests.Accounts;

/// <summary>Patterns of aliases.</summary>
public sealed class AliasPatternTests
{
    [Theory]
    [InlineData("sales-*", "sales-x", true)]
    [InlineData("sales-*", "Sales-", true)]
    [InlineData("sales-*", "sales", false)]
    [InlineData("*-de", "a-de-de", true)]
    [InlineData("a*b*", "acbd", true)]
    [InlineData("a*b*", "acd", false)]
    [InlineData("*ab", "aab", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a", "a", true)]
    public void A_pattern_matches_the_whole_local_part(string pattern, string local, bool expected) => Assert.Equal(expected, AliasPattern.Matches(pattern, local));

    [Theory]
    [InlineData("sales-*", true)]
    [InlineData("*a*", true)]
    [InlineData("*", false)]
    [InlineData("a**", false)]
    [InlineData("*a*b*", false)]
    [InlineData("plain", false)]
    public void Patterns_are_bounded(string pattern, bool expected) => Assert.Equal(expected, AliasPattern.IsValid(pattern));

    [Fact]
    public void Matching_agrees_with_a_regular_expression()
    {
        var random = new Random(20261201);
        for (var i = 0; i < 20_000; i++)
        {
            var (pattern, local) = (Text(random, "ab*", 6), Text(random, "ab", 8));
            var expression = "^" + System.Text.RegularExpressions.Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$";
            Assert.Equal(System.Text.RegularExpressions.Regex.IsMatch(local, expression), AliasPattern.Matches(pattern, local));
        }
    }

    private static string Text(Random random, string letters, int most) => new([.. Enumerable.Range(0, random.Next(1, most)).Select(_ => letters[random.Next(letters.Length)])]);
}
