using CsCheck;
using MailServer.Domain.Mailboxes;

namespace MailServer.Domain.Tests.Mailboxes;

public sealed class KeywordSetTests
{
    private static readonly Gen<string[]> Words = Gen.OneOfConst("$Junk", "$JUNK", "$Forwarded", "a", "A", "b", "_", "[", "zeta").Array[0, 6];

    [Fact]
    public void Keywords_are_compared_without_case() => Words.Select(Words).Sample((x, y) =>
    {
        var (left, right) = (KeywordSet.Of(x), KeywordSet.Of(y));
        var same = x.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(y);
        Assert.Equal(same, left.Equals(right));
        if (same) Assert.Equal(left.GetHashCode(), right.GetHashCode());
    });

    [Fact]
    public void A_set_contains_the_keywords_it_was_created_from() => Words.Sample(words =>
    {
        var set = KeywordSet.Of(words);
        Assert.All(words, w => Assert.True(set.Contains(w.ToUpperInvariant())));
        Assert.False(set.Contains("other"));
        Assert.Equal(words.Distinct(StringComparer.OrdinalIgnoreCase).Count(), set.Count);
    });

    [Fact]
    public void Union_and_difference_follow_set_semantics() => Words.Select(Words).Sample((x, y) =>
    {
        Assert.Equal(KeywordSet.Of(x.Concat(y)), KeywordSet.Of(x).Union(KeywordSet.Of(y)));
        Assert.Equal(KeywordSet.Of(x.Except(y, StringComparer.OrdinalIgnoreCase)), KeywordSet.Of(x).Except(KeywordSet.Of(y)));
    });

    [Fact]
    public void The_storage_form_round_trips() => Words.Sample(words =>
    {
        var set = KeywordSet.Of(words);
        var again = KeywordSet.FromStorage(set.ToString());
        Assert.Equal(set, again);
        Assert.Equal(set.Keywords, again.Keywords);
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_storage_form_is_the_empty_set(string? text) => Assert.Same(KeywordSet.Empty, KeywordSet.FromStorage(text));

    [Fact]
    public void Empty_sets_are_shared()
    {
        var set = KeywordSet.Of("a");
        Assert.Same(KeywordSet.Empty, KeywordSet.Of());
        Assert.Same(KeywordSet.Empty, set.Except(KeywordSet.Of("A")));
        Assert.Same(set, set.Union(KeywordSet.Empty));
        Assert.Same(set, KeywordSet.Empty.Union(set));
    }

    [Fact]
    public void The_first_spelling_is_kept() => Assert.Equal("$Junk a", KeywordSet.Of("a", "$Junk", "$JUNK", "A").ToString());
}
