using CsCheck;
using MailServer.Domain.Mailboxes;

namespace MailServer.Domain.Tests.Mailboxes;

public sealed class FolderNameTests
{
    private static readonly Gen<string> Anything = Gen.Char["abINBOXinbox/.\0\u0085\ufffd\ud800ä*%&~ "].Array[0, 16].Select(c => new string(c));

    [Theory]
    [InlineData("Archive/2026", "Archive/2026")]
    [InlineData("Archive/", "Archive")]
    [InlineData("inbox", "INBOX")]
    [InlineData("Inbox/", "INBOX")]
    [InlineData("iNbOx/Work/inbox", "INBOX/Work/inbox")]
    [InlineData("Inboxes", "Inboxes")]
    [InlineData("...", "...")]
    [InlineData("Entwürfe & mehr", "Entwürfe & mehr")]
    public void Name_is_parsed(string text, string value) => Assert.Equal(value, FolderName.Parse(text).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a//")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\0b")]
    [InlineData("a\r\nb")]
    [InlineData("a\u007fb")]
    [InlineData("a\ud800b")]
    [InlineData("a\ufffdb")]
    public void An_invalid_name_is_refused(string? text) => Assert.False(FolderName.TryParse(text, out _));

    [Fact]
    public void Name_has_at_most_1000_octets_and_32_levels()
    {
        Assert.True(FolderName.TryParse(new string('a', 1_000), out _));
        Assert.False(FolderName.TryParse(new string('a', 1_001), out _));
        Assert.False(FolderName.TryParse(new string('ä', 501), out _));
        Assert.True(FolderName.TryParse(string.Join('/', Enumerable.Repeat("a", 32)), out _));
        Assert.False(FolderName.TryParse(string.Join('/', Enumerable.Repeat("a", 33)), out _));
    }

    [Fact]
    public void Default_value_is_the_inbox()
    {
        Assert.Equal(FolderName.Inbox, default);
        Assert.Equal(FolderName.Inbox.GetHashCode(), default(FolderName).GetHashCode());
        Assert.True(default(FolderName).IsInbox);
    }

    [Fact]
    public void Only_inbox_is_compared_without_case()
    {
        Assert.Equal(FolderName.Parse("INBOX/a"), FolderName.Parse("inbox/a"));
        Assert.NotEqual(FolderName.Parse("Sent"), FolderName.Parse("sent"));
    }

    [Fact]
    public void Any_name_is_refused_or_unchanged() => Anything.Sample(text =>
    {
        if (!FolderName.TryParse(text, out var name)) return;
        Assert.Equal(name, FolderName.Parse(name.Value));
        Assert.Equal(name.Value, string.Join('/', name.Levels));
        Assert.All(name.Levels, level => Assert.False(level is "" or "." or ".."));
        if (name.Parent is { } parent) Assert.True(name.IsBelow(parent));
    });

    [Theory]
    [InlineData("a/b", "a", true)]
    [InlineData("a/b/c", "a", true)]
    [InlineData("a", "a", false)]
    [InlineData("ab", "a", false)]
    [InlineData("a", "a/b", false)]
    public void A_folder_is_below_another_only_on_a_deeper_level(string name, string ancestor, bool below) =>
        Assert.Equal(below, FolderName.Parse(name).IsBelow(FolderName.Parse(ancestor)));

    [Theory]
    [InlineData("a/b/c", "a", "x/y", "x/y/b/c")]
    [InlineData("a", "a", "x", "x")]
    [InlineData("a/a", "a", "b", "b/a")]
    public void Child_moves_with_its_ancestor(string name, string from, string to, string moved) =>
        Assert.Equal(moved, FolderName.Parse(name).Rebase(FolderName.Parse(from), FolderName.Parse(to)).Value);

    [Fact]
    public void Name_without_levels_has_no_parent() => Assert.Null(FolderName.Parse("Sent").Parent);

    [Fact]
    public void Account_starts_with_an_inbox_and_one_folder_of_each_role()
    {
        Assert.Equal(FolderName.Inbox, DefaultFolders.All[0].Name);
        Assert.Equal(Enum.GetValues<FolderRole>().Order(), DefaultFolders.All.Select(f => f.Role).Order());
    }
}
