using System.Collections.Immutable;
using CsCheck;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Tests.Maildir;

public sealed class MessageFileNameTests
{
    [Theory]
    [InlineData("1700000000.M1P2Q3.host,S=12,U=7:2,FS", "1700000000.M1P2Q3.host", 7u, "FS")]
    [InlineData("1700000000.M1P2.host,S=12,W=13:2,S", "1700000000.M1P2.host", null, "S")]
    [InlineData("1700000000.M1P2.host", "1700000000.M1P2.host", null, "")]
    [InlineData("a:2,b,U=3:2,", "a:2", 3u, "")]
    [InlineData(",U=0:2,", "", null, "")]
    [InlineData("x,U=99999999999:2,", "x", null, "")]
    public void File_names_of_any_tool_are_parsed(string name, string baseName, uint? uid, string letters) =>
        Assert.Equal(new MessageFileName(baseName, uid, letters), MessageFileName.Parse(name));

    [Fact]
    public void Flags_round_trip_through_their_letters() => Gen.Select(Gen.Int[0, 31], Gen.Bool, Gen.Bool).Sample((bits, forwarded, junk) =>
    {
        ImmutableArray<string> keywords = ["$Junk", "other"];
        var set = KeywordSet.Of(new[] { forwarded ? "$Forwarded" : "", junk ? "$Junk" : "" }.Where(k => k.Length > 0));
        var flags = new MessageFlags((SystemFlags)bits, set);
        var letters = FlagLetters.Of(flags, keywords);
        return FlagLetters.Parse(letters, keywords, ours: true) == flags && letters.Order().SequenceEqual(letters);
    });

    [Fact]
    public void Only_26_keywords_have_letters()
    {
        var keywords = FlagLetters.Assign([], KeywordSet.Of(Enumerable.Range(0, 40).Select(i => $"k{i}")));
        Assert.Equal(26, keywords.Length);
        Assert.Equal(keywords, FlagLetters.Assign(keywords, KeywordSet.Of("more", "$Forwarded")));
    }
}
